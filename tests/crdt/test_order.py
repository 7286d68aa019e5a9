"""[G5] The neighbours that an item names: what nobody can have seen is refused, what somebody can is taken, and what is
taken reads the same whatever arrives first.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.decoder import Id, Kind, Struct, decode_update
from crdt.document import Replica, SharedDocument
from crdt.errors import UpdateRefused
from crdt.index import Index
from crdt.order import Order
from opinions.edits import AddParagraph
from tests.crdt import bytes as raw
from tests.crdt.bytes import struct, typed
from tests.crdt.desk import XAA, Client, sound
from tests.crdt.hostile import SENDER, Table
from tests.support.builders import paragraph

CLIENTS = (1000, 1001, 1002)


class Item(NamedTuple):
    """One letter of a client, and what it says stood around it."""

    id: Id
    origin: Id | None
    right: Id | None
    letter: str

    def needs(self) -> set[Id]:
        """What must be there before it."""
        own = {(self.id[0], self.id[1] - 1)} if self.id[1] else set()
        return own | {item for item in (self.origin, self.right) if item}


def founding() -> bytes:
    """A paragraph that reads "abcd"."""
    founder = SharedDocument(1)
    founder.write([AddParagraph(None, paragraph("par-1", "abcd"))])
    return founder.state()


FOUNDING = founding()
LETTERS: tuple[Id, ...] = tuple(
    (1, one.clock + at)
    for block in decode_update(FOUNDING, trusted=True).blocks
    for one in block.structs
    if one.kind is Kind.STRING
    for at in range(one.length)
)
TEXT: Id = next(
    (1, one.clock)
    for block in decode_update(FOUNDING, trusted=True).blocks
    for one in block.structs
    if one.kind is Kind.TEXT
)


def encoded(item: Item) -> bytes:
    """The update that brings an item."""
    parent = None if item.origin or item.right else TEXT
    one = struct(raw.string(item.letter), origin=item.origin, right=item.right, parent=parent)
    return typed(item.id[0], item.id[1], one)


def read(items: Iterable[Item]) -> str:
    """The text that the library makes of items in this order, and ours of the same."""
    document = SharedDocument(9, (FOUNDING,))
    index = Index()
    index.absorb(decode_update(FOUNDING, trusted=True))
    held = [*items]
    for item in held:
        document.apply((encoded(item),))
        index.absorb(decode_update(encoded(item), trusted=True))
    letters = dict(zip(LETTERS, "abcd", strict=True)) | {item.id: item.letter for item in held}
    place = index.place_of(TEXT)
    assert place is not None
    units = [(client, clock) for client, start, end in index.order(place) for clock in range(start, end)]
    ours = "".join(letters[unit] for unit in units if unit in letters)
    theirs = document.opinion().paragraphs[0].text
    assert ours == theirs, "our order is not the library's"
    return theirs


def shuffled(items: Sequence[Item], chance: random.Random) -> list[Item]:
    """The items in some order in which nothing comes before what it needs."""
    waiting, done = list(items), set(LETTERS)
    order: list[Item] = []
    while waiting:
        ready = [item for item in waiting if item.needs() <= done]
        order.append(chance.choice(ready))
        done.add(order[-1].id)
        waiting.remove(order[-1])
    return order


class Door:
    """An index that takes letters at its door, as the gate does."""

    def __init__(self) -> None:
        self.index = Index()
        self.index.absorb(decode_update(FOUNDING, trusted=True))
        found = self.index.place_of(TEXT)
        assert found is not None
        self.place = found
        self.taken: list[Item] = []

    def tries(self, client: int, *pairs: tuple[Id | None, Id | None]) -> bool:
        """Whether letters of a client, each between two items, would be taken; they are not."""
        clock = self.index.clock(client)
        structs = [Struct(Kind.STRING, clock + at, 1, *pair, value="x") for at, pair in enumerate(pairs)]
        arranged = [(self.place, "", struct, False) for struct in structs]
        taken = True
        try:
            self.index.arrange(client, clock, arranged)
        except UpdateRefused:
            taken = False
        self.index.take_back(client, clock, arranged)
        return taken

    def take(self, client: int, origin: Id | None, right: Id | None) -> bool:
        """Whether a letter of a client between two items is taken."""
        if not self.tries(client, (origin, right)):
            return False
        item = Item((client, self.index.clock(client)), origin, right, chr(ord("A") + len(self.taken) % 58))
        self.index.absorb(decode_update(encoded(item)))
        self.taken.append(item)
        return True


numbers = st.integers(0, 2**16)
wishes = st.lists(st.tuples(st.sampled_from(CLIENTS), numbers, numbers), min_size=2, max_size=14)


@given(wishes, st.randoms(use_true_random=False))
def test_g5_whatever_is_taken_reads_the_same_whatever_arrives_first(
    drawn: list[tuple[int, int, int]], chance: random.Random
) -> None:
    """Neighbours drawn at random, most of them false: those that are taken do not depend on what came first."""
    door = Door()
    for client, first, second in drawn:
        known: list[Id | None] = [None, *LETTERS, *(item.id for item in door.taken)]
        door.take(client, known[first % len(known)], known[second % len(known)])
    live = read(door.taken)
    for _ in range(4):
        assert read(shuffled(door.taken, chance)) == live


@dataclass
class Writer:
    """Somebody who types where they see two items side by side, and hears of the others late."""

    client: int
    order: Order = field(default_factory=Order)
    have: set[Id] = field(default_factory=set)

    def hear(self, item: Item) -> None:
        self.order.add(item.id[0], item.id[1], item.id[1] + 1, item.origin, item.right)
        self.have.add(item.id)


deeds = st.lists(st.tuples(st.integers(0, 2), st.booleans(), numbers), min_size=1, max_size=40)


@given(deeds, st.randoms(use_true_random=False))
def test_g5_what_somebody_saw_side_by_side_is_never_refused(
    drawn: list[tuple[int, bool, int]], chance: random.Random
) -> None:
    """Three people type and hear of one another in any order that is possible; it comes to the door in another."""
    founded = [Item(one, LETTERS[at - 1] if at else None, None, "abcd"[at]) for at, one in enumerate(LETTERS)]
    writers = [Writer(client) for client in CLIENTS]
    for writer in writers:
        for item in founded:
            writer.hear(item)
    made: list[Item] = []
    clocks = dict.fromkeys(CLIENTS, 0)
    for who, types, number in drawn:
        writer = writers[who]
        if types:
            units = [(client, clock) for client, start, end in writer.order for clock in range(start, end)]
            around: list[Id | None] = [None, *units, None]
            at = number % (len(around) - 1)
            item = Item((writer.client, clocks[writer.client]), around[at], around[at + 1], chr(ord("A") + len(made)))
            clocks[writer.client] += 1
            made.append(item)
            writer.hear(item)
        elif ready := [item for item in made if item.id not in writer.have and item.needs() <= writer.have]:
            writer.hear(ready[number % len(ready)])
    door = Door()
    arriving = shuffled(made, chance)
    for item in arriving:
        assert door.take(item.id[0], item.origin, item.right), "an honest item was refused"
    assert read(arriving) == read(made)


@pytest.mark.parametrize(
    ("origin", "right", "taken"),
    [
        (LETTERS[0], LETTERS[1], True),
        (LETTERS[3], None, True),
        (None, LETTERS[0], True),
        (LETTERS[0], None, True),  # who had the "a" alone
        (None, None, True),  # who had nothing of the text
        (None, LETTERS[1], False),
        (LETTERS[0], LETTERS[2], False),
        (LETTERS[1], LETTERS[0], False),
        (LETTERS[1], LETTERS[1], False),
    ],
)
def test_g5_neighbours_are_what_somebody_can_have_seen(origin: Id | None, right: Id | None, taken: bool) -> None:
    assert Door().take(1000, origin, right) is taken


def test_g5_ones_own_item_between_two_was_seen() -> None:
    """The same place once more, as if one's own letter were not there; another, who did not hear of it, may."""
    door = Door()
    assert door.take(1000, LETTERS[0], LETTERS[1])
    assert not door.take(1000, LETTERS[0], LETTERS[1])
    assert door.take(1001, LETTERS[0], LETTERS[1])


