"""Where jobs are done: in the server itself (embedded), or by arq workers over Redis (deployed). `Jobs` is the port.

Redis holds ids alone, in JSON: what is to be done stands in the outbox (`server.outbox`), so losing Redis loses
nothing, and nobody who can write to it gains more than a needless look-up. arq and the client of Redis are imported
only where they are used: a server without Redis need not hold them in memory.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from typing_extensions import override

from server import metrics
from server.database import Database
from server.settings import Settings
from server.work import JOB_SECONDS, TIMETABLE, Timed, Tools, carry_out, sweep

if TYPE_CHECKING:
    from arq.connections import ArqRedis
    from arq.typing import WorkerCoroutine
    from arq.worker import Worker

MAX_WAITING = 1_000
"""Ids that may wait for Redis; the sweep finds the others."""
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
"""Longest that Redis may take to connect or to answer."""
ALIVE_SECONDS = 30.0
"""For how long a worker holds what it does; while it lives it says so three times in that time. One that has not is
taken for killed, and another goes on with its jobs.
"""
MAX_TRIES = 5
"""How often arq takes up a job whose worker was stopped under it; after that it is the sweep's again."""

_log = logging.getLogger("unbracket.jobs")


class Jobs(Protocol):
    """Has jobs done."""

    def begin(self, job_id: str) -> None:
        """Have a job of the outbox done soon, once even if it is asked for twice. Never waits and never raises."""


