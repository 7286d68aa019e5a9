"""The rooms' record in the process's own database (`server.room_store`)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self

from crdt.log import Snapshot
from crdt.step import Append
from server import log_store, opinion_store
from server.database import Database
from server.room_store import StoredOpinion
from server.update_log import UpdateLog


class DatabaseStore:
    """The store over the process's own database; appends go through its group commit.

    `fence_of` tells under which fence this process owns an Opinion, None where it is the only one that writes.

    Use it as `async with DatabaseStore(...) as store`; leave the block only when no room is open any more.
    """

    def __init__(
        self, database: Database, log: UpdateLog, fence_of: Callable[[str], int | None] = lambda opinion: None
    ) -> None:
        self._database = database
        self._log = log
        self._fence_of = fence_of
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._log.run())
        return self

    async def __aexit__(self, *failure: Any) -> None:
        assert self._writer is not None
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer

    @property
    def failing(self) -> bool:
        """As `RoomStore.failing`."""
        return self._log.failing

    async def load(self, opinion: str) -> StoredOpinion:
        """As `RoomStore.load`."""
        return await self._database.read(partial(opinion_store.load_for_room, opinion_id=opinion))

    async def append(self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int]) -> None:
        """As `RoomStore.append`."""
        await self._log.append(opinion, appends, writers, self._fence_of(opinion))

    async def save_snapshot(self, document: str, snapshot: Snapshot) -> None:
        """As `RoomStore.save_snapshot`."""
        await self._database.write(partial(log_store.save_snapshot, document=document, snapshot=snapshot))

    async def save_projection(self, opinion: str, title: str, closed: bool, observers_admitted: bool) -> None:
        """As `RoomStore.save_projection`."""
        save = partial(opinion_store.save_projection, opinion_id=opinion, title=title)
        await self._database.write(partial(save, closed=closed, observers_admitted=observers_admitted))
