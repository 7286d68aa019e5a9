"""Rooms in processes of their own: starts them, spreads the Opinions over them, and starts another when one dies.

What kills a room process - memory, a fault in native code, a loop that never turns - ends the rooms it had and
nothing else. Their sockets are closed with 1012, browsers come back with what was not acknowledged, and the successor
opens the rooms from the log. One process more is always kept ready, so that a successor costs no start.
"""

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Self, TypeVar

from crdt.step import Answer
from opinions.roles import Actor
from server import metrics
from server.errors import RoomClosed, RoomElsewhere
from server.links import figures
from server.links.messages import Kind, message, unpacked
from server.links.socket_side import LinkPlace, SocketSide
from server.links.store import StoreSide
from server.links.stream import Link
from server.peers import Peer
from server.placement import RoomFigures
from server.rendezvous import preferred
from server.room_store import RoomStore
from server.settings import Settings
from server.worker import options

START_SECONDS = 30.0
"""Longest that a process may take to start; a crowded machine pauses."""
PING_SECONDS = 1.0
HANG_PINGS = 5
"""A process that answers none of so many pings in a row hangs, and is killed. Opening the longest log takes 0.1 s."""
SETTLE_SECONDS = 1.0
"""How long a successor waits for the last commits of a dead process; later ones are given up."""
RECOVER_SECONDS = 5.0
"""Longest that somebody waits for a successor."""
ATTEMPTS = 3
"""Processes that may die under one command or one who wants a place."""
QUICK_DEATHS = 20
"""Processes that may die within a minute and be replaced at once; from then on one waits."""
SLOW_SECONDS = 2.0

T = TypeVar("T")

_log = logging.getLogger("unbracket.workers")


def worker_of(opinion: str, count: int) -> int:
    """Which of so many processes has an Opinion's room."""
    chosen = preferred(opinion, map(str, range(count)))
    assert chosen is not None, "a server with room processes has one at least"
    return int(chosen)


class Worker:
    """A running room process, and the link to it."""

    def __init__(self, store: RoomStore) -> None:
        self.rooms = SocketSide()
        self.calls = StoreSide(store)
        self.ended = asyncio.Event()
        """Set when its link is gone, by whichever cause."""
        self.ready = asyncio.Event()
        self.waiting = 0
        """Frames that wait for their room, as last told."""
        self._process: asyncio.subprocess.Process
        self._link = Link(self)
        self.rooms.link = self.calls.link = self._link
        self._unanswered = 0

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def start(self, settings: Settings) -> None:
        """Start it and wait until it is ready. Raises `RoomClosed` when it does not get so far."""
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "server.worker",
                str(theirs.fileno()),
                json.dumps(options(settings)),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                start_new_session=True,
            )
            await asyncio.get_running_loop().create_connection(lambda: self._link, sock=ours)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.ready.wait()
        except TimeoutError:
            self.kill()
        if self.ended.is_set():
            await self._process.wait()
            raise RoomClosed("A room process does not start; its reason is in the log.")

    async def mind(self) -> None:
        """Ping it until it has ended; kill it when it hangs. Nothing of it is under way afterwards."""
        while not self.ended.is_set():
            self._link.send(message(Kind.PING))
            self._unanswered += 1
            if self._unanswered > HANG_PINGS:
                _log.error("room process hangs", extra={"pid": self.pid})
                self.kill()
            with suppress(TimeoutError):
                async with asyncio.timeout(PING_SECONDS):
                    await self.ended.wait()
        self.kill()
        await self.calls.settle(SETTLE_SECONDS)
        code = await self._process.wait()
        _log.warning("room process ended", extra={"pid": self.pid, "code": code})

    def kill(self) -> None:
        """End it at once."""
        self._link.drop()
        with suppress(ProcessLookupError):
            self._process.kill()

    # --- as an end of the link

    def received(self, kind: Kind, body: bytes) -> None:
        """A message of the process."""
        if kind is Kind.CALL:
            self.calls.received(body)
        elif kind is Kind.READY:
            self.ready.set()
        elif kind is Kind.FIGURES:
            told = unpacked(figures.Figures, body)
            figures.add(told)
            self.waiting = told.waiting
        else:
            if kind is Kind.PONG:
                self._unanswered = 0
            self.rooms.received(kind, body)

    def congested(self, is_congested: bool) -> None:
        """As `End.congested`."""
        self.rooms.congested(is_congested)

    def lost(self) -> None:
        """As `End.lost`."""
        self.rooms.lost()
        self.ended.set()
        self.ready.set()


