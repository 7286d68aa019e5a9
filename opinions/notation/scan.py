# ruff: noqa: RUF001
"""Square brackets of a text, matched by a stack over the whole of it; never by a regular expression.

A closing bracket closes the nearest open one, over paragraph breaks too (opinions/SPEC.md, N1). Full-width and
black lenticular brackets of East Asian drafts count as brackets; a pair may mix them, which `Pair.mixed` tells.
What has no partner is listed and left alone (N2). Time and memory are linear, nothing recurses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPENINGS = "[［【"
CLOSINGS = "]］】"
_GLYPH = re.compile(f"[{re.escape(OPENINGS + CLOSINGS)}]")


@dataclass(slots=True)
class Pair:
    """An opening and its closing bracket at these indices of the text. `depth` counts from 1.

    `children` are the pairs directly inside, in order, as indices into `Scan.pairs`; `parent` is -1 outside.
    """

    start: int
    end: int
    depth: int
    parent: int
    children: list[int]
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """All bracket pairs in order of their openings, and the indices of brackets without a partner."""

    pairs: list[Pair]
    unmatched_open: list[int]
    unmatched_close: list[int]


def scan(text: str) -> Scan:
    """Match the brackets of a text."""
    found: list[Pair] = []
    stack: list[int] = []
    unmatched_close: list[int] = []
    for match in _GLYPH.finditer(text):
        place, glyph = match.start(), match.group()
        kind = OPENINGS.find(glyph)
        if kind >= 0:
            found.append(Pair(place, -1, len(stack) + 1, stack[-1] if stack else -1, []))
            stack.append(len(found) - 1)
        elif stack:
            pair = found[stack.pop()]
            pair.end = place
            pair.mixed = CLOSINGS.find(glyph) != OPENINGS.find(text[pair.start])
        else:
            unmatched_close.append(place)
    return Scan(_matched(found, len(stack)), [found[number].start for number in stack], unmatched_close)


def _matched(found: list[Pair], unmatched: int) -> list[Pair]:
    """The pairs alone, numbered anew. All that is below an unmatched bracket on the stack is unmatched as well,

    so such a bracket is never inside a pair, and depths shrink by the number of unmatched ones around.
    """
    if not unmatched:
        for number, pair in enumerate(found):
            if pair.parent >= 0:
                found[pair.parent].children.append(number)
        return found
    pairs: list[Pair] = []
    renumbered: dict[int, int] = {}
    for number, pair in enumerate(found):
        if pair.end < 0:
            continue
        renumbered[number] = len(pairs)
        pair.parent = renumbered.get(pair.parent, -1)
        pair.depth = pairs[pair.parent].depth + 1 if pair.parent >= 0 else 1
        if pair.parent >= 0:
            pairs[pair.parent].children.append(len(pairs))
        pairs.append(pair)
    return pairs


def direct_texts(pair: Pair, pairs: list[Pair]) -> Iterator[tuple[int, int]]:
    """The stretches of text between the pair's brackets that are in no pair inside it, in order; some empty."""
    at = pair.start + 1
    for number in pair.children:
        yield at, pairs[number].start
        at = pairs[number].end + 1
    yield at, pair.end
