"""One's own sign-ins: where they are, and ending them."""

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.roles import Delegation
from server.audit_store import Kind, note
from server.doors import CHECK_AGAIN, SIGNED_OUT
from server.identity.passkeys import passkeys_of
from server.pages.rendering import done, render
from server.pages.sign_in import left
from server.people_store import find_delegation
from server.session_store import Session, end_device_codes, revoke_session, revoke_sessions, sessions_of
from server.visit import Visit


async def account(visit: Visit) -> Response:
    """`GET /account`."""
    member = visit.member

    def look(connection: Connection) -> tuple[tuple[Session, ...], Delegation | None, int]:
        delegation = find_delegation(connection, member.delegation) if member.delegation else None
        return sessions_of(connection, member.id, visit.now), delegation, len(passkeys_of(connection, member.id))

    sessions, delegation, passkeys = await visit.read(look)
    return render(visit, "account.html", sessions=sessions, delegation=delegation, passkeys=passkeys)


async def _leave(visit: Visit) -> Response:
    """Every session of the person ends, this one too, and whatever was open under any of them."""
    member = visit.member.id

    def end(connection: Connection) -> None:
        revoke_sessions(connection, member, visit.now)
        note(connection, visit.event(Kind.SIGN_OUT, member, "everywhere"))

    await visit.write(end)
    visit.services.doors.shut(member, SIGNED_OUT)
    return left(visit, everywhere=True)


async def end_own_session(visit: Visit) -> Response:
    """`POST /account/sessions`: end one other session, `others`: all but this one, or `everywhere`: this one too."""
    member, chosen = visit.member, (await visit.form()).get("session", "")

    def end(connection: Connection) -> int:
        live = {session.id for session in sessions_of(connection, member.id, visit.now)} - {visit.session_id}
        ended = live if chosen == "others" else live & {chosen}
        count = sum(revoke_session(connection, member.id, session, visit.now) for session in ended)
        if count:
            # It may have been made there.
            end_device_codes(connection, member.id)
            note(connection, visit.event(Kind.SIGN_OUT, member.id, f"at {count} other places"))
        return count

    if chosen == "everywhere":
        return await _leave(visit)
    if await visit.write(end):
        visit.services.doors.shut(member.id, CHECK_AGAIN)
    return done("/account", "sessions-ended" if chosen == "others" else "session-ended")
