"""[P8, R21, R22] Forty ways to change what was frozen: through the API, as the server's own connection, as the owner,
as a superuser, and in the file itself. Each is blocked, and the rows are as they were; or it is found.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server.database import Database
from server.errors import DatabaseUnavailable
from server.settings import Settings
from server.verify import verify
from tests.server.test_verifiers import ours, theirs
from tests.support.postgres_server import Databases
from tests.support.sitting import two_sittings
from tests.support.stock import OPINION, Stock
from tests.support.visitors import PORT, House, opened

ROLES = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sql"
KEPT = ("entries", "versions", "keys", "leases", "audit_events")
VERSION = f"/opinions/{OPINION}/versions/1"
COMMANDS = f"/api/opinions/{OPINION}/commands"

# Through the API: whatever is asked, no version is another one afterwards.
BY_API: Mapping[str, tuple[str, str, str, dict[str, Any]]] = {
    "put another version there": ("m-sec", "PUT", VERSION, {"data": {"label": "Mine"}}),
    "patch it": ("m-chair", "PATCH", VERSION, {"data": {"text": "Mine"}}),
    "delete it": ("m-sec", "DELETE", VERSION, {}),
    "post to its record": ("m-chair", "POST", f"{VERSION}/record.json", {"data": {"record": "{}"}}),
    "unfreeze it": ("m-chair", "POST", COMMANDS, {"json": {"act": "unfreeze", "key": "k-1", "party": ""}}),
    "freeze with its number": (
        "m-xaa-1", "POST", COMMANDS,
        {"json": {"act": "freeze", "label": "First draft", "number": 1, "key": "k-2", "party": ""}},
    ),
    "tell another fingerprint": ("m-xaa-1", "POST", f"{VERSION}/checks", {"json": {"fingerprint": "0" * 64}}),
}  # fmt: skip

# As the server itself, whatever statement reaches its connection.
BY_THE_SERVER = (
    "UPDATE versions SET text = 'x'",
    "UPDATE entries SET payload = x'00' WHERE seq = 1",
    "DELETE FROM versions WHERE number = 2",
    "INSERT OR REPLACE INTO versions SELECT * FROM versions WHERE number = 1",
    "DROP TRIGGER versions_no_update",
    "DROP TABLE versions",
    "ALTER TABLE versions RENAME TO older",
    "PRAGMA writable_schema = ON",
    "PRAGMA recursive_triggers = OFF",
    "ATTACH ':memory:' AS other",
    "CREATE TRIGGER mine AFTER INSERT ON entries BEGIN SELECT 1; END",
)

# With the file in one's hands, and the triggers as they are.
WITH_TRIGGERS = (
    "UPDATE versions SET record = replace(record, 'First', 'Last')",
    "DELETE FROM entries",
    "INSERT OR REPLACE INTO keys SELECT id, zeroblob(32), created_at, retired_at FROM keys",
    "REPLACE INTO entries SELECT * FROM entries",
    "UPDATE keys SET public_key = zeroblob(32)",
    "UPDATE leases SET member = 'm-sec'",
    "DELETE FROM audit_events",
)

# With the file, the triggers taken away for a while.
WITHOUT_TRIGGERS = (
    "UPDATE versions SET text = replace(text, 'broadband', 'nothing')",
    "UPDATE versions SET label = 'Last draft' WHERE number = 2",
    "UPDATE versions SET signature = (SELECT signature FROM versions WHERE number = 2) WHERE number = 1",
    "DELETE FROM versions WHERE number = 2",
    "UPDATE keys SET public_key = zeroblob(32)",
    "UPDATE entries SET name = 'Somebody' WHERE seq = 2",
    "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
    "UPDATE documents SET seq = seq - 1",
)

# As the server's own role on PostgreSQL, as the owner of the tables, and as a superuser.
BY_ROLE: tuple[tuple[str, str], ...] = (
    ("unbracket", "UPDATE versions SET text = 'x'"),
    ("unbracket", "DELETE FROM keys"),
    ("unbracket", "ALTER TABLE versions DISABLE TRIGGER ALL"),
    ("unbracket", "DROP TRIGGER leases_no_update ON leases"),
    ("unbracket_owner", "UPDATE versions SET record = 'x'"),
    ("unbracket_owner", "TRUNCATE versions CASCADE"),
    ("unbracket_owner", "DELETE FROM entries"),
    ("postgres", "UPDATE keys SET public_key = '\\x00'"),
)
WITHOUT_GUARD: tuple[tuple[str, str], ...] = (
    ("unbracket_owner", "ALTER TABLE versions DISABLE TRIGGER versions_no_update"),
    ("postgres", "SET session_replication_role = replica; UPDATE versions SET label = 'Last' WHERE number = 1"),
)
FILES: Mapping[str, tuple[bytes, bytes]] = {
    "a word of a downloaded text": (b"some of those", b"none of those"),
    "its label": (b"First draft", b"Final draft"),
}


@dataclass(frozen=True, slots=True)
class Frozen:
    """A data directory with two versions, its people, and what must stay as it is."""

    stock: Stock
    data_dir: Path

    def rows(self) -> dict[str, list[Any]]:
        """Every row that must never be another one."""
        with closing(sqlite3.connect(self.data_dir / "unbracket.db")) as raw:
            return {name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in KEPT if name != "audit_events"}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    stock = two_sittings(Settings(data_dir=tmp_path_factory.mktemp("forty") / "data", port=PORT))
    return Frozen(stock, stock.settings.data_dir)


@pytest.fixture(scope="module")
def running(frozen: Frozen) -> Iterator[House]:
    with opened(frozen.stock.settings, frozen.stock) as house:
        yield house


@pytest.fixture
def copied(frozen: Frozen, tmp_path: Path) -> Frozen:
    shutil.copytree(frozen.data_dir, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    return Frozen(frozen.stock, tmp_path / "data")


def findings(settings: Settings) -> list[str]:
    with Database.reading(settings) as connection:
        return [finding for verdict in verify(connection) for finding in verdict.findings]


def test_there_are_forty() -> None:
    ways = (BY_API, BY_THE_SERVER, WITH_TRIGGERS, WITHOUT_TRIGGERS, BY_ROLE, WITHOUT_GUARD, FILES)
    assert sum(len(group) for group in ways) >= 40


@pytest.mark.parametrize("way", BY_API)
def test_p8_the_api_changes_no_version(running: House, frozen: Frozen, way: str) -> None:
    who, method, path, given = BY_API[way]
    before = frozen.rows()
    answer = running.ask(who, method, path, **given)
    assert answer.status_code >= 400 or way == "tell another fingerprint"
    assert frozen.rows() == before


@pytest.mark.parametrize("statement", BY_THE_SERVER)
def test_r22_the_servers_connection_changes_nothing(copied: Frozen, statement: str) -> None:
    before = copied.rows()
    with Database(Settings(data_dir=copied.data_dir)) as database, pytest.raises(DBAPIError):
        database.run(lambda connection: connection.execute(text(statement)))
    assert copied.rows() == before


@pytest.mark.parametrize("statement", WITH_TRIGGERS)
def test_r22_triggers_keep_the_file_as_it_is(copied: Frozen, statement: str) -> None:
    before = copied.rows()
    with closing(sqlite3.connect(copied.data_dir / "unbracket.db")) as raw:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), raw:
            raw.execute(statement)
    assert copied.rows() == before


@pytest.mark.parametrize("statement", WITHOUT_TRIGGERS)
def test_p8_what_is_changed_without_triggers_is_found(copied: Frozen, statement: str) -> None:
    settings = Settings(data_dir=copied.data_dir)
    with closing(sqlite3.connect(copied.data_dir / "unbracket.db")) as raw, raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        assert raw.execute(statement).rowcount > 0
        for _, made in triggers:
            raw.execute(made)
    assert findings(settings)


def test_p8_triggers_that_stay_away_are_found_and_no_server_starts(copied: Frozen) -> None:
    settings = Settings(data_dir=copied.data_dir)
    with closing(sqlite3.connect(copied.data_dir / "unbracket.db")) as raw, raw:
        raw.execute("DROP TRIGGER versions_no_update")
    assert any("versions_no_update" in finding for finding in findings(settings))
    with pytest.raises(DatabaseUnavailable, match="versions_no_update"), Database(settings):
        pass


@pytest.mark.parametrize("way", FILES)
def test_p8_a_changed_file_is_found_by_both_verifiers(running: House, way: str) -> None:
    data = running.get("m-xaa-1", f"/public{VERSION}/version.json").content
    was, new = FILES[way]
    assert ours({"1.json": data}) == theirs({"1.json": data}) == set()
    forged = data.replace(was, new)
    assert forged != data
    assert ours({"1.json": forged})
    assert theirs({"1.json": forged})


@pytest.fixture(scope="module")
def shared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The same on PostgreSQL, with the roles of a deployment."""
    url = databases.fresh()
    settings = Settings(data_dir=tmp_path_factory.mktemp("shared") / "data", database_url=url)
    two_sittings(settings)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(ROLES.read_bytes())
    yield settings
    databases.drop(url)


def _as(settings: Settings, role: str) -> str:
    return settings.url.replace("//postgres@", f"//{role}@")


@pytest.mark.parametrize(("role", "statement"), BY_ROLE)
def test_r21_no_role_changes_a_version(shared: Settings, role: str, statement: str) -> None:
    with pytest.raises(psycopg.Error, match=r"permission denied|must be owner|append-only"):
        with psycopg.connect(_as(shared, role)) as connection:
            connection.execute(statement.encode())
    assert findings(replace(shared, database_url=_as(shared, "postgres"))) == []


@pytest.mark.parametrize(("role", "statement"), WITHOUT_GUARD)
def test_p8_what_is_changed_without_the_guard_is_found(shared: Settings, role: str, statement: str) -> None:
    undo = "ALTER TABLE versions ENABLE TRIGGER versions_no_update; SET session_replication_role = replica;"
    with psycopg.connect(_as(shared, role)) as connection:
        connection.execute(statement.encode())
    try:
        assert findings(shared)
    finally:
        with psycopg.connect(_as(shared, "postgres")) as connection:
            connection.execute(f"{undo} UPDATE versions SET label = 'First draft' WHERE number = 1".encode())
    assert findings(shared) == []
