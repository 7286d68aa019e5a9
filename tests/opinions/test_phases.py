"""Phases by the clock (opinions/SPEC.md, PH1-PH6): instants of local times, spans, rights, what is told and when."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opinions.phases import (
    NO_PHASES,
    TOLD_BEFORE,
    After,
    Edge,
    Extension,
    Phase,
    Span,
    Turn,
    instant,
    next_telling,
    rights,
    spans,
    tellings,
    told_between,
)
from opinions.roles import Act
from opinions.timetable import Milestone, MilestoneKind, Standing, When

MINUTE = timedelta(minutes=1)
SUBMIT, COMMENT, POSITION = Act.AMENDMENT_SUBMIT, Act.COMMENT_MAKE, Act.POSITION_TAKE

# --- local times

TURNS: Mapping[str, tuple[date, ...]] = {
    "Europe/Zurich": (date(2025, 3, 30), date(2025, 10, 26), date(2024, 2, 29)),
    "America/Nassau": (date(2026, 3, 8), date(2026, 11, 1), date(2026, 6, 9)),
    "Africa/Kigali": (date(2022, 6, 6), date(2022, 6, 16)),
    "Africa/Addis_Ababa": (date(2021, 11, 8), date(2021, 12, 31)),
    "Africa/Cairo": (date(2024, 4, 26), date(2024, 10, 31), date(2024, 11, 1)),
    "Pacific/Apia": (date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)),
    "Australia/Lord_Howe": (date(2025, 4, 6), date(2025, 10, 5)),
    "Antarctica/Troll": (date(2025, 3, 30), date(2025, 10, 26)),
    "America/Havana": (date(2025, 3, 9), date(2025, 11, 2)),
    "America/Santiago": (date(2025, 4, 5), date(2025, 4, 6), date(2025, 9, 7)),
    "Asia/Beirut": (date(2025, 3, 30), date(2025, 10, 25), date(2025, 10, 26)),
    "Asia/Kathmandu": (date(2026, 1, 1),),
    "Asia/Pyongyang": (date(2018, 5, 4), date(2018, 5, 5)),
    "America/Caracas": (date(2016, 5, 1),),
    "Africa/Casablanca": (date(2025, 2, 23), date(2025, 4, 6)),
    "America/St_Johns": (date(2011, 3, 13), date(2011, 11, 6)),
    "Pacific/Kiritimati": (date(2025, 1, 1),),
}
"""Days on or beside which clocks are put forward or back, one day is left out, or nothing at all happens."""
TIMES = (None, time(0, 0), time(0, 30), time(1, 30), time(2, 15), time(2, 30), time(3, 0), time(12, 0), time(23, 30))
CASES = [
    (zone, day, at, closing)
    for zone, days in TURNS.items()
    for day in days
    for at in TIMES
    for closing in (True, False)
]


@dataclass(frozen=True)
class Walk:
    """Three days around a day, minute by minute of UTC: when the clock on the wall showed what, and its jumps."""

    shown: Mapping[datetime, list[datetime]]
    jumps: tuple[tuple[datetime, datetime, datetime], ...]


@cache
def walked(zone: str, day: date) -> Walk:
    there = ZoneInfo(zone)
    shown: dict[datetime, list[datetime]] = defaultdict(list)
    jumps: list[tuple[datetime, datetime, datetime]] = []
    utc = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    expected: datetime | None = None
    for _ in range(72 * 60):
        wall = utc.astimezone(there).replace(tzinfo=None)
        shown[wall].append(utc)
        if expected is not None and expected != wall:
            jumps.append((utc, expected, wall))
        utc, expected = utc + MINUTE, wall + MINUTE
    return Walk(shown, tuple(jumps))


def by_the_wall(zone: str, day: date, at: time | None, *, closing: bool) -> datetime:
    """The same as `instant`, found by watching the clock on the wall."""
    wanted = datetime.combine(day, at or time())
    if at is None and closing:
        wanted += timedelta(days=1)
    walk = walked(zone, day)
    if seen := walk.shown.get(wanted):
        return seen[-1] if closing else seen[0]
    # Never shown: it was jumped over. It is as long after the jump as it would have been without one.
    utc, would_be, _ = next(jump for jump in walk.jumps if jump[1] <= wanted < jump[2])
    return utc + (wanted - would_be)


def test_there_are_at_least_300_cases_of_clocks() -> None:
    assert len(CASES) >= 300
    turning = {(zone, day) for zone, day, _, _ in CASES if walked(zone, day).jumps}
    assert len(turning) >= 20


def test_ph1_a_local_time_is_the_instant_that_the_clock_on_the_wall_shows() -> None:
    for zone, day, at, closing in CASES:
        found = instant(day, at, ZoneInfo(zone), closing=closing)
        assert found.tzinfo is UTC
        assert found == by_the_wall(zone, day, at, closing=closing), (zone, day, at, closing)


@pytest.mark.parametrize(
    ("day", "at", "zone", "closing", "utc"),
    [
        # Geneva, 30 March 2025: 02:30 is not there and becomes 03:30, which is 01:30 UTC.
        (date(2025, 3, 30), time(2, 30), "Europe/Zurich", True, datetime(2025, 3, 30, 1, 30)),
        # Geneva, 26 October 2025: 02:30 comes at 00:30 and again at 01:30 UTC.
        (date(2025, 10, 26), time(2, 30), "Europe/Zurich", True, datetime(2025, 10, 26, 1, 30)),
        (date(2025, 10, 26), time(2, 30), "Europe/Zurich", False, datetime(2025, 10, 26, 0, 30)),
        # The end of 26 August 2024 in Geneva (S1: comments on the first draft).
        (date(2024, 8, 26), None, "Europe/Zurich", True, datetime(2024, 8, 26, 22)),
        # The opening in Nassau, 9 June 2026 at 09:30 (S0).
        (date(2026, 6, 9), time(9, 30), "America/Nassau", False, datetime(2026, 6, 9, 13, 30)),
        # Samoa left out 30 December 2011: the end of the 29th is the begin of the 31st.
        (date(2011, 12, 29), None, "Pacific/Apia", True, datetime(2011, 12, 30, 10)),
        # Cairo, 26 April 2024: the day begins at 01:00, when the one before it ends.
        (date(2024, 4, 25), None, "Africa/Cairo", True, datetime(2024, 4, 25, 22)),
        (date(2024, 4, 26), None, "Africa/Cairo", False, datetime(2024, 4, 25, 22)),
        # Lord Howe puts its clocks back by half an hour.
        (date(2025, 4, 6), time(1, 45), "Australia/Lord_Howe", True, datetime(2025, 4, 5, 15, 15)),
        (date(2025, 4, 6), time(1, 45), "Australia/Lord_Howe", False, datetime(2025, 4, 5, 14, 45)),
    ],
)
def test_ph1_cases_that_a_hand_can_check(day: date, at: time | None, zone: str, closing: bool, utc: datetime) -> None:
    assert instant(day, at, ZoneInfo(zone), closing=closing) == utc.replace(tzinfo=UTC)


def test_ph1_no_day_ends_before_it_begins_and_none_after_the_next_has_begun_for_long() -> None:
    for zone, days in TURNS.items():
        for day in days:
            there = ZoneInfo(zone)
            begin, end = instant(day, None, there, closing=False), instant(day, None, there, closing=True)
            following = instant(day + timedelta(days=1), None, there, closing=False)
            assert begin <= end
            assert following <= end <= following + timedelta(hours=1)


# --- spans


def when(first: str, last: str = "", **times: object) -> When:
    return When(date.fromisoformat(first), date.fromisoformat(last or first), **times)  # type: ignore[arg-type]


def milestone(key: str, at: When, **fields: object) -> Milestone:
    made = Milestone(key, MilestoneKind.OTHER, key, at, at)
    return replace(made, **fields)  # type: ignore[arg-type]


def by_id(*found: Milestone) -> dict[str, Milestone]:
    return {one.id: one for one in found}


DRAFT = milestone("draft", when("2024-08-05"))
DUE = milestone("due", when("2024-08-26"))
PHASE = Phase("first", "Comments on the first draft", frozenset({COMMENT}), Edge("draft"), Edge("due", end=True))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_ph2_a_phase_runs_from_its_edge_to_its_edge_in_the_zone_of_the_milestone() -> None:
    (span,) = spans([PHASE], by_id(DRAFT, DUE), ZoneInfo)
    assert (span.opens_at, span.closes_at) == (utc("2024-08-04T22:00"), utc("2024-08-26T22:00"))
    assert span.zone == "Europe/Zurich"
    there = replace(DUE, zone="America/Nassau", when=when("2024-08-26", closes=time(18)))
    (span,) = spans([PHASE], by_id(DRAFT, there), ZoneInfo)
    assert span.closes_at == utc("2024-08-26T22:00")


def test_ph2_what_was_held_holds_over_what_is_planned() -> None:
    moved = replace(DUE, held=when("2024-09-02"), standing=Standing.HELD)
    (span,) = spans([PHASE], by_id(DRAFT, moved), ZoneInfo)
    assert span.closes_at == utc("2024-09-02T22:00")


@pytest.mark.parametrize(
    "unset",
    [
        replace(DUE, standing=Standing.CANCELLED),
        replace(DUE, when=when("2024-08-01", "2024-08-31", words="August 2024")),
        replace(DUE, id="another"),
    ],
)
def test_ph2_no_right_is_shut_by_a_date_that_nobody_set(unset: Milestone) -> None:
    (span,) = spans([PHASE], by_id(DRAFT, unset), ZoneInfo)
    assert span.closes_at is None
    assert span.is_open(utc("2030-01-01"))


def extension(until: str, by: str = "Rodney Taylor", at: str = "2024-08-26T20:00") -> Extension:
    return Extension("first", utc(until), None, "", "m-chair", by, utc(at))


def test_ph5_the_last_extension_holds_and_says_what_was() -> None:
    given = [extension("2024-08-27T22:00"), extension("2024-08-26T23:00", "Another chair")]
    (span,) = spans([PHASE], by_id(DRAFT, DUE), ZoneInfo, given)
    assert (span.closes_at, span.extended_from) == (utc("2024-08-26T23:00"), utc("2024-08-26T22:00"))
    assert (span.extended_by, span.extended_at) == ("Another chair", utc("2024-08-26T20:00"))


def test_ph5_a_timetable_amended_beyond_an_extension_holds_over_it() -> None:
    later = replace(DUE, when=when("2024-09-30"))
    (span,) = spans([PHASE], by_id(DRAFT, later), ZoneInfo, [extension("2024-08-27T22:00")])
    assert (span.closes_at, span.extended_from) == (utc("2024-09-30T22:00"), None)


# --- rights


HOURS = st.integers(0, 40)
BASE = utc("2025-01-01")


def hour(number: int) -> datetime:
    return BASE + timedelta(hours=number)


@st.composite
def clocked(draw: st.DrawFn) -> Span:
    named = draw(st.frozensets(st.sampled_from([SUBMIT, COMMENT, POSITION]), min_size=1))
    after = draw(st.sampled_from(list(After)))
    opens, closes = draw(st.none() | HOURS), draw(st.none() | HOURS)
    phase = Phase(f"p{draw(st.integers(0, 99))}", "A phase", named, after=after)
    return Span(phase, None if opens is None else hour(opens), None if closes is None else hour(closes))


@given(st.lists(clocked(), max_size=6), HOURS, st.sampled_from([SUBMIT, COMMENT, POSITION, Act.CALL_PUT]))
def test_ph3_a_right_is_open_exactly_in_the_union_of_the_spans_that_name_it(
    found: list[Span], at: int, act: Act
) -> None:
    now = hour(at)
    here = rights(found, now)
    naming = [span for span in found if act in span.phase.rights]
    named = bool(naming)
    inside = any(
        (span.opens_at is None or span.opens_at <= now) and (span.closes_at is None or span.closes_at > now)
        for span in naming
    )
    assert (act in here.until) is (named and inside)
    assert (act in here.shut or act in here.late) is (named and not inside)
    assert not (act in here.shut and act in here.late)
    if act in here.late:
        ended = [span.closes_at for span in naming if span.closes_at and span.closes_at <= now and not span.is_empty]
        assert here.deadline_missed(act) == max(ended)
    if (until := here.until.get(act)) is not None:
        assert act not in rights(found, until).until
        assert act in rights(found, until - timedelta(microseconds=1)).until


@given(st.lists(clocked(), min_size=1, max_size=6), HOURS)
def test_ph3_rights_change_only_at_instants_that_are_known_before(found: list[Span], at: int) -> None:
    now = hour(at)
    following = next_telling(found, now)
    until = following - timedelta(microseconds=1) if following else hour(2000)
    assert set(rights(found, now).shut) == set(rights(found, until).shut)
    assert set(rights(found, now).late) == set(rights(found, until).late)


def test_ph3_a_right_that_no_phase_names_stands_as_the_table_says() -> None:
    assert rights((), BASE) is NO_PHASES
    (span,) = spans([PHASE], by_id(DRAFT, DUE), ZoneInfo)
    here = rights([span], utc("2025-01-01"))
    assert set(here.shut) == {COMMENT}


def test_ph3_the_instant_of_the_end_is_outside_and_that_of_the_begin_inside() -> None:
    (span,) = spans([PHASE], by_id(DRAFT, DUE), ZoneInfo)
    assert span.opens_at is not None
    assert span.closes_at is not None
    edge = timedelta(microseconds=1)
    assert COMMENT in rights([span], span.opens_at).until
    assert COMMENT in rights([span], span.opens_at - edge).shut
    assert COMMENT in rights([span], span.closes_at - edge).until
    assert COMMENT in rights([span], span.closes_at).shut


def test_ph3_of_phases_that_are_over_the_last_one_answers_and_at_one_instant_the_one_that_takes_what_is_late() -> None:
    """In whichever order they are given: no deadline loses a word."""

    def over(key: str, hours: int, after: After) -> Span:
        return Span(Phase(key, key, frozenset({SUBMIT}), after=after), None, hour(hours))

    kept, taken, earlier = over("b", 5, After.CLOSED), over("c", 5, After.LATE), over("a", 4, After.LATE)
    for found in permutations((kept, taken, earlier)):
        assert rights(found, hour(5)).late == {SUBMIT: taken}
    for found in permutations((kept, earlier)):
        assert rights(found, hour(5)).shut[SUBMIT].closed == kept
    (last,) = spans([PHASE], by_id(DRAFT, DUE), ZoneInfo)
    assert rights([last, over("z", 1, After.LATE)], utc("2030-01-01")).late.keys() == {SUBMIT}


# --- what is told


def steps(found: list[Span], hours: int, minutes: int) -> Iterator[tuple[datetime, datetime]]:
    at = BASE - timedelta(hours=30)
    while at < hour(hours):
        yield at, at + timedelta(minutes=minutes)
        at += timedelta(minutes=minutes)


@given(st.lists(clocked(), max_size=3, unique_by=lambda one: one.phase.id), st.integers(7, 600))
def test_ph6_everything_is_told_once_however_often_one_looks(found: list[Span], minutes: int) -> None:
    told = [one for after, until in steps(found, 80, minutes) for one in told_between(found, after, until)]
    assert len(told) == len(set(told))
    assert {one for one in told if one.turn is Turn.CLOSES} == {
        one for one in tellings(found) if one.turn is Turn.CLOSES
    }


def test_ph6_a_closing_is_told_24_hours_1_hour_and_10_minutes_before_and_when_it_comes() -> None:
    span = Span(PHASE, hour(0), hour(40))
    assert [one.at for one in tellings([span])] == [hour(0), hour(16), hour(39), hour(40) - 10 * MINUTE, hour(40)]
    short = Span(PHASE, hour(0), hour(1))
    assert [(one.turn, one.ahead) for one in tellings([short])] == [
        (Turn.OPENS, timedelta()),
        (Turn.CLOSES_SOON, TOLD_BEFORE[-1]),
        (Turn.CLOSES, timedelta()),
    ]


@given(st.lists(clocked(), max_size=4, unique_by=lambda one: one.phase.id))
def test_ph6_what_comes_at_one_instant_is_told_in_one_order(found: list[Span]) -> None:
    """However the phases are given: two servers tell the same, line by line."""
    assert tellings(found) == tellings(reversed(found))


@given(st.lists(clocked(), max_size=4), HOURS)
def test_ph6_after_a_pause_only_what_still_holds_is_told(found: list[Span], at: int) -> None:
    assume(len({one.phase.id for one in found}) == len(found))
    for one in told_between(found, hour(-30), hour(at)):
        if one.turn is Turn.CLOSES_SOON:
            assert one.span.is_open(hour(at))
