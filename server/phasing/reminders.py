"""Reminders of deadlines by e-mail: seven days before, one day before and on the day, each to whose right it is, once.

Composed once a minute by whoever does the timed jobs. What was sent is on record in the transaction that puts the
letter into the outbox: a worker that is killed leaves either both or none. A deadline that is moved reminds anew; one
that passed while nothing ran reminds nobody, and of several reminders that were missed only the last is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from opinions.phases import Edge, edge_instant, instant, said
from opinions.roles import Act, Role, may
from opinions.timetable import Milestone, MilestoneKind
from server.opinion_store import list_opinions
from server.people_store import Appointments, Member, actor_for, all_appointments, all_members
from server.phasing.store import spans_of
from server.phasing.telling import RIGHTS, left
from server.post.digest import stop_path
from server.post.letters import Letter, LetterKind, LetterRefused, post
from server.post.wishes import Pace, Wishes, wishes_of
from server.process_store import Process, load_process
from server.settings import public_address
from server.signing import SigningKey, load_key
from server.tables.phases import deadline_reminders as table
from server.timetable.store import timetable_of

if TYPE_CHECKING:
    from server.work import Tools

DAYS = (7, 1, 0)
"""How many days before a deadline people are reminded; 0 is the day itself."""
AT = time(8)
"""From when on, in the deadline's zone; on the day itself from its begin."""
MOST_LETTERS = 300
"""Letters of one run; the next run, a minute later, writes the others. A roster has some 170 people."""
REMINDED = frozenset({Role.EXPERT, Role.FOCAL_POINT, Role.CONTRIBUTOR})
"""Who is reminded: those who do something for a delegation. Observers, chair and secretariat are not."""
_OF_MILESTONES: Mapping[MilestoneKind, frozenset[Act]] = {
    MilestoneKind.COMMENT_DEADLINE: frozenset({Act.COMMENT_MAKE, Act.SG_REPORT_COMMENT}),
    MilestoneKind.CONSULTATION_CLOSES: frozenset({Act.COMMENT_MAKE}),
    MilestoneKind.NOMINATION_DEADLINE: frozenset({Act.PEOPLE_NOMINATE}),
    MilestoneKind.CONTRIBUTION_DEADLINE: frozenset({Act.CONTRIBUTION_SUBMIT}),
}
"""Deadlines of the timetable, and whose they are."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline to come: of a phase ("phase:third-draft") or of a milestone with which no phase closes."""

    key: str
    name: str
    due_at: datetime
    rights: frozenset[Act]
    zone: str
    extended: bool = False

    def step(self, now: datetime) -> int | None:
        """The reminder that is due: the last of those whose time has come; None for none, or when it has passed."""
        if now >= self.due_at:
            return None
        return min((days for days in DAYS if self._at(days) <= now), default=None)

    def _at(self, days: int) -> datetime:
        zone = ZoneInfo(self.zone)
        # What closes at midnight closes on the day that ends.
        day = (self.due_at - timedelta(microseconds=1)).astimezone(zone).date() - timedelta(days=days)
        return instant(day, AT if days else time(), zone, closing=False)


async def remind(ctx: dict[Any, Any]) -> None:
    """Of the timetable of jobs: remind of what is due. Without a mail server: nobody."""
    tools: Tools = ctx["tools"]
    if tools.settings.smtp_url:
        await remind_due(tools, datetime.now(UTC))


async def remind_due(tools: "Tools", now: datetime) -> int:
    """Post the reminders that are due at this moment; how many."""
    if not await tools.database.read(partial(_any_due, now=now)):
        return 0
    key = load_key(tools.settings.signing_key_file)
    work = partial(post_due, key=key, address=public_address(tools.settings), now=now)
    try:
        jobs = await tools.database.write(work)
    except IntegrityError:
        # Another worker was at it in the same moment; what it left the next run finds.
        return 0
    for job in jobs:
        tools.begin(job)
    return len(jobs)


def _any_due(connection: Connection, now: datetime) -> bool:
    """Whether any deadline is within its days and not everybody's mark is there yet: nearly always there is none."""
    for deadline in deadlines(connection, now):
        step = deadline.step(now)
        if step is not None and any(True for _ in _unmarked(connection, deadline, step, now)):
            return True
    return False


def deadlines(connection: Connection, now: datetime) -> tuple[Deadline, ...]:
    """The deadlines to come of phases that have opened, and those of milestones with which no phase closes."""
    timetable, spans = timetable_of(connection), spans_of(connection)
    with_phase = {span.phase.closes.milestone for span in spans if span.phase.closes is not None}
    found = [
        Deadline(
            f"phase:{span.phase.id}",
            span.phase.name,
            span.closes_at,
            span.phase.rights,
            span.zone,
            span.extended_from is not None,
        )
        for span in spans
        if span.closes_at is not None and span.is_open(now) and span.phase.rights
    ]
    found += _of_timetable((one for key, one in timetable.items() if key not in with_phase), timetable)
    return tuple(sorted((one for one in found if one.due_at > now), key=lambda one: (one.due_at, one.key)))


