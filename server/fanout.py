"""The hot path of sockets: uvicorn's WebSocket protocol with the frames taken out of its hands after the handshake.

Handshake, session and permission go through Starlette as ever. Then `opinion_socket` finds the protocol object in the
scope and attaches a place in a room: bytes are parsed here and handed to the hub in the same call, and a batch is one
write of shared bytes for each peer. Against a task, a queue and two polls per message this is several times cheaper
(performance guide, 3 and 4). It leans on uvicorn's internals, hence the exact version in the lock.
"""

import asyncio
from typing import Any, cast

from starlette.types import Scope
from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

from crdt.protocol import MAX_FRAME
from server.peers import CLOSE_SECONDS, MAX_WAITING_BYTES, Bundle, Peer, Placed

try:
    from websockets.speedups import apply_mask
except ImportError:  # no compiler where it was installed
    from websockets.utils import apply_mask

EXTENSION = "unbracket.fanout"
READ = 16 * 1024
"""Bytes read at once; what is longer takes another turn."""
MAX_REASON = 120
"""Bytes of a close frame's reason: a control frame holds 125 with its code."""
MAX_FRAGMENTS = 256
"""Frames that one message may come in: browsers cut at 16 KiB and more, and at nothing's worth of bytes never."""
MAX_CONTROL = 64
"""Control frames within `CONTROL_SECONDS`. A browser sends one pong for each of our pings, some every 20 s."""
CONTROL_SECONDS = 10.0
MAX_AFTER_CLOSE = MAX_FRAME
"""Bytes still read of a peer that was told it is closed, to see its answer; what was on its way is less."""

_FIN, _RESERVED, _MASKED, _CONTROL = 0x80, 0x70, 0x80, 0x08


class FanoutProtocol(WebSocketsSansIOProtocol):
    """Give this class to `uvicorn.Config(ws=...)`. Until a place is attached it is uvicorn's own."""

    socket: "FanoutSocket | None" = None
    _early: bytes = b""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio makes room for 256 KiB at every read; a keystroke is sixty bytes, and the making costs more than it.
        if hasattr(transport, "max_size"):
            transport.max_size = READ

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self

    @override
    def data_received(self, data: bytes) -> None:
        if self.socket is not None:
            self.socket.feed(data)
        elif self.handshake_complete and not self.close_sent:
            # After the handshake, before the room is open: uvicorn's parser must not see a frame that ours will read.
            self._early += data
            if len(self._early) > 2 * MAX_FRAME:
                self.transport.pause_reading()
        else:
            super().data_received(data)

    def taken_over(self, socket: "FanoutSocket") -> None:
        """From here on all bytes are the socket's."""
        self.socket = socket
        early, self._early = self._early, b""
        socket.feed(early)

    @override
    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # Nobody reads there any more: closing politely would wait for a buffer that never drains.
        self.transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.socket is not None:
            self.socket.gone()


