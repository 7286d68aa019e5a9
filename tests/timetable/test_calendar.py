"""The calendar [TT7]: stable ids, a rising sequence, what is dropped stays as cancelled."""

from datetime import UTC, date, datetime

from icalendar import Calendar, Component

from opinions.timetable import Change, Standing, When
from server.timetable.calendar import calendar
from tests.timetable.files import days, process

PAGE = "https://forum.example/timetable"


def events(name: str, *more: Change) -> dict[str, Component]:
    """The events of a process's calendar by their ids, read by the library."""
    found = process(name)
    book = Calendar.from_ical(calendar(found.plan.name, found.plan.label, [*found.changes, *more], PAGE))
    return {str(one["uid"]): one for one in book.walk("VEVENT")}


def test_tt7_a_calendar_has_every_milestone_with_days() -> None:
    found = events("wtpf-26")
    forum = found["forum.wtpf-26@timetable.unbracket"]
    assert (forum.decoded("dtstart"), forum.decoded("dtend")) == (date(2026, 6, 9), date(2026, 6, 12))
    assert str(forum["location"]) == "Atlantis Paradise Island, Nassau, Bahamas"
    assert "Opens 09:30 (Nassau time)" in str(forum["description"])
    assert "Authority: CL-26/9" in str(forum["description"])
    # No day is known of these, and a calendar shows days.
    assert not any(key.startswith(("informal-", "ieg-2", "ieg-3")) for key in found)
    assert all(str(one["status"]) == "CONFIRMED" for one in found.values())


def test_tt7_a_meeting_that_is_split_has_an_event_for_each_day_in_utc() -> None:
    found = events("wtpf-21")
    parts = [found[f"ieg-6{part}.wtpf-21@timetable.unbracket"] for part in ("", ".2", ".3")]
    assert [one.decoded("dtstart") for one in parts] == [datetime(2021, 9, day, 10, tzinfo=UTC) for day in (24, 27, 28)]
    assert [one.decoded("dtend") for one in parts] == [datetime(2021, 9, day, 13, tzinfo=UTC) for day in (24, 27, 28)]


def test_tt7_ids_stay_and_the_sequence_rises() -> None:
    before = events("wtpf-26")
    moved = Change("final-report", date(2026, 3, 1), {"when": days("2026-04-20")}, "Moved", "CL-26/12")
    after = events("wtpf-26", moved)
    assert before.keys() == after.keys()
    key = "final-report.wtpf-26@timetable.unbracket"
    assert (before[key].decoded("sequence"), after[key].decoded("sequence")) == (0, 1)
    assert after[key].decoded("dtstart") == date(2026, 4, 20)
    assert all(after[one].decoded("sequence") == before[one].decoded("sequence") for one in before if one != key)


def test_tt7_what_is_cancelled_or_loses_its_days_stays_as_cancelled() -> None:
    gone = Change("final-report", date(2026, 3, 1), {"standing": Standing.CANCELLED}, "Dropped", "CL-26/12")
    found = events("wtpf-26", gone)["final-report.wtpf-26@timetable.unbracket"]
    assert (str(found["status"]), found.decoded("sequence")) == ("CANCELLED", 1)
    open_again = When(date(2026, 4, 1), date(2026, 4, 30), words="April 2026")
    vague = Change("final-report", date(2026, 3, 1), {"when": open_again}, "Moved", "CL-26/12")
    found = events("wtpf-26", vague)["final-report.wtpf-26@timetable.unbracket"]
    assert (str(found["status"]), found.decoded("dtstart")) == ("CANCELLED", date(2026, 4, 13))


def test_tt7_days_that_a_meeting_no_longer_has_are_cancelled() -> None:
    shorter = Change("ieg-6", date(2021, 9, 29), {"held": days("2021-09-24"), "sittings": ()}, "Corrected", "CL-1")
    found = events("wtpf-21", shorter)
    states = [str(found[f"ieg-6{part}.wtpf-21@timetable.unbracket"]["status"]) for part in ("", ".2", ".3")]
    assert states == ["CONFIRMED", "CANCELLED", "CANCELLED"]


def test_tt7_the_calendar_tells_no_reason_and_no_note() -> None:
    found = process("wtpf-26")
    written = calendar(found.plan.name, found.plan.label, found.changes, PAGE).decode().replace("\r\n ", "")
    for change in found.changes:
        assert change.reason == "" or change.reason not in written
    assert "Completes the draft report" not in written
    assert all(len(line.encode()) <= 75 for line in calendar("x" * 300, "T", found.changes, "").decode().split("\r\n"))
