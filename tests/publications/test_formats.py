"""Formats: all say the same words, PDF files are tagged, Akoma Ntoso is valid (server/SPEC.md, PB1, PB3, PB4)."""

import io
import json
import re
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree

from opinions.model import DelegationCode
from opinions.record import Document
from opinions.views import SegmentKind, View
from server.export.files import written
from server.export.paper import paper_of
from server.export.pdf_data import LEGEND, data_of
from server.export.sheet import NOT_AGREED, Format, Sheet, make_sheet
from server.export.typefaces import FAMILIES, printable
from tests.publications import reading
from tests.publications.texts import ORIGIN, PARTIES, everything
from tests.support.builders import amendment, bracket, bracketed, document, ins, item, struck
from tests.support.strategies import documents

FEW = settings(
    max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)


def sheet(one: Document, view: View) -> Sheet:
    return make_sheet(ORIGIN, one, view, PARTIES, mark_not_agreed=True)


def expected(made: Sheet) -> str:
    """The words of a sheet's rows with their labels."""
    told = []
    for row in made.paragraphs:
        told.append(row.label)
        told += [segment.text for segment in row.segments]
    return reading.squeezed("".join(told))


def pdf_expected(made: Sheet) -> str:
    """The same with the codes at the marks, each with its sign, and with what no face shows told by numbers."""

    def row(one: dict[str, Any]) -> str:
        words = "".join(each["text"] for each in one["segments"])
        return str(one["label"]) + words + "".join(row(each) for each in one.get("items", []))

    (part,) = data_of(paper_of(made))["parts"]
    told = [row(each) for block in part["blocks"] for each in block.get("items", [block])]
    return reading.squeezed("".join(told))


@FEW
@given(documents(brackets=True))
def test_pb3_any_document_is_valid_akoma_ntoso_with_the_words_of_the_view(one: Document) -> None:
    """[PB3] Against the schema of OASIS."""
    for view in View:
        made = sheet(one, view)
        content = written(made, Format.AKN)
        root = etree.fromstring(content)
        assert reading.akn_schema().validate(root), reading.akn_schema().error_log
        known = [each.get("eId") for each in root.iter() if each.get("eId")]
        assert len(known) == len(set(known))
        assert reading.akn_words(content) == expected(made)


def test_pb1_the_json_of_a_sheet_says_who_adds_and_who_removes() -> None:
    """[PB1] What no word shows: a paragraph that is added, one that is to go, and the amendments themselves."""
    told = json.loads(written(sheet(everything(), View.MARKED), Format.JSON))
    rows = {row["id"]: row for row in told["paragraphs"]}
    assert (rows["par-p"]["added"], rows["par-p"]["removal"]) == ("am-03", [])
    assert (rows["par-q"]["added"], rows["par-q"]["removal"]) == (None, ["am-04"])
    assert {row["id"] for row in told["paragraphs"] if row["added"] or row["removal"]} == {"par-p", "par-q"}
    of = {one["id"]: one["delegation"] for one in told["amendments"]}
    assert (of["am-01"], of["am-03"], of["am-05"]) == ("XAA", "XAB", "XAB")


@pytest.mark.parametrize("view", View)
def test_pb1_every_format_says_the_words_of_the_view(view: View) -> None:
    """[PB1] Read by pdfium, pandoc and lxml; in six languages, with every kind of paragraph and of mark."""
    made = sheet(everything(), view)
    words = expected(made)
    told = json.loads(written(made, Format.JSON))["paragraphs"]
    assert reading.squeezed("".join(row["label"] + row["text"] for row in told)) == words
    assert reading.html_words(written(made, Format.HTML)) == words
    assert reading.akn_words(written(made, Format.AKN)) == words
    assert reading.holds(reading.pdf_words(written(made, Format.PDF)), pdf_expected(made))
    docx = written(made, Format.DOCX)
    if view is View.MARKED:
        # What a tracked change says of itself stands in its attributes, not among the words.
        quiet = (SegmentKind.ATTRIBUTION, SegmentKind.NOTE)
        assert reading.docx_all(docx) == reading.squeezed(
            "".join(
                row.label + "".join(one.text for one in row.segments if one.kind not in quiet)
                for row in made.paragraphs
            )
        )
    else:
        assert "".join(reading.docx_lines(docx)) == words
        text = written(made, Format.TXT).decode().split("\n\n", 1)[1]
        assert reading.squeezed(text) == words


def test_pb3_alternatives_are_linked_and_marks_refer_to_delegations() -> None:
    """[PB3] Of brackets that touch, each is linked to the first; one that stands apart is nobody's alternative."""
    one = document(
        item(
            "par-01",
            "that it ",
            bracketed("am-01", "shall"),
            bracketed("am-02", "should"),
            bracketed("am-03", "may"),
            " be ",
            bracketed("am-04", "read"),
            ins("am-05", " soon"),
            struck("am-06", " late"),
        ),
        amendments=[
            *(bracket(f"am-{number:02}", "XAC", paragraph="par-01") for number in range(1, 5)),
            amendment("am-05", "XAA", sponsors=(DelegationCode("XAB"),)),
            amendment("am-06", "XAB"),
        ],
    )
    for view in (View.CLEAN, View.ROLLING):
        root = etree.fromstring(written(sheet(one, view), Format.AKN))
        found = [each for each in root.iter(f"{reading.A}inline") if each.get("name") == "bracketedText"]
        # In text with square brackets what is proposed stands in brackets too.
        told = [("".join(each.itertext()), each.get("eId"), each.get("alternativeTo")) for each in found][:4]
        words = ["shall", "should", "may", "read"]
        assert [re.findall("|".join(words[::-1]), inside)[0] for inside, _, _ in told] == words
        first = told[0][1]
        assert first
        assert [linked for _, _, linked in told] == [None, first, first, None]
    root = etree.fromstring(written(sheet(one, View.MARKED), Format.AKN))
    assert reading.akn_schema().validate(root), reading.akn_schema().error_log
    named = {f"#{each.get('eId')}": each.get("showAs") for each in root.iter(f"{reading.A}TLCOrganization")}
    marks = [each for each in root.iter(f"{reading.A}ins", f"{reading.A}del")]
    theirs = {("".join(each.itertext()), named[str(each.get("refersTo"))]) for each in marks}
    assert theirs == {(" soon", "Delegation XAA & Co"), (" late", "Delegation XAB & Co")}


