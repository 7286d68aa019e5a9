"""The phases as one server process knows them: looked up when the timetable or an extension changes, on every node.

Rooms are opened with the phases of that moment, and close and open rights by them at the instant. When the phases
themselves change the rooms of this process begin anew: whoever acts wakes its own process at once, and every other one
finds it by looking, twice a second, whether anything was added. Nothing depends on a message.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from opinions.phases import Span
from server import metrics
from server.database import Database
from server.errors import DatabaseUnavailable
from server.phasing.store import Stamp, spans_of, stamp_of

LOOK_SECONDS = 0.5
"""Between two looks: an extension holds on every node within a second (PH5)."""

_log = logging.getLogger("unbracket.phases")


class PhasesSeen:
    """The phases by the clock, as far as this process knows; what pages tell of them. Rights are never judged by it."""

    def __init__(self) -> None:
        self.spans: tuple[Span, ...] = ()

    def wake(self) -> None:
        """The timetable or an extension has changed: call it after the commit."""


class PhaseWatch(PhasesSeen):
    """Keeps them up to date while it runs. `changed` is called when they are others than before."""

    def __init__(self, database: Database, changed: Callable[[], None]) -> None:
        super().__init__()
        self._database = database
        self._changed = changed
        self._stamp: Stamp | None = None
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """As `PhasesSeen.wake`."""
        self._woken.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks while the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def look(self) -> None:
        """Take up what has changed since the last look."""
        stamp = await self._database.read(stamp_of)
        if stamp == self._stamp:
            return
        found = await self._database.read(spans_of)
        first, self._stamp = self._stamp is None, stamp
        if found != self.spans:
            self.spans = found
            if not first:
                _log.info("phases changed", extra={"phases": len(found)})
                self._changed()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except DatabaseUnavailable as error:
                _log.warning("phases not looked up", extra={"reason": type(error).__name__})
            except Exception as error:
                metrics.FAULTS.inc()
                _log.error("phases not known", exc_info=error)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
