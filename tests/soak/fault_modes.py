"""P14 on SQLite: the disk, the descriptors and the clock fail under a server that people type into, and come back.

A trial is one cycle: a fault begins, holds, ends. While the disk takes nothing, nobody is told "saved"; everybody in
the room, who only reads too, is told within 2 s that nothing can be saved; within 10 s of the fault's end all that
waited is acknowledged, on the connections that were there before. A clock that jumps and descriptors that run out stop
nobody who is connected. After the cycles the server is killed; the log must hold what everybody was told, once.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx2
from sqlalchemy import text, update
from typing_extensions import override
from websockets.exceptions import WebSocketException

from crdt.client import Client
from server.database import Database
from server.settings import Settings
from server.tables import sessions
from server.verify import verify
from tests.soak._cycles import Faulty, in_turn, keep_worst, took
from tests.soak.campaign import Campaign, Figure, Outcome
from tests.support.checker import broken_promises
from tests.support.disk import Disk, Fault
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.patient import Patient, finish, not_once
from tests.support.stock import OPINION, Stock, stocked
from tests.support.waiting import until, within

READ_ONLY_SECONDS = 2.0
RECOVERY_SECONDS = 10.0
CYCLES = 10
"""Cycles of each fault before the server is killed and its log is read."""
HOLD_SECONDS = 1.0
"""How long a fault goes on after everybody knows of it."""
MOST_LOGGED = 64 * 1024
_TWO_DAYS = 48 * 3600
MODES = ("disk full", "disk failing", "disk read-only", "disk stalled", "no descriptors", "clock jumps")
"""The faults, in the order of a round."""


@dataclass
class Trial(Faulty):
    """A server under a disk that can fail, people who type into it, and one who only reads."""

    stock: Stock
    disk: Disk
    server: LiveServer
    people: Sequence[Patient]
    reader: Drafter
    chance: Random
    patience: float

    @override
    async def _befall(self, mode: str) -> None:
        await self._typed(2)
        match mode:
            case "no descriptors":
                await self._without_descriptors()
            case "clock jumps":
                await self._clock()
            case _:
                await self._disk(mode)

    async def _disk(self, mode: str) -> None:
        stalled = mode == "disk stalled"
        fault = {
            "disk full": Fault.FULL,
            "disk failing": Fault.IO,
            "disk read-only": Fault.READ_ONLY,
            "disk stalled": Fault.STALL,
        }[mode]
        connections = [one.connections for one in self.people]
        refused = self.disk.refused
        with self.disk.failing(fault):
            # A full disk still takes what a file has room for: the fault begins where somebody meets it.
            await until(lambda: stalled or self.disk.refused > refused, f"{mode}: a write to fail", self.patience)
            began = time.monotonic()
            await until(self._all_told, f"{mode}: everybody to be told", self.patience)
            took(self, "read-only after", time.monotonic() - began, READ_ONLY_SECONDS)
            acknowledged = self._acknowledged()
            if not stalled:
                await self._newcomer_is_told()
                await self._pages_are_shown()
            await self._unhealthy()
            await asyncio.sleep(self.chance.uniform(0.2, HOLD_SECONDS))
            assert self._acknowledged() == acknowledged, "words were acknowledged that the disk did not take"
        began = time.monotonic()
        await until(self._all_saved, f"{mode}: the outboxes to drain", 2 * self.patience)
        took(self, "recovery after", time.monotonic() - began, RECOVERY_SECONDS)
        assert [one.connections for one in self.people] == connections, "connections did not outlive the fault"
        assert await asyncio.to_thread(self.server.answers), "/healthz does not say ok again"

    def _all_told(self) -> bool:
        notices = self.reader.client.notices
        reader = bool(notices) and notices[-1] == {"kind": "saving", "on": False}
        return reader and not any(one.client.saving for one in self.people)

    def _all_saved(self) -> bool:
        return self.reader.client.notices[-1] == {"kind": "saving", "on": True} and all(
            one.client.saving and one.unsaved < 4 for one in self.people
        )

    async def _unhealthy(self) -> None:
        for _ in range(20):
            if not await asyncio.to_thread(self.server.answers):
                return
            await asyncio.sleep(READ_ONLY_SECONDS / 20)
        raise AssertionError("/healthz says ok")

    async def _pages_are_shown(self) -> None:
        """Also to a reader whose visit is due to be noted, which cannot be written now."""
        visitor = self.stock["m-xdd-1"]
        cookies = {f"unbracket-{self.server.port}": visitor.token}
        async with httpx2.AsyncClient(base_url=self.server.url, cookies=cookies) as browser:
            page = await browser.get(f"/opinions/{OPINION}")
        assert page.status_code == 200, f"the page answers {page.status_code}"

    async def _newcomer_is_told(self) -> None:
        newcomer = Drafter(self.server.port, self.stock["m-xbb-2"], workspace=True)
        await newcomer.open()
        try:
            await newcomer.until(lambda: newcomer.client.notices, "what a newcomer is told")
            assert newcomer.client.notices[-1] == {"kind": "saving", "on": False}
        finally:
            await newcomer.leave()

    async def _without_descriptors(self) -> None:
        pid = self.server.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        logged = self.server.output.stat().st_size
        # Lower than what is open already: no file and no socket can be opened, what is open stays.
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
        try:
            newcomer = asyncio.create_task(self._join(within(RECOVERY_SECONDS) + 10))
            await self._typed(4)
            await asyncio.sleep(self.chance.uniform(0.2, HOLD_SECONDS))
            assert not newcomer.done(), "somebody came in without a descriptor"
            # asyncio tries as often as its backlog is long, and says so each time: a loop that does only that.
            assert self.server.output.stat().st_size - logged < MOST_LOGGED, "the log fills with failing accepts"
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        began = time.monotonic()
        await newcomer
        took(self, "recovery after", time.monotonic() - began, RECOVERY_SECONDS)

    async def _clock(self) -> None:
        for hours in (_TWO_DAYS, -_TWO_DAYS):
            with self.disk.clock_off_by(hours):
                await self._typed(4)
                await self._join(within(RECOVERY_SECONDS))
            await self._typed(2)

    async def _join(self, seconds: float) -> None:
        """Somebody comes, tries again until it works, and is seen by the others."""
        async with asyncio.timeout(seconds):
            while True:
                newcomer = Drafter(self.server.port, self.stock["m-xbb-2"], workspace=True)
                try:
                    async with asyncio.timeout(within(2)):
                        await newcomer.open()
                    break
                except (OSError, TimeoutError, WebSocketException):
                    await asyncio.sleep(0.2)
            await newcomer.hello()
        peer = newcomer.client.welcome["peer"]
        await self.reader.until(lambda: peer in {one["peer"] for one in self.reader.client.peers}, "the roster")
        await newcomer.leave()

    async def _typed(self, more: int) -> None:
        goals = [(one, one.acknowledged + more) for one in self.people]
        await until(lambda: all(one.acknowledged >= goal for one, goal in goals), f"{more} words of each", within(15))

    def _acknowledged(self) -> int:
        return sum(one.acknowledged for one in self.people)


@asynccontextmanager
async def trial(
    place: Path, seed: int, plant: Callable[[], None] | None = None, patience: float = within(RECOVERY_SECONDS)
) -> AsyncIterator[Trial]:
    """A trial in an empty directory. At the end everybody stops, the server is killed, and the log is read. `patience`:
    seconds until what does not come is given up.
    """
    stock = stocked(Settings(data_dir=place / "data"))
    with Database(stock.settings) as database:
        # As long as the product's: a sign-in must outlive a clock that is two days off.
        late = datetime.now(UTC) + timedelta(days=stock.settings.session_days)
        database.run(lambda connection: connection.execute(update(sessions).values(expires_at=late, seen_at=None)))
    with Disk(place / "data") as disk:
        server = LiveServer(place / "data", under=disk.environment, plant=plant)
        server.start()
        try:
            names = ("m-xaa-1", "m-xaa-2", "m-xbb-1", "m-sec")
            people = [Patient(stock[name], number, server.port) for number, name in enumerate(names)]
            async with (
                Drafter(server.port, stock["m-chair"], client=Client(workspace=False)) as reader,
                asyncio.TaskGroup() as tasks,
            ):
                typing = [tasks.create_task(one.run()) for one in people]
                running = Trial(stock, disk, server, people, reader, Random(seed), patience)
                yield running
                try:
                    await finish(people, patience)
                except AssertionError as error:
                    running.failures.append(str(error))
                    for task in typing:
                        task.cancel()
            server.kill()
            running.failures += [one.refused for one in people if one.refused]
            running.failures += _audit(stock.settings, people)
            await asyncio.to_thread(server.start)
            running.failures += await not_once(people)
        finally:
            server.kill()


def _audit(settings: Settings, people: Sequence[Patient]) -> Iterator[str]:
    with Database.reading(settings) as connection:
        yield from (f"{one.document}: {finding}" for one in verify(connection) for finding in one.findings)
        if (sound := connection.scalar(text("PRAGMA integrity_check"))) != "ok":
            yield f"integrity_check says {sound}"
    yield from broken_promises(settings.data_dir / "unbracket.db", [one.ledger() for one in people])


async def cycles(place: Path, seed: int, count: int, seconds: float = float("inf")) -> tuple[int, Trial]:
    """So many cycles of each fault, in turn, as long as there is time; how many there were, and the trial."""
    ends = time.monotonic() + seconds
    async with trial(place, seed) as running:
        done = await in_turn(running, MODES, count, ends)
    return done, running


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    trials, failures, worst = 0, list[str](), dict[str, Figure]()
    while not trials or time.monotonic() < ends:
        with tempfile.TemporaryDirectory(prefix="unbracket-faults-") as place:
            drawn = chance.randrange(1 << 30)
            done, running = asyncio.run(cycles(Path(place), drawn, CYCLES, ends - time.monotonic()))
        trials += done
        failures += [f"{seed}: {line}" for line in running.failures]
        keep_worst(worst, running.worst)
    return Outcome(trials, tuple(failures), worst)


CAMPAIGN = Campaign(
    name="fault cycles",
    promise="A disk, descriptors or a clock that fail cost nobody a word; it is said within 2 s and over within 10 s.",
    goal=300,
    run=_campaign,
)
