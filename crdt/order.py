"""The order in which the items of one list stand: a paragraph's text, the paragraphs, the values of one attribute.

Deleted items and formatting are among them. The CRDT library puts them in order and tells nobody; the gate must know,
for an item names what stood to its left and to its right where it was put, and the library's order is the same
everywhere only when these were neighbours in a document that somebody can have had (crdt/SPEC.md, G5). The smallest
such document is the item's *past*: its sender's earlier items, the two it names, and by the same rule whatever those
were put beside. When nothing of its past stands between the two, the past itself is that document; when something
does, there never was one, for whoever put the item had all of its past.

A past is told by one number for each client: so many units of it. Only items of this list count: those of others
have no say in its order.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

from crdt.decoder import Id
from crdt.errors import UpdateRefused

_COLUMNS = 7
"""Numbers of a row: client, clock and end of some units; left neighbour; right neighbour."""
_NONE = (-1, -1)
ROWS_AT_ONCE = 500
"""Rows after which the putting in order of a long list pauses: some milliseconds."""


class _Span:
    """Units of one client that stand side by side, from `clock` up to `end`.

    `origin` is what the first unit was put behind; each other one was put behind the unit before it. All were put
    before `right`.
    """

    __slots__ = ("after", "before", "client", "clock", "end", "origin", "right")

    def __init__(self, client: int, clock: int, end: int, origin: Id | None, right: Id | None) -> None:
        self.client = client
        self.clock = clock
        self.end = end
        self.origin = origin
        self.right = right
        self.before: _Span | None = None
        self.after: _Span | None = None


class _Client:
    """What one client put here: its spans by clock; and `seen`: of which other clients it knew how much, from which
    of its clocks on.
    """

    __slots__ = ("clocks", "seen", "spans")

    def __init__(self) -> None:
        self.clocks: list[int] = []
        self.spans: list[_Span] = []
        self.seen: dict[int, tuple[list[int], list[int]]] = {}

    def saw(self, clock: int, item: Id) -> None:
        client, bound = item[0], item[1] + 1
        known = self.seen.get(client)
        if known is None:
            self.seen[client] = ([clock], [bound])
        elif not known[1] or known[1][-1] < bound:
            known[0].append(clock)
            known[1].append(bound)


class Order:
    """The items of one list in their order."""

    __slots__ = ("_clients", "_first")

    def __init__(self) -> None:
        self._clients: dict[int, _Client] = {}
        self._first: _Span | None = None

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Client, first clock and end of what stands side by side, in order."""
        span = self._first
        while span is not None:
            yield span.client, span.clock, span.end
            span = span.after

    def __contains__(self, item: object) -> bool:
        return isinstance(item, tuple) and self._at(item) is not None

    def gap(self, client: int, origin: Id | None, right: Id | None, most: int) -> int:
        """How many stretches of items stand between two that an item of this client names as its neighbours.

        Raises `UpdateRefused`: `unknown-dependency` when something of the item's past is among them, or the two are
        not in this order; `too-large` when there are more than `most`, and looks no further.
        """
        if origin is None:
            span, clock = self._first, -1
        else:
            span, clock = self._at(origin), origin[1] + 1
            if span is not None and clock == span.end:
                span, clock = span.after, -1
        if span is None:
            if right is None:
                return 0
            raise _no_neighbours()
        if clock < 0:
            clock = span.clock
        if right is not None and clock == right[1] and span.client == right[0]:
            return 0
        past = self._past(client, origin, right)
        count = 0
        while True:
            if past.get(span.client, 0) > clock:
                if right is None or clock != right[1] or span.client != right[0]:
                    raise _no_neighbours()
                return count
            count += 1
            if count > most:
                raise UpdateRefused("too-large", "Too much was typed at this place meanwhile. Connect again.")
            span = span.after
            if span is None:
                break
            clock = span.clock
        if right is None:
            return count
        raise _no_neighbours()

    def add(self, client: int, clock: int, end: int, origin: Id | None, right: Id | None) -> None:
        """Puts in the next units of a client; its neighbours must be here already."""
        held = self._clients.get(client)
        if held is None:
            held = self._clients[client] = _Client()
        elif origin is not None and origin[0] == client and origin[1] == clock - 1:
            last = held.spans[-1]
            if last.end == clock and last.right == right:
                after = last.after
                if after is None if right is None else after and after.clock == right[1] and after.client == right[0]:
                    last.end = end
                    return
        left = self._up_to(origin) if origin is not None else None
        border = self._from(right) if right is not None else None
        if origin is not None and origin[0] != client:
            held.saw(clock, origin)
        if right is not None and right[0] != client:
            held.saw(clock, right)
        span = _Span(client, clock, end, origin, right)
        if (left.after if left is not None else self._first) is not border:
            left = self._place(span, left, border)
        self._link(span, left)
        held.clocks.append(clock)
        held.spans.append(span)

    def drop(self, client: int, clock: int) -> None:
        """Takes out what a client put in from `clock` on, which nothing else may build on. What was cut for it is one
        again: updates that are refused must not leave a list in ever smaller pieces.
        """
        held = self._clients.get(client)
        if held is None:
            return
        while held.spans and held.spans[-1].end > clock:
            span = held.spans[-1]
            if span.clock < clock:
                span.end = clock
                break
            held.spans.pop()
            held.clocks.pop()
            self._unlink(span)
            self._rejoin(span.before)
            if span.origin is not None:
                self._rejoin(self._at(span.origin))
            if span.right is not None and (border := self._at(span.right)) is not None:
                self._rejoin(border.before)
        for clocks, bounds in held.seen.values():
            while clocks and clocks[-1] >= clock:
                clocks.pop()
                bounds.pop()

    # -- the past

    def _past(self, client: int, origin: Id | None, right: Id | None) -> dict[int, int]:
        """How many units of each client an item saw for certain."""
        past: dict[int, int] = {}
        waiting: list[int] = []
        own = self._clients.get(client)
        if own is not None and own.spans:
            past[client] = own.spans[-1].end
            waiting.append(client)
        for item in (origin, right):
            if item is not None and past.get(item[0], 0) <= item[1]:
                past[item[0]] = item[1] + 1
                waiting.append(item[0])
        while waiting:
            one = waiting.pop()
            for other, (clocks, bounds) in self._clients[one].seen.items():
                at = bisect_left(clocks, past[one]) - 1
                if at >= 0 and bounds[at] > past.get(other, 0):
                    past[other] = bounds[at]
                    waiting.append(other)
        return past

    # -- the order

    def _place(self, span: _Span, left: _Span | None, border: _Span | None) -> _Span | None:
        """What a span comes to stand behind where others were put in at the same place at the same time.

        The rule is that of Yjs. Of items put behind the same one, those of lower client ids come first, each followed
        by what was put behind it; `passed` are those gone by, `open_` those of them that the span may yet come before.
        """
        passed: set[_Span] = set()
        open_: set[_Span] = set()
        one = left.after if left is not None else self._first
        while one is not None and one is not border:
            passed.add(one)
            open_.add(one)
            if one.origin == span.origin:
                if one.client < span.client:
                    left = one
                    open_.clear()
                elif one.right == span.right:
                    break
            else:
                behind = self._at(one.origin) if one.origin is not None else None
                if behind is None or behind not in passed:
                    break
                if behind not in open_:
                    left = one
                    open_.clear()
            one = one.after
        return left

    def _at(self, item: Id) -> _Span | None:
        held = self._clients.get(item[0])
        if held is None:
            return None
        at = bisect_right(held.clocks, item[1]) - 1
        if at < 0:
            return None
        span = held.spans[at]
        return span if item[1] < span.end else None

    def _up_to(self, item: Id) -> _Span:
        """The span that ends with an item, cut there when it goes on."""
        span = self._known(item)
        if item[1] + 1 < span.end:
            self._cut(span, item[1] + 1)
        return span

    def _from(self, item: Id) -> _Span:
        """The span that begins with an item, cut there when it begins earlier."""
        span = self._known(item)
        return self._cut(span, item[1]) if span.clock < item[1] else span

    def _known(self, item: Id) -> _Span:
        span = self._at(item)
        if span is None:
            raise UpdateRefused("unknown-dependency", "A stored update builds on changes that are not stored.")
        return span

    def _cut(self, span: _Span, clock: int) -> _Span:
        held = self._clients[span.client]
        rest = _Span(span.client, clock, span.end, (span.client, clock - 1), span.right)
        span.end = clock
        at = bisect_right(held.clocks, clock)
        held.clocks.insert(at, clock)
        held.spans.insert(at, rest)
        self._link(rest, span)
        return rest

    def _rejoin(self, span: _Span | None) -> None:
        """Makes a span one with the next when that goes on where it ends."""
        after = span.after if span is not None else None
        if span is None or after is None or after.client != span.client or after.clock != span.end:
            return
        if after.origin == (span.client, span.end - 1) and after.right == span.right:
            span.end = after.end
            self._unlink(after)
            held = self._clients[span.client]
            at = bisect_left(held.clocks, after.clock)
            del held.clocks[at], held.spans[at]

    def _link(self, span: _Span, left: _Span | None) -> None:
        after = left.after if left is not None else self._first
        span.before, span.after = left, after
        if left is not None:
            left.after = span
        else:
            self._first = span
        if after is not None:
            after.before = span

    def _unlink(self, span: _Span) -> None:
        before, after = span.before, span.after
        if before is not None:
            before.after = after
        else:
            self._first = after
        if after is not None:
            after.before = before


