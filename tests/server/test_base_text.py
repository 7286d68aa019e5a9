"""A Word file that becomes the base text of a draft Opinion."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from itertools import count

import pytest

from opinions.model import Kind, MarkKind
from opinions.notation import read
from server.settings import Settings
from server.word_in.base_text import in_italics, source_of
from server.word_in.reader import read_document
from tests.support.visitors import House, house
from tests.word.writing import dele, docx, ins, p, run

NOW = datetime(2026, 1, 21, tzinfo=UTC)
ITALIC = "<w:i/>"
NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
FOOTNOTES = f'<w:footnote w:id="2">{p(run("As adopted in Geneva."))}</w:footnote>'
PARAGRAPHS = (
    p(run("DRAFT OPINION 3: SUPPORTING CAPACITY BUILDING")),
    p(run("The seventh World Telecommunication/ICT Policy Forum"), NOTE, run(" (Geneva, 2026),")),
    p(run("recognizing"), style="Call"),
    p(run("a)\tthat [reliable] networks, as "), run("recognizing", ITALIC), run(" b) says, reach all;")),
    p(run("b)\tthat "), dele("Kenya", run("no ")), ins("Kenya", run("some ")), run("funds exist,")),
    p(run("invites Member States"), style="Call"),
    p(run("1\tto study costs;")),
    p(run("2\tto report to the Council.")),
)
FILE = docx(*PARAGRAPHS, footnotes=FOOTNOTES)


def ids() -> Iterator[str]:
    return (f"p-{number:04}" for number in count(1))


def test_styles_labels_footnotes_and_italics_come_over() -> None:
    minted = ids()
    source = source_of(read_document(FILE), at=NOW, new_id=lambda: next(minted))
    reading = in_italics(read(source.text, at=NOW, new_id=lambda: next(minted)), source.italics)
    paragraphs = reading.document.text.paragraphs
    labels = [reading.document.record.paragraph(one.id).label for one in paragraphs]
    assert [one.kind for one in paragraphs] == [
        Kind.TITLE,
        Kind.CHAPEAU,
        Kind.PREAMBULAR_VERB,
        Kind.PREAMBULAR_ITEM,
        Kind.PREAMBULAR_ITEM,
        Kind.OPERATIVE_VERB,
        Kind.OPERATIVE_ITEM,
        Kind.OPERATIVE_ITEM,
        Kind.FOOTNOTE,
    ]
    assert labels[3:5] == ["a)", "b)"]
    assert labels[6:8] == ["1", "2"]
    assert paragraphs[3].text == "that reliable networks, as recognizing b) says, reach all;"
    emphasised = [run.text for run in paragraphs[3].runs for mark in run.marks if mark.kind is MarkKind.EM]
    assert emphasised == ["recognizing"]
    assert any(mark.kind is MarkKind.NOTEREF for run in paragraphs[1].runs for mark in run.marks)
    assert paragraphs[4].text == "that some funds exist,"
    assert len(reading.document.record.amendments) == 1
    assert any("revision marks" in note for note in source.notes)


@pytest.mark.parametrize("italics", ["", "x", "{}", '[[0,"recognizing",0]]', '[[99,"a",0],[0],["a","b","c"],[1,"",0]]'])
def test_italics_that_do_not_fit_are_passed_over(italics: str) -> None:
    minted = ids()
    reading = read("The Forum,\n", at=NOW, new_id=lambda: next(minted))
    assert in_italics(reading, italics).document == reading.document


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


def test_the_page_takes_a_word_file_and_shows_it_first(running: House) -> None:
    files = {"file": ("draft.docx", FILE, "application/octet-stream")}
    fields = {"title": "Capacity building", "number": "3", "step": "look"}
    look = running.ask("m-sec", "POST", "/opinions/new", data=fields, files=files)
    assert look.status_code == 200
    assert "revision marks" in look.text
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', look.text))
    given["text"] = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", look.text, re.DOTALL)[0]
    found = running.post("m-sec", "/opinions/new", {**{k: unescape(v) for k, v in given.items()}, "step": "found"})
    assert found.status_code == 303
    address = re.findall(r'href="(/opinions/o-[^"/]+)"', running.get("m-sec", "/").text)[0]
    page = running.get("m-sec", f"{address}/views/rolling").text
    assert "<em>recognizing</em> b) says" in page
    wrong = {"file": ("draft.docx", b"no file of Word", "application/octet-stream")}
    assert running.ask("m-sec", "POST", "/opinions/new", data=fields, files=wrong).status_code == 422
