"""Rules as data (opinions/SPEC.md, RU1-RU4): what refuses, what only warns, and the dates that follow the timetable."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from opinions.errors import InvalidCommand
from opinions.process_checks import (
    RULES,
    Finding,
    Force,
    RuleId,
    contribution_entered,
    opinion_presented,
    report_published,
    report_revised,
)
from opinions.process_rules import ProcessRules, from_json, to_json
from opinions.timetable import Milestone, MilestoneKind, Standing, When


def forum(first: str, last: str, zone: str, opens: time | None = None, **fields: object) -> Mapping[str, Milestone]:
    when = When(date.fromisoformat(first), date.fromisoformat(last), opens)
    made = Milestone("forum", MilestoneKind.FORUM, "Forum", when, when, zone=zone, **fields)  # type: ignore[arg-type]
    return {"forum": made}


WTPF26 = forum("2026-06-09", "2026-06-11", "America/Nassau", time(9, 30))
WTPF21 = forum("2021-12-16", "2021-12-18", "Europe/Zurich")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def published(timetable: Mapping[str, Milestone], at: str, weeks: int = 6) -> Finding | None:
    return report_published(ProcessRules(report_weeks=weeks), timetable, ZoneInfo, utc(at))


def test_ru1_every_rule_has_a_force_and_a_source() -> None:
    assert set(RULES) == set(RuleId)
    assert all(rule.source and rule.words for rule in RULES.values())
    hard = {rule.id for rule in RULES.values() if rule.force is Force.HARD}
    assert hard == {RuleId.OPINIONS_WINDOW, RuleId.REPORT_FIXED, RuleId.CONSULTATION_VIEWS}


def test_ru3_six_weeks_before_9_june_2026_is_28_april_to_its_end_in_nassau() -> None:
    assert published(WTPF26, "2026-04-13T12:00") is None
    assert published(WTPF26, "2026-04-29T03:59") is None
    late = published(WTPF26, "2026-04-29T04:00")
    assert late is not None
    assert not late.refuses
    assert "28 April 2026" in late.message


def test_ru3_the_report_of_wtpf_21_came_24_days_before_and_was_published_all_the_same() -> None:
    late = published(WTPF21, "2021-11-22T10:00")
    assert late is not None
    assert "24 days before the opening" in late.message
    assert "4 November 2021" in late.message
    assert late.rule.force is Force.SOFT
    assert "must" in late.rule.source
    assert "should" in late.rule.source


def test_ru3_without_such_a_rule_or_such_a_day_nothing_is_said() -> None:
    assert published(WTPF21, "2021-11-22T10:00", weeks=0) is None
    assert published({}, "2021-11-22T10:00") is None
    cancelled = forum("2021-12-16", "2021-12-18", "Europe/Zurich", standing=Standing.CANCELLED)
    assert published(cancelled, "2021-11-22T10:00") is None


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        ("2026-06-09T13:29:59", False),
        ("2026-06-09T13:30", True),
        ("2026-06-12T03:59:59", True),
        ("2026-06-12T04:00", False),
    ],
)
def test_ru2_the_report_is_not_revised_while_the_forum_is_held(at: str, refused: bool) -> None:
    found = report_revised(ProcessRules(), WTPF26, ZoneInfo, utc(at))
    assert (found is not None) is refused
    if found is not None:
        assert found.refuses
    assert report_revised(ProcessRules(report_fixed=False), WTPF26, ZoneInfo, utc(at)) is None


def test_ru2_nor_while_forum_texts_are_considered_whatever_the_day() -> None:
    considered = ["Forum text of Draft Opinion 1", "Forum text of Draft Opinion 2"]
    found = report_revised(ProcessRules(), {}, ZoneInfo, utc("2026-06-01T12:00"), considered)
    assert found is not None
    assert found.refuses
    assert "Forum text of Draft Opinion 1 and 1 more" in found.message
    unfixed = ProcessRules(report_fixed=False)
    assert report_revised(unfixed, {}, ZoneInfo, utc("2026-06-01T12:00"), considered) is None


def test_ru2_a_draft_opinion_after_its_window_is_told_so_with_the_date() -> None:
    due = utc("2025-12-19T23:00")
    rules = ProcessRules(opinions_due=due)
    assert opinion_presented(rules, due - timedelta(microseconds=1)) is None
    found = opinion_presented(rules, due)
    assert found is not None
    assert (found.refuses, found.due) == (True, due)
    assert opinion_presented(ProcessRules(), due) is None


def test_ru3_a_long_or_late_contribution_is_remarked_and_taken() -> None:
    due = utc("2026-05-19T22:00")
    rules = ProcessRules(contributions_due=due)
    assert contribution_entered(rules, 3, due - timedelta(seconds=1)) == ()
    found = contribution_entered(rules, 4, due)
    assert [one.rule.id for one in found] == [RuleId.CONTRIBUTION_PAGES, RuleId.PREFERRED_DATE]
    assert not any(one.refuses for one in found)
    assert contribution_entered(rules, None, due - timedelta(seconds=1)) == ()


def test_ru4_a_date_is_a_time_or_a_milestone_and_reads_back_as_it_was() -> None:
    given = {"opinions_due": "fourth-draft-comments", "contributions_due": "2026-05-19T22:00:00+00:00"}
    rules = from_json(given)
    assert rules.windows == {"opinions_due": "fourth-draft-comments"}
    assert rules.opinions_due is None
    assert to_json(rules) == given
    assert from_json(to_json(rules)) == rules


def test_ru4_a_date_that_follows_a_milestone_moves_with_it() -> None:
    rules = from_json({"opinions_due": "fourth-draft-comments", "nominations_due": "nowhere"})
    first, then = utc("2025-12-19T23:00"), utc("2026-01-10T23:00")
    for end in (first, then):
        followed = rules.following({"fourth-draft-comments": end})
        assert (followed.opinions_due, followed.nominations_due) == (end, None)
        assert to_json(followed) == to_json(rules)
    assert ProcessRules(opinions_due=first).following({}).opinions_due == first


@pytest.mark.parametrize("wrong", [{"opinions_due": "19 December"}, {"opinions_due": 3}, {"windows": {}}])
def test_ru4_what_is_neither_is_refused(wrong: Mapping[str, object]) -> None:
    with pytest.raises(InvalidCommand):
        from_json(wrong)
