"""The blanks at the places where a pick took words out: none doubled, none before a comma (opinions/SPEC.md, AL4).

Only there, and only blanks: of two side by side one goes, and so does one at the beginning or the end of the
paragraph, before closing punctuation or behind an opening bracket. It goes with the words that left that place, is kept
with them in the record and comes back with them. Where pending words stand beside it nothing is mended, the words just
agreed stay to the letter, and no other character is ever touched: what reads oddly otherwise is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from opinions.edits import DeleteText, Edit, PutAmendment, RemoveParagraph, applied, carry_out
from opinions.in_hand import EditedDocument
from opinions.model import AmendmentId, MarkKind, Marks, Paragraph, ParagraphId, characters, cut, joined
from opinions.record import Document, Removed
from opinions.words import Stretch, bystanders, kept, words

_CLOSING = frozenset(",.)”")
_HIGH = frozenset(";:!?")
_OPENING = frozenset("(“")
_COMMAS = frozenset(",;:")
_AROUND = 12
_MOST = 8
"""Blanks that one place gives up: as many options in a row as were ever seen, each with its own."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What mending does, and what a person should look at."""

    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seam:
    """Where words went: `gone`, of one amendment, at the offset that its record gives."""

    amendment: AmendmentId
    offset: int
    gone: str


def mended(before: Document, edits: Sequence[Edit], ruled: Sequence[AmendmentId], at: datetime) -> Mended:
    """What mends the blanks where these edits take words of the amendments `ruled` on out of a text."""
    work = _Mending(applied(before, edits), frozenset(ruled), at)
    for paragraph_id, seams in _seams(before, edits, ruled).items():
        work.mend(paragraph_id, seams)
    return Mended(tuple(work.edits), tuple(work.notes))


class _Mending:
    def __init__(self, document: Document, ruled: frozenset[AmendmentId], at: datetime) -> None:
        self.document = document
        self.edits: list[Edit] = []
        self.notes: list[str] = []
        self._ruled = ruled
        self._at = at

    def mend(self, paragraph_id: ParagraphId, seams: Mapping[int, _Seam]) -> None:
        places = sorted(seams.items())
        for _ in range(_MOST):
            # Each place gives one at a time, so that each option's words go with the blank beside them.
            taken = False
            for number in range(len(places)):
                place, seam = places[number]
                paragraph = self.document.text.find(paragraph_id)
                blank = _needless(paragraph, place, self._ruled) if paragraph else None
                if paragraph is not None and blank is not None and self._take(paragraph, blank, place, seam):
                    places = [(one - (blank < one), other) for one, other in places]
                    places[number] = (place - (blank < place), seam)
                    taken = True
            if not taken:
                break
        paragraph = self.document.text.find(paragraph_id)
        odd = dict.fromkeys(_odd(paragraph, place) for place, _ in places) if paragraph else {}
        self.notes += [f"Look at “{text}”." for text in odd if text]

    def _take(self, paragraph: Paragraph, blank: int, place: int, seam: _Seam) -> bool:
        stretch = Stretch(paragraph.id, blank, blank + 1, cut(paragraph.runs, blank, blank + 1))
        holder = self.document.record.amendments[seam.amendment]
        removed = _with_blank(holder.removed, paragraph.id, stretch, seam, blank < place)
        if removed is None:
            return False
        out = DeleteText(paragraph.id, blank, blank + 1)
        after = applied(self.document, (out,)).text
        others = bystanders(self.document, after, kept(paragraph, (stretch,)), holder.id, self._at)
        puts = (replace(holder, removed=removed), *others)
        step: tuple[Edit, ...] = (out, *(PutAmendment(one) for one in puts))
        self.document = applied(self.document, step)
        self.edits += step
        return True


