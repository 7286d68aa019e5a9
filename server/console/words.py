"""The console's own words: its filters, ties and answers, and the positions of a row in one line."""

from collections.abc import Iterable, Mapping

from opinions.queue import Filter, Tie
from opinions.record import Amendment, Attitude, Stance
from opinions.statuses import Answer, Level
from server.wording import ATTITUDES, ATTITUDES_TOGETHER
from server.wording import LEVELS as WITHIN

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
LEVELS: Mapping[Level, str] = {level: words[:1].upper() + words[1:] for level, words in WITHIN.items()}
"""As the form that opens a meeting offers them."""
ANSWERS: Mapping[Answer, str] = {
    Answer.OBJECT: "objects",
    Answer.NEED_TIME: "needs time",
    Answer.NO_OBJECTION: "no objection",
}
_ORDER = tuple(ATTITUDES)
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
        told.append(f"{_codes(codes)} {(ATTITUDES if len(codes) == 1 else ATTITUDES_TOGETHER)[attitude]}")
    return "; ".join(told)


def _codes(codes: list[str]) -> str:
    shown = ", ".join(codes[:CODES_SHOWN])
    return f"{shown} and others" if len(codes) > CODES_SHOWN else shown
