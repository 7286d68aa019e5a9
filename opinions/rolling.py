"""The rolling text: every proposal that is before the meeting as bracketed text (opinions/SPEC.md, R1).

    an insertion              [USA: words]
    a replacement             [shall][USA: should]
    a deletion                [words - KEN: delete]        also the removal of a whole paragraph
    a bracket                 [words - KEN]
    an added paragraph        [USA: all its words]
    a bracket of an import    as the source wrote it, until edited

Proposals inside others nest. Where two would cross, a bracket of the record stays whole and the rest is written in
parts, so brackets always balance. Nobody's name is written but those that `naming` gives; without names there is no
attribution.

What `notation.read` makes of it: the same words, label by label; a bracket pair for each one written here, nested
the same way; for each attribution the same parties in the same order as holders, the first one first. It cannot tell
an insertion from a bracket, and takes the struck words of a replacement for the secretariat's. The promise holds
when words are not themselves in the notation: no brackets, no `###` or `{placeholder}`, nothing with the shape of a
label, a status or an attribution, no blanks alone, and at the ends of a paragraph no blanks at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from opinions.brackets import Extent, extents
from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.record import SECRETARIAT, Amendment, AmendmentKind, Document, Status
from opinions.rules import without
from opinions.status_tags import tag_state
from opinions.views import Naming, Segment, SegmentKind, ViewParagraph, named


def rolling(document: Document, naming: Naming = named, *, drafts: bool = False) -> tuple[ViewParagraph, ...]:
    """The paragraphs of the rolling text. Drafts are left out as if never typed, unless `drafts` is set."""
    record = document.record
    shown = {a.id for a in record.amendments.values() if a.open and (drafts or a.status is not Status.DRAFT)}
    text = without(_pending(document.text) - shown, document.text)
    drawing = _Drawing(Document(text, record), naming, shown)
    return tuple(drawing.paragraph(number) for number in range(len(text.paragraphs)))


def _pending(text: Opinion) -> set[AmendmentId]:
    """Every amendment the text has marks or paragraphs of."""
    found = {paragraph.added for paragraph in text if paragraph.added}
    return found | {AmendmentId(m.id) for p in text for run in p.runs for m in run.marks if m.kind in _PROPOSING}


_PROPOSING = frozenset({MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET})


_REMOVAL, _STRIKE, _ADDITION, _INSERTION = range(4)
"""The ranks of parts: of two round the same words, the lower one stands outside."""


@dataclass(frozen=True, slots=True)
class _Wrap:
    """Characters `start` to `end` of the whole text between one pair of brackets, with what is written inside
    them."""

    start: int
    end: int
    amendments: tuple[AmendmentId, ...]
    opening: str = "["
    before: str = ""
    after: str = ""
    closing: str = "]"
    parties: tuple[str, ...] = ()
    rank: int = 0

    def holds(self, bracket: "_Wrap") -> bool:
        """Whether a bracket is to be written inside this part. Round the very same words, it stands outside
        insertions."""
        if (self.start, self.end) == (bracket.start, bracket.end):
            return self.rank <= _STRIKE
        return self.start <= bracket.start and bracket.end <= self.end

    def opened(self) -> Iterator[Segment]:
        yield Segment(self.opening, SegmentKind.OPEN, self.amendments, self.parties)
        if self.before:
            yield Segment(self.before, SegmentKind.ATTRIBUTION, self.amendments, self.parties)

    def closed(self) -> Iterator[Segment]:
        if self.after:
            yield Segment(self.after, SegmentKind.ATTRIBUTION, self.amendments, self.parties)
        yield Segment(self.closing, SegmentKind.CLOSE, self.amendments, self.parties)


@dataclass(slots=True)
class _Standing:
    """What is open while the text is written: brackets of the record, parts of the paragraph, and both as written."""

    brackets: list[_Wrap] = field(default_factory=list)
    parts: list[_Wrap] = field(default_factory=list)
    written: list[_Wrap] = field(default_factory=list)


class _Drawing:
    """The work of `rolling`: characters are counted through the whole text, paragraphs written in order."""

    def __init__(self, document: Document, naming: Naming, shown: set[AmendmentId]) -> None:
        self.document = document
        self.naming = naming
        self.starts = _starts(document.text)
        self.removals = self._removals(shown)
        self.parts = [self._parts(number, p) for number, p in enumerate(document.text)]
        self.brackets = self._brackets()
        self.standing = _Standing()

    def paragraph(self, number: int) -> ViewParagraph:
        paragraph = self.document.text.paragraphs[number]
        segments: list[Segment] = []
        standing = self.standing
        standing.parts, waiting = [], iter(self.parts[number])
        following = next(waiting, None)
        place = self.starts[number]
        for run in paragraph.runs or (Run(""),):
            if run.text:
                standing.brackets += self.brackets.get(place, [])
            while following is not None and following.start <= place:
                standing.parts.append(following)
                following = next(waiting, None)
            segments += _changed(standing.written, _nested(standing.brackets, standing.parts))
            if run.text:
                segments.append(_words(run))
            place += len(run.text)
            standing.brackets = [wrap for wrap in standing.brackets if wrap.end > place]
            standing.parts = [wrap for wrap in standing.parts if wrap.end > place]
            segments += _ended(standing.written, place)
        record = self.document.record.paragraph(paragraph.id)
        if record.tag and tag_state(record.tag) in (None, record.state):
            segments.append(Segment(record.tag, SegmentKind.NOTE))
        return ViewParagraph(
            paragraph.id,
            paragraph.kind,
            paragraph.level,
            record.label,
            record.state,
            tuple(segments),
            paragraph.added,
            tuple(amendment.id for amendment in self.removals.get(paragraph.id, ())),
        )

    def _names(self, amendment_id: AmendmentId) -> tuple[str, ...]:
        amendment = self.document.record.amendments[amendment_id]
        return tuple(name for name in self.naming(amendment) if name != SECRETARIAT)

    def _removals(self, shown: set[AmendmentId]) -> dict[ParagraphId, list[Amendment]]:
        found: dict[ParagraphId, list[Amendment]] = {}
        for amendment in sorted(self.document.record.amendments.values(), key=lambda a: (a.created_at, a.id)):
            if amendment.kind is AmendmentKind.SUP and amendment.id in shown:
                found.setdefault(amendment.paragraph, []).append(amendment)
        return found

    # --- parts: what may be written in pieces ---

    def _parts(self, number: int, paragraph: Paragraph) -> list[_Wrap]:
        """Removals, strikes and insertions of a paragraph, in the order in which they open."""
        start = self.starts[number]
        end = start + len(paragraph.text)
        wraps: list[_Wrap] = []
        if removals := self.removals.get(paragraph.id):
            wraps.append(self._struck(start, end, [a.id for a in removals], whole=True))
        if paragraph.added:
            wraps.append(self._inserted(start, end, paragraph.added, whole=True))
        strikes: dict[tuple[int, int], list[AmendmentId]] = {}
        for amendment_id, first, last in _strikes(paragraph, start):
            strikes.setdefault((first, last), []).append(amendment_id)
        replaced = _replaced(paragraph, start)
        for (first, last), ids in strikes.items():
            alone = [i for i in ids if (i, first) not in replaced]
            wraps.append(self._struck(first, last, alone, also=[i for i in ids if i not in alone]))
        for amendment_id, first, last in _insertions(paragraph, start):
            wraps.append(self._inserted(first, last, amendment_id))
        return sorted(wraps, key=lambda wrap: wrap.start)

    def _struck(
        self, start: int, end: int, ids: list[AmendmentId], also: Sequence[AmendmentId] = (), whole: bool = False
    ) -> _Wrap:
        names = tuple(dict.fromkeys(name for i in ids for name in self._names(i)))
        after = f" - {', '.join(names)}: delete" if names else ""
        return _Wrap(start, end, (*ids, *also), after=after, parties=names, rank=_REMOVAL if whole else _STRIKE)

    def _inserted(self, start: int, end: int, amendment_id: AmendmentId, *, whole: bool = False) -> _Wrap:
        names = self._names(amendment_id)
        before = f"{', '.join(names)}: " if names else ""
        return _Wrap(start, end, (amendment_id,), before=before, parties=names, rank=_ADDITION if whole else _INSERTION)

    # --- brackets of the record: always whole ---

    def _brackets(self) -> dict[int, list[_Wrap]]:
        found = extents(self.document)
        joints = self._joints(found)
        result: dict[int, list[_Wrap]] = {}
        for extent in found:
            wrap = self._bracket(extent, joints)
            result.setdefault(wrap.start, []).append(wrap)
        return result

    def _bracket(self, extent: Extent, joints: set[tuple[str, int]]) -> _Wrap:
        amendment = self.document.record.amendments[extent.bracket]
        start, end = self._place(extent.start), self._place(extent.end)
        names = self._names(extent.bracket)
        spelling = amendment.spelling
        if spelling is None:
            after = f" - {', '.join(names)}" if names else ""
            return _Wrap(start, end, (extent.bracket,), after=after, parties=names)
        opening, closing = spelling.opening, spelling.closing
        if closing and not opening and (amendment.group, start) not in joints:
            opening = "["
        if "/" in closing and (amendment.group, end) not in joints:
            closing = "]"
        before, after = (spelling.before, spelling.after) if self.naming(amendment) else ("", "")
        return _Wrap(start, end, (extent.bracket,), opening, before, after, closing, names)

    def _joints(self, found: Sequence[Extent]) -> set[tuple[str, int]]:
        """Where an alternative still meets the next one of its group, so that a slash can part them."""
        borders = {place for row in self.parts for wrap in row for place in (wrap.start, wrap.end)}
        ends: set[tuple[str, int]] = set()
        begins: set[tuple[str, int]] = set()
        for extent in found:
            amendment = self.document.record.amendments[extent.bracket]
            spelling = amendment.spelling
            if spelling is not None and amendment.group:
                if "/" in spelling.closing and extent.end[1]:
                    ends.add((amendment.group, self._place(extent.end)))
                if spelling.closing and not spelling.opening and extent.start[1]:
                    begins.add((amendment.group, self._place(extent.start)))
        return {joint for joint in ends & begins if joint[1] not in borders}

    def _place(self, position: tuple[int, int]) -> int:
        return self.starts[position[0]] + position[1]


def _starts(text: Opinion) -> list[int]:
    starts, place = [], 0
    for paragraph in text:
        starts.append(place)
        place += len(paragraph.text)
    return starts


def _nested(brackets: list[_Wrap], parts: list[_Wrap]) -> list[_Wrap]:
    """What stands around a character, outermost first: no bracket inside a part that does not hold all of it."""
    if not parts:
        return list(brackets)
    result: list[_Wrap] = []
    waiting = sorted(parts, key=lambda wrap: (wrap.start - wrap.end, wrap.rank, wrap.start))
    for bracket in brackets:
        result += [part for part in waiting if part.holds(bracket)]
        waiting = [part for part in waiting if not part.holds(bracket)]
        result.append(bracket)
    return result + waiting


def _changed(written: list[_Wrap], wanted: list[_Wrap]) -> Iterator[Segment]:
    same = 0
    while same < min(len(written), len(wanted)) and written[same] is wanted[same]:
        same += 1
    while len(written) > same:
        yield from written.pop().closed()
    for wrap in wanted[same:]:
        written.append(wrap)
        yield from wrap.opened()


def _ended(written: list[_Wrap], place: int) -> Iterator[Segment]:
    """Close what ends here, with all that stands inside it."""
    first = next((number for number, wrap in enumerate(written) if wrap.end <= place), len(written))
    while len(written) > first:
        yield from written.pop().closed()


def _words(run: Run) -> Segment:
    noteref = next((ParagraphId(mark.id) for mark in run.marks if mark.kind is MarkKind.NOTEREF), None)
    ids = (*((run.insertion,) if run.insertion else ()), *sorted(run.ids(MarkKind.DELETION)))
    em = any(mark.kind is MarkKind.EM for mark in run.marks)
    return Segment(run.text, SegmentKind.TEXT, ids, em=em, noteref=noteref)


# --- where strikes and insertions reach ----------------------------------------------------------------------------


def _strikes(paragraph: Paragraph, start: int) -> Iterator[tuple[AmendmentId, int, int]]:
    """Each amendment's stretches of struck words."""
    standing: dict[AmendmentId, int] = {}
    for run in (*paragraph.runs, Run("")):
        ids = run.ids(MarkKind.DELETION)
        for amendment_id in sorted(standing.keys() - ids):
            yield amendment_id, standing.pop(amendment_id), start
        for amendment_id in sorted(ids - standing.keys()):
            standing[amendment_id] = start
        start += len(run.text)