def _with_blank(
    removed: tuple[Removed, ...], paragraph: ParagraphId, blank: Stretch, seam: _Seam, before: bool
) -> tuple[Removed, ...] | None:
    """What the record keeps with the blank beside the words that went; None where it did not stand beside them."""
    for number in range(len(removed) - 1, -1, -1):
        entry = removed[number]
        if entry.paragraph != paragraph or entry.whole or words(entry.runs).strip() != seam.gone.strip():
            continue
        text = words(blank.runs)
        if before and entry.left.endswith(text):
            runs = joined((*blank.runs, *entry.runs))
            changed = replace(entry, offset=entry.offset - 1, runs=runs, left=entry.left[:-1])
        elif not before and entry.right.startswith(text):
            changed = replace(entry, runs=joined((*entry.runs, *blank.runs)), right=entry.right[1:])
        else:
            continue
        return (*removed[:number], changed, *removed[number + 1 :])
    return None


def _seams(
    before: Document, edits: Sequence[Edit], ruled: Sequence[AmendmentId]
) -> dict[ParagraphId, dict[int, _Seam]]:
    """Of each paragraph the places where words left it, by offset after all edits; the last that left one has it."""
    found: dict[ParagraphId, dict[int, _Seam]] = {}
    work = EditedDocument(before)
    for edit in edits:
        if isinstance(edit, RemoveParagraph):
            found.pop(edit.paragraph, None)
        elif isinstance(edit, DeleteText):
            runs = cut(work.paragraph(edit.paragraph).runs, edit.start, edit.end)
            marks = {mark.id for run in runs for mark in run.marks}
            places = dict(_closed_up(found.get(edit.paragraph, {}), edit))
            owner = next((name for name in ruled if name in marks), None)
            if owner is not None:
                places[edit.start] = _Seam(owner, edit.start, words(runs))
            found[edit.paragraph] = places
        carry_out((edit,), work)
    return found


def _closed_up(places: Mapping[int, _Seam], edit: DeleteText) -> Iterator[tuple[int, _Seam]]:
    for place, seam in places.items():
        yield (place if place <= edit.start else max(place - (edit.end - edit.start), edit.start)), seam


def _needless(paragraph: Paragraph, place: int, ruled: frozenset[AmendmentId]) -> int | None:
    """The offset of a blank beside the place that should go; None when all reads well."""
    row = list(characters(paragraph.runs))
    first = last = place
    while first and row[first - 1][0].isspace():
        first -= 1
    while last < len(row) and row[last][0].isspace():
        last += 1
    before = row[first - 1] if first else None
    after = row[last] if last < len(row) else None
    if not all(_settled(marks) for _, marks in (*row[first:last], *filter(None, (before, after)))):
        return None
    if last - first <= _wanted(before, after, beside=last == place):
        return None
    for blank in (place - 1, place):
        # As a rule the one before the words that went: it parted them from the option before.
        if first <= blank < last:
            beside = [row[at][1] for at in (blank - 1, blank + 1) if 0 <= at < len(row)]
            agreed = any(mark.kind is MarkKind.ORIGIN and mark.id in ruled for mark in row[blank][1])
            if not agreed and any(_loose(row[blank][1], marks) for marks in beside):
                return blank
    return None


def _wanted(before: tuple[str, Marks] | None, after: tuple[str, Marks] | None, *, beside: bool) -> int:
    """How many blanks may stand between two characters; None is the beginning or the end of the paragraph."""
    if before is None or after is None:
        return 0 if before or after else 1
    # Some languages part ; and : from their word: such a blank stood behind the words that went.
    closes = after[0] in _CLOSING or (after[0] in _HIGH and beside)
    return 0 if closes or before[0] in _OPENING else 1


def _settled(marks: Marks) -> bool:
    pending = (MarkKind.INSERTION, MarkKind.DELETION, MarkKind.NOTEREF)
    return not any(mark.kind in pending for mark in marks)


def _loose(blank: Marks, beside: Marks) -> bool:
    """Whether no bracket loses its only character with the blank: those on it are on its neighbour too."""
    return {mark for mark in blank if mark.kind is MarkKind.BRACKET} <= beside


def _odd(paragraph: Paragraph, place: int) -> str:
    """Two marks of punctuation that the place brought side by side, with what stands around; empty for none."""
    text = paragraph.text
    left, right = text[:place].rstrip()[-1:], text[place:].lstrip()[:1]
    if right and ((not left and right in _COMMAS) or (left in _COMMAS and right in _CLOSING | _HIGH)):
        return text[max(place - _AROUND, 0) : place + _AROUND].strip()
    return ""
