"""Where the words of a text come from: who proposed them, what was said of them, how they became text.

Every character carries the amendment that it is of, pending (`insertion`) or agreed (`origin`), through acceptance,
splits, joins, moves and freezes; the record says the rest. What carries none is base text, and the ground
(`opinions.ground`) says who put it there. Nothing here is guessed from the words (opinions/SPEC.md, PV).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from opinions.errors import UnknownParagraph
from opinions.ground import Founding, Ground
from opinions.model import AmendmentId, MarkKind, Paragraph, ParagraphId, Run
from opinions.on_table import Call
from opinions.record import SECRETARIAT, Amendment, AmendmentKind, Document, Removed, Status
from opinions.spoken import Decision
from opinions.words import marks_of, words

_TAKEN_IN = frozenset({Status.AGREED, Status.AGREED_AD_REFERENDUM})


class Source(StrEnum):
    """What a stretch of words is."""

    BASE = "base"
    EDITORIAL = "editorial"
    PROPOSED = "proposed"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Origin:
    """A stretch of a paragraph of one provenance: the characters from `start` up to `end`.

    `amendment` is the one that proposes the words, or proposed them; None for base text, of which `founding` says who
    put it there (None where the history is not at hand). `struck` propose that the words go, `brackets` hold them;
    `compromised` are the amendments for which the words stand as a compromise, or that were merged into theirs.
    """

    start: int
    end: int
    text: str
    source: Source
    amendment: Amendment | None = None
    founding: Founding | None = None
    struck: tuple[Amendment, ...] = ()
    brackets: tuple[Amendment, ...] = ()
    compromised: tuple[Amendment, ...] = ()
    call: Call | None = None

    @property
    def decision(self) -> Decision | None:
        """The ruling by which the words are text; None for words that no ruling made so."""
        return None if self.amendment is None or self.source is Source.PROPOSED else deciding(self.amendment)


@dataclass(frozen=True, slots=True)
class Gone:
    """Words that are no longer in the text, or a whole paragraph, and the amendment by whose decision they went.

    `amendment` is the one that had proposed them; None for base text. `after`: what a whole paragraph stood behind.
    """

    paragraph: ParagraphId
    text: str
    by: Amendment
    amendment: Amendment | None = None
    whole: bool = False
    after: ParagraphId | None = None

    @property
    def decision(self) -> Decision | None:
        """The ruling with which they went; None for what its author withdrew."""
        return self.by.decisions[-1] if self.by.decisions and self.by.status is not Status.WITHDRAWN else None


def provenance_of(document: Document, paragraph_id: str, ground: Ground | None = None) -> tuple[Origin, ...]:
    """The provenance of every character of a paragraph, in order, neighbours of one provenance together (PV1).

    Raises `UnknownParagraph`.
    """
    paragraph = document.text.find(paragraph_id)
    if paragraph is None:
        raise UnknownParagraph(paragraph_id)
    merged = _merged(document)
    found: list[Origin] = []
    for origin in _origins(document, paragraph, ground or Ground(), merged):
        last = found[-1] if found else None
        if last is not None and _alike(last, origin):
            found[-1] = _extended(last, origin)
        else:
            found.append(origin)
    return tuple(found)


def deciding(amendment: Amendment) -> Decision | None:
    """The last ruling that took an amendment's words in; None while it is not taken in."""
    if amendment.status not in _TAKEN_IN:
        return None
    return next((one for one in reversed(amendment.decisions) if one.ruling.value in _TAKEN_IN), None)


def removed(document: Document, paragraph_id: str | None = None) -> tuple[Gone, ...]:
    """The words that decisions and withdrawals took out of the text (PV4), in the order of their amendments; of one
    paragraph, those that stood in it and those paragraphs that stood behind it.
    """
    found: list[Gone] = []
    for amendment in document.record.amendments.values():
        if amendment.status is Status.DRAFT:
            continue
        for entry in amendment.removed:
            if paragraph_id in (None, entry.paragraph) or (entry.whole and entry.after == paragraph_id):
                found += _gone(document, amendment, entry)
    return tuple(found)


