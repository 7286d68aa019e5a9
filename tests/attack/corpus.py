"""What a class of hostile input is, and how the common kinds of it are made."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from crdt import protocol
from crdt.protocol import Reader, ServerFrame
from opinions.record import Document
from tests.attack.ground import Ground, Scene
from tests.support.wires import Wire

Strike = Callable[[Ground, Random], Awaitable[str]]
"""One instance drawn and carried out; what came of it, as the table names it."""
Check = Callable[[Document, Document], None]
"""What must hold between the text and record before and after, as everybody else sees them."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A class of hostile input.

    `expected` are the answers that are right. `entries` is how many entries it adds to the log (-1: as many as were
    taken before it); unless it adds any, text and record stay exactly as they were. `check` says what an accepted
    one must have been mended to.
    """

    family: str
    name: str
    source: str
    expected: tuple[str, ...]
    strike: Strike
    entries: int = 0
    check: Check | None = None
    instances: int = 2


CORPUS: list[Hostile] = []
"""Every class, in the order of the table."""


def hostile(
    family: str,
    name: str,
    source: str,
    *expected: str,
    entries: int = 0,
    check: Check | None = None,
    instances: int = 2,
) -> Callable[[Strike], Strike]:
    """Puts the strike below it into the corpus."""

    def add(strike: Strike) -> Strike:
        CORPUS.append(Hostile(family, name, source, expected, strike, entries, check, instances))
        return strike

    return add


Make = Callable[[Scene], bytes]


def update(
    family: str,
    name: str,
    source: str,
    expected: str | tuple[str, ...],
    make: Make,
    *,
    entries: int = 0,
    check: Check | None = None,
    instances: int = 2,
) -> None:
    """A class of updates that an expert sends in live drafting for the own delegation."""

    async def strike(ground: Ground, chance: Random) -> str:
        async with ground.scene(chance) as scene:
            return await sent(scene, make(scene))

    answers = (expected,) if isinstance(expected, str) else expected
    CORPUS.append(Hostile(family, name, source, answers, strike, entries, check, instances))


async def sent(scene: Scene, data: bytes, party: str = "XAA", n: int | None = None) -> str:
    """Sends an update as the scene's guest; what came of it."""
    number = scene.guest.n if n is None else n
    return await answered(scene.guest.wire, [protocol.client_update(number, party, data)])


_ANSWERS = {ServerFrame.ACK: "ACK", ServerFrame.DONE: "DONE", ServerFrame.PONG: "PONG", ServerFrame.WELCOME: "WELCOME"}


async def answered(wire: Wire, payloads: Sequence[bytes]) -> str:
    """Sends messages on an open wire and waits for the first answer or the end; `nothing` when there is neither."""
    before = len(wire.frames)
    wire.send(*payloads)
    return await answer(wire, before)


async def answer(wire: Wire, before: int = 0) -> str:
    """The first answer on a wire from frame number `before` on, or how it ended."""
    await wire.until(lambda: any(told(frame) for frame in wire.frames[before:]), "an answer")
    found = next((told(frame) for frame in wire.frames[before:] if told(frame)), "")
    return found or f"CLOSE {wire.closed}"


def told(frame: bytes) -> str:
    """How the table names a frame that answers something; empty for others."""
    kind = ServerFrame(frame[0])
    if kind is ServerFrame.REFUSED:
        reader = Reader(frame)
        reader.varuint(), reader.varuint()
        return f"REFUSED {protocol._object(reader.varstring())['code']}"
    return _ANSWERS.get(kind, "")


async def closed(wire: Wire, data: bytes) -> str:
    """Writes bytes and waits for the end."""
    wire.write(data)
    return f"CLOSE {await wire.ended()}"
