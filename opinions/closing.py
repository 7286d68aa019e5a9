"""What is on record at the end of a draft: a renumbering with its concordance, and what became of a forum text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opinions.model import ParagraphId
from opinions.spoken import Stance


@dataclass(frozen=True, slots=True)
class RenumberingMark:
    """That the next freeze renumbers: the secretariat said so. `note` is the reason, needed from the second time on."""

    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """One line of a concordance: a paragraph's label before and after."""

    paragraph: ParagraphId
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class NewCitation:
    """A citation that followed: its words before and after, and where."""

    paragraph: ParagraphId
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class LeftCitation:
    """A citation that was left as it was, and why (`opinions.references.Problem`)."""

    paragraph: ParagraphId
    words: str
    problem: str


@dataclass(frozen=True, slots=True)
class Renumbering:
    """A renumbering that was carried out, under `renumbering:<id>`: the first draft's is `1`. `by` marked it."""

    id: str
    at: datetime
    by: str
    note: str = ""
    labels: tuple[NewLabel, ...] = ()
    citations: tuple[NewCitation, ...] = ()
    left: tuple[LeftCitation, ...] = ()


@dataclass(frozen=True, slots=True)
class ForumOrigin:
    """That a text is a forum text, and of which version of which Opinion: its number and fingerprint."""

    opinion: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AdoptionQuestion:
    """That the chair asked whether there is any objection to adopting the text, which had this fingerprint then."""

    at: datetime
    asked_by: str
    recorded_by: str
    digest: str
    note: str = ""


class AdoptionOutcome(StrEnum):
    """What the forum did with a text."""

    ADOPTED = "adopted"
    NOT_ADOPTED = "not_adopted"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What the chair declared of a forum text. `digest` is the fingerprint of its canonical text, `objections` are the
    formal objections that stood then, each with its reason, and `reservations` those on record, which bar nothing.
    """

    outcome: AdoptionOutcome
    at: datetime
    ruled_by: str
    recorded_by: str
    digest: str
    note: str = ""
    objections: tuple[Stance, ...] = ()
    reservations: tuple[Stance, ...] = ()
