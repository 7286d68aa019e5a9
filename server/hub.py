"""Every open socket of the process: how many a person may have, whose rights were just taken away, and the way to the
rooms, wherever they are (`server.placement`).
"""

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from crdt.step import Answer
from opinions.record import Document
from opinions.roles import Actor
from server.errors import RoomClosed, ServerError
from server.peers import Peer, Placed
from server.placement import Readable, Readers, Rooms
from server.room_store import RoomStore
from server.settings import Settings


class TooManySockets(ServerError):
    """Raised when a person, or the server, has as many sockets as the settings admit."""


class Place:
    """A seated peer: where its frames go, and how it leaves. The socket holds this and nothing else of the hub."""

    __slots__ = ("_hub", "_member", "_placed", "submit")

    def __init__(self, placed: Placed, member: str, hub: "Hub") -> None:
        self.submit = placed.submit
        """A frame came; never waits (`Peer.pause` is called when the socket is to be read no further)."""
        self._placed = placed
        self._member = member
        self._hub: Hub | None = hub

    def leave(self) -> None:
        """The socket is gone; harmless when called again."""
        self._placed.leave()
        if self._hub is not None:
            self._hub.left(self._member)
            self._hub = None


class Hub:
    """All sockets of the process. Its rooms are opened and drained by whoever made them; `drain` may come first."""

    def __init__(self, settings: Settings, rooms: Rooms, readers: Readers, store: RoomStore) -> None:
        self._settings = settings
        self._rooms = rooms
        self._readers = readers
        self._store = store
        self._sockets: Counter[str] = Counter()
        self._open = 0
        self._revoked: dict[str, int] = {}
        self._revocations = 0
        self._draining = False

    @property
    def revocations(self) -> int:
        """How many there have been; read it before a person's rights are looked up, for `seat`."""
        return self._revocations

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer, looked_up: int) -> Place:
        """Give a peer its place in an Opinion's room, which is opened if need be.

        `version` is that of the member's rights, `looked_up` the count of `revocations` before they were looked up.
        Raises `UnknownOpinion`, `TooManySockets`, `RoomClosed` while the server stops or when the rights have been
        revoked since, `LogBroken` when the log does not replay.
        """
        self._require_open()
        member = actor.member
        if self._sockets[member] >= self._settings.sockets_per_member:
            raise TooManySockets("You have this open in too many windows. Close one, and load the page again.")
        if self._open >= self._settings.sockets:
            raise TooManySockets("The server has as many connections as it can serve. Try again in a minute.")
        # Counted from here on: many may wait for a room at once.
        self._sockets[member] += 1
        self._open += 1
        try:
            placed = await self._rooms.seat(opinion, actor, version, peer)
        except BaseException:
            self.left(member)
            raise
        place = Place(placed, member, self)
        if self._revoked.get(member, 0) > looked_up:
            place.leave()
            raise RoomClosed("What you may do here has changed. Load the page again.")
        return place

    def left(self, member: str) -> None:
        """One socket of a member is gone."""
        self._open -= 1
        self._sockets[member] -= 1
        if not self._sockets[member]:
            del self._sockets[member]

    async def command(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        """Carry a command (crdt/SPEC.md, W7) into the Opinion's queue; its answer, after the commit.

        `version` is that of the member's rights, None for the operator's own commands. A refusal is an `Answer`
        with a code. Raises `UnknownOpinion`, and `RoomClosed` when it could not be saved: nothing of it was, then.
        """
        self._require_open()
        return await self._rooms.ask(opinion, actor, version, party, key, command)

    async def document(self, opinion: str) -> Document:
        """An Opinion's text and record as committed, no drafts. Raises `UnknownOpinion`."""
        return (await self.room(opinion)).document

    async def room(self, opinion: str) -> Readable:
        """An Opinion's text with its seq, as committed now. Raises `UnknownOpinion`, `RoomClosed`."""
        self._require_open()
        return await self._readers.now(opinion)

    def watching(self, opinion: str) -> AbstractAsyncContextManager[Readable]:
        """The same, kept up to date for a reader that waits on `changed`."""
        return self._readers.watching(opinion)

    def revoke(self, member: str, code: int = 4401, reason: str = "You are signed out.") -> None:
        """Close a member's sockets everywhere, now. What they sent and was not yet taken up is forgotten.

        Call it after the transaction that took the rights away: commits check the member's version themselves.
        """
        self.revoked(member)
        self._rooms.expel(member, code, reason)

    def revoked(self, member: str) -> None:
        """Somebody's rights were taken away, here or elsewhere: what was looked up before gives no place any more."""
        self._revocations += 1
        self._revoked[member] = self._revocations

    async def reopen(self) -> None:
        """Close every room, to be opened anew after the delegations changed; browsers come back by themselves."""
        self._rooms.reopen()

    async def drain(self) -> None:
        """End every room: peers are told, what waits is committed, sockets are closed with 1012. Bounded in time."""
        self._draining = True
        await self._rooms.drain()

    @property
    def draining(self) -> bool:
        """Whether the server is stopping: nobody is seated any more."""
        return self._draining

    @property
    def failing(self) -> bool:
        """Whether commits did not reach the disk lately."""
        return self._store.failing

    @property
    def figures(self) -> dict[str, int]:
        """How much is open now."""
        return {"rooms": self._rooms.figures.rooms, "sockets": self._open}

    def _require_open(self) -> None:
        if self._draining:
            raise RoomClosed("The server restarts. Try again in a moment.")
