"""The end of a link where the sockets are: rooms of another process as if they were here (`server.placement.Rooms`).

What comes of the rooms goes to the real peers, each with its own limits; what the peers send goes over the link, and
is read more slowly while the link is congested. When the link is lost, its sockets are closed with "try again".
"""

import asyncio
import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from crdt.step import Answer
from opinions.roles import Actor
from server.errors import LinkBroken, RoomClosed, RoomElsewhere
from server.links.faults import error_of
from server.links.messages import (
    Ask,
    Close,
    Expel,
    Failure,
    Join,
    Kind,
    Pong,
    delivered,
    message,
    number_of,
    numbered,
    packed,
    unpacked,
)
from server.links.stream import Link
from server.peers import LARGE, Bundle, Peer, States
from server.placement import RoomFigures

JOIN_SECONDS = 10.0
"""Longest that a peer waits for its place: a room opens in a fraction of a second."""
ASK_SECONDS = 20.0
"""Longest that a command waits for its answer."""
GONE = "The connection is made anew. Your text is kept and sent again."


class LinkPlace:
    """A peer's place in a room at the other end."""

    def __init__(self, side: "SocketSide", number: int, peer: Peer, member: str) -> None:
        self.number = number
        self.peer = peer
        self.member = member
        self._side = side
        self._paused = False

    def submit(self, frame: bytes) -> None:
        """As `Placed.submit`."""
        self._side.send(numbered(Kind.FRAME, self.number, frame))

    def leave(self) -> None:
        """As `Placed.leave`."""
        self._side.left(self.number)

    def pause(self) -> None:
        """The room asks for less."""
        self._paused = True
        self.peer.pause()

    def resume(self) -> None:
        """The room asks for more; the link has its own say."""
        self._paused = False
        if not self._side.is_congested:
            self.peer.resume()

    def congested(self, is_congested: bool) -> None:
        """The link asks for less, or for more; the room has its own say."""
        if is_congested:
            self.peer.pause()
        elif not self._paused:
            self.peer.resume()


