"""Where what a contribution says stands now: after splits, joins, moves and renumbering, and in any version.

By paragraph id first, for ids survive almost everything; where a paragraph was split, by the words among its parts;
where it was joined to another, by its words (`opinions.landing`). What is found nowhere is told as gone and is listed
with its number: nothing is dropped.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from opinions.landing import landings
from opinions.model import ParagraphId
from opinions.numbering import citations
from opinions.record import Document
from server.contributions.values import Anchor
from server.presenting.lineage import lineage
from server.tables import entries

MAX_SPLITS = 10_000
"""Splits that are followed in one Opinion; a text of a year's meetings has some dozens."""


@dataclass(frozen=True, slots=True)
class Split:
    """At entry `seq` of an Opinion's log a paragraph was cut in two; `second` is the new one."""

    opinion: str
    seq: int
    paragraph: ParagraphId
    second: ParagraphId


@dataclass(frozen=True, slots=True)
class Place:
    """Where an anchor is in a text: the paragraph, None when it is gone (or when it never had one), and how the room
    cites it there. `start` is where its words begin, None where they stand there no longer.
    """

    paragraph: ParagraphId | None
    cited: str
    start: int | None = None
    followed: bool = False


def splits(connection: Connection, opinion: str) -> tuple[Split, ...]:
    """The splits in an Opinion's log, in their order."""
    chosen = (
        select(entries.c.seq, entries.c.command)
        .where(
            entries.c.document == opinion, entries.c.kind == "command", entries.c.command.contains("split_paragraph")
        )
        .order_by(entries.c.seq)
        .limit(MAX_SPLITS)
    )
    found = ((row.seq, json.loads(row.command)) for row in connection.execute(chosen))
    return tuple(
        Split(opinion, seq, ParagraphId(command["paragraph"]), ParagraphId(command["new_paragraph"]))
        for seq, command in found
        if command.get("act") == "split_paragraph"
    )


def all_splits(connection: Connection, opinion: str) -> tuple[Split, ...]:
    """The splits in an Opinion's log and, before these, in those of what it was made of."""
    forebears = [one.opinion for one in lineage(connection, opinion)]
    return tuple(cut for one in (*reversed(forebears), opinion) for cut in splits(connection, one))


def places(anchors: Sequence[Anchor], document: Document, cuts: Iterable[Split]) -> tuple[Place, ...]:
    """Where each anchor is in a text, in their order."""
    texts = {paragraph.id: paragraph.text for paragraph in document.text}
    cited = citations(document)
    known = tuple(cuts)
    return tuple(_place(anchor, texts, cited, known) for anchor in anchors)


def _place(
    anchor: Anchor, texts: Mapping[ParagraphId, str], cited: Mapping[ParagraphId, str], cuts: Sequence[Split]
) -> Place:
    if anchor.paragraph is None:
        return Place(None, anchor.cited)
    found = _among_parts(anchor, texts, cuts) or _by_words(anchor, texts)
    if found is None:
        return Place(None, anchor.cited, followed=True)
    return Place(found, cited[found], where(texts[found], anchor), found != anchor.paragraph)


def _among_parts(anchor: Anchor, texts: Mapping[ParagraphId, str], cuts: Sequence[Split]) -> ParagraphId | None:
    assert anchor.paragraph is not None
    parts = [anchor.paragraph]
    for cut in cuts:
        # Splits in what the Opinion was merged into, or split off as, all came after.
        if (cut.seq > anchor.seq or cut.opinion != anchor.opinion) and cut.paragraph in parts:
            parts.append(cut.second)
    standing = [part for part in parts if part in texts]
    if anchor.was and not any(anchor.was in texts[part] for part in standing) and len(standing) < len(parts):
        # A part was joined to another paragraph, and its words went along.
        holding = [paragraph for paragraph, text in texts.items() if anchor.was in text]
        if len(holding) == 1:
            return holding[0]
    with_words = [part for part in standing if anchor.was in texts[part]]
    return next(iter(with_words or standing), None)


def _by_words(anchor: Anchor, texts: Mapping[ParagraphId, str]) -> ParagraphId | None:
    assert anchor.paragraph is not None
    return landings({anchor.paragraph: anchor.context}, [anchor.paragraph], texts)[anchor.paragraph].paragraph


def where(text: str, anchor: Anchor) -> int | None:
    """Where in a paragraph the anchor's words begin: of several places the one nearest to where they stood; None
    where they stand no longer, or where the anchor has none.
    """
    if not anchor.was:
        return None
    found: list[int] = []
    at = text.find(anchor.was)
    while at >= 0:
        found.append(at)
        at = text.find(anchor.was, at + 1)
    return min(found, key=lambda one: abs(one - anchor.start)) if found else None
