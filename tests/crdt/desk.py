"""A gate with clients around it, as a room has them: who owns which amendment, what everybody has heard."""

import random
from collections.abc import Iterable, Mapping
from itertools import count

from crdt.decoder import Id, Kind, decode_state_vector, decode_update
from crdt.document import SharedDocument
from crdt.errors import UpdateRefused
from crdt.gate import Accepted, Gate, Sender
from crdt.index import ENTRIES, Index
from crdt.mirror import ids_in
from opinions.edits import Edit
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, Marks, Opinion, Paragraph, ParagraphId
from opinions.record import Document
from tests.crdt.edits import founding

XAA, XAB, XAC = DelegationCode("XAA"), DelegationCode("XAB"), DelegationCode("XAC")
PARTIES = (XAA, XAB, XAC)


def marked(kind: MarkKind, *ids: str) -> Marks:
    """Marks of one kind."""
    return frozenset(Mark(kind, one) for one in ids)


def own(*ids: str) -> Marks:
    """Insertion marks."""
    return marked(MarkKind.INSERTION, *ids)


class Client(SharedDocument):
    """A delegation's browser: a Yjs document under a leased client id."""

    def __init__(self, client: int, party: DelegationCode, state: bytes) -> None:
        super().__init__(client, (state,))
        self.party = party

    def types(self, *edits: Edit) -> bytes:
        """The update that these edits make; they are in this document at once, as they are in a browser."""
        update, _ = self.write(edits)
        return update


class Desk:
    """A gate, the owners of the amendments, and the clients connected."""

    def __init__(
        self, text: Opinion | Iterable[Paragraph], owners: Mapping[str, DelegationCode], closed: Iterable[str] = ()
    ) -> None:
        founder = SharedDocument(1)
        founder.write(founding(Document(text if isinstance(text, Opinion) else Opinion(tuple(text)))))
        self.gate = Gate(1, "record", (founder.state(),))
        self.owners = {AmendmentId(one): party for one, party in owners.items()}
        self.closed = {AmendmentId(one) for one in closed}
        self.clients: list[Client] = []
        self._next_client = count(1000)
        self._next_id = count(1)

    def client(self, party: DelegationCode = XAA) -> Client:
        """A new client that has what the gate has."""
        client = Client(next(self._next_client), party, self.gate.state())
        self.clients.append(client)
        return client

    def sender(self, client: int, party: DelegationCode) -> Sender:
        """What the room says of a sender."""
        mine = frozenset(one for one, owner in self.owners.items() if owner == party)
        return Sender(
            client=client,
            party=party,
            editable=mine - self.closed,
            own_closed=mine & self.closed,
            foreign=frozenset(self.owners) - mine,
            new_id=lambda: AmendmentId(f"a-minted-{next(self._next_id)}"),
        )

    def own_ids(self, party: DelegationCode) -> frozenset[AmendmentId]:
        """The open amendments of a party."""
        return frozenset(one for one, owner in self.owners.items() if owner == party and one not in self.closed)

    def check(self, client: Client, update: bytes) -> Accepted:
        """The gate's word on an update of a client; new amendments go on record."""
        accepted = self.gate.check(update, self.sender(client.client, client.party))
        self.owners.update(dict.fromkeys(accepted.new_ids, client.party))
        return accepted

    def send(self, client: Client, update: bytes) -> Accepted:
        """Checks an update, commits it, and tells the other clients; the sender hears of mends."""
        accepted = self.check(client, update)
        self.gate.commit()
        for other in self.clients:
            heard = accepted.updates if other is not client else accepted.updates[1:]
            for one in heard:
                other.apply((one,))
        return accepted

    def do(self, client: Client, *edits: Edit) -> Accepted:
        """Has a client make edits and send them."""
        return self.send(client, client.types(*edits))

    def code(self, client: Client, update: bytes) -> str:
        """The code with which an update is refused, having left no trace; empty when it is taken."""
        before = trace(self.gate)
        try:
            self.check(client, update)
        except UpdateRefused as refusal:
            assert trace(self.gate) == before, "a refused update left a trace"
            return refusal.code
        return ""

    def refused(self, client: Client, *edits: Edit) -> str:
        """The code with which edits of a client are refused."""
        return self.code(client, client.types(*edits))

    @property
    def text(self) -> Opinion:
        """The text ahead."""
        return self.gate.view().text

    def spelled(self, paragraph_id: str) -> list[tuple[str, list[str]]]:
        """The runs of a paragraph as text and sorted keys."""
        paragraph = self.text.find(paragraph_id)
        assert paragraph is not None
        return [(run.text, sorted(mark.key for mark in run.marks)) for run in paragraph.runs]


