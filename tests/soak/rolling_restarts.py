"""C11: of two nodes one after the other is told to stop, and started again, while eight people type with the patience
of browsers.

A trial is one restart: the node ends by itself, with code 0, within 30 s. In the end the checker holds what everybody
was told against the log, and 95 of 100 of the times that somebody was without the text are under 3 s.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.soak.campaign import Campaign, Outcome
from tests.support.cluster import Cluster, cluster
from tests.support.crowd import Crowd, crowd
from tests.support.patient import Patience
from tests.support.postgres_server import Databases, PostgresServer, postgres_server
from tests.support.services import ran
from tests.support.waiting import within

ROUND = 20
EXIT_SECONDS = 30.0
AWAY_SECONDS = 3.0
PATIENCE = Patience(word=0.1)
ENVIRON = {"UNBRACKET_ROOM_WORKERS": "0"}


@dataclass
class Rolled:
    """What came of some restarts."""

    people: Crowd
    exits: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def away(self) -> list[float]:
        """The seconds that somebody was without the text, each time, the shortest first."""
        return sorted(seconds for one in self.people.people for seconds in one.away)

    @property
    def away_p95(self) -> float:
        """95 of 100 times it was no longer than this."""
        return self.away[int(0.95 * (len(self.away) - 1))] if self.away else 0.0

    def told(self) -> str:
        """In one line."""
        return (
            f"{len(self.exits)} restarts, exits within {max(self.exits):.1f} s; {len(self.away)} times somebody was "
            f"away, 95 % within {self.away_p95:.2f} s; {self.people.acknowledged} words"
        )


async def restarts(nodes: Cluster, chance: Random, count: int, ends: float = float("inf")) -> Rolled:
    """So many restarts under a crowd, of the nodes in turn."""
    async with crowd(nodes.stock, nodes.nodes[:2], patience=PATIENCE) as people:
        rolled = Rolled(people)
        for number in range(count):
            if number and time.monotonic() > ends:
                break
            node = nodes.nodes[number % 2]
            await people.more(chance.randint(10, 60))
            asked = time.monotonic()
            code = await asyncio.to_thread(node.stop)
            rolled.exits.append(time.monotonic() - asked)
            if code:
                rolled.failures.append(f"restart {number}: the node ended with {code}")
            await asyncio.to_thread(node.start)
        await people.more(10)
    rolled.failures += people.failures
    if max(rolled.exits) > within(EXIT_SECONDS):
        rolled.failures.append(f"a node took {max(rolled.exits):.1f} s to end")
    if rolled.away_p95 > within(AWAY_SECONDS):
        rolled.failures.append(f"reconnected within {rolled.away_p95:.2f} s only, 95 times of 100")
    return rolled


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    exits, away, failures, words = list[float](), list[float](), list[str](), 0
    with postgres_server() as server:
        databases = Databases(server.url(), server)
        while not exits or time.monotonic() < ends:
            url = databases.fresh()
            with tempfile.TemporaryDirectory(prefix="unbracket-rolling-") as place:
                with cluster(Path(place), url, 2, ENVIRON) as nodes:
                    rolled = asyncio.run(restarts(nodes, chance, ROUND, ends))
            databases.drop(url)
            exits, away = exits + rolled.exits, away + rolled.away
            words += rolled.people.acknowledged
            failures += [f"{seed}: restart {len(exits)} or before: {line}" for line in rolled.failures]
    away.sort()
    return Outcome(
        len(exits),
        tuple(failures[:20]),
        {
            "slowest exit (s)": round(max(exits), 2),
            "reconnections": len(away),
            "reconnected, p95 (s)": round(away[int(0.95 * (len(away) - 1))], 2) if away else 0.0,
            "acknowledged words": words,
            "database": ran[PostgresServer.kind],
        },
    )


CAMPAIGN = Campaign(
    name="rolling restarts",
    promise="Nodes restarted one after the other under load lose no acknowledged word; people are back within 3 s (95 "
    "of 100 times), the nodes end by themselves within 30 s.",
    goal=100,
    run=_campaign,
)
