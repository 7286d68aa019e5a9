"""Threads that began in the margins of Word files: the comments of a file that was entered, at their paragraph and
words. Their authors are names, not people of the process; all members of the group see them.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from opinions.incoming import IncomingComment
from opinions.model import DelegationCode, ParagraphId
from server.tables.threads import threads
from server.threads.limits import MAX_WORDS
from server.threads.store import printable

MAX_BROUGHT = 20_000
"""Characters of one comment of a file as kept; the reader of files cuts longer ones too."""
MAX_AUTHOR = 200
"""Characters of a name that a file gives."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands: a paragraph of the living text (empty: the whole text), and the words there."""

    paragraph: ParagraphId
    words: str


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
                words=printable(place.words)[:MAX_WORDS],
                delegation=parties.get(one.author, ""),
                author=printable(one.author)[:MAX_AUTHOR],
                text=printable(one.text)[:MAX_BROUGHT],
                source=source,
                brought_in=bringing,
                written_at=one.at,
                entered_at=at,
            )
        )
        kept[one.id] = thread
    return len(kept)


def _first_of(comment: IncomingComment, by_id: Mapping[str, IncomingComment]) -> IncomingComment:
    seen = {comment.id}
    while comment.parent in by_id and comment.parent not in seen:
        comment = by_id[comment.parent]
        seen.add(comment.id)
    return comment
