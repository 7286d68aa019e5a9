"""The messages of a link, and their bytes (server/SPEC.md, N3).

A message is one byte of kind and its body. Frames and deliveries, of which there are many, have bodies of their own;
the others are packed by their types. Bodies are read from a process that has shown the cluster's key, and are checked
all the same: what does not fit raises `LinkBroken`, which drops the link and nothing else.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from sys import byteorder
from typing import Any

from opinions.roles import Actor
from server.errors import LinkBroken
from server.links.values import pack, unpack

LINK_VERSION = 1
"""Processes with another one refuse each other."""


class Kind(IntEnum):
    """What a message is; in the first group it comes from the side of the sockets."""

    JOIN = 1
    FRAME = 2
    LEAVE = 3
    ASK = 4
    EXPEL = 5
    REOPEN = 6
    STOP = 7
    PING = 8
    END = 9
    HAND_OVER = 10

    JOINED = 20
    JOIN_REFUSED = 21
    DELIVER = 22
    CLOSE = 23
    PAUSE = 24
    RESUME = 25
    HEARD = 26
    ANSWER = 27
    ASK_FAILED = 28
    PONG = 29
    STOPPED = 30
    ENDED = 32
    READY = 31
    FIGURES = 33

    CALL = 40
    RESULT = 41
    FAILED = 42

    GREETING = 50
    CHALLENGE = 51
    PROOF = 52
    WELCOME = 53


@dataclass(frozen=True, slots=True)
class Join:
    """A peer wants a place. `peer` is the sockets' side's number for it, never used again on this link."""

    peer: int
    opinion: str
    actor: Actor
    version: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A command on its way to an Opinion's queue."""

    ticket: int
    opinion: str
    actor: Actor
    version: int | None
    party: str
    key: str
    command: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expel:
    """Close a member's sockets, and forget what of theirs still waits."""

    member: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A JOIN, ASK or CALL (`number` says which) that came to nothing: which error, and its words."""

    number: int
    fault: str
    message: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close a peer's socket."""

    peer: int
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pong:
    """The loop turns; how much is open."""

    rooms: int
    sockets: int


def message(kind: Kind, body: bytes = b"") -> bytes:
    """A message's bytes."""
    return bytes((kind,)) + body


def packed(kind: Kind, value: Any) -> bytes:
    """A message whose body is a value of a dataclass."""
    return bytes((kind,)) + pack(type(value), value)


def numbered(kind: Kind, number: int, body: bytes = b"") -> bytes:
    """A message about a peer, or a call, by its number."""
    return bytes((kind,)) + number.to_bytes(8, "big") + body


def number_of(body: bytes) -> tuple[int, bytes]:
    """The number of such a message, and what follows it. Raises `LinkBroken`."""
    if len(body) < 8:
        raise LinkBroken("The message is too short.")
    return int.from_bytes(body[:8], "big"), body[8:]


@dataclass(frozen=True, slots=True)
class Group:
    """Peers that get the same frames, in order; `frames` are places in the delivery's list."""

    peers: Sequence[int]
    frames: Sequence[int]


def delivery(frames: Sequence[bytes], groups: Sequence[Group]) -> bytes:
    """A DELIVER: every frame once, and who gets which."""
    parts = [bytes((Kind.DELIVER,)), _words((len(frames), *map(len, frames))), *frames]
    for group in groups:
        parts.append(_words((len(group.peers), len(group.frames))))
        parts += (_words(group.frames), _words(group.peers))
    return b"".join(parts)


def delivered(body: bytes) -> tuple[list[bytes], list[Group]]:
    """The frames and groups of a DELIVER. Raises `LinkBroken`."""
    (count,), at = _read(body, 0, 1)
    sizes, at = _read(body, at, count)
    frames = []
    for size in sizes:
        frames.append(body[at : at + size])
        at += size
    if at > len(body):
        raise LinkBroken("A frame is longer than its message.")
    groups = []
    while at < len(body):
        (peers, chosen), at = _read(body, at, 2)
        which, at = _read(body, at, chosen)
        whose, at = _read(body, at, peers)
        if any(number >= count for number in which):
            raise LinkBroken("A delivery names a frame that it does not hold.")
        groups.append(Group(whose, which))
    return frames, groups


def _words(numbers: Sequence[int]) -> bytes:
    words = array("I", numbers)
    if byteorder == "big":
        words.byteswap()
    return words.tobytes()


def _read(body: bytes, at: int, count: int) -> tuple["array[int]", int]:
    end = at + 4 * count
    if end > len(body):
        raise LinkBroken("The message is too short.")
    words = array("I", body[at:end])
    if byteorder == "big":
        words.byteswap()
    return words, end


def unpacked(kind: Any, body: bytes) -> Any:
    """The value of a message's body. Raises `LinkBroken`."""
    return unpack(kind, body)
