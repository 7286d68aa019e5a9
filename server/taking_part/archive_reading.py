"""A process read back from its file, into a server that holds none yet: everything of it, or nothing.

Every value is checked against its column, every log and version against its hashes and signatures, before anything is
kept. Who is here already (whoever set the server up) stays; somebody in the file with the same e-mail is the same
person.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from crdt.founding import founding_entry
from crdt.step import Append
from opinions.errors import OpinionError
from opinions.model import AmendmentId, Kind, Mark, Opinion, Paragraph, ParagraphId, Run
from opinions.process_rules import from_json as rules_from_json
from opinions.record import Amendment, Document, OnTable, OpinionRecord, ParagraphRecord, Record
from opinions.record_json import read_entry
from server import log_store
from server.errors import ServerError
from server.freezes.rotation import go_on_with
from server.schema import steps_of
from server.signing import SigningKey
from server.tables import keys, members, metadata, opinions, process
from server.tables.base import UtcTime
from server.taking_part.archive import FORMAT, TOLD, VERSION, carried
from server.verify import verify

MAX_BYTES = 1024 * 1024 * 1024
"""Bytes of a file: four hundred contributions with their Word files, and logs of a year, stay far below."""
AT_ONCE = 500
"""Rows put in by one statement."""
_NUMBERED_ANEW = frozenset(
    table.name for table in metadata.sorted_tables if any(column.autoincrement is True for column in table.columns)
)
"""Tables whose rows the database counts: it counts on here, for it may have rows of its own, and so that it knows which
number comes next.
"""
_NONE_YET = ("opinions", "delegations", "eligibility_events", "contributions", "consultation_rounds")
"""Tables of which a server that takes a process has no row."""


class ArchiveRefused(ServerError):
    """Raised when a file is not a process, or cannot be brought in here; nothing of it was."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What was brought in. `versions_told` and `comments_told` are those of a file without people: they stay in it."""

    name: str
    opinions: int
    people: int
    rows: int
    versions_told: int
    comments_told: int = 0


def read_archive(connection: Connection, content: bytes, by: str, now: datetime, key: SigningKey) -> BroughtIn:
    """Bring a process in. `by` names who does, `key` signs here from now on, which is put on record. Raises
    `ArchiveRefused`; the transaction must then be rolled back.
    """
    archive = _parsed(content)
    _require_fitting(connection, archive)
    with_people = archive["people"] is True
    tables = _object(archive.get("tables"), "tables")
    known = {table.name: table for table in carried(with_people=with_people)}
    if unknown := sorted(set(tables) - set(known)):
        raise ArchiveRefused(f"The file has a table {unknown[0]!r}, which no process has.")
    same = _same_people(connection, _rows(tables, "members"))
    count = 0
    for table in known.values():
        rows = _rows(tables, table.name)
        if with_people or table.name not in TOLD:
            count += _bring(connection, table, rows, same)
    told = 0
    if not with_people:
        told = _found_all(connection, archive, by, now)
    if findings := [f"{one.document}: {finding}" for one in verify(connection) for finding in one.findings]:
        raise ArchiveRefused(f"What the file holds does not agree with itself. {findings[0]}")
    go_on_with(connection, key, now)
    name = str(connection.scalar(select(process.c.name)) or "")
    counted = {name: len(_rows(tables, name)) for name in ("opinions", "members", "comments")}
    comments = 0 if with_people else counted["comments"]
    return BroughtIn(name, counted["opinions"], counted["members"], count, told, comments)


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise ArchiveRefused(f"The file has more than {MAX_BYTES // 2**20} MiB.")
    try:
        archive = json.loads(content)
    except (ValueError, RecursionError):
        raise ArchiveRefused("The file is not JSON.") from None
    if not isinstance(archive, dict) or archive.get("format") != FORMAT:
        raise ArchiveRefused("The file is not a process that was written out (format).")
    return archive


def _require_fitting(connection: Connection, archive: Mapping[str, Any]) -> None:
    if archive.get("version") != VERSION:
        found = archive.get("version")
        raise ArchiveRefused(f"The file is of version {found!r}; this program reads version {VERSION}.")
    ours = max(steps_of(connection))
    if archive.get("schema") != ours:
        raise ArchiveRefused(
            f"The file's tables are of step {archive.get('schema')!r}, those of this program of {ours!r}. "
            "Write it out and bring it in with the same release."
        )
    if not isinstance(archive.get("people"), bool):
        raise ArchiveRefused("The file does not say whether people are in it (people).")
    for table in _NONE_YET:
        if connection.scalar(select(func.count()).select_from(metadata.tables[table])):
            what = table.replace("_", " ")
            raise ArchiveRefused(f"There are {what} here already. A process is brought into a server that has none.")


# --- rows


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArchiveRefused(f"{what} is not an object.")
    return value


