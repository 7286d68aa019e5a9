"""Bytes that no honest client sends: each is refused with its code, before the library sees a byte of it where that
can be, or it is harmless. What they are is in `hostile`.
"""

import random
import time
from collections.abc import Callable

import pytest

from crdt import document
from crdt.decoder import Id, decode_state_vector, decode_update
from crdt.errors import UpdateRefused
from opinions.edits import DeleteText, InsertText, RemoveParagraph, SetMark
from opinions.model import Mark, MarkKind
from tests.crdt import bytes as raw
from tests.crdt.bytes import deletes, struct, typed, varuint
from tests.crdt.desk import XAA, Client, neighbours, own, place, sound, trace
from tests.crdt.hostile import BY_EFFECT, HOSTILE, OWN, SENDER, Table, letter, new_paragraph, sent


@pytest.fixture
def table() -> Table:
    """Two paragraphs and one client."""
    return Table()


@pytest.fixture
def unseen(table: Table, monkeypatch: pytest.MonkeyPatch) -> Table:
    """The table, with an alarm that goes off when the library is given an update of a client."""

    def alarm(*_: object) -> None:
        raise AssertionError("the library saw the bytes")

    monkeypatch.setattr(document.SharedDocument, "apply", alarm)
    return table


@pytest.mark.parametrize(("code", "what", "make"), HOSTILE, ids=[what for _, what, _ in HOSTILE])
def test_hostile_bytes_are_refused_unseen(unseen: Table, code: str, what: str, make: Callable[[Table], bytes]) -> None:
    hostile = make(unseen)
    before = trace(unseen.gate)
    start = time.perf_counter()
    with pytest.raises(UpdateRefused) as refusal:
        unseen.check(unseen.me, hostile)
    assert time.perf_counter() - start < 0.5, "refusing it took too long"
    assert refusal.value.code == code, what
    assert refusal.value.message
    assert trace(unseen.gate) == before


@pytest.mark.parametrize(("code", "what", "make"), BY_EFFECT, ids=[what for _, what, _ in BY_EFFECT])
def test_hostile_effects_are_refused(table: Table, code: str, what: str, make: Callable[[Table], bytes]) -> None:
    assert table.code(table.me, make(table)) == code, what
    sound(table.gate)


def test_what_is_written_by_hand_can_be_taken(table: Table) -> None:
    """The frame of all of the above is right: with nothing wrong in it the same is accepted."""
    marked = typed(
        SENDER,
        0,
        struct(raw.formatting(OWN), origin=table.that, right=table.after(table.that, 1)),
        struct(raw.string("x"), origin=(SENDER, 0), right=table.after(table.that, 1)),
        struct(raw.formatting(OWN, "null"), origin=(SENDER, 1), right=table.after(table.that, 1)),
    )
    assert table.send(table.me, marked).updates == (marked,)
    fresh = table.client()
    assert table.do(fresh, InsertText(place("par-2"), 1, "y", own("a-mine"))).new_ids == frozenset()
    sound(table.gate)
    other = Table()
    assert other.send(other.me, new_paragraph("p-new1", "paragraph", "0", "a-add")).new_ids == {"a-add"}
    sound(other.gate)


def test_g4_a_collected_stretch_of_ones_own_is_taken_but_nothing_may_build_on_it(table: Table) -> None:
    """[W4] A browser collects what was typed and taken back offline; its fused difference says so."""
    table.send(table.me, sent(raw.collected(3), letter(table)))
    assert table.gate.clock(SENDER) == 4
    onto = typed(SENDER, 4, struct(raw.string("x"), origin=(SENDER, 1)))
    assert table.code(table.me, onto) == "orphaned"
    mixed = typed(SENDER, 4, letter(table, origin=(SENDER, 1)))
    assert table.code(table.me, mixed) == "unknown-dependency"
    sound(table.gate)


def test_g4_part_known_part_new_is_refused(table: Table) -> None:
    first, second = letter(table), letter(table, origin=(SENDER, 0))
    table.send(table.me, sent(first))
    assert table.code(table.me, sent(first, second)) == "known"
    away = deletes((1, table.all[1], 1))
    assert table.code(table.me, sent(first, gone=away)) == "known"
    assert table.check(table.me, sent(first)).known


