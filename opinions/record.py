"""The record beside the text: whose proposal each amendment is, and what became of it.

Only the server writes the record. In the shared document it is a map from a key (`amendment:<id>`,
`paragraph:<id>`, `opinion`, and those of `opinions.on_table`) to the JSON text of one value here (crdt/SPEC.md, D5);
`opinions.record_json` translates both ways. Times are aware UTC and always passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from opinions.closing import Adoption as Adoption
from opinions.closing import AdoptionQuestion as AdoptionQuestion
from opinions.closing import ForumOrigin as ForumOrigin
from opinions.closing import Renumbering as Renumbering
from opinions.closing import RenumberingMark as RenumberingMark
from opinions.model import AmendmentId, DelegationCode, Opinion, Paragraph, ParagraphId, Run
from opinions.on_table import Alternatives as Alternatives
from opinions.on_table import Call as Call
from opinions.on_table import Floor as Floor
from opinions.on_table import OnTable as OnTable
from opinions.on_table import Package as Package
from opinions.on_table import Sitting as Sitting
from opinions.spoken import Decision as Decision
from opinions.spoken import Stance as Stance
from opinions.statuses import OPEN_STATUSES as OPEN_STATUSES
from opinions.statuses import AmendmentKind as AmendmentKind
from opinions.statuses import Attitude as Attitude
from opinions.statuses import Level as Level
from opinions.statuses import ParagraphState as ParagraphState
from opinions.statuses import Ruling as Ruling
from opinions.statuses import Status as Status

Key = TypeVar("Key")
Value = TypeVar("Value")

SECRETARIAT = DelegationCode("SEC")
"""The party of editorial corrections and of imported brackets that nobody signed."""
CHAIR = DelegationCode("CHR")


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
class Amendment:
    """What one delegation, with co-sponsors, wants changed.

    `number` is what the room calls it (`#38`), given at the first Submit; 0 before. `revision` rises with each
    Submit. `pinned` freezes the words of this revision while they are before the meeting. `revises` names the
    submitted amendment that a draft rewords. `group` ties brackets that are alternatives of one another. `reacted`
    is the last revision that somebody joined or was called to object to. `stances` are the positions as they are
    now, `earlier` those that were, oldest first. `editorial` is what the secretariat marked as changing no sense.
    `replaces` are the amendments for which a compromise text stands; `into` is the one that took this one's place.
    `confirmed` is who of the delegation confirmed what another typed for it (`typist`). `late` is the deadline that
    this revision was submitted after, where it was taken all the same (opinions/SPEC.md, PH5).
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
    earlier: tuple[Stance, ...] = ()
    editorial: bool = False
    replaces: tuple[AmendmentId, ...] = ()
    into: AmendmentId | None = None
    confirmed: str = ""
    confirmed_at: datetime | None = None
    late: datetime | None = None

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
    stances: tuple[Stance, ...] = ()
    earlier: tuple[Stance, ...] = ()


@dataclass(frozen=True, slots=True)
class OpinionRecord:
    """What is on record of the Opinion as a whole. `draft` counts drafts ("Fourth draft"), from 1. `sitting` is the
    meeting that is under way; `floor` what the chair has taken up. `renumbering` is set while the next freeze
    renumbers. `forum` is set in a forum text; `question` once the chair asked whether it is adopted; `adoption` is what
    became of it.
    """

    draft: int = 1
    next_number: int = 1
    live_drafting: bool = False
    closed: bool = False
    observers_admitted: bool = True
    sitting: Sitting | None = None
    floor: Floor | None = None
    renumbering: RenumberingMark | None = None
    forum: ForumOrigin | None = None
    question: AdoptionQuestion | None = None
    adoption: Adoption | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """All that is on record of one Opinion. `table` holds calls, alternatives and packages by their keys."""

    amendments: Mapping[AmendmentId, Amendment] = field(default_factory=lambda: MappingProxyType({}))
    paragraphs: Mapping[ParagraphId, ParagraphRecord] = field(default_factory=lambda: MappingProxyType({}))
    opinion: OpinionRecord = OpinionRecord()
    table: Mapping[str, OnTable] = field(default_factory=lambda: MappingProxyType({}))

    def call(self, call_id: str) -> Call | None:
        """The call for objections with this id, or None."""
        found = self.table.get(f"call:{call_id}")
        return found if isinstance(found, Call) else None

    def alternatives(self, alternatives_id: str) -> Alternatives | None:
        """The alternatives with this id, or None."""
        found = self.table.get(f"alternatives:{alternatives_id}")
        return found if isinstance(found, Alternatives) else None

    def package(self, package_id: str) -> Package | None:
        """The package with this id, or None."""
        found = self.table.get(f"package:{package_id}")
        return found if isinstance(found, Package) else None

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
