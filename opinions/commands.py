"""What a person may ask of the server beside typing: one frozen value per command.

Commands travel as JSON objects with the field `act` (crdt/SPEC.md, W7); `from_json` reads one and `to_json` writes
it for the log. They go through the same queue as typed updates (I4) and each is carried out by the server alone.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, get_args, get_origin

from opinions.closing_commands import ClosingCommand
from opinions.errors import InvalidCommand
from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.on_table import MAX_CALLED, MAX_OPTIONS, MAX_PACKAGED
from opinions.proposals import (
    MAX_ENTERED,
    MAX_PROPOSALS,
    MAX_REPLACEMENTS,
    MAX_SPONSORS,
    BaseChange,
    Proposal,
    Replacement,
)
from opinions.record import ParagraphState, Ruling
from opinions.table_commands import (
    NESTED,
    RulingOn,
    TableCommand,
)
from opinions.table_commands import TakePosition as TakePosition
from opinions.version_kinds import VersionKind

MAX_REASON = 2_000
"""Characters of a reason or note: half a page; longer argument belongs in a contribution."""
MAX_TEXT = 20_000
"""Characters of a paragraph text given in a command; the longest paragraph of real drafts has some 6,000."""

MAX_RULED = 200
"""Editorial amendments that one command rules on: more than one reading of a 30-page draft brings."""
MAX_NAMED = 300
"""Delegations that one command names: every Member State, and who else takes part."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Propose a draft, or propose it anew at the next revision. `struck`: the words that it strikes, as the screen
    showed them (`amendments.struck_digest`), compared unless empty.
    """

    act: ClassVar[str] = "submit"
    amendment: AmendmentId
    reason: str = ""
    source: str = ""
    struck: str = ""


@dataclass(frozen=True, slots=True)
class Discard:
    """Throw a draft of one's own delegation away."""

    act: ClassVar[str] = "discard"
    amendment: AmendmentId


@dataclass(frozen=True, slots=True)
class BringBack:
    """Put what a drafting group drafted before the meeting, in one act: all of it, or the drafts named. `agreed`: the
    facilitator reports it as agreed in informals; `note` is what he or she says of it.
    """

    act: ClassVar[str] = "bring_back"
    group: str
    amendments: tuple[AmendmentId, ...] = ()
    agreed: bool = False
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProposeRemoval:
    """Draft the suppression (SUP) of a paragraph under an amendment id minted by the client."""

    act: ClassVar[str] = "propose_removal"
    amendment: AmendmentId
    paragraph: ParagraphId


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take one's own submitted amendment back; the first co-sponsor who wants it becomes its author."""

    act: ClassVar[str] = "withdraw"
    amendment: AmendmentId


