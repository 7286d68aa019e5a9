"""Two texts compared, as JSON (opinions/SPEC.md, CM)."""

from datetime import datetime

from opinions.comparing.substance import Nature
from opinions.comparing.values import ChangeKind, Fate, Found
from opinions.redline import Change as Words
from opinions.views import View
from server.api.shapes import Shape


class ComparedText(Shape):
    """One of the texts: a version, or (0) the living text as of `at` with everything up to entry `seq`."""

    opinion: str
    version: int
    label: str
    at: datetime
    seq: int
    fingerprint: str


class ComparedPlace(Shape):
    """A paragraph as it stands in one of the texts; `number` from 0."""

    paragraph: str
    number: int
    kind: str
    label: str
    cited: str


class ComparedPiece(Shape):
    """A stretch of words and what became of it."""

    change: Words
    text: str


class ComparedRow(Shape):
    """A paragraph of the one text beside its partner in the other. Kept and deleted pieces are the earlier words, kept
    and inserted ones the later; a `left` row has none, they stand where it moved to.
    """

    fate: Fate
    found: Found
    before: ComparedPlace | None
    after: ComparedPlace | None
    pieces: list[ComparedPiece]


class ComparedReason(Shape):
    """Why a change came, in a line, and the page that tells more."""

    told: str
    address: str


class ComparedChange(Shape):
    """One thing that differs; `row` is the number of its row, from 0. Of words, the offsets count code points of what
    the view shows of the paragraph.
    """

    number: int
    kind: ChangeKind
    nature: Nature
    substance: bool
    row: int
    deleted: str
    inserted: str
    words: int
    before_at: int
    after_at: int
    reasons: list[ComparedReason]


class ComparedTexts(Shape):
    """What differs from one text to the other. `backwards`: from the newer one to the older one. `coarse`: some
    paragraphs differ so much that stretches of them are told as replaced.
    """

    view: View
    before: ComparedText
    after: ComparedText
    backwards: bool
    alike: bool
    coarse: bool
    summary: str
    rows: list[ComparedRow]
    changes: list[ComparedChange]