def _of_timetable(milestones: Iterable[Milestone], timetable: Mapping[str, Milestone]) -> list[Deadline]:
    found = []
    for one in milestones:
        rights = _OF_MILESTONES.get(one.kind)
        due = edge_instant(Edge(one.id, end=True), timetable, ZoneInfo, closing=True)
        if rights is not None and due is not None:
            found.append(Deadline(f"milestone:{one.id}", one.name, due, rights, one.zone))
    return found


def post_due(connection: Connection, key: SigningKey, address: str, now: datetime) -> tuple[str, ...]:
    """Post what is due, mark it, and mark what it makes needless; the ids of the letters' jobs."""
    process = load_process(connection)
    jobs: list[str] = []
    for deadline in deadlines(connection, now):
        step = deadline.step(now)
        if step is None:
            continue
        for member, wanted in _unmarked(connection, deadline, step, now):
            if len(jobs) >= MOST_LETTERS:
                return tuple(jobs)
            letter = ""
            if wanted is not None:
                told = _letter(process, member, deadline, address, f"{address}{stop_path(member.id, key)}", now)
                loud = wanted.first_loud(now)
                try:
                    letter = post(connection, _from(told, loud) if now < loud < deadline.due_at else told, now)
                    jobs.append(letter)
                except LetterRefused:
                    letter = ""
            _mark(connection, deadline, step, member.id, letter, now)
    return tuple(jobs)


def _unmarked(
    connection: Connection, deadline: Deadline, step: int, now: datetime
) -> list[tuple[Member, Wishes | None]]:
    """Whose right it is and who has no mark of this reminder, or of a later one, yet; None for who wants no letters."""
    same = (table.c.deadline == deadline.key) & (table.c.due_at == deadline.due_at) & (table.c.days <= step)
    marked = set(connection.scalars(select(table.c.member).where(same)))
    zone = load_process(connection).meeting_zone
    appointed = tuple(all_appointments(connection, now).values()) if list_opinions(connection) else ()
    found: list[tuple[Member, Wishes | None]] = []
    for member in all_members(connection):
        if member.id in marked or member.suspended or not member.email or not member.delegation:
            continue
        if not _has(member, appointed, deadline.rights):
            continue
        wanted = wishes_of(connection, member.id)
        stopped = wanted is not None and wanted.pace is Pace.OFF
        found.append((member, None if stopped else wanted or Wishes(zone=zone)))
    return found


def _has(member: Member, appointed: Iterable[Appointments], rights: frozenset[Act]) -> bool:
    """Whether any of the rights is this person's, in the process or in any draft Opinion."""
    actors = [actor_for(member), *(actor_for(member, one) for one in appointed if member.id in one)]
    return any(actor.role in REMINDED and may(actor, act) for actor in actors for act in rights)


def _mark(connection: Connection, deadline: Deadline, step: int, member: str, letter: str, now: datetime) -> None:
    values = {"deadline": deadline.key, "due_at": deadline.due_at, "days": step, "member": member, "at": now}
    connection.execute(insert(table).values(**values, letter=letter))


def _from(letter: Letter, due_at: datetime) -> Letter:
    return Letter(letter.kind, letter.recipient, letter.subject, letter.body, letter.member, letter.unsubscribe, due_at)


def _letter(process: Process, member: Member, deadline: Deadline, address: str, stop: str, now: datetime) -> Letter:
    when = said(deadline.due_at, ZoneInfo(deadline.zone), deadline.zone, closing=True)
    here = said(deadline.due_at, process.zone, process.meeting_zone, closing=True)
    lines = [
        f"Dear {member.name},",
        "",
        f"“{deadline.name}” {'was extended and ' if deadline.extended else ''}closes in {left(deadline.due_at, now)}:",
        "",
        f"    {when}",
    ]
    if here != when:
        lines.append(f"    {here}")
    own = [RIGHTS[act] for act in RIGHTS if act in deadline.rights and may(actor_for(member), act)]
    lines += ["", "Until then you can:", *(f"- {one}" for one in own)] if own else []
    lines += ["", "What you draft is kept, whatever closes.", "", f"Phases: {address}/phases"]
    lines += [f"Timetable: {address}/timetable", "", "-- ", f"Stop such letters: {stop}", ""]
    subject = " ".join(f"{process.name}: {deadline.name} closes {when}".split())[:300]
    return Letter(LetterKind.DEADLINE, member.email or "", subject, "\n".join(lines), member.id, stop)
