"""A whole process as one JSON file: what is carried, what never is, and how it is written.

The file is an object: `format`, `version`, `made_at`, `program` (who wrote it), `schema` (the step of the tables),
`people` (whether they are in it), `tables` (for each table its rows, with the columns of `server.tables`), and, where
people are aside, `texts` (for each draft Opinion its canonical text and record without names). Bytes are base64, times
ISO 8601 in UTC, days ISO 8601. `server.taking_part.archive_schema` has it as JSON Schema.

With people the logs are carried as they are, entry by entry with their hashes and signatures, and can be checked where
they arrive. Without people they cannot be: names of persons are in what is hashed. Then the living text is carried, and
the canonical texts of the versions, which name delegations alone; consultations are in the file to be read (`TOLD`).
What a delegation has not submitted is in neither: workspaces stay here, and in backups, and so do its notes, Word files
looked at and not entered, and comments whose e-mail was not confirmed. Files that people handed in are as they are.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import IO, Any

from sqlalchemy import Column, Connection, Date, LargeBinary, Select, Table, select, union

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from opinions.consultation import State
from opinions.record import Document
from opinions.record_json import runs_to_json, write_entry
from server import log_store
from server.opinion_store import list_opinions
from server.schema import steps_of
from server.tables import IS_OPINION, documents, metadata
from server.tables.base import UtcTime
from server.tables.consultation import comment_files, comments
from server.tables.papers import contribution_files
from server.tables.volumes import sg_revisions
from server.tables.word_in import brought_in
from server.taking_part.namelessness import nameless

FORMAT = "unbracket-process"
VERSION = 1

WITHHELD: Mapping[str, str] = {
    "invitations": "secrets that sign in",
    "nomination_links": "secrets that open a form",
    "sessions": "secrets that sign in",
    "ceremonies": "secrets of a sign-in under way",
    "passkeys": "they open the server they were made for, and no other",
    "identities": "they belong to the provider that this server asks",
    "letters": "what was sent, and links that sign in",
    "programs": "keys open the server they were made on",
    "projector_links": "secrets of the screens in a room",
    "webhooks": "secrets of the addresses told",
    "deliveries": "on their way from this server",
    "drafting_groups": "their workspaces stay here, and who drafts with whom",
    "drafting_group_delegations": "their workspaces stay here, and who drafts with whom",
    "cut_claims": "a freeze under way on this server",
    "jobs": "to be done by this server",
    "nodes": "processes of this server",
    "owners": "processes of this server",
    "snapshots": "made again from the log",
    "version_exports": "made again from the version",
    "volume_exports": "made again from the volume",
    "history_chapters": "made again from the log",
    "deadline_reminders": "letters that this server sent",
    "audit_findings": "what this server's own audit found",
}
"""Tables that no file ever carries, and why."""

OF_PERSONS: Mapping[str, str] = {
    "members": "people",
    "roster": "people",
    "appointments": "people",
    "parts": "people",
    "voices": "people",
    "nominations": "people",
    "entries": "names of persons are in what is hashed",
    "documents": "nothing without their entries",
    "leases": "people",
    "versions": "names of persons are in what is signed",
    "version_checks": "people",
    "cuts": "names of persons are in what is signed",
    "cut_versions": "nothing without their cuts",
    "key_rotations": "nothing without the versions signed",
    "keys": "nothing without the versions signed",
    "audit_events": "people",
    "brought_in": "who wrote what in a Word file",
    "marks": "nothing without their entries",
    "looks": "people",
    "wishes": "people",
    "version_attributions": "nothing without the versions they are of",
    "forum_texts": "nothing without the versions they are of",
    "volumes": "nothing without the versions annexed",
    "volume_annexes": "nothing without the versions annexed",
    "published_volumes": "names of persons are in what is signed",
    "public_versions": "nothing without the versions they are of",
}
"""Tables that are left out, too, where people are aside."""

PERSONAL: Mapping[str, tuple[str, ...]] = {
    "files": ("kept_by",),
    "eligibility_events": ("member", "name"),
    "contributions": ("handed_in_by", "handed_in_name"),
    "contribution_items": ("changed_by",),
    "consultation_rounds": ("created_by",),
    "round_changes": ("member", "name"),
    "comments": ("member", "name", "email"),
    "comment_history": ("member", "name"),
    "threads": ("author", "member", "settled_by", "brought_in"),
    "sg_sections": ("member", "name"),
    "sg_revisions": ("member", "name"),
    "sg_put_out": ("member", "name"),
    "sg_comments": ("member", "name", "answered_by"),
    "sg_comment_history": ("member", "name"),
    "document_numbers_given": ("member", "name"),
    "timetable_changes": ("member", "name"),
    "phase_extensions": ("member", "name"),
    "rule_warnings": ("member", "name"),
    "timetable_files": ("member", "name"),
}
"""Columns that are blanked where people are aside, in tables that are carried."""

IMPERSONAL = frozenset(
    {"process", "delegations", "opinions", "contribution_sources", "contribution_opinions", "contribution_files"}
    | {"round_texts", "comment_files", "speaking_groups", "speaking_group_members"}
)
"""Tables that are carried always, and name no person."""

TOLD = ("consultation_rounds", "round_texts", "round_changes", "comments", "comment_files", "comment_history")
"""Tables of a file without people that are not brought in: they stand on signed versions, which are not there."""

SECRET: Mapping[str, tuple[str, ...]] = {
    "comments": ("token_hash",),
    "nominations": ("link",),
    "documents": ("drafting_group",),
}
"""Columns that are blanked always."""


def carried(*, with_people: bool) -> tuple[Table, ...]:
    """The tables that a file carries, those that others refer to first."""
    left_out = set(WITHHELD) if with_people else set(WITHHELD) | set(OF_PERSONS)
    return tuple(table for table in metadata.sorted_tables if table.name not in left_out)


def write_archive(connection: Connection, file: IO[bytes], now: datetime, *, with_people: bool) -> int:
    """Write the process into a file: how many rows it has. One row is one line, so that two files can be compared."""
    rows = 0
    head = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.astimezone(UTC).isoformat(),
        "program": f"unbracket {version('unbracket')}",
        "schema": max(steps_of(connection)),
        "people": with_people,
    }
    file.write(_line(head)[:-1] + b',\n"tables":{')
    for position, table in enumerate(carried(with_people=with_people)):
        file.write((b",\n" if position else b"\n") + _line(table.name) + b":[")
        for number, row in enumerate(_rows(connection, table, with_people=with_people)):
            file.write((b",\n" if number else b"\n") + _line(row))
            rows += 1
        file.write(b"]")
    file.write(b"}")
    if not with_people:
        file.write(b',\n"texts":[')
        for number, opinion in enumerate(list_opinions(connection)):
            file.write((b",\n" if number else b"\n") + _line(_text(connection, opinion.id)))
        file.write(b"]")
    file.write(b"}\n")
    return rows


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _rows(connection: Connection, table: Table, *, with_people: bool) -> Iterator[dict[str, Any]]:
    blank = {*SECRET.get(table.name, ()), *(() if with_people else PERSONAL.get(table.name, ()))}
    for row in connection.execute(_chosen(table, with_people=with_people)).mappings():
        yield {
            column.name: _blank(column) if column.name in blank else spelled(column, row[column])
            for column in table.columns
        }


def _chosen(table: Table, *, with_people: bool) -> Select[Any]:
    """All rows of a table that are the group's; never a workspace's log, nor what somebody has not yet handed in."""
    chosen = select(table).order_by(*table.primary_key.columns)
    confirmed = select(comments.c.id).where(comments.c.state != State.UNCONFIRMED)
    match table.name:
        case "documents":
            return chosen.where(IS_OPINION)
        case "entries" | "leases":
            return chosen.where(table.c.document.in_(select(documents.c.id).where(IS_OPINION)))
        case "comments":
            return chosen.where(table.c.id.in_(confirmed))
        case "comment_history" | "comment_files":
            return chosen.where(table.c.comment.in_(confirmed))
        case "brought_in":
            return chosen.where(_entered)
        case "threads":
            return chosen.where(table.c.audience == "all")
        case "files":
            kept = [
                select(contribution_files.c.file),
                select(comment_files.c.file).where(comment_files.c.comment.in_(confirmed)),
                select(sg_revisions.c.file).where(sg_revisions.c.file.is_not(None)),
            ]
            if with_people:
                kept.append(select(brought_in.c.file).where(_entered))
            return chosen.where(table.c.id.in_(union(*kept)))
    return chosen


_entered = brought_in.c.state == "entered"


def spelled(column: Column[Any], value: Any) -> Any:
    """A value of a column as JSON has it."""
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64encode(value).decode()
    if isinstance(column.type, UtcTime | Date):
        return value.isoformat()
    return value


def _blank(column: Column[Any]) -> Any:
    return None if column.nullable else ""


def _text(connection: Connection, opinion: str) -> dict[str, Any]:
    """A draft Opinion's living text and record without names of persons, and the canonical texts of its versions."""
    told = nameless(_living(connection, opinion))
    record = told.record
    return {
        "opinion": opinion,
        "paragraphs": [
            {
                "id": paragraph.id,
                "kind": paragraph.kind.value,
                "level": paragraph.level,
                "added": paragraph.added,
                "runs": runs_to_json(paragraph.runs),
            }
            for paragraph in told.text
        ],
        "record": dict(
            [
                *map(write_entry, record.paragraphs.values()),
                *map(write_entry, record.amendments.values()),
                write_entry(record.opinion),
            ]
        ),
        "versions": [
            {
                "number": one.number,
                "label": one.label,
                "milestone": one.milestone,
                "frozen_at": one.frozen_at.isoformat(),
                "fingerprint": one.fingerprint,
                "text": one.text,
            }
            for one in log_store.load_versions(connection, opinion)
        ],
    }


def _living(connection: Connection, opinion: str) -> Document:
    """The text and record as the Opinion's own log has them: no drafts."""
    log = log_store.load_log(connection, opinion)
    first = (log.snapshot.state,) if log.snapshot else ()
    return SharedDocument(OPINION_CLIENT, (*first, *(one for entry in log.tail for one in entry.updates))).view()
