"""Rooms on whichever node owns the Opinion: any server process takes any browser, one of them has its room.

For an Opinion of this node its own rooms are asked; for one of another, the owner, over a link; for a free one, the
node on which all agree (`server.rendezvous`), which takes it then. When an owner is gone, its lease runs out, and
whoever is asked next takes the Opinion over. No browser sees any of this but as a connection that was made anew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

from crdt import protocol
from crdt.step import Answer
from opinions.roles import Actor
from server.errors import RoomClosed, RoomElsewhere, ServerError, SettingsError
from server.links.handshake import LinkListener, LinkRefused, call, link_secret
from server.links.messages import Expel, Kind, message, number_of, numbered, packed
from server.links.room_side import RoomSide
from server.links.socket_side import SocketSide
from server.links.stream import End, Link
from server.ownership import BEATS, Ownership
from server.peers import Bundle, Peer, Placed
from server.placement import OwnRooms, RoomFigures, Rooms
from server.rendezvous import preferred
from server.settings import Settings
from server.signing import SigningKey

SEARCH_SECONDS = 5.0
"""Longest beyond the length of two leases that somebody waits for a place: by then a dead owner has a successor."""
RETRY_SECONDS = 0.05
SETTLED_LEASES = 5.0
"""A node that has run for so many leases' length is given what it is preferred for."""
SILENT_BEATS = BEATS + 1
"""A link that answers nothing for so many beats is cut."""

T = TypeVar("T")

_DRAINING = Bundle((protocol.notice("draining"),))
_log = logging.getLogger("unbracket.cluster")


class NodeLink:
    """This node's link to another, by which it reaches that one's rooms; also the link's end."""

    def __init__(self, node: str, on_lost: Callable[["NodeLink"], None]) -> None:
        self.node = node
        self.rooms = SocketSide()
        self.link: Link | None = None
        self._on_lost = on_lost
        self._unanswered = 0

    async def open(self, secret: bytes, mine: str, address: str) -> None:
        """Connect. Raises `LinkRefused`."""
        self.link = self.rooms.link = await call(secret, mine, self.node, address, self)

    def ping(self) -> None:
        """Ask whether the other side still turns; cut the link when it has not answered for long."""
        assert self.link is not None
        self._unanswered += 1
        if self._unanswered > SILENT_BEATS:
            _log.error("a node does not answer", extra={"node": self.node})
            self.link.drop()
        self.link.send(message(Kind.PING))

    def received(self, kind: Kind, body: bytes) -> None:
        """As `End.received`."""
        if kind is Kind.PONG:
            self._unanswered = 0
        self.rooms.received(kind, body)

    def congested(self, is_congested: bool) -> None:
        """As `End.congested`."""
        self.rooms.congested(is_congested)

    def lost(self) -> None:
        """As `End.lost`."""
        self._on_lost(self)
        self.rooms.lost()


class Visitors:
    """Another node's link to this one: its browsers have places in this node's rooms. Also the link's end."""

    def __init__(self, cluster: "ClusterRooms", link: Link, node: str) -> None:
        self.node = node
        self.link = link
        self._cluster = cluster
        self._side = RoomSide(_OwnedHere(cluster))
        self._side.link = link
        self._heard_at = link.heard_at
        self._silent = 0

    def look(self) -> None:
        """Cut the link when nothing was heard of the other side for long."""
        self._silent = self._silent + 1 if self.link.heard_at == self._heard_at else 0
        self._heard_at = self.link.heard_at
        if self._silent > SILENT_BEATS:
            _log.error("a node is silent", extra={"node": self.node})
            self.link.drop()

    def received(self, kind: Kind, body: bytes) -> None:
        """As `End.received`."""
        if kind is Kind.HAND_OVER:
            ticket, opinion = number_of(body)
            self._cluster.asked_for(opinion.decode(), lambda: self._side.tell(numbered(Kind.ENDED, ticket)))
            return
        self._side.received(kind, body)

    def congested(self, is_congested: bool) -> None:
        """Nothing to be done: the link's own limit ends it."""

    def lost(self) -> None:
        """As `End.lost`."""
        self._cluster.visitors.discard(self)
        self._side.lost()


