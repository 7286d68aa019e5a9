"""A room store in memory with a disk that can be slow, fail, or die before and after it has written.

What is committed survives every server; `watch` hears of each commit in the order of the record. It keeps the promises
of `RoomStore`: all or nothing, one commit at a time, nothing over a log that has moved on or of a writer who may not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crdt.log import GENESIS, Entry, Lease, Snapshot, StoredLog
from crdt.step import Append
from crdt.versions import Version
from opinions.model import DelegationCode
from server.errors import AppendConflict, UnknownOpinion, WriterRevoked
from server.room_store import StoredOpinion

Commit = tuple[Append, ...]
"""The appends of one step, as they were committed together."""


class DiskFailed(OSError):
    """Raised by a disk that could not write, or that wrote and could not say so."""


@dataclass
class Disk:
    """How the storage behaves: what happens before a commit is durable, and between that and the answer. Both may wait,
    and both may raise `DiskFailed`: before, nothing was written; after, all of it was.
    """

    before: Callable[[], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None


@dataclass
class Shelf:
    """One document's log as it is stored."""

    document: str
    delegation: DelegationCode | None = None
    epoch: int = 1
    entries: list[Entry] = field(default_factory=list)
    leases: dict[int, Lease] = field(default_factory=dict)
    snapshot: Snapshot | None = None

    @property
    def seq(self) -> int:
        """The last entry's seq."""
        return len(self.entries)

    def stored(self) -> StoredLog:
        """The log as a room loads it."""
        last = {entry.client: entry.n for entry in self.entries if entry.n}
        return StoredLog(
            document=self.document,
            epoch=self.epoch,
            seq=self.seq,
            head=self.entries[-1].hash if self.entries else GENESIS,
            snapshot=self.snapshot,
            tail=tuple(self.entries[self.snapshot.seq if self.snapshot else 0 :]),
            leases=tuple(replace(lease, last_n=last.get(lease.client, 0)) for lease in self.leases.values()),
            results={entry.key: (entry.seq, entry.result) for entry in self.entries if entry.key},
        )


class MemoryStore:
    """The record of one Opinion. `versions_of_rights` says at which version each member may write; who is not in it may
    not.
    """

    def __init__(
        self,
        opinion: str,
        founding: Entry,
        delegations: frozenset[DelegationCode],
        versions_of_rights: Mapping[str, int],
        *,
        disk: Disk | None = None,
        watch: Callable[[Commit], None] = lambda commit: None,
    ) -> None:
        self.opinion = opinion
        self.delegations = delegations
        self.rights = versions_of_rights
        self.disk = disk or Disk()
        self.watch = watch
        self.shelves = {opinion: Shelf(opinion, entries=[founding])}
        self.versions: list[Version] = []
        self.projection: tuple[str, bool, bool] | None = None
        self.failing = False
        self.fence = 0
        """Rises with every process that takes the record over; what an older one asked for is then refused."""
        self._one_at_a_time = asyncio.Lock()

    async def load(self, opinion: str) -> StoredOpinion:
        """As `RoomStore.load`."""
        if opinion != self.opinion:
            raise UnknownOpinion(opinion)
        await asyncio.sleep(0)
        workspaces = {shelf.delegation: shelf.stored() for shelf in self.shelves.values() if shelf.delegation}
        return StoredOpinion(
            id=opinion,
            document=self.shelves[opinion].stored(),
            workspaces=workspaces,
            delegations=self.delegations,
            versions=len(self.versions),
            previous=self.versions[-1].record_hash if self.versions else "",
            objecting=self.delegations,
        )

    def take_over(self) -> int:
        """A process begins to write; its fence."""
        self.fence += 1
        return self.fence

    async def append(
        self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int], fence: int | None = None
    ) -> None:
        """As `RoomStore.append`; with a `fence`, only while no other process has taken over."""
        async with self._one_at_a_time:
            if self.disk.before is not None:
                await self.disk.before()
            self._require(appends, writers, fence)
            for append in appends:
                self._take(append)
            self.watch(tuple(appends))
            if self.disk.after is not None:
                await self.disk.after()

    async def save_snapshot(self, document: str, snapshot: Snapshot) -> None:
        """As `RoomStore.save_snapshot`."""
        shelf = self.shelves[document]
        if shelf.snapshot is None or shelf.snapshot.seq < snapshot.seq:
            shelf.snapshot = snapshot

    async def save_projection(self, opinion: str, title: str, closed: bool, observers_admitted: bool) -> None:
        """As `RoomStore.save_projection`."""
        self.projection = (title, closed, observers_admitted)

    def _require(self, appends: Sequence[Append], writers: Mapping[str, int], fence: int | None) -> None:
        if fence is not None and fence < self.fence:
            raise AppendConflict(self.opinion)
        for member, version in writers.items():
            if self.rights.get(member) != version:
                raise WriterRevoked(member)
        for append in appends:
            shelf = self.shelves.get(append.document)
            if (shelf is None) != append.founding:
                raise AppendConflict(append.document)
            if ((shelf.seq, shelf.epoch) if shelf else (0, 1)) != (append.expected_seq, append.epoch):
                raise AppendConflict(append.document)
            if shelf is not None and any(lease.client in shelf.leases for lease in append.leases):
                raise AppendConflict(append.document)

    def _take(self, append: Append) -> None:
        shelf = self.shelves.setdefault(append.document, Shelf(append.document, append.delegation))
        shelf.entries.extend(append.entries)
        shelf.leases.update({lease.client: lease for lease in append.leases})
        shelf.epoch = append.next_epoch or shelf.epoch
        if append.version is not None:
            self.versions.append(append.version)
