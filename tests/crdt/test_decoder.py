"""Reading updates and state vectors (crdt/SPEC.md, G1, G2). What must be refused is in `test_hostile`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.decoder import (
    Block,
    Delete,
    Kind,
    Struct,
    Update,
    decode_state_vector,
    decode_update,
    pair_starts,
)
from crdt.errors import UpdateRefused
from tests.crdt import bytes as raw

clients = st.integers(0, 2**53 - 1)
clocks = st.integers(0, 2**24)
ids = st.tuples(clients, clocks)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@st.composite
def structs(draw: st.DrawFn) -> Struct:
    """A struct with everything but its clock."""
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.GC]))
    value, on, length = "", False, 1
    if kind is Kind.STRING:
        value = draw(texts)
        length = len(value.encode("utf-16-le")) // 2
    elif kind is Kind.DELETED:
        length = draw(st.integers(1, 2**24))
    elif kind is Kind.FORMAT:
        value, on = draw(texts), draw(st.booleans())
    elif kind is not Kind.TEXT:
        value = draw(texts)
    origin, right = draw(st.none() | ids), draw(st.none() | ids)
    if origin or right:
        return Struct(kind, 0, length, origin, right, value=value, on=on)
    root = draw(st.none() | st.sampled_from(("text", "record", "other")))
    parent = None if root is not None else draw(ids)
    return Struct(kind, 0, length, root=root, parent=parent, key=draw(st.none() | texts), value=value, on=on)


@st.composite
def updates(draw: st.DrawFn) -> Update:
    blocks: list[Block] = []
    for client in draw(st.lists(clients, max_size=3, unique=True)):
        clock = start = draw(st.integers(0, 2**20))
        held: list[Struct] = []
        for struct in draw(st.lists(structs(), min_size=1, max_size=4)):
            held.append(struct._replace(clock=clock))
            clock += struct.length
        blocks.append(Block(client, start, clock, held))
    deletes = [
        Delete(client, clock, clock + length)
        for client in draw(st.lists(clients, max_size=3, unique=True))
        for clock, length in draw(st.lists(st.tuples(clocks, st.integers(1, 2**24)), min_size=1, max_size=3))
    ]
    return Update(blocks, deletes)


def encoded(update: Update) -> bytes:
    """The update as bytes, written by the tests' own encoder."""
    blocks = [raw.block(one.client, one.clock, map(written, one.structs)) for one in update.blocks]
    return raw.update(*blocks, gone=raw.deletes(*((c, start, end - start) for c, start, end in update.deletes)))


def written(struct: Struct) -> bytes:
    """One struct as bytes."""
    match struct.kind:
        case Kind.STRING:
            content = raw.string(struct.value)
        case Kind.DELETED:
            content = raw.deleted(struct.length)
        case Kind.FORMAT:
            content = raw.formatting(struct.value, "true" if struct.on else "null")
        case Kind.ELEMENT:
            content = raw.element(struct.value)
        case Kind.ATTRIBUTE:
            content = raw.attribute(struct.value)
        case _:
            content = raw.xml_text()
    return raw.struct(
        content, origin=struct.origin, right=struct.right, root=struct.root, parent=struct.parent, key=struct.key
    )


@given(updates())
def test_what_is_written_is_read(update: Update) -> None:
    assert decode_update(encoded(update), trusted=True) == update


@given(updates(), st.data())
def test_every_cut_update_is_refused(update: Update, data: st.DataObject) -> None:
    whole = encoded(update)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(UpdateRefused):
        decode_update(cut, trusted=True)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (decode_update, decode_state_vector):
        try:
            read(data)
        except UpdateRefused as refusal:
            known = {"malformed", "schema", "too-large", "clock-gap"}
            if refusal.code not in known:
                raise


@given(st.dictionaries(clients, st.integers(0, 2**31), max_size=20))
def test_state_vectors_are_read(vector: dict[int, int]) -> None:
    data = raw.varuint(len(vector)) + b"".join(raw.varuint(c) + raw.varuint(n) for c, n in vector.items())
    assert decode_state_vector(data) == vector


def test_characters_are_counted_in_utf16_units() -> None:
    update = raw.typed(1000, 7, raw.struct(raw.string("a\U0001f600é€"), root="text"))
    (block,) = decode_update(update).blocks
    assert (block.structs[0].length, block.end) == (5, 12)


def test_the_first_halves_of_surrogate_pairs_are_known() -> None:
    assert pair_starts("plain", 5) == []
    assert pair_starts("é€", 5) == []
    assert pair_starts("a\U0001f600b\U0001d11e", 5) == [6, 9]


def test_limits_are_lifted_for_the_servers_own_updates() -> None:
    letters = [raw.struct(raw.string("x"), root="text")] * 600
    update = raw.typed(1000, 0, *letters)
    with pytest.raises(UpdateRefused) as refusal:
        decode_update(update)
    assert refusal.value.code == "too-large"
    assert len(decode_update(update, trusted=True).blocks[0].structs) == 600
