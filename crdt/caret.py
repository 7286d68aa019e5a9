"""Where a client's last item stands, and what its next update reads when it does nothing but type on: nearly all do.

Client, clock, both neighbours: every byte of such an update but the letters follows from the update before. So it is
known by its first bytes, and what the decoder and the preflight would find out of it is known as well (G1-G6, G13;
tests hold the two ways against each other). Whatever reads otherwise goes the long way.
"""

from crdt.decoder import MAX_CLOCK, Id, Kind, Struct
from crdt.index import CHARACTERS, Index, Place, Run
from crdt.preflight import Checked
from crdt.protocol import varuint
from crdt.unicode import refused_character

MAX_LETTERS = 0x7F
"""Bytes of text whose length is one byte."""


class Caret:
    """The place behind the last item of a client: its `tail` is that item with its right neighbour."""

    __slots__ = ("_client", "_clock", "_head", "_place", "tail")

    def __init__(self, checked: Checked, tail: tuple[Id, Id | None]) -> None:
        """`checked` is the accepted update that brought the item."""
        self.tail = tail
        self._client = client = checked.client
        last = checked.runs[-1]
        self._clock = clock = last.end
        self._place: Place | None = None
        item, right = tail
        types = last.kind is Kind.STRING and last.place.holds == CHARACTERS and last.place.element is not None
        if types and clock < MAX_CLOCK - MAX_LETTERS:
            self._place = last.place
            flags, neighbour = (b"\x84", b"") if right is None else (b"\xc4", _written(right))
            self._head = b"\1\1" + _written((client, clock)) + flags + _written(item) + neighbour

    def leads(self, update: bytes) -> bool:
        """Whether an update begins as one that types on here: it then puts a single item where the last one stands."""
        return self._place is not None and update.startswith(self._head)

    def goes_on(self, update: bytes, index: Index) -> Checked | None:
        """The update as `preflight` gives it when it types letters behind the last one; None when it does anything
        else, or takes a closer look.
        """
        place = self._place
        if place is None or not self.leads(update):
            return None
        at = len(self._head)
        size = len(update) - at - 2
        if not 0 < size <= MAX_LETTERS or update[at] != size or update[-1]:
            return None
        try:
            text = update[at + 1 : -1].decode()
        except UnicodeDecodeError:
            return None
        client, clock = self._client, self._clock
        if refused_character(text) or max(text) > "\uffff" or index.clock(client) != clock or not index.alive(place):
            return None
        end = clock + len(text)
        item, right = self.tail
        checked = Checked(client, clock, ((client, end - 1), right))
        checked.runs.append(Run(clock, end, Kind.STRING, place))
        checked.items.append((place, "", Struct(Kind.STRING, clock, len(text), item, right, value=text), True))
        checked.plain = checked.typed = True
        return checked


def _written(item: Id) -> bytes:
    return varuint(item[0]) + varuint(item[1])
