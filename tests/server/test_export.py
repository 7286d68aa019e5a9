"""Exports: what is written is what the view shows; tracked changes hold against an independent reader (pandoc)."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pypandoc  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree
from pypdfium2 import PdfDocument  # type: ignore[import-untyped]

from opinions.canonical import canonical_text, fingerprint, short_fingerprint
from opinions.clean import clean
from opinions.errors import NotClean
from opinions.model import DelegationCode
from opinions.notation import write_text
from opinions.record import AmendmentKind, Document, ParagraphRecord, ParagraphState
from opinions.roles import Delegation, DelegationKind, Region
from opinions.views import SegmentKind, View, withheld
from server.export import sheet as sheets
from server.export.files import written
from server.export.sheet import NOT_AGREED, Format, Origin, Sheet, file_name, make_sheet, view_of
from tests.support.builders import amendment, document, ins, paragraph, removal, struck
from tests.support.strategies import documents

AT = datetime(2026, 1, 23, 17, 4, tzinfo=UTC)
ORIGIN = Origin("WTPF-26", "opinion-1", "Draft Opinion 1", "Fourth draft", AT, "Europe/Zurich", seq=12)
PARTIES = {
    code: Delegation(DelegationCode(code), f"Delegation {code} & Co", DelegationKind.MEMBER_STATE, Region.EUROPE)
    for code in ("XAA", "XAB", "XAC")
}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def sheet(one: Document, view: View, **choices: Any) -> Sheet:
    return make_sheet(ORIGIN, one, view, PARTIES, mark_not_agreed=True, **choices)


def body(docx: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(docx)) as file:
        return etree.fromstring(file.read("word/document.xml"))


def part(docx: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as file:
        return file.read(name).decode()


def read(docx: bytes, changes: str) -> list[str]:
    """The paragraphs of a DOCX as pandoc understands them with all its changes accepted or rejected."""
    tree = json.loads(pypandoc.convert_text(docx, "json", format="docx", extra_args=[f"--track-changes={changes}"]))
    lines: list[str] = []

    def words(node: Any) -> str:
        if isinstance(node, list):
            return "".join(words(one) for one in node)
        if not isinstance(node, dict):
            return ""
        match node.get("t"):
            case "Str":
                return str(node["c"])
            case "Space" | "SoftBreak" | "LineBreak":
                return " "
            case "Note":
                return ""
            case _:
                return words(node.get("c", []))

    def walk(blocks: Any) -> None:
        for block in blocks:
            if block["t"] in ("Para", "Plain"):
                lines.append(words(block["c"]))
            elif block["t"] == "Header":
                lines.append(words(block["c"][2]))
            elif block["t"] in ("BlockQuote", "Div"):
                walk(block["c"] if block["t"] == "BlockQuote" else block["c"][1])
            elif block["t"] in ("OrderedList", "BulletList"):
                for item in block["c"][1] if block["t"] == "OrderedList" else block["c"]:
                    walk(item)

    walk(tree["blocks"])
    return lines


def squeezed(lines: list[str]) -> list[str]:
    """Lines without blanks: Word and pandoc may differ about those, never about letters. Empty ones are left out."""
    return [line for line in (re.sub(r"\s+", "", line) for line in lines) if line]


def words_of(lines: list[str]) -> list[str]:
    return squeezed([re.sub("[\\[\\]\uff3b\uff3d\u3010\u3011]", "", line) for line in lines])


def words_of_pdf(content: bytes) -> str:
    """What every page says."""
    with PdfDocument(content) as file:
        return "".join(page.get_textpage().get_text_range() for page in file)


def simple() -> Document:
    return document(
        paragraph(
            "par-0001", "that access ", struck("a-am000001", "depends"), ins("a-am000001", "relies"), " on income;"
        ),
        paragraph("par-0002", ins("a-am000002", "that skills matter;"), added="a-am000002"),
        amendments=[amendment("a-am000001", "XAA"), amendment("a-am000002", "XAB", kind=AmendmentKind.ADD)],
    )


def test_marked_word_file_has_the_delegation_as_author() -> None:
    docx = written(sheet(simple(), View.MARKED), Format.DOCX)
    tree = body(docx)
    inserted = [(e.get(f"{W}author"), "".join(e.itertext())) for e in tree.iter(f"{W}ins") if len(e)]
    deleted = [(e.get(f"{W}author"), "".join(e.itertext())) for e in tree.iter(f"{W}del")]
    assert ("Delegation XAA & Co", "relies") in inserted
    assert ("Delegation XAB & Co", "that skills matter;") in inserted
    assert deleted == [("Delegation XAA & Co", "depends")]


def test_co_sponsors_are_no_authors_of_a_change_in_word() -> None:
    """They support it; who proposed it is one delegation, of words, of a paragraph and of its mark."""
    plain = simple()
    sponsored = {name: replace(one, sponsors=(DelegationCode("XAC"),)) for name, one in plain.record.amendments.items()}
    one = replace(plain, record=replace(plain.record, amendments=MappingProxyType(sponsored)))
    tree = body(written(sheet(one, View.MARKED), Format.DOCX))
    authors = {e.get(f"{W}author") for e in tree.iter(f"{W}ins", f"{W}del")}
    assert authors == {"Delegation XAA & Co", "Delegation XAB & Co"}


def test_marks_are_there_in_plain_text_too() -> None:
    text = written(sheet(simple(), View.MARKED), Format.TXT).decode()
    assert "that access {-depends- XAA}{+relies+ XAA} on income;" in text
    assert "{+that skills matter;+ XAB}" in text


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_every_mark_of_the_view_is_in_every_format(one: Document) -> None:
    """As many stretches proposed and struck as the view has, in plain text, HTML and Word."""
    made = sheet(one, View.MARKED)
    kinds = [segment.kind for row in made.paragraphs for segment in row.segments]
    text, html = written(made, Format.TXT).decode(), written(made, Format.HTML).decode()
    tree = body(written(made, Format.DOCX))
    for kind, sign, tag in ((SegmentKind.INSERTED, "{+", "<ins"), (SegmentKind.DELETED, "{-", "<del")):
        assert (sign in text.split("\n\n", 1)[1]) >= (kind in kinds)
        assert html.count(tag) >= kinds.count(kind)
        assert sum(1 for e in tree.iter(f"{W}{tag[1:]}") if len(e)) >= kinds.count(kind)


def test_rejecting_all_changes_in_word_gives_the_agreed_text_and_accepting_all_the_proposals() -> None:
    docx = written(sheet(simple(), View.MARKED), Format.DOCX)
    assert squeezed(read(docx, "reject")) == ["thataccessdependsonincome;"]
    assert squeezed(read(docx, "accept")) == ["thataccessreliesonincome;", "thatskillsmatter;"]


@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(documents())
def test_i8_a_marked_word_file_with_all_rejected_is_the_clean_text(one: Document) -> None:
    """[I8] Against pandoc, which knows nothing of us: the words of the clean view, paragraph by paragraph.

    Bracket glyphs are left aside: a bracket that begins in a pending insertion begins later where that one is out.
    """
    made = sheet(one, View.MARKED)
    expected = [f"{row.label}{row.text}" for row in clean(one, withheld)]
    assert words_of(read(written(made, Format.DOCX), "reject")) == words_of(expected)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_every_format_says_what_the_view_shows(one: Document) -> None:
    """[E] The rows of the screen's function, letter by letter, in text, JSON and Word."""
    for view in View:
        made = sheet(one, view)
        rows = view_of(one, view)
        assert made.paragraphs == rows
        if view is not View.MARKED:
            assert written(made, Format.TXT).decode().endswith(write_text(rows, one.record))
        told = json.loads(written(made, Format.JSON))
        assert [row["text"] for row in told["paragraphs"]] == [row.text for row in rows]
        if view is not View.MARKED:
            lines = ["".join(p.itertext()) for p in body(written(made, Format.DOCX)).iter(f"{W}p")]
            assert squeezed(lines) == squeezed([f"{row.label}{row.text}" for row in rows])


