"""Amending the timetable [TT3, TT5]: every change has day, authority and reason, and rewrites nothing."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.timetable import MAX_CHANGES, MAX_MILESTONES, Change, MilestoneKind, Standing, When, standing
from opinions.timetable_json import fields_from_json, fields_to_json
from server.timetable.amending import Amending, AmendmentRefused, Ground, acts_on, amended
from tests.timetable.files import days, process

TODAY = date(2026, 3, 1)
WTPF = Ground(process("wtpf-26").changes, TODAY)
WHY = {"decided_on": "2026-03-01", "authority": "CL-26/12", "reason": "The Council asked for it."}


def form(ground: Ground, key: str, **given_fields: str) -> dict[str, str]:
    """A form filled in as the page shows it, with some fields changed."""
    one = ground.milestones.get(key)
    shown = {"zone": "Europe/Zurich", "kind": "meeting"}
    if one is not None:
        shown = {"name": one.name, "zone": one.zone, "place": one.place, "volume": one.volume, "note": one.note}
        shown |= {"first": one.when.first.isoformat(), "last": one.when.last.isoformat(), "words": one.when.words}
        shown |= {name: "yes" for name in ("virtual", "informal") if getattr(one, name)}
        shown["opens"] = f"{one.when.opens:%H:%M}" if one.when.opens else ""
    return shown | {"seen": str(ground.count_of(key))} | WHY | given_fields


def refused(ground: Ground, act: Amending, key: str, fields: dict[str, str]) -> dict[str, str]:
    with pytest.raises(AmendmentRefused) as error:
        amended(ground, act, key, fields)
    return dict(error.value.errors)


def test_tt5_dates_are_moved_and_the_plan_stays() -> None:
    change = amended(WTPF, Amending.CHANGE, "final-report", form(WTPF, "final-report", first="2026-04-20", last=""))
    assert change.fields == {"when": days("2026-04-20")}
    assert (change.authority, change.source, change.reason) == ("CL-26/12", "CL-26/12", "The Council asked for it.")
    after = standing([*WTPF.changes, change])["final-report"]
    assert (after.when, after.planned) == (days("2026-04-20"), days("2026-04-13"))


def test_tt5_place_and_zone_are_changed_together() -> None:
    fields = form(WTPF, "forum", place="Geneva", zone="Europe/Zurich", virtual="yes")
    change = amended(WTPF, Amending.CHANGE, "forum", fields)
    assert change.fields == {"place": "Geneva", "zone": "Europe/Zurich", "virtual": True}


def test_tt5_an_informal_meeting_is_added() -> None:
    fields = form(WTPF, "", name="Fourth informal meeting", first="2026-03-20", informal="yes", unplanned="yes")
    change = amended(WTPF, Amending.ADD, "", fields)
    one = standing([*WTPF.changes, change])[change.milestone]
    assert (one.id, one.kind, one.informal, one.unplanned) == ("added-1", MilestoneKind.MEETING, True, True)
    again = amended(Ground((*WTPF.changes, change), TODAY), Amending.ADD, "", fields)
    assert again.milestone == "added-2"


def test_tt5_a_meeting_is_split_over_days() -> None:
    split = "2026-03-02 12:00-15:00\n2026-03-05 12:00 - 15:00\n\n2026-03-06"
    change = amended(WTPF, Amending.CHANGE, "informal-1", form(WTPF, "informal-1", days=split))
    one = standing([*WTPF.changes, change])["informal-1"]
    assert one.when == days("2026-03-02", "2026-03-06")
    assert [part.first.day for part in one.sittings] == [2, 5, 6]
    assert (one.sittings[1].opens, one.sittings[2].opens) == (time(12), None)


def test_tt5_what_was_held_is_recorded_afterwards() -> None:
    fields = form(WTPF, "informal-1", first="2026-02-10", last="", words="", virtual="yes")
    change = amended(WTPF, Amending.HELD, "informal-1", fields)
    one = standing([*WTPF.changes, change])["informal-1"]
    assert (one.standing, one.held, one.virtual) == (Standing.HELD, days("2026-02-10"), True)
    early = form(WTPF, "informal-1", first="2026-03-02", last="", words="")
    assert "last" in refused(WTPF, Amending.HELD, "informal-1", early)


def test_tt5_what_was_cancelled_can_be_put_back() -> None:
    cancelled = amended(WTPF, Amending.CANCEL, "informal-3", form(WTPF, "informal-3"))
    ground = Ground((*WTPF.changes, cancelled), TODAY)
    assert acts_on(ground.milestones["informal-3"]) == (Amending.RESTORE,)
    assert "" in refused(ground, Amending.CHANGE, "informal-3", form(ground, "informal-3", place="x"))
    back = amended(ground, Amending.RESTORE, "informal-3", form(ground, "informal-3"))
    assert standing([*ground.changes, back])["informal-3"].standing is Standing.PLANNED


def test_tt5_new_days_do_not_stay_hidden_behind_the_words_that_stood_for_them() -> None:
    """The words are told instead of the days: left over, they would keep the new days from everybody."""
    days_known = {"first": "2026-03-05", "last": "2026-03-05"}
    errors = refused(WTPF, Amending.CHANGE, "informal-2", form(WTPF, "informal-2", **days_known))
    assert "still stand in place of the new days" in errors["words"]
    change = amended(WTPF, Amending.CHANGE, "informal-2", form(WTPF, "informal-2", **days_known, words=""))
    assert change.fields == {"when": days("2026-03-05")}
    later = amended(WTPF, Amending.CHANGE, "informal-2", form(WTPF, "informal-2", last="2026-03-05", words="in March"))
    assert later.fields["when"].words == "in March"  # type: ignore[attr-defined]
    assert "when" not in amended(WTPF, Amending.CHANGE, "informal-2", form(WTPF, "informal-2", place="x")).fields


@pytest.mark.parametrize(
    ("given_fields", "field", "told"),
    [
        ({"decided_on": ""}, "decided_on", "Write the day of the decision"),
        ({"decided_on": "2026-03-02"}, "decided_on", "still to come"),
        ({"decided_on": "2024-07-08"}, "decided_on", "was decided on 2024-07-09 at the latest"),
        ({"decided_on": "2026-W01-1"}, "decided_on", "no day of the calendar"),
        ({"authority": " "}, "authority", "number as it is spelt"),
        ({"authority": "x" * 201}, "authority", "200 is the most"),
        ({"reason": ""}, "reason", "Write why"),
        ({"reason": "a\x07b"}, "reason", "cannot be printed"),
        ({"first": ""}, "first", "Write the first day"),
        ({"first": "2026-02-30"}, "first", "no day of the calendar"),
        ({"first": "1889-01-01"}, "first", "no day of the calendar"),
        ({"last": "2026-01-01"}, "last", "before the first"),
        ({"opens": "25:00"}, "opens", "no time of the day"),
        ({"opens": "10:00", "closes": "09:00"}, "closes", "closes before it opens"),
        ({"words": "soon", "opens": "10:00"}, "words", "no time of a day"),
        ({"days": "2026-04-13"}, "days", "at least two days"),
        ({"days": "2026-04-14\n2026-04-13"}, "days", "in the order of the calendar"),
        ({"days": "tomorrow"}, "days", "This does not fit: tomorrow."),
        ({"zone": "Europe/Geneva"}, "zone", "no place of the time zone database"),
        ({"name": ""}, "name", "what it is called"),
        ({"seen": "0"}, "", "meanwhile"),
        ({}, "", "This changes nothing"),
    ],
)
def test_tt5_a_form_that_does_not_fit_is_told_by_field(given_fields: dict[str, str], field: str, told: str) -> None:
    errors = refused(WTPF, Amending.CHANGE, "final-report", form(WTPF, "final-report", **given_fields))
    assert told in errors[field], errors


def test_tt5_a_timetable_has_bounds() -> None:
    first = {"kind": MilestoneKind.OTHER, "name": "x", "when": days("2026-01-01")}
    many = tuple(Change(f"m-{place}", TODAY, first) for place in range(MAX_MILESTONES))
    assert "" in refused(Ground(many, TODAY), Amending.ADD, "", form(WTPF, "", name="x", first="2026-03-01"))
    long = tuple(Change("m-0", TODAY, first) for _ in range(MAX_CHANGES))
    assert "" in refused(Ground(long, TODAY), Amending.CHANGE, "m-0", {"seen": str(MAX_CHANGES)})


TEXTS = st.sampled_from(
    ["", "x", "2026-03-01", "2026-01-01", "09:00", "Europe/Zurich", "yes", "2026-03-01\n2026-03-04"]
)
FORMS = st.dictionaries(
    st.sampled_from(
        "name first last opens closes words days place zone volume note virtual decided_on authority reason".split()
    ),
    TEXTS | st.text(max_size=8),
    max_size=8,
)


@given(st.sampled_from(list(Amending)), st.sampled_from(["", "ieg-4", "forum", "informal-2"]), FORMS)
@settings(max_examples=150)
def test_tt3_whatever_a_form_says_no_earlier_replay_changes(
    act: Amending, key: str, given_fields: dict[str, str]
) -> None:
    fields = form(WTPF, key) | given_fields
    try:
        change = amended(WTPF, act, key, fields)
    except AmendmentRefused:
        return
    assert change.authority
    assert change.reason
    assert change.decided_on <= TODAY
    assert fields_from_json(fields_to_json(change.fields)) == change.fields
    after = (*WTPF.changes, change)
    for on in {one.decided_on for one in WTPF.changes if one.decided_on < change.decided_on}:
        assert standing(after, on) == standing(WTPF.changes, on)
    assert set(standing(after)) >= set(WTPF.milestones)


@given(st.dates(), st.dates(), st.none() | st.times(), st.text(max_size=5))
def test_tt2_days_go_through_json(first: date, last: date, opens: time | None, words: str) -> None:
    opens = None if opens is None else opens.replace(second=0, microsecond=0, tzinfo=None)
    fields: dict[str, object] = {"when": When(first, last, opens, None, words), "sittings": (When(first, first),)}
    assert fields_from_json(fields_to_json(fields)) == fields
