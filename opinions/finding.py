"""Words that somebody names, found in a paragraph as it is agreed; for forms, where words are typed and not selected.

Offsets are those of the paragraph's whole text, as proposals count them (`opinions.proposals`): words between which
others have pending insertions are several stretches, and those insertions are left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from opinions.model import Paragraph
from opinions.proposals import Replacement

AROUND = 40
"""Characters shown on either side of each of several places."""
MAX_PLACES = 50
"""Places that are offered to choose from; more are no choice."""

_ALIKE = str.maketrans("\u00a0\u2007\u2009\u202f\u2018\u2019\u201c\u201d\u2010\u2011\u2212\n\r\t", "    ''\"\"---   ")
"""Letters that keyboards and word processors put for one another; each stands for one, so offsets hold."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place at which the words stand: offsets in the agreed text, the words as they are spelt there, and what
    stands around them.
    """

    start: int
    end: int
    words: str
    before: str
    after: str


def agreed_words(paragraph: Paragraph) -> str:
    """The paragraph as if every pending insertion failed: what a form's words are looked for in."""
    return "".join(run.text for run in paragraph.runs if run.insertion is None)


def find_words(paragraph: Paragraph, wanted: str) -> tuple[Place, ...]:
    """Where the words stand, in order; spelt as given if they stand so anywhere, else without regard to capitals.

    Blanks at the ends and repeated ones do not count, nor which kind of quotation mark or hyphen is typed.
    """
    text = agreed_words(paragraph)
    plain, sought = text.translate(_ALIKE), " ".join(wanted.translate(_ALIKE).split())
    if not sought:
        return ()
    # Of blanks side by side the first: pages show them as one, and so they are copied.
    kept = [at for at, letter in enumerate(plain) if letter != " " or plain[at - 1 : at] != " "]
    plain = "".join(plain[at] for at in kept)
    found = list(islice(_places(plain, sought), MAX_PLACES))
    found = found or list(islice(_places(_small(plain), _small(sought)), MAX_PLACES))
    stretches = [(kept[at], kept[at + len(sought) - 1] + 1) for at in found]
    return tuple(
        Place(start, end, text[start:end], _context(text[:start], before=True), _context(text[end:], before=False))
        for start, end in stretches
    )


def replacements(paragraph: Paragraph, start: int, end: int, put: str) -> tuple[Replacement, ...]:
    """What a proposal must say to have `put` instead of the agreed words from `start` to `end`; alike: an insertion.

    The new words stand where the first of the old ones stood. Raises `ValueError` for offsets that are none.
    """
    offsets = list(_offsets(paragraph))
    if not 0 <= start <= end <= len(offsets):
        raise ValueError(f"no words at {start} to {end}")
    if start == end:
        at = offsets[start - 1] + 1 if start else (offsets[0] if offsets else 0)
        return (Replacement(at, at, "", put),) if put else ()
    stretches = tuple(_stretches(offsets[start:end]))
    text = paragraph.text
    return tuple(
        Replacement(low, high, text[low:high], put if number == 0 else "")
        for number, (low, high) in enumerate(stretches)
    )


def bracketed(paragraph: Paragraph, start: int, end: int) -> tuple[Replacement, ...]:
    """What a proposal must say to have the agreed words from `start` to `end` in square brackets."""
    offsets = list(_offsets(paragraph))
    if not 0 <= start < end <= len(offsets):
        raise ValueError(f"no words at {start} to {end}")
    low, high = offsets[start], offsets[end - 1] + 1
    words = paragraph.text[low:high]
    return (Replacement(low, high, words, words),)


def _offsets(paragraph: Paragraph) -> Iterator[int]:
    """Of each character of the agreed words: its offset in the whole text."""
    at = 0
    for run in paragraph.runs:
        if run.insertion is None:
            yield from range(at, at + len(run.text))
        at += len(run.text)


def _stretches(offsets: list[int]) -> Iterator[tuple[int, int]]:
    first = last = offsets[0]
    for offset in offsets[1:]:
        if offset != last + 1:
            yield first, last + 1
            first = offset
        last = offset
    yield first, last + 1


def _places(text: str, sought: str) -> Iterator[int]:
    at = text.find(sought)
    while at >= 0:
        yield at
        at = text.find(sought, at + 1)


def _small(text: str) -> str:
    # Lower case may be longer than a letter (İ): such letters stay as they are, so that offsets hold.
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _context(text: str, *, before: bool) -> str:
    if len(text) <= AROUND:
        return text
    return f"…{text[-AROUND:]}" if before else f"{text[:AROUND]}…"
