"""The hot path of sockets: frames are parsed where the bytes arrive, and a batch is one write of shared bytes for each
peer.

`server.entrance` reads the handshake, `server.reception` looks up who it is and gives the peer its place in a room.
Then nothing stands between the transport and the hub: no task, no queue, no poll for each message, which is several
times cheaper than ASGI (performance guide, 3 and 4).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from typing_extensions import override
from websockets.frames import Opcode

from crdt.protocol import MAX_FRAME
from server.deflate import Inflated, inflated
from server.peers import CLOSE_SECONDS, MAX_WAITING_BYTES, Bundle, Peer, Placed

try:
    from websockets.speedups import apply_mask
except ImportError:  # no compiler where it was installed
    from websockets.utils import apply_mask

READ = 16 * 1024
"""Bytes read at once; what is longer takes another turn."""
INFLATED_AT_ONCE = MAX_FRAME
"""Bytes inflated in one turn of the loop; what else was read waits for the next, and nothing is read meanwhile."""
INFLATING = 4 * 1024
"""Bytes that a message counts at least towards them: the least of them costs as much as so many."""
MAX_REASON = 120
"""Bytes of a close frame's reason: a control frame holds 125 with its code."""
MAX_FRAGMENTS = 256
"""Frames that one message may come in: browsers cut at 16 KiB and more, and at nothing's worth of bytes never."""
MAX_CONTROL_BYTES = 125
"""As RFC 6455, 5.5: and such a frame comes in one piece."""
MAX_CONTROL = 64
"""Control frames within `CONTROL_SECONDS`. A browser sends one pong for each of our pings, some every 20 s."""
CONTROL_SECONDS = 10.0
MAX_AFTER_CLOSE = MAX_FRAME
"""Bytes still read of a peer that was told it is closed, to see its answer; what was on its way is less."""
KEEPALIVE_SECONDS = 20.0
"""A socket is pinged this often, and cut off when it does not answer for as long again."""
BEATS = 20
"""Parts of that time in which some of the sockets are pinged, so that a full hall is not pinged all at once."""

_FIN, _DEFLATED, _RESERVED, _MASKED, _CONTROL = 0x80, 0x40, 0x30, 0x80, 0x08


class Pulse:
    """Pings all sockets of the process by one timer, each once in `KEEPALIVE_SECONDS`."""

    def __init__(self, seconds: float = KEEPALIVE_SECONDS) -> None:
        self._every = seconds / BEATS
        self._due: list[set[FanoutSocket]] = [set() for _ in range(BEATS)]
        self._beat = self._last = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, socket: "FanoutSocket") -> None:
        """Ping a socket from now on. Those who come at once are spread over the beats: they will not answer at once."""
        self._last = socket.beat = (self._last + 1) % BEATS
        self._due[socket.beat].add(socket)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._next)

    def drop(self, socket: "FanoutSocket") -> None:
        """Ping it no more; harmless when called again."""
        self._due[socket.beat].discard(socket)

    def _next(self) -> None:
        self._timer = None
        if not any(self._due):
            return
        self._timer = asyncio.get_running_loop().call_later(self._every, self._next)
        self._beat += 1
        ping = (self._beat & 0xFFFFFFFF).to_bytes(4, "big")
        for socket in tuple(self._due[self._beat % BEATS]):
            socket.ping(ping)


