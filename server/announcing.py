"""A store that says what it committed: readers in every process take it up (`server.signals`), and what is to be done
about a new version is begun (`server.jobs`).
"""

from collections.abc import Callable, Mapping, Sequence

from crdt.log import Snapshot
from crdt.step import Append
from server import outbox
from server.room_store import RoomStore, StoredOpinion


class AnnouncingStore:
    """A `RoomStore` that calls `announce(opinion, seq)` after each commit to an opinion's own log, and `begin(job)`
    with the id of each job that the commit put into the outbox.
    """

    def __init__(self, store: RoomStore, announce: Callable[[str, int], None], begin: Callable[[str], None]) -> None:
        self._store = store
        self._announce = announce
        self._begin = begin

    @property
    def failing(self) -> bool:
        """As `RoomStore.failing`."""
        return self._store.failing

    async def load(self, opinion: str) -> StoredOpinion:
        """As `RoomStore.load`."""
        return await self._store.load(opinion)

    async def append(self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int]) -> None:
        """As `RoomStore.append`."""
        await self._store.append(opinion, appends, writers)
        for append in appends:
            if append.document == opinion and append.entries:
                self._announce(opinion, append.entries[-1].seq)
            if append.version is not None:
                self._begin(outbox.exports_of(append.version.opinion, append.version.number).id)
                self._begin(outbox.frozen(append.version.opinion, append.version.number).id)
                cut = append.version.cut
                # Asked for by each room of a cut, it is done once.
                told = outbox.cut_letter(cut) if cut else outbox.frozen_letter(opinion, append.version.number)
                self._begin(told.id)

    async def save_snapshot(self, document: str, snapshot: Snapshot) -> None:
        """As `RoomStore.save_snapshot`."""
        await self._store.save_snapshot(document, snapshot)

    async def save_projection(self, opinion: str, title: str, closed: bool, observers_admitted: bool) -> None:
        """As `RoomStore.save_projection`."""
        await self._store.save_projection(opinion, title, closed, observers_admitted)
