"""Brackets: how far each reaches, how they nest, and the list of all that is open.

A bracket is nothing but its mark: it reaches from the first to the last character that carries it, whatever
stands between (opinions/SPEC.md, T4). Positions here are pairs (number of the paragraph, code point offset
in it), so they compare in reading order; an extent ends before `end`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from opinions.edits import SetMark
from opinions.model import AmendmentId, Mark, MarkKind, Opinion, ParagraphId
from opinions.record import SECRETARIAT, Amendment, AmendmentKind, Attitude, Document, Record, Status

Position = tuple[int, int]
"""Number of the paragraph in reading order, code point offset in it."""

OPENING_LETTERS = "[\uff3b\u3010"
CLOSING_LETTERS = "]\uff3d\u3011"
BRACKET_LETTERS = frozenset(OPENING_LETTERS + CLOSING_LETTERS)
"""The letters that read as square brackets, full-width and lenticular ones of East Asian drafts among them."""

PLACEHOLDER = "placeholder"
"""The `source` of a bracket that stands for words still to be written (`{placeholder for the preamble}`)."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The characters from `start` up to `end` that a bracket encloses."""

    bracket: AmendmentId
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Nest:
    """A bracket with the brackets inside it, in reading order."""

    extent: Extent
    inner: tuple["Nest", ...] = ()


@dataclass(frozen=True, slots=True)
class Border:
    """A glyph to draw before the character at offset `at` of a paragraph: the bracket opens there, or closes."""

    at: int
    bracket: AmendmentId
    opens: bool


class BracketKind(StrEnum):
    """What is open at a place."""

    BRACKET = "bracket"
    INSERTION = "insertion"
    DELETION = "deletion"
    PARAGRAPH = "paragraph"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class OpenBracket:
    """One entry of the list of open brackets (B1). `start` says where it stands, `group` ties alternatives."""

    id: AmendmentId
    kind: BracketKind
    paragraphs: tuple[ParagraphId, ...]
    words: str
    holders: tuple[str, ...]
    since: datetime
    start: Position
    group: str = ""


def is_placeholder(amendment: Amendment) -> bool:
    """Whether it stands for words still to be written. Such a bracket never becomes clean text."""
    return amendment.kind is AmendmentKind.BRACKET and amendment.source == PLACEHOLDER


def holders(amendment: Amendment) -> tuple[str, ...]:
    """Who wants it: proposer, co-sponsors, then those whom the source names as proposing, supporting or retaining.

    Empty for an imported bracket that nobody signed. It can serve as a `Naming` of a view.
    """
    wanting = (s.delegation for s in amendment.stances if s.attitude in WANTING)
    signed = () if amendment.delegation == SECRETARIAT else (amendment.delegation,)
    return tuple(dict.fromkeys((*signed, *amendment.sponsors, *wanting)))


WANTING = frozenset({Attitude.PROPOSE, Attitude.SUPPORT, Attitude.RETAIN})
"""Positions by which a delegation, or a group, holds what another one proposed."""


def extents(document: Document) -> tuple[Extent, ...]:
    """Every bracket's extent, nested, in the order in which they open: the longer outside, of equals the older.

    Where marks still cross, the younger is taken as extended over the older (T4), so drawing never shows a cross.
    """
    settled = _settled(_carried(document.text), _age(document.record))
    return tuple(sorted(settled, key=_outer_first(_age(document.record))))


def tree(document: Document) -> tuple[Nest, ...]:
    """The brackets as a tree: those inside no other, each with those inside it."""
    standing: list[tuple[Extent, list[Nest]]] = []
    roots: list[Nest] = []

    def close(before: Position | None) -> None:
        while standing and (before is None or standing[-1][0].end <= before):
            extent, inner = standing.pop()
            (standing[-1][1] if standing else roots).append(Nest(extent, tuple(inner)))

    for extent in extents(document):
        close(extent.start)
        standing.append((extent, []))
    close(None)
    return tuple(roots)


def borders(document: Document) -> Mapping[ParagraphId, tuple[Border, ...]]:
    """The glyphs of each paragraph in the order in which to draw them: at one place inner ones close, outer ones open.

    Paragraphs without any are not in the mapping.
    """
    drawn: dict[int, list[Border]] = {}
    standing: list[Extent] = []

    def close(before: Position | None) -> None:
        while standing and (before is None or standing[-1].end <= before):
            extent = standing.pop()
            drawn.setdefault(extent.end[0], []).append(Border(extent.end[1], extent.bracket, False))

    for extent in extents(document):
        close(extent.start)
        standing.append(extent)
        drawn.setdefault(extent.start[0], []).append(Border(extent.start[1], extent.bracket, True))
    close(None)
    return {document.text.paragraphs[number].id: tuple(row) for number, row in drawn.items()}


