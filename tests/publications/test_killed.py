"""Whoever makes files may be killed at any time: another goes on, and each file is made once (server/SPEC.md, JB2)."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import redis.asyncio
from sqlalchemy import Connection, select

from server import outbox
from server.settings import Settings
from server.tables import version_exports
from tests.server.test_jobs import (
    FORMS,
    JOB,
    PATIENCE,
    channel_of,
    forget_that_it_was_done,
    frozen,
    is_done,
    opened,
    row_of,
    until,
)
from tests.support.inner_server import inner_server
from tests.support.job_worker import worker
from tests.support.postgres_server import Databases
from tests.support.services import RedisServer, redis_server
from tests.support.stock import Stock, stocked

STOPS = """
import asyncio, sys
from server import jobs
from server.publications import making
jobs.ALIVE_SECONDS = 6.0
real, times = making.make, 0
async def make(source, wanted):
    global times
    times += 1
    if times == 2:
        print("in the middle", flush=True)
        await asyncio.Event().wait()
    return await real(source, wanted)
making.make = make
from server.__main__ import main
sys.argv = ["unbracket", *sys.argv[1:]]
main()
"""
"""A process of ours that makes and keeps the first files, and then stands still until it is killed."""
Row = tuple[str, bytes, bytes, object]


def kept(connection: Connection) -> dict[str, Row]:
    """All that is known of the files of the version."""
    chosen = select(
        version_exports.c.form, version_exports.c.content, version_exports.c.sha256, version_exports.c.made_at
    )
    return {row.form: (row.form, bytes(row.content), row.sha256, row.made_at) for row in connection.execute(chosen)}


async def line_of(process: subprocess.Popen[str], wanted: str) -> None:
    """Read what a process says until it says this."""
    assert process.stdout is not None
    for _ in range(50):
        said = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), PATIENCE)
        if wanted in said:
            return
        assert said, f"it ended before it said: {wanted}"
    raise AssertionError(f"it never said: {wanted}")


@pytest.fixture
def cache() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


async def test_jb2_of_two_workers_one_is_killed_and_the_other_makes_what_is_missing(
    tmp_path: Path, databases: Databases, cache: RedisServer
) -> None:
    """[JB2] Real Redis, real PostgreSQL, two processes: nothing is made twice, and the job is done once."""
    url = databases.fresh()
    stock = stocked(Settings(data_dir=tmp_path / "data", database_url=url, redis_url=cache.url))
    async with inner_server(stock.settings) as server:
        await frozen(server, stock)
    async with opened(stock.settings) as database:
        with worker(stock, "-c", STOPS, "work") as first:
            await line_of(first, "in the middle")
            with worker(stock, "-m", "server", "work") as second:
                await line_of(second, "takes jobs")
                halfway = await database.read(kept)
                assert 0 < len(halfway) < len(FORMS)
                progress = await database.read(partial(outbox.progress, job_id=JOB))
                assert progress is not None
                assert (progress.steps_done, progress.steps, progress.done) == (len(halfway), len(FORMS), False)
                async with redis.asyncio.Redis.from_url(cache.url) as client:
                    hold = f"arq:in-progress:unbracket:{channel_of(stock)}:{JOB}"
                    before = await client.pttl(hold)
                    assert 0 < before <= 6_000

                    async def held_anew() -> bool:
                        return bool(await client.pttl(hold) > before)

                    await until(held_anew, "the first to say that it lives")
                first.send_signal(signal.SIGKILL)
                await asyncio.to_thread(first.wait, PATIENCE)
                # Nobody helps: what the first held ends, and the second goes on.
                assert await database.read(partial(row_of, job=JOB)) == (1, False, "")
                await until(lambda: is_done(database), "the second worker to do it")
                second.send_signal(signal.SIGTERM)
                await asyncio.to_thread(second.wait, PATIENCE)
        whole = await database.read(kept)
        assert set(whole) == FORMS
        assert {form: whole[form] for form in halfway} == halfway
        assert await database.read(partial(row_of, job=JOB)) == (2, True, "")
    databases.drop(url)


@contextmanager
def server_that_stops(stock: Stock) -> Iterator[subprocess.Popen[str]]:
    """`unbracket serve` on the data directory, which stands still in the middle of the files."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")}
    arguments = ("serve", "--port", "0", "--data-dir", str(stock.settings.data_dir))
    process = subprocess.Popen(
        [sys.executable, "-c", STOPS, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_jb2_a_server_alone_is_killed_and_goes_on_when_it_is_started_again(tmp_path: Path) -> None:
    """[JB2] Without Redis: the files that were kept stay, the others are made at the next start."""
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    async with inner_server(stock.settings) as server:
        await frozen(server, stock)
        await until(lambda: is_done(server.services.database), "the first time")
        before = await server.services.database.read(kept)
    await asyncio.to_thread(forget_that_it_was_done, stock.settings)
    with server_that_stops(stock) as alone:
        await line_of(alone, "in the middle")
        alone.send_signal(signal.SIGKILL)
        await asyncio.to_thread(alone.wait, PATIENCE)
    async with opened(stock.settings) as database:
        halfway = await database.read(kept)
        assert 0 < len(halfway) < len(FORMS)
    async with inner_server(stock.settings) as server:
        await until(lambda: is_done(server.services.database), "what was left")
        whole = await server.services.database.read(kept)
    assert {form: whole[form] for form in halfway} == halfway
    assert {form: row[:3] for form, row in whole.items()} == {form: row[:3] for form, row in before.items()}