def test_clean_text_with_obstacles_is_refused_with_their_list() -> None:
    with pytest.raises(NotClean, match="never considered"):
        make_sheet(ORIGIN, simple(), View.CLEAN, PARTIES)


def test_clean_text_made_all_the_same_says_so_on_every_page() -> None:
    made = sheet(simple(), View.CLEAN)
    assert NOT_AGREED in part(written(made, Format.DOCX), "word/header1.xml")
    assert NOT_AGREED in written(made, Format.HTML).decode()
    assert NOT_AGREED.upper() in written(made, Format.TXT).decode()
    assert json.loads(written(made, Format.JSON))["warning"] == NOT_AGREED


def test_settled_text_carries_no_warning() -> None:
    settled = document(paragraph("par-0001", "that access matters."))
    agreed = ParagraphRecord(settled.text.paragraphs[0].id, state=ParagraphState.AGREED)
    settled = replace(settled, record=replace(settled.record, paragraphs={agreed.id: agreed}))
    assert make_sheet(ORIGIN, settled, View.CLEAN, PARTIES).warning == ""


def test_withheld_names_are_nowhere_in_the_file() -> None:
    """Also not in what a file carries beside its text."""
    for view in View:
        for form in Format:
            content = written(sheet(simple(), view, naming=withheld), form)
            if form is Format.DOCX:
                with zipfile.ZipFile(io.BytesIO(content)) as file:
                    content = b"".join(file.read(name) for name in file.namelist())
            if form is Format.PDF:
                content = words_of_pdf(content).encode()
            assert b"XAA" not in content, (view, form)
            assert b"XAB" not in content, (view, form)


