"""What a drafting rule reads and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from opinions.model import AMENDMENT_MARKS, Kind, MarkKind, Paragraph, ParagraphId


class Rule(StrEnum):
    """The rules, by the names that pages and readings use (opinions/SPEC.md, DC)."""

    CHAPEAU = "chapeau"
    VERB = "verb"
    ENDING = "ending"
    SINGLE_ITEM = "single-item"
    PLACEHOLDER = "placeholder"
    SPACING = "spacing"
    PUNCTUATION = "punctuation"
    ABBREVIATION = "abbreviation"
    RESOLUTION = "resolution"
    OPINION = "opinion"
    QUOTATION = "quotation"
    WIDTH = "width"
    CITATION = "citation"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: on the characters from `start` up to `end` of a paragraph's whole text, which read `was`.

    `words` are what could stand there instead; None where a person must find them.
    """

    rule: Rule
    paragraph: ParagraphId
    start: int
    end: int
    was: str
    message: str
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as it stands: its settled words, where each character stands in the whole text, and which of them
    nobody has a pending mark on. `label` is the stored one.
    """

    paragraph: Paragraph
    label: str
    text: str
    at: tuple[int, ...]
    plain: tuple[bool, ...]
    italic: bool

    @property
    def id(self) -> ParagraphId:
        """The paragraph's id."""
        return self.paragraph.id

    @property
    def kind(self) -> Kind:
        """The paragraph's kind."""
        return self.paragraph.kind

    def settled(self, start: int, end: int) -> bool:
        """Whether these characters stand side by side and nothing is pending on them: else it is nobody's slip yet."""
        start, end = max(start, 0), min(end, len(self.text))
        beside = start >= end or self.at[end - 1] - self.at[start] == end - 1 - start
        return beside and all(self.plain[start:end])

    def ends_settled(self) -> bool:
        """Whether the last word is nobody's to change yet, nothing proposed behind it."""
        last = len(self.text.rstrip())
        behind = self.at[-1] + 1 == len(self.paragraph.text) if self.at else False
        return bool(last) and behind and self.settled(max(last - 2, 0), len(self.text))

    def finding(self, rule: Rule, start: int, end: int, message: str, words: str | None = None) -> Finding:
        """A remark on these characters of the settled words; without words to put there where they do not stand side
        by side, or somebody has a pending mark on them.
        """
        if start < end:
            first, behind = self.at[start], self.at[end - 1] + 1
        else:
            first = behind = self.at[start - 1] + 1 if 0 < start <= len(self.at) else 0
        sure = self.settled(start, end)
        return Finding(rule, self.id, first, behind, self.text[start:end], message, words if sure else None)


def line_of(paragraph: Paragraph, label: str) -> Line:
    """A paragraph as its rules read it."""
    text: list[str] = []
    at: list[int] = []
    plain: list[bool] = []
    offset = 0
    for run in paragraph.runs:
        if run.insertion is None:
            text.append(run.text)
            at.extend(range(offset, offset + len(run.text)))
            plain.extend([not any(mark.kind in AMENDMENT_MARKS for mark in run.marks)] * len(run.text))
        offset += len(run.text)
    words = [run for run in paragraph.runs if run.insertion is None and run.text.strip()]
    italic = bool(words) and all(any(mark.kind is MarkKind.EM for mark in run.marks) for run in words)
    return Line(paragraph, label, "".join(text), tuple(at), tuple(plain), italic)


Lines = tuple[Line, ...]
Labels = Mapping[ParagraphId, str]
