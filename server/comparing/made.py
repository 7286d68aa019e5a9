"""Comparisons made for readers: in a thread, one at a time, and kept for the next who asks for the same."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from opinions.comparing.causes import Cause, causes, lineage
from opinions.comparing.compare import compare
from opinions.comparing.values import Comparison
from opinions.steps import Step
from opinions.views import View
from opinions.visibility import NamesShown
from server.comparing.texts import Side

KEPT = 12
"""Comparisons kept in memory: of two texts of thirty pages each takes a megabyte or two."""

Key = tuple[object, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """A comparison of two texts with the causes of its changes. `backwards`: from the newer text to the older one."""

    before: Side
    after: Side
    comparison: Comparison
    causes: Mapping[int, tuple[Cause, ...]]
    names: NamesShown
    member: bool
    backwards: bool = False

    @property
    def one_log(self) -> bool:
        """Whether one log leads from the one to the other."""
        return self.before.opinion.id == self.after.opinion.id

    @property
    def view(self) -> View:
        """The view that is compared."""
        return self.comparison.view


class Comparisons:
    """The comparisons of a process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[Key, Made] = OrderedDict()

    async def file(self, make: Callable[[], T]) -> T:
        """What is made of a comparison, in its turn: of a long one that takes as long as the comparison itself."""
        async with self._turn:
            return await asyncio.to_thread(make)

    async def made(
        self, before: Side, after: Side, view: View, names: NamesShown, steps: tuple[Step, ...], *, member: bool
    ) -> Made:
        """The comparison, for a reader who is shown these names. `steps` are those of the log of both, if it is one.

        Whoever asks while another is being made waits for it: a room that opens the same page has it made once.
        """
        # The last step says how far the history was read: what is behind it is told without its causes.
        known = steps[-1].seq if steps else 0
        key = (before.named, before.seq, after.named, after.seq, view, names, member, known)
        async with self._turn:
            if key not in self._kept:
                self._kept[key] = await asyncio.to_thread(_made, before, after, view, names, steps, member)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]


def _made(before: Side, after: Side, view: View, names: NamesShown, steps: tuple[Step, ...], member: bool) -> Made:
    one_log = before.opinion.id == after.opinion.id
    backwards = (after.seq, after.at) < (before.seq, before.at) if one_log else after.at < before.at
    older, newer = (after, before) if backwards else (before, after)
    between = tuple(step for step in steps if older.seq < step.seq <= newer.seq) if one_log else ()
    # Worked out in the order of time, in which causes come before what they cause.
    forward = compare(older.document, newer.document, view, names.naming, lineage(between))
    found = causes(forward, older.document, newer.document, between)
    if not backwards:
        return Made(before, after, forward, found, names, member)
    back = compare(before.document, after.document, view, names.naming, lineage(between).reversed)
    told = causes_backwards(forward, found, back)
    return Made(before, after, back, told, names, member, backwards=True)


def causes_backwards(
    forward: Comparison, found: Mapping[int, tuple[Cause, ...]], back: Comparison
) -> Mapping[int, tuple[Cause, ...]]:
    """The causes of the changes of a comparison that is read against time: those of the same places forwards."""
    places: dict[tuple[object, ...], tuple[Cause, ...]] = {}
    rows: dict[object, tuple[Cause, ...]] = {}
    for change in forward.changes:
        row = forward.rows[change.row]
        ids = frozenset(side.id for side in (row.before, row.after) if side is not None)
        places[ids, change.after_at, change.before_at, change.inserted, change.deleted] = found[change.number]
        rows[ids] = tuple(dict.fromkeys((*rows.get(ids, ()), *found[change.number])))
    result: dict[int, tuple[Cause, ...]] = {}
    for change in back.changes:
        row = back.rows[change.row]
        ids = frozenset(side.id for side in (row.before, row.after) if side is not None)
        place = (ids, change.before_at, change.after_at, change.deleted, change.inserted)
        result[change.number] = places.get(place) or rows.get(ids, ())
    return result
