"""Group commit: the appends of all rooms that wait go to the database in one transaction (I5).

One commit is in flight at a time; whatever is asked for meanwhile is the next one, which begins `TICK_SECONDS` after
the last one began at the earliest. So an idle server commits at once, and a busy one spends one fsync on many rooms'
keystrokes.

What the disk does not take - it is full, failing, read-only - is tried again until it does: whoever waits for it is
told nothing meanwhile, so nothing false, and goes on by itself when the fault is over.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, select
from sqlalchemy.exc import InterfaceError, OperationalError

from crdt.step import Append
from server import log_store, metrics
from server.database import Database
from server.errors import CutAbandoned, DatabaseUnavailable, ServerError, WriterRevoked
from server.freezes.held import Held, Keep
from server.log_store import RoomAppends
from server.prepared import PreparedAmong
from server.tables import members

# Locked until the commit: a revocation that has committed is seen, and one that comes now waits.
_STANDING = PreparedAmong(
    lambda ids: (
        select(members.c.id, members.c.version)
        .where(members.c.id.in_(ids), members.c.suspended.is_(False))
        .order_by(members.c.id)
        .with_for_update(read=True)
    )
)


TICK_SECONDS = 0.003
"""Between the beginnings of two commits. The rooms of this process come together by themselves, and less often
(`server.pace`); those of room processes do not.
"""
FAILING_SECONDS = 30.0
"""How long a failed commit counts against the server's health: browsers try again within half that."""
STALLED_SECONDS = 2.0
"""A commit that has not come back after this counts as failed until it does."""
RETRY_SECONDS = 0.5
"""A commit that the disk did not take is tried again after this."""
PROOF_SECONDS = 0.75
"""A commit speaks for the disk this long; where nobody types, whoever asks after that has a mark committed."""
PROOF_PATIENCE = 0.75
"""How long the commit of a mark may take until the disk counts as taking nothing."""

_log = logging.getLogger("unbracket.log")


@dataclass(frozen=True, slots=True)
class _Waiting:
    steps: Sequence[RoomAppends]
    writers: Sequence[tuple[str, int]]
    done: asyncio.Future[None]
    beside: Callable[[Connection], None] | None = None


@dataclass(frozen=True, slots=True)
class CommitFigures:
    """What the log did since the start; `failing` while the last commit failed."""

    commits: int = 0
    entries: int = 0
    failures: int = 0
    last_seconds: float = 0.0
    failing: bool = False


