"""How balanced the group is (S1, Decision 641 §6 a): people and delegations by region and by kind, and who has come."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from opinions.roles import Delegation, DelegationKind, Region, Role
from server.export.csv_table import csv_of
from server.people_store import Member
from server.wording import KINDS, REGIONS

TAKES_PART = frozenset({Role.EXPERT, Role.FOCAL_POINT, Role.CONTRIBUTOR})
"""Who counts as one of the group: those who speak for a delegation, or give its views."""


@dataclass(frozen=True, slots=True)
class Share:
    """One region or kind. `come` are the people who have signed in; percentages are of the whole group."""

    label: str
    key: str
    delegations: int
    people: int
    come: int
    people_percent: int
    come_percent: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The group, each person and delegation counted once in every table."""

    regions: tuple[Share, ...]
    kinds: tuple[Share, ...]
    people: int
    delegations: int
    come: int


def balance(delegations: Iterable[Delegation], members: Iterable[Member], come: Iterable[str]) -> Balance:
    """The balance of the people who take part for these delegations; suspended people do not count."""
    parties = {str(one.code): one for one in delegations}
    people = [
        (one, parties[one.delegation])
        for one in members
        if one.delegation is not None and one.role in TAKES_PART and not one.suspended and one.delegation in parties
    ]
    arrived = frozenset(come)
    total = len(people)

    def shares(options: Iterable[tuple[str, str]], key: Callable[[Delegation], str]) -> tuple[Share, ...]:
        made = []
        for value, label in options:
            mine = [member for member, party in people if key(party) == value]
            there = sum(member.id in arrived for member in mine)
            represented = len({member.delegation for member in mine})
            made.append(
                Share(label, value, represented, len(mine), there, _percent(len(mine), total), _percent(there, total))
            )
        return tuple(made)

    regions = [(region.value, text) for region, text in REGIONS.items() if region is not Region.NONE]
    return Balance(
        shares([*regions, (Region.NONE.value, REGIONS[Region.NONE])], lambda party: party.region.value),
        shares(
            [(kind.value, text) for kind, text in KINDS.items() if kind is not DelegationKind.SECRETARIAT],
            lambda party: party.kind.value,
        ),
        total,
        len({member.delegation for member, _ in people}),
        sum(member.id in arrived for member, _ in people),
    )


def balance_csv(found: Balance) -> bytes:
    """The tables as CSV in UTF-8 with a byte order mark, as Excel reads it."""
    headings = ("By", "Group", "Delegations", "People", "Have come", "Share of people, %")
    rows: list[tuple[object, ...]] = []
    for by, shares in (("Region", found.regions), ("Kind", found.kinds)):
        rows += [(by, one.label, one.delegations, one.people, one.come, one.people_percent) for one in shares]
    rows.append(("All", "All", found.delegations, found.people, found.come, 100 if found.people else 0))
    return csv_of(rows, headings, quoted=False)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
