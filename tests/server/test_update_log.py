"""Group commit: what waits together is written together, who fails fails alone, nobody is told before it is on disk."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, insert, text, update
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
from tests.support.waiting import until

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


async def test_a_full_disk_keeps_every_append_waiting_and_leaves_no_trace(settings: Settings) -> None:
    """Finding L19: nothing acknowledged, nothing half written; what waits goes through once there is room again."""
    async with running(settings) as (database, log), asyncio.TaskGroup() as tasks:
        pages = await database.read(lambda c: c.scalar(text("PRAGMA page_count")))
        await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")))
        asked = [tasks.create_task(log.append(name, (Append(name, 0, 1, chain(name, 200)),), {})) for name in ROOMS]
        await until(lambda: log.figures.failures >= 2, "attempts")
        assert (log.figures.failing, log.failing, log.figures.commits) == (True, True, 0)
        assert [await stored(database, name) for name in ROOMS] == [0] * len(ROOMS)
        assert not any(one.done() for one in asked)
        asked[0].cancel()
        await database.write(lambda c: c.execute(text("PRAGMA max_page_count=1000000")))
        await asyncio.gather(*asked[1:])
        assert (log.figures.failing, log.figures.commits) == (False, 1)
        assert [await stored(database, name) for name in ROOMS] == [0, *[200] * (len(ROOMS) - 1)]


async def test_a_failing_statement_takes_the_whole_append_back(settings: Settings) -> None:
    async with running(settings) as (database, log):
        fault = "CREATE TRIGGER fault BEFORE INSERT ON entries WHEN NEW.seq = 2 BEGIN SELECT RAISE(ABORT, 'fault'); END"
        with closing(sqlite3.connect(settings.data_dir / "unbracket.db")) as connection:
            connection.execute(fault)
        one = log.append(ROOMS[0], (Append(ROOMS[0], 0, 1, chain(ROOMS[0], 3)),), {})
        other = log.append(ROOMS[1], (Append(ROOMS[1], 0, 1, chain(ROOMS[1], 1)),), {})
        results = await asyncio.gather(one, other, return_exceptions=True)
        assert isinstance(results[0], IntegrityError)
        assert results[1] is None
        assert [await stored(database, name) for name in ROOMS[:2]] == [0, 1]


async def test_a_room_that_stopped_waiting_does_not_stop_the_log(settings: Settings) -> None:
    async with running(settings) as (database, log):
        gone = asyncio.create_task(log.append(ROOMS[0], (Append(ROOMS[0], 0, 1, chain(ROOMS[0], 1)),), {}))
        await asyncio.sleep(0)
        gone.cancel()
        await log.append(ROOMS[1], (Append(ROOMS[1], 0, 1, chain(ROOMS[1], 1)),), {})
        assert [await stored(database, name) for name in ROOMS[:2]] == [1, 1]
