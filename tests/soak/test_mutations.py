"""[P8] Two thousand changes of version files, and of rows besides, are seen; verifiers that skip a check are caught."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from server.database import Database
from server.freezes.rotation import rotate
from server.settings import Settings
from server.static import unbracket_verify as alone
from server.verification import verifier
from server.verify import verify
from tests.soak.mutations import FINDERS, TABLES, file_trials, trials
from tests.support.proofs import NOON
from tests.support.sitting import after_two_sittings

TRIALS = 2_110


def test_p8_every_change_is_seen() -> None:
    outcome = trials(20261122, float("inf"), most=TRIALS)
    assert outcome.failures == ()
    assert outcome.trials == TRIALS
    assert outcome.figures["files"] >= 2_000, "both verifiers"  # type: ignore[operator]
    assert outcome.figures["rows"] >= 50, "the audit"  # type: ignore[operator]


def _any(*_: Any, **__: Any) -> bool:
    return True


def _known(run: alone.Run, file: Mapping[str, Any]) -> dict[str, str]:
    return {one["id"]: one["public_key"] for one in file["keys"]}


PLANTED: Mapping[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "ours takes every signature": ("unbracket verify", lambda patch: patch.setattr(verifier, "signed", _any)),
    "ours reads no chain": ("unbracket verify", lambda patch: patch.setattr(verifier, "_chain", lambda *_: None)),
    "ours reads no texts": ("unbracket verify", lambda patch: patch.setattr(verifier, "_texts", lambda *_: None)),
    "the other takes every signature": (
        "the stand-alone verifier",
        lambda patch: patch.setattr(alone, "verifies", _any),
    ),
    "the other reads no texts": (
        "the stand-alone verifier",
        lambda patch: patch.setattr(alone.Run, "published", lambda *_: None),
    ),
    "the other knows every key": (
        "the stand-alone verifier",
        lambda patch: patch.setattr(alone.Run, "read_keys", _known),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_check_left_out_is_caught(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the test."""
    name, plant = PLANTED[what]
    plant(monkeypatch)
    one = {name: FINDERS[name]}
    assert any(blind for _, blind in islice(file_trials(Random(1), one), 600)), what


def test_p8_rows_of_another_kind_are_told_and_end_nothing(tmp_path: Path) -> None:
    """[P8, R23] A number or bytes where a time, a text or JSON stood: `verify-log` says so, and goes on to its end."""
    settings = Settings(data_dir=after_two_sittings(tmp_path / "data"))
    rotate(settings, NOON)
    path = settings.data_dir / "unbracket.db"
    with closing(sqlite3.connect(path)) as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.commit()
    for table, columns in TABLES.items():
        for column in columns:
            for value in (7, b"\xff\x00"):
                with closing(sqlite3.connect(path)) as raw:
                    row, was = raw.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid DESC").fetchone()
                    try:
                        raw.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
                    except sqlite3.IntegrityError:
                        continue
                    raw.commit()
                    with Database.reading(settings) as connection:
                        found = [finding for verdict in verify(connection) for finding in verdict.findings]
                    raw.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (was, row))
                    raw.commit()
                assert [one for one in found if "triggers" not in one], (table, column, value)
