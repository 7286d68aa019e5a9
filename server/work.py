"""The work that jobs are: the same coroutine functions and times, whether a process of its own does them or the server.

Each may run twice, and be ended anywhere: what it leaves behind is whole, and the next try finds it.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from crdt.versions import Version
from opinions.roles import Delegation
from server import log_store, metrics, outbox
from server.consultation.public import forget_unconfirmed
from server.database import Database
from server.errors import ServerError
from server.export.sheet import Origin
from server.export.versions import files_of, keep_file, origin_of_version
from server.opinion_store import load_opinion
from server.people_store import all_delegations
from server.post import digest, looks, sending
from server.post.carrier import Carrier
from server.process_store import load_process
from server.roster import inviting
from server.session_store import forget_ended
from server.settings import PREFIX, Settings
from server.taking_part.delivery import deliver, tell_programs
from server.verify import DIFFERS

JOB_SECONDS = 120.0
"""Longest that one job, or one sweep, may take."""
AUDIT_SECONDS = 600.0
"""Longest that an audit may take. arq knows one time after which a worker that was killed is given up, some seconds
more than the longest of all: until then its job waits, and whoever asks for the files of a version has them made.
"""

_log = logging.getLogger("unbracket.jobs")


@dataclass(frozen=True, slots=True)
class Tools:
    """What work is done with; in an arq context it is `tools`. `begin` has a job done soon, wherever jobs are done."""

    settings: Settings
    database: Database
    begin: Callable[[str], None]
    carrier: Carrier = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "carrier", Carrier(self.settings))


async def carry_out(ctx: dict[Any, Any], job_id: str) -> None:
    """Do one job of the outbox. What fails is noted in its row and left to the next sweep; nothing is raised but that
    the database cannot be used.
    """
    tools: Tools = ctx["tools"]
    job = await tools.database.write(partial(outbox.begin, job_id=job_id, at=datetime.now(UTC)))
    if job is None:
        return
    fields = {"job": job.id, "tries": job.tries}
    try:
        await WORK[job.name](tools, *job.arguments)
    except outbox.Postponed as later:
        await tools.database.write(partial(outbox.postponed, job_id=job.id, why=later))
        return
    except Exception as error:
        given_up = job.tries >= outbox.MAX_TRIES
        _log.error("job given up" if given_up else "job failed", extra=fields, exc_info=error)
        await tools.database.write(partial(outbox.failed, job_id=job.id, error=type(error).__name__))
        return
    await tools.database.write(partial(outbox.done, job_id=job.id, at=datetime.now(UTC)))
    _log.info("job done", extra=fields)


async def version_exports(tools: Tools, opinion: str, number: int) -> None:
    """Make the files of a version and keep them; those that are there already stay as they are."""
    origin, version, parties = await tools.database.read(partial(_version, opinion=opinion, number=number))
    files = await asyncio.to_thread(lambda: tuple(files_of(origin, version, parties)))

    def keep(connection: Connection) -> None:
        for form, content in files:
            keep_file(connection, opinion, number, form, content, datetime.now(UTC))

    await tools.database.write(keep)


def _version(connection: Connection, opinion: str, number: int) -> tuple[Origin, Version, tuple[Delegation, ...]]:
    row, process = load_opinion(connection, opinion), load_process(connection)
    version = next((one for one in log_store.load_versions(connection, opinion) if one.number == number), None)
    if version is None:
        raise ServerError(f"{row.name} has no version {number}.")
    origin = origin_of_version(process.name, process.meeting_zone, row.title, version)
    return origin, version, all_delegations(connection)


WORK: Mapping[str, Callable[..., Awaitable[None]]] = {
    outbox.VERSION_EXPORTS: version_exports,
    outbox.LETTER: sending.letter,
    outbox.EVENT: tell_programs,
    outbox.DELIVERY: deliver,
}
"""What the jobs of the outbox are, by name."""


async def sweep(ctx: dict[Any, Any]) -> None:
    """Begin what is due and was left behind: by a process that ended after its commit, by a Redis that forgot, by a
    failure. Letters wait where there is no mail server.
    """
    tools: Tools = ctx["tools"]
    without = () if tools.carrier.configured else (outbox.LETTER,)
    waiting = partial(outbox.waiting, at=datetime.now(UTC), without=without)
    for job_id in await tools.database.read(waiting):
        tools.begin(job_id)


async def audit(ctx: dict[Any, Any]) -> None:
    """Check every log and every version against what is stored beside it, as an operator does, in a process of its own
    and of low rank; count what does not agree (R23).
    """
    tools: Tools = ctx["tools"]
    database = {PREFIX + "DATA_DIR": str(tools.settings.data_dir), PREFIX + "DATABASE_URL": tools.settings.url}
    checking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "verify-log", "--quiet"),
        env={**os.environ, **database},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        os.setpriority(os.PRIO_PROCESS, checking.pid, 10)
        told, _ = await checking.communicate()
    finally:
        if checking.returncode is None:
            checking.kill()
            await checking.wait()
    if checking.returncode not in {0, DIFFERS}:
        raise ServerError("The audit could not read the record.")
    findings = [line for line in told.decode(errors="replace").splitlines() if ": DIFFERS. " in line]
    metrics.AUDIT_FINDINGS.set(len(findings))
    for finding in findings:
        _log.error("audit found", extra={"finding": finding})
    if not findings:
        _log.info("audit found nothing")


async def forget(ctx: dict[Any, Any]) -> None:
    """Drop what is of no more use: sessions and links that ended, the rows of jobs done long ago, comments that were
    never confirmed.
    """
    tools: Tools = ctx["tools"]
    now = datetime.now(UTC)

    def drop(connection: Connection) -> None:
        forget_ended(connection, now)
        outbox.forget_done(connection, now - outbox.KEPT)
        sending.forget_letters(connection, now)
        looks.forget_marks(connection)
        forget_unconfirmed(connection, now)

    await tools.database.write(drop)


@dataclass(frozen=True, slots=True)
class Timed:
    """What is done at a set second (UTC) of every minute, of one minute of every hour, or of one hour of every day."""

    name: str
    work: Callable[[dict[Any, Any]], Coroutine[Any, Any, None]]
    seconds: float
    """Longest that it may take."""
    second: int
    minute: int | None = None
    hour: int | None = None

    def after(self, now: datetime) -> datetime:
        """When it is done next."""
        at = now.replace(
            hour=now.hour if self.hour is None else self.hour,
            minute=now.minute if self.minute is None else self.minute,
            second=self.second,
            microsecond=0,
        )
        if at > now:
            return at
        if self.hour is not None:
            return at + timedelta(days=1)
        return at + (timedelta(minutes=1) if self.minute is None else timedelta(hours=1))


TIMETABLE = (
    Timed("sweep", sweep, JOB_SECONDS, second=0),
    Timed("digests", digest.digests, JOB_SECONDS, second=20),
    Timed("reminders", inviting.remind, JOB_SECONDS, minute=7, second=40),
    Timed("audit", audit, AUDIT_SECONDS, minute=17, second=30),
    Timed("forget", forget, JOB_SECONDS, hour=3, minute=41, second=30),
)
