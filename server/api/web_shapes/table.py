"""What stands and what lies on the chair's table: amendments, paragraphs, the sitting, calls, alternatives, packages.

The values are those of the record (crdt/SPEC.md, J), with fields at their default filled in.
"""

from datetime import datetime

from opinions.on_table import Alternatives, Call, Floor, Package, Sitting
from opinions.spoken import Decision, Stance
from opinions.statuses import AmendmentKind, ParagraphState, Status
from server.api.shapes import Shape


class StandingAmendment(Shape):
    """An amendment before the meeting or decided; never a draft. `words`: what it does, as it stands in the text."""

    id: str
    number: int
    revision: int
    kind: AmendmentKind
    status: Status
    delegation: str
    sponsors: list[str]
    paragraph: str
    cited: str
    words: list[str]
    reason: str
    source: str
    pinned: bool
    editorial: bool
    created_at: datetime
    changed_at: datetime
    stances: list[Stance]
    earlier: list[Stance]
    decisions: list[Decision]
    replaces: list[str]
    into: str | None


class StandingParagraph(Shape):
    """A paragraph with its clean text (what it would read if everything open failed) and where it stands."""

    id: str
    kind: str
    label: str
    cited: str
    state: ParagraphState
    clean: str
    stances: list[Stance]
    earlier: list[Stance]
    decisions: list[Decision]


class Table(Shape):
    """One Opinion as it stands."""

    seq: int
    draft: int
    closed: bool
    sitting: Sitting | None
    floor: Floor | None
    paragraphs: list[StandingParagraph]
    amendments: list[StandingAmendment]
    calls: list[Call]
    alternatives: list[Alternatives]
    packages: list[Package]
