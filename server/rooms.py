"""The open rooms of this process: opens one when it is first needed, seats peers, ends them all when it stops.

What happens inside a room, and in which order, is `server.live_room`.
"""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

from crdt.room import Room, Setting
from crdt.step import Answer
from crdt.versions import UNSEALED, Seal, Sign
from opinions.roles import Actor
from server.errors import RoomClosed, ServerError
from server.ids import new_id
from server.live_room import LiveRoom
from server.pace import Pace
from server.peers import Peer, Seat
from server.placement import RoomFigures
from server.room_store import RoomStore
from server.settings import Settings

_log = logging.getLogger("unbracket.rooms")


class SeatInRoom:
    """A seated peer's way into its room."""

    __slots__ = ("_room", "_seat")

    def __init__(self, room: LiveRoom, seat: Seat) -> None:
        self._room = room
        self._seat = seat

    def submit(self, frame: bytes) -> None:
        """A frame came; never waits (`Peer.pause` is called when the socket is to be read no further)."""
        self._room.submit(self._seat, frame)

    def leave(self) -> None:
        """The socket is gone; harmless when called again."""
        self._room.rise(self._seat)


class LocalRooms:
    """All open rooms. Use it as `async with LocalRooms(...) as rooms`; leaving drains it."""

    def __init__(self, settings: Settings, store: RoomStore, sign: Sign, seal: Seal = UNSEALED) -> None:
        """`sign` signs versions, `seal` says with which key."""
        self._seal = seal
        self._settings = settings
        self._store = store
        self._sign = sign
        self._pace = Pace()
        self._tasks = asyncio.TaskGroup()
        self._rooms: dict[str, LiveRoom] = {}
        self._opening: dict[str, asyncio.Future[LiveRoom]] = {}
        self._running: dict[asyncio.Task[None], LiveRoom] = {}
        self._numbers = itertools.count(1)
        self._draining = False

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self.drain()
        await self._tasks.__aexit__(*failure)

    # --- as `Rooms`

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer) -> SeatInRoom:
        """As `Rooms.seat`."""
        room = await self.now(opinion)
        seat = Seat(next(self._numbers), peer, actor, version, self._settings.frames_per_second)
        room.sit(seat)
        return SeatInRoom(room, seat)

    async def ask(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        """As `Rooms.ask`."""
        room = await self.now(opinion)
        return await room.ask(actor, version, party, key, command)

    def expel(self, member: str, code: int, reason: str) -> None:
        """As `Rooms.expel`."""
        for room in self._rooms.values():
            room.expel(member, code, reason)

    def reopen(self) -> None:
        """As `Rooms.reopen`."""
        for room in list(self._rooms.values()):
            room.stop()

    async def drain(self) -> None:
        """As `Rooms.drain`."""
        if self._draining:
            return
        self._draining = True
        rooms = list(self._rooms.values())
        self.reopen()
        _log.info("draining", extra={"rooms": len(rooms), "sockets": self.figures.sockets})
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await asyncio.gather(*(room.ended.wait() for room in rooms))
        except TimeoutError:
            _log.error("rooms did not end in time", extra={"rooms": len(self._running)})
            for task in self._running:
                task.cancel()

    @property
    def figures(self) -> RoomFigures:
        """As `Rooms.figures`."""
        rooms = self._rooms.values()
        return RoomFigures(len(rooms), sum(room.sockets for room in rooms), sum(room.waiting for room in rooms))

    # --- the rooms themselves

    async def now(self, opinion: str) -> LiveRoom:
        """The room of an Opinion, opened if need be; never a room that is over. Raises as `Rooms.seat`."""
        if self._draining:
            raise RoomClosed("The server restarts. Try again in a moment.")
        if opinion in self._rooms:
            return self._rooms[opinion]
        opening = self._opening.get(opinion)
        if opening is None:
            opening = self._opening[opinion] = asyncio.get_running_loop().create_future()
            self._tasks.create_task(self._open(opinion, opening))
        room = await asyncio.shield(opening)
        return await self.now(opinion) if room.over else room

    @asynccontextmanager
    async def watching(self, opinion: str) -> AsyncIterator[LiveRoom]:
        """The room of an Opinion, kept open for a reader that waits on `changed`."""
        room = await self.now(opinion)
        async with room.watched():
            yield room

    async def end(self, opinion: str) -> None:
        """As `OwnRooms.end`."""
        if (opening := self._opening.get(opinion)) is not None:
            await asyncio.wait([opening])
        # One that is over already may still be writing its snapshot.
        for room in [room for room in self._running.values() if room.opinion == opinion]:
            room.stop()
            await room.ended.wait()

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
                views=stored.views,
                objecting=stored.objecting,
                groups=stored.groups,
                spans=stored.spans,
                seal=self._seal,
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
        live = LiveRoom(opinion, room, self._store, self._settings, self._pace, lambda: self._close(opinion))
        self._rooms[opinion] = live
        task = self._tasks.create_task(live.run())
        self._running[task] = live
        task.add_done_callback(self._running.pop)
        opening.set_result(live)

    def _close(self, opinion: str) -> None:
        self._rooms.pop(opinion, None)
