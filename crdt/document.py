"""One shared document: Yjs bytes in, values out, and the server's own edits carried out in it.

`Replica` is a bare Yjs document. `SharedDocument` keeps a `Mirror` of itself, so that reading costs nothing and
every change is known paragraph by paragraph. pycrdt's low-level classes are used: its wrappers cost as much as the
work itself. Bytes must have passed the gate, or be the server's own: some updates that the library takes for valid
kill the process (guide: crdt 5).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pycrdt._pycrdt import Doc, get_state

from crdt.decoder import decode_state_vector
from crdt.errors import DocumentError
from crdt.mirror import DRAFTS, RECORD, Mirror, Row
from crdt.plan import Erase, Format, Insert, Put, Remove, SetAttributes, Task, Type, plan
from crdt.tree import (
    DELETE,
    INSERT,
    PARAGRAPH,
    RETAIN,
    Reading,
    Step,
    read_attributes,
    read_paragraph,
    read_runs,
    steps,
)
from opinions.edits import Edit
from opinions.errors import UnreadableRecord
from opinions.model import Opinion, Paragraph
from opinions.record import Document, Record

TEXT = "text"
_EVERYTHING = b"\0"
_abandoned: list[tuple[Any, Any]] = []


class Replica:
    """A Yjs document and nothing else. Any exception but `DocumentError` leaves it unusable: load it anew."""

    def __init__(self, client: int, updates: Sequence[bytes] = ()) -> None:
        self.client = client
        self._doc: Any = None
        self._load(updates)

    def apply(self, updates: Sequence[bytes]) -> None:
        """Applies checked or own updates in one transaction."""
        self._apply(updates).drop()

    def state(self) -> bytes:
        """The whole document as one Yjs update."""
        return self._encoded(_EVERYTHING)

    def difference(self, state_vector: bytes) -> bytes:
        """What a document with this state vector lacks. Raises `UpdateRefused` when the state vector is not one
        (G1, G2).
        """
        decode_state_vector(state_vector)
        return self._encoded(state_vector)

    def state_vector(self) -> bytes:
        """The next clock of each client, as Yjs encodes it."""
        transaction = self._doc.create_transaction()
        try:
            return bytes(self._doc.get_state(transaction))
        finally:
            transaction.drop()

    def clocks(self) -> dict[int, int]:
        """The next clock of each client."""
        return decode_state_vector(self.state_vector(), trusted=True)

    def _encoded(self, state_vector: bytes) -> bytes:
        transaction = self._doc.create_transaction()
        try:
            return bytes(self._doc.get_update(transaction, state_vector))
        finally:
            transaction.drop()

    def _load(self, updates: Sequence[bytes]) -> None:
        self._doc = Doc(self.client, None, None)
        self._apply(updates).drop()

    def _apply(self, updates: Sequence[bytes]) -> Any:
        """Applies updates and returns the transaction, committed; the caller reads with it and drops it."""
        transaction = self._doc.create_transaction()
        try:
            for update in updates:
                self._doc.apply_update(transaction, update)
            transaction.commit()
        except ValueError:
            transaction.drop()
            raise
        except BaseException:
            # After anything else the library's own state is not to be trusted, and even dropping it can end the
            # process.
            _abandoned.append((self._doc, transaction))
            raise
        return transaction


def clocks_in(state: bytes) -> dict[int, int]:
    """The next clock of each client whose items a stored state holds from the first on. Raises `ValueError`."""
    return decode_state_vector(bytes(get_state(state)), trusted=True)


class Change(NamedTuple):
    """One paragraph an update touched. `before` None: it appeared; `after` None: it is gone.

    `steps` tells which characters stayed, came and went, from the document's own order, never from comparing the
    texts.
    """

    before: Paragraph | None
    after: Paragraph | None
    steps: tuple[Step, ...] = ()


class Touched(NamedTuple):
    """What an update did. `record` when it reached a root map that only the server writes."""

    changes: list[Change]
    record: bool


class SharedDocument(Replica):
    """A Yjs document with its mirror."""

    def __init__(self, client: int, updates: Sequence[bytes] = ()) -> None:
        self.mirror = Mirror()
        self._heard = _Heard()
        self._observers: tuple[Any, ...] = ()
        self._watched: dict[int, tuple[Any, Any]] = {}
        self._fragment: Any = None
        self._maps: dict[str, Any] = {}
        super().__init__(client, updates)
        self._read_everything()

    def apply(  # type: ignore[override]
        self, updates: Sequence[bytes], entries: Iterable[tuple[str, str]] | None = None
    ) -> Touched:
        """Applies checked or own updates in one transaction and says what they did.

        `entries` are the root and key of the record entries they change, where the caller knows; else all are read.

        Raises `DocumentError` (`schema`) when the result does not fit D2-D5; the mirror may then be half-way: undo
        it, and `reload`.
        """
        transaction = self._apply(updates)
        try:
            return self._take_events(transaction, entries)
        finally:
            transaction.drop()

    def write(self, edits: Sequence[Edit], root: str = RECORD) -> tuple[bytes, Touched]:
        """Carries edits out in one transaction as this document's client; returns the Yjs update that tells others,
        empty when nothing changed.

        Record edits go to the root map `root`. Does what `opinions.edits.applied` does (opinions/SPEC.md, E1) and
        raises what it raises, before anything is changed.
        """
        tasks = plan(edits, self.mirror)
        written: list[bytes] = []
        observer = self._doc.observe(lambda event: written.append(event.update))
        transaction = self._doc.create_transaction()
        try:
            self._carry_out(tasks, root, transaction)
            transaction.commit()
            touched = self._take_events(transaction, [(root, task.key) for task in tasks if isinstance(task, Put)])
        finally:
            transaction.drop()
            observer.drop()
        return written[0] if written else b"", touched

    def reload(self, updates: Sequence[bytes]) -> None:
        """Replaces the Yjs document by one made of `updates`. The mirror is kept: the caller knows that it
        describes them.
        """
        self._load(updates)

    def opinion(self) -> Opinion:
        """The text."""
        return self.mirror.opinion()

    def record(self) -> Record:
        """The record with the drafts laid over it."""
        return self.mirror.record

    def record_entries(self, root: str = RECORD) -> Mapping[str, str]:
        """The JSON texts of a root map by key."""
        return self.mirror.entries(root)

    def view(self) -> Document:
        """Text and record; drafts win for the keys they hold."""
        return self.mirror.document()

    # -- reading

    def _load(self, updates: Sequence[bytes]) -> None:
        for observer in self._observers:
            observer.drop()
        self._watched = {}
        super()._load(updates)
        transaction = self._doc.create_transaction()
        try:
            self._fragment = self._doc.get_or_insert_xml_fragment(transaction, TEXT)
            self._maps = {root: self._doc.get_or_insert_map(transaction, root) for root in (RECORD, DRAFTS)}
            for element in self._fragment.children(transaction):
                self._watch(element, transaction)
        finally:
            transaction.drop()
        self._heard.forget()
        self._observers = (
            self._fragment.observe(self._heard.row),
            *(held.observe(self._heard.entry) for held in self._maps.values()),
        )

    def _watch(self, element: Any, transaction: Any) -> None:
        # Each node for itself: observing the root and all below makes the library work out where the node stands, which
        # costs more than everything else in a long document.
        text = element.get(transaction, 0) if type(element).__name__ == "XmlElement" else None
        if text is not None:
            self._watched[hash(element)] = (element.observe(self._heard.element), text.observe(self._heard.text))

    def _read_everything(self) -> None:
        transaction = self._doc.create_transaction()
        try:
            readings = [read_paragraph(child, transaction) for child in self._fragment.children(transaction)]
            if len({reading.paragraph.id for reading in readings}) < len(readings):
                raise DocumentError("schema", "Two paragraphs have the same id.")
            self.mirror.splice(0, 0, readings)
            for root, held in self._maps.items():
                self._put_entries(root, {key: held.get(transaction, key) for key in held.keys(transaction)})
        finally:
            transaction.drop()
        self.mirror.settle()

    def _take_events(self, transaction: Any, known: Iterable[tuple[str, str]] | None) -> Touched:
        changes: list[Change] = []
        heard = self._heard
        texts, elements, rows, entries = heard.texts, heard.elements, heard.rows, heard.entries
        heard.forget()
        for text, delta in texts:
            changes.append(self._text_changed(text, delta, transaction))
        if elements or rows or entries:
            for element, children_changed in elements:
                changes.append(self._element_changed(element, children_changed, transaction))
            for delta in rows:
                changes.extend(self._rows_changed(delta, transaction))
            if entries:
                self._read_entries(known, transaction)
        return Touched(changes, entries)

    def _text_changed(self, text: Any, delta: list[dict[str, Any]], transaction: Any) -> Change:
        row = self.mirror.row_of_text(hash(text))
        if row is None:
            raise DocumentError("schema", "A text changed that belongs to no paragraph.")
        before = row.paragraph
        after = Paragraph(before.id, before.kind, before.level, read_runs(text, transaction, before.runs), before.added)
        self.mirror.put(row, after)
        return Change(before, after, steps(before.text, delta))

    def _element_changed(self, element: Any, children_changed: bool, transaction: Any) -> Change:
        row = self.mirror.row_of_element(hash(element))
        if row is None:
            raise DocumentError("schema", "An element changed that is no paragraph.")
        if children_changed and (len(texts := element.children(transaction)) != 1 or hash(texts[0]) != row.text):
            raise DocumentError("schema", "A paragraph keeps its one text.")
        before, bare = row.paragraph, read_attributes(element, transaction)
        if bare.id != before.id:
            raise DocumentError("schema", "A paragraph keeps its id.")
        after = Paragraph(before.id, bare.kind, bare.level, before.runs, bare.added)
        self.mirror.put(row, after)
        return Change(before, after)

    def _rows_changed(self, delta: list[dict[str, Any]], transaction: Any) -> list[Change]:
        at = 0
        gone: list[Row] = []
        came: list[Row] = []
        for operation in delta:
            if RETAIN in operation:
                at += operation[RETAIN]
            elif DELETE in operation:
                out, _ = self.mirror.splice(at, operation[DELETE], ())
                gone += out
                for row in out:
                    self._watched.pop(row.element, None)
            else:
                readings: list[Reading] = [read_paragraph(node, transaction) for node in operation[INSERT]]
                came += self.mirror.splice(at, 0, readings)[1]
                for node in operation[INSERT]:
                    self._watch(node, transaction)
                at += len(readings)
        if came and not self.mirror.unambiguous:
            raise DocumentError("schema", "The text has a paragraph of this id already.")
        return [
            *(Change(row.paragraph, None) for row in gone),
            *(Change(None, row.paragraph) for row in came),
        ]

    def _read_entries(self, known: Iterable[tuple[str, str]] | None, transaction: Any) -> None:
        for root, held in self._maps.items():
            now = self.mirror.entries(root)
            there: dict[str, str | None]
            if known is None:
                # Each key is asked for once: a record has thousands, and whoever reads a whole log reads it often.
                there = dict.fromkeys(now)
                there.update([(key, held.get(transaction, key)) for key in held.keys(transaction)])
            else:
                keys = {key for place, key in known if place == root}
                there = {key: held.get(transaction, key) if held.has(transaction, key) else None for key in keys}
            self._put_entries(root, {key: text for key, text in there.items() if now.get(key) != text})

    def _put_entries(self, root: str, changed: Mapping[str, str | None]) -> None:
        if not changed:
            return
        try:
            self.mirror.put_entries(root, changed)
        except UnreadableRecord as error:
            raise DocumentError("schema", f"The record holds an entry that cannot be read: {error}") from error

    # -- writing

    def _carry_out(self, tasks: Iterable[Task], root: str, transaction: Any) -> None:
        texts: dict[str, Any] = {}
        for task in tasks:
            match task:
                case Put(key, None):
                    if self._maps[root].has(transaction, key):
                        self._maps[root].remove(transaction, key)
                case Put(key, text):
                    self._maps[root].insert(transaction, key, text)
                case Insert(row, paragraph, attributes):
                    element = self._fragment.insert_element_prelim(transaction, row, PARAGRAPH)
                    for name, value in attributes:
                        element.insert_attribute(transaction, name, value)
                    texts[paragraph] = element.insert_str(transaction, 0, "")
                case Remove(row, paragraph):
                    self._fragment.remove_range(transaction, row, 1)
                    texts.pop(paragraph, None)
                case SetAttributes(row, values):
                    element = self._fragment.get(transaction, row)
                    for name, new in values:
                        if new is None:
                            element.remove_attribute(transaction, name)
                        else:
                            element.insert_attribute(transaction, name, new)
                case _:
                    found = texts.get(task.paragraph)
                    if found is None:
                        found = self._fragment.get(transaction, task.row).get(transaction, 0)
                        texts[task.paragraph] = found
                    _edit(found, task, transaction)


class _Heard:
    """The events of one transaction. It knows no document: a document that its own observers hold would never be
    freed.
    """

    __slots__ = ("elements", "entries", "rows", "texts")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Makes room for the next transaction."""
        self.texts: list[tuple[Any, list[dict[str, Any]]]] = []
        self.elements: list[tuple[Any, bool]] = []
        self.rows: list[list[dict[str, Any]]] = []
        self.entries = False

    # Called in a commit. Events are readable here alone; what they lead to is read after the commit.

    def text(self, event: Any) -> None:
        """The characters of a paragraph changed."""
        self.texts.append((event.target, event.delta))

    def element(self, event: Any) -> None:
        """A paragraph's attributes or children changed."""
        self.elements.append((event.target, event.children_changed))

    def row(self, event: Any) -> None:
        """Paragraphs came or went."""
        self.rows.append(event.delta)

    def entry(self, _: Any) -> None:
        """The record changed. What the event says of keys is left alone: where an entry came and went at once, asking
        panics.
        """
        self.entries = True


def _edit(text: Any, task: Type | Erase | Format, transaction: Any) -> None:
    match task:
        case Type(_, _, at, words, keys):
            # Attributes, even none, make the library lift whatever stands around the place: exactly these marks.
            text.insert(transaction, at, words, iter([(key, True) for key in keys]))
        case Erase(_, _, at, length):
            text.remove_range(transaction, at, length)
        case Format(_, _, at, length, key, on):
            text.format(transaction, at, length, iter([(key, True if on else None)]))
