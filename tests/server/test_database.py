"""The database: one connection, one process, its own rules, and the way from schema to schema."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError

from server.database import Database
from server.errors import DatabaseInUse, DatabaseUnavailable, SchemaUnknown, SettingsError
from server.schema import alembic_config
from server.settings import Settings
from server.tables import metadata, opinions, process

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
HASH = bytes(32)


def test_the_schema_is_what_the_tables_say(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    assert database.run(differences) == []


def test_the_newest_file_is_alembics_head(database: Database) -> None:
    heads = database.run(lambda c: ScriptDirectory.from_config(alembic_config(c)).get_heads())
    assert database.run(lambda c: c.scalar(text("SELECT version_num FROM alembic_version"))) == heads[0]
    assert len(heads) == 1


def test_down_to_nothing_and_up_again(settings: Settings) -> None:
    with Database(settings):
        pass
    engine = create_engine(settings.url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        left = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    engine.dispose()
    assert left == {"alembic_version"}
    with Database(settings) as database:
        assert database.run(lambda c: c.execute(select(process)).all()) == []


def test_a_schema_from_the_future_is_refused(settings: Settings) -> None:
    with Database(settings) as database:
        database.run(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaUnknown, match="9999"), Database(settings):
        pass


def test_a_database_without_its_triggers_is_refused(settings: Settings) -> None:
    with Database(settings):
        pass
    with closing(sqlite3.connect(settings.data_dir / "unbracket.db")) as connection:
        connection.execute("DROP TRIGGER entries_no_delete")
    with pytest.raises(DatabaseUnavailable, match="entries_no_delete"), Database(settings):
        pass


def test_a_second_process_is_kept_out_and_may_look(settings: Settings, database: Database) -> None:
    with pytest.raises(DatabaseInUse, match="Another process"), Database(settings):
        pass
    with Database.reading(settings) as looking:
        assert looking.execute(select(opinions)).all() == []
        with pytest.raises(Exception, match="readonly"):
            looking.execute(text("DELETE FROM opinions"))
    database.run(lambda c: c.execute(insert(process).values(id=1, name="still writing")))


@pytest.mark.parametrize("url", ["postgresql://user:secret@db", "sqlite://", "sqlite:///:memory:", "x", "mysql://h/x"])
def test_only_a_sqlite_file_and_postgresql_are_served(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="is not served") as refused:
        Database(Settings(data_dir=tmp_path, database_url=url))
    assert "secret" not in str(refused.value)


def test_the_connection_never_loses_what_was_committed(database: Database) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
    found = database.run(lambda c: {name: c.scalar(text(f"PRAGMA {name}")) for name in pragmas})
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 5000,
    }


async def test_functions_run_in_one_thread_in_the_order_asked_for(settings: Settings) -> None:
    database = Database(settings)
    await database.open()
    seen: list[tuple[int, int]] = []

    def note(number: int, _: Connection) -> int:
        seen.append((number, threading.get_ident()))
        return number

    try:
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(database.write(partial(note, number))) for number in range(20)]
        assert [task.result() for task in asked] == list(range(20))
    finally:
        await database.close()
    assert [number for number, _ in seen] == list(range(20))
    threads = {thread for _, thread in seen}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_what_a_failed_function_wrote_is_not_kept(settings: Settings) -> None:
    database = Database(settings)
    await database.open()

    def fail(connection: Connection) -> None:
        connection.execute(insert(process).values(id=1, name="half"))
        raise LookupError("no")

    try:
        with pytest.raises(LookupError):
            await database.write(fail)
        assert await database.read(lambda c: c.execute(select(process)).all()) == []
    finally:
        await database.close()


def test_times_are_aware_and_come_back_in_utc(database: Database) -> None:
    late = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    database.run(lambda c: c.execute(insert(opinions).values(id="one", position=1, title="t", created_at=late)))
    found = database.run(lambda c: c.scalar(select(opinions.c.created_at)))
    assert found is not None
    assert found.isoformat() == NOON.isoformat()
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without zone"):
        database.run(lambda c: c.execute(insert(opinions).values(id="two", position=2, title="t", created_at=naive)))


ENTRY = (
    "INSERT {verb} INTO entries (document, seq, generation, epoch, kind, client, n, key, member, name, party, typist, "
    "at, command, result, payload, hash) VALUES ('one', {seq}, 1, 1, 'update', {client}, {n}, {key}, 'm', 'N', 'XAA', "
    "'', '2026-11-22 12:00:00', '', '', x'00', zeroblob(32))"
)


def entry(seq: int, *, verb: str = "", client: str = "1000", n: str = "1", key: str = "NULL") -> str:
    return ENTRY.format(verb=verb, seq=seq, client=client, n=n, key=key)


@pytest.fixture
def logged(settings: Settings) -> Path:
    """A database file with one opinion and three entries."""
    with Database(settings) as database:
        database.run(lambda c: c.execute(insert(opinions).values(id="one", position=1, title="t", created_at=NOON)))
        document = "INSERT INTO documents (id, opinion, head_hash) VALUES ('one', 'one', zeroblob(32))"
        first = entry(1, n="1")
        for statement in (document, first, entry(2, n="2"), entry(3, client="NULL", n="NULL", key="'k-1'")):
            database.run(partial(Connection.execute, statement=text(statement)))
    return settings.data_dir / "unbracket.db"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entries_no_delete",
        "DROP TABLE entries",
        "ALTER TABLE entries RENAME TO old",
        "CREATE TABLE other (id INTEGER)",
        "CREATE TEMP TRIGGER other AFTER INSERT ON entries BEGIN SELECT 1; END",
        "ATTACH ':memory:' AS other",
        "DELETE FROM entries",
        "UPDATE versions SET label = ''",
    ],
)
def test_r22_the_servers_own_connection_defines_and_rewrites_nothing(
    logged: Path, settings: Settings, statement: str
) -> None:
    with Database(settings) as database, pytest.raises(DatabaseError, match="not authorized"):
        database.run(lambda c: c.execute(text(statement)))


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET payload = x'01' WHERE seq = 1",
        "UPDATE entries SET seq = 9 WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 3",
        "DELETE FROM entries",
        "DELETE FROM documents",
        "DELETE FROM opinions",
        entry(1, verb="OR REPLACE", n="7"),
        entry(9, verb="OR REPLACE", n="2"),
        entry(9, verb="OR REPLACE", client="NULL", n="NULL", key="'k-1'"),
        entry(1, n="7") + " ON CONFLICT (document, seq) DO UPDATE SET payload = x'01'",
        "UPDATE OR REPLACE entries SET seq = 1 WHERE seq = 2",
        "INSERT INTO versions SELECT * FROM versions",
    ],
)
def test_no_statement_changes_an_entry(logged: Path, statement: str, recursive: bool) -> None:
    """Finding 6: also not INSERT OR REPLACE, and also for a connection that did not set `recursive_triggers`."""
    connection = sqlite3.connect(logged)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA recursive_triggers={'ON' if recursive else 'OFF'}")
    before = connection.execute("SELECT * FROM entries ORDER BY seq").fetchall()
    if not statement.startswith("INSERT INTO versions"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    assert connection.execute("SELECT * FROM entries ORDER BY seq").fetchall() == before
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        entry(1),
        entry(4, client="NULL", n="1"),
        entry(0, n="5"),
        entry(4, n="5").replace("'update'", "'gossip'"),
        entry(4, n="5").replace("zeroblob(32)", "zeroblob(31)"),
        entry(4, n="5").replace("'one'", "'none such'"),
        "INSERT INTO documents (id, opinion, head_hash) VALUES ('other', 'one', zeroblob(32))",
        "INSERT INTO members (id, name, role) VALUES ('m', 'N', 'expert')",
        "INSERT INTO members (id, name, role) VALUES ('m', 'N', 'chair')",
        "INSERT INTO process (id, name) VALUES (2, 'second')",
        "INSERT INTO leases (document, client, member, created_at) VALUES ('one', 999, 'm', '2026-11-22')",
    ],
)
def test_the_database_keeps_the_rules_itself(settings: Settings, logged: Path, statement: str) -> None:
    with Database(settings) as database, pytest.raises(IntegrityError):
        database.run(lambda c: c.execute(text(statement)))