def note(rows: "array[int]", client: int, clock: int, end: int, origin: Id | None, right: Id | None) -> None:
    """Notes the next units of a client. What goes on where the last row ends makes that longer."""
    left, clock_left = origin or _NONE
    before, other = right or _NONE
    if left == client and clock_left == clock - 1 and rows and rows[-5] == clock and rows[-7] == client:
        if rows[-1] == other and rows[-2] == before:
            rows[-5] = end
            return
    rows.extend((client, clock, end, left, clock_left, before, other))


def count_of(rows: "array[int]") -> int:
    """How many rows these are."""
    return len(rows) // _COLUMNS


def ordering(rows: "array[int]", key_of: Callable[[Id], str] | None) -> Generator[None, None, dict[str, Order]]:
    """The lists of a place by key, each in order. `key_of` tells in which an item is, where there are several.

    Pauses after every `ROWS_AT_ONCE` rows; no more may be noted meanwhile. Raises `UpdateRefused`
    (`unknown-dependency`) when a row names an item that is in none.
    """
    orders = {"": Order()}
    waiting: dict[int, list[_Row]] = {}
    for at in range(0, len(rows), _COLUMNS):
        if at and not at % (ROWS_AT_ONCE * _COLUMNS):
            yield
        client, clock, end, left, clock_left, before, other = rows[at : at + _COLUMNS]
        key = key_of((client, clock)) if key_of is not None else ""
        order = orders.get(key) or orders.setdefault(key, Order())
        origin = (left, clock_left) if left >= 0 else None
        right = (before, other) if before >= 0 else None
        # What a client put in earlier is there; what others did may come further down, in a stored state.
        if (
            (waiting and client in waiting)
            or (left >= 0 and left != client and origin not in order)
            or (before >= 0 and before != client and right not in order)
        ):
            waiting.setdefault(client, []).append(_Row(key, clock, end, origin, right))
        else:
            order.add(client, clock, end, origin, right)
    for held in waiting.values():
        held.reverse()
    put_in = 0
    for client in waiting:
        for _ in _put_in(orders, client, waiting):
            put_in += 1
            if not put_in % ROWS_AT_ONCE:
                yield
    return orders


class _Row(NamedTuple):
    key: str
    clock: int
    end: int
    origin: Id | None
    right: Id | None


def _put_in(orders: dict[str, Order], client: int, waiting: dict[int, list[_Row]]) -> Iterator[None]:
    """Puts in all rows of a client, each after those of others that it names, pausing after each. The rows stand last
    one first.
    """
    path = [client]
    while path:
        one = path[-1]
        rows = waiting.get(one)
        if not rows:
            path.pop()
            continue
        key, clock, end, *named = rows[-1]
        order = orders[key]
        lacking = next((item[0] for item in named if item is not None and item not in order), one)
        if lacking == one:
            rows.pop()
            order.add(one, clock, end, *named)
            if len(path) > 1:
                path.pop()
            yield
        elif lacking in path or not waiting.get(lacking):
            raise UpdateRefused("unknown-dependency", "A stored update builds on changes that are not stored.")
        else:
            path.append(lacking)


def _no_neighbours() -> UpdateRefused:
    return UpdateRefused(
        "unknown-dependency", "The update names neighbours that never stood side by side. Connect again."
    )
