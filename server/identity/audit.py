"""Reading the audit: by what happened, who, which Opinion and when; a page at a time, or as a table for a spreadsheet.

Plain functions of a `Connection`. Rows are only ever added (`server.audit_store`), so a page that begins below a row
never changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, or_, select

from server.audit_store import AuditEvent, Kind
from server.export.csv_table import csv_of
from server.tables.identity import audit_events

PAGE = 100
MOST_IN_A_FILE = 50_000
"""Rows of one file; a longer period is taken in parts."""
MAX_WORDS = 100
COLUMNS = ("Time (UTC)", "What", "Who", "Person's id", "Of what", "Words", "From")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events: all that fit every field given. `words` occur in who, of what or the words; `until` is excluded."""

    kind: Kind | None = None
    person: str = ""
    opinion: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An event with its number."""

    id: int
    event: AuditEvent


def events(connection: Connection, wanted: Filter, below: int | None = None, most: int = PAGE) -> tuple[Row, ...]:
    """The newest events first; with `below` those with smaller numbers."""
    asked = _fitting(wanted).order_by(audit_events.c.id.desc()).limit(most)
    if below is not None:
        asked = asked.where(audit_events.c.id < below)
    return tuple(
        Row(
            row.id,
            AuditEvent(_kind(row.kind), row.at, row.member, row.name, row.subject, row.detail, row.address, row.status),
        )
        for row in connection.execute(asked)
    )


def to_csv(rows: Iterable[Row], names: Mapping[Kind, str]) -> bytes:
    """Events as CSV in UTF-8 with a byte order mark, every cell quoted, none that a program takes for a formula."""
    return csv_of((_cells(row.event, names) for row in rows), COLUMNS)


def _cells(one: AuditEvent, names: Mapping[Kind, str]) -> tuple[str, ...]:
    at = one.at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
    return (at, names[one.kind], one.name, one.member, one.subject, one.detail, one.address)


def _fitting(wanted: Filter) -> Select[tuple[object, ...]]:
    table = audit_events.c
    asked = select(audit_events)
    if wanted.kind is not None:
        asked = asked.where(table.kind == wanted.kind.value)
    if wanted.person:
        asked = asked.where(or_(table.member == wanted.person, table.subject == wanted.person))
    if wanted.opinion:
        asked = asked.where(table.subject == wanted.opinion)
    if wanted.words:
        words = wanted.words[:MAX_WORDS]
        places = (table.name, table.subject, table.detail)
        asked = asked.where(or_(*(place.icontains(words, autoescape=True) for place in places)))
    if wanted.since is not None:
        asked = asked.where(table.at >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(table.at < wanted.until)
    return asked


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        # Written by a newer program; the words still tell.
        return Kind.PERSON_CHANGED
