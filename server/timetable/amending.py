"""Amending the timetable: what a secretariat's form says, as one more change of its history, or why it cannot be.

Every change has a day of decision, an authority and a reason, and comes after what is on record of its milestone: so no
replay to an earlier day is ever another one than it was (TT3).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from zoneinfo import available_timezones

from opinions.timetable import (
    MAX_CHANGES,
    MAX_MILESTONES,
    MAX_NAME,
    MAX_REASON,
    Change,
    Milestone,
    MilestoneKind,
    Standing,
    When,
    standing,
)
from server.errors import ServerError
from server.timetable.fields import FIRST_YEAR, LAST_YEAR, MAX_SITTINGS
from server.timetable.reading import MAX_AUTHORITY

MAX_WORDS = 100
"""Characters of what stands in place of days: "first half of 2026"."""
_SITTING = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s+([0-9]{2}:[0-9]{2})\s*(?:-|to)\s*([0-9]{2}:[0-9]{2}))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")


class Amending(StrEnum):
    """What is done to the timetable."""

    ADD = "add"
    CHANGE = "change"
    HELD = "held"
    CANCEL = "cancel"
    RESTORE = "restore"


class AmendmentRefused(ServerError):
    """Raised when a form cannot be a change; `errors` says by field what to write instead."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Ground:
    """What a form stands on: the history, and today in the zone of the process."""

    changes: tuple[Change, ...]
    today: date

    @property
    def milestones(self) -> Mapping[str, Milestone]:
        """Where the milestones stand now."""
        return standing(self.changes)

    def last_of(self, milestone: str) -> Change | None:
        """The last change of a milestone."""
        return next((one for one in reversed(self.changes) if one.milestone == milestone), None)

    def count_of(self, milestone: str) -> int:
        """How many changes a milestone has: what a form has seen of it."""
        return sum(one.milestone == milestone for one in self.changes)


def acts_on(one: Milestone) -> tuple[Amending, ...]:
    """What can be done to a milestone as it stands."""
    if one.standing is Standing.CANCELLED:
        return (Amending.RESTORE,)
    if one.standing is Standing.HELD:
        return (Amending.CHANGE, Amending.HELD)
    return (Amending.CHANGE, Amending.HELD, Amending.CANCEL)


def amended(ground: Ground, act: Amending, key: str, form: Mapping[str, str]) -> Change:
    """The change that a form makes. `key` is the milestone's id, empty for `Amending.ADD`.

    Raises `AmendmentRefused` with every field that does not fit; the history is as it was.
    """
    asked = _Form(form)
    milestone = ground.milestones.get(key)
    if (milestone is None) != (act is Amending.ADD):
        raise AmendmentRefused({"": "This milestone is not on the timetable."})
    if milestone is not None and act not in acts_on(milestone):
        raise AmendmentRefused({"": "This cannot be done to the milestone as it stands now. Load the page again."})
    if milestone is not None and form.get("seen", "") != str(ground.count_of(key)):
        raise AmendmentRefused({"": "Somebody changed this milestone meanwhile. Look at it again, then decide."})
    if len(ground.changes) >= MAX_CHANGES or (milestone is None and len(ground.milestones) >= MAX_MILESTONES):
        raise AmendmentRefused({"": "The timetable is full."})
    fields = _fields(asked, ground, act, milestone)
    decided = asked.day("decided_on", "the day of the decision")
    if decided is not None:
        last = ground.last_of(key)
        if decided > ground.today:
            asked.refuse("decided_on", "This day is still to come. Write the day on which it was decided.")
        elif last is not None and decided < last.decided_on:
            on_record = f"{last.decided_on}" + (" at the latest" if last.at_latest else "")
            asked.refuse("decided_on", f"What is on record was decided on {on_record}. A change comes after it.")
    authority = asked.words("authority", MAX_AUTHORITY, "the document's number as it is spelt, such as CL-26/9")
    reason = asked.words("reason", MAX_REASON, "why, in a sentence")
    source = asked.words("source", 200)
    if not asked.errors and not fields:
        asked.refuse("", "This changes nothing. Write what is different now.")
    if asked.errors or decided is None:
        raise AmendmentRefused(asked.errors)
    return Change(key or _free_id(ground.milestones), decided, fields, reason, authority, source or authority)


