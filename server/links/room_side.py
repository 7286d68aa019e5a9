"""The end of a link where the rooms are: gives peers from the other side places, and tells them what rooms tell.

Whatever a room tells many peers in one go crosses the link once, with the list of who gets it (server/SPEC.md, N4).
"""

import asyncio
from typing import Any

from typing_extensions import override

from crdt.errors import DocumentError
from crdt.step import Answer
from server.errors import LinkBroken, RoomClosed, ServerError
from server.links.faults import failure
from server.links.messages import (
    Ask,
    Close,
    Expel,
    Group,
    Join,
    Kind,
    Pong,
    delivery,
    number_of,
    numbered,
    packed,
    unpacked,
)
from server.links.stream import Link
from server.links.values import pack
from server.peers import Bundle, Peer, Placed
from server.placement import Rooms

MAX_DELIVERY = 4 * 1024 * 1024
"""Bytes gathered for one message; what is more goes in several."""
MAX_PEERS = 20_000
"""Peers of one link: ten times what a server process admits."""


class LinkPeer(Peer):
    """A peer whose socket is at the other end. How much waits for it is judged there, where it waits."""

    def __init__(self, side: "RoomSide", number: int) -> None:
        super().__init__(asyncio.get_running_loop().time)
        self.number = number
        self.place: Placed | None = None
        self._side = side

    @override
    def send(self, bundle: Bundle) -> None:
        self._side.deliver(self.number, bundle)

    @override
    def heard(self) -> None:
        self._side.tell(numbered(Kind.HEARD, self.number))

    @override
    def close(self, code: int, reason: str) -> None:
        self._side.tell(packed(Kind.CLOSE, Close(self.number, code, reason)))

    @override
    def pause(self) -> None:
        self._side.tell(numbered(Kind.PAUSE, self.number))

    @override
    def resume(self) -> None:
        self._side.tell(numbered(Kind.RESUME, self.number))

    @override
    def write(self, bundle: Bundle) -> None:
        self.send(bundle)

    @override
    def waiting_bytes(self) -> int:
        return 0


class RoomSide:
    """Serves one link. `received` takes its messages; `lost` is to be called when it is gone."""

    def __init__(self, rooms: Rooms) -> None:
        self.link: Link
        """Set before anything is received."""
        self._rooms = rooms
        self._peers: dict[int, LinkPeer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathered: dict[int, tuple[Bundle, list[int]]] = {}
        self._order: list[tuple[Bundle, list[int]]] = []
        self._size = 0

    @property
    def peers(self) -> int:
        """Peers of the other side that have a place here, or wait for one."""
        return len(self._peers)

    def received(self, kind: Kind, body: bytes) -> None:
        """A message of the other side."""
        match kind:
            case Kind.FRAME:
                number, frame = number_of(body)
                peer = self._peers.get(number)
                if peer is not None and peer.place is not None:
                    peer.place.submit(frame)
            case Kind.JOIN:
                self._start(self._join(unpacked(Join, body)))
            case Kind.LEAVE:
                self._leave(number_of(body)[0])
            case Kind.ASK:
                self._start(self._ask(unpacked(Ask, body)))
            case Kind.EXPEL:
                expelled = unpacked(Expel, body)
                self._rooms.expel(expelled.member, expelled.code, expelled.reason)
            case Kind.REOPEN:
                self._rooms.reopen()
            case Kind.PING:
                figures = self._rooms.figures
                self.tell(packed(Kind.PONG, Pong(figures.rooms, figures.sockets)))
            case _:
                raise LinkBroken(f"{kind.name} does not go this way.")

    def lost(self) -> None:
        """The link is gone, and with it every socket at its other end."""
        for number in list(self._peers):
            self._leave(number)
        for task in self._tasks:
            task.cancel()
        self._order.clear()
        self._gathered.clear()

    # --- what peers are told

    def deliver(self, number: int, bundle: Bundle) -> None:
        """Frames for a peer, told with the others of this turn."""
        last = self._gathered.get(id(bundle))
        if last is None:
            if not self._order:
                asyncio.get_running_loop().call_soon(self._tell_gathered)
            # The bundle is kept with its peers, so that no other takes its id meanwhile.
            last = self._gathered[id(bundle)] = (bundle, [])
            self._order.append(last)
            self._size += bundle.size
        last[1].append(number)
        if self._size > MAX_DELIVERY:
            self._tell_gathered()

    def tell(self, told: bytes) -> None:
        """A message behind whatever was to be delivered before it."""
        self._tell_gathered()
        self.link.send(told)

    def _tell_gathered(self) -> None:
        if not self._order:
            return
        order, self._order, self._size = self._order, [], 0
        self._gathered.clear()
        places: dict[int, int] = {}
        frames: list[bytes] = []
        groups = []
        for bundle, peers in order:
            for frame in bundle.frames:
                if id(frame) not in places:
                    places[id(frame)] = len(frames)
                    frames.append(frame)
            groups.append(Group(peers, [places[id(frame)] for frame in bundle.frames]))
        self.link.send(delivery(frames, groups))

    # --- what peers ask

    async def _join(self, join: Join) -> None:
        if join.peer in self._peers or len(self._peers) >= MAX_PEERS:
            self.tell(packed(Kind.JOIN_REFUSED, failure(join.peer, RoomClosed("There are too many connections."))))
            return
        peer = self._peers[join.peer] = LinkPeer(self, join.peer)
        try:
            place = await self._rooms.seat(join.opinion, join.actor, join.version, peer)
        except (ServerError, DocumentError) as error:
            self._peers.pop(join.peer, None)
            self.tell(packed(Kind.JOIN_REFUSED, failure(join.peer, error)))
            return
        if self._peers.get(join.peer) is not peer:
            place.leave()
            return
        peer.place = place
        self.tell(numbered(Kind.JOINED, join.peer))

    def _leave(self, number: int) -> None:
        peer = self._peers.pop(number, None)
        if peer is not None and peer.place is not None:
            peer.place.leave()

    async def _ask(self, ask: Ask) -> None:
        try:
            answer = await self._rooms.ask(ask.opinion, ask.actor, ask.version, ask.party, ask.key, ask.command)
        except (ServerError, DocumentError) as error:
            self.tell(packed(Kind.ASK_FAILED, failure(ask.ticket, error)))
            return
        self.tell(numbered(Kind.ANSWER, ask.ticket, pack(Answer, answer)))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
