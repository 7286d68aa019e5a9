"""What a person has chosen of a file so far: read from the form, kept as JSON beside the file, never trusted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from opinions.judged_differences import AS_BASE, REFUSED, Judgement
from opinions.model import DelegationCode, ParagraphId
from opinions.overlay import SILENT
from opinions.reading_proposals import Difference, Understanding, What

BASE, OUT = "base", "out"
AS = "as:"
"""Before the code of the delegation whose amendment it is."""
NOBODY = "-"
"""Of an author: nothing of his or hers is entered. Of a paragraph: it is left out."""
NEW = "+"
"""Of a paragraph: it is a new one."""
MAX_FIELDS = 12_000
"""Fields of one form: a long consolidated draft has some 2,000 differences."""
MAX_ALSO = 12
"""Further delegations that differences may be given to."""

Texts = Mapping[str, str]
_NONE: Texts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Choices:
    """`authors`: name in the file -> code, or NOBODY. `rest`: what becomes of changes that nobody marked. `also`:
    further delegations to choose from. `differences`: key -> BASE, OUT or AS and a code. `pairs`: number of a
    paragraph of the file -> our paragraph's id, NEW or NOBODY. `reference`: the text that it was made on.
    """

    authors: Texts = field(default_factory=dict)
    rest: str = ""
    also: tuple[str, ...] = ()
    differences: Texts = field(default_factory=dict)
    pairs: Texts = field(default_factory=dict)
    reference: str = ""

    @property
    def by_hand(self) -> dict[int, ParagraphId | None]:
        """The pairs made by hand, as `opinions.reading_proposals.understand` takes them."""
        return {
            int(number): None if wanted in (NEW, NOBODY) else ParagraphId(wanted)
            for number, wanted in self.pairs.items()
            if wanted and number.isdecimal()
        }

    @property
    def left_out(self) -> frozenset[int]:
        """The paragraphs of the file that are left out as a whole."""
        return frozenset(int(number) for number, wanted in self.pairs.items() if wanted == NOBODY)


def from_form(pairs: Iterable[tuple[str, str]], authors: Iterable[str]) -> Choices:
    """The choices of a posted form; authors are told by their place among `authors`."""
    named = list(authors)
    found: dict[str, dict[str, str]] = {"author": {}, "difference": {}, "pair": {}}
    plain: dict[str, str] = {}
    for name, value in pairs:
        kind, dot, rest = name.partition(".")
        value = value.strip()[:100]
        if dot and kind in found:
            found[kind][rest[:64]] = value
        elif not dot:
            plain[name] = value
    return Choices(
        authors={
            named[int(number)]: value
            for number, value in found["author"].items()
            if number.isdecimal() and int(number) < len(named)
        },
        rest=plain.get("rest", ""),
        also=tuple(re.findall(r"[A-Z0-9]{2,16}", plain.get("also", "").upper()))[:MAX_ALSO],
        differences={key: value for key, value in found["difference"].items() if value},
        pairs={number: value for number, value in found["pair"].items() if value and number.isdecimal()},
        reference=plain.get("reference", ""),
    )


def to_json(choices: Choices) -> dict[str, Any]:
    """What is kept of them."""
    return {
        "authors": dict(choices.authors),
        "rest": choices.rest,
        "also": list(choices.also),
        "differences": dict(choices.differences),
        "pairs": dict(choices.pairs),
        "reference": choices.reference,
    }


def from_json(value: Mapping[str, Any]) -> Choices:
    """The choices kept; what does not fit is as if nothing was chosen."""

    def texts(name: str) -> dict[str, str]:
        given = value.get(name)
        return {str(key): str(one) for key, one in given.items()} if isinstance(given, dict) else {}

    also = value.get("also")
    return Choices(
        texts("authors"),
        str(value.get("rest", "")),
        tuple(str(one) for one in also) if isinstance(also, list) else (),
        texts("differences"),
        texts("pairs"),
        str(value.get("reference", "")),
    )


@dataclass(frozen=True, slots=True)
class Judging:
    """Who judges: the secretariat everything, an expert what his or her own delegation proposes. `parties`: for whom
    the authors speak; `possible`: the delegations whose amendments may be entered.
    """

    choices: Choices
    parties: Mapping[str, DelegationCode]
    possible: frozenset[DelegationCode]
    own: DelegationCode | None = None
    """The one delegation that an expert enters for; None for the secretariat."""
    problems: dict[str, str] = field(default_factory=dict)

    def judged(self, understanding: Understanding) -> dict[str, Judgement]:
        """What is made of each difference."""
        left_out = self.choices.left_out
        result: dict[str, Judgement] = {}
        for row in understanding.rows:
            out = row.match.incoming in left_out
            for one in row.differences:
                result[one.key] = REFUSED if out else self.judgement(one)
        return result

    def judgement(self, one: Difference) -> Judgement:
        """What is made of one difference: what was chosen for it, or else what was chosen for its kind."""
        chosen = self.choices.differences.get(one.key, "") or self.usual(one)
        if chosen == BASE and self.own is None and not one.pending and one.what is not What.BRACKET:
            return AS_BASE
        code = DelegationCode(chosen.removeprefix(AS)) if chosen.startswith(AS) else None
        if code is None or code not in self.possible or (self.own is not None and code != self.own):
            return REFUSED
        return Judgement(delegation=code)

    def usual(self, one: Difference) -> str:
        """What becomes of a difference that nothing was chosen for."""
        if not one.fits:
            return OUT
        if one.author != SILENT:
            code = self.parties.get(one.author)
            return f"{AS}{code}" if code is not None else OUT
        if one.what is What.REMOVED:
            return OUT
        return self.choices.rest or OUT