class FanoutSocket(Peer):
    """A peer on the bare transport: an RFC 6455 endpoint without extensions."""

    def __init__(self, protocol: FanoutProtocol) -> None:
        super().__init__(protocol.loop.time)
        self._protocol = protocol
        self._transport = protocol.transport
        self._place: Placed | None = None
        self._rest = b""
        self._parts: list[bytes] | None = None
        self._parts_size = 0
        self._control_frames = 0
        self._control_since = protocol.loop.time()
        self._after_close = 0
        self._paused = False
        self._code = 1006
        self._ended: asyncio.Future[None] = protocol.loop.create_future()

    @classmethod
    def over(cls, scope: Scope) -> "FanoutSocket | None":
        """The socket over the protocol that serves this request; None under another server."""
        protocol = scope.get("extensions", {}).get(EXTENSION)
        return cls(protocol) if isinstance(protocol, FanoutProtocol) else None

    @override
    async def serve(self, place: Placed | None) -> int:
        self._place = place
        if self._protocol.disconnected:
            self.gone()
        elif not self._protocol.close_sent:
            self._transport.resume_reading()
        self._protocol.taken_over(self)
        await self._ended
        return self._code

    def gone(self) -> None:
        """The connection is lost."""
        if not self._ended.done():
            self._ended.set_result(None)
        if self._place is not None:
            self._place.leave()

    # --- in

    def feed(self, data: bytes) -> None:
        """Bytes from the peer: every whole frame in them is handled, the rest is kept."""
        if self._protocol.close_sent:
            self._after_close += len(data)
            if self._after_close > MAX_AFTER_CLOSE:
                self._transport.abort()
                return
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while end - at >= 2 and not self._paused and not self._transport.is_closing():
            first, length, head = data[at], data[at + 1] & 0x7F, 6
            if first & _RESERVED or not data[at + 1] & _MASKED:
                return self._fail(1002, "The frame is not one of a browser.")
            if length >= 126:
                size = 2 if length == 126 else 8
                head += size
                length = int.from_bytes(data[at + 2 : at + 2 + size], "big") if end - at >= head else 0
            if length > MAX_FRAME:
                return self._fail(1009, f"A message may hold {MAX_FRAME} bytes.")
            start = at + head
            if end < start + length:
                break
            at = start + length
            self._frame(first, apply_mask(data[start:at], data[start - 4 : start]))
        self._rest = data[at:]

    def _frame(self, first: int, payload: bytes) -> None:
        if first & _CONTROL and self._too_many():
            return
        match first & 0x0F:
            case Opcode.BINARY if first & _FIN and self._parts is None:
                self._message(payload)
            case Opcode.BINARY if self._parts is None:
                self._parts, self._parts_size = [payload], len(payload)
            case Opcode.CONT if self._parts is not None:
                self._parts.append(payload)
                self._parts_size += len(payload)
                if self._parts_size > MAX_FRAME or len(self._parts) > MAX_FRAGMENTS:
                    self._fail(1009, f"A message may hold {MAX_FRAME} bytes, in {MAX_FRAGMENTS} frames.")
                elif first & _FIN:
                    whole, self._parts = b"".join(self._parts), None
                    self._message(whole)
            case Opcode.TEXT:
                self._fail(4400, "Frames are binary.")
            case Opcode.PING if first & _FIN and len(payload) < 126:
                self._transport.write(bytes((0x8A, len(payload))) + payload)
            case Opcode.PONG if first & _FIN:
                self._protocol.handle_pong(Frame(Opcode.PONG, payload))
            case Opcode.CLOSE:
                self._closed_by_peer(payload)
            case _:
                self._fail(1002, "The frame is not one of a browser.")

    def _too_many(self) -> bool:
        """Counts a control frame: each costs an answer that nothing else meters."""
        now = self._protocol.loop.time()
        if now - self._control_since > CONTROL_SECONDS:
            self._control_frames, self._control_since = 0, now
        self._control_frames += 1
        if self._control_frames <= MAX_CONTROL:
            return False
        self._fail(4429, "Too many pings.")
        return True

    def _message(self, payload: bytes) -> None:
        if self._place is not None and not self._protocol.close_sent:
            self._place.submit(payload)

    def _closed_by_peer(self, payload: bytes) -> None:
        if not self._protocol.close_sent:
            self._code = int.from_bytes(payload[:2], "big") if payload else 1005
            if payload and not _may_be_sent(self._code):
                return self._fail(1002, "This is no close code.")
            self._protocol.close_sent = True
            self._transport.write(b"\x88" + bytes((len(payload[:2]),)) + payload[:2])
        self._transport.close()

    def _fail(self, code: int, reason: str) -> None:
        self._rest = b""
        self.close(code, reason)
        self._transport.close()

    # --- out

    @override
    def waiting_bytes(self) -> int:
        return self._transport.get_write_buffer_size()

    @override
    def send(self, bundle: Bundle) -> None:
        # A thousand times for every batch of a plenary: nothing waits, nothing to weigh.
        if self._deaf or bundle.is_state or self._transport.get_write_buffer_size():
            super().send(bundle)
            return
        self._limit, self._writes = MAX_WAITING_BYTES, 1
        if not self._protocol.close_sent:
            self._transport.write(bundle.wire)

    @override
    def write(self, bundle: Bundle) -> None:
        if not self._protocol.close_sent:
            self._transport.write(bundle.wire)

    @override
    def close(self, code: int, reason: str) -> None:
        if self._protocol.close_sent:
            return
        self._code = code
        self._protocol.close_sent = True
        self._protocol.stop_keepalive()
        body = code.to_bytes(2, "big") + reason.encode()[:MAX_REASON].decode(errors="ignore").encode()
        self._transport.write(b"\x88" + bytes((len(body),)) + body)
        self.resume()  # to see the peer's close frame
        self._protocol.loop.call_later(CLOSE_SECONDS, self._transport.abort)

    @override
    def pause(self) -> None:
        if not self._paused and not self._protocol.close_sent:
            self._paused = True
            self._transport.pause_reading()

    @override
    def resume(self) -> None:
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
            self._protocol.loop.call_soon(self.feed, b"")


def _may_be_sent(code: int) -> bool:
    """Whether RFC 6455 (7.4) lets an endpoint send this close code."""
    return (1000 <= code <= 1014 and code not in {1004, 1005, 1006}) or 3000 <= code < 5000
