"""Comments and notes over the real pages and JSON: who sees them, what may be done with them, and until when."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select, update

from opinions.news import NewsKind
from opinions.visibility import Attribution
from server.process_store import load_process, save_process
from server.settings import Settings
from server.tables import members
from server.tables.threads import threads
from server.taking_part.archive import write_archive
from server.threads import limits, store
from server.threads.replies import replied_since
from server.threads.values import Audience, Sight, ThreadRefused, UnknownThread
from tests.support.stock import ITEM, OPINION, SECOND
from tests.support.visitors import House, house

API, PAGE = f"/api/opinions/{OPINION}/threads", f"/opinions/{OPINION}/threads"
EXPERT, COLLEAGUE, OTHER, CHAIR, CLERK = "m-xaa-1", "m-xaa-2", "m-xbb-1", "m-chair", "m-sec"
SECRET = "our floor is 5 MHz"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("threads") / "data")) as running:
        yield running


@pytest.fixture(autouse=True)
def empty(here: House) -> None:
    here.write(lambda c: c.execute(threads.delete().where(threads.c.parent.is_not(None))))
    here.write(lambda c: c.execute(threads.delete()))


def send(here: House, who: str, path: str = "", **body: Any) -> Response:
    return here.ask(who, "POST", f"{API}{path}", json=body, headers={"accept": "application/json"})


def begun(here: House, who: str, text: str = "Why this?", **more: Any) -> str:
    answer = send(here, who, text=text, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def seen(here: House, who: str) -> dict[str, Any]:
    answer = here.get(who, API)
    assert answer.status_code == 200
    return {one["id"]: one for one in answer.json()["threads"]}


def test_th1_a_comment_on_words_stands_there_for_all_with_who_wrote_it(here: House) -> None:
    made = begun(here, EXPERT, "See **Resolution 139**.", paragraph=ITEM, words="broadband", offset=5)
    for who in (EXPERT, COLLEAGUE, OTHER, CHAIR, CLERK):
        one = seen(here, who)[made]
        assert (one["hold"], one["paragraph"], one["start"], one["end"]) == ("words", ITEM, 5, 14)
        assert one["remarks"][0]["html"] == '<p dir="auto">See <strong>Resolution 139</strong>.</p>'
        assert (one["remarks"][0]["delegation"], one["remarks"][0]["author"]) == ("XAA", "Expert Arcadia 1")
        assert "broadband" in here.get(who, PAGE).text
    assert here.get("m-obs", API).status_code == 403


def test_th5_a_note_is_for_its_delegation_and_shows_in_nothing_of_anybody_else(here: House) -> None:
    before = {who: here.get(who, API).json()["mark"] for who in (EXPERT, OTHER, CHAIR, CLERK)}
    note = begun(here, EXPERT, SECRET, audience="delegation", paragraph=ITEM)
    assert send(here, COLLEAGUE, f"/{note}/answers", text="Agreed.").status_code == 200
    assert note in seen(here, COLLEAGUE)
    assert SECRET in here.get(COLLEAGUE, f"{PAGE}?show=notes").text
    for who in (OTHER, CHAIR, CLERK, "m-xaa-1"):
        answer = here.get(who, API)
        mine = who == "m-xaa-1"
        assert (note in answer.text) == mine
        assert (answer.json()["mark"] != before[who]) == mine, "not even the mark of others changes"
        pages = f"{PAGE}?show=all", f"/opinions/{OPINION}/new", "/", f"/opinions/{OPINION}/word-in"
        assert all(SECRET not in here.get(who, page).text or mine for page in pages)
        if not mine:
            unknown = [send(here, who, f"/{one}/answers", text="?") for one in (note, "t-none")]
            assert [one.status_code for one in unknown] == [404, 404]
            assert unknown[0].text == unknown[1].text, "one that is not mine answers like one that is not there"
    assert here.get("m-admin", API).status_code == 403
    for with_people in (True, False):
        file = io.BytesIO()
        here.write(lambda c, f=file, p=with_people: write_archive(c, f, datetime.now(UTC), with_people=p))  # type: ignore[misc]
        assert SECRET not in file.getvalue().decode()
    audit = here.get(CLERK, "/audit").text + here.get(CLERK, "/audit.csv").text
    assert note not in audit
    assert SECRET not in audit


def test_th5_who_changes_delegation_sees_the_notes_of_the_new_one_alone(here: House) -> None:
    note = begun(here, "m-xdd-1", SECRET, audience="delegation")
    moved = update(members).where(members.c.id == "m-xdd-1")
    here.write(lambda c: c.execute(moved.values(delegation="XCC")))
    assert seen(here, "m-xdd-1") == {}
    assert send(here, "m-xdd-1", f"/{note}/taking-out").status_code == 404
    here.write(lambda c: c.execute(moved.values(delegation="XDD")))
    assert note in seen(here, "m-xdd-1")


def test_th1_a_comment_to_all_never_quotes_what_is_not_before_the_meeting(here: House) -> None:
    for place in ({"paragraph": ITEM, "words": "secret draft"}, {"paragraph": "p-draft"}, {"amendment": "a-draft"}):
        refused = send(here, EXPERT, text="x", **place)
        assert refused.status_code == 409
        assert "not before the meeting" in refused.json()["message"]
        assert begun(here, EXPERT, "x", audience="delegation", **place)
    assert send(here, CHAIR, text="x", audience="delegation").status_code == 409, "the chair has no delegation's notes"


def test_th7_resolving_says_who_and_when_and_can_be_taken_back(here: House) -> None:
    made = begun(here, EXPERT)
    assert send(here, OTHER, f"/{made}/resolution", resolved=True).status_code == 200
    one = seen(here, EXPERT)[made]
    assert (one["resolved"], one["settled_by"], one["settled_for"]) == (True, "Expert Borduria 1", "XBB")
    assert "Resolved by <bdi>Expert Borduria 1</bdi> (XBB)" in here.get(EXPERT, f"{PAGE}?show=resolved").text
    assert made not in here.get(EXPERT, PAGE).text
    assert here.post(CHAIR, f"{PAGE}/{made}", {"step": "reopen"}).status_code == 303
    one = seen(here, EXPERT)[made]
    assert (one["resolved"], one["settled_by"]) == (False, "Rosa Chair")


def test_th8_ones_own_words_can_be_changed_for_a_while_and_taken_out_always(here: House) -> None:
    made = begun(here, EXPERT, "Firts.")
    assert send(here, EXPERT, f"/{made}/words", text="First.").status_code == 200
    assert send(here, OTHER, f"/{made}/words", text="Forged.").status_code == 409
    assert send(here, OTHER, f"/{made}/taking-out").status_code == 409
    remark = seen(here, OTHER)[made]["remarks"][0]
    assert (remark["html"], remark["changed"], remark["text"]) == ('<p dir="auto">First.</p>', True, "")
    assert send(here, OTHER, f"/{made}/answers", text="Second.").status_code == 200
    assert send(here, EXPERT, f"/{made}/words", text="Otherwise.").status_code == 409, "it was answered"
    assert send(here, EXPERT, f"/{made}/taking-out").status_code == 200
    row = here.write(lambda c: c.execute(select(threads).where(threads.c.id == made)).one())
    assert row.text == "", "nothing of it is kept"
    assert "Taken out by its author." in here.get(CLERK, PAGE).text
    assert len(seen(here, CLERK)[made]["remarks"]) == 2
    late = begun(here, EXPERT)
    day = datetime.now(UTC) - limits.CHANGED_WITHIN - timedelta(minutes=1)
    here.write(lambda c: c.execute(update(threads).where(threads.c.id == late).values(entered_at=day)))
    assert send(here, EXPERT, f"/{late}/words", text="Later.").status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "  \n\x00 "}, 409),
        ({"text": "x" * (limits.MAX_TEXT + 1)}, 409),
        ({"text": "x" * 60_000}, 422),
        ({"text": "x", "paragraph": ITEM, "words": "w" * (limits.MAX_WORDS + 1)}, 422),
        ({"text": "x", "offset": -1}, 422),
        ({"text": "x", "delegation": "XBB"}, 422),
        ({"text": "x", "audience": "chair"}, 422),
        ({}, 422),
    ],
)
def test_what_does_not_fit_is_told_and_changes_nothing(here: House, body: dict[str, Any], status: int) -> None:
    assert send(here, EXPERT, **body).status_code == status
    assert seen(here, EXPERT) == {}


def test_th9_threads_have_limits(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OF_PARTY", 3)
    monkeypatch.setattr(limits, "MAX_ANSWERS", 1)
    monkeypatch.setattr(limits, "MAX_LISTED", 2)
    first, second, third = (begun(here, EXPERT, str(n)) for n in range(3))
    assert send(here, COLLEAGUE, text="a fourth of this delegation").status_code == 409
    assert send(here, COLLEAGUE, text="its notes are counted apart", audience="delegation").status_code == 200
    assert send(here, OTHER, f"/{first}/answers", text="others go on").status_code == 200
    assert send(here, OTHER, f"/{first}/answers", text="one too many").status_code == 409
    answer = here.get(OTHER, API).json()
    assert (answer["left_out"], {one["id"] for one in answer["threads"]}) == (1, {second, third})


def test_the_page_without_script(here: House) -> None:
    form = {"text": "On *these*", "paragraph": ITEM, "words": "some of those", "audience": "all"}
    back = here.post(EXPERT, PAGE, form)
    assert back.status_code == 303
    (made,) = seen(here, EXPERT)
    assert back.headers["location"].endswith(f"#{made}")
    page = here.get(OTHER, PAGE).text
    assert "<em>these</em>" in page
    assert f'href="/opinions/{OPINION}#{ITEM}"' in page
    for step, text, status in (("answer", "So.", 303), ("answer", "", 422), ("nonsense", "x", 400)):
        assert here.post(OTHER, f"{PAGE}/{made}", {"step": step, "text": text}).status_code == status
    wrong = here.post(EXPERT, PAGE, {"text": "", "paragraph": ITEM})
    assert wrong.status_code == 422
    assert '<a href="#field-text">Write something first.</a>' in wrong.text
    assert here.get(EXPERT, f"/opinions/{SECOND}/threads").text.count("No comments yet") == 1


def test_an_answer_is_news_to_who_takes_part_and_says_nothing_of_what_was_said(here: House) -> None:
    here.get(EXPERT, f"/opinions/{OPINION}/new")
    since = datetime.now(UTC)
    made, note = begun(here, EXPERT), begun(here, EXPERT, SECRET, audience="delegation")
    send(here, OTHER, f"/{made}/answers", text="Borduria answers.")
    send(here, COLLEAGUE, f"/{note}/answers", text="Colleague answers.")

    def told(who: str) -> list[tuple[str, int]]:
        items = here.write(lambda c: replied_since(c, OPINION, since, who))
        assert all(one.kind is NewsKind.REPLIED for one in items)
        return [(one.remarks.name, one.remarks.count) for one in items if one.remarks]

    assert told(EXPERT) == [("in threads of yours", 1), ("in your delegation's notes", 1)]
    assert told(COLLEAGUE) == told(OTHER) == told(CHAIR) == []
    assert here.write(lambda c: replied_since(c, OPINION, datetime.now(UTC), EXPERT)) == ()
    page = here.get(EXPERT, f"/opinions/{OPINION}/new").text
    assert "1 answer in threads of yours" in page
    assert "1 answer in your delegation&#39;s notes" in page
    assert "answers." not in page
    assert "answer" not in here.get(CLERK, f"/opinions/{OPINION}/new").text.lower().split("<main")[1]


def test_what_came_in_a_file_is_a_thread_like_all_others(here: House) -> None:
    row = {"id": "t-file", "opinion": OPINION, "author": "B. Author", "text": "Costs **unclear**", "words": "broadband"}
    at = datetime.now(UTC)
    here.write(lambda c: c.execute(threads.insert().values(**row, paragraph=ITEM, source="4/9", entered_at=at)))
    one = seen(here, EXPERT)["t-file"]
    assert one["hold"] == "words"
    assert one["remarks"][0]["html"] == '<p dir="auto">Costs **unclear**</p>'
    assert send(here, OTHER, "/t-file/answers", text="It is.").status_code == 200
    assert send(here, OTHER, "/t-file/resolution", resolved=True).status_code == 200
    assert send(here, OTHER, "/t-file/taking-out").status_code == 409


def test_the_store_gives_nobody_what_is_not_theirs(here: House) -> None:
    own, others = Sight("m-1", "One", "XAA", None), Sight("m-2", "Two", "XBB", None)
    with pytest.raises(ThreadRefused):
        here.write(lambda c: store.begin(c, OPINION, own, Audience.DELEGATION, "x", datetime.now(UTC)))
    made = here.write(lambda c: store.begin(c, OPINION, own, Audience.ALL, "x", datetime.now(UTC)))
    with pytest.raises(UnknownThread):
        here.write(lambda c: store.find(c, SECOND, others, made))


def test_th1_the_page_takes_a_comment_on_an_amendment(here: House) -> None:
    refused = here.post(EXPERT, PAGE, {"text": "x", "amendment": "a-nowhere"})
    assert refused.status_code == 422
    assert '<a href="#field-amendment">This amendment is not before the meeting.' in refused.text
    row = {"start": 0, "end": 4, "was": "that", "text": "so that"}
    proposal = {"amendment": "a-that", "delegation": "XAA", "kind": "MOD", "paragraph": ITEM, "replacements": [row]}
    command = {"act": "enter_proposals", "key": "key-of-test-0001", "party": "XAA", "proposals": [proposal]}
    assert here.ask(EXPERT, "POST", f"/api/opinions/{OPINION}/commands", json=command).status_code == 200
    asked = here.get(OTHER, f"{PAGE}?amendment=a-that").text
    assert '<option value="a-that" selected>XAA #1</option>' in asked
    assert here.post(OTHER, PAGE, {"text": "Why so?", "amendment": "a-that", "paragraph": ""}).status_code == 303
    (made,) = seen(here, OTHER).values()
    assert (made["amendment"], made["paragraph"]) == ("a-that", ITEM)
    page = here.get(EXPERT, PAGE).text
    assert f'href="/opinions/{OPINION}#a-that"' in page
    assert "<bdi>XAA #1</bdi>" in page


def test_th10_comments_to_all_are_given_out_as_a_table_and_notes_never(here: House) -> None:
    made = begun(here, EXPERT, "=cmd|' /C calc'!A0", paragraph=ITEM, words="broadband", offset=5)
    assert send(here, OTHER, f"/{made}/answers", text="Because, in short.").status_code == 200
    assert send(here, OTHER, f"/{made}/resolution", resolved=True).status_code == 200
    begun(here, EXPERT, SECRET, audience="delegation", paragraph=ITEM)
    answer = here.get(EXPERT, f"{PAGE}.csv")
    assert answer.status_code == 200
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (head[0], head[-2]) == ("Thread", "Comment")
    assert [(row[2], row[5], row[6], row[-2]) for row in rows] == [
        ("broadband", "Resolved by Expert Borduria 1 of XBB", "XAA", "'=cmd|' /C calc'!A0"),
        ("broadband", "", "XBB", "Because, in short."),
    ], "no note, not even to those whose it is"
    assert f'href="{PAGE}.csv"' in here.get(EXPERT, PAGE).text
    assert here.get("m-obs", f"{PAGE}.csv").status_code == 403


def test_th10_the_table_holds_the_names_that_a_file_may_hold(here: House) -> None:
    begun(here, EXPERT, "Why this?", paragraph=ITEM)
    for setting in reversed(list(Attribution)):
        here.write(lambda c, to=setting: save_process(c, replace(load_process(c), attribution=to)))  # type: ignore[misc]
        table = here.get(OTHER, f"{PAGE}.csv").text
        assert ("XAA" in table) == (setting in {Attribution.ALL, Attribution.DELEGATIONS})
        assert ("Arcadia" in table) == (setting is Attribution.ALL)
        assert "Why this?" in table
