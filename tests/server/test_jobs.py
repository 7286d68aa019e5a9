"""Jobs: begun by the commit that makes them necessary, done once, whatever becomes of queues and processes."""

import asyncio
import os
import pickle
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import redis.asyncio
from sqlalchemy import Connection, bindparam, delete, select, update

from opinions.views import View
from server import jobs as running_jobs
from server import metrics, outbox, signing, work
from server.database import Database
from server.errors import SettingsError
from server.export.sheet import Format
from server.jobs import LocalJobs, RedisJobs, jobs, queue
from server.outbox import MAX_TRIES, Job
from server.publications import making, sources, store
from server.publications.bundle import bundle_form
from server.publications.store import Subject, Wanted, standard
from server.settings import Settings
from server.tables import documents, version_exports
from server.tables import jobs as job_rows
from tests.support.drafters import Drafter
from tests.support.inner_server import InnerServer, inner_server
from tests.support.job_worker import worker
from tests.support.postgres_server import Databases
from tests.support.services import RedisServer, redis_server
from tests.support.stock import OPINION, SECOND, Person, Stock, stocked
from tests.support.unguarded import unguarded

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENCE = 50.0
JOB = outbox.exports_of(OPINION, 1).id
VERSION = Subject(1, OPINION)
FORMS = {Wanted(view, form).form for view in (View.ROLLING, View.MARKED) for form in Format} | {bundle_form()}
"""The files of a version in which not everything is agreed."""


async def until(condition: Callable[[], Any], what: str) -> None:
    """Wait for something that other tasks or processes bring about."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for: {what}"
        await asyncio.sleep(0.02)


def row_of(connection: Connection, job: str) -> tuple[int, bool, str] | None:
    """How often a job was begun, whether it is done, its last error."""
    row = connection.execute(select(job_rows).where(job_rows.c.id == job)).one_or_none()
    return None if row is None else (row.tries, row.done_at is not None, row.last_error)


def forms_of(connection: Connection) -> set[str]:
    """The files of version 1 that are kept."""
    return set(connection.scalars(select(version_exports.c.form).where(version_exports.c.number == 1)))


async def is_done(database: Database, job: str = JOB) -> bool:
    """Whether a job is done."""
    row = await database.read(partial(row_of, job=job))
    return row is not None and row[1]


def forget_that_it_was_done(settings: Settings) -> None:
    """Put the jobs back to where their commit left them, their files away."""
    with unguarded(settings, "version_exports") as connection:
        connection.execute(delete(version_exports))
        connection.execute(update(job_rows).values(done_at=None, tries=0))


async def frozen(server: InnerServer, stock: Stock, label: str = "First draft") -> None:
    """The chair freezes a version."""
    async with Drafter(server.port, stock["m-chair"]) as chair:
        await chair.command({"act": "freeze", "label": label})


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database of the settings, as a server has it."""
    database = Database(settings)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def get(server: InnerServer, person: Person, path: str) -> tuple[int, bytes]:
    """What a person is answered."""
    cookie = {"Cookie": f"unbracket-{server.port}={person.token}"}
    try:
        with urlopen(Request(f"http://127.0.0.1:{server.port}{path}", headers=cookie), timeout=20) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


# --- embedded


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    """A stocked data directory."""
    return stocked(Settings(data_dir=tmp_path / "data"))


async def test_a_freeze_is_followed_by_its_files_which_are_what_a_reader_would_have_had_made(stock: Stock) -> None:
    async with inner_server(stock.settings) as server:
        await frozen(server, stock)
        database = server.services.database
        await until(lambda: is_done(database), "the files of the version")
        assert await database.read(partial(row_of, job=JOB)) == (1, True, "")
        assert await database.read(forms_of) == FORMS
        source = await database.read(partial(sources.load, subject=VERSION))
        for wanted, content in await making.make(source, standard(source.views)):
            kept = await database.read(partial(store.read, subject=VERSION, form=wanted.form))
            assert kept == content, wanted.form
        content = b"as it was then"
        kept_as = {"content": content, "sha256": sha256(content).digest()}

        def change() -> None:
            with unguarded(stock.settings, "version_exports") as connection:
                connection.execute(update(version_exports).values(kept_as))

        await asyncio.to_thread(change)
        path = f"/opinions/{OPINION}/export?version=1&format=txt"

        async def fetched(path: str) -> tuple[int, bytes]:
            return await asyncio.to_thread(get, server, stock["m-sec"], path)

        assert await fetched(path) == (200, b"as it was then")
        status, made = await fetched(f"{path}&names=withheld")
        assert status == 200
        assert b"that broadband" in made
        assert (await fetched(f"{path}&view=clean"))[0] == 409


