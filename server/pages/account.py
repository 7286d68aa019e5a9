"""One's own sign-ins: where they are, and ending them."""

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.roles import Delegation
from server.doors import CHECK_AGAIN
from server.pages.rendering import done, render
from server.people_store import find_delegation
from server.session_store import Session, revoke_session, sessions_of
from server.visit import Visit


async def account(visit: Visit) -> Response:
    """`GET /account`."""
    member = visit.member

    def look(connection: Connection) -> tuple[tuple[Session, ...], Delegation | None]:
        delegation = find_delegation(connection, member.delegation) if member.delegation else None
        return sessions_of(connection, member.id, visit.now), delegation

    sessions, delegation = await visit.read(look)
    return render(visit, "account.html", sessions=sessions, delegation=delegation)


async def end_own_session(visit: Visit) -> Response:
    """`POST /account/sessions`: end one other session, or `others`: all but this one."""
    member, chosen = visit.member, (await visit.form()).get("session", "")

    def end(connection: Connection) -> int:
        live = {session.id for session in sessions_of(connection, member.id, visit.now)} - {visit.session_id}
        ended = live if chosen == "others" else live & {chosen}
        return sum(revoke_session(connection, member.id, session, visit.now) for session in ended)

    if await visit.write(end):
        visit.services.doors.shut(member.id, CHECK_AGAIN)
    return done("/account", "sessions-ended" if chosen == "others" else "session-ended")
