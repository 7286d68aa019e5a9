"""The timetable in words: dates as a circular letter prints them, what became of a milestone, what a change said."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from opinions.phases import instant
from opinions.timetable import Change, Milestone, MilestoneKind, Standing, When
from server.wording import place

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
KINDS: Mapping[MilestoneKind, str] = {
    MilestoneKind.DRAFT_PUBLISHED: "Draft published",
    MilestoneKind.COMMENT_DEADLINE: "Deadline for comments",
    MilestoneKind.CONSULTATION_OPENS: "Open consultation begins",
    MilestoneKind.CONSULTATION_CLOSES: "Open consultation ends",
    MilestoneKind.NOMINATION_DEADLINE: "Deadline for nominations",
    MilestoneKind.MEETING: "Meeting",
    MilestoneKind.FINAL_REPORT: "Final report",
    MilestoneKind.CONTRIBUTION_DEADLINE: "Deadline for contributions",
    MilestoneKind.FORUM: "Forum or conference",
    MilestoneKind.OTHER: "Other",
}
_ORDER = (
    *("kind", "name", "planned", "when", "held", "sittings", "standing", "place", "zone", "virtual", "informal"),
    *("unplanned", "volume", "note"),
)
"""In which a change tells its fields."""
DEADLINES = frozenset(
    {
        MilestoneKind.COMMENT_DEADLINE,
        MilestoneKind.CONSULTATION_CLOSES,
        MilestoneKind.NOMINATION_DEADLINE,
        MilestoneKind.CONTRIBUTION_DEADLINE,
    }
)
_NAMES: Mapping[str, str] = {
    "name": "Name",
    "place": "Place",
    "zone": "Zone",
    "volume": "Called",
    "note": "Note",
    "virtual": "Virtual",
    "informal": "Informal",
    "unplanned": "Added",
}


def day_words(day: date) -> str:
    """A day: "9 Jun 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def when_words(when: When) -> str:
    """Days as people write them: "7-8 Oct 2024", "31 May - 2 Jun 2021", or the words that stand for them."""
    if when.words:
        return when.words
    first, last = when.first, when.last
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{day_words(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} - {day_words(last)}"
    return f"{day_words(first)} - {day_words(last)}"


def hours_words(when: When) -> str:
    """The times of days, in the zone of their place: "12:00-15:00", "opens 09:30"; empty where none are set."""
    if when.opens and when.closes:
        joint = "-" if when.first == when.last else " on the first day, closes "
        opens = f"{when.opens:%H:%M}" if when.first == when.last else f"opens {when.opens:%H:%M}"
        return f"{opens}{joint}{when.closes:%H:%M}" + ("" if when.first == when.last else " on the last")
    if when.opens:
        return f"opens {when.opens:%H:%M}"
    return f"until {when.closes:%H:%M}" if when.closes else ""


def instants(one: Milestone, when: When) -> tuple[datetime | None, datetime | None]:
    """The instants of the times that are set, for telling them in another zone; of a deadline, its end."""
    if not when.exact:
        return None, None
    zone = ZoneInfo(one.zone)
    closes_at: time | None = when.closes
    ends = when.closes is not None or one.kind in DEADLINES
    return (
        instant(when.first, when.opens, zone, closing=False) if when.opens else None,
        instant(when.last, closes_at, zone, closing=True) if ends else None,
    )


def zone_words(one: Milestone) -> str:
    """The name of a milestone's zone, as people know it."""
    return place(ZoneInfo(one.zone))


def standing_words(one: Milestone, today: date) -> str:
    """Where a milestone stands: held, cancelled, today, still to come, or past with nothing on record."""
    if one.standing is Standing.CANCELLED:
        return "Cancelled"
    if one.standing is Standing.HELD:
        return "Held" if one.kind in (MilestoneKind.MEETING, MilestoneKind.FORUM, MilestoneKind.OTHER) else "Done"
    if one.when.exact and one.when.first <= today <= one.when.last:
        return "Today" if one.when.first == one.when.last else "Now"
    return "Planned" if one.when.last >= today else "Not recorded"


def decided_words(change: Change) -> str:
    """When a change was decided: "on 9 Jul 2024", "by 21 Jan 2026 at the latest"."""
    day = day_words(change.decided_on)
    return f"by {day} at the latest" if change.at_latest else f"on {day}"


def change_lines(change: Change, *, first: bool) -> tuple[str, ...]:
    """What a change set, a line for each field."""
    lines: list[str] = []
    for name in (one for one in _ORDER if one in change.fields):
        value = change.fields[name]
        if isinstance(value, When):
            hours = hours_words(value)
            label = {"held": "Held", "when": "Planned for" if first else "Set for"}.get(name, "First planned for")
            lines.append(f"{label} {when_words(value)}{f', {hours}' if hours else ''}")
        elif name == "sittings" and isinstance(value, tuple) and value:
            lines.append("Days: " + "; ".join(sitting_words(one) for one in value))
        elif name == "standing" and value is not Standing.HELD:
            lines.append("Cancelled" if value is Standing.CANCELLED else "On again")
        elif isinstance(value, bool):
            if value or not first:
                lines.append(_NAMES[name] if value else f"Not {_NAMES[name].lower()} any more")
        elif name in _NAMES and isinstance(value, str) and not (first and name in ("name", "zone")):
            shown = place(ZoneInfo(value)) if name == "zone" else value
            lines.append(f"{_NAMES[name]}: {shown or 'none'}")
    return tuple(lines)


def sitting_words(one: When) -> str:
    """One day of a meeting that is split: "24 Sep 2021, 12:00-15:00"."""
    hours = hours_words(one)
    return f"{when_words(one)}{f', {hours}' if hours else ''}"


def utc_words(at: datetime) -> str:
    """An instant as a page's `datetime` attribute has it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}Z"
