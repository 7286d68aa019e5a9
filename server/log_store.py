"""Logs in the database: append entries, load a log, keep snapshots and versions (crdt/SPEC.md, L and V).

Plain functions of a `Connection`, each one part of somebody's transaction; they return values of `crdt.log`
and `crdt.versions`, never rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crdt.log import GENESIS, Entry, EntryKind, Lease, Snapshot, StoredLog, payload, updates_of
from crdt.step import Append
from crdt.versions import Version
from opinions.drafting_groups import is_group
from opinions.model import DelegationCode
from server import outbox
from server.audit_store import AuditEvent, note
from server.audit_store import Kind as Audited
from server.errors import AppendConflict
from server.prepared import Prepared, PreparedAmong
from server.tables import documents, entries, leases, owners, snapshots, versions

_INSERT_ENTRY = Prepared(insert(entries))
_INSERT_LEASE = insert(leases)
_INSERT_VERSION = insert(versions)
_ADVANCE = Prepared(
    update(documents)
    .where(
        documents.c.id == bindparam("document"),
        documents.c.seq == bindparam("expected_seq"),
        documents.c.epoch == bindparam("expected_epoch"),
    )
    .values(seq=bindparam("new_seq"), head_hash=bindparam("new_head"), epoch=bindparam("new_epoch"))
)
_CHECK = (
    select(documents.c.head_hash)
    .where(
        documents.c.id == bindparam("document"),
        documents.c.seq == bindparam("expected_seq"),
        documents.c.epoch == bindparam("expected_epoch"),
    )
    .with_for_update(key_share=True)
)
_FENCES = PreparedAmong(
    lambda held: (
        select(owners.c.opinion, owners.c.fence)
        .where(owners.c.opinion.in_(held))
        .order_by(owners.c.opinion)
        .with_for_update(read=True)
    )
)


def found_document(
    connection: Connection,
    document: str,
    opinion: str,
    delegation: DelegationCode | None = None,
    generation: int = 1,
) -> None:
    """Put the row of a document whose log is still empty: of an Opinion, or the workspace of a delegation or group."""
    connection.execute(
        insert(documents).values(
            id=document,
            opinion=opinion,
            delegation=None if delegation and is_group(delegation) else delegation,
            drafting_group=delegation if delegation and is_group(delegation) else None,
            generation=generation,
            epoch=1,
            seq=0,
            head_hash=GENESIS,
        )
    )


@dataclass(frozen=True, slots=True)
class RoomAppends:
    """What one step of an Opinion's room appends to its logs. `fence` is the one under which the appending process owns
    the Opinion; None where one process is all there is.
    """

    opinion: str
    appends: Sequence[Append]
    fence: int | None = None


def append(
    connection: Connection,
    opinion: str,
    appends: Sequence[Append],
    key: str,
    at: datetime,
    fence: int | None = None,
) -> None:
    """As `append_all`, for one step of one room."""
    append_all(connection, (RoomAppends(opinion, appends, fence),), key, at)


def append_all(connection: Connection, steps: Sequence[RoomAppends], key: str, at: datetime) -> None:
    """Write what steps of rooms append to their logs: entries, leases, versions and the jobs that follow a version, all
    or nothing.

    `key` is the id of the signing key in force. Raises `AppendConflict` when a log no longer stands at the seq and
    epoch that an append was made for, or a client id was lent since, or an Opinion has had another owner since (R14);
    of several, it may name any. The caller's transaction must then be rolled back. Statements go for all at once:
    fifty rooms take as many round trips as one.
    """
    _require_fences(connection, steps)
    appends = [one for step in steps for one in step.appends]
    for step in steps:
        for one in step.appends:
            if one.founding:
                _found(connection, one, step.opinion)
    moving = [one for one in appends if one.entries]
    if moving and _ADVANCE.each(connection, [_advanced(one) for one in moving]) != len(moving):
        raise AppendConflict(moving[0].document)
    for one in appends:
        if not one.entries and connection.execute(_CHECK, _expected(one)).first() is None:
            raise AppendConflict(one.document)
    rows = [_entry_values(one.document, entry) for one in moving for entry in one.entries]
    if rows:
        _INSERT_ENTRY.each(connection, rows)
    lent = [
        {"document": one.document, "client": lease.client, "member": lease.member, "created_at": at}
        for one in appends
        for lease in one.leases
    ]
    if lent:
        try:
            connection.execute(_INSERT_LEASE, lent)
        except IntegrityError:
            raise AppendConflict(str(lent[0]["document"])) from None
    for one in appends:
        if one.version is not None:
            connection.execute(_INSERT_VERSION, _version_values(one.document, one.version, key))
            by = one.entries[-1] if one.entries else None
            who = ("", "") if by is None else (by.member, by.name)
            note(connection, AuditEvent(Audited.FREEZE, at, *who, one.version.opinion, one.version.label))
            outbox.put(connection, outbox.exports_of(one.version.opinion, one.version.number), at)
            outbox.put(connection, outbox.frozen(one.version.opinion, one.version.number), at)
            if not one.version.cut:
                outbox.put(connection, outbox.frozen_letter(one.version.opinion, one.version.number), at)


def _require_fences(connection: Connection, steps: Sequence[RoomAppends]) -> None:
    # Locked, so that whoever takes an Opinion over waits for this transaction and loads what it wrote.
    fenced = [step for step in steps if step.fence is not None]
    if not fenced:
        return
    opinions = sorted({step.opinion for step in fenced})
    standing = {opinion: fence for opinion, fence in _FENCES.all(connection, opinions)}
    for step in fenced:
        if standing.get(step.opinion) != step.fence:
            raise AppendConflict(step.opinion)


def _found(connection: Connection, one: Append, opinion: str) -> None:
    generation = one.entries[0].generation if one.entries else 1
    try:
        found_document(connection, one.document, opinion, one.delegation, generation)
    except IntegrityError:
        raise AppendConflict(one.document) from None


def _expected(one: Append) -> dict[str, Any]:
    return {"document": one.document, "expected_seq": one.expected_seq, "expected_epoch": one.epoch}


def _advanced(one: Append) -> dict[str, Any]:
    last = one.entries[-1]
    return {
        **_expected(one),
        "new_seq": last.seq,
        "new_head": last.hash,
        "new_epoch": one.next_epoch or one.epoch,
    }


def load_log(connection: Connection, document: str) -> StoredLog:
    """A document's log from its newest snapshot on. Raises `KeyError` when there is no such document."""
    row = connection.execute(select(documents).where(documents.c.id == document)).one_or_none()
    if row is None:
        raise KeyError(document)
    snapshot = load_snapshot(connection, document)
    # Asked lease by lease, each is one step down an index; grouped, the whole log is read.
    last_n = (
        select(func.max(entries.c.n))
        .where(entries.c.document == leases.c.document, entries.c.client == leases.c.client)
        .scalar_subquery()
    )
    lent = select(leases.c.client, leases.c.member, last_n).where(leases.c.document == document)
    results = select(entries.c.key, entries.c.seq, entries.c.result).where(
        entries.c.document == document, entries.c.key.is_not(None)
    )
    return StoredLog(
        document=document,
        generation=row.generation,
        epoch=row.epoch,
        seq=row.seq,
        head=row.head_hash,
        snapshot=snapshot,
        tail=tuple(load_entries(connection, document, after=snapshot.seq if snapshot else 0)),
        leases=tuple(Lease(client, member, n or 0) for client, member, n in connection.execute(lent)),
        results={key: (seq, result) for key, seq, result in connection.execute(results)},
    )


