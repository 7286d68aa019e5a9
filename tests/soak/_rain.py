"""A live server with an honest delegate who types and is timed, for campaigns that rain hostile input on it."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from opinions.edits import DeleteText, Edit, InsertText
from opinions.model import AmendmentId, MarkKind
from opinions.record import Document
from server.database import Database
from server.settings import Settings
from server.verify import verify
from tests.attack.ground import ATTACKER, HONEST, P_HONEST, Ground, ground_on, inserted
from tests.soak.campaign import Figure, Outcome
from tests.support.live_server import LiveServer
from tests.support.planted import unhurried
from tests.support.stock import stocked
from tests.support.stopwatch import longest, resident, timed
from tests.support.wires import Guest

STALL_MS = 50.0
GROWTH_MIB = 64.0
PACE = 0.02
"""Seconds between two letters of the honest delegate."""
ENVIRON = {
    "UNBRACKET_GATHER_MS": "5",
    "UNBRACKET_FRAMES_PER_SECOND": "1000000",
    "UNBRACKET_SOCKETS_PER_MEMBER": "1000",
}
"""Rates raised so that the rain falls; what holds it back otherwise is tested in tests/attack."""
HOSTILE = (ATTACKER, "m-xaa-2", "m-xcc-1", "m-xcc-2", "m-xdd-1", "m-xdd-2")
"""Who the hostile clients are."""


@dataclass
class House:
    """One server's life: the ground, how the honest delegate fares, what went wrong."""

    ground: Ground
    notes: Path
    letters: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)
    memory: float = 0.0
    begun: float = 0.0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    typing: asyncio.Task[None] | None = None
    longest: float = 0.0
    grown: float = 0.0
    turn: str = ""

    def begin(self) -> None:
        """From here on memory and stalls count."""
        self.memory, self.begun = resident(self.ground.server.pid), time.monotonic()

    def stall(self) -> tuple[float, str]:
        """The longest turn of the server's loop since `begin`: CPU milliseconds, and what it was."""
        return longest(self.notes, self.begun)

    def growth(self) -> float:
        """MiB that the server's memory grew since `begin`."""
        return resident(self.ground.server.pid) - self.memory

    async def hush(self) -> BaseException | None:
        """Have the honest delegate pause for good; what went wrong with the typing."""
        self.stop.set()
        assert self.typing is not None
        (outcome,) = await asyncio.gather(self.typing, return_exceptions=True)
        return outcome

    async def type(self) -> None:
        """The honest delegate: letter after letter, each acknowledged, until told to stop."""
        honest = self.ground.honest
        while not self.stop.is_set():
            edit: Edit = InsertText(P_HONEST, 0, "h", inserted("a-xbb-honest"))
            if self.letters % 2:
                # Others may have put theirs before it meanwhile, and nobody deletes what is another's.
                at = _own_letter(honest.client.view())
                edit = DeleteText(P_HONEST, at, at + 1)
            begun = time.monotonic()
            await honest.saved(honest.client.write([edit], "XBB"))
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.letters += 1
            await asyncio.sleep(PACE)

    def figures(self) -> dict[str, Figure]:
        """What is worth keeping of this house, once it is judged."""
        return {
            "memory growth (MiB)": round(self.grown, 1),
            "honest letters": self.letters,
            "honest letter, slowest (ms)": round(self.slowest * 1000, 1),
        }

    def judged(self, seed: str) -> None:
        """Notes a growth beyond what is promised, and keeps the longest turn for whoever judges it."""
        if not self.begun:
            return
        stall, self.turn = self.stall()
        self.longest = round(stall, 1)
        self.grown = self.growth()
        if self.grown > GROWTH_MIB:
            self.failures.append(f"{seed}: memory grew by {self.grown:.0f} MiB")


