"""A channel: what stands in for a socket where WebSockets are blocked, made of requests (crdt/SPEC.md, W12).

To its room it is a peer like any other. What is sent to it is kept until a poll confirms it, so an answer lost on the
way is given again; what comes up is counted, so a body that arrives twice is taken once. A channel lives in one
process, whose name stands in its id, and belongs to the session that opened it.
"""

import asyncio
import logging
import secrets
import time
from base64 import b32encode
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from hmac import compare_digest

from typing_extensions import override

from crdt import parcels
from crdt.errors import ProtocolError
from crdt.parcels import Closing
from opinions.roles import Actor
from server.hub import Hub, Place
from server.peers import CLOSE_SECONDS, Bundle, Peer, Placed

HOLD_SECONDS = 20.0
"""A poll is held this long when there is nothing to tell: proxies cut what is silent for half a minute."""
SHORT_HOLD_SECONDS = 1.0
ROOMY = 4
"""Channels of one session whose polls are held long. A browser opens six connections to a host, and a page must find
one for what it sends: with more channels than this, polls are held shortly and make way for each other."""
UNPOLLED_SECONDS = 30.0
"""A channel that nobody polls for so long is gone."""
GAP_SECONDS = 0.1
"""Between two answers of a channel: a busy room is told ten times a second, not in a request for every frame."""
GAP_PER_CHANNEL = 0.002
"""The gap for each channel of the process, twice what a poll costs: with many, polls take half of its time at most."""
LONGEST_GAP_SECONDS = 2.0
MAX_POSTS = 4
"""Bodies of one channel that may wait to be read; an honest client has one under way, and one after a lost answer."""

_log = logging.getLogger("unbracket.channel")


