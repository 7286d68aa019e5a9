"""The timetable of a process: milestones, when they are planned and held, by whose authority, and every change.

A timetable is a list of changes that only grows; where a milestone stands is read from them (`standing`), on any day,
as the ledger of drafts is. So an amendment never rewrites what was: the plan of July 2024 can be read in 2026
(domain: IEG-4 was planned for February 2026 and held in January; WTPF-21 planned four meetings and held seven).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum

MAX_MILESTONES = 200
"""Milestones of one process: WTDC-21, with its regional meetings, has some forty."""
MAX_CHANGES = 2_000
"""Changes of one timetable; ten for each milestone."""
MAX_NAME = 200
MAX_REASON = 1_000


class MilestoneKind(StrEnum):
    """What a milestone is. The values stand in process files."""

    DRAFT_PUBLISHED = "draft_published"
    COMMENT_DEADLINE = "comment_deadline"
    CONSULTATION_OPENS = "consultation_opens"
    CONSULTATION_CLOSES = "consultation_closes"
    NOMINATION_DEADLINE = "nomination_deadline"
    MEETING = "meeting"
    FINAL_REPORT = "final_report"
    CONTRIBUTION_DEADLINE = "contribution_deadline"
    FORUM = "forum"
    OTHER = "other"


class Standing(StrEnum):
    """Where a milestone stands: on the plan, taken place (or passed), or dropped."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class When:
    """Days, in the milestone's zone. `opens` is a local time of the first day and `closes` of the last one; None: the
    day's begin, the day's end. `words` is set where the authority names no day ("October 2024"): then first and last
    are the bounds of what it names, and no right hangs on them.
    """

    first: date
    last: date
    opens: time | None = None
    closes: time | None = None
    words: str = ""

    @property
    def exact(self) -> bool:
        """Whether days are known, not only a month or a season."""
        return not self.words


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the process as it stands on some day.

    `planned` is what was first decided, `when` what holds now; `held` what really was, None until then. `sittings` are
    its parts where it is split over days that do not follow each other. `volume` is what a draft is called ("Third
    draft"), `zone` an IANA name. `authority` is the document that set the dates as they are now, as spelt, and
    `source` where that is read (a seed file and its section).
    """

    id: str
    kind: MilestoneKind
    name: str
    when: When
    planned: When
    held: When | None = None
    standing: Standing = Standing.PLANNED
    sittings: tuple[When, ...] = ()
    place: str = ""
    zone: str = "Europe/Zurich"
    virtual: bool = False
    informal: bool = False
    unplanned: bool = False
    volume: str = ""
    authority: str = ""
    source: str = ""
    note: str = ""

    @property
    def best(self) -> When:
        """What was if it has been, else what is planned now."""
        return self.held or self.when


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a timetable's history. `fields` are the values of `Milestone` that it sets (`when`, `held`, `place`,
    ...); the first change of an id adds the milestone and names `kind`, `name` and `when`.

    `decided_on` is the day from which it held, `recorded_at` when it was entered here; `at_latest` says that the day of
    the decision is not on record, and `decided_on` the last day by which it had been taken. `reason` is empty only in
    what a process file brings as first decided. `filed` says that a process file brought it.
    """

    milestone: str
    decided_on: date
    fields: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    authority: str = ""
    source: str = ""
    recorded_at: datetime | None = None
    member: str = ""
    name: str = ""
    at_latest: bool = False
    filed: bool = False


def standing(changes: Iterable[Change], on: date | None = None) -> Mapping[str, Milestone]:
    """The milestones as they stood at the end of a day (None: with every change), by id, in the order of their dates.

    `changes` are in the order of their number; of one milestone, a later one holds over an earlier one.
    """
    found: dict[str, Milestone] = {}
    for change in changes:
        if on is not None and change.decided_on > on:
            continue
        found[change.milestone] = _applied(found.get(change.milestone), change)
    return {one.id: one for one in sorted(found.values(), key=_place)}


def _place(one: Milestone) -> tuple[date, date, str]:
    """Where it stands in the order of dates: what is only bounded ("first half of 2026") stands at its latest day."""
    return (one.best.first if one.best.exact else one.best.last), one.best.last, one.id


def _applied(before: Milestone | None, change: Change) -> Milestone:
    fields: dict[str, object] = dict(change.fields)
    if change.authority:
        fields["authority"] = change.authority
    if change.source:
        fields["source"] = change.source
    if before is None:
        fields.setdefault("planned", fields.get("when"))
        return Milestone(id=change.milestone, **fields)  # type: ignore[arg-type]
    return replace(before, **fields)  # type: ignore[arg-type]


NEAR_DAYS = 75
"""How far from a day its nearest milestone may be: between two drafts of the seeds lie five months."""
GATHERINGS = frozenset({MilestoneKind.MEETING, MilestoneKind.FORUM})
"""Kinds where people meet: what is frozen there is the text at the close."""
_OCCASIONS = frozenset(
    {MilestoneKind.MEETING, MilestoneKind.DRAFT_PUBLISHED, MilestoneKind.FINAL_REPORT, MilestoneKind.FORUM}
)


def occasions(milestones: Iterable[Milestone]) -> list[Milestone]:
    """The milestones at which a text may be frozen, in their order."""
    return [one for one in milestones if one.kind in _OCCASIONS and one.standing is not Standing.CANCELLED]


def nearest(milestones: Iterable[Milestone], day: date) -> Milestone | None:
    """The milestone at which a text is frozen on a day: one that is on then, a meeting first, else the nearest within
    `NEAR_DAYS`; of milestones that name no day, none. No text is one of a meeting that has not begun.
    """

    def distance(one: Milestone) -> tuple[int, bool, date]:
        when = one.best
        away = max((when.first - day).days, (day - when.last).days, 0)
        return away, one.kind not in GATHERINGS, when.first

    may_be = (
        one for one in occasions(milestones) if one.best.exact and (one.kind not in GATHERINGS or one.best.first <= day)
    )
    found = min(may_be, key=distance, default=None)
    return found if found is not None and distance(found)[0] <= NEAR_DAYS else None
