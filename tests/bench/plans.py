"""The plan file of the load generator: who connects where, what each says first, what the writers send.

Four dialects of the same thing: ours (crdt/SPEC.md, W), y-websocket's sync protocol, the same behind a document's name
and a token (Hocuspocus), and none at all (the relay). Numbers are 32 bits, little-endian; bytes follow their length.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from crdt import protocol
from crdt.protocol import varbytes, varstring, varuint
from tests.bench.material import FIRST_CLIENT, Typed

OFFER = "permessage-deflate; client_max_window_bits"
"""What Chromium says."""


class Dialect(IntEnum):
    """As the generator numbers them."""

    UNBRACKET = 0
    YJS = 1
    HOCUSPOCUS = 2
    RELAY = 3


@dataclass(frozen=True, slots=True)
class Connection:
    """One WebSocket. `token` is a session of ours; `listeners` is how many connections the document has."""

    document: int
    token: str = ""
    typed: Typed | None = None
    listeners: int = 0
    brings: bytes = b""
    """The founding state, of the one connection that brings it to a peer that has none."""
    port: int = 0
    """Where it connects; 0: where the server listens."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens and how it speaks."""

    dialect: Dialect
    port: int
    opinions: Sequence[str] = ()
    deflates: bool = False
    """Connections offer permessage-deflate, as browsers do."""


def write_plan(path: Path, server: Server, connections: Sequence[Connection]) -> None:
    """Writes the plan. Connections are made in this order; the first is joined before the others begin."""
    writers = sum(one.typed is not None for one in connections)
    with path.open("wb") as file:
        file.write(struct.pack("<4I", server.dialect, len(connections), writers, FIRST_CLIENT))
        for one in connections:
            file.write(struct.pack("<I", one.port or server.port) + _sized(request(server, one)))
            first = list(joins(server, one))
            file.write(struct.pack("<I", len(first)))
            for frame in first:
                file.write(struct.pack("<I", 0) + _sized(frame))
            updates = one.typed.updates if one.typed else ()
            file.write(struct.pack("<2I", one.listeners if one.typed else 0, len(updates)))
            for n, (update, clock) in enumerate(updates, 1):
                assert one.typed is not None
                file.write(struct.pack("<I", clock) + _sized(update_frame(server, one, n, one.typed.party, update)))


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def request(server: Server, one: Connection) -> bytes:
    """The handshake of a connection."""
    port = one.port or server.port
    host = f"127.0.0.1:{port}"
    match server.dialect:
        case Dialect.UNBRACKET:
            path = f"/ws/opinions/{server.opinions[one.document]}"
        case Dialect.HOCUSPOCUS:
            path = "/"
        case _:
            path = f"/document-{one.document}"
    cookie = f"Cookie: unbracket-{port}={one.token}\r\n" if one.token else ""
    offer = f"Sec-WebSocket-Extensions: {OFFER}\r\n" if server.deflates else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}{cookie}\r\n"
    ).encode()


def joins(server: Server, one: Connection) -> Iterator[bytes]:
    """The messages that a connection begins with."""
    match server.dialect:
        case Dialect.UNBRACKET:
            yield protocol.hello(
                schema=protocol.SCHEMA,
                workspace=False,
                generation=1 if one.typed else 0,
                client=one.typed.client if one.typed else None,
                state_vector=b"\0",
                can=("changes",),
            )
        case Dialect.YJS | Dialect.HOCUSPOCUS:
            before = _document(server, one)
            if server.dialect is Dialect.HOCUSPOCUS:
                yield before + b"\2\0" + varstring("token")
            if one.brings:
                yield before + b"\0\2" + varbytes(one.brings)
            yield before + b"\0\0" + varbytes(b"\0")
            if not one.brings:
                yield before + b"\0\1" + varbytes(b"\0\0")
        case Dialect.RELAY:
            yield b"\0\0\1\0"


def _document(server: Server, one: Connection) -> bytes:
    return varstring(f"document-{one.document}") if server.dialect is Dialect.HOCUSPOCUS else b""


def update_frame(server: Server, one: Connection, n: int, party: str, update: bytes) -> bytes:
    """The message that carries a writer's update, its `n`-th."""
    if server.dialect is Dialect.UNBRACKET:
        return varuint(protocol.ClientFrame.UPDATE) + varuint(n) + varstring(party) + varbytes(update)
    return _document(server, one) + b"\0\2" + varbytes(update)
