"""Word files brought in: each is kept with what was chosen of it until it is entered or discarded.

Personal to who brought it in and to the secretariat until it is entered; then it stands in the register.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from opinions.incoming import IncomingDocument
from opinions.incoming_json import document_json, document_of
from server.errors import ServerError
from server.tables.papers import files
from server.tables.word_in import brought_in

MAX_SOURCE = 100
"""Characters of a document's number; the longest seen has 30."""
MAX_OPEN = 20
"""Files that one person may have under way in one Opinion: each keeps its reading in the database."""
MAX_CHOICES = 1024 * 1024
"""Characters of what was chosen: five thousand differences, each with its key and answer, take half of it."""


class BringingRefused(ServerError):
    """Raised when a file cannot be brought in; `field` names what to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownBringing(ServerError):
    """Raised when nothing of this id was brought into this Opinion."""


@dataclass(frozen=True, slots=True)
class Bringing:
    """One file under way, or entered. `kind` is `contribution` or `consolidated`, `state` `looked_at`, `entered` or
    `discarded`; `file_name` is the name it was handed in under.
    """

    id: str
    opinion: str
    file: str
    file_name: str
    source: str
    contribution: str
    kind: str
    delegation: str
    state: str
    by_member: str
    by_name: str
    at: datetime
    entered_at: datetime | None
    entered_by: str
    seq: int
    choices: dict[str, Any]
    report: dict[str, Any]

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"/opinions/{self.opinion}/word-in/{self.id}"


def start(
    connection: Connection,
    opinion: str,
    file_id: str,
    source: str,
    *,
    by: str,
    by_name: str,
    at: datetime,
    delegation: str = "",
    kind: str = "contribution",
    contribution: str = "",
) -> str:
    """Begin to bring a kept file (`server.files_store`) into an Opinion; its id. The person goes on at
    `/opinions/{opinion}/word-in/{id}`, where the file is read and shown before anything is entered.

    `source` is the number of the document (`IEG-WTPF-26-4/12`), `delegation` whose contribution it is (a code; empty:
    of several), `contribution` its id in the register. Raises `BringingRefused`.
    """
    source = " ".join(source.split())
    if len(source) > MAX_SOURCE or not source.isprintable():
        raise BringingRefused("source", f"A document number has at most {MAX_SOURCE} characters.")
    mine = select(func.count()).where(
        brought_in.c.opinion == opinion, brought_in.c.by_member == by, brought_in.c.state == "looked_at"
    )
    if (connection.scalar(mine) or 0) >= MAX_OPEN:
        raise BringingRefused("file", f"You have {MAX_OPEN} files under way here. Enter or discard one of them first.")
    bringing = f"w-{secrets.token_hex(8)}"
    connection.execute(
        insert(brought_in).values(
            id=bringing,
            opinion=opinion,
            file=file_id,
            source=source,
            contribution=contribution,
            kind=kind,
            delegation=delegation,
            state="looked_at",
            by_member=by,
            by_name=by_name,
            at=at,
        )
    )
    return bringing


_COLUMNS = [column for column in brought_in.c if column.name != "reading"]


def find(connection: Connection, opinion: str, bringing: str) -> Bringing:
    """One of them. Raises `UnknownBringing`."""
    chosen = select(*_COLUMNS, files.c.name.label("file_name")).join(files, files.c.id == brought_in.c.file)
    row = connection.execute(chosen.where(brought_in.c.id == bringing, brought_in.c.opinion == opinion)).mappings()
    found = row.one_or_none()
    if found is None:
        raise UnknownBringing("Nothing of this name was brought in here.")
    return _bringing(found)


def register(connection: Connection, opinion: str) -> tuple[Bringing, ...]:
    """All that was brought into an Opinion and not discarded, the newest first."""
    chosen = select(*_COLUMNS, files.c.name.label("file_name")).join(files, files.c.id == brought_in.c.file)
    rows = connection.execute(
        chosen.where(brought_in.c.opinion == opinion, brought_in.c.state != "discarded").order_by(
            brought_in.c.at.desc(), brought_in.c.id
        )
    ).mappings()
    return tuple(_bringing(row) for row in rows)


def of_contribution(connection: Connection, contribution: str) -> tuple[Bringing, ...]:
    """What was brought in of a contribution of the register, the newest first."""
    chosen = select(*_COLUMNS, files.c.name.label("file_name")).join(files, files.c.id == brought_in.c.file)
    rows = connection.execute(
        chosen.where(brought_in.c.contribution == contribution, brought_in.c.state != "discarded").order_by(
            brought_in.c.at.desc(), brought_in.c.id
        )
    ).mappings()
    return tuple(_bringing(row) for row in rows)


def reading_of(connection: Connection, bringing: str) -> IncomingDocument | None:
    """What its file says; None while it was not read."""
    written = connection.scalar(select(brought_in.c.reading).where(brought_in.c.id == bringing))
    return document_of(json.loads(written)) if written else None


def keep_reading(connection: Connection, bringing: str, document: IncomingDocument) -> None:
    """Keep what its file says: it is read once."""
    written = json.dumps(document_json(document), ensure_ascii=False, separators=(",", ":"))
    connection.execute(update(brought_in).where(brought_in.c.id == bringing).values(reading=written))


def keep_choices(connection: Connection, bringing: str, choices: dict[str, Any]) -> None:
    """Keep what was chosen so far, of one that is not entered yet."""
    written = json.dumps(choices, ensure_ascii=False, separators=(",", ":"))
    if len(written) > MAX_CHOICES:
        raise BringingRefused("", "There is more to choose here than one form holds. Bring the file in by parts.")
    connection.execute(
        update(brought_in).where(brought_in.c.id == bringing, brought_in.c.state == "looked_at").values(choices=written)
    )


def discard(connection: Connection, bringing: str) -> None:
    """Put it aside for good; the file stays kept."""
    connection.execute(
        update(brought_in)
        .where(brought_in.c.id == bringing, brought_in.c.state == "looked_at")
        .values(state="discarded", reading="")
    )


def entered(
    connection: Connection, bringing: str, *, by_name: str, at: datetime, seq: int, report: dict[str, Any]
) -> bool:
    """Note that it was entered; False when it was already."""
    changed = connection.execute(
        update(brought_in)
        .where(brought_in.c.id == bringing, brought_in.c.state == "looked_at")
        .values(
            state="entered",
            entered_at=at,
            entered_by=by_name,
            seq=seq,
            report=json.dumps(report, ensure_ascii=False, separators=(",", ":")),
        )
    )
    return changed.rowcount == 1


def _bringing(row: RowMapping) -> Bringing:
    fields = dict(row)
    return Bringing(**{**fields, "choices": json.loads(fields["choices"]), "report": json.loads(fields["report"])})
