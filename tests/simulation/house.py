"""The server's side: people and their rights, and processes that start, drain, die and come back over one store.

A process is a real `Hub` with real rooms over its own connection to the store. A process that died does nothing more:
its lines are cut, its connection to the store answers no more, and what it had asked the store for is either lost or
still carried out, as with a database that outlives its clients.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from crdt.errors import DocumentError
from crdt.log import Snapshot
from crdt.step import Answer, Append
from opinions.roles import Act, Actor, may
from server.errors import ServerError
from server.hub import Hub
from server.room_store import StoredOpinion
from server.rooms import LocalRooms
from server.settings import Settings
from tests.simulation.network import Line, ServerEnd
from tests.support.memory_store import MemoryStore

T = TypeVar("T")


@dataclass
class Rights:
    """Who may come in, as the database says it: a member's actor and the version of his or her rights."""

    actors: dict[str, Actor] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    """Members who may write now."""
    last: dict[str, int] = field(default_factory=dict)

    def admit(self, actor: Actor) -> None:
        """Give somebody, or give back, what he or she may do."""
        self.actors[actor.member] = actor
        self.last[actor.member] = self.versions[actor.member] = self.last.get(actor.member, 0) + 1

    def suspend(self, member: str) -> None:
        """Take it away, as of this transaction."""
        self.versions.pop(member, None)
        self.last[member] += 1


