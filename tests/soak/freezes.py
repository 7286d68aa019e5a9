"""I6 over two nodes: chairs freeze at random instants, each at a node of their own and often both at once, while eight
people type at each node, which own the Opinion by a lease of a second; nodes are paused and killed, the database is
killed and started again.

A trial is one freeze that was answered. A chair who gets no answer asks again with the same key, at the other node.
After some of them the people finish, and the checker, a process of its own, holds what everybody was told against the
log: one winner for each number, nothing of an ended epoch after its freeze, each version the text of the entries before
it, with all that was acknowledged before it was asked for and nothing that was sent after its answer.
"""

import asyncio
import json
import secrets
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx2

from tests.soak.campaign import Campaign, Figure, Outcome
from tests.support.cluster import Cluster, cluster
from tests.support.crowd import Crowd, crowd
from tests.support.ledger import Freeze, Ledger
from tests.support.live_server import LiveServer
from tests.support.patient import Patience
from tests.support.planted import no_exports
from tests.support.postgres_server import Databases, PostgresServer, postgres_server
from tests.support.services import ran
from tests.support.stock import OPINION, Person

ROUND = 80
"""Freezes between two checks."""
SIXTEEN = (
    *("m-sec", "m-xaa-1", "m-sec", "m-xaa-2", "m-sec", "m-xbb-1", "m-sec", "m-xbb-2"),
    *("m-xcc-1", "m-sec", "m-xcc-2", "m-sec", "m-xdd-1", "m-sec", "m-xdd-2", "m-sec"),
)
"""At the first node and the second in turn: at each of them four at the text that is frozen, four in workspaces."""
PATIENCE = Patience(word=0.3, ping=0.5, again=(0.05, 0.1, 0.2, 0.4), connect=4.0)
"""Of people who notice within a second that their node stands still."""
BETWEEN_SECONDS = (0.0, 0.6)
"""From a chair's freeze to the next one."""
CALM_SECONDS = (1.0, 5.0)
"""From a misfortune to the next one."""
PAUSED_SECONDS = (1.0, 3.0)
ASKING_SECONDS = 2.0
ANSWERED_SECONDS = 40.0
ENVIRON = {"UNBRACKET_ROOM_WORKERS": "0"}


class Chair:
    """Somebody who freezes again and again, and remembers what came of each."""

    def __init__(self, person: Person, servers: Sequence[LiveServer]) -> None:
        self.person = person
        self.ledger = Ledger(OPINION, 0, person.member)
        self.beaten = 0
        self.refused = Counter[str]()
        self._servers = servers

    async def freeze(self, label: str) -> bool:
        """One freeze; False when it was refused, as it must be when another came at the same moment. Fails when
        nobody answers for long."""
        key, asked, attempt = secrets.token_hex(8), time.monotonic(), 0
        fields = {"act": "freeze", "label": label, "key": key, "party": ""}
        while True:
            server = self._servers[attempt % len(self._servers)]
            attempt += 1
            answer: httpx2.Response | None = None
            with suppress(httpx2.HTTPError):
                answer = await self._ask(server, fields)
            if answer is not None and answer.status_code == 200:
                result = answer.json()["result"]
                told = (result["version"], result["seq"], result["fingerprint"])
                self.ledger.freezes.append(Freeze(key, label, asked, time.monotonic(), *told))
                return True
            if answer is not None and answer.status_code == 409 and answer.json()["code"] == "revision-changed":
                self.beaten += 1
                return False
            if answer is not None and answer.status_code < 500:
                self.refused[f"{answer.status_code} {answer.text[:120]}"] += 1
                return False
            assert time.monotonic() < asked + ANSWERED_SECONDS, f"{label} is not answered: {answer and answer.text}"
            await asyncio.sleep(0.05)

    async def _ask(self, server: LiveServer, fields: dict[str, str]) -> httpx2.Response:
        headers = {
            "Cookie": f"unbracket-{server.port}={self.person.token}",
            "Origin": server.url,
            "Content-Type": "application/json",
        }
        async with httpx2.AsyncClient(timeout=ASKING_SECONDS, trust_env=False) as line:
            path = f"{server.url}/api/opinions/{OPINION}/commands"
            return await line.post(path, content=json.dumps(fields), headers=headers)


