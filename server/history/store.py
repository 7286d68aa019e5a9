"""Chapters of histories in the database: kept when they end, read when a place in them is asked for.

They are a cache: what is here follows from the log, and is made again where it is missing or of another make.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from crdt.history import Chapter, Checkpoint, document_at, steps_from_json, steps_to_json
from opinions.record import Document
from opinions.steps import Step
from server import log_store
from server.tables.history import history_chapters as table

MAKE = 1
"""Rises with every change of what a chapter holds or how it is counted."""
_LEVEL = 1
"""Of compression: a state of 300 KB takes three milliseconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one history: the steps of its chapters, and the last checkpoint."""

    steps: tuple[Step, ...] = ()
    checkpoint: Checkpoint | None = None


def load(connection: Connection, opinion: str) -> Kept:
    """What is kept of an Opinion's history; nothing where any of it is of another make."""
    chosen = select(table.c.seq, table.c.make, table.c.steps).where(table.c.document == opinion).order_by(table.c.seq)
    rows = connection.execute(chosen).all()
    if not rows or any(row.make != MAKE for row in rows):
        return Kept()
    steps = tuple(step for row in rows for step in steps_from_json(zlib.decompress(row.steps).decode()))
    return Kept(steps, _checkpoint(connection, opinion, rows[-1].seq))


def keep(connection: Connection, opinion: str, chapters: Iterable[Chapter]) -> None:
    """Keep chapters; those that are there already stay, those of another make go."""
    connection.execute(delete(table).where(table.c.document == opinion, table.c.make != MAKE))
    there = set(connection.scalars(select(table.c.seq).where(table.c.document == opinion)))
    rows = [
        {
            "document": opinion,
            "seq": chapter.checkpoint.seq,
            "make": MAKE,
            "steps": zlib.compress(steps_to_json(chapter.steps).encode(), _LEVEL),
            "state": zlib.compress(chapter.checkpoint.state, _LEVEL),
            "ground": zlib.compress(chapter.checkpoint.ground.encode(), _LEVEL),
        }
        for chapter in chapters
        if chapter.checkpoint.seq not in there
    ]
    if rows:
        connection.execute(insert(table), rows)


def forget(connection: Connection, opinion: str) -> None:
    """Throw away what is kept of an Opinion's history."""
    connection.execute(delete(table).where(table.c.document == opinion))


def checkpoint_before(connection: Connection, opinion: str, seq: int) -> Checkpoint | None:
    """The last checkpoint that is not behind an entry, or None."""
    chosen = (
        select(table.c.seq)
        .where(table.c.document == opinion, table.c.make == MAKE, table.c.seq <= seq)
        .order_by(table.c.seq.desc())
        .limit(1)
    )
    found = connection.scalar(chosen)
    return None if found is None else _checkpoint(connection, opinion, found)


def texts_at(connection: Connection, opinion: str, *seqs: int) -> tuple[Document, ...]:
    """Text and record after each of these entries, in rising order: from the checkpoint before the first."""
    checkpoint = checkpoint_before(connection, opinion, seqs[0])
    after = checkpoint.seq if checkpoint else 0
    limit = seqs[-1] - after
    entries = tuple(log_store.load_entries(connection, opinion, after=after, limit=limit)) if limit else ()
    return document_at(checkpoint, entries, *seqs)


def _checkpoint(connection: Connection, opinion: str, seq: int) -> Checkpoint:
    chosen = select(table.c.state, table.c.ground).where(table.c.document == opinion, table.c.seq == seq)
    row = connection.execute(chosen).one()
    return Checkpoint(seq, zlib.decompress(row.state), zlib.decompress(row.ground).decode())
