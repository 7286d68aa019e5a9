"""P1: processes are killed with SIGKILL at random moments while eight people type: the server and its room processes on
SQLite; nodes, their room processes and the database itself on PostgreSQL.

A trial is one kill. A kill comes at a random moment after the last one was got over so far that words are acknowledged
again; what died is started at once. After some kills the people finish, and the checker, a process of its own, holds
what each was told against the log: nothing acknowledged is missing, nothing is there twice, nobody was told what is not
there.
"""

import asyncio
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from server.settings import Settings
from tests.soak.campaign import Campaign, Figure, Outcome
from tests.support.cluster import cluster
from tests.support.crowd import Crowd, crowd
from tests.support.live_server import LiveServer
from tests.support.postgres_server import Databases, PostgresServer, postgres_server
from tests.support.room_processes import room_processes
from tests.support.services import ran
from tests.support.stock import Stock, stocked

ROUND = 40
"""Kills between two checks."""
PAUSE_SECONDS = (0.02, 0.6)
"""Between the first words acknowledged after a kill and the next one."""
KINDS = ("server", "room process", "room process")
"""A server's death is that of its room process, too: that one alone dies more often."""
ENVIRON = {"UNBRACKET_ROOM_WORKERS": "1", "UNBRACKET_FRAMES_PER_SECOND": "100000"}


@dataclass
class Ground:
    """What can be killed: servers, their room processes, the database's."""

    stock: Stock
    servers: Sequence[LiveServer]
    kinds: Sequence[str]
    database: PostgresServer | None = None

    async def kill(self, chance: Random, coming: set[asyncio.Task[None]]) -> str:
        """Kill one of them; what it was. What takes long to come back is left in `coming`."""
        kind = chance.choice(self.kinds)
        server = chance.choice(self.servers)
        if kind == "database" or len(coming) >= len(self.servers):
            # A server does not start without its database; and one at least should be there to type at.
            await asyncio.gather(*coming)
        if kind == "database":
            assert self.database is not None
            await asyncio.to_thread(self.database.kill)
            await asyncio.to_thread(self.database.start)
        elif kind == "server":
            await asyncio.gather(*coming)
            await asyncio.to_thread(server.kill)
            task = asyncio.create_task(asyncio.to_thread(server.start))
            coming.add(task)
            task.add_done_callback(coming.discard)
        else:
            processes = list(room_processes(server).values())
            with suppress(ProcessLookupError):
                os.kill(chance.choice(processes), signal.SIGKILL)
        return kind


async def kills(ground: Ground, chance: Random, count: int, ends: float = float("inf")) -> tuple[Counter[str], Crowd]:
    """So many kills under a crowd; how many of which kind, and the crowd with every broken promise."""
    done = Counter[str]()
    coming: set[asyncio.Task[None]] = set()
    async with crowd(ground.stock, ground.servers) as people:
        try:
            while done.total() < count and (not done or time.monotonic() < ends):
                await people.more(chance.randint(1, 20))
                await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
                done[await ground.kill(chance, coming)] += 1
        finally:
            await asyncio.gather(*coming)
    return done, people


@asynccontextmanager
async def on_sqlite(place: Path, plant: Callable[[], None] | None = None) -> AsyncIterator[Ground]:
    """One server with a room process; with a planted mistake, without: the mistake is the server's own."""
    stock = stocked(Settings(data_dir=place / "data"))
    environ = {**ENVIRON, "UNBRACKET_ROOM_WORKERS": "0"} if plant else ENVIRON
    server = LiveServer(stock.settings.data_dir, environ=environ, plant=plant)
    try:
        await asyncio.to_thread(server.start)
        yield Ground(stock, [server], ["server"] if plant else KINDS)
    finally:
        server.kill()


@asynccontextmanager
async def on_postgres(place: Path, server: PostgresServer, databases: Databases) -> AsyncIterator[Ground]:
    """Two nodes with a room process each, on a PostgreSQL that may be killed."""
    url = databases.fresh()
    with cluster(place, url, 2, ENVIRON) as nodes:
        yield Ground(nodes.stock, nodes.nodes, [*KINDS, "database"], server)
    databases.drop(url)


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    done, words, failures = Counter[str](), 0, list[str]()

    async def run(server: PostgresServer, databases: Databases) -> None:
        nonlocal words
        while not done or time.monotonic() < ends:
            for kind in ("SQLite", "PostgreSQL"):
                with tempfile.TemporaryDirectory(prefix="unbracket-kills-") as folder:
                    place = Path(folder)
                    ground = on_sqlite(place) if kind == "SQLite" else on_postgres(place, server, databases)
                    async with ground as running:
                        killed, people = await kills(running, chance, ROUND, ends)
                words += people.acknowledged
                done.update({f"{one} ({kind})": times for one, times in killed.items()})
                failures.extend(f"{seed}: on {kind}, kill {done.total()} or before: {line}" for line in people.failures)
                if time.monotonic() > ends:
                    return

    with postgres_server() as server:
        asyncio.run(run(server, Databases(server.url(), server)))
    figures: dict[str, Figure] = dict(sorted(done.items()))
    figures |= {"acknowledged words": words, "database": ran[PostgresServer.kind]}
    return Outcome(done.total(), tuple(failures[:20]), figures)


CAMPAIGN = Campaign(
    name="kills",
    promise="A server, room process or database killed while people type loses no acknowledged word and doubles none.",
    goal=1_000,
    run=_campaign,
)
