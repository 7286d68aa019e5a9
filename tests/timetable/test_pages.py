"""The timetable's pages over HTTP [TT2, TT5, TT6, TT7]: one house, whose timetable grows from test to test."""

import html
import re
import time
from collections.abc import Iterator

import pytest
from icalendar import Calendar
from sqlalchemy import select

from server.settings import Settings
from server.tables.identity import audit_events
from tests.support.stock import OPINION
from tests.support.visitors import House, house
from tests.timetable.files import content

SECRETARIAT, EXPERT, OBSERVER = "m-sec", "m-xaa-1", "m-obs"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


@pytest.fixture(scope="module")
def running(empty: House) -> House:
    """With WTPF-26 loaded; the rules of the tests' own process stay, for its dates lie in the past."""
    answer = empty.post(SECRETARIAT, "/timetable/file", {"shipped": "wtpf-21", "act": "look"})
    assert answer.status_code == 200
    assert "What it would bring" in answer.text
    assert "No timetable yet" in empty.get(EXPERT, "/timetable").text, "a look changes nothing"
    answer = empty.post(SECRETARIAT, "/timetable/file", {"shipped": "wtpf-26", "act": "load"})
    assert answer.headers["location"] == "/timetable?done=process-loaded"
    return empty


def words(text: str) -> str:
    """A page's words without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def row(page: str, key: str) -> str:
    """The words of a milestone's row."""
    found = re.search(rf'id="milestone-{key}">(.*?)</tr>', page, re.DOTALL)
    assert found, key
    return words(found[1])


def audited(running: House) -> list[str]:
    chosen = select(audit_events.c.detail).where(audit_events.c.kind == "timetable").order_by(audit_events.c.id)
    return list(running.write(lambda c: c.scalars(chosen).all()))


def test_before_a_file_is_loaded_the_page_says_who_brings_it(empty: House) -> None:
    assert "Load a process file" in words(empty.get(SECRETARIAT, "/timetable").text)
    assert "The secretariat loads it" in words(empty.get(EXPERT, "/timetable").text)
    assert empty.get(None, "/timetable.ics").status_code == 404
    assert empty.get(OBSERVER, "/api/timetable").json()["milestones"] == []
    assert "Next milestones" not in empty.get(EXPERT, "/").text


def test_where_no_mail_server_is_set_no_letter_is_said_to_have_been_sent(empty: House) -> None:
    told = words(empty.get(SECRETARIAT, "/letters").text)
    assert "No mail server is set" in told
    assert "No letter waits" in told
    assert "has been sent" not in told


def test_tt1_a_file_with_mistakes_is_refused_with_its_lines(empty: House) -> None:
    bad = content("wtpf-26").replace(b"kind: forum\n", b"kind: forums\n")
    line = bad[: bad.index(b"kind: forums")].count(b"\n") + 1
    answer = empty.post(SECRETARIAT, "/timetable/file", {"act": "load"}, files={"file": ("ours.yaml", bad)})
    assert answer.status_code == 422
    told = words(answer.text)
    assert "ours.yaml has mistakes; nothing was taken." in told
    assert f"Line {line} , milestones 25, kind : 'forums' is not known. Write forum." in told
    huge = empty.post(SECRETARIAT, "/timetable/file", {"act": "load"}, files={"file": ("x.yaml", b"x" * 135_000)})
    assert huge.status_code == 422
    assert "KiB" in words(huge.text)
    assert empty.post(SECRETARIAT, "/timetable/file", {"act": "load"}).status_code == 422


def test_a_freeze_is_offered_the_milestones_by_their_names(running: House) -> None:
    """Nobody has to spell in a signed record what the timetable spells."""
    page = running.get("m-chair", "/freeze").text
    assert 'list="milestones"' in page
    offered = re.findall(r'<option value="([^"]*)">', page.partition('<datalist id="milestones">')[2])
    assert {"Second meeting of the Informal Experts Group (IEG-2)", "Final report"} <= set(offered)
    assert not [name for name in offered if name.startswith("Comments on")]
    assert len(offered) == len(set(offered))


def test_tt2_the_page_tells_planned_and_held_with_the_authority(running: House) -> None:
    page = running.get(EXPERT, "/timetable").text
    held = row(page, "ieg-4")
    for said in (
        "21-23 Jan 2026",
        "first plan: February 2026",
        "Held",
        "Moved",
        "CL-26/9",
        "2 changes",
        "Virtual",
    ):
        assert said in held
    first = row(page, "ieg-1")
    assert "7-8 Oct 2024" in first
    assert "Moved" not in first.split(), "a month that became days was not moved"
    assert "opens 09:30 Nassau" in row(page, "forum")
    assert "until 24:00 Geneva" in row(page, "contributions")
    assert "Informal" in row(page, "informal-2")
    assert "Added" in row(page, "informal-2")
    assert "Process of the tests" not in words(page)