class LocalJobs:
    """Jobs in this process, one after the other, and the timetable."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._context: dict[Any, Any] = {"tools": Tools(settings, database, self.begin)}
        self._asked: dict[str, None] = {}
        self._wake = asyncio.Event()

    def begin(self, job_id: str) -> None:
        """As `Jobs.begin`."""
        self._asked[job_id] = None
        self._wake.set()

    async def run(self) -> None:
        """Do jobs until cancelled, first those that were left behind."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._do_all())
            for job in TIMETABLE:
                tasks.create_task(self._repeat(job))
            await self._try("sweep", JOB_SECONDS, sweep(self._context))

    async def _do_all(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._asked:
                job_id = next(iter(self._asked))
                await self._try(job_id, JOB_SECONDS, carry_out(self._context, job_id))
                self._asked.pop(job_id, None)

    async def _repeat(self, job: Timed) -> None:
        while True:
            now = datetime.now(UTC)
            await asyncio.sleep((job.after(now) - now).total_seconds())
            await self._try(job.name, job.seconds, job.work(self._context))

    async def _try(self, name: str, seconds: float | None, work: Coroutine[Any, Any, Any]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await work
        except Exception as error:
            _log.error("job failed", extra={"job": name}, exc_info=error)


class RedisJobs:
    """Jobs handed to the arq workers of a deployment, named by `channel`."""

    def __init__(self, client: "ArqRedis", channel: str) -> None:
        self._client = client
        self._prefix = _prefix(channel)
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)

    def begin(self, job_id: str) -> None:
        """As `Jobs.begin`."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(job_id)

    async def run(self) -> None:
        """Put jobs into the queue until cancelled, through every failure of Redis."""
        from redis.exceptions import RedisError

        while True:
            job_id = await self._waiting.get()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._client.enqueue_job("carry_out", job_id, _job_id=self._prefix + job_id)
            except (RedisError, OSError, TimeoutError) as error:
                # The sweep finds it in the outbox.
                _log.warning("no queue for jobs", extra={"reason": type(error).__name__})
                await asyncio.sleep(RETRY_SECONDS)


@asynccontextmanager
async def jobs(settings: Settings, database: Database, channel: str) -> AsyncIterator[Jobs]:
    """Where a server process has its jobs done while the block lasts: by workers, where there is a Redis and a database
    that they share; else in this process.
    """
    if settings.redis_url and database.is_shared:
        client = queue(settings.redis_url, channel)
        handed = RedisJobs(client, channel)
        async with _running(handed):
            yield handed
        await client.aclose(close_connection_pool=True)
        return
    local = LocalJobs(settings, database)
    async with _running(local):
        yield local


async def work(settings: Settings, database: Database, channel: str) -> None:
    """Do the jobs of a deployment until cancelled: its arq worker. While Redis is away, jobs wait in the outbox."""
    from redis.exceptions import RedisError

    told = False
    metrics.WORK.looked()
    while True:
        client = queue(settings.redis_url, channel)
        handed = RedisJobs(client, channel)
        worker = worker_of(client, Tools(settings, database, handed.begin), channel)
        try:
            async with _running(handed):
                handing = asyncio.create_task(worker.main())
                try:
                    await sweep(worker.ctx)
                    await handing
                finally:
                    handing.cancel()
                    await asyncio.gather(handing, return_exceptions=True)
        except (RedisError, OSError) as error:
            if not told:
                _log.warning("no queue for jobs", extra={"reason": type(error).__name__})
            told = True
        finally:
            # Not `worker.close`: it is written for an older client, and ends with an error where Redis is away.
            for task in worker.tasks.values():
                task.cancel()
            await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
            await client.aclose(close_connection_pool=True)
        await asyncio.sleep(RETRY_SECONDS)


def worker_of(client: "ArqRedis", tools: Tools, channel: str) -> "Worker":
    """The arq worker: reads JSON alone, keeps no results, ticks in UTC. Names are told apart by the deployment's."""
    from arq.constants import in_progress_key_prefix
    from arq.cron import cron
    from arq.worker import Worker, func
    from redis.exceptions import RedisError

    class Watched(Worker):
        """Says each time it has looked for jobs: its loop turns, and Redis answers it. Holds its jobs while it lives:
        arq alone would take a killed worker for alive until the longest of all jobs could have ended.
        """

        @override
        async def main(self) -> None:
            self.in_progress_timeout_s = ALIVE_SECONDS
            holding = asyncio.create_task(self._hold())
            try:
                await super().main()
            finally:
                holding.cancel()
                await asyncio.gather(holding, return_exceptions=True)

        async def _hold(self) -> None:
            while True:
                await asyncio.sleep(ALIVE_SECONDS / 3)
                held = [job for job, task in self.tasks.items() if not task.done()]
                # Where Redis is away the worker itself ends of it, and begins anew.
                with suppress(RedisError, OSError):
                    for job in held:
                        await self.pool.pexpire(in_progress_key_prefix + job, int(ALIVE_SECONDS * 1000))

        @override
        async def heart_beat(self) -> None:
            metrics.WORK.looked()
            await super().heart_beat()

    timetable = [
        cron(
            cast("WorkerCoroutine", job.work),
            name=_prefix(channel) + job.name,
            hour=job.hour,
            minute=job.minute,
            second=job.second,
            timeout=job.seconds,
        )
        for job in TIMETABLE
    ]
    return Watched(
        functions=[func(carry_out, name="carry_out", timeout=JOB_SECONDS, keep_result=0, max_tries=MAX_TRIES)],
        cron_jobs=timetable,
        queue_name=client.default_queue_name,
        redis_pool=client,
        ctx={"tools": tools},
        handle_signals=False,
        job_timeout=JOB_SECONDS,
        keep_result=0,
        max_jobs=2,
        job_serializer=_serialized,
        job_deserializer=json.loads,
        log_results=False,
        timezone=UTC,
    )


def queue(url: str, channel: str) -> "ArqRedis":
    """A client of the queue of a deployment; it connects when it is first used."""
    from arq.connections import ArqRedis
    from redis.asyncio import ConnectionPool

    patience = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    return ArqRedis(
        ConnectionPool.from_url(url, **patience),
        job_serializer=_serialized,
        job_deserializer=json.loads,
        default_queue_name=_prefix(channel) + "queue",
    )


def _serialized(value: object) -> bytes:
    # What arq itself puts in besides names and arguments, an exception, is told by its words.
    return json.dumps(value, default=str).encode()


def _prefix(channel: str) -> str:
    return f"unbracket:{channel}:"


@asynccontextmanager
async def _running(one: LocalJobs | RedisJobs) -> AsyncIterator[None]:
    running = asyncio.create_task(one.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
