"""Drafts over a text: carried into the Opinion on Submit, taken out of the view, kept in place when text moves.

A delegation's view is the Opinion's text with the words, marks and paragraphs of its drafts laid over it. Take
the drafts out of a view, and it is the Opinion's text, paragraph for paragraph, character for character.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opinions.edits import (
    AddParagraph,
    DeleteText,
    DropAmendment,
    Edit,
    InsertText,
    PutAmendment,
    RecordEdit,
    RemoveParagraph,
    SetMark,
    Shift,
    TextEdit,
    applied,
)
from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    Mark,
    MarkKind,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.record import Amendment, AmendmentKind, Document, Removed, Status
from opinions.words import bracketing, changing, kept, marks_of, proposals, stretches

Rename = Mapping[AmendmentId, AmendmentId]
"""The submitted amendment under whose id a draft's words go into the Opinion, because the draft revises it."""


def drafts_of(view: Document) -> frozenset[AmendmentId]:
    """The drafts a view shows over the Opinion's text."""
    return frozenset(a.id for a in view.record.amendments.values() if a.status is Status.DRAFT)


def lifted(drafts: Collection[AmendmentId], text: Opinion) -> Opinion:
    """A text without these drafts: their words out, their marks lifted, the paragraphs they add gone."""
    return Opinion(
        tuple(
            replace(paragraph, runs=_lifted(paragraph, drafts)) for paragraph in text if paragraph.added not in drafts
        )
    )


def carry(
    ids: Collection[AmendmentId], view: Document, onto: Opinion, rename: Rename | None = None
) -> tuple[TextEdit, ...]:
    """The edits that put the drafts `ids` of a view into the Opinion's text `onto`, where they stand in the view.

    Other drafts stay behind, but for their words in a paragraph that one of `ids` adds: these go along as part
    of it. Brackets there stay brackets when they are of `ids` (`brackets_along`). A draft renamed to a submitted
    amendment really deletes what it strikes of that one's own words.
    Raises `ValueError` when the view without its drafts is not `onto`.
    """
    drafts = drafts_of(view) | frozenset(ids)
    _require_same(lifted(drafts, view.text), onto)
    edits: list[TextEdit] = []
    after: ParagraphId | None = None
    for paragraph in view.text:
        if paragraph.added in ids:
            edits.append(AddParagraph(after, _whole(paragraph, ids, drafts, rename or {})))
        elif paragraph.added in drafts:
            continue
        else:
            edits += _laid(paragraph, ids, drafts, rename or {})
        after = paragraph.id
    return tuple(edits)


def uncarry(ids: Collection[AmendmentId], view: Document) -> tuple[TextEdit, ...]:
    """The edits that take the drafts `ids` out of a view."""
    return _taken_off(ids, view.text)


def follow(
    drafts: Collection[AmendmentId], before: Document, shifts: Sequence[Shift], after: Opinion
) -> tuple[Edit, ...]:
    """The edits that keep drafts in place when the Opinion's text moved or went under them.

    `before` is the view as it was, `after` what its text became with the Opinion's changes taken in, whatever
    became of the drafts there; the edits are for `after`. In paragraphs that a structure command rebuilt, drafts
    are laid anew where their surroundings went (`shifts`: offsets of the text without these drafts). Drafts
    whose paragraph is gone, or of which nothing is left, keep their words in their record as `Removed`; a SUP of
    a paragraph that is gone is dropped.
    """
    there = {paragraph.id for paragraph in after}
    standing = [paragraph for paragraph in before.text if paragraph.added not in drafts]
    moved = {shift.source for shift in shifts} | {shift.target for shift in shifts}
    gone = {paragraph.id for paragraph in standing} - there - {shift.source for shift in shifts}
    edits: list[Edit] = []
    if moved:
        rebuilt = Opinion(tuple(paragraph for paragraph in after if paragraph.id in moved))
        edits += _taken_off(drafts, rebuilt)
        edits += _relaid([p for p in standing if p.id in moved], drafts, shifts, lifted(drafts, rebuilt))
    text = applied(Document(after), edits).text if edits else after
    return (*edits, *_kept_on_record(drafts, before, gone, text))


def _lifted(paragraph: Paragraph, drafts: Collection[AmendmentId]) -> tuple[Run, ...]:
    return joined(
        Run(run.text, frozenset(mark for mark in run.marks if not _is_of(mark, drafts)))
        for run in paragraph.runs
        if not run.proposed_by(drafts)
    )


