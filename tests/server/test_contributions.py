"""Contributions: the register with its numbers, files and remarks, and proposals in them that become amendments."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, select

from opinions import commands
from opinions.model import Kind, ParagraphId
from opinions.process_rules import ProcessRules
from opinions.record import Document, Ruling, Status
from opinions.roles import Actor, Role
from opinions.visibility import Attribution
from server.contributions import items, store
from server.contributions.attachments import MAX_FILE, judged
from server.contributions.values import Contribution, ContributionRefused, Item, ItemStatus
from server.ids import new_id
from server.process_store import Process, found_opinion, load_process, save_process
from server.settings import Settings
from server.tables.identity import audit_events
from tests.support.builders import document, paragraph
from tests.support.stock import ITEM, OPINION, TITLE
from tests.support.visitors import House, house
from tests.support.word_files import word_file

SECRETARY = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
_numbers = count(100)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("contributions") / "data")) as started:
        yield started


@pytest.fixture
def text(running: House) -> str:
    """A draft Opinion of the test's own, with four paragraphs."""
    opinion = new_id("o")
    words = ("that broadband reaches some of those who need it,", "that towers are built, and cables are laid,")
    made = document(
        paragraph("p-own-title", "Reach", kind=Kind.TITLE),
        paragraph("p-own-one", words[0], kind=Kind.PREAMBULAR_ITEM),
        paragraph("p-own-two", words[1], kind=Kind.PREAMBULAR_ITEM),
        paragraph("p-own-three", "that the last item stands alone here,", kind=Kind.PREAMBULAR_ITEM),
    )
    at = datetime.now(UTC)
    running.write(
        lambda c: found_opinion(c, made, title="Reach", member="m-sec", name="Sam Clerk", at=at, opinion_id=opinion)
    )
    return opinion


def handed_in(running: House, who: str = "m-xaa-1", **fields: Any) -> str:
    """The id of a contribution that somebody hands in."""
    file = fields.pop("file", ("paper.txt", b"Our proposals.", "text/plain"))
    answer = running.post(who, "/contributions/new", {"title": "Proposals", **fields}, files={"file": file})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0].rsplit("/", 1)[1]


def registered(running: House, number: str = "", **fields: Any) -> str:
    """The id of one with its number."""
    key = handed_in(running, **fields)
    number = number or f"IEG-WTPF-26-4/{next(_numbers)}"
    assert running.post("m-sec", f"/contributions/{key}/number", {"number": number}).status_code == 303
    return key


def loaded(running: House, key: str) -> Contribution:
    return running.write(lambda connection: store.load(connection, key))


def noted(running: House, key: str, opinion: str, who: str = "m-sec", **fields: str) -> Item:
    """The item that a form notes."""
    answer = running.post(who, f"/contributions/{key}/proposals", {"opinion": opinion, **fields})
    assert answer.status_code == 303, answer.text
    return running.write(lambda connection: items.items_of(connection, key))[-1]


def entered(running: House, key: str, *chosen: Item, who: str = "m-sec") -> Any:
    form = {"item": [one.id for one in chosen], "step": "enter"}
    return running.post(who, f"/contributions/{key}/entering", form)


def living(running: House, opinion: str) -> Document:
    assert running.client.portal is not None
    return running.client.portal.call(running.services.hub.document, opinion)


def commanded(running: House, opinion: str, command: commands.Command) -> None:
    assert running.client.portal is not None
    answer = running.client.portal.call(
        running.services.hub.command, opinion, SECRETARY, 1, "", new_id("k"), commands.to_json(command)
    )
    assert not answer.code, answer.message


def with_rules(running: House, **rules: Any) -> None:
    running.write(lambda c: save_process(c, replace(load_process(c), rules=ProcessRules(**rules))))


# --- the register


