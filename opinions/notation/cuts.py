"""Where the words of a text stop being words: glyphs, attributions and tags, in the order of the text.

Everything between two cuts is words or layout; so cuts and the rest together are the whole text, and reading loses
nothing.
"""

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum

from opinions.notation.analysis import Analysis, adjacent
from opinions.notation.kinds import PairKind, TagPlace
from opinions.record import Spelling, Stance

MAX_DEPTH = 30
"""Brackets nested deeper stay characters: real drafts reach 10, and every character carries the marks of all brackets
around it."""


class Act(Enum):
    """What happens at a cut."""

    OPEN = "open"
    CLOSE = "close"
    TAG = "tag"
    NOTE_ON = "note_on"
    NOTE_OFF = "note_off"


@dataclass(frozen=True, slots=True)
class Cut:
    """The characters from `start` up to `end` are no words (an empty stretch: all are). `which` is the number of the
    bracketing, or of the pair of a tag; `name` that of a footnote."""

    start: int
    end: int
    act: Act
    which: int = 0
    name: str = ""
    place: TagPlace | None = None


@dataclass(slots=True)
class Bracketing:
    """A bracket to be put on record: how it was written, what its attribution says, its alternatives."""

    start: int
    spelling: Spelling
    stances: tuple[Stance, ...] = ()
    placeholder: bool = False
    group: int = -1


@dataclass(frozen=True, slots=True)
class Cuts:
    """All cuts in order, the bracketings they open and close, and the pairs nested too deep to be brackets."""

    cuts: list[Cut]
    bracketings: list[Bracketing]
    too_deep: list[int]


def cuts(analysis: Analysis) -> Cuts:
    """The cuts of a text."""
    cutting = _Cutting(analysis)
    for number in range(len(analysis.scan.pairs)):
        cutting.pair(number)
    for start, end, glyph in analysis.bare:
        cutting.placeholder(start, end, glyph)
    cutting.groups()
    return cutting.finished()


class _Cutting:
    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.text = analysis.text
        self.found: list[Cut] = []
        self.bracketings: list[Bracketing] = []
        self.of_pair: dict[int, int] = {}
        self.too_deep: list[int] = []

    def pair(self, number: int) -> None:
        pair, kind = self.analysis.scan.pairs[number], self.analysis.kinds.of[number]
        if kind is PairKind.STATUS:
            place = self.analysis.kinds.tags.get(number)
            if place is not None:
                self.found.append(Cut(pair.start, pair.end + 1, Act.TAG, number, place=place))
        elif kind is PairKind.NOTE and number not in self.analysis.kinds.notes:
            name = self.text[pair.start + 1 : pair.end].strip("^ ")
            self.found.append(Cut(pair.start, pair.start, Act.NOTE_ON, name=name))
            self.found.append(Cut(pair.end + 1, pair.end + 1, Act.NOTE_OFF, name=name))
        elif kind in (PairKind.NEGOTIATION, PairKind.PLACEHOLDER) and pair.depth > MAX_DEPTH:
            self.too_deep.append(pair.start)
        elif kind is PairKind.PLACEHOLDER:
            wordless = not self.text[pair.start + 1 : min(pair.end, pair.start + 200)].strip()
            self.placeholder(pair.start, pair.end + 1, 0 if wordless else 1)
        elif kind is PairKind.NEGOTIATION:
            self._negotiated(number)

    def _negotiated(self, number: int) -> None:
        self.of_pair[number] = len(self.bracketings)
        portions = self.analysis.portions[number]
        for portion in portions:
            spelling = Spelling(
                before=self.text[portion.opening[1] : portion.start],
                after=self.text[portion.end : portion.closing[0]],
                opening=self.text[slice(*portion.opening)],
                closing=self.text[slice(*portion.closing)],
            )
            which = len(self.bracketings)
            bracketing = Bracketing(portion.opening[0], spelling, portion.stances)
            if len(portions) > 1:
                bracketing.group = self.of_pair[number]
            self.bracketings.append(bracketing)
            self.found.append(Cut(portion.opening[0], portion.start, Act.OPEN, which))
            self.found.append(Cut(portion.end, portion.closing[1], Act.CLOSE, which))

    def placeholder(self, start: int, end: int, glyph: int) -> None:
        """Words still to come. Without words between the glyphs (`glyph` 0) the glyphs themselves carry the mark."""
        spelling = Spelling(opening=self.text[start : start + glyph], closing=self.text[end - glyph : end])
        which = len(self.bracketings)
        self.bracketings.append(Bracketing(start, spelling, placeholder=True))
        self.found.append(Cut(start, start + glyph, Act.OPEN, which))
        self.found.append(Cut(end - glyph, end, Act.CLOSE, which))

    def groups(self) -> None:
        """Brackets side by side are alternatives of one another; so are those parted by a slash (already tied)."""
        for first, second in adjacent(self.analysis):
            if first in self.of_pair and second in self.of_pair:
                one, other = self.bracketings[self.of_pair[first]], self.bracketings[self.of_pair[second]]
                slashed = len(self.analysis.portions[first]) > 1 or len(self.analysis.portions[second]) > 1
                if not slashed:
                    one.group = one.group if one.group >= 0 else self.of_pair[first]
                    other.group = one.group

    def finished(self) -> Cuts:
        order = sorted(range(len(self.bracketings)), key=lambda which: self.bracketings[which].start)
        renumbered = {which: place for place, which in enumerate(order)}
        for bracketing in self.bracketings:
            bracketing.group = renumbered.get(bracketing.group, -1)
        found = [
            Cut(c.start, c.end, c.act, renumbered[c.which] if c.act in _BRACKET else c.which, c.name, c.place)
            for c in sorted(self.found, key=_order)
        ]
        return Cuts(found, [self.bracketings[which] for which in order], self.too_deep)


_BRACKET = (Act.OPEN, Act.CLOSE)


def _order(cut: Cut) -> tuple[int, int]:
    """At one place: what ends without characters, what begins without, then glyphs."""
    if cut.end > cut.start:
        return cut.start, 2
    return cut.start, 0 if cut.act in (Act.CLOSE, Act.NOTE_OFF) else 1


def within(found: list[Cut], start: int, end: int) -> slice:
    """The cuts that begin at `start` or later and before `end`."""
    return slice(bisect_left(found, start, key=_start), bisect_left(found, end, key=_start))


def _start(cut: Cut) -> int:
    return cut.start
