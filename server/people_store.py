"""Delegations, members and appointments in the database.

Plain functions of a `Connection`, each part of somebody's transaction; they return the values below, never
rows. How people get in is in `session_store`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from opinions.acting import CHAIRS
from opinions.model import DelegationCode
from opinions.record import CHAIR
from opinions.roles import Actor, Delegation, DelegationKind, Region, Role
from server.errors import ServerError
from server.names import NameRefused, clean_code, clean_email, clean_name, name_key
from server.roster.parts import parts_in_force
from server.roster.views import DRAFTING, drafting, giving_views, has_drafting_part, rules_in_force
from server.roster.voices import Voices, keeping, keeping_around
from server.tables import appointments, delegations, members
from server.tables.identity import identities
from server.tables.parties import groups

_SPEAKS_FOR_A_DELEGATION = frozenset({Role.EXPERT, Role.FOCAL_POINT})


class UnknownMember(ServerError):
    """Raised when no member, delegation or session has this id."""


class PeopleRefused(ServerError):
    """Raised when a change of people would break a rule; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the process. `version` rises whenever what the person may do changes."""

    id: str
    name: str
    role: Role
    delegation: DelegationCode | None = None
    email: str | None = None
    suspended: bool = False
    version: int = 1


Appointments = Mapping[str, Role]
"""What members are in one Opinion, where that is not what they are in the process, by member id."""


def actor_for(member: Member, appointed: Appointments | None = None, voices: Voices | None = None) -> Actor:
    """The person as one Opinion sees him or her; `appointed` are that Opinion's, None for the process as a whole.
    `voices` are those of the person's delegation; None where nothing is said in its name.

    Who is in the chair acts for no delegation, whatever delegation he or she came with.
    """
    role = (appointed or {}).get(member.id, member.role)
    if role not in _SPEAKS_FOR_A_DELEGATION:
        return Actor(member.id, member.name, role)
    holders = voices.holders(appointed) if voices is not None else ()
    if not holders or any(one.id == member.id for one in holders):
        return Actor(member.id, member.name, role, member.delegation)
    names = " or ".join(one.name for one in holders)
    return Actor(member.id, member.name, role, member.delegation, voice=False, voice_name=names)


# --- delegations


def all_delegations(connection: Connection) -> tuple[Delegation, ...]:
    """Every delegation, by code."""
    return tuple(_delegation(row) for row in connection.execute(select(delegations).order_by(delegations.c.code)))


def find_delegation(connection: Connection, code: str) -> Delegation | None:
    """The delegation of a code, or None."""
    row = connection.execute(select(delegations).where(delegations.c.code == code)).one_or_none()
    return None if row is None else _delegation(row)


def save_delegation(
    connection: Connection, code: str, name: str, kind: DelegationKind, region: Region, *, new: bool
) -> Delegation:
    """Add a delegation (`new`) or change one's name, kind and region; the code stays for good.

    Raises `NameRefused` for a code or name that does not fit, `PeopleRefused` for one that is taken, and for a kind
    that gives views only while somebody drafts for the delegation.
    """
    checked = Delegation(DelegationCode(clean_code(code)), clean_name(name), kind, region)
    if checked.code == CHAIR:
        raise NameRefused(f"{CHAIR} stands for the chair on every page; choose another code.")
    known = find_delegation(connection, checked.code)
    if new and known is not None:
        raise PeopleRefused(f"The code {checked.code} belongs to {known.name}. Choose another one.")
    if not new and known is None:
        raise UnknownMember(f"There is no delegation {checked.code}.")
    key = name_key(checked.name)
    group = connection.scalar(select(groups.c.name).where(groups.c.code == checked.code))
    if group is not None:
        raise PeopleRefused(f"The code {checked.code} belongs to the group {group}. Choose another one.")
    twin = connection.execute(
        select(delegations).where(delegations.c.name_key == key, delegations.c.code != checked.code)
    ).first()
    if twin is not None:
        raise PeopleRefused(f"“{checked.name}” cannot be told from {twin.name} ({twin.code}). Choose another name.")
    rules = rules_in_force(connection)
    if known is not None and rules.gives_views_only(kind) and not rules.gives_views_only(known.kind):
        names = drafting(connection, [checked.code])
        if names:
            raise PeopleRefused(
                f"As such {checked.code} gives views, and these people draft for it: {', '.join(names)}. Enter them as "
                "“Gives views” first."
            )
    values = {"name": checked.name, "name_key": key, "kind": kind.value, "region": region.value}
    if new:
        connection.execute(insert(delegations).values(code=checked.code, **values))
    else:
        connection.execute(update(delegations).where(delegations.c.code == checked.code).values(values))
    return checked


# --- members


def all_members(connection: Connection) -> tuple[Member, ...]:
    """Everybody, by name."""
    return tuple(member_of_row(row) for row in connection.execute(select(members).order_by(members.c.name)))


def find_member(connection: Connection, member_id: str) -> Member | None:
    """The member of an id, or None."""
    row = connection.execute(select(members).where(members.c.id == member_id)).one_or_none()
    return None if row is None else member_of_row(row)


def require_member(connection: Connection, member_id: str) -> Member:
    """The member of an id. Raises `UnknownMember`."""
    member = find_member(connection, member_id)
    if member is None:
        raise UnknownMember("There is no such person here.")
    return member


def add_member(
    connection: Connection,
    name: str,
    role: Role,
    delegation: str | None = None,
    email: str = "",
    member_id: str | None = None,
) -> Member:
    """Add a person. Raises `NameRefused` or `PeopleRefused`."""
    member_id = member_id or f"m-{secrets.token_hex(8)}"
    member = _checked(connection, Member(member_id, name, role, _code(delegation)), email)
    with keeping(connection, [member.delegation], [member.id]):
        connection.execute(insert(members).values(id=member.id, **_columns(member), suspended=False, version=1))
    return member


def change_member(
    connection: Connection, member_id: str, name: str, role: Role, delegation: str | None, email: str = ""
) -> tuple[Member, bool]:
    """The person after the change, and whether open sockets must close because what he or she may do changed.

    Raises `UnknownMember`, `NameRefused` or `PeopleRefused`.
    """
    before = require_member(connection, member_id)
    given = Member(member_id, name, role, _code(delegation), None, before.suspended, before.version)
    member = _checked(connection, given, email)
    if before.role is Role.ADMINISTRATOR and role is not Role.ADMINISTRATOR:
        require_another_administrator(connection, member_id)
    # The name is what the room shows: a socket opened under the old one would go on showing it.
    changed = (before.role, before.delegation, before.name) != (member.role, member.delegation, member.name)
    version = before.version + changed
    with keeping(connection, [before.delegation, member.delegation], [member_id]):
        connection.execute(update(members).where(members.c.id == member_id).values(**_columns(member), version=version))
    if before.email != member.email:
        # An account of another provider was bound by the address; where that was the wrong one, so was the account.
        connection.execute(delete(identities).where(identities.c.member == member_id))
    return require_member(connection, member_id), changed


# --- appointments


def appointed_in(connection: Connection, opinion: str, now: datetime) -> Appointments:
    """What members are in an Opinion at this time: the chair as appointed, and parts in force (`server.roster`)."""
    return {**in_the_chair_of(connection, opinion), **parts_in_force(connection, now, opinion).get(opinion, {})}


def chairs_of(connection: Connection, opinion: str, now: datetime) -> tuple[str, ...]:
    """The names of who is in the chair of an Opinion at this time, sorted."""
    seated = (member for member, role in appointed_in(connection, opinion, now).items() if role in CHAIRS)
    return tuple(sorted(one.name for one in (find_member(connection, member) for member in seated) if one is not None))


def all_appointments(connection: Connection, now: datetime) -> Mapping[str, Appointments]:
    """As `appointed_in`, by Opinion id."""
    found: dict[str, dict[str, Role]] = {}
    for row in connection.execute(select(appointments)):
        found.setdefault(row.opinion, {})[row.member] = Role(row.role)
    for opinion, roles in parts_in_force(connection, now).items():
        found.setdefault(opinion, {}).update(roles)
    return found


def in_the_chair_of(connection: Connection, opinion: str) -> Appointments:
    """Chair and acting chairs of an Opinion as appointed, whatever else they may be there for a while."""
    rows = connection.execute(select(appointments).where(appointments.c.opinion == opinion))
    return {row.member: Role(row.role) for row in rows}


def appoint(connection: Connection, opinion: str, chair: str | None, acting: frozenset[str]) -> frozenset[str]:
    """Make this person the chair and these the acting chairs of an Opinion; the ids of all whose part
    changed.

    Raises `UnknownMember`, and `PeopleRefused` when somebody is named as both, or cannot take the chair.
    """
    if chair in acting:
        raise PeopleRefused("One person cannot be both chair and acting chair.")
    after = dict.fromkeys(sorted(acting), Role.ACTING_CHAIR)
    if chair is not None:
        after[chair] = Role.CHAIR
    views = giving_views(connection)
    for member in (require_member(connection, member_id) for member_id in after):
        if member.suspended:
            raise PeopleRefused("A suspended person cannot take the chair. Let the person in again first.")
        if member.role is Role.ADMINISTRATOR:
            raise PeopleRefused("An administrator takes no part in the drafting. Change what the person is first.")
        if member.delegation in views:
            raise PeopleRefused(
                f"{member.name} is of {member.delegation}, which gives views, and the chair decides on the text. "
                "Appoint somebody else, or enter the person without a delegation first."
            )
    before = in_the_chair_of(connection, opinion)
    with keeping_around(connection, {*before, *after}):
        connection.execute(delete(appointments).where(appointments.c.opinion == opinion))
        for member_id, role in after.items():
            connection.execute(insert(appointments).values(member=member_id, opinion=opinion, role=role.value))
    changed = frozenset(
        member_id for member_id in {*before, *after} if before.get(member_id) is not after.get(member_id)
    )
    connection.execute(update(members).where(members.c.id.in_(changed)).values(version=members.c.version + 1))
    return changed


# --- rows and rules


def _code(delegation: str | None) -> DelegationCode | None:
    return DelegationCode(delegation) if delegation else None


def _checked(connection: Connection, member: Member, email: str) -> Member:
    """The member with name and address in the form they are kept, if the rules admit it."""
    if member.role in CHAIRS:
        raise PeopleRefused("Chair and acting chair are appointed on the page of an Opinion.")
    name, address = clean_name(member.name), clean_email(email)
    if member.role in _SPEAKS_FOR_A_DELEGATION and member.delegation is None:
        raise PeopleRefused("An expert or focal point acts for a delegation: choose one.")
    if member.delegation is not None and find_delegation(connection, member.delegation) is None:
        raise PeopleRefused(f"There is no delegation {member.delegation}. Add it first.")
    drafts = member.role in DRAFTING or has_drafting_part(connection, member.id)
    if drafts and member.delegation in giving_views(connection):
        raise PeopleRefused(
            f"{member.delegation} gives views: enter its people as “Gives views”, never as experts, focal points or "
            "secretariat, and with no such part or chair in a single draft Opinion either."
        )
    key = name_key(name)
    there = members.c.delegation == member.delegation if member.delegation else members.c.delegation.is_(None)
    near = select(members).where(members.c.id != member.id, or_(there, members.c.email == (address or "")))
    for other in map(member_of_row, connection.execute(near)):
        if other.delegation == member.delegation and name_key(other.name) == key:
            raise PeopleRefused(f"{other.name} is already here, in the same delegation. Add an initial.")
        if address is not None and other.email == address:
            raise PeopleRefused(f"The address {address} belongs to {other.name}.")
    return Member(member.id, name, member.role, member.delegation, address, member.suspended, member.version)


def require_another_administrator(connection: Connection, member_id: str) -> None:
    """Raises `PeopleRefused` when nobody else could manage the process."""
    others = connection.scalar(
        select(func.count())
        .select_from(members)
        .where(
            members.c.role == Role.ADMINISTRATOR.value,
            members.c.suspended.is_(False),
            members.c.id != member_id,
        )
    )
    if not others:
        raise PeopleRefused("This is the only administrator. Name another one first.")


def _columns(member: Member) -> dict[str, Any]:
    return {
        "delegation": member.delegation,
        "name": member.name,
        "email": member.email,
        "role": member.role.value,
    }


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(DelegationCode(row.code), row.name, DelegationKind(row.kind), Region(row.region))


def member_of_row(row: Row[Any]) -> Member:
    """The member of a row that holds the columns of `members`."""
    table = members.c
    values = row._mapping
    code = values[table.delegation]
    return Member(
        values[table.id],
        values[table.name],
        Role(values[table.role]),
        None if code is None else DelegationCode(code),
        values[table.email],
        values[table.suspended],
        values[table.version],
    )
