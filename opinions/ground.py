"""Who put the base text there: words that nobody proposed, followed through everything that moves them.

Words of amendments carry their id. Base words carry nothing, so where they come from - the import, a paragraph that the
secretariat put in - is followed from step to step of the history (opinions/SPEC.md, PV3): a paragraph that is split,
joined, moved or brought back keeps the foundings of its words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from opinions.model import MarkKind, Paragraph, ParagraphId
from opinions.record import Document
from opinions.redline import Change, Piece, redline
from opinions.shared_ends import shared_ends

MAX_ATTIC = 400
"""Stretches of base words kept that left the text, the newest: what could be brought back later. A text of thirty
pages loses fewer in its life; of an older one the paragraph's other words tell.
"""


@dataclass(frozen=True, slots=True)
class Founding:
    """An act that put base text on the table. `act` names the command, `import` for the founding text; `source` says
    where that came from.
    """

    seq: int
    at: datetime
    act: str
    name: str
    party: str
    source: str = ""


Share = tuple[int, int]
"""So many characters, and the seq of the founding they came with."""
Shares = tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """Base words that left a paragraph."""

    text: str
    shares: Shares


@dataclass(frozen=True, slots=True)
class Ground:
    """The foundings, and for each paragraph which of its base characters came with which, in order."""

    foundings: Mapping[int, Founding] = field(default_factory=lambda: MappingProxyType({}))
    paragraphs: Mapping[ParagraphId, Shares] = field(default_factory=lambda: MappingProxyType({}))
    attic: tuple[Lost, ...] = ()

    def founding(self, paragraph: Paragraph, offset: int) -> Founding | None:
        """What put the character at this offset there; None for words of an amendment, and where it is not known."""
        at = 0
        for run in paragraph.runs:
            end, base = at + len(run.text), is_base(run.marks)
            if offset < end:
                return self._at(paragraph, base_length(paragraph, offset)) if base else None
            at = end
        return None

    def _at(self, paragraph: Paragraph, place: int) -> Founding | None:
        for count, seq in self.paragraphs.get(paragraph.id, ()):
            if place < count:
                return self.foundings.get(seq)
            place -= count
        return None


def is_base(marks: Iterable[object]) -> bool:
    """Whether characters with these marks are base text: neither proposed nor agreed words of an amendment."""
    return not any(getattr(mark, "kind", None) in _OWNED for mark in marks)


_OWNED = (MarkKind.INSERTION, MarkKind.ORIGIN)


def base_words(paragraph: Paragraph) -> str:
    """The base characters of a paragraph."""
    return "".join([run.text for run in paragraph.runs if is_base(run.marks)])


def base_length(paragraph: Paragraph, offset: int) -> int:
    """How many base characters stand before an offset."""
    at = count = 0
    for run in paragraph.runs:
        end = at + len(run.text)
        if is_base(run.marks):
            count += min(end, offset) - at if offset > at else 0
        at = end
    return count


_BRINGING = frozenset({"import", "insert_paragraph", "enter_proposals"})
"""The acts that can put base text on the table."""


def carried(ground: Ground, before: Document, after: Document, founding: Founding) -> Ground:
    """The ground after a step that led from one document to the next; the same object when no base words changed."""
    if before.text is after.text:
        return ground
    changed = tuple(_changed(before, after))
    if not changed:
        return ground
    fresh: list[Lost] = []
    for former, now in changed:
        if former is not None:
            shares = ground.paragraphs.get(former.id, ())
            left = base_words(now) if now is not None else ""
            fresh += [lost for lost, _ in _pieces(base_words(former), left, shares) if lost]
    pool = (*fresh, *reversed(ground.attic))
    paragraphs = dict(ground.paragraphs)
    for former, now in changed:
        if now is None:
            if former is not None:
                paragraphs.pop(former.id, None)
            continue
        shares = ground.paragraphs.get(former.id, ()) if former else ()
        new = founding.seq if founding.act in _BRINGING or not shares else shares[0][1]
        row: list[Share] = []
        for lost, kept in _pieces(base_words(former) if former else "", base_words(now), shares):
            if isinstance(kept, str):
                row += _found(kept, pool) or ((len(kept), new),)
            elif lost is None:
                row += kept
        paragraphs[now.id] = _joined(row)
    founded = any(seq == founding.seq for row in paragraphs.values() for _, seq in row)
    foundings = {**ground.foundings, founding.seq: founding} if founded else ground.foundings
    return Ground(foundings, paragraphs, (*ground.attic, *fresh)[-MAX_ATTIC:])


def _changed(before: Document, after: Document) -> Iterator[tuple[Paragraph | None, Paragraph | None]]:
    """The paragraphs whose base words changed, as they were and as they are; None: not there."""
    was = {paragraph.id: paragraph for paragraph in before.text}
    for paragraph in after.text:
        former = was.pop(paragraph.id, None)
        if former is not paragraph and (former is None or base_words(former) != base_words(paragraph)):
            yield former, paragraph
    for gone in was.values():
        yield gone, None


def _pieces(before: str, after: str, shares: Shares) -> Iterator[tuple[Lost | None, Shares | str]]:
    """What became of the base words of one paragraph, in order: lost ones, the shares of kept ones, words that came."""
    at = 0
    for piece in _compared(before, after):
        length = len(piece.text)
        if piece.change is Change.INSERTED:
            yield None, piece.text
            continue
        held = _cut(shares, at, at + length)
        at += length
        yield (Lost(piece.text, held), ()) if piece.change is Change.DELETED else (None, held)


def _compared(before: str, after: str) -> Iterator[Piece]:
    """In whole words but for the characters that both begin and end with: a paragraph may be cut within a word."""
    start, end = shared_ends(before, after)
    if start:
        yield Piece(before[:start])
    yield from redline(before[start : len(before) - end], after[start : len(after) - end])
    if end:
        yield Piece(before[len(before) - end :])


def _found(text: str, pool: Iterable[Lost]) -> Shares | None:
    """The shares of words that left another place, or the same one before."""
    for lost in pool:
        at = lost.text.find(text)
        if at >= 0:
            return _cut(lost.shares, at, at + len(text))
    return None


def _cut(shares: Shares, start: int, end: int) -> Shares:
    found: list[Share] = []
    at = 0
    for count, seq in shares:
        low, high = max(at, start), min(at + count, end)
        if low < high:
            found.append((high - low, seq))
        at += count
    return tuple(found)


def _joined(row: Iterable[Share]) -> Shares:
    joined: list[Share] = []
    for count, seq in row:
        if joined and joined[-1][1] == seq:
            joined[-1] = (joined[-1][0] + count, seq)
        elif count:
            joined.append((count, seq))
    return tuple(joined)
