"""The history of the timetable in the database, and what the process file said. Rows of both are only ever added."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Row, func, insert, select

from opinions import process_plan
from opinions.phases import Phase
from opinions.process_plan import Plan
from opinions.timetable import GATHERINGS, MAX_CHANGES, Change, Milestone, nearest, standing
from opinions.timetable_json import fields_from_json, fields_to_json
from opinions.version_kinds import VersionKind
from server.errors import ServerError
from server.tables.timetable import timetable_changes as changes_table
from server.tables.timetable import timetable_files as files_table

MAX_FILES = 200
"""Process files kept of one process, 128 KiB each at most: one for each circular letter, and some mended ones."""


class TimetableFull(ServerError):
    """Raised when a timetable would have more than `MAX_CHANGES` changes, or more than `MAX_FILES` files."""


def load_changes(connection: Connection) -> tuple[Change, ...]:
    """Every change of the timetable, in the order in which they were entered."""
    return tuple(_change(row) for row in connection.execute(select(changes_table).order_by(changes_table.c.id)))


def timetable_of(connection: Connection, on: date | None = None) -> Mapping[str, Milestone]:
    """The milestones as they stood at the end of a day (None: with all that is entered), in the order of their dates;
    empty where no timetable was entered.
    """
    return standing(load_changes(connection), on)


def milestone_of(connection: Connection, day: date) -> tuple[str, VersionKind]:
    """What the milestone is called at which a text would be frozen on a day, and what the version is then; an empty
    name where none is near.
    """
    found = nearest(timetable_of(connection).values(), day)
    if found is None:
        return "", VersionKind.DRAFT
    return found.volume or found.name, VersionKind.MEETING if found.kind in GATHERINGS else VersionKind.DRAFT


def append_changes(connection: Connection, changes: Iterable[Change]) -> None:
    """Add changes to the history, in their order. What they mean was judged before. Raises `TimetableFull`."""
    rows = [
        {
            "milestone": one.milestone,
            "decided_on": one.decided_on,
            "at_latest": one.at_latest,
            "fields": json.dumps(fields_to_json(one.fields), ensure_ascii=False, sort_keys=True),
            "reason": one.reason,
            "authority": one.authority,
            "source": one.source,
            "recorded_at": one.recorded_at,
            "member": one.member,
            "name": one.name,
            "filed": one.filed,
        }
        for one in changes
    ]
    there = connection.scalar(select(func.count()).select_from(changes_table)) or 0
    if there + len(rows) > MAX_CHANGES:
        raise TimetableFull(f"A timetable has at most {MAX_CHANGES} changes.")
    if rows:
        connection.execute(insert(changes_table), rows)


def has_file(connection: Connection) -> bool:
    """Whether a process file was loaded."""
    return connection.scalar(select(files_table.c.id).limit(1)) is not None


def load_plan(connection: Connection) -> Plan:
    """What the process file that was loaded last says beside its milestones; an empty plan where none was."""
    row = connection.scalar(select(files_table.c.plan).order_by(files_table.c.id.desc()).limit(1))
    return Plan() if row is None else process_plan.from_json(json.loads(row))


def load_phases(connection: Connection) -> tuple[Phase, ...]:
    """The phases of the process as its file has them; none where no file was loaded."""
    return load_plan(connection).phases


def keep_file(
    connection: Connection, file: str, content: str, plan: Plan, at: datetime, member: str = "", name: str = ""
) -> None:
    """Keep a process file as it was given, and what it says. Raises `TimetableFull`."""
    if (connection.scalar(select(func.count()).select_from(files_table)) or 0) >= MAX_FILES:
        raise TimetableFull(f"A process has at most {MAX_FILES} files. Amend the timetable by hand.")
    connection.execute(
        insert(files_table).values(
            file=file,
            content=content,
            plan=json.dumps(process_plan.to_json(plan), ensure_ascii=False, sort_keys=True),
            loaded_at=at,
            member=member,
            name=name,
        )
    )


def _change(row: Row[tuple[object, ...]]) -> Change:
    return Change(
        row.milestone,
        row.decided_on,
        fields_from_json(json.loads(row.fields)),
        row.reason,
        row.authority,
        row.source,
        row.recorded_at,
        row.member,
        row.name,
        row.at_latest,
        row.filed,
    )