class FanoutSocket(Peer, asyncio.Protocol):
    """A peer on the bare transport: an RFC 6455 endpoint, with the extension of RFC 7692 where it was agreed on.

    Made when its handshake was read, and read no further then; `accept` or `refuse` answers that, `open` gives it its
    place in a room, and reads on.
    """

    __slots__ = (
        "_after_close",
        "_closing",
        "_code",
        "_control_frames",
        "_control_since",
        "_cut",
        "_deflated",
        "_deflates",
        "_due",
        "_early",
        "_inflated",
        "_loop",
        "_lost",
        "_on_end",
        "_others",
        "_parts",
        "_parts_size",
        "_paused",
        "_pinged",
        "_place",
        "_pulse",
        "_rest",
        "_transport",
        "_wanted",
        "beat",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, pulse: Pulse, others: set[Any], early: bytes = b"") -> None:
        """`others` are the connections of the process, of which this is one until it is lost; `early` is what came with
        the handshake.
        """
        self._loop = asyncio.get_running_loop()
        super().__init__(self._loop.time)
        self._transport = transport
        self._pulse = pulse
        self._others = others
        self._place: Placed | None = None
        self._on_end: Callable[[int], None] | None = None
        self._early = True
        self._rest = bytearray(early)
        self._wanted = 0
        """Bytes of `_rest` below which there is no whole frame in it."""
        self._due = False
        self._inflated = 0
        self._cut: asyncio.TimerHandle | None = None
        self._deflates = False
        self._parts: list[bytes] | None = None
        self._parts_size = 0
        self._deflated = False
        self._control_frames = 0
        self._control_since = 0.0
        self._after_close = 0
        self._paused = self._closing = self._lost = False
        self._pinged = b""
        self._code = 1006
        self.beat = 0
        others.add(self)
        transport.pause_reading()

    # --- the handshake

    def accept(self, answer: bytes, *, deflates: bool) -> None:
        """Answer the handshake; nothing when the peer is gone. `deflates`: the extension was agreed on."""
        if self._lost:
            return
        self._deflates = deflates
        self._transport.write(answer)

    def refuse(self, answer: bytes) -> None:
        """Answer the handshake with a refusal."""
        self._closing = True
        self._transport.write(answer)
        self._transport.close()

    @property
    def remote(self) -> str:
        """The network address at the other end; empty where there is none."""
        peer = self._transport.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else ""

    def open(self, place: Placed | None, on_end: Callable[[int], None] | None = None) -> None:
        """Hand what arrives, and has arrived, to a place in a room (None: nowhere). `on_end` is told the close code
        when the socket is gone.
        """
        self._place, self._on_end = place, on_end
        self._early = False
        if self._lost:
            self._end()
            return
        if self._closing:
            self._after_close = len(self._rest)
        else:
            self._pulse.add(self)
        self._turn()

    # --- as asyncio's protocol

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        # Whoever still has it writes nothing more.
        self._lost = self._closing = True
        self._others.discard(self)
        self._pulse.drop(self)
        if self._cut is not None:
            self._cut.cancel()
        if not self._early:
            self._end()

    def shutdown(self) -> None:
        """The server stops (uvicorn asks every connection)."""
        if self._early:
            self._transport.close()
        else:
            self.close(1012, "The server restarts. Your text is kept and sent again.")

    def _end(self) -> None:
        place, on_end, self._place, self._on_end = self._place, self._on_end, None, None
        if place is not None:
            place.leave()
        if on_end is not None:
            on_end(self._code)

    def ping(self, payload: bytes) -> None:
        """Ask whether it is there; cut it off when it has not answered the last time."""
        if self._closing or self._transport.is_closing():
            return
        if self._pinged:
            # Nobody reads there any more: closing politely would wait for a buffer that never drains.
            self._transport.abort()
            return
        self._pinged = payload
        self._transport.write(b"\x89\x04" + payload)

    # --- in

    @override
    def data_received(self, data: bytes) -> None:
        """Bytes from the peer: every whole frame in them is handled, the rest is kept."""
        if self._closing:
            self._after_close += len(data)
            if self._after_close > MAX_AFTER_CLOSE:
                self._transport.abort()
                return
        if self._rest or self._early:
            self._rest += data
            if self._early or len(self._rest) < self._wanted:
                return
            data, self._rest = bytes(self._rest), bytearray()
        self._inflated = self._wanted = at = 0
        end = len(data)
        while end - at >= 2 and not self._paused and not self._transport.is_closing():
            if self._inflated >= INFLATED_AT_ONCE:
                self._transport.pause_reading()
                self._go_on()
                break
            first, length, head = data[at], data[at + 1] & 0x7F, 6
            if first & (_RESERVED if self._deflates else _RESERVED | _DEFLATED) or not data[at + 1] & _MASKED:
                return self._fail(1002, "The frame is not one of a browser.")
            if first & _CONTROL and (length > MAX_CONTROL_BYTES or not first & _FIN):
                return self._fail(1002, "The frame is not one of a browser.")
            if length >= 126:
                size = 2 if length == 126 else 8
                head += size
                length = int.from_bytes(data[at + 2 : at + 2 + size], "big") if end - at >= head else 0
            if length > MAX_FRAME:
                return self._fail(1009, f"A message may hold {MAX_FRAME} bytes.")
            start = at + head
            if end < start + length:
                self._wanted = head + length
                break
            at = start + length
            # Once it is closed nobody takes anything, so nothing is looked at but the peer's own close frame.
            if not self._closing or first & 0x0F == Opcode.CLOSE:
                self._frame(first, apply_mask(data[start:at], data[start - 4 : start]))
        if at < end and not self._transport.is_closing():
            self._rest = bytearray(data[at:])

    def _go_on(self) -> None:
        """In the next turn of the loop: handle what is held, and read on."""
        if not self._due:
            self._due = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._due = False
        if self._lost:
            return
        try:
            self.data_received(b"")
        except Exception:
            # As asyncio does where bytes arrive: else nobody would ever read on.
            self._transport.abort()
            raise
        if not (self._paused or self._due):
            self._transport.resume_reading()

    def _frame(self, first: int, payload: bytes) -> None:
        if first & _CONTROL and self._too_many():
            return
        deflated = first & _DEFLATED
        match first & 0x0F:
            case Opcode.BINARY if first & _FIN and not deflated and self._parts is None:
                self._message(payload)
            case Opcode.BINARY if self._parts is None:
                self._parts, self._parts_size, self._deflated = [payload], len(payload), bool(deflated)
                if first & _FIN:
                    self._whole()
            case Opcode.TEXT:
                self._fail(4400, "Frames are binary.")
            case _ if deflated:
                self._fail(1002, "Only a message can be deflated, and that from its first frame.")
            case Opcode.CONT if self._parts is not None:
                self._parts.append(payload)
                self._parts_size += len(payload)
                if self._parts_size > MAX_FRAME or len(self._parts) > MAX_FRAGMENTS:
                    self._fail(1009, f"A message may hold {MAX_FRAME} bytes, in {MAX_FRAGMENTS} frames.")
                elif first & _FIN:
                    self._whole()
            case Opcode.PING:
                self._transport.write(bytes((0x8A, len(payload))) + payload)
            case Opcode.PONG:
                if payload == self._pinged:
                    self._pinged = b""
            case Opcode.CLOSE:
                self._closed_by_peer(payload)
            case _:
                self._fail(1002, "The frame is not one of a browser.")

    def _whole(self) -> None:
        """All of a message in parts, or of a deflated one, is there."""
        assert self._parts is not None
        message, self._parts = b"".join(self._parts), None
        if self._place is None:
            return
        if not self._deflated:
            self._message(message)
            return
        found = inflated(message, MAX_FRAME)
        if isinstance(found, bytes):
            self._inflated += max(len(found), INFLATING)
            self._message(found)
        elif found is Inflated.TOO_LARGE:
            self._fail(1009, f"A message may hold {MAX_FRAME} bytes.")
        else:
            self._fail(1002, "The frame cannot be inflated.")

    def _too_many(self) -> bool:
        """Counts a control frame: each costs an answer that nothing else meters."""
        now = self._loop.time()
        if now - self._control_since > CONTROL_SECONDS:
            self._control_frames, self._control_since = 0, now
        self._control_frames += 1
        if self._control_frames <= MAX_CONTROL:
            return False
        self._fail(4429, "Too many pings.")
        return True

    def _message(self, payload: bytes) -> None:
        if self._place is not None and not self._closing:
            self._place.submit(payload)

    def _closed_by_peer(self, payload: bytes) -> None:
        if not self._closing:
            self._code = int.from_bytes(payload[:2], "big") if payload else 1005
            if payload and not _may_be_sent(self._code):
                return self._fail(1002, "This is no close code.")
            self._say_closed(payload[:2])
        self._transport.close()

    def _fail(self, code: int, reason: str) -> None:
        self.close(code, reason)
        self._transport.close()

    # --- out

    @override
    def waiting_bytes(self) -> int:
        return self._transport.get_write_buffer_size()

    @override
    def send(self, bundle: Bundle) -> None:
        # A thousand times for every batch of a plenary: nothing waits, nothing to weigh.
        if self._deaf or bundle.is_weighty or self._transport.get_write_buffer_size():
            super().send(bundle)
            return
        self._limit, self._writes = MAX_WAITING_BYTES, 1
        if not self._closing:
            self._transport.write(bundle.wire)

    @override
    def write(self, bundle: Bundle) -> None:
        if not self._closing:
            self._transport.write(bundle.deflated if self._deflates else bundle.wire)

    @override
    def close(self, code: int, reason: str) -> None:
        if self._closing:
            return
        self._code = code
        self._say_closed(code.to_bytes(2, "big") + reason.encode()[:MAX_REASON].decode(errors="ignore").encode())
        self.resume()  # to see the peer's close frame

    def _say_closed(self, body: bytes) -> None:
        """The last frame. Whoever does not take it, or not answer it, is cut off: its place is somebody else's."""
        self._closing = True
        self._pulse.drop(self)
        self._transport.write(b"\x88" + bytes((len(body),)) + body)
        self._cut = self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    def give_up(self) -> None:
        """As `server.half_open.Waited`: whoever was signed out has been told, and does not go."""
        self._transport.abort()

    @override
    def pause(self) -> None:
        if not self._paused and not self._closing:
            self._paused = True
            self._transport.pause_reading()

    @override
    def resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self._early:
                self._go_on()


def _may_be_sent(code: int) -> bool:
    """Whether RFC 6455 (7.4) lets an endpoint send this close code."""
    return (1000 <= code <= 1014 and code not in {1004, 1005, 1006}) or 3000 <= code < 5000