class WorkerRooms:
    """`server.placement.Rooms` in `settings.room_workers` processes. Use it as a context; leaving ends them all."""

    def __init__(self, settings: Settings, store: RoomStore) -> None:
        self._settings = settings
        self._store = store
        self._workers: list[Worker | None] = [None] * settings.room_workers
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._spare: asyncio.Task[Worker] | None = None
        self._deaths: list[float] = []
        self._draining = False

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep(number)) for number in range(len(self._workers))]
        try:
            async with asyncio.timeout(START_SECONDS):
                while len(self._running) < len(self._workers):
                    await self._changed.wait()
        except BaseException as error:
            await self.__aexit__()
            if isinstance(error, TimeoutError):
                raise RoomClosed("The room processes do not start; why is in the log above.") from None
            raise
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.cancel()
            for worker in await asyncio.gather(spare, return_exceptions=True):
                if isinstance(worker, Worker):
                    worker.kill()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that serve."""
        return tuple(worker.pid for worker in self._workers if worker is not None)

    @property
    def missing(self) -> int:
        """How many of the processes that the settings ask for do not serve now."""
        return self._workers.count(None)

    # --- as `Rooms`

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer) -> LinkPlace:
        """As `Rooms.seat`; at the successor, when the process dies meanwhile."""

        async def there(worker: Worker) -> LinkPlace:
            return await worker.rooms.seat(opinion, actor, version, peer)

        return await self._at(opinion, there)

    async def ask(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        """As `Rooms.ask`. When the process dies meanwhile, its successor is asked: the key keeps it to one time."""

        async def there(worker: Worker) -> Answer:
            return await worker.rooms.ask(opinion, actor, version, party, key, command)

        return await self._at(opinion, there)

    def expel(self, member: str, code: int, reason: str) -> None:
        """As `Rooms.expel`."""
        for worker in self._running:
            worker.rooms.expel(member, code, reason)

    def reopen(self) -> None:
        """As `Rooms.reopen`."""
        for worker in self._running:
            worker.rooms.reopen()

    async def end(self, opinion: str) -> None:
        """As `OwnRooms.end`."""
        worker = self._workers[worker_of(opinion, len(self._workers))]
        if worker is not None:
            await worker.rooms.end(opinion)

    async def drain(self) -> None:
        """As `Rooms.drain`."""
        if self._draining:
            return
        self._draining = True
        self._changed.set()
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await asyncio.gather(*(worker.rooms.drain() for worker in self._running))
        except TimeoutError:
            _log.error("room processes did not end in time")

    @property
    def figures(self) -> RoomFigures:
        """As `Rooms.figures`."""
        told = [worker.rooms.figures for worker in self._running]
        waiting = sum(worker.waiting for worker in self._running)
        return RoomFigures(sum(one.rooms for one in told), sum(one.sockets for one in told), waiting)

    # --- the processes

    @property
    def _running(self) -> list[Worker]:
        return [worker for worker in self._workers if worker is not None]

    async def _at(self, opinion: str, there: Callable[[Worker], Awaitable[T]]) -> T:
        for _ in range(ATTEMPTS):
            with suppress(RoomElsewhere):
                return await there(await self._of(opinion))
        raise RoomClosed("The draft Opinion cannot be opened now. Try again in a moment.")

    async def _of(self, opinion: str) -> Worker:
        number = worker_of(opinion, len(self._workers))
        try:
            async with asyncio.timeout(RECOVER_SECONDS):
                while (worker := self._workers[number]) is None or worker.ended.is_set():
                    if self._draining:
                        raise RoomClosed("The server restarts. Try again in a moment.")
                    event = self._changed
                    await event.wait()
        except TimeoutError:
            raise RoomClosed("The draft Opinion cannot be opened now. Try again in a moment.") from None
        return worker

    async def _keep(self, number: int) -> None:
        """Keep a process for these Opinions, one after the other, until cancelled."""
        while True:
            worker = await self._next()
            self._workers[number] = worker
            self._tell()
            _log.info("room process serves", extra={"pid": worker.pid, "number": number})
            try:
                await worker.mind()
            finally:
                worker.kill()
                self._workers[number] = None
            if self._draining:
                return
            metrics.WORKER_RESTARTS.inc()
            await self._hold_back()

    async def _next(self) -> Worker:
        while True:
            spare, self._spare = self._spare or asyncio.create_task(self._started()), None
            try:
                worker = await spare
            except (RoomClosed, OSError) as error:
                _log.error("no room process", extra={"reason": str(error)})
                await asyncio.sleep(SLOW_SECONDS)
                continue
            except asyncio.CancelledError:
                spare.cancel()
                raise
            self._keep_spare()
            if not worker.ended.is_set():
                return worker

    def _keep_spare(self) -> None:
        if self._spare is None and not self._draining:
            self._spare = asyncio.create_task(self._started())

    async def _started(self) -> Worker:
        worker = Worker(self._store)
        try:
            await worker.start(self._settings)
        except asyncio.CancelledError:
            worker.kill()
            raise
        _log.info("room process ready", extra={"pid": worker.pid})
        return worker

    async def _hold_back(self) -> None:
        now = asyncio.get_running_loop().time()
        self._deaths = [at for at in self._deaths if now - at < 60.0] + [now]
        if len(self._deaths) > QUICK_DEATHS:
            await asyncio.sleep(SLOW_SECONDS)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _environment() -> dict[str, str]:
    """Nothing of the server's settings: a room process needs none, and the database's password is among them."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG", "TZ") if name in os.environ}
    return {**kept, "RUST_BACKTRACE": "0"}