def _rows(tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = tables.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ArchiveRefused(f"The table {name!r} is not a list of objects.")
    return rows


def _same_people(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Ids of the file by the ids of those who are here already, told by e-mail."""
    here = {row.email: row.id for row in connection.execute(select(members)) if row.email}
    return {str(row.get("id")): here[row["email"]] for row in rows if row.get("email") in here}


def _bring(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], same: Mapping[str, str]) -> int:
    if table is process:
        connection.execute(delete(process))
    values = [_values(table, row, number, same) for number, row in enumerate(rows)]
    if table is process and len(values) != 1:
        raise ArchiveRefused("The file holds no process, or several.")
    if table is process:
        values = [{**values[0], "demo": False}]
        try:
            rules_from_json(json.loads(values[0]["rules"]))
        except (ValueError, OpinionError) as error:
            raise ArchiveRefused(f"The rules of the process do not fit: {error}") from None
    if table is members:
        values = [one for one in values if one["id"] not in same.values()]
    elif table is keys or any(_names_a_member(table, column) for column in table.primary_key):
        # What is known here of somebody who is the same person stays as it is.
        own = [column.name for column in table.primary_key]
        here = {tuple(row) for row in connection.execute(select(*table.primary_key.columns))}
        values = [one for one in values if tuple(one[name] for name in own) not in here]
    for column in table.columns:
        if any(key.column.table is table for key in column.foreign_keys):
            values.sort(key=lambda one, name=column.name: one[name] is not None)  # type: ignore[misc]
    for start in range(0, len(values), AT_ONCE):
        try:
            connection.execute(insert(table), values[start : start + AT_ONCE])
        except IntegrityError as error:
            raise ArchiveRefused(f"Rows of {table.name!r} do not fit what is there: {error.orig}") from None
    return len(values)


def _values(table: Table, row: Mapping[str, Any], number: int, same: Mapping[str, str]) -> dict[str, Any]:
    columns = {column.name: column for column in table.columns}
    if unknown := sorted(set(row) - set(columns)):
        raise ArchiveRefused(f"{table.name}[{number}] has a field {unknown[0]!r}, which is not known.")
    values: dict[str, Any] = {}
    for name, column in columns.items():
        if table.name in _NUMBERED_ANEW and column.primary_key:
            continue
        if name not in row:
            raise ArchiveRefused(f"{table.name}[{number}] lacks the field {name!r}.")
        try:
            value = _value(column, row[name])
        except (ValueError, TypeError):
            raise ArchiveRefused(f"{table.name}[{number}].{name} does not fit.") from None
        if isinstance(value, str) and value in same and _names_a_member(table, column):
            value = same[value]
        values[name] = value
    return values


def _names_a_member(table: Table, column: Column[Any]) -> bool:
    """Whether a column holds the id of a member that must be here. What was written as history stays as it was."""
    if table is members:
        return column.name == "id"
    return any(key.column.table is metadata.tables["members"] for key in column.foreign_keys)


def _value(column: Column[Any], given: object) -> Any:
    if given is None:
        if not column.nullable:
            raise ValueError(column.name)
        return None
    kind = column.type
    if isinstance(kind, LargeBinary):
        return base64.b64decode(_text(given), validate=True)
    if isinstance(kind, UtcTime):
        time = datetime.fromisoformat(_text(given))
        if time.tzinfo is None:
            raise ValueError(given)
        return time
    if isinstance(kind, Date):
        return date.fromisoformat(_text(given))
    if isinstance(kind, Boolean):
        if not isinstance(given, bool):
            raise TypeError(given)
        return given
    if isinstance(kind, BigInteger | Integer):
        if isinstance(given, bool) or not isinstance(given, int) or not -(2**63) <= given < 2**63:
            raise TypeError(given)
        return given
    return _text(given)


def _text(given: object) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise TypeError(given)
    given.encode()
    return given


# --- texts of a file without people


def _found_all(connection: Connection, archive: Mapping[str, Any], by: str, now: datetime) -> int:
    given = archive.get("texts", [])
    if not isinstance(given, list):
        raise ArchiveRefused("texts is not a list.")
    texts = {one.get("opinion"): one for one in (_object(each, "texts[]") for each in given)}
    told = 0
    for opinion in connection.scalars(select(opinions.c.id)).all():
        if opinion not in texts:
            raise ArchiveRefused(f"The file has no text of {opinion!r}.")
        try:
            document = _document(texts[opinion])
        except (KeyError, TypeError, ValueError, OpinionError) as error:
            raise ArchiveRefused(f"The text of {opinion!r} does not fit ({type(error).__name__}: {error}).") from None
        log_store.found_document(connection, opinion, opinion)
        entry = founding_entry(opinion, document, member="", name=by, at=now, source="a process brought in")
        log_store.append(connection, opinion, (Append(opinion, 0, 1, (entry,)),), "", now)
        told += len(texts[opinion].get("versions", []))
    return told


def _document(text: Mapping[str, Any]) -> Document:
    paragraphs = tuple(
        Paragraph(
            ParagraphId(_text(one["id"])),
            Kind(one["kind"]),
            int(one["level"]),
            tuple(Run(_text(run), frozenset(Mark.from_key(key) for key in marks)) for run, marks in one["runs"]),
            None if one["added"] is None else AmendmentId(_text(one["added"])),
        )
        for one in text["paragraphs"]
    )
    amendments: dict[AmendmentId, Amendment] = {}
    records: dict[ParagraphId, ParagraphRecord] = {}
    whole = OpinionRecord()
    table: dict[str, OnTable] = {}
    for key, spelling in _object(text["record"], "record").items():
        match read_entry(key, spelling):
            case Amendment() as amendment:
                amendments[amendment.id] = amendment
            case ParagraphRecord() as record:
                records[record.id] = record
            case OpinionRecord() as found:
                whole = found
            case on_table:
                table[key] = on_table
    whole_record = Record(MappingProxyType(amendments), MappingProxyType(records), whole, MappingProxyType(table))
    return Document(Opinion(paragraphs), whole_record)
