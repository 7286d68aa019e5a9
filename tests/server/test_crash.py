"""P1: the server is killed again and again while four people type as fast as it takes it; no acknowledged edit is
missing, none is there twice. Kills of room processes, nodes and databases: `tests/soak/kills.py`.
"""

import asyncio
import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from crdt.protocol import Reader, ServerFrame
from opinions.edits import InsertText
from opinions.model import Mark, MarkKind, ParagraphId
from server.settings import Settings
from tests.support.checker import broken_promises
from tests.support.drafters import Drafter
from tests.support.ledger import Ledger
from tests.support.live_server import LiveServer
from tests.support.planted import tell_before_log
from tests.support.stock import CHAPEAU, ITEM, OPINION, Person, Stock, stocked
from tests.support.waiting import until

KILLS = 15
WINDOW = 8
"""Messages a writer has under way at once: enough that every kill finds some."""


class Writer:
    """A person who types numbered words without pause, comes back after every crash, and keeps a ledger."""

    def __init__(self, person: Person, number: int) -> None:
        self.person = person
        self.ledger: Ledger | None = None
        self.words = 0
        self.number = number
        self.drafter: Drafter | None = None
        self.acknowledged = 0
        self._amendment = f"a-writer-{number:08}"
        self._paragraph = (CHAPEAU, ITEM)[number % 2]

    @property
    def refused(self) -> str:
        """What the server would not take of this honest writer; empty while it took everything."""
        return self.drafter.client.refusals[0].message if self.drafter and self.drafter.client.refusals else ""

    def word(self, number: int) -> str:
        return f" w{self.number}x{number:05}"

    async def run(self, port: int, up: asyncio.Event, stop: asyncio.Event) -> None:
        """Type whenever the server is up, until told to stop, and then until everything is acknowledged."""
        while not self.refused and not (stop.is_set() and self.drafter is not None and not self.drafter.client.sent):
            await up.wait()
            client = self.drafter.client if self.drafter else None
            self.drafter = Drafter(port, self.person, workspace=self.person.delegation is not None, client=client)
            try:
                await self.drafter.open()
            except (OSError, WebSocketException):
                continue  # Killed in the handshake.
            try:
                await self.drafter.hello()
                await self._type(stop)
            except (AssertionError, WebSocketException):
                pass  # The socket closed under it.
            finally:
                await self.drafter.leave()
                self._note()

    async def _type(self, stop: asyncio.Event) -> None:
        drafter = self.drafter
        assert drafter is not None
        while not stop.is_set():
            mark = Mark(MarkKind.INSERTION, self._amendment)
            self.words += 1
            edit = InsertText(ParagraphId(self._paragraph), 0, self.word(self.words), frozenset({mark}))
            frame = drafter.client.write([edit], self.person.delegation or "SEC")
            self._note()
            await drafter.socket.send(frame)
            await drafter.until(lambda: len(drafter.client.sent) < WINDOW or self.refused, "room in the window")
            if self.refused:
                return
        await drafter.until(lambda: not drafter.client.sent or self.refused, "the last acknowledgements")

    def _note(self) -> None:
        """Bring the ledger up to what the client has sent and was told."""
        drafter = self.drafter
        if drafter is None or not drafter.client.welcome:
            return
        client = drafter.client
        if self.ledger is None:
            document = OPINION if self.person.delegation is None else f"{OPINION}/{self.person.delegation.lower()}"
            self.ledger = Ledger(document, client.welcome["client"], self.person.member)
        assert client.welcome["client"] == self.ledger.client, "the lease outlives every crash"
        for n, frame in client.sent.items():
            self.ledger.sent[n] = _update_of(frame)
        self.ledger.acknowledged.update(client.acknowledged)
        self.acknowledged = len(client.acknowledged)
        for frame in drafter.frames:
            self.ledger.told.update(_told(frame))
        drafter.frames.clear()


def _update_of(frame: bytes) -> bytes:
    reader = Reader(frame)
    reader.varuint(), reader.varuint(), reader.varstring()
    return reader.varbytes()


def _told(frame: bytes) -> list[bytes]:
    reader = Reader(frame)
    if reader.varuint() != ServerFrame.UPDATE:
        return []
    reader.varuint(), reader.varuint()
    return [reader.varbytes() for _ in range(reader.varuint())]


async def crash(stock: Stock, server: LiveServer, kills: int, seed: int) -> tuple[list[Writer], list[str]]:
    """Four writers, so many kills at moments drawn from the seed; the writers, and every promise that was broken."""
    chance = random.Random(seed)
    names = ("m-xaa-1", "m-xaa-2", "m-xbb-1", "m-sec")
    writers = [Writer(stock[name], number) for number, name in enumerate(names)]
    up, stop = asyncio.Event(), asyncio.Event()
    server.start()
    up.set()
    async with asyncio.TaskGroup() as tasks:
        for writer in writers:
            tasks.create_task(writer.run(server.port, up, stop))
        for _ in range(kills):
            await _until_acknowledged(writers, chance.randint(1, 60))
            up.clear()
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            up.set()
        stop.set()
    ledgers = [writer.ledger for writer in writers if writer.ledger is not None]
    found = broken_promises(stock.settings.data_dir / "unbracket.db", ledgers)
    found += [f"{writer.person.member} was refused: {writer.refused}" for writer in writers if writer.refused]
    for writer in writers:
        async with Drafter(server.port, writer.person, workspace=writer.person.delegation is not None) as reader:
            times = Counter(re.findall(r" w\d+x\d{5}", reader.text(CHAPEAU) + reader.text(ITEM)))
            words = [writer.word(number) for number in range(1, writer.words + 1)]
            found += [f"{word} is there {times[word]} times" for word in words if times[word] != 1]
    server.kill()
    return writers, found


async def _until_acknowledged(writers: list[Writer], more: int) -> None:
    def count() -> int:
        return sum(len(writer.drafter.client.acknowledged) for writer in writers if writer.drafter)

    goal = count() + more
    await until(
        lambda: count() >= goal or any(writer.refused for writer in writers), "acknowledgements before the kill", 60
    )


@pytest.mark.timeout(600)
async def test_p1_no_acknowledged_edit_is_missing_and_none_is_doubled_after_a_kill(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    server = LiveServer(stock.settings.data_dir, environ={"UNBRACKET_FRAMES_PER_SECOND": "100000"})
    try:
        writers, found = await crash(stock, server, KILLS, seed=20261122)
    finally:
        server.kill()
    assert found == [], "\n".join(found[:40])
    acknowledged = sum(writer.acknowledged for writer in writers)
    assert acknowledged == sum(writer.words for writer in writers)
    print(f"{KILLS} kills, {acknowledged} acknowledged edits, 0 lost, 0 doubled", file=sys.stderr)


async def test_the_checker_notices_when_i5_is_turned_round(tmp_path: Path) -> None:
    """A test that never failed is no evidence: here the server tells before it logs."""
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    environ = {"UNBRACKET_FRAMES_PER_SECOND": "100000"}
    server = LiveServer(stock.settings.data_dir, environ=environ, plant=tell_before_log)
    try:
        _, found = await crash(stock, server, 6, seed=1)
    finally:
        server.kill()
    assert any("was acknowledged at seq" in one or "that are not in any log" in one for one in found), found
