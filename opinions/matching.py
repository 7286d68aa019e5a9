"""Which paragraph of an incoming text is which of ours: by identity, then by label and words, each at most once.

Nothing is dropped: a paragraph without a partner comes out too, at its place. Partners are first sought in one order
common to both texts (the chain of pairs that are most alike in all); what is left over and clearly the same stands as
moved. The same texts give the same answer on every machine, and the work is bounded by how many candidates a paragraph
may have, not by how many paragraphs there are to compare it with.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from opinions.redline import likeness, tokens


class How(StrEnum):
    """By what two paragraphs were found to be one; NONE stands for a paragraph without partner."""

    IDENTITY = "identity"
    HAND = "hand"
    SAME = "same"
    LABEL = "label"
    SIMILAR = "similar"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is compared of a paragraph: its words, the label shown before it, and the id it says it has, if any.
    `fresh`: it is proposed as a whole; an incoming one of these is never one that stood there before.
    """

    text: str
    label: str = ""
    identity: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """An incoming paragraph beside its partner, by their numbers; None where it has none.

    `sureness` runs from 0 to 1: the share of words they have in common, 1 for identity and by hand. `moved`: it stands
    elsewhere in the order of the other text.
    """

    incoming: int | None
    living: int | None
    how: How
    sureness: float = 1.0
    moved: bool = False


ALIKE = 0.5
"""From this share of common words on, two paragraphs may be one that was changed."""
ALIKE_WITH_LABEL = 0.3
"""The same where both bear the same label."""
CLEARLY_ALIKE = 0.65
"""From here on a paragraph that stands elsewhere is taken as moved."""
SHORTEST_MOVED = 4
"""Words of the shortest paragraph that is taken as moved: `noting` stands in many places."""

_BY_WORDS, _BY_LABEL, _NEAR, _TWINS = 8, 3, 2, 3
"""Candidates of a paragraph: those that share most of its rarer words, those of its label, of its place, of its very
words."""
_COMMON = 0.2
"""A word in more than this share of the paragraphs tells nothing about which one it is."""
_FIXED = 10.0
"""What a pair known by identity or by hand weighs in the order of both texts, against 1 for equal words."""


def match(
    incoming: Sequence[Candidate],
    living: Sequence[Candidate],
    by_hand: Mapping[int, int | None] = MappingProxyType({}),
) -> tuple[Match, ...]:
    """Every paragraph of both, each in exactly one row: the incoming ones in their order, the living ones without
    partner behind the one they follow in the living text. `by_hand` pairs an incoming number with a living one, or
    with none.
    """
    fixed = _fixed(incoming, living, by_hand)
    taken = {one.living for one in fixed.values()}
    free_in = [i for i in range(len(incoming)) if i not in fixed]
    free_out = [j for j in range(len(living)) if j not in taken]
    bags_in = {i: bag(incoming[i].text) for i in free_in}
    bags_out = {j: bag(living[j].text) for j in free_out}
    pairs = _scored(incoming, living, bags_in, bags_out)
    certain = [Pair(i, one.living, _FIXED) for i, one in fixed.items() if one.living is not None]
    chain = heaviest_chain((*certain, *pairs))
    found = {i: one if (i, one.living) in chain else _moved(one) for i, one in fixed.items()}
    used = set(taken)
    for pair in pairs:
        if (pair.incoming, pair.living) in chain:
            found[pair.incoming] = pair.match(moved=False)
            used.add(pair.living)
    for pair in sorted(pairs, key=lambda one: (-one.weight, one.incoming, one.living)):
        if pair.incoming in found or pair.living in used or not _clearly(pair, bags_in[pair.incoming]):
            continue
        found[pair.incoming] = pair.match(moved=True)
        used.add(pair.living)
    return tuple(_rows(len(incoming), len(living), found))


def bag(text: str) -> Counter[str]:
    """The words of a text with how often each stands in it, capitals aside."""
    return Counter(word for word in tokens(text.casefold()) if not word.isspace())


@dataclass(frozen=True, slots=True)
class Pair:
    """Two paragraphs that may be one. `weight` orders such pairs; it is the likeness, more where labels agree."""

    incoming: int
    living: int
    weight: float
    likeness: float = 1.0
    how: How = How.SIMILAR

    def match(self, *, moved: bool) -> Match:
        return Match(self.incoming, self.living, self.how, self.likeness, moved)


def _fixed(
    incoming: Sequence[Candidate], living: Sequence[Candidate], by_hand: Mapping[int, int | None]
) -> dict[int, Match]:
    """What needs no comparing: pairs made by hand, then those that say themselves which they are."""
    found: dict[int, Match] = {}
    used: set[int] = set()
    for i, j in sorted(by_hand.items()):
        if not 0 <= i < len(incoming):
            continue
        if j is None:
            found[i] = Match(i, None, How.NONE, 0.0)
        elif 0 <= j < len(living) and j not in used:
            found[i] = Match(i, j, How.HAND)
            used.add(j)
    places: dict[str, int] = {}
    for j, one in enumerate(living):
        if one.identity:
            places.setdefault(one.identity, j)
    for i, candidate in enumerate(incoming):
        place = places.get(candidate.identity) if candidate.identity else None
        if place is not None and i not in found and place not in used:
            found[i] = Match(i, place, How.IDENTITY)
            used.add(place)
    return found


def _moved(one: Match) -> Match:
    return one if one.living is None else Match(one.incoming, one.living, one.how, one.sureness, moved=True)


