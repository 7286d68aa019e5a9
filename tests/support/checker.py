"""Holds what clients were told against the database, and says every promise that was broken: a program of its own.

    python -m tests.support.checker LEDGER... --data-dir DIRECTORY
    python -m tests.support.checker LEDGER... --database-url postgresql://...

It shares nothing with the server's stores: it reads the rows by SQL of its own and hashes what crdt/SPEC.md says is
hashed. Per document: seqs without a gap, the hash chain, the row that says where the log ends, no entry of an epoch
after the freeze that ended it. Per client: all that was acknowledged is there, once, not behind where it was said to
be; nothing told that is in no log. Per version: the text that replaying its entries gives; one for each number, one for
each freeze; what was acknowledged before it was asked for is in it, what was sent after its answer is not.

Each broken promise is a line; the exit code is 1 when there is one.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from crdt.client import READER
from crdt.document import SharedDocument
from opinions.canonical import canonical_text, fingerprint
from server.settings import Settings
from tests.support.ledger import Freeze, Ledger, read_ledger, write_ledger

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, as much of it as is checked."""

    seq: int
    epoch: int
    kind: str
    client: int
    n: int
    key: str
    member: str
    updates: tuple[bytes, ...]
    hash: bytes


@dataclass(slots=True)
class Logs:
    """All logs of a database, and what is wrong with them by themselves."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    versions: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)


def broken_promises(place: Path | Settings | str, ledgers: Sequence[Ledger]) -> list[str]:
    """Everything that the logs do not hold of what clients were told (P1, P3, I5, I6).

    `place` is SQLite's file, a PostgreSQL URL, or settings that name either.
    """
    logs = read(place)
    found = logs.found
    everything = {update for rows in logs.rows.values() for row in rows for update in row.updates}
    for ledger in ledgers:
        found += _acknowledged(ledger, logs.rows.get(ledger.document, []))
        unknown = [update for update in ledger.told if update not in everything]
        if unknown:
            found.append(
                f"{ledger.document}: client {ledger.client} was told {len(unknown)} updates that are not in any log"
            )
    for document, versions in logs.versions.items():
        theirs = [one for one in ledgers if one.document == document]
        found += _frozen(document, logs.rows.get(document, []), versions, theirs)
    return found


def checked(place: Settings, ledgers: Sequence[Ledger]) -> list[str]:
    """As `broken_promises`, by a process that gets the ledgers as files and knows nothing else."""
    with tempfile.TemporaryDirectory(prefix="unbracket-ledgers-") as folder:
        paths = [Path(folder) / f"{number:03}.json" for number, _ in enumerate(ledgers)]
        for ledger, path in zip(ledgers, paths, strict=True):
            write_ledger(ledger, path)
        where = ["--database-url", place.database_url] if place.database_url else ["--data-dir", str(place.data_dir)]
        command = [sys.executable, "-m", "tests.support.checker", *map(str, paths), *where]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("BROKEN ")]
    if done.returncode not in (0, 1) or bool(done.returncode) != bool(found):
        found.append(f"the checker ended with {done.returncode}: {done.stderr[-400:]}")
    return [line.removeprefix("BROKEN ") for line in found]


def read(place: Path | Settings | str) -> Logs:
    """The logs of a database, with what is wrong with chains, epochs and ends."""
    logs = Logs()
    with _connected(place) as connection:
        documents = connection.execute(text("SELECT id, seq, head_hash, epoch FROM documents ORDER BY id")).all()
        for document, seq, head, epoch in documents:
            rows, broken = _log(connection, document)
            if not broken and (seq, bytes(head)) != (len(rows), rows[-1].hash if rows else bytes(32)):
                broken.append(f"{document}: the document's row says entry {seq}, the log ends at {len(rows)}")
            logs.rows[document] = rows
            logs.found += [*broken, *_epochs(document, rows, epoch)]
        chosen = "SELECT document, number, label, seq, head, text, fingerprint FROM versions ORDER BY document, number"
        for row in connection.execute(text(chosen)).mappings():
            logs.versions.setdefault(row["document"], []).append(dict(row))
    return logs


@contextmanager
def _connected(place: Path | Settings | str) -> Iterator[Connection]:
    if isinstance(place, Settings):
        place = place.database_url or place.data_dir / "unbracket.db"
    if isinstance(place, Path):
        url = make_url(f"sqlite:///file:{place}?mode=ro&uri=true")
    else:
        url = make_url(place).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


_COLUMNS = (
    "generation, epoch, seq, kind, client, n, key, member, name, party, typist, at, command, result, payload, hash"
)


def _log(connection: Connection, document: str) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    previous = bytes(32)
    chosen = text(f"SELECT {_COLUMNS} FROM entries WHERE document = :document ORDER BY seq")
    for number, values in enumerate(connection.execute(chosen, {"document": document}).mappings(), 1):
        entry = dict(values)
        payload, stored = bytes(entry.pop("payload")), bytes(entry.pop("hash"))
        if entry["seq"] != number:
            return rows, [f"{document}: entry {number} is missing, {entry['seq']} follows"]
        header = {
            **entry,
            "document": document,
            "client": entry["client"] or 0,
            "n": entry["n"] or 0,
            "key": entry["key"] or "",
            "at": _time(entry["at"]),
        }
        canonical = json.dumps(header, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        previous = hashlib.sha256(
            previous + hashlib.sha256(canonical).digest() + hashlib.sha256(payload).digest()
        ).digest()
        if previous != stored:
            return rows, [f"{document}: entry {number} does not match its hash"]
        rows.append(
            Row(
                number,
                entry["epoch"],
                entry["kind"],
                header["client"],
                header["n"],
                header["key"],
                entry["member"],
                _updates(payload),
                stored,
            )
        )
    return rows, []


def _time(stored: datetime | str) -> str:
    # SQLite keeps text, in UTC without saying so.
    if isinstance(stored, str):
        return datetime.fromisoformat(stored).isoformat() + "+00:00"
    return stored.astimezone(UTC).isoformat()


def _epochs(document: str, rows: Sequence[Row], last: int) -> Iterator[str]:
    epoch, over = 1, 0
    for row in rows:
        if not max(epoch, over + 1) <= row.epoch <= last:
            yield f"{document}: entry {row.seq} is of epoch {row.epoch}, which was over or had not begun"
        epoch = max(epoch, row.epoch)
        if row.kind == "freeze":
            over = row.epoch


def _acknowledged(ledger: Ledger, rows: Iterable[Row]) -> list[str]:
    # A chair who only freezes was lent no client id.
    mine = [row for row in rows if row.client and row.client == ledger.client]
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


def _frozen(
    document: str, rows: Sequence[Row], versions: Sequence[Mapping[str, Any]], ledgers: Sequence[Ledger]
) -> Iterator[str]:
    """V1, I6: each version is a cut of the log, each freeze one version, and everybody was told of the same ones."""
    numbers = [version["number"] for version in versions]
    if numbers != list(range(1, len(versions) + 1)):
        yield f"{document}: its versions are numbered {numbers}"
    cuts = [row.seq - 1 for row in rows if row.kind == "freeze"]
    if cuts != [version["seq"] for version in versions]:
        yield f"{document}: frozen after entries {cuts}, versions of {[version['seq'] for version in versions]}"
        return
    replica, replayed = SharedDocument(READER), 0
    for version in versions:
        name, seq = f"{document}: version {version['number']}", version["seq"]
        if rows[seq - 1].hash.hex() != version["head"]:
            yield f"{name} names another hash than entry {seq}'s"
        replica.apply([update for row in rows[replayed:seq] for update in row.updates])
        replayed = seq
        whole = canonical_text(replica.view())
        if whole != version["text"] or fingerprint(whole) != version["fingerprint"]:
            yield f"{name} is not the text of the entries up to {seq}"
    freezes = [freeze for ledger in ledgers for freeze in ledger.freezes]
    yield from _told_of(document, versions, freezes)
    for freeze in freezes:
        yield from _before_and_after(document, freeze, ledgers)


def _told_of(document: str, versions: Sequence[Mapping[str, Any]], freezes: Sequence[Freeze]) -> Iterator[str]:
    by_number = {version["number"]: version for version in versions}
    winners: dict[int, str] = {}
    for freeze in freezes:
        version = by_number.get(freeze.number)
        if version is None:
            yield f"{document}: a chair was told of version {freeze.number}, which is not there"
            continue
        facts = (freeze.label, freeze.seq, freeze.fingerprint)
        if facts != (version["label"], version["seq"], version["fingerprint"]):
            yield f"{document}: version {freeze.number} is not what the chair who froze it was told"
        if winners.setdefault(freeze.number, freeze.key) != freeze.key:
            yield f"{document}: two freezes won version {freeze.number}"


def _before_and_after(document: str, freeze: Freeze, ledgers: Iterable[Ledger]) -> Iterator[str]:
    for ledger in ledgers:
        name = f"{document}: message {{}} of client {ledger.client}"
        for n, at in ledger.acknowledged_at.items():
            seq = ledger.acknowledged.get(n, 0)
            if at < freeze.asked and seq > freeze.seq:
                yield f"{name.format(n)} was acknowledged before version {freeze.number} and is not in it"
            if ledger.sent_at.get(n, 0.0) > freeze.answered and 0 < seq <= freeze.seq:
                yield f"{name.format(n)} was sent after version {freeze.number} and is in it"


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


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.checker", description=__doc__.partition("\n")[0])
    parser.add_argument("ledgers", nargs="*", type=Path, metavar="LEDGER", help="files of clients' ledgers")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data-dir", type=Path, help="the server's data directory, on SQLite")
    where.add_argument("--database-url", help="the server's PostgreSQL")
    asked = parser.parse_args(arguments)
    ledgers = [read_ledger(path) for path in asked.ledgers]
    found = broken_promises(asked.database_url or asked.data_dir / "unbracket.db", ledgers)
    for line in found:
        print(f"BROKEN {line}")
    acknowledged = sum(len(ledger.acknowledged) for ledger in ledgers)
    freezes = sum(len(ledger.freezes) for ledger in ledgers)
    print(f"{len(ledgers)} ledgers, {acknowledged} acknowledged, {freezes} freezes: {len(found)} promises broken")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
