"""The words of a row as stretches that are shown alike: what became of them, and what they are in their view."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opinions.comparing.values import Comparison, Fate, Row, Side
from opinions.redline import Change as Words
from opinions.views import SegmentKind


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters shown alike. `change` is the number of the change that they are part of; 0 for kept words."""

    text: str
    fate: Words
    kind: SegmentKind
    em: bool = False
    change: int = 0


def stretches(comparison: Comparison) -> tuple[tuple[Stretch, ...], ...]:
    """The stretches of every row, in the order of the rows."""
    numbers: Mapping[tuple[int, int], int] = {
        (change.row, change.piece): change.number for change in comparison.changes if _marks_words(change.kind.value)
    }
    at: dict[tuple[bool, int], int] = defaultdict(int)
    result: list[tuple[Stretch, ...]] = []
    for place, row in enumerate(comparison.rows):
        result.append(tuple(_of_row(place, row, numbers, at)))
    return tuple(result)


def _marks_words(kind: str) -> bool:
    return kind in {"words", "added", "removed"}


def _of_row(
    place: int, row: Row, numbers: Mapping[tuple[int, int], int], at: dict[tuple[bool, int], int]
) -> Iterator[Stretch]:
    if row.fate is Fate.LEFT:
        return
    change = 0
    for number, piece in enumerate(row.pieces):
        kept = piece.change is Words.KEPT
        change = 0 if kept else numbers.get((place, number), change)
        earlier = piece.change is Words.DELETED
        side = row.before if earlier else row.after
        key = (earlier, side.number if side else 0)
        start = at[key]
        yield from _cut(piece.text, start, side, piece.change, change)
        at[key] += len(piece.text)
        if kept and row.before is not None:
            at[True, row.before.number] += len(piece.text)


def _cut(text: str, start: int, side: Side | None, fate: Words, change: int) -> Iterator[Stretch]:
    """The text, which stands at `start` of what the side shows, cut where segments of another look begin."""
    end, at = start + len(text), 0
    told = 0
    for segment in side.paragraph.segments if side else ():
        low, high = max(at, start), min(at + len(segment.text), end)
        if low < high:
            yield Stretch(text[low - start : high - start], fate, segment.kind, segment.em, change)
            told = high - start
        at += len(segment.text)
    if told < len(text):
        yield Stretch(text[told:], fate, SegmentKind.TEXT, False, change)
