"""What goes into a room and what comes out of it, as values.

A room never does anything: it answers a batch with a `Step`, and the hub carries the step out in the one order that
is safe - append, commit,
deliver (I5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crdt.log import Entry, Lease, Snapshot
from crdt.versions import Version
from opinions.model import DelegationCode
from opinions.roles import Actor

PeerId = int
"""A connected client in a room; given by the hub, never reused while the process lives."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes that a peer sent."""

    peer: PeerId
    data: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A command that came by another way than the socket (HTTP, command line); answered under its ticket."""

    ticket: int
    actor: Actor
    party: str
    key: str
    command: Mapping[str, Any]


Incoming = Frame | Request


@dataclass(frozen=True, slots=True)
class Append:
    """Entries that one document's log takes in one transaction, if it still stands at `expected_seq` and `epoch`.

    `delegation` is set for a workspace; `founding` when its document row does not exist yet.
    """

    document: str
    expected_seq: int
    epoch: int
    entries: tuple[Entry, ...] = ()
    leases: tuple[Lease, ...] = ()
    delegation: DelegationCode | None = None
    founding: bool = False
    next_epoch: int | None = None
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One encoded frame and the peers that get it."""

    peers: tuple[PeerId, ...]
    frame: bytes


@dataclass(frozen=True, slots=True)
class Closing:
    """A peer whose socket is closed, and how (crdt/SPEC.md, W11)."""

    peer: PeerId
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a `Request`: a result, or a refusal with code and message."""

    ticket: int
    seq: int = 0
    result: Mapping[str, Any] | None = None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A frame or request at which the room itself failed, and whose it was: its sender was refused, nobody else. Or a
    workspace that failed, with no member: whoever was in it was sent away, nobody else.
    """

    member: str
    error: BaseException
    workspace: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch leads to. Nothing of it may be seen by anybody before its appends are committed.

    `taken` is how many of the batch it went through; the rest comes again with the next.
    """

    appends: tuple[Append, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    closings: tuple[Closing, ...] = ()
    answers: tuple[Answer, ...] = ()
    faults: tuple[Fault, ...] = ()
    taken: int = 0


@dataclass(frozen=True, slots=True)
class DueSnapshot:
    """A snapshot that a document's log should keep now."""

    document: str
    snapshot: Snapshot
