"""Which paragraph of one text is which of the other: by id, by the log, by their words; and which of them moved (CM2).

The same texts give the same pairs on every machine, and swapped texts the same pairs swapped.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from opinions.comparing.substance import words_of
from opinions.comparing.values import Found
from opinions.matching import ALIKE, CLEARLY_ALIKE, SHORTEST_MOVED, Candidate, Pair, bag, heaviest_chain, match
from opinions.matching import How as Matched
from opinions.model import ParagraphId
from opinions.views import ViewParagraph

MAX_LIKENED = 1_000
"""Paragraphs without partner on either side up to which partners are sought by their words: four times those of a text
of thirty pages. Of more, only equal ones are paired.
"""
_EQUAL_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the log says between two texts: which paragraph was divided off from which, which went on in which."""

    parents: Mapping[ParagraphId, ParagraphId] = field(default_factory=lambda: MappingProxyType({}))
    joined: Mapping[ParagraphId, ParagraphId] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def reversed(self) -> "Lineage":
        """The same seen from the later text."""
        return Lineage(self.joined, self.parents)


Parts = Mapping[int, tuple[int, Found]]
"""Parts of paragraphs by their numbers, each with the number of the whole in the other text, and how that is known."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Partners by their numbers: `pairs` from before to after, with what they were found by; `moved` of those, the ones
    out of the order that the others keep. `split`: parts of a divided paragraph, by the number after, with the number
    of the whole before; `joined`: what went on in another, by the number before.
    """

    pairs: Mapping[int, tuple[int, Found]]
    moved: frozenset[int]
    split: Parts
    joined: Parts

    @property
    def swapped(self) -> "Pairing":
        """The pairing of the texts the other way round."""
        pairs = {after: (before, found) for before, (after, found) in self.pairs.items()}
        moved = frozenset(self.pairs[before][0] for before in self.moved)
        return Pairing(pairs, moved, self.joined, self.split)


def paired(before: Sequence[ViewParagraph], after: Sequence[ViewParagraph], lineage: Lineage) -> Pairing:
    """The pairs of two texts. Work is bounded by `MAX_LIKENED` and by the candidates of a paragraph."""
    places = {one.id: number for number, one in enumerate(after)}
    pairs = {number: (places[one.id], Found.ID) for number, one in enumerate(before) if one.id in places}
    split, joined = _by_log(before, after, pairs, lineage)
    found_split, found_joined = _by_words(before, after, pairs, split, joined)
    split |= found_split
    joined |= found_joined
    for one, other, how in _alike(before, after, pairs, split, joined):
        pairs[one] = (other, how)
    moved = _moved(before, pairs)
    for one in [one for one in moved if pairs[one][1] is Found.ALIKE and not _clear(before[one], after[pairs[one][0]])]:
        del pairs[one]
    moved &= pairs.keys()
    # Of a paragraph that moved the parts stand elsewhere too: they are told as what was added or taken out.
    gone = {pairs[one][0] for one in moved}
    split = {number: one for number, one in split.items() if one[0] not in moved}
    joined = {number: one for number, one in joined.items() if one[0] not in gone}
    return Pairing(pairs, moved, split, joined)


def _by_log(
    before: Sequence[ViewParagraph],
    after: Sequence[ViewParagraph],
    pairs: Mapping[int, tuple[int, Found]],
    lineage: Lineage,
) -> tuple[dict[int, tuple[int, Found]], dict[int, tuple[int, Found]]]:
    """What the log says was divided or joined, where both ends of it stand in these texts."""
    here = {one.id: number for number, one in enumerate(before)}
    there = {one.id: number for number, one in enumerate(after)}
    split = {
        number: (here[origin], Found.LOG)
        for name, number in there.items()
        if name not in here and (origin := _end(name, lineage.parents, here)) and here[origin] in pairs
    }
    joined = {
        number: (there[goal], Found.LOG)
        for name, number in here.items()
        if name not in there and (goal := _end(name, lineage.joined, there)) and goal in here
    }
    whole = _wholes(pairs, split) & {goal for goal, _ in joined.values()}
    if whole:  # a paragraph divided as well as joined: its words are told as such, not where each of them went
        split = {number: one for number, one in split.items() if pairs[one[0]][0] not in whole}
        joined = {number: one for number, one in joined.items() if one[0] not in whole}
    return split, joined


