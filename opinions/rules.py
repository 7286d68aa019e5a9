"""What a delegation's typing must leave alone: non-interference (I1) as functions.

`without` takes proposals out of a text; what then remains is everybody else's. An update of delegation D is
fair when `without(D)` is the same before and after it (opinions/SPEC.md, W1 and W2). The functions on one
paragraph are what a gate calls at every keystroke: they work on runs, and give back the very paragraph when
nothing of the delegation's is in it.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    DelegationCode,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
)
from opinions.record import Document, Record
from opinions.shared_ends import shared_ends


class Trespass(StrEnum):
    """What happened to text that is not the delegation's."""

    PARAGRAPH_LOST = "paragraph_lost"
    PARAGRAPH_APPEARED = "paragraph_appeared"
    PARAGRAPH_MOVED = "paragraph_moved"
    PARAGRAPH_CHANGED = "paragraph_changed"
    WORDS_LOST = "words_lost"
    WORDS_APPEARED = "words_appeared"
    MARKS_CHANGED = "marks_changed"


@dataclass(frozen=True, slots=True)
class Interference:
    """One place where text that is not the delegation's differs, with the words there before and after."""

    paragraph: ParagraphId
    what: Trespass
    before: str = ""
    after: str = ""

    @property
    def message(self) -> str:
        """A sentence for the person whose typing it was."""
        return _SENTENCES[self.what].format(paragraph=self.paragraph, before=self.before, after=self.after)


_SENTENCES = {
    Trespass.PARAGRAPH_LOST: "Paragraph {paragraph} is not yours to remove; propose its removal instead.",
    Trespass.PARAGRAPH_APPEARED: "Paragraph {paragraph} stands in the text without a proposal of yours.",
    Trespass.PARAGRAPH_MOVED: "Paragraph {paragraph} is not yours to move; ask the secretariat.",
    Trespass.PARAGRAPH_CHANGED: "The kind of paragraph {paragraph} is not yours to change.",
    Trespass.WORDS_LOST: "The words “{before}” in paragraph {paragraph} are not yours to take out: strike.",
    Trespass.WORDS_APPEARED: "The words “{after}” in paragraph {paragraph} stand as if nobody proposed them.",
    Trespass.MARKS_CHANGED: "The marks on “{before}” in paragraph {paragraph} are not yours to change.",
}


def open_ids(record: Record, delegation: DelegationCode) -> frozenset[AmendmentId]:
    """The open amendments of one delegation: what its typing may change, and `without` lifts."""
    return frozenset(entry.id for entry in record.amendments.values() if entry.delegation == delegation and entry.open)


def without(ids: AbstractSet[str], text: Opinion) -> Opinion:
    """The text as if these amendments had never been proposed (W1).

    Lifting in two steps is lifting at once, but for a paragraph left empty by the second step: it goes when
    its own `added` is lifted again.
    """
    kept = (remaining(paragraph, ids) for paragraph in text)
    return Opinion(tuple(paragraph for paragraph in kept if paragraph is not None))


def without_delegation(delegation: DelegationCode, document: Document) -> Opinion:
    """The text as if this delegation had proposed nothing that is still open (W1)."""
    return without(open_ids(document.record, delegation), document.text)


def remaining(paragraph: Paragraph, ids: AbstractSet[str]) -> Paragraph | None:
    """What is left of one paragraph without these amendments; the same object when it has nothing of theirs.

    None when the paragraph itself is theirs and no other's word is left in it.
    """
    runs = _lifted(paragraph.runs, ids)
    if not runs and paragraph.added in ids:
        return None
    if runs is paragraph.runs:
        return paragraph
    return Paragraph(paragraph.id, paragraph.kind, paragraph.level, runs, paragraph.added)


def interferes(before: Document, after: Document, delegation: DelegationCode) -> tuple[Interference, ...]:
    """Every place where this delegation's update touches what is not its own; empty when it is fair (W2)."""
    left = without_delegation(delegation, before).paragraphs
    right = without_delegation(delegation, after).paragraphs
    return () if left == right else tuple(_differences(left, right))


def check_paragraph(
    before: Paragraph | None, after: Paragraph | None, ids: AbstractSet[str]
) -> tuple[Interference, ...]:
    """The same for one paragraph (None: not there), its place not looked at.

    `ids` are the delegation's open amendments, those the update mints among them.
    """
    left = remaining(before, ids) if before else None
    right = remaining(after, ids) if after else None
    if left == right:
        return ()
    return tuple(_differences((left,) if left else (), (right,) if right else ()))


def _lifted(runs: tuple[Run, ...], ids: AbstractSet[str]) -> tuple[Run, ...]:
    """Their insertions out, their deletion and bracket marks lifted; the same tuple if there are none."""
    kept: list[Run] = []
    untouched = True
    loose = False  # whether the runs on both sides of this place may have become alike
    for run in runs:
        for mark in run.marks:
            if mark.id in ids and mark.kind in AMENDMENT_MARKS:
                break
        else:
            if loose and kept and kept[-1].marks == run.marks:
                kept[-1] = Run(kept[-1].text + run.text, run.marks)
            else:
                kept.append(run)
            loose = False
            continue
        untouched, loose = False, True
        if run.insertion not in ids:
            marks = frozenset(m for m in run.marks if m.id not in ids or m.kind not in AMENDMENT_MARKS)
            if kept and kept[-1].marks == marks:
                kept[-1] = Run(kept[-1].text + run.text, marks)
            else:
                kept.append(Run(run.text, marks))
    return runs if untouched else tuple(kept)


def _differences(left: Sequence[Paragraph], right: Sequence[Paragraph]) -> Iterator[Interference]:
    known = {paragraph.id: paragraph for paragraph in left}
    kept: dict[ParagraphId, None] = {}
    for paragraph in right:
        if paragraph.id in known and paragraph.id not in kept:
            kept[paragraph.id] = None
            yield from _compared(known[paragraph.id], paragraph)
        else:
            yield Interference(paragraph.id, Trespass.PARAGRAPH_APPEARED, after=paragraph.text)
    for paragraph in left:
        if paragraph.id not in kept:
            yield Interference(paragraph.id, Trespass.PARAGRAPH_LOST, before=paragraph.text)
    stayed = [paragraph.id for paragraph in left if paragraph.id in kept]
    for there, here in zip(stayed, kept, strict=True):
        if there != here:
            yield Interference(here, Trespass.PARAGRAPH_MOVED)
            return


def _compared(before: Paragraph, after: Paragraph) -> Iterator[Interference]:
    if (before.kind, before.level, before.added) != (after.kind, after.level, after.added):
        yield Interference(before.id, Trespass.PARAGRAPH_CHANGED)
    left, right = before.text, after.text
    if left != right:
        start, end = shared_ends(left, right)
        lost, appeared = left[start : len(left) - end], right[start : len(right) - end]
        what = Trespass.WORDS_LOST if lost else Trespass.WORDS_APPEARED
        yield Interference(before.id, what, lost, appeared)
    elif before.runs != after.runs:
        words = _differently_marked(before.runs, after.runs)
        yield Interference(before.id, Trespass.MARKS_CHANGED, words, words)


def _differently_marked(left: Sequence[Run], right: Sequence[Run]) -> str:
    """The stretch from the first to the last character whose marks differ; both hold the same characters."""
    before = [marks for run in left for marks in [run.marks] * len(run.text)]
    after = [marks for run in right for marks in [run.marks] * len(run.text)]
    text = "".join(run.text for run in left)
    differing = [number for number, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    return text[differing[0] : differing[-1] + 1]