def test_a_contribution_waits_for_its_number_and_gets_it_once(running: House) -> None:
    key = handed_in(running, title="  Broadband  for all ", opinions=OPINION, language="English", summary="Short.")
    waiting = loaded(running, key)
    assert (waiting.status, waiting.about.title, waiting.about.sources) == ("waiting", "Broadband for all", ("XAA",))
    assert "Waits for its number" in running.get("m-xaa-2", f"/contributions/{key}").text
    for other in ("m-xbb-1", "m-obs", "m-views", "m-admin"):
        assert running.get(other, f"/contributions/{key}").status_code == 404
        assert "Broadband for all" not in running.get(other, "/contributions").text.split("Compilations")[0]
    page = f"/contributions/{key}/number"
    assert running.post("m-sec", page, {"number": ""}).status_code == 422
    assert running.post("m-sec", page, {"number": "IEG-WTPF-26-4/1"}).status_code == 303
    assert running.post("m-sec", page, {"number": "IEG-WTPF-26-4/2"}).status_code == 422
    assert loaded(running, key).spelling == "IEG-WTPF-26-4/1"
    assert "IEG-WTPF-26-4/1" in running.get("m-obs", "/contributions").text
    noted_in_audit = select(func.count()).where(audit_events.c.kind == "contribution", audit_events.c.subject == key)
    assert running.write(lambda connection: connection.scalar(noted_in_audit)) == 2


def test_a_number_is_not_given_twice_however_it_is_spelt(running: House) -> None:
    registered(running, "C13/64(Rev.1)")
    other = handed_in(running)
    answer = running.post("m-sec", f"/contributions/{other}/number", {"number": "c13/064 rev1-E"})
    assert answer.status_code == 422
    assert "A number is not given twice" in answer.text
    assert loaded(running, other).number is None


def test_the_next_number_of_the_row_is_proposed(running: House) -> None:
    registered(running, "TDAG-21/2/13")
    assert 'value="TDAG-21/2/14"' in running.get("m-sec", "/contributions/new").text
    waiting = handed_in(running)
    assert 'value="TDAG-21/2/14"' in running.get("m-sec", f"/contributions/{waiting}").text


def test_one_that_is_returned_never_had_a_number_and_says_why(running: House) -> None:
    key = handed_in(running, title="Wrong meeting")
    assert running.post("m-sec", f"/contributions/{key}/return", {"reason": " "}).status_code == 422
    assert running.post("m-sec", f"/contributions/{key}/return", {"reason": "For another group."}).status_code == 303
    assert "For another group." in running.get("m-xaa-1", f"/contributions/{key}").text
    assert running.post("m-sec", f"/contributions/{key}/return", {"reason": "Twice."}).status_code == 422
    assert running.get("m-obs", f"/contributions/{key}").status_code == 404


def test_a_revision_supersedes_and_the_first_stays_readable(running: House) -> None:
    first = registered(running, "WTPF-IEG/2/5", title="First words")
    second = registered(running, "WTPF-IEG/2/5rev1", title="Second words")
    third = registered(running, "WTPF-IEG/2/5(Rev.2)-E", title="Third words")
    chain = [loaded(running, key) for key in (first, second, third)]
    assert [one.superseded_by for one in chain] == [second, third, ""]
    assert [one.supersedes for one in chain] == ["", first, second]
    page = running.get("m-obs", f"/contributions/{first}")
    assert "Superseded by" in page.text
    assert "First words" in page.text
    listed = running.get("m-obs", "/contributions?q=words").text
    assert "2 earlier versions" in listed
    assert re.search(r"<details>.*Second words.*First words.*</details>", listed, re.DOTALL)


def test_late_and_long_are_remarks_and_no_refusals(running: House) -> None:
    due = datetime.now(UTC) - timedelta(hours=1)
    with_rules(running, contributions_due=due, contribution_pages=3)
    long = ("paper.docx", word_file("One.", pages=7), "application/octet-stream")
    late = registered(running, file=long)
    with_rules(running)
    early = registered(running, pages="2")
    shown = loaded(running, late)
    assert (shown.about.pages, shown.pages_counted, shown.late) == (7, True, True)
    assert shown.remarks(3) == ("Late", "7 pages: more than the 3 recommended")
    assert loaded(running, early).remarks(3) == ()
    # A deadline that is set later makes nothing late that came before.
    with_rules(running, contributions_due=due)
    assert not loaded(running, early).late
    assert "Late" in running.get("m-obs", "/contributions?show=late").text
    with_rules(running)


def test_at_the_instant_of_the_deadline_it_is_over(running: House) -> None:
    """As everywhere: up to it, and not including it."""
    made = loaded(running, handed_in(running, title="On the stroke"))
    due = made.received_at + timedelta(hours=1)
    told = [
        replace(made, received_at=due + beside, due_at=due)
        for beside in (timedelta(microseconds=-1), timedelta(), timedelta(microseconds=1))
    ]
    assert [one.late for one in told] == [False, True, True]
    assert ["Late" in one.remarks(3) for one in told] == [False, True, True]


