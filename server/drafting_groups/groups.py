"""Drafting groups in the database: found, invite, join, leave, change, end (opinions/SPEC.md, GR1).

Plain functions of a `Connection`, each part of somebody's transaction. Each returns the people whose sockets must be
closed after the commit: those who are out, and those whose own place in the group is another one now. Their versions
are raised, so that nothing they sent before is committed any more.
"""

import base64
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from opinions.drafting_groups import GROUP_PREFIX, GroupSeat
from opinions.model import DelegationCode, ParagraphId
from opinions.record import CHAIR
from opinions.roles import Act, Actor, Role, may
from server.errors import ServerError
from server.names import NameRefused, clean_name
from server.people_store import actor_for, appointed_in, find_member
from server.roster.views import giving_views
from server.tables import delegations, members
from server.tables.drafting_groups import drafting_group_delegations as seats
from server.tables.drafting_groups import drafting_groups

MAX_LED = 8
"""Groups that one delegation leads at a time in one Opinion: it works on a few places at once, and each group is a
document that the room keeps up.
"""
MAX_INFORMAL = 20
"""Informal groups at a time in one Opinion: chairs set up a handful; each is a document that the room keeps up."""
MAX_DELEGATIONS = 60
"""Delegations in one group: a regional group of Europe has 46."""
MAX_PARAGRAPHS = 60
"""Paragraphs given to one informal group; more is the whole Opinion, for which none is named."""
MAX_NAME = 120
"""Characters of a group's name: it stands as the source of what the group brings back."""

_EXPERTS = frozenset({Role.EXPERT, Role.FOCAL_POINT})
Shut = frozenset[str]
"""Ids of the members whose sockets are to be closed."""


class GroupRefused(ServerError):
    """Raised when a group cannot be founded or changed so; `field` is the form's, empty for none."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class DraftingGroup:
    """A group that has not ended. `lead` is None for an informal one, `facilitator` for a lead's. `joined` are the
    delegations that are in it (beside the lead), `invited` those that have not answered.
    """

    code: DelegationCode
    opinion: str
    name: str
    lead: DelegationCode | None
    facilitator: str | None
    joined: tuple[DelegationCode, ...]
    invited: tuple[DelegationCode, ...]
    paragraphs: tuple[ParagraphId, ...]
    founded_at: datetime

    @property
    def informal(self) -> bool:
        """Whether chair or secretariat founded it, for the chair's side."""
        return self.lead is None


def living(connection: Connection, opinion: str) -> tuple[DraftingGroup, ...]:
    """The groups of an Opinion that have not ended, the oldest first."""
    chosen = (
        select(drafting_groups)
        .where(drafting_groups.c.opinion == opinion, drafting_groups.c.ended_at.is_(None))
        .order_by(drafting_groups.c.founded_at, drafting_groups.c.code)
    )
    rows = connection.execute(chosen).all()
    if not rows:
        return ()
    found: dict[str, list[tuple[str, DelegationCode]]] = {}
    of_these = seats.c.drafting_group.in_([row.code for row in rows])
    for seat in connection.execute(select(seats).where(of_these).order_by(seats.c.at, seats.c.delegation)):
        found.setdefault(seat.drafting_group, []).append((seat.state, DelegationCode(seat.delegation)))
    return tuple(
        DraftingGroup(
            code=DelegationCode(row.code),
            opinion=row.opinion,
            name=row.name,
            lead=None if row.lead is None else DelegationCode(row.lead),
            facilitator=row.facilitator,
            joined=tuple(code for state, code in found.get(row.code, ()) if state == "joined"),
            invited=tuple(code for state, code in found.get(row.code, ()) if state == "invited"),
            paragraphs=tuple(ParagraphId(one) for one in row.paragraphs.split()),
            founded_at=row.founded_at,
        )
        for row in rows
    )


def seats_of(actor: Actor, groups: Iterable[DraftingGroup]) -> tuple[GroupSeat, ...]:
    """A person's places in these groups."""
    found: list[GroupSeat] = []
    for group in groups:
        own = actor.delegation if actor.role in _EXPERTS else None
        ours = own is not None and own in (group.lead, *group.joined)
        facilitates = actor.member == group.facilitator and may(actor, Act.GROUP_DRAFT)
        if ours or facilitates:
            found.append(
                GroupSeat(
                    group.code,
                    group.lead or CHAIR,
                    group.name,
                    group.joined if group.lead else (),
                    group.paragraphs,
                    brings_back=facilitates if group.lead is None else actor.delegation == group.lead,
                    informal=group.informal,
                )
            )
    return tuple(found)