@FEW
@given(documents(brackets=True))
def test_pb4_any_document_is_a_tagged_pdf_with_the_words_of_the_view(one: Document) -> None:
    """[PB4] The words under the tags, in their order, are those of the rows; bidirectional text included."""
    for view in (View.ROLLING, View.MARKED):
        made = sheet(one, view)
        assert reading.holds(reading.pdf_words(written(made, Format.PDF)), pdf_expected(made))


def test_pb4_a_pdf_says_what_it_is_and_how_it_is_built() -> None:
    """[PB4] PDF/UA-1, title, language, headings, lists, marks as decorations; the faces are inside."""
    content = written(sheet(everything(), View.MARKED), Format.PDF)
    tags = [tag for tag, _ in reading.pdf_tags(content)]
    assert {"Document", "H1", "H2", "L", "LI", "Lbl", "LBody", "P", "Span", "Em"} <= set(tags)
    with pikepdf.open(io.BytesIO(content)) as file:
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang) == "en"
        assert file.Root.ViewerPreferences.DisplayDocTitle
        with file.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert about["dc:title"] == ORIGIN.title
        decorations = {
            str(one.get("/TextDecorationType"))
            for node in file.objects
            if isinstance(node, pikepdf.Dictionary) and "/S" in node and "/A" in node
            for one in (node.A if isinstance(node.A, pikepdf.Array) else [node.A])
        }
        assert {"/Underline", "/LineThrough"} <= decorations
        languages = {
            str(node.Lang) for node in file.objects if isinstance(node, pikepdf.Dictionary) and "/Lang" in node
        }
        assert {"en", "ar", "zh", "ru"} <= languages
        fonts = {
            str(node.FontName).split("+")[-1]
            for node in file.objects
            if isinstance(node, pikepdf.Dictionary) and node.get("/Type") == "/FontDescriptor"
        }
        assert fonts
        assert all(
            {"/FontFile2", "/FontFile3"} & set(node.keys())
            for node in file.objects
            if isinstance(node, pikepdf.Dictionary) and node.get("/Type") == "/FontDescriptor"
        )
    families = {name.replace(" ", "") for name in FAMILIES}
    assert {one.split("-")[0] for one in fonts} <= families


def test_pb4_every_page_says_which_text_it_is_and_that_it_is_not_agreed() -> None:
    """[PB4] Head and foot, on the second page too."""
    pages = reading.pdf_pages(written(sheet(everything(12), View.MARKED), Format.PDF))
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert NOT_AGREED in page
        assert f"{ORIGIN.process} - {ORIGIN.label}" in page
        assert f"Page {number} of {len(pages)}" in page
        assert f"{ORIGIN.opinion}, living draft, entry {ORIGIN.seq}" in page
    assert reading.squeezed(LEGEND) in reading.squeezed(pages[0])


def test_lines_are_numbered_where_that_is_chosen() -> None:
    made = sheet(everything(), View.ROLLING)
    plain, numbered = (written(made, Format.PDF, line_numbers=one) for one in (False, True))
    assert reading.pdf_words(plain) == reading.pdf_words(numbered)
    lines = reading.pdf_pages(numbered)[0].splitlines()
    assert {"1", "2", "3", "12"} <= set(lines)
    assert b"w:lnNumType" not in written(made, Format.DOCX)
    assert reading.docx_lines(written(made, Format.DOCX, line_numbers=True)) == reading.docx_lines(
        written(made, Format.DOCX)
    )


@pytest.mark.parametrize("form", Format)
def test_pb2_the_same_text_is_the_same_bytes(form: Format) -> None:
    """[PB2] Whoever makes it, and when."""
    made = sheet(everything(), View.MARKED)
    assert written(made, form) == written(made, form)


def test_what_no_face_shows_is_told_by_its_number() -> None:
    """Nothing is left out unseen: a mathematical letter, a character of a far plane, one that was never given."""
    assert printable("a\U0001d538\U00020bb7\u0e01b\tc") == "a<U+1D538><U+20BB7><U+0E01>b c"
    assert printable("éÑжЁ السلام 电信联盟 “—” …") == "éÑжЁ السلام 电信联盟 “—” …"


def test_words_of_a_text_never_become_markup_in_a_pdf() -> None:
    hostile = '#panic("x") *bold* $x^2$ = heading @ref <label> \\ // /* #import "@preview/x:1.0.0"'
    one = everything(words=hostile)
    assert reading.squeezed(hostile) in reading.pdf_words(written(sheet(one, View.CLEAN), Format.PDF))