def _is_of(mark: Mark, ids: Collection[AmendmentId]) -> bool:
    return mark.kind in AMENDMENT_MARKS and AmendmentId(mark.id) in ids


def _require_same(bare: Opinion, onto: Opinion) -> None:
    if bare != onto:
        pairs = zip(bare, onto, strict=False)
        other = next((ours.id for ours, theirs in pairs if ours != theirs), "a paragraph at the end")
        raise ValueError(f"The view without its drafts is not the Opinion's text: {other} differs.")


def _renamed(mark: Mark, rename: Rename) -> Mark:
    return replace(mark, id=rename.get(AmendmentId(mark.id), mark.id)) if mark.kind in AMENDMENT_MARKS else mark


def brackets_along(draft: AmendmentId, view: Document) -> tuple[AmendmentId, ...]:
    """The drafts that go into the Opinion with the paragraphs that `draft` adds, as brackets of their own: those that
    bracket words there and have no words anywhere else. In the order in which they open.
    """
    others = drafts_of(view) - {draft}
    found: dict[AmendmentId, None] = {}
    worded: set[AmendmentId] = set()
    for paragraph in view.text:
        for run in paragraph.runs:
            if paragraph.added == draft:
                if not _struck(run, others | {draft}):
                    found.update((one, None) for one in sorted(bracketing(run.marks)) if one in others)
            else:
                worded |= changing(run.marks)
    adding = {paragraph.added for paragraph in view.text}
    return tuple(one for one in found if one not in worded and one not in adding)


def _whole(
    paragraph: Paragraph, ids: Collection[AmendmentId], drafts: Collection[AmendmentId], rename: Rename
) -> Paragraph:
    assert paragraph.added is not None
    added = rename.get(paragraph.added, paragraph.added)
    own = Mark(MarkKind.INSERTION, added)

    def stays(mark: Mark) -> bool:
        if mark.kind is MarkKind.BRACKET and mark.id != paragraph.added and mark.id in ids:
            return True
        return not _is_of(mark, drafts)

    runs = tuple(
        Run(run.text, frozenset(_renamed(m, rename) for m in run.marks if stays(m)) | {own})
        for run in paragraph.runs
        if not _struck(run, drafts)
    )
    return replace(paragraph, runs=joined(runs), added=added)


def _struck(run: Run, drafts: Collection[AmendmentId]) -> bool:
    return any(mark.kind is MarkKind.DELETION and _is_of(mark, drafts) for mark in run.marks)


def _laid(
    paragraph: Paragraph, ids: Collection[AmendmentId], drafts: Collection[AmendmentId], rename: Rename
) -> tuple[TextEdit, ...]:
    """The edits that lay the drafts `ids` over a paragraph that has none."""
    marks: list[TextEdit] = []
    words: list[TextEdit] = []
    at = 0
    for run in paragraph.runs:
        if run.proposed_by(drafts):
            if run.proposed_by(ids):
                kept = (m for m in run.marks if not _is_of(m, drafts) or _is_of(m, ids))
                words.append(InsertText(paragraph.id, at, run.text, frozenset(_renamed(m, rename) for m in kept)))
            continue
        end = at + len(run.text)
        for mark in sorted(mark for mark in run.marks if _is_of(mark, ids)):
            under = _renamed(mark, rename)
            if under.kind is MarkKind.DELETION and under.id == run.insertion:
                words.append(DeleteText(paragraph.id, at, end))
            else:
                marks.append(SetMark(paragraph.id, at, end, under, True))
        at = end
    # The last first: every offset is then one of the text as it is.
    return (*marks, *reversed(words))


def _taken_off(ids: Collection[AmendmentId], text: Opinion) -> tuple[TextEdit, ...]:
    edits: list[TextEdit] = []
    for paragraph in text:
        if paragraph.added in ids:
            edits.append(RemoveParagraph(paragraph.id))
            continue
        marks: list[TextEdit] = []
        words: list[TextEdit] = []
        at = 0
        for run in paragraph.runs:
            end = at + len(run.text)
            if run.proposed_by(ids):
                words.append(DeleteText(paragraph.id, at, end))
            else:
                ours = sorted(mark for mark in run.marks if _is_of(mark, ids))
                marks += [SetMark(paragraph.id, at, end, mark, False) for mark in ours]
            at = end
        edits += (*marks, *reversed(words))
    return tuple(edits)


# --- following a text that moved


@dataclass(slots=True)
class _Layer:
    """What is laid over one paragraph: marks on its characters, words at its offsets in reading order."""

    marks: list[TextEdit] = field(default_factory=list)
    words: list[InsertText] = field(default_factory=list)


