"""Checks stored logs against everything that was made of them: chain, heads, leases, snapshots, versions, signatures.

Reads entries from the first one on and believes nothing else. The records of versions can also be checked without this
program; this is the operator's check that the whole data directory is as it was written.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, not_, select
from sqlalchemy.exc import SQLAlchemyError

from crdt.errors import DocumentError
from crdt.gate import Gate
from crdt.log import Entry, EntryKind, Snapshot, check_chain
from crdt.stream import OPINION_CLIENT, WORKSPACE_CLIENT
from crdt.versions import FORMAT, Version
from opinions.canonical import canonical_text, fingerprint
from opinions.published_text import attribution_digest, digests, published_texts
from opinions.record import Document
from server import log_store
from server.freezes.checking import broken_cuts
from server.freezes.rotation import broken_chain, moves_told
from server.opinion_store import list_opinions
from server.schema import missing_triggers
from server.tables import IS_OPINION, documents, keys, leases, versions
from server.verification.kept import broken_publications

DIFFERS = 4
"""Exit code of a command that found something stored to be other than what the log gives."""
UNREADABLE = (SQLAlchemyError, DocumentError, ValueError, TypeError, AttributeError)
"""What is raised by rows that hold something of another kind than was ever written there."""
_BESIDE = tuple("opinion number label milestone note seq head fingerprint previous frozen_by recorded_by".split())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one document. No findings: its log equals all that is stored beside it."""

    document: str
    entries: int
    versions: int
    findings: tuple[str, ...]
    told: tuple[str, ...] = ()
    """What whoever checks should know, and is as it must be."""


@dataclass(frozen=True, slots=True)
class _Stored:
    document: str
    seq: int
    head: bytes
    epoch: int
    entries: tuple[Entry, ...]
    snapshot: Snapshot | None
    leases: Mapping[int, str]


def verify(connection: Connection) -> Iterator[Verdict]:
    """Check every Opinion's logs, one after the other: the opinion's own, then those of its workspaces."""
    if missing := missing_triggers(connection):
        yield Verdict("The database", 0, 0, (f"It lacks its append-only triggers: {', '.join(missing)}.",))
    moves: tuple[str, ...] = ()
    try:
        broken, moves = (*broken_chain(connection), *broken_cuts(connection)), tuple(moves_told(connection))
    except UNREADABLE as error:
        broken = (f"Their rows cannot be read ({type(error).__name__}).",)
    if broken or moves:
        yield Verdict("Keys and cuts", 0, 0, broken, moves)
    try:
        published = tuple(broken_publications(connection))
    except UNREADABLE as error:
        published = (f"Its rows cannot be read ({type(error).__name__}).",)
    if published:
        yield Verdict("What is published", 0, 0, published)
    public = {row.id: row.public_key for row in connection.execute(select(keys.c.id, keys.c.public_key))}
    for opinion in list_opinions(connection):
        chosen = select(documents).where(documents.c.opinion == opinion.id).order_by(not_(IS_OPINION))
        base: Sequence[Entry] = ()
        for row in connection.execute(chosen).all():
            workspace = row.delegation is not None or row.drafting_group is not None
            try:
                stored = _load(connection, row.id)
                findings = [*_check_log(stored), *_check_replay(stored, base if workspace else None)]
            except UNREADABLE as error:
                yield Verdict(row.id, 0, 0, (f"Its rows cannot be read ({type(error).__name__}).",))
                continue
            frozen: Sequence[tuple[Version, str]] = ()
            if not workspace:
                base = stored.entries
                try:
                    frozen = _load_versions(connection, opinion.id)
                    findings += _check_versions(stored, frozen, public)
                except UNREADABLE as error:
                    findings.append(f"Its versions cannot be read ({type(error).__name__}).")
            yield Verdict(row.id, len(stored.entries), len(frozen), tuple(findings))


def _load(connection: Connection, document: str) -> _Stored:
    row = connection.execute(select(documents).where(documents.c.id == document)).one()
    lent = connection.execute(select(leases.c.client, leases.c.member).where(leases.c.document == document))
    return _Stored(
        document=document,
        seq=row.seq,
        head=row.head_hash,
        epoch=row.epoch,
        entries=tuple(log_store.load_entries(connection, document)),
        snapshot=log_store.load_snapshot(connection, document),
        leases={client: member for client, member in lent},
    )


def _load_versions(connection: Connection, opinion: str) -> list[tuple[Version, str]]:
    signed_with = connection.scalars(
        select(versions.c.key).where(versions.c.opinion == opinion).order_by(versions.c.number)
    )
    return list(zip(log_store.load_versions(connection, opinion), signed_with, strict=True))


