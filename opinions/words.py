"""Where the words of an amendment stand in a text, how words leave it and how their place is found again.

What leaves a text by a decision is kept as `Removed` values, which this module makes and reads. Words that
stay but lose an amendment's `deletion` or `bracket` marks are kept the same way; coming back then means the
marks, not the characters (opinions/SPEC.md, D5).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from opinions.brackets import extents
from opinions.edits import DeleteText, RemoveParagraph
from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    Mark,
    MarkKind,
    Marks,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.record import Amendment, AmendmentKind, Document, Record, Removed, Status
from opinions.shared_ends import shared_start

_PENDING = tuple(AMENDMENT_MARKS)
"""A tuple, since it is searched often and enumeration members hash slowly."""
_CHANGES = (MarkKind.INSERTION, MarkKind.DELETION)
_NOBODY: frozenset[AmendmentId] = frozenset()

CONTEXT = 24
"""Characters kept on either side of removed words, to find their place again (`Removed`)."""


def words(runs: Iterable[Run]) -> str:
    """The characters of runs."""
    return "".join(run.text for run in runs)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive characters of one paragraph, from `start` up to `end`."""

    paragraph: ParagraphId
    start: int
    end: int
    runs: tuple[Run, ...]


def stretches(paragraph: Paragraph, wanted: Collection[int]) -> tuple[Stretch, ...]:
    """The longest stretches of runs whose numbers are wanted, in order."""
    result: list[Stretch] = []
    offset = 0
    for number, run in enumerate(paragraph.runs):
        end = offset + len(run.text)
        if number in wanted and number - 1 in wanted:
            last = result[-1]
            result[-1] = Stretch(paragraph.id, last.start, end, (*last.runs, run))
        elif number in wanted:
            result.append(Stretch(paragraph.id, offset, end, (run,)))
        offset = end
    return tuple(result)


def marked_with(paragraph: Paragraph, kind: MarkKind, amendment_id: str) -> tuple[Stretch, ...]:
    """The stretches that carry one mark."""
    mark = Mark(kind, amendment_id)
    return stretches(paragraph, {number for number, run in enumerate(paragraph.runs) if mark in run.marks})


def marks_of(run: Run, amendment_id: str) -> frozenset[Mark]:
    """The pending marks that one amendment has on these characters."""
    return frozenset(mark for mark in run.marks if mark.id == amendment_id and mark.kind in _PENDING)


def proposals(paragraph: Paragraph) -> frozenset[AmendmentId]:
    """The amendments that have a pending mark in this paragraph or propose it as a whole."""
    added = (paragraph.added,) if paragraph.added else ()
    return _NOBODY.union(added, *[_pending(run.marks) for run in paragraph.runs if run.marks])


@lru_cache(maxsize=4096)
def _pending(marks: Marks) -> frozenset[AmendmentId]:
    # A text has few different sets of marks, and they are read at every keystroke.
    return frozenset(AmendmentId(mark.id) for mark in marks if mark.kind in _PENDING)


@lru_cache(maxsize=4096)
def changing(marks: Marks) -> frozenset[AmendmentId]:
    """The amendments whose words or strikes these marks are."""
    return frozenset(AmendmentId(mark.id) for mark in marks if mark.kind in _CHANGES)


@lru_cache(maxsize=4096)
def bracketing(marks: Marks) -> frozenset[AmendmentId]:
    """The brackets whose marks these are."""
    return frozenset(AmendmentId(mark.id) for mark in marks if mark.kind is MarkKind.BRACKET)


def places(text: Opinion, amendment_id: str) -> tuple[ParagraphId, ...]:
    """The paragraphs in which an amendment has a pending mark or which it adds, in reading order."""
    return tuple(paragraph.id for paragraph in text if amendment_id in proposals(paragraph))


def standing(text: Opinion) -> dict[AmendmentId, tuple[ParagraphId, ...]]:
    """Of every amendment in the text its `places`: in one walk, for who asks of many."""
    found: dict[AmendmentId, list[ParagraphId]] = {}
    for paragraph in text:
        for name in proposals(paragraph):
            found.setdefault(name, []).append(paragraph.id)
    return {name: tuple(ids) for name, ids in found.items()}


def kind_of(paragraphs: Iterable[Paragraph], amendment_id: str) -> AmendmentKind | None:
    """What an amendment is by what it does there (A1); None when nothing of it stands there."""
    kinds: set[MarkKind] = set()
    for paragraph in paragraphs:
        if paragraph.added == amendment_id:
            return AmendmentKind.ADD
        kinds.update(mark.kind for run in paragraph.runs for mark in marks_of(run, amendment_id))
    if kinds - {MarkKind.BRACKET}:
        return AmendmentKind.MOD
    return AmendmentKind.BRACKET if kinds else None


def held(document: Document, bracket: str) -> Mapping[ParagraphId, tuple[int, int]]:
    """What a bracket holds, in reading order (T4): of each paragraph the characters from its first to its last
    marked one, gaps and whole paragraphs between included. Empty when it marks nothing.
    """
    found = next((extent for extent in extents(document) if extent.bracket == bracket), None)
    if found is None:
        return {}
    (first, opening), (last, closing) = found.start, found.end
    return {
        paragraph.id: (opening if number == first else 0, closing if number == last else len(paragraph.text))
        for number, paragraph in enumerate(document.text)
        if first <= number <= last
    }


def older(one: Amendment, other: Amendment) -> bool:
    """Whether the first was there before the second: by time, then by id, as for brackets (T4)."""
    return (one.created_at, one.id) < (other.created_at, other.id)


