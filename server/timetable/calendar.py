"""The timetable as an iCalendar file (RFC 5545), for calendars that subscribe to it.

An event keeps its UID for good; its SEQUENCE rises with every change of its milestone, and what is dropped, or loses
its days, stays in the file as cancelled, so that it goes from every calendar it came to. It tells names, days, places
and authorities, which circular letters make public; reasons and notes stay on the page.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from opinions.phases import instant
from opinions.timetable import Change, Milestone, Standing, When, standing
from server.timetable.words import DEADLINES, hours_words, zone_words

REFRESH = timedelta(hours=6)
"""How often a subscribing calendar is asked to look again."""
MADE_BY = "-//Unbracket//Timetable//EN"


def calendar(name: str, label: str, changes: Sequence[Change], address: str) -> bytes:
    """The calendar of a process. `label` is the event's own ("WTPF-26"), `address` that of the timetable's page."""
    book = Calendar()
    book.add("prodid", MADE_BY)
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    book.add("name", name)
    book.add("x-wr-calname", name)
    book.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    if address:
        book.add("url", address)
    for key in dict.fromkeys(change.milestone for change in changes):
        for event in _events([one for one in changes if one.milestone == key], label, address):
            book.add_component(event)
    return bytes(book.to_ical())


def _events(history: Sequence[Change], label: str, address: str) -> Iterable[Event]:
    """The events of one milestone: one, or one for each day of a meeting that is split. Whatever part it ever had is
    there, cancelled where it is no more.
    """
    now = _after(history)
    shown = _parts(now)
    ever: dict[int, When] = {}
    for end in range(1, len(history) + 1):
        ever |= dict(enumerate(_parts(_after(history[:end]))))
    for place, last in sorted(ever.items()):
        on = place < len(shown) and now.standing is not Standing.CANCELLED
        yield _event(now, shown[place] if place < len(shown) else last, place, history, label, address, on=on)


def _after(history: Sequence[Change]) -> Milestone:
    return next(iter(standing(history).values()))


def _parts(one: Milestone) -> tuple[When, ...]:
    """The stretches that a calendar shows; none where no day is known."""
    if not one.best.exact:
        return ()
    return one.sittings or (one.best,)


def _event(
    one: Milestone, when: When, place: int, history: Sequence[Change], label: str, address: str, *, on: bool
) -> Event:
    event = Event()
    slug = re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") or "process"
    event.add("uid", f"{one.id}{f'.{place + 1}' if place else ''}.{slug}@timetable.unbracket")
    event.add("sequence", len(history) - 1)
    recorded = [change.recorded_at for change in history if change.recorded_at is not None]
    stamp = max(recorded) if recorded else datetime.combine(history[-1].decided_on, datetime.min.time())
    zoned = stamp.astimezone(ZoneInfo("UTC"))
    event.add("dtstamp", zoned)
    event.add("last-modified", zoned)
    part = f" ({place + 1} of {len(one.sittings)})" if one.sittings and on else ""
    event.add("summary", f"{label}: {one.name}{part}" if label else f"{one.name}{part}")
    starts, ends = _edges(one, when)
    event.add("dtstart", starts)
    if ends is not None:
        event.add("dtend", ends)
    event.add("status", "CONFIRMED" if on else "CANCELLED")
    event.add("transp", "OPAQUE" if isinstance(starts, datetime) else "TRANSPARENT")
    where = ", ".join(part for part in (one.place, "virtual" if one.virtual else "") if part)
    if where:
        event.add("location", where)
    event.add("description", "\n".join(_told(one, when)))
    if address:
        event.add("url", f"{address}/milestones/{one.id}")
    return event


def _edges(one: Milestone, when: When) -> tuple[date | datetime, date | datetime | None]:
    """Whole days, or, for one day with both its times, these in UTC. The end is the first day after."""
    if when.first == when.last and when.opens and when.closes and one.kind not in DEADLINES:
        zone = ZoneInfo(one.zone)
        return instant(when.first, when.opens, zone, closing=False), instant(when.last, when.closes, zone, closing=True)
    return when.first, when.last + timedelta(days=1)


def _told(one: Milestone, when: When) -> Iterable[str]:
    hours = hours_words(when)
    if hours:
        yield f"{hours[:1].upper()}{hours[1:]} ({zone_words(one)} time)"
    elif one.kind in DEADLINES:
        yield f"Until the end of the day ({zone_words(one)} time)"
    if one.authority:
        yield f"Authority: {one.authority}"
    if one.informal:
        yield "Informal"
