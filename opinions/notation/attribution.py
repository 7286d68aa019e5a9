# ruff: noqa: RUF001
"""Who stands behind the words of a bracket: three grammars of attribution (guide: domain 2.2).

    suffix   [rapidly - JPN; G77 delete]     [, as appropriate. -ARB; CAN, NOR delete.]
             [bridge - EUR, BRA retain / reduce - KEN]     (alternatives between one pair of brackets)
    prefix   [CAN/NOR propose; EGY oppose: 6. ...]
    short    [USA, JPN: ...]

An attribution is a list of clauses between semicolons: parties, then what they want of the words. A dash or a colon
alone proves nothing (`well-being`, `US - Japan`, `NOTE: `): all that follows or precedes it must be parties that
`parties` knows or that have the shape of a code, else it is words.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from opinions.notation.parties import is_party, known
from opinions.notation.scan import Pair, direct_texts
from opinions.record import Attitude, Stance

_WINDOW = 300
"""Characters of a bracket's beginning and end in which an attribution is looked for; the longest seen has some 80."""

_BLANK = " \t\u00a0"
_DASH = re.compile(rf"(?:(?<=[.,;:!?)\]］】\"'”’»*，。；])|[{_BLANK}])[-–—][{_BLANK}]*")
_SLASH = re.compile(rf"[{_BLANK}]+/[{_BLANK}]+")

_WANT = r"(?:(?:wants?|wish(?:es)?|asks?|prefers?|proposes?|suggests?|would like|would prefer) (?:to )?|to )?"
_WORDS = {
    Attitude.DELETE: _WANT + r"(?:(?:delete|remove|suppress)(?:s|d)?|(?:the )?deletion)",
    Attitude.RETAIN: _WANT + r"(?:retain|keep|maintain)s?",
    Attitude.OPPOSE: r"opposes?|opposed|objects?|(?:is |are )?against|do(?:es)? not agree|cannot accept",
    Attitude.SUPPORT: r"supports?|(?:is |are )?in favou?r|agrees?",
    Attitude.RESERVE: r"reserves?(?: (?:its|their|his|her) positions?)?|reservations?",
    Attitude.FLEXIBLE: r"(?:is |are |can be )?flexible|(?:will |can )?(?:follows?|joins?) (?:the )?consensus",
    Attitude.AWAITING: r"(?:is |are )?(?:awaiting|awaits?)(?: (?:(?:its|their) )?instructions)?",
    Attitude.PROPOSE: r"proposes?|proposed|suggests?|" + _WANT + r"(?:add|insert)s?",
}
_STANCE = re.compile(
    r"(?P<parties>.*?)[:\s]*(?:" + "|".join(f"(?P<{a.name}>{words})" for a, words in _WORDS.items()) + r")"
)
_COMMA = re.compile(r"\s*,\s*")
_BREAK = re.compile(r"[\r\n]")
_NON_BLANK = re.compile(r"\S")
_LAST_WORD = re.compile(r"\S+$")
_JOINT = re.compile(r"\s*[/&]\s*|\s+and\s+")


@dataclass(frozen=True, slots=True)
class Portion:
    """The words of a bracket, or of one alternative in it, as the source wrote them.

    All are indices of the text: `opening` and `closing` the spans of the glyphs (of the slash between alternatives;
    the next one then opens with nothing), the words from `start` to `end`. What stands between glyph and words is the
    attribution, read as `stances`.
    """

    opening: tuple[int, int]
    start: int
    end: int
    closing: tuple[int, int]
    stances: tuple[Stance, ...] = ()


def clauses(text: str) -> tuple[Stance, ...] | None:
    """The stances an attribution names, in its order; None when it is not one throughout."""
    stances: list[Stance] = []
    text = " ".join(text.split())
    for clause in text.removesuffix(".").split(";"):
        read = _clause(clause.strip())
        if read is None:
            return None
        stances.extend(read)
    return tuple(stances)


def _clause(text: str) -> list[Stance] | None:
    match = _STANCE.fullmatch(text)
    if match is None or not match["parties"]:
        names = _parties(text)
        return None if names is None else [Stance(name, Attitude.PROPOSE) for name in names]
    names = _parties(match["parties"])
    if names is None:
        return None
    attitude = Attitude[match.lastgroup or ""]
    words = match[attitude.name]
    note = words if " " in words else ""
    return [Stance(name, attitude, note) for name in names]


def _parties(text: str) -> list[str] | None:
    names: list[str] = []
    for piece in _COMMA.split(text.strip()):
        for name in (piece,) if is_party(piece) else _JOINT.split(piece):
            if not is_party(name):
                return None
            names.append(name)
    return names


def holders(stances: tuple[Stance, ...]) -> tuple[str, ...]:
    """Those who stand for the words, the first one first; when nobody does, those who want them out.

    (Such a bracket is theirs: they put it round the words.)
    """
    for_them = (Attitude.PROPOSE, Attitude.SUPPORT, Attitude.RETAIN)
    of_them = [stance.delegation for stance in stances if stance.attitude in for_them]
    if not of_them and stances:
        of_them = [s.delegation for s in stances if s.attitude is stances[0].attitude]
    return tuple(dict.fromkeys(of_them))


