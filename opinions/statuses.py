"""What an amendment and a paragraph can be, what a chair can announce, what a delegation can say.

The words are those of the room (guide: domain 2.2, 2.3). Which of them may follow which, and by whose hand, is the
table of `opinions.moves`.
"""

from enum import StrEnum


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
    REOPENED = "reopened"
    AGREED_IN_INFORMALS = "agreed_in_informals"
    PENDING_DELEGATION = "pending_delegation"
    PENDING_PACKAGE = "pending_package"
    WORDING_AGREED = "wording_agreed"
    SET_ASIDE = "set_aside"
    AGREED_AD_REFERENDUM = "agreed_ad_referendum"
    AGREED = "agreed"
    NOT_RETAINED = "not_retained"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    MERGED = "merged"


OPEN_STATUSES = frozenset(
    {
        Status.DRAFT,
        Status.SUBMITTED,
        Status.REOPENED,
        Status.AGREED_IN_INFORMALS,
        Status.PENDING_DELEGATION,
        Status.PENDING_PACKAGE,
        Status.WORDING_AGREED,
        Status.SET_ASIDE,
    }
)
"""Still pending: its marks stand in the text and `without` lifts them. What is agreed in informals, pending somebody or
something, or agreed in wording alone is near agreement and not agreed (I8).
"""


class ParagraphState(StrEnum):
    """`base` is text nobody has considered yet; the others are what the chair's gavel made of it."""

    BASE = "base"
    OPEN = "open"
    REOPENED = "reopened"
    AGREED_IN_INFORMALS = "agreed_in_informals"
    PENDING_DELEGATION = "pending_delegation"
    PENDING_PACKAGE = "pending_package"
    WORDING_AGREED = "wording_agreed"
    SET_ASIDE = "set_aside"
    AGREED_AD_REFERENDUM = "agreed_ad_referendum"
    AGREED = "agreed"


class Ruling(StrEnum):
    """The outcomes a chair announces on an amendment at one revision, or on a paragraph.

    `merged` is what becomes of the amendments for which a compromise text stands, when that one is agreed.
    """

    AGREED = "agreed"
    AGREED_AD_REFERENDUM = "agreed_ad_referendum"
    AGREED_IN_INFORMALS = "agreed_in_informals"
    PENDING_DELEGATION = "pending_delegation"
    PENDING_PACKAGE = "pending_package"
    WORDING_AGREED = "wording_agreed"
    NOT_RETAINED = "not_retained"
    SET_ASIDE = "set_aside"
    REOPENED = "reopened"
    MERGED = "merged"


class Level(StrEnum):
    """Where something was agreed (guide: domain 2.3): agreed in informals is not agreed in the group."""

    UNSAID = ""
    INFORMAL = "informal"
    IEG = "ieg"
    WORKING_GROUP = "working_group"
    PLENARY = "plenary"


class Attitude(StrEnum):
    """What a delegation says of an amendment or a paragraph (guide: domain 2.2)."""

    PROPOSE = "propose"
    SUPPORT = "support"
    RETAIN = "retain"
    DELETE = "delete"
    CAN_ACCEPT = "can_accept"
    FLEXIBLE = "flexible"
    RESERVE = "reserve"
    OPPOSE = "oppose"
    FORMAL_OBJECTION = "formal_objection"
    AWAITING = "awaiting_instructions"
    AWAITING_PACKAGE = "awaiting_package"


class Answer(StrEnum):
    """What a delegation answers to a call for objections. Silence is no answer, and the chair rules all the same."""

    OBJECT = "object"
    NEED_TIME = "need_time"
    NO_OBJECTION = "no_objection"


class CallState(StrEnum):
    """A call is open until the chair decides or withdraws it; `void`: what was called is not what stands any more."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class Choice(StrEnum):
    """What became of alternatives: one picked, all merged into one text, kept for now, or given up."""

    OPEN = "open"
    PICKED = "picked"
    MERGED = "merged"
    KEPT = "kept"
    DROPPED = "dropped"