def test_tt2_the_page_is_replayed_to_a_day(running: House) -> None:
    page = running.get(OBSERVER, "/timetable?on=2024-08-01").text
    then = row(page, "ieg-4")
    assert "February 2026" in then
    assert "CL-26/9" not in then
    assert "Held" not in then
    assert "Decision 641" in then
    assert "informal-1" not in page
    assert "as it stood at the end of 1 Aug 2024" in words(page)
    assert "Nothing was decided by then" in words(running.get(OBSERVER, "/timetable?on=2020-01-01").text)
    wrong = running.get(OBSERVER, "/timetable?on=soon")
    assert wrong.status_code == 422
    assert "This is no day of the calendar" in wrong.text


def test_tt2_a_milestones_page_has_its_history(running: House) -> None:
    told = words(running.get(EXPERT, "/timetable/milestones/ieg-4").text)
    for said in (
        "Held 21-23 Jan 2026",
        "Set for 21-23 Jan 2026",
        "by 21 Jan 2026 at the latest",
        "with a process file",
    ):
        assert said in told
    assert "Change dates" not in told
    assert "Change dates" in words(running.get(SECRETARIAT, "/timetable/milestones/ieg-4").text)
    assert running.get(EXPERT, "/timetable/milestones/none").status_code == 404


def test_tt2_a_volume_published_at_a_milestone_is_told_there(running: House) -> None:
    """Its signed record tells that it came: nobody has to record it a second time for the page to be true."""
    assert "Not recorded" in row(running.get(EXPERT, "/timetable").text, "draft-1")
    section = {"seen": "", "step": "save", "heading": "Introduction", "level": "1", "body": "Words."}
    assert running.post(SECRETARIAT, "/sg-report/sections/new", section).status_code == 303
    chosen = {"label": "First draft", "milestone": "draft-1", "report": "1"}
    begun = running.post(SECRETARIAT, "/volumes/new", chosen)
    volume = begun.headers["location"].partition("?")[0]
    annexes = re.findall(r'name="(annex:[^"]+)"', running.get(SECRETARIAT, volume).text)
    assert running.post(SECRETARIAT, volume, chosen | dict.fromkeys(annexes, "")).status_code == 303
    assert running.post(SECRETARIAT, f"{volume}/number", {"document": "S24-TT-R-0001"}).status_code == 303
    page = running.get(SECRETARIAT, volume).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None, words(page)
    published = running.post(SECRETARIAT, f"{volume}/publish", {"seen": seen[1]})
    assert published.status_code == 303, words(published.text)
    told = row(running.get(EXPERT, "/timetable").text, "draft-1")
    assert "Not recorded" not in told
    assert "First draft S24-TT-R-0001" in told
    assert "S24-TT-R-0001" in words(running.get(EXPERT, "/timetable/milestones/draft-1").text)
    assert "S24-TT-R-0001" not in row(running.get(EXPERT, "/timetable?on=2024-09-01").text, "draft-1")


def test_tt2_json_tells_the_same(running: House) -> None:
    found = {one["id"]: one for one in running.get(OBSERVER, "/api/timetable").json()["milestones"]}
    assert found["ieg-4"]["held"]["first"] == "2026-01-21"
    assert found["ieg-4"]["planned"]["words"] == "February 2026"
    assert found["forum"]["zone"] == "America/Nassau"
    assert [one["authority"] for one in found["ieg-4"]["history"]] == ["Decision 641", "CL-26/9", "CL-26/9"]
    then = running.get(OBSERVER, "/api/timetable?on=2024-08-01").json()
    assert (then["process"], then["on"], then["replayed"]) == ("WTPF-26", "2024-08-01", True)
    assert {one["id"]: one["held"] for one in then["milestones"]}["ieg-4"] is None


