"""P14 on the deployed profile: PostgreSQL and Redis fail under two nodes that people type at, and come back.

A trial is one cycle: a fault begins, holds, ends. While the database takes nothing, nobody is told "saved", everybody
in the room is told within 2 s that nothing can be saved, and both nodes ask for no new people; within 10 s of its
return words are acknowledged again for everybody. What happens to Redis is no writer's business: words are
acknowledged all the while, and live pages on both nodes show them within 3 s. After the cycles the checker, a process
of its own, holds what everybody was told against the database.
"""

import asyncio
import json
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import redis.asyncio
from typing_extensions import override

from tests.soak._cycles import Faulty, in_turn, keep_worst, took
from tests.soak.campaign import Campaign, Figure, Outcome
from tests.support.cluster import Cluster, cluster
from tests.support.crowd import Crowd, crowd
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.lossy_redis import LossyRedis
from tests.support.patient import AS_A_BROWSER, Patient
from tests.support.postgres_server import Databases, PostgresServer, postgres_server
from tests.support.readers import following
from tests.support.services import RedisServer, ran, redis_server
from tests.support.stock import Person
from tests.support.waiting import until, within

READ_ONLY_SECONDS = 2.0
RECOVERY_SECONDS = 10.0
CATCH_UP_SECONDS = 3.0
"""A copy looks by itself every two seconds, and then reads."""
LOOKS = 2
"""Times that readers must catch up while a fault of Redis holds."""
CYCLES = 10
"""Cycles of each fault before the database is checked."""
HOLD_SECONDS = 0.7
LOST = 0.3
NAMES = ("m-xaa-1", "m-xbb-1", "m-sec", "m-sec")
"""Two of each at either node; the last two write what the live page shows."""
DATABASE = ("database stopped", "database paused", "database killed")
REDIS = ("Redis down", "Redis flushed", "Redis loses messages")
MODES = (*DATABASE, "database killed and started at once", *REDIS)


class Page:
    """The live page of somebody at one node, opened again when its stream ends, as browsers do."""

    def __init__(self, server: LiveServer, person: Person) -> None:
        self.seen: set[str] = set()
        self._server = server
        self._person = person

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                async with following(self._server.port, self._person) as stream:
                    read = 0
                    while not stream.ended:
                        for _, _, data in stream.events[read:]:
                            self.seen.update(re.findall(r"w\d+x\d{5}", json.dumps(data)))
                        read = len(stream.events)
                        await asyncio.sleep(0.02)
            except (OSError, TimeoutError, AssertionError, RuntimeError):
                pass
            except Exception as error:
                # What the HTTP client raises for a server that is away has no common base with the rest.
                if not type(error).__module__.startswith("httpx"):
                    raise
            await asyncio.sleep(0.5)


