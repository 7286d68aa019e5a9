"""What pandoc reads in a DOCX: the independent reader that ours is held against.

Pandoc is of another hand, another language and another purpose. Only white space is made alike; where pandoc differs
by design, the place is named in `test_reading.py`.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pypandoc  # type: ignore[import-untyped]

from opinions.incoming import IncomingDocument, IncomingParagraph, accepted, rejected

PATIENCE = 60.0


@cache
def _program() -> str:
    return str(pypandoc.get_pandoc_path())


def tree(content: bytes, changes: str) -> dict[str, Any]:
    """Pandoc's tree with all changes taken (`accept`), undone (`reject`) or shown (`all`)."""
    with tempfile.NamedTemporaryFile(suffix=".docx") as file:
        file.write(content)
        file.flush()
        command = [_program(), "-f", "docx", "-t", "json", f"--track-changes={changes}", file.name]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def plain(text: str) -> str:
    """The words with blanks made alike: runs of white space are one blank, none at the ends."""
    return re.sub(r"\s+", " ", text).strip()


def texts(content: bytes, changes: str) -> list[str]:
    """The paragraphs that hold words, notes behind the text, as pandoc reads them."""
    read = tree(content, changes)
    rows: list[str] = []
    notes: list[str] = []
    for name in ("title", "subtitle", "author", "date", "abstract"):
        if name in read["meta"]:
            rows.extend(_words(one, notes) for one in _meta(read["meta"][name]))
    _blocks(read["blocks"], rows, notes)
    return [text for text in map(plain, (*rows, *notes)) if text]


def authors(content: bytes) -> set[str]:
    """Everybody who revised or commented, as pandoc tells them."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("t") == "Span" and any(name in _MARKS for name in node["c"][0][1]):
                found.update(plain(value) for name, value in node["c"][0][2] if name == "author")
            for one in node.values():
                walk(one)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(tree(content, "all"))
    return found


_MARKS = {"insertion", "deletion", "paragraph-insertion", "paragraph-deletion", "comment-start"}


def ours(document: IncomingDocument, changes: str) -> list[str]:
    """The same of our own reading: without the numbers of notes, which pandoc computes elsewhere."""
    resolve = accepted if changes == "accept" else rejected
    rows = [*resolve(_noteless(document.paragraphs)), *resolve(_noteless(document.footnotes))]
    return [text for text in map(plain, rows) if text]


def _noteless(paragraphs: Iterable[IncomingParagraph]) -> Iterator[IncomingParagraph]:
    for one in paragraphs:
        yield replace(one, stretches=tuple(stretch for stretch in one.stretches if not stretch.noteref))


def _meta(value: Any) -> Iterator[Any]:
    if value["t"] == "MetaList":
        for one in value["c"]:
            yield from _meta(one)
    elif value["t"] == "MetaBlocks":
        for block in value["c"]:
            yield block.get("c", [])
    else:
        yield value["c"]


def _blocks(blocks: Any, rows: list[str], notes: list[str]) -> None:
    for block in blocks:
        inner = block.get("c")
        match block["t"]:
            case "Para" | "Plain":
                rows.append(_words(inner, notes))
            case "Header":
                rows.append(_words(inner[2], notes))
            case "LineBlock":
                rows.append(" ".join(_words(line, notes) for line in inner))
            case "CodeBlock" | "RawBlock":
                rows.append(inner[1])
            case "BlockQuote":
                _blocks(inner, rows, notes)
            case "Div":
                _blocks(inner[1], rows, notes)
            case "OrderedList":
                for item in inner[1]:
                    _blocks(item, rows, notes)
            case "BulletList":
                for item in inner:
                    _blocks(item, rows, notes)
            case "DefinitionList":
                for term, definitions in inner:
                    rows.append(_words(term, notes))
                    for one in definitions:
                        _blocks(one, rows, notes)
            case "Figure":
                _blocks(inner[1][1], rows, notes)
                _blocks(inner[2], rows, notes)
            case "Table":
                _blocks(inner[1][1], rows, notes)
                for head in (inner[3], inner[5]):
                    _rows(head[1], rows, notes)
                for body in inner[4]:
                    _rows(body[2], rows, notes)
                    _rows(body[3], rows, notes)
            case _:
                pass


def _rows(lines: Any, rows: list[str], notes: list[str]) -> None:
    for line in lines:
        for cell in line[1]:
            _blocks(cell[4], rows, notes)


def _words(node: Any, notes: list[str]) -> str:
    if isinstance(node, list):
        return "".join(_words(one, notes) for one in node)
    if not isinstance(node, dict):
        return ""
    match node.get("t"):
        case "Str":
            return str(node["c"])
        case "Space" | "SoftBreak" | "LineBreak":
            return " "
        case "Code" | "Math" | "RawInline":
            return str(node["c"][1])
        case "Note":
            _blocks(node["c"], notes, notes)
            return ""
        case "Span" | "Link" | "Image" | "Cite" | "Quoted":
            if node["t"] == "Span" and "comment-start" in node["c"][0][1]:
                return ""
            return _words(node["c"][1], notes)
        case _:
            return _words(node.get("c", []), notes)
