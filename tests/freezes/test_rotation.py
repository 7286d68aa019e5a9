"""A new signing key, introduced by the old one (crdt/SPEC.md, V7)."""

import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server import serving, signing
from server.database import Database
from server.errors import DatabaseInUse, SettingsError
from server.freezes.rotation import Rotated, load_rotations, rotate
from server.settings import Settings
from server.verify import verify
from tests.freezes.cutting import cut_form
from tests.support.stock import Stock, stocked
from tests.support.visitors import opened

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    """A record in which one key signed a cut."""
    stock = stocked(Settings(data_dir=tmp_path / "data", port=8123))
    _cut(stock, 0)
    return stock


def _cut(stock: Stock, seen: int) -> None:
    with opened(stock.settings, stock) as running:
        assert running.post("m-chair", "/freeze", cut_form(seen)).status_code == 303


def _findings(settings: Settings) -> list[str]:
    with Database.reading(settings) as connection:
        return [finding for one in verify(connection) for finding in one.findings]


def test_v7_versions_of_both_keys_verify_and_the_old_one_starts_nothing(stock: Stock) -> None:
    """[V7] The retired file is named; put back, it is refused with what to do."""
    file = stock.settings.signing_key_file
    old = signing.load_key(file)
    done = rotate(stock.settings, NOW)
    assert (done.rotation.old, done.rotation.new) == (old.id, signing.load_key(file).id)
    assert done.retired_file.name == f"{file.name}.retired-{old.id}"
    serving.prepare(stock.settings)
    _cut(stock, 1)
    assert _findings(stock.settings) == []
    again = rotate(stock.settings, NOW)
    assert again.rotation.old == done.rotation.new
    assert _findings(stock.settings) == []
    file.write_bytes(done.retired_file.read_bytes())
    with pytest.raises(SettingsError, match=f"was replaced by {done.rotation.new}"):
        serving.prepare(stock.settings)


def test_v7_a_key_from_nowhere_is_refused(stock: Stock, tmp_path: Path) -> None:
    """[V7] Unless nothing was signed yet."""
    with pytest.raises(SettingsError, match="no key before introduced it"):
        serving.prepare(replace(stock.settings, secret_file=tmp_path / "another.key"))
    fresh = Settings(data_dir=tmp_path / "fresh")
    serving.prepare(fresh)
    serving.prepare(replace(fresh, secret_file=tmp_path / "another.key"))


def test_v7_nothing_is_rotated_while_a_server_runs(stock: Stock) -> None:
    """[V7] It would go on signing with the old key."""
    before = signing.load_key(stock.settings.signing_key_file).id
    with opened(stock.settings, stock), pytest.raises(DatabaseInUse):
        rotate(stock.settings, NOW)
    assert signing.load_key(stock.settings.signing_key_file).id == before


def test_v7_what_was_interrupted_is_finished_by_the_same_command(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """[V7] The record was kept and the files had not changed places: the start says so, the command goes on."""

    def cut_short(*_: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", cut_short)
        with pytest.raises(OSError, match="power"):
            rotate(stock.settings, NOW)
    with pytest.raises(SettingsError, match="finishes what was interrupted"):
        serving.prepare(stock.settings)
    done: Rotated = rotate(stock.settings, NOW)
    serving.prepare(stock.settings)
    with Database.reading(stock.settings) as connection:
        assert [one.new for one in load_rotations(connection)] == [done.rotation.new]


TAMPERED = {
    "the new key": "UPDATE key_rotations SET new_public = zeroblob(32)",
    "the record": "UPDATE key_rotations SET record = replace(record, '2026', '2025')",
    "the signature": "UPDATE key_rotations SET signature = zeroblob(64)",
    "the time": "UPDATE key_rotations SET at = '2020-01-01 00:00:00'",
    "the rotation gone": "DELETE FROM key_rotations",
    "a cut's label": "UPDATE cuts SET label = 'Another'",
    "a cut's record": "UPDATE cuts SET record = replace(record, 'Second', 'Third')",
    "a cut's signature": "UPDATE cuts SET signature = zeroblob(64)",
    "a cut's versions": "DELETE FROM cut_versions WHERE position = 1",
    "a cut gone": "DELETE FROM cuts WHERE number = 1",
}


def test_v6_v7_what_is_changed_behind_the_server_is_found(stock: Stock) -> None:
    """[V6, V7] Each on a copy of the same record; the database itself blocks each of them first."""
    rotate(stock.settings, NOW)
    serving.prepare(stock.settings)
    _cut(stock, 1)
    path = stock.settings.data_dir / "unbracket.db"
    whole = path.read_bytes()
    for name, change in TAMPERED.items():
        path.write_bytes(whole)
        connection = sqlite3.connect(path)
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            connection.execute(change)
        connection.rollback()
        connection.execute("PRAGMA foreign_keys = OFF")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(change)
        connection.commit()
        connection.close()
        assert any("trigger" not in finding for finding in _findings(stock.settings)), name
