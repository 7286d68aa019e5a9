"""Announcing that phases begin and end: a task of the server that looks for the next one, and is there when it comes.

Whoever looks somebody up knows the part by the time alone (`server.roster.parts`). What this adds is that what was
opened under the old part is closed: first the version rises, so that nothing more is committed under it, then the
sockets close, on every node. Each part is announced once: by the process whose transaction comes first.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from server import metrics
from server.database import Database
from server.doors import CHANGED, Doors
from server.errors import DatabaseUnavailable
from server.roster.parts import next_turn, turn

LOOK_SECONDS = 0.5
"""Longest sleep. What changes takes effect within a second (T6), and a boundary that another node was told of may come
at once, and the node may have ended meanwhile: each looks for itself, twice a second, in a table of some hundred rows.
"""
RETRY_SECONDS = 0.5
_MOMENT = timedelta(milliseconds=5)

_log = logging.getLogger("unbracket.phases")


class Phases:
    """The phases of one server process. Belongs to its event loop."""

    def __init__(self, database: Database, doors: Doors, clock: Callable[[], datetime] | None = None) -> None:
        self._database = database
        self._doors = doors
        self._clock = clock or partial(datetime.now, UTC)
        self._woken = asyncio.Event()
        self.looks = 0
        """How often it has looked."""

    def wake(self) -> None:
        """Something changed: look again when the next phase begins or ends."""
        self._woken.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Announces phases while the block lasts."""
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(self) -> None:
        """Announce phases until cancelled, through every failure of the database."""
        while True:
            seconds = RETRY_SECONDS
            try:
                seconds = await self.look()
            except DatabaseUnavailable as error:
                _log.warning("phases not looked up", extra={"reason": type(error).__name__})
            except Exception as error:
                metrics.FAULTS.inc()
                _log.error("phases not announced", exc_info=error)
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()

    async def look(self) -> float:
        """Announce what is due, close what its people have open; the seconds to sleep after that."""
        self.looks += 1
        due = await self._database.read(next_turn)
        now = self._clock()
        if due is not None and due <= now:
            changed = await self._database.write(partial(turn, now=now))
            for member in changed:
                self._doors.shut(member, CHANGED)
            _log.info("phase turned", extra={"members": len(changed)})
            due = await self._database.read(next_turn)
        if due is None:
            return LOOK_SECONDS
        return min(LOOK_SECONDS, max(0.0, (due - self._clock() + _MOMENT).total_seconds()))
