"""What a room must know before it can judge an update, and when it finds that out: not for those who only read."""

from dataclasses import replace
from functools import cache

import pytest

from crdt.decoder import STRUCTS_AT_ONCE, decode_state_vector, decode_update
from crdt.document import SharedDocument
from crdt.errors import LogBroken, UpdateRefused
from crdt.gate import Gate
from crdt.index import Place, indexing
from crdt.order import count_of
from crdt.protocol import PONG, ClientFrame, client_presence
from crdt.step import Frame
from opinions import commands
from opinions.edits import DeleteText, InsertText, PutAmendment
from opinions.model import AmendmentId, Mark, MarkKind
from tests.crdt.bytes import attribute, string, struct, typed, unit_of
from tests.crdt.desk import XAA, XAB, Desk, own, place, sound
from tests.support.actors import THE_CHAIR, expert
from tests.support.builders import amendment, document, ins, paragraph
from tests.support.rooms import Sitting

P1 = place("par-1")
MINE, THEIRS = own("a-mine"), own("a-theirs")
TURNS = 260
"""Letters typed by each of two people, always beside the other's last one: each item needs one of the other's."""


@cache
def long_state() -> bytes:
    """A paragraph in which two people typed in turn."""
    founder = Desk((paragraph("par-1", "that ", ins("a-mine", "m"), ins("a-theirs", "t"), " Members"),), {})
    one, other = SharedDocument(1000, (founder.gate.state(),)), SharedDocument(1001, (founder.gate.state(),))
    for turn in range(TURNS):
        for step, writer, reader, marks in ((0, one, other, MINE), (1, other, one, THEIRS)):
            update, _ = writer.write([InsertText(P1, 6 + 2 * turn + step, "x", marks)])
            reader.apply((update,))
    one.write([DeleteText(P1, 20, 40)])
    return one.state()


def long_text() -> Desk:
    """A gate that was just opened on it."""
    desk = Desk((), {"a-mine": XAA, "a-theirs": XAB})
    desk.gate = Gate(1, "record", (long_state(),))
    return desk


@pytest.fixture
def state() -> bytes:
    return long_state()


def test_who_only_reads_does_not_wait_for_what_writing_needs(state: bytes) -> None:
    """[W2] Clock, state, difference and views come from the library and the mirror."""
    gate = Gate(1, "record", (state,))
    clocks = decode_state_vector(gate.state_vector())
    assert {client: gate.clock(client) for client in clocks} == clocks
    assert gate.clock(5000) == 0
    assert gate.difference(b"\0") == state
    assert gate.view() == gate.live_view()
    assert not gate.ready


def test_the_servers_own_writing_does_not_need_it_either(state: bytes) -> None:
    gate = Gate(1, "record", (state,))
    update = gate.write([PutAmendment(amendment("a-mine"))])
    view = Gate(2, "drafts", (state,))
    view.absorb([update])
    for one in (gate, view):
        assert one.view().amendment(AmendmentId("a-mine")) is not None
        assert one.clock(1) == decode_state_vector(one.state_vector())[1]
        assert not one.ready
    sound(gate)


def test_it_is_found_out_in_parts_that_grow_with_the_text_and_no_faster(state: bytes) -> None:
    """Each struct is read once and taken up once, though each needs one of the other client's before."""
    structs = sum(len(block.structs) for block in decode_update(state, trusted=True).blocks)
    assert structs > 2 * TURNS
    parts = sum(1 for _ in indexing(state))
    assert structs // STRUCTS_AT_ONCE <= parts <= 3 * structs // STRUCTS_AT_ONCE + 10


def test_what_happens_meanwhile_is_taken_up_in_the_end() -> None:
    """[G4, G5] A command of the server's between two parts is known to the gate when words come."""
    desk = long_text()
    gate = desk.gate
    gate.prepare()
    gate.write([InsertText(P1, 0, "so ")])
    gate.commit()
    parts = 1
    while not gate.ready:
        gate.prepare()
        parts += 1
    assert parts > 3
    client = desk.client()
    assert not desk.refused(client, InsertText(P1, 9, "more", MINE))
    sound(gate)


def test_g4_an_update_before_that_is_judged_all_the_same() -> None:
    desk = long_text()
    client = desk.client()
    desk.send(client, client.types(InsertText(P1, 8, "more", MINE)))
    assert desk.gate.ready
    assert desk.refused(client, DeleteText(P1, 0, 3)) == "destroyed"
    sound(desk.gate)