def _fields(asked: "_Form", ground: Ground, act: Amending, milestone: Milestone | None) -> dict[str, object]:
    if act is Amending.CANCEL:
        return {"standing": Standing.CANCELLED}
    if act is Amending.RESTORE:
        return {"standing": Standing.PLANNED}
    if act is Amending.HELD:
        held, sittings = asked.days()
        if held is not None and not held.exact:
            asked.refuse("words", "What was held has days.")
        elif held is not None and held.last > ground.today:
            asked.refuse("last", "This day is still to come. What was held is recorded afterwards.")
        place = {"place": asked.words("place", MAX_NAME), "virtual": asked.yes("virtual")}
        assert milestone is not None
        told = {name: value for name, value in place.items() if value != getattr(milestone, name)}
        return {"held": held, "sittings": sittings, "standing": Standing.HELD, **told}
    found: dict[str, object] = {
        "name": asked.words("name", MAX_NAME, "what it is called"),
        "place": asked.words("place", MAX_NAME),
        "zone": asked.zone(),
        "volume": asked.words("volume", MAX_NAME),
        "note": asked.words("note", MAX_REASON),
        "virtual": asked.yes("virtual"),
        "informal": asked.yes("informal"),
    }
    if milestone is None or milestone.standing is Standing.PLANNED:
        when, found["sittings"] = asked.days()
        if milestone is not None and when is not None and _hidden(when, milestone.when):
            left = "These words still stand in place of the new days. Take them out, or bring them up to date."
            asked.refuse("words", left)
        found["when"] = when
    if milestone is None:
        return found | {"kind": asked.kind(), "unplanned": asked.yes("unplanned")}
    return {name: value for name, value in found.items() if value != getattr(milestone, name)}


def _hidden(when: When, before: When) -> bool:
    """Whether new days would stay unseen behind the words that stood for the ones before."""
    days = (when.first, when.last) != (before.first, before.last)
    return days and not when.exact and when.words == before.words


def _free_id(known: Iterable[str]) -> str:
    taken = set(known)
    return next(key for number in range(1, MAX_MILESTONES + 2) if (key := f"added-{number}") not in taken)


class _Form:
    """A form's fields as they are read, with what is wrong in each."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.errors: dict[str, str] = {}

    def refuse(self, field: str, message: str) -> None:
        self.errors.setdefault(field, message)

    def words(self, field: str, most: int, needed: str = "") -> str:
        text = " ".join(self._form.get(field, "").split())
        if needed and not text:
            self.refuse(field, f"Write {needed}.")
        if len(text) > most:
            self.refuse(field, f"This has {len(text)} characters; {most} is the most.")
        if not text.isprintable():
            self.refuse(field, "A character here cannot be printed. Take it out.")
        return text

    def yes(self, field: str) -> bool:
        return self._form.get(field) == "yes"

    def kind(self) -> MilestoneKind:
        given = self._form.get("kind", "")
        if given not in list(MilestoneKind):
            self.refuse("kind", "Choose what it is.")
            return MilestoneKind.OTHER
        return MilestoneKind(given)

    def zone(self) -> str:
        zone = self._form.get("zone", "").strip()
        if zone not in available_timezones():
            self.refuse("zone", "This is no place of the time zone database. Write it as Europe/Zurich.")
        return zone

    def day(self, field: str, called: str) -> date | None:
        text = self._form.get(field, "").strip()
        if not text:
            self.refuse(field, f"Write {called}, as 2026-06-09.")
            return None
        try:
            day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.refuse(field, "This is no day of the calendar. Write it as 2026-06-09.")
            return None
        return day

    def time(self, field: str) -> time | None:
        text = self._form.get(field, "").strip()
        if not text:
            return None
        try:
            if not _TIME.fullmatch(text):
                raise ValueError
            return time.fromisoformat(text)
        except ValueError:
            self.refuse(field, "This is no time of the day. Write it as 09:30.")
            return None

    def days(self) -> tuple[When | None, tuple[When, ...]]:
        """The dates of the form, and the parts where it is split over days."""
        if self._form.get("days", "").strip():
            return self._split()
        first = self.day("first", "the first day")
        last = first if not self._form.get("last", "").strip() else self.day("last", "the last day")
        opens, closes = self.time("opens"), self.time("closes")
        words = self.words("words", MAX_WORDS)
        if first is None or last is None:
            return None, ()
        if first > last:
            self.refuse("last", "The last day is before the first. Exchange them.")
        if words and (opens or closes):
            self.refuse("words", "Where no day is known there is no time of a day either.")
        if first == last and opens and closes and opens >= closes:
            self.refuse("closes", "It closes before it opens. Write the later time here.")
        return When(first, last, opens, closes, words), ()

    def _split(self) -> tuple[When | None, tuple[When, ...]]:
        found: list[When] = []
        for line in self._form.get("days", "").splitlines():
            if not line.strip():
                continue
            fits = _SITTING.fullmatch(line.strip())
            try:
                if fits is None or len(found) >= MAX_SITTINGS:
                    raise ValueError
                day = date.fromisoformat(fits[1])
                opens, closes = (time.fromisoformat(one) if one else None for one in (fits[2], fits[3]))
                if not FIRST_YEAR <= day.year <= LAST_YEAR or (opens and closes and opens >= closes):
                    raise ValueError
            except ValueError:
                hint = "Write one day to a line, such as 2021-09-24 12:00-15:00"
                self.refuse("days", f"{hint}; {MAX_SITTINGS} at most. This does not fit: {line.strip()[:60]}.")
                return None, ()
            found.append(When(day, day, opens, closes))
        if len(found) < 2 or any(one.first >= two.first for one, two in pairwise(found)):
            self.refuse("days", "Write at least two days, in the order of the calendar, or use first and last day.")
            return None, ()
        return When(found[0].first, found[-1].last), tuple(found)
