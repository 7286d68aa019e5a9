"""Roles in one Opinion, for good or between two dates: what somebody is there, in place of what he or she is elsewhere.

Plain functions of a `Connection`. A part in force comes before an appointment to the chair, and that before the role
in the process (server/SPEC.md, T5); which parts are in force follows from the time alone, so that nobody has to be
awake when a phase begins. Announcing it (`turn`) raises the member's version, so that sockets opened under the old part
commit nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from opinions.roles import Role
from server.roster.voices import keeping_around
from server.tables import members
from server.tables.people import parts


@dataclass(frozen=True, slots=True)
class Part:
    """What a member is in one Opinion from `begins_at` (None: since ever) until before `ends_at` (None: for good).

    `label` is the phase as people call it.
    """

    id: str
    member: str
    opinion: str
    role: Role
    label: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether the member is that now."""
        return (self.begins_at is None or self.begins_at <= now) and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return self.ends_at is not None and self.ends_at <= now

    def overlaps(self, other: "Part") -> bool:
        """Whether both would be in force at some moment."""
        return (self.begins_at is None or other.ends_at is None or self.begins_at < other.ends_at) and (
            other.begins_at is None or self.ends_at is None or other.begins_at < self.ends_at
        )


def parts_in_force(connection: Connection, now: datetime, opinion: str | None = None) -> Mapping[str, dict[str, Role]]:
    """The roles in force now, by Opinion and member; of one Opinion if it is given."""
    chosen = select(parts).where(
        or_(parts.c.begins_at.is_(None), parts.c.begins_at <= now),
        or_(parts.c.ends_at.is_(None), parts.c.ends_at > now),
    )
    if opinion is not None:
        chosen = chosen.where(parts.c.opinion == opinion)
    found: dict[str, dict[str, Role]] = {}
    for row in connection.execute(chosen):
        found.setdefault(row.opinion, {})[row.member] = Role(row.role)
    return found


def parts_of(connection: Connection, member: str) -> tuple[Part, ...]:
    """Everything a person was, is and will be in single Opinions, the latest first."""
    rows = connection.execute(select(parts).where(parts.c.member == member).order_by(parts.c.begins_at.desc()))
    return tuple(_part(row) for row in rows)


def parts_in(connection: Connection, opinion: str) -> tuple[Part, ...]:
    """Everything that people were, are and will be in one Opinion, the earliest first."""
    rows = connection.execute(select(parts).where(parts.c.opinion == opinion))
    ever = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(map(_part, rows), key=lambda one: (one.begins_at or ever, one.member)))


def next_turn(connection: Connection) -> datetime | None:
    """When the next part begins or ends that has not been announced; None when nothing is to come."""
    begins = connection.scalar(
        select(parts.c.begins_at)
        .where(parts.c.state == "waiting", parts.c.begins_at.is_not(None))
        .order_by(parts.c.begins_at)
        .limit(1)
    )
    ends = connection.scalar(
        select(parts.c.ends_at)
        .where(parts.c.state != "ended", parts.c.ends_at.is_not(None))
        .order_by(parts.c.ends_at)
        .limit(1)
    )
    return min((at for at in (begins, ends) if at is not None), default=None)


def turn(connection: Connection, now: datetime) -> frozenset[str]:
    """Announce the parts that have begun or ended by now: the members whose version was raised for it, each part once,
    whichever server process comes first.
    """
    ended = and_(parts.c.state != "ended", parts.c.ends_at <= now)
    begun = and_(parts.c.state == "waiting", parts.c.begins_at <= now)
    turned = connection.execute(select(parts.c.id, parts.c.member).where(or_(ended, begun)).with_for_update()).all()
    if not turned:
        return frozenset()
    changed = frozenset(row.member for row in turned)
    with keeping_around(connection, changed) as heard:
        _announce(connection, ended, "ended")
        _announce(connection, begun, "begun")
    connection.execute(update(members).where(members.c.id.in_(changed)).values(version=members.c.version + 1))
    return changed | heard


def _announce(connection: Connection, which: ColumnElement[bool], state: str) -> None:
    connection.execute(update(parts).where(which).values(state=state))


def _part(row: Row[Any]) -> Part:
    return Part(row.id, row.member, row.opinion, Role(row.role), row.label, row.begins_at, row.ends_at)
