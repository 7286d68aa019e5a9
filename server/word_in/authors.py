"""For which delegation an author of revisions speaks: by the names that the process knows. A proposal, no more: whoever
brings the file in confirms or changes it on the page.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from opinions.model import DelegationCode
from opinions.record import SECRETARIAT
from opinions.roles import Delegation
from server.people_store import Member

_OFFICIAL = re.compile(
    r"\b(the|of|republic|kingdom|federal|federation|democratic|peoples?|islamic|plurinational|bolivarian|state|states"
    r"|union|united|delegation|mission|permanent|government|administration|ministry)\b"
)
_SECRETARIAT = frozenset({"secretariat", "itu secretariat", "secretariat itu", "bdt", "itu"})


def guessed(
    authors: Iterable[str], delegations: Sequence[Delegation], members: Sequence[Member]
) -> Mapping[str, DelegationCode]:
    """The delegation of each author where one alone fits: by its code or name, by a person of the roster, by a code or
    name among the author's words, by the name without its official parts.
    """
    by_name = {_plain(one.name): one.code for one in delegations}
    by_code = {one.code.casefold(): one.code for one in delegations}
    by_person: dict[str, set[DelegationCode]] = {}
    for member in members:
        if member.delegation is not None:
            by_person.setdefault(_plain(member.name), set()).add(member.delegation)
            if member.email:
                by_person.setdefault(member.email.casefold(), set()).add(member.delegation)
    short = _unique((_short(one.name), one.code) for one in delegations)
    found: dict[str, DelegationCode] = {}
    for author in authors:
        plain = _plain(author)
        codes = (
            by_code.get(author.strip().casefold())
            or by_name.get(plain)
            or _one(by_person.get(plain, ()) or by_person.get(author.strip().casefold(), ()))
            or (SECRETARIAT if plain in _SECRETARIAT else None)
            or _one(
                {
                    by_code[word.casefold()]
                    for word in re.findall(r"\b[A-Z]{2,8}\b", author)
                    if word.casefold() in by_code
                }
            )
            or _one({code for name, code in by_name.items() if name and re.search(rf"\b{re.escape(name)}\b", plain)})
            or short.get(_short(author))
        )
        if codes:
            found[author] = codes
    return found


def _one(codes: Iterable[DelegationCode]) -> DelegationCode | None:
    listed = set(codes)
    return listed.pop() if len(listed) == 1 else None


def _unique(pairs: Iterable[tuple[str, DelegationCode]]) -> dict[str, DelegationCode]:
    listed: dict[str, set[DelegationCode]] = {}
    for name, code in pairs:
        if name:
            listed.setdefault(name, set()).add(code)
    return {name: next(iter(codes)) for name, codes in listed.items() if len(codes) == 1}


def _plain(name: str) -> str:
    """A name as compared: without accents, capitals and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(one for one in letters if not unicodedata.combining(one))))


def _short(name: str) -> str:
    return " ".join(_OFFICIAL.sub(" ", _plain(name)).split())