def _clearly(pair: Pair, words: Counter[str]) -> bool:
    return pair.likeness >= CLEARLY_ALIKE and words.total() >= SHORTEST_MOVED


def _scored(
    incoming: Sequence[Candidate],
    living: Sequence[Candidate],
    bags_in: Mapping[int, Counter[str]],
    bags_out: Mapping[int, Counter[str]],
) -> list[Pair]:
    """The pairs that may be one, weighed."""
    result: list[Pair] = []
    for i, j in sorted(_candidates(incoming, living, bags_in, bags_out)):
        one, other = incoming[i], living[j]
        if one.fresh and not other.fresh:
            continue
        share = 1.0 if one.text == other.text else likeness(bags_in[i], bags_out[j])
        labelled = bool(one.label) and one.label == other.label
        if share >= ALIKE or (labelled and share >= ALIKE_WITH_LABEL):
            how = How.SAME if one.text == other.text else How.LABEL if labelled else How.SIMILAR
            result.append(Pair(i, j, share + 0.15 * labelled + 0.5 * (how is How.SAME), share, how))
    return result


def _candidates(
    incoming: Sequence[Candidate],
    living: Sequence[Candidate],
    bags_in: Mapping[int, Counter[str]],
    bags_out: Mapping[int, Counter[str]],
) -> set[tuple[int, int]]:
    result = set(_twins(incoming, living, bags_in, bags_out))
    holding: dict[str, list[int]] = defaultdict(list)
    labelled: dict[str, list[int]] = defaultdict(list)
    for j, words in bags_out.items():
        for word in words:
            holding[word].append(j)
        if living[j].label:
            labelled[living[j].label].append(j)
    common = max(_BY_WORDS, _COMMON * len(bags_out))
    for i, words in bags_in.items():
        shared: dict[int, float] = defaultdict(float)
        for word in words:
            places = holding.get(word, ())
            if 0 < len(places) <= common:
                weight = 1.0 / len(places)
                for j in places:
                    shared[j] += weight
        by_words = sorted(shared, key=lambda j: (-shared[j], j))[:_BY_WORDS]
        middle = i * len(living) // max(len(incoming), 1)
        near = [j for j in range(middle - _NEAR, middle + _NEAR + 1) if j in bags_out]
        by_label = sorted(labelled.get(incoming[i].label, ()), key=lambda j: (abs(j - middle), j))[:_BY_LABEL]
        result.update((i, j) for j in (*by_words, *near, *by_label))
    return result


def _twins(
    incoming: Sequence[Candidate],
    living: Sequence[Candidate],
    bags_in: Mapping[int, Counter[str]],
    bags_out: Mapping[int, Counter[str]],
) -> Iterator[tuple[int, int]]:
    """Paragraphs of the same words: of several such, the first with the first and its neighbours, and so on."""
    ours: dict[str, list[int]] = defaultdict(list)
    for j in bags_out:
        ours[living[j].text].append(j)
    seen: Counter[str] = Counter()
    for i in bags_in:
        text = incoming[i].text
        places, turn = ours.get(text, []), seen[text]
        seen[text] += 1
        for j in places[max(turn - _TWINS, 0) : turn + _TWINS + 1]:
            yield i, j


def heaviest_chain(pairs: Iterable[Pair]) -> frozenset[tuple[int, int]]:
    """The pairs, rising in both texts, that weigh most together."""
    ordered = sorted(pairs, key=lambda one: (one.incoming, -one.living))
    columns = sorted({one.living for one in ordered})
    best: list[tuple[float, int]] = [(0.0, -1)] * (len(columns) + 1)
    before: list[int] = []
    heaviest = (0.0, -1)
    # Of one incoming paragraph the pairs come with falling living numbers, so that none of them builds on another.
    for number, pair in enumerate(ordered):
        column = bisect_left(columns, pair.living)
        weight, last = _most(best, column)
        before.append(last)
        reached = (weight + pair.weight, number)
        heaviest = max(heaviest, reached, key=lambda one: one[0])
        _note(best, column + 1, reached)
    chain: set[tuple[int, int]] = set()
    at = heaviest[1]
    while at >= 0:
        chain.add((ordered[at].incoming, ordered[at].living))
        at = before[at]
    return frozenset(chain)


def _most(best: Sequence[tuple[float, int]], count: int) -> tuple[float, int]:
    """The heaviest chain that ends in one of the first columns (a Fenwick tree of maxima)."""
    found = (0.0, -1)
    while count > 0:
        if best[count][0] > found[0]:
            found = best[count]
        count &= count - 1
    return found


def _note(best: list[tuple[float, int]], column: int, reached: tuple[float, int]) -> None:
    while column < len(best):
        if reached[0] > best[column][0]:
            best[column] = reached
        column += column & -column


def _rows(incoming: int, living: int, found: Mapping[int, Match]) -> Iterator[Match]:
    partner = {one.living: i for i, one in found.items() if one.living is not None}
    alone: dict[int | None, list[int]] = defaultdict(list)
    anchor: int | None = None
    for j in range(living):
        if j in partner:
            anchor = j
        else:
            alone[anchor].append(j)
    yield from (Match(None, j, How.NONE, 0.0) for j in alone[None])
    for i in range(incoming):
        row = found.get(i) or Match(i, None, How.NONE, 0.0)
        yield row
        if row.living is not None:
            yield from (Match(None, j, How.NONE, 0.0) for j in alone[row.living])
