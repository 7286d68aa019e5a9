"""People: the list by delegation, one person's page, links, suspension, where they are signed in. For the secretariat.

Only an administrator changes an administrator: else the secretariat could make itself one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation, Role
from server.doors import CHANGED, CHECK_AGAIN, SIGNED_OUT
from server.errors import ServerError
from server.names import NameRefused, clean_email, clean_name
from server.opinion_store import list_opinions
from server.pages.rendering import done, render
from server.people_store import (
    Member,
    PeopleRefused,
    add_member,
    all_appointments,
    all_delegations,
    all_members,
    change_member,
    require_member,
)
from server.post.sending import Sent, failed_by_member
from server.session_store import (
    Session,
    issue_invitation,
    pending_invitations,
    revoke_session,
    sessions_of,
    suspend_member,
)
from server.tables import MEMBER_ROLES
from server.visit import Visit
from server.wording import ROLES, moment

Errors = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the list. `chairs` names the Opinions whose chair he or she is."""

    member: Member
    chairs: tuple[str, ...]
    sessions: int
    invited_until: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """A delegation and its people; None for those without one."""

    delegation: Delegation | None
    members: tuple[PersonRow, ...]


async def people(visit: Visit) -> Response:
    """`GET /people`."""
    groups = await visit.read(lambda connection: _groups(connection, visit.now))
    return render(
        visit,
        "people.html",
        groups=groups,
        people=sum(len(group.members) for group in groups),
        delegations=sum(group.delegation is not None for group in groups),
    )


async def new_person(visit: Visit) -> Response:
    """`GET /people/new`."""
    return await _person_page(visit, None, {"name": "", "role": "expert", "delegation": "", "email": ""})


async def add_person(visit: Visit) -> Response:
    """`POST /people/new`: the person is added and the page shows the link to send, once."""
    form = await visit.form()
    try:
        role = _role(visit, form)
        _check_fields(form)

        def add(connection: Connection) -> tuple[Member, str]:
            member = add_member(
                connection, form.get("name", ""), role, form.get("delegation") or None, form.get("email", "")
            )
            return member, _issue(visit, connection, member)

        member, token = await visit.write(add)
    except _FieldWrong as error:
        return await _person_page(visit, None, form, error.errors)
    except (NameRefused, PeopleRefused) as error:
        return await _person_page(visit, None, form, {"": str(error)})
    return await _person_page(visit, member, token=token)


async def person(visit: Visit) -> Response:
    """`GET /people/{member}`."""
    return await _person_page(visit, await _member(visit))


async def change_person(visit: Visit) -> Response:
    """`POST /people/{member}`: what the person has open is closed if what he or she may do changed."""
    form, before = await visit.form(), await _managed(visit)
    try:
        role = _role(visit, form)
        _check_fields(form)

        def change(connection: Connection) -> tuple[Member, bool]:
            name, delegation = form.get("name", ""), form.get("delegation") or None
            return change_member(connection, before.id, name, role, delegation, form.get("email", ""))

        member, changed = await visit.write(change)
    except _FieldWrong as error:
        return await _person_page(visit, before, form, error.errors)
    except (NameRefused, PeopleRefused) as error:
        return await _person_page(visit, before, form, {"": str(error)})
    if changed:
        visit.services.doors.shut(member.id, CHANGED)
    return done(f"/people/{member.id}", "saved")


async def invite_person(visit: Visit) -> Response:
    """`POST /people/{member}/invitation`: a fresh link, shown once; the one before ends."""
    member = await _managed(visit)
    try:
        token = await visit.write(lambda connection: _issue(visit, connection, member))
    except PeopleRefused as error:
        return await _person_page(visit, member, errors={"": str(error)})
    return await _person_page(visit, member, token=token)


async def suspend_person(visit: Visit) -> Response:
    """`POST /people/{member}/suspension`: out at once, or in again."""
    member = await _managed(visit)
    suspended = (await visit.form()).get("suspended") != "no"
    if member.id == visit.member.id:
        return await _person_page(visit, member, errors={"": "You cannot suspend yourself. Ask somebody else to."})
    try:
        await visit.write(lambda connection: suspend_member(connection, member.id, suspended, visit.now))
    except PeopleRefused as error:
        return await _person_page(visit, member, errors={"": str(error)})
    if suspended:
        visit.services.doors.shut(member.id, SIGNED_OUT)
    return done(f"/people/{member.id}", "suspended" if suspended else "admitted")


async def end_person_session(visit: Visit) -> Response:
    """`POST /people/{member}/sessions`: sign the person out at one place."""
    member = await _managed(visit)
    session = (await visit.form()).get("session", "")
    if await visit.write(lambda connection: revoke_session(connection, member.id, session, visit.now)):
        visit.services.doors.shut(member.id, CHECK_AGAIN)
    return done(f"/people/{member.id}", "session-ended")


@dataclass(frozen=True, slots=True)
class _Page:
    """What one person's page shows beside the form."""

    delegations: tuple[Delegation, ...]
    sessions: tuple[Session, ...] = ()
    invited_until: datetime | None = None
    undelivered: Sent | None = None


