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

from server import metrics, outbox
from server.consultation.public import forget_unconfirmed
from server.database import Database
from server.errors import ServerError
from server.freezes import letters
from server.phasing import reminders
from server.post import digest, looks, sending
from server.post.carrier import Carrier
from server.publications.making import make_all
from server.publications.store import Subject
from server.roster import inviting
from server.session_store import forget_ended
from server.settings import PREFIX, Settings
from server.signing import load_key
from server.taking_part.delivery import deliver, tell_programs
from server.verification.marks import keep_findings
from server.verify import DIFFERS

JOB_SECONDS = 120.0
"""Longest that one job, or one sweep, may take."""
AUDIT_SECONDS = 600.0
"""Longest that an audit may take."""

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
    await _make_files(tools, Subject(number, opinion), outbox.exports_of(opinion, number))


async def volume_exports(tools: Tools, number: int) -> None:
    """Make the files of a published volume and keep them, as those of a version."""
    await _make_files(tools, Subject(number), outbox.exports_of_volume(number))


async def _make_files(tools: Tools, subject: Subject, job: outbox.Job) -> None:
    key = await asyncio.to_thread(load_key, tools.settings.signing_key_file)
    await make_all(tools.database, subject, key, job.id)


WORK: Mapping[str, Callable[..., Awaitable[None]]] = {
    outbox.VERSION_EXPORTS: version_exports,
    outbox.VOLUME_EXPORTS: volume_exports,
    outbox.FROZEN_LETTER: letters.of_version,
    outbox.CUT_LETTER: letters.of_cut,
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
    split = [(subject, finding) for subject, _, finding in (line.partition(": DIFFERS. ") for line in findings)]
    await tools.database.write(partial(keep_findings, found=split, at=datetime.now(UTC)))
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
    Timed("deadlines", reminders.remind, JOB_SECONDS, second=50),
    Timed("audit", audit, AUDIT_SECONDS, minute=17, second=30),
    Timed("forget", forget, JOB_SECONDS, hour=3, minute=41, second=30),
)
