"""Edits turned into the steps that carry them out in a shared document.

The whole plan is made on values before anything is changed, so that an edit that does not fit changes nothing. The
values move along with every step: each edit's offset speaks of the text as the edits before it left it, and is
counted in code points; pycrdt wants UTF-8 bytes.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from crdt.mirror import Mirror
from opinions.edits import (
    AddParagraph,
    DeleteText,
    DropAmendment,
    Edit,
    InsertText,
    PutAmendment,
    PutOpinion,
    PutParagraph,
    RemoveParagraph,
    SetMark,
    SetParagraph,
    applied,
)
from opinions.errors import UnknownParagraph
from opinions.model import Opinion, Paragraph, ParagraphId, Run, joined
from opinions.record import Document
from opinions.record_json import write_entry


@dataclass(frozen=True, slots=True)
class Put:
    """Set an entry of the record, or take it out (`text` None)."""

    key: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Insert:
    """Put an empty paragraph at `row`."""

    row: int
    paragraph: ParagraphId
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the paragraph at `row` out."""

    row: int
    paragraph: ParagraphId


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Give attributes of the paragraph at `row` new values, or take them out (None)."""

    row: int
    values: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Type:
    """Put text with exactly these marks at byte `at`."""

    row: int
    paragraph: ParagraphId
    at: int
    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erase:
    """Take `length` bytes out at byte `at`."""

    row: int
    paragraph: ParagraphId
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Format:
    """Put a mark on `length` bytes from byte `at`, or lift it."""

    row: int
    paragraph: ParagraphId
    at: int
    length: int
    key: str
    on: bool


_InParagraph = InsertText | DeleteText | SetParagraph
Task = Put | Insert | Remove | SetAttributes | Type | Erase | Format


def plan(edits: Sequence[Edit], mirror: Mirror) -> tuple[Task, ...]:
    """The tasks that carry the edits out on the document this mirror shows. Raises what `opinions.edits.applied`
    raises.
    """
    return tuple(_Planner(mirror).tasks(edits))


class _Planner:
    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._order: list[ParagraphId] | None = None
        self._paragraphs: dict[ParagraphId, Paragraph] = {}
        self._marking: dict[ParagraphId, _Marking] = {}

    def tasks(self, edits: Sequence[Edit]) -> Iterator[Task]:
        for edit in edits:
            match edit:
                case PutAmendment(amendment):
                    yield Put(*write_entry(amendment))
                case PutParagraph(record):
                    yield Put(*write_entry(record))
                case PutOpinion(opinion):
                    yield Put(*write_entry(opinion))
                case DropAmendment(amendment_id):
                    yield Put(f"amendment:{amendment_id}", None)
                case AddParagraph(after, paragraph):
                    yield from self._add(after, paragraph)
                case RemoveParagraph(paragraph_id):
                    row = self._row(paragraph_id)
                    self._rows().pop(row)
                    self._paragraphs.pop(paragraph_id, None)
                    self._marking.pop(paragraph_id, None)
                    yield Remove(row, paragraph_id)
                case SetMark():
                    yield from self._mark(edit)
                case _:
                    yield from self._change(edit)

    def _mark(self, edit: SetMark) -> Iterator[Task]:
        row = self._row(edit.paragraph)
        marking = self._marking.get(edit.paragraph)
        if marking is None:
            before = self._paragraphs.get(edit.paragraph) or self._mirror.paragraph(edit.paragraph)
            if before is None:
                raise UnknownParagraph(edit.paragraph)
            marking = self._marking[edit.paragraph] = _Marking(before)
        for low, high in marking.set(edit):
            at, length = marking.bytes(0, low), marking.bytes(low, high)
            yield Format(row, edit.paragraph, at, length, edit.mark.key, edit.on)

    def _add(self, after: ParagraphId | None, paragraph: Paragraph) -> Iterator[Task]:
        row = 0 if after is None else self._row(after) + 1
        if paragraph.id in self._rows():
            raise ValueError(f"paragraph {paragraph.id} is in the text already")
        self._rows().insert(row, paragraph.id)
        self._paragraphs[paragraph.id] = replace(paragraph, runs=())
        yield Insert(row, paragraph.id, _attributes(paragraph))
        for edit in _typed(paragraph):
            yield from self._change(edit)

    def _change(self, edit: _InParagraph) -> Iterator[Task]:
        paragraph_id = edit.paragraph
        row = self._row(paragraph_id)
        if (marking := self._marking.pop(paragraph_id, None)) is not None:
            self._paragraphs[paragraph_id] = marking.paragraph()
        before = self._paragraphs.get(paragraph_id) or self._mirror.paragraph(paragraph_id)
        if before is None:
            raise UnknownParagraph(paragraph_id)
        (after,) = applied(Document(Opinion((before,))), (edit,)).text.paragraphs
        self._paragraphs[paragraph_id] = after
        match edit:
            case InsertText(_, at, text, marks):
                if text:
                    keys = tuple(sorted(mark.key for mark in marks))
                    yield Type(row, paragraph_id, _bytes(before, 0, at), text, keys)
            case DeleteText(_, start, end):
                if start < end:
                    yield Erase(row, paragraph_id, _bytes(before, 0, start), _bytes(before, start, end))
            case SetParagraph():
                old, new = dict(_attributes(before)), dict(_attributes(after))
                changed = tuple(
                    (name, new.get(name)) for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)
                )
                if changed:
                    yield SetAttributes(row, changed)

    def _rows(self) -> list[ParagraphId]:
        if self._order is None:
            self._order = self._mirror.order()
        return self._order

    def _row(self, paragraph_id: ParagraphId) -> int:
        try:
            return self._rows().index(paragraph_id)
        except ValueError:
            raise UnknownParagraph(paragraph_id) from None


def _typed(paragraph: Paragraph) -> Iterator[InsertText]:
    at = 0
    for run in paragraph.runs:
        yield InsertText(paragraph.id, at, run.text, run.marks)
        at += len(run.text)


def _attributes(paragraph: Paragraph) -> tuple[tuple[str, str], ...]:
    fixed = (("id", str(paragraph.id)), ("kind", str(paragraph.kind)), ("level", str(paragraph.level)))
    return (*fixed, ("added", str(paragraph.added))) if paragraph.added else fixed


def _bytes(paragraph: Paragraph, start: int, end: int) -> int:
    return len(paragraph.text[start:end].encode())


class _Marking:
    """A paragraph while marks are put on it, one after the other: each costs what it covers, however many runs stand
    there. A hostile update can ask for hundreds of mends in a paragraph of thousands of runs.
    """

    def __init__(self, paragraph: Paragraph) -> None:
        self._paragraph = paragraph
        self._text = paragraph.text
        self._ascii = self._text.isascii()
        self._starts = [0, *accumulate(len(run.text) for run in paragraph.runs)][:-1]
        self._marks = [run.marks for run in paragraph.runs]

    def set(self, edit: SetMark) -> list[tuple[int, int]]:
        """Puts the mark on, or lifts it; the parts that were not yet as the edit wants it."""
        start, end, mark = edit.start, edit.end, edit.mark
        if not 0 <= start <= end <= len(self._text):
            raise ValueError(f"{start}..{end} is outside paragraph {edit.paragraph} of {len(self._text)} characters")
        parts: list[tuple[int, int]] = []
        first = self._split(start)
        for number in range(first, self._split(end)):
            marks = self._marks[number]
            if (mark in marks) == edit.on:
                continue
            self._marks[number] = marks | {mark} if edit.on else marks - {mark}
            low = self._starts[number]
            high = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._text)
            if parts and parts[-1][1] == low:
                parts[-1] = (parts[-1][0], high)
            else:
                parts.append((low, high))
        return parts

    def _split(self, at: int) -> int:
        """The number of the run that begins at a place, which is made one; past the last at the end of the text."""
        if at == len(self._text):
            return len(self._starts)
        number = bisect_right(self._starts, at) - 1
        if self._starts[number] == at:
            return number
        self._starts.insert(number + 1, at)
        self._marks.insert(number + 1, self._marks[number])
        return number + 1

    def bytes(self, start: int, end: int) -> int:
        """How many bytes of UTF-8 the characters from `start` up to `end` are."""
        return end - start if self._ascii else len(self._text[start:end].encode())

    def paragraph(self) -> Paragraph:
        """The paragraph as marked so far."""
        # A text without characters has no runs.
        ends = (*self._starts[1:], len(self._text))[: len(self._starts)]
        places = zip(self._starts, ends, self._marks, strict=True)
        return replace(self._paragraph, runs=joined(Run(self._text[low:high], marks) for low, high, marks in places))
