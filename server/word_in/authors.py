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
    short = _unmistakable(delegations)
    found: dict[str, DelegationCode] = {}
    for author in authors:
        plain = _plain(author)
        codes = (
            by_code.get(author.strip().casefold())
            or by_name.get(plain)
            or _one(by_person.get(plain, ()) or by_person.get(author.strip().casefold(), ()))
            or (SECRETARIAT if plain in _SECRETARIAT else None)
            or _one(_mentioned(author, plain, by_code, by_name))
            or short.get(_short(author))
        )
        if codes:
            found[author] = codes
    return found


def _one(codes: Iterable[DelegationCode]) -> DelegationCode | None:
    listed = set(codes)
    return listed.pop() if len(listed) == 1 else None


def _mentioned(
    author: str, plain: str, by_code: Mapping[str, DelegationCode], by_name: Mapping[str, DelegationCode]
) -> set[DelegationCode]:
    """The delegations whose code or name stands among the author's words; the longest name where one holds another."""
    codes = {by_code[word.casefold()] for word in re.findall(r"\b[A-Z]{2,8}\b", author) if word.casefold() in by_code}
    names = [name for name in by_name if name and re.search(rf"\b{re.escape(name)}\b", plain)]
    longest = [name for name in names if not any(name != other and name in other for other in names)]
    return codes | {by_name[name] for name in longest}


def _unmistakable(delegations: Sequence[Delegation]) -> dict[str, DelegationCode]:
    """Names without their official parts, where nobody else's name holds them: `Korea` stands for two."""
    names = [(_plain(one.name), _short(one.name), one.code) for one in delegations]
    return {
        short: code
        for _, short, code in names
        if short and sum(f" {short} " in f" {plain} " for plain, _, _ in names) == 1
    }


def _plain(name: str) -> str:
    """A name as compared: without accents, capitals and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(one for one in letters if not unicodedata.combining(one))))


def _short(name: str) -> str:
    return " ".join(_OFFICIAL.sub(" ", _plain(name)).split())
