"""The demonstration's choice of a person: everybody whose place a visitor can take, four of them first."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation, DelegationKind, Role
from server import auth
from server.html_view import region_class
from server.opinion_store import OpinionRow, list_opinions
from server.pages.rendering import done, render
from server.pages.sign_in import end_present_session
from server.people_store import Member, all_appointments, all_delegations, all_members, find_member
from server.security import LOOPBACK
from server.session_store import Way, start_session
from server.visit import Visit
from server.wording import ROLES

_PARTS = (
    Role.FOCAL_POINT,
    Role.EXPERT,
    Role.CHAIR,
    Role.ACTING_CHAIR,
    Role.FACILITATOR,
    Role.SECRETARIAT,
    Role.CONTRIBUTOR,
    Role.OBSERVER,
    Role.ADMINISTRATOR,
)
_SPEAKS = frozenset({Role.FOCAL_POINT, Role.EXPERT})
_DOES = {
    Role.EXPERT: "Types drafts that only the own delegation sees, and submits them.",
    Role.FOCAL_POINT: "Drafts and submits, and speaks for the delegation.",
    Role.CHAIR: "Sees the queue of amendments, records outcomes, freezes versions.",
    Role.ACTING_CHAIR: "Takes the chair in turn: queue, outcomes, versions.",
    Role.FACILITATOR: "Brings delegations together and drafts compromise text; decides nothing.",
    Role.SECRETARIAT: "Imports texts, manages people, types for who has the floor.",
    Role.CONTRIBUTOR: "Comments, and hands in contributions; proposes no amendments.",
    Role.OBSERVER: "Follows the live page and reads the versions; cannot write.",
    Role.ADMINISTRATOR: "Manages people and settings; takes no part in the drafting.",
}


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody whose place a visitor of the demonstration can take. `host` is empty where only this tab can."""

    member: Member
    delegation: Delegation | None
    role: Role
    host: str
    path: str = ""

    @property
    def address(self) -> str:
        """The page at the person's own host name."""
        return f"http://{self.host}/{self.path}" if self.host else ""

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

    def look(connection: Connection) -> tuple[list[Persona], tuple[OpinionRow, ...]]:
        return _personas(connection, visit), list_opinions(connection)

    personas, opinions = await visit.read(look)
    cast = _cast(personas, opinions[0].id) if opinions else []
    shown = {one.member.id for one in cast}
    others = [one for one in personas if one.member.id not in shown]
    return render(visit, "demo.html", cast=cast, others=others, opinion=opinions[0] if opinions else None)


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
        return start_session(connection, member.id, visit.now, lifetime, agent, way=Way.PERSONA)

    token = await visit.write(begin)
    if token is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await end_present_session(visit)
    response = done("/")
    auth.set_cookie(response, visit.request, token, lifetime, visit.secure)
    return response


def _require_demo(visit: Visit) -> None:
    if not visit.process.demo:
        raise HTTPException(HTTPStatus.NOT_FOUND)


def _personas(connection: Connection, visit: Visit) -> list[Persona]:
    delegations = {delegation.code: delegation for delegation in all_delegations(connection)}
    chairs: dict[str, Role] = {}
    for appointed in all_appointments(connection, visit.now).values():
        chairs.update(appointed)
    personas = [
        Persona(
            member,
            delegations.get(member.delegation) if member.delegation else None,
            chairs.get(member.id, member.role),
            _own_host(visit, member),
        )
        for member in all_members(connection)
        if not member.suspended
    ]
    return sorted(personas, key=lambda one: (_PARTS.index(one.role), one.member.delegation or "", one.member.name))


def _own_host(visit: Visit, member: Member) -> str:
    """The person's own host name. Only loopback has such names; and a container's port may be another one outside."""
    host = visit.request.headers.get("host", "")
    name, colon, port = host.rpartition(":") if ":" in host and not host.endswith("]") else (host, "", "")
    if name not in LOOPBACK and not name.endswith(".localhost"):
        return ""
    return f"{member.id}.localhost{colon}{port}"


def _cast(personas: list[Persona], opinion: str) -> list[Persona]:
    """Two Member States, a chair and an observer, all before the same text; empty when the process lacks one."""
    states = [one for one in personas if one.role in _SPEAKS and _is_state(one.delegation)]
    first = states[:1]
    second = [one for one in states if one.delegation != first[0].delegation][:1]
    chair = [one for one in personas if one.role is Role.CHAIR][:1]
    observer = [one for one in personas if one.role is Role.OBSERVER][:1]
    cast = [*first, *second, *chair, *observer]
    if len(cast) < 4:
        return []
    return [replace(one, path=f"opinions/{opinion}{'/live' if one.role is Role.OBSERVER else ''}") for one in cast]


def _is_state(delegation: Delegation | None) -> bool:
    return delegation is not None and delegation.kind is DelegationKind.MEMBER_STATE
