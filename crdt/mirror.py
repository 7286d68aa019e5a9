"""A shared document as values, kept current paragraph by paragraph, with a way back.

Every change is noted until it is settled, so that a refused update, or a batch the log did not take, leaves no
trace here. Reading the whole document again gives the same mirror; tests say so after every sequence.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from crdt.marks import facts
from crdt.tree import Reading
from opinions.model import AmendmentId, Opinion, Paragraph, ParagraphId
from opinions.record import Amendment, Document, OnTable, OpinionRecord, ParagraphRecord, Record, copied
from opinions.record_json import read_entry

RECORD, DRAFTS = "record", "drafts"
"""The root maps only the server writes (D5)."""


class Row:
    """One paragraph in reading order. `element` and `text` are the keys under which events name its nodes."""

    __slots__ = ("element", "ids", "length", "number", "paragraph", "text")

    def __init__(self, reading: Reading) -> None:
        self.element = reading.element
        self.text = reading.text
        self.paragraph = reading.paragraph
        self.ids = ids_in(reading.paragraph)
        self.length = _length(reading.paragraph)
        self.number = 0


def ids_in(paragraph: Paragraph) -> frozenset[AmendmentId]:
    """The amendment ids of all marks in a paragraph, and the one that adds it."""
    found: set[AmendmentId] = {paragraph.added} if paragraph.added else set()
    for run in paragraph.runs:
        if run.marks:
            found |= facts(run.marks).ids
    return frozenset(found)


class Mirror:
    """The paragraphs in order, the record, and which amendment ids stand where."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._paragraphs: list[Paragraph] = []
        self._by_id: dict[ParagraphId, Row] = {}
        self._by_text: dict[int, Row] = {}
        self._by_element: dict[int, Row] = {}
        self._stands: Counter[AmendmentId] = Counter()
        self._entries: dict[str, dict[str, str]] = {RECORD: {}, DRAFTS: {}}
        self._record = Record()
        self._opinion: Opinion | None = None
        self._undo: list[Callable[[], None]] = []
        self._past: list[tuple[Row, Paragraph]] = []
        self._settled: tuple[list[Row], Record] = (self._rows, self._record)
        self.characters = 0

    # -- reading

    def __len__(self) -> int:
        return len(self._rows)

    def opinion(self) -> Opinion:
        """The text; the same object until something changes."""
        if self._opinion is None:
            self._opinion = Opinion(tuple(self._paragraphs))
        return self._opinion

    @property
    def record(self) -> Record:
        """The record with the drafts laid over it; the same object until an entry changes."""
        return self._record

    def document(self) -> Document:
        """Text and record."""
        return Document(self.opinion(), self._record)

    def settled(self) -> Document:
        """Text and record as they were at the last `settle`."""
        rows, record = self._settled
        then: dict[Row, Paragraph] = {}
        for row, paragraph in self._past:
            then.setdefault(row, paragraph)
        return Document(Opinion(tuple(then.get(row, row.paragraph) for row in rows)), record)

    def entries(self, root: str) -> Mapping[str, str]:
        """The JSON texts of one root map by key."""
        return MappingProxyType(self._entries[root])

    def paragraph(self, paragraph_id: str) -> Paragraph | None:
        """A paragraph by its id."""
        row = self._by_id.get(ParagraphId(paragraph_id))
        return row.paragraph if row else None

    def ids_of(self, paragraph_id: str) -> frozenset[AmendmentId]:
        """The amendment ids that stand in a paragraph."""
        row = self._by_id.get(ParagraphId(paragraph_id))
        return row.ids if row else frozenset()

    def holds(self, amendment_id: AmendmentId) -> bool:
        """Whether any mark in the text carries this id."""
        return amendment_id in self._stands

    @property
    def amendments(self) -> int:
        """How many amendment ids stand in the text."""
        return len(self._stands)

    @property
    def unambiguous(self) -> bool:
        """Whether every paragraph has an id of its own."""
        return len(self._by_id) == len(self._rows)

    def order(self) -> list[ParagraphId]:
        """The ids of the paragraphs in reading order; a list of the caller's own."""
        return [row.paragraph.id for row in self._rows]

    def row_of_text(self, key: int) -> Row | None:
        """The paragraph whose text has this key."""
        return self._by_text.get(key)

    def row_of_element(self, key: int) -> Row | None:
        """The paragraph whose element has this key."""
        return self._by_element.get(key)

    # -- changing

    def put(self, row: Row, paragraph: Paragraph) -> None:
        """Gives a row its new value; the id stays."""
        before, ids, length = row.paragraph, row.ids, row.length
        self._past.append((row, before))
        self._undo.append(lambda: self._set(row, before, ids, length))
        grown = _grown(before, paragraph)
        if grown is not None:
            self._set(row, paragraph, ids, length + grown)
            return
        after = ids_in(paragraph)
        self._set(row, paragraph, ids if after == ids else after, _length(paragraph))

    def splice(self, start: int, count: int, readings: Iterable[Reading]) -> tuple[list[Row], list[Row]]:
        """Puts paragraphs in the place of `count` rows from `start`; returns the rows that went and those that
        came.
        """
        rows = list(self._rows)
        gone, came = rows[start : start + count], [Row(reading) for reading in readings]
        old = self._rows
        rows[start : start + count] = came
        # Where an id comes twice (and is refused for it) the name must lead back to the row that had it.
        named = {row.paragraph.id: self._by_id.get(row.paragraph.id) for row in (*gone, *came)}
        self._undo.append(lambda: self._rearrange(old, came, gone, named, start))
        self._arrange(rows, gone, came, start)
        return gone, came

    def put_entries(self, root: str, changed: Mapping[str, str | None]) -> None:
        """Takes changed entries of a root map; None: the key is gone. Raises `UnreadableRecord`."""
        entries, record = self._entries, self._record
        fresh = dict(entries[root])
        for key, text in changed.items():
            if text is None:
                fresh.pop(key, None)
            else:
                fresh[key] = text
        everything = {**entries, root: fresh}
        overlaid = {key: everything[DRAFTS].get(key) or everything[RECORD].get(key) for key in changed}
        self._undo.append(lambda: self._set_record(entries, record))
        self._set_record(everything, _with_entries(record, overlaid))

    # -- the way back

    def mark(self) -> int:
        """A point to which `undo` leads back."""
        return len(self._undo)

    def undo(self, mark: int) -> None:
        """Takes every change since `mark` back."""
        while len(self._undo) > mark:
            self._undo.pop()()

    def settle(self) -> None:
        """Makes what happened so far final."""
        self._undo.clear()
        self._past.clear()
        self._settled = (self._rows, self._record)

    # -- the parts

    def _set(self, row: Row, paragraph: Paragraph, ids: frozenset[AmendmentId], length: int) -> None:
        self.characters += length - row.length
        row.paragraph = self._paragraphs[row.number] = paragraph
        row.length = length
        self._opinion = None
        if row.ids is not ids:
            self._count(row.ids - ids, -1)
            self._count(ids - row.ids, 1)
            row.ids = ids

    def _arrange(self, rows: list[Row], gone: Iterable[Row], came: Iterable[Row], start: int) -> None:
        for row in gone:
            if self._by_id.get(row.paragraph.id) is row:
                del self._by_id[row.paragraph.id]
            del self._by_text[row.text]
            del self._by_element[row.element]
            self._count(row.ids, -1)
            self.characters -= row.length
        for row in came:
            self._by_id[row.paragraph.id] = row
            self._by_text[row.text] = row
            self._by_element[row.element] = row
            self._count(row.ids, 1)
            self.characters += row.length
        self._rows = rows
        self._paragraphs[start:] = [row.paragraph for row in rows[start:]]
        for number, row in enumerate(rows[start:], start):
            row.number = number
        self._opinion = None

    def _rearrange(
        self,
        rows: list[Row],
        gone: Iterable[Row],
        came: Iterable[Row],
        named: Mapping[ParagraphId, Row | None],
        start: int,
    ) -> None:
        self._arrange(rows, gone, came, start)
        for name, row in named.items():
            if row is None:
                self._by_id.pop(name, None)
            else:
                self._by_id[name] = row

    def _count(self, ids: Iterable[AmendmentId], by: int) -> None:
        for amendment_id in ids:
            left = self._stands[amendment_id] + by
            if left:
                self._stands[amendment_id] = left
            else:
                del self._stands[amendment_id]

    def _set_record(self, entries: dict[str, dict[str, str]], record: Record) -> None:
        self._entries, self._record = entries, record


