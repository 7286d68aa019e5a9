"""Ways to the record: a thread each, in which functions run one after the other, and a watch over their waiting."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from server.errors import DatabaseUnreachable

T = TypeVar("T")


class Line(Protocol):
    """A connection to the record, used by one thread. `waited` and `cut` are called from another."""

    @property
    def patience(self) -> float:
        """Seconds that one statement may wait for an answer; 0 where nobody else has to answer."""

    def transact(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, in one transaction; durable when this returns."""

    def waited(self) -> float:
        """Seconds that the running statement or commit has waited for an answer; 0 when none runs."""

    def cut(self) -> None:
        """Give up the connection under the thread that waits on it, which then raises."""


class Record(Protocol):
    """A database of one kind. One line may serve for several purposes."""

    @property
    def writer(self) -> Line: ...

    @property
    def appender(self) -> Line: ...

    @property
    def readers(self) -> Sequence[Line]: ...

    @property
    def patient(self) -> Line:
        """For the command line: as the writer, and without any limit in time."""

    def open(self) -> None:
        """Connect, bring the schema up to date, refuse what could lose or rewrite what was acknowledged."""

    def copy(self, target: Path) -> None:
        """Copy everything, as of one moment, to a file that is not there yet. Raises `DatabaseUnavailable`."""

    def advise(self) -> None:
        """Log what could be safer about the database, for who runs it."""

    def close(self) -> None:
        """Disconnect. No function may be running."""


class Lane:
    """One thread with its line; what it is asked is done one after the other, in the order asked."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._lost_at = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self.waiting = 0
        """Functions asked for that have not returned."""

    async def transact(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, run in the lane's thread by its line."""
        self.waiting += 1
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._thread, self._transact, fn, time.monotonic())
        running.add_done_callback(self._done)
        if self._watch is None and self._line.patience:
            self._watch = loop.call_later(self._line.patience, self._look)
        # Shielded: a caller that is cancelled must not leave a transaction half-waited for.
        return await asyncio.shield(running)

    async def call(self, fn: Callable[[], T]) -> T:
        """The value of `fn()`, run in the lane's thread."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, fn))

    def shut(self) -> None:
        """End the thread; call nothing afterwards."""
        if self._watch is not None:
            self._watch.cancel()
        self._thread.shutdown(wait=True)

    def _transact(self, fn: Callable[[Connection], T], asked_at: float) -> T:
        if asked_at < self._lost_at:
            # Somebody queued before has found since that nobody answers; the next to ask finds out anew.
            raise DatabaseUnreachable("The database does not answer.")
        try:
            return self._line.transact(fn)
        except DatabaseUnreachable:
            self._lost_at = time.monotonic()
            raise

    def _done(self, _: asyncio.Future[Any]) -> None:
        self.waiting -= 1
        if not self.waiting and self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        left = self._line.patience - self._line.waited()
        if left <= 0:
            self._line.cut()
            left = self._line.patience
        self._watch = asyncio.get_running_loop().call_later(left, self._look)
