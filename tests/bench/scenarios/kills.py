"""SIGKILL while people type: how much of what a server had acknowledged, or shown to readers, is gone afterwards.

20 writers type 5 updates a second each, three readers watch. At a random moment the server is killed, started again on
what it left, and somebody who comes now looks at the text. Then the next kill, on the same store. What a reader had got
counts as seen, even if it came in the last packet before the end.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import servers as known
from tests.bench.material import FIRST_CLIENT, Typed, codes, keystrokes, short, state_of, stocked
from tests.bench.measuring import Found, Options, Scenario, Show
from tests.bench.plans import Connection, Dialect, Server
from tests.bench.servers import Contender, running
from tests.bench.witness import Witness
from tests.bench.workshop import Workshop

CONTENDERS = (known.OURS, known.HOCUSPOCUS_SQLITE, known.Y_WEBSOCKET_LEVEL, known.PYCRDT_SQLITE)
WRITERS, READERS = 20, 3
PER_SECOND = 5.0
OURS_SECONDS, PEERS_SECONDS, SMALL_SECONDS = (1.0, 3.5), (2.0, 8.0), (0.4, 0.8)
"""When the kill comes after the first update. Peers get longer: some of them store only now and then."""
BASE_SECONDS = 3.0
"""For a peer to store the text it was brought, before anybody types into it."""
QUIET_SECONDS, LOOK_SECONDS = 1.5, 20.0
"""After a restart: a text that lacks something is final when nothing more came for so long."""


@dataclass(slots=True)
class Told:
    """What people knew at the moments of the kills: for each writer the clocks after each update that it was told is
    taken, and that some reader had seen; and which of them are gone.
    """

    acknowledged: dict[int, Sequence[int]] = field(default_factory=dict)
    seen: dict[int, Sequence[int]] = field(default_factory=dict)
    lost_acknowledged: set[tuple[int, int]] = field(default_factory=set)
    lost_seen: set[tuple[int, int]] = field(default_factory=set)

    def note(self, typed: Typed, acknowledged: int, seen: int) -> None:
        """One writer's: how many were acknowledged, and up to which clock readers had seen."""
        ends = [clock for _, clock in typed.updates]
        self.acknowledged[typed.client] = ends[:acknowledged]
        self.seen[typed.client] = [end for end in ends if end <= seen]

    def compare(self, there: dict[int, int]) -> None:
        """With the text as it is now."""
        for told, lost in ((self.acknowledged, self.lost_acknowledged), (self.seen, self.lost_seen)):
            lost.update((client, end) for client, ends in told.items() for end in ends if end > there.get(client, 0))

    def all_in(self, there: dict[int, int]) -> bool:
        """Whether nothing more is lost than is known already."""
        found = Told(self.acknowledged, self.seen)
        found.compare(there)
        return found.lost_acknowledged <= self.lost_acknowledged and found.lost_seen <= self.lost_seen

    @property
    def figures(self) -> dict[str, float]:
        """In all."""
        return {
            "acknowledged": sum(map(len, self.acknowledged.values())),
            "and lost": len(self.lost_acknowledged),
            "seen by readers": sum(map(len, self.seen.values())),
            "seen and lost": len(self.lost_seen),
        }


def kill_count(contender: Contender, options: Options) -> int:
    """Kills of one server: 20 of ours in a whole run, and 4 of each peer."""
    if options.small:
        return 1
    return min(20, 7 * options.rounds) if contender.checks else options.rounds + 1


def _kills(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found("kills", "kill -9 under load: 20 writers x 5 updates a second, kills at random moments, restart")
    found.remarks.append(
        "Peers that acknowledge nothing have 0 there; what readers had seen is the measure then. Hocuspocus stores "
        "after 2 s of quiet, at the latest after 10 s. A power cut is another matter: see the ledger of the campaigns."
    )
    contenders = options.of(CONTENDERS)
    for contender in contenders:
        if contender.dialect is Dialect.RELAY:
            continue
        count = kill_count(contender, options)
        with tempfile.TemporaryDirectory(prefix="bench-kills-") as place:
            seconds = OURS_SECONDS if contender.checks else PEERS_SECONDS
            told = asyncio.run(_trials(contender, Path(place), count, SMALL_SECONDS if options.small else seconds))
        figures = {"kills": float(count)} | told.figures
        found.note(contender.name, figures)
        show(f"  kills {contender.name}: " + ", ".join(f"{name} {value:g}" for name, value in figures.items()))
    return found


async def _trials(contender: Contender, keep: Path, count: int, seconds: tuple[float, float]) -> Told:
    chance = random.Random(f"{contender.name} {count}")
    text = short()
    state = state_of(text)
    parties = codes(WRITERS)
    people = WRITERS * count + READERS + 1
    leases = [(0, FIRST_CLIENT + n) for n in range(WRITERS * count)]
    stock = stocked(keep / "data", [text], leases, people, WRITERS) if contender.checks else None
    opinions = stock.opinions if stock else ()
    tokens = stock.tokens if stock else [""] * people
    readers = [Connection(0, token) for token in tokens[-READERS - 1 :]]
    told = Told()
    amount = int(seconds[1] * PER_SECOND) + 5
    for number in range(count):
        mine = range(number * WRITERS, (number + 1) * WRITERS)
        typed = [keystrokes(text, state, FIRST_CLIENT + n, parties[n % WRITERS], amount) for n in mine]
        writers = [Connection(0, tokens[n], one) for n, one in zip(mine, typed, strict=True)]
        with running(contender, keep) as server:
            address = server.address(opinions)
            if number:
                await _look(address, readers[-1], told)
            elif not contender.checks:
                await _bring(address, state)
            present = [Witness(address, one) for one in (*readers[:READERS], *writers)]
            for one in present:
                await one.join()
            watching, typing = present[:READERS], present[READERS:]
            await _type(typing, chance.uniform(*seconds))
            server.kill()
            await asyncio.gather(*(one.ended() for one in present))
            shown = [one.seen for one in watching]
            for one, of in zip(typing, typed, strict=True):
                told.note(of, one.acknowledged, max(seen.get(of.client, 0) for seen in shown))
    with running(contender, keep) as server:
        await _look(server.address(opinions), readers[-1], told)
    return told


async def _type(writers: Sequence[Witness], seconds: float) -> None:
    began = time.monotonic()
    due = (
        (began + (n + number / len(writers)) / PER_SECOND, number)
        for number in range(len(writers))
        for n in range(int(seconds * PER_SECOND) + 1)
    )
    for at, number in sorted(due):
        if at > began + seconds:
            break
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        writers[number].type()
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))


async def _bring(address: Server, state: bytes) -> None:
    founder = Witness(address, Connection(0, brings=state))
    await founder.join()
    await asyncio.sleep(BASE_SECONDS)
    founder.leave()


async def _look(address: Server, reader: Connection, told: Told) -> None:
    """What somebody sees who comes now. Some servers answer first and load the text afterwards."""
    witness = Witness(address, reader)
    await witness.join()
    until = time.monotonic() + LOOK_SECONDS
    there, since = witness.seen, time.monotonic()
    while not told.all_in(there) and time.monotonic() < min(until, since + QUIET_SECONDS):
        await asyncio.sleep(0.05)
        if witness.seen != there:
            there, since = witness.seen, time.monotonic()
    told.compare(there)
    witness.leave()


def _cost(options: Options) -> float:
    return sum(
        kill_count(one, options) * ((OURS_SECONDS if one.checks else PEERS_SECONDS)[1] / 2 + 3.5) for one in CONTENDERS
    )


KILLS = Scenario("kills", _kills, _cost)
