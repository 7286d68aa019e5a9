"""Frames: bytes to messages and back (crdt/SPEC.md, W). Twin of `web/src/sync/protocol.ts`; vectors in
`tests/vectors/frames.json`.

Decoding raises nothing but `ProtocolError`; no count or length is believed before it is checked against the bytes left.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from crdt.errors import ProtocolError

SCHEMA = 1
"""The schema version of text and frames; a browser with another one has to reload."""
MAX_FRAME = 256 * 1024
"""Bytes of a frame from a client; an update is at most 64 KiB, so this leaves room and bounds what one socket can
hold.
"""
MAX_VARUINT = 2**53 - 1
"""The largest whole number the browser can hold exactly."""
CAPABILITIES = frozenset({"changes"})
"""What a client may say it understands beyond the first schema (W1)."""
MAX_JSON = 64 * 1024
"""Bytes of JSON in a frame from a client."""

OPINION_STREAM = 0
WORKSPACE_STREAM = 1


class ClientFrame(IntEnum):
    HELLO = 0
    UPDATE = 1
    COMMAND = 2
    PRESENCE = 3
    PING = 4


class ServerFrame(IntEnum):
    WELCOME = 0
    SYNC = 1
    UPDATE = 2
    ACK = 3
    REFUSED = 4
    DONE = 5
    ROOM = 6
    NOTICE = 7
    PONG = 8


@dataclass(frozen=True, slots=True)
class Hello:
    """First frame of a connection, and again whenever the client starts over (W1)."""

    schema: int
    workspace: bool
    generation: int
    client: int | None
    state_vector: bytes
    can: frozenset[str] = frozenset()
    group: str = ""


@dataclass(frozen=True, slots=True)
class UpdateMessage:
    n: int
    party: str
    update: bytes


@dataclass(frozen=True, slots=True)
class CommandMessage:
    n: int
    party: str
    key: str
    command: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PresenceMessage:
    paragraph: str
    offset: int


@dataclass(frozen=True, slots=True)
class Ping:
    pass


ClientMessage = Hello | UpdateMessage | CommandMessage | PresenceMessage | Ping


class Reader:
    """Reads lib0 values from bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def varuint(self) -> int:
        """The next whole number. Raises `ProtocolError` past 2^53 or past the end."""
        data, at = self._data, self._at
        if at < len(data) and data[at] < 0x80:
            self._at = at + 1
            return data[at]
        value = shift = 0
        while self._at < len(self._data):
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if value > MAX_VARUINT:
                raise ProtocolError("A number in the frame is too large.")
            if byte < 0x80:
                return value
            shift += 7
        raise ProtocolError("The frame ends inside a number.")

    def varbytes(self) -> bytes:
        """The next byte string."""
        length = self.varuint()
        if length > len(self._data) - self._at:
            raise ProtocolError("The frame ends inside a byte string.")
        start = self._at
        self._at += length
        return self._data[start : self._at]

    def varstring(self) -> str:
        """The next text."""
        try:
            return self.varbytes().decode("utf-8")
        except UnicodeDecodeError:
            raise ProtocolError("A text in the frame is not UTF-8.") from None

    @property
    def at_end(self) -> bool:
        """Whether all bytes were read."""
        return self._at == len(self._data)

    def end(self) -> None:
        """Raises `ProtocolError` unless all bytes were read."""
        if self._at != len(self._data):
            raise ProtocolError("The frame has bytes left over.")


_SMALL = tuple(bytes((value,)) for value in range(0x80))


def varuint(value: int) -> bytes:
    """A whole number from 0 as lib0 writes it."""
    if value < 0x80:
        return _SMALL[value]
    if value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varbytes(value: bytes) -> bytes:
    """A byte string as lib0 writes it."""
    return varuint(len(value)) + value


def varstring(value: str) -> bytes:
    """A text as lib0 writes it."""
    return varbytes(value.encode("utf-8"))


def decode(frame: bytes) -> ClientMessage:
    """The message of a client's frame. Raises `ProtocolError`."""
    if len(frame) > MAX_FRAME:
        raise ProtocolError(f"A frame may hold {MAX_FRAME} bytes, this one has {len(frame)}.")
    reader = Reader(frame)
    message: ClientMessage
    match reader.varuint():
        case ClientFrame.HELLO:
            message = _hello(reader)
        case ClientFrame.UPDATE:
            message = UpdateMessage(reader.varuint(), reader.varstring(), reader.varbytes())
        case ClientFrame.COMMAND:
            message = _command(reader)
        case ClientFrame.PRESENCE:
            message = PresenceMessage(reader.varstring(), reader.varuint())
        case ClientFrame.PING:
            message = Ping()
        case unknown:
            raise ProtocolError(f"There is no frame of type {unknown}.")
    reader.end()
    return message


