"""What clients saw, and a checker that holds it against the log. The checker shares no code with the server.

A ledger is a list of events of one client: `sent` (n, the update's bytes), `acknowledged` (all up to n, at seq), `told`
(updates of others or its own). The checker reads the database file itself, hashes what crdt/SPEC.md says is hashed, and
answers with every promise that was broken; nothing broken is an empty list.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(slots=True)
class Ledger:
    """The events of one client id in one document, in the order they happened."""

    document: str
    client: int
    member: str
    sent: dict[int, bytes] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)
    told: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    client: int
    n: int
    member: str
    updates: tuple[bytes, ...]


def broken_promises(database: Path, ledgers: Sequence[Ledger]) -> list[str]:
    """Everything that the log does not hold of what clients were told (P1, P3, I5)."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    found = []
    logs: dict[str, list[_Row]] = {}
    for (document,) in connection.execute("SELECT id FROM documents ORDER BY id").fetchall():
        logs[document], broken = _log(connection, document)
        found += broken
    connection.close()
    everything = {update for rows in logs.values() for row in rows for update in row.updates}
    for ledger in ledgers:
        found += _acknowledged(ledger, logs.get(ledger.document, []))
        unknown = [update for update in ledger.told if update not in everything]
        if unknown:
            found.append(
                f"{ledger.document}: client {ledger.client} was told {len(unknown)} updates that are not in any log"
            )
    return found


def _acknowledged(ledger: Ledger, rows: Iterable[_Row]) -> list[str]:
    mine = [row for row in rows if row.client == ledger.client]
    stored = {row.n: row for row in mine}
    found = []
    name = f"{ledger.document}: client {ledger.client}"
    for n, times in Counter(row.n for row in mine).items():
        if times > 1:
            found.append(f"{name}: message {n} is in the log {times} times")
    for n, seq in ledger.acknowledged.items():
        row = stored.get(n)
        if row is None:
            found.append(f"{name}: message {n} was acknowledged at seq {seq} and is not in the log")
        elif row.seq > seq:
            found.append(f"{name}: message {n} was acknowledged at seq {seq} and is entry {row.seq}")
    for row in mine:
        if row.n not in ledger.sent:
            found.append(f"{name}: entry {row.seq} holds message {row.n}, which was never sent")
        elif row.updates[:1] != (ledger.sent[row.n],):
            found.append(f"{name}: entry {row.seq} does not hold the bytes of message {row.n}")
        if row.member != ledger.member:
            found.append(f"{name}: entry {row.seq} is {row.member}'s, not {ledger.member}'s")
    return found


_COLUMNS = (
    "generation, epoch, seq, kind, client, n, key, member, name, party, typist, at, command, result, payload, hash"
)


def _log(connection: sqlite3.Connection, document: str) -> tuple[list[_Row], list[str]]:
    rows: list[_Row] = []
    found: list[str] = []
    previous = bytes(32)
    chosen = connection.execute(f"SELECT {_COLUMNS} FROM entries WHERE document = ? ORDER BY seq", (document,))
    names = _COLUMNS.split(", ")
    for number, values in enumerate(chosen, 1):
        entry = dict(zip(names, values, strict=True))
        payload, stored = entry.pop("payload"), entry.pop("hash")
        if entry["seq"] != number:
            found.append(f"{document}: entry {number} is missing, {entry['seq']} follows")
            break
        header = {
            **entry,
            "document": document,
            "client": entry["client"] or 0,
            "n": entry["n"] or 0,
            "key": entry["key"] or "",
        }
        header["at"] = datetime.fromisoformat(entry["at"]).isoformat() + "+00:00"
        canonical = json.dumps(header, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        previous = hashlib.sha256(
            previous + hashlib.sha256(canonical).digest() + hashlib.sha256(payload).digest()
        ).digest()
        if previous != stored:
            found.append(f"{document}: entry {number} does not match its hash")
            break
        rows.append(_Row(number, header["client"], header["n"], entry["member"], _updates(payload)))
    row = connection.execute("SELECT seq, head_hash FROM documents WHERE id = ?", (document,)).fetchone()
    if not found and row != (len(rows), previous):
        found.append(f"{document}: the document's row says entry {row[0]}, the log ends at {len(rows)}")
    return rows, found


def _updates(payload: bytes) -> tuple[bytes, ...]:
    def number(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = payload[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value, at

    count, at = number(0)
    updates = []
    for _ in range(count):
        length, at = number(at)
        updates.append(payload[at : at + length])
        at += length
    return tuple(updates)