def load_entries(connection: Connection, document: str, *, after: int = 0, limit: int | None = None) -> Iterator[Entry]:
    """The entries of a log with a seq above `after`, in order, at most `limit`."""
    chosen: Select[Any] = (
        select(entries).where(entries.c.document == document, entries.c.seq > after).order_by(entries.c.seq)
    )
    if limit is not None:
        chosen = chosen.limit(limit)
    for row in connection.execute(chosen):
        yield _entry(row)


def load_snapshot(connection: Connection, document: str) -> Snapshot | None:
    """The newest snapshot of a document, or None."""
    row = connection.execute(select(snapshots).where(snapshots.c.document == document)).one_or_none()
    return None if row is None else Snapshot(row.seq, row.state, row.opinion_seq)


def save_snapshot(connection: Connection, document: str, snapshot: Snapshot) -> None:
    """Keep a snapshot in place of the one before; an older one than that is ignored."""
    values = {"seq": snapshot.seq, "state": snapshot.state, "opinion_seq": snapshot.opinion_seq}
    present = connection.scalar(select(snapshots.c.seq).where(snapshots.c.document == document))
    if present is None:
        connection.execute(insert(snapshots).values(document=document, **values))
    elif present < snapshot.seq:
        connection.execute(update(snapshots).where(snapshots.c.document == document).values(**values))


def load_versions(connection: Connection, opinion: str) -> tuple[Version, ...]:
    """An Opinion's versions, the first one first."""
    chosen = select(versions).where(versions.c.opinion == opinion).order_by(versions.c.number)
    return tuple(_version(row) for row in connection.execute(chosen))


def _entry_values(document: str, entry: Entry) -> dict[str, Any]:
    return {
        "document": document,
        "seq": entry.seq,
        "generation": entry.generation,
        "epoch": entry.epoch,
        "kind": entry.kind.value,
        "client": entry.client or None,
        "n": entry.n or None,
        "key": entry.key or None,
        "member": entry.member,
        "name": entry.name,
        "party": entry.party,
        "typist": entry.typist,
        "at": entry.at,
        "command": entry.command,
        "result": entry.result,
        "payload": payload(entry.updates),
        "hash": entry.hash,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        seq=row.seq,
        kind=EntryKind(row.kind),
        at=row.at,
        updates=updates_of(row.payload),
        client=row.client or 0,
        n=row.n or 0,
        key=row.key or "",
        member=row.member,
        name=row.name,
        party=row.party,
        typist=row.typist,
        command=row.command,
        result=row.result,
        generation=row.generation,
        epoch=row.epoch,
        hash=row.hash,
    )


_VERSION_FIELDS = (
    "opinion number label milestone note seq head text fingerprint previous frozen_by recorded_by frozen_at "
    "record record_hash signature state"
).split()


def _version_values(document: str, version: Version, key: str) -> dict[str, Any]:
    return {"document": document, "key": key, **{name: getattr(version, name) for name in _VERSION_FIELDS}}


def _version(row: Row[Any]) -> Version:
    return Version(**{name: getattr(row, name) for name in _VERSION_FIELDS})
