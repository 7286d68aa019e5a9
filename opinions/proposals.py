"""What is proposed otherwise than by typing: by a form, in a contribution, in a Word file.

A proposal is an amendment ready made; it enters the text through the command `enter_proposals`, whole or not at all,
and stands there as if its delegation had typed and submitted it. Offsets count code points of the paragraph's whole
text as it stands before the command, pending and struck words included, whatever else the command does there; in a
paragraph that the command itself puts in, of its text as put in. `was` says which characters are meant, and other ones
there are a refusal (`revision-changed`).

A counter-proposal is one on words that the same command brings, as where one delegation strikes in a document what
another one puts there: its offsets count the text as it stands after the proposals of its command.
"""

from dataclasses import dataclass
from enum import StrEnum

from opinions.model import AmendmentId, DelegationCode, Kind, ParagraphId
from opinions.record import AmendmentKind

MAX_PROPOSALS = 500
"""Proposals and changes of base text in one command: more than any delegation's marked-up draft of 30 pages had."""
MAX_ENTERED = 200_000
"""Characters in one command: twice the longest draft Opinion that was measured."""
MAX_REPLACEMENTS = 2_000
"""Replacements in one command, of all its parts: the room serves nobody else for some 0.2 ms with each, and half a
second is the most that a sitting may stand still when the secretariat enters a document.
"""
MAX_CORRECTIONS = 500
"""Replacements in base text in one command: each is an amendment of its own on record."""
MAX_IN_PARAGRAPH = 100
"""Proposals for one paragraph in one command: each is laid over what the others left there."""
MAX_OWN_PROPOSALS = 100
"""Proposals in one command of an expert, brackets in its words among them: as many paragraphs as a long draft Opinion
has. Together with the next it keeps the room for less than a tenth of a second; experts are many.
"""
MAX_OWN_REPLACEMENTS = 200
"""Replacements in one command of an expert; a delegation's longest markup that was measured had some 150."""
MAX_SPONSORS = 64
"""Co-sponsors of one proposal: the largest regional common proposals have some 55."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Replace the characters from `start` to `end`, which read `was`, by `text`. Nothing struck (`start == end`): an
    insertion; nothing put (`text` empty): a deletion.
    """

    start: int
    end: int
    was: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One amendment. Its kind says which fields speak:

    MOD: `replacements` in `paragraph`, in order, not overlapping. ADD: the new paragraph's id is `paragraph`; it stands
    after `after` (None: first), with `paragraph_kind`, `level` and `text`. SUP: `paragraph` goes. bracket: square
    brackets round each replacement's characters (`text` equals `was`).
    """

    amendment: AmendmentId
    delegation: DelegationCode
    kind: AmendmentKind
    paragraph: ParagraphId
    replacements: tuple[Replacement, ...] = ()
    after: ParagraphId | None = None
    paragraph_kind: Kind = Kind.PARAGRAPH
    level: int = 0
    text: str = ""
    reason: str = ""
    sponsors: tuple[DelegationCode, ...] = ()


class BaseChangeKind(StrEnum):
    """What the secretariat makes of a difference that is nobody's proposal."""

    WORDS = "words"
    INSERT = "insert"
    REMOVE = "remove"
    RETYPE = "retype"


@dataclass(frozen=True, slots=True)
class BaseChange:
    """A change of the base text by the secretariat: words (`replacements`), a paragraph put in (`after`,
    `paragraph_kind`, `level`, `text`; its id is `paragraph`), taken out, or given another kind and level. It never
    touches pending words (opinions/SPEC.md, D6).
    """

    kind: BaseChangeKind
    paragraph: ParagraphId
    replacements: tuple[Replacement, ...] = ()
    after: ParagraphId | None = None
    paragraph_kind: Kind = Kind.PARAGRAPH
    level: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """Everything that one command enters, in this order: the changes of base text, the proposals, and the
    counter-proposals, whose offsets speak of the text after the proposals.

    `source` is the number of the document they come from (`IEG-WTPF-26-4/12`), and goes into each amendment's record.
    """

    proposals: tuple[Proposal, ...] = ()
    base: tuple[BaseChange, ...] = ()
    source: str = ""
    counters: tuple[Proposal, ...] = ()