@dataclass
class Trial(Faulty):
    """Two nodes, what they stand on, people who type at both, and a live page at each."""

    nodes: Cluster
    database: PostgresServer
    redis: RedisServer
    relay: LossyRedis
    people: Crowd
    pages: list[Page]
    chance: Random
    patience: float

    @override
    async def _befall(self, mode: str) -> None:
        await self._typed(2)
        await self._caught_up()
        match mode:
            case "database killed and started at once":
                await asyncio.to_thread(self.database.kill)
                await self._back(self.database.start)
            case "database stopped":
                await self._read_only(self.database.stop, self.database.start)
            case "database paused":
                await self._read_only(self.database.pause, self.database.resume)
            case "database killed":
                await self._read_only(self.database.kill, self.database.start)
            case "Redis down":
                await asyncio.to_thread(self.redis.kill)
                try:
                    await self._unhindered()
                    for node in self.nodes.nodes:
                        _, parts = await _ready(node)
                        assert parts["signals"]["state"] != "failing", "a node is not ready for want of Redis"
                        # Polled: leases of a second lapse now and then on a crowded machine, and that is told too.
                        await _polled(lambda node=node: _says(node, 200), "a node to be ready without Redis")  # type: ignore[misc]
                finally:
                    await asyncio.to_thread(self.redis.start)
            case "Redis flushed":
                async with redis.asyncio.Redis.from_url(self.redis.url) as client:
                    await client.flushall()
                await self._unhindered()
            case "Redis loses messages":
                await self._lossy()
        await self._caught_up()

    async def _read_only(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        chair = self.nodes.stock["m-chair"]
        async with Drafter(self.nodes.nodes[0].port, chair) as reader:
            await asyncio.to_thread(begin)
            began = time.monotonic()
            try:
                await until(lambda: self._all_told(reader), "everybody to be told", self.patience)
                took(self, "read-only after", time.monotonic() - began, READ_ONLY_SECONDS)
                acknowledged = self.people.acknowledged
                for node in self.nodes.nodes:
                    await _polled(lambda node=node: _says(node, 503), "/readyz to ask for nobody")  # type: ignore[misc]
                await asyncio.sleep(self.chance.uniform(0.1, HOLD_SECONDS))
                assert self.people.acknowledged == acknowledged, "words were acknowledged without a database"
            finally:
                await self._back(end)

    def _all_told(self, reader: Drafter) -> bool:
        notices = reader.client.notices
        told = bool(notices) and notices[-1] == {"kind": "saving", "on": False}
        return told and not any(one.client.saving for one in self.people.people)

    async def _back(self, end: Callable[[], None]) -> None:
        await asyncio.to_thread(end)
        began = time.monotonic()
        goals = [(one, one.acknowledged + one.unsaved + 1) for one in self.people.people]
        for one, goal in goals:
            await self._reached(one, goal)
        took(self, "recovery after", time.monotonic() - began, RECOVERY_SECONDS)
        for node in self.nodes.nodes:
            await _polled(lambda node=node: _says(node, 200), "/readyz to ask for people")  # type: ignore[misc]

    async def _unhindered(self) -> None:
        connections = [one.connections for one in self.people.people]
        for _ in range(LOOKS):
            await self._typed(1)
            await self._caught_up()
        assert all(one.client.saving for one in self.people.people), "somebody was told that nothing can be saved"
        assert [one.connections for one in self.people.people] == connections, "lines broke that Redis has no part in"

    async def _lossy(self) -> None:
        lost = self.relay.lost
        self.relay.share = LOST
        try:
            await self._unhindered()
            await until(lambda: self.relay.lost > lost, "a message to be lost", within(RECOVERY_SECONDS))
        finally:
            self.relay.share = 0.0

    async def _caught_up(self) -> None:
        """What is acknowledged now is on the live pages of both nodes soon."""
        began = time.monotonic()
        newest = [one.words[one.acknowledged - 1] for one in self._drafting_in_the_open()]
        for number, page in enumerate(self.pages):
            await until(lambda page=page: page.seen >= set(newest), f"page {number} to catch up", self.patience)  # type: ignore[misc]
        took(self, "readers behind by", time.monotonic() - began, CATCH_UP_SECONDS)

    def _drafting_in_the_open(self) -> list[Patient]:
        return [one for one in self.people.people if one.person.delegation is None]

    async def _typed(self, more: int) -> None:
        for one, goal in [(one, one.acknowledged + more) for one in self.people.people]:
            await self._reached(one, goal)

    async def _reached(self, one: Patient, goal: int) -> None:
        await until(lambda: one.acknowledged >= goal, f"{one.person.member} to have {goal} words saved", within(20))


async def _polled(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(round(within(RECOVERY_SECONDS) / 0.1)):
        if await condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited for: {what}")


async def _says(node: LiveServer, status: int) -> bool:
    return (await _ready(node))[0] == status


async def _ready(node: LiveServer) -> tuple[int, Mapping[str, Mapping[str, str]]]:
    """What /readyz answers: its status, and how each part is."""

    def ask() -> tuple[int, Mapping[str, Mapping[str, str]]]:
        try:
            with urllib.request.urlopen(f"{node.url}/readyz", timeout=within(5)) as answer:
                return int(answer.status), json.load(answer)["parts"]
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["parts"]

    return await asyncio.to_thread(ask)


@asynccontextmanager
async def trial(
    place: Path,
    database: PostgresServer,
    url: str,
    seed: int,
    plant: Callable[[], None] | None = None,
    patience: float = within(RECOVERY_SECONDS),
) -> AsyncIterator[Trial]:
    """A trial on an empty database; at the end everybody stops and the database is checked. `patience`: seconds until
    what does not come is given up.
    """
    chance = Random(seed)
    with redis_server() as signals:
        async with LossyRedis(signals.port, chance) as relay:
            environ = {"UNBRACKET_REDIS_URL": relay.url}
            context = cluster(place, url, 2, environ, plant)
            # Off the loop: the relay must answer while the nodes start.
            nodes = await asyncio.to_thread(context.__enter__)
            reading: list[asyncio.Task[None]] = []
            try:
                async with crowd(nodes.stock, nodes.nodes, NAMES, AS_A_BROWSER) as people:
                    pages = [Page(node, nodes.stock["m-obs"]) for node in nodes.nodes]
                    reading = [asyncio.create_task(page.run()) for page in pages]
                    running = Trial(nodes, database, signals, relay, people, pages, chance, patience)
                    yield running
                running.failures += people.failures
            finally:
                for task in reading:
                    task.cancel()
                await asyncio.gather(*reading, return_exceptions=True)
                await asyncio.to_thread(context.__exit__, None, None, None)


async def cycles(
    place: Path, database: PostgresServer, url: str, seed: int, count: int, seconds: float = float("inf")
) -> tuple[int, Trial]:
    """So many cycles of each fault, in turn, as long as there is time; how many there were, and the trial."""
    ends = time.monotonic() + seconds
    async with trial(place, database, url, seed) as running:
        done = await in_turn(running, MODES, count, ends)
    return done, running


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    trials, words, failures, worst = 0, 0, list[str](), dict[str, Figure]()
    with postgres_server() as server:
        databases = Databases(server.url(), server)
        while not trials or time.monotonic() < ends:
            with tempfile.TemporaryDirectory(prefix="unbracket-faults-") as place:
                url = databases.fresh()
                drawn = chance.randrange(1 << 30)
                done, running = asyncio.run(cycles(Path(place), server, url, drawn, CYCLES, ends - time.monotonic()))
            trials += done
            words += running.people.acknowledged
            failures += [f"{seed}: {line}" for line in running.failures]
            keep_worst(worst, running.worst)
    return Outcome(trials, tuple(failures), worst | {"acknowledged words": words, "database": ran[PostgresServer.kind]})


CAMPAIGN = Campaign(
    name="fault cycles of the deployed profile",
    promise="A PostgreSQL or Redis that fails costs nobody a word; it is said within 2 s and over within 10 s.",
    goal=500,
    run=_campaign,
)
