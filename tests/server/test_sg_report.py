"""The Secretary-General's report: written in sections, commented on by members, answered, never written over."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from opinions.errors import SectionRefused
from opinions.incoming import IncomingDocument, IncomingParagraph, Stretch
from opinions.phases import After, Edge, Phase
from opinions.process_plan import Plan
from opinions.roles import Act, Role
from opinions.sg_report import (
    MAX_BODY,
    MAX_PARAGRAPH,
    MAX_PARAGRAPHS,
    MAX_SECTIONS,
    ReportParagraph,
    Section,
    canonical_report,
    numbered,
    report_digest,
    rewritten,
    texts_of,
)
from opinions.timetable import Change, MilestoneKind, When
from opinions.visibility import Attribution
from server.ids import new_id
from server.people_store import add_member
from server.process_store import load_process, save_process
from server.settings import Settings
from server.sg_report import comments, store
from server.sg_report.comments import MAX_COMMENT, MAX_OF_ONE, Remark
from server.sg_report.from_word import sections_of
from server.sg_report.readable import put_out
from server.sg_report.store import By, SectionMoved
from server.tables.post import letters
from server.timetable.store import append_changes, keep_file
from tests.support.visitors import House, house
from tests.support.word_files import word_file

NEW = "/sg-report/sections/new"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("report") / "data")) as started:
        yield started


def by(name: str = "Sam Clerk") -> By:
    return By("m-sec", name, datetime.now(UTC))


def section(running: House, heading: str = "Background", body: str = "One.\n\nTwo.") -> Section:
    made = running.write(lambda c: store.add_section(c, heading, 1, body, "", by(), new_id))
    let_out(running)
    return made


def let_out(running: House) -> None:
    """Members read the newest revision."""
    running.write(lambda c: put_out(c, store.latest(c), by()))


def standing(running: House, key: str) -> store.SavedSection:
    report = running.write(store.load_report)
    assert report is not None
    found = report.find(key)
    assert found is not None
    return found


def commented(running: House, one: Section, who: str = "m-xaa-1", **fields: str) -> Remark:
    answer = running.post(who, "/sg-report/comments", {"section": one.id, "body": "Say who pays.", **fields})
    assert answer.status_code == 303, answer.text
    key = answer.headers["location"].split("#")[1]
    return running.write(lambda connection: comments.load_remark(connection, key))


def test_an_empty_report_says_who_writes_it(running: House) -> None:
    assert "The secretariat writes the report" in running.get("m-xaa-1", "/sg-report").text
    assert "Add the first section" in running.get("m-sec", "/sg-report").text
    assert "Nothing was saved yet" in running.get("m-sec", "/sg-report/revisions").text
    assert "Nothing is put out yet" in running.get("m-obs", "/sg-report/revisions").text


def test_sr1_every_save_is_a_revision(running: House) -> None:
    """[SR1]"""
    form = {"heading": "  Digital   divides ", "level": "2", "body": "First\nline.\n\n\nSecond."}
    answer = running.post("m-sec", NEW, form)
    assert answer.status_code == 303
    key = re.sub(r".*/sections/(s-\w+).*", r"\1", answer.headers["location"])
    saved = standing(running, key)
    assert (saved.section.heading, saved.section.level) == ("Digital divides", 2)
    assert [one.text for one in saved.section.paragraphs] == ["First line.", "Second."]
    first = running.write(store.latest)
    page = f"/sg-report/sections/{key}"
    changed = {**form, "seen": "1", "body": "First line.\n\nSecond, changed."}
    assert running.post("m-sec", page, changed).status_code == 303
    assert running.post("m-sec", page, {**changed, "seen": "2"}).status_code == 303
    assert running.write(store.latest) == first + 1, "nothing changed, so nothing was saved"
    before, now = running.get("m-sec", f"/sg-report/revisions/{first}").text, running.get("m-sec", "/sg-report").text
    assert "Second, changed." in now
    assert "Second, changed." not in before
    assert "Second." in before
    assert running.post("m-sec", page, {"step": "take_out", "seen": "2"}).status_code == 303
    assert "Second, changed." not in running.get("m-sec", "/sg-report").text
    assert "Second, changed." in running.get("m-sec", f"/sg-report/revisions/{first + 1}").text
    # And back again.
    assert running.post("m-sec", f"/sg-report/revisions/{first}").status_code == 303
    assert [one.text for one in standing(running, key).section.paragraphs] == ["First line.", "Second."]
    listed = running.get("m-sec", "/sg-report/revisions").text
    assert f"As it was at revision {first}" in listed


def test_sr3_two_who_write_at_once_are_both_told(running: House) -> None:
    """[SR3]"""
    one = section(running)
    page = f"/sg-report/sections/{one.id}"
    theirs = {"heading": "Background", "level": "1", "seen": "1", "body": "Words of the first editor."}
    mine = {**theirs, "body": "Words of the second editor."}
    assert running.post("m-sec", page, theirs).status_code == 303
    answer = running.post("m-sec", page, mine)
    assert answer.status_code == 409
    assert "Words of the first editor." in answer.text
    assert "Words of the second editor." in answer.text
    assert 'name="seen" value="2"' in answer.text
    assert standing(running, one.id).section.body == "Words of the first editor."
    assert running.post("m-sec", page, {**mine, "seen": "2", "body": "Words of both."}).status_code == 303
    # Taken out meanwhile: the words are still in the form.
    assert running.post("m-sec", page, {"step": "take_out", "seen": "3"}).status_code == 303
    answer = running.post("m-sec", page, {**mine, "seen": "3"})
    assert answer.status_code == 409
    assert "Words of the second editor." in answer.text
    assert 'action="/sg-report/sections/new"' in answer.text


def test_sr3_of_two_saves_in_the_database_one_is_refused(running: House) -> None:
    """[SR3]"""
    one = section(running)

    def write(connection: Connection, name: str) -> None:
        store.write_section(connection, one.id, 1, "Background", 1, f"By {name}.", by(name), new_id)

    running.write(lambda connection: write(connection, "Ann"))
    with pytest.raises(SectionMoved) as refused:
        running.write(lambda connection: write(connection, "Bob"))
    assert refused.value.now is not None
    assert refused.value.now.section.body == "By Ann."


def test_sections_are_moved_and_put_in_their_place(running: House) -> None:
    one, other = section(running, "One", "x"), section(running, "Other", "y")

    def order() -> list[str]:
        report = running.write(store.load_report)
        assert report is not None
        return [each.heading for each in report.sections if each.heading in ("One", "Other", "Between")]

    between = {"heading": "Between", "level": "1", "body": "z", "after": one.id}
    assert running.post("m-sec", NEW, between).status_code == 303
    assert order() == ["One", "Between", "Other"]
    assert running.post("m-sec", f"/sg-report/sections/{other.id}", {"step": "up"}).status_code == 303
    assert order() == ["One", "Other", "Between"]


PARAGRAPHS = st.lists(st.sampled_from(("a", "b", "c", "d", "e")), max_size=7)


@settings(max_examples=30, deadline=None)
@given(st.lists(PARAGRAPHS, min_size=1, max_size=6))
def test_sr2_an_id_is_never_given_to_two(saves: list[list[str]]) -> None:
    """[SR2] And a paragraph that stays keeps its own."""
    number = iter(range(10_000))
    standing_: tuple[ReportParagraph, ...] = ()
    for texts in saves:
        before = {one.id for one in standing_}
        now = rewritten(standing_, texts, lambda: f"sp-{next(number)}")
        assert [one.text for one in now] == texts
        ids = [one.id for one in now]
        assert len(set(ids)) == len(ids)
        if [one.text for one in standing_] == texts:
            assert now == standing_
        assert all(one in before or int(one[3:]) >= 0 for one in ids)
        standing_ = now


def test_sr2_a_reworded_paragraph_keeps_its_comments(running: House) -> None:
    """[SR2, SR5]"""
    one = section(running, "Kept", "Alpha.\n\nBeta.\n\nGamma.")
    said = commented(running, one, paragraph=one.paragraphs[1].id, body="Beta is too short.")
    assert said.cited.endswith("Kept, paragraph 2")
    assert said.words == "Beta."
    form = {"heading": "Kept", "level": "1", "seen": "1", "body": "Alpha.\n\nBeta, and more.\n\nGamma."}
    assert running.post("m-sec", f"/sg-report/sections/{one.id}", form).status_code == 303
    assert standing(running, one.id).section.paragraphs[1].id == one.paragraphs[1].id
    let_out(running)
    page = running.get("m-xbb-1", "/sg-report").text
    assert "Beta is too short." in page
    assert "It was: “<bdi>Beta.</bdi>”" in page


def test_sr7_what_is_being_written_is_for_its_writers_and_the_chairs(running: House) -> None:
    """[SR7]"""
    one = section(running, "Put out", "Words for everybody.")
    shown = running.write(store.latest)
    form = {"heading": "Put out", "level": "1", "seen": "1", "body": "Words half-written."}
    assert running.post("m-sec", f"/sg-report/sections/{one.id}", form).status_code == 303
    draft = f"/sg-report/revisions/{shown + 1}"
    for who in ("m-sec", "m-chair"):
        page = running.get(who, "/sg-report").text
        assert "Words half-written." in page, who
        assert f'<a href="/sg-report/revisions/{shown}">revision {shown}</a>' in page
        assert running.get(who, draft).status_code == 200
    assert commented(running, one, who="m-chair", body="Half a sentence.").revision == shown + 1
    for who in ("m-xaa-1", "m-obs", "m-admin"):
        for path in ("/sg-report", "/sg-report/comments.csv", "/api/sg-report", "/sg-report/revisions"):
            told = running.get(who, path).text
            assert "half-written" not in told, (who, path)
            assert "Half a sentence." not in told, (who, path)
        assert "Words for everybody." in running.get(who, "/sg-report").text
        assert f"/sg-report/revisions/{shown + 1}" not in running.get(who, "/sg-report/revisions").text
        assert running.get(who, draft).status_code == 404
        assert running.get(who, f"/sg-report/revisions/{shown}").status_code == 200
    # A member comments on what he or she reads.
    said = commented(running, one, paragraph=one.paragraphs[0].id, body="Say more, everybody.")
    assert (said.revision, said.words) == (shown, "Words for everybody.")
    assert "It was: “<bdi>Words for everybody.</bdi>”" in running.get("m-sec", "/sg-report").text
    assert running.post("m-xaa-1", f"{draft}/put-out").status_code == 403
    assert running.post("m-chair", f"{draft}/put-out").status_code == 403
    focal = {"member_id": "m-xaa-focal", "email": "focal@example.org"}
    running.write(lambda c: add_member(c, "Focal Arcadia", Role.FOCAL_POINT, "XAA", **focal))
    assert running.post("m-sec", f"{draft}/put-out").status_code == 303
    posted = select(letters.c.body).where(letters.c.recipient == "focal@example.org")
    (body,) = running.write(lambda c: c.scalars(posted).all())
    assert f"revision {shown + 1} of the Secretary-General's report for comment" in body
    assert "is put out already" in running.post("m-sec", f"{draft}/put-out").text
    assert running.post("m-sec", f"/sg-report/revisions/{shown + 9}/put-out").status_code == 404
    page = running.get("m-obs", "/sg-report").text
    assert "Words half-written." in page
    assert "Half a sentence." in page


def test_sr5_comments_are_made_answered_and_withdrawn(running: House) -> None:
    """[SR5]"""
    one = section(running, "Commented on")
    said = commented(running, one)
    assert (said.party, said.late, said.revision) == ("XAA", False, running.write(store.latest))
    assert commented(running, one).id == said.id, "a button pressed twice"
    page = running.get("m-obs", "/sg-report").text
    assert "Say who pays." in page
    assert "Amendments are made to the draft Opinions alone" in page
    answer = {"disposition": "taken_up", "answer": "See 2.1."}
    assert running.post("m-xaa-1", f"/sg-report/comments/{said.id}/answer", answer).status_code == 403
    assert running.post("m-sec", f"/sg-report/comments/{said.id}/answer", answer).status_code == 303
    second = {"disposition": "noted", "answer": "Not any more."}
    assert running.post("m-sec", f"/sg-report/comments/{said.id}/answer", second).status_code == 303
    told = running.write(lambda c: comments.history_of(c, said.id))
    assert [(each.act, each.detail) for each in told] == [
        ("made", ""), ("answered", "Taken up. See 2.1."), ("answered", "Noted. Not any more."),
    ]  # fmt: skip
    # Of another delegation nobody withdraws it; of the same one, another person does.
    assert running.post("m-xbb-1", f"/sg-report/comments/{said.id}/withdraw").status_code == 404
    assert running.post("m-xaa-2", f"/sg-report/comments/{said.id}/withdraw").status_code == 303
    assert running.post("m-xaa-2", f"/sg-report/comments/{said.id}/withdraw").status_code == 422
    table = running.get("m-obs", "/sg-report/comments.csv").text
    assert "Say who pays." in table
    assert "Not any more." in table


def test_sr5_the_comments_of_a_section_taken_out_stay(running: House) -> None:
    """[SR5]"""
    one = section(running, "To go")
    commented(running, one, body="Do not take this out.")
    form = {"step": "take_out", "seen": "1"}
    assert running.post("m-sec", f"/sg-report/sections/{one.id}", form).status_code == 303
    let_out(running)
    page = running.get("m-obs", "/sg-report").text
    assert "On sections that are no longer in the report" in page
    assert "Do not take this out." in page


def test_names_of_comments_are_withheld_where_the_process_withholds_names(running: House) -> None:
    one = section(running, "Names")
    commented(running, one, body="Whose words are these?")
    process = running.write(load_process)
    try:
        withheld = replace(process, attribution=Attribution.DELEGATIONS)
        running.write(lambda connection: save_process(connection, withheld))
        page = running.get("m-obs", "/sg-report").text
        assert "Whose words are these?" in page
        assert "name withheld" in page
        assert "Expert Arcadia" not in page
        assert "Expert Arcadia" not in running.get("m-obs", "/sg-report/comments.csv").text
        assert "Expert Arcadia" in running.get("m-xbb-1", "/sg-report").text
    finally:
        running.write(lambda connection: save_process(connection, process))


def test_what_does_not_fit_is_refused_and_what_was_typed_stays(running: House) -> None:
    one = section(running, "Wrong")
    before = running.write(store.latest)
    wrong: tuple[dict[str, str], ...] = (
        {"heading": "", "level": "1", "body": "kept words"},
        {"heading": "x" * 301, "level": "1", "body": "kept words"},
        {"heading": "x", "level": "4", "body": "kept words"},
        {"heading": "x", "level": "one", "body": "kept words"},
        {"heading": "x", "level": "1", "body": "kept words \x00"},
        {"heading": "x", "level": "1", "body": "kept words " + "y" * MAX_PARAGRAPH},
    )
    for form in wrong:
        for path in (NEW, f"/sg-report/sections/{one.id}"):
            answer = running.post("m-sec", path, {**form, "seen": "1"})
            assert answer.status_code == 422, form
            assert "kept words" in answer.text
    assert running.write(store.latest) == before
    for body in ("", " ", "x" * (MAX_COMMENT + 1), "x\x00"):
        answer = running.post("m-xaa-1", "/sg-report/comments", {"section": one.id, "body": body})
        assert answer.status_code == 422
    said = commented(running, one)
    for answer_ in ({"disposition": ""}, {"disposition": "liked"}, {"disposition": "noted", "answer": "x" * 4001}):
        assert running.post("m-sec", f"/sg-report/comments/{said.id}/answer", answer_).status_code == 422


@pytest.mark.parametrize(
    "body", ["x" * (MAX_BODY + 1), "\n\n".join("x" * (MAX_PARAGRAPHS + 1)), "x" * (MAX_PARAGRAPH + 1), "\ud800"]
)
def test_limits_of_a_section(body: str) -> None:
    with pytest.raises(SectionRefused):
        texts_of(body)


def test_limits_of_a_report(running: House) -> None:
    def fill(connection: Connection) -> None:
        too_many = [("x", 1, "y")] * (MAX_SECTIONS + 1)
        with pytest.raises(SectionRefused, match="at most"):
            store.replace_all(connection, too_many, "", by(), new_id)

    running.write(fill)
    assert MAX_OF_ONE >= MAX_SECTIONS, "one comment for every section"


def test_sr5_a_comment_after_the_deadline_is_taken_and_marked_late(running: House) -> None:
    """[SR5]"""
    one = section(running, "Commented on late")
    in_time = commented(running, one, body="Before the deadline.")
    now = datetime.now(UTC)
    yesterday = now.date() - timedelta(days=1)
    fields = {"kind": MilestoneKind.COMMENT_DEADLINE, "name": "Comments", "when": When(yesterday, yesterday)}
    change = Change("comments", yesterday - timedelta(days=9), fields, recorded_at=now)
    rights = frozenset({Act.SG_REPORT_COMMENT})
    phase = Phase("c", "Comments on the report", rights, closes=Edge("comments", end=True), after=After.LATE)
    running.write(lambda c: append_changes(c, [change]))
    running.write(lambda c: keep_file(c, "a.yaml", "a: b", Plan(phases=(phase,)), now))
    assert "marked late" in running.get("m-xaa-1", "/sg-report").text
    late = commented(running, one, who="m-xbb-1", body="After the deadline.")
    assert (in_time.late, late.late) == (False, True)
    assert '<span class="tag warn">Late</span>' in running.get("m-obs", "/sg-report").text
    # One that closes for good refuses, and gives the words back.
    shut = Plan(phases=(replace(phase, after=After.CLOSED),))
    running.write(lambda c: keep_file(c, "b.yaml", "a: b", shut, now))
    refused = running.post("m-xbb-1", "/sg-report/comments", {"section": one.id, "body": "After it closed."})
    assert refused.status_code >= 400
    assert "After it closed." in refused.text
    running.write(lambda c: keep_file(c, "c.yaml", "a: b", Plan(), now))
    assert not commented(running, one, who="m-xbb-1", body="No phase says anything.").late


def test_the_report_is_read_as_json(running: House) -> None:
    one = section(running, "For programs", "Words.")
    said = commented(running, one, paragraph=one.paragraphs[0].id, body="As JSON.")
    told = running.get("m-obs", "/api/sg-report").json()
    found = next(each for each in told["sections"] if each["id"] == one.id)
    assert found["paragraphs"] == [{"id": one.paragraphs[0].id, "text": "Words."}]
    remark = next(each for each in told["comments"] if each["id"] == said.id)
    assert (remark["body"], remark["paragraph"]) == ("As JSON.", one.paragraphs[0].id)
    assert running.get(None, "/api/sg-report").status_code == 401


# --- as a file


def handed_in(running: House, name: str, content: bytes) -> Any:
    return running.post("m-sec", "/sg-report/upload", files={"file": (name, content, "application/octet-stream")})


def test_sr4_a_pdf_is_the_report_as_it_is(running: House) -> None:
    """[SR4, VO2]"""
    section(running, "Before the file")
    before = running.write(store.load_report)
    assert handed_in(running, "report.pdf", b"%PDF-1.7 words").status_code == 303
    report = running.write(store.load_report)
    assert report is not None
    assert before is not None
    assert report.sections == ()
    assert report.computed_digest == report.revision.digest != report_digest(())
    assert running.get("m-obs", f"/sg-report/files/{report.revision.file}").status_code == 404
    let_out(running)
    page = running.get("m-obs", "/sg-report").text
    assert "The report is a file" in page
    given_out = running.get("m-obs", f"/sg-report/files/{report.revision.file}")
    assert given_out.content == b"%PDF-1.7 words"
    assert "attachment" in given_out.headers["content-disposition"]
    assert running.post("m-sec", f"/sg-report/revisions/{before.revision.number}").status_code == 303
    again = running.write(store.load_report)
    assert again is not None
    assert again.sections == before.sections
    assert again.revision.digest == before.revision.digest


@pytest.mark.parametrize(
    ("name", "content"),
    [("report.docx", b"PK no archive"), ("report.exe", b"MZ"), ("report.pdf", b"no pdf"), ("report.txt", b"words")],
)
def test_other_files_are_refused(running: House, name: str, content: bytes) -> None:
    before = running.write(store.latest)
    assert handed_in(running, name, content).status_code == 422
    assert running.post("m-sec", "/sg-report/upload", {"file": "no file"}).status_code == 422
    assert running.write(store.latest) == before


def test_sr4_a_word_file_without_headings_is_kept_as_it_is(running: House) -> None:
    """[SR4]"""
    answer = handed_in(running, "report.docx", word_file("Words without a heading."))
    assert answer.status_code == 303, answer.text
    report = running.write(store.load_report)
    assert report is not None
    assert report.revision.file


def test_sr4_headings_make_sections() -> None:
    """[SR4]"""

    def line(text: str, style: str = "Normal", **fields: Any) -> IncomingParagraph:
        return IncomingParagraph((Stretch(text),), style, **fields)

    paragraphs = (
        line("Report"), line("Introduction", "Heading 1"), line("First."), line("Second.", label="a)"),
        line("Deeper", "heading 5"), line("Third."),
    )  # fmt: skip
    assert sections_of(IncomingDocument(paragraphs)) == (
        ("Opening", 1, "Report"),
        ("Introduction", 1, "First.\n\na) Second."),
        ("Deeper", 3, "Third."),
    )
    assert sections_of(IncomingDocument(paragraphs[:1])) == ()
    assert sections_of(IncomingDocument((*paragraphs, line("x", place="table 1, row 1, cell 1")))) == ()


def test_a_file_read_again_keeps_the_sections_it_had(running: House) -> None:
    parts = [("Kept heading", 1, "A.\n\nB."), ("Another", 2, "C.")]
    running.write(lambda c: store.replace_all(c, parts, "", by(), new_id))
    before = running.write(store.load_report)
    parts = [("Another", 2, "C."), ("Kept heading", 1, "A.\n\nB, new."), ("Third", 1, "")]
    running.write(lambda c: store.replace_all(c, parts, "", by(), new_id))
    after = running.write(store.load_report)
    assert before is not None
    assert after is not None
    ids = {one.heading: one for one in before.sections}
    assert after.sections[0] == ids["Another"]
    assert after.sections[1].id == ids["Kept heading"].id
    assert after.sections[1].paragraphs[0] == ids["Kept heading"].paragraphs[0]


def test_headings_are_numbered_by_their_level() -> None:
    levels = (1, 2, 2, 3, 1, 3, 2)
    sections = [Section(f"s-{n}", "x", level) for n, level in enumerate(levels)]
    assert numbered(sections) == ("1", "1.1", "1.2", "1.2.1", "2", "2.1.1", "2.1")


def test_vo2_the_canonical_text_is_one_spelling() -> None:
    """[VO2]"""
    made = Section("s-1", "Ü “x”", 1, (ReportParagraph("sp-1", "中 words"),))
    assert canonical_report([made]) == (
        '{"format":1,"sections":[{"heading":"Ü “x”","id":"s-1","level":1,'
        '"paragraphs":[{"id":"sp-1","text":"中 words"}]}]}'
    )
    assert canonical_report([], "00ff") == '{"file":"00ff","format":1,"sections":[]}'
