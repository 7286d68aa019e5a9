"""What rooms need of the record, wherever it is kept: an Opinion's logs to open it, a place for what they append.

Rooms know this and no database. The store over a database is `server.database_store`; rooms in a process of their own
reach the server's through a link. One suite of tests (tests/server/test_room_stores.py) holds for every store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from crdt.log import Snapshot, StoredLog
from crdt.step import Append
from opinions.model import DelegationCode
from opinions.phases import Span


@dataclass(frozen=True, slots=True)
class StoredOpinion:
    """An Opinion's logs, and what its room must know of the process and of past versions. `views` are those of the
    delegations that give views only, `objecting` those that may object formally (None: all), `groups` those that may
    speak, with their members; `spans` are the phases of the process.
    """

    id: str
    document: StoredLog
    workspaces: Mapping[DelegationCode, StoredLog]
    delegations: frozenset[DelegationCode]
    versions: int
    previous: str
    views: frozenset[DelegationCode] = frozenset()
    objecting: frozenset[DelegationCode] | None = None
    groups: Mapping[str, frozenset[DelegationCode]] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()


class RoomStore(Protocol):
    """The record as rooms see it. When a method raises, nothing of that call was kept."""

    @property
    def failing(self) -> bool:
        """Whether what was to be committed lately did not reach the disk."""

    async def load(self, opinion: str) -> StoredOpinion:
        """An Opinion's logs from their newest snapshots on. Raises `UnknownOpinion`."""

    async def append(self, opinion: str, appends: Sequence[Append], writers: Mapping[str, int]) -> None:
        """Commit what one step appends, all or nothing. `writers` are the members behind it, each at the version of
        their rights that the room knew.

        Returns once it is durable (I5). Raises `AppendConflict` when a log has moved on or the Opinion is another
        process's now, `WriterRevoked` when a writer's rights have changed since, and what the database raises.
        """

    async def save_snapshot(self, document: str, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of an older one."""

    async def save_projection(self, opinion: str, title: str, closed: bool, observers_admitted: bool) -> None:
        """Repeat for lists what the log says of an Opinion."""