def test_the_secretariat_enters_what_came_by_mail(running: House) -> None:
    number = f"IEG-WTPF-26-4/{next(_numbers)}"
    form = {
        "title": "By mail",
        "number": number,
        "sources": ["XBB", "XCC"],
        "received": "2026-05-18T09:30",
        "pages": "3",
    }
    answer = running.post("m-sec", "/contributions/new", form)
    assert answer.status_code == 303, answer.text
    one = loaded(running, answer.headers["location"].split("?")[0].rsplit("/", 1)[1])
    assert (one.spelling, one.about.sources, one.status) == (number, ("XBB", "XCC"), "registered")
    assert one.received_at == datetime(2026, 5, 18, 7, 30, tzinfo=UTC)
    wrongs: list[dict[str, Any]] = [
        {"received": "2999-01-01T00:00"},
        {"sources": []},
        {"sources": ["XZZ"]},
        {"pages": "many"},
    ]
    for wrong in wrongs:
        assert running.post("m-sec", "/contributions/new", {**form, "number": "X-26/1", **wrong}).status_code == 422
    cover = f"/contributions/{one.id}/cover"
    assert "By mail" in running.get("m-sec", cover).text
    changed = {"title": "By mail, corrected", "sources": ["XBB"], "number": "X-26/9"}
    assert running.post("m-sec", cover, changed).status_code == 303
    after = loaded(running, one.id)
    assert (after.about.title, after.about.sources, after.spelling) == ("By mail, corrected", ("XBB",), number)


def test_nobody_hands_in_for_another_delegation_or_without_a_document(running: House) -> None:
    key = handed_in(running, "m-views", sources="XAA", number="IEG-WTPF-26-4/66")
    mine = loaded(running, key)
    assert (mine.about.sources, mine.number) == (("XUU",), None)
    assert running.post("m-xaa-1", "/contributions/new", {"title": "No file"}).status_code == 422
    assert running.post("m-obs", "/contributions/new", {"title": "Observer"}).status_code == 403


def test_a_person_s_waiting_contributions_are_bounded(running: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_WAITING", 1)
    handed_in(running, "m-xdd-1")
    file = {"file": ("paper.txt", b"More.", "text/plain")}
    answer = running.post("m-xdd-1", "/contributions/new", {"title": "Second"}, files=file)
    assert answer.status_code == 422
    assert "waiting for their numbers" in answer.text


def test_the_csv_of_the_register_is_no_formula(running: House) -> None:
    registered(running, title='=HYPERLINK("http://evil.example")')
    told = running.get("m-sec", "/contributions.csv")
    assert told.headers["content-type"].startswith("text/csv")
    assert "'=HYPERLINK" in told.text
    assert '"=HYPERLINK' not in told.text


# --- files


def test_a_file_is_given_out_to_keep_and_not_to_show(running: House) -> None:
    page = b"<html><script>alert(1)</script></html>"
    key = registered(running, file=("../Beitr\u00e4ge.html", page, "text/html"))
    (file,) = loaded(running, key).files
    answer = running.get("m-obs", f"/contributions/{key}/files/{file.id}")
    assert answer.content == page
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "Beitr%C3%A4ge.html" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    other = registered(running)
    assert running.get("m-sec", f"/contributions/{other}/files/{file.id}").status_code == 404
    assert running.get(None, f"/contributions/{key}/files/{file.id}").status_code == 303
    added = {"file": ("paper.pdf", b"%PDF-1.7 ...", "application/pdf")}
    assert running.post("m-xbb-1", f"/contributions/{key}/files", files=added).status_code == 403
    assert running.post("m-xaa-2", f"/contributions/{key}/files", files=added).status_code == 303
    assert [one.media_type for one in loaded(running, key).files] == ["text/html", "application/pdf"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("paper.exe", b"MZ"),
        ("paper.pdf", b"<html>"),
        ("paper.docx", b"PK no archive"),
        ("paper.docx", word_file("x", extra={"word/vbaProject.bin": b"macro"})),
        ("paper.docx", word_file("x")[:400]),
        ("paper.txt", b"\xff\xfe\x00b"),
        ("paper.txt", b"a\0b"),
        ("paper.txt", b"a" * (MAX_FILE + 1)),
    ],
)
def test_files_of_other_kinds_are_refused_by_their_content(name: str, content: bytes) -> None:
    with pytest.raises(ContributionRefused):
        judged(name, content)