def _origins(
    document: Document, paragraph: Paragraph, ground: Ground, merged: dict[AmendmentId, tuple[Amendment, ...]]
) -> Iterator[Origin]:
    at = 0
    for run in paragraph.runs:
        end = at + len(run.text)
        of = document.amendment(next(iter(sorted(run.ids(MarkKind.ORIGIN))), "")) or (
            document.amendment(run.insertion) if run.insertion else None
        )
        struck, brackets = (_named(document, run, kind) for kind in (MarkKind.DELETION, MarkKind.BRACKET))
        if of is None:
            for start, stop, founding in _founded(paragraph, run, at, ground):
                text = run.text[start - at : stop - at]
                yield Origin(start, stop, text, Source.BASE, None, founding, struck, brackets)
        else:
            source = _source(run, of)
            decision = deciding(of) if source is not Source.PROPOSED else None
            call = document.record.call(decision.call) if decision and decision.call else None
            replaced = [document.amendment(name) for name in of.replaces]
            compromised = dict.fromkeys((*(one for one in replaced if one), *merged.get(of.id, ())))
            yield Origin(at, end, run.text, source, of, None, struck, brackets, tuple(compromised), call)
        at = end


def _founded(paragraph: Paragraph, run: Run, at: int, ground: Ground) -> Iterator[tuple[int, int, Founding | None]]:
    start, founding = at, ground.founding(paragraph, at)
    for place in range(at + 1, at + len(run.text)) if len(ground.paragraphs.get(paragraph.id, ())) > 1 else ():
        here = ground.founding(paragraph, place)
        if here is not founding:
            yield start, place, founding
            start, founding = place, here
    yield start, at + len(run.text), founding


def _source(run: Run, of: Amendment) -> Source:
    if run.insertion is not None:
        return Source.PROPOSED
    return Source.EDITORIAL if of.delegation == SECRETARIAT else Source.AGREED


def _named(document: Document, run: Run, kind: MarkKind) -> tuple[Amendment, ...]:
    found = (document.amendment(name) for name in sorted(run.ids(kind)))
    return tuple(one for one in found if one is not None and one.status is not Status.DRAFT)


def _merged(document: Document) -> dict[AmendmentId, tuple[Amendment, ...]]:
    found: dict[AmendmentId, tuple[Amendment, ...]] = {}
    for one in document.record.amendments.values():
        if one.into is not None:
            found[one.into] = (*found.get(one.into, ()), one)
    return found


def _alike(one: Origin, other: Origin) -> bool:
    return (one.source, one.amendment, one.founding, one.struck, one.brackets) == (
        other.source,
        other.amendment,
        other.founding,
        other.struck,
        other.brackets,
    )


def _extended(one: Origin, other: Origin) -> Origin:
    return Origin(
        one.start,
        other.end,
        one.text + other.text,
        one.source,
        one.amendment,
        one.founding,
        one.struck,
        one.brackets,
        one.compromised,
        one.call,
    )


def _gone(document: Document, by: Amendment, entry: Removed) -> Iterator[Gone]:
    """What an entry of `removed` says of words that left; nothing where they stayed and lost marks, and where another's
    decision took them, whose record has them whole (opinions/SPEC.md, D5).
    """
    if entry.by is not None:
        return
    if entry.whole is not None:
        text = words(entry.whole.runs)
        first = entry.whole.added or next((_owner(run) for run in entry.whole.runs), None)
        yield Gone(entry.paragraph, text, by, document.amendment(first or ""), True, entry.after)
    elif entry.runs and _left(entry, by):
        owner, text = _owner(entry.runs[0]), ""
        for run in entry.runs:
            if text and _owner(run) != owner:
                yield Gone(entry.paragraph, text, by, document.amendment(owner or ""))
                owner, text = _owner(run), ""
            text += run.text
        yield Gone(entry.paragraph, text, by, document.amendment(owner or ""))


def _left(entry: Removed, by: Amendment) -> bool:
    if by.status not in _TAKEN_IN and by.kind is AmendmentKind.BRACKET:
        return by.status is Status.NOT_RETAINED
    kind = MarkKind.DELETION if by.status in _TAKEN_IN else MarkKind.INSERTION
    return any(mark.kind is kind for run in entry.runs for mark in marks_of(run, by.id))


def _owner(run: Run) -> AmendmentId | None:
    return run.insertion or next(iter(sorted(run.ids(MarkKind.ORIGIN))), None)
