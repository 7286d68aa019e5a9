"""Texts while they are edited: the same as edits carried out one by one on values, at the cost of what they touch.

`EditedParagraph` keeps a paragraph's runs in rows of bounded length, so that an edit looks for its place in one row and
not in all that stands there. `EditedDocument` is a document on which a command works; `opinions.edits.applied` carries
edits out with it, `crdt.plan` counts its bytes with `EditedParagraph`.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

from opinions.errors import UnknownParagraph
from opinions.model import AmendmentId, Mark, Marks, Opinion, Paragraph, ParagraphId, Run, joined
from opinions.record import Amendment, Document, OnTable, OpinionRecord, ParagraphRecord, Record, copied
from opinions.record_json import key_of

ROW = 64
"""Runs in a row at first; one that has grown to twice as many is halved."""


class EditedParagraph:
    """A paragraph whose characters are edited. Offsets are code points; what is returned is bytes of UTF-8, as the
    shared document counts. Raises `ValueError` for places outside, and changes nothing then.
    """

    __slots__ = ("_length", "_lengths", "_made", "_more", "_paragraph", "_rows")

    def __init__(self, paragraph: Paragraph) -> None:
        self._paragraph = paragraph
        self._made: Paragraph | None = paragraph
        runs = paragraph.runs
        self._rows = [list(runs[first : first + ROW]) for first in range(0, len(runs), ROW)] or [[]]
        self._lengths = [sum([len(run.text) for run in row]) for row in self._rows]
        self._more = [sum(map(_more, row)) for row in self._rows]
        """How many bytes each row has more than characters."""
        self._length = sum(self._lengths)

    def value(self) -> Paragraph:
        """The paragraph as edited so far."""
        if self._made is None:
            self._made = replace(self._paragraph, runs=joined(chain.from_iterable(self._rows)))
        return self._made

    def insert(self, at: int, text: str, marks: Marks) -> int:
        """Puts text with exactly these marks; the byte where it begins."""
        self._require_within(at, at)
        number, place, start = self._find(at)
        if text:
            self._made = None
            run = Run(text, marks)
            row = self._rows[number]
            row.insert(place, run)
            self._grow(number, len(text), _more(run))
            if len(row) >= 2 * ROW:
                self._halve(number)
        return start

    def delete(self, start: int, end: int) -> tuple[int, int]:
        """Takes characters out; the byte where they began, and how many bytes they were."""
        self._require_within(start, end)
        number, place, begins = self._find(start)
        size, left = 0, end - start
        while left:
            self._made = None
            row = self._rows[number]
            if place == len(row):
                number, place = number + 1, 0
                continue
            run = row[place]
            if len(run.text) <= left:
                gone = run
                del row[place]
            else:
                gone = Run(run.text[:left], run.marks)
                row[place] = Run(run.text[left:], run.marks)
            left -= len(gone.text)
            more = _more(gone)
            size += len(gone.text) + more
            self._grow(number, -len(gone.text), -more)
        return begins, size

    def mark(self, start: int, end: int, mark: Mark, on: bool) -> list[tuple[int, int]]:
        """Puts a mark on characters, or lifts it; the parts that were not yet so: first byte, bytes."""
        self._require_within(start, end)
        number, place, at = self._find(start)
        parts: list[tuple[int, int]] = []
        left = end - start
        while left:
            row = self._rows[number]
            if place == len(row):
                number, place = number + 1, 0
                continue
            run = row[place]
            if len(run.text) > left:
                run, rest = Run(run.text[:left], run.marks), Run(run.text[left:], run.marks)
                row[place : place + 1] = [run, rest]
            size = len(run.text) + _more(run)
            if (mark in run.marks) != on:
                self._made = None
                row[place] = Run(run.text, run.marks | {mark} if on else run.marks - {mark})
                if parts and sum(parts[-1]) == at:
                    parts[-1] = (parts[-1][0], parts[-1][1] + size)
                else:
                    parts.append((at, size))
            at += size
            left -= len(run.text)
            place += 1
        if len(self._rows[number]) >= 2 * ROW:
            self._halve(number)
        return parts

    def _require_within(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= self._length:
            name = self._paragraph.id
            raise ValueError(f"{start}..{end} is outside paragraph {name} of {self._length} characters")

    def _find(self, at: int) -> tuple[int, int, int]:
        """The row and the place in it of the run that begins at a character, which is made one; and its byte."""
        byte, left, number = at, at, 0
        for number, length in enumerate(self._lengths):
            if left < length:
                break
            left -= length
            byte += self._more[number]
        row = self._rows[number]
        if at == self._length:
            return number, len(row), byte
        plain = not self._more[number]
        for place, run in enumerate(row):
            length = len(run.text)
            if left < length:
                if not left:
                    return number, place, byte
                before = Run(run.text[:left], run.marks)
                row[place : place + 1] = [before, Run(run.text[left:], run.marks)]
                return number, place + 1, byte if plain else byte + _more(before)
            left -= length
            if not plain:
                byte += _more(run)
        raise AssertionError(f"the rows of {self._paragraph.id} are not what their lengths say")

    def _grow(self, number: int, length: int, more: int) -> None:
        self._lengths[number] += length
        self._more[number] += more
        self._length += length

    def _halve(self, number: int) -> None:
        row = self._rows[number]
        halves = [row[:ROW], row[ROW:]]
        self._rows[number : number + 1] = halves
        self._lengths[number : number + 1] = [sum([len(run.text) for run in half]) for half in halves]
        self._more[number : number + 1] = [sum(map(_more, half)) for half in halves]


def _more(run: Run) -> int:
    """How many bytes of UTF-8 a run has more than characters."""
    text = run.text
    return 0 if text.isascii() else len(text.encode()) - len(text)


class EditedDocument:
    """A document on which a command works. What `value` gives stays as it is; editing goes on beside it."""

    def __init__(self, document: Document) -> None:
        self._value: Document | None = document
        self._text: Opinion | None = document.text
        self._paragraphs = document.text.paragraphs
        self._own: list[Paragraph] | None = None
        self._places: dict[ParagraphId, int] | None = None
        self._in_hand: dict[ParagraphId, EditedParagraph] = {}
        self._touched: set[ParagraphId] = set()
        """Those in hand that were edited since `value` was last asked."""
        self._sought = False
        self._record = document.record
        self._amendments: dict[AmendmentId, Amendment] | None = None
        self._records: dict[ParagraphId, ParagraphRecord] | None = None
        self._opinion = document.record.opinion
        self._table: Mapping[str, OnTable] = document.record.table

    def value(self) -> Document:
        """The document as edited so far."""
        if self._value is None:
            if self._text is None:
                for name in self._touched:
                    self._row()[self.place(name)] = self._in_hand[name].value()
                self._touched.clear()
                self._text = Opinion(tuple(self._row()))
            before = self._record
            others = self._opinion is not before.opinion or self._table is not before.table
            if self._amendments is not None or self._records is not None or others:
                amendments, records = before.amendments, before.paragraphs
                if self._amendments is not None:
                    amendments = MappingProxyType(self._amendments)
                if self._records is not None:
                    records = MappingProxyType(self._records)
                self._record = Record(amendments, records, self._opinion, self._table)
                self._amendments = self._records = None
            self._value = Document(self._text, self._record)
        return self._value

    def amendment(self, amendment_id: AmendmentId) -> Amendment | None:
        """An amendment as it is on record now."""
        return (self._record.amendments if self._amendments is None else self._amendments).get(amendment_id)

    def record(self, paragraph_id: ParagraphId) -> ParagraphRecord:
        """What is on record of a paragraph now."""
        records = self._record.paragraphs if self._records is None else self._records
        return records.get(paragraph_id) or ParagraphRecord(paragraph_id)

    @property
    def opinion(self) -> OpinionRecord:
        """What is on record of the Opinion as a whole now."""
        return self._opinion

    def paragraph(self, paragraph_id: ParagraphId) -> Paragraph:
        """A paragraph as it reads now. Raises `UnknownParagraph`."""
        edited = self._in_hand.get(paragraph_id)
        return edited.value() if edited is not None else self._row()[self.place(paragraph_id)]

    def place(self, paragraph_id: ParagraphId) -> int:
        """Its place in reading order. Raises `UnknownParagraph`."""
        if self._places is None and self._sought:
            self._places = {paragraph.id: number for number, paragraph in enumerate(self._row())}
        if self._places is None:
            # Most commands ask once.
            self._sought = True
            numbered = enumerate(self._row())
            found = next((number for number, paragraph in numbered if paragraph.id == paragraph_id), None)
        else:
            found = self._places.get(paragraph_id)
        if found is None:
            raise UnknownParagraph(paragraph_id)
        return found

    def edited(self, paragraph_id: ParagraphId) -> EditedParagraph:
        """A paragraph to edit. Raises `UnknownParagraph`."""
        self._value = self._text = None
        found = self._in_hand.get(paragraph_id)
        if found is None:
            found = self._in_hand[paragraph_id] = EditedParagraph(self._row()[self.place(paragraph_id)])
        self._touched.add(paragraph_id)
        return found

    def add(self, place: int, paragraph: Paragraph) -> None:
        """Puts a paragraph in."""
        self._value = self._text = self._places = None
        self._row().insert(place, paragraph)

    def remove(self, paragraph_id: ParagraphId) -> None:
        """Takes one out. Raises `UnknownParagraph`."""
        place = self.place(paragraph_id)
        self._value = self._text = self._places = None
        self._let_go(paragraph_id)
        del self._row()[place]

    def put(self, paragraph: Paragraph) -> None:
        """Gives a paragraph another value. Raises `UnknownParagraph`."""
        self._value = self._text = None
        self._let_go(paragraph.id)
        self._row()[self.place(paragraph.id)] = paragraph

    def put_amendment(self, amendment: Amendment) -> None:
        """Writes an amendment's record."""
        self._own_amendments()[amendment.id] = amendment

    def drop_amendment(self, amendment_id: AmendmentId) -> None:
        """Forgets one; harmless when it is not there."""
        self._own_amendments().pop(amendment_id, None)

    def put_record(self, record: ParagraphRecord) -> None:
        """Writes a paragraph's record."""
        self._value = None
        if self._records is None:
            self._records = copied(self._record.paragraphs)
        self._records[record.id] = record

    def put_opinion(self, record: OpinionRecord) -> None:
        """Writes the record of the Opinion as a whole."""
        self._value = None
        self._opinion = record

    def put_on_table(self, value: OnTable) -> None:
        """Writes a call, alternatives or a package."""
        self._value = None
        table = copied(self._table)
        table[key_of(value)] = value
        self._table = MappingProxyType(table)

    def _own_amendments(self) -> dict[AmendmentId, Amendment]:
        self._value = None
        if self._amendments is None:
            self._amendments = copied(self._record.amendments)
        return self._amendments

    def _row(self) -> list[Paragraph]:
        if self._own is None:
            self._own = list(self._paragraphs)
        return self._own

    def _let_go(self, paragraph_id: ParagraphId) -> None:
        self._in_hand.pop(paragraph_id, None)
        self._touched.discard(paragraph_id)