def test_l8_the_clock_of_a_client_is_not_another_clients_to_use(table: Table) -> None:
    """[L8] Words under a colleague's client id would stay, and the colleague's own would vanish everywhere."""
    other = table.client()
    stolen = typed(other.client, 0, letter(table))
    assert table.code(table.me, stolen) == "foreign-client"
    table.do(other, InsertText(place("par-1"), 6, "genuine", own("a-mine")))
    assert "genuine" in table.gate.view().text.paragraphs[0].text


@pytest.mark.parametrize(
    "vector",
    ["", "ffffff7a", "01", "0101", "02010101", "010101ff", "0201010102", "01ffffffffffffffffff0101"],
)
def test_l6_state_vectors_are_read_before_the_library_sees_them(table: Table, vector: str) -> None:
    with pytest.raises(UpdateRefused) as refusal:
        table.gate.difference(bytes.fromhex(vector))
    assert refusal.value.code in ("malformed", "too-large")


def test_g1_state_vectors_have_a_size() -> None:
    entries = b"".join(varuint(1000 + n) + b"\x01" for n in range(2_001))
    for vector in (varuint(2_001) + entries, bytes(16 * 1024 + 1)):
        with pytest.raises(UpdateRefused) as refusal:
            decode_state_vector(vector)
        assert refusal.value.code == "too-large"
    assert len(decode_state_vector(varuint(2_000) + entries[: 3 * 2_000])) == 2_000


