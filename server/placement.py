"""Where the rooms of Opinions are: in this process, in a worker beside it, or on another node (server/SPEC.md, N1).

The hub knows `Rooms` and nothing else; `server.rooms` has them here, `server.workers` in processes of their own,
`server.cluster` on whichever node owns the Opinion.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from crdt.step import Answer
from opinions.record import Document
from opinions.roles import Actor
from server.peers import Peer, Placed


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """How much is open."""

    rooms: int = 0
    sockets: int = 0
    waiting: int = 0
    """Frames that wait for their room."""


class Rooms(Protocol):
    """The rooms of all Opinions, wherever they are."""

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer) -> Placed:
        """Give a peer a place in an Opinion's room, which is opened if need be; `version` is of the member's rights.

        Raises `UnknownOpinion`; `RoomClosed` when the room cannot be had now; `LogBroken` when its log does not replay.
        """

    async def ask(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        """Carry a command into the Opinion's queue; its answer after the commit. Raises as `seat`.

        With the same key a command is carried out once, however often it is asked for.
        """

    def expel(self, member: str, code: int, reason: str) -> None:
        """Close a member's sockets, and forget what of theirs no room has taken up."""

    def reopen(self) -> None:
        """End every room; each is opened anew when it is next needed."""

    async def drain(self) -> None:
        """End every room for good: what waits is committed, peers are closed with 1012. Bounded in time."""

    @property
    def figures(self) -> RoomFigures:
        """How much is open now."""


class OwnRooms(Rooms, Protocol):
    """Rooms of this node, which can be given up one by one."""

    async def end(self, opinion: str) -> None:
        """Let an Opinion's room finish what waits and end, if there is one; nothing of it is under way afterwards."""


class Readable(Protocol):
    """An Opinion's text as committed, in whichever process its room is."""

    @property
    def opinion(self) -> str:
        """Its id."""

    @property
    def seq(self) -> int:
        """The last entry taken up."""

    @property
    def document(self) -> Document:
        """Text and record after entry `seq`; never a draft."""

    async def changed(self, after: int) -> int:
        """The seq, once it is above `after`. Raises `RoomClosed` when nothing more will be told here."""


class Readers(Protocol):
    """Texts for those who only read: the rooms themselves where they are in this process, else copies of the logs."""

    async def now(self, opinion: str) -> Readable:
        """An Opinion's text as committed now. Raises `UnknownOpinion`."""

    def watching(self, opinion: str) -> AbstractAsyncContextManager[Readable]:
        """The same, kept while somebody waits on `changed`."""
