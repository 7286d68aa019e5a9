"""What differs between two stretches of text, in whole words.

The same texts give the same answer on every machine: nothing here watches a clock. Where word for word would cost
too much, sentences are paired first, and what finds no partner is shown as taken out and put in.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Any

from diff_match_patch import diff_match_patch  # type: ignore[import-untyped]

from opinions.shared_ends import shared_ends


class Change(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and what became of it; never empty."""

    text: str
    change: Change = Change.KEPT


class Effort:
    """How much comparing may cost, in steps of the search: an answer never depends on a clock.

    `left` is what is left of it. Where it ends, words that were still being compared stand as taken out and put in.
    """

    def __init__(self, steps: int) -> None:
        self.left = steps


def redline(before: str, after: str, effort: Effort | None = None) -> tuple[Piece, ...]:
    """The difference of two texts in whole words, in reading order, what is deleted before what is inserted.

    What is kept and deleted makes `before`, what is kept and inserted makes `after`. Words of scripts written without
    blanks are compared character by character. `effort` bounds the work on both texts as a whole; without it long
    texts are compared sentence by sentence.
    """
    return tuple(_joined(_difference(_TOKEN.findall(before), _TOKEN.findall(after), effort)))


def tokens(text: str) -> list[str]:
    """The words, blanks and other characters that texts are compared by; joined they are the text."""
    return _TOKEN.findall(text)


# --- words -------------------------------------------------------------------------------------------------------

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts without blanks between words: each character is a word of its own."""
_JOINING = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u0957\u200c\u200d"
)
"""Combining marks, vowel signs and joiners: part of the word they stand in."""
_TOKEN = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])\w|[{_JOINING}])+|\s+|[^\w\s]")
_SENTENCE = re.compile(r".+?(?:[.;:!?。；：！？]+\s*|\Z)", re.DOTALL)  # noqa: RUF001 - full-width stops end sentences too

_WORD_BY_WORD = 250_000
"""Product of the numbers of words up to which words are compared directly: 500 by 500 take some 0.2 s at worst."""

_CHANGES = {-1: Change.DELETED, 0: Change.KEPT, 1: Change.INSERTED}


def _difference(before: Sequence[str], after: Sequence[str], effort: Effort | None) -> Iterator[Piece]:
    start, end = shared_ends(before, after)
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    yield Piece("".join(before[:start]))
    if effort is not None:
        for one, other in _between_anchors(left, right):
            yield from _by_words(one, other, _Countdown(effort))
    elif len(left) * len(right) <= _WORD_BY_WORD:
        yield from _by_words(left, right)
    else:
        yield from _by_sentences("".join(left), "".join(right))
    yield Piece("".join(before[len(before) - end :]))


class _Countdown:
    """Stands where the engine expects the time to stop at, and counts its steps instead: the n-th round of a search
    looks at some n places from either end, and from each it runs along what both have in common: for a sixteenth of
    their length, as a rule that holds for the worst there is. The engine asks before each round whether it is over.
    """

    def __init__(self, effort: Effort, length: int = 0) -> None:
        self.effort = effort
        self._run = length // 16
        self._round = 0

    def __lt__(self, now: float) -> bool:
        self._round += 1
        self.effort.left -= 2 * self._round + self._run
        return self.effort.left < 0


class _Engine(diff_match_patch):  # type: ignore[misc] # it comes without types
    """The engine, whose every search counts its own rounds."""

    Diff_Timeout = 0  # no limit of time: the bound is on size, so that the answer depends on the texts alone

    def diff_bisect(self, text1: str, text2: str, deadline: object) -> Any:
        if isinstance(deadline, _Countdown):
            deadline = _Countdown(deadline.effort, len(text1) + len(text2))
        return super().diff_bisect(text1, text2, deadline)


def _by_words(left: Sequence[str], right: Sequence[str], countdown: _Countdown | None = None) -> Iterator[Piece]:
    """Each word becomes one character of a private alphabet, so that no word is ever cut."""
    words = list(dict.fromkeys((*left, *right)))
    letters = {word: _letter(number) for number, word in enumerate(words)}
    spelled = {letter: word for word, letter in letters.items()}
    one, other = ("".join(letters[word] for word in row) for row in (left, right))
    found = _Engine().diff_main(one, other, False, countdown)
    for change, text in found:
        yield Piece("".join(spelled[letter] for letter in text), _CHANGES[change])


def _by_sentences(left: str, right: str) -> Iterator[Piece]:
    before, after = _SENTENCE.findall(left), _SENTENCE.findall(right)
    for one, other in paired(before, after):
        was = _TOKEN.findall(before[one]) if one is not None else []
        is_now = _TOKEN.findall(after[other]) if other is not None else []
        if len(was) * len(is_now) <= _WORD_BY_WORD:
            yield from _by_words(was, is_now)
        else:
            yield from (Piece("".join(was), Change.DELETED), Piece("".join(is_now), Change.INSERTED))


def _between_anchors(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Both rows cut, where they are long, before words that stand once in each and in the same order in both."""
    if len(left) * len(right) <= _WORD_BY_WORD:
        yield left, right
        return
    counts = Counter(left), Counter(right)
    places = {word: number for number, word in enumerate(right)}
    pairs = [(i, places[word]) for i, word in enumerate(left) if counts[0][word] == counts[1][word] == 1]
    i = j = 0
    for one, other in _rising(pairs):
        yield left[i:one], right[j:other]
        i, j = one, other
    yield left[i:], right[j:]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many of the pairs, whose first numbers rise, as have rising second numbers too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(ends, other)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [other], [number]
    row: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]


