"""Contributions as values: one registered document, and each proposal or view in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from opinions.document_numbers import DocumentNumber, document_number
from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.record import AmendmentKind
from server.errors import ServerError


class ContributionRefused(ServerError):
    """Raised when something of a contribution does not fit; says what to write instead, and in which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownContribution(ServerError):
    """Raised when no contribution, or no proposal in it, has this id."""


class Status(StrEnum):
    """Where a contribution stands: waiting for its number, on the register, or returned with a reason."""

    WAITING = "waiting"
    REGISTERED = "registered"
    RETURNED = "returned"


class ItemKind(StrEnum):
    """What a contribution says of a paragraph; a view changes nothing."""

    REPLACE = "replace"
    DELETE = "delete"
    ADD = "add"
    REMOVE = "remove"
    BRACKET = "bracket"
    VIEW = "view"


AMENDS: Mapping[ItemKind, AmendmentKind] = {
    ItemKind.REPLACE: AmendmentKind.MOD,
    ItemKind.DELETE: AmendmentKind.MOD,
    ItemKind.ADD: AmendmentKind.ADD,
    ItemKind.REMOVE: AmendmentKind.SUP,
    ItemKind.BRACKET: AmendmentKind.BRACKET,
}
"""What kind of amendment each kind of proposal becomes. A view becomes none."""


class ItemStatus(StrEnum):
    """What became of a proposal or view: kept on the register, an amendment in the text, or out of scope."""

    NOTED = "noted"
    ENTERED = "entered"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a contribution, without its content."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is written on a contribution's cover and may be corrected: everything but its number and its files."""

    title: str
    sources: tuple[DelegationCode, ...]
    language: str = ""
    meeting: str = ""
    dated: date | None = None
    pages: int | None = None
    opinions: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One contribution. `due_at` is the deadline as it was when it came; `superseded_by` and `supersedes` are the
    contributions before and after it in its row of revisions.
    """

    id: str
    status: Status
    about: Particulars
    received_at: datetime
    number: DocumentNumber | None = None
    due_at: datetime | None = None
    pages_counted: bool = False
    handed_in_by: str = ""
    handed_in_name: str = ""
    registered_at: datetime | None = None
    returned_for: str = ""
    files: tuple[Attachment, ...] = ()
    supersedes: str = ""
    superseded_by: str = ""

    @property
    def spelling(self) -> str:
        """Its number as spelt; empty while it has none."""
        return self.number.spelling if self.number else ""

    @property
    def late(self) -> bool:
        """Whether it came after the deadline; that is remarked and refuses nothing."""
        return self.due_at is not None and self.received_at >= self.due_at

    def remarks(self, most_pages: int) -> tuple[str, ...]:
        """What the register remarks of it: late, too long, superseded, a number that is not understood."""
        pages = self.about.pages or 0
        found = (
            (self.late, "Late"),
            (pages > most_pages, f"{pages} pages: more than the {most_pages} recommended"),
            (bool(self.superseded_by), "Superseded by a revision"),
            (self.number is not None and not self.number.known, "Number of a form that is not known"),
        )
        return tuple(words for holds, words in found if holds)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a proposal or view stands, as it was when it was made: the paragraph, how the room cited it, its words,
    and the entry of the log (`seq`) after which it was so. `paragraph` is None for the text as a whole.
    """

    opinion: str
    paragraph: ParagraphId | None = None
    cited: str = ""
    context: str = ""
    seq: int = 0
    start: int = 0
    was: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One proposal, or one view, in a contribution. `words` are what is proposed, or the view itself. Of an added
    paragraph the anchor names the one it stands after.
    """

    id: str
    contribution: str
    position: int
    delegation: DelegationCode
    kind: ItemKind
    anchor: Anchor
    words: str = ""
    reason: str = ""
    paragraph_kind: Kind = Kind.PARAGRAPH
    level: int = 0
    status: ItemStatus = ItemStatus.NOTED
    amendment: AmendmentId | None = None
    changed_at: datetime | None = None
    changed_by: str = ""


def is_plain(text: str) -> bool:
    """Whether a text holds no character that XML, or a database's text, cannot hold."""
    return re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text) is None


@dataclass(frozen=True, slots=True)
class Numbered:
    """The contributions of a register told apart by number: which revises which."""

    supersedes: Mapping[str, str] = field(default_factory=dict)
    superseded_by: Mapping[str, str] = field(default_factory=dict)


def revisions(numbers: Mapping[str, str]) -> Numbered:
    """Which contribution (by id) supersedes which, from their numbers as spelt: each the revision before it."""
    rows: dict[tuple[str, bool], list[tuple[str, DocumentNumber]]] = {}
    for key, spelling in numbers.items():
        number = document_number(spelling)
        rows.setdefault((number.base, number.known), []).append((key, number))
    older: dict[str, str] = {}
    newer: dict[str, str] = {}
    for members in rows.values():
        members.sort(key=lambda one: one[1].revision)
        for place, (key, number) in enumerate(members):
            before = _last_revised(number, members[:place])
            if before is not None:
                older[key], newer[before] = before, key
    return Numbered(older, newer)


def _last_revised(number: DocumentNumber, earlier: Iterable[tuple[str, DocumentNumber]]) -> str | None:
    found = [key for key, one in earlier if number.revises(one)]
    return found[-1] if found else None