async def test_what_was_left_behind_is_done_at_the_next_start_and_one_asked_for_twice_is_done_once(
    stock: Stock,
) -> None:
    async with inner_server(stock.settings) as server:
        await frozen(server, stock)
    forget_that_it_was_done(stock.settings)
    async with opened(stock.settings) as open_database, jobs(stock.settings, open_database, "k") as todo:
        for _ in range(3):
            todo.begin(JOB)
        await until(lambda: is_done(open_database), "what was left behind")
        assert await open_database.read(forms_of) == FORMS
        todo.begin(JOB)
        todo.begin("exports:nothing:1")
        await until(lambda: isinstance(todo, LocalJobs) and not todo._asked, "the second round")
        assert await open_database.read(partial(row_of, job=JOB)) == (1, True, "")


async def test_a_job_that_fails_is_noted_tried_again_and_at_last_given_up(stock: Stock) -> None:
    async with opened(stock.settings) as database:
        for job in (Job("a", "unknown work", ()), outbox.exports_of(OPINION, 7)):
            await database.write(partial(outbox.put, job=job, at=NOON))
        local = LocalJobs(stock.settings, database)
        for tries in range(1, MAX_TRIES + 3):
            await work.carry_out(local._context, "a")
            counted = min(tries, MAX_TRIES)
            assert await database.read(partial(row_of, job="a")) == (counted, False, "KeyError")
        assert await database.read(partial(outbox.waiting, at=datetime.now(UTC))) == [outbox.exports_of(OPINION, 7).id]
        await work.carry_out(local._context, outbox.exports_of(OPINION, 7).id)
        row = await database.read(partial(row_of, job=outbox.exports_of(OPINION, 7).id))
        assert row == (1, False, "ServerError")


async def test_rows_of_jobs_done_long_ago_are_forgotten_and_those_not_done_are_not(stock: Stock) -> None:
    async with opened(stock.settings) as database:
        for name in ("old", "new", "open"):
            await database.write(partial(outbox.put, job=Job(name, "work", ()), at=NOON))
        now = datetime.now(UTC)
        await database.write(partial(outbox.done, job_id="old", at=now - outbox.KEPT - timedelta(days=1)))
        await database.write(partial(outbox.done, job_id="new", at=now))
        await work.forget(LocalJobs(stock.settings, database)._context)
        assert set(await database.read(lambda c: c.scalars(select(job_rows.c.id)).all())) == {"new", "open"}


async def test_r23_the_audit_says_what_was_changed_by_hand_until_it_agrees_again(stock: Stock) -> None:
    found = partial(metrics.REGISTRY.get_sample_value, "unbracket_audit_findings")
    async with inner_server(stock.settings) as server:
        await frozen(server, stock)
        context = LocalJobs(stock.settings, server.services.database)._context
        head = await server.services.database.read(lambda c: c.scalar(_HEAD))
        await server.services.database.write(lambda c: c.execute(_CHANGED, {"head": b"x" * 32}).rowcount)
        await work.audit(context)
        assert found() == 1
        await server.services.database.write(lambda c: c.execute(_CHANGED, {"head": head}).rowcount)
        await work.audit(context)
        assert found() == 0


_HEAD = select(documents.c.head_hash).where(documents.c.id == SECOND)
_CHANGED = update(documents).where(documents.c.id == SECOND).values(head_hash=bindparam("head"))


