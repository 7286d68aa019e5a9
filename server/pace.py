"""When things happen in a process: rooms take their turns together, and moments that are moved often cost no timer.

A commit costs about the same whether it holds one room's keystroke or fifty rooms'. So rooms that are due begin their
turns in the same round of the event loop, and what they append is one transaction (`server.update_log`): at once in a
process where nothing happens, and the less often the more of them are at work.
"""

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable

TICK_SECONDS = 0.005
"""Between the beginnings of two turns, at the least; nobody sees it."""
ROOM_SECONDS = 0.002
"""The same for each room that began with the first of them: four times what a room's turn takes, so that a process
spends no more than half of its time on turns of few rooms.
"""
MAX_TICK_SECONDS = 0.015
"""Between the beginnings of two turns, at the most: what more would save is little then."""
EARLY_SECONDS = 1e-6
"""A timer of the loop may ring this much before its moment."""


class Pace:
    """The rhythm of one process's rooms."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._next = -math.inf
        self._alarm = Alarm(self._begin)

    async def turn(self, after: float = -math.inf) -> None:
        """Returns when the next turn begins: not before `after`, of the loop's clock, nor in this round of the loop, so
        that what arrived together is taken up together.
        """
        begins: asyncio.Future[None] = self._loop.create_future()
        heapq.heappush(self._waiting, (after, next(self._count), begins))
        self._set_alarm()
        await begins

    def _set_alarm(self) -> None:
        self._alarm.set(max(self._waiting[0][0], self._next))

    def _begin(self) -> None:
        now, rooms = self._loop.time(), 0
        while self._waiting and self._waiting[0][0] <= now + EARLY_SECONDS:
            *_, begins = heapq.heappop(self._waiting)
            if not begins.done():
                begins.set_result(None)
                rooms += 1
        self._next = now + min(max(TICK_SECONDS, rooms * ROOM_SECONDS), MAX_TICK_SECONDS)
        if self._waiting:
            self._set_alarm()


class Alarm:
    """Rings once at a moment that is put off many times before it comes: putting it off makes no timer."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ring = ring
        self._at = math.inf
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf

    def set(self, at: float) -> None:
        """Ring at this moment of the loop's clock, and at no other; one that has passed is the loop's next round."""
        self._at = at
        if at < self._timer_at:
            self._arm()

    def clear(self) -> None:
        """Do not ring."""
        self._at = math.inf

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = self._at
        if self._at <= self._loop.time():
            self._timer = self._loop.call_soon(self._due)
        else:
            self._timer = self._loop.call_at(self._at, self._due)

    def _due(self) -> None:
        self._timer, self._timer_at = None, math.inf
        if self._at == math.inf:
            return
        if self._at > self._loop.time() + EARLY_SECONDS:
            self._arm()
            return
        self._at = math.inf
        self._ring()
