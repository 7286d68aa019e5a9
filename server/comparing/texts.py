"""What a text of a comparison is: a version of an Opinion, or its living text."""

from dataclasses import dataclass
from datetime import datetime

from opinions.canonical import canonical_text, fingerprint
from opinions.record import Document
from opinions.visibility import Attribution
from server.opinion_store import OpinionRow

DRAFT = "draft"
"""What the living text is called in an address."""


@dataclass(frozen=True, slots=True)
class Named:
    """A text by the Opinion's id and the version's number; 0 is the living text."""

    opinion: str
    number: int

    def spelled(self, here: str) -> str:
        """As an address under the Opinion `here` has it."""
        text = str(self.number) if self.number else DRAFT
        return text if self.opinion == here else f"{self.opinion}:{text}"


@dataclass(frozen=True, slots=True)
class Offered:
    """A text that the reader may choose, as a list calls it. `began`: this Opinion's own text began with it."""

    named: Named
    told: str
    began: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One text of a comparison. `seq` is the entry of its log up to which it holds everything; `at`, when it stood so:
    when a version was frozen, now for the living text. `setting` is the version's own, of whose names are shown.
    """

    opinion: OpinionRow
    number: int
    label: str
    at: datetime
    seq: int
    fingerprint: str
    document: Document
    setting: Attribution | None = None

    @property
    def named(self) -> Named:
        """What it is called in an address."""
        return Named(self.opinion.id, self.number)


def fingerprint_of(side: Side) -> str:
    """The text's fingerprint; of a living text, what a freeze of it would compute."""
    return side.fingerprint or fingerprint(canonical_text(side.document))