def test_the_timetable_is_every_minute_every_hour_every_day() -> None:
    begins = datetime(2026, 11, 22, 11, 59, 30, tzinfo=UTC)
    told = {}
    for job in work.TIMETABLE:
        first = job.after(begins)
        assert begins < first
        assert (first.second, first.microsecond) == (job.second, 0)
        assert job.after(first - timedelta(microseconds=1)) == first
        told[job.name] = job.after(first) - first
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    assert told == {
        "sweep": minute,
        "digests": minute,
        "deadlines": minute,
        "reminders": hour,
        "audit": hour,
        "forget": day,
    }


# --- deployed


@pytest.fixture
def cache() -> Iterator[RedisServer]:
    """A Redis of the test's own."""
    with redis_server() as server:
        yield server


@pytest.fixture
def deployed(tmp_path: Path, databases: Databases, cache: RedisServer) -> Iterator[Stock]:
    """A stocked PostgreSQL, and settings that name a Redis; nobody works yet."""
    url = databases.fresh()
    settings = Settings(data_dir=tmp_path / "data", database_url=url, redis_url=cache.url)
    yield stocked(settings)
    databases.drop(url)


def channel_of(stock: Stock) -> str:
    """What names the deployment in Redis."""
    return signing.load_key(stock.settings.signing_key_file).id


