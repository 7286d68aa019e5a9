"""One connected browser as the hub sees it, be it by a socket or by requests: a bounded way out, a metered way in.

Outbound: whatever the kernel does not take at once waits, up to a limit; past it the peer is told `resync`
and gets nothing more until its next HELLO, and is closed the second time within a minute (crdt/SPEC.md, W10).
A room never waits for a reader. Inbound: over the rate, or with too much waiting for the room, the socket is
read more slowly; honest work is never refused (design, settled 12).
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from crdt import protocol
from crdt.step import PeerId
from opinions.roles import Actor
from server.deflate import deflated

MAX_WAITING_BYTES = 256 * 1024
"""Bytes that may wait for a peer beyond the socket's own buffer: some seconds of a busy plenary on a slow
line.
"""
MAX_WAITING_WRITES = 64
"""Writes that may wait for a peer: at the busiest (one per 50 ms) three seconds in which it read nothing."""
CLOSE_SECONDS = 10.0
"""A peer that does not answer its close frame within this is cut off."""
STRIKE_SECONDS = 60.0
"""A second overflow within this closes the peer."""
STATE_SECONDS = 5.0
"""A whole text's messages are forgotten once nobody got them for this long."""
LARGE = 16 * 1024
"""Bytes from which a frame is a write of its own, and worth deflating."""

_HELLO = protocol.varuint(protocol.ClientFrame.HELLO)
_SYNC = protocol.varuint(protocol.ServerFrame.SYNC)
_REFUSED = protocol.varuint(protocol.ServerFrame.REFUSED)


class Bundle:
    """Frames that go out together, in order; their WebSocket messages are made once for all who get them."""

    __slots__ = ("_deflated", "_wire", "frames", "is_large", "is_refusal", "is_state", "is_weighty", "size")

    def __init__(self, frames: Sequence[bytes]) -> None:
        self.frames = tuple(frames)
        self.size = sum(map(len, self.frames))
        self.is_state = any([frame[:1] == _SYNC for frame in self.frames])
        self.is_refusal = any([frame[:1] == _REFUSED for frame in self.frames])
        self.is_large = self.size > MAX_WAITING_BYTES
        """Whether it is more by itself than may wait: what a document brought in at once tells."""
        self.is_weighty = self.is_state or self.size >= LARGE
        """Whether there is more to be thought of than to send it."""
        self._wire = self._deflated = b""

    @property
    def wire(self) -> bytes:
        """The frames as unmasked binary messages of RFC 6455, one after the other."""
        if not self._wire:
            self._wire = b"".join(map(_message, self.frames))
        return self._wire

    @property
    def deflated(self) -> bytes:
        """The same for peers with whom permessage-deflate was agreed on: large frames are deflated, once for all of
        them; small ones are not, for they gain little and each would have to be deflated by itself.
        """
        if self.size < LARGE:
            return self.wire
        if not self._deflated:
            self._deflated = b"".join(map(_deflated_message, self.frames))
        return self._deflated


class States:
    """The bundle of a whole text that many get one after the other, in several turns: its wire is made once, and kept
    as long as somebody gets it every few seconds. Belongs to one event loop.
    """

    __slots__ = ("_is_wanted", "_last", "_timer")

    def __init__(self) -> None:
        self._last: Bundle | None = None
        self._is_wanted = False
        self._timer: asyncio.TimerHandle | None = None

    def bundle(self, frame: bytes) -> Bundle:
        """The bundle of this frame alone: the very same as the last time for the same text."""
        if self._last is not None and self._last.frames[0] == frame:
            self._is_wanted = True
            return self._last
        bundle = Bundle((frame,))
        if bundle.is_state:
            self._last, self._is_wanted = bundle, True
            if self._timer is None:
                self._look()
        return bundle

    def _look(self) -> None:
        """Three copies of a long text are not kept for a hall that has come in long ago."""
        self._timer = None
        if not self._is_wanted:
            self._last = None
            return
        self._is_wanted = False
        self._timer = asyncio.get_running_loop().call_later(STATE_SECONDS, self._look)


def _message(payload: bytes, first: int = 0x82) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65536:
        return bytes((first, 0x7E)) + length.to_bytes(2, "big") + payload
    return bytes((first, 0x7F)) + length.to_bytes(8, "big") + payload


def _deflated_message(payload: bytes) -> bytes:
    if len(payload) >= LARGE and len(smaller := deflated(payload)) < len(payload):
        return _message(smaller, 0xC2)
    return _message(payload)


def _refusals(bundle: Bundle) -> Iterator[str]:
    """The codes of the refusals in a bundle."""
    for frame in bundle.frames:
        if frame[:1] == _REFUSED:
            reader = protocol.Reader(frame)
            _, _, told = reader.varuint(), reader.varuint(), json.loads(reader.varstring())
            yield str(told.get("code", ""))


_RESYNC = Bundle((protocol.notice("resync"),))


class Placed(Protocol):
    """Where a peer's frames go."""

    def submit(self, frame: bytes) -> None:
        """A frame came; never waits."""

    def leave(self) -> None:
        """The socket is gone; harmless when called again."""


