"""N5: what waits on a link is bounded, its sockets are read more slowly; the wishes to pause of both are kept apart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crdt.founding import founding_entry
from crdt.protocol import ServerFrame
from opinions.model import DelegationCode
from opinions.roles import Actor, Role
from server.errors import RoomElsewhere, UnknownOpinion
from server.links.messages import Kind, message
from server.links.socket_side import SocketSide
from server.links.stream import CONGESTED_BYTES
from server.rooms import LocalRooms
from server.settings import Settings
from tests.server.test_peers import HELLO, Wire
from tests.support.builders import at
from tests.support.linked import Ear, Pair, linked, linked_rooms
from tests.support.memory_store import MemoryStore
from tests.support.stock import text
from tests.support.waiting import until

CLERK = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
OPINION = "op-1"


async def test_messages_of_one_turn_arrive_in_order_whatever_their_size() -> None:
    one, other = Ear(), Ear()
    async with linked(one, other) as pair:
        bodies = [bytes([number]) * size for number, size in enumerate((0, 1, 70_000, 3, 2_000_000, 0, 5))]
        for body in bodies:
            pair.one.send(message(Kind.FRAME, body))
        await until(lambda: len(other.heard) == len(bodies), "all messages")
        assert [body for _, body in other.heard] == bodies


async def test_n5_a_side_that_reads_slowly_makes_the_other_pause_and_go_on() -> None:
    one, other = Ear(), Ear()
    async with linked(one, other) as pair:
        pair.transport.pause_reading()
        for _ in range(8):
            pair.one.send(message(Kind.FRAME, bytes(CONGESTED_BYTES // 4)))
        await until(lambda: one.congestion == [True], "the link to be congested")
        pair.transport.resume_reading()
        await until(lambda: one.congestion == [True, False], "the link to flow again")
        await until(lambda: len(other.heard) == 8, "every message")


async def test_n5_a_side_that_does_not_read_loses_the_link_and_nothing_grows() -> None:
    one, other = Ear(), Ear()
    async with linked(one, other, max_waiting=4 * CONGESTED_BYTES) as pair:
        pair.transport.pause_reading()
        for _ in range(64):
            pair.one.send(message(Kind.FRAME, bytes(CONGESTED_BYTES // 4)))
            await asyncio.sleep(0)
        assert one.is_lost
        assert not pair.one.is_open
        assert pair.one.waiting_bytes <= 5 * CONGESTED_BYTES


# --- both sides, with real rooms


@asynccontextmanager
async def bridge() -> AsyncIterator[tuple[SocketSide, LocalRooms, Pair]]:
    """Rooms over a record in memory, seen over a link."""
    entry = founding_entry(OPINION, text(), member="m-sec", name="Sam Clerk", at=at(), source="test")
    store = MemoryStore(OPINION, entry, frozenset({DelegationCode("XAA")}), {"m-sec": 1})
    async with LocalRooms(Settings(), store, lambda record: b"signed") as rooms, linked_rooms(rooms) as (near, pair):
        yield near, rooms, pair


async def test_n1_a_peer_over_a_link_sits_in_the_room_and_leaves_it() -> None:
    async with bridge() as (near, rooms, _):
        wire = Wire()
        place = await near.seat(OPINION, CLERK, 1, wire)
        assert (rooms.figures.rooms, rooms.figures.sockets) == (1, 1)
        place.submit(HELLO)
        await until(lambda: len(wire.written) >= 2, "WELCOME and SYNC")
        assert [frame[0] for frame in wire.written[:2]] == [ServerFrame.WELCOME, ServerFrame.SYNC]
        place.leave()
        place.leave()
        await until(lambda: rooms.figures.sockets == 0, "the seat to be empty")


async def test_an_unknown_opinion_is_the_same_error_over_a_link() -> None:
    async with bridge() as (near, rooms, _):
        with pytest.raises(UnknownOpinion):
            await near.seat("op-none", CLERK, 1, Wire())
        assert near.sockets == 0
        with pytest.raises(UnknownOpinion):
            await near.ask("op-none", CLERK, 1, "SEC", "key-0001", {"act": "freeze"})
        assert rooms.figures.rooms == 0


async def test_n4_what_many_are_told_crosses_once() -> None:
    async with bridge() as (near, _, pair):
        wires = [Wire() for _ in range(50)]
        for wire in wires:
            (await near.seat(OPINION, CLERK, 1, wire)).submit(HELLO)
        await until(lambda: all(len(wire.written) >= 2 for wire in wires), "everybody's text")
        heard: list[Kind] = []
        received = near.received

        def counting(kind: Kind, body: bytes) -> None:
            heard.append(kind)
            received(kind, body)

        before = [len(wire.written) for wire in wires]
        pair.one.end.received = counting  # type: ignore[method-assign]
        assert (await near.ask(OPINION, CLERK, 1, "SEC", "key-0001", CORRECTION)).code == ""
        await until(lambda: all(len(w.written) > n for w, n in zip(wires, before, strict=True)), "the correction")
        assert heard.count(Kind.DELIVER) <= 2, "the update, and perhaps the roster"


CORRECTION = {
    "act": "correct_text",
    "paragraph": "p-item-00001",
    "start": 0,
    "end": 4,
    "was": "that",
    "text": "That",
}


async def test_n5_the_room_and_the_link_each_pause_a_socket_and_it_reads_when_neither_does() -> None:
    async with bridge() as (near, _, _):
        wire = Wire()
        place = await near.seat(OPINION, CLERK, 1, wire)
        near.congested(True)
        place.pause()
        near.congested(False)
        assert wire.reading[-1:] == [False], "the room still wants it to pause"
        place.resume()
        assert wire.reading[-1:] == [True]
        near.congested(True)
        place.pause()
        place.resume()
        assert wire.reading[-1:] == [False], "the link is still congested"
        near.congested(False)
        assert wire.reading[-1:] == [True]


async def test_p11_an_expelled_member_is_out_at_both_ends() -> None:
    async with bridge() as (near, rooms, _):
        wire, other = Wire(), Wire()
        await near.seat(OPINION, CLERK, 1, wire)
        await near.seat(OPINION, Actor("m-2", "Other", Role.SECRETARIAT), 1, other)
        near.expel("m-sec", 4401, "You are signed out.")
        assert (wire.closed, other.closed) == (4401, None)
        await until(lambda: rooms.figures.sockets == 1, "the room to know")


async def test_when_a_link_is_lost_sockets_close_and_who_waits_is_told_to_look_again() -> None:
    async with bridge() as (near, rooms, pair):
        wire = Wire()
        await near.seat(OPINION, CLERK, 1, wire)
        pair.other.drop()
        await until(lambda: wire.closed == 1012, "the socket to be closed")
        await until(lambda: rooms.figures.sockets == 0, "the room to know")
        with pytest.raises(RoomElsewhere):
            await near.seat(OPINION, CLERK, 1, Wire())
        with pytest.raises(RoomElsewhere):
            await near.ask(OPINION, CLERK, 1, "SEC", "key-0001", CORRECTION)
