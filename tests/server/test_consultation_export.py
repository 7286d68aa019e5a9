"""Comments as files: nothing that a spreadsheet runs, no address of anybody, every script as it was typed."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from docx import Document as WordDocument
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from server.consultation import made
from server.consultation.sheet import HEADINGS, Line, Part, Sheet, language_tag, runs_right_to_left
from server.consultation.spreadsheets import to_csv, to_xlsx
from server.consultation.word import to_docx
from server.export.csv_table import defused
from server.settings import Settings
from server.tables.identity import audit_events
from tests.support.consulting import confirmed, frozen, put_up, said
from tests.support.stock import OPINION, WORDS
from tests.support.visitors import House, house

ARABIC = "من يدفع ثمن ذلك؟ [الدول]"
FORMULA = '=HYPERLINK("http://evil.example";"click")'
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212", "|", "%")
cells = st.text(
    alphabet=st.one_of(
        st.sampled_from("=+-@\t\r\n ;,|%\"'\u00a0\u200b\ufeff\u202e\uff1d\uff0bA1)(!"),
        st.characters(exclude_categories=("Cs", "Cc")),
    ),
    max_size=30,
)
SHOWN_AT = datetime(2025, 6, 16, 16, tzinfo=UTC)


def sheet(*values: str) -> Sheet:
    """A sheet of one comment in whose cells these stand, over and over."""
    filled = tuple(values[place % len(values)] for place in range(len(HEADINGS)))
    part = Part("recognizing a)", WORDS, (Line(OPINION, "p-1", filled),))
    return Sheet("Process", "Round", "From March to June", SHOWN_AT, (("Draft Opinion 1", (part,)),))


def starts(text: str) -> str:
    """What a spreadsheet sees first of a cell: blanks, marks of direction and quotes skipped."""
    for character in text:
        if character in "\t\r":
            return character
        if not (character.isspace() or character in '"' or unicodedata.category(character) == "Cf"):
            return character
    return ""


@given(cells)
def test_cn8_no_cell_of_csv_begins_as_a_formula_on_any_of_its_lines(cell: str) -> None:
    """[CN8]"""
    for line in re.split(r"[\r\n]", defused(cell)):
        assert starts(line) not in DANGEROUS


@given(cells)
def test_cn8_nor_where_another_program_takes_a_cell_to_end(cell: str) -> None:
    """[CN8] A comma, semicolon or tab inside a cell is the end of one to a program that reads it otherwise."""
    for part in re.split(r"[;,\t\r\n|]", defused(cell))[1:]:
        assert starts(part) not in ("=", "+", "-", "@")


@given(st.lists(cells, min_size=1, max_size=4))
def test_cn8_a_csv_file_reads_back_with_every_cell_defused(values: list[str]) -> None:
    """[CN8]"""
    rows = list(csv.reader(io.StringIO(to_csv(sheet(*values)).decode("utf-8-sig"), newline="")))
    assert rows[0] == list(HEADINGS)
    assert len(rows) == 2
    assert all(starts(cell) not in DANGEROUS for cell in rows[1])


@pytest.mark.parametrize("harmless", ["Say who pays.", ARABIC, "各成员国", "1 = one", "a - b", "", "(+1)"])
def test_cn8_what_is_no_formula_stays_as_it_is(harmless: str) -> None:
    """[CN8]"""
    assert defused(harmless) == harmless


@pytest.mark.parametrize(
    "evil",
    [
        FORMULA,
        "@SUM(1)",
        "+1",
        "-1",
        "\t=1",
        "\r=1",
        " =1",
        "\u00a0=1",
        "\ufeff=1",
        "\uff1d1",
        "a\n=1",
        'x";=1',
        "a;=1",
    ],
)
def test_cn8_known_ways_around_are_closed(evil: str) -> None:
    """[CN8]"""
    told = defused(evil)
    assert "'" in told
    assert told.replace("'", "").replace("\n", "") == evil.replace("\r", "").replace("\n", "")


def test_cn8_xlsx_holds_strings_as_strings() -> None:
    """[CN8] Read back as typed, none of them a formula, those from the right set from the right."""
    values = (FORMULA, "+1", "@x", "-1", ARABIC, "plain")
    written_file = to_xlsx(sheet(*values))
    page = load_workbook(io.BytesIO(written_file)).active
    assert page is not None
    for cell, value in zip(page[2], values, strict=False):
        assert cell.value == value
        assert cell.data_type == "s"
        assert cell.alignment.readingOrder == (2 if value == ARABIC else 0)
    with zipfile.ZipFile(io.BytesIO(written_file)) as parts:
        written = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in written
    assert "<f " not in written


def test_cn8_word_says_each_comment_at_its_paragraph_and_keeps_directions() -> None:
    """[CN8]"""
    word_file = to_docx(sheet("C-1", ARABIC))
    file = WordDocument(io.BytesIO(word_file))
    assert [one.text for one in file.paragraphs if one.style is not None and one.style.name == "Heading 2"] == [
        "recognizing a)"
    ]
    assert any(one.text == WORDS for one in file.paragraphs)
    row = file.tables[0].rows[1]
    assert ARABIC in row.cells[2].text or ARABIC in row.cells[1].text
    with zipfile.ZipFile(io.BytesIO(word_file)) as parts:
        written = parts.read("word/document.xml").decode()
    assert "<w:bidi/>" in written
    assert "<w:rtl/>" in written


def test_direction_is_that_of_the_first_letter() -> None:
    assert runs_right_to_left(ARABIC)
    assert runs_right_to_left("1) עברית and English")
    assert not runs_right_to_left("English و")
    assert not runs_right_to_left("12 3")


def test_a_screen_reader_is_told_the_language_that_the_author_named() -> None:
    named = ("Arabic", "العربية", "English (UK)", "Français", "中文", "español", "Klingon", "")
    assert [language_tag(one) for one in named] == ["ar", "ar", "en", "fr", "zh", "es", "und", "und"]


# --- what each reader is given


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        frozen(started)
        yield started


def read(running: House, who: str | None, path: str) -> list[dict[str, str]]:
    answer = running.get(who, f"{path}/export?format=csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_cn7_no_file_holds_an_address_and_each_reader_gets_what_the_pages_show(running: House) -> None:
    """[CN7]"""
    round_id = put_up(running)
    inside, outside = f"/consultation/{round_id}", f"/consultations/{round_id}"
    shown = confirmed(running, round_id, body=FORMULA, name_published="")
    confirmed(running, round_id, email="second@example.org", body="Waits still")
    said(running, "m-views", round_id, ARABIC)
    running.post("m-sec", f"{inside}/moderation", {"comment": [shown], "act": "show"})
    assert [one["Number"] for one in read(running, "m-sec", inside)] == ["C-1", "C-2", "C-3"]
    group = read(running, "m-xaa-1", inside)
    assert [one["From"] for one in group] == ["Name withheld", "Vera Views, University of Umbra"]
    assert group[0]["Comment"].startswith("'=HYPERLINK")
    assert group[1]["Comment"] == ARABIC
    assert running.get(None, f"{outside}/export?format=csv").status_code == 404, "not published"
    running.post("m-sec", f"{inside}/publication", {"publish": "yes"})
    everybody = read(running, None, outside)
    assert [one["From"] for one in everybody] == ["Name withheld", "University of Umbra"]
    assert everybody[0]["Paragraph"]
    for who, path in (("m-sec", inside), (None, outside)):
        for form in ("docx", "xlsx", "csv"):
            content = running.get(who, f"{path}/export?format={form}").content
            parts = [content] if form == "csv" else list(unpacked(content))
            assert not any(b"@example.org" in part for part in parts), (who, form)
    assert running.get("m-sec", f"{inside}/export?format=exe").status_code == 404
    noted = running.write(
        lambda c: list(c.scalars(select(audit_events.c.detail).where(audit_events.c.kind == "export")))
    )
    assert "3 comments of round 1 as csv" in noted


async def test_a_file_is_made_once_for_all_who_ask_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "FILES_KEPT", 2)
    files = made.MadeFiles()
    first = await files.made(sheet("C-1"), "csv")
    assert await files.made(sheet("C-1"), "csv") is first
    assert await files.made(sheet("C-2"), "csv") != first
    await files.made(sheet("C-3"), "csv")
    assert await files.made(sheet("C-1"), "csv") is not first, "the longest unasked one went"


def unpacked(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            yield parts.read(name)
