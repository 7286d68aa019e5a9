"""Comparisons as Word files: accepting all is the later text, rejecting all the earlier, also for pandoc."""

import io
import json
import zipfile
from zoneinfo import ZoneInfo

import pypandoc  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from lxml import etree

from opinions.comparing.compare import Text
from opinions.model import Kind
from server.comparing.telling import Teller
from server.comparing.word import AUTHOR, to_docx
from tests.opinions.test_comparing import TEXTS
from tests.support.builders import agreed, amendment, document, paragraph
from tests.support.comparing import items, made_of_documents, made_of_texts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ZONE = ZoneInfo("Europe/Zurich")


def written(before: Text, after: Text, *parents: tuple[str, str]) -> bytes:
    return to_docx(Teller(made_of_texts(before, after, parents), ZONE))


def body(docx: bytes) -> etree._Element:
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml"))


def settled(docx: bytes, *, accepted: bool) -> list[str]:
    """The paragraphs with all changes accepted, or rejected, by the rules of ECMA-376 17.13.5; empty ones left out."""
    gone = {f"{W}{tag}" for tag in (("del", "moveFrom") if accepted else ("ins", "moveTo"))}
    lines, open_line = [], ""
    for one in body(docx).iter(f"{W}p"):
        for text in one.iter(f"{W}t", f"{W}delText", f"{W}tab"):
            if not any(above.tag in gone for above in text.iterancestors()) and _in_run(text):
                open_line += "\t" if text.tag == f"{W}tab" else text.text or ""
        mark = one.find(f"{W}pPr/{W}rPr")
        if mark is None or not any(child.tag in gone for child in mark):
            lines.append(open_line)
            open_line = ""
    return [line for line in (*lines, open_line) if line]


def _in_run(text: etree._Element) -> bool:
    """Whether it is a piece of a run; stops of tabs bear the same name."""
    above = text.getparent()
    return above is not None and above.tag == f"{W}r"


def by_pandoc(docx: bytes, changes: str) -> list[str]:
    """The paragraphs as pandoc understands them."""
    tree = json.loads(pypandoc.convert_text(docx, "json", format="docx", extra_args=[f"--track-changes={changes}"]))
    return [line for block in tree["blocks"] if (line := _told(block).strip())]


def _told(node: object) -> str:
    if isinstance(node, list):
        return "".join(map(_told, node))
    if not isinstance(node, dict):
        return ""
    if node.get("t") in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    return str(node["c"]) if node.get("t") == "Str" else _told(node.get("c", node.get("blocks", [])))


def read(text: Text) -> list[str]:
    """The text as a reader of the file sees it."""
    return [line for one in text.paragraphs if (line := f"{one.label}\t{one.text}" if one.label else one.text)]


def plain(lines: list[str]) -> list[str]:
    """Without blanks: readers may differ about those, never about letters."""
    return [line for one in lines if (line := "".join(one.split()))]


