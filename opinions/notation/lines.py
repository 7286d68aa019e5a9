# ruff: noqa: RUF001
"""Lines of a text, and which of them belong to one paragraph.

A paragraph ends at a line break: the drafts of negotiations set an item, however long, on one line, with or without a
blank line behind it (`1. ...` / `2. ...`, a verb and its items). The exception is prose wrapped by hand at a fixed
width, as in mail: there only a blank line ends a paragraph. A block of lines counts as wrapped when the lines are 56
to 120 wide, each was broken because the next word did not fit, and most were broken within a sentence; a line that
begins with a label, a bullet, a heading, a verb or `**` begins a paragraph anyway. Brackets span when a paragraph so
found ends between them.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from opinions.notation.structure import begins_unit, ends_unit

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_NARROWEST, _WIDEST = 56, 120
_SENTENCE_END = tuple(".!?;:。！？；：")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its characters reach from `start` to `end`, its break to `next`. `joined`: it goes on the paragraph
    of the line before."""

    start: int
    end: int
    next: int
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text in order."""

    lines: tuple[Line, ...]
    starts: list[int]
    paragraphs: list[int]
    """Where each paragraph's first line starts."""

    def position(self, index: int) -> tuple[int, int]:
        """Line and column of a character, both from 1, the column in code points."""
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> bool:
        """Whether a paragraph ends between these two characters."""
        return bisect_right(self.paragraphs, start) != bisect_right(self.paragraphs, end)


def split(text: str) -> Lines:
    """The lines of a text, wrapped prose joined."""
    lines: list[Line] = []
    at = 0
    while at < len(text):
        match = _LINE.match(text, at)
        assert match is not None
        end = match.end() - len(match.group()) + len(match.group().rstrip("\r\n"))
        lines.append(Line(at, end, match.end()))
        at = match.end()
    starts = [line.start for line in lines] or [0]
    words = [text[line.start : line.end].strip() for line in lines]
    joined = _joined(words)
    lines = [Line(o.start, o.end, o.next, joins) for o, joins in zip(lines, joined, strict=True)]
    return Lines(tuple(lines), starts, [line.start for line in lines if not line.joined] or [0])


def _joined(words: list[str]) -> list[bool]:
    result = [False] * len(words)
    block = 0
    for number in range(len(words) + 1):
        if number == len(words) or not words[number]:
            _join_block(words, block, number, result)
            block = number + 1
    return result


def _join_block(words: list[str], start: int, end: int, result: list[bool]) -> None:
    if end - start < 2:
        return
    width = max(len(words[number]) for number in range(start, end))
    if not _NARROWEST <= width <= _WIDEST:
        return
    full = [
        number
        for number in range(start + 1, end)
        if len(words[number - 1]) + 1 + len(words[number].split(maxsplit=1)[0]) > width
        and not begins_unit(words[number])
        and not ends_unit(words[number - 1])
    ]
    within = sum(not words[number - 1].endswith(_SENTENCE_END) for number in full)
    if 2 * within > len(full):
        for number in full:
            result[number] = True