class SocketSide:
    """Rooms behind a link. Takes the link's messages; made for one link, and gone with it.

    Raises `RoomElsewhere` where a room cannot be had over this link, also when the link is lost meanwhile: a command
    may then have been carried out, and is answered again when it is asked with the same key.
    """

    def __init__(self, on_lost: Callable[[], None] = lambda: None) -> None:
        self.link: Link
        """Set before anything is received."""
        self.is_congested = False
        self.is_lost = False
        self._on_lost = on_lost
        self._numbers = itertools.count(1)
        self._places: dict[int, LinkPlace] = {}
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._figures = RoomFigures()
        self._states = States()
        self._stopped = asyncio.Event()

    # --- as `Rooms`

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer) -> LinkPlace:
        """As `Rooms.seat`."""
        number = next(self._numbers)
        place = self._places[number] = LinkPlace(self, number, peer, actor.member)
        try:
            await self._answer(number, packed(Kind.JOIN, Join(number, opinion, actor, version)), JOIN_SECONDS)
        except BaseException:
            self.left(number)
            raise
        if self.is_congested:
            place.congested(True)
        return place

    async def ask(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        """As `Rooms.ask`."""
        ticket = next(self._numbers)
        ask = Ask(ticket, opinion, actor, version, party, key, command)
        answer = await self._answer(ticket, packed(Kind.ASK, ask), ASK_SECONDS)
        assert isinstance(answer, Answer)
        return answer

    def expel(self, member: str, code: int, reason: str) -> None:
        """As `Rooms.expel`. Sockets here are closed without waiting for the other side."""
        self.send(packed(Kind.EXPEL, Expel(member, code, reason)))
        self.shut(member, code, reason)

    def shut(self, member: str, code: int, reason: str) -> None:
        """Close a member's sockets at this end, and say no more than that they are gone."""
        for place in [place for place in self._places.values() if place.member == member]:
            self.left(place.number)
            place.peer.close(code, reason)

    def reopen(self) -> None:
        """As `Rooms.reopen`."""
        self.send(message(Kind.REOPEN))

    async def end(self, opinion: str) -> None:
        """As `OwnRooms.end`."""
        ticket = next(self._numbers)
        with suppress(RoomElsewhere):
            await self._answer(ticket, numbered(Kind.END, ticket, opinion.encode()), ASK_SECONDS)

    async def hand_over(self, opinion: str) -> None:
        """Have another node give an Opinion up, if it has it; comes back when it has. Raises `RoomElsewhere`."""
        ticket = next(self._numbers)
        await self._answer(ticket, numbered(Kind.HAND_OVER, ticket, opinion.encode()), ASK_SECONDS)

    async def drain(self) -> None:
        """As `Rooms.drain`: the other side ends its rooms and says so."""
        self.send(message(Kind.STOP))
        await self._stopped.wait()

    def dismiss(self, bundle: Bundle) -> None:
        """Tell every peer something and close it with 1012, for this process stops and the rooms go on."""
        for place in list(self._places.values()):
            self.left(place.number)
            place.peer.send(bundle)
            place.peer.close(1012, "The server restarts. Your text is kept and sent again.")

    @property
    def figures(self) -> RoomFigures:
        """As `Rooms.figures`, as of the last PONG."""
        return self._figures

    @property
    def sockets(self) -> int:
        """Peers with a place at the other end."""
        return len(self._places)

    # --- as an end of the link

    def received(self, kind: Kind, body: bytes) -> None:
        """A message of the other side."""
        match kind:
            case Kind.DELIVER:
                self._deliver(body)
            case Kind.JOINED | Kind.ENDED:
                self._settle(number_of(body)[0], None)
            case Kind.ANSWER:
                ticket, rest = number_of(body)
                self._settle(ticket, unpacked(Answer, rest))
            case Kind.JOIN_REFUSED | Kind.ASK_FAILED:
                told = unpacked(Failure, body)
                self._fail(told.number, error_of(told))
            case Kind.CLOSE:
                closing = unpacked(Close, body)
                if (place := self._places.get(closing.peer)) is not None:
                    place.peer.close(closing.code, closing.reason)
            case Kind.PAUSE | Kind.RESUME | Kind.HEARD:
                self._tell_peer(kind, number_of(body)[0])
            case Kind.PONG:
                pong = unpacked(Pong, body)
                self._figures = RoomFigures(pong.rooms, pong.sockets)
            case Kind.STOPPED:
                self._stopped.set()
            case _:
                raise LinkBroken(f"{kind.name} does not go this way.")

    def congested(self, is_congested: bool) -> None:
        """As `End.congested`: every socket is read more slowly."""
        self.is_congested = is_congested
        for place in self._places.values():
            place.congested(is_congested)

    def lost(self) -> None:
        """As `End.lost`."""
        self.is_lost = True
        self._stopped.set()
        places, self._places = self._places, {}
        for place in places.values():
            place.peer.close(1012, GONE)
        for number in list(self._waiting):
            self._fail(number, RoomElsewhere(GONE))
        self._on_lost()

    # --- for places

    def send(self, told: bytes) -> None:
        """A message to the other side."""
        self.link.send(told)

    def left(self, number: int) -> None:
        """A peer's socket is gone."""
        if self._places.pop(number, None) is not None:
            self.send(numbered(Kind.LEAVE, number))

    async def _answer(self, number: int, asked: bytes, seconds: float) -> Any:
        if self.is_lost:
            raise RoomElsewhere(GONE)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self.send(asked)
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise RoomClosed("The draft Opinion cannot be opened now. Try again in a moment.") from None
        finally:
            self._waiting.pop(number, None)

    def _settle(self, number: int, answer: Any) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _fail(self, number: int, error: Exception) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)

    def _deliver(self, body: bytes) -> None:
        frames, groups = delivered(body)
        for group in groups:
            told = [frames[number] for number in group.frames]
            bundle = self._states.bundle(told[0]) if len(told) == 1 and len(told[0]) >= LARGE else Bundle(told)
            for number in group.peers:
                if (place := self._places.get(number)) is not None:
                    place.peer.send(bundle)

    def _tell_peer(self, kind: Kind, number: int) -> None:
        place = self._places.get(number)
        if place is None:
            return
        match kind:
            case Kind.PAUSE:
                place.pause()
            case Kind.RESUME:
                place.resume()
            case _:
                place.peer.heard()
