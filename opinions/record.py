"""The record beside the text: whose proposal each amendment is, and what became of it.

Only the server writes the record. In the shared document it is a map from a key (`amendment:<id>`,
`paragraph:<id>`, `opinion`) to the JSON text of one value here (crdt/SPEC.md, D5); `opinions.record_json`
translates both ways. Times are aware UTC and always passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from opinions.model import AmendmentId, DelegationCode, Opinion, Paragraph, ParagraphId, Run

Key = TypeVar("Key")
Value = TypeVar("Value")

SECRETARIAT = DelegationCode("SEC")
"""The party of editorial corrections and of imported brackets that nobody signed."""
CHAIR = DelegationCode("CHR")


class AmendmentKind(StrEnum):
    """What is wanted: a new paragraph, other words, a paragraph's removal, or a bracket around words."""

    ADD = "ADD"
    MOD = "MOD"
    SUP = "SUP"
    BRACKET = "bracket"


class Status(StrEnum):
    """Where an amendment stands. `draft` is seen by its delegation alone."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    AGREED = "agreed"
    AGREED_AD_REFERENDUM = "agreed_ad_referendum"
    SET_ASIDE = "set_aside"
    NOT_RETAINED = "not_retained"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


OPEN_STATUSES = frozenset({Status.DRAFT, Status.SUBMITTED, Status.SET_ASIDE})
"""Still pending: its marks stand in the text and `without` lifts them (set aside means come back to it)."""


class ParagraphState(StrEnum):
    """`base` is text nobody has considered yet; the others are what the chair's gavel made of it."""

    BASE = "base"
    OPEN = "open"
    AGREED_AD_REFERENDUM = "agreed_ad_referendum"
    AGREED = "agreed"


class Ruling(StrEnum):
    """The outcomes a chair announces on an amendment at one revision."""

    AGREED = "agreed"
    AGREED_AD_REFERENDUM = "agreed_ad_referendum"
    NOT_RETAINED = "not_retained"
    SET_ASIDE = "set_aside"
    REOPENED = "reopened"


class Attitude(StrEnum):
    """What a delegation says of an amendment (guide: domain 2.2)."""

    PROPOSE = "propose"
    SUPPORT = "support"
    RETAIN = "retain"
    DELETE = "delete"
    OPPOSE = "oppose"
    RESERVE = "reserve"
    FLEXIBLE = "flexible"
    AWAITING = "awaiting_instructions"


@dataclass(frozen=True, slots=True)
class Stance:
    """A delegation's (or group's, as spelt in the source) attitude to an amendment."""

    delegation: str
    attitude: Attitude
    note: str = ""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the source wrote a bracket: its attribution before and after the words, and its glyphs.

    Alternatives parted by a slash share a pair of glyphs: the first closes with the slash, the next opens with
    nothing.
    """

    before: str = ""
    after: str = ""
    opening: str = "["
    closing: str = "]"


@dataclass(frozen=True, slots=True)
class Removed:
    """Words a decision took out of the text, kept with their marks and place so that reopening restores them.

    `whole` is set when the paragraph itself went; it then stood after `after` (None: at the start). Otherwise
    `runs` stood at code point `offset` of `paragraph`, between the texts `left` and `right` (24 characters each).
    `by` is the other amendment by whose decision they went; they come back with that one. Words that stayed and
    only lost marks of the amendment are kept alike (opinions/SPEC.md, D5).
    """

    paragraph: ParagraphId
    offset: int = 0
    runs: tuple[Run, ...] = ()
    left: str = ""
    right: str = ""
    whole: Paragraph | None = None
    after: ParagraphId | None = None
    by: AmendmentId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One outcome as recorded. `recorded_by` differs from `ruled_by` when the secretariat records it on instruction."""

    ruling: Ruling
    revision: int
    at: datetime
    ruled_by: str
    recorded_by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What one delegation, with co-sponsors, wants changed.

    `number` is what the room calls it (`#38`), given at the first Submit; 0 before. `revision` rises with each
    Submit. `pinned` freezes the words of this revision while they are before the meeting. `revises` names the
    submitted amendment that a draft rewords. `group` ties brackets that are alternatives of one another. `reacted`
    is the last revision that somebody joined or was called to object to.
    """

    id: AmendmentId
    kind: AmendmentKind
    delegation: DelegationCode
    author: str
    paragraph: ParagraphId
    created_at: datetime
    changed_at: datetime
    status: Status = Status.DRAFT
    revision: int = 0
    number: int = 0
    typist: str = ""
    sponsors: tuple[DelegationCode, ...] = ()
    reason: str = ""
    source: str = ""
    pinned: bool = False
    revises: AmendmentId | None = None
    group: str = ""
    stances: tuple[Stance, ...] = ()
    spelling: Spelling | None = None
    removed: tuple[Removed, ...] = ()
    decisions: tuple[Decision, ...] = ()
    reacted: int = 0

    @property
    def open(self) -> bool:
        """Whether its marks still stand as a pending proposal."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class ParagraphRecord:
    """What is on record of a paragraph: its stored label, its state, the rulings on it.

    `tag` is the status tag the source wrote behind it, with the blanks before it (` [Agreed ad ref]`). `layout`
    is how the source set line breaks, indentation and label before its words (`opinions.notation.layout`); empty:
    as usual.
    """

    id: ParagraphId
    label: str = ""
    state: ParagraphState = ParagraphState.BASE
    decisions: tuple[Decision, ...] = ()
    tag: str = ""
    layout: str = ""


@dataclass(frozen=True, slots=True)
class OpinionRecord:
    """What is on record of the Opinion as a whole. `draft` counts drafts ("Fourth draft"), from 1."""

    draft: int = 1
    next_number: int = 1
    live_drafting: bool = False
    closed: bool = False
    observers_admitted: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """All that is on record of one Opinion."""

    amendments: Mapping[AmendmentId, Amendment] = field(default_factory=lambda: MappingProxyType({}))
    paragraphs: Mapping[ParagraphId, ParagraphRecord] = field(default_factory=lambda: MappingProxyType({}))
    opinion: OpinionRecord = OpinionRecord()

    def paragraph(self, paragraph_id: ParagraphId) -> ParagraphRecord:
        """The record of a paragraph; a fresh one (base, no label) when nothing is on record."""
        return self.paragraphs.get(paragraph_id) or ParagraphRecord(paragraph_id)


def copied(entries: Mapping[Key, Value]) -> dict[Key, Value]:
    """The entries of a record for a next one. A proxy copies what it holds at once; `dict` would ask it key by key."""
    return entries.copy() if isinstance(entries, MappingProxyType) else dict(entries)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its record. For a delegation's view the record holds its drafts too."""

    text: Opinion = field(default_factory=Opinion)
    record: Record = field(default_factory=Record)

    def amendment(self, amendment_id: str) -> Amendment | None:
        """The amendment with this id, or None."""
        return self.record.amendments.get(AmendmentId(amendment_id))
