"""Virtual time: an event loop that leaps to the next timer, and the wall clock that the server is shown.

Nothing waits: when no callback is ready the time becomes that of the next timer. A loop with nothing ready and no timer
is dead, and says so; so does one that turns too often without the time moving, or too often at all.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import server.live_room
import server.rooms
import server.update_log
from tests.simulation.typed import minted

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOST_TURNS = 2_000_000
"""Turns of one loop: a seed takes some thousands."""
MOST_AT_ONCE = 20_000
"""Turns within one moment of virtual time."""


class NothingHappens(Exception):
    """Raised when the loop would wait for ever, or turns without end."""


class VirtualLoop(asyncio.BaseEventLoop):
    """An asyncio event loop without sockets, threads or waiting. `time` is in seconds and begins at 0."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self.turns = 0
        self._at_once = 0
        self._clock_resolution = 1e-6
        self._selector = self

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """What `BaseEventLoop` asks its selector for: the time passes instead."""
        self.turns += 1
        if timeout is None:
            raise NothingHappens("everybody waits and no timer is set")
        self._at_once = 0 if timeout > 0 else self._at_once + 1
        if self._at_once > MOST_AT_ONCE or self.turns > MOST_TURNS:
            raise NothingHappens(f"the loop turns without end at {self._now:.3f} s")
        self._now += max(timeout, 0.0)
        return []

    def close(self) -> None:
        """As `BaseEventLoop.close`."""
        if not self.is_closed():
            super().close()

    def _process_events(self, event_list: list[Any]) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """Nobody sleeps."""


class WallClock:
    """The server's wall clock: the loop's time, and how far somebody has set it wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.skew = timedelta()

    def now(self, zone: tzinfo | None = None) -> datetime:
        """As `datetime.now`."""
        return START + timedelta(microseconds=round(self._loop.time() * 1e6)) + self.skew


@contextmanager
def borrowed(loop: VirtualLoop, clock: WallClock, random: Random) -> Iterator[None]:
    """For this time the server's modules have our clock, our stopwatch and our random ids."""
    numbers = itertools.count(1)

    def stopwatch() -> float:
        # Telling takes a moment of real time: a busy room then gathers, as it does in production.
        return loop.time() + next(numbers) * 1e-5 * random.random()

    shown = SimpleNamespace(now=clock.now)
    times = SimpleNamespace(perf_counter=stopwatch, monotonic=loop.time)
    with ExitStack() as stack:
        for module in (server.rooms, server.live_room, server.update_log):
            for name, instead in (("datetime", shown), ("time", times)):
                if hasattr(module, name):
                    stack.enter_context(patch.object(module, name, instead))
        stack.enter_context(patch.object(server.rooms, "new_id", fresh_ids(random)))
        yield


def fresh_ids(random: Random) -> Callable[[str], str]:
    """Ids as `server.ids.new_id` makes them (80 bits in base 32), drawn from the seed."""
    return lambda kind: minted(random, kind)