def hosted(paragraph: Paragraph, host: Amendment, record: Record) -> tuple[Stretch, ...]:
    """The pending words of one insertion with all that is nested in it (A5): what younger amendments insert
    between them, in the same stretch of pending text.
    """

    def goes_along(inserter: AmendmentId | None) -> bool:
        other = record.amendments.get(inserter) if inserter else None
        return inserter == host.id or other is None or older(host, other)

    taken: set[int] = set()
    for pending, group in groupby(enumerate(paragraph.runs), lambda numbered: numbered[1].insertion is not None):
        inserters = {number: run.insertion for number, run in group}
        own = [number for number, inserter in inserters.items() if inserter == host.id]
        if pending and own:
            taken.update(n for n in range(own[0], own[-1] + 1) if goes_along(inserters[n]))
    return stretches(paragraph, taken)


# --- leaving


def kept(paragraph: Paragraph, out: Iterable[Stretch], lifted: Iterable[Stretch] = ()) -> tuple[Removed, ...]:
    """What the record keeps of words taken `out`, and of words that stay but lose marks (`lifted`), in order.

    `left` is what stood before them, `right` what stands after them once all of `out` is gone: put back in
    this order, each finds its context whole.
    """
    text = paragraph.text
    gone = {at for stretch in out for at in range(stretch.start, stretch.end)}

    def entry(stretch: Stretch) -> Removed:
        left = text[max(stretch.start - CONTEXT, 0) : stretch.start]
        right = [text[at] for at in range(stretch.end, len(text)) if at not in gone][:CONTEXT]
        return Removed(paragraph.id, stretch.start, joined(stretch.runs), left, "".join(right))

    return tuple(entry(stretch) for stretch in sorted((*out, *lifted), key=lambda stretch: stretch.start))


def deletions(out: Iterable[Stretch]) -> tuple[DeleteText, ...]:
    """The edits that take these stretches of one paragraph out, last first, so that their offsets hold."""
    backwards = sorted(out, key=lambda stretch: -stretch.start)
    return tuple(DeleteText(stretch.paragraph, stretch.start, stretch.end) for stretch in backwards)


def taken_whole(text: Opinion, paragraph_id: ParagraphId) -> tuple[RemoveParagraph, Removed]:
    """The edit that takes a paragraph out, and what the record keeps of it."""
    place = text.index(paragraph_id)
    after = text.paragraphs[place - 1].id if place else None
    return RemoveParagraph(paragraph_id), Removed(paragraph_id, whole=text.paragraphs[place], after=after)


def share(removed: Removed, amendment_id: str, by: AmendmentId) -> Removed | None:
    """What of words removed `by` one amendment bears the marks of another, for that one's record; None for nothing."""
    runs = removed.whole.runs if removed.whole else removed.runs
    its = [number for number, run in enumerate(runs) if marks_of(run, amendment_id)]
    if not its:
        return None
    offset = removed.offset + len(words(runs[: its[0]]))
    shared = joined(runs[number] for number in its)
    return Removed(removed.paragraph, offset, shared, removed.left, removed.right, by=by)


def bystanders(
    before: Document, after: Opinion, removed: Sequence[Removed], by: AmendmentId, at: datetime
) -> tuple[Amendment, ...]:
    """The records of other open amendments whose words, struck words or paragraph went with `removed` (A5).

    Each keeps its share; when nothing of it is left in the text it is superseded.
    """
    whole = {entry.paragraph for entry in removed if entry.whole}
    gone = (run for entry in removed for run in (entry.whole.runs if entry.whole else entry.runs))
    borne = {mark.id for run in gone for mark in run.marks}
    result = []
    for other in before.record.amendments.values():
        if other.id == by or not other.open or (other.id not in borne and other.kind is not AmendmentKind.SUP):
            continue
        shares = tuple(part for entry in removed if (part := share(entry, other.id, by)))
        if shares or (other.kind is AmendmentKind.SUP and other.paragraph in whole):
            left = bool(places(after, other.id))
            result.append(
                replace(
                    other,
                    removed=(*other.removed, *shares),
                    status=other.status if left else Status.SUPERSEDED,
                    into=other.into if left else by,
                    pinned=other.pinned and left,
                    changed_at=at,
                )
            )
    return tuple(result)


# --- coming back


@dataclass(frozen=True, slots=True)
class Place:
    """Where removed words belong. `exact` when all that stood around them stands there."""

    offset: int
    exact: bool


def place_of(removed: Removed, text: str) -> Place:
    """The best place for removed words in what their paragraph reads now: most context, nearest offset."""
    return _best(removed, text, range(len(text) + 1), 0)


def place_of_words(removed: Removed, text: str) -> Place | None:
    """Where words that stayed but lost marks stand now; None when they do not stand there as they were."""
    sought = words(removed.runs)
    found = [match.start() for match in re.finditer(f"(?={re.escape(sought)})", text)]
    return _best(removed, text, found, len(sought)) if found else None


def _best(removed: Removed, text: str, candidates: Sequence[int], length: int) -> Place:
    def around(at: int) -> tuple[int, int]:
        before = shared_start(removed.left[::-1], text[max(at - CONTEXT, 0) : at][::-1])
        return before, shared_start(removed.right, text[at + length : at + length + CONTEXT])

    def rank(at: int) -> tuple[bool, int, int]:
        # Blanks stand anywhere: those alone tell no place, and a pick may have mended them since (AL4).
        before, after = around(at)
        exact = before + after == whole
        if text[at - before : at].isspace():
            before = 0
        if text[at + length : at + length + after].isspace():
            after = 0
        return exact, before + after, -abs(at - removed.offset)

    whole = len(removed.left) + len(removed.right)
    best = max(candidates, key=rank)
    return Place(best, sum(around(best)) == whole)
