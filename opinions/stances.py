"""The positions on one subject, as rows: those that stand and those that stood, without losing one.

A delegation has at most one position on a subject: its own, or that of one group with which it is shown. Whoever takes
another one finds the former in the history (opinions/SPEC.md, A7, A8).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from opinions.errors import WrongStatus
from opinions.model import DelegationCode
from opinions.record import Amendment, ParagraphRecord
from opinions.spoken import Stance
from opinions.statuses import Attitude

MAX_FORMER = 20
"""Former positions of one delegation, or group, on one subject: a whole process has a dozen meetings, and the record's
entry is written anew with each position. It binds nobody but the one who changed so often.
"""

_WITH_REVISION = re.compile(r"revision (\d+)(?:: (.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Positions:
    """What stands (`stances`, the newest last) and what stood (`earlier`, oldest first) on one subject."""

    stances: tuple[Stance, ...] = ()
    earlier: tuple[Stance, ...] = ()

    def of(self, delegation: str) -> Stance | None:
        """The position that a delegation, or group, has taken itself; None: none, or with a group."""
        return next((one for one in reversed(self.stances) if one.delegation == delegation), None)

    def group_of(self, delegation: str) -> Stance | None:
        """The group's position with which a delegation is shown."""
        return next((one for one in self.stances if delegation in one.members), None)

    def put(self, stance: Stance) -> "Positions":
        """With this position taken: the former one of the same delegation becomes history, and so does its being
        shown with a group; of a group's position, those of its members.
        """
        left = self.without(stance.delegation)
        for member in stance.members:
            left = left.without(member)
        return Positions((*left.stances, stance), left.earlier)

    def joined(self, group: str, member: DelegationCode) -> "Positions":
        """With a delegation shown with its group's position, in place of its own. `LookupError` without that one."""
        if self.of(group) is None:
            raise LookupError(group)
        left = self.without(member)
        stances = (
            replace(one, members=(*one.members, member)) if one.delegation == group else one for one in left.stances
        )
        return Positions(tuple(stances), left.earlier)

    def without(self, delegation: str) -> "Positions":
        """With nothing standing for a delegation, alone or with a group; all of it is history."""
        stances: list[Stance] = []
        former: list[Stance] = []
        for one in self.stances:
            if one.delegation == delegation:
                former.append(one)
            elif delegation in one.members:
                former.append(with_group(one, DelegationCode(delegation)))
                stances.append(replace(one, members=tuple(name for name in one.members if name != delegation)))
            else:
                stances.append(one)
        return Positions(tuple(stances), (*self.earlier, *former))

    def require_room(self, delegation: str) -> None:
        """Raises `WrongStatus` where the history of a delegation on this subject is full."""
        if sum(one.delegation == delegation for one in self.earlier) >= MAX_FORMER:
            raise WrongStatus(
                f"{delegation} changed its position here {MAX_FORMER} times already, as many as the record keeps. Tell "
                "the secretariat: the chair's report can take up what you say."
            )


def positions_on(entry: Amendment | ParagraphRecord) -> Positions:
    """The positions on record of an amendment or paragraph."""
    return Positions(entry.stances, entry.earlier)


def with_group(stance: Stance, member: DelegationCode) -> Stance:
    """The position that a member was shown with as part of a group, as its history keeps it: `by` is the group then."""
    return Stance(member, stance.attitude, stance.note, stance.revision, stance.at, by=stance.delegation)


def said(stance: Stance) -> tuple[int, str]:
    """At which revision a position was taken (0: on a paragraph, or unknown), and what was said with it.

    Records of earlier releases hold both in `note`: `revision 2: subject to capital`.
    """
    old = _WITH_REVISION.fullmatch(stance.note) if not stance.revision and stance.at is None else None
    return (int(old[1]), old[2] or "") if old else (stance.revision, stance.note)


def unconfirmed(stance: Stance) -> bool:
    """Whether the secretariat typed it for the delegation, which has not confirmed it yet."""
    return bool(stance.typist) and not stance.confirmed


def typed_unconfirmed(amendment: Amendment) -> bool:
    """Whether words of it were typed for its delegation, which has not confirmed them yet."""
    return bool(amendment.typist) and not amendment.confirmed


class Confirmation(TypedDict, total=False):
    """The fields of an amendment that say who confirmed what was typed for its delegation."""

    typist: str
    confirmed: str
    confirmed_at: datetime | None


def corrected(amendment: Amendment, author: str, at: datetime) -> Confirmation:
    """What its own delegation's next revision does to an amendment typed for it: it is confirmed so."""
    return {"confirmed": author, "confirmed_at": at} if typed_unconfirmed(amendment) else {}


def typed(amendment: Amendment, typist: str) -> Confirmation:
    """What words that are typed for its delegation do to an amendment: they wait to be confirmed, also where others
    were confirmed before.
    """
    waits = typed_unconfirmed(amendment)
    return {} if waits else {"typist": typist, "confirmed": "", "confirmed_at": None}


def same_words(one: Stance, other: Stance) -> bool:
    """Whether two positions say the same of the same revision."""
    return (one.delegation, one.attitude, said(one)) == (other.delegation, other.attitude, said(other))


NEEDS_WORDS = {
    Attitude.RESERVE: "A reservation is put on record with its statement: say what is reserved, and why (note).",
    Attitude.FORMAL_OBJECTION: "A formal objection is put on record with its reason (note).",
}
"""Positions that say nothing without words, and what to do."""