class ClusterRooms:
    """`server.placement.Rooms` over all nodes. Use it as a context around the node's own rooms.

    `expelled(member)` is called when another node says that a person's rights were taken away.
    """

    def __init__(self, settings: Settings, own: OwnRooms, ownership: Ownership, key: SigningKey) -> None:
        self.own = own
        self.ownership = ownership
        self.expelled: Callable[[str], None] = lambda member: None
        self.visitors: set[Visitors] = set()
        self._settings = settings
        self._secret = link_secret(key)
        self._listener = LinkListener(self._secret, ownership.node, self._welcomed)
        self._links: dict[str, NodeLink] = {}
        self._calling: dict[str, asyncio.Task[NodeLink]] = {}
        self._taking: dict[str, asyncio.Task[bool]] = {}
        self._seen_since: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._handing: asyncio.Task[Any] | None = None
        self._kept: frozenset[str] = frozenset()
        self._draining = False

    async def __aenter__(self) -> Self:
        host = self._settings.link_host
        try:
            port = await self._listener.listen(host, self._settings.link_port)
        except OSError as error:
            raise SettingsError(
                f"Cannot listen for other server processes on {host}:{self._settings.link_port} ({error.strerror}). "
                "Choose another address with UNBRACKET_LINK_HOST and UNBRACKET_LINK_PORT."
            ) from None
        self.ownership.address = self._settings.link_address or f"{f'[{host}]' if ':' in host else host}:{port}"
        self.ownership.taken_away = self._taken_away
        await self.ownership.beat()
        self._start(self.ownership.run())
        self._start(self._mind())
        _log.info("node runs", extra={"node": self.ownership.node, "address": self.ownership.address})
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self.drain()
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        links = [link.link for link in self._links.values()] + [visitors.link for visitors in self.visitors]
        for link in links:
            if link is not None:
                link.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- as `Rooms`

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer) -> Placed:
        """As `Rooms.seat`."""

        async def there(rooms: Rooms) -> Placed:
            return await rooms.seat(opinion, actor, version, peer)

        return await self._at_owner(opinion, there)

    async def ask(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        """As `Rooms.ask`. When the owner is gone meanwhile, the next one is asked: the key keeps it to one time."""

        async def there(rooms: Rooms) -> Answer:
            return await rooms.ask(opinion, actor, version, party, key, command)

        return await self._at_owner(opinion, there)

    def expel(self, member: str, code: int, reason: str) -> None:
        """As `Rooms.expel`, on every node, whether the others hear it by signals or not."""
        self.expel_here(member, code, reason)
        self._start(self._tell_nodes(packed(Kind.EXPEL, Expel(member, code, reason))))

    def reopen(self) -> None:
        """As `Rooms.reopen`, on every node."""
        self.own.reopen()
        self._start(self._tell_nodes(message(Kind.REOPEN)))

    async def drain(self) -> None:
        """As `Rooms.drain`; what this node owned is free for others at once."""
        if self._draining:
            return
        self._draining = self.ownership.draining = True
        await self._try("say that it stops", self.ownership.beat())
        for link in list(self._links.values()):
            link.rooms.dismiss(_DRAINING)
        await self.own.drain()
        await self._try("be struck off", self.ownership.leave())

    @property
    def figures(self) -> RoomFigures:
        """As `Rooms.figures`: of this node's rooms."""
        return self.own.figures

    # --- for other nodes

    def expel_here(self, member: str, code: int, reason: str) -> None:
        """As `expel`, for this node's rooms and sockets alone."""
        self.own.expel(member, code, reason)
        for link in self._links.values():
            link.rooms.shut(member, code, reason)

    async def take(self, opinion: str) -> bool:
        """Whether an Opinion is this node's now, if need be by taking it. Raises `UnknownOpinion`."""
        if self.ownership.has(opinion):
            return True
        if self._draining:
            return False
        # Many may ask at once; the database is asked once.
        if opinion not in self._taking:
            task = self._taking[opinion] = self._start(self.ownership.acquire(opinion))
            task.add_done_callback(lambda _: self._taking.pop(opinion, None))
        return await asyncio.shield(self._taking[opinion])

    async def gather(self, opinions: Sequence[str]) -> None:
        """Make Opinions this node's own, and keep them so until `release`: those of other nodes are handed over, those
        of a dead one run out. Raises `RoomClosed` when that takes too long.
        """
        self._kept = frozenset(opinions)
        try:
            async with asyncio.timeout(SEARCH_SECONDS + 2 * self._settings.lease_seconds):
                for opinion in opinions:
                    await self._gather(opinion)
        except TimeoutError:
            raise RoomClosed("Not every draft Opinion can be had now. Try again in a moment.") from None

    def release(self) -> None:
        """What was gathered may go to other nodes again."""
        self._kept = frozenset()

    def asked_for(self, opinion: str, told: Callable[[], None]) -> None:
        """Another node wants an Opinion of this one: it gets it, unless this one keeps it; `told` is called then."""
        self._start(self._try("hand over", self._give(opinion, told)))

    async def _gather(self, opinion: str) -> None:
        while not await self.take(opinion):
            owner = await self.ownership.owner(opinion)
            if owner is not None and owner.node != self.ownership.node and owner.address:
                with suppress(RoomElsewhere):
                    await (await self._link(owner.node, owner.address)).hand_over(opinion)
                    continue
            await asyncio.sleep(RETRY_SECONDS)

    async def _give(self, opinion: str, told: Callable[[], None]) -> None:
        if self.ownership.has(opinion) and opinion not in self._kept:
            await self._hand_over(opinion)
        told()

    def _welcomed(self, link: Link, node: str) -> End:
        visitors = Visitors(self, link, node)
        self.visitors.add(visitors)
        return visitors

    # --- where an Opinion is

    async def _at_owner(self, opinion: str, there: Callable[[Rooms], Awaitable[T]]) -> T:
        patience = SEARCH_SECONDS + 2 * self._settings.lease_seconds
        wait = RETRY_SECONDS
        try:
            async with asyncio.timeout(patience):
                while True:
                    try:
                        return await there(await self._rooms_of(opinion))
                    except RoomElsewhere:
                        if self._draining:
                            raise RoomClosed("The server restarts. Try again in a moment.") from None
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, self._settings.lease_seconds / 4)
        except TimeoutError:
            raise RoomClosed("The draft Opinion cannot be opened now. Try again in a moment.") from None

    async def _rooms_of(self, opinion: str) -> Rooms:
        """The rooms that have an Opinion's, or may take it. Raises `RoomElsewhere` when that is to be asked again."""
        if self.ownership.has(opinion):
            return self.own
        owner = await self.ownership.owner(opinion)
        if owner is not None:
            if owner.node == self.ownership.node or not owner.address:
                raise RoomElsewhere("The draft Opinion is being handed over.")
            return await self._link(owner.node, owner.address)
        addresses = {node.id: node.address for node in await self.ownership.live_nodes() if not node.draining}
        chosen = preferred(opinion, addresses)
        if chosen is not None and chosen != self.ownership.node:
            try:
                return await self._link(chosen, addresses[chosen])
            except RoomElsewhere:
                _log.warning("a node cannot be reached", extra={"node": chosen})
        if not await self.take(opinion):
            raise RoomElsewhere("Another process has this draft Opinion.")
        return self.own

    async def _link(self, node: str, address: str) -> SocketSide:
        if node in self._links:
            return self._links[node].rooms
        if node not in self._calling:
            task = self._calling[node] = self._start(self._called(node, address))
            task.add_done_callback(lambda _: self._calling.pop(node, None))
        try:
            return (await asyncio.shield(self._calling[node])).rooms
        except LinkRefused as error:
            raise RoomElsewhere(str(error)) from None

    async def _called(self, node: str, address: str) -> NodeLink:
        link = NodeLink(node, self._link_lost)
        await link.open(self._secret, self.ownership.node, address)
        self._links[node] = link
        return link

    def _link_lost(self, link: NodeLink) -> None:
        if self._links.get(link.node) is link:
            del self._links[link.node]

    def _taken_away(self, opinion: str) -> None:
        self._start(self._try("end a room", self.own.end(opinion)))

    # --- by the way

    async def _mind(self) -> None:
        """Every beat: are the links alive, and is there an Opinion that another node should have?"""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / BEATS)
            for link in list(self._links.values()):
                link.ping()
            for visitors in list(self.visitors):
                visitors.look()
            misplaced = self._misplaced()
            if misplaced is not None and not self._draining and (self._handing is None or self._handing.done()):
                self._handing = self._start(self._try("hand over", self._hand_over(misplaced)))

    def _misplaced(self) -> str | None:
        """One Opinion that another node is preferred for, which has run for long enough; one per beat at most."""
        now = asyncio.get_running_loop().time()
        running = {node.id for node in self.ownership.nodes if not node.draining}
        self._seen_since = {node: self._seen_since.get(node, now) for node in running}
        settled = now - SETTLED_LEASES * self._settings.lease_seconds
        places = [node for node, since in self._seen_since.items() if since <= settled]
        if self.ownership.node not in places:
            return None
        held = [opinion for opinion in self.ownership.held if opinion not in self._kept]
        return next((opinion for opinion in held if preferred(opinion, places) != self.ownership.node), None)

    async def _hand_over(self, opinion: str) -> None:
        _log.info("hands over", extra={"opinion": opinion})
        self.ownership.hand_over(opinion)
        await self.own.end(opinion)
        await self.ownership.release(opinion)

    async def _tell_nodes(self, told: bytes) -> None:
        """A message for every other node that runs: at once where there is a link, then to who else there is."""
        linked = dict(self._links)
        for link in linked.values():
            link.rooms.send(told)
        for node in await self.ownership.live_nodes():
            if node.id != self.ownership.node and node.id not in linked:
                self._start(self._tell(node.id, node.address, told))

    async def _tell(self, node: str, address: str, told: bytes) -> None:
        try:
            (await self._link(node, address)).send(told)
        except RoomElsewhere:
            _log.warning("a node was not told", extra={"node": node})

    async def _try(self, what: str, work: Any) -> None:
        try:
            await work
        except ServerError as error:
            _log.error("could not " + what, extra={"reason": type(error).__name__})

    def _start(self, work: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ServerError):
            _log.error("failed beside the rooms", exc_info=error)


class _OwnedHere:
    """This node's rooms for another node's browsers: those of Opinions that it owns, or can take."""

    def __init__(self, cluster: ClusterRooms) -> None:
        self._cluster = cluster

    async def seat(self, opinion: str, actor: Actor, version: int, peer: Peer) -> Placed:
        await self._require(opinion)
        return await self._cluster.own.seat(opinion, actor, version, peer)

    async def ask(
        self, opinion: str, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> Answer:
        await self._require(opinion)
        return await self._cluster.own.ask(opinion, actor, version, party, key, command)

    def expel(self, member: str, code: int, reason: str) -> None:
        self._cluster.expelled(member)
        self._cluster.expel_here(member, code, reason)

    def reopen(self) -> None:
        self._cluster.own.reopen()

    async def drain(self) -> None:
        """No other node stops this one."""

    @property
    def figures(self) -> RoomFigures:
        return self._cluster.own.figures

    async def _require(self, opinion: str) -> None:
        if not await self._cluster.take(opinion):
            raise RoomElsewhere("Another process has this draft Opinion.")