class Channel(Peer):
    """A peer on requests that come and go. `answer` is a poll's, `take` a body's; both end well when it is over."""

    def __init__(self, id: str, opinion: str, owner: bytes, gap: Callable[[], float]) -> None:
        """`gap()` is how many seconds at least lie between two answers now."""
        self._loop = asyncio.get_running_loop()
        super().__init__(self._loop.time)
        self.id = id
        self.opinion = opinion
        self.owner = owner
        self.closing: Closing | None = None
        """Why it is over; None while it is not."""
        self._place: Placed | None = None
        self._kept: deque[Bundle] = deque()
        self._bytes = 0
        self._confirmed = 0
        self._taken = 0
        self._posts = 0
        self._posting = asyncio.Lock()
        # Nothing is read before the place is taken.
        self._reading = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self._waking: asyncio.TimerHandle | None = None
        self._gap = gap
        self._answered_at = -LONGEST_GAP_SECONDS
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._told, self._left = asyncio.Event(), asyncio.Event()
        self._unpolled = self._loop.call_later(UNPOLLED_SECONDS, self._forgotten)

    async def serve(self, place: Placed | None) -> int:
        """Hand what arrives to a place in a room until the channel is over; its close code."""
        self._place = place
        self.resume()
        return await self._ended

    async def told(self) -> None:
        """Wait until the end of the channel was fetched."""
        await self._told.wait()

    async def left(self) -> None:
        """Wait until nobody is there any more who could be told the end, also once more."""
        await self._left.wait()

    # --- in

    async def take(self, read: Callable[[], Awaitable[bytes]]) -> None:
        """Hand the frames of one body to the place, those that came before excepted; waits while it is not to be read.

        Bodies are taken one after the other, and read only when it is their turn. Afterwards `closing` may be set.
        """
        if self._posts >= MAX_POSTS:
            self.close(4429, "This page sends faster than it waits for answers.")
            return
        self._posts += 1
        try:
            async with self._posting:
                if self.closing is None:
                    await self._take(await read())
        except ProtocolError as error:
            self.close(4400, str(error))
        finally:
            self._posts -= 1

    async def _take(self, body: bytes) -> None:
        parcel = parcels.unpacked(body)
        if not parcel.first:
            self.end(1001, "The page was left.")
            return
        if parcel.first > self._taken + 1:
            raise ProtocolError("Frames are missing before these.")
        for number, frame in enumerate(parcel.frames, parcel.first):
            await self._reading.wait()
            if self.closing is not None:
                return
            if number > self._taken:
                self._taken = number
                if self._place is not None:
                    self._place.submit(frame)

    @override
    def pause(self) -> None:
        if self.closing is None:
            self._reading.clear()

    @override
    def resume(self) -> None:
        self._reading.set()

    # --- out

    async def answer(self, after: int, hold: float, gone: "asyncio.Future[None]") -> bytes:
        """The frames after number `after`, as soon as there are any; none of them after `hold` seconds, when another
        poll takes this one's place, or when the client is `gone`. What is answered is kept until a later poll's
        `after` confirms it.
        """
        if not self._confirm(after):
            # A poll that was overtaken: the one that counts asks already.
            return parcels.packed(after + 1, ())
        self._wake()
        poll = self._poll = self._loop.create_future()
        self._unpolled.cancel()
        try:
            if self._kept or self.closing is not None:
                self._wake_soon()
            await asyncio.wait((poll, gone), timeout=hold, return_when=asyncio.FIRST_COMPLETED)
            if self._poll is not poll:
                return parcels.packed(after + 1, ())
        finally:
            if self._poll is poll:
                self._poll = None
                if self.closing is None:
                    self._unpolled = self._loop.call_later(UNPOLLED_SECONDS, self._forgotten)
        self._answered_at = self._loop.time()
        if self.closing is not None:
            self._told.set()
        frames = [frame for bundle in self._kept for frame in bundle.frames]
        return parcels.packed(self._confirmed + 1, frames, self.closing)

    def _confirm(self, after: int) -> bool:
        """Let go of what has arrived. False when another poll has confirmed more already."""
        while self._kept and self._confirmed + len(self._kept[0].frames) <= after:
            bundle = self._kept.popleft()
            self._confirmed += len(bundle.frames)
            self._bytes -= bundle.size
        if self._confirmed < after:
            self.close(4400, "A poll confirms frames that were not sent.")
            return True
        self.confirmed(self._kept)
        return self._confirmed == after

    def _wake_soon(self) -> None:
        if self._poll is not None and self._waking is None:
            at = self._loop.time() if self.closing else max(self._loop.time(), self._answered_at + self._gap())
            self._waking = self._loop.call_at(at, self._wake)

    def _wake(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    @override
    def waiting_bytes(self) -> int:
        return self._bytes

    @override
    def write(self, bundle: Bundle) -> None:
        if self.closing is None:
            self._kept.append(bundle)
            self._bytes += bundle.size
            self._wake_soon()

    # --- the end

    @override
    def close(self, code: int, reason: str) -> None:
        if self.closing is not None:
            return
        self.closing = Closing(code, reason)
        self._unpolled.cancel()
        self._reading.set()
        self._wake()
        if not self._ended.done():
            self._ended.set_result(code)

    def end(self, code: int, reason: str) -> None:
        """Close it where nobody waits to be told: the client has left, or has opened another instead."""
        self.close(code, reason)
        self._told.set()
        self._left.set()

    def _forgotten(self) -> None:
        self.end(1006, "Nobody polled.")


class Channels:
    """The open channels of a process. Their ids begin with its name, `node`, so that one can tell whose they are."""

    def __init__(self, node: str = "n") -> None:
        self._node = node
        self._open: dict[str, Channel] = {}
        self._owned: Counter[bytes] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, id: str, opinion: str, owner: bytes) -> Channel | None:
        """The channel of this id, if it is of this process, Opinion and session; nobody else learns that it is there.

        The one place where a channel is looked up: a request for another process's would be passed on here.
        """
        channel = self._open.get(id)
        if channel is None or channel.opinion != opinion or not compare_digest(channel.owner, owner):
            return None
        return channel

    async def open(
        self,
        hub: Hub,
        opinion: str,
        actor: Actor,
        version: int,
        looked_up: int,
        owner: bytes,
        watch: Callable[[Place, Peer], None] = lambda place, peer: None,
    ) -> Channel:
        """A new channel with a place in the Opinion's room; parameters and errors are those of `Hub.seat`. `watch` is
        told of both before anything passes.
        """
        id = f"{self._node}-{b32encode(secrets.token_bytes(20)).decode().lower()}"
        channel = Channel(id, opinion, owner, self._gap)
        try:
            place = await hub.seat(opinion, actor, version, channel, looked_up)
        except BaseException:
            channel.end(1013, "There is no place for it.")
            raise
        watch(place, channel)
        self._open[id] = channel
        self._owned[owner] += 1
        task = asyncio.create_task(self._stay(channel, place, {"opinion": opinion, "member": actor.member}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return channel

    def hold(self, owner: bytes) -> float:
        """Seconds that a poll of this session is held now."""
        return HOLD_SECONDS if self._owned[owner] <= ROOMY else SHORT_HOLD_SECONDS

    def _gap(self) -> float:
        return min(LONGEST_GAP_SECONDS, max(GAP_SECONDS, GAP_PER_CHANNEL * len(self._open)))

    async def all_told(self, seconds: float) -> None:
        """Wait until the clients of closed channels have fetched the end, at most so long."""
        waiting = [asyncio.ensure_future(one.told()) for one in self._open.values() if one.closing is not None]
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)
        for one in waiting:
            one.cancel()

    async def _stay(self, channel: Channel, place: Place, fields: dict[str, object]) -> None:
        """The life of a channel: in its place, and then in the list for as long as its client may ask how it ended."""
        opened = time.monotonic()
        _log.info("channel open", extra=fields)
        try:
            code = await channel.serve(place)
        finally:
            place.leave()
        _log.info("channel closed", extra={**fields, "code": code, "seconds": round(time.monotonic() - opened, 1)})
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await channel.left()
        except TimeoutError:
            pass
        finally:
            del self._open[channel.id]
            self._owned -= Counter((channel.owner,))
