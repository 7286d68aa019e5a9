"""The text of a draft Opinion as frozen values.

A text is flat: a row of paragraphs, each holding runs of marked characters. Kinds and levels make the
tree. Nothing here knows who proposed what: marks carry an amendment id only, and the record
(`opinions.record`) says whose it is. Offsets are counted in Unicode code points, from 0.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

AmendmentId = NewType("AmendmentId", str)
ParagraphId = NewType("ParagraphId", str)
DelegationCode = NewType("DelegationCode", str)

is_id = re.compile(r"[a-z0-9][a-z0-9-]{3,39}").fullmatch
"""Ids as the shared document takes them: 4 to 40 small letters, digits and hyphens (crdt/SPEC.md, D3)."""


class Kind(StrEnum):
    """What a paragraph is in the anatomy of an ITU Opinion (guide: domain 2.5)."""

    TITLE = "title"
    CHAPEAU = "chapeau"
    PREAMBULAR_VERB = "preambular_verb"
    PREAMBULAR_ITEM = "preambular_item"
    OPERATIVE_VERB = "operative_verb"
    OPERATIVE_ITEM = "operative_item"
    SUB_ITEM = "sub_item"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    FOOTNOTE = "footnote"


class MarkKind(StrEnum):
    """The marks a character may carry.

    `insertion`, `deletion`, `bracket` and `origin` carry an amendment id; `noteref` the id of the footnote
    paragraph it refers to; `em` carries no id.
    """

    INSERTION = "insertion"
    DELETION = "deletion"
    BRACKET = "bracket"
    ORIGIN = "origin"
    EM = "em"
    NOTEREF = "noteref"


AMENDMENT_MARKS = frozenset({MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET})
"""Marks of pending proposals; every one of them is somebody's."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One mark on a character. `id` is empty for `em`."""

    kind: MarkKind
    id: str = ""

    @property
    def key(self) -> str:
        """Its name in the shared document: `insertion:<id>`, `em` (crdt/SPEC.md, D4)."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)

    @classmethod
    def from_key(cls, key: str) -> "Mark":
        """The mark of a key; `ValueError` when the key names no mark or lacks (or has a needless) id."""
        kind, colon, mark_id = key.partition(":")
        mark = cls(MarkKind(kind), mark_id)
        if bool(mark_id) != (mark.kind is not MarkKind.EM) or (colon and not mark_id):
            raise ValueError(f"not a mark: {key!r}")
        return mark


Marks = frozenset[Mark]
NO_MARKS: Marks = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of characters that carry the same marks; never empty inside a paragraph."""

    text: str
    marks: Marks = NO_MARKS

    def ids(self, kind: MarkKind) -> frozenset[AmendmentId]:
        """The amendment ids of its marks of one kind."""
        return frozenset(AmendmentId(mark.id) for mark in self.marks if mark.kind is kind)

    @property
    def insertion(self) -> AmendmentId | None:
        """The amendment that proposes these characters; None for text that is not a pending insertion."""
        return next((AmendmentId(mark.id) for mark in self.marks if mark.kind is MarkKind.INSERTION), None)

    def proposed_by(self, ids: Collection[AmendmentId]) -> bool:
        """Whether one of these amendments proposes these characters; also where marks of two stand on them, as in a
        view before it is set right (`opinions.alignment`).
        """
        return any(mark.kind is MarkKind.INSERTION and mark.id in ids for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One addressable unit. `added` is the amendment that proposes the paragraph as a whole, while pending."""

    id: ParagraphId
    kind: Kind
    level: int = 0
    runs: tuple[Run, ...] = ()
    added: AmendmentId | None = None

    @property
    def text(self) -> str:
        """All its characters, pending insertions and struck words included."""
        return "".join([run.text for run in self.runs])


@dataclass(frozen=True, slots=True)
class Opinion:
    """The text: paragraphs in reading order, ids unique."""

    paragraphs: tuple[Paragraph, ...] = ()

    def __iter__(self) -> Iterator[Paragraph]:
        return iter(self.paragraphs)

    def find(self, paragraph_id: str) -> Paragraph | None:
        """The paragraph with this id, or None."""
        return next((p for p in self.paragraphs if p.id == paragraph_id), None)

    def index(self, paragraph_id: str) -> int:
        """Its place in reading order; `KeyError` when there is none."""
        for number, paragraph in enumerate(self.paragraphs):
            if paragraph.id == paragraph_id:
                return number
        raise KeyError(paragraph_id)


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same characters and marks with neighbours of equal marks made one run and empty runs dropped."""
    result: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if result and result[-1].marks == run.marks:
            result[-1] = Run(result[-1].text + run.text, run.marks)
        else:
            result.append(run)
    return tuple(result)


def characters(runs: Iterable[Run]) -> Iterator[tuple[str, Marks]]:
    """Each character with its marks, in order."""
    for run in runs:
        for character in run.text:
            yield character, run.marks


def cut(runs: Iterable[Run], start: int, end: int) -> tuple[Run, ...]:
    """The runs of the characters from `start` up to `end`."""
    result: list[Run] = []
    offset = 0
    for run in runs:
        if offset >= end:
            break
        behind = offset + len(run.text)
        if behind > start:
            low, high = max(start - offset, 0), min(end, behind) - offset
            if low < high:
                result.append(run if high - low == len(run.text) else Run(run.text[low:high], run.marks))
        offset = behind
    return tuple(result)