async def _person_page(
    visit: Visit,
    member: Member | None,
    form: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    token: str = "",
) -> Response:
    def look(connection: Connection) -> _Page:
        delegations = all_delegations(connection)
        if member is None:
            return _Page(delegations)
        sessions = sessions_of(connection, member.id, visit.now)
        undelivered = failed_by_member(connection, member.id).get(member.id)
        return _Page(delegations, sessions, pending_invitations(connection, visit.now).get(member.id), undelivered)

    page = await visit.read(look)
    values = {"name": "", "role": "", "delegation": "", "email": "", **(form or _values(member))}
    manages = member is None or _may_manage(visit, member)
    assignable: list[Role] = [
        role for role in MEMBER_ROLES if role is not Role.ADMINISTRATOR or visit.member.role is role
    ]
    if member is not None and member.role not in assignable:
        assignable.append(member.role)
    link = f"{visit.request.url.scheme if not visit.secure else 'https'}://{visit.request.url.netloc}/sign-in/{token}"
    extra: dict[str, Any] = {"link": "", "letter": "", "link_until": visit.now}
    if token and member is not None:
        until = visit.now + visit.services.invitation_lifetime
        extra = {"link": link, "letter": _letter(visit, member, link, until), "link_until": until}
    return render(
        visit,
        "person.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        member=member,
        values=values,
        errors=errors or {},
        assignable=assignable,
        delegation_options=[("", "None"), *((one.code, f"{one.code} - {one.name}") for one in page.delegations)],
        sessions=page.sessions,
        invited_until=page.invited_until,
        undelivered=page.undelivered,
        may_manage=manages,
        **extra,
    )


def _letter(visit: Visit, member: Member, link: str, until: datetime) -> str:
    return (
        f"Dear {member.name},\n\n"
        f"You take part in {visit.process.name} as {ROLES[member.role].lower()}"
        f"{' for ' + member.delegation if member.delegation else ''}. Sign in with this link:\n\n{link}\n\n"
        f"It is yours alone, works once, and can be used until {moment(until, visit.process.zone)}. "
        "For another device, or when it has run out, ask us for a new one.\n\n"
        f"{visit.member.name}"
    )


def _issue(visit: Visit, connection: Connection, member: Member) -> str:
    return issue_invitation(connection, member.id, visit.member.id, visit.now, visit.services.invitation_lifetime)


def _groups(connection: Connection, now: datetime) -> tuple[Group, ...]:
    titles = {opinion.id: opinion.name for opinion in list_opinions(connection)}
    chairs: dict[str, list[str]] = {}
    for opinion, appointed in all_appointments(connection, now).items():
        for member_id in appointed:
            chairs.setdefault(member_id, []).append(titles[opinion])
    invited = pending_invitations(connection, now)
    rows: dict[str | None, list[PersonRow]] = {}
    for member in all_members(connection):
        sessions = len(sessions_of(connection, member.id, now))
        row = PersonRow(member, tuple(sorted(chairs.get(member.id, ()))), sessions, invited.get(member.id))
        rows.setdefault(member.delegation, []).append(row)
    groups = [Group(delegation, tuple(rows.get(delegation.code, ()))) for delegation in all_delegations(connection)]
    return (Group(None, tuple(rows[None])), *groups) if rows.get(None) else tuple(groups)


def _values(member: Member | None) -> dict[str, str]:
    if member is None:
        return {}
    return {
        "name": member.name,
        "role": member.role.value,
        "delegation": member.delegation or "",
        "email": member.email or "",
    }


@dataclass
class _FieldWrong(ServerError):
    errors: dict[str, str] = field(default_factory=dict)


def _check_fields(form: Mapping[str, str]) -> None:
    """Name and address by themselves, so that what is wrong stands beside its field."""
    errors = {}
    for name, check in (("name", clean_name), ("email", clean_email)):
        try:
            check(form.get(name, ""))
        except NameRefused as error:
            errors[name] = str(error)
    if errors:
        raise _FieldWrong(errors)


def _role(visit: Visit, form: Mapping[str, str]) -> Role:
    try:
        role = Role(form.get("role", ""))
    except ValueError:
        raise _FieldWrong({"role": "Choose what the person is."}) from None
    if role not in MEMBER_ROLES:
        raise _FieldWrong({"role": "Chair and acting chair are appointed on the page of a draft Opinion."})
    if role is Role.ADMINISTRATOR and visit.member.role is not Role.ADMINISTRATOR:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return role


def _may_manage(visit: Visit, member: Member) -> bool:
    return member.role is not Role.ADMINISTRATOR or visit.member.role is Role.ADMINISTRATOR


async def _member(visit: Visit) -> Member:
    member_id = visit.request.path_params["member"]
    return await visit.read(lambda connection: require_member(connection, member_id))


async def _managed(visit: Visit) -> Member:
    member = await _member(visit)
    if not _may_manage(visit, member):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return member