def test_g5_what_was_typed_upon_was_seen_and_all_that_it_was_typed_upon() -> None:
    """1001 types behind the letter of 1000, 1002 behind that of 1001: it has both."""
    door = Door()
    assert door.take(1000, LETTERS[0], LETTERS[1])
    assert door.take(1001, (1000, 0), LETTERS[1])
    assert door.take(1002, (1001, 0), LETTERS[1])
    assert not door.take(1002, LETTERS[0], LETTERS[1])
    assert not door.take(1002, LETTERS[0], (1001, 0))
    assert door.take(1002, (1000, 0), (1001, 0))


def test_what_is_taken_back_leaves_no_trace() -> None:
    door = Door()
    assert door.take(1000, LETTERS[0], LETTERS[1])
    before = [*door.index.order(door.place)]
    assert not door.take(1000, LETTERS[0], LETTERS[2])
    assert [*door.index.order(door.place)] == before
    assert read(door.taken) == "aAbcd"


@given(wishes, st.lists(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4), max_size=8))
def test_g5_what_is_taken_back_leaves_the_same_items_in_no_more_pieces(
    drawn: list[tuple[int, int, int]], tried: list[list[tuple[int, int]]]
) -> None:
    door = Door()
    for client, first, second in drawn:
        known: list[Id | None] = [None, *LETTERS, *(item.id for item in door.taken)]
        door.take(client, known[first % len(known)], known[second % len(known)])
    order = door.index.order(door.place)
    held, pieces = units(order), len([*order])
    for number, wanted in enumerate(tried):
        client = CLIENTS[number % len(CLIENTS)]
        clock = door.index.clock(client)
        known = [None, *LETTERS, *(item.id for item in door.taken)]
        pairs: list[tuple[Id | None, Id | None]] = []
        for first, second in wanted:
            pairs.append((known[first % len(known)], known[second % len(known)]))
            known.append((client, clock + len(pairs) - 1))
        door.tries(client, *pairs)
        assert units(order) == held
        assert len([*order]) <= pieces


