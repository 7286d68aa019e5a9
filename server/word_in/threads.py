"""Threads: what delegations wrote in the margins of their files, at the paragraph and words it is about."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from opinions.incoming import IncomingComment
from opinions.model import DelegationCode, ParagraphId
from server.tables.word_in import threads

MAX_TEXT = 20_000
"""Characters of one comment as kept; the reader cuts longer ones too."""
MAX_WORDS = 300
"""Characters of the words a comment is about, as kept beside it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands: a paragraph of the living text (empty: the whole text), and the words there."""

    paragraph: ParagraphId
    words: str


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a thread."""

    id: str
    paragraph: str
    words: str
    delegation: str
    author: str
    text: str
    source: str
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Thread:
    """A note and what answers it, in the order written."""

    first: Note
    answers: tuple[Note, ...]


def keep(
    connection: Connection,
    opinion: str,
    comments: Sequence[IncomingComment],
    places: Mapping[str, Place],
    parties: Mapping[str, DelegationCode],
    *,
    source: str,
    bringing: str,
    at: datetime,
) -> int:
    """Keep the comments of a file as threads; how many. An answer to an answer joins the thread it is in."""
    by_id = {one.id: one for one in comments}
    kept: dict[str, str] = {}
    for one in comments:
        first = _first_of(one, by_id)
        if not one.text.strip():
            continue
        place = places.get(first.id, Place(ParagraphId(""), ""))
        thread = f"t-{secrets.token_hex(8)}"
        connection.execute(
            insert(threads).values(
                id=thread,
                opinion=opinion,
                parent=kept.get(first.id) if first is not one else None,
                paragraph=place.paragraph,
                words=_printable(place.words)[:MAX_WORDS],
                delegation=parties.get(one.author, ""),
                author=_printable(one.author)[:200],
                text=_printable(one.text)[:MAX_TEXT],
                source=source,
                brought_in=bringing,
                written_at=one.at,
                entered_at=at,
            )
        )
        kept[one.id] = thread
    return len(kept)


def of_opinion(connection: Connection, opinion: str) -> tuple[Thread, ...]:
    """All threads of an Opinion, in the order entered."""
    rows = connection.execute(
        select(threads)
        .where(threads.c.opinion == opinion)
        .order_by(threads.c.entered_at, threads.c.written_at, threads.c.id)
    ).all()
    answers: dict[str, list[Note]] = {}
    for row in rows:
        if row.parent is not None:
            answers.setdefault(row.parent, []).append(_note(row))
    return tuple(Thread(_note(row), tuple(answers.get(row.id, ()))) for row in rows if row.parent is None)


def count_of(connection: Connection, opinion: str) -> int:
    """How many threads an Opinion has."""
    chosen = select(func.count()).where(threads.c.opinion == opinion, threads.c.parent.is_(None))
    return connection.scalar(chosen) or 0


def _first_of(comment: IncomingComment, by_id: Mapping[str, IncomingComment]) -> IncomingComment:
    seen = {comment.id}
    while comment.parent in by_id and comment.parent not in seen:
        comment = by_id[comment.parent]
        seen.add(comment.id)
    return comment


def _note(row: object) -> Note:
    fields = ("id", "paragraph", "words", "delegation", "author", "text", "source", "written_at")
    return Note(**{name: getattr(row, name) for name in fields})


def _printable(text: str) -> str:
    """The text without control characters; line breaks stay."""
    return "".join(one for one in text if one == "\n" or one.isprintable()).strip()
