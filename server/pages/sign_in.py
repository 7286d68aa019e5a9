"""Getting in and out: the invitation link, and signing out."""

import time
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation
from server import auth, metrics
from server.doors import CHECK_AGAIN
from server.pages.rendering import done, render
from server.people_store import Member, find_delegation
from server.session_store import invited, revoke_session, use_invitation
from server.visit import Visit


async def sign_in(visit: Visit) -> Response:
    """`GET /sign-in`: how one gets in. The demonstration lets choose a person instead."""
    return done("/demo") if visit.process.demo else render(visit, "sign_in.html")


async def invitation(visit: Visit) -> Response:
    """`GET /sign-in/{token}`: whom the link is for, and a button. It uses nothing up: mail scanners open links too."""
    token = visit.request.path_params["token"]
    _count_attempt(visit)

    def look(connection: Connection) -> tuple[Member, Delegation | None] | None:
        member = invited(connection, token, visit.now)
        if member is None:
            return None
        return member, find_delegation(connection, member.delegation) if member.delegation else None

    found = await visit.read(look)
    if found is None:
        raise HTTPException(HTTPStatus.GONE)
    days = max(1, round(visit.services.settings.session_days))
    return render(
        visit, "invitation.html", member=found[0], delegation=found[1], address=visit.request.url.path, days=days
    )


async def accept_invitation(visit: Visit) -> Response:
    """`POST /sign-in/{token}`: use the link up and begin a session, under a new cookie whatever the browser had."""
    token = visit.request.path_params["token"]
    _count_attempt(visit)
    agent, lifetime = auth.agent_of(visit.request), visit.services.session_lifetime
    used = await visit.write(lambda connection: use_invitation(connection, token, visit.now, lifetime, agent))
    if used is None:
        raise HTTPException(HTTPStatus.GONE)
    await end_present_session(visit)
    response = done("/")
    auth.set_cookie(response, visit.request, used[1], lifetime, visit.secure)
    return response


async def sign_out(visit: Visit) -> Response:
    """`POST /sign-out`: end this session; what it had open is closed."""
    await end_present_session(visit)
    response = render(_signed_out(visit), "left.html")
    auth.drop_cookie(response, visit.request, visit.secure)
    return response


def _count_attempt(visit: Visit) -> None:
    address = visit.request.client.host if visit.request.client else ""
    limit = visit.services.sign_in_limit
    now = time.monotonic()
    if not limit.admits(address, now):
        metrics.SIGN_INS_REFUSED.inc()
        raise HTTPException(
            HTTPStatus.TOO_MANY_REQUESTS, headers={"retry-after": str(limit.wait_seconds(address, now))}
        )


async def end_present_session(visit: Visit) -> None:
    """The session that the browser came with ends, so that nobody else can have fixed it beforehand."""
    caller = visit.standing.caller
    if caller is None:
        return
    member, session = caller.member.id, caller.session.id
    await visit.write(lambda connection: revoke_session(connection, member, session, visit.now))
    visit.services.doors.shut(member, CHECK_AGAIN)


def _signed_out(visit: Visit) -> Visit:
    standing = auth.Standing(visit.process, None)
    return Visit(visit.request, visit.services, standing, visit.now)
