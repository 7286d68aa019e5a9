"""Giving somebody a part in one Opinion, for good or for a while, and taking it back."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from opinions.roles import Role
from server.errors import ServerError
from server.names import clean_name
from server.opinion_store import load_opinion
from server.people_store import Member, PeopleRefused, find_delegation, require_member
from server.process_store import load_process
from server.roster.parts import Part, parts_of
from server.roster.voices import keeping_around
from server.tables import members
from server.tables.people import PART_ROLES, parts

MAX_PARTS = 50
"""Parts that one person may have on record: an Opinion has a handful of phases, a process some ten Opinions."""
MAX_LABEL = 60
_OF_A_DELEGATION = frozenset({Role.EXPERT, Role.FOCAL_POINT, Role.CONTRIBUTOR})
_VIEWS = frozenset({Role.CONTRIBUTOR, Role.OBSERVER})


class UnknownPart(ServerError):
    """Raised when a person has no such part."""


def give_part(
    connection: Connection,
    member_id: str,
    opinion: str,
    role: Role,
    now: datetime,
    *,
    label: str = "",
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> tuple[Part, bool]:
    """The part, and whether it is in force at once, so that what the person has open must close.

    Raises `UnknownMember`, `UnknownOpinion`, and `PeopleRefused` or `NameRefused` saying what does not fit.
    """
    member = require_member(connection, member_id)
    load_opinion(connection, opinion)
    _require_fit(connection, member, role)
    label = clean_name(label) if label.strip() else ""
    if len(label) > MAX_LABEL:
        raise PeopleRefused(f"A phase's name is at most {MAX_LABEL} characters.")
    if begins_at is not None and ends_at is not None and begins_at >= ends_at:
        raise PeopleRefused("It would end before it begins. Give a later end.")
    if ends_at is not None and ends_at <= now:
        raise PeopleRefused("The end has passed already. Give one that is to come.")
    part = Part(f"r-{secrets.token_hex(8)}", member_id, opinion, role, label, begins_at, ends_at)
    known = parts_of(connection, member_id)
    if len(known) >= MAX_PARTS:
        raise PeopleRefused(f"{MAX_PARTS} parts are on record for this person. Take back some that have ended.")
    twin = next((one for one in known if one.opinion == opinion and one.overlaps(part)), None)
    if twin is not None:
        raise PeopleRefused(
            "In this draft Opinion the person has another part at that time. Take that one back, or choose other dates."
        )
    at_once = part.in_force(now)
    with keeping_around(connection, [member_id]):
        connection.execute(
            insert(parts).values(
                id=part.id,
                member=member_id,
                opinion=opinion,
                role=role.value,
                label=label,
                begins_at=begins_at,
                ends_at=ends_at,
                state="begun" if at_once else "waiting",
            )
        )
    if at_once:
        _raise_version(connection, member_id)
    return part, at_once


def take_back(connection: Connection, member_id: str, part_id: str, now: datetime) -> tuple[Part, bool]:
    """The part that was taken back, and whether it was in force. Raises `UnknownPart`."""
    row = connection.execute(select(parts.c.id).where(parts.c.id == part_id, parts.c.member == member_id)).first()
    part = next((one for one in parts_of(connection, member_id) if one.id == part_id), None)
    if row is None or part is None:
        raise UnknownPart("There is no such part any more.")
    with keeping_around(connection, [member_id]):
        connection.execute(delete(parts).where(parts.c.id == part_id))
    was_in_force = part.in_force(now)
    if was_in_force:
        _raise_version(connection, member_id)
    return part, was_in_force


def _require_fit(connection: Connection, member: Member, role: Role) -> None:
    if role not in PART_ROLES:
        raise PeopleRefused("An administrator takes part in no draft Opinion. Choose another part.")
    if member.suspended:
        raise PeopleRefused("A suspended person takes no part. Let the person in again first.")
    if member.role is Role.ADMINISTRATOR:
        raise PeopleRefused("An administrator takes no part in the drafting. Change what the person is first.")
    delegation = None if member.delegation is None else find_delegation(connection, member.delegation)
    if role in _OF_A_DELEGATION and delegation is None:
        raise PeopleRefused("An expert or focal point acts for a delegation: give the person one first.")
    rules = load_process(connection).rules
    if delegation is not None and role not in _VIEWS and rules.gives_views_only(delegation.kind):
        raise PeopleRefused(
            f"{delegation.name} gives views: its people comment and contribute, in every draft Opinion. "
            "Choose Gives views or Observer."
        )


def _raise_version(connection: Connection, member_id: str) -> None:
    connection.execute(update(members).where(members.c.id == member_id).values(version=members.c.version + 1))