CASES = {
    "a word": (items(("aaaa", "1", "that all act;")), items(("aaaa", "1", "that all relevant act;")), ()),
    "moved": (
        items(("aaaa", "a)", "first one"), ("bbbb", "b)", "second of these"), ("cccc", "c)", "third of all these")),
        items(("bbbb", "a)", "second of these"), ("cccc", "b)", "third of these"), ("aaaa", "c)", "first new one")),
        (),
    ),
    "divided": (
        items(("aaaa", "1", "that Members act; and that they report;"), ("cccc", "2", "else")),
        items(("aaaa", "1", "that Members act;"), ("bbbb", "2", "and that they report yearly;"), ("cccc", "3", "else")),
        (("bbbb", "aaaa"),),
    ),
    "divided, and something put between": (
        items(("aaaa", "1", "that Members act; and that they report;"), ("cccc", "2", "something else")),
        items(("aaaa", "1", "that Members act;"), ("cccc", "2", "something else"), ("bbbb", "3", "that they report;")),
        (("bbbb", "aaaa"),),
    ),
    "joined": (
        items(("aaaa", "1", "that Members act;"), ("bbbb", "2", "and that they report;"), ("cccc", "3", "else")),
        items(("aaaa", "1", "that Members act; and that they report;"), ("cccc", "2", "else")),
        (),
    ),
    "the last one removed": (items(("aaaa", "1", "kept"), ("bbbb", "2", "gone")), items(("aaaa", "", "kept")), ()),
    "the first one added": (items(("aaaa", "", "kept")), items(("bbbb", "1", "new"), ("aaaa", "2", "kept")), ()),
    "Chinese and Arabic": (
        items(("aaaa", "1", "国际电信联盟"), ("bbbb", "2", "الدول الأعضاء")),
        items(("aaaa", "1", "国际电联"), ("bbbb", "2", "جميع الدول الأعضاء")),
        (),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_cm9_accepting_all_is_the_later_text_and_rejecting_all_the_earlier_for_pandoc(name: str) -> None:
    """[CM9] With moved paragraphs, divided and joined ones, and the marks of paragraphs."""
    before, after, parents = CASES[name]
    docx = written(before, after, *parents)
    assert plain(by_pandoc(docx, "accept")) == plain(read(after))
    assert plain(by_pandoc(docx, "reject")) == plain(read(before))


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_cm9_both_texts_are_in_the_file(before: Text, after: Text) -> None:
    """[CM9] Letter by letter, by the rules of the format."""
    docx = written(before, after)
    assert settled(docx, accepted=True) == read(after)
    assert settled(docx, accepted=False) == read(before)


def test_cm9_a_moved_paragraph_is_tracked_as_moved() -> None:
    before, after, _ = CASES["moved"]
    root = body(written(before, after))
    names = {one.get(f"{W}name") for one in root.iter(f"{W}moveFromRangeStart", f"{W}moveToRangeStart")}
    assert len(names) == 1
    assert len(list(root.iter(f"{W}moveFrom"))) >= 2
    assert root.xpath("string(//w:p/w:moveTo)", namespaces={"w": W[1:-1]}) == "c)"


def test_cm9_of_two_that_moved_each_is_tracked_to_its_own_place() -> None:
    """What reads moves pairs them by name: two of one name would be one."""
    order = [("aaaa", "first of five"), ("bbbb", "second of five"), ("cccc", "third of all these five words")]
    order += [("dddd", "fourth of all these five words"), ("eeee", "fifth of all these five words")]
    before = items(*((name, "", words) for name, words in order))
    after = items(*((name, "", words) for name, words in (*order[2:], order[1], order[0])))
    root = body(written(before, after))
    starts = {side: root.findall(f".//{W}move{side}RangeStart") for side in ("From", "To")}
    told = {side: {one.get(f"{W}name"): one.xpath("string(..)") for one in found} for side, found in starts.items()}
    assert [len(found) for found in starts.values()] == [2, 2]
    assert told["From"] == told["To"]
    assert sorted(told["To"].values()) == ["first of five", "second of five"]
    for side, found in starts.items():
        ends = {one.get(f"{W}id") for one in root.iter(f"{W}move{side}RangeEnd")}
        assert {one.get(f"{W}id") for one in found} == ends


def test_cm9_another_kind_is_a_tracked_change_of_style() -> None:
    before, after = items(("aaaa", "1", "act")), items(("aaaa", "1", "act"), kind=Kind.PREAMBULAR_ITEM)
    former = body(written(before, after)).xpath("//w:pPrChange/w:pPr/w:pStyle/@w:val", namespaces={"w": W[1:-1]})
    assert former == ["Opinionoperativeitem"]


def test_cm9_the_decision_is_a_comment_and_the_author_is_nobody_of_the_meeting() -> None:
    before = document(paragraph("aaaa-1", "that Members act"))
    after = document(
        paragraph("aaaa-1", "that ", agreed("am-1", "all "), "Members act"), amendments=[amendment("am-1", "XAA")]
    )
    docx = to_docx(Teller(made_of_documents(before, after), ZONE))
    comments = zipfile.ZipFile(io.BytesIO(docx)).read("word/comments.xml").decode()
    assert "XAA" in comments
    authors = {one.get(f"{W}author") for one in body(docx).iter(f"{W}ins", f"{W}del")}
    assert authors == {AUTHOR}


def test_cm9_the_same_two_versions_are_the_same_bytes() -> None:
    before, after, parents = CASES["divided"]
    assert written(before, after, *parents) == written(before, after, *parents)