def test_a_version_is_stamped_with_its_fingerprint() -> None:
    digest = fingerprint(canonical_text(simple()))
    made = make_sheet(replace(ORIGIN, version=2, fingerprint=digest), simple(), View.ROLLING, PARTIES)
    assert short_fingerprint(digest) in written(made, Format.TXT).decode()
    assert short_fingerprint(digest) in part(written(made, Format.DOCX), "word/footer1.xml")
    assert file_name(made.origin, made.view, Format.DOCX) == "wtpf-26-opinion-1-version-2-rolling.docx"


def test_hostile_words_stay_words() -> None:
    """Nothing that somebody typed becomes markup in any format."""
    hostile = "<script>alert(1)</script>&amp;\"' ]]> {{ x }}"
    one = document(paragraph("par-0001", hostile))
    html = written(sheet(one, View.ROLLING), Format.HTML).decode()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in html
    assert hostile in "".join(body(written(sheet(one, View.ROLLING), Format.DOCX)).itertext())


def test_the_page_is_self_contained() -> None:
    html = written(sheet(simple(), View.MARKED), Format.HTML).decode()
    assert not re.search(r"""(src|href)=["'](?!#)""", html)
    assert "url(" not in html


TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def misfits(value: Any, schema: dict[str, Any], place: str = "") -> list[str]:
    """What of a value is not as its schema says; knows the words that our schema uses."""
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not isinstance(value, tuple(kind for name in names for kind in TYPES[name])):
        return [f"{place}: not {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is not among {schema['enum']}"]
    if isinstance(value, list):
        return [wrong for n, one in enumerate(value) for wrong in misfits(one, schema["items"], f"{place}[{n}]")]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    found = [f"{place}.{name}: missing" for name in schema["required"] if name not in value]
    found += [f"{place}.{name}: not in the schema" for name in value if name not in known]
    return found + [
        w for name, one in value.items() if name in known for w in misfits(one, known[name], f"{place}.{name}")
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_json_is_what_its_schema_says(one: Document) -> None:
    schema = json.loads((Path(sheets.__file__).parent / "schema.json").read_text(encoding="utf-8"))
    sheets_told = [json.loads(written(sheet(one, view), Format.JSON)) for view in View]
    assert [misfits(told, schema) for told in sheets_told] == [[]] * len(View)
    assert misfits({**sheets_told[0], "view": "other", "more": 1}, schema) == [
        ".more: not in the schema",
        ".view: 'other' is not among ['clean', 'rolling', 'marked']",
    ]


def test_segments_of_the_marked_view_name_their_kind_in_json() -> None:
    told = json.loads(written(sheet(simple(), View.MARKED), Format.JSON))
    kinds = {segment["kind"] for row in told["paragraphs"] for segment in row["segments"]}
    assert {SegmentKind.INSERTED.value, SegmentKind.DELETED.value} <= kinds
    assert {one["delegation"] for one in told["amendments"]} == {"XAA", "XAB"}


def test_data_names_who_would_delete_a_paragraph_in_every_view_that_shows_it() -> None:
    """A removal has no words of its own; with names withheld it has no holder either."""
    one = document(
        paragraph("p-one", "words"),
        amendments=[removal("a-1", "XAA", paragraph="p-one", sponsors=(DelegationCode("XBB"),))],
    )
    for view in (View.ROLLING, View.MARKED):
        (told,) = json.loads(written(sheet(one, view), Format.JSON))["amendments"]
        assert (told["delegation"], told["sponsors"]) == ("XAA", ["XBB"])
        (told,) = json.loads(written(sheet(one, view, naming=withheld), Format.JSON))["amendments"]
        assert (told["delegation"], told["sponsors"]) == (None, [])
