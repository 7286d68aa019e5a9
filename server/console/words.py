"""The console's words for states, outcomes, positions and answers."""

from collections.abc import Iterable, Mapping

from opinions.queue import Filter, Tie
from opinions.record import Amendment, AmendmentKind, Attitude, Level, ParagraphState, Ruling, Stance
from opinions.statuses import Answer, CallState

FILTERS: Mapping[Filter, str] = {
    Filter.ALL: "All",
    Filter.CONFLICTING: "Conflicting",
    Filter.SET_ASIDE: "Set aside",
    Filter.NEW: "New",
    Filter.REOPENING: "Requests to reopen",
    Filter.EDITORIAL: "Editorial",
    Filter.PARAGRAPHS: "Paragraphs as they stand",
}
TIES: Mapping[Tie, str] = {
    Tie.NONE: "",
    Tie.CONFLICT: "Conflict",
    Tie.ALTERNATIVES: "Alternatives",
    Tie.COMPROMISE: "Compromise text",
}
KINDS: Mapping[AmendmentKind, str] = {
    AmendmentKind.ADD: "ADD",
    AmendmentKind.MOD: "MOD",
    AmendmentKind.SUP: "SUP",
    AmendmentKind.BRACKET: "[ ]",
}
STATES: Mapping[ParagraphState, str] = {
    ParagraphState.BASE: "Not considered",
    ParagraphState.OPEN: "Open",
    ParagraphState.REOPENED: "Reopened",
    ParagraphState.AGREED_IN_INFORMALS: "Agreed in informals",
    ParagraphState.PENDING_DELEGATION: "Pending a delegation",
    ParagraphState.PENDING_PACKAGE: "Pending a package",
    ParagraphState.WORDING_AGREED: "Wording agreed, placement open",
    ParagraphState.SET_ASIDE: "Set aside",
    ParagraphState.AGREED_AD_REFERENDUM: "Agreed ad referendum",
    ParagraphState.AGREED: "Agreed",
}
RULED: Mapping[Ruling, str] = {
    Ruling.AGREED: "agreed",
    Ruling.AGREED_AD_REFERENDUM: "agreed ad referendum",
    Ruling.AGREED_IN_INFORMALS: "agreed in informals",
    Ruling.PENDING_DELEGATION: "pending a delegation",
    Ruling.PENDING_PACKAGE: "pending a package",
    Ruling.WORDING_AGREED: "wording agreed, placement open",
    Ruling.NOT_RETAINED: "not retained",
    Ruling.SET_ASIDE: "set aside",
    Ruling.REOPENED: "reopened",
    Ruling.MERGED: "merged into another",
}
LEVELS: Mapping[Level, str] = {
    Level.UNSAID: "Not said",
    Level.INFORMAL: "Informal consultations",
    Level.IEG: "Informal Expert Group",
    Level.WORKING_GROUP: "Working group",
    Level.PLENARY: "Plenary",
}
ANSWERS: Mapping[Answer, str] = {
    Answer.OBJECT: "objects",
    Answer.NEED_TIME: "needs time",
    Answer.NO_OBJECTION: "no objection",
}
CALLS: Mapping[CallState, str] = {
    CallState.OPEN: "open",
    CallState.DECIDED: "decided",
    CallState.WITHDRAWN: "withdrawn",
    CallState.VOID: "void: the text changed",
}
POSITIONS: Mapping[Attitude, str] = {
    Attitude.FORMAL_OBJECTION: "objects formally",
    Attitude.OPPOSE: "opposes",
    Attitude.RESERVE: "reserves its position",
    Attitude.AWAITING: "needs instructions",
    Attitude.AWAITING_PACKAGE: "awaits the package",
    Attitude.FLEXIBLE: "is flexible",
    Attitude.CAN_ACCEPT: "can accept",
    Attitude.SUPPORT: "supports",
    Attitude.RETAIN: "would retain",
    Attitude.DELETE: "would delete",
    Attitude.PROPOSE: "proposes",
}
"""What a delegation says, in the order in which a chair wants to hear it: formal objections first."""
TOGETHER: Mapping[Attitude, str] = {
    Attitude.FORMAL_OBJECTION: "object formally",
    Attitude.OPPOSE: "oppose",
    Attitude.RESERVE: "reserve their position",
    Attitude.AWAITING: "need instructions",
    Attitude.AWAITING_PACKAGE: "await the package",
    Attitude.FLEXIBLE: "are flexible",
    Attitude.CAN_ACCEPT: "can accept",
    Attitude.SUPPORT: "support",
    Attitude.RETAIN: "would retain",
    Attitude.DELETE: "would delete",
    Attitude.PROPOSE: "propose",
}
"""The same of several delegations."""
_ORDER = tuple(POSITIONS)
CODES_SHOWN = 6
"""Codes of one attitude in the line of a row; the floor lists all of them."""


def in_order(stances: Iterable[Stance]) -> list[Stance]:
    """Positions with formal objections first, each attitude by the codes."""
    return sorted(stances, key=lambda one: (_ORDER.index(one.attitude), one.delegation))


def positions_line(amendment: Amendment) -> str:
    """The positions of a row in one line, by words and codes: never a score, for nobody counts them (I9)."""
    said: dict[Attitude, list[str]] = {}
    for stance in in_order(amendment.stances):
        said.setdefault(stance.attitude, []).append(stance.delegation)
    joining = [str(code) for code in amendment.sponsors if code not in said.get(Attitude.SUPPORT, ())]
    told = [f"with {_codes(joining)}"] if joining else []
    for attitude, codes in said.items():
        told.append(f"{_codes(codes)} {(POSITIONS if len(codes) == 1 else TOGETHER)[attitude]}")
    return "; ".join(told)


def _codes(codes: list[str]) -> str:
    shown = ", ".join(codes[:CODES_SHOWN])
    return f"{shown} and others" if len(codes) > CODES_SHOWN else shown