def _letter(number: int) -> str:
    """The character that stands for the word of this number; surrogates are no characters."""
    code = number + 0x100
    return chr(code if code < 0xD800 else code + 0x800)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours made one, deletions before insertions; words replaced one by one are replaced together."""
    stretches: list[tuple[str, str, bool]] = []  # deleted, inserted, whether it is kept (then both are the same)
    filled = (piece for piece in pieces if piece.text)
    for kept, members in groupby(filled, key=lambda piece: piece.change is Change.KEPT):
        row = list(members)
        gone = "".join(piece.text for piece in row if piece.change is not Change.INSERTED)
        come = "".join(piece.text for piece in row if piece.change is not Change.DELETED)
        if not kept and len(stretches) > 1 and gone and come:
            (gone_before, come_before, _), (blank, _, _) = stretches[-2:]
            if gone_before and come_before and blank.isspace():
                gone, come = gone_before + blank + gone, come_before + blank + come
                del stretches[-2:]
        stretches.append((gone, come, kept))
    for gone, come, kept in stretches:
        if kept:
            yield Piece(gone)
            continue
        yield from (Piece(text, change) for text, change in ((gone, Change.DELETED), (come, Change.INSERTED)) if text)


# --- sentences side by side ------------------------------------------------------------------------

_ALIKE = 0.45
"""From this share of common words on, two sentences are one that was changed."""
_COMPARED = 40_000
"""Comparisons of two sentences in one gap; in a wider gap partners are sought near the same relative place alone."""
_WIDEST = 4_000_000
"""Product of the numbers of sentences up to which a gap is searched at all; beyond, all of it was rewritten."""

Pair = tuple[int | None, int | None]


def paired(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    """Two rows of sentences side by side, by their numbers: equal ones paired first, between them those most alike.

    Every sentence of both is in exactly one pair, in its order; where both have unpaired ones, those of `before` come
    first.
    """
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(left, left_end), range(right, right_end), strict=True)
        else:
            gap = _partners(before[left:left_end], after[right:right_end])
            yield from _filled(gap, (left, left_end), (right, right_end))


def _filled(partners: Iterable[tuple[int, int]], left: tuple[int, int], right: tuple[int, int]) -> Iterator[Pair]:
    """The partners of a gap with the unpaired ones between them."""
    i, j = left[0], right[0]
    for one, other in (*partners, (left[1] - left[0], right[1] - right[0])):
        yield from ((number, None) for number in range(i, left[0] + one))
        yield from ((None, number) for number in range(j, right[0] + other))
        i, j = left[0] + one + 1, right[0] + other + 1
        if i <= left[1] and j <= right[1]:
            yield i - 1, j - 1


def _partners(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[int, int]]:
    """The pairing in order whose sentences have most words in common, by dynamic programming over the gap."""
    if not before or not after or len(before) * len(after) > _WIDEST:
        return ()
    left, right = [_bag(text) for text in before], [_bag(text) for text in after]
    reach = _COMPARED // max(len(left), len(right))
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        middle = i * len(right) // len(left)
        for j in reversed(range(len(right))):
            share = likeness(left[i], right[j]) if abs(j - middle) <= reach else 0.0
            paired = share + best[i + 1][j + 1] if share >= _ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    result: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            result.append((i, j))
            i, j = i + 1, j + 1
    return result


def _bag(text: str) -> Counter[str]:
    return Counter(word for word in _TOKEN.findall(text.casefold()) if not word.isspace())


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """The share of common words, 0 to 1."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0