def may_know(actor: Actor, group: DraftingGroup) -> bool:
    """Whether a person may know that there is such a group: its people, whoever is invited, and of an informal one
    those who set it up. What it drafts is another matter.
    """
    if seats_of(actor, (group,)):
        return True
    if group.informal:
        return actor.role in {Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT}
    return actor.role in _EXPERTS and actor.delegation in group.invited


def found_shared(
    connection: Connection, opinion: str, actor: Actor, name: str, invited: Sequence[str], now: datetime
) -> DelegationCode:
    """A workspace of the actor's delegation to which it invites others. Raises `GroupRefused`."""
    lead = actor.delegation
    if actor.role not in _EXPERTS or lead is None:
        raise GroupRefused("", "A shared workspace is founded by an expert of the delegation that leads it.")
    if sum(one.lead == lead for one in living(connection, opinion)) >= MAX_LED:
        raise GroupRefused("", f"{lead} leads {MAX_LED} shared workspaces here already. End one first.")
    given = _delegations(connection, invited, {lead})
    if not given:
        raise GroupRefused("delegations", "Invite at least one delegation: alone, draft in your own workspace.")
    code = _put(connection, opinion, _name(name), actor.member, now, lead=lead)
    _seat(connection, code, given, "invited", now)
    return code


def found_informal(
    connection: Connection,
    opinion: str,
    actor: Actor,
    name: str,
    facilitator: str,
    given: Sequence[str],
    paragraphs: Sequence[str],
    now: datetime,
) -> DelegationCode:
    """An informal group; its members are in it at once. Raises `GroupRefused`."""
    if sum(one.informal for one in living(connection, opinion)) >= MAX_INFORMAL:
        raise GroupRefused("", f"There are {MAX_INFORMAL} informal groups here already. End one first.")
    parties = _delegations(connection, given, ())
    if not parties:
        raise GroupRefused("delegations", "Choose the delegations that are in it.")
    chosen = _facilitator(connection, opinion, facilitator, now)
    kept = _paragraphs(paragraphs)
    code = _put(connection, opinion, _name(name), actor.member, now, facilitator=chosen, paragraphs=kept)
    _seat(connection, code, parties, "joined", now)
    return code


def change_informal(
    connection: Connection,
    group: DraftingGroup,
    name: str,
    facilitator: str,
    given: Sequence[str],
    paragraphs: Sequence[str],
    now: datetime,
) -> Shut:
    """Names its facilitator, members and paragraphs anew. Raises `GroupRefused`."""
    parties = _delegations(connection, given, ())
    if not parties:
        raise GroupRefused("delegations", "Choose the delegations that are in it, or end the group.")
    chosen = _facilitator(connection, group.opinion, facilitator, now)
    values = {"name": _name(name), "facilitator": chosen, "paragraphs": _paragraphs(paragraphs)}
    shut = _renewed(connection, group)
    connection.execute(update(drafting_groups).where(drafting_groups.c.code == group.code).values(**values))
    _seat(connection, group.code, parties, "joined", now)
    _seat(connection, group.code, [one for one in group.joined if one not in parties], "left", now)
    return shut


def invite(connection: Connection, group: DraftingGroup, given: Sequence[str], now: datetime) -> Shut:
    """Invites further delegations. Raises `GroupRefused`."""
    there = {group.lead, *group.joined, *group.invited}
    parties = [one for one in _delegations(connection, given, ()) if one not in there]
    if not parties:
        raise GroupRefused("delegations", "Choose a delegation that is not invited yet.")
    if len(parties) + len(there) > MAX_DELEGATIONS:
        raise GroupRefused("delegations", f"A shared workspace has at most {MAX_DELEGATIONS} delegations.")
    _seat(connection, group.code, parties, "invited", now)
    return frozenset()


def join(connection: Connection, group: DraftingGroup, delegation: DelegationCode, now: datetime) -> Shut:
    """A delegation accepts the invitation. Raises `GroupRefused` without one."""
    if delegation not in group.invited:
        raise GroupRefused("", f"{delegation} is not invited to this workspace any more.")
    _seat(connection, group.code, [delegation], "joined", now)
    # What the lead's people submit is co-sponsored by the newcomer from now on.
    return _renew(connection, _people_of(connection, [group.lead]))