def uncrossed(document: Document, youngest: Collection[str] = ()) -> tuple[SetMark, ...]:
    """The edits after which no two brackets cross: each younger one extended over the older ones it crossed (T4).

    `youngest` names brackets that count as younger than all others whatever their age: while a delegation
    types, only its own brackets may be mended.
    """
    before = _carried(document.text)
    after = _settled(before, _age(document.record, youngest))
    if all(before[extent.bracket] == extent for extent in after):
        return ()
    lengths = [len(paragraph.text) for paragraph in document.text]
    return tuple(
        SetMark(document.text.paragraphs[number].id, start, end, Mark(MarkKind.BRACKET, extent.bracket), True)
        for extent in after
        for stretch in (
            (extent.start, before[extent.bracket].start),
            (before[extent.bracket].end, extent.end),
        )
        for number, start, end in _by_paragraph(*stretch, lengths)
    )


def alternatives(document: Document) -> tuple[tuple[AmendmentId, ...], ...]:
    """The open brackets that are alternatives of one another (same `group`), in reading order; two or more each."""
    groups: dict[str, list[AmendmentId]] = {}
    for extent in extents(document):
        amendment = document.amendment(extent.bracket)
        if amendment is not None and amendment.open and amendment.group:
            groups.setdefault(amendment.group, []).append(amendment.id)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def open_brackets(
    document: Document,
    naming: Callable[[Amendment], tuple[str, ...]] = holders,
    within: ParagraphId | None = None,
) -> tuple[OpenBracket, ...]:
    """All that is open, in reading order, outer before inner (B1). Drafts are not yet before the meeting.

    One entry for each explicit bracket, for each stretch of an amendment's inserted words and of its struck
    words (others' pending words among them do not divide it), for each added paragraph and for each
    proposal to remove one. `within`: only what concerns one paragraph.
    """
    found = [*_explicit(document, within), *_whole(document, within), *_stretches(document, within)]
    found.sort(key=lambda each: each.order)
    return tuple(
        OpenBracket(
            each.amendment.id,
            each.kind,
            each.paragraphs,
            each.words,
            naming(each.amendment),
            each.amendment.created_at,
            each.start,
            each.amendment.group,
        )
        for each in found
    )


# --- extents -----------------------------------------------------------------------------------------------------


def _carried(text: Opinion) -> dict[AmendmentId, Extent]:
    """The first and the last character of each bracket's mark."""
    found: dict[AmendmentId, Extent] = {}
    for number, paragraph in enumerate(text):
        offset = 0
        for run in paragraph.runs:
            end = offset + len(run.text)
            for mark in run.marks:
                if mark.kind is MarkKind.BRACKET:
                    bracket = AmendmentId(mark.id)
                    start = found[bracket].start if bracket in found else (number, offset)
                    found[bracket] = Extent(bracket, start, (number, end))
            offset = end
    return found


Age = Callable[[AmendmentId], tuple[bool, bool, datetime, str]]


def _age(record: Record, youngest: Collection[str] = ()) -> Age:
    """Older first; drafts are younger than all that is before the meeting, so they never move it."""

    def age(bracket: AmendmentId) -> tuple[bool, bool, datetime, str]:
        amendment = record.amendments.get(bracket)
        draft = amendment is not None and amendment.status is Status.DRAFT
        created = amendment.created_at if amendment else datetime.min.replace(tzinfo=UTC)
        return bracket in youngest, draft, created, bracket

    return age


def _outer_first(age: Age) -> Callable[[Extent], tuple[object, ...]]:
    return lambda extent: (extent.start, (-extent.end[0], -extent.end[1]), age(extent.bracket))


def _settled(carried: Mapping[AmendmentId, Extent], age: Age) -> Sequence[Extent]:
    if not _any_cross(carried.values()):
        return tuple(carried.values())
    settled: list[Extent] = []
    for extent in sorted(carried.values(), key=lambda each: age(each.bracket)):
        while older := next((other for other in settled if _cross(other, extent)), None):
            extent = replace(extent, start=min(extent.start, older.start), end=max(extent.end, older.end))
        settled.append(extent)
    return settled


def _cross(one: Extent, other: Extent) -> bool:
    return one.start < other.start < one.end < other.end or other.start < one.start < other.end < one.end


