"""Whose names stand beside proposals, for whom: the switch of a process, a version, an export (domain 2.2).

The table (server/SPEC.md, AV1) is `names_shown`, and nothing else decides. Words of a text, reasons and statements stay
as they were written: what is withheld is who holds what.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from opinions.roles import FOLLOWERS, Role
from opinions.views import Naming, named, withheld

Code = TypeVar("Code", bound=str)


class Attribution(StrEnum):
    """The settings of the switch, the widest first."""

    ALL = "all"
    DELEGATIONS = "delegations"
    CHAIR_AND_SECRETARIAT = "chair_and_secretariat"
    NONE = "none"


class Audience(StrEnum):
    """Who reads. A facilitator is of the group; observers: whoever gives views, or keeps the installation, too."""

    TABLE = "table"
    GROUP = "group"
    OBSERVERS = "observers"
    PUBLIC = "public"


class Outlet(StrEnum):
    """Where it is read: in the room (pages of who takes part, what they verify), or in a file that is given out."""

    ROOM = "room"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class NamesShown:
    """Which names a reader is shown: those of delegations, and beside them those of persons where a view has them."""

    delegations: bool = True
    persons: bool = True

    @property
    def naming(self) -> Naming:
        """The naming of a view for this reader."""
        return named if self.delegations else withheld

    def codes(self, codes: Iterable[Code]) -> tuple[Code, ...]:
        """The codes, or none of them where they are withheld."""
        return tuple(codes) if self.delegations else ()


WHOLE = NamesShown()
NOTHING = NamesShown(False, False)
_CODES = NamesShown(True, False)
_WIDTH = {one: number for number, one in enumerate(Attribution)}
_TABLE = frozenset({Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT})
_OUTSIDE = FOLLOWERS | {Role.ADMINISTRATOR}


def audience_of(role: Role | None) -> Audience:
    """As whom somebody reads; None: nobody is signed in."""
    if role is None:
        return Audience.PUBLIC
    if role in _TABLE:
        return Audience.TABLE
    return Audience.OBSERVERS if role in _OUTSIDE else Audience.GROUP


def names_shown(setting: Attribution, audience: Audience, outlet: Outlet = Outlet.ROOM) -> NamesShown:
    """Which names this audience is shown there. Members of the group see delegations in the room, always."""
    inside = audience in {Audience.TABLE, Audience.GROUP}
    if inside and outlet is Outlet.ROOM:
        return WHOLE
    match setting:
        case Attribution.ALL:
            return WHOLE if inside else _CODES
        case Attribution.DELEGATIONS:
            return _CODES if inside else NOTHING
        case Attribution.CHAIR_AND_SECRETARIAT:
            return _CODES if audience is Audience.TABLE else NOTHING
        case Attribution.NONE:
            return NOTHING


def narrower(one: Attribution, other: Attribution) -> Attribution:
    """The setting of the two that shows names to fewer: what an export asks for never widens what is set."""
    return max(one, other, key=lambda setting: _WIDTH[setting])


def as_narrow(setting: Attribution) -> tuple[Attribution, ...]:
    """The setting and those that show names to fewer, the widest first: what an export may be made under."""
    return tuple(one for one in Attribution if _WIDTH[one] >= _WIDTH[setting])
