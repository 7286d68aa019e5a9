"""The process at a glance: its draft Opinions, how far each is, and the way in that fits the visitor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from crdt.versions import Version
from opinions.burn_down import clean_since
from opinions.roles import FOLLOWERS, Act, Role, Stage, may
from opinions.steps import Step
from server import log_store
from server.errors import ServerError
from server.forum.store import under_consideration
from server.history.charts import small_line
from server.opinion_store import OpinionRow, list_opinions
from server.pages.consultation import listed_rounds
from server.pages.rendering import render
from server.pages.timetable import next_rows
from server.people_store import Appointments, all_appointments
from server.placement import Readable
from server.post.looks import SeqMark, how_much, marks_of
from server.summary import Summary, summarized
from server.visit import Visit
from server.wording import draft_name


@dataclass(frozen=True, slots=True)
class Course:
    """How the open brackets of an Opinion went, for members: drawn and in words; since what the text is clean (empty:
    it is not, or the history is not at hand yet).
    """

    line: Markup
    told: str
    clean_since: str


@dataclass(frozen=True, slots=True)
class Row:
    """One draft Opinion as this visitor may see it. `summary` is None when its room cannot be opened now, and for
    somebody who is shut out of the sitting.
    """

    opinion: OpinionRow
    summary: Summary | None
    version: Version | None
    address: str
    open_label: str
    primary: bool
    part: str
    counts_open: bool
    admits: bool
    shut_out: bool
    news: int | None = None
    """How much is new since the visitor looked; None: he or she has not looked yet, or may not."""
    follows: bool = False
    """Whether the visitor may read its history."""
    course: Course | None = None
    chairs: bool = False
    reports: bool = False
    briefs: bool = False
    """Whether the visitor has the chair's console there."""

    @property
    def considered_percent(self) -> int:
        """How much of the text was considered."""
        return self._percent(self.summary.considered if self.summary else 0)

    @property
    def agreed_percent(self) -> int:
        """How much of the text is agreed."""
        return self._percent(self.summary.agreed if self.summary else 0)

    def _percent(self, part: int) -> int:
        return round(100 * part / self.summary.paragraphs) if self.summary and self.summary.paragraphs else 0


async def dashboard(visit: Visit) -> Response:
    """`GET /`."""
    opinions, appointments, versions = await visit.read(partial(_listed, now=visit.now))
    marks = await visit.read(partial(marks_of, member=visit.member.id))
    rows = [
        await _row(visit, opinion, appointments.get(opinion.id, {}), versions.get(opinion.id), marks.get(opinion.id))
        for opinion in opinions
    ]
    rows = await _with_courses(visit, rows)
    open_in_all = sum(row.summary.brackets for row in rows if row.summary and row.counts_open)
    forum = {one.id for one in await visit.read(under_consideration)}
    consulting = await visit.read(partial(listed_rounds, member=visit.member.id, now=visit.now, open_only=True))
    return render(
        visit,
        "dashboard.html",
        rows=rows,
        consulting=consulting,
        open_in_all=open_in_all,
        in_forum=len(forum),
        prepared=sum(not opinion.closed and opinion.id not in forum for opinion in opinions),
        milestones=await next_rows(visit),
    )


def _listed(
    connection: Connection, now: datetime
) -> tuple[tuple[OpinionRow, ...], Mapping[str, Appointments], Mapping[str, Version]]:
    opinions = list_opinions(connection)
    versions = {opinion.id: log_store.load_versions(connection, opinion.id) for opinion in opinions}
    return opinions, all_appointments(connection, now), {key: found[-1] for key, found in versions.items() if found}


async def _row(
    visit: Visit, opinion: OpinionRow, appointed: Appointments, version: Version | None, mark: SeqMark | None
) -> Row:
    actor = visit.actor_in(appointed)
    stage = Stage(closed=opinion.closed, observers_admitted=opinion.observers_admitted)
    shut_out = actor.role in FOLLOWERS and not may(actor, Act.OPINION_READ_LIVE, stage)
    room = None if shut_out else await _room(visit, opinion.id)
    summary = summarized(room.document) if room is not None else None
    base = f"/opinions/{opinion.id}"
    if may(actor, Act.OPINION_READ, stage):
        address, label = base, "Open"
    elif may(actor, Act.OPINION_READ_LIVE, stage):
        address, label = f"{base}/live", "Follow live"
    else:
        address, label = f"{base}/versions", "Versions" if actor.role is Role.ADMINISTRATOR else ""
    part = {Role.CHAIR: "in the chair", Role.ACTING_CHAIR: "acting chair"}.get(actor.role, "")
    shows_open = actor.role not in FOLLOWERS or visit.process.observers_see_submitted
    admits = may(actor, Act.OBSERVERS_ADMIT, stage)
    tells = mark is not None and room is not None and may(actor, Act.OPINION_READ, stage)
    new = how_much(mark, room) if mark is not None and room is not None and tells else None
    follows = may(actor, Act.HISTORY_READ, stage)
    chairs = may(actor, Act.FLOOR_TAKE_UP, stage)
    open_still = not opinion.closed
    return Row(
        opinion, summary, version, address, label, open_still, part, shows_open, admits, shut_out, new, follows,
        chairs=chairs, reports=may(actor, Act.REPORT_MAKE, stage), briefs=may(actor, Act.BRIEF_READ, stage),
    )  # fmt: skip


async def _with_courses(visit: Visit, rows: Sequence[Row]) -> list[Row]:
    """The rows with how their brackets went, where the visitor takes part. What is not read yet comes with a later
    visit: no dashboard waits for it.
    """
    wanted = tuple(row.opinion.id for row in rows if row.summary is not None and row.follows)
    told = await visit.services.histories.glance(visit.services.database, wanted)
    return [
        replace(row, course=_course(told[row.opinion.id].steps, row.summary))
        if row.summary is not None and row.opinion.id in told
        else row
        for row in rows
    ]


def _course(steps: Sequence[Step], summary: Summary) -> Course:
    line, words = small_line(steps)
    since = clean_since(steps) if not summary.brackets else None
    return Course(line, words, (since.label or draft_name(summary.draft)) if since else "")


async def _room(visit: Visit, opinion_id: str) -> Readable | None:
    try:
        return await visit.services.hub.room(opinion_id)
    except ServerError:
        return None
