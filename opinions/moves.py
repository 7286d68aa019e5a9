"""Which state of an amendment, or of a paragraph, may follow which, by which act, and by whose hand (D8).

The two tables are the whole of it. Everything else is refused, and the refusal says what would be possible. The
same state once more is a move only where it says more than before: agreed in the plenary what was agreed in the
group, pending other delegations, set aside until another day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from opinions.errors import NotAllowed, WrongStatus
from opinions.roles import Role
from opinions.spoken import Decision
from opinions.statuses import OPEN_STATUSES, Level, ParagraphState, Ruling, Status

State = TypeVar("State", Status, ParagraphState)


class Own(StrEnum):
    """What an amendment's own delegation does with it."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """Who may make a move, from which states, and where it leads."""

    by: frozenset[Role]
    before: frozenset[State]
    after: State


_CHAIR = frozenset({Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT})
"""The chair and the acting chair; the secretariat records what one of them ruled, and names who."""
_INFORMALS = _CHAIR | {Role.FACILITATOR}
_AUTHORS = frozenset({Role.EXPERT, Role.FOCAL_POINT})
_TYPISTS = _AUTHORS | {Role.SECRETARIAT}
"""The delegation, or the secretariat at its word (both are then on record)."""

NEAR_AGREEMENT = frozenset(
    {Status.AGREED_IN_INFORMALS, Status.PENDING_DELEGATION, Status.PENDING_PACKAGE, Status.WORDING_AGREED}
)
"""What the meeting is done with but for one thing; the text does not change with it (I8)."""
_ON_THE_TABLE = OPEN_STATUSES - {Status.DRAFT}

AMENDMENT_MOVES: Mapping[Ruling | Own, Move[Status]] = {
    Own.SUBMIT: Move(_AUTHORS, OPEN_STATUSES, Status.SUBMITTED),
    Own.WITHDRAW: Move(_TYPISTS, _ON_THE_TABLE, Status.WITHDRAWN),
    Ruling.AGREED: Move(_CHAIR, _ON_THE_TABLE | {Status.AGREED_AD_REFERENDUM, Status.AGREED}, Status.AGREED),
    Ruling.AGREED_AD_REFERENDUM: Move(
        _CHAIR, _ON_THE_TABLE | {Status.AGREED_AD_REFERENDUM}, Status.AGREED_AD_REFERENDUM
    ),
    Ruling.AGREED_IN_INFORMALS: Move(_INFORMALS, _ON_THE_TABLE, Status.AGREED_IN_INFORMALS),
    Ruling.PENDING_DELEGATION: Move(_CHAIR, _ON_THE_TABLE, Status.PENDING_DELEGATION),
    Ruling.PENDING_PACKAGE: Move(_CHAIR, _ON_THE_TABLE, Status.PENDING_PACKAGE),
    Ruling.WORDING_AGREED: Move(_CHAIR, _ON_THE_TABLE, Status.WORDING_AGREED),
    Ruling.SET_ASIDE: Move(_CHAIR, _ON_THE_TABLE, Status.SET_ASIDE),
    Ruling.NOT_RETAINED: Move(_CHAIR, _ON_THE_TABLE, Status.NOT_RETAINED),
    Ruling.MERGED: Move(_CHAIR, _ON_THE_TABLE, Status.MERGED),
    Ruling.REOPENED: Move(
        _CHAIR,
        NEAR_AGREEMENT
        | {
            Status.SET_ASIDE,
            Status.AGREED_AD_REFERENDUM,
            Status.AGREED,
            Status.NOT_RETAINED,
            Status.WITHDRAWN,
            Status.MERGED,
        },
        Status.REOPENED,
    ),
}
"""What may be done with an amendment, by whom, from where. A superseded one comes back with the one it went with."""

AGREED_STATES = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})
"""A paragraph in one of these is agreed text: an amendment in it is a request to reopen (D3)."""
NEAR_AGREED_STATES = frozenset(
    {
        ParagraphState.AGREED_IN_INFORMALS,
        ParagraphState.PENDING_DELEGATION,
        ParagraphState.PENDING_PACKAGE,
        ParagraphState.WORDING_AGREED,
    }
)
_NOT_AGREED = frozenset(ParagraphState) - AGREED_STATES

