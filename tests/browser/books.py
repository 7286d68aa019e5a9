"""What the server has of an Opinion, read from its database file by the tests themselves: the other half of every
scenario, beside what people see.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crdt.document import SharedDocument
from crdt.log import updates_of
from crdt.stream import OPINION_CLIENT, WORKSPACE_CLIENT
from opinions.model import AmendmentId, ParagraphId
from opinions.record import Amendment, Document, Status
from tests.support.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of a log: who did what, for whom."""

    seq: int
    kind: str
    member: str
    name: str
    party: str
    typist: str
    command: dict[str, Any]
    client: int
    n: int
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Books:
    """The database of a running server, only read."""

    database: Path

    def opinion_called(self, title: str) -> str:
        """The id of the Opinion with this title."""
        with self._reading() as connection:
            (found,) = connection.execute("SELECT id FROM opinions WHERE title = ?", (title,)).fetchone()
        return str(found)

    def log(self, opinion: str, delegation: str | None = None) -> list[Logged]:
        """The log of an Opinion, or of a delegation's workspace; empty while there is none."""
        with self._reading() as connection:
            return _lines(connection, opinion, delegation)

    def document(self, opinion: str, delegation: str | None = None) -> Document:
        """Text and record as the log has them; with a delegation, what that delegation sees, drafts included."""
        with self._reading() as connection:
            updates = [u for line in _lines(connection, opinion, None) for u in updates_of(line.payload)]
            client = OPINION_CLIENT
            if delegation is not None:
                client = WORKSPACE_CLIENT
                updates += [u for line in _lines(connection, opinion, delegation) for u in updates_of(line.payload)]
        return SharedDocument(client, updates).view()

    def paragraph(self, opinion: str, words: str) -> ParagraphId:
        """The paragraph that holds these words, drafts aside."""
        found = [one.id for one in self.document(opinion).text if words in one.text]
        assert len(found) == 1, f"{len(found)} paragraphs hold {words!r}"
        return found[0]

    def amendment(self, opinion: str, amendment: str, delegation: str | None = None) -> Amendment:
        """What is on record of an amendment. `KeyError` when nothing is."""
        return self.document(opinion, delegation).record.amendments[AmendmentId(amendment)]

    def until_status(self, opinion: str, amendment: str, status: Status) -> Amendment:
        """Wait until an amendment stands so on record."""

        def stands() -> bool:
            found = self.document(opinion).amendment(amendment)
            return found is not None and found.status is status

        wait_until(stands, f"{amendment} to be {status.value}")
        return self.amendment(opinion, amendment)

    def version(self, opinion: str, number: int) -> dict[str, Any]:
        """The row of a version."""
        with self._reading() as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute(
                "SELECT * FROM versions WHERE opinion = ? AND number = ?", (opinion, number)
            ).fetchone()
        return dict(row)

    def checks(self, opinion: str, number: int) -> list[tuple[str, bool]]:
        """Who computed a version's fingerprint in the browser, and whether it was the same."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT member, matches FROM version_checks WHERE opinion = ? AND number = ?", (opinion, number)
            ).fetchall()
        return [(str(member), bool(matches)) for member, matches in rows]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            yield connection
        finally:
            connection.close()


def _lines(connection: sqlite3.Connection, opinion: str, delegation: str | None) -> list[Logged]:
    rows = connection.execute(
        "SELECT entries.seq, kind, member, name, party, typist, command, client, n, payload"
        " FROM entries JOIN documents ON documents.id = entries.document"
        " WHERE documents.opinion = ? AND documents.delegation IS ? ORDER BY entries.seq",
        (opinion, delegation),
    )
    return [
        Logged(seq, kind, member, name, party, typist, _command(command), client or 0, n or 0, payload)
        for seq, kind, member, name, party, typist, command, client, n, payload in rows
    ]


def _command(text: str) -> dict[str, Any]:
    """A command's fields; an import's line holds where the text came from instead."""
    if not text.startswith("{"):
        return {}
    found = json.loads(text)
    assert isinstance(found, dict)
    return found
