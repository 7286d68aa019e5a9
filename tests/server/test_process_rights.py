"""The three processes of the seed documents at their milestones: which rights are open, late or shut, by the timetable
as it was known on that day and as it is known at the end (opinions/SPEC.md, PH2, PH3).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from opinions.phases import Rights, Span, rights, spans
from opinions.process_checks import report_published, report_revised
from opinions.process_rules import ProcessRules, from_json
from opinions.roles import Act
from opinions.timetable import Milestone, standing
from server.phasing.store import spans_of
from server.phasing.windows import ends_of
from server.settings import Settings
from server.timetable import append_changes
from server.timetable.loading import content_of, shipped
from server.timetable.reading import ProcessFile, read_process_file
from server.timetable.store import keep_file
from tests.support.visitors import House, house

COMMENT, SUBMIT, LIVE, POSITION = Act.SG_REPORT_COMMENT, Act.AMENDMENT_SUBMIT, Act.LIVE_WRITE, Act.POSITION_TAKE
NOMINATE, PRESENT, PAPERS, VIEWS = (
    Act.PEOPLE_NOMINATE,
    Act.OPINION_PRESENT,
    Act.CONTRIBUTION_SUBMIT,
    Act.COMMENT_MAKE,
)
ADOPT = Act.ADOPTION_RECORD
DRAFTING = {SUBMIT, LIVE, POSITION}

MOMENTS = {
    # While comments on the first draft are asked for: by 26 August 2024 (Decision 641, Annex 2).
    ("wtpf-26", "2024-08-20T12:00"): ({COMMENT, NOMINATE, PRESENT, PAPERS}, set(), {VIEWS, ADOPT, *DRAFTING}),
    # The last moment of 26 August 2024 in Geneva, and the next.
    ("wtpf-26", "2024-08-26T21:59"): ({COMMENT, NOMINATE, PRESENT, PAPERS}, set(), {VIEWS, ADOPT, *DRAFTING}),
    ("wtpf-26", "2024-08-26T22:00"): ({PRESENT, PAPERS}, {COMMENT, NOMINATE}, {VIEWS, ADOPT, *DRAFTING}),
    ("wtpf-26", "2024-09-10T12:00"): ({PRESENT, PAPERS}, {COMMENT, NOMINATE}, {VIEWS, ADOPT, *DRAFTING}),
    # The second draft, with its open consultation.
    ("wtpf-26", "2024-12-01T12:00"): ({COMMENT, VIEWS, PRESENT, PAPERS}, {NOMINATE}, {ADOPT, *DRAFTING}),
    # The third draft has the texts of draft Opinions: amendments from 31 March 2025 on; comments ended 16 June.
    ("wtpf-26", "2025-04-01T12:00"): ({COMMENT, VIEWS, PRESENT, PAPERS, *DRAFTING}, {NOMINATE}, {ADOPT}),
    ("wtpf-26", "2025-07-01T12:00"): ({PRESENT, PAPERS, *DRAFTING}, {NOMINATE, COMMENT, VIEWS}, {ADOPT}),
    # The fourth draft had no open consultation.
    ("wtpf-26", "2025-11-20T12:00"): ({COMMENT, PRESENT, PAPERS, *DRAFTING}, {NOMINATE, VIEWS}, {ADOPT}),
    # After IEG-4, which was held in January.
    ("wtpf-26", "2026-02-01T12:00"): ({PRESENT, PAPERS, *DRAFTING}, {NOMINATE, COMMENT, VIEWS}, {ADOPT}),
    # The final report is out (13 April 2026): no new draft Opinions; what is amended now is late.
    ("wtpf-26", "2026-04-20T12:00"): ({PAPERS}, {NOMINATE, COMMENT, VIEWS, *DRAFTING}, {PRESENT, ADOPT}),
    # Contributions were asked for by 19 May 2026.
    ("wtpf-26", "2026-05-20T12:00"): (set(), {NOMINATE, COMMENT, VIEWS, PAPERS, *DRAFTING}, {PRESENT, ADOPT}),
    # The forum opens in Nassau on 9 June 2026 at 9:30 there.
    ("wtpf-26", "2026-06-09T13:29"): (set(), {NOMINATE, COMMENT, VIEWS, PAPERS, *DRAFTING}, {PRESENT, ADOPT}),
    ("wtpf-26", "2026-06-09T14:00"): ({COMMENT, ADOPT, *DRAFTING}, {NOMINATE, VIEWS, PAPERS}, {PRESENT}),
    ("wtpf-26", "2026-06-12T04:00"): (set(), {NOMINATE, COMMENT, VIEWS, PAPERS}, {PRESENT, ADOPT, *DRAFTING}),
    # Seven meetings, four of them planned; the final report came on 22 November 2021.
    ("wtpf-21", "2020-03-01T12:00"): ({COMMENT, PRESENT, *DRAFTING}, set(), {ADOPT}),
    ("wtpf-21", "2021-09-28T12:00"): ({COMMENT, PRESENT, *DRAFTING}, set(), {ADOPT}),
    ("wtpf-21", "2021-11-25T12:00"): ({COMMENT}, DRAFTING, {PRESENT, ADOPT}),
    ("wtpf-21", "2021-12-16T12:00"): ({COMMENT, ADOPT, *DRAFTING}, set(), {PRESENT}),
    # What was begun before and is sent after the forum is taken and marked late; nothing else is.
    ("wtpf-21", "2021-12-20T12:00"): (set(), {COMMENT}, {PRESENT, ADOPT, *DRAFTING}),
    # Moved twice: in November 2021, when it was first planned, nothing is adopted yet.
    ("wtdc-21", "2021-03-01T12:00"): ({VIEWS, PAPERS}, set(), {ADOPT, *DRAFTING}),
    ("wtdc-21", "2021-11-10T12:00"): ({PAPERS, *DRAFTING}, {VIEWS}, {ADOPT}),
    ("wtdc-21", "2022-06-10T12:00"): ({PAPERS, ADOPT, *DRAFTING}, {VIEWS}, set()),
    ("wtdc-21", "2022-06-17T12:00"): (set(), {VIEWS, PAPERS, *DRAFTING}, {ADOPT}),
}
"""What is open, late, and shut; what is not named stands as the permission table says."""


@cache
def process(name: str) -> ProcessFile:
    content, file = content_of(name)
    return read_process_file(content, file)


def timetable(name: str, on: date | None = None) -> dict[str, Milestone]:
    return dict(standing(process(name).changes, on))


def clocked(name: str, on: date | None = None) -> tuple[Span, ...]:
    return spans(process(name).plan.phases, timetable(name, on), ZoneInfo)


def told(found: Rights) -> tuple[set[Act], set[Act], set[Act]]:
    return set(found.until), set(found.late), set(found.shut)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_there_are_three_processes_and_each_is_asked_at_several_milestones() -> None:
    assert {name for name, _ in MOMENTS} == set(shipped())


@pytest.mark.parametrize(("name", "at"), MOMENTS)
def test_ph3_the_rights_at_a_milestone(name: str, at: str) -> None:
    assert told(rights(clocked(name), utc(at))) == MOMENTS[name, at]


@pytest.mark.parametrize(("name", "at"), [one for one in MOMENTS if one[1] != "2021-11-10T12:00"])
def test_ph2_by_the_timetable_as_it_was_known_on_that_day_the_same_was_open(name: str, at: str) -> None:
    now = utc(at)
    then = rights(clocked(name, now.date()), now)
    wanted = MOMENTS[name, at]
    # A milestone of which no day was known yet shut nothing: more may have been open, never less.
    assert told(then)[0] >= wanted[0]
    assert told(then)[2] <= wanted[2] | {ADOPT}


def test_ph2_the_conference_as_it_was_planned_in_2020_and_as_it_came() -> None:
    at = utc("2021-11-10T12:00")
    assert ADOPT in rights(clocked("wtdc-21", date(2020, 1, 1)), at).until
    assert ADOPT in rights(clocked("wtdc-21"), at).shut


def test_ru4_the_dates_of_the_rules_follow_the_milestones() -> None:
    plan = process("wtpf-26").plan
    rules = from_json(dict(plan.rules)).following(ends_of(timetable("wtpf-26")))
    assert rules.opinions_due == utc("2026-04-13T22:00")
    assert rules.nominations_due == utc("2024-08-26T22:00")
    assert rules.contributions_due == utc("2026-05-19T22:00")


def test_ru3_six_weeks_were_kept_in_2026_and_not_in_2021() -> None:
    assert report_published(ProcessRules(), timetable("wtpf-26"), ZoneInfo, utc("2026-04-13T12:00")) is None
    late = report_published(ProcessRules(), timetable("wtpf-21"), ZoneInfo, utc("2021-11-22T12:00"))
    assert late is not None
    assert "24 days before" in late.message
    assert report_revised(ProcessRules(), timetable("wtpf-26"), ZoneInfo, utc("2026-06-10T12:00")) is not None


# --- in the database


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("rights") / "data")) as started:
        yield started


def test_the_process_from_the_database_has_the_same_phases_as_its_file(running: House) -> None:
    read, now = process("wtpf-26"), datetime.now(UTC)
    running.write(lambda c: append_changes(c, [replace(one, recorded_at=now) for one in read.changes]))
    running.write(lambda c: keep_file(c, "wtpf-26.yaml", "", read.plan, now))
    assert running.write(spans_of) == clocked("wtpf-26")
    page = running.get("m-xaa-1", "/phases").text
    assert "11 Jun 2026, 24:00 Nassau (12 Jun, 04:00 UTC)" in page
    assert "Record adoption" in page
    assert page.count('class="extend"') == 0
    assert running.get("m-sec", "/phases").text.count('class="extend"') == 10