async def freezes(
    nodes: Cluster, database: PostgresServer, chance: Random, count: int, ends: float = float("inf")
) -> tuple[int, Counter[str], Crowd]:
    """So many freezes under a crowd, among misfortunes: how many were answered, the misfortunes, and the crowd."""
    first, second = nodes.nodes[:2]
    chairs = [Chair(nodes.stock["m-chair"], order) for order in ((first, second), (second, first))]
    done, over = Counter[str](), asyncio.Event()

    def frozen() -> int:
        return sum(len(chair.ledger.freezes) for chair in chairs)

    async def gavel(number: int, chair: Chair, own: Random) -> None:
        for turn in range(20 * count):
            if frozen() >= count or (frozen() and time.monotonic() > ends):
                return
            await chair.freeze(f"Freeze {number}.{turn}")
            await asyncio.sleep(own.uniform(*BETWEEN_SECONDS))

    async with crowd(nodes.stock, (first, second), SIXTEEN, PATIENCE) as people:
        people.ledgers += [chair.ledger for chair in chairs]
        async with asyncio.TaskGroup() as tasks:
            trouble = tasks.create_task(_misfortunes(nodes, database, Random(chance.random()), done, over))
            gavels = [
                tasks.create_task(gavel(number, chair, Random(chance.random()))) for number, chair in enumerate(chairs)
            ]
            await asyncio.wait(gavels)
            over.set()
            await trouble
    people.failures += [
        f"a freeze was refused {times} times: {why}" for chair in chairs for why, times in chair.refused.items()
    ]
    done["freezes that another one beat"] = sum(chair.beaten for chair in chairs)
    return frozen(), done, people


async def _misfortunes(
    nodes: Cluster, database: PostgresServer, chance: Random, done: Counter[str], over: asyncio.Event
) -> None:
    """One after the other, until it is over; all is whole again then."""
    while not over.is_set():
        kind = chance.choice(("paused", "paused", "paused", "killed", "killed", "database killed"))
        node = chance.choice(nodes.nodes)
        if kind == "paused":
            node.send(signal.SIGSTOP)
            try:
                await asyncio.sleep(chance.uniform(*PAUSED_SECONDS))
            finally:
                node.send(signal.SIGCONT)
        elif kind == "killed":
            await asyncio.to_thread(node.kill)
            await asyncio.to_thread(node.start)
        else:
            await asyncio.to_thread(database.kill)
            await asyncio.to_thread(database.start)
        done[kind] += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), chance.uniform(*CALM_SECONDS))


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    trials, words, failures, troubles = 0, 0, list[str](), Counter[str]()
    with postgres_server() as server:
        databases = Databases(server.url(), server)
        while not trials or time.monotonic() < ends:
            url = databases.fresh()
            with tempfile.TemporaryDirectory(prefix="unbracket-freezes-") as place:
                with cluster(Path(place), url, 2, ENVIRON, no_exports) as nodes:
                    done, suffered, people = asyncio.run(freezes(nodes, server, chance, ROUND, ends))
            databases.drop(url)
            trials, words = trials + done, words + people.acknowledged
            troubles.update(suffered)
            failures += [f"{seed}: freeze {trials} or before: {line}" for line in people.failures]
    figures: dict[str, Figure] = dict(sorted(troubles.items()))
    figures |= {"acknowledged words": words, "database": ran[PostgresServer.kind]}
    return Outcome(trials, tuple(failures[:20]), figures)


CAMPAIGN = Campaign(
    name="freezes over two nodes",
    promise="A freeze is a cut, also with nodes paused and killed: nothing comes after it, nothing acknowledged before "
    "it is missing, and each number has one winner.",
    goal=2_000,
    run=_campaign,
)
