"""What two rows - texts by characters, or lists of words - have in common at their beginning and at their end."""

from collections.abc import Sequence


def shared_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first members two rows have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def shared_ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many first and how many last members two rows have in common; no member counts on both sides."""
    start = shared_start(one, other)
    return start, shared_start(one[start:][::-1], other[start:][::-1])
