# ruff: noqa: RUF001
"""All that is seen in a bracketed text before anything is built from it, and the counts of it."""

import re
from dataclasses import asdict, dataclass

from opinions.notation.attribution import Portion, portions
from opinions.notation.kinds import Kinds, PairKind, tell_apart
from opinions.notation.lines import Lines, split
from opinions.notation.scan import OPENINGS, Scan, scan

_BRACES = re.compile(r"\{[*_ \t]*placeholders?\b[^{}\[\]［］【】\r\n]*\}", re.IGNORECASE)
_HASHES = re.compile(r"(?<![#\w])#{3,}(?![#\w])")
_LINE_START = re.compile(rf"(?:^|[\r\n])[{re.escape(OPENINGS)} \t\u00a0]*$")
_HEADING_END = re.compile(r"[ \t]+\S")


@dataclass(frozen=True, slots=True)
class BracketCounts:
    """What stands in brackets in a text. `pairs` and `max_depth` are of negotiation brackets alone.

    `adjacent` counts places where one closes and another opens with nothing or blanks between; `spanning` pairs
    between which a paragraph ends (`opinions.notation.lines`); `attributed` pairs with an attribution. `editorial`
    counts footnote marks, links and editorial notes; `placeholders` also those without square brackets.
    """

    pairs: int
    max_depth: int
    adjacent: int
    spanning: int
    unmatched_open: int
    unmatched_close: int
    attributed: int
    status_tags: int
    placeholders: int
    editorial: int

    def to_json(self) -> dict[str, int]:
        """The counts by name, as `unbracket brackets --json` prints them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text with its lines, its bracket pairs and what each is.

    `portions` holds the words of each negotiation bracket, by number of the pair; `bare` the placeholders without
    square brackets, as spans with the length of their own glyphs (1 for braces, 0 for `###`).
    """

    text: str
    lines: Lines
    scan: Scan
    kinds: Kinds
    portions: dict[int, list[Portion]]
    bare: list[tuple[int, int, int]]


def analyse(text: str) -> Analysis:
    """Look at a text. Time is linear in its length."""
    scanned = scan(text)
    told = tell_apart(text, scanned)
    lines = split(text)
    wordless = set(told.tags)
    found = {
        number: portions(text, scanned.pairs, number, wordless, lines.starts)
        for number, kind in enumerate(told.of)
        if kind is PairKind.NEGOTIATION
    }
    return Analysis(text, lines, scanned, told, found, _bare_placeholders(text))


def _bare_placeholders(text: str) -> list[tuple[int, int, int]]:
    found = [(*match.span(), 1) for match in _BRACES.finditer(text)]
    taken = {place for start, end, _ in found for place in range(start, end)}
    for match in _HASHES.finditer(text):
        if match.start() not in taken and not _is_heading(text, match.start(), match.end()):
            found.append((*match.span(), 0))
    return sorted(found)


def _is_heading(text: str, start: int, end: int) -> bool:
    """Whether the number signs begin a line (within sight) and words follow."""
    return bool(_LINE_START.search(text, max(0, start - 200), start) and _HEADING_END.match(text, end))


def counts(text: str) -> BracketCounts:
    """Count the brackets of a text (what `unbracket brackets` prints)."""
    return count(analyse(text))


def count(analysis: Analysis) -> BracketCounts:
    """The counts of a text already analysed."""
    scanned, kinds = analysis.scan, analysis.kinds.of
    depth = [0] * len(kinds)
    deepest = 0
    for number, pair in enumerate(scanned.pairs):
        outside = depth[pair.parent] if pair.parent >= 0 else 0
        depth[number] = outside + (kinds[number] is PairKind.NEGOTIATION)
        deepest = max(deepest, depth[number])
    negotiated = [pair for pair, kind in zip(scanned.pairs, kinds, strict=True) if kind is PairKind.NEGOTIATION]
    signed = sum(any(portion.stances for portion in found) for found in analysis.portions.values())
    return BracketCounts(
        pairs=len(negotiated),
        max_depth=deepest,
        adjacent=len(adjacent(analysis)),
        spanning=sum(analysis.lines.span(pair.start, pair.end) for pair in negotiated),
        unmatched_open=len(scanned.unmatched_open),
        unmatched_close=len(scanned.unmatched_close),
        attributed=signed,
        status_tags=kinds.count(PairKind.STATUS),
        placeholders=kinds.count(PairKind.PLACEHOLDER) + len(analysis.bare),
        editorial=kinds.count(PairKind.EDITORIAL) + kinds.count(PairKind.NOTE),
    )


def adjacent(analysis: Analysis) -> list[tuple[int, int]]:
    """The negotiation brackets that stand side by side, as numbers of the first and the second pair."""
    kinds = analysis.kinds.of
    opened = {
        pair.start: number for number, pair in enumerate(analysis.scan.pairs) if kinds[number] is PairKind.NEGOTIATION
    }
    result = []
    for number, pair in enumerate(analysis.scan.pairs):
        if kinds[number] is PairKind.NEGOTIATION:
            place = pair.end + 1
            while place < len(analysis.text) and analysis.text[place] in _BLANKS:
                place += 1
            if (second := opened.get(place)) is not None:
                result.append((number, second))
    return result


_BLANKS = frozenset(" \t\u00a0\u2002\u2003\u2007\u2009\u202f\u3000")
