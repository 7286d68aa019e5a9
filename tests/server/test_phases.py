"""Phases at work (opinions/SPEC.md, PH4-PH7, RU2, RU3): what is shut is refused and given back, what is late is marked,
an extension holds at once, the page tells it all.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from opinions.phases import After
from opinions.process_rules import ProcessRules, from_json
from opinions.roles import Act
from opinions.timetable import MilestoneKind
from server import files_store
from server.contributions import store as contributions
from server.people_store import require_member
from server.phasing import warnings
from server.phasing.store import ExtensionRefused, extend, extensions_of, spans_of
from server.presenting import ledger
from server.process_store import load_process, save_process
from server.settings import Settings
from server.timetable import append_changes
from tests.support.phasing import milestone, phase, planned
from tests.support.visitors import House, house
from tests.support.waiting import wait_until

WORDS = "OPINION 6: SATELLITES\n\nconsidering\n\na) that [all] skies are “one” & the same <b>sky</b>,\n"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("phases") / "data")) as started:
        yield started


def process(running: House, ends: dict[str, timedelta], *phases: Any, **rules: Any) -> None:
    """The process from now on: milestones as long from now as said, and these phases."""
    now = datetime.now(UTC)
    at = {key: now + after for key, after in ends.items()}
    running.write(lambda connection: planned(connection, at, *phases))
    running.write(lambda c: save_process(c, replace(load_process(c), rules=from_json(rules))))


def hand_in(running: House, who: str = "m-xaa-1", **fields: Any) -> Any:
    form = {"title": "On skies", "language": "English", "summary": "Skies & stars.", **fields}
    file = {"file": ("skies.txt", BytesIO(b"Skies."), "text/plain")}
    return running.post(who, "/contributions/new", form, files=file)


def spans(running: House) -> dict[str, Any]:
    return {one.phase.id: one for one in running.write(spans_of)}


def closing(running: House, key: str) -> datetime:
    end = spans(running)[key].closes_at
    assert isinstance(end, datetime)
    return end


def test_ph4_what_is_shut_is_refused_with_the_phase_its_end_and_every_word(running: House) -> None:
    process(running, {"papers": -HOUR}, phase("papers", Act.CONTRIBUTION_SUBMIT, name="Contributions to IEG-4"))
    answer = hand_in(running, summary="A sentence that nobody wants to <lose>.")
    assert answer.status_code == 409
    assert "Contributions to IEG-4" in answer.text
    assert "UTC" in answer.text
    assert "extend the phase" in answer.text
    assert "A sentence that nobody wants to &lt;lose&gt;." in answer.text
    assert "On skies" in answer.text
    assert running.write(contributions.all_contributions) == ()
    assert running.get("m-xaa-1", "/contributions/new").status_code == 200


def test_ph4_a_program_is_told_in_json(running: House) -> None:
    process(running, {"papers": -HOUR}, phase("papers", Act.CONTRIBUTION_SUBMIT))
    answer = running.post("m-xaa-1", "/contributions/new", {"title": "x"}, headers={"accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "phase-shut"


def test_ph4_the_secretariat_enters_what_came_in_time(running: House) -> None:
    process(running, {"papers": -HOUR}, phase("papers", Act.CONTRIBUTION_SUBMIT))
    answer = hand_in(running, "m-sec", sources="XAA", number="IEG-WTPF-26-4/77")
    assert answer.status_code == 303, answer.text


def test_ph5_what_is_late_is_taken_and_marked_on_the_register_and_in_its_csv(running: House) -> None:
    process(running, {"papers": -HOUR}, phase("papers", Act.CONTRIBUTION_SUBMIT, after=After.LATE))
    answer = hand_in(running, title="Late skies")
    assert answer.status_code == 303, answer.text
    made = next(one for one in running.write(contributions.all_contributions) if one.about.title == "Late skies")
    assert made.late
    assert made.due_at == closing(running, "papers")
    assert "Late" in running.get("m-xaa-1", f"/contributions/{made.id}").text
    line = next(one for one in running.get("m-xaa-1", "/contributions.csv").text.splitlines() if "Late skies" in one)
    assert "Late" in line
    warned = running.write(lambda c: warnings.warnings_of(c, f"contribution:{made.id}"))
    assert [one.rule for one in warned] == ["preferred-date"]


def test_ph3_what_no_phase_names_stands_as_the_table_says(running: House) -> None:
    process(running, {"papers": -HOUR}, phase("papers", Act.POSITION_TAKE))
    assert hand_in(running, title="Unbound skies").status_code == 303


def test_ph5_one_click_extends_at_once_and_twice_pressed_extends_once(running: House) -> None:
    process(running, {"papers": -HOUR}, phase("papers", Act.CONTRIBUTION_SUBMIT, name="Contributions"))
    was = closing(running, "papers")
    assert hand_in(running, title="Shut").status_code == 409
    form = {"by": "hour", "was": was.isoformat()}
    assert running.post("m-sec", "/phases/papers/extend", form).status_code == 303
    assert hand_in(running, title="Open again").status_code == 303
    again = running.post("m-sec", "/phases/papers/extend", form)
    assert again.status_code == 422
    assert "changed while you looked" in again.text
    (given,) = running.write(lambda c: extensions_of(c, "papers"))
    assert (given.was, given.member, given.reason) == (was, "m-sec", "")
    assert timedelta(minutes=58) < given.closes_at - datetime.now(UTC) <= HOUR
    page = running.get("m-obs", "/phases").text
    assert "Extended" in page
    assert "By the timetable it would have closed" in page
    wait_until(lambda: any(one.extended_from for one in running.services.phases.spans), "the extension is seen")


def test_ph5_the_chair_extends_and_others_do_not(running: House) -> None:
    process(running, {"chairs": HOUR}, phase("chairs", Act.POSITION_TAKE, name="Positions"))
    was = closing(running, "chairs")
    form = {"by": "day", "was": was.isoformat(), "reason": "More time was asked for."}
    for who in ("m-xaa-1", "m-obs", "m-views", "m-admin"):
        assert running.post(who, "/phases/chairs/extend", form).status_code == 403
        assert "+1 day" not in running.get(who, "/phases").text
    assert "+1 day" in running.get("m-chair", "/phases").text
    assert running.post("m-chair", "/phases/chairs/extend", form).status_code == 303
    assert closing(running, "chairs") == was + DAY
    assert "More time was asked for." in running.get("m-xaa-1", "/phases").text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"by": "time", "closes_at": ""}, "Give a date"),
        ({"by": "time", "closes_at": "soon"}, "Give a date"),
        ({"by": "time", "closes_at": "2020-01-01T10:00"}, "still to come"),
        ({"by": "time", "closes_at": "2099-01-01T10:00"}, "a year ahead"),
        ({"by": "hour", "reason": "x" * 1001}, "A reason is at most"),
    ],
)
def test_ph5_a_time_that_does_not_fit_changes_nothing(running: House, fields: dict[str, str], why: str) -> None:
    process(running, {"fit": HOUR}, phase("fit", Act.POSITION_TAKE))
    was = closing(running, "fit")
    answer = running.post("m-sec", "/phases/fit/extend", {**fields, "was": was.isoformat()})
    assert answer.status_code == 422
    assert why in answer.text
    assert closing(running, "fit") == was
    assert running.post("m-sec", "/phases/none/extend", fields).status_code == 404


@pytest.mark.parametrize(
    ("key", "earlier"), [("long-1", timedelta()), ("long-2", timedelta(microseconds=1)), ("long-3", 2 * DAY)]
)
def test_ph5_no_extension_is_of_a_time_that_the_timetable_has_already(
    running: House, key: str, earlier: timedelta
) -> None:
    """To close a phase earlier the timetable is amended; nothing is on record that did nothing."""
    process(running, {key: 3 * DAY}, phase(key, Act.POSITION_TAKE))
    was, now = closing(running, key), datetime.now(UTC)
    chair = running.write(lambda c: require_member(c, "m-chair"))
    with pytest.raises(ExtensionRefused, match="open until then already") as refused:
        running.write(lambda c: extend(c, key, was - earlier, "", chair, now))
    assert refused.value.field == "closes_at"
    assert running.write(lambda c: extensions_of(c, key)) == ()
    longer = was + timedelta(microseconds=1)
    made = running.write(lambda c: extend(c, key, longer, "", chair, now))
    assert (made.closes_at, made.extended_from) == (longer, was)


def test_ph5_extensions_are_only_ever_added(running: House) -> None:
    for statement in ("UPDATE phase_extensions SET name = 'x'", "DELETE FROM phase_extensions"):
        with pytest.raises(DatabaseError):
            running.write(lambda c, statement=statement: c.execute(text(statement)))  # type: ignore[misc]


def test_ph6_pages_tell_what_closes_within_a_day_to_those_whose_right_it_is(running: House) -> None:
    process(
        running,
        {"soon": timedelta(hours=5, minutes=1), "later": 3 * DAY},
        phase("soon", Act.CONTRIBUTION_SUBMIT, name="Contributions to the forum"),
        phase("later", Act.POSITION_TAKE),
    )
    running.services.phases.wake()
    wait_until(
        lambda: {one.phase.id for one in running.services.phases.spans} == {"soon", "later"}, "the phases are seen"
    )
    assert "“Contributions to the forum” closes in 5 hours" in running.get("m-xaa-1", "/ledger").text
    assert "closes in 5 hours" not in running.get("m-obs", "/ledger").text
    assert running.get(None, "/sign-in").status_code == 200


def test_ph7_the_page_without_phases_says_so_and_names_the_rules(running: House) -> None:
    process(running, {})
    page = running.get("m-obs", "/phases").text
    assert "No phases" in page
    assert "resolves 10" in page
    assert "Refuses" in page
    assert "Warns" in page


# --- the window of draft Opinions


def late_draft(running: House, title: str) -> ledger.Draft:
    return next(one for one in running.write(ledger.all_drafts) if one.title == title)


def kept_words(connection: Connection, key: str) -> str:
    made = contributions.load(connection, key)
    return files_store.load(connection, made.files[0].id)[1].decode()


@pytest.mark.parametrize("by", ["date", "milestone", "phase"])
def test_ru2_a_late_opinion_is_kept_as_a_contribution_with_the_evidence(running: House, by: str) -> None:
    bound = phase("window", Act.OPINION_PRESENT, name="Draft Opinions")
    process(running, {"window": -HOUR}, *([bound] if by == "phase" else [phase("window")]))
    due = closing(running, "window")
    rules = {"date": {"opinions_due": due.isoformat()}, "milestone": {"opinions_due": "window"}, "phase": {}}[by]
    running.write(lambda c: save_process(c, replace(load_process(c), rules=from_json(rules))))
    title = f"Satellites, too late by {by}"
    form = {"title": title, "stage": "text", "words": WORDS}
    answer = running.post("m-xaa-1", "/ledger/present", form)
    assert answer.status_code == 303, answer.text
    one = late_draft(running, title)
    assert not one.eligible
    (event,) = one.events
    assert (event.late, event.due_at) == (True, due)
    assert event.member == "m-xaa-1"
    paper = running.write(lambda c: contributions.load(c, one.contribution))
    assert paper.late
    assert paper.about.sources == ("XAA",)
    assert running.write(lambda c: kept_words(c, one.contribution)) == f"{title}\n\n{WORDS.strip()}\n"
    assert f'href="/contributions/{one.contribution}"' in running.get("m-xaa-1", f"/ledger/{one.id}").text
    assert running.post("m-sec", f"/ledger/{one.id}/table", {"title": title, "text": WORDS}).status_code == 422


def test_ru2_from_the_refused_opinion_one_click_keeps_every_word(running: House) -> None:
    process(running, {}, opinions_due=(datetime.now(UTC) - HOUR).isoformat())
    form = {"title": "Founded too late", "text": WORDS, "step": "found"}
    refused = running.post("m-sec", "/opinions/new", form)
    assert refused.status_code == 422
    assert "Keep it as a contribution" in refused.text
    assert "skies are “one” &amp; the same &lt;b&gt;sky&lt;/b&gt;" in refused.text
    click = {"stage": "text", "title": "Founded too late", "words": WORDS, "delegations": ["XAA"]}
    assert running.post("m-sec", "/ledger/present", click).status_code == 303
    one = late_draft(running, "Founded too late")
    assert running.write(lambda c: kept_words(c, one.contribution)).endswith(f"{WORDS.strip()}\n")


def test_ru4_settings_keep_a_date_that_follows_a_milestone(running: House) -> None:
    process(running, {"window": 5 * DAY}, opinions_due="window")
    found = running.write(load_process)
    assert found.rules.opinions_due is not None
    running.write(lambda c: save_process(c, found))
    process_rules = running.write(load_process).rules
    assert process_rules.windows == {"opinions_due": "window"}
    now = datetime.now(UTC)
    running.write(lambda c: planned(c, {"window": now + 9 * DAY}))
    moved = running.write(load_process).rules.opinions_due
    assert moved is not None
    assert abs(moved - (now + 9 * DAY)) < timedelta(minutes=1)


def test_le1_the_ledger_tells_at_which_milestone_a_draft_came(running: House) -> None:
    process(
        running,
        {"begin": -2 * DAY, "window": 5 * DAY},
        phase("window", Act.OPINION_PRESENT, opens="begin", name="Draft Opinions to the third draft"),
    )
    form = {"title": "Told where", "stage": "outline", "words": "Skies."}
    assert running.post("m-xaa-1", "/ledger/present", form).status_code == 303
    one = late_draft(running, "Told where")
    assert one.milestone == "Draft Opinions to the third draft"
    assert "Draft Opinions to the third draft" in running.get("m-obs", "/ledger").text
    csv = running.get("m-sec", "/ledger.csv").text
    assert "Draft Opinions to the third draft" in next(line for line in csv.splitlines() if "Told where" in line)


# --- warnings


def test_ru3_a_long_contribution_is_taken_and_the_warning_is_on_record_once(running: House) -> None:
    process(running, {}, contribution_pages=3)
    answer = hand_in(running, title="Nine pages", pages="9")
    assert answer.status_code == 303, answer.text
    made = next(one for one in running.write(contributions.all_contributions) if one.about.title == "Nine pages")
    (warned,) = running.write(lambda c: warnings.warnings_of(c, f"contribution:{made.id}"))
    assert (warned.rule, warned.member, warned.called) == ("contribution-pages", "m-xaa-1", "Nine pages")
    assert "9 pages" in warned.message
    rules = ProcessRules(contribution_pages=3)
    member = running.write(lambda c: require_member(c, "m-xaa-1"))
    again = running.write(lambda c: warnings.contribution(c, made, rules, member, datetime.now(UTC)))
    assert again == ()
    assert "Nine pages" in running.get("m-sec", "/phases").text
    assert "Nine pages" not in running.get("m-xbb-1", "/phases").text
    with pytest.raises(DatabaseError):
        running.write(lambda c: c.execute(text("DELETE FROM rule_warnings")))


def test_ru4_a_date_typed_in_the_settings_takes_the_place_of_the_milestone(running: House) -> None:
    process(running, {"window": 5 * DAY}, opinions_due="window")
    page = running.get("m-sec", "/settings").text
    assert "follows the milestone “window”" in page
    shown = page.split('name="opinions_due"')[1].split('value="')[1].split('"')[0]
    form = {
        "name": "WTPF-26",
        "meeting_zone": running.write(load_process).meeting_zone,
        "observers_see": "agreed",
        "rules": "yes",
        "contribution_pages": "3",
        "invitation_reminder_days": "7",
        "opinions_due": shown,
    }
    assert running.post("m-sec", "/settings", form).status_code == 303
    assert running.write(load_process).rules.windows == {"opinions_due": "window"}
    assert running.post("m-sec", "/settings", {**form, "opinions_due": "2031-01-01T18:00"}).status_code == 303
    rules = running.write(load_process).rules
    assert rules.windows == {}
    assert rules.opinions_due is not None
    assert rules.opinions_due.year in {2030, 2031}


def test_ph7_what_the_page_tells_is_read_as_values(running: House) -> None:
    process(
        running,
        {"papers": HOUR, "gone": -HOUR, "shut": -HOUR},
        phase("papers", Act.CONTRIBUTION_SUBMIT),
        phase("gone", Act.COMMENT_MAKE, after=After.LATE),
        phase("shut", Act.POSITION_TAKE),
    )
    told = running.get("m-obs", "/api/phases").json()
    assert (told["open"], told["late"], told["shut"]) == (["contribution.submit"], ["comment.make"], ["position.take"])
    assert [one["id"] for one in told["phases"] if one["open"]] == ["papers"]
    assert {one["force"] for one in told["rules"]} == {"hard", "soft"}
    assert told["warnings"] == []
    assert running.get("m-sec", "/api/phases").json()["warnings"]


def test_ru3_a_final_report_that_comes_late_is_published_and_the_warning_is_on_record(running: House) -> None:
    now = datetime.now(UTC)
    forum = milestone("forum-of-test", now + 20 * DAY, MilestoneKind.FORUM)
    running.write(lambda c: append_changes(c, [forum]))

    def published(at: datetime) -> Any:
        who = {"member": "m-sec", "name": "Sam Clerk"}
        return running.write(lambda c: warnings.publishing_report(c, "volume:7", "Final report", **who, at=at))

    assert published(now - 40 * DAY) == ()
    (found,) = published(now)
    assert not found.refuses
    assert published(now) == (), "one warning for one thing"
    (warned,) = running.write(lambda c: warnings.warnings_of(c, "volume:7"))
    assert (warned.rule, warned.called, warned.name) == ("report-weeks", "Final report", "Sam Clerk")
    assert "20 days before the opening" in warned.message
    assert "should" in warned.source