class UpdateLog:
    """The single writer of every log. `run` is its task; `append` returns when the append is on disk."""

    def __init__(self, database: Database, key: str, mark: Callable[[Connection], None] | None = None) -> None:
        """`mark` writes something that changes each time, for `takes_writes`; None where others prove the disk."""
        self._database = database
        self._key = key
        self._mark = mark
        self._marking: asyncio.Future[None] | None = None
        self._committed_at = -math.inf
        self._waiting: list[_Waiting] = []
        self._held: dict[str, Held] = {}
        self._wake = asyncio.Event()
        self._failed_at = 0.0
        self._committing_since = math.inf
        self.figures = CommitFigures()

    @property
    def waiting(self) -> int:
        """Appends asked for that no commit has taken up yet."""
        return len(self._waiting)

    async def append(
        self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int], fence: int | None = None
    ) -> None:
        """Commit one step's appends, all or nothing. `writers` are the members behind them, at the version
        known, `fence` the one under which this process owns the Opinion (`log_store.append`).

        While the database takes no writes this waits for as long as that lasts. Raises `AppendConflict` when a log has
        moved on - by an earlier attempt, too, that seemed to fail - and `WriterRevoked` when a writer's version has;
        with anything else that is raised nothing of these appends is in the log. A version of a cut waits for the
        others of it (`hold`); `CutAbandoned` when that cut is not made.
        """
        step = RoomAppends(opinion, appends, fence)
        cut = next((one.version.cut for one in appends if one.version is not None), "")
        if cut:
            await self._join(cut, step, writers)
        else:
            await self._put((step,), tuple(writers.items()))

    def hold(self, cut: str, opinions: frozenset[str], keep: Keep) -> None:
        """Wait for the freezes of these Opinions that are of this cut, and commit them in one transaction in which
        `keep(connection, versions by Opinion)` is called; until `give_up`.
        """
        self._held[cut] = Held(cut, opinions, keep)

    def give_up(self, cut: str) -> bool:
        """No longer wait for the parts of a cut: rooms that wait are released. False when it is being committed, or
        was.
        """
        held = self._held.pop(cut, None)
        if held is None or held.is_over:
            return False
        held.give_up()
        return True

    async def _join(self, cut: str, step: RoomAppends, writers: Mapping[str, int]) -> None:
        held = self._held.get(cut)
        if held is None:
            raise CutAbandoned(cut)
        done = held.join(step, writers)
        if held.is_complete:
            held.is_over = True
            held.whole = self._put(held.steps, held.writers, held.keep)
            held.whole.add_done_callback(held.settle)
        try:
            await done
        except asyncio.CancelledError:
            # Its room process died: of it nothing may come after its successor has loaded the log.
            if held.whole is not None:
                held.whole.cancel()
            else:
                self.give_up(cut)
            raise

    def _put(
        self,
        steps: Sequence[RoomAppends],
        writers: Sequence[tuple[str, int]],
        beside: Callable[[Connection], None] | None = None,
    ) -> "asyncio.Future[None]":
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(steps, writers, done, beside))
        self._wake.set()
        return done

    @property
    def failing(self) -> bool:
        """Whether a commit does not come back, or the last one failed, lately: with nobody writing, nothing else would
        clear it.
        """
        now = time.monotonic()
        stalled = now - self._committing_since > STALLED_SECONDS
        return stalled or (self.figures.failing and now - self._failed_at < FAILING_SECONDS)

    async def takes_writes(self) -> bool:
        """Whether the disk takes a commit now, as far as the last `PROOF_SECONDS` or a commit made for it tell. Comes
        back within `PROOF_PATIENCE`; however many ask, one mark is under way.
        """
        if self._mark is None or time.monotonic() - self._committed_at < PROOF_SECONDS:
            return not self.failing
        if self._marking is None or self._marking.done():
            self._marking = self._put((), ())
        marking = self._marking
        await asyncio.wait({marking}, timeout=PROOF_PATIENCE)
        return marking.done() and marking.exception() is None and not self.failing

    async def run(self) -> None:
        """Commit what waits, until cancelled. Cancel it only when no room is open."""
        begun = -math.inf
        while True:
            await self._wake.wait()
            if (early := begun + TICK_SECONDS - time.monotonic()) > 0:
                await asyncio.sleep(early)
            begun = time.monotonic()
            self._wake.clear()
            batch, self._waiting = self._waiting, []
            self._committing_since = time.monotonic()
            # Of a room process that died meanwhile nothing may come after its successor has loaded the log.
            await self._commit([one for one in batch if not one.done.cancelled()])
            self._committing_since = math.inf

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        while batch:
            started = time.perf_counter()
            try:
                await self._database.append(partial(self._write, batch=batch))
            except Exception as error:
                if _may_pass(error):
                    if not self.figures.failing:
                        _log.error("the database takes no writes", extra={"waiting": len(batch)}, exc_info=error)
                    self._count(batch, started, error)
                    await asyncio.sleep(RETRY_SECONDS)
                    # A room that was given up meanwhile told nobody anything, and may be open anew: nothing comes late.
                    batch = [one for one in batch if not one.done.cancelled()]
                    continue
                if len(batch) == 1:
                    self._count(batch, started, error)
                    _tell(batch[0].done, error)
                    return
                # One room's conflict must not fail the others: each has a transaction of its own now.
                for one in batch:
                    await self._commit([one])
                return
            if self.figures.failing:
                _log.info("the database takes writes again")
            self._count(batch, started, None)
            for one in batch:
                _tell(one.done, None)
            return

    def _write(self, connection: Connection, batch: Sequence[_Waiting]) -> None:
        _require_standing(connection, batch)
        now = datetime.now(UTC)
        steps = [step for one in batch for step in one.steps if step.appends]
        if not steps and self._mark is not None:
            self._mark(connection)
        log_store.append_all(connection, steps, self._key, now)
        for one in batch:
            if one.beside is not None:
                one.beside(connection)

    def _count(self, batch: Sequence[_Waiting], started: float, error: Exception | None) -> None:
        before = self.figures
        self._failed_at = time.monotonic() if error else 0.0
        if error is None:
            self._committed_at = time.monotonic()
        appends = [append for one in batch for step in one.steps for append in step.appends]
        written = 0 if error else sum(len(append.entries) for append in appends)
        self.figures = CommitFigures(
            commits=before.commits + (error is None),
            entries=before.entries + written,
            failures=before.failures + (error is not None),
            last_seconds=time.perf_counter() - started,
            # A conflict or a revoked writer says nothing about the disk.
            failing=error is not None and (_may_pass(error) or not isinstance(error, ServerError)),
        )
        metrics.COMMIT_SECONDS.observe(self.figures.last_seconds)
        (metrics.COMMITS if error is None else metrics.COMMIT_FAILURES).inc()
        metrics.ENTRIES.inc(written)


def _may_pass(error: Exception) -> bool:
    """Whether an error is the disk's or the database's own, which another time need not have."""
    return isinstance(error, (OperationalError, InterfaceError, OSError, DatabaseUnavailable))


def _require_standing(connection: Connection, batch: Sequence[_Waiting]) -> None:
    # Pairs: two rooms may know the same person at different versions.
    wanted = {pair for one in batch for pair in one.writers}
    if not wanted:
        return
    ids = list({member for member, _ in wanted})
    standing = {(member, version) for member, version in _STANDING.all(connection, ids)}
    for member, _ in sorted(wanted - standing):
        raise WriterRevoked(member)


def _tell(done: asyncio.Future[None], error: Exception | None) -> None:
    # A room that was cancelled meanwhile no longer waits; its append stands all the same.
    if done.cancelled():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
