"""The open rooms of the process: opens one when it is first needed, seats peers, ends them all when the server stops.

What happens inside a room, and in which order, is `server.live_room`.
"""

import asyncio
import base64
import logging
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from crdt.room import Room, Setting
from crdt.step import Answer
from crdt.versions import Sign
from opinions.record import Document
from opinions.roles import Actor
from server.errors import RoomClosed, ServerError
from server.live_room import LiveRoom
from server.peers import Peer, Seat
from server.room_store import RoomStore
from server.settings import Settings

_log = logging.getLogger("unbracket.hub")


def new_id(kind: str) -> str:
    """A fresh id of a kind (`a` amendment, `p` paragraph, `o` Opinion) with 80 random bits (crdt/SPEC.md, D3)."""
    return f"{kind}-" + base64.b32encode(secrets.token_bytes(10)).decode().lower()


class TooManySockets(ServerError):
    """Raised when a person, or the server, has as many sockets as the settings admit."""


class Place:
    """A seated peer: where its frames go, and how it leaves. The socket holds this and nothing else of the hub."""

    def __init__(self, room: LiveRoom, seat: Seat, hub: "Hub") -> None:
        self._room = room
        self._seat = seat
        self._hub = hub

    def submit(self, frame: bytes) -> None:
        """A frame came; never waits (`Peer.pause` is called when the socket is to be read no further)."""
        self._room.submit(self._seat, frame)

    def leave(self) -> None:
        """The socket is gone; harmless when called again."""
        self._hub.left(self._room, self._seat)


class Hub:
    """All open rooms. Use it as `async with Hub(...) as hub`; leaving drains it."""

    def __init__(self, settings: Settings, store: RoomStore, sign: Sign) -> None:
        self._settings = settings
        self._store = store
        self._sign = sign
        self._tasks = asyncio.TaskGroup()
        self._rooms: dict[str, LiveRoom] = {}
        self._opening: dict[str, asyncio.Future[LiveRoom]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._seated: dict[int, str] = {}
        self._sockets: Counter[str] = Counter()
        self._revoked: dict[str, int] = {}
        self._revocations = 0
        self._peers = 0
        self._draining = False

    async def __aenter__(self) -> "Hub":
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self.drain()
        await self._tasks.__aexit__(*failure)

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
        if self._sockets[actor.member] >= self._settings.sockets_per_member:
            raise TooManySockets("You have this open in too many windows. Close one, and load the page again.")
        if len(self._seated) >= self._settings.sockets:
            raise TooManySockets("The server has as many connections as it can serve. Try again in a minute.")
        room = await self.room(opinion)
        if self._revoked.get(actor.member, 0) > looked_up:
            raise RoomClosed("What you may do here has changed. Load the page again.")
        self._peers += 1
        seat = Seat(self._peers, peer, actor, version, self._settings.frames_per_second)
        self._seated[seat.number] = actor.member
        self._sockets[actor.member] += 1
        room.sit(seat)
        return Place(room, seat, self)

    def left(self, room: LiveRoom, seat: Seat) -> None:
        """A peer's socket is gone."""
        room.rise(seat)
        member = self._seated.pop(seat.number, None)
        if member is not None:
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
        room = await self.room(opinion)
        return await room.ask(actor, version, party, key, command)

    async def document(self, opinion: str) -> Document:
        """An Opinion's text and record as committed, no drafts. Raises `UnknownOpinion`."""
        return (await self.room(opinion)).document

    async def room(self, opinion: str) -> LiveRoom:
        """The room of an Opinion, opened if need be; never a room that is over."""
        if self._draining:
            raise RoomClosed("The server restarts. Try again in a moment.")
        if opinion in self._rooms:
            return self._rooms[opinion]
        opening = self._opening.get(opinion)
        if opening is None:
            opening = self._opening[opinion] = asyncio.get_running_loop().create_future()
            self._tasks.create_task(self._open(opinion, opening))
        room = await asyncio.shield(opening)
        return await self.room(opinion) if room.over else room

    @asynccontextmanager
    async def watching(self, opinion: str) -> AsyncIterator[LiveRoom]:
        """The room of an Opinion, kept open for a reader that waits on `changed`."""
        room = await self.room(opinion)
        async with room.watched():
            yield room

    def revoke(self, member: str, code: int = 4401, reason: str = "You are signed out.") -> None:
        """Close a member's sockets everywhere, now. What they sent and was not yet taken up is forgotten.

        Call it after the transaction that took the rights away: commits check the member's version themselves.
        """
        self._revocations += 1
        self._revoked[member] = self._revocations
        for room in self._rooms.values():
            room.expel(member, code, reason)

    async def reopen(self) -> None:
        """Close every room, to be opened anew after the delegations changed; browsers come back by themselves."""
        for room in list(self._rooms.values()):
            room.stop()

    async def drain(self) -> None:
        """End every room: peers are told, what waits is committed, sockets are closed with 1012. Bounded in time."""
        if self._draining:
            return
        self._draining = True
        rooms = list(self._rooms.values())
        for room in rooms:
            room.stop()
        _log.info("draining", extra={"rooms": len(rooms), "sockets": len(self._seated)})
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await asyncio.gather(*(room.ended.wait() for room in rooms))
        except TimeoutError:
            _log.error("rooms did not end in time", extra={"rooms": len(self._running)})
            for task in self._running:
                task.cancel()

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
        return {"rooms": len(self._rooms), "sockets": len(self._seated)}

    async def _open(self, opinion: str, opening: asyncio.Future[LiveRoom]) -> None:
        try:
            stored = await self._store.load(opinion)
            setting = Setting(
                opinion=opinion,
                delegations=stored.delegations,
                new_id=new_id,
                sign=self._sign,
                versions=stored.versions,
                previous=stored.previous,
            )
            room = Room(setting, stored.document, stored.workspaces)
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            opening.cancel()
            raise
        except BaseException as error:
            # A panic of the CRDT library is no Exception; it must fail this Opinion and not the server.
            opening.set_exception(error if isinstance(error, Exception) else RoomClosed("The log cannot be read."))
            opening.exception()  # Whoever asked may have gone; then nobody else reads it.
            if not isinstance(error, ServerError):
                _log.error("room does not open", extra={"opinion": opinion}, exc_info=error)
            return
        finally:
            del self._opening[opinion]
        live = LiveRoom(opinion, room, self._store, self._settings, lambda: self._close(opinion))
        self._rooms[opinion] = live
        task = self._tasks.create_task(live.run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        opening.set_result(live)

    def _close(self, opinion: str) -> None:
        self._rooms.pop(opinion, None)
