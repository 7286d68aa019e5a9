"""Getting in and out: the invitation link, and signing out."""

from datetime import datetime
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation
from server import auth
from server.audit_store import AuditEvent, Kind, note
from server.doors import CHECK_AGAIN
from server.identity import proof
from server.identity.attempts import Try
from server.pages.rendering import done, render
from server.people_store import Member, find_delegation
from server.roster.arrivals import MAX_REPORT, reported_at
from server.session_store import CODE_LENGTH, SHARED_LIFETIME, as_typed, invited, revoke_session, use_invitation
from server.visit import Visit


async def sign_in(visit: Visit) -> Response:
    """`GET /sign-in`: how one gets in; `?code=` is a device's code. The demonstration lets choose a person instead."""
    if visit.process.demo:
        return done("/demo")
    code = as_typed(visit.request.query_params.get("code", ""))
    if code:
        return done(f"/sign-in/{code[: 2 * CODE_LENGTH]}")
    provider = visit.services.provider
    return render(visit, "sign_in.html", entry="src/passkeys.ts", provider=provider.name if provider else "")


async def invitation(visit: Visit) -> Response:
    """`GET /sign-in/{token}`: whom the link is for, and a button. It uses nothing up: mail scanners open links too."""
    token = visit.request.path_params["token"]
    visit.services.attempts.require(Try.LINK, visit.address)

    def look(connection: Connection) -> tuple[Member, Delegation | None, datetime | None] | None:
        member = invited(connection, token, visit.now)
        if member is None:
            return None
        delegation = find_delegation(connection, member.delegation) if member.delegation else None
        return member, delegation, reported_at(connection, member.id)

    found = await visit.read(look)
    if found is None:
        raise gone(visit)
    days = max(1, round(visit.services.settings.session_days))
    return render(
        visit,
        "invitation.html",
        member=found[0],
        delegation=found[1],
        reported_at=found[2],
        most=MAX_REPORT,
        address=visit.request.url.path,
        days=days,
    )


async def accept_invitation(visit: Visit) -> Response:
    """`POST /sign-in/{token}`: use the link up and begin a session, under a new cookie whatever the browser had."""
    token = visit.request.path_params["token"]
    visit.services.attempts.require(Try.LINK, visit.address)
    shared = (await visit.form()).get("shared") == "yes"
    agent, lifetime = auth.agent_of(visit.request), visit.services.session_lifetime
    if shared:
        lifetime = min(lifetime, SHARED_LIFETIME)

    def enter(connection: Connection) -> tuple[str, str] | None:
        used = use_invitation(connection, token, visit.now, lifetime, agent, address=visit.address, shared=shared)
        if used is None:
            return None
        member, cookie = used
        visit.services.attempts.count(Try.ACCOUNT, member.id)
        note(connection, visit.event(Kind.SIGN_IN, member.id, "by a link", member))
        return cookie, proof.landing(connection, visit.process.rules, member, visit.now)

    entered = await visit.write(enter)
    if entered is None:
        raise gone(visit)
    await end_present_session(visit)
    response = done(entered[1])
    auth.set_cookie(response, visit.request, entered[0], lifetime, visit.secure, shared=shared)
    return response


async def sign_out(visit: Visit) -> Response:
    """`POST /sign-out`: end this session; what it had open is closed."""
    await end_present_session(visit, Kind.SIGN_OUT)
    return left(visit)


def left(visit: Visit, *, everywhere: bool = False) -> Response:
    """The page of somebody whose session has just ended, here or everywhere; the browser forgets it."""
    # Where others use the computer nothing was kept; should an earlier visit have kept something, it goes too.
    headers = {"clear-site-data": '"cache", "storage"'} if visit.shared else {}
    response = render(_signed_out(visit), "left.html", headers=headers, everywhere=everywhere)
    auth.drop_cookie(response, visit.request, visit.secure)
    return response


def gone(visit: Visit) -> HTTPException:
    """What a link is answered that lets nobody in: counted, and noted."""
    visit.services.attempts.count(Try.LINK, visit.address)
    event = AuditEvent(Kind.SIGN_IN_REFUSED, visit.now, detail="a link that is not good", address=visit.address)
    visit.services.noting.tell(event)
    return HTTPException(HTTPStatus.GONE)


async def end_present_session(visit: Visit, kind: Kind | None = None) -> None:
    """The session that the browser came with ends, so that nobody else can have fixed it beforehand. `kind`: as what
    the audit notes it, if at all.
    """
    caller = visit.standing.caller
    if caller is None:
        return
    member, session = caller.member.id, caller.session.id

    def end(connection: Connection) -> None:
        if revoke_session(connection, member, session, visit.now) and kind is not None:
            note(connection, visit.event(kind, member))

    await visit.write(end)
    visit.services.doors.shut(member, CHECK_AGAIN)


def _signed_out(visit: Visit) -> Visit:
    standing = auth.Standing(visit.process, None)
    return Visit(visit.request, visit.services, standing, visit.now)
