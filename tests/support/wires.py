"""A WebSocket down to its bytes: what no library would send, and as fast as one process can send it."""

import asyncio
import secrets
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from crdt import protocol
from crdt.client import Client
from crdt.protocol import ServerFrame
from tests.support.stock import OPINION, Person
from tests.support.waiting import PATIENCE

DEFLATED = 0x40
"""The bit of a frame that says so (RFC 7692, 6)."""
ABNORMAL = 1006
"""What stands for a close code when the connection ended without a close frame."""


def message(payload: bytes, *, opcode: int = 2, fin: bool = True, mask: bool = True) -> bytes:
    """A frame as a client sends it; the mask is zero, so that the payload stands as it is."""
    head = bytes(((0x80 if fin else 0) | opcode,))
    flag = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes((flag | len(payload),))
    elif len(payload) < 65536:
        head += bytes((flag | 126,)) + len(payload).to_bytes(2, "big")
    else:
        head += bytes((flag | 127,)) + len(payload).to_bytes(8, "big")
    return head + (bytes(4) if mask else b"") + payload


class Wire:
    """One connection. `open` gives the status of the handshake; messages are gathered in `frames` as they come."""

    def __init__(
        self,
        port: int,
        person: Person | None,
        opinion: str = OPINION,
        *,
        origin: str | None = "",
        deflates: bool = False,
    ) -> None:
        self.frames: list[bytes] = []
        self.closed: int | None = None
        self.took: Callable[[bytes], None] = self.frames.append
        self._port = port
        self._opinion = opinion
        self._cookie = f"Cookie: unbracket-{port}={person.token}\r\n" if person else ""
        self._extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflates else ""
        self._origin = f"http://127.0.0.1:{port}" if origin == "" else origin
        self._news = asyncio.Event()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None] | None = None

    async def open(self, early: bytes = b"") -> int:
        """Shake hands; 101 when the socket is open. `early` goes out in the same write."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        origin = f"Origin: {self._origin}\r\n" if self._origin is not None else ""
        self._writer.write(
            f"GET /ws/opinions/{self._opinion} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{origin}{self._cookie}"
            f"{self._extension}"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
            + early
        )
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status == 101:
            self._task = asyncio.create_task(self._read())
        return status

    async def __aenter__(self) -> Self:
        assert await self.open() == 101, "the socket does not open"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    def send(self, *payloads: bytes) -> None:
        """Binary messages, in one write."""
        self._writer.write(b"".join(map(message, payloads)))

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        self._writer.write(data)

    async def drained(self) -> None:
        """Wait until the kernel has taken most of what was written; nothing when the connection is gone."""
        try:
            await self._writer.drain()
        except ConnectionError:
            pass

    def deaf(self) -> None:
        """Read nothing from here on."""
        assert self._task is not None
        self._task.cancel()

    async def until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait for what the server will tell, or for the end of the connection."""
        async with asyncio.timeout(seconds):
            while not condition() and self.closed is None:
                self._news.clear()
                await self._news.wait()
        assert condition() or self.closed is not None, what

    async def ended(self, seconds: float = PATIENCE) -> int:
        """The close code, once the connection is over."""
        await self.until(lambda: self.closed is not None, "the end", seconds)
        assert self.closed is not None
        return self.closed

    async def cut_off(self, seconds: float = PATIENCE) -> None:
        """Wait until the server has given the connection up, not answering its close frame."""
        assert self._task is not None
        async with asyncio.timeout(seconds):
            await self._task
            with suppress(ConnectionError):
                assert await self._reader.read() == b"", "the server goes on after its close frame"

    async def leave(self) -> None:
        """Go, without many words."""
        self._writer.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        held = b""
        try:
            while data := await self._reader.read(2**20):
                held = self._take(held + data if held else data)
                self._news.set()
                if self.closed is not None:
                    break
        except ConnectionError:
            pass
        finally:
            self.closed = ABNORMAL if self.closed is None else self.closed
            self._news.set()

    def _take(self, data: bytes) -> bytes:
        at, end = 0, len(data)
        while end - at >= 2:
            length, head = data[at + 1], 2
            if length >= 126:
                head = 4 if length == 126 else 10
                if end - at < head:
                    break
                length = int.from_bytes(data[at + 2 : at + head], "big")
            if end - at < head + length:
                break
            opcode, payload = data[at] & 0x0F, data[at + head : at + head + length]
            if data[at] & DEFLATED:
                payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload)
            at += head + length
            if opcode == 2:
                self.took(payload)
            elif opcode == 8:
                self.closed = int.from_bytes(payload[:2], "big") if payload else 1005
            elif opcode == 9:
                self._writer.write(message(payload, opcode=10))
            elif opcode == 10:
                self.pongs += 1
        return data[at:]

    pongs: int = 0


@dataclass
class Guest:
    """A wire with an honest client behind it: what it is told, it takes into its document."""

    port: int
    person: Person
    opinion: str = OPINION
    workspace: bool = False
    deflates: bool = False
    client: Client = field(init=False)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.workspace)
        self.wire = Wire(self.port, self.person, self.opinion, deflates=self.deflates)

    async def __aenter__(self) -> Self:
        self.wire.took = self.took
        assert await self.wire.open() == 101, "the socket does not open"
        self.wire.send(self.client.hello())
        await self.wire.until(lambda: self.client.seqs != [0, 0], "SYNC")
        assert self.wire.closed is None, f"closed with {self.wire.closed}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.leave()

    def took(self, frame: bytes) -> None:
        """A frame from the server."""
        self.wire.frames.append(frame)
        self.client.take(frame)

    @property
    def party(self) -> str:
        """Whom this person acts for."""
        return self.person.delegation or "SEC"

    @property
    def n(self) -> int:
        """The number of the next message."""
        return self.client._n + 1

    async def saved(self, frame: bytes) -> None:
        """Send an UPDATE or COMMAND made by the client, and wait until it is acknowledged."""
        n = max(self.client.sent)
        self.wire.send(frame)
        await self.wire.until(lambda: n in self.client.acknowledged or self.client.refusals, f"the answer to {n}")
        assert n in self.client.acknowledged, (self.client.refusals, self.wire.closed)

    async def command(self, fields: Mapping[str, Any], party: str = "", key: str = "") -> Mapping[str, Any]:
        """Send a command; its result."""
        n = self.n
        await self.saved(self.client.command(fields, party, key or secrets.token_hex(8)))
        return self.client.results[n]

    async def round_trip(self) -> None:
        """PING and PONG: what was sent and told before has arrived."""
        before = len(self.wire.frames)
        self.wire.send(protocol.varuint(protocol.ClientFrame.PING))
        pong = bytes((ServerFrame.PONG,))
        await self.wire.until(lambda: pong in self.wire.frames[before:], "PONG")
        assert self.wire.closed is None, f"closed with {self.wire.closed}"
