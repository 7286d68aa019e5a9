"""The words of paired paragraphs compared, all pairs of two texts within one bound of work (CM3, CM8).

Each pair may take its share of what the pairs before it left, the cheapest pairs first: what is long and rewritten
never takes from what is short and changed in a word. The bound is a count of steps, so the same texts give the same
answer on every machine.
"""

from collections.abc import Sequence

from opinions.matching import bag
from opinions.redline import Change, Effort, Piece, likeness, redline
from opinions.shared_ends import shared_ends

STEPS = 1_600_000
"""Of the search for common words in two whole texts: a second in the worst there is, and usual texts of thirty pages
take a tenth of it.
"""
OTHER = 0.2
"""Up to this share of common words, a paragraph was written anew, and it is shown as taken out and put in: pairing its
few common words with each other would tell nothing.
"""
_FEW = 12
"""Words and signs up to which a difference is always compared, however little they have in common."""


def compared(pairs: Sequence[tuple[str, str]]) -> tuple[list[tuple[Piece, ...]], bool]:
    """The pieces of each pair, and whether any was compared less finely than it could be."""
    found: list[tuple[Piece, ...]] = [()] * len(pairs)
    waiting: list[tuple[int, int]] = []
    for number, (before, after) in enumerate(pairs):
        if before == after:
            found[number] = (Piece(before),) if before else ()
        elif not before or not after or _anew(before, after):
            found[number] = replaced(before, after)
        else:
            start, end = shared_ends(before, after)
            waiting.append(((len(before) - start - end + 1) * (len(after) - start - end + 1), number))
    left, coarse = STEPS, False
    for place, (_, number) in enumerate(sorted(waiting)):
        share = left // (len(waiting) - place)
        effort = Effort(share)
        found[number] = redline(*pairs[number], effort)
        left -= share - max(effort.left, 0)
        coarse = coarse or effort.left < 0
    return found, coarse


def replaced(before: str, after: str) -> tuple[Piece, ...]:
    """All of the one taken out, all of the other put in."""
    pieces = (Piece(before, Change.DELETED), Piece(after, Change.INSERTED))
    return tuple(piece for piece in pieces if piece.text)


def flipped(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces of the same texts compared the other way round: deletions before insertions again."""
    result: list[Piece] = []
    for piece in pieces:
        match piece.change:
            case Change.KEPT:
                result.append(piece)
            case Change.DELETED:
                result.append(Piece(piece.text, Change.INSERTED))
            case Change.INSERTED:
                turned = Piece(piece.text, Change.DELETED)
                result.insert(len(result) - (result[-1:] != [] and result[-1].change is Change.INSERTED), turned)
    return tuple(result)


def _anew(before: str, after: str) -> bool:
    was, now = bag(before), bag(after)
    return min(was.total(), now.total()) > _FEW and likeness(was, now) <= OTHER


def divided(whole: str, parts: Sequence[str]) -> tuple[str, str]:
    """The parts as one text, with a sign between them that stands in none of these texts; and the sign."""
    signs = (chr(number) for number in range(_PRIVATE, _PRIVATE + 6_400))
    sign = next(one for one in signs if one not in whole and not any(one in part for part in parts))
    return sign.join(parts), sign


def cut(pieces: Sequence[Piece], sign: str) -> list[tuple[Piece, ...]]:
    """The pieces in parts, cut at the sign, without it; what stands on the other side alone goes with the part before.

    Neighbouring parts keep their order, so that either side still reads as it did.
    """
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        for number, text in enumerate(piece.text.split(sign)):
            if number:
                parts.append([])
            if text:
                parts[-1].append(Piece(text, piece.change))
    return [tuple(part) for part in parts]


_PRIVATE = 0xE000
"""The first of the characters that mean nothing: a private use area holds more of them than texts can have."""