PARAGRAPH_MOVES: Mapping[ParagraphState, Move[ParagraphState]] = {
    ParagraphState.BASE: Move(_CHAIR, frozenset(), ParagraphState.BASE),
    ParagraphState.OPEN: Move(_CHAIR, frozenset(ParagraphState) - {ParagraphState.OPEN}, ParagraphState.OPEN),
    ParagraphState.REOPENED: Move(
        _CHAIR, AGREED_STATES | NEAR_AGREED_STATES | {ParagraphState.SET_ASIDE}, ParagraphState.REOPENED
    ),
    ParagraphState.AGREED_IN_INFORMALS: Move(_INFORMALS, _NOT_AGREED, ParagraphState.AGREED_IN_INFORMALS),
    ParagraphState.PENDING_DELEGATION: Move(_CHAIR, _NOT_AGREED, ParagraphState.PENDING_DELEGATION),
    ParagraphState.PENDING_PACKAGE: Move(_CHAIR, _NOT_AGREED, ParagraphState.PENDING_PACKAGE),
    ParagraphState.WORDING_AGREED: Move(_CHAIR, _NOT_AGREED, ParagraphState.WORDING_AGREED),
    ParagraphState.SET_ASIDE: Move(_CHAIR, _NOT_AGREED, ParagraphState.SET_ASIDE),
    ParagraphState.AGREED_AD_REFERENDUM: Move(
        _CHAIR, _NOT_AGREED | {ParagraphState.AGREED_AD_REFERENDUM}, ParagraphState.AGREED_AD_REFERENDUM
    ),
    ParagraphState.AGREED: Move(_CHAIR, frozenset(ParagraphState), ParagraphState.AGREED),
}
"""What a paragraph may become, by whom, from where. Nothing becomes base text again; agreed text is reopened (or left
open) before it becomes anything less than agreed.
"""

_SPOKEN: Mapping[str, str] = {
    "draft": "a draft",
    "submitted": "pending",
    "base": "base text",
    "pending_delegation": "pending a delegation",
    "pending_package": "pending a package",
    "wording_agreed": "agreed in wording, its placement open",
    "merged": "merged into another",
}
_ACTS: Mapping[str, str] = {"submit": "submitted anew", "withdraw": "withdrawn"}
_LEVELS = tuple(Level)
_SAYING = frozenset({"pending_delegation", "pending_package", "set_aside"})
"""States that say of whom, of what or until when: another saying is another state of affairs."""


def spoken(state: Status | ParagraphState | Ruling) -> str:
    """A state in words: `agreed ad referendum`."""
    return _SPOKEN.get(state.value, state.value.replace("_", " "))


def possible(status: Status, role: Role) -> tuple[Ruling | Own, ...]:
    """What a person in this role may do with an amendment in this state, its own delegation assumed."""
    return tuple(
        act
        for act, move in AMENDMENT_MOVES.items()
        if role in move.by and status in move.before and status is not move.after
    )


def possible_states(state: ParagraphState, role: Role) -> tuple[ParagraphState, ...]:
    """What a person in this role may make of a paragraph in this state."""
    return tuple(
        after
        for after, move in PARAGRAPH_MOVES.items()
        if role in move.by and state in move.before and state is not after
    )


def require_move(
    name: str, status: Status, act: Ruling | Own, role: Role, last: Decision | None = None, new: Decision | None = None
) -> None:
    """Raises `NotAllowed` when this is not for this role, `WrongStatus` when it is no move from there; either says what
    would be possible. `last` is the decision that led to `status`, `new` the one to be made.
    """
    move = AMENDMENT_MOVES[act]
    done = _ACTS.get(act.value, spoken(move.after))
    _require_hand(role, move, done)
    if status is move.after and status in move.before:
        _require_more(name, spoken(status), move.after.value, last, new)
    elif status not in move.before:
        can = [_ACTS.get(one.value, spoken(AMENDMENT_MOVES[one].after)) for one in possible(status, role)]
        same = act is Ruling.REOPENED or status is move.after
        raise WrongStatus(f"{name} is {spoken(status)}{' already' if same else ''}. {_can(can)}")


def require_state(
    state: ParagraphState, wanted: ParagraphState, role: Role, last: Decision | None = None, new: Decision | None = None
) -> None:
    """The same for a paragraph."""
    move = PARAGRAPH_MOVES[wanted]
    _require_hand(role, move, spoken(wanted))
    if state is wanted and state in move.before:
        _require_more("The paragraph", spoken(state), wanted.value, last, new)
    elif state not in move.before:
        can = [spoken(one) for one in possible_states(state, role)]
        same = wanted is ParagraphState.REOPENED or state is wanted
        raise WrongStatus(f"The paragraph is {spoken(state)}{' already' if same else ''}. {_can(can)}")


def _require_hand(role: Role, move: Move[State], done: str) -> None:
    if role in move.by:
        return
    if role is Role.FACILITATOR:
        raise NotAllowed(
            f"A facilitator records what is agreed in informals and nothing else: “{done}” is the chair's to rule."
        )
    if move.by <= _TYPISTS:
        raise NotAllowed("Only the delegation whose amendment it is may do this.")
    raise NotAllowed(f"“{done.capitalize()}” is the chair's to rule; the secretariat records it on instruction.")


def _require_more(name: str, now: str, state: str, last: Decision | None, new: Decision | None) -> None:
    if new is not None:
        before = _LEVELS.index(last.level) if last else 0
        other = last is None or (last.asked_by, last.until, last.package) != (new.asked_by, new.until, new.package)
        if _LEVELS.index(new.level) > before or (other and state in _SAYING):
            return
    raise WrongStatus(f"{name} is {now} already; a meeting of a higher level may confirm it, or the chair reopens it.")


def _can(acts: list[str]) -> str:
    if not acts:
        return "It is not pending any more: the chair can reopen it, or what it went with."
    if acts == [spoken(Status.REOPENED)]:
        return "Reopen it, then record the new outcome."
    return f"It can be {', '.join(acts)}."
