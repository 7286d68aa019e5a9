"""The log of a document: entries as values, their hash chain, what a stored log is when it is loaded (crdt/SPEC.md, L).

Values only; `server.log_store` keeps them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as _text

from crdt.errors import LogBroken
from crdt.protocol import Reader, varbytes, varuint

GENESIS = bytes(32)
"""The hash before the first entry."""
SNAPSHOT_EVERY = 500
"""Entries after which a snapshot is due: replaying so many takes a few milliseconds."""


class EntryKind(StrEnum):
    """What an entry is: typed text, a command carried out, an import, or the server's own following of another log."""

    UPDATE = "update"
    COMMAND = "command"
    MEND = "mend"
    IMPORT = "import"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Entry:
    """One logged update or command. `updates` are Yjs updates, to be applied in order; `command` is compact JSON or
    empty.
    """

    seq: int
    kind: EntryKind
    at: datetime
    updates: tuple[bytes, ...]
    client: int = 0
    n: int = 0
    key: str = ""
    member: str = ""
    name: str = ""
    party: str = ""
    typist: str = ""
    command: str = ""
    result: str = ""
    generation: int = 1
    epoch: int = 1
    hash: bytes = b""


def payload(updates: Sequence[bytes]) -> bytes:
    """The updates as one byte string: their count, then each with its length (lib0)."""
    return varuint(len(updates)) + b"".join([varbytes(update) for update in updates])


def updates_of(stored: bytes) -> tuple[bytes, ...]:
    """The updates of a stored payload. Raises `ProtocolError` when it is not one."""
    reader = Reader(stored)
    updates = tuple(reader.varbytes() for _ in range(min(reader.varuint(), len(stored))))
    reader.end()
    return updates


def header(document: str, entry: Entry) -> str:
    """The canonical JSON of all of an entry but its updates and hash (L2)."""
    return _header(document, entry, entry.kind, entry.seq, entry.client, entry.n, entry.generation, entry.epoch)


def _header(
    document: str, of: Entry, kind: EntryKind, seq: int, client: int, n: int, generation: int, epoch: int
) -> str:
    # Spelled out, with keys in their order: the same as `compact` of a dict, at a fifth of its price for every letter.
    return (
        f'{{"at":{_spelled(of.at)},"client":{client},"command":{_text(of.command)},'
        f'"document":{_text(document)},"epoch":{epoch},"generation":{generation},"key":{_text(of.key)},'
        f'"kind":{_text(kind)},"member":{_text(of.member)},"n":{n},"name":{_text(of.name)},'
        f'"party":{_text(of.party)},"result":{_text(of.result)},"seq":{seq},"typist":{_text(of.typist)}}}'
    )


@lru_cache(maxsize=64)
def _spelled(at: datetime) -> str:
    # All that a batch logs is of one moment.
    return _text(at.isoformat())


def chained(document: str, entry: Entry, previous: bytes) -> Entry:
    """The entry with its hash: SHA-256(previous || SHA-256(header) || SHA-256(payload)) (L2)."""
    return placed(
        document,
        entry,
        entry.kind,
        entry.seq,
        entry.updates,
        previous,
        generation=entry.generation,
        epoch=entry.epoch,
    )


def placed(
    document: str,
    entry: Entry,
    kind: EntryKind,
    seq: int,
    updates: tuple[bytes, ...],
    previous: bytes,
    *,
    generation: int,
    epoch: int,
    message: tuple[int, int] | None = None,
) -> Entry:
    """The entry at its place in a log, with its hash. `message`: the client id and number of the UPDATE it comes
    from.
    """
    client, n = message or (entry.client, entry.n)
    head = sha256(_header(document, entry, kind, seq, client, n, generation, epoch).encode()).digest()
    body = sha256(payload(updates)).digest()
    # Made once, and not by `dataclasses.replace`, which takes ten times as long.
    return Entry(
        seq,
        kind,
        entry.at,
        updates,
        client,
        n,
        entry.key,
        entry.member,
        entry.name,
        entry.party,
        entry.typist,
        entry.command,
        entry.result,
        generation,
        epoch,
        sha256(previous + head + body).digest(),
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state of a document after entry `seq`; for a workspace, of its view, with the opinion's seq it has
    seen.
    """

    seq: int
    state: bytes
    opinion_seq: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """A client id lent to one member for one document; `last_n` is the last of its messages in the log."""

    client: int
    member: str
    last_n: int = 0


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A document's log as loaded: the newest snapshot, the entries after it, and where the log stands.

    `results` holds, by command key, the seq and the result of every command carried out, so that one sent again is
    answered and not repeated.
    """

    document: str
    generation: int = 1
    epoch: int = 1
    seq: int = 0
    head: bytes = GENESIS
    snapshot: Snapshot | None = None
    tail: tuple[Entry, ...] = ()
    leases: tuple[Lease, ...] = ()
    results: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def check_chain(document: str, entries: Iterable[Entry], seq: int = 0, previous: bytes = GENESIS) -> tuple[int, bytes]:
    """The seq and hash after the entries. Raises `LogBroken` at the first gap or wrong hash."""
    for entry in entries:
        if entry.seq != seq + 1:
            raise LogBroken(f"Document {document}: entry {seq + 1} is missing (found {entry.seq}).")
        if chained(document, entry, previous).hash != entry.hash:
            raise LogBroken(f"Document {document}: entry {entry.seq} does not match its hash.")
        seq, previous = entry.seq, entry.hash
    return seq, previous
