"""What the people of the demonstration do, as values: the words a script is written in."""

from dataclasses import dataclass

from opinions.model import Kind
from opinions.record import Attitude, Level, ParagraphState, Ruling
from opinions.statuses import Answer


@dataclass(frozen=True, slots=True)
class Replace:
    """Strike `find` in the paragraph that holds the words `at`, and type `text` after it."""

    key: str
    who: str
    at: str
    find: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Insert:
    """Type `text` right after the words `find`."""

    key: str
    who: str
    at: str
    find: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Strike:
    """Strike the words `find`."""

    key: str
    who: str
    at: str
    find: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bracket:
    """Put square brackets around the words `find`, or from there to the end of the words `until` in the paragraph
    holding `to`.
    """

    key: str
    who: str
    at: str
    find: str
    reason: str = ""
    to: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Add:
    """Add a paragraph after the one that holds the words `at`."""

    key: str
    who: str
    at: str
    kind: Kind
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Remove:
    """Propose that the paragraph holding the words `at` be suppressed."""

    key: str
    who: str
    at: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave the last proposal of this key as a draft: it is typed and not submitted. Stands before the act."""

    act: "Replace | Insert | Strike | Bracket | Add"


@dataclass(frozen=True, slots=True)
class Join:
    """Become a co-sponsor."""

    who: str
    key: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take a proposal back."""

    who: str
    key: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The chair's outcome on a proposal; `by_secretariat`: recorded on the chair's instruction."""

    key: str
    ruling: Ruling
    note: str = ""
    by_secretariat: bool = False
    asked_by: tuple[str, ...] = ()
    package: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """The chair opens a decided proposal again, as delegations asked."""

    key: str
    asked_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consider:
    """The chair's ruling on a paragraph as it stands."""

    at: str
    state: ParagraphState
    asked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """The chair freezes a version."""

    label: str
    milestone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """A delegation's position on a proposal."""

    who: str
    key: str
    attitude: Attitude
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sit:
    """A meeting begins, with these delegations there as the secretariat marked them."""

    name: str
    present: tuple[str, ...]
    level: Level = Level.IEG


@dataclass(frozen=True, slots=True)
class Rise:
    """The meeting is over."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call for objections to a proposal, the answers to it, and the chair's ruling."""

    key: str
    answers: tuple[tuple[str, Answer, str], ...]
    ruling: Ruling
    note: str = ""


@dataclass(frozen=True, slots=True)
class Compromise:
    """Wording of the chair in place of competing proposals in the paragraph that holds the words `at`: `find` becomes
    `text`.
    """

    key: str
    replaces: tuple[str, ...]
    at: str
    find: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """Proposals become alternatives: label and proposals of each option, or none for no text."""

    key: str
    name: str
    options: tuple[tuple[str, tuple[str, ...]], ...]


Proposal = Replace | Insert | Strike | Bracket | Add | Remove
Ruled = Rule | Reopen | Consider | Close | Ask
DemoAct = Proposal | Keep | Join | Withdraw | Say | Sit | Rise | Compromise | Tie | Ruled