def _any_cross(carried: Iterable[Extent]) -> bool:
    """Whether any two cross, by one sweep: nearly always none does, and then nothing dearer is needed."""
    ends: list[Position] = []
    for extent in sorted(carried, key=lambda each: (each.start, (-each.end[0], -each.end[1]))):
        while ends and ends[-1] <= extent.start:
            ends.pop()
        if ends and extent.end > ends[-1]:
            return True
        ends.append(extent.end)
    return False


def _by_paragraph(start: Position, end: Position, lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """A stretch as (paragraph, from, to) for each paragraph of which it holds characters."""
    for number in range(start[0], end[0] + 1):
        low = start[1] if number == start[0] else 0
        high = end[1] if number == end[0] else lengths[number]
        if low < high:
            yield number, low, high


# --- what is open ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """A place where something is open. `solid` counts the settled runs before its end."""

    amendment: Amendment
    kind: BracketKind
    paragraphs: tuple[ParagraphId, ...]
    words: str
    start: Position
    end: Position
    solid: int = 0

    @property
    def order(self) -> tuple[object, ...]:
        whole = self.kind is BracketKind.PARAGRAPH
        outer_first = (-self.end[0], -self.end[1])
        stretch = self.kind in (BracketKind.INSERTION, BracketKind.DELETION)
        return (self.start, not whole, outer_first, stretch, self.amendment.created_at, self.amendment.id, self.kind)


def _before_the_meeting(document: Document, amendment_id: str | None) -> Amendment | None:
    amendment = document.amendment(amendment_id or "")
    return amendment if amendment and amendment.open and amendment.status is not Status.DRAFT else None


def _explicit(document: Document, within: ParagraphId | None) -> Iterator[_Found]:
    number = document.text.index(within) if within is not None else None
    reaching = [extent for extent in extents(document) if number is None or extent.start[0] <= number <= extent.end[0]]
    texts = [paragraph.text for paragraph in document.text] if reaching else []
    lengths = [len(text) for text in texts]
    for extent in reaching:
        if amendment := _before_the_meeting(document, extent.bracket):
            parts = list(_by_paragraph(extent.start, extent.end, lengths))
            kind = BracketKind.PLACEHOLDER if is_placeholder(amendment) else BracketKind.BRACKET
            names = tuple(document.text.paragraphs[number].id for number, _, _ in parts)
            words = "\n".join(texts[number][start:end] for number, start, end in parts)
            yield _Found(amendment, kind, names, words, extent.start, extent.end)


def _whole(document: Document, within: ParagraphId | None) -> Iterator[_Found]:
    removals: dict[ParagraphId, list[Amendment]] = {}
    for amendment in document.record.amendments.values():
        if amendment.kind is AmendmentKind.SUP and _before_the_meeting(document, amendment.id):
            removals.setdefault(amendment.paragraph, []).append(amendment)
    for number, paragraph in enumerate(document.text):
        if within is not None and paragraph.id != within:
            continue
        added = _before_the_meeting(document, paragraph.added)
        for amendment in ([added] if added else []) + removals.get(paragraph.id, []):
            place = (number, 0), (number, len(paragraph.text))
            yield _Found(amendment, BracketKind.PARAGRAPH, (paragraph.id,), paragraph.text, *place)


def _stretches(document: Document, within: ParagraphId | None) -> Iterator[_Found]:
    """Inserted and struck words. Others' pending words among them do not divide a stretch, settled words do."""
    kinds = {MarkKind.INSERTION: BracketKind.INSERTION, MarkKind.DELETION: BracketKind.DELETION}
    for number, paragraph in enumerate(document.text):
        if within is not None and paragraph.id != within:
            continue
        offset = solid = 0
        latest: dict[Mark, _Found] = {}
        for run in paragraph.runs:
            end = offset + len(run.text)
            marks = [mark for mark in run.marks if mark.kind in kinds and mark.id != paragraph.added]
            after = solid if run.insertion else solid + 1
            for mark in marks:
                found = latest.get(mark)
                if found and found.solid == solid:
                    found.words += run.text
                    found.end, found.solid = (number, end), after
                elif amendment := _before_the_meeting(document, mark.id):
                    if found:
                        yield found
                    kind = kinds[mark.kind]
                    place = (number, offset), (number, end)
                    latest[mark] = _Found(amendment, kind, (paragraph.id,), run.text, *place, after)
            offset, solid = end, after
        yield from latest.values()
