"""A whole simulated sitting: people, house, network, misfortunes, and the end in which everything must come to rest.

`run(seed)` is all there is; what it returns says what happened, and whether a promise was broken.
"""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest.mock import patch

from crdt.document import SharedDocument
from crdt.founding import founding_entry
from server.settings import Settings
from tests.simulation.auditor import Auditor, PromiseBroken
from tests.simulation.deeds import Hands
from tests.simulation.delegate import Delegate, Surroundings
from tests.simulation.ending import Ending
from tests.simulation.house import House, Rights
from tests.simulation.intruder import Intruder
from tests.simulation.loop import START, NothingHappens, VirtualLoop, WallClock, borrowed
from tests.simulation.misfortunes import Misfortunes
from tests.simulation.network import Caller, Line, ServerEnd, Weather
from tests.simulation.plan import Plan, plan
from tests.simulation.typed import TOKEN, Typed
from tests.support.memory_store import Commit, MemoryStore

OPINION = "op-1"


@dataclass
class History:
    """What happened, when."""

    seed: int
    clock: Callable[[], float] = lambda: 0.0
    lines: list[tuple[float, tuple[object, ...]]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    failure: str = ""
    figures: dict[str, int] = field(default_factory=dict)

    def note(self, *what: object) -> None:
        """Something happened now."""
        self.lines.append((self.clock(), what))

    def spelled(self) -> Iterator[str]:
        """The history, a line each."""
        for at, what in self.lines:
            yield f"{at:9.3f}  " + " ".join(str(one) for one in what)

    @property
    def digest(self) -> str:
        """The same for the same seed, everywhere."""
        return hashlib.sha256("\n".join(self.spelled()).encode()).hexdigest()[:16]


@dataclass
class Sitting:
    """Everybody and everything of one seed."""

    plan: Plan
    random: Random
    history: History
    clock: WallClock
    weather: Weather
    rights: Rights
    store: MemoryStore
    house: House
    auditor: Auditor
    typed: Typed
    hands: Hands
    delegates: list[Delegate] = field(default_factory=list)
    intruders: list[Intruder] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def people(self) -> list[Delegate | Intruder]:
        """Everybody at a browser."""
        return [*self.delegates, *self.intruders]

    def dial(self, caller: Caller, member: str) -> Line:
        """A new connection."""
        line = Line(self.weather, caller, self._told, self._arrived)
        self.lines = [one for one in self.lines if not one.over]
        self.lines.append(line)
        asyncio.get_running_loop().call_later(self.weather.delay(), self.house.connect, line, member)
        return line

    def committed(self, commit: Commit) -> None:
        """The store has taken a step's appends."""
        tokens: set[str] = set()
        for append in commit:
            for entry in append.entries:
                words = sorted(set(TOKEN.findall(str(entry.updates))))
                tokens.update(words)
                act = entry.command or " ".join(words)
                self.history.note(f"    {append.document} {entry.seq}:", entry.kind, entry.member, entry.n or "", act)
        self._look(self.auditor.committed, commit)
        for append in commit if tokens else ():
            replica = self.auditor.replica(append.delegation or "")
            if replica is not None:
                self.typed.placed(tokens, replica.view())

    def _arrived(self, end: ServerEnd, frame: bytes) -> None:
        if end.member:  # else nobody has taken the handshake up yet
            self._look(self.auditor.sends, end, frame)

    def _told(self, end: ServerEnd, frame: bytes) -> None:
        self._look(self.auditor.told, end, frame)

    def _look(self, at: Callable[..., None], *what: object) -> None:
        """The auditor looks; what it finds ends the sitting, and not the room in which it was found."""
        if not self.problems:
            try:
                at(*what)
            except Exception as error:
                self.problems.append(_spelled(error))


Make = Callable[[int, Sequence[bytes]], SharedDocument]


def run(seed: int, *, make: Make = SharedDocument, deeds: int | None = None) -> History:
    """The whole sitting of a seed. A broken promise is in `failure`, with the moment it was seen."""
    history = History(seed)
    loop = VirtualLoop()
    history.clock = loop.time
    problems: list[str] = []

    def trouble(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        problems.append(_spelled(context.get("exception") or context.get("message")))

    loop.set_exception_handler(trouble)
    try:
        with _listening(history), asyncio.Runner(loop_factory=lambda: loop) as runner:
            failed = runner.run(_sit(seed, loop, history, problems, make, deeds))
    except (PromiseBroken, NothingHappens, AssertionError) as error:
        failed = _spelled(error)
    history.failure = failed or (problems[0] if problems else "")
    if history.failure:
        history.note("FAILED", history.failure)
    history.figures["turns"] = loop.turns
    return history


async def _sit(
    seed: int, loop: VirtualLoop, history: History, problems: list[str], make: Make, deeds: int | None
) -> str:
    random = Random(seed)
    clock = WallClock(loop)
    with borrowed(loop, clock, random):
        sitting = _convened(plan(seed, random), random, history, clock, make, problems)
        misfortunes = Misfortunes(sitting)
        with misfortunes.circumstances():
            try:
                await _day(sitting, misfortunes, problems, deeds)
                misfortunes.end()
                await Ending(sitting, problems).reached()
            except (PromiseBroken, AssertionError) as error:
                return _spelled(error)
            finally:
                history.figures |= {
                    "commits": sitting.auditor.commits,
                    "entries": sitting.auditor.entries,
                    "frames": sitting.auditor.frames,
                    "versions": sitting.auditor.versions,
                    "words": len(sitting.typed.words),
                    "seconds": round(loop.time()),
                    "steps": sitting.auditor.commits + sitting.auditor.frames,
                }
                for code, times in sitting.auditor.refusals.items():
                    history.kinds[f"refused {code}"] += times
                for person in sitting.people:
                    person.stop()
                await sitting.house.close()
    return ""


def _convened(
    drawn: Plan, random: Random, history: History, clock: WallClock, make: Make, problems: list[str]
) -> Sitting:
    founding = founding_entry(OPINION, drawn.text, member="m-sec", name="S. Clerk", at=START, source="simulation")
    rights = Rights()
    for actor in (*drawn.actors, *drawn.intruders):
        rights.admit(actor)
    auditor = Auditor(OPINION, founding, rights)

    store = MemoryStore(OPINION, founding, drawn.delegations, rights.versions)
    typed = Typed(random)
    sitting = Sitting(
        plan=drawn,
        random=random,
        history=history,
        clock=clock,
        weather=Weather(random, drawn.slow),
        rights=rights,
        store=store,
        house=House(OPINION, store, Settings(), rights),
        auditor=auditor,
        typed=typed,
        hands=Hands(random, typed, live=drawn.live, structure=drawn.structure, gavels=drawn.gavels),
    )
    sitting.problems = problems
    store.watch = sitting.committed
    around = Surroundings(random, typed, lambda one: sitting.dial(one, one.actor.member), history.note, make)
    sitting.delegates = [Delegate(actor.member, actor, around) for actor in drawn.actors]
    sitting.intruders = [
        Intruder(actor, random, typed, lambda one: sitting.dial(one, one.actor.member), history.note)
        for actor in drawn.intruders
    ]
    return sitting


async def _day(sitting: Sitting, misfortunes: Misfortunes, problems: list[str], deeds: int | None) -> None:
    """People come, work and are unlucky, each thing at its random moment."""
    random, drawn = sitting.random, sitting.plan
    loop = asyncio.get_running_loop()
    sitting.house.start()
    agenda: list[tuple[float, int, Callable[[], None]]] = []

    def put(at: float, act: Callable[[], None]) -> None:
        agenda.append((at, len(agenda), act))

    for person in sitting.people:
        late = random.random() < 0.2
        put(0.01 + random.random() * (drawn.seconds / 2 if late else 1.0), person.connect)
    for _ in range(deeds if deeds is not None else drawn.deeds):
        put(2.0 + random.random() * drawn.seconds, lambda: _deed(sitting))
    for _ in range(drawn.befalls if drawn.misfortunes else 0):
        put(2.0 + random.random() * drawn.seconds, misfortunes.befall)
    for intruder in sitting.intruders:
        for _ in range(12):
            put(2.0 + random.random() * drawn.seconds, intruder.act)
    for at, _, act in sorted(agenda, key=lambda one: one[:2]):
        if at > loop.time():
            await asyncio.sleep(at - loop.time())
        act()
        if problems:
            raise PromiseBroken(problems[0])


def _deed(sitting: Sitting) -> None:
    delegate = sitting.random.choice(sitting.delegates)
    done = sitting.hands.act(delegate)
    if done:
        sitting.history.kinds[done] += 1
        sitting.history.note(delegate.name, done)


def _spelled(error: object) -> str:
    if isinstance(error, BaseException):
        return str(error) if isinstance(error, PromiseBroken) else f"{type(error).__name__}: {error}"
    return str(error)


class _Listener(logging.Handler):
    """What the server logs belongs to the history."""

    def __init__(self, history: History) -> None:
        super().__init__(logging.WARNING)
        self._history = history

    def emit(self, record: logging.LogRecord) -> None:
        """As `logging.Handler.emit`."""
        error = record.exc_info[1] if record.exc_info else ""
        self._history.note("server:", record.getMessage(), f"{type(error).__name__}: {error}" if error else "")


@contextmanager
def _listening(history: History) -> Iterator[None]:
    """Server's warnings go into the history and nowhere else; rooms are dropped by design here."""
    logger, listener = logging.getLogger("unbracket"), _Listener(history)
    before = logger.propagate, logger.level
    logger.addHandler(listener)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        with patch.object(logging.getLogger("asyncio"), "disabled", True):
            yield
    finally:
        logger.removeHandler(listener)
        logger.propagate = before[0]
        logger.setLevel(before[1])


__all__ = ["OPINION", "History", "Sitting", "run"]