def _wholes(pairs: Mapping[int, tuple[int, Found]], split: Parts) -> set[int]:
    """The later numbers of the paragraphs that were divided."""
    return {pairs[origin][0] for origin, _ in split.values()}


def _end(
    name: ParagraphId, steps: Mapping[ParagraphId, ParagraphId], known: Mapping[ParagraphId, int]
) -> ParagraphId | None:
    """Where a line of divisions or joinings leads that begins with this paragraph; None where that is not known."""
    for _ in range(len(steps)):
        following = steps.get(name)
        if following is None:
            return None
        if following in known:
            return following
        name = following
    return None


def _by_words(
    before: Sequence[ViewParagraph],
    after: Sequence[ViewParagraph],
    pairs: Mapping[int, tuple[int, Found]],
    split: Parts,
    joined: Parts,
) -> tuple[dict[int, tuple[int, Found]], dict[int, tuple[int, Found]]]:
    """Divisions and joinings that show in the words themselves: two neighbours that together are the other text's one,
    word for word.
    """
    new = set(range(len(after))) - {other for other, _ in pairs.values()} - set(split)
    gone = set(range(len(before))) - set(pairs) - set(joined)
    taken = _wholes(pairs, split) | {goal for goal, _ in joined.values()}
    found_split: dict[int, tuple[int, Found]] = {}
    found_joined: dict[int, tuple[int, Found]] = {}
    for one, (other, _) in pairs.items():
        if other in taken:
            continue
        if other + 1 in new and _together(after, other, before[one].text):
            found_split[other + 1] = (one, Found.EQUAL)
        elif one + 1 in gone and _together(before, one, after[other].text):
            found_joined[one + 1] = (other, Found.EQUAL)
    return found_split, found_joined


def _together(row: Sequence[ViewParagraph], number: int, whole: str) -> bool:
    one, other = words_of(row[number].text), words_of(row[number + 1].text)
    return bool(one and other) and one + other == words_of(whole)


def _alike(
    before: Sequence[ViewParagraph],
    after: Sequence[ViewParagraph],
    pairs: Mapping[int, tuple[int, Found]],
    split: Parts,
    joined: Parts,
) -> Iterator[tuple[int, int, Found]]:
    """Partners of what has none by id: equal or alike in words."""
    taken = {other for other, _ in pairs.values()} | set(split)
    left = [number for number in range(len(before)) if number not in pairs and number not in joined]
    right = [number for number in range(len(after)) if number not in taken]
    if not left or not right:
        return
    if max(len(left), len(right)) > MAX_LIKENED:
        waiting: dict[str, list[int]] = defaultdict(list)
        for number in reversed(right):
            waiting[after[number].text].append(number)
        for number in left:
            if same := waiting[before[number].text]:
                yield number, same.pop(), Found.EQUAL
        return
    # What is paired already stands in both rows under one name, so that partners are sought between it.
    living = [_candidate(one, f"{n}" if n in pairs else "") for n, one in enumerate(before) if n not in joined]
    numbers = [n for n in range(len(before)) if n not in joined]
    names = {other: f"{one}" for one, (other, _) in pairs.items()}
    incoming = [_candidate(one, names.get(n, "")) for n, one in enumerate(after) if n not in split]
    places = [n for n in range(len(after)) if n not in split]
    for row in match(incoming, living):
        if row.incoming is not None and row.living is not None and row.how is not Matched.IDENTITY:
            yield numbers[row.living], places[row.incoming], Found.EQUAL if row.how is Matched.SAME else Found.ALIKE


def _candidate(paragraph: ViewParagraph, name: str) -> Candidate:
    return Candidate(paragraph.text if not name else "", paragraph.label if not name else "", name)


def _moved(before: Sequence[ViewParagraph], pairs: Mapping[int, tuple[int, Found]]) -> frozenset[int]:
    """As few as can be, and of several such choices the one that moves fewest characters."""
    kept = heaviest_chain(
        Pair(one, other, 1.0 + len(before[one].text) * _EQUAL_ENOUGH) for one, (other, _) in pairs.items()
    )
    return frozenset(one for one, (other, _) in pairs.items() if (one, other) not in kept)


def _clear(one: ViewParagraph, other: ViewParagraph) -> bool:
    was, now = bag(one.text), bag(other.text)
    total = was.total() + now.total()
    share = 2 * (was & now).total() / total if total else 1.0
    return min(was.total(), now.total()) >= SHORTEST_MOVED and share >= max(CLEARLY_ALIKE, ALIKE)
