"""What is to be done after a commit: a row per job, put there by the transaction that makes it necessary.

So a job is neither lost, whatever happens to queues and processes, nor made for something that was rolled back. Plain
functions of a `Connection`, each one part of somebody's transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from server.tables import jobs

MAX_TRIES = 10
"""A job begun so often and never ended is given up; its row stays and says why."""
VERSION_EXPORTS = "version_exports"
"""The job that makes a version's files; its arguments are the Opinion and the version's number."""

LETTER = "letter"
"""The job that sends a letter; its argument is the letter's id."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done: `name` of the work, `arguments` of JSON, and how often it was begun."""

    id: str
    name: str
    arguments: tuple[str | int, ...]
    tries: int = 0


def exports_of(opinion: str, number: int) -> Job:
    """The job that makes a version's files."""
    return Job(f"exports:{opinion}:{number}", VERSION_EXPORTS, (opinion, number))


def letter(letter_id: str) -> Job:
    """The job that sends a letter (`server.post.letters`)."""
    return Job(f"letter:{letter_id}", LETTER, (letter_id,))


def put(connection: Connection, job: Job, at: datetime) -> None:
    """Have a job done that nobody has put there before."""
    row = {"id": job.id, "name": job.name, "arguments": json.dumps(job.arguments), "created_at": at}
    connection.execute(insert(jobs).values(row))


def waiting(connection: Connection) -> Sequence[str]:
    """The ids of the jobs that are not done and not given up, the oldest first."""
    chosen = select(jobs.c.id).where(jobs.c.done_at.is_(None), jobs.c.tries < MAX_TRIES)
    return connection.scalars(chosen.order_by(jobs.c.created_at, jobs.c.id)).all()


def begin(connection: Connection, job_id: str) -> Job | None:
    """The job, its tries counted; None when there is none, it is done, or it was given up."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).one_or_none()
    if row is None or row.done_at is not None or row.tries >= MAX_TRIES:
        return None
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(tries=row.tries + 1))
    return Job(row.id, row.name, tuple(json.loads(row.arguments)), row.tries + 1)


def done(connection: Connection, job_id: str, at: datetime) -> None:
    """It is done, and not begun again."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(done_at=at))


def failed(connection: Connection, job_id: str, error: str) -> None:
    """It failed with an error of this type; it is tried again later."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(last_error=error))


def forget_done(connection: Connection, before: datetime) -> None:
    """Drop the rows of jobs that were done before this time."""
    connection.execute(delete(jobs).where(jobs.c.done_at < before))


KEPT = timedelta(days=30)
"""How long the row of a job that is done stays, for who asks when it was."""
