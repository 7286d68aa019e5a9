"""What happens in the scripted year, drawn from one seed: who nominates whom, who proposes what, who says what."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from opinions.roles import DelegationKind, Region

EXPERTS = 170
CONTRIBUTIONS = 35
MEETINGS = 3
DRAFTS = 4
MEMBER_COMMENTS = 12
PUBLIC_COMMENTS = 5

TEXT = """DRAFT OPINION {number}: {title}

The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),

recognizing

a) that broadband number {number} reaches some of those who need it;

b) that rural areas wait for a service that is fast, safe and cheap;

c) that public funds are scarce and Member States differ;

d) that women and girls are fewer among those who use it,

invites Member States

1 to support affordable access for all of them;

2 to share experience on the use of such funds;

3 to report on progress every second year;

4 to train teachers in the use of new tools.
"""
WORDS = ("affordable", "share", "progress", "teachers", "scarce", "fewer", "fast", "reaches")
NEW_WORDS = ("meaningful", "exchange", "results", "all educators", "limited", "less present", "quick", "serves")


@dataclass(frozen=True, slots=True)
class Party:
    """A delegation of the year."""

    code: str
    name: str
    kind: DelegationKind
    region: Region


@dataclass(frozen=True, slots=True)
class Nominee:
    """An expert to be nominated."""

    name: str
    email: str
    delegation: str
    role: str


def parties() -> tuple[Party, ...]:
    """Thirty-four delegations of every kind and region."""
    regions = [one for one in Region if one is not Region.NONE]
    states = [
        Party(
            f"Y{chr(65 + n // 26)}{chr(65 + n % 26)}",
            f"State number {n + 1}",
            DelegationKind.MEMBER_STATE,
            regions[n % 6],
        )
        for n in range(28)
    ]
    others = [
        Party("YSA", "Carrier One", DelegationKind.SECTOR_MEMBER, Region.EUROPE),
        Party("YSB", "Carrier Two", DelegationKind.SECTOR_MEMBER, Region.AFRICA),
        Party("YSC", "Carrier Three", DelegationKind.SECTOR_MEMBER, Region.AMERICAS),
        Party("YUA", "First University", DelegationKind.ACADEMIA, Region.NONE),
        Party("YUB", "Second University", DelegationKind.ACADEMIA, Region.NONE),
        Party("YOA", "Society of Users", DelegationKind.ORGANIZATION, Region.NONE),
    ]
    return (*states, *others)


def nominees() -> Iterator[Nominee]:
    """Five experts for each delegation: a hundred and seventy in all."""
    first = "Amara Bilal Chen Dana Emeka Farid Greta Hana Ivan Jamila Kofi Lena Malik Nadia Omar Pilar Quinn".split()
    views = {DelegationKind.ACADEMIA, DelegationKind.ORGANIZATION}
    number = 0
    for party in parties():
        for place in range(5):
            number += 1
            role = "contributor" if party.kind in views else "focal_point" if place == 0 else "expert"
            name = f"{first[number % len(first)]} Person {party.code} {place + 1}"
            yield Nominee(name, f"person{number}@example.org", party.code, role)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing a contribution says of a paragraph, as its form has it."""

    kind: str
    was: str = ""
    words: str = ""


def proposals(random: Random, text: str) -> list[Proposal]:
    """One to three proposals on a paragraph that reads `text`."""
    found: list[Proposal] = []
    blanks = text.split()
    for _ in range(random.randint(1, 2)):
        match random.choice(("replace", "delete", "add", "bracket")):
            case "replace":
                word = random.choice([one for one in blanks if len(one) > 3 and text.count(one) == 1] or [text])
                found.append(Proposal("replace", word, f"{random.choice(NEW_WORDS)} {random.randint(1, 999)}"))
            case "delete":
                word = random.choice([one for one in blanks if len(one) > 3 and text.count(one) == 1] or [text])
                found.append(Proposal("delete", word))
            case "bracket":
                word = random.choice([one for one in blanks if len(one) > 3 and text.count(one) == 1] or [text])
                found.append(Proposal("bracket", word))
            case _:
                found.append(Proposal("add", "", f"that point {random.randint(1, 9999)} be considered too;"))
    return found[:1] if len({one.was for one in found}) < len(found) else found
