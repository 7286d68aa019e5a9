"""Where a paragraph of an earlier version is in the text now: what is said of it carries forward.

By its id first: a paragraph that was moved, retyped, relabelled or reworded keeps it, and so does the first part of
one that was split - what was said may be about another part (`spoken_of`). The words of one that was joined to another
are words which that one has gained: it is found by them. What is found nowhere is gone, and is listed under its old
label.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from opinions.model import ParagraphId

ENOUGH = 0.8
"""The part of the old words that one paragraph must have gained for it to be taken as theirs."""
FEWEST = 4
"""Words below which nothing is concluded from their likeness."""
_TELLING = 2
"""Words that stand in one part alone from which on they tell which part is meant."""
_QUOTED = re.compile('[“«„"]([^“”«»„"]{3,})[”»“"]')


class Way(StrEnum):
    """How a paragraph was found again."""

    SAME = "same"
    BY_WORDS = "by_words"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a paragraph is now; `paragraph` is None when it is gone."""

    paragraph: ParagraphId | None
    way: Way


def landings(
    old: Mapping[ParagraphId, str], wanted: Iterable[ParagraphId], now: Mapping[ParagraphId, str]
) -> dict[ParagraphId, Landing]:
    """For each wanted paragraph of the old text where it is now. Both texts map ids to words, in reading order."""
    words: dict[ParagraphId, Counter[str]] | None = None
    found: dict[ParagraphId, Landing] = {}
    for paragraph in wanted:
        if paragraph in now:
            found[paragraph] = Landing(paragraph, Way.SAME)
            continue
        if words is None:
            words = {one: Counter(_words(text)) - Counter(_words(old.get(one, ""))) for one, text in now.items()}
        best = _most_alike(Counter(_words(old.get(paragraph, ""))), words)
        found[paragraph] = Landing(best, Way.GONE if best is None else Way.BY_WORDS)
    return found


def spoken_of(parts: Sequence[str], said: str, proposed: str = "") -> int:
    """Of the parts into which a paragraph was split the one that a comment is about, by its number: the one whose very
    words it quotes; else the one that its proposed wording, else its own words, share most with alone. The first where
    nothing tells.
    """
    quoted = [one for one in _QUOTED.findall(said) if sum(one in part for part in parts) == 1]
    if quoted:
        return next(place for place, part in enumerate(parts) if quoted[0] in part)
    bags = [set(_words(part)) for part in parts]
    for text in (proposed, said):
        words = set(_words(text))
        alone = [len(words & bag - set().union(*bags[:place], *bags[place + 1 :])) for place, bag in enumerate(bags)]
        best = max(alone, default=0)
        if best >= _TELLING and alone.count(best) == 1:
            return alone.index(best)
    return 0


def _most_alike(old: Counter[str], now: Mapping[ParagraphId, Counter[str]]) -> ParagraphId | None:
    total = old.total()
    if total < FEWEST:
        return None
    best, score = None, 0.0
    for paragraph, words in now.items():
        shared = (old & words).total() / total
        # Of two that hold them all, the one with less besides.
        if shared >= ENOUGH and (shared, -words.total()) > (score, -now[best].total() if best else 0):
            best, score = paragraph, shared
    return best


def _words(text: str) -> list[str]:
    """Words of scripts that part them; pairs of neighbours of those that do not."""
    found: list[str] = []
    for word in re.findall(r"\w+", text.casefold()):
        if re.search("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]", word):
            found.extend(word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        else:
            found.append(word)
    return found
