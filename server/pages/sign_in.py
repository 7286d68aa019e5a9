"""Getting in and out: the invitation link, signing out, and the demonstration's choice of a person."""

import time
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation, Role
from server import auth
from server.doors import CHECK_AGAIN
from server.html_view import region_class
from server.pages.rendering import done, render
from server.people_store import Member, all_appointments, all_delegations, all_members, find_delegation, find_member
from server.security import LOOPBACK
from server.session_store import invited, revoke_session, start_session, use_invitation
from server.visit import Visit
from server.wording import ROLES

_DOES = {
    Role.EXPERT: "Types drafts that only the own delegation sees, and submits them.",
    Role.FOCAL_POINT: "Drafts and submits, and speaks for the delegation.",
    Role.CHAIR: "Sees the queue of amendments, records outcomes, freezes versions.",
    Role.ACTING_CHAIR: "Takes the chair in turn: queue, outcomes, versions.",
    Role.SECRETARIAT: "Imports texts, manages people, types for who has the floor.",
    Role.OBSERVER: "Follows the live page and reads the versions; cannot write.",
    Role.ADMINISTRATOR: "Manages people and settings; takes no part in the drafting.",
}


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
    await _end_present_session(visit)
    response = done("/")
    auth.set_cookie(response, visit.request, used[1], lifetime, visit.secure)
    return response


async def sign_out(visit: Visit) -> Response:
    """`POST /sign-out`: end this session; what it had open is closed."""
    await _end_present_session(visit)
    response = render(_signed_out(visit), "left.html")
    auth.drop_cookie(response, visit.request, visit.secure)
    return response


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody whose place a visitor of the demonstration can take. `address` is empty where only this tab can."""

    member: Member
    delegation: Delegation | None
    role: Role
    address: str

    @property
    def part(self) -> str:
        """What the person is, in a word."""
        return ROLES[self.role]

    @property
    def does(self) -> str:
        """What there is to do in this part."""
        return _DOES[self.role]

    @property
    def first_name(self) -> str:
        """How the button calls the person."""
        return self.member.name.split()[0]

    @property
    def region(self) -> str:
        """The style class of the person's colour."""
        if self.delegation is not None:
            return region_class(self.delegation)
        return "region-chr" if self.role in {Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT} else ""


async def demo(visit: Visit) -> Response:
    """`GET /demo`: everybody whose place can be taken; four of them first, to watch a sitting with."""
    _require_demo(visit)
    personas = await visit.read(lambda connection: _personas(connection, visit))
    cast = _cast(personas)
    return render(visit, "demo.html", cast=cast, others=[one for one in personas if one not in cast])


async def take_persona(visit: Visit) -> Response:
    """`POST /demo`: become this person in this browser, at this host name."""
    _require_demo(visit)
    member_id = (await visit.form()).get("persona", "")
    agent, lifetime = auth.agent_of(visit.request), visit.services.session_lifetime
    hosted = auth.persona_of(visit.request.headers.get("host", ""))

    def begin(connection: Connection) -> str | None:
        member = find_member(connection, member_id)
        if member is None or member.suspended or hosted not in {None, member_id}:
            return None
        return start_session(connection, member.id, visit.now, lifetime, agent)

    token = await visit.write(begin)
    if token is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await _end_present_session(visit)
    response = done("/")
    auth.set_cookie(response, visit.request, token, lifetime, visit.secure)
    return response


def _require_demo(visit: Visit) -> None:
    if not visit.process.demo:
        raise HTTPException(HTTPStatus.NOT_FOUND)


def _count_attempt(visit: Visit) -> None:
    address = visit.request.client.host if visit.request.client else ""
    limit = visit.services.sign_in_limit
    now = time.monotonic()
    if not limit.admits(address, now):
        raise HTTPException(
            HTTPStatus.TOO_MANY_REQUESTS, headers={"retry-after": str(limit.wait_seconds(address, now))}
        )


async def _end_present_session(visit: Visit) -> None:
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


def _personas(connection: Connection, visit: Visit) -> list[Persona]:
    delegations = {delegation.code: delegation for delegation in all_delegations(connection)}
    chairs: dict[str, Role] = {}
    for appointed in all_appointments(connection).values():
        chairs.update(appointed)
    personas = [
        Persona(
            member,
            delegations.get(member.delegation) if member.delegation else None,
            chairs.get(member.id, member.role),
            _own_address(visit, member),
        )
        for member in all_members(connection)
        if not member.suspended
    ]
    return sorted(personas, key=lambda one: (list(Role).index(one.role), one.member.name))


def _own_address(visit: Visit, member: Member) -> str:
    """The person's own host name. Only loopback has such names; and a container's port may be another one outside."""
    host = visit.request.headers.get("host", "")
    name, colon, port = host.rpartition(":") if ":" in host and not host.endswith("]") else (host, "", "")
    if name not in LOOPBACK and not name.endswith(".localhost"):
        return ""
    return f"http://{member.id}.localhost{colon}{port}/"


def _cast(personas: list[Persona]) -> list[Persona]:
    """Two delegations, a chair and an observer: what a sitting needs. Empty when the process lacks one of them."""
    speaking = [one for one in personas if one.role in {Role.EXPERT, Role.FOCAL_POINT} and one.delegation is not None]
    first = speaking[:1]
    second = [one for one in speaking if first and one.delegation != first[0].delegation][:1]
    chair = [one for one in personas if one.role is Role.CHAIR][:1]
    observer = [one for one in personas if one.role is Role.OBSERVER][:1]
    cast = [*first, *second, *chair, *observer]
    return cast if len(cast) == 4 else []
