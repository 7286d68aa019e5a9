# ruff: noqa: RUF001
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


def test_arabic_and_chinese_texts_keep_words_and_brackets_and_what_is_not_recognised_is_said() -> None:
    """Right to left, full-width brackets; what the notation has no words for comes as plain paragraphs, and is told."""
    minted = ids()
    right = "<w:bidi/>"
    arabic = docx(
        p(run("إن المنتدى العالمي السابع (جنيف، 2026)،", "<w:rtl/>"), properties=right),
        p(run("1\tإلى دراسة [التكاليف [ITU]]؛", "<w:rtl/>"), properties=right),
    )
    source = source_of(read_document(arabic), at=NOW, new_id=lambda: next(minted))
    reading = read(source.text, at=NOW, new_id=lambda: next(minted))
    assert [one.text for one in reading.document.text] == [
        "إن المنتدى العالمي السابع (جنيف، 2026)،",
        "إلى دراسة التكاليف ITU؛",
    ]
    assert reading.counts.pairs == 2
    assert not reading.problems
    (told,) = source.notes
    assert told.startswith("Not recognised in the text: title, chapeau")
    chinese = docx(
        p(run("意见草案3：支持能力建设")),
        p(run("第七届世界电信/信息通信技术政策论坛（2026年，日内瓦），")),
        p(run("认识到", ITALIC)),
        p(run("a)\t【可靠的】网络［和］覆盖（所有人）；")),
        p(run("请各成员国", ITALIC)),
        p(run("1\t研究成本；")),
    )
    source = source_of(read_document(chinese), at=NOW, new_id=lambda: next(minted))
    reading = read(source.text, at=NOW, new_id=lambda: next(minted))
    paragraphs = reading.document.text.paragraphs
    assert paragraphs[3].text == "可靠的网络和覆盖（所有人）；"
    assert (reading.counts.pairs, source.notes) == (2, ())
    assert [one.kind for one in paragraphs[2:5]] == [Kind.PREAMBULAR_VERB, Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_VERB]


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