def test_a_document_with_what_none_may_hold_is_not_written_in() -> None:
    """The library opens it; the gate says so whenever somebody wants to write, and never lets an update through."""
    gate = Gate(1, "record", (typed(1, 0, struct(attribute("{}"), root="elsewhere", key="x")),))
    for _ in range(2):
        with pytest.raises(LogBroken, match="elsewhere"):
            gate.prepare()


def prepared(gate: Gate, update: bytes = b"", client: int = 0) -> int:
    """Prepares all that an update awaits; in how many parts."""
    parts = 0
    while gate.awaits(update, client):
        gate.prepare(update, client)
        parts += 1
        assert parts < 5000, "it never ends"
    return parts


def test_g5_the_order_of_a_list_in_which_many_typed_is_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who first puts something in there waits for it, and nobody in the same loop."""
    desk = long_text()
    gate, client = desk.gate, desk.client()
    prepared(gate)
    rows = count_of(text_of(gate).rows)
    assert rows > 2 * TURNS
    update = client.types(InsertText(P1, 8, "more", MINE))
    assert not gate.awaits(update, client.client), "a check does so much itself"
    monkeypatch.setattr("crdt.index.MAX_UNORDERED", 100)
    monkeypatch.setattr("crdt.order.ROWS_AT_ONCE", 50)
    assert rows // 50 <= prepared(gate, update, client.client) <= 2 * rows // 50 + 2
    desk.send(client, update)
    assert not gate.awaits(client.types(InsertText(P1, 12, "x", MINE)), client.client)
    sound(gate)


def test_g5_what_happens_while_an_order_is_made_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own writing between two parts; and a check that does not wait for the rest."""
    monkeypatch.setattr("crdt.index.MAX_UNORDERED", 100)
    monkeypatch.setattr("crdt.order.ROWS_AT_ONCE", 50)
    desk = long_text()
    gate = desk.gate
    client = desk.client()
    update = client.types(InsertText(P1, 8, "more", MINE))
    prepared(gate)
    for start in (0, 4):
        gate.prepare(update, client.client)
        gate.prepare(update, client.client)
        assert gate.awaits(update, client.client)
        gate.write([InsertText(P1, start, "so ")])
    gate.prepare(update, client.client)
    gate.commit()
    desk.send(client, update)
    sound(gate)


def test_a_list_that_cannot_be_put_in_order_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """[G18] An item between neighbours of two paragraphs, as no gate ever took one: whoever types there is told so."""
    desk = Desk((paragraph("par-1", "one ", ins("a-mine", "m")), paragraph("par-2", "two")), {"a-mine": XAA})
    false = struct(string("x"), origin=unit_of(desk.gate, "one"), right=unit_of(desk.gate, "two"))
    desk.gate = Gate(1, "record", (desk.gate.state(), typed(900, 0, false)))
    prepared(desk.gate)
    monkeypatch.setattr("crdt.index.MAX_UNORDERED", 0)
    client = desk.client()
    update = client.types(InsertText(P1, 3, "more", MINE))
    for _ in range(2):
        with pytest.raises(LogBroken):
            prepared(desk.gate, update, client.client)
    with pytest.raises(UpdateRefused) as refusal:
        desk.check(client, update)
    assert refusal.value.code == "unknown-dependency"


def text_of(gate: Gate) -> Place:
    """The list of the characters of the first paragraph."""
    (held,) = [place for place in gate._index._places.values() if place.element and place.paragraph_id == "par-1"]
    return held


def test_g18_what_none_may_hold_is_read_and_whoever_writes_in_it_is_answered() -> None:
    """A root of no document of ours in the stored state: readers and the chair do not meet it."""
    held = Sitting(document(paragraph("par-1", "that access depends on income")))
    held.join("chair", THE_CHAIR, workspace=False)
    held.ask("chair", commands.OpenLiveDrafting(True))
    founded, *others = held.shelf.logs["op1"]
    damage = typed(900, 0, struct(attribute("{}"), root="elsewhere", key="x"))
    held.shelf.logs["op1"] = [replace(founded, updates=(*founded.updates, damage)), *others]
    held.open()
    for name, code in (("kim", "XAA"), ("bo", "XAB")):
        held.join(name, expert(code), workspace=False)
    kim, bo = held.clients["kim"], held.clients["bo"]
    words = kim.write([InsertText(P1, 0, "new ", own("a-kim-0001"))], "XAA")
    step = held.batch([("kim", words), ("bo", bytes((ClientFrame.PING,)))])
    assert [one.code for one in kim.refusals] == ["fault"]
    assert [(one.peer, one.code) for one in step.closings] == [(held.peer_of("kim"), 4400)]
    assert [type(fault.error) for fault in step.faults] == [LogBroken]
    assert [one.peers for one in step.deliveries if one.frame == PONG] == [(held.peer_of("bo"),)]
    assert not held.ask("chair", commands.AdmitObservers(False)).code
    assert not bo.view().record.opinion.observers_admitted
    assert [one.text for one in bo.view().text] == ["that access depends on income"]


