"""`verify-log`: says "agrees" of what was written, and finds every kind of tampering with it."""

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from crdt.log import GENESIS, chained
from server import log_store
from server.database import Database
from server.settings import Settings
from server.verify import verify
from tests.support.sitting import after_two_sittings
from tests.support.stock import OPINION


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory after two sittings: drafts, an amendment agreed, another pending, versions, snapshots."""
    return after_two_sittings(tmp_path_factory.mktemp("verify") / "data")


def found(data_dir: Path) -> dict[str, tuple[str, ...]]:
    """What is wrong, by document; nothing for those that agree."""
    with Database.reading(Settings(data_dir=data_dir)) as connection:
        return {verdict.document: verdict.findings for verdict in verify(connection) if verdict.findings}


def test_l4_what_was_written_agrees(drafted: Path) -> None:
    assert found(drafted) == {}
    with Database.reading(Settings(data_dir=drafted)) as connection:
        verdicts = {verdict.document: verdict for verdict in verify(connection)}
    assert verdicts[OPINION].versions == 2
    assert verdicts[f"{OPINION}/xbb"].entries >= 3
    connected = sqlite3.connect(drafted / "unbracket.db")
    assert connected.execute("SELECT count(*) FROM snapshots").fetchone()[0] >= 3
    connected.close()


XBB = f"{OPINION}/xbb"
TAMPERED = {
    "an update's type": (OPINION, "UPDATE entries SET payload = payload || x'ff' WHERE document = :it AND seq = 2"),
    "an update's bytes": (
        OPINION,
        "UPDATE entries SET payload = CAST(payload || x'00' AS BLOB) WHERE document = :it AND seq = 2",
    ),
    "an author": (XBB, "UPDATE entries SET name = 'Somebody else' WHERE document = :it AND seq = 1"),
    "a time": (OPINION, "UPDATE entries SET at = '2026-01-01 00:00:00' WHERE document = :it AND seq = 2"),
    "a party": (XBB, "UPDATE entries SET party = 'XAA' WHERE document = :it AND seq = 1"),
    "an entry gone": (OPINION, "DELETE FROM entries WHERE document = :it AND seq = 3"),
    "the last entry gone": (
        XBB,
        "DELETE FROM entries WHERE document = :it AND seq = (SELECT max(seq) FROM entries WHERE document = :it)",
    ),
    "the head": (OPINION, "UPDATE documents SET head_hash = zeroblob(32) WHERE id = :it"),
    "the head's seq": (XBB, "UPDATE documents SET seq = seq - 1 WHERE id = :it"),
    "a lease": (XBB, "UPDATE leases SET member = 'm-xaa-1' WHERE document = :it"),
    "a snapshot's bytes": (
        OPINION,
        "UPDATE snapshots SET state = (SELECT state FROM versions WHERE number = 1) WHERE document = :it",
    ),
    "a snapshot's seq": (OPINION, "UPDATE snapshots SET seq = 99 WHERE document = :it"),
    "a version's text": (OPINION, "UPDATE versions SET text = replace(text, 'Forum', 'forum') WHERE number = 1"),
    "a version's fingerprint": (
        OPINION,
        "UPDATE versions SET fingerprint = 'ff' || substr(fingerprint, 3) WHERE number = 1",
    ),
    "a version's label": (OPINION, "UPDATE versions SET label = 'Last draft' WHERE number = 2"),
    "a version's record": (OPINION, "UPDATE versions SET record = replace(record, 'First', 'Last') WHERE number = 1"),
    "a version's signature": (OPINION, "UPDATE versions SET signature = zeroblob(64) WHERE number = 2"),
    "a version's state": (
        OPINION,
        "UPDATE versions SET state = (SELECT payload FROM entries WHERE document = :it AND seq = 1) WHERE number = 1",
    ),
    "a version's seq": (OPINION, "UPDATE versions SET seq = 1 WHERE number = 1"),
    "a version gone": (OPINION, "DELETE FROM versions WHERE number = 1"),
    "the key": (OPINION, "UPDATE keys SET public_key = randomblob(32)"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_p8_tampering_is_found(drafted: Path, tmp_path: Path, what: str) -> None:
    document, statement = TAMPERED[what]
    shutil.copytree(drafted, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    connection = sqlite3.connect(tmp_path / "data" / "unbracket.db")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    changed = connection.execute(statement, {"it": document}).rowcount
    for _, sql in triggers:
        connection.execute(sql)
    connection.commit()
    connection.close()
    assert changed > 0
    assert document in found(tmp_path / "data"), what


def test_a_whole_log_written_anew_is_found_by_its_versions(drafted: Path, tmp_path: Path) -> None:
    """Who can write the database can also make a new chain; the signed versions then no longer fit."""
    shutil.copytree(drafted, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    settings = Settings(data_dir=tmp_path / "data")
    with Database(settings) as database:
        entries = database.run(lambda c: tuple(log_store.load_entries(c, OPINION)))
    connection = sqlite3.connect(tmp_path / "data" / "unbracket.db")
    connection.execute("DROP TRIGGER entries_no_update")
    previous = GENESIS
    for entry in entries:
        forged = chained(OPINION, replace(entry, name="Somebody else"), previous)
        previous = forged.hash
        connection.execute(
            "UPDATE entries SET name = ?, hash = ? WHERE document = ? AND seq = ?",
            (forged.name, forged.hash, OPINION, forged.seq),
        )
    connection.execute("UPDATE documents SET head_hash = ? WHERE id = ?", (previous, OPINION))
    connection.commit()
    connection.close()
    with Database.reading(settings) as reading:
        findings = next(verdict for verdict in verify(reading) if verdict.document == OPINION).findings
    assert any("is not the one it was made of" in finding for finding in findings)