def portions(text: str, pairs: list[Pair], number: int, wordless: set[int], breaks: list[int]) -> list[Portion]:
    """The words of a negotiation bracket with their attribution: one portion, or one for each alternative.

    `wordless` are the pairs that leave no words behind (status tags), `breaks` the indices at which lines begin.
    """
    pair = pairs[number]
    children = [pairs[child] for child in pair.children]
    worded = [pairs[child] for child in pair.children if child not in wordless]
    opening, closing = (pair.start, pair.start + 1), (pair.end, pair.end + 1)
    prefix = _prefix(text, pair, children, worded)
    if prefix:
        return [Portion(opening, prefix[0], pair.end, closing, prefix[1])]
    alternatives = _alternatives(text, pair, pairs, children, worded, breaks)
    if alternatives:
        return alternatives
    whole = _Stretch(text, pair.start + 1, pair.end, children, worded)
    end, stances = whole.suffix() or (pair.end, ())
    return [Portion(opening, pair.start + 1, end, closing, stances)]


def _prefix(text: str, pair: Pair, children: list[Pair], worded: list[Pair]) -> tuple[int, tuple[Stance, ...]] | None:
    """Where the words begin behind `parties:` or `parties want:`, and the stances."""
    start = pair.start + 1
    limit = min(pair.end, start + _WINDOW, *(child.start for child in children[:1]))
    colon = text.find(":", start, limit)
    if colon < 0 or _BREAK.search(text, start, colon):
        return None
    stances = clauses(text[start:colon])
    if not stances:
        return None
    words = colon + 1
    if text[words] in _BLANK:
        words += 1
    return (words, stances) if _Stretch(text, words, pair.end, children, worded).first_word < pair.end else None


def _alternatives(
    text: str,
    pair: Pair,
    pairs: list[Pair],
    children: list[Pair],
    worded: list[Pair],
    breaks: list[int],
) -> list[Portion]:
    """The alternatives of a bracket within one line, parted by slashes, when one of them is signed; else none."""
    slashes = [match.span() for low, high in direct_texts(pair, pairs) for match in _SLASH.finditer(text, low, high)]
    if not slashes or bisect_right(breaks, pair.start) != bisect_right(breaks, pair.end):
        return []
    starts = [pair.start + 1, *(end for _, end in slashes)]
    ends = [*(start for start, _ in slashes), pair.end]
    result: list[Portion] = []
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        stretch = _Stretch(text, start, end, *_within(start, end, children, worded))
        if stretch.first_word >= end or (not stretch.children and clauses(text[start:end])):
            return []
        words_end, stances = stretch.suffix() or (end, ())
        opening = (pair.start, start) if place == 0 else (start, start)
        closing = slashes[place] if place < len(slashes) else (pair.end, pair.end + 1)
        result.append(Portion(opening, start, words_end, closing, stances))
    return result if any(portion.stances for portion in result) else []


def _within(start: int, end: int, *families: list[Pair]) -> Iterator[list[Pair]]:
    for family in families:
        low = bisect_left(family, start, key=_start)
        yield family[low : bisect_left(family, end, key=_start)]


def _start(pair: Pair) -> int:
    return pair.start


class _Stretch:
    """Words in a bracket that may end with an attribution."""

    def __init__(self, text: str, start: int, end: int, children: list[Pair], worded: list[Pair]) -> None:
        self.text, self.start, self.end, self.children = text, start, end, children
        self.first_word = self._first_word(worded)

    def _first_word(self, worded: list[Pair]) -> int:
        """The index of the first word; `end` when there is none."""
        at = self.start
        for child in self.children:
            if word := _NON_BLANK.search(self.text, at, child.start):
                return word.start()
            if worded and worded[0] is child:
                return child.start
            at = child.end + 1
        word = _NON_BLANK.search(self.text, at, self.end)
        return word.start() if word else self.end

    def suffix(self) -> tuple[int, tuple[Stance, ...]] | None:
        """Where the words end before ` - parties want`, and the stances; None without a suffix."""
        start = max(self.start, self.end - _WINDOW, *(child.end + 1 for child in self.children[-1:]))
        start = max(start, *(self.text.rfind(glyph, start, self.end) + 1 for glyph in "\r\n"))
        dash = max(_DASH.finditer(self.text, start, self.end), key=re.Match.start, default=None)
        if dash is None or dash.start() <= self.first_word:
            return None
        stances = clauses(self.text[dash.end() : self.end])
        if not stances or not self._signed(self.text[start : dash.start()], stances):
            return None
        return dash.start(), stances

    def _signed(self, words: str, stances: tuple[Stance, ...]) -> bool:
        """Whether bare names behind a dash sign the words and are not words themselves (`US - Japan`)."""
        if any(stance.attitude is not Attitude.PROPOSE for stance in stances):
            return True
        before = _LAST_WORD.search(words)
        if before and is_party(before.group().strip(".,;")):
            return False
        shouted = any(c.isupper() for c in words) and not any(c.islower() for c in words)
        return not shouted or all(known(stance.delegation) for stance in stances)
