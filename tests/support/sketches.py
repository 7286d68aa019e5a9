"""Documents while they are drawn: cells of one character and its marks.

On purpose without the functions under test, so that a fault there cannot hide here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from opinions.model import (
    NO_MARKS,
    AmendmentId,
    DelegationCode,
    Kind,
    MarkKind,
    Marks,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.record import Amendment, AmendmentKind, Decision, Ruling, Status
from tests.support.builders import at

PENDING = (Status.SUBMITTED, Status.SUBMITTED, Status.SET_ASIDE)
"""Statuses whose marks stand in the text."""
TAKEN = (Status.AGREED, Status.AGREED_AD_REFERENDUM)
"""Statuses whose words are in the text for good."""
FALLEN = (Status.NOT_RETAINED, Status.WITHDRAWN, Status.SUPERSEDED)
"""Statuses whose words are kept on record alone."""

Cell = tuple[str, Marks]


@dataclass
class Sketch:
    """A paragraph being drawn."""

    id: ParagraphId
    kind: Kind
    level: int
    cells: list[Cell]
    added: AmendmentId | None = None

    def paragraph(self) -> Paragraph:
        """The paragraph as it is drawn so far."""
        runs = joined(Run(character, marks) for character, marks in self.cells)
        return Paragraph(self.id, self.kind, self.level, runs, self.added)


@dataclass
class Sketchbook:
    """A document being drawn."""

    sketches: list[Sketch]
    amendments: dict[AmendmentId, Amendment] = field(default_factory=dict)

    def owner(self, amendment_id: str | None) -> DelegationCode | None:
        """Whose an amendment is."""
        amendment = self.amendments.get(AmendmentId(amendment_id or ""))
        return amendment.delegation if amendment else None

    def sketch(self, paragraph_id: str) -> Sketch:
        """The sketch with this id."""
        return next(sketch for sketch in self.sketches if sketch.id == paragraph_id)

    def text(self) -> Opinion:
        """The text as it is drawn so far."""
        return Opinion(tuple(sketch.paragraph() for sketch in self.sketches))


def sketched(paragraphs: Iterable[Paragraph]) -> list[Sketch]:
    """Paragraphs to go on drawing on."""
    return [
        Sketch(p.id, p.kind, p.level, [(c, run.marks) for run in p.runs for c in run.text], p.added) for p in paragraphs
    ]


def ids_of(marks: Marks, kind: MarkKind) -> set[str]:
    """The ids of the marks of one kind."""
    return {mark.id for mark in marks if mark.kind is kind}


def inserter(marks: Marks) -> str | None:
    """The amendment that inserts a character, if one does."""
    return next(iter(ids_of(marks, MarkKind.INSERTION)), None)


def around(cells: Sequence[Cell], offset: int) -> Marks:
    """The brackets that stand round a place: typing inside a bracket stays inside."""
    if not 0 < offset < len(cells):
        return NO_MARKS
    both = cells[offset - 1][1] & cells[offset][1]
    return frozenset(mark for mark in both if mark.kind is MarkKind.BRACKET)


@st.composite
def stretches(draw: st.DrawFn, length: int) -> tuple[int, int]:
    """A non-empty stretch of so many places."""
    start = draw(st.integers(0, length - 1))
    return start, draw(st.integers(start + 1, length))


def entry_of(number: int, party: DelegationCode, status: Status) -> Amendment:
    """An amendment on record that does not yet say where it stands; younger than those of lower numbers."""
    ruling = {status: Ruling(status) for status in (*TAKEN, Status.NOT_RETAINED)}.get(status)
    return Amendment(
        id=AmendmentId(f"a-{number:02d}"),
        kind=AmendmentKind.MOD,
        delegation=party,
        author=f"expert-{party.lower()}",
        paragraph=ParagraphId(""),
        created_at=at(number),
        changed_at=at(number),
        status=status,
        revision=0 if status is Status.DRAFT else 1,
        number=0 if status is Status.DRAFT else number,
        decisions=(Decision(ruling, 1, at(60), "chair", "chair"),) if ruling else (),
    )