class Campaigner:
    """Runs trials on one house after the other, until the time is over, or enough was tried or found."""

    most_failures = 1
    said = "told"
    """What the answers that are counted did."""

    def __init__(self, seed: int, seconds: float, most: int, plant: Callable[[], None]) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.begun = time.monotonic()
        self.until = self.begun + seconds
        self.most = most
        self.plant = plant
        self.trials = 0
        self.failures: list[str] = []
        self.answers: Counter[str] = Counter()
        self.figures: dict[str, Figure] = {}

    @property
    def over(self) -> bool:
        """Whether there is no time left, or enough was found or tried."""
        tried = self.trials >= self.most or (self.trials > 0 and time.monotonic() > self.until)
        return tried or len(self.failures) >= self.most_failures

    @asynccontextmanager
    async def housed(self, seed: str) -> AsyncIterator[House]:
        """A house for some trials; its failures and the largest of its figures are kept when it is left."""
        with tempfile.TemporaryDirectory(prefix="rain-") as directory:
            async with house(Path(directory), seed, self.plant) as made:
                yield made
        self.failures += made.failures
        self.keep(made.figures())

    def keep(self, figures: Mapping[str, Figure]) -> None:
        """Of each figure the largest of all houses."""
        for name, value in figures.items():
            self.figures[name] = max(value, self.figures.get(name, 0))

    def outcome(self) -> Outcome:
        """What came of it."""
        figures = {**self.figures, "trials per second": round(self.trials / (time.monotonic() - self.begun))}
        answers = {f"{self.said} {answer}": count for answer, count in sorted(self.answers.items())}
        return Outcome(self.trials, tuple(self.failures[: self.most_failures]), {**figures, **answers})


def _own_letter(document: Document) -> int:
    """Where the honest delegate's letter stands now."""
    paragraph, at = document.text.find(P_HONEST), 0
    assert paragraph is not None
    for run in paragraph.runs:
        # Under an amendment of the delegation's: one whose words went is succeeded by another.
        of = [document.record.amendments[AmendmentId(one.id)] for one in run.marks if one.kind is MarkKind.INSERTION]
        if any(one.delegation == "XBB" for one in of):
            return at
        at += len(run.text)
    raise AssertionError("the honest delegate's letter is gone")


@asynccontextmanager
async def house(directory: Path, seed: str, plant: Callable[[], None] = unhurried) -> AsyncIterator[House]:
    """A server with its text and its honest delegate; afterwards it must have ended well, with a log that verifies."""
    stock = stocked(Settings(data_dir=directory / "data"))
    notes = directory / "turns"
    server = LiveServer(directory / "data", environ=ENVIRON, plant=timed(notes, plant))
    await asyncio.to_thread(server.start)
    made: House | None = None
    try:
        async with ground_on(stock, server) as ground:
            made = House(ground, notes)
            made.typing = asyncio.create_task(made.type())
            try:
                yield made
            finally:
                outcome = await made.hush()
            if isinstance(outcome, BaseException):
                made.failures.append(f"{seed}: the honest delegate was disturbed: {outcome!r}"[:400])
            made.judged(seed)
        if (code := await asyncio.to_thread(server.stop)) != 0:
            made.failures.append(f"{seed}: the server ended with {code}")
    finally:
        await asyncio.to_thread(server.kill)
    printed = server.output.read_text(errors="replace")
    for line in printed.splitlines():
        if "failed at a frame" in line or "room dropped" in line or "room does not open" in line:
            made.failures.append(f"{seed}: {line}"[:500])
    with Database(stock.settings) as database:
        for verdict in database.run(lambda connection: list(verify(connection))):
            made.failures.extend(f"{seed}: {verdict.document}: {one}"[:400] for one in verdict.findings)


@asynccontextmanager
async def hostile_guests(ground: Ground, count: int) -> AsyncIterator[list[Guest]]:
    """So many connections of the hostile members, each greeted, with a lease of its own."""
    people = [ground.stock[HOSTILE[number % len(HOSTILE)]] for number in range(count)]
    guests = [Guest(ground.port, person, deflates=True) for person in people]
    try:
        for guest in guests:
            await guest.__aenter__()
        yield guests
    finally:
        for guest in guests:
            await guest.wire.leave()


__all__ = ["HONEST", "House", "hostile_guests", "house"]
