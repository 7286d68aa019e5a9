"""Where connections come in: the handshake of a draft Opinion's socket is read here, everything else is uvicorn's.

A hall that comes back after a restart is a thousand handshakes at once, and the way through an HTTP parser, a WebSocket
library, ASGI and routing costs more than everything that the room then does for the peer. So a request that is, byte by
byte, the plain handshake of one of our own pages is answered at once. Whatever is in any way different - another
origin, a header twice, a body - takes the ordinary way (`server.security`, `server.routes`, `server.sockets`), which
serves it as well, or refuses it.
"""

import asyncio
import base64
import hashlib
import re
from typing import Any, NamedTuple

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.server import ServerState

from server.fanout import READ, FanoutSocket
from server.half_open import Requests
from server.reception import Reception

MAX_HEAD = 16 * 1024
"""Bytes of a request's head that are waited for."""
_BEGINS = b"GET /ws/opinions/"
_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_HEAD = re.compile(
    rb"GET /ws/opinions/([A-Za-z0-9_-]{1,64}) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)+)\r\n"
)
_UPGRADES = re.compile(r"(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)", re.IGNORECASE)
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
"""Sixteen bytes in base64."""
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NEEDED = frozenset({"host", "origin", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"})
_BODIES = frozenset({"content-length", "transfer-encoding", "expect"})


class Handshake(NamedTuple):
    """A handshake of RFC 6455: which Opinion's, and its headers by lower-case name."""

    opinion: str
    headers: dict[str, str]

    @property
    def accepted(self) -> bytes:
        """What Sec-WebSocket-Accept answers."""
        key = self.headers["sec-websocket-key"].encode("latin-1")
        return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def handshake_of(head: bytes) -> Handshake | None:
    """The handshake that a request's head is; None for every other request, and for one that has anything unusual."""
    found = _HEAD.fullmatch(head)
    if found is None:
        return None
    headers: dict[str, str] = {}
    for line in found[2].decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in headers:
            return None
        headers[name] = value.strip(" \t")
    if not headers.keys() >= _NEEDED or headers.keys() & _BODIES:
        return None
    if headers["upgrade"].lower() != "websocket" or not _UPGRADES.search(headers["connection"]):
        return None
    if headers["sec-websocket-version"] != "13" or not _KEY.fullmatch(headers["sec-websocket-key"]):
        return None
    return Handshake(found[1].decode(), headers)


class Entrance(asyncio.Protocol):
    """A connection until it is known what it wants: then a socket's, or uvicorn's, has the transport."""

    __slots__ = ("_app_state", "_config", "_head", "_reception", "_state", "_transport", "_usual")

    def __init__(
        self,
        reception: Reception,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """After the first, as uvicorn makes its protocols."""
        self._reception = reception
        self._config = config
        self._state = server_state
        self._app_state = app_state
        self._transport: asyncio.Transport
        self._head = b""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        # asyncio makes room for 256 KiB at every read; a keystroke is sixty bytes, and the making costs more than it.
        # Nor is more taken at once from whoever has not said yet what is wanted.
        if hasattr(transport, "max_size"):
            self._usual = transport.max_size
            transport.max_size = READ
        others: set[Any] = self._state.connections
        others.add(self)
        self._reception.waiting.heads.wait(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._gone()

    def shutdown(self) -> None:
        """The server stops: nothing was asked yet."""
        self._transport.close()

    def give_up(self) -> None:
        """As `server.half_open.Waited`."""
        if self._head:
            self._transport.write(_TOO_LATE)
        self._transport.close()

    def _gone(self) -> None:
        self._reception.waiting.heads.came(self)
        others: set[Any] = self._state.connections
        others.discard(self)

    @override
    def data_received(self, data: bytes) -> None:
        head = self._head + data
        end = head.find(b"\r\n\r\n") + 4
        begins = head.startswith(_BEGINS) or _BEGINS.startswith(head)
        if end < 4 and len(head) <= MAX_HEAD and begins:
            self._head = head
            return
        handshake = handshake_of(head[:end]) if end >= 4 and begins else None
        if handshake is None or not self._reception.admits(handshake.headers):
            self._to_uvicorn(head)
            return
        self._gone()
        others: set[Any] = self._state.connections
        socket = FanoutSocket(self._transport, self._reception.pulse, others, head[end:])
        self._transport.set_protocol(socket)
        self._reception.receive(socket, handshake.opinion, handshake.headers, handshake.accepted)

    def _to_uvicorn(self, head: bytes) -> None:
        self._gone()
        if hasattr(self._transport, "max_size"):
            self._transport.max_size = self._usual
        protocol = Requests(self._reception.waiting, self._config, self._state, self._app_state)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(head)
