"""P8: version files, and the rows of logs, versions and keys, each changed in one place, as chance will have it: bits
flipped, fields changed, swapped, cut short, left out, taken from another version, all signed anew by a stranger.

A trial is one change. One of a file must be found by both verifiers, `unbracket verify` and the one that stands alone;
one of a row by `verify-log`.
"""

import json
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from server.database import Database
from server.freezes.rotation import go_on_with, rotate
from server.settings import Settings
from server.signing import SigningKey
from server.static import unbracket_verify as alone
from server.verification.proof import Signed, spelled
from server.verification.sources import Source, verify_sources
from server.verify import verify
from tests.soak.campaign import Campaign, Outcome
from tests.support.proofs import FIRST, NOON, SECOND, STRANGER, proofs, rotation
from tests.support.sitting import after_two_sittings

ROWS = 0.04
"""Of all trials: the share that changes rows of a database, which takes longer to look through."""
TABLES: Mapping[str, Sequence[str]] = {
    "entries": "seq generation epoch kind client n key member name party typist at command result payload hash".split(),
    "versions": "seq head text fingerprint label milestone note frozen_by recorded_by frozen_at previous record "
    "record_hash key signature".split(),
    "keys": ["id", "public_key"],
    "documents": ["seq", "head_hash"],
    "key_rotations": "number old_key new_key new_public at record signature".split(),
}
"""Tables with the columns that a row is made of. `versions.state` and snapshots are held against the text that they
give: bytes that give the same text are no change of it.
"""
LETTERS = "aeZ 9电é"

Found = Callable[[bytes], bool]


def by_ours(data: bytes) -> bool:
    """Whether `unbracket verify` finds something to differ."""
    return not all(one.agrees for one in verify_sources([Source("f", {"f": data})], [FIRST.id], complete=True))


def by_the_one_alone(data: bytes) -> bool:
    """Whether the stand-alone verifier does."""
    return any(bad for _, _, _, bad in alone.check([("f", {"f": data}, False)], [FIRST.id], True))