@dataclass(frozen=True, slots=True)
class Cosponsor:
    """Join another delegation's amendment at its revision, or leave it."""

    act: ClassVar[str] = "cosponsor"
    amendment: AmendmentId
    revision: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class CallForObjections:
    """Pin one revision before the meeting (`on`), or release it. What its author types meanwhile is the next
    revision. `ruled_by` names the chair when the secretariat records it.
    """

    act: ClassVar[str] = "call_for_objections"
    amendment: AmendmentId
    revision: int
    on: bool = True
    ruled_by: str = ""


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """The chair's ruling on one amendment at one revision. `ruled_by` names the chair when the secretariat records
    it. `asked_by` are the delegations that asked for it (set aside) or for which it is pending, `until` (ISO 8601) when
    it is taken up again, `package` on what it depends; `others` are ruled on in the same act.
    """

    act: ClassVar[str] = "record_outcome"
    amendment: AmendmentId
    revision: int
    ruling: Ruling
    words: str = ""
    note: str = ""
    ruled_by: str = ""
    asked_by: tuple[DelegationCode, ...] = ()
    until: str = ""
    package: str = ""
    others: tuple[RulingOn, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open a decided amendment again; the words a decision took out come back under it. `asked_by` asked for it."""

    act: ClassVar[str] = "reopen"
    amendment: AmendmentId
    note: str = ""
    ruled_by: str = ""
    asked_by: tuple[DelegationCode, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsiderParagraph:
    """The chair's ruling on a paragraph as it stands; the other fields as in `RecordOutcome`."""

    act: ClassVar[str] = "consider_paragraph"
    paragraph: ParagraphId
    state: ParagraphState
    note: str = ""
    ruled_by: str = ""
    asked_by: tuple[DelegationCode, ...] = ()
    until: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class SplitParagraph:
    """Cut a paragraph in two at code point `at`, behind the words `was`; the second part becomes `new_paragraph`."""

    act: ClassVar[str] = "split_paragraph"
    paragraph: ParagraphId
    at: int
    new_paragraph: ParagraphId
    was: str = ""
    """The words before the cut, as the screen showed them; empty: not compared."""


@dataclass(frozen=True, slots=True)
class JoinParagraph:
    """Join a paragraph with the one after it; the first keeps its id."""

    act: ClassVar[str] = "join_paragraph"
    paragraph: ParagraphId


@dataclass(frozen=True, slots=True)
class MoveParagraph:
    """Move a paragraph behind another one (None: to the start); it keeps its id."""

    act: ClassVar[str] = "move_paragraph"
    paragraph: ParagraphId
    after: ParagraphId | None


@dataclass(frozen=True, slots=True)
class InsertParagraph:
    """Put a paragraph of base text in (secretariat)."""

    act: ClassVar[str] = "insert_paragraph"
    paragraph: ParagraphId
    after: ParagraphId | None
    kind: Kind
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class RetypeParagraph:
    """Give a paragraph another kind or level."""

    act: ClassVar[str] = "retype_paragraph"
    paragraph: ParagraphId
    kind: Kind
    level: int = 0


@dataclass(frozen=True, slots=True)
class CorrectText:
    """An editorial correction: the words from `start` to `end`, which read `was`, become `text`. Also used to
    retitle.
    """

    act: ClassVar[str] = "correct_text"
    paragraph: ParagraphId
    start: int
    end: int
    was: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnterProposals:
    """Put ready-made amendments, and the secretariat's changes of base text, into the Opinion whole or not at all
    (`opinions.proposals`). `source` is the number of the document they come from.
    """

    act: ClassVar[str] = "enter_proposals"
    source: str = ""
    proposals: tuple[Proposal, ...] = ()
    base: tuple[BaseChange, ...] = ()
    counters: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenLiveDrafting:
    """Open or close live drafting: what those admitted type is then seen as it is typed."""

    act: ClassVar[str] = "open_live_drafting"
    on: bool = True


@dataclass(frozen=True, slots=True)
class AdmitObservers:
    """Close the sitting to observers at once, or admit them again."""

    act: ClassVar[str] = "admit_observers"
    on: bool = True


@dataclass(frozen=True, slots=True)
class CloseOpinion:
    """Close the Opinion for writing, for good: it was merged into another. `note` says which, and why."""

    act: ClassVar[str] = "close_opinion"
    note: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """Make the text a version of a kind. `seen_seq` is the last entry the chair's screen showed; `cut` the freeze of
    the whole volume that this is part of, which only the server says.
    """

    act: ClassVar[str] = "freeze"
    label: str
    milestone: str = ""
    note: str = ""
    seen_seq: int = 0
    renumber: bool = False
    ruled_by: str = ""
    kind: VersionKind = VersionKind.DRAFT
    cut: str = ""


Command = (
    Submit
    | Discard
    | BringBack
    | ProposeRemoval
    | Withdraw
    | Cosponsor
    | CallForObjections
    | RecordOutcome
    | Reopen
    | ConsiderParagraph
    | SplitParagraph
    | JoinParagraph
    | MoveParagraph
    | InsertParagraph
    | RetypeParagraph
    | CorrectText
    | EnterProposals
    | OpenLiveDrafting
    | AdmitObservers
    | CloseOpinion
    | Freeze
    | TableCommand
    | ClosingCommand
)
COMMANDS: Mapping[str, type[Command]] = {kind.act: kind for kind in Command.__args__}
"""Every command by its `act`."""

_LIMITS = {"reason": MAX_REASON, "note": MAX_REASON, "text": MAX_TEXT, "was": MAX_TEXT}
_SHORT = 200
"""Characters of every other text field: ids, labels, document numbers, names."""
_MOST = {
    "proposals": MAX_PROPOSALS,
    "base": MAX_PROPOSALS,
    "counters": MAX_PROPOSALS,
    "replacements": MAX_REPLACEMENTS,
    "sponsors": MAX_SPONSORS,
    "items": MAX_CALLED,
    "others": MAX_CALLED,
    "outcomes": MAX_RULED,
    "replaces": MAX_CALLED,
    "options": MAX_OPTIONS,
    "amendments": MAX_CALLED,
    "subjects": MAX_PACKAGED,
    "links": MAX_PACKAGED,
    "asked_by": MAX_NAMED,
    "delegations": MAX_NAMED,
}


_FIELDS: Mapping[type[Any], Mapping[str, tuple[Any, bool]]] = {
    kind: {one.name: (one.type, one.default is dataclasses.MISSING) for one in dataclasses.fields(kind)}
    for kind in (*COMMANDS.values(), Proposal, BaseChange, Replacement, *NESTED)
}
"""Of each field its type, and whether it must be given."""


def to_json(command: Command) -> dict[str, Any]:
    """The JSON object of a command."""
    return {"act": command.act, **dataclasses.asdict(command)}


def from_json(value: object) -> Command:
    """The command of a JSON object. Raises `InvalidCommand` naming the field that does not fit, a nested one by its
    path: `proposals[3].replacements[0].was`.
    """
    if not isinstance(value, dict) or not isinstance(value.get("act"), str):
        raise InvalidCommand("A command is a JSON object with the field 'act'.")
    kind = COMMANDS.get(value["act"])
    if kind is None:
        raise InvalidCommand(f"There is no command {value['act']!r}. Known: {', '.join(sorted(COMMANDS))}.")
    fields = {name: given for name, given in value.items() if name != "act"}
    command: Command = _object(kind.act, "", kind, fields)
    if isinstance(command, EnterProposals):
        _require_within_limits(command)
    return command


def _object(act: str, path: str, kind: type[Any], value: Mapping[str, object]) -> Any:
    fields: Mapping[str, tuple[Any, bool]] = _FIELDS[kind]
    if not fields.keys() >= value.keys():
        unknown = sorted(set(value) - set(fields))
        raise InvalidCommand(f"{act}: unknown field {path + unknown[0]!r}.")
    given: dict[str, Any] = {}
    for name, (wanted, required) in fields.items():
        if name in value:
            here = value[name]
            if wanted is int and type(here) is int and 0 <= here < 2**31:
                given[name] = here
            elif wanted is str and type(here) is str and len(here) <= _LIMITS.get(name, _SHORT):
                given[name] = here
            else:
                given[name] = _field(act, path + name, name, wanted, here)
        elif name == "after":
            given[name] = None
        elif required:
            raise InvalidCommand(f"{act}: the field {path + name!r} is missing.")
    return kind(**given)


def _field(act: str, path: str, name: str, wanted: Any, value: object) -> object:
    if get_origin(wanted) is tuple and isinstance(value, list | tuple) and len(value) <= _MOST[name]:
        of = get_args(wanted)[0]
        return tuple(_field(act, f"{path}[{number}]", name, of, one) for number, one in enumerate(value))
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type) and isinstance(value, dict):
        return _object(act, f"{path}.", wanted, value)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        try:
            return wanted(str(value))
        except ValueError:
            known = ", ".join(wanted)
            raise InvalidCommand(f"{act}: {path} must be one of {known}.") from None
    if get_origin(wanted) is tuple or dataclasses.is_dataclass(wanted):
        fits = False
    elif wanted is bool:
        fits = isinstance(value, bool)
    elif wanted is int:
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    elif value is None:
        fits = name == "after"
    else:
        fits = isinstance(value, str) and len(value) <= _LIMITS.get(name, _SHORT)
    if not fits:
        raise InvalidCommand(f"{act}: the field {path!r} does not fit (wrong type, too long or out of range).")
    return value


def _require_within_limits(command: EnterProposals) -> None:
    proposals = (*command.proposals, *command.counters)
    parts: tuple[Proposal | BaseChange, ...] = (*proposals, *command.base)
    replacements = [one for part in parts for one in part.replacements]
    characters = sum(len(one.was) + len(one.text) for one in replacements)
    characters += sum(len(part.text) for part in parts) + sum(len(one.reason) for one in proposals)
    for count, most, what in (
        (len(parts), MAX_PROPOSALS, "proposals and changes of base text"),
        (len(replacements), MAX_REPLACEMENTS, "replacements"),
        (characters, MAX_ENTERED, "characters"),
    ):
        if count > most:
            raise InvalidCommand(
                f"enter_proposals: {count} {what}, and one command may hold {most}. Enter the document in parts."
            )