def _hello(reader: Reader) -> Hello:
    value = _object(reader.varstring())
    schema, generation = _whole(value, "schema"), _whole(value, "generation")
    client = None if value.get("client") is None else _whole(value, "client")
    if value.get("scope") not in ("opinion", "workspace"):
        raise ProtocolError("HELLO: scope must be 'opinion' or 'workspace'.")
    can = value.get("can", [])
    if not isinstance(can, list) or not all(isinstance(one, str) for one in can):
        raise ProtocolError("HELLO: 'can' must be a list of texts.")
    known = frozenset(can) & CAPABILITIES
    group = value.get("group", "")
    if not isinstance(group, str):
        raise ProtocolError("HELLO: 'group' must be the code of a drafting group.")
    return Hello(schema, value["scope"] == "workspace", generation, client, reader.varbytes(), known, group)


def _command(reader: Reader) -> CommandMessage:
    n, party = reader.varuint(), reader.varstring()
    value = _object(reader.varstring())
    key = value.pop("key", "")
    if not isinstance(key, str) or not 8 <= len(key) <= 64 or not key.isprintable():
        raise ProtocolError("COMMAND: the field 'key' must be a text of 8 to 64 printable characters.")
    return CommandMessage(n, party, key, value)


def _object(text: str) -> dict[str, Any]:
    if len(text) > MAX_JSON:
        raise ProtocolError(f"JSON in a frame may hold {MAX_JSON} characters.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("The frame's JSON cannot be read.") from None
    if not isinstance(value, dict):
        raise ProtocolError("The frame's JSON must be an object.")
    if "\\u" in text and not encodable(value):
        raise ProtocolError("The frame's JSON holds half a character (an unpaired surrogate).")
    return value


def encodable(value: object) -> bool:
    """Whether every text in a JSON value can be written as UTF-8: an escape may spell half a character."""
    try:
        compact(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_VARUINT:
        raise ProtocolError(f"HELLO: {name} must be a whole number.")
    return value


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def compact(value: object) -> str:
    """JSON without blanks, keys in order; the form of all JSON on the wire and in the log."""
    return _COMPACT.encode(value)


def hello(
    *,
    schema: int,
    workspace: bool,
    generation: int,
    client: int | None,
    state_vector: bytes,
    can: Sequence[str] = (),
    group: str = "",
) -> bytes:
    """A client's HELLO; here for tests, tools and a second client."""
    scope = "workspace" if workspace else "opinion"
    fields: dict[str, Any] = {"schema": schema, "scope": scope, "generation": generation, "client": client}
    if can:
        fields["can"] = list(can)
    if group:
        fields["group"] = group
    return varuint(ClientFrame.HELLO) + varstring(compact(fields)) + varbytes(state_vector)


def client_update(n: int, party: str, update: bytes) -> bytes:
    """A client's UPDATE."""
    return varuint(ClientFrame.UPDATE) + varuint(n) + varstring(party) + varbytes(update)


def client_command(n: int, party: str, key: str, command: Mapping[str, Any]) -> bytes:
    """A client's COMMAND."""
    body = compact({**command, "key": key})
    return varuint(ClientFrame.COMMAND) + varuint(n) + varstring(party) + varstring(body)


def client_presence(paragraph: str, offset: int) -> bytes:
    """A client's PRESENCE."""
    return varuint(ClientFrame.PRESENCE) + varstring(paragraph) + varuint(offset)


def welcome(fields: Mapping[str, Any]) -> bytes:
    return varuint(ServerFrame.WELCOME) + varstring(compact(fields))


def sync(opinion_seq: int, workspace_seq: int, update: bytes) -> bytes:
    return varuint(ServerFrame.SYNC) + varuint(opinion_seq) + varuint(workspace_seq) + varbytes(update)


def update(stream: int, seq: int, updates: Sequence[bytes]) -> bytes:
    """Committed updates of one stream, up to seq."""
    head = varuint(ServerFrame.UPDATE) + varuint(stream) + varuint(seq) + varuint(len(updates))
    return head + b"".join([varbytes(one) for one in updates])


def ack(n: int, stream: int, seq: int) -> bytes:
    return varuint(ServerFrame.ACK) + varuint(n) + varuint(stream) + varuint(seq)


def refused(n: int, code: str, message: str) -> bytes:
    return varuint(ServerFrame.REFUSED) + varuint(n) + varstring(compact({"code": code, "message": message}))


def done(n: int, seq: int, result: Mapping[str, Any]) -> bytes:
    return varuint(ServerFrame.DONE) + varuint(n) + varuint(seq) + varstring(compact(result))


def room(peers: Sequence[Mapping[str, Any]]) -> bytes:
    return varuint(ServerFrame.ROOM) + varstring(compact({"peers": list(peers)}))


def room_changes(changed: Sequence[Mapping[str, Any]], gone: Sequence[int]) -> bytes:
    """ROOM for those who know the rest: peers that came or changed, and the numbers of those that left."""
    return varuint(ServerFrame.ROOM) + varstring(compact({"changed": list(changed), "gone": list(gone)}))


def notice(kind: str, **fields: Any) -> bytes:
    return varuint(ServerFrame.NOTICE) + varstring(compact({"kind": kind, **fields}))


PONG = varuint(ServerFrame.PONG)