@dataclass(frozen=True, slots=True)
class Files:
    """Draws changed version files."""

    chance: Random
    file: Mapping[str, Any]
    data: bytes
    others: Sequence[Mapping[str, Any]]

    def changed(self) -> tuple[str, bytes]:
        """What was done, and the bytes."""
        kinds = (self._bit, self._byte, self._cut, self._field, self._field, self._field, self._left_out, self._more,
                 self._swapped, self._replayed, self._forged)  # fmt: skip
        while True:
            told, data = self.chance.choice(kinds)()
            if data != self.data:
                return told, data

    def _bit(self) -> tuple[str, bytes]:
        at, bit = self.chance.randrange(len(self.data)), 1 << self.chance.randrange(8)
        return f"bit {bit} of byte {at}", self.data[:at] + bytes([self.data[at] ^ bit]) + self.data[at + 1 :]

    def _byte(self) -> tuple[str, bytes]:
        at, byte = self.chance.randrange(len(self.data)), bytes([self.chance.randrange(256)])
        return f"byte {byte.hex()} before {at}", self.data[:at] + byte + self.data[at:]

    def _cut(self) -> tuple[str, bytes]:
        at = self.chance.randrange(len(self.data))
        return f"cut at {at}", self.data[:at]

    def _places(self, value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if path:
            yield path
        for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
            yield from self._places(value[key], (*path, key))

    def _drawn(self, wanted: Callable[[Any], bool] = lambda _: True) -> tuple[Any, tuple[Any, ...], Any]:
        file = deepcopy(dict(self.file))
        places = [path for path in self._places(file) if wanted(_at(file, path))]
        path = self.chance.choice(places)
        return file, path, _at(file, path[:-1])

    def _field(self) -> tuple[str, bytes]:
        file, path, holder = self._drawn(lambda value: isinstance(value, str | int))
        holder[path[-1]] = changed_value(self.chance, holder[path[-1]])
        return f"{path} changed", spelled(file)

    def _left_out(self) -> tuple[str, bytes]:
        # A text that is there under another name, too, is known all the same: of an agreed text all forms are alike.
        alike = Counter(one["text"] for one in self.file["texts"].values())
        file, path, holder = self._drawn(lambda value: not isinstance(value, dict) or alike[value.get("text", "")] < 2)
        if self.chance.random() < 0.5:
            holder[path[-1]] = None
        else:
            del holder[path[-1]]
        return f"{path} left out", spelled(file)

    def _more(self) -> tuple[str, bytes]:
        file, path, _ = self._drawn(lambda value: isinstance(value, dict | list))
        value = _at(file, path)
        if isinstance(value, list):
            value.insert(self.chance.randrange(len(value) + 1), deepcopy(self.chance.choice(value)) if value else {})
        else:
            value["more"] = "more"
        return f"{path} with something more", spelled(file)

    def _swapped(self) -> tuple[str, bytes]:
        file, path, holder = self._drawn(lambda value: isinstance(value, str | int))
        other = self.chance.choice([one for one in self._places(file) if isinstance(_at(file, one), str | int)])
        theirs = _at(file, other[:-1])
        holder[path[-1]], theirs[other[-1]] = theirs[other[-1]], holder[path[-1]]
        return f"{path} and {other} exchanged", spelled(file)

    def _replayed(self) -> tuple[str, bytes]:
        """A part of another version's file in the place of its own."""
        file, other = deepcopy(dict(self.file)), self.chance.choice(self.others)
        if self.chance.random() < 0.5:
            part = self.chance.choice(sorted(file))
            file[part] = other[part]
        else:
            part = self.chance.choice(("record", "record_hash", "signature", "key"))
            file["version"][part] = other["version"][part]
        return f"{part} of another version", spelled(file)

    def _forged(self) -> tuple[str, bytes]:
        """Another record, signed anew by somebody else, who vouches for himself in some way: only the key that the
        reader knows tells.
        """
        proof = proofs()[2]
        facts = json.loads(proof.version.record)
        name = self.chance.choice(sorted(facts))
        facts[name] = changed_value(self.chance, facts[name])
        if "key" in facts:
            facts["key"] = STRANGER.id
        record = spelled(facts)[:-1].decode()
        first, stranger, second = ((one.id, one.public) for one in (FIRST, STRANGER, SECOND))
        ways: Mapping[str, tuple[list[tuple[str, bytes]], list[Signed]]] = {
            "who hands over to the key that is known": (
                [stranger, first, second],
                [STRANGER.signed(rotation(FIRST, STRANGER)), FIRST.signed(rotation())],
            ),
            "who and whose second key vouch for each other": (
                [first, stranger, second],
                [STRANGER.signed(rotation(SECOND, STRANGER)), SECOND.signed(rotation(STRANGER, SECOND))],
            ),
            "who says that the process was brought to him": (
                [first, second, stranger],
                [FIRST.signed(rotation()), STRANGER.signed(rotation(STRANGER, SECOND, "brought"))],
            ),
        }
        if self.chance.random() < 0.5:
            way = self.chance.choice(sorted(ways))
            keys, rotations = ways[way]
            made = replace(proof, version=STRANGER.signed(record), keys=keys, rotations=rotations, volume=None)
            return f"{name} of the record, signed by a stranger {way}", made.to_bytes()
        forged = replace(
            proof,
            version=STRANGER.signed(record),
            previous=[Signed(one.record, STRANGER.sign(one.record.encode()), STRANGER.id) for one in proof.previous],
            keys=[(STRANGER.id, STRANGER.public)],
            rotations=[],
            volume=None,
        )
        return f"{name} of the record, all signed by a stranger", forged.to_bytes()


def _at(value: Any, path: Sequence[Any]) -> Any:
    for key in path:
        value = value[key]
    return value


def changed_value(chance: Random, value: Any) -> Any:
    """Another value of the same kind, near by."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return chance.choice((value + 1, value - 1, -value - 1, value + 2**32, float(value), str(value)))
    if isinstance(value, bytes):
        at = chance.randrange(len(value)) if value else 0
        flipped = bytes([value[at] ^ 1 << chance.randrange(8)]) if value else b"\x00"
        return chance.choice((value[:at] + flipped + value[at + 1 :], value[:at], value + b"\x00"))
    if isinstance(value, str):
        at = chance.randrange(len(value)) if value else 0
        near = chr(max(1, ord(value[at]) ^ 1 << chance.randrange(5))) if value else "a"
        letter = chance.choice(LETTERS)
        return chance.choice(
            (value[:at] + near + value[at + 1 :], value[:at] + letter + value[at + 1 :], value[:at] + value[at + 1 :],
             value[:at] + letter + value[at:], value[:at], value + letter, value.swapcase())
        )  # fmt: skip
    return [value]


def file_trials(chance: Random, finders: Mapping[str, Found]) -> Iterator[tuple[str, list[str]]]:
    """Changed files, for ever: what was done, and the verifiers that did not see it."""
    third = proofs()[2]
    others = [json.loads(one.to_bytes()) for one in proofs()[:2]]
    files = Files(chance, json.loads(third.to_bytes()), third.to_bytes(), others)
    while True:
        told, data = files.changed()
        yield told, [name for name, finds in finders.items() if not finds(data)]


def row_trials(chance: Random, data_dir: Path) -> Iterator[tuple[str, bool]]:
    """Changed rows, for ever, each undone afterwards: what was done, and whether `verify-log` sees it."""
    settings = Settings(data_dir=data_dir)
    rotate(settings, NOON)
    with Database(settings) as database:
        elsewhere = SigningKey(STRANGER.id, STRANGER.public, STRANGER.private)
        database.run(lambda connection: go_on_with(connection, elsewhere, NOON))
    path = data_dir / "unbracket.db"
    with sqlite3.connect(path) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        before = {table: raw.execute(f"SELECT rowid, * FROM {table}").fetchall() for table in TABLES}
        columns = {table: [row[1] for row in raw.execute(f"PRAGMA table_info({table})")] for table in TABLES}
    while True:
        raw = sqlite3.connect(path)
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        try:
            told = _one_row(chance, raw, before, columns)
            for _, statement in triggers:
                raw.execute(statement)
            raw.commit()
            with Database.reading(settings) as connection:
                seen = any(verdict.findings for verdict in verify(connection))
        finally:
            _restored(raw, before, triggers)
            raw.close()
        if told:
            yield told, seen


def _one_row(
    chance: Random, raw: sqlite3.Connection, before: Mapping[str, list[Any]], columns: Mapping[str, list[str]]
) -> str:
    table = chance.choices(list(TABLES), weights=(6, 6, 1, 1, 2))[0]
    row = chance.choice(before[table])
    rowid, values = row[0], dict(zip(columns[table], row[1:], strict=True))
    if table in ("entries", "versions") and chance.random() < 0.1:
        raw.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
        return f"{table} {rowid} gone"
    column = chance.choice([one for one in TABLES[table] if values[one] is not None])
    value = values[column]
    if chance.random() < 0.3 and len(before[table]) > 1:
        donor = chance.choice(before[table])
        new = dict(zip(columns[table], donor[1:], strict=True))[column]
    else:
        new = changed_value(chance, value)
    if new == value or new is None or (isinstance(value, int) and isinstance(new, str | float)):
        return ""
    if column in ("at", "frozen_at") and _instant(str(new)) == _instant(str(value)):
        # Another spelling of the same instant is no other instant.
        return ""
    try:
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, rowid))
    except (sqlite3.IntegrityError, OverflowError):
        return ""
    return f"{table} {rowid}: {column} {value!r} is {new!r}"


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _restored(raw: sqlite3.Connection, before: Mapping[str, list[Any]], triggers: Sequence[tuple[str, str]]) -> None:
    raw.rollback()
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER IF EXISTS {name}")
    for table, rows in before.items():
        raw.execute(f"DELETE FROM {table}")
        marks = ", ".join("?" * (len(rows[0]) - 1))
        raw.executemany(f"INSERT INTO {table} VALUES ({marks})", [row[1:] for row in rows])
    for _, statement in triggers:
        raw.execute(statement)
    raw.commit()


FINDERS: Mapping[str, Found] = {"unbracket verify": by_ours, "the stand-alone verifier": by_the_one_alone}


def trials(seed: int, seconds: float, *, most: int = 10**9, finders: Mapping[str, Found] = FINDERS) -> Outcome:
    """The campaign; `most` trials at most."""
    chance, ends = Random(seed), time.monotonic() + seconds
    failures, kinds, done = list[str](), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="unbracket-mutations-") as place:
        files = file_trials(chance, finders)
        rows = row_trials(chance, after_two_sittings(Path(place) / "data"))
        while done < most and (not done or time.monotonic() < ends):
            done += 1
            if chance.random() < ROWS:
                told, seen = next(rows)
                kinds["rows"] += 1
                failures += [] if seen else [f"{seed}: trial {done}: verify-log does not see {told}"]
            else:
                told, blind = next(files)
                kinds["files"] += 1
                failures += [f"{seed}: trial {done}: {name} does not see {told}" for name in blind]
    return Outcome(done, tuple(failures[:20]), dict(kinds))


CAMPAIGN = Campaign(
    name="mutations",
    promise="No change of a published version, of its record or of a row of the log stays unseen: both verifiers, or "
    "verify-log, tell it.",
    goal=10_000,
    run=trials,
)
