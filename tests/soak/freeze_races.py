"""P7: eight people type over real sockets while two chairs freeze the Opinion and the secretariat freezes the whole
volume, each at instants of its own and often at once; on one server with SQLite, and on two nodes with PostgreSQL.

A trial is one freeze, or one cut of the volume, that was answered. Nothing breaks down here (`freezes.py` does that):
what is raced is the freeze itself. In the end the checker holds what everybody was told against the log: one winner for
each number, nothing of an ended epoch after its freeze, nothing acknowledged before it missing; each cut is all of its
versions, and `verify-log` agrees.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from server.database import Database
from server.freezes.cuts import load_cuts
from server.settings import Settings
from tests.freezes.cutting import broken_cuts, cut_form
from tests.soak.campaign import Campaign, Figure, Outcome
from tests.soak.freezes import Chair
from tests.support.cluster import cluster
from tests.support.crowd import EIGHT, Crowd, crowd
from tests.support.live_server import LiveServer
from tests.support.placements import ask
from tests.support.planted import no_exports
from tests.support.postgres_server import Databases, PostgresServer, postgres_server
from tests.support.services import ran
from tests.support.stock import Stock, stocked

ROUND = 60
"""Freezes between two checks."""
BETWEEN_SECONDS = (0.0, 0.3)
"""From a chair's freeze to the next one; the volume's cuts come a third as often."""
ENVIRON = {"UNBRACKET_ROOM_WORKERS": "0", "UNBRACKET_FRAMES_PER_SECOND": "100000"}


@dataclass(frozen=True, slots=True)
class Ground:
    """Where it is played: people's process and the servers they type at."""

    stock: Stock
    servers: Sequence[LiveServer]


@contextmanager
def on_sqlite(place: Path) -> Iterator[Ground]:
    """One server, one file."""
    stock = stocked(Settings(data_dir=place / "data"))
    server = LiveServer(stock.settings.data_dir, environ=ENVIRON, plant=no_exports)
    try:
        server.start()
        yield Ground(stock, [server])
    finally:
        server.kill()


@contextmanager
def on_postgres(place: Path, databases: Databases) -> Iterator[Ground]:
    """Two nodes."""
    url = databases.fresh()
    with cluster(place, url, 2, ENVIRON, no_exports) as nodes:
        yield Ground(nodes.stock, nodes.nodes)
    databases.drop(url)


async def races(ground: Ground, chance: Random, count: int, ends: float = float("inf")) -> tuple[Counter[str], Crowd]:
    """So many freezes under a crowd: what was answered, and the crowd with every broken promise."""
    servers, done = list(ground.servers), Counter[str]()
    chairs = [Chair(ground.stock["m-chair"], order) for order in (servers, servers[::-1])]

    def enough() -> bool:
        return done["freezes"] + done["cuts"] >= count or (done.total() > 0 and time.monotonic() > ends)

    async def gavel(number: int, chair: Chair, own: Random) -> None:
        for turn in range(20 * count):
            if enough():
                return
            if await chair.freeze(f"Freeze {number}.{turn}"):
                done["freezes"] += 1
            await asyncio.sleep(own.uniform(*BETWEEN_SECONDS))

    async def secretariat(own: Random) -> None:
        for turn in range(20 * count):
            if enough():
                return
            seen = await asyncio.to_thread(_cuts, ground.stock.settings)
            form = cut_form(seen, label=f"Volume {turn}", ruled_by="Rosa Chair")
            server = own.choice(servers)
            status, page = await asyncio.to_thread(ask, server, ground.stock["m-sec"], "POST", "/freeze", form=form)
            if status not in (303, 409):
                people.failures.append(f"a cut was answered {status}: {page[:200]}")
            done["cuts" if status == 303 else "cuts refused whole"] += 1
            await asyncio.sleep(3 * own.uniform(*BETWEEN_SECONDS))

    async with crowd(ground.stock, servers, EIGHT) as people:
        people.ledgers += [chair.ledger for chair in chairs]
        async with asyncio.TaskGroup() as tasks:
            for number, chair in enumerate(chairs):
                tasks.create_task(gavel(number, chair, Random(chance.random())))
            tasks.create_task(secretariat(Random(chance.random())))
    people.failures += [
        f"a freeze was refused {times} times: {why}" for chair in chairs for why, times in chair.refused.items()
    ]
    people.failures += await asyncio.to_thread(_unsound, ground.stock.settings)
    done["freezes that another one beat"] = sum(chair.beaten for chair in chairs)
    return done, people


def _cuts(settings: Settings) -> int:
    with Database.reading(settings) as connection:
        return len(load_cuts(connection))


def _unsound(settings: Settings) -> list[str]:
    with Database.reading(settings) as connection:
        return broken_cuts(connection)


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    troubles, words, failures, trials = Counter[str](), 0, list[str](), 0
    with postgres_server() as server:
        databases = Databases(server.url(), server)
        while not trials or time.monotonic() < ends:
            for kind in ("SQLite", "PostgreSQL"):
                with tempfile.TemporaryDirectory(prefix="unbracket-races-") as place:
                    made = on_sqlite(Path(place)) if kind == "SQLite" else on_postgres(Path(place), databases)
                    with made as ground:
                        done, people = asyncio.run(races(ground, chance, ROUND, ends))
                trials, words = trials + done["freezes"] + done["cuts"], words + people.acknowledged
                troubles.update({f"{name} ({kind})": times for name, times in done.items()})
                failures += [f"{seed}: on {kind}, freeze {trials} or before: {line}" for line in people.failures]
                if time.monotonic() > ends:
                    break
    figures: dict[str, Figure] = dict(sorted(troubles.items()))
    figures |= {"acknowledged words": words, "database": ran[PostgresServer.kind]}
    return Outcome(trials, tuple(failures[:20]), figures)


CAMPAIGN = Campaign(
    name="freeze races",
    promise="While eight people type, freezes of an Opinion and of the whole volume at once are clean cuts: exactly "
    "one wins, nothing acknowledged before is missing, nothing comes after.",
    goal=10_000,
    run=_campaign,
)
