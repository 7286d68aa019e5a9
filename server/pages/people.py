"""People: the list by delegation and who has come; one person's page with links, parts in single Opinions, suspension,
and where the person is signed in. For the secretariat.

Only an administrator changes an administrator: else the secretariat could make itself one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation, Role
from server.audit_store import Kind, note
from server.doors import CHANGED, CHECK_AGAIN, SIGNED_OUT
from server.errors import ServerError
from server.identity.passkeys import passkeys_of
from server.identity.provider_store import is_bound
from server.names import NameRefused, clean_email, clean_name
from server.opinion_store import OpinionRow, list_opinions
from server.pages.inviting import begin_all, inviter_of, mails_of
from server.pages.local_times import as_local
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
from server.roster.arrivals import NOTHING_KNOWN, Arrival, Coming, arrivals
from server.roster.inviting import Invited, invite
from server.roster.parts import Part, parts_of
from server.session_store import Session, revoke_session, sessions_of, signed_in, suspend_member
from server.tables import MEMBER_ROLES
from server.tables.people import PART_ROLES
from server.visit import Visit
from server.wording import ROLES, short_title

Errors = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the list. `elsewhere` says what he or she is in single Opinions: "Chair of draft Opinion 2"."""

    member: Member
    elsewhere: tuple[str, ...]
    signed_in: bool
    arrival: Arrival
    coming: Coming


@dataclass(frozen=True, slots=True)
class Group:
    """A delegation and its people; None for those without one."""

    delegation: Delegation | None
    members: tuple[PersonRow, ...]


async def people(visit: Visit) -> Response:
    """`GET /people`; `?show=` narrows it to those not invited, waiting, with a link run out, or come."""
    groups = await visit.read(lambda connection: _groups(connection, visit.now))
    everybody = [row for group in groups for row in group.members]
    counts = {one.value: sum(row.coming is one for row in everybody) for one in Coming}
    chosen = visit.request.query_params.get("show", "")
    if chosen in counts:
        kept = (Group(group.delegation, _with(group.members, chosen)) for group in groups)
        groups = tuple(group for group in kept if group.members)
    return render(
        visit,
        "people.html",
        groups=groups,
        people=len(everybody),
        delegations=len({row.member.delegation for row in everybody} - {None}),
        counts=counts,
        chosen=chosen if chosen in counts else "",
        reminds=sum(
            row.coming in {Coming.INVITED, Coming.RUN_OUT}
            and row.arrival.reminded_at is None
            and row.arrival.reported_at is None
            for row in everybody
        ),
        reported=[row for row in everybody if row.arrival.reported_at is not None],
        mails=mails_of(visit),
        days=visit.process.rules.invitation_reminder_days,
    )


def _with(rows: tuple[PersonRow, ...], coming: str) -> tuple[PersonRow, ...]:
    return tuple(row for row in rows if row.coming.value == coming)


async def new_person(visit: Visit) -> Response:
    """`GET /people/new`."""
    return await person_page(visit, None, {"name": "", "role": "expert", "delegation": "", "email": ""})


async def add_person(visit: Visit) -> Response:
    """`POST /people/new`: the person is added, and invited by e-mail (`by=mail`) or by a link shown once."""
    form = await visit.form()
    by_mail = form.get("by") == "mail"
    try:
        role = _role(visit, form)
        _check_fields(form)
        inviter = inviter_of(visit)

        def add(connection: Connection) -> tuple[Member, Invited]:
            member = add_member(
                connection, form.get("name", ""), role, form.get("delegation") or None, form.get("email", "")
            )
            note(connection, visit.event(Kind.PERSON_CHANGED, member.id, f"Added: {_told(member)}"))
            return member, invite(connection, member, inviter, by_mail=by_mail)

        member, invited = await visit.write(add)
    except _FieldWrong as error:
        return await person_page(visit, None, form, error.errors)
    except (NameRefused, PeopleRefused) as error:
        return await person_page(visit, None, form, {"": str(error)})
    begin_all(visit, [invited])
    if invited.job:
        return done(f"/people/{member.id}", "invited-one")
    return await person_page(visit, member, invited=invited)


async def person(visit: Visit) -> Response:
    """`GET /people/{member}`."""
    return await person_page(visit, await _member(visit))


async def change_person(visit: Visit) -> Response:
    """`POST /people/{member}`: what the person has open is closed if what he or she may do changed."""
    form, before = await visit.form(), await managed(visit)
    try:
        role = _role(visit, form)
        _check_fields(form)

        def change(connection: Connection) -> tuple[Member, bool]:
            name, delegation = form.get("name", ""), form.get("delegation") or None
            after, changed = change_member(connection, before.id, name, role, delegation, form.get("email", ""))
            if (before.role, before.delegation) != (after.role, after.delegation):
                note(connection, visit.event(Kind.ROLE_CHANGED, before.id, f"{_told(before)} becomes {_told(after)}"))
            elif before != after:
                note(connection, visit.event(Kind.PERSON_CHANGED, before.id, f"{before.name}: name or address changed"))
            return after, changed

        member, changed = await visit.write(change)
    except _FieldWrong as error:
        return await person_page(visit, before, form, error.errors)
    except (NameRefused, PeopleRefused) as error:
        return await person_page(visit, before, form, {"": str(error)})
    if changed:
        visit.services.doors.shut(member.id, CHANGED)
    return done(f"/people/{member.id}", "saved")


