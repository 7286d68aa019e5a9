"""What differs between two texts, in whole words: for editorial corrections and for comparing versions.

The same texts give the same answer on every machine: nothing here watches a clock. Where word for word would cost
too much, sentences are paired first, and what finds no partner is shown as taken out and put in.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

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


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the one text beside its partner in the other, by their numbers; None where it has none."""

    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]


def redline(before: str, after: str) -> tuple[Piece, ...]:
    """The difference of two texts in whole words, in reading order, what is deleted before what is inserted.

    What is kept and deleted makes `before`, what is kept and inserted makes `after`. Words of scripts written without
    blanks are compared character by character.
    """
    return tuple(_joined(_difference(_TOKEN.findall(before), _TOKEN.findall(after))))


def tokens(text: str) -> list[str]:
    """The words, blanks and other characters that texts are compared by; joined they are the text."""
    return _TOKEN.findall(text)


def compared(before: Sequence[str], after: Sequence[str]) -> tuple[Row, ...]:
    """Two rows of paragraphs side by side: equal ones paired first, between them those most alike, in order.

    Every paragraph of both is in exactly one row, in its order; where both have unpaired ones, those of `before` come
    first.
    """
    rows: list[Row] = []
    for left, right in _pairs(before, after):
        was = before[left] if left is not None else ""
        is_now = after[right] if right is not None else ""
        rows.append(Row(left, right, redline(was, is_now)))
    return tuple(rows)


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


def _difference(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    start, end = shared_ends(before, after)
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    yield Piece("".join(before[:start]))
    if len(left) * len(right) <= _WORD_BY_WORD:
        yield from _by_words(left, right)
    else:
        yield from _by_sentences("".join(left), "".join(right))
    yield Piece("".join(before[len(before) - end :]))


def _by_words(left: Sequence[str], right: Sequence[str]) -> Iterator[Piece]:
    """Each word becomes one character of a private alphabet, so that no word is ever cut."""
    words = list(dict.fromkeys((*left, *right)))
    letters = {word: _letter(number) for number, word in enumerate(words)}
    spelled = {letter: word for word, letter in letters.items()}
    engine = diff_match_patch()
    engine.Diff_Timeout = 0  # no limit of time: the bound is on size, so that the answer depends on the texts alone
    found = engine.diff_main("".join(letters[word] for word in left), "".join(letters[word] for word in right), False)
    for change, text in found:
        yield Piece("".join(spelled[letter] for letter in text), _CHANGES[change])


def _by_sentences(left: str, right: str) -> Iterator[Piece]:
    before, after = _SENTENCE.findall(left), _SENTENCE.findall(right)
    for one, other in _pairs(before, after):
        was = _TOKEN.findall(before[one]) if one is not None else []
        is_now = _TOKEN.findall(after[other]) if other is not None else []
        if len(was) * len(is_now) <= _WORD_BY_WORD:
            yield from _by_words(was, is_now)
        else:
            yield from (Piece("".join(was), Change.DELETED), Piece("".join(is_now), Change.INSERTED))


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


# --- paragraphs and sentences side by side ------------------------------------------------------------------------

_ALIKE = 0.45
"""From this share of common words on, two paragraphs are one that was changed."""
_COMPARED = 40_000
"""Comparisons of two paragraphs in one gap; in a wider gap partners are sought near the same relative place alone."""
_WIDEST = 4_000_000
"""Product of the numbers of paragraphs up to which a gap is searched at all; beyond, all of it was rewritten."""

Pair = tuple[int | None, int | None]


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    """Numbers of partners, in order; equal ones are anchors, the gaps between them are searched for the most alike."""
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
    """The pairing in order whose paragraphs have most words in common, by dynamic programming over the gap."""
    if not before or not after or len(before) * len(after) > _WIDEST:
        return ()
    left, right = [_bag(text) for text in before], [_bag(text) for text in after]
    reach = _COMPARED // max(len(left), len(right))
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        middle = i * len(right) // len(left)
        for j in reversed(range(len(right))):
            likeness = _likeness(left[i], right[j]) if abs(j - middle) <= reach else 0.0
            paired = likeness + best[i + 1][j + 1] if likeness >= _ALIKE else 0.0
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


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """The share of common words, 0 to 1."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0