class Connection:
    """One process's connection to the store: it ends with the process; what was asked before may still be done."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._fence = store.take_over()
        self._asked: set[asyncio.Task[Any]] = set()
        self._dead = False

    @property
    def failing(self) -> bool:
        """As `RoomStore.failing`."""
        return self._store.failing

    async def load(self, opinion: str) -> StoredOpinion:
        """As `RoomStore.load`."""
        return await self._through(self._store.load(opinion))

    async def append(self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int]) -> None:
        """As `RoomStore.append`."""
        await self._through(self._store.append(opinion, appends, writers, self._fence))

    async def save_snapshot(self, document: str, snapshot: Snapshot) -> None:
        """As `RoomStore.save_snapshot`."""
        await self._through(self._store.save_snapshot(document, snapshot))

    async def save_projection(self, opinion: str, title: str, closed: bool, observers_admitted: bool) -> None:
        """As `RoomStore.save_projection`."""
        await self._through(self._store.save_projection(opinion, title, closed, observers_admitted))

    def die(self, *, landing: bool) -> None:
        """No answer comes back any more. What is under way lands, or does not."""
        self._dead = True
        if not landing:
            for task in list(self._asked):
                task.cancel()

    async def _through(self, asked: Coroutine[Any, Any, T]) -> T:
        if self._dead:
            asked.close()
            await _never()
        task = asyncio.ensure_future(asked)
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever asked may be gone
        try:
            value = await asyncio.shield(task)
        except BaseException:
            # Cancelled itself, it ends; what became of the work is never known.
            if self._dead and task.done():
                await _never()
            raise
        if self._dead:
            await _never()
        return value


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


class House:
    """The server of one Opinion. At most one process serves at a time."""

    def __init__(self, opinion: str, store: MemoryStore, settings: Settings, rights: Rights) -> None:
        self.opinion = opinion
        self.rights = rights
        self._store = store
        self._settings = settings
        self._process: _Process | None = None
        self._all: list[_Process] = []

    @property
    def up(self) -> bool:
        """Whether a process serves."""
        return self._process is not None and self._process.hub is not None and not self._process.hub.draining

    @property
    def hub(self) -> Hub:
        """The hub that serves now."""
        assert self._process is not None
        assert self._process.hub is not None
        return self._process.hub

    def start(self) -> None:
        """Start a process, where none serves."""
        if self._process is None:
            self._process = _Process(self._store, self._settings)
            self._all.append(self._process)

    def restart(self) -> None:
        """Drain, exit, start anew."""
        process = self._process
        if process is not None:
            process.stopping.set()
            process.task.add_done_callback(lambda _: self._next(process))

    def _next(self, process: "_Process") -> None:
        if self._process is process:
            self._process = None
            self.start()

    def reopen(self) -> None:
        """Every room is closed and opened anew, as when the delegations changed."""
        if self._process is not None and self.up:
            self._process.doing(self.hub.reopen())

    def crash(self, *, landing: bool) -> None:
        """The process is killed: no socket of its is closed properly, nothing is finished."""
        process, self._process = self._process, None
        if process is not None:
            process.die(landing=landing)

    def connect(self, line: Line, member: str) -> None:
        """Somebody's handshake arrives; without a server the line breaks."""
        process = self._process
        if process is None or process.hub is None:
            line.kill()
            return
        process.lines.append(line)
        line.server.member = member
        line.server.life = len(self._all)
        process.doing(self._seat(process, line.server, member))

    async def _seat(self, process: "_Process", end: ServerEnd, member: str) -> None:
        """As `server.sockets.opinion_socket`."""
        hub = process.hub
        assert hub is not None
        looked_up = hub.revocations
        version, actor = self.rights.versions.get(member), self.rights.actors[member]
        await asyncio.sleep(0.002)
        end.line.accepted()
        if version is None:
            end.close(4401, "You are signed out.")
        elif not may(actor, Act.OPINION_JOIN):
            end.close(4403, "You may not open this draft Opinion.")
        else:
            try:
                end.seated(await hub.seat(self.opinion, actor, version, end, looked_up))
            except (ServerError, DocumentError) as error:
                end.close(1013, str(error))

    def suspend(self, member: str) -> None:
        """A member's rights end: first in the database, then at the sockets, also of a process that is stopping."""
        self.rights.suspend(member)
        if self._process is not None and self._process.hub is not None:
            self._process.hub.revoke(member)

    def admit(self, actor: Actor) -> None:
        """A member may come back."""
        self.rights.admit(actor)

    async def command(self, member: str, party: str, key: str, fields: Mapping[str, Any]) -> Answer | None:
        """A command by the way of HTTP; None when it could not be carried in or saved."""
        version = self.rights.versions.get(member)
        if not self.up or version is None or self._process is None:
            return None
        actor = self.rights.actors[member]
        asked = self._process.doing(self.hub.command(self.opinion, actor, version, party, key, fields))
        try:
            return await asyncio.shield(asked)
        except (ServerError, DocumentError, asyncio.CancelledError):
            return None

    async def close(self) -> None:
        """End everything, in good order where that is possible."""
        last, self._process = self._process, None
        if last is not None:
            last.stopping.set()
        for process in self._all:
            with suppress(asyncio.CancelledError):
                await process.task
        for process in self._all:
            await process.ended()


@dataclass
class _Process:
    """One life of the server."""

    def __init__(self, store: MemoryStore, settings: Settings) -> None:
        self.connection = Connection(store)
        self.hub: Hub | None = None
        self.lines: list[Line] = []
        self.stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._settings = replace(settings)
        self.task = asyncio.create_task(self._live())

    async def _live(self) -> None:
        async with LocalRooms(self._settings, self.connection, lambda record: b"signed") as rooms:
            self.hub = Hub(self._settings, rooms, rooms, self.connection)
            await self.stopping.wait()
            await self.hub.drain()

    def doing(self, work: Awaitable[T]) -> "asyncio.Task[T]":
        """Work of this process, which ends with it."""
        task: asyncio.Task[T] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def die(self, *, landing: bool) -> None:
        """Killed: the wires first, so that nothing it still does is heard."""
        for line in self.lines:
            line.kill()
        self.connection.die(landing=landing)
        for task in list(self._tasks):
            task.cancel()
        self.task.cancel()

    async def ended(self) -> None:
        """Nothing of it is left."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
