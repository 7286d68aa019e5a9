"""P15: lines that stall, are slow, break in the middle of a frame, or die without a word; people type all the while.

A trial is one trouble on one person's line, from its begin until all that waited is acknowledged: within 10 s of the
line's being whole again. One of the people is the browser's own session, in Node. At the end nothing is missing and
nothing is there twice.
"""

import asyncio
import re
import socket
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from server.settings import Settings
from tests.soak.campaign import Campaign, Outcome
from tests.support.bad_line import BadLine
from tests.support.checker import broken_promises
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.node_client import NodeClient, node_client
from tests.support.patient import Patient, finish, not_once
from tests.support.stock import ITEM, Stock, stocked
from tests.support.waiting import until

DRAINED_SECONDS = 10.0
TROUBLES = ("stalled", "cut", "torn", "swallowed", "slow")
ROUNDS = 20
_NODE = "m-xcc-1"


@dataclass
class Ward:
    """People behind bad lines, and what was wrong with how they fared."""

    stock: Stock
    server: LiveServer
    people: Sequence[tuple[Patient, BadLine]]
    node: NodeClient
    node_line: BadLine
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    node_words: list[str] = field(default_factory=list)

    async def suffer(self, line: BadLine, trouble: str, seconds: float) -> None:
        """One trouble of a line, for so long."""
        match trouble:
            case "stalled":
                line.stall()
            case "cut":
                line.cut()
            case "torn":
                line.tear()
            case "swallowed":
                line.swallow()
            case _:
                line.seconds = 5.0
        await asyncio.sleep(seconds)
        line.mend()

    async def recover(self, name: str, waiting: Callable[[], object]) -> None:
        """That what waits now is acknowledged in time."""
        began = time.monotonic()
        try:
            await until(lambda: not waiting(), f"{name}: what waited to be acknowledged", DRAINED_SECONDS)
        except AssertionError as error:
            self.failures.append(str(error))
        self.slowest = max(self.slowest, time.monotonic() - began)

    async def patient_suffers(self, one: Patient, line: BadLine, trouble: str, seconds: float) -> None:
        """A trouble of somebody who types on."""
        await self.suffer(line, trouble, seconds)
        waited = set(one.client.sent)
        await self.recover(f"{one.person.member}, {trouble}", lambda: waited & one.client.sent.keys())

    async def node_suffers(self, trouble: str, seconds: float) -> None:
        """A trouble of the browser's session, which types before and meanwhile."""
        await self._node_types(2)
        suffering = asyncio.create_task(self.suffer(self.node_line, trouble, seconds))
        await self._node_types(3)
        await suffering
        began = time.monotonic()
        answer = await self.node.ask("settled", milliseconds=int(DRAINED_SECONDS * 1000))
        if answer["sending"]:
            self.failures.append(f"the browser's session, {trouble}: {answer['sending']} changes not acknowledged")
        self.slowest = max(self.slowest, time.monotonic() - began)

    async def _node_types(self, words: int) -> None:
        for _ in range(words):
            word = f"n{len(self.node_words):05}"
            self.node_words.append(word)
            await self.node.ask("type", paragraph=ITEM, offset=0, text=f" {word}")


@asynccontextmanager
async def ward(place: Path, patients: int = 5) -> AsyncIterator[Ward]:
    """People typing behind lines of their own; at the end they stop, and the log is held against what they know."""
    stock = stocked(Settings(data_dir=place / "data"))
    names = ("m-xaa-1", "m-xaa-2", "m-xbb-1", "m-sec", "m-xbb-2", "m-xdd-1")[:patients]
    lines = [BadLine() for _ in (*names, _NODE)]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The server says where it is by its first origin; port 0 stands for those of the lines.
    server = LiveServer(place / "data", environ={"UNBRACKET_ORIGINS": f"http://127.0.0.1:{port},http://127.0.0.1:0"})
    server.port = port
    await asyncio.to_thread(server.start)
    try:
        for line in lines:
            await line.lead_to(server.port)
        behind = zip(enumerate(names), lines[:-1], strict=True)
        people = [(Patient(stock[name], number, line.port), line) for (number, name), line in behind]
        async with node_client(lines[-1].port, stock[_NODE]) as node, asyncio.TaskGroup() as tasks:
            typing = [tasks.create_task(one.run()) for one, _ in people]
            await until(lambda: all(one.acknowledged for one, _ in people), "everybody to have typed")
            running = Ward(stock, server, people, node, lines[-1])
            yield running
            try:
                await finish([one for one, _ in people], DRAINED_SECONDS)
            except AssertionError as error:
                running.failures.append(str(error))
                for task in typing:
                    task.cancel()
            shown = await node.ask("text")
            running.failures += [f"the browser's session could not send: {one}" for one in shown["unsent"]]
        running.failures += [one.refused for one, _ in people if one.refused]
        ledgers = [one.ledger() for one, _ in people]
        running.failures += broken_promises(stock.settings.data_dir / "unbracket.db", ledgers)
        running.failures += await not_once([one for one, _ in people])
        async with Drafter(server.port, stock[_NODE], workspace=True) as reader:
            times = Counter(re.findall(r"n\d{5}", reader.text(ITEM)))
        running.failures += [f"{word} is there {times[word]} times" for word in running.node_words if times[word] != 1]
    finally:
        for line in lines:
            await line.close()
        server.kill()


async def rounds(running: Ward, chance: Random, count: int, until_when: float = float("inf")) -> int:
    """So many rounds: in each, everybody's line has a trouble of its own for a few seconds; how many troubles."""
    done = 0
    for _ in range(count):
        if done and time.monotonic() > until_when:
            break
        troubles = [*TROUBLES, chance.choice(TROUBLES)]
        chance.shuffle(troubles)
        async with asyncio.TaskGroup() as tasks:
            for (one, line), trouble in zip(running.people, troubles, strict=False):
                tasks.create_task(running.patient_suffers(one, line, trouble, chance.uniform(0.5, 6.0)))
            tasks.create_task(running.node_suffers(troubles[-1], chance.uniform(0.5, 6.0)))
        done += len(running.people) + 1
    return done


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)

    async def trial() -> tuple[int, Ward]:
        with tempfile.TemporaryDirectory(prefix="unbracket-lines-") as place:
            async with ward(Path(place)) as running:
                done = await rounds(running, chance, ROUNDS, ends)
            return done, running

    trials, failures, slowest = 0, list[str](), 0.0
    while not trials or time.monotonic() < ends:
        done, running = asyncio.run(trial())
        trials += done
        slowest = max(slowest, running.slowest)
        failures += [f"{seed}: {line}" for line in running.failures]
    return Outcome(trials, tuple(failures), {"slowest drained (s)": round(slowest, 2)})


CAMPAIGN = Campaign(
    name="bad lines",
    promise="A line that stalls, slows, breaks or dies costs and doubles no word; 10 s after it is whole all is saved.",
    goal=1_000,
    run=_campaign,
)