async def invite_person(visit: Visit) -> Response:
    """`POST /people/{member}/invitation`: a fresh link, by e-mail (`by=mail`) or shown once; the one before ends."""
    member = await managed(visit)
    by_mail = (await visit.form()).get("by") == "mail"
    inviter = inviter_of(visit)
    try:
        invited = await visit.write(lambda connection: invite(connection, member, inviter, by_mail=by_mail))
    except PeopleRefused as error:
        return await person_page(visit, member, errors={"": str(error)})
    begin_all(visit, [invited])
    if invited.job:
        return done(f"/people/{member.id}", "invited-one")
    return await person_page(visit, member, invited=invited)


async def suspend_person(visit: Visit) -> Response:
    """`POST /people/{member}/suspension`: out at once, or in again."""
    member = await managed(visit)
    suspended = (await visit.form()).get("suspended") != "no"
    if member.id == visit.member.id:
        return await person_page(visit, member, errors={"": "You cannot suspend yourself. Ask somebody else to."})

    def change(connection: Connection) -> None:
        suspend_member(connection, member.id, suspended, visit.now)
        note(connection, visit.event(Kind.SUSPENDED if suspended else Kind.ADMITTED, member.id, member.name))

    try:
        await visit.write(change)
    except PeopleRefused as error:
        return await person_page(visit, member, errors={"": str(error)})
    if suspended:
        visit.services.doors.shut(member.id, SIGNED_OUT)
    return done(f"/people/{member.id}", "suspended" if suspended else "admitted")


async def end_person_session(visit: Visit) -> Response:
    """`POST /people/{member}/sessions`: sign the person out at one place."""
    member = await managed(visit)
    session = (await visit.form()).get("session", "")

    def end(connection: Connection) -> bool:
        ended = revoke_session(connection, member.id, session, visit.now)
        if ended:
            note(connection, visit.event(Kind.SIGN_OUT, member.id, f"{member.name}, at one place, by the secretariat"))
        return ended

    if await visit.write(end):
        visit.services.doors.shut(member.id, CHECK_AGAIN)
    return done(f"/people/{member.id}", "session-ended")


@dataclass(frozen=True, slots=True)
class _Page:
    """What one person's page shows beside the form."""

    delegations: tuple[Delegation, ...]
    opinions: tuple[OpinionRow, ...] = ()
    sessions: tuple[Session, ...] = ()
    arrival: Arrival = NOTHING_KNOWN
    parts: tuple[Part, ...] = ()
    undelivered: Sent | None = None
    has_passkeys: bool = False
    """Or another provider knows who it is."""


async def person_page(
    visit: Visit,
    member: Member | None,
    form: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    invited: Invited | None = None,
    part: Mapping[str, str] | None = None,
) -> Response:
    """One person's page; None: of somebody to be added. `form` and `part` are what was posted and did not fit."""

    def look(connection: Connection) -> _Page:
        delegations = all_delegations(connection)
        if member is None:
            return _Page(delegations)
        return _Page(
            delegations,
            list_opinions(connection),
            sessions_of(connection, member.id, visit.now),
            arrivals(connection).get(member.id, NOTHING_KNOWN),
            parts_of(connection, member.id),
            failed_by_member(connection, member.id).get(member.id),
            bool(passkeys_of(connection, member.id)) or is_bound(connection, member.id),
        )

    page = await visit.read(look)
    values = {"name": "", "role": "", "delegation": "", "email": "", **(form or _values(member))}
    manages = member is None or _may_manage(visit, member)
    assignable: list[Role] = [
        role for role in MEMBER_ROLES if role is not Role.ADMINISTRATOR or visit.member.role is role
    ]
    if member is not None and member.role not in assignable:
        assignable.append(member.role)
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
        arrival=page.arrival,
        coming=page.arrival.coming(visit.now),
        invited=invited,
        mails=mails_of(visit),
        parts_now=[one for one in page.parts if not one.is_over(visit.now)],
        parts_over=[one for one in page.parts if one.is_over(visit.now)],
        opinion_names={one.id: one.name for one in page.opinions},
        opinion_options=[(one.id, _called(one)) for one in page.opinions],
        part_options=[(role.value, ROLES[role]) for role in PART_ROLES],
        part={"opinion": "", "part": "", "label": "", "begins": "", "ends": "", **(part or {})},
        now_local=as_local(visit.now, visit.process.zone),
        undelivered=page.undelivered,
        may_manage=manages,
        has_passkeys=page.has_passkeys,
    )


def _groups(connection: Connection, now: datetime) -> tuple[Group, ...]:
    names = {opinion.id: opinion.name for opinion in list_opinions(connection)}
    elsewhere: dict[str, list[str]] = {}
    for opinion, appointed in all_appointments(connection, now).items():
        for member_id, role in appointed.items():
            elsewhere.setdefault(member_id, []).append(f"{ROLES[role]} in {names[opinion]}")
    known, here = arrivals(connection), signed_in(connection, now)
    rows: dict[str | None, list[PersonRow]] = {}
    for member in all_members(connection):
        arrival = known.get(member.id, NOTHING_KNOWN)
        parts = tuple(sorted(elsewhere.get(member.id, ())))
        row = PersonRow(member, parts, member.id in here, arrival, arrival.coming(now))
        rows.setdefault(member.delegation, []).append(row)
    groups = [Group(delegation, tuple(rows.get(delegation.code, ()))) for delegation in all_delegations(connection)]
    return (Group(None, tuple(rows[None])), *groups) if rows.get(None) else tuple(groups)


def _called(opinion: OpinionRow) -> str:
    title = short_title(opinion.title)
    return opinion.name if opinion.name == title else f"{opinion.name}: {title}"


def _told(member: Member) -> str:
    return f"{member.name}, {ROLES[member.role]}, {member.delegation or 'no delegation'}"


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


async def managed(visit: Visit) -> Member:
    member = await _member(visit)
    if not _may_manage(visit, member):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return member