def leave(connection: Connection, group: DraftingGroup, delegation: DelegationCode, now: datetime) -> Shut:
    """A delegation declines, or leaves: it is out at once. Raises `GroupRefused` when it is neither invited nor in."""
    if delegation in group.invited:
        _seat(connection, group.code, [delegation], "left", now)
        return frozenset()
    if delegation not in group.joined:
        raise GroupRefused("", f"{delegation} is not in this group.")
    _seat(connection, group.code, [delegation], "left", now)
    return _renew(connection, _people_of(connection, [delegation, group.lead]))


def end(connection: Connection, group: DraftingGroup, now: datetime) -> Shut:
    """Ends a group: nobody is in it any more. Its log stays as it is, and nobody's to read."""
    connection.execute(update(drafting_groups).where(drafting_groups.c.code == group.code).values(ended_at=now))
    return _renewed(connection, group)


def _put(
    connection: Connection,
    opinion: str,
    name: str,
    founder: str,
    now: datetime,
    *,
    lead: DelegationCode | None = None,
    facilitator: str | None = None,
    paragraphs: str = "",
) -> DelegationCode:
    code = DelegationCode(GROUP_PREFIX + base64.b32encode(secrets.token_bytes(8)).decode().lower()[:12])
    connection.execute(
        insert(drafting_groups).values(
            code=code,
            opinion=opinion,
            name=name,
            lead=lead,
            facilitator=facilitator,
            paragraphs=paragraphs,
            founded_by=founder,
            founded_at=now,
        )
    )
    return code


def _seat(connection: Connection, code: str, parties: Iterable[str], state: str, now: datetime) -> None:
    for party in parties:
        where = (seats.c.drafting_group == code, seats.c.delegation == party)
        there = connection.scalar(select(seats.c.state).where(*where))
        if there is None:
            connection.execute(insert(seats).values(drafting_group=code, delegation=party, state=state, at=now))
        elif there != state:
            connection.execute(update(seats).where(*where).values(state=state, at=now))


def _name(name: str) -> str:
    try:
        cleaned = clean_name(name)
    except NameRefused as error:
        raise GroupRefused("name", str(error)) from None
    if len(cleaned) > MAX_NAME:
        raise GroupRefused("name", f"A name has at most {MAX_NAME} characters.")
    return cleaned


def _delegations(
    connection: Connection, given: Sequence[str], without: Collection[DelegationCode]
) -> tuple[DelegationCode, ...]:
    codes = tuple(dict.fromkeys(DelegationCode(one) for one in given if one not in without))
    if len(codes) > MAX_DELEGATIONS:
        raise GroupRefused("delegations", f"Choose at most {MAX_DELEGATIONS} delegations.")
    known = connection.scalar(select(func.count()).where(delegations.c.code.in_(codes)))
    if known != len(codes):
        raise GroupRefused("delegations", "Choose delegations of the list.")
    if giving := sorted(giving_views(connection) & set(codes)):
        raise GroupRefused("delegations", f"{', '.join(giving)} gives views, and drafts with nobody.")
    return codes


def _facilitator(connection: Connection, opinion: str, member_id: str, now: datetime) -> str:
    member = find_member(connection, member_id)
    if member is None or member.suspended:
        raise GroupRefused("facilitator", "Choose who facilitates.")
    if not may(actor_for(member, appointed_in(connection, opinion, now)), Act.GROUP_DRAFT):
        raise GroupRefused(
            "facilitator", f"{member.name} does not draft here. Choose an expert, or give the part of a facilitator."
        )
    return member.id


def _paragraphs(given: Sequence[str]) -> str:
    if len(given) > MAX_PARAGRAPHS:
        raise GroupRefused("paragraphs", f"Give it at most {MAX_PARAGRAPHS} paragraphs, or none for the whole text.")
    return " ".join(dict.fromkeys(given))


def _people_of(connection: Connection, parties: Iterable[DelegationCode | None]) -> Shut:
    codes = [one for one in parties if one is not None]
    return frozenset(connection.scalars(select(members.c.id).where(members.c.delegation.in_(codes))))


def _renewed(connection: Connection, group: DraftingGroup) -> Shut:
    people = _people_of(connection, (group.lead, *group.joined))
    return _renew(connection, people | ({group.facilitator} if group.facilitator else frozenset()))


def _renew(connection: Connection, people: Shut) -> Shut:
    connection.execute(update(members).where(members.c.id.in_(people)).values(version=members.c.version + 1))
    return people