def trace(gate: Gate) -> tuple[object, ...]:
    """All that an update can change in a gate: Yjs state, mirror, record, index."""
    return (
        decode_state_vector(gate.state_vector()),
        gate.view(),
        gate.live_view(),
        known(gate._index),
        units(gate),
        reread(gate).view(),
    )


def reread(gate: Gate) -> SharedDocument:
    """The gate's document, read anew from its bytes."""
    return SharedDocument(99, (gate.state(),))


def known(index: Index) -> dict[int, list[tuple[int, int, Kind, str, str]]]:
    """What an index says of the items that are not deleted: per client, in order, neighbours joined."""
    found: dict[int, list[tuple[int, int, Kind, str, str]]] = {}
    for client, held in sorted(index._clients.items()):
        parts = found[client] = []
        for run in held.runs:
            for start, end in held.living(run.clock, run.end):
                part = (start, end, run.kind, run.place.paragraph_id, run.key)
                if run.kind in (Kind.GC, Kind.DELETED) or not index.alive(run.place):
                    continue
                if run.kind is Kind.ATTRIBUTE and run.place.holds != ENTRIES:
                    continue  # a later value takes an earlier one's place without being told
                if parts and parts[-1][1] == start and parts[-1][2:] == part[2:]:
                    parts[-1] = (parts[-1][0], *part[1:])
                else:
                    parts.append(part)
        parts.append((held.clock, held.clock, Kind.GC, "", ""))
    return found


def units(gate: Gate) -> dict[tuple[Id | None, str], list[Id]]:
    """The items of every list that is still in the text, in their order: the texts, the paragraphs, the attributes."""
    index = gate._index
    places = [index.text, *(place for place in index._places.values() if index.alive(place))]
    found: dict[tuple[Id | None, str], list[Id]] = {}
    for place in places:
        index.order(place)
        for key, order in (place.orders or {}).items():
            stretches = [[(client, clock) for clock in range(start, end)] for client, start, end in order]
            if stretches:
                found[place.id, key] = [unit for stretch in stretches for unit in stretch]
    return found


def neighbours(gate: Gate, chance: random.Random) -> tuple[Id | None, Id | None]:
    """Two items that stand side by side in some text."""
    texts = [held for (item, key), held in units(gate).items() if item is not None and not key]
    held: list[Id | None] = [None, *chance.choice(texts), None]
    at = chance.randrange(len(held) - 1)
    return held[at], held[at + 1]


def in_their_order(gate: Gate) -> list[str]:
    """The characters of the paragraphs, put together from the order of their items."""
    letters: dict[Id, bytes] = {}
    for client, _, _, structs in decode_update(gate.state(), trusted=True).blocks:
        for one in structs:
            if one.kind is Kind.STRING:
                spelled = one.value.encode("utf-16-le")
                letters |= {(client, one.clock + at): spelled[2 * at : 2 * at + 2] for at in range(one.length)}
    lists, index = units(gate), gate._index
    text_of = {place.element.id: place.id for place in index._places.values() if place.element is not None}
    return [
        b"".join(
            letters[unit]
            for unit in lists.get((text_of[element], ""), ())
            if unit in letters and not index.deleted(unit)
        ).decode("utf-16-le")
        for element in lists.get((None, ""), ())
        if element in text_of and not index.deleted(element)
    ]


def sound(gate: Gate) -> None:
    """Asserts that mirror, index and live document are what the bytes say, after a commit."""
    gate.commit()
    fresh = Gate(1, gate.record_root, (gate.state(),))
    assert gate.view() == fresh.view(), "the mirror is not what the document holds"
    assert gate.live_view() == gate.view()
    live = SharedDocument(98, (gate._base, *gate._since))
    assert live.view() == gate.view(), "live and ahead differ after a commit"
    assert decode_state_vector(live.state_vector()) == decode_state_vector(gate.state_vector())
    for paragraph in gate.view().text:
        assert gate._ahead.mirror.paragraph(paragraph.id) is paragraph, "a name does not lead to its paragraph"
        assert gate._ahead.mirror.ids_of(paragraph.id) == ids_in(paragraph)
    kept, read = known(gate._index), known(fresh._index)
    assert kept == read, "the index is not what the document holds"
    assert units(gate) == units(fresh), "the order of the items is not the one they have when read anew"
    assert in_their_order(gate) == [paragraph.text for paragraph in gate.view().text]


def place(name: str) -> ParagraphId:
    """A paragraph id."""
    return ParagraphId(name)