@asynccontextmanager
async def working(stock: Stock, database: Database) -> AsyncIterator[None]:
    """A worker while the block lasts."""
    task = asyncio.create_task(running_jobs.work(stock.settings, database, channel_of(stock)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def left_by_a_freeze(stock: Stock) -> AsyncIterator[tuple[Database, redis.asyncio.Redis]]:
    """After a freeze in a deployment whose worker is away: the database, and the Redis with the job in its queue."""
    prefix = f"unbracket:{channel_of(stock)}:"
    async with redis.asyncio.Redis.from_url(stock.settings.redis_url) as client:
        async with inner_server(stock.settings) as server:
            await frozen(server, stock)
            # The files of the version, telling other programs of it, and the letter to focal points.
            await until(lambda: _counts(client.zcard(f"{prefix}queue"), 3), "the jobs to be queued")
        async with opened(stock.settings) as database:
            assert await database.read(partial(row_of, job=JOB)) == (0, False, "")
            yield database, client


async def test_a_job_queued_twice_is_done_once_and_one_that_runs_code_not_at_all(
    deployed: Stock, tmp_path: Path
) -> None:
    async with left_by_a_freeze(deployed) as (database, client):
        prefix = f"unbracket:{channel_of(deployed)}:"
        again = queue(deployed.settings.redis_url, channel_of(deployed))
        assert await again.enqueue_job("carry_out", JOB, _job_id=prefix + JOB) is None
        await again.aclose(close_connection_pool=True)
        assert await client.zcard(f"{prefix}queue") == 3

        # Somebody who can write to Redis leaves what arq's own format would run.
        witness = tmp_path / "ran"
        await client.set(
            "arq:job:poison", pickle.dumps({"f": _Poison(str(witness)), "a": (), "k": {}, "t": 1, "et": 1})
        )
        await client.zadd(f"{prefix}queue", {"poison": 1})
        await client.set("arq:job:wrong", b'{"t":1,"f":"audit","a":[],"k":{},"et":1}')
        await client.zadd(f"{prefix}queue", {"wrong": 2})
        async with working(deployed, database):
            await until(lambda: is_done(database), "the job")
            await until(lambda: _no(client.zcard(f"{prefix}queue")), "the queue to be empty")
        assert not witness.exists()
        assert await database.read(partial(row_of, job=JOB)) == (1, True, "")
        assert await database.read(forms_of) == FORMS


async def test_when_redis_forgets_a_job_the_sweep_finds_it(deployed: Stock, cache: RedisServer) -> None:
    async with left_by_a_freeze(deployed) as (database, client), working(deployed, database):
        await until(lambda: is_done(database), "the first job")
        prefix = f"unbracket:{channel_of(deployed)}:"
        await asyncio.to_thread(forget_that_it_was_done, deployed.settings)
        await client.flushall()
        handed = RedisJobs(queue(deployed.settings.redis_url, channel_of(deployed)), channel_of(deployed))
        handing = asyncio.create_task(handed.run())
        await work.sweep({"tools": work.Tools(deployed.settings, database, handed.begin)})
        await until(lambda: is_done(database), "the forgotten job")
        await until(lambda: _no(client.zcard(f"{prefix}queue")), "the queue to be empty")
        handing.cancel()
        await asyncio.gather(handing, return_exceptions=True)
        await handed._client.aclose(close_connection_pool=True)

    # And a Redis that is gone and comes back empty: the worker is there again by itself.
    async with opened(deployed.settings) as database, working(deployed, database):
        cache.kill()
        await asyncio.to_thread(forget_that_it_was_done, deployed.settings)
        cache.start()
        await until(lambda: is_done(database), "the job after Redis came back")


HANGS = """
import asyncio, sys
from server import outbox, work
async def version_exports(tools, opinion, number):
    print("hangs", flush=True)
    await asyncio.Event().wait()
work.WORK = {outbox.VERSION_EXPORTS: version_exports}
from server.__main__ import main
sys.argv = ["unbracket", "work"]
main()
"""


async def test_how_long_ago_jobs_were_looked_for_is_told_while_redis_is_away_too(
    deployed: Stock, cache: RedisServer
) -> None:
    def age() -> float:
        told = metrics.REGISTRY.get_sample_value("unbracket_work_age_seconds")
        assert told is not None
        return told

    async with opened(deployed.settings) as database, working(deployed, database):
        await until(lambda: age() < 0.2, "the worker to look")
        cache.kill()
        await until(lambda: age() > 2.5, "the age to grow")
        cache.start()
        await until(lambda: age() < 0.7, "the worker to look again")


async def test_a_worker_killed_in_the_middle_of_a_job_leaves_it_to_the_next(deployed: Stock) -> None:
    async with left_by_a_freeze(deployed) as (database, client):
        with worker(deployed, "-c", HANGS) as first:
            assert first.stdout is not None
            lines = [await asyncio.to_thread(first.stdout.readline) for _ in range(2)]
            assert lines == ["Unbracket takes jobs\n", "hangs\n"]
            first.send_signal(signal.SIGKILL)
            await asyncio.to_thread(first.wait, PATIENCE)
        assert await database.read(partial(row_of, job=JOB)) == (1, False, "")
        # arq takes a worker for alive until this is over: as long as any job may last, and some seconds.
        mark = f"arq:in-progress:unbracket:{channel_of(deployed)}:{JOB}"
        assert 0 < await client.ttl(mark) <= work.AUDIT_SECONDS + 10
        await client.pexpire(mark, 1)
        with worker(deployed, "-m", "server", "work") as second:
            await until(lambda: is_done(database), "the second worker to do it")
            second.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(second.wait, PATIENCE) == 0
        assert await database.read(partial(row_of, job=JOB)) == (2, True, "")
        assert await database.read(forms_of) == FORMS


def test_a_worker_without_redis_or_with_a_file_is_refused_in_a_sentence(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.cli.running import work as command

    with pytest.raises(SettingsError, match="Set UNBRACKET_REDIS_URL"):
        command(stock.settings.data_dir)
    monkeypatch.setenv("UNBRACKET_REDIS_URL", "redis://127.0.0.1:1/0")
    with pytest.raises(SettingsError, match="Set UNBRACKET_DATABASE_URL"):
        command(stock.settings.data_dir)


async def test_a_redis_beside_an_sqlite_file_changes_nothing_about_jobs(stock: Stock) -> None:
    settings = replace(stock.settings, redis_url="redis://127.0.0.1:1/0")
    async with opened(settings) as database, jobs(settings, database, "k") as todo:
        assert isinstance(todo, LocalJobs)


async def _no(answer: Any) -> bool:
    return not await answer


async def _counts(answer: Any, number: int) -> bool:
    return bool(await answer == number)


class _Poison:
    """What a pickle of it does when it is read: makes a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.open, (self._path, os.O_CREAT | os.O_WRONLY, 0o600)