def sitting() -> Sitting:
    """A room that was opened anew, with drafts in the workspace of XAA; two of its people have joined."""
    held = Sitting(document(paragraph("par-1", "that access depends on income"), paragraph("par-2", "that skills")))
    held.join("kim", expert("XAA"))
    held.write("kim", InsertText(P1, 4, " all", frozenset({Mark(MarkKind.INSERTION, "a-kenya001")})))
    held.open()
    held.join("kim", expert("XAA"))
    held.join("bo", expert("XAB"))
    return held


def ready(held: Sitting) -> bool:
    return held.room.workspace(XAA).gate.ready


def test_a_caret_in_the_text_says_that_words_will_come() -> None:
    """What they need is done meanwhile, for that document alone. Joining, or a caret nowhere, says nothing."""
    held = sitting()
    held.send("kim", client_presence("", 0))
    assert not held.room.prepare()
    held.send("kim", client_presence("par-1", 3))
    for _ in range(100):
        if not held.room.prepare():
            break
    assert ready(held)
    assert not held.room.opinion.gate.ready
    assert not held.room.workspace(XAB).gate.ready


def test_words_that_come_first_are_left_until_it_is_done_in_parts() -> None:
    """The rest of the batch waits with them; who cares for no time has all done at once."""
    held = sitting()
    typed_now = Frame(
        held.peer_of("kim"),
        held.clients["kim"].write([InsertText(P1, 0, "so ", frozenset({Mark(MarkKind.INSERTION, "a-kenya001")}))], XAA),
    )
    looked = Frame(held.peer_of("bo"), client_presence("", 1))
    step = held.room.receive([looked, typed_now, looked], held.now, lambda: False)
    assert step.taken == 1
    held.settle(step)
    assert not held.room.prepare(looked)
    for _ in range(100):
        if not held.room.prepare(typed_now):
            break
    assert ready(held)
    step = held.room.receive([typed_now, looked], held.now, lambda: False)
    assert step.taken == 2
    held.settle(step)
    assert held.room.workspace(XAA).gate.view().text.find("par-1") is not None


def test_words_that_come_first_are_left_until_their_list_is_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """[G5] As for the index itself."""
    monkeypatch.setattr("crdt.index.MAX_UNORDERED", 0)
    monkeypatch.setattr("crdt.order.ROWS_AT_ONCE", 1)
    held = sitting()
    held.send("kim", client_presence("par-1", 3))
    for _ in range(100):
        if not held.room.prepare():
            break
    assert ready(held)
    words = [InsertText(P1, 0, "so ", frozenset({Mark(MarkKind.INSERTION, "a-kenya001")}))]
    typed_now = Frame(held.peer_of("kim"), held.clients["kim"].write(words, XAA))
    looked = Frame(held.peer_of("bo"), client_presence("", 1))
    step = held.room.receive([looked, typed_now], held.now, lambda: False)
    assert step.taken == 1
    held.settle(step)
    parts = 1
    while held.room.prepare(typed_now):
        parts += 1
        assert parts < 100
    assert parts > 1
    step = held.room.receive([looked, typed_now], held.now, lambda: False)
    assert step.taken == 2
    held.settle(step)
    assert held.clients["kim"].acknowledged


def test_without_a_bound_a_whole_batch_is_taken_at_once() -> None:
    held = sitting()
    words = [InsertText(P1, 0, "so ", frozenset({Mark(MarkKind.INSERTION, "a-kenya001")}))]
    frames = [
        Frame(held.peer_of("bo"), client_presence("", 1)),
        Frame(held.peer_of("kim"), held.clients["kim"].write(words, XAA)),
    ]
    step = held.room.receive(frames, held.now)
    assert step.taken == 2
    held.settle(step)
    assert ready(held)