def _replaced(paragraph: Paragraph, start: int) -> set[tuple[AmendmentId, int]]:
    """The strikes, by amendment and start, with words of the same amendment directly behind or before them.

    Others' insertions may stand between: alternatives typed at the same place.
    """
    found: set[tuple[AmendmentId, int]] = set()
    begun: dict[AmendmentId, tuple[int, set[AmendmentId]]] = {}
    pending: set[AmendmentId] = set()
    ended: dict[AmendmentId, int] = {}
    for run in paragraph.runs:
        ids = run.ids(MarkKind.DELETION)
        for amendment_id in begun.keys() - ids:
            ended[amendment_id] = begun.pop(amendment_id)[0]
        for amendment_id in ids - begun.keys():
            begun[amendment_id] = (start, set(pending))
            if amendment_id in pending:
                found.add((amendment_id, start))
        inserted = run.insertion
        if inserted is not None and not ids:
            pending.add(inserted)
            if inserted in ended:
                found.add((inserted, ended[inserted]))
        else:
            pending, ended = set(), {}
        start += len(run.text)
    return found


def _insertions(paragraph: Paragraph, start: int) -> list[tuple[AmendmentId, int, int]]:
    """The stretches of inserted words: what stands between two pieces of one amendment in pending text is inside it
    (A5)."""
    found: list[tuple[AmendmentId, int, int]] = []
    stretch: list[tuple[AmendmentId, int]] = []
    for run in (*paragraph.runs, Run("")):
        inserted = run.insertion
        if inserted is not None:
            stretch.append((inserted, start))
        elif stretch:
            found += _hosts(stretch, start, paragraph.added)
            stretch = []
        start += len(run.text)
    return found


def _hosts(
    stretch: list[tuple[AmendmentId, int]], end: int, added: AmendmentId | None
) -> Iterator[tuple[AmendmentId, int, int]]:
    last = {amendment_id: number for number, (amendment_id, _) in enumerate(stretch)}
    standing: list[tuple[AmendmentId, int, int]] = []
    for number, (amendment_id, place) in enumerate(stretch):
        while standing and standing[-1][2] < number:
            host, began, _ = standing.pop()
            yield host, began, place
        around = amendment_id == added or any(host == amendment_id for host, _, _ in standing)
        while around and standing and standing[-1][0] != amendment_id:
            host, began, _ = standing.pop()
            yield host, began, place
        if not around:
            limit = min(last[amendment_id], *(host[2] for host in standing[-1:]), len(stretch))
            standing.append((amendment_id, place, limit))
    for host, began, _ in standing:
        yield host, began, end
