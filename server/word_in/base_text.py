"""A Word file that becomes the base text of a draft Opinion: its paragraphs as the lines that the notation reads.

Styles become what the notation knows (headings, the verbs' italics), labels are spelled as Word shows them, footnotes
get their marks. Italics within a paragraph travel beside the text and are put on once it has been read.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from opinions.flattened import suspicions
from opinions.incoming import LEAVING, IncomingDocument, IncomingParagraph, Stretch
from opinions.model import Kind, Mark, MarkKind, Opinion, Paragraph, Run, cut, joined
from opinions.notation import Reading, read
from opinions.record import Document
from server.imports import Source
from server.word_in.isolated import read_isolated

Italics = list[tuple[int, str, int]]
"""The number of a paragraph as read, words of it in italics, and which occurrence of them there, from 0."""
MAX_ITALICS = 2_000
"""Stretches of italics that are carried; the reports of the forum have some 200."""
_HEADING = re.compile(r"(?:heading|titre|überschrift|título)\s*(\d)", re.IGNORECASE)
_TITLES = frozenset({"title", "opinion title", "res_title", "opinion_title", "title1"})
_BULLETS = frozenset("\u2022\u25e6\u25aa\u2023\u00b7\u2013\u2014*-")
_MAX_NOTES = 40


async def word_source(content: bytes, *, at: datetime, new_id: Callable[[], str]) -> Source:
    """The text of a Word file, with its italics and what was not understood. Raises `WordRefused`."""
    return source_of(await read_isolated(content), at=at, new_id=new_id)


def source_of(document: IncomingDocument, *, at: datetime, new_id: Callable[[], str]) -> Source:
    """The same of a document already read: every revision taken as accepted."""
    notes = _Notes(document)
    lines = [line for paragraph in document.paragraphs if (line := _line(paragraph, notes))]
    # A blank line between, so that no line is taken as wrapped prose.
    text = "\n\n".join([*(line for line, _ in lines), *notes.lines()]) + "\n"
    reading = read(text, at=at, new_id=new_id)
    return Source(
        text, notes=tuple((*_plain(reading), *_remarks(document))), italics=json.dumps(_located(reading, lines))
    )


def in_italics(reading: Reading, italics: str) -> Reading:
    """The reading with the italics put on that its file had; those whose words are no longer there are passed over."""
    wanted = _read_italics(italics)
    if not wanted:
        return reading
    paragraphs = list(reading.document.text.paragraphs)
    for number, words, nth in wanted:
        if number < len(paragraphs):
            paragraphs[number] = _with_italics(paragraphs[number], words, nth)
    document = Document(Opinion(tuple(paragraphs)), reading.document.record)
    return replace(reading, document=document)


# --- lines


def _kept(paragraph: IncomingParagraph) -> Iterator[Stretch]:
    for stretch in paragraph.stretches:
        if not any(one.kind in LEAVING for one in stretch.revisions):
            yield stretch


class _Notes:
    """The footnotes by their places, numbered as they are referred to."""

    def __init__(self, document: IncomingDocument) -> None:
        self._notes: dict[str, list[str]] = {}
        for one in document.footnotes:
            words = " ".join("".join(stretch.text for stretch in _kept(one)).split())
            if words:
                self._notes.setdefault(one.place, []).append(words)
        self._numbers: dict[str, int] = {}

    def mark(self, place: str) -> str:
        """The mark of a footnote in the text."""
        if place not in self._notes:
            return ""
        return f"[^{self._numbers.setdefault(place, len(self._numbers) + 1)}]"

    def lines(self) -> Iterator[str]:
        """The footnotes as lines, those that nothing refers to last."""
        for place in self._notes:
            self._numbers.setdefault(place, len(self._numbers) + 1)
        for place, number in sorted(self._numbers.items(), key=lambda one: one[1]):
            yield f"[^{number}]: {' '.join(self._notes[place])}"


def _line(paragraph: IncomingParagraph, notes: _Notes) -> tuple[str, list[str]] | None:
    """A paragraph as a line, and its words in italics."""
    words: list[str] = []
    italics: list[str] = []
    for stretch in _kept(paragraph):
        if stretch.noteref:
            words.append(notes.mark(stretch.noteref))
            continue
        text = stretch.text.replace("\n", " ").replace("\t", " ")
        words.append(text)
        if stretch.em and text.strip():
            italics.append(text.strip())
    line = "".join(words).strip()
    if not line:
        return None
    return _led(paragraph, line), italics


def _led(paragraph: IncomingParagraph, line: str) -> str:
    heading = _HEADING.match(paragraph.style)
    if heading and not paragraph.label:
        return f"{'#' * (min(int(heading[1]), 5) + 1)} {line}"
    if paragraph.style.casefold() in _TITLES and not paragraph.label:
        return f"# {line}"
    if not paragraph.label:
        return line
    indent = "    " * min(paragraph.level, 4)
    if paragraph.label in _BULLETS:
        return f"{indent}- {line}"
    return f"{indent}{paragraph.label}\t{line}"


def _plain(reading: Reading) -> Iterator[str]:
    """What the form of the text was not understood for; nobody looks for what is not there."""
    paragraphs = reading.document.text.paragraphs
    has = {one.kind for one in paragraphs}
    missing = [
        name
        for name, kinds in (
            ("title", {Kind.TITLE}),
            ("chapeau (“The ... Forum,”)", {Kind.CHAPEAU}),
            ("verb of the preamble (“considering”)", {Kind.PREAMBULAR_VERB}),
            ("verb of the operative part (“invites”)", {Kind.OPERATIVE_VERB}),
        )
        if not has & kinds
    ]
    if missing and paragraphs:
        plain = sum(one.kind is Kind.PARAGRAPH for one in paragraphs)
        yield (
            f"Not recognised in the text: {', '.join(missing)}. {plain} of {len(paragraphs)} paragraphs are plain "
            "paragraphs: look at them below, and once the text is on the table give each its kind there."
        )


def _remarks(document: IncomingDocument) -> Iterator[str]:
    """What was not, or not wholly, taken over; the same remark once."""
    said = Counter(one.message for one in document.remarks)
    told = [f"{message}{f' ({count} times)' if count > 1 else ''}" for message, count in said.items()]
    revised = sum(bool(stretch.revisions) for one in document.paragraphs for stretch in one.stretches)
    if revised:
        told.append(f"The file has revision marks at {revised} places. They are taken as accepted.")
    if document.comments:
        told.append(f"{len(document.comments)} comments in the margin were left out.")
    for paragraph in document.paragraphs:
        told += [f"{one.message} “{one.where}”" for one in suspicions(paragraph)]
    yield from told[:_MAX_NOTES]
    if len(told) > _MAX_NOTES:
        yield f"And {len(told) - _MAX_NOTES} remarks more."


# --- italics


def _located(reading: Reading, lines: Sequence[tuple[str, list[str]]]) -> Italics:
    """Which paragraph, as read, has which words in italics; verbs have them by what they are."""
    found: Italics = []
    at = 0
    paragraphs = reading.document.text.paragraphs
    for line, italics in lines:
        if at >= len(paragraphs):
            break
        number = next((n for n in range(at, min(at + 3, len(paragraphs))) if _is_of(paragraphs[n], line)), at)
        at = number + 1
        if paragraphs[number].kind in (Kind.PREAMBULAR_VERB, Kind.OPERATIVE_VERB):
            continue
        seen: Counter[str] = Counter()
        for words in italics:
            found.append((number, words, seen[words]))
            seen[words] += 1
    return found[:MAX_ITALICS]


def _is_of(paragraph: Paragraph, line: str) -> bool:
    words = paragraph.text.strip()
    return words[:20] in line


def _with_italics(paragraph: Paragraph, words: str, nth: int) -> Paragraph:
    text = paragraph.text
    start = -1
    for _ in range(nth + 1):
        start = text.find(words, start + 1)
        if start < 0:
            return paragraph
    end = start + len(words)
    inner = (Run(run.text, run.marks | {Mark(MarkKind.EM)}) for run in cut(paragraph.runs, start, end))
    runs = (*cut(paragraph.runs, 0, start), *inner, *cut(paragraph.runs, end, len(text)))
    return replace(paragraph, runs=joined(runs))


def _read_italics(italics: str) -> Italics:
    """What a form carried; anything else is no italics."""
    try:
        given = json.loads(italics) if italics else []
    except ValueError:
        return []
    if not isinstance(given, list):
        return []
    return [
        (one[0], one[1], one[2])
        for one in given[:MAX_ITALICS]
        if isinstance(one, list)
        and len(one) == 3
        and isinstance(one[0], int)
        and isinstance(one[1], str)
        and isinstance(one[2], int)
        and one[1]
        and one[0] >= 0
        and 0 <= one[2] < 1000
    ]
