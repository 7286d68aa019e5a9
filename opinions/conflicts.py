"""Which pending amendments of different delegations touch the same words. It tells people to look; it decides nothing.

The rule is the editor's (web/src/panels/conflicts.ts), so that a card there and the chair's queue agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opinions.model import AMENDMENT_MARKS, AmendmentId, Mark, Paragraph
from opinions.record import AmendmentKind, Document, Status


@dataclass(frozen=True, slots=True, order=True)
class Touched:
    """Words that an amendment touches: characters `start` up to `end` of the paragraph number `place`."""

    place: int
    start: int
    end: int


def touched(document: Document) -> Mapping[AmendmentId, tuple[Touched, ...]]:
    """What each amendment before the meeting touches, in reading order; a proposed removal touches its paragraph.

    Words under one kind of mark with nothing settled between them are one stretch, others' pending words included.
    """
    found: dict[AmendmentId, list[Touched]] = {}
    pending = {one.id for one in document.record.amendments.values() if one.open and one.status is not Status.DRAFT}
    numbers = {paragraph.id: number for number, paragraph in enumerate(document.text)}
    for name in pending:
        amendment = document.record.amendments[name]
        number = numbers.get(amendment.paragraph)
        if amendment.kind is AmendmentKind.SUP and number is not None:
            found[name] = [Touched(number, 0, len(document.text.paragraphs[number].text))]
    for number, paragraph in enumerate(document.text):
        for name, start, end in _pieces(paragraph):
            if name in pending:
                found.setdefault(name, []).append(Touched(number, start, end))
    return {name: tuple(sorted(stretches)) for name, stretches in found.items()}


def conflicts(
    document: Document, touching: Mapping[AmendmentId, tuple[Touched, ...]] | None = None
) -> Mapping[AmendmentId, tuple[AmendmentId, ...]]:
    """For each pending amendment the pending ones of other delegations whose words overlap or adjoin its own; only
    those that have any. `touching`: what `touched` found, where it is at hand.
    """
    rows: dict[int, list[tuple[int, int, AmendmentId]]] = {}
    for name, stretches in (touched(document) if touching is None else touching).items():
        for one in stretches:
            rows.setdefault(one.place, []).append((one.start, one.end, name))
    found: dict[AmendmentId, dict[AmendmentId, None]] = {}
    for _, row in sorted(rows.items()):
        _compare(document, row, found)
    return {name: tuple(others) for name, others in found.items()}


def _compare(
    document: Document, row: list[tuple[int, int, AmendmentId]], found: dict[AmendmentId, dict[AmendmentId, None]]
) -> None:
    row.sort()
    delegations = {name: document.record.amendments[name].delegation for _, _, name in row}
    for number, (_, end, name) in enumerate(row):
        for start, _, other in row[number + 1 :]:
            if start > end:
                break
            if delegations[name] != delegations[other]:
                found.setdefault(name, {})[other] = None
                found.setdefault(other, {})[name] = None


def _pieces(paragraph: Paragraph) -> Iterable[tuple[AmendmentId, int, int]]:
    """The stretches of each pending mark; what is added as a whole has its own insertion mark throughout."""
    offset = settled = 0
    standing: dict[Mark, tuple[int, int, int]] = {}
    for run in paragraph.runs:
        end = offset + len(run.text)
        after = settled if run.insertion else settled + 1
        for mark in run.marks:
            if mark.kind not in AMENDMENT_MARKS:
                continue
            begun = standing.get(mark)
            if begun is not None and begun[2] == settled:
                standing[mark] = (begun[0], end, after)
                continue
            if begun is not None:
                yield AmendmentId(mark.id), begun[0], begun[1]
            standing[mark] = (offset, end, after)
        offset, settled = end, after
    for mark, (start, end, _) in standing.items():
        yield AmendmentId(mark.id), start, end
