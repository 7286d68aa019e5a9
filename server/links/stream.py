"""A link as a stream: messages with their lengths before them, written once per turn of the loop, bounded."""

import asyncio
import logging
from typing import Protocol

from typing_extensions import override

from server.errors import LinkBroken
from server.links.messages import Kind

MAX_MESSAGE = 128 * 1024 * 1024
"""Bytes of a message: an Opinion with all its workspaces, as a room in another process loads it."""
MAX_WAITING_BYTES = 64 * 1024 * 1024
"""Bytes that may wait for the other side beyond the kernel's buffer; past it the link is dropped."""
CONGESTED_BYTES = 1024 * 1024
"""From so many on, whoever sends is asked to pause."""

_log = logging.getLogger("unbracket.link")


class End(Protocol):
    """Whoever has this end of a link. None of these waits."""

    def received(self, kind: Kind, body: bytes) -> None:
        """A message came. Raises `LinkBroken` when it does not fit; the link is then dropped."""

    def congested(self, is_congested: bool) -> None:
        """The other side reads too slowly for what is sent; or again fast enough."""

    def lost(self) -> None:
        """The link is gone; nothing more comes, and what is sent goes nowhere."""


class Link(asyncio.Protocol):
    """One end. `send` never waits; messages arrive in the order they were sent."""

    def __init__(self, end: End, max_message: int = MAX_MESSAGE, max_waiting: int = MAX_WAITING_BYTES) -> None:
        self.end = end
        self.heard_at = 0.0
        """When the other side was last heard of, in the loop's time."""
        self._max_message = max_message
        self._max_waiting = max_waiting
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._out: list[bytes] = []
        self._over = False

    @property
    def is_open(self) -> bool:
        """Whether what is sent still goes somewhere."""
        return self._transport is not None and not self._over

    @property
    def waiting_bytes(self) -> int:
        """Bytes the kernel has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def trusted(self, end: End, max_message: int) -> None:
        """From the next message on another end has the link."""
        self.end, self._max_message = end, max_message

    def send(self, *messages: bytes) -> None:
        """Send messages, in order, at the end of this turn of the loop."""
        if self._over:
            return
        if not self._out:
            self._loop.call_soon(self.flush)
        for one in messages:
            self._out += (len(one).to_bytes(4, "big"), one)

    def flush(self) -> None:
        """Send what waits for the end of the turn now."""
        if not self._out or self._transport is None or self._over:
            return
        out, self._out = self._out, []
        self._transport.writelines(out)
        if self._transport.get_write_buffer_size() > self._max_waiting:
            _log.error("link dropped: the other side does not read", extra={"waiting": self.waiting_bytes})
            self.drop()

    def drop(self) -> None:
        """Cut the link at once."""
        if self._transport is not None:
            self._transport.abort()
        self._end()

    def close(self) -> None:
        """Cut the link when what waits is sent."""
        self.flush()
        if self._transport is not None:
            self._transport.close()

    # --- what asyncio calls

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.heard_at = self._loop.time()
        transport.set_write_buffer_limits(high=CONGESTED_BYTES)
        self.flush()

    @override
    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        self._read += data
        at, end = 0, len(self._read)
        try:
            while end - at >= 4 and not self._over:
                size = int.from_bytes(self._read[at : at + 4], "big")
                if not 1 <= size <= self._max_message:
                    raise LinkBroken(f"A message of {size} bytes was announced.")
                if end - at < 4 + size:
                    break
                try:
                    kind = Kind(self._read[at + 4])
                except ValueError:
                    raise LinkBroken("The message is of an unknown kind.") from None
                with memoryview(self._read) as view:
                    body = bytes(view[at + 5 : at + 4 + size])
                at += 4 + size
                self.end.received(kind, body)
        except LinkBroken as error:
            _log.error("link dropped: what came does not fit", exc_info=error)
            self.drop()
        del self._read[:at]

    @override
    def pause_writing(self) -> None:
        self.end.congested(True)

    @override
    def resume_writing(self) -> None:
        self.end.congested(False)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._out.clear()
            self.end.lost()
