"""SQLite as the record: one connection, one process, and a file that nobody rewrites."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DatabaseError

from server.database import Database
from server.errors import DatabaseInUse, DatabaseUnavailable
from server.settings import Settings
from server.tables import opinions, process

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)


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
