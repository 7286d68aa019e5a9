"""Edits turned into the steps that carry them out in a shared document.

The whole plan is made on values before anything is changed, so that an edit that does not fit changes nothing. The
values move along with every step: each edit's offset speaks of the text as the edits before it left it, and is
counted in code points; pycrdt wants UTF-8 bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crdt.mirror import Mirror
from opinions.edits import (
    AddParagraph,
    DeleteText,
    DropAmendment,
    Edit,
    InsertText,
    PutAmendment,
    PutOnTable,
    PutOpinion,
    PutParagraph,
    RemoveParagraph,
    SetMark,
    SetParagraph,
)
from opinions.errors import UnknownParagraph
from opinions.in_hand import EditedParagraph
from opinions.model import Paragraph, ParagraphId
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
        self._in_hand: dict[ParagraphId, EditedParagraph] = {}

    def tasks(self, edits: Sequence[Edit]) -> Iterator[Task]:
        for edit in edits:
            match edit:
                case PutAmendment(amendment):
                    yield Put(*write_entry(amendment))
                case PutParagraph(record):
                    yield Put(*write_entry(record))
                case PutOpinion(opinion):
                    yield Put(*write_entry(opinion))
                case PutOnTable(value):
                    yield Put(*write_entry(value))
                case DropAmendment(amendment_id):
                    yield Put(f"amendment:{amendment_id}", None)
                case AddParagraph(after, paragraph):
                    yield from self._add(after, paragraph)
                case RemoveParagraph(paragraph_id):
                    row = self._row(paragraph_id)
                    self._rows().pop(row)
                    self._in_hand.pop(paragraph_id, None)
                    yield Remove(row, paragraph_id)
                case SetParagraph():
                    yield from self._set(edit)
                case _:
                    yield from self._edit(edit)

    def _add(self, after: ParagraphId | None, paragraph: Paragraph) -> Iterator[Task]:
        row = 0 if after is None else self._row(after) + 1
        if paragraph.id in self._rows():
            raise ValueError(f"paragraph {paragraph.id} is in the text already")
        self._rows().insert(row, paragraph.id)
        self._in_hand[paragraph.id] = EditedParagraph(replace(paragraph, runs=()))
        yield Insert(row, paragraph.id, _attributes(paragraph))
        for edit in _typed(paragraph):
            yield from self._edit(edit)

    def _edit(self, edit: InsertText | DeleteText | SetMark) -> Iterator[Task]:
        row, paragraph = self._row(edit.paragraph), self._edited(edit.paragraph)
        match edit:
            case InsertText(paragraph_id, at, text, marks):
                byte = paragraph.insert(at, text, marks)
                if text:
                    yield Type(row, paragraph_id, byte, text, tuple(sorted(mark.key for mark in marks)))
            case DeleteText(paragraph_id, start, end):
                byte, length = paragraph.delete(start, end)
                if length:
                    yield Erase(row, paragraph_id, byte, length)
            case SetMark(paragraph_id, start, end, mark, on):
                for byte, length in paragraph.mark(start, end, mark, on):
                    yield Format(row, paragraph_id, byte, length, mark.key, on)

    def _set(self, edit: SetParagraph) -> Iterator[Task]:
        row, before = self._row(edit.paragraph), self._edited(edit.paragraph).value()
        after = replace(before, kind=edit.kind, level=edit.level, added=edit.added)
        self._in_hand[edit.paragraph] = EditedParagraph(after)
        old, new = dict(_attributes(before)), dict(_attributes(after))
        changed = tuple(
            (name, new.get(name)) for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)
        )
        if changed:
            yield SetAttributes(row, changed)

    def _edited(self, paragraph_id: ParagraphId) -> EditedParagraph:
        found = self._in_hand.get(paragraph_id)
        if found is None:
            before = self._mirror.paragraph(paragraph_id)
            if before is None:
                raise UnknownParagraph(paragraph_id)
            found = self._in_hand[paragraph_id] = EditedParagraph(before)
        return found

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