def _relaid(
    standing: Iterable[Paragraph], drafts: Collection[AmendmentId], shifts: Sequence[Shift], after: Opinion
) -> list[TextEdit]:
    lengths = {paragraph.id: len(paragraph.text) for paragraph in after}
    layers: dict[ParagraphId, _Layer] = {}
    for paragraph in standing:
        route = _Route(paragraph, drafts, shifts, lengths)
        at = 0
        for run in paragraph.runs:
            if run.proposed_by(drafts):
                target, offset = route.gap(at)
                layer = layers.setdefault(target, _Layer())
                layer.words.append(InsertText(target, offset, run.text, run.marks))
                continue
            for mark in sorted(mark for mark in run.marks if _is_of(mark, drafts)):
                for target, start, end in route.characters(at, at + len(run.text)):
                    layer = layers.setdefault(target, _Layer())
                    layer.marks.append(SetMark(target, start, end, mark, True))
            at += len(run.text)
    edits: list[TextEdit] = []
    for layer in layers.values():
        # `sorted` keeps the reading order of words at one offset; the last first, so that offsets hold.
        edits += (*layer.marks, *reversed(sorted(layer.words, key=lambda word: word.at)))
    return edits


class _Route:
    """Where the characters of one paragraph went, offsets without drafts on both sides."""

    def __init__(
        self,
        paragraph: Paragraph,
        drafts: Collection[AmendmentId],
        shifts: Sequence[Shift],
        lengths: Mapping[ParagraphId, int],
    ) -> None:
        length = sum(len(run.text) for run in paragraph.runs if not run.proposed_by(drafts))
        taken = {
            shift.at + n for shift in shifts if shift.target == paragraph.id for n in range(shift.end - shift.start)
        }
        # What no shift names stands where it stood, around what came from elsewhere.
        free = iter([at for at in range(lengths.get(paragraph.id, 0)) if at not in taken])
        out = [shift for shift in shifts if shift.source == paragraph.id]
        self._places: list[tuple[ParagraphId, int] | None] = []
        for at in range(length):
            shift = next((shift for shift in out if shift.start <= at < shift.end), None)
            if shift is not None:
                last = lengths.get(shift.target, 0) - 1
                self._places.append((shift.target, min(shift.at + at - shift.start, last)))
            else:
                rest = next(free, None)
                self._places.append(None if rest is None else (paragraph.id, rest))
        self._empty = (out[0].target, out[0].at) if out and paragraph.id not in lengths else (paragraph.id, 0)

    def gap(self, at: int) -> tuple[ParagraphId, int]:
        """The place between two characters: behind the nearest one before, else ahead of the nearest after."""
        before = next((place for place in reversed(self._places[:at]) if place), None)
        if before is not None:
            return before[0], before[1] + 1
        return next((place for place in self._places[at:] if place), None) or self._empty

    def characters(self, start: int, end: int) -> Iterable[tuple[ParagraphId, int, int]]:
        """The stretches in which these characters stand now."""
        found: list[tuple[ParagraphId, int, int]] = []
        for place in self._places[start:end]:
            if place is None:
                continue
            if found and found[-1][0] == place[0] and found[-1][2] == place[1]:
                found[-1] = (place[0], found[-1][1], place[1] + 1)
            else:
                found.append((*place, place[1] + 1))
        return found


def _kept_on_record(
    drafts: Collection[AmendmentId], before: Document, gone: Collection[ParagraphId], after: Opinion
) -> tuple[RecordEdit, ...]:
    left = frozenset(name for paragraph in after for name in proposals(paragraph))
    edits: list[RecordEdit] = []
    for draft in sorted(drafts):
        record = before.amendment(draft)
        if record is None:
            continue
        if record.kind is AmendmentKind.SUP:
            if after.find(record.paragraph) is None:
                edits.append(DropAmendment(draft))
            continue
        where = [p for p in before.text if p.id in gone or draft not in left]
        lost = tuple(entry for paragraph in where for entry in _words_in(paragraph, record))
        if lost:
            edits.append(PutAmendment(replace(record, removed=(*record.removed, *lost))))
    return tuple(edits)


def _words_in(paragraph: Paragraph, amendment: Amendment) -> tuple[Removed, ...]:
    its = {number for number, run in enumerate(paragraph.runs) if marks_of(run, amendment.id)}
    return kept(paragraph, stretches(paragraph, its))
