"""What must be done before the first words are judged is done in parts, and the loop is everybody's between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from crdt import protocol
from crdt.client import Client
from crdt.founding import founding_entry
from crdt.gate import Gate
from crdt.index import indexing
from crdt.log import Snapshot
from crdt.order import count_of
from opinions.edits import InsertText
from opinions.model import DelegationCode, Mark, MarkKind
from opinions.record import SECRETARIAT
from server.rooms import LocalRooms, SeatInRoom
from server.settings import Settings
from tests.crdt.test_readiness import P1, long_state, text_of
from tests.server.test_peers import Wire
from tests.support.actors import THE_SECRETARIAT, expert
from tests.support.builders import at, document, paragraph
from tests.support.memory_store import MemoryStore
from tests.support.waiting import PATIENCE, until

OPINION = "op-1"
WORDS = InsertText(P1, 5, "new ", frozenset({Mark(MarkKind.INSERTION, "a-sec-0001")}))
PING = bytes((protocol.ClientFrame.PING,))


@dataclass
class Desk:
    """Somebody in a room: what comes in goes to the client."""

    client: Client
    wire: Wire
    place: SeatInRoom
    taken: int = 0

    def hear(self) -> None:
        """Takes what was told since."""
        for frame in self.wire.written[self.taken :]:
            self.client.take(frame)
        self.taken = len(self.wire.written)

    async def begin(self) -> None:
        """Says HELLO and waits for the text."""
        self.place.submit(self.client.hello())
        await until(lambda: len(self.wire.written) >= 2, "WELCOME and SYNC")
        self.hear()

    async def ping(self) -> None:
        """Says PING and waits for PONG."""
        before = len(self.wire.written)
        self.wire.waiting = 0
        self.place.submit(PING)
        for _ in range(200_000):
            if protocol.PONG in self.wire.written[before:]:
                return
            await asyncio.sleep(0)
        pytest.fail("no PONG came")


@dataclass
class Hall:
    """A room just opened on a text in which two typed in turn; the secretariat may type, an expert looks on."""

    gate: Gate
    writer: Desk
    reader: Desk


@asynccontextmanager
async def hall() -> AsyncIterator[Hall]:
    entry = founding_entry(OPINION, document(paragraph("par-1", "x")), member="m", name="M", at=at(), source="test")
    store = MemoryStore(OPINION, entry, frozenset({DelegationCode("XAA")}), {"m-sec": 1, "m-xaa": 1})
    store.shelves[OPINION].snapshot = Snapshot(1, long_state())
    async with LocalRooms(Settings(), store, lambda record: b"signed") as rooms:
        desks = []
        for actor in (THE_SECRETARIAT, expert("XAA")):
            wire = Wire()
            desks.append(Desk(Client(False), wire, await rooms.seat(OPINION, actor, 1, wire)))
            await desks[-1].begin()
        writer, reader = desks
        yield Hall((await rooms.now(OPINION))._room.opinion.gate, writer, reader)


async def test_while_a_caret_announces_words_the_pings_of_others_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same room: a turn comes between two parts whenever something waits for one."""
    monkeypatch.setattr("crdt.decoder.STRUCTS_AT_ONCE", 50)
    monkeypatch.setattr("crdt.index.STRUCTS_AT_ONCE", 50)
    async with hall() as held:
        held.writer.place.submit(protocol.client_presence("par-1", 3))
        answered = 0
        while not held.gate.ready:
            await held.reader.ping()
            answered += not held.gate.ready
            assert answered < 1000
        assert answered >= 3


async def test_while_words_wait_the_loop_turns_between_any_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """[G5] The index, then the order of their list: whatever else is in this process is done in between."""
    parts = sum(1 for _ in indexing(long_state()))
    monkeypatch.setattr("crdt.index.MAX_UNORDERED", 0)
    monkeypatch.setattr("crdt.order.ROWS_AT_ONCE", 1)
    async with hall() as held:
        gate, writer = held.gate, held.writer
        words = writer.client.write([WORDS], SECRETARIAT)
        rounds = rows = 0
        writer.place.submit(words)
        async with asyncio.timeout(PATIENCE):
            while not (writer.client.acknowledged or writer.client.refusals):
                rounds += 1
                if gate.ready and not rows:
                    rows = count_of(text_of(gate).rows)
                writer.hear()
                await asyncio.sleep(0)
        assert writer.client.refusals == []
        assert rows > 100
        assert rounds >= parts + rows
