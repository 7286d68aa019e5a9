"""Entering a roster: all of it in one transaction, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from server.audit_store import AuditEvent, Kind, note
from server.errors import ServerError
from server.people_store import Member, add_member, change_member, require_member, save_delegation
from server.roster.arrivals import note_roster
from server.roster.columns import Row
from server.roster.inviting import Invited, Inviter, invite_all
from server.roster.plan import Addition, Choice, Outcome, Plan, Planned, planned
from server.wording import ROLES, counted


class RosterChanged(ServerError):
    """Raised when the people here are no longer those that the page was made for; nothing was entered."""


class RosterUnfinished(ServerError):
    """Raised when rows are neither correct nor left out; nothing was entered."""


@dataclass(frozen=True, slots=True)
class By:
    """Who enters it."""

    member: str
    name: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What was done. `shut` are the members whose open pages must close; `invited` is empty where nobody was."""

    added: tuple[Member, ...]
    changed: tuple[Member, ...]
    shut: tuple[str, ...]
    delegations: tuple[str, ...]
    invited: tuple[Invited, ...] = ()


def enter(
    connection: Connection,
    rows: tuple[Row, ...],
    choices: Mapping[int, Choice],
    additions: Mapping[str, Addition],
    digest: str,
    by: By,
    now: datetime,
    inviter: Inviter | None,
) -> Entered:
    """Enter a roster as its page showed it (`digest` is of the plan without choices); an inviter invites who was added.

    Raises `RosterChanged`, `RosterUnfinished`, `NameRefused` and `PeopleRefused`; nothing is kept then.
    """
    if planned(connection, rows).digest != digest:
        raise RosterChanged("Somebody changed people or delegations meanwhile. Look at the roster again: it is below.")
    plan = planned(connection, rows, choices, additions)
    if plan.errors or plan.problems:
        raise RosterUnfinished(
            f"{counted(plan.errors, 'row')} cannot be entered. Correct each, or choose to leave it out."
        )
    delegations = tuple(_add_delegation(connection, one, by, now) for one in plan.additions if one.wanted)
    made = _entered(connection, plan, by, now)
    invited = invite_all(connection, list(made.added), inviter) if inviter is not None else []
    left_out = plan.counts()[Outcome.LEFT_OUT]
    detail = (
        f"{counted(len(made.added), 'person', 'people')} added, {len(made.changed)} changed, "
        f"{counted(left_out, 'row')} left out, {counted(len(delegations), 'delegation')} added"
    )
    note(connection, AuditEvent(Kind.ROSTER_ENTERED, now, by.member, by.name, "roster", detail))
    return Entered(made.added, made.changed, made.shut, delegations, tuple(invited))


def _add_delegation(connection: Connection, one: Addition, by: By, now: datetime) -> str:
    saved = save_delegation(connection, one.code, one.name, one.kind, one.region, new=True)
    detail = f"Delegation added with a roster: {saved.name}"
    note(connection, AuditEvent(Kind.PERSON_CHANGED, now, by.member, by.name, saved.code, detail))
    return str(saved.code)


def _entered(connection: Connection, plan: Plan, by: By, now: datetime) -> Entered:
    added: dict[str, Member] = {}
    changed: dict[str, Member] = {}
    shut: list[str] = []
    became: dict[int, str] = {}
    for row in plan.rows:
        known = became.get(row.twin) if row.twin is not None else row.known.id if row.known is not None else None
        if known is not None:
            became[row.row.number] = known
        if not row.enters:
            continue
        if row.outcome is Outcome.CHANGED and known is not None:
            member, closes = change_member(connection, known, row.name, row.role, row.delegation, row.email)
            if known in added:
                added[known] = member
            else:
                changed[known] = member
                shut.extend([known] if closes else [])
        else:
            member = add_member(connection, row.name, row.role, row.delegation, row.email)
            added[member.id] = member
        became[row.row.number] = member.id
        note_roster(connection, member.id, row.entity, row.nominated_by)
        _note(connection, row, require_member(connection, member.id), by, now)
    return Entered(tuple(added.values()), tuple(changed.values()), tuple(shut), ())


def _note(connection: Connection, row: Planned, member: Member, by: By, now: datetime) -> None:
    done = "Added" if row.outcome is Outcome.NEW else "Changed"
    detail = f"{done} by a roster: {member.name}, {ROLES[member.role]}, {member.delegation or 'no delegation'}"
    note(connection, AuditEvent(Kind.PERSON_CHANGED, now, by.member, by.name, member.id, detail))
