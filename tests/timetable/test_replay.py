"""The three processes replayed [TT2]: what stood on a day, against what the documents say, written here by hand."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.timetable import Change, MilestoneKind, Standing, When, nearest, standing
from tests.timetable.files import NAMES, days, milestone, process

ZURICH, NASSAU = "Europe/Zurich", "America/Nassau"

# --- WTPF-26 (S1, Decision 641, Annex 2; S0)

PLANNED = {
    "draft-1": "2024-08-05",
    "comments-1": "2024-08-26",
    "nominations": "2024-08-26",
    "draft-2": "2024-11-04",
    "consultation-1-opens": "2024-11-04",
    "comments-2": "2024-12-20",
    "consultation-1-closes": "2024-12-20",
    "draft-3": "2025-03-31",
    "comments-3": "2025-06-16",
    "consultation-2-closes": "2025-06-16",
    "draft-4": "2025-11-03",
    "comments-4": "2025-12-19",
    "final-report": "2026-04-13",
}


@pytest.mark.parametrize(("key", "day"), PLANNED.items())
def test_tt2_the_days_of_annex_2_stand(key: str, day: str) -> None:
    for on in ("2024-07-09", "2026-06-30"):
        found = milestone("wtpf-26", key, on)
        assert (found.when, found.authority) == (days(day), "Decision 641")


def test_tt2_nothing_stood_before_the_decision() -> None:
    assert standing(process("wtpf-26").changes, date(2024, 7, 8)) == {}


def test_tt2_the_first_meeting_has_its_days_from_the_letter() -> None:
    found = milestone("wtpf-26", "ieg-1", "2024-07-09")
    assert found.when == days("2024-10-07", "2024-10-08")
    assert (found.planned.words, found.place, found.authority) == (
        "October 2024",
        "ITU headquarters, Geneva",
        "CL-24/44",
    )


@pytest.mark.parametrize(
    ("on", "when", "held", "authority"),
    [
        ("2024-08-01", When(date(2026, 2, 1), date(2026, 2, 28), words="February 2026"), None, "Decision 641"),
        ("2026-01-20", When(date(2026, 2, 1), date(2026, 2, 28), words="February 2026"), None, "Decision 641"),
        ("2026-01-21", days("2026-01-21", "2026-01-23"), None, "CL-26/9"),
        ("2026-01-22", days("2026-01-21", "2026-01-23"), None, "CL-26/9"),
        ("2026-01-23", days("2026-01-21", "2026-01-23"), days("2026-01-21", "2026-01-23"), "CL-26/9"),
        ("2026-03-01", days("2026-01-21", "2026-01-23"), days("2026-01-21", "2026-01-23"), "CL-26/9"),
    ],
)
def test_tt2_the_fourth_meeting_was_brought_forward(on: str, when: When, held: When | None, authority: str) -> None:
    found = milestone("wtpf-26", "ieg-4", on)
    assert (found.when, found.held, found.authority) == (when, held, authority)
    assert found.standing is (Standing.HELD if held else Standing.PLANNED)
    assert found.planned.words == "February 2026"
    assert found.virtual


def test_tt2_three_informal_meetings_were_added() -> None:
    changes = process("wtpf-26").changes
    before, after = (standing(changes, date(2026, 1, day)) for day in (22, 23))
    assert set(after) - set(before) == {"informal-1", "informal-2", "informal-3"}
    for key in set(after) - set(before):
        found = after[key]
        assert (found.informal, found.unplanned, found.authority) == (True, True, "CL-26/6")
        assert not found.when.exact
    assert not any(one.unplanned for one in before.values())


@pytest.mark.parametrize(
    ("on", "first", "last", "words", "place", "zone", "authority"),
    [
        ("2024-07-09", "2026-01-01", "2026-06-30", "first half of 2026", "Geneva, Switzerland", ZURICH, "CL-24/44"),
        ("2026-02-23", "2026-01-01", "2026-06-30", "first half of 2026", "Geneva, Switzerland", ZURICH, "CL-24/44"),
        ("2026-02-24", "2026-06-09", "2026-06-11", "", "Atlantis Paradise Island, Nassau, Bahamas", NASSAU, "CL-26/9"),
    ],
)
def test_tt2_the_forum_found_its_days_and_its_place(
    on: str, first: str, last: str, words: str, place: str, zone: str, authority: str
) -> None:
    found = milestone("wtpf-26", "forum", on)
    opens = None if words else time(9, 30)
    assert found.when == When(date.fromisoformat(first), date.fromisoformat(last), opens, words=words)
    assert (found.place, found.zone, found.authority) == (place, zone, authority)


def test_tt2_the_final_report_was_planned_more_than_six_weeks_ahead() -> None:
    forum = milestone("wtpf-26", "forum", "2026-03-01")
    report = milestone("wtpf-26", "final-report", "2026-03-01")
    assert forum.when.first - report.when.first == timedelta(days=57)


# --- WTPF-21 (S2, and what became of it)


def test_tt2_four_meetings_were_planned_and_seven_held() -> None:
    changes = process("wtpf-21").changes
    planned = standing(changes, date(2019, 9, 1))
    assert [key for key in planned if key.startswith("ieg")] == ["ieg-1", "ieg-2", "ieg-3", "ieg-4"]
    assert [planned[key].when.words for key in planned if key.startswith("ieg")] == [
        "September 2019",
        "February 2020",
        "September 2020",
        "February 2021",
    ]
    assert planned["forum"].when == days("2021-05-17", "2021-05-21")
    meetings = {key: one for key, one in standing(changes).items() if key.startswith("ieg")}
    assert len(meetings) == 7
    assert {key for key, one in meetings.items() if one.unplanned} == {"ieg-5", "ieg-6", "ieg-7"}
    assert meetings["ieg-4"].held == days("2021-02-01", "2021-02-02")
    assert meetings["ieg-5"].held == days("2021-05-31", "2021-06-02")
    assert meetings["ieg-7"].held == days("2021-11-15", "2021-11-17")


def test_tt2_the_sixth_meeting_was_split_over_three_days() -> None:
    found = milestone("wtpf-21", "ieg-6", "2021-09-28")
    assert [(one.first, one.last, one.opens, one.closes) for one in found.sittings] == [
        (date(2021, 9, day), date(2021, 9, day), time(12), time(15)) for day in (24, 27, 28)
    ]
    assert found.held == days("2021-09-24", "2021-09-28")
    assert milestone("wtpf-21", "ieg-6", "2021-09-24").held is None


@pytest.mark.parametrize(
    ("on", "when", "held", "virtual"),
    [
        ("2021-05-15", days("2021-05-17", "2021-05-21"), None, False),
        ("2021-05-16", days("2021-12-16", "2021-12-18"), None, True),
        ("2021-12-17", days("2021-12-16", "2021-12-18"), None, True),
        ("2021-12-18", days("2021-12-16", "2021-12-18"), days("2021-12-16", "2021-12-18"), True),
    ],
)
def test_tt2_the_forum_moved_to_december(on: str, when: When, held: When | None, virtual: bool) -> None:
    found = milestone("wtpf-21", "forum", on)
    assert (found.when, found.held, found.virtual) == (when, held, virtual)


def test_tt2_the_final_report_came_24_days_before_the_forum() -> None:
    report, forum = (milestone("wtpf-21", key, "2022-01-01").held for key in ("final-report", "forum"))
    assert report
    assert forum
    assert (report.first, (forum.first - report.first).days) == (date(2021, 11, 22), 24)


# --- WTDC-21 (S3, S4)


@pytest.mark.parametrize(
    ("on", "first", "last", "place", "zone", "authority"),
    [
        ("2019-10-02", "2021-10-01", "2021-12-31", "", "Europe/Zurich", "Resolution 77 (Rev. Dubai, 2018)"),
        ("2019-10-03", "2021-11-08", "2021-11-19", "Addis Ababa, Ethiopia", "Africa/Addis_Ababa", "CL-19/45"),
        ("2021-06-23", "2021-11-08", "2021-11-19", "Addis Ababa, Ethiopia", "Africa/Addis_Ababa", "CL-19/45"),
        ("2021-06-24", "2022-06-06", "2022-06-15", "Addis Ababa, Ethiopia", "Africa/Addis_Ababa", "CL-21/23"),
        ("2022-02-20", "2022-06-06", "2022-06-15", "Addis Ababa, Ethiopia", "Africa/Addis_Ababa", "CL-21/23"),
        ("2022-02-21", "2022-06-06", "2022-06-16", "Kigali, Rwanda", "Africa/Kigali", "CL-22/6"),
    ],
)
def test_tt2_the_conference_changed_days_and_place_twice(
    on: str, first: str, last: str, place: str, zone: str, authority: str
) -> None:
    found = milestone("wtdc-21", "wtdc", on)
    assert (found.when.first.isoformat(), found.when.last.isoformat()) == (first, last)
    assert (found.place, found.zone, found.authority) == (place, zone, authority)
    assert found.name == "World Telecommunication Development Conference (WTDC-21)"


def test_tt2_six_regional_and_three_interregional_meetings() -> None:
    found = standing(process("wtdc-21").changes)
    regional = {
        "rpm-eur": ("2021-01-18", "2021-01-19"),
        "rpm-asp": ("2021-03-09", "2021-03-10"),
        "rpm-afr": ("2021-03-29", "2021-03-30"),
        "rpm-arb": ("2021-04-07", "2021-04-08"),
        "rpm-cis": ("2021-04-21", "2021-04-22"),
        "rpm-ams": ("2021-04-26", "2021-04-27"),
    }
    for key, both in regional.items():
        assert (found[key].held, found[key].virtual) == (days(*both), True)
    assert found["rpm-coordination"].held == days("2021-05-24")
    assert [found[f"irm-{number}"].when for number in (1, 2, 3)] == [
        days("2021-03-11"),
        days("2021-12-13", "2021-12-14"),
        days("2022-03-10", "2022-03-11"),
    ]
    assert [found[f"irm-{number}"].virtual for number in (1, 2, 3)] == [True, True, False]
    assert found["irm-3"].place == "ITU headquarters, Geneva"


def test_tt2_youth_summit_and_round_table_in_kigali() -> None:
    assert milestone("wtdc-21", "youth-summit", "2021-12-01").when == days("2021-11-06", "2021-11-07")
    found = milestone("wtdc-21", "youth-summit", "2022-02-22")
    assert (found.when, found.place, found.zone) == (
        days("2022-06-02", "2022-06-04"),
        "Kigali, Rwanda",
        "Africa/Kigali",
    )
    assert milestone("wtdc-21", "round-table", "2022-03-01").when == days("2022-06-07", "2022-06-09")


def test_tt2_the_drafted_text_of_the_conference_is_its_agenda() -> None:
    plan = process("wtdc-21").plan
    assert plan.text_called == "Agenda"
    assert plan.texts[0].lines[13] == "9) WTDC Declaration"
    assert len([line for line in plan.texts[0].lines if line.partition(")")[0].isdigit()]) == 14


# --- what holds for every history [TT3]


@pytest.mark.parametrize("name", NAMES)
def test_tt3_a_replay_is_the_fold_of_what_was_decided_by_then(name: str) -> None:
    changes = process(name).changes
    for on in sorted({one.decided_on + timedelta(days=step) for one in changes for step in (-1, 0, 1)}):
        assert standing(changes, on) == standing([one for one in changes if one.decided_on <= on])


DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
WHENS = st.builds(lambda first, more: When(first, first + timedelta(days=more)), DAYS, st.integers(0, 5))
FIELDS = st.fixed_dictionaries({}, optional={"when": WHENS, "place": st.text(max_size=3), "virtual": st.booleans()})


@given(st.data(), st.lists(st.tuples(st.sampled_from("abc"), DAYS, FIELDS), max_size=12), DAYS)
def test_tt3_an_amendment_changes_no_earlier_replay(
    data: st.DataObject, given_changes: list[tuple[str, date, dict[str, object]]], decided: date
) -> None:
    first = {"kind": MilestoneKind.MEETING, "name": "x", "when": When(date(2024, 5, 1), date(2024, 5, 1))}
    seen: set[str] = set()
    changes: list[Change] = []
    for key, on, fields in sorted(given_changes, key=lambda one: one[1]):
        changes.append(Change(key, on, fields if key in seen else {**first, **fields}))
        seen.add(key)
    before = [standing(changes, decided - timedelta(days=back)) for back in (1, 30)]
    key = data.draw(st.sampled_from("abc"))
    known = standing(changes).get(key)
    last = max((one.decided_on for one in changes if one.milestone == key), default=decided)
    fields = {"when": When(decided, decided)} | ({} if known else first)
    added = Change(key, max(decided, last), fields, "moved", "CL-1")
    assert [standing([*changes, added], decided - timedelta(days=back)) for back in (1, 30)] == before
    assert standing([*changes, added])[key].when == fields["when"]
    if known is not None:
        assert standing([*changes, added])[key].planned == known.planned


# --- which milestone a freeze is at [TT4]


@pytest.mark.parametrize(
    ("on", "name"),
    [
        ("2024-06-01", "First draft of the report, in outline, online for comments"),
        ("2024-10-08", "First meeting of the Informal Experts Group (IEG-1)"),
        ("2026-01-22", "Fourth meeting of the Informal Experts Group (IEG-4)"),
        ("2026-06-10", "Seventh World Telecommunication/ICT Policy Forum (WTPF-26)"),
        # Eve of a meeting: no text can be that at its close.
        ("2024-10-06", "Second draft of the report, with the outline of draft Opinions"),
        ("2026-06-08", "Final report with the draft Opinions online"),
        ("2026-11-23", ""),
    ],
)
def test_tt4_the_milestone_of_a_day(on: str, name: str) -> None:
    known = standing(process("wtpf-26").changes)
    found = nearest(known.values(), date.fromisoformat(on))
    assert (found.name if found else "") == name


def test_tt4_what_was_cancelled_is_no_milestone_of_a_day() -> None:
    known = standing(process("wtpf-26").changes)
    cancelled = [replace(one, standing=Standing.CANCELLED) for one in known.values()]
    assert nearest(cancelled, date(2026, 1, 22)) is None
