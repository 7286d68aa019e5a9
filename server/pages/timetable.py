"""The timetable for everybody: planned and actual, with the authority of each date, as it stood on any day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from itertools import groupby

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.process_plan import Plan
from opinions.timetable import Change, Milestone, Standing, standing
from server.pages.public_consultation import busy, too_many
from server.pages.rendering import render
from server.settings import public_address
from server.timetable.amending import acts_on
from server.timetable.calendar import calendar
from server.timetable.store import load_changes, load_plan
from server.timetable.words import (
    DEADLINES,
    KINDS,
    change_lines,
    day_words,
    decided_words,
    hours_words,
    instants,
    sitting_words,
    standing_words,
    utc_words,
    when_words,
    zone_words,
)
from server.visit import Visit
from server.volumes.contents import AtMilestone, published_at_milestones
from server.wording import KINDS as PARTIES

ENTRY = "src/timetable.ts"
NEXT_SHOWN = 3
"""Milestones that the dashboard tells."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An instant that is set: what it is ("opens", "closes"), and when, for telling it in another zone."""

    words: str
    at: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a milestone's history."""

    change: Change
    said: tuple[str, ...]
    decided: str


@dataclass(frozen=True, slots=True)
class Row:
    """One milestone as the page tells it. `was` is what was first planned, where that reads otherwise now; `moved` is
    whether its days left what was planned, or its place changed: days that a month became are no move.
    """

    one: Milestone
    kind: str
    when: str
    was: str
    moved: bool
    hours: str
    zone: str
    clocks: tuple[Clock, ...]
    sittings: tuple[str, ...]
    standing: str
    history: tuple[Line, ...]
    volumes: tuple[AtMilestone, ...] = ()
    next: bool = False

    @property
    def year(self) -> int:
        """The year under which it stands."""
        when = self.one.best
        return (when.first if when.exact else when.last).year


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of the timetable."""

    changes: tuple[Change, ...]
    plan: Plan
    volumes: tuple[AtMilestone, ...]


def known(connection: Connection) -> Known:
    """The history and the plan of the process, and what was published at its milestones."""
    return Known(load_changes(connection), load_plan(connection), published_at_milestones(connection))


def today(visit: Visit) -> date:
    """Today, in the zone of the process."""
    return visit.now.astimezone(visit.process.zone).date()


def wanted_day(visit: Visit) -> tuple[date | None, str]:
    """The day that the address asks for (`on`), None for now; and what is wrong with it."""
    given = visit.request.query_params.get("on", "").strip()
    if not given:
        return None, ""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None, "This is no day of the calendar. Write it as 2026-06-09."
    return day, ""


async def timetable(visit: Visit) -> Response:
    """`GET /timetable?on=`: as it stands, or as it stood at the end of a day."""
    found = await visit.read(known)
    on, error = wanted_day(visit)
    rows = rows_of(found.changes, on, on or today(visit), _by_then(visit, found, on))
    return render(
        visit,
        "timetable.html",
        entry=ENTRY,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        errors={"on": error} if error else {},
        given_on=visit.request.query_params.get("on", ""),
        on=on,
        on_words=day_words(on or today(visit)),
        years=[(year, list(each)) for year, each in groupby(rows, key=lambda row: row.year)],
        rows=rows,
        any_at_all=bool(found.changes),
        turns=turns(found.changes),
        plan=found.plan,
        parties=PARTIES,
        day_words=day_words,
        calendar_address=f"{public_address(visit.services.settings)}/timetable.ics",
    )


def _by_then(visit: Visit, found: Known, on: date | None) -> tuple[AtMilestone, ...]:
    """The volumes that were published by the end of a day."""
    zone = visit.process.zone
    return tuple(one for one in found.volumes if on is None or one.published_at.astimezone(zone).date() <= on)


def turns(changes: Sequence[Change]) -> tuple[tuple[str, str], ...]:
    """The days on which the timetable changed, newest first: for the form, and in words."""
    days = sorted({one.decided_on for one in changes}, reverse=True)
    return tuple((day.isoformat(), day_words(day)) for day in days)


async def milestone(visit: Visit) -> Response:
    """`GET /timetable/milestones/{milestone}`: one milestone with its history."""
    return await milestone_page(visit)


async def milestone_page(visit: Visit) -> Response:
    """The page of the milestone that the path names. 404 for one that is not on the timetable."""
    found = await visit.read(known)
    row = row_named(found.changes, visit.request.path_params["milestone"], today(visit), found.volumes)
    return render(visit, "milestone.html", entry=ENTRY, row=row, acts=acts_on(row.one), phases=_phases(found.plan, row))


def _phases(plan: Plan, row: Row) -> tuple[tuple[str, str], ...]:
    """The phases that open or close with a milestone."""
    return tuple(
        (phase.name, word)
        for phase in plan.phases
        for edge, word in ((phase.opens, "opens"), (phase.closes, "closes"))
        if edge is not None and edge.milestone == row.one.id
    )


def row_named(changes: Sequence[Change], key: str, day: date, volumes: Sequence[AtMilestone] = ()) -> Row:
    """One milestone. 404 for one that is not there."""
    for row in rows_of(changes, None, day, volumes):
        if row.one.id == key:
            return row
    raise HTTPException(HTTPStatus.NOT_FOUND)


def rows_of(changes: Sequence[Change], on: date | None, day: date, volumes: Sequence[AtMilestone] = ()) -> list[Row]:
    """The milestones as they stood on a day, told as on `day`, with the volumes that were published at them."""
    milestones = standing(changes, on)
    following = {one.id for one in next_of(milestones, day, 1)}
    history: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if on is None or change.decided_on <= on:
            history[change.milestone].append(change)
    out: dict[str, list[AtMilestone]] = defaultdict(list)
    for volume in volumes:
        out[volume.milestone].append(volume)
    return [
        _row(one, history[one.id], day, tuple(out[one.id]), following=one.id in following)
        for one in milestones.values()
    ]


def _row(
    one: Milestone, history: Sequence[Change], day: date, volumes: tuple[AtMilestone, ...], *, following: bool
) -> Row:
    when, planned = one.best, one.planned
    same = (when.first, when.last, when.words) == (planned.first, planned.last, planned.words)
    zone = zone_words(one)
    lines = tuple(
        Line(change, change_lines(change, first=place == 0), decided_words(change))
        for place, change in enumerate(history)
    )
    opens, closes = instants(one, when)
    return Row(
        one,
        KINDS[one.kind],
        when_words(when)[:1].upper() + when_words(when)[1:],
        "" if same else when_words(planned),
        _moved(one, history),
        hours_words(when) or ("until 24:00" if when.exact and one.kind in DEADLINES else ""),
        zone,
        tuple(Clock(word, utc_words(at)) for at, word in ((opens, "opens"), (closes, "closes")) if at is not None),
        tuple(sitting_words(part) for part in one.sittings),
        "Published" if volumes and one.standing is Standing.PLANNED else standing_words(one, day),
        lines,
        volumes,
        following,
    )


def _moved(one: Milestone, history: Sequence[Change]) -> bool:
    now, planned = one.best, one.planned
    if planned.exact:
        days = (now.first, now.last) != (planned.first, planned.last)
    else:
        days = now.exact and not planned.first <= now.first <= now.last <= planned.last
    places = [change.fields["place"] for change in history if change.fields.get("place")]
    return days or len(set(places)) > 1


def next_of(milestones: Mapping[str, Milestone], day: date, most: int) -> list[Milestone]:
    """The milestones that are on or come next, those whose days are known."""
    coming = [
        one
        for one in milestones.values()
        if one.standing is Standing.PLANNED and one.when.exact and one.when.last >= day
    ]
    return sorted(coming, key=lambda one: (one.when.first, one.when.last))[:most]


async def next_rows(visit: Visit) -> list[Row]:
    """What the dashboard tells: the next milestones."""
    changes = await visit.read(load_changes)
    coming = {one.id for one in next_of(standing(changes), today(visit), NEXT_SHOWN)}
    return [row for row in rows_of(changes, None, today(visit)) if row.one.id in coming]


async def timetable_calendar(visit: Visit) -> Response:
    """`GET /timetable.ics`: the calendar, for everybody, so that programs can subscribe to it."""
    limit = visit.services.public_limits.calendar
    if too_many(visit, limit):
        return await busy(visit, limit)
    found = await visit.read(known)
    if not found.changes:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    address = f"{public_address(visit.services.settings)}/timetable"
    content = calendar(found.plan.name or visit.process.name, found.plan.label, found.changes, address)
    name = f"{(found.plan.label or 'timetable').lower()}.ics"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "public, max-age=300"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