def test_tt7_the_calendar_is_for_programs_without_sign_in(running: House) -> None:
    answer = running.get(None, "/timetable.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert 'filename="wtpf-26.ics"' in answer.headers["content-disposition"]
    book = Calendar.from_ical(answer.content)
    assert "forum.wtpf-26@timetable.unbracket" in {str(one["uid"]) for one in book.walk("VEVENT")}
    assert "set-cookie" not in answer.headers


def amended(running: House, path: str, **fields: str) -> tuple[int, str]:
    why = {"decided_on": "2026-11-01", "authority": "CL-26/40", "reason": "The hall is not ready."}
    answer = running.post(SECRETARIAT, path, why | fields)
    return answer.status_code, answer.headers.get("location", "") or words(answer.text)


def form_of(running: House, path: str) -> dict[str, str]:
    """What a form holds, as a browser would send it."""
    page = running.get(SECRETARIAT, path).text
    fields = dict(re.findall(r'<input id="field-(?:\w+)" name="(\w+)" type="\w+" value="([^"]*)"', page))
    seen = re.search(r'name="seen" value="(\d*)"', page)
    ticked = dict.fromkeys(re.findall(r'name="(\w+)" value="yes" checked', page), "yes")
    areas = re.findall(r'<textarea id="field-\w+" name="(\w+)"[^>]*>\n([^<]*)</textarea>', page)
    fields |= dict(areas)
    assert seen
    return {name: html.unescape(value) for name, value in fields.items()} | {"seen": seen[1]} | ticked


def test_tt5_the_secretariat_amends_and_everybody_reads_why(running: House) -> None:
    path = "/timetable/milestones/final-report/change"
    fields = form_of(running, path) | {"first": "2026-12-20", "decided_on": "2026-11-01"}
    fields |= {"authority": "CL-26/40", "reason": "The hall is not ready."}
    assert amended(running, path, **fields) == (303, "/timetable/milestones/final-report?done=timetable-amended")
    page = running.get(OBSERVER, "/timetable").text
    for said in ("20 Dec 2026", "first plan: 13 Apr 2026", "CL-26/40", "The hall is not ready."):
        assert said in row(page, "final-report")
    before = row(running.get(OBSERVER, "/timetable?on=2026-10-31").text, "final-report")
    assert "13 Apr 2026" in before
    assert "CL-26/40" not in before
    assert audited(running)[-1] == "final-report: Set for 20 Dec 2026. Authority: CL-26/40. The hall is not ready."
    # Who sends the form of before is told.
    status, told = amended(running, path, **fields)
    assert status == 422
    assert "Somebody changed this milestone meanwhile" in told


def test_tt5_a_form_with_mistakes_keeps_what_was_typed(running: House) -> None:
    path = "/timetable/milestones/draft-4/held"
    status, told = amended(running, path, **(form_of(running, path) | {"first": "2025-11-40", "reason": ""}))
    assert status == 422
    assert "This is no day of the calendar" in told
    assert "Write why, in a sentence" in told
    answer = running.post(SECRETARIAT, path, {"seen": "1", "authority": "CL-26/99", "first": "2025-11-40"})
    assert 'value="CL-26/99"' in answer.text
    assert 'href="#field-first"' in answer.text


def test_tt5_meetings_are_added_split_held_and_cancelled(running: House) -> None:
    new = {"kind": "meeting", "name": "Fourth informal meeting", "zone": "Europe/Zurich", "informal": "yes"}
    new |= {"unplanned": "yes", "days": "2026-12-01 12:00-15:00\n2026-12-04 12:00-15:00"}
    status, place = amended(running, "/timetable/new", **new)
    assert (status, place) == (303, "/timetable/milestones/added-1?done=timetable-amended")
    told = row(running.get(EXPERT, "/timetable").text, "added-1")
    assert "1 Dec 2026, 12:00-15:00; 4 Dec 2026, 12:00-15:00" in told
    assert amended(running, "/timetable/milestones/added-1/cancel", seen="1")[0] == 303
    assert "Cancelled" in row(running.get(EXPERT, "/timetable").text, "added-1")
    book = Calendar.from_ical(running.get(None, "/timetable.ics").content)
    states = {str(one["uid"]): str(one["status"]) for one in book.walk("VEVENT")}
    assert states["added-1.wtpf-26@timetable.unbracket"] == "CANCELLED"
    assert states["added-1.2.wtpf-26@timetable.unbracket"] == "CANCELLED"
    assert amended(running, "/timetable/milestones/added-1/restore", seen="2")[0] == 303
    # What cannot be done to it any more has no form to be filled in for nothing.
    answer = running.get(SECRETARIAT, "/timetable/milestones/added-1/restore")
    assert (answer.status_code, answer.headers["location"]) == (303, "/timetable/milestones/added-1")
    assert amended(running, "/timetable/milestones/added-1/restore", seen="3")[0] == 422
    assert running.get(SECRETARIAT, "/timetable/milestones/added-1/add").status_code == 404


def test_the_dashboard_and_the_freeze_dialog_know_the_next_milestones(running: House) -> None:
    home = words(running.get(EXPERT, "/").text)
    assert "20 Dec 2026" in home or "Next milestones" not in home
    answer = running.get(EXPERT, f"/api/opinions/{OPINION}/bootstrap")
    assert answer.status_code == 200
    assert isinstance(answer.json()["milestone"], str)
    assert answer.json()["milestoneKind"] in ("meeting", "draft")


def test_tt6_the_same_file_again_says_that_nothing_is_new(running: House) -> None:
    answer = running.post(SECRETARIAT, "/timetable/file", {"shipped": "wtpf-26", "act": "load"})
    assert answer.headers["location"] == "/timetable?done=nothing-new"
    answer = running.post(SECRETARIAT, "/timetable/file", {"shipped": "wtdc-21", "act": "load", "reason": "x"})
    assert answer.status_code == 422
    told = words(answer.text)
    assert "This is the file of WTDC-21, and here is WTPF-26" in told
    assert "is on record with more than the file says" not in told, "all of it is another process"


def test_tt7_the_calendar_has_a_limit(running: House) -> None:
    limit = running.services.public_limits.calendar
    assert running.get(None, "/timetable.ics").status_code == 200
    for _ in range(700):
        limit.admits("testclient", time.monotonic())
    answer = running.get(None, "/timetable.ics")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
