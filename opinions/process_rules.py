"""What differs from one process to another, as data: who gives views only, limits, dates, and how people sign in.

Kept as one JSON object beside the process. An unknown field is refused, a missing one has its default, so that an
older export still reads. Which of these rules refuse and which only warn is in `opinions.process_checks`.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from opinions.errors import InvalidCommand
from opinions.roles import DelegationKind, Role

MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class ProcessRules:
    """The rules of one process.

    `views_kinds`: kinds of delegations that give views and propose nothing (S1, Resolution 2 resolves 10).
    `objecting_kinds`: kinds that may object formally, Member States alone unless said otherwise (P8). `passkey_roles`:
    roles that sign in with a passkey. `contribution_pages`: more are remarked (S0: three). `report_weeks`: how long
    before its opening the forum should have the final report (S1: six; 0 is no such rule). `report_fixed`: it is not
    revised at the forum (S0). `windows`: where a date below follows the timetable, the milestone with whose end it
    comes, by the name of the date.
    """

    views_kinds: frozenset[DelegationKind] = frozenset(
        {DelegationKind.ASSOCIATE, DelegationKind.ACADEMIA, DelegationKind.ORGANIZATION}
    )
    objecting_kinds: frozenset[DelegationKind] = frozenset({DelegationKind.MEMBER_STATE})
    passkey_roles: frozenset[Role] = frozenset()
    contribution_pages: int = 3
    contributions_due: datetime | None = None
    nominations_due: datetime | None = None
    opinions_due: datetime | None = None
    """Until when a draft Opinion can be presented; one that comes later is a contribution (S1, resolves 10)."""
    invitation_reminder_days: int = 7
    report_weeks: int = 6
    report_fixed: bool = True
    windows: Mapping[str, str] = field(default_factory=dict)

    def following(self, ends: Mapping[str, datetime | None]) -> "ProcessRules":
        """The rules with each date that follows a milestone as the timetable has it: `ends` are the ends of the
        milestones by id, None where no day is set.
        """
        dates: dict[str, Any] = {name: ends.get(milestone) for name, milestone in self.windows.items()}
        return replace(self, **dates) if dates else self

    def gives_views_only(self, kind: DelegationKind) -> bool:
        """Whether a delegation of this kind comments and contributes, and never amends."""
        return kind in self.views_kinds

    def may_object(self, kind: DelegationKind) -> bool:
        """Whether a delegation of this kind may object formally: one that gives views only never may."""
        return kind in self.objecting_kinds and kind not in self.views_kinds


RULES = ProcessRules()
DATES = ("contributions_due", "nominations_due", "opinions_due")
"""The dates among the rules: each a time with its offset, or the id of a milestone."""
_FIELDS: Mapping[str, "dataclasses.Field[Any]"] = {
    one.name: one for one in dataclasses.fields(ProcessRules) if one.name != "windows"
}
_MILESTONE = re.compile(r"[a-z][a-z0-9-]{0,63}")


def to_json(rules: ProcessRules) -> dict[str, Any]:
    """The JSON object of the rules; what is at its default is left out, a date that follows a milestone is its id."""
    plain = {name: _plain(getattr(rules, name)) for name in _FIELDS if getattr(rules, name) != getattr(RULES, name)}
    return plain | dict(rules.windows)


def from_json(value: object) -> ProcessRules:
    """The rules of a JSON object. Raises `InvalidCommand` naming the field that does not fit."""
    if not isinstance(value, dict):
        raise InvalidCommand("The rules of a process are a JSON object.")
    unknown = sorted(set(value) - set(_FIELDS))
    if unknown:
        raise InvalidCommand(f"The rules of a process have no field {unknown[0]!r}. Known: {', '.join(_FIELDS)}.")
    windows = {name: given for name, given in value.items() if name in DATES and _is_milestone(given)}
    read: dict[str, Any] = {name: _read(name, given) for name, given in value.items() if name not in windows}
    return ProcessRules(**read, windows=windows)


def _is_milestone(given: object) -> bool:
    return isinstance(given, str) and _MILESTONE.fullmatch(given) is not None


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, given: object) -> object:
    default = getattr(RULES, name)
    try:
        if isinstance(default, frozenset) and isinstance(given, list):
            kind = Role if name == "passkey_roles" else DelegationKind
            return frozenset(kind(one) for one in given)
        if isinstance(default, bool) and isinstance(given, bool):
            return given
        if isinstance(default, int) and isinstance(given, int) and not isinstance(given, bool):
            if 0 <= given <= MAX_DAYS:
                return given
        elif default is None and (given is None or isinstance(given, str)):
            return None if given is None else _time(given)
    except ValueError:
        pass
    raise InvalidCommand(f"The rule {name!r} does not fit: {given!r}.")


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(text)
    return time
