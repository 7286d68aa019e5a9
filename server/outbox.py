"""What is to be done after a commit: a row per job, put there by the transaction that makes it necessary.

So a job is neither lost, whatever happens to queues and processes, nor made for something that was rolled back. Plain
functions of a `Connection`, each one part of somebody's transaction.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from server.tables import jobs

MAX_TRIES = 10
"""A job begun so often and never ended is given up; its row stays and says why."""
VERSION_EXPORTS = "version_exports"
VOLUME_EXPORTS = "volume_exports"
"""The job that makes a volume's files; its argument is the volume's number."""
"""The job that makes a version's files; its arguments are the Opinion and the version's number."""

FROZEN_LETTER = "frozen_letter"
"""The job that writes to all focal points what was frozen; its arguments are the Opinion and the version's number."""
CUT_LETTER = "cut_letter"
"""The same of a cut of the whole volume; its argument is the cut's id."""

LETTER = "letter"
"""The job that sends a letter; its argument is the letter's id."""
EVENT = "event"
"""The job that tells other programs of an event; its arguments are the event's kind and what it is about."""
DELIVERY = "delivery"
"""The job that delivers an event to one address; its argument is the delivery's id."""


class Postponed(Exception):
    """Raised by work that is not for now: its job is left to the first sweep from `until` on. `counted`: it was tried
    in earnest, and that try is one of `MAX_TRIES`.
    """

    def __init__(self, until: datetime, reason: str, *, counted: bool) -> None:
        super().__init__(reason)
        self.until = until
        self.counted = counted


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


def exports_of_volume(number: int) -> Job:
    """The job that makes the files of a published volume."""
    return Job(f"volume-exports:{number}", VOLUME_EXPORTS, (number,))


def frozen_letter(opinion: str, number: int) -> Job:
    """The job that writes to all focal points that a version was made."""
    return Job(f"{FROZEN_LETTER}:{opinion}:{number}", FROZEN_LETTER, (opinion, number))


def cut_letter(cut: str) -> Job:
    """The job that writes to all focal points that the whole volume was frozen: one letter each, whatever it holds."""
    return Job(f"{CUT_LETTER}:{cut}", CUT_LETTER, (cut,))


def letter(letter_id: str) -> Job:
    """The job that sends a letter (`server.post.letters`)."""
    return Job(f"letter:{letter_id}", LETTER, (letter_id,))


def event(kind: str, *key: str | int) -> Job:
    """The job that tells other programs of an event (`server.taking_part.delivery`)."""
    return Job(":".join((EVENT, kind, *map(str, key))), EVENT, (kind, *key))


def frozen(opinion: str, number: int) -> Job:
    """The job that tells other programs of a new version."""
    return event("version.frozen", opinion, number)


def registered(contribution: str) -> Job:
    """The job that tells other programs of a contribution that got its number."""
    return event("contribution.registered", contribution)


def published(round_id: str, at: datetime) -> Job:
    """The job that tells other programs that the comments of a round were published."""
    return event("consultation.published", round_id, int(at.timestamp()))


def volume_published(number: int) -> Job:
    """The job that tells programs, and the focal points by letter, of a volume that was published."""
    return event("volume.published", number)


def delivery(delivery_id: str) -> Job:
    """The job that delivers an event to one address."""
    return Job(f"{DELIVERY}:{delivery_id}", DELIVERY, (delivery_id,))


def put(connection: Connection, job: Job, at: datetime, due: datetime | None = None) -> None:
    """Have a job done that nobody has put there before; not before it is due."""
    row = {"id": job.id, "name": job.name, "arguments": json.dumps(job.arguments), "created_at": at, "due_at": due}
    connection.execute(insert(jobs).values(row))


def put_once(connection: Connection, job: Job, at: datetime) -> None:
    """Have a job done, unless it has been put there already."""
    if connection.execute(select(jobs.c.id).where(jobs.c.id == job.id)).first() is None:
        put(connection, job, at)


def waiting(connection: Connection, at: datetime, without: Collection[str] = ()) -> Sequence[str]:
    """The ids of the jobs that are due and neither done nor given up, the oldest first; `without` those of names."""
    chosen = select(jobs.c.id).where(jobs.c.done_at.is_(None), jobs.c.tries < MAX_TRIES, _due(at))
    return connection.scalars(chosen.where(jobs.c.name.not_in(without)).order_by(jobs.c.created_at, jobs.c.id)).all()


def begin(connection: Connection, job_id: str, at: datetime) -> Job | None:
    """The job, its tries counted; None when there is none, it is done, not yet due, or was given up."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id, _due(at)).with_for_update()).one_or_none()
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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: steps done of `steps` (0: not begun), what is under way, and whether it is done or given up."""

    steps_done: int
    steps: int
    step: str
    done: bool
    given_up: bool


def tell(connection: Connection, job_id: str, steps_done: int, steps: int, step: str) -> None:
    """Say how far a job is."""
    values = {"steps_done": steps_done, "steps": steps, "step": step}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))


def progress(connection: Connection, job_id: str) -> Progress | None:
    """How far a job is; None when there is none, or it was done so long ago that its row is gone."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        return None
    done = row.done_at is not None
    return Progress(row.steps_done, row.steps, row.step, done, not done and row.tries >= MAX_TRIES)


def postponed(connection: Connection, job_id: str, why: Postponed) -> None:
    """It is left until later. What was not tried in earnest does not count."""
    values = {"due_at": why.until, "last_error": str(why)}
    if not why.counted:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values, tries=jobs.c.tries - 1))
    else:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))


def again(connection: Connection, job_id: str) -> None:
    """Have a job that was done or given up begun anew, as if it had never been tried."""
    fresh = {"tries": 0, "done_at": None, "due_at": None, "last_error": ""}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(fresh))


def _due(at: datetime) -> ColumnElement[bool]:
    return or_(jobs.c.due_at.is_(None), jobs.c.due_at <= at)


def forget_done(connection: Connection, before: datetime) -> None:
    """Drop the rows of jobs that were done before this time."""
    connection.execute(delete(jobs).where(jobs.c.done_at < before))


KEPT = timedelta(days=30)
"""How long the row of a job that is done stays, for who asks when it was."""
