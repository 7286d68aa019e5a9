"""Commands of the chair's table: positions, the sitting, calls for objections, alternatives, packages, compromise text.

As those of `opinions.commands`, which reads and writes them all (crdt/SPEC.md, C1).
"""

from dataclasses import dataclass
from typing import ClassVar

from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.on_table import Link, Option
from opinions.proposals import Replacement
from opinions.statuses import AmendmentKind, Answer, Attitude, Level, Ruling

NO_AMENDMENT = AmendmentId("")
NO_PARAGRAPH = ParagraphId("")


@dataclass(frozen=True, slots=True)
class RulingOn:
    """A ruling on one amendment at one revision; `words`: its digest as the screen showed it, compared unless empty."""

    amendment: AmendmentId
    revision: int
    ruling: Ruling
    words: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """One amendment that a call puts, at one revision; `words` as in `RulingOn`."""

    amendment: AmendmentId
    revision: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class TakePosition:
    """A delegation's attitude to another one's amendment at its revision, or to a paragraph (then `amendment` is
    empty and `revision` 0); the former one is kept as history. `group`: said for that group, by a delegation of it.
    """

    act: ClassVar[str] = "take_position"
    amendment: AmendmentId
    revision: int
    attitude: Attitude
    note: str = ""
    paragraph: ParagraphId = NO_PARAGRAPH
    group: str = ""


@dataclass(frozen=True, slots=True)
class JoinPosition:
    """A member confirms that a group's position is its own too (`on`), or takes that back."""

    act: ClassVar[str] = "join_position"
    group: str
    amendment: AmendmentId = NO_AMENDMENT
    paragraph: ParagraphId = NO_PARAGRAPH
    on: bool = True


@dataclass(frozen=True, slots=True)
class ConfirmTyped:
    """A delegation confirms what the operator typed for it: an amendment, and its position there or on a paragraph."""

    act: ClassVar[str] = "confirm_typed"
    amendment: AmendmentId = NO_AMENDMENT
    paragraph: ParagraphId = NO_PARAGRAPH


@dataclass(frozen=True, slots=True)
class MarkEditorial:
    """Mark an amendment as editorial, (MOD): it changes no sense, and such ones may be decided many at once."""

    act: ClassVar[str] = "mark_editorial"
    amendment: AmendmentId
    on: bool = True


@dataclass(frozen=True, slots=True)
class OpenSitting:
    """A meeting begins: decisions are recorded under its name and level, attendance as marked."""

    act: ClassVar[str] = "open_sitting"
    name: str
    level: Level = Level.IEG


@dataclass(frozen=True, slots=True)
class CloseSitting:
    """The meeting is over."""

    act: ClassVar[str] = "close_sitting"


@dataclass(frozen=True, slots=True)
class MarkPresent:
    """Delegations take part in the sitting, or no longer: marked by themselves or by the secretariat."""

    act: ClassVar[str] = "mark_present"
    delegations: tuple[DelegationCode, ...]
    on: bool = True


@dataclass(frozen=True, slots=True)
class TakeUp:
    """The chair takes up a paragraph, perhaps one amendment in it; the projector follows. Empty: nothing."""

    act: ClassVar[str] = "take_up"
    paragraph: ParagraphId = NO_PARAGRAPH
    amendment: AmendmentId = NO_AMENDMENT


@dataclass(frozen=True, slots=True)
class OpenCall:
    """Is there any objection? Pins amendments at a revision before the meeting. `call` is a fresh id."""

    act: ClassVar[str] = "open_call"
    call: str
    items: tuple[Called, ...]
    seconds: int = 0
    note: str = ""
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class ExtendCall:
    """Shows more time on a call's timer; nothing follows from a timer."""

    act: ClassVar[str] = "extend_call"
    call: str
    seconds: int


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """A delegation objects (with its reason), needs time, or has no objection. A later answer takes its place."""

    act: ClassVar[str] = "answer_call"
    call: str
    answer: Answer
    note: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawCall:
    """The chair withdraws the call; nothing is decided, and what it pinned is released."""

    act: ClassVar[str] = "withdraw_call"
    call: str
    note: str = ""
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class DecideCall:
    """“It is so decided”: the chair's ruling on all that the call put, and in the same act on `others` (the amendments
    that competed with it). `package`, `asked_by` and `until` (ISO 8601) as in `RecordOutcome`.
    """

    act: ClassVar[str] = "decide_call"
    call: str
    ruling: Ruling = Ruling.AGREED
    others: tuple[RulingOn, ...] = ()
    note: str = ""
    ruled_by: str = ""
    asked_by: tuple[DelegationCode, ...] = ()
    until: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class RecordOutcomes:
    """One ruling on many editorial amendments at once; refused for any that is not marked editorial."""

    act: ClassVar[str] = "record_outcomes"
    outcomes: tuple[RulingOn, ...]
    note: str = ""
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class PutAlternatives:
    """Tie amendments together as options of which at most one can stand, or change such a set. `alternatives` is a
    fresh id, or that of the set.
    """

    act: ClassVar[str] = "put_alternatives"
    alternatives: str
    name: str
    options: tuple[Option, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PickOption:
    """The chair picks one option by its label: its amendments are agreed and those of the others not retained, in one
    act. `outcomes` name every amendment at its revision, as the screen showed them; `ad_referendum` agrees so.
    """

    act: ClassVar[str] = "pick_option"
    alternatives: str
    option: str
    outcomes: tuple[RulingOn, ...] = ()
    ad_referendum: bool = False
    note: str = ""
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class KeepAlternatives:
    """The chair keeps all options for now, or (`drop`) unties them; the amendments stay as they are."""

    act: ClassVar[str] = "keep_alternatives"
    alternatives: str
    drop: bool = False
    note: str = ""
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class PutPackage:
    """Tie subjects (`amendment:<id>`, `paragraph:<id>`) into a package with links, or change one. `package` is a fresh
    id, or that of the package.
    """

    act: ClassVar[str] = "put_package"
    package: str
    name: str
    subjects: tuple[str, ...]
    links: tuple[Link, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClosePackage:
    """The package is no more; what it held stays as it is."""

    act: ClassVar[str] = "close_package"
    package: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProposeCompromise:
    """Wording of the chair or a facilitator for a set of competing amendments (`replaces`). The fields from `kind` on
    are those of a ready-made proposal (`opinions.proposals.Proposal`); its party is the chair.
    """

    act: ClassVar[str] = "propose_compromise"
    amendment: AmendmentId
    replaces: tuple[AmendmentId, ...]
    kind: AmendmentKind
    paragraph: ParagraphId
    replacements: tuple[Replacement, ...] = ()
    after: ParagraphId | None = None
    paragraph_kind: Kind = Kind.PARAGRAPH
    level: int = 0
    text: str = ""
    reason: str = ""
    source: str = ""


TableCommand = (
    TakePosition
    | JoinPosition
    | ConfirmTyped
    | MarkEditorial
    | OpenSitting
    | CloseSitting
    | MarkPresent
    | TakeUp
    | OpenCall
    | ExtendCall
    | AnswerCall
    | WithdrawCall
    | DecideCall
    | RecordOutcomes
    | PutAlternatives
    | PickOption
    | KeepAlternatives
    | PutPackage
    | ClosePackage
    | ProposeCompromise
)
NESTED = (RulingOn, Called, Option, Link)
"""Values inside of these commands."""