def _check_log(stored: _Stored) -> Iterator[str]:
    """Gapless, chained, ending where the document's row says; each message by the member its client id was lent to."""
    try:
        seq, head = check_chain(stored.document, stored.entries)
    except DocumentError as error:
        yield error.message
        return
    if (seq, head) != (stored.seq, stored.head):
        yield f"The log ends at entry {seq}; the document's row says {stored.seq}, or another hash."
    epoch = 1
    last: dict[int, int] = {}
    for entry in stored.entries:
        if entry.epoch < epoch or entry.epoch > stored.epoch:
            yield f"Entry {entry.seq} is of epoch {entry.epoch}, between entries of epochs {epoch} and {stored.epoch}."
        epoch = entry.epoch
        if entry.client:
            if stored.leases.get(entry.client) != entry.member:
                yield f"Entry {entry.seq} is under client id {entry.client}, which was not lent to its member."
            if entry.n <= last.get(entry.client, 0):
                yield f"Entry {entry.seq} is message {entry.n} of client {entry.client}, which was logged before."
            last[entry.client] = max(entry.n, last.get(entry.client, 0))


def _check_replay(stored: _Stored, opinion: Sequence[Entry] | None) -> Iterator[str]:
    """L4: replay from the first entry, and from the snapshot, gives the same text and record."""
    base = () if opinion is None else _updates(opinion)
    try:
        whole = _replayed((*base, *_updates(stored.entries)), opinion is not None)
    except DocumentError as error:
        yield f"The log does not replay: {error.message}"
        return
    snapshot = stored.snapshot
    if snapshot is None:
        return
    if not 0 < snapshot.seq <= stored.seq:
        yield f"The snapshot is of entry {snapshot.seq}, which the log does not have."
        return
    try:
        tail = _updates(stored.entries[snapshot.seq :])
        short = _replayed((snapshot.state, *base, *tail), opinion is not None)
        upto = _replayed((*base, *_updates(stored.entries[: snapshot.seq])), opinion is not None)
        kept = _replayed((snapshot.state, *base), opinion is not None)
    except DocumentError as error:
        yield f"The snapshot at entry {snapshot.seq} does not load: {error.message}"
        return
    if kept != upto or short != whole:
        yield f"The snapshot at entry {snapshot.seq} is not what the log gives."


def _check_versions(
    stored: _Stored, frozen: Sequence[tuple[Version, str]], public: Mapping[str, bytes]
) -> Iterator[str]:
    """V1: each version is what the entries up to its seq give, signed, and chained to the one before."""
    previous = ""
    if (made := sum(entry.kind is EntryKind.FREEZE for entry in stored.entries)) != len(frozen):
        yield f"The log has {made} freezes, and {len(frozen)} versions are kept."
    for number, (version, key) in enumerate(frozen, 1):
        name = f"Version {version.number}"
        if version.number != number or version.previous != previous:
            yield f"{name} does not follow the version before it."
        previous = version.record_hash
        if hashlib.sha256(version.record.encode()).hexdigest() != version.record_hash:
            yield f"{name}: its record does not match its hash."
        if not _signed(version, public.get(key)):
            yield f"{name}: its signature does not verify."
        beside = any(str(value) != str(getattr(version, field)) for field, value in _facts(version).items())
        if beside or _time_differs(version):
            yield f"{name}: what is stored beside its record differs from it."
        if not 0 < version.seq <= stored.seq or stored.entries[version.seq - 1].hash.hex() != version.head:
            yield f"{name}: entry {version.seq} of the log is not the one it was made of."
            continue
        try:
            document = _replayed(_updates(stored.entries[: version.seq]), False)
            kept = _replayed((version.state,), False)
        except DocumentError as error:
            yield f"{name} does not replay: {error.message}"
            continue
        text = canonical_text(document)
        if text != version.text or fingerprint(text) != version.fingerprint or kept != document:
            yield f"{name}: its text is not what the log gives."
        yield from _check_published(name, version, key, document)


def _check_published(name: str, version: Version, key: str, document: Document) -> Iterator[str]:
    """V3, of format 2: what the record says of published texts, attribution, log and key."""
    facts = version.facts
    if "format" not in facts:
        return
    if facts["format"] != FORMAT:
        yield f"{name}: its record is of format {facts['format']}, which this program does not know."
        return
    given = digests(published_texts(document))
    for form in sorted(given.keys() | version.texts.keys()):
        if given.get(form) != version.texts.get(form):
            yield f"{name}: its text in the form “{form}” is not what the log gives."
    if facts.get("attribution") != attribution_digest(document):
        yield f"{name}: whose proposals stand in it is not what the log gives."
    if (facts.get("document"), facts.get("key")) != (version.opinion, key):
        yield f"{name}: its record names another log, or another key than the one that signed it."


def _signed(version: Version, public: bytes | None) -> bool:
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(version.signature, version.record.encode())
    except InvalidSignature:
        return False
    return True


def _facts(version: Version) -> dict[str, object]:
    """What is stored in columns beside the record, as the record has it."""
    return {field: version.facts.get(field) for field in _BESIDE}


def _time_differs(version: Version) -> bool:
    try:
        return datetime.fromisoformat(str(version.facts.get("frozen_at"))) != version.frozen_at
    except (TypeError, ValueError):
        return True


def _updates(entries: Sequence[Entry]) -> tuple[bytes, ...]:
    return tuple(update for entry in entries for update in entry.updates)


def _replayed(updates: Sequence[bytes], workspace: bool) -> Document:
    gate = Gate(WORKSPACE_CLIENT, "drafts", updates) if workspace else Gate(OPINION_CLIENT, "record", updates)
    return gate.view()