def test_g5_a_thousand_refused_updates_leave_a_list_in_as_many_pieces() -> None:
    """[G17] Each cuts what others typed where it would stand, before what is false in it is found."""
    door = Door()
    last = LETTERS[3]
    for clock in range(600):
        assert door.take(1000, last, None)
        last = (1000, clock)
    pieces = len([*door.index.order(door.place)])
    for number in range(1000):
        at = number % 598
        assert not door.tries(1001, ((1000, at), (1000, at + 1)), (LETTERS[0], LETTERS[2]))
    assert len([*door.index.order(door.place)]) == pieces < 10
    assert door.take(1001, (1000, 5), (1000, 6))


def test_g5_of_too_many_items_between_two_no_more_are_looked_at() -> None:
    """What is false behind them is not even found."""
    order = Order()
    order.add(1, 0, 1, None, None)
    for client in range(1000, 1040):
        order.add(client, 0, 1, (1, 0), None)
    assert order.gap(2000, (1, 0), None, 40) == 40
    for most, code in ((39, "too-large"), (40, "unknown-dependency")):
        with pytest.raises(UpdateRefused) as refusal:
            order.gap(2000, (1, 0), (1, 0), most)
        assert refusal.value.code == code


def units(order: Order) -> list[Id]:
    """The items of a list, one by one."""
    return [(client, clock) for client, start, end in order for clock in range(start, end)]


def test_an_order_is_the_same_when_it_is_worked_out_later() -> None:
    """The rows of a place, in the order of a stored state, against items put in one by one."""
    door = Door()
    chance = random.Random(3)
    while len(door.taken) < 40:
        known: list[Id | None] = [None, *LETTERS, *(item.id for item in door.taken), None]
        door.take(chance.choice(CLIENTS), chance.choice(known), chance.choice(known))
    grown = Replica(9, (FOUNDING, *map(encoded, door.taken)))
    anew = Index()
    anew.absorb(decode_update(grown.state(), trusted=True))
    place = anew.place_of(TEXT)
    assert place is not None
    assert units(anew.order(place)) == units(door.index.order(door.place))


def test_g5_a_paragraph_of_ones_own_is_looked_at_as_well() -> None:
    """An attribute given twice, and a text typed in two ways, in the update that brings the paragraph."""
    table = Table()
    new = (SENDER, 0)
    start = [
        struct(raw.element(), origin=table.element),
        struct(raw.attribute("p-new1"), parent=new, key="id"),
        struct(raw.attribute("sub_item"), parent=new, key="kind"),
        struct(raw.attribute("0"), parent=new, key="level"),
        struct(raw.attribute("a-fresh"), parent=new, key="added"),
        struct(raw.xml_text(), parent=new),
        struct(raw.formatting("insertion:a-fresh"), parent=(SENDER, 5)),
        struct(raw.string("xy"), origin=(SENDER, 6)),
    ]
    ends = struct(raw.formatting("insertion:a-fresh", "null"), origin=(SENDER, 8))

    def code(*more: bytes) -> str:
        return table.code(Client(SENDER, XAA, table.gate.state()), typed(SENDER, 0, *start, *more))

    assert code(struct(raw.attribute("sub_item"), parent=new, key="kind")) == "unknown-dependency"
    assert code(ends, struct(raw.string("z"), origin=(SENDER, 6), right=(SENDER, 8))) == "unknown-dependency"
    assert code(ends, struct(raw.string("z"), parent=(SENDER, 5))) == "unknown-dependency"
    assert code(ends, struct(raw.attribute("heading"), origin=(SENDER, 2))) == ""
    sound(table.gate)
