"""PostgreSQL that goes away: nobody waits for long, nobody is told what is not so, and it goes on by itself."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, text

from crdt.log import check_chain
from crdt.step import Append
from server import log_store, postgres
from server.database import Database
from server.errors import DatabaseUnavailable, DatabaseUnreachable, ServerError
from server.opinion_store import create_opinion
from server.process_store import load_process
from server.settings import Settings
from server.update_log import UpdateLog
from tests.server.test_log_store import chain
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.waiting import PATIENCE, until

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOMS = tuple(f"op-{number}" for number in range(4))
SOON = 2 * postgres.WRITING_SECONDS
"""A bound for what takes the patience of one statement, on a machine that has more to do."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of the module's own, which its tests stop, kill and pause."""
    with postgres_server() as started:
        yield started


@pytest.fixture
def settings(server: PostgresServer, tmp_path: Path) -> Settings:
    """A database of the test's own on the server."""
    name = f"faults_{time.monotonic_ns()}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return Settings(data_dir=tmp_path, database_url=server.url(name))


@pytest.fixture
async def database(server: PostgresServer, settings: Settings) -> AsyncIterator[Database]:
    """The database with a few Opinions; afterwards the server runs."""
    database = Database(settings)
    await database.open()
    for room in ROOMS:
        await database.write(partial(create_opinion, opinion_id=room, title="Draft", at=NOON))
    yield database
    server.resume()
    if not server.running:
        server.start()
    await database.close()


def put(room: str, seq: int, previous: bytes = bytes(32)) -> Callable[[Connection], None]:
    """A function that appends one entry behind `seq`."""
    append = (Append(room, seq, 1, chain(room, 1, after=seq, previous=previous)),)
    return partial(log_store.append, opinion=room, appends=append, key="key", at=NOON)


async def all_fail(database: Database) -> float:
    """Ask for much at once, all of which finds nobody; the seconds until the last one knew."""
    began = time.monotonic()
    asked = [database.append(put(room, 0)) for room in ROOMS]
    asked += [database.write(put(room, 0)) for room in ROOMS]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(result, DatabaseUnreachable) for result in results), results
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_database_that_is_gone_is_told_at_once_and_found_again(
    server: PostgresServer, database: Database, how: str
) -> None:
    await database.append(put(ROOMS[0], 0))
    getattr(server, how)()
    assert await all_fail(database) < SOON
    with pytest.raises(DatabaseUnreachable, match="does not answer"):
        await database.read(load_process)
    server.start()
    assert (await database.read(partial(log_store.load_log, document=ROOMS[0]))).seq == 1
    for room in ROOMS[1:]:
        await database.append(put(room, 0))
    await database.write(partial(create_opinion, opinion_id="op-new", title="Draft", at=NOON))


async def test_a_database_that_stands_still_is_given_up_within_seconds(
    server: PostgresServer, database: Database
) -> None:
    """A stopped server neither refuses nor closes: only the client can tell. All who wait learn it together."""
    await database.append(put(ROOMS[0], 0))
    server.pause()
    assert await all_fail(database) < SOON
    assert await all_fail(database) < SOON, "nor can a new connection be made"
    server.resume()
    for room in ROOMS[1:]:
        await database.append(put(room, 0))
    assert (await database.read(partial(log_store.load_log, document=ROOMS[1]))).seq == 1


async def test_what_was_acknowledged_survives_kills_and_pauses_and_what_waits_goes_on(
    server: PostgresServer, database: Database
) -> None:
    """Four rooms append without a break while the server is killed, paused and stopped under them."""
    log = UpdateLog(database, "key")
    running = asyncio.create_task(log.run())
    acknowledged: dict[str, list[bytes]] = {room: [] for room in ROOMS}
    over = asyncio.Event()

    async def write(room: str) -> None:
        stored = await database.read(partial(log_store.load_log, document=room))
        seq, head = stored.seq, stored.head
        while not over.is_set():
            entry = chain(room, 1, after=seq, previous=head)
            try:
                await log.append(room, (Append(room, seq, 1, entry),), {})
            except ServerError:
                seq, head = await standing(room)
                continue
            acknowledged[room].append(entry[0].hash)
            seq, head = seq + 1, entry[0].hash

    async def standing(room: str) -> tuple[int, bytes]:
        for _ in range(200):
            try:
                stored = await database.read(partial(log_store.load_log, document=room))
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)
                continue
            return stored.seq, stored.head
        raise AssertionError("the database did not come back")

    def written() -> int:
        return sum(map(len, acknowledged.values()))

    writers = [asyncio.create_task(write(room)) for room in ROOMS]
    try:
        for disturb in (server.kill, server.pause, server.stop):
            before = written()
            await until(lambda before=before: written() >= before + 20, "appends")  # type: ignore[misc]
            await asyncio.to_thread(disturb)
            await until(lambda: log.failing, "the failure to be seen")
            await asyncio.to_thread(server.resume if server.running else server.start)
            await until(lambda: not log.failing, "the log to go on")
        before = written()
        await until(lambda: written() >= before + 20, "appends")
    finally:
        over.set()
        await asyncio.wait_for(asyncio.gather(*writers), PATIENCE)
        running.cancel()
    for room in ROOMS:
        entries = await database.read(lambda c, room=room: tuple(log_store.load_entries(c, room)))  # type: ignore[misc]
        check_chain(room, entries)
        assert set(acknowledged[room]) <= {entry.hash for entry in entries}
        assert len(acknowledged[room]) == len(set(acknowledged[room]))


async def test_a_connection_lost_before_the_commit_is_not_noticed(database: Database) -> None:
    await database.write(lambda c: c.execute(text("SELECT 1")))
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {}"
    others = ended.format("backend_type = 'client backend' AND datname = current_database()")
    await database.read(lambda c: c.execute(text(others)).all())
    await database.append(put(ROOMS[0], 0))
    await database.write(partial(create_opinion, opinion_id="op-new", title="Draft", at=NOON))

    runs = []

    def lose(connection: Connection) -> None:
        put(ROOMS[1], 0)(connection)
        runs.append(connection.scalar(text("SELECT pg_backend_pid()")))
        if len(runs) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await database.append(lose)
    assert len(set(runs)) == 2
    assert (await database.read(partial(log_store.load_log, document=ROOMS[1]))).seq == 1


async def test_who_stands_still_in_the_middle_gives_its_locks_up(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "STALLED_SECONDS", 0.5)
    stalled = Database(settings)
    go, holds = threading.Event(), threading.Event()

    def stall(connection: Connection) -> None:
        put(ROOMS[0], 0)(connection)
        holds.set()
        go.wait(30)

    held = asyncio.create_task(stalled.append(stall))
    try:
        await asyncio.to_thread(holds.wait, 30)
        await database.append(put(ROOMS[0], 0))
        go.set()
        with pytest.raises(ServerError):
            await held
        assert (await database.read(partial(log_store.load_log, document=ROOMS[0]))).seq == 1
    finally:
        go.set()
        await stalled.close()