def test_pages_are_those_that_the_word_file_says() -> None:
    assert judged("p.docx", word_file("x", pages=4)).pages == 4
    assert judged("p.docx", word_file("x")).pages is None
    assert judged("p.PDF", b"%PDF-1.4").pages is None


# --- what is proposed


def test_proposals_become_amendments_with_the_number_as_their_source(running: House, text: str) -> None:
    key = registered(running)
    number = loaded(running, key).spelling
    forms: list[dict[str, str]] = [
        {
            "paragraph": "p-own-one",
            "kind": "replace",
            "was": "some of those",
            "words": "all",
            "reason": "Nobody is left.",
        },
        {"paragraph": "p-own-one", "kind": "add", "words": "that prices fall,"},
        {"paragraph": "p-own-two", "kind": "bracket", "was": "and cables are laid"},
        {"paragraph": "p-own-two", "kind": "delete", "was": "that "},
        {"paragraph": "p-own-three", "kind": "remove"},
    ]
    made = [noted(running, key, text, "m-xaa-1" if place % 2 else "m-sec", **form) for place, form in enumerate(forms)]
    look = running.post("m-sec", f"/contributions/{key}/entering", {"item": [one.id for one in made]})
    assert "Nothing was entered yet" in look.text
    assert not living(running, text).record.amendments
    answer = entered(running, key, *made)
    assert answer.status_code == 303, answer.text
    record = living(running, text).record
    found = [
        record.amendments[one.amendment] for one in running.write(lambda c: items.items_of(c, key)) if one.amendment
    ]
    assert [str(one.kind) for one in found] == ["MOD", "ADD", "bracket", "MOD", "SUP"]
    assert {(one.delegation, one.source, one.status) for one in found} == {("XAA", number, Status.SUBMITTED)}
    assert found[0].reason == "Nobody is left."
    shown = running.get("m-xbb-1", f"/contributions/{key}").text
    assert "#1: Submitted" in shown
    # Entered once and for all: there is nothing left to choose, and the same again changes nothing.
    assert entered(running, key, *made).status_code == 422
    assert len(living(running, text).record.amendments) == 5


def test_all_of_an_opinion_s_are_entered_or_none(running: House, text: str) -> None:
    key = registered(running)
    good = noted(running, key, text, paragraph="p-own-one", kind="replace", was="broadband", words="fibre")
    bad = noted(running, key, text, paragraph="p-own-two", kind="replace", was="towers", words="masts")
    commanded(running, text, commands.CorrectText(ParagraphId("p-own-two"), 5, 11, "towers", "pylons"))
    answer = entered(running, key, good, bad)
    assert answer.status_code == 422
    assert "stand there no longer" in answer.text
    assert not [one for one in living(running, text).record.amendments.values() if one.open]
    assert entered(running, key, good).status_code == 303
    assert "Noted" in running.get("m-sec", f"/contributions/{key}").text


def test_what_is_out_of_scope_stays_on_the_register(running: House, text: str) -> None:
    key = registered(running)
    one = noted(running, key, text, paragraph="p-own-one", kind="replace", was="broadband", words="fibre")
    page = f"/contributions/{key}/proposals/{one.id}"
    assert running.post("m-sec", page, {"status": "out_of_scope"}).status_code == 303
    assert "Out of scope" in running.get("m-obs", f"/contributions/{key}").text
    assert running.post("m-sec", page, {"status": "entered"}).status_code == 422
    assert running.post("m-sec", f"/contributions/c-none/proposals/{one.id}", {"status": "noted"}).status_code == 404
    assert running.post("m-sec", page, {"status": "noted"}).status_code == 303
    assert running.write(lambda c: items.load_item(c, one.id)).status is ItemStatus.NOTED


