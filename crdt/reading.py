"""An opinion's document as its log holds it, for whoever only reads: no gate, no workspaces, no writing."""

from collections.abc import Sequence

from crdt.document import SharedDocument
from crdt.errors import LogBroken
from crdt.log import Entry, StoredLog
from crdt.stream import OPINION_CLIENT, stored_updates
from opinions.record import Document


class ReadCopy:
    """A copy that follows an opinion's log. Everything in it is committed; drafts are in other logs."""

    def __init__(self, stored: StoredLog) -> None:
        """From a log as loaded. Raises `LogBroken` when its entries do not reach its seq."""
        self.opinion = stored.document
        self.generation = stored.generation
        self.seq = stored.seq
        self._document = SharedDocument(OPINION_CLIENT, stored_updates(stored))
        self._document.mirror.settle()

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes the entries that follow. Raises `LogBroken` at a gap or another generation: load the log anew then."""
        expected = self.seq
        for entry in entries:
            expected += 1
            if entry.seq != expected or entry.generation != self.generation:
                raise LogBroken(f"Document {self.opinion}: entry {expected} was expected, not {entry.seq}.")
        if entries:
            self._document.apply([update for entry in entries for update in entry.updates])
            self._document.mirror.settle()
            self.seq = expected

    @property
    def document(self) -> Document:
        """Text and record after entry `seq`."""
        return self._document.view()
