"""Eight people who type whatever happens to the servers, and what is wrong in the end with what they were told."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from tests.support.addresses import Address
from tests.support.checker import checked
from tests.support.ledger import Ledger
from tests.support.live_server import LiveServer
from tests.support.patient import Patience, Patient, finish, not_once
from tests.support.stock import Stock
from tests.support.waiting import until

EIGHT = ("m-xaa-1", "m-xaa-2", "m-xbb-1", "m-xbb-2", "m-xcc-1", "m-xdd-1", "m-sec", "m-sec")
"""Six in four workspaces, two at the text that all see."""
HURRIED = Patience(word=0.03, ping=1.5, again=(0.05, 0.1, 0.2, 0.4), connect=8.0)
"""Of people who come back sooner than browsers do, so that the next fault finds them at work."""
DRAINED_SECONDS = 60.0
BEGUN_SECONDS = 120.0
"""A start and a first word take a second or two; crowded machines pause."""


@dataclass
class Crowd:
    """The people, and every promise that was broken; `failures` is whole when the block of `crowd` is left."""

    stock: Stock
    people: Sequence[Patient]
    ledgers: list[Ledger] = field(default_factory=list)
    """Of others than the people: chairs."""
    failures: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Words acknowledged so far."""
        return sum(one.acknowledged for one in self.people)

    async def more(self, count: int, seconds: float = DRAINED_SECONDS) -> None:
        """Wait until so many more words are acknowledged, or somebody honest was refused."""
        goal = self.acknowledged + count

        def enough() -> bool:
            return self.acknowledged >= goal or any(one.refused for one in self.people)

        await until(enough, f"{count} more words to be acknowledged", seconds)


@asynccontextmanager
async def crowd(
    stock: Stock,
    servers: Sequence[LiveServer | Address],
    names: Sequence[str] = EIGHT,
    patience: Patience = HURRIED,
    drained: float = DRAINED_SECONDS,
    begun: float = BEGUN_SECONDS,
    over_http: Collection[int] = (),
) -> AsyncIterator[Crowd]:
    """People at each of the servers in turn, who come back to the next one; those of `over_http` by number have no
    sockets. When the block is left they finish, and the checker holds what they know against the database; the servers
    must then be up.

    The block begins when all have typed; when that takes longer than `begun` seconds it does not, and says so.
    """
    ports = [server if isinstance(server, Address) else server.port for server in servers]
    people = []
    for number, name in enumerate(names):
        mine = [ports[(number + place) % len(ports)] for place in range(len(ports))]
        way = number in over_http
        people.append(Patient(stock[name], number, mine[0], others=mine[1:], patience=patience, over_http=way))
    gathered = Crowd(stock, people)
    async with asyncio.TaskGroup() as tasks:
        typing = [tasks.create_task(one.run()) for one in people]
        await until(lambda: all(one.acknowledged or one.refused for one in people), "everybody to have typed", begun)
        try:
            yield gathered
            await finish(people, drained)
        except (AssertionError, ExceptionGroup) as error:
            gathered.failures += _told(error)
            for task in typing:
                task.cancel()
    gathered.failures += [one.refused for one in people if one.refused]
    ledgers = [*(one.ledger() for one in people if one.client.welcome), *gathered.ledgers]
    gathered.failures += await asyncio.to_thread(checked, stock.settings, ledgers)
    try:
        gathered.failures += await not_once(people)
    except (AssertionError, OSError, TimeoutError, WebSocketException) as error:
        gathered.failures.append(f"nobody can look at the text: {error}")


def _told(error: Exception) -> list[str]:
    if isinstance(error, ExceptionGroup):
        return [line for one in error.exceptions for line in _told(one)]
    return [f"{type(error).__name__}: {error}"]
