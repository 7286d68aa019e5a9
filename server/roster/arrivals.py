"""Who has come: invited when and until when, reminded, first signed in. Kept beside links and sessions, which are
forgotten once they have ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.tables import members
from server.tables.people import roster

MAX_REPORT = 300
"""Characters in which somebody says what is wrong with an invitation: a delegation's name, and a sentence."""


class Coming(StrEnum):
    """How far somebody is on the way in."""

    NOT_INVITED = "not_invited"
    INVITED = "invited"
    RUN_OUT = "run_out"
    COME = "come"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of one person's way in. `entity` and `nominated_by` are as the roster said."""

    entity: str = ""
    nominated_by: str = ""
    invited_at: datetime | None = None
    invited_until: datetime | None = None
    mailed: bool = False
    reminded_at: datetime | None = None
    came_at: datetime | None = None
    reported_at: datetime | None = None
    reported: str = ""
    """What whoever has the link said is wrong with it, in that person's words; may be empty."""

    def coming(self, now: datetime) -> Coming:
        """How far the person is."""
        if self.came_at is not None:
            return Coming.COME
        if self.invited_until is None:
            return Coming.NOT_INVITED
        return Coming.INVITED if self.invited_until > now else Coming.RUN_OUT


NOTHING_KNOWN = Arrival()


def arrivals(connection: Connection) -> Mapping[str, Arrival]:
    """What is known, by member id; who is not in it was never invited."""
    return {
        row.member: Arrival(
            row.entity,
            row.nominated_by,
            row.invited_at,
            row.invited_until,
            row.mailed,
            row.reminded_at,
            row.came_at,
            row.reported_at,
            row.reported,
        )
        for row in connection.execute(select(roster))
    }


def note_invited(connection: Connection, member: str, at: datetime, until: datetime) -> None:
    """A link was made; whether it went by mail is noted by who posts it. What was said of an earlier one is settled."""
    _note(
        connection,
        member,
        invited_at=at,
        invited_until=until,
        mailed=False,
        reminded_at=None,
        reported_at=None,
        reported="",
    )


def note_mailed(connection: Connection, member: str, *, reminded_at: datetime | None = None) -> None:
    """The link went by e-mail, as a reminder if `reminded_at` says so."""
    _note(connection, member, mailed=True, **({} if reminded_at is None else {"reminded_at": reminded_at}))


def note_came(connection: Connection, member: str, at: datetime) -> None:
    """The person has signed in; the first time counts."""
    kept = connection.execute(select(roster.c.came_at).where(roster.c.member == member)).one_or_none()
    if kept is None or kept.came_at is None:
        _note(connection, member, came_at=at)


def reported_at(connection: Connection, member: str) -> datetime | None:
    """When a person's invitation was reported as wrong; None when it was not, or has been looked at."""
    return connection.scalar(select(roster.c.reported_at).where(roster.c.member == member))


def note_reported(connection: Connection, member: str, at: datetime, words: str) -> bool:
    """Whoever has the link says that it is wrong; whether that is new: the first report stands until it is settled."""
    if reported_at(connection, member) is not None:
        return False
    _note(connection, member, reported_at=at, reported=words[:MAX_REPORT])
    return True


def note_report_settled(connection: Connection, member: str) -> bool:
    """The secretariat has looked at what was reported; False when nothing was."""
    if reported_at(connection, member) is None:
        return False
    _note(connection, member, reported_at=None, reported="")
    return True


def note_roster(connection: Connection, member: str, entity: str, nominated_by: str) -> None:
    """What the roster says beside name, delegation, role and address."""
    _note(connection, member, entity=entity, nominated_by=nominated_by)


def to_be_reminded(connection: Connection, now: datetime, after: timedelta) -> list[str]:
    """Members who were invited that long ago, have not come, have an address, and were not reminded of this link; nor
    those whose invitation is said to be wrong, before somebody has looked.
    """
    rows = connection.scalars(
        select(roster.c.member)
        .join(members, members.c.id == roster.c.member)
        .where(
            roster.c.came_at.is_(None),
            roster.c.reminded_at.is_(None),
            roster.c.reported_at.is_(None),
            roster.c.invited_at <= now - after,
            members.c.email.is_not(None),
            members.c.suspended.is_(False),
        )
        .order_by(roster.c.invited_at, roster.c.member)
    )
    return list(rows)


def _note(connection: Connection, member: str, **values: Any) -> None:
    if not connection.execute(update(roster).where(roster.c.member == member).values(values)).rowcount:
        connection.execute(insert(roster).values(member=member, **values))
