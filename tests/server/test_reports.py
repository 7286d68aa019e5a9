"""The chair's report and the brief for a capital as people get them: pages, files, letters, JSON."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from opinions.brackets import open_brackets
from opinions.record import Status
from opinions.visibility import Attribution
from server.post.letters import LetterKind
from server.process_store import load_process, save_process
from server.reports.book import Book, Chapter, Cover
from server.reports.html import lines_html
from server.reports.lines import Line, Piece, Style, Weight
from server.reports.word import to_docx
from server.settings import Settings
from server.tables import members
from server.tables.post import letters, looks
from tests.support.office import converted
from tests.support.session_played import (
    HOLDER,
    HOLDER_NAME,
    MEETING,
    OBJECTION,
    STATEMENT,
    Played,
    played,
    with_holder,
)
from tests.support.stock import OPINION, SECOND
from tests.support.visitors import House, house

REPORT, BRIEF = f"/opinions/{OPINION}/report", f"/opinions/{OPINION}/brief"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("reports") / "data")) as running:
        with_holder(running)
        yield played(running)


@pytest.fixture
def running(session: Played) -> House:
    return session.house


def words(page: str) -> str:
    """The words of a page without its elements."""
    inline = re.sub(r"</?(?:b|bdi|del|ins)\b[^>]*>", "", page.split("</style>")[-1])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inline)).split())


def in_docx(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))


def given(running: House, **form: str) -> bytes:
    answer = running.post("m-chair", REPORT, {"format": "docx", **form})
    assert answer.status_code == 200, answer.text
    return answer.content


def switch(running: House, setting: Attribution) -> None:
    running.write(lambda c: save_process(c, replace(load_process(c), attribution=setting)))


def test_cr1_the_report_tells_the_whole_sitting(session: Played) -> None:
    """[CR1]"""
    told = words(session.house.get("m-chair", REPORT).text)
    document = session.document()
    for amendment in document.record.amendments.values():
        own = rf"#{amendment.number}, (?:Arcadia|Borduria|Cascadia|Dorland|Quezaria): (?:MOD|square brackets), revision"
        assert len(re.findall(own, told)) == 1, amendment.number
        for decision in amendment.decisions:
            assert f"Fingerprint {decision.digest}" in told
    for sentence in (
        f"Dorland reserves its position: “{STATEMENT}”",
        f"Arcadia objects formally: “{OBJECTION}”",
        "Objected: Borduria (“The word is ours.”)",
        "Asked for time: Arcadia",
        "Marked as present: Arcadia, Borduria, Cascadia",
        f"Informal Experts Group, {MEETING}, ruled by Rosa Chair",
        "At the request of Arcadia. Until 5 Mar 2027, 10:00 Geneva",
        "Withdrawn",
    ):
        assert sentence in told, sentence
    brackets = told.split("Open square brackets")[1]
    assert brackets.count("since ") == len(open_brackets(document))


def test_cr2_a_report_of_one_meeting_or_since_a_version(running: House) -> None:
    page = running.get("m-chair", f"{REPORT}?scope=meeting:{MEETING}")
    assert page.status_code == 200
    assert f"The meeting “{MEETING}”" in page.text
    for wrong in ("meeting:None such", "version:op-space:1", "other"):
        answer = running.get("m-chair", f"{REPORT}?scope={wrong}")
        assert answer.status_code == 422
        assert 'href="#field-scope"' in answer.text


def test_cr5_the_cover_holds_what_the_chair_wrote(running: House) -> None:
    """[CR5]"""
    form = {"number": "IEG/40(Rev.1)", "meeting": "Geneva, 3 to 5 March", "introduction": "First <b>.\r\n\r\nSecond."}
    page = running.post("m-chair", REPORT, {"format": "html", **form}).text
    told = words(page)
    for part in ("Report of the Chair", "IEG/40(Rev.1)", "Geneva, 3 to 5 March", "First <b>.", "Original English"):
        assert part in told
    assert "<b>." not in page
    assert "<script" not in page
    assert "IEG/40(Rev.1)" in in_docx(given(running, **form))
    too_long = running.post("m-chair", REPORT, {"format": "docx", "introduction": "x" * 20_001})
    assert too_long.status_code == 422
    assert 'href="#field-introduction"' in too_long.text
    assert running.post("m-chair", REPORT, {"format": "docx", "number": "x" * 301}).status_code == 422


def test_the_word_file_opens_in_an_office_program(running: House, tmp_path: Path) -> None:
    made = tmp_path / "report.docx"
    made.write_bytes(given(running, introduction="In the chair's own words."))
    (odt,) = converted([made], "odt", tmp_path)
    with zipfile.ZipFile(odt) as file:
        text = words(file.read("content.xml").decode())
    for part in ("Report of the Chair", "In the chair's own words.", "Paragraph by paragraph", STATEMENT, "remains"):
        assert part in text, part


def test_cr3_a_report_holds_no_more_names_than_the_switch_allows(running: House) -> None:
    """[CR3]"""
    try:
        for setting, asked, delegations, persons in (
            (Attribution.ALL, "", True, True),
            (Attribution.ALL, "delegations", True, False),
            (Attribution.DELEGATIONS, "all", True, False),
            (Attribution.CHAIR_AND_SECRETARIAT, "", True, False),
            (Attribution.ALL, "none", False, False),
            (Attribution.NONE, "all", False, False),
        ):
            switch(running, setting)
            told = given(running, names=asked, format="html").decode()
            assert (HOLDER_NAME in told, "Rosa Chair" in told) == (delegations, persons), (setting, asked)
            assert STATEMENT in told, "what was said stands in it all the same"
            value = running.get("m-chair", f"/api/opinions/{OPINION}/report?names={asked}").text
            assert (f'"{HOLDER}"' in value, "Rosa Chair" in value) == (delegations, persons), (setting, asked)
        in_word = in_docx(given(running))
        assert HOLDER_NAME not in in_word
        assert "Rosa Chair" not in in_word
    finally:
        switch(running, Attribution.ALL)


def test_the_report_of_all_opinions_is_of_those_in_ones_hands(running: House) -> None:
    page = running.get("m-sec", "/report").text
    assert f'id="{OPINION}"' in page
    assert f'id="{SECOND}"' in page
    assert running.get("m-xaa-1", "/report").status_code == 403
    value = running.get("m-sec", f"/api/opinions/{OPINION}/report").json()
    assert [one["amendments"] for one in value["paragraphs"] if one["amendments"]]
    assert value["withdrawn"] == [8]
    assert running.get("m-sec", f"/api/opinions/{OPINION}/report?scope=meeting:x").status_code == 404


# --- the brief


def sections(running: House, who: str, query: str = "") -> dict[str, list[str]]:
    answer = running.get(who, f"/api{BRIEF}{query}")
    assert answer.status_code == 200, answer.text
    return {one["key"]: [item["told"] for item in one["items"]] for one in answer.json()["sections"]}


def test_bc1_the_brief_tells_what_concerns_a_delegation(session: Played) -> None:
    """[BC1]"""
    running = session.house
    of_holder = sections(running, "m-holder")
    assert len(of_holder["calls"]) == 1
    assert len(of_holder["held"]) == 3
    assert ["Arcadia opposes" in one for one in of_holder["spoken"]] == [True]
    of_arcadia = sections(running, "m-xaa-1")
    assert any("reserves its position" in one for one in of_arcadia["spoken"])
    assert any(one.startswith("#2, Borduria") for one in of_arcadia["touching"])
    assert any("It waits for you" in one and "Until 5 Mar 2027" in one for one in of_arcadia["waiting"])
    assert any("you asked for time" in one and "Agreed ad referendum" in one for one in of_arcadia["decided"])
    session.command("m-xaa-1", "XAA", act="answer_call", call="c-reported-2", answer="no_objection")
    assert "calls" not in sections(running, "m-xaa-1")
    assert any("you have no objection" in one for one in sections(running, "m-xaa-1")["answered"])


def test_bc1_what_the_secretariat_typed_waits_to_be_confirmed(session: Played) -> None:
    fields = {"amendment": session.ids["all"], "revision": 1, "attitude": "support", "note": ""}
    session.command("m-sec", "XCC", act="take_position", **fields)
    assert len(sections(session.house, "m-xcc-1")["typed"]) == 1
    session.command("m-xcc-1", "XCC", act="confirm_typed", amendment=session.ids["all"])
    assert "typed" not in sections(session.house, "m-xcc-1")


def test_bc2_changes_are_told_since_the_last_visit_of_the_page(session: Played) -> None:
    """[BC2]"""
    running = session.house
    assert "This is your first brief" in running.get("m-xdd-2", BRIEF).text
    assert "This is your first brief" in running.get("m-xdd-2", BRIEF).text, "loading it again is the same visit"
    old = running.write(lambda c: c.scalar(select(looks.c.at).where(looks.c.member == "m-xdd-2")))
    assert old is not None
    before = old.replace(year=old.year - 1)
    running.write(lambda c: c.execute(update(looks).where(looks.c.member == "m-xdd-2").values(at=before)))
    session.say("m-xbb-2", "held", "support")
    assert any("XBB supports" in one for one in sections(running, "m-xdd-2")["news-position"])
    page = running.get("m-xdd-2", BRIEF).text
    assert "your last visit" in page
    assert "New: positions" in page


def test_bc2_changes_are_told_since_a_version_in_words(session: Played) -> None:
    running = session.house
    session.command("m-sec", act="freeze", label="Second draft", ruled_by="Rosa Chair")
    session.rule("held too", "agreed")
    for query in ("?since=version", "?since=1"):
        told = sections(running, "m-xcc-2", query)
        assert told["news-words"] == ["“stands” became “is kept”"]
        assert any("Agreed" in one for one in told["news-outcome"])
    page = running.get("m-xcc-2", f"{BRIEF}?since=1").text
    assert "Changes are told since “Second draft”." in page
    report = running.get("m-chair", f"{REPORT}?scope=version:{OPINION}:1")
    assert "What came after “Second draft”" in report.text


def test_bc3_only_people_of_a_delegation_have_briefs(running: House) -> None:
    """[BC3]"""
    for who in ("m-sec", "m-chair", "m-obs", "m-views", "m-admin"):
        assert running.get(who, BRIEF).status_code == 403, who
    assert "No brief for you" in running.get("m-chair", "/brief").text
    for query in ("?since=9", "?since=x"):
        assert running.get("m-xaa-1", f"{BRIEF}{query}").status_code == 404
    assert running.get("m-xaa-1", "/brief?since=1").status_code == 404
    assert "Space for all" in running.get("m-xaa-1", "/brief").text


def test_bc4_the_brief_comes_as_a_letter_when_it_is_asked_for(running: House) -> None:
    """[BC4]"""
    assert running.post("m-xbb-1", f"{BRIEF}/letter").headers["location"].endswith("brief-no-address")
    running.write(lambda c: c.execute(update(members).where(members.c.id == "m-xbb-1").values(email="b@example.org")))
    switch(running, Attribution.CHAIR_AND_SECRETARIAT)
    try:
        for _ in range(10):
            assert running.post("m-xbb-1", f"{BRIEF}/letter").headers["location"].endswith("brief-sent")
    finally:
        switch(running, Attribution.ALL)
    assert running.post("m-xbb-1", f"{BRIEF}/letter").status_code == 429
    chosen = select(letters).where(letters.c.member == "m-xbb-1")
    sent = running.write(lambda c: c.execute(chosen).all())
    assert {one.kind for one in sent} == {LetterKind.BRIEF.value}
    assert {one.recipient for one in sent} == {"b@example.org"}
    assert "Square brackets that you hold" in sent[0].body
    assert "http" in sent[0].body
    held = ("Arcadia", "Cascadia", "Dorland", HOLDER_NAME, HOLDER, "XAA #", "XDD #")
    assert [name for name in held if name in sent[0].body] == [], "[AV3] a letter leaves the room"


def test_a_brief_with_nothing_in_it_says_so(running: House) -> None:
    page = running.get("m-xdd-1", f"/opinions/{SECOND}/brief").text
    assert "Nothing waits for you here, and nothing is new." in page
    assert not [one for one in Status if f">{one.value}<" in page]


def test_cr1_the_report_as_values_has_alternatives_and_packages_too(session: Played) -> None:
    """[CR1]"""
    sample = session.ids
    options = [{"label": "Alt 1", "amendments": [sample["many"]]}, {"label": "Alt 2", "amendments": [sample["all"]]}]
    session.command("m-chair", act="put_alternatives", alternatives="alt-reach", name="Reach", options=options)
    subjects = [f"amendment:{sample['many']}", "paragraph:p-item-00004"]
    session.command("m-chair", act="put_package", package="pack-reach", name="Together", subjects=subjects)
    value = session.house.get("m-chair", f"/api{REPORT}").json()
    numbers = {str(one.id): one.number for one in session.document().record.amendments.values()}
    (choice,), (deal,) = value["alternatives"], value["packages"]
    assert [one["amendments"] for one in choice["options"]] == [[numbers[sample["many"]]], [numbers[sample["all"]]]]
    assert (choice["name"], choice["state"], choice["picked"]) == ("Reach", "open", "")
    assert deal["subjects"][0] == f"#{numbers[sample['many']]}"
    assert (deal["name"], deal["closed_at"]) == ("Together", None)


def test_words_of_a_report_are_never_markup_nor_what_no_file_may_hold() -> None:
    """Lines are put together as strings: every part of them is escaped, and a Word file gets no letter it may not."""
    hostile = 'A<b> & "B"\x00\x1b\ufffe\tC\nD'
    line = Line(Style.SAID, (Piece(hostile, Weight.NEW), Piece(hostile)), 'p"><i>')
    html = str(lines_html((line, line), 2, "op&"))
    assert html.count("<p ") == 2
    assert "<b>" not in html
    assert "<i>" not in html
    assert html.startswith('<p class="line-said" id="op&amp;-p&#34;&gt;&lt;i&gt;" dir="auto"><ins>A&lt;b&gt; &amp; ')
    now = datetime(2026, 1, 21, tzinfo=UTC)
    cover = Cover("P", now, ZoneInfo("UTC"), "all", Attribution.ALL, "", "", "")
    told = in_docx(to_docx(Book(cover, (Chapter("op", "Name", "Title", "now", (line,)),))))
    assert 'A&lt;b&gt; &amp; "B" C D' in told
