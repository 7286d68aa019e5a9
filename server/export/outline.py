"""Rows as the lists that they are: an item with those under it, whichever format then writes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from opinions.model import Kind
from opinions.views import ViewParagraph

LISTED = frozenset({Kind.PREAMBULAR_ITEM, Kind.OPERATIVE_ITEM, Kind.SUB_ITEM})
"""Kinds that are items of a list."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item and those under it."""

    row: ViewParagraph
    items: tuple["Item", ...] = ()


def depth_of(row: ViewParagraph) -> int:
    """How deep an item stands: 0 for one under a verb."""
    return max(1, row.level) if row.kind is Kind.SUB_ITEM else 0


def items_of(rows: Sequence[ViewParagraph]) -> tuple[Item, ...]:
    """Neighbouring items as a tree; one that is deeper than the first of all without a host stands beside it."""
    items: list[Item] = []
    place = 0
    while place < len(rows):
        row = rows[place]
        end = place + 1
        while end < len(rows) and depth_of(rows[end]) > depth_of(row):
            end += 1
        items.append(Item(row, items_of(rows[place + 1 : end])))
        place = end
    return tuple(items)