class Peer(ABC):
    """A socket. The hub calls `send`, `close`, `pause` and `resume`; none of them waits."""

    __slots__ = ("_clock", "_deaf", "_limit", "_struck_at", "_writes", "on_refused")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._limit = MAX_WAITING_BYTES
        self._writes = 0
        self._deaf = False
        self._struck_at = -STRIKE_SECONDS
        self.on_refused: Callable[[str], None] | None = None
        """Told the code of each refusal that is sent."""

    def send(self, bundle: Bundle) -> None:
        """Queue frames in order; all of them, or, past the limit, none of these and of what follows."""
        if bundle.is_refusal and self.on_refused is not None:
            for code in _refusals(bundle):
                self.on_refused(code)
        if self._deaf:
            return
        waiting = self.waiting_bytes()
        if waiting == 0:
            self._limit, self._writes = MAX_WAITING_BYTES, 0
        if waiting > self._limit or self._writes >= MAX_WAITING_WRITES:
            self._overflow()
            return
        if bundle.is_state or (bundle.is_large and waiting <= MAX_WAITING_BYTES):
            # A slow line may take its time for a whole document, or one large change of it; only what piles up behind
            # it counts. A second large one behind the first has no such right, or who never reads would hold them all.
            self._limit += bundle.size
        self._writes += 1
        self.write(bundle)

    def heard(self) -> None:
        """The peer said HELLO: it is told everything again."""
        self._deaf = False

    def confirmed(self, waiting: Collection[Bundle]) -> None:
        """For a peer that says what has arrived: only these still wait, and count against the limits."""
        self._writes = len(waiting)
        states = sum(bundle.size for bundle in waiting if bundle.is_state)
        large = next((bundle.size for bundle in waiting if bundle.is_large and not bundle.is_state), 0)
        self._limit = MAX_WAITING_BYTES + states + large

    def _overflow(self) -> None:
        now = self._clock()
        if now - self._struck_at < STRIKE_SECONDS:
            self.close(4408, "This connection is too slow to follow. It will be tried again.")
            return
        self._struck_at = now
        self._deaf = True
        self._writes = 0
        self.write(_RESYNC)

    @abstractmethod
    def waiting_bytes(self) -> int:
        """Bytes accepted by `write` that the kernel has not taken yet."""

    @abstractmethod
    def write(self, bundle: Bundle) -> None:
        """Hand frames to the transport, in order."""

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """Close the socket with a code of crdt/SPEC.md, W11. What is queued before goes out first."""

    @abstractmethod
    def pause(self) -> None:
        """Stop reading the socket until `resume`."""

    @abstractmethod
    def resume(self) -> None:
        """Read the socket again."""


class Meter:
    """A token bucket: how long to stop reading so that a connection keeps to its rate."""

    __slots__ = ("_at", "_burst", "_per_second", "_tokens")

    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> float:
        """Count one frame; the seconds to wait before the next may be read, 0 within the rate."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second) - 1
        self._at = now
        return max(0.0, -self._tokens / self._per_second)


MAX_UNREAD_FRAMES = 64
"""Frames of one connection that may wait for its room before the socket is read no further."""
MAX_UNREAD_BYTES = 2 * protocol.MAX_FRAME
"""Bytes of the same; twice the largest frame."""
HELLO_SECONDS = 10.0
"""A connection that has not said HELLO by then is closed (W1); traffic does not extend it."""
BURST_SECONDS = 3.0
"""A connection may send this many seconds' worth of frames at once: a paste, or what gathered while it was
away.
"""


class Seat:
    """A peer's place in a room: who sits there, and how fast the socket is read."""

    __slots__ = (
        "_bytes", "_deadline", "_empty", "_fast", "_frames", "_full", "_loop", "_meter", "_timer", "actor", "number",
        "peer", "version",
    )  # fmt: skip

    def __init__(self, number: PeerId, peer: Peer, actor: Actor, version: int, per_second: float) -> None:
        self.number = number
        self.peer = peer
        self.actor = actor
        self.version = version
        self._loop = asyncio.get_running_loop()
        self._meter = Meter(per_second, per_second * BURST_SECONDS, self._loop.time())
        self._frames = self._bytes = 0
        self._full = self._fast = self._empty = False
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = self._loop.call_later(HELLO_SECONDS, self._late)

    def arrived(self, frame: bytes) -> None:
        """Count a frame in; stops the reading when the room or the rate asks for it."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._frames += 1
        self._bytes += len(frame)
        wait = self._meter.take(self._loop.time())
        if wait and not self._fast:
            self._fast = True
            self._timer = self._loop.call_later(wait, self._slowed)
            self.peer.pause()
        if not self._full and (self._frames >= MAX_UNREAD_FRAMES or self._bytes >= MAX_UNREAD_BYTES):
            self._full = True
            self.peer.pause()

    def taken(self, frame: bytes) -> None:
        """The room took a frame; reads on when there is room again."""
        self._frames -= 1
        self._bytes -= len(frame)
        if frame[:1] == _HELLO and not self._empty:
            self.peer.heard()
        if self._full and self._frames <= MAX_UNREAD_FRAMES // 2 and self._bytes <= MAX_UNREAD_BYTES // 2:
            self._full = False
            self._resume()

    def leave(self) -> None:
        """Forget the timers; the seat is empty."""
        self._empty = True
        for timer in (self._timer, self._deadline):
            if timer is not None:
                timer.cancel()
        self._timer = self._deadline = None

    def _slowed(self) -> None:
        self._fast = False
        self._resume()

    def _resume(self) -> None:
        if not (self._fast or self._full or self._empty):
            self.peer.resume()

    def _late(self) -> None:
        self._deadline = None
        self.peer.close(4400, "No HELLO came in time.")