def test_a_form_that_does_not_fit_says_which_field(running: House, text: str) -> None:
    key = registered(running)
    for form, field in (
        ({"kind": "replace", "was": "no such words", "words": "x", "paragraph": "p-own-one"}, "was"),
        ({"kind": "replace", "was": "a", "words": "x", "paragraph": "p-own-one"}, "was"),
        ({"kind": "replace", "was": "", "words": "x", "paragraph": "p-own-one"}, "was"),
        ({"kind": "replace", "was": "broadband", "words": "broadband", "paragraph": "p-own-one"}, "words"),
        ({"kind": "replace", "was": "broadband", "words": "\x07", "paragraph": "p-own-one"}, "words"),
        ({"kind": "remove", "paragraph": "p-none"}, "paragraph"),
        ({"kind": "shout", "paragraph": "p-own-one"}, "kind"),
        ({"kind": "view", "words": " "}, "words"),
        ({"kind": "view", "words": "x", "delegation": "XBB"}, "delegation"),
    ):
        answer = running.post("m-sec", f"/contributions/{key}/proposals", {"opinion": text, **form})
        assert answer.status_code == 422, form
        assert f'href="#field-{field}"' in answer.text, form
    assert (
        running.post("m-sec", f"/contributions/{key}/proposals", {"opinion": "o-none", "kind": "view"}).status_code
        == 422
    )


def test_a_giver_of_views_gets_no_word_into_the_text(running: House, text: str) -> None:
    """By no form of the register, and the command itself refuses it."""
    key = registered(running, who="m-views")
    number = loaded(running, key).spelling
    page = f"/contributions/{key}/proposals"
    form = {"opinion": text, "paragraph": "p-own-one", "kind": "replace", "was": "broadband", "words": "fibre"}
    for who in ("m-views", "m-sec"):
        answer = running.post(who, page, form)
        assert answer.status_code == 422
        assert "gives views" in answer.text
    view = noted(running, key, text, "m-views", paragraph="p-own-one", kind="view", words="Rural areas first.\nReally.")
    assert entered(running, key, view, who="m-views").status_code == 403
    assert entered(running, key, view).status_code == 422
    forced = {
        "act": "enter_proposals",
        "source": number,
        "proposals": [
            {
                "amendment": "a-forced-0001",
                "delegation": "XUU",
                "kind": "SUP",
                "paragraph": "p-own-one",
            }
        ],
        "key": new_id("k"),
    }
    for who in ("m-sec", "m-views"):
        answer = running.ask(who, "POST", f"/api/opinions/{text}/commands", json=forced)
        assert answer.status_code in {403, 409}, answer.text
    assert not living(running, text).record.amendments
    assert "Rural areas first." in running.get("m-xaa-1", f"/contributions/{key}").text


def test_an_expert_enters_for_the_own_delegation_alone(running: House, text: str) -> None:
    key = registered(running)
    one = noted(running, key, text, "m-xaa-1", paragraph="p-own-one", kind="replace", was="broadband", words="fibre")
    assert running.post("m-xbb-1", f"/contributions/{key}/proposals", {"opinion": text}).status_code == 403
    assert entered(running, key, one, who="m-xbb-1").status_code == 403
    assert entered(running, key, one, who="m-xaa-2").status_code == 303
    (found,) = living(running, text).record.amendments.values()
    assert found.delegation == "XAA"


def test_a_waiting_contribution_is_no_source(running: House, text: str) -> None:
    key = handed_in(running)
    one = noted(running, key, text, paragraph="p-own-one", kind="replace", was="broadband", words="fibre")
    assert entered(running, key, one).status_code == 422
    assert not living(running, text).record.amendments


# --- anchors


def test_what_was_said_is_found_again_whatever_becomes_of_the_text(running: House, text: str) -> None:
    key = registered(running)
    first = noted(running, key, text, paragraph="p-own-two", kind="view", words="On the whole item.")
    behind = noted(
        running, key, text, paragraph="p-own-two", kind="replace", was="cables are laid", words="fibre is laid"
    )
    last = noted(running, key, text, paragraph="p-own-three", kind="replace", was="stands alone", words="stands")
    whole = noted(running, key, text, kind="view", words="On the whole text.")
    cut = len("that towers are built, ")
    commanded(running, text, commands.SplitParagraph(ParagraphId("p-own-two"), cut, ParagraphId("p-own-four")))
    commanded(running, text, commands.JoinParagraph(ParagraphId("p-own-four")))
    commanded(running, text, commands.MoveParagraph(ParagraphId("p-own-four"), ParagraphId("p-own-title")))
    page = f"/contributions/{key}"
    assert "no longer in the text" not in running.get("m-sec", page).text
    assert entered(running, key, behind, last).status_code == 303
    found = living(running, text)
    now = {one.id: found.record.amendments[one.amendment] for one in stored(running, key) if one.amendment}
    assert now[behind.id].paragraph == "p-own-four"
    assert now[last.id].paragraph == "p-own-four"
    shown = running.get("m-sec", page).text
    assert "On the whole item." in shown
    assert "On the whole text." in shown
    assert {first.id, whole.id} <= set(re.findall(r'id="item-([^"]+)"', shown))


