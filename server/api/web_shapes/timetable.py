"""The timetable as JSON."""

from datetime import date

from opinions.timetable import MilestoneKind, Standing
from server.api.shapes import Shape


class Days(Shape):
    """Days in the milestone's zone. `opens` and `closes` are its local times on the first and last day, empty for none;
    with `words` no day is known, and first and last only bound them.
    """

    first: date
    last: date
    opens: str
    closes: str
    words: str


class TimetableChange(Shape):
    """One line of a history. `at_latest`: the day of the decision is not on record, `decided_on` is the last day
    by which it had been taken. `said`: what it set, in words.
    """

    decided_on: date
    at_latest: bool
    authority: str
    source: str
    reason: str
    said: list[str]


class TimetableMilestone(Shape):
    """One milestone: `planned` as first decided, `when` as it is now, `held` as it was."""

    id: str
    kind: MilestoneKind
    name: str
    standing: Standing
    when: Days
    planned: Days
    held: Days | None
    sittings: list[Days]
    place: str
    zone: str
    virtual: bool
    informal: bool
    unplanned: bool
    volume: str
    authority: str
    source: str
    note: str
    history: list[TimetableChange]


class Timetable(Shape):
    """The timetable as it stood at the end of a day; `replayed`: that day was asked for."""

    process: str
    on: date
    replayed: bool
    milestones: list[TimetableMilestone]
