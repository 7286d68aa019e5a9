"""For whom an author of revisions speaks, by the names that the process knows."""

import pytest

from opinions.model import DelegationCode
from opinions.roles import Delegation, DelegationKind, Role
from server.people_store import Member
from server.word_in.authors import guessed

STATE = DelegationKind.MEMBER_STATE
DELEGATIONS = tuple(
    Delegation(DelegationCode(code), name, STATE)
    for code, name in (
        ("KEN", "Kenya"),
        ("KOR", "Republic of Korea"),
        ("PRK", "Democratic People's Republic of Korea"),
        ("CIV", "Côte d'Ivoire"),
        ("USA", "United States of America"),
    )
)
MEMBERS = (
    Member("m-1", "Jane Mwangi", Role.EXPERT, DelegationCode("KEN"), "jane@ken.example"),
    Member("m-2", "Li Kim", Role.EXPERT, DelegationCode("KOR")),
    Member("m-3", "Li Kim", Role.EXPERT, DelegationCode("PRK")),
    Member("m-4", "Sam Clerk", Role.SECRETARIAT),
)


@pytest.mark.parametrize(
    ("author", "code"),
    [
        ("Kenya", "KEN"),
        ("KEN", "KEN"),
        ("ken", "KEN"),
        ("Kenya (Republic of)", "KEN"),
        ("Delegation of Kenya", "KEN"),
        ("J. Mwangi, KEN", "KEN"),
        ("JANE MWANGI", "KEN"),
        ("jane@ken.example", "KEN"),
        ("Cote d\u2019Ivoire", "CIV"),
        ("USA - State Department", "USA"),
        ("Republic of Korea", "KOR"),
        ("Delegation of the Republic of Korea", "KOR"),
        ("ITU Secretariat", "SEC"),
    ],
)
def test_names_that_fit_one_delegation_are_its(author: str, code: str) -> None:
    assert guessed([author], DELEGATIONS, MEMBERS) == {author: code}


@pytest.mark.parametrize("author", ["Li Kim", "Korea", "Author", "Kenya and USA", "", "Sam Clerk", "*"])
def test_names_that_fit_none_or_several_are_nobodys(author: str) -> None:
    assert guessed([author], DELEGATIONS, MEMBERS) == {}
