"""Phases in the database: where they stand by the timetable and the extensions, and extending one.

Plain functions of a `Connection`, each part of somebody's transaction.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from opinions.phases import MAX_EXTENSIONS, Extension, Span, spans
from opinions.process_checks import milestone_at
from server.errors import ServerError
from server.people_store import Member
from server.tables.phases import phase_extensions as table
from server.tables.timetable import timetable_changes, timetable_files
from server.timetable import load_phases, timetable_of

MAX_REASON = 1_000
MAX_AHEAD = timedelta(days=366)
"""How far ahead a phase is extended in one act: what lasts longer is the timetable's to say."""

Stamp = tuple[int, int, int]
"""How far the timetable, its files and the extensions have come; it grows with each change of any of them."""


class ExtensionRefused(ServerError):
    """Raised when a phase cannot be extended so; says why, and in which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def stamp_of(connection: Connection) -> Stamp:
    """What tells whether phases may have changed since one looked: how many lines there are, which are only ever added.

    Not the newest id: of two that are written at once the one with the lower id may be committed last.
    """
    lines = (
        select(func.count()).select_from(one).scalar_subquery() for one in (timetable_changes, timetable_files, table)
    )
    changes, files, extended = connection.execute(select(*lines)).one()
    return changes, files, extended


def spans_of(connection: Connection) -> tuple[Span, ...]:
    """The phases of the process by the clock, with the timetable and the extensions as they are now."""
    phases = load_phases(connection)
    return spans(phases, timetable_of(connection), ZoneInfo, extensions_of(connection)) if phases else ()


def extensions_of(connection: Connection, phase: str | None = None) -> tuple[Extension, ...]:
    """All extensions in the order in which they were given, or those of one phase."""
    chosen = select(table).order_by(table.c.id)
    if phase is not None:
        chosen = chosen.where(table.c.phase == phase)
    return tuple(
        Extension(row.phase, row.closes_at, row.was, row.reason, row.member, row.name, row.at)
        for row in connection.execute(chosen)
    )


def extend(connection: Connection, phase: str, closes_at: datetime, reason: str, member: Member, at: datetime) -> Span:
    """Have a phase close later: a line of its own beside the timetable, which stays as it is. It holds from this moment
    on, also for a phase that has closed already.

    Raises `ExtensionRefused` for a time that is not to come, not later than what the timetable says, or too far.
    """
    before = next((one for one in spans_of(connection) if one.phase.id == phase), None)
    if before is None:
        raise ExtensionRefused("", "The process has no such phase now. Look at the timetable again.")
    planned = before.extended_from or before.closes_at
    if planned is None or before.closes_at is None:
        raise ExtensionRefused("", "This phase has no end, and needs no extension.")
    if closes_at <= at:
        raise ExtensionRefused("closes_at", "Choose a time that is still to come.")
    if closes_at <= planned:
        raise ExtensionRefused(
            "closes_at", "The timetable has it open until then already. To close it earlier, amend the timetable."
        )
    if closes_at > max(planned, at) + MAX_AHEAD:
        raise ExtensionRefused("closes_at", "That is more than a year ahead. Amend the timetable instead.")
    words = reason.strip()
    if len(words) > MAX_REASON or not all(one.isprintable() or one in "\r\n\t" for one in words):
        raise ExtensionRefused("reason", f"A reason is at most {MAX_REASON} characters.")
    if len(extensions_of(connection, phase)) >= MAX_EXTENSIONS:
        raise ExtensionRefused("", f"A phase is extended at most {MAX_EXTENSIONS} times. Amend the timetable instead.")
    connection.execute(
        insert(table).values(
            phase=phase,
            closes_at=closes_at,
            was=before.closes_at,
            reason=words,
            at=at,
            member=member.id,
            name=member.name,
        )
    )
    return next(one for one in spans_of(connection) if one.phase.id == phase)


def came_at(connection: Connection, at: datetime) -> str:
    """At which milestone, or in which phase, something came: as the eligibility ledger keeps it; empty without a
    timetable.
    """
    return milestone_at(load_phases(connection), timetable_of(connection), ZoneInfo, at)
