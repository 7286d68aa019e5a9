"""The record over a link: a room process has no database, its store's calls are carried out by the server's.

`LinkedStore` is what the rooms of that process hold; `StoreSide` answers it. Both keep the promises of `RoomStore`.
"""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crdt.log import Snapshot
from crdt.step import Append
from server.errors import LinkBroken, RoomClosed
from server.links.faults import error_of, failure
from server.links.messages import Failure, Kind, number_of, numbered, packed, unpacked
from server.links.stream import Link
from server.links.values import pack, unpack
from server.room_store import RoomStore, StoredOpinion

MAX_CALLS = 10_000
"""Calls of one room process under way: two for each Opinion it could have."""


@dataclass(frozen=True, slots=True)
class _Load:
    opinion: str


@dataclass(frozen=True, slots=True)
class _Append:
    opinion: str
    appends: tuple[Append, ...]
    writers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _SaveSnapshot:
    document: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class _SaveProjection:
    opinion: str
    title: str
    closed: bool
    observers_admitted: bool


_CALLS: tuple[type[Any], ...] = (_Load, _Append, _SaveSnapshot, _SaveProjection)


class LinkedStore:
    """A `RoomStore` whose record is at the other end of a link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[bytes]] = {}

    @property
    def failing(self) -> bool:
        """As `RoomStore.failing`; the process that has the database knows, and nobody asks here."""
        return False

    async def load(self, opinion: str) -> StoredOpinion:
        """As `RoomStore.load`."""
        return unpack(StoredOpinion, await self._call(_Load(opinion)))

    async def append(self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int]) -> None:
        """As `RoomStore.append`."""
        await self._call(_Append(opinion, tuple(appends), writers))

    async def save_snapshot(self, document: str, snapshot: Snapshot) -> None:
        """As `RoomStore.save_snapshot`."""
        await self._call(_SaveSnapshot(document, snapshot))

    async def save_projection(self, opinion: str, title: str, closed: bool, observers_admitted: bool) -> None:
        """As `RoomStore.save_projection`."""
        await self._call(_SaveProjection(opinion, title, closed, observers_admitted))

    def received(self, kind: Kind, body: bytes) -> None:
        """A RESULT or FAILED of the other side."""
        if kind is Kind.FAILED:
            told = unpacked(Failure, body)
            if (waiting := self._waiting.get(told.number)) is not None and not waiting.done():
                waiting.set_exception(error_of(told))
            return
        number, result = number_of(body)
        if (waiting := self._waiting.get(number)) is not None and not waiting.done():
            waiting.set_result(result)

    def lost(self) -> None:
        """The link is gone: whether the last calls were carried out is not known here any more."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(RoomClosed("The record is out of reach."))

    async def _call(self, call: Any) -> bytes:
        number = next(self._numbers)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        which = bytes((_CALLS.index(type(call)),))
        self._link.send(numbered(Kind.CALL, number, which + pack(type(call), call)))
        try:
            result = await answer
        finally:
            del self._waiting[number]
        return result


class StoreSide:
    """Carries the calls of one room process out. They begin in the order they came."""

    def __init__(self, store: RoomStore) -> None:
        self.link: Link
        """Set before anything is received."""
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    def received(self, body: bytes) -> None:
        """A CALL of the other side."""
        number, rest = number_of(body)
        if not rest or rest[0] >= len(_CALLS) or len(self._tasks) >= MAX_CALLS:
            raise LinkBroken("The call is not known here.")
        task = asyncio.create_task(self._carry(number, unpack(_CALLS[rest[0]], rest[1:])))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self, seconds: float) -> None:
        """Wait until nothing of the process is under way any more; what takes longer is given up.

        Its successor loads what stands after that, so nothing of the old one comes later.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, number: int, call: Any) -> None:
        try:
            result = await self._result(call)
        except Exception as error:
            self.link.send(packed(Kind.FAILED, failure(number, error)))
        else:
            self.link.send(numbered(Kind.RESULT, number, result))

    async def _result(self, call: Any) -> bytes:
        match call:
            case _Load():
                stored: StoredOpinion = await self._store.load(call.opinion)
                return pack(StoredOpinion, stored)
            case _Append():
                await self._store.append(call.opinion, call.appends, call.writers)
            case _SaveSnapshot():
                await self._store.save_snapshot(call.document, call.snapshot)
            case _SaveProjection():
                await self._store.save_projection(call.opinion, call.title, call.closed, call.observers_admitted)
        return b""
