"""What the people of the demonstration do, as values: the words a script is written in."""

from dataclasses import dataclass

from opinions.model import Kind
from opinions.record import ParagraphState, Ruling


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


@dataclass(frozen=True, slots=True)
class Consider:
    """The chair's ruling on a paragraph as it stands."""

    at: str
    state: ParagraphState


@dataclass(frozen=True, slots=True)
class Close:
    """The chair freezes a version."""

    label: str
    milestone: str
    note: str = ""


Proposal = Replace | Insert | Strike | Bracket | Add | Remove
DemoAct = Proposal | Keep | Join | Withdraw | Rule | Consider | Close