def test_a_panic_of_the_library_costs_the_copy_and_nothing_else(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """[G17] Should the preflight ever let something through that the library chokes on."""

    class PanicException(BaseException):
        pass

    for error in (PanicException("panic"), RuntimeError("half done"), ValueError("not an update")):
        client = table.client()
        update = client.types(InsertText(place("par-1"), 6, "x", own("a-mine")))
        with monkeypatch.context() as patch:

            def fail(*_: object, error: BaseException = error) -> None:
                raise error

            patch.setattr(document.SharedDocument, "apply", fail)
            with pytest.raises(UpdateRefused) as refusal:
                table.check(client, update)
            assert refusal.value.code == "malformed"
        table.send(client, update)
        sound(table.gate)


def test_a_fault_of_our_own_is_not_taken_for_the_senders(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("our own")

    update = table.me.types(InsertText(place("par-1"), 6, "x", own("a-mine")))
    before = trace(table.gate)
    with monkeypatch.context() as patch:
        patch.setattr("crdt.gate.judge", fail)
        with pytest.raises(KeyError):
            table.check(table.me, update)
    assert trace(table.gate) == before


# -- bytes at random


def seeds() -> tuple[Table, list[bytes]]:
    """A table and honest updates of one client, none of them applied."""
    table = Table()
    client: Client = table.me
    par = place("par-1")
    updates = [
        client.types(InsertText(par, 6, "x", own("a-mine"))),
        client.types(InsertText(par, 1, "\U0001f600y", own("a-mine"))),
        client.types(SetMark(par, 0, 9, Mark(MarkKind.DELETION, "a-mine"), True)),
        client.types(DeleteText(par, 8, 9)),
    ]
    fused = client.difference(table.gate.state_vector())
    return table, [*updates, fused, table.gate.state()]


def mutated(chance: random.Random, seed: bytes, other: bytes) -> bytes:
    """A seed with something broken: cut, flipped, replaced, spliced, or a number put in."""
    data = bytearray(seed)
    at = chance.randrange(len(data) + 1)
    match chance.randrange(6):
        case 0:
            return bytes(data[:at])
        case 1:
            for _ in range(chance.randint(1, 3)):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case 2:
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.choice(
                    (0, 1, 2, 4, 6, 7, 8, 10, 0x7F, 0x80, 0xFF, chance.randrange(256))
                )
        case 3:
            data[at:at] = varuint(chance.choice((0, 1, 127, 128, 2**31 - 1, 2**31, 2**32, 2**53, 2**62)))
        case 4:
            start = chance.randrange(len(other))
            data[at : at + chance.randrange(9)] = other[start : start + chance.randrange(20)]
        case _:
            del data[at : at + chance.randint(1, 5)]
    return bytes(data)


@pytest.mark.parametrize("seed", range(8))
def test_l7_broken_bytes_raise_nothing_but_a_refusal(seed: int) -> None:
    """[L7] And what is taken of them is sound: bounded, seeded, the same every time."""
    chance = random.Random(seed)
    table, updates = seeds()
    codes: set[str] = set()
    taken = 0
    for _ in range(600):
        data = mutated(chance, chance.choice(updates), chance.choice(updates))
        try:
            accepted = table.gate.check(data, table.sender(SENDER, XAA))
            taken += not accepted.known
            if not accepted.known:
                sound(table.gate)
                table, updates = seeds()
        except UpdateRefused as refusal:
            codes.add(refusal.code)
    sound(table.gate)
    assert {"malformed", "schema", "unknown-dependency"} <= codes


def structured(chance: random.Random, table: Table, clock: int) -> bytes:
    """An update of sound encoding whose ids, clocks, parents, kinds and places are drawn at random."""
    clocks = table.gate.clock(1) + 2
    ids: list[Id] = [table.that, table.all, table.members, table.smile, table.element, table.words, table.entry]
    ids += [(1, chance.randrange(clocks)), (SENDER, chance.randrange(clock + 6)), (1001, chance.randrange(4))]
    contents = [
        raw.string(chance.choice(("x", "yz", "\U0001f600", "a\U0001f600b"))),
        raw.formatting(
            chance.choice((OWN, "deletion:a-mine", "em", "bracket:a-fresh")), chance.choice(("true", "null"))
        ),
        raw.attribute(chance.choice(("p-new1", "paragraph", "0", "a-add", "a-mine"))),
        raw.element(),
        raw.xml_text(),
        raw.deleted(chance.randint(1, 4)),
    ]
    structs: list[bytes] = []
    for _ in range(chance.randint(0, 5)):
        if chance.random() < 0.05:
            structs.append(raw.collected(chance.randint(1, 3)))
            continue
        item = chance.choice(ids)
        near = chance.choice(
            (
                (item, None),
                (item, table.after(item, 1)),
                *[neighbours(table.gate, chance)] * 4,
                (None, item),
                (item, chance.choice(ids)),
                (None, None),
            )
        )
        structs.append(
            struct(
                chance.choice(contents),
                origin=near[0],
                right=near[1],
                root=chance.choice((None, None, "text", "record")),
                parent=chance.choice(ids),
                key=chance.choice((None, None, "id", "kind", "level", "added")),
            )
        )
    gone = [(*chance.choice(ids), chance.randint(1, 3)) for _ in range(chance.choice((0, 0, 1, 2)))]
    ranges = dict.fromkeys(gone)
    if not structs:
        return raw.update(gone=deletes(*ranges))
    return typed(SENDER, clock + chance.choice((0, 0, 0, 0, 0, 1)), *structs, gone=deletes(*ranges))


@pytest.mark.parametrize("seed", range(8))
def test_sound_encodings_of_nonsense_leave_a_sound_document(seed: int) -> None:
    """Whatever passes is applied without an error, and reading the bytes again gives the same document."""
    chance = random.Random(seed)
    table = Table()
    taken = 0
    for number in range(400):
        if number == 200:
            table.gate.write([RemoveParagraph(place("par-2"))])
            table.gate.commit()
        data = structured(chance, table, table.gate.clock(SENDER))
        try:
            accepted = table.check(table.me, data)
        except UpdateRefused:
            continue
        taken += not accepted.known
        sound(table.gate)
    assert taken > 5, "nothing passed: the test tries nothing"


def test_the_decoder_reads_what_the_library_writes() -> None:
    table, updates = seeds()
    for one in updates:
        decode_update(one, trusted=True)
    assert decode_state_vector(table.gate.state_vector()) == {1: table.gate.clock(1)}