def _length(paragraph: Paragraph) -> int:
    return sum([len(run.text) for run in paragraph.runs])


def _grown(before: Paragraph, after: Paragraph) -> int | None:
    """How many characters a paragraph has more, under marks that all stayed; None when marks changed."""
    if before.added != after.added or len(before.runs) != len(after.runs):
        return None
    by = 0
    for one, other in zip(before.runs, after.runs, strict=True):
        if one is not other:
            if one.marks is not other.marks:
                return None
            by += len(other.text) - len(one.text)
    return by


def _with_entries(record: Record, changed: Mapping[str, str | None]) -> Record:
    amendments = copied(record.amendments)
    paragraphs = copied(record.paragraphs)
    opinion = record.opinion
    # As it is where nothing of it changes: a proxy of a proxy each time would be thousands deep by the evening.
    table = copied(record.table) if any(key.startswith(_ON_TABLE) for key in changed) else None
    for key, text in changed.items():
        value = read_entry(key, text) if text is not None else None
        name = key.partition(":")[2]
        if isinstance(value, Amendment):
            amendments[value.id] = value
        elif isinstance(value, ParagraphRecord):
            paragraphs[value.id] = value
        elif isinstance(value, OpinionRecord):
            opinion = value
        elif table is not None and key.startswith(_ON_TABLE):
            table.pop(key, None)
            if isinstance(value, OnTable):
                table[key] = value
        elif key == "opinion":
            opinion = OpinionRecord()
        elif key.startswith("amendment:"):
            amendments.pop(AmendmentId(name), None)
        else:
            paragraphs.pop(ParagraphId(name), None)
    laid = record.table if table is None else MappingProxyType(table)
    return Record(MappingProxyType(amendments), MappingProxyType(paragraphs), opinion, laid)


_ON_TABLE = ("call:", "alternatives:", "package:", "renumbering:")
