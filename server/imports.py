"""Files that become the base text of a draft Opinion: plain text, or HTML reduced to its paragraphs.

HTML goes through bleach and then into our own paragraphs; no markup of the file survives. What was dropped is counted
by name, so that nobody has to trust the reduction. The labels of lists, which HTML only draws, are spelled
(`server.list_labels`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from server.errors import ServerError
from server.list_labels import LABEL, spelled

MAX_IMPORT = 5 * 1024 * 1024
"""Bytes of a file: ten times the longest draft of a real conference that was read (400 KB)."""
BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "blockquote", "pre", "br"})
"""Elements that end a paragraph."""
SILENT = frozenset({"script", "style", "title", "iframe", "noscript", "template", "svg", "math", "object", "head"})
"""Elements whose contents are not words of the text."""
PLAIN = frozenset(
    {"html", "body", "span", "ol", "ul", "table", "tbody", "thead", "td", "th", "section", "article", "main"}
)
"""Elements that only hold others; leaving them out loses nothing worth a report."""
_BREAKS = str.maketrans("\n\t", "  ")
_BLANKS = re.compile(r"[^\S\t]+")
SUFFIXES = MappingProxyType({".txt": "text", ".text": "text", ".md": "text", ".html": "html", ".htm": "html"})


class ImportRefused(ServerError):
    """Raised when a file cannot be read as a text; nothing was written."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Source:
    """The words of a file, one paragraph a line, and how many elements of each name were dropped on the way. `notes`
    are sentences on the rest that was not taken over, `italics` what `server.word_in.base_text` knows of a Word file.
    """

    text: str
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    italics: str = ""

    @property
    def report(self) -> str:
        """What was dropped, in sentences; empty when nothing was."""
        told = list(self.notes)
        if self.dropped:
            told.append("Dropped: " + ", ".join(f"{name} ({count})" for name, count in sorted(self.dropped.items())))
        return "\n".join(told)


def read_source(name: str, content: bytes) -> Source:
    """The text of an uploaded or named file, by the ending of its name. Raises `ImportRefused`."""
    if len(content) > MAX_IMPORT:
        raise ImportRefused(f"{name} has {len(content)} bytes; an import may have {MAX_IMPORT}. Split it.")
    kind = SUFFIXES.get(PurePath(name).suffix.lower())
    if kind is None:
        raise ImportRefused(
            f"{name}: TXT and HTML can be imported ({', '.join(SUFFIXES)}), and DOCX on the page of a new draft "
            "Opinion. Save it as one of these."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{name} is not UTF-8 (byte {error.start}). Save it as UTF-8 and try again.") from None
    if "\0" in text:
        raise ImportRefused(f"{name} holds binary data. Save it as text and try again.")
    return from_html(text) if kind == "html" else Source(text)


def from_html(html: str) -> Source:
    """The paragraphs of an HTML text, one a line with an empty line between, and what was dropped."""
    # Imported only here: few servers are ever given a file, and the parser's tables take some megabytes.
    import bleach
    from bleach.html5lib_shim import Filter  # type: ignore[attr-defined]

    dropped: Counter[str] = Counter()

    class Paragraphs(Filter):  # type: ignore[misc]
        """Turns the stream of tokens into lines; bleach calls it between parsing and writing."""

        def __iter__(self) -> Iterator[dict[str, Any]]:
            return _lines(spelled(super().__iter__()), dropped)

    cleaner = bleach.Cleaner(
        tags=BLOCKS | PLAIN | SILENT | _named_in(html),
        attributes={"ol": ["type", "start"], "li": ["value"]},
        strip=True,
        strip_comments=True,
        filters=[Paragraphs],
    )
    lines = (_BLANKS.sub(" ", line).strip() for line in _unescaped(cleaner.clean(html)).split("\n"))
    return Source("\n\n".join(line for line in lines if line) + "\n", dropped)


def _named_in(html: str) -> frozenset[str]:
    """The element names of a text, so that the filter meets and counts them all instead of losing them unseen."""
    names: set[str] = set()
    for piece in html.split("<")[1:]:
        name = ""
        for letter in piece[:32].lstrip("/"):
            if not (letter.isascii() and letter.isalnum()):
                break
            name += letter.lower()
        if name:
            names.add(name)
    return frozenset(names)


def _lines(tokens: Iterator[dict[str, Any]], dropped: Counter[str]) -> Iterator[dict[str, Any]]:
    silent = 0
    for token in tokens:
        kind, name = token["type"], token.get("name", "")
        if kind in ("StartTag", "EmptyTag") and name not in BLOCKS | PLAIN | {"head", "title"}:
            dropped[name] += 1
        if name in SILENT:
            silent += {"StartTag": 1, "EndTag": -1}.get(kind, 0)
        elif kind in ("StartTag", "EndTag", "EmptyTag") and name in BLOCKS:
            yield {"type": "Characters", "data": "\n"}
        elif not silent and kind in ("Characters", "SpaceCharacters"):
            yield {"type": "Characters", "data": token["data"].translate(_BREAKS)}
        elif not silent and kind == LABEL:
            yield {"type": "Characters", "data": token["data"]}
        elif not silent and kind == "Entity":
            yield token


def _unescaped(text: str) -> str:
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u00a0"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text
