"""Links inside a test's own process: two ends on a pair of sockets, and the sides of the server on them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from server.links.messages import Kind
from server.links.room_side import RoomSide
from server.links.socket_side import SocketSide
from server.links.store import LinkedStore, StoreSide
from server.links.stream import End, Link
from server.placement import Rooms
from server.room_store import RoomStore


@dataclass
class Ear:
    """An end that notes what it hears."""

    heard: list[tuple[Kind, bytes]] = field(default_factory=list)
    congestion: list[bool] = field(default_factory=list)
    is_lost: bool = False

    def received(self, kind: Kind, body: bytes) -> None:
        """As `End.received`."""
        self.heard.append((kind, body))

    def congested(self, is_congested: bool) -> None:
        """As `End.congested`."""
        self.congestion.append(is_congested)

    def lost(self) -> None:
        """As `End.lost`."""
        self.is_lost = True


@dataclass(frozen=True)
class Pair:
    """Both ends of a link, and the transport of the second."""

    one: Link
    other: Link
    transport: asyncio.Transport


@asynccontextmanager
async def linked(one: End, other: End, max_waiting: int = 2**26) -> AsyncIterator[Pair]:
    """A link between two ends."""
    loop = asyncio.get_running_loop()
    sockets = socket.socketpair()
    links = Link(one, max_waiting=max_waiting), Link(other)
    await loop.create_connection(lambda: links[0], sock=sockets[0])
    transport, _ = await loop.create_connection(lambda: links[1], sock=sockets[1])
    try:
        yield Pair(*links, transport)
    finally:
        for link in links:
            link.drop()
        # A dropped transport closes its socket in the next turn.
        await asyncio.sleep(0)


class _RoomsEnd(Ear):
    """The end where rooms are."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self.side = RoomSide(rooms)

    def received(self, kind: Kind, body: bytes) -> None:
        self.side.received(kind, body)

    def lost(self) -> None:
        super().lost()
        self.side.lost()


class _StoreEnd(Ear):
    """The end where the record is, or where it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.side: StoreSide | None = None
        self.store: LinkedStore | None = None

    def received(self, kind: Kind, body: bytes) -> None:
        if self.side is not None:
            self.side.received(body)
        elif self.store is not None:
            self.store.received(kind, body)


@asynccontextmanager
async def linked_rooms(rooms: Rooms) -> AsyncIterator[tuple[SocketSide, Pair]]:
    """Rooms as they are seen from the other end of a link."""
    near, far = SocketSide(), _RoomsEnd(rooms)
    async with linked(near, far) as pair:
        near.link, far.side.link = pair.one, pair.other
        yield near, pair


@asynccontextmanager
async def linked_store(store: RoomStore) -> AsyncIterator[LinkedStore]:
    """A store as a room process has it."""
    near, far = _StoreEnd(), _StoreEnd()
    async with linked(near, far) as pair:
        near.store = LinkedStore(pair.one)
        far.side = StoreSide(store)
        far.side.link = pair.other
        yield near.store
