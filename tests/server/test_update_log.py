"""Group commit: what waits together is written together, who fails fails alone, nobody is told before it is on disk."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, create_engine, insert, text, update
from sqlalchemy.exc import IntegrityError

from crdt.step import Append
from opinions.roles import Role
from server import log_store
from server.database import Database
from server.errors import AppendConflict, WriterRevoked
from server.opinion_store import create_opinion
from server.settings import Settings
from server.tables import members
from server.update_log import UpdateLog
from tests.server.test_log_store import chain
from tests.support.services import BOTH
from tests.support.waiting import until

DATABASES = BOTH
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOMS = tuple(f"op-{number}" for number in range(5))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Database, UpdateLog]]:
    """An update log on a database with some Opinions and one person."""
    database = Database(settings)
    await database.open()

    def found(connection: Connection) -> None:
        for opinion in ROOMS:
            create_opinion(connection, opinion, opinion, NOON)
        connection.execute(insert(members).values(id="m-amara", name="Amara", role=Role.SECRETARIAT))

    await database.write(found)
    log = UpdateLog(database, "key")
    writer = asyncio.create_task(log.run())
    try:
        yield database, log
    finally:
        writer.cancel()
        await database.close()


async def stored(database: Database, opinion: str) -> int:
    return (await database.read(lambda c: log_store.load_log(c, opinion))).seq


async def test_l3_what_waits_together_is_one_commit(settings: Settings) -> None:
    async with running(settings) as (database, log):
        appends = [log.append(name, (Append(name, 0, 1, chain(name, 3)),), {"m-amara": 1}) for name in ROOMS]
        await asyncio.gather(*appends)
        assert log.figures.entries == 3 * len(ROOMS)
        assert log.figures.commits == 1
        assert [await stored(database, name) for name in ROOMS] == [3] * len(ROOMS)


async def test_what_comes_during_a_commit_is_the_next_one(settings: Settings) -> None:
    async with running(settings) as (database, log), asyncio.TaskGroup() as tasks:
        disk = threading.Event()
        tasks.create_task(database.write(lambda _: disk.wait(10)))
        asked = []
        for name in ROOMS:
            asked.append(tasks.create_task(log.append(name, (Append(name, 0, 1, chain(name, 1)),), {})))
            for _ in range(5):
                await asyncio.sleep(0)
        assert (log.waiting, any(one.done() for one in asked)) == (len(ROOMS) - 1, False)
        disk.set()
        await asyncio.gather(*asked)
        assert log.figures.commits == 2


async def test_r14_a_conflict_fails_its_own_room_alone(settings: Settings) -> None:
    async with running(settings) as (database, log):
        appends = [log.append(name, (Append(name, 0, 1, chain(name, 2)),), {}) for name in ROOMS[:3]]
        stale = log.append(ROOMS[3], (Append(ROOMS[3], 7, 1, chain(ROOMS[3], 1, after=7)),), {})
        results = await asyncio.gather(*appends, stale, return_exceptions=True)
        assert results[:3] == [None] * 3
        assert isinstance(results[3], AppendConflict)
        assert [await stored(database, name) for name in ROOMS[:4]] == [2, 2, 2, 0]
        assert not log.figures.failing


async def test_r8_a_writer_whose_rights_changed_is_not_written(settings: Settings) -> None:
    async with running(settings) as (database, log):
        await database.write(lambda c: c.execute(update(members).values(version=2)))
        revoked = log.append(ROOMS[0], (Append(ROOMS[0], 0, 1, chain(ROOMS[0], 1)),), {"m-amara": 1})
        standing = log.append(ROOMS[1], (Append(ROOMS[1], 0, 1, chain(ROOMS[1], 1)),), {"m-amara": 2})
        results = await asyncio.gather(revoked, standing, return_exceptions=True)
        assert isinstance(results[0], WriterRevoked)
        assert results[1] is None
        await database.write(lambda c: c.execute(update(members).values(suspended=True)))
        with pytest.raises(WriterRevoked):
            await log.append(ROOMS[1], (Append(ROOMS[1], 1, 1, chain(ROOMS[1], 1, after=1)),), {"m-amara": 2})
        assert [await stored(database, name) for name in ROOMS[:2]] == [0, 1]


async def fill(database: Database, kind: str, *, full: bool) -> None:
    """Make the disk full, or as it was. PostgreSQL is only made to say so."""
    if kind == "sqlite":
        pages = await database.read(lambda c: c.scalar(text("PRAGMA page_count"))) if full else 1_000_000
        statements = [f"PRAGMA max_page_count={pages}"]
    elif full:
        raising = "BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END"
        statements = [
            f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {raising} $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON entries EXECUTE FUNCTION full_disk()",
        ]
    else:
        statements = ["DROP FUNCTION full_disk CASCADE"]
    for statement in statements:
        await database.write(partial(Connection.execute, statement=text(statement)))


async def test_a_full_disk_keeps_every_append_waiting_and_leaves_no_trace(settings: Settings, kind: str) -> None:
    """Finding L19: nothing acknowledged, nothing half written; what waits goes through once there is room again."""
    async with running(settings) as (database, log), asyncio.TaskGroup() as tasks:
        await fill(database, kind, full=True)
        asked = [tasks.create_task(log.append(name, (Append(name, 0, 1, chain(name, 200)),), {})) for name in ROOMS]
        await until(lambda: log.figures.failures >= 2, "attempts")
        assert (log.figures.failing, log.failing, log.figures.commits) == (True, True, 0)
        assert [await stored(database, name) for name in ROOMS] == [0] * len(ROOMS)
        assert not any(one.done() for one in asked)
        asked[0].cancel()
        # An attempt may be under way, with it; the one after that is without.
        failures = log.figures.failures
        await until(lambda: log.figures.failures >= failures + 2, "attempts without the one that was given up")
        await fill(database, kind, full=False)
        await asyncio.gather(*asked[1:])
        assert (log.figures.failing, log.figures.commits) == (False, 1)
        assert [await stored(database, name) for name in ROOMS] == [0, *[200] * (len(ROOMS) - 1)]


def beside(settings: Settings, statement: str) -> None:
    """Execute a statement over a connection of one's own."""
    engine = create_engine(settings.url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


async def test_a_commit_that_does_not_come_back_counts_as_failed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.update_log.STALLED_SECONDS", 0.05)
    async with running(settings) as (database, log), asyncio.TaskGroup() as tasks:
        disk = threading.Event()
        tasks.create_task(database.append(lambda _: disk.wait(10)))
        asked = tasks.create_task(log.append(ROOMS[0], (Append(ROOMS[0], 0, 1, chain(ROOMS[0], 1)),), {}))
        await until(lambda: log.failing, "the stalled commit to be noticed")
        assert not asked.done()
        disk.set()
        await asked
        assert not log.failing


async def test_a_failing_statement_takes_the_whole_append_back(settings: Settings, kind: str) -> None:
    async with running(settings) as (database, log):
        fault = {
            "sqlite": "CREATE TRIGGER fault BEFORE INSERT ON entries WHEN NEW.seq = 2 "
            "BEGIN SELECT RAISE(ABORT, 'fault'); END",
            "postgresql": "CREATE TRIGGER fault BEFORE INSERT ON entries "
            "FOR EACH ROW WHEN (NEW.seq = 2) EXECUTE FUNCTION append_only()",
        }
        beside(settings, fault[kind])
        one = log.append(ROOMS[0], (Append(ROOMS[0], 0, 1, chain(ROOMS[0], 3)),), {})
        other = log.append(ROOMS[1], (Append(ROOMS[1], 0, 1, chain(ROOMS[1], 1)),), {})
        results = await asyncio.gather(one, other, return_exceptions=True)
        beside(settings, "DROP TRIGGER fault" + (" ON entries" if kind == "postgresql" else ""))
        assert isinstance(results[0], IntegrityError)
        assert results[1] is None
        assert [await stored(database, name) for name in ROOMS[:2]] == [0, 1]


async def test_what_a_room_gave_up_before_it_was_taken_up_is_not_written_late(settings: Settings) -> None:
    async with running(settings) as (database, log):
        gone = asyncio.create_task(log.append(ROOMS[0], (Append(ROOMS[0], 0, 1, chain(ROOMS[0], 1)),), {}))
        await asyncio.sleep(0)
        gone.cancel()
        await log.append(ROOMS[1], (Append(ROOMS[1], 0, 1, chain(ROOMS[1], 1)),), {})
        assert [await stored(database, name) for name in ROOMS[:2]] == [0, 1]