def stored(running: House, key: str) -> tuple[Item, ...]:
    return running.write(lambda connection: items.items_of(connection, key))


def test_what_was_said_of_a_paragraph_that_is_gone_is_listed_as_such(running: House, text: str) -> None:
    key = registered(running)
    one = noted(running, key, text, paragraph="p-own-three", kind="replace", was="last item", words="item")
    view = noted(running, key, text, paragraph="p-own-three", kind="view", words="Keep it.")
    goes = noted(running, registered(running), text, paragraph="p-own-three", kind="remove")
    assert entered(running, goes.contribution, goes).status_code == 303
    (removal,) = living(running, text).record.amendments.values()
    commanded(
        running,
        text,
        commands.RecordOutcome(removal.id, 1, Ruling.AGREED, ruled_by="Rosa Chair"),
    )
    assert living(running, text).text.find("p-own-three") is None
    page = running.get("m-obs", f"/contributions/{key}").text
    assert page.count("no longer in the text") == 2
    assert "Keep it." in page
    assert entered(running, key, one).status_code == 422
    compiled = running.get("m-obs", f"/opinions/{text}/compilation").text
    assert "Not at a paragraph of this text" in compiled
    assert f'id="said-{view.id}"' in compiled.split("Not at a paragraph", 1)[1]


# --- who sees what


def test_observers_see_what_the_process_shows_them(running: House, text: str) -> None:
    key = registered(running, summary="Arcadia wants more.")
    noted(running, key, text, paragraph="p-own-one", kind="replace", was="broadband", words="fibre")
    (file,) = loaded(running, key).files
    page, paper = f"/contributions/{key}", f"/contributions/{key}/files/{file.id}"

    def seen(who: str) -> tuple[bool, bool, bool]:
        shown = running.get(who, page).text
        return "fibre" in shown, ">XAA<" in shown, running.get(who, paper).status_code == 200

    before = running.write(load_process)
    assert seen("m-obs") == (True, True, True)
    show(running, before, names=False)
    assert seen("m-obs") == (True, False, False)
    assert seen("m-views") == (True, False, False)
    assert seen("m-xbb-1") == (True, True, True)
    assert "Arcadia wants more." not in running.get("m-obs", "/contributions.csv").text
    assert "XAA" not in running.get("m-obs", f"/opinions/{text}/compilation").text
    assert key not in running.get("m-obs", "/contributions?source=XAA").text
    show(running, before, submitted=False)
    assert seen("m-obs") == (False, True, False)
    assert "fibre" not in running.get("m-obs", f"/opinions/{text}/compilation").text
    running.write(lambda connection: save_process(connection, before))
    assert running.post("m-sec", f"/opinions/{text}/observers", {"admit": "no"}).status_code == 303
    assert seen("m-obs") == (False, True, True)
    assert running.get("m-obs", f"/opinions/{text}/compilation").status_code == 403


def show(running: House, before: Process, *, names: bool = True, submitted: bool = True) -> None:
    setting = Attribution.ALL if names else Attribution.DELEGATIONS
    changed = replace(before, attribution=setting, observers_see_submitted=submitted)
    running.write(lambda connection: save_process(connection, changed))


def test_the_stocked_opinion_can_be_spoken_of_too(running: House) -> None:
    """Ids that several texts share do not mix them up: an anchor names its Opinion."""
    key = registered(running)
    noted(running, key, OPINION, paragraph=ITEM, kind="view", words="Yes.")
    noted(running, key, "op-space", paragraph=TITLE, kind="view", words="No.")
    assert [one.anchor.opinion for one in stored(running, key)] == [OPINION, "op-space"]
