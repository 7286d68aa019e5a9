"""What the server knows of a document's items: which exist, what they are, where they belong, which are deleted.

pycrdt tells none of it, and an update must be checked against it before pycrdt sees a byte (crdt/SPEC.md, G3-G6).
Items are kept as sorted runs per client; a run holds neighbours of one kind in one place, so that a sentence typed
is one run. In which order they stand is noted as they come and worked out where somebody asks (`crdt.order`).
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Generator, Iterable, Sequence

from crdt.decoder import (
    MAX_CLOCK,
    STRUCTS_AT_ONCE,
    Delete,
    Id,
    Kind,
    Struct,
    Update,
    decoding,
    pair_starts,
    whole,
)
from crdt.errors import UpdateRefused
from crdt.order import Order, count_of, note, ordering

MAX_GAP = 100_000
"""Stretches of items that an update may skip in all where others put something in at the same place: the library goes
by each of them too. A paragraph somebody typed in for hours has some thousands.
"""
QUICK_STEPS_AT_ONCE = 1000
"""Types looked for, or deletions taken up, after which a long reading pauses: a quarter of what a struct takes."""
MAX_UNORDERED = 2000
"""Rows that a check puts in order itself, some ten milliseconds; of more, parts are made before it."""
TEXT_ROOT = "text"
RECORD_ROOTS = ("record", "drafts")


class Place:
    """Where items live: a root, a paragraph element, or a paragraph's text.

    `holds` is the kind of list item that may stand in it. A text has its `element`; an element has the `paragraph` id
    that its attributes gave it. `rows` are its items as they came, until `orders` has them in order, by key;
    `ordering` is the putting in order that was begun and not gone on with to the end.
    """

    __slots__ = ("element", "holds", "id", "ordering", "orders", "paragraph", "rows")

    def __init__(self, holds: str, item: Id | None = None) -> None:
        self.holds = holds
        self.id = item
        self.element: Place | None = None
        self.paragraph = ""
        self.rows = array("q")
        self.orders: dict[str, Order] | None = None
        self.ordering: Generator[None, None, dict[str, Order]] | None = None

    @property
    def paragraph_id(self) -> str:
        """The id of the paragraph that this element is, or that this text belongs to."""
        return (self.element or self).paragraph

    def note(self, client: int, clock: int, end: int, struct: Struct, key: str) -> None:
        """Takes up the next items of a client."""
        origin = struct.origin if clock == struct.clock else (client, clock - 1)
        if self.orders is None:
            self.ordering = None
            note(self.rows, client, clock, end, origin, struct.right)
        else:
            self.orders.setdefault(key, Order()).add(client, clock, end, origin, struct.right)


PARAGRAPHS = "paragraphs"
TEXTS = "texts"
CHARACTERS = "characters"
ENTRIES = "entries"
NOTHING = "nothing"

GONE = Place(NOTHING)
"""The place of items whose paragraph was deleted so long ago that nothing is left of it."""


Item = tuple[Place, str, Struct, bool]
"""A new item and its list: the place, and the key of an attribute; and whether its neighbours are the item that its
sender put in right before it and what then stood to the right of that.
"""


class Run:
    """Neighbouring items of one client: from `clock` up to `end`, of one kind, in one place. `key` for an
    attribute.
    """

    __slots__ = ("clock", "end", "key", "kind", "place")

    def __init__(self, clock: int, end: int, kind: Kind, place: Place, key: str = "") -> None:
        self.clock = clock
        self.end = end
        self.kind = kind
        self.place = place
        self.key = key


class _Client:
    """The runs of one client, its deleted ranges, the clocks at which a surrogate pair begins."""

    __slots__ = ("clock", "clocks", "gone_ends", "gone_starts", "pairs", "runs")

    def __init__(self) -> None:
        self.clock = 0
        self.runs: list[Run] = []
        self.clocks: list[int] = []
        self.gone_starts: list[int] = []
        self.gone_ends: list[int] = []
        self.pairs: list[int] = []

    def run_at(self, clock: int) -> Run | None:
        if not 0 <= clock < self.clock:
            return None
        last = self.runs[-1]
        if clock >= last.clock:
            return last
        return self.runs[bisect_right(self.clocks, clock) - 1]

    def append(self, run: Run) -> None:
        self.clock = run.end
        if self.runs:
            last = self.runs[-1]
            if last.kind is run.kind and last.place is run.place and last.key == run.key:
                last.end = run.end
                return
        self.runs.append(run)
        self.clocks.append(run.clock)

    def bury(self, start: int, end: int) -> None:
        starts, ends = self.gone_starts, self.gone_ends
        low = bisect_left(ends, start)
        high = bisect_right(starts, end)
        if low < high:
            start, end = min(start, starts[low]), max(end, ends[high - 1])
        starts[low:high] = [start]
        ends[low:high] = [end]

    def buried(self, start: int, end: int) -> bool:
        at = bisect_right(self.gone_starts, start) - 1
        return at >= 0 and self.gone_ends[at] >= end

    def living(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of a range that are not deleted yet."""
        parts: list[tuple[int, int]] = []
        at = bisect_right(self.gone_ends, start)
        while start < end and at < len(self.gone_starts):
            if self.gone_starts[at] >= end:
                break
            if self.gone_starts[at] > start:
                parts.append((start, self.gone_starts[at]))
            start = self.gone_ends[at]
            at += 1
        if start < end:
            parts.append((start, end))
        return parts


class Index:
    """All items of one document. Only what was accepted is ever taken up; a check changes nothing."""

    def __init__(self) -> None:
        self.text = Place(PARAGRAPHS)
        self._roots: dict[str, Place] = {TEXT_ROOT: self.text} | {name: Place(ENTRIES) for name in RECORD_ROOTS}
        self._clients: dict[int, _Client] = {}
        self._places: dict[Id, Place] = {}

    def clock(self, client: int) -> int:
        """The next clock of a client; 0 when nothing of it is known."""
        known = self._clients.get(client)
        return known.clock if known else 0

    def run_at(self, item: Id) -> Run | None:
        """The run an item is in; None when it is unknown."""
        known = self._clients.get(item[0])
        return known.run_at(item[1]) if known else None

    def place_of(self, item: Id) -> Place | None:
        """The place that a type item is; None when the item is unknown or no type."""
        return self._places.get(item)

    def deleted(self, item: Id) -> bool:
        """Whether an item is known to be deleted."""
        known = self._clients.get(item[0])
        return known is not None and known.buried(item[1], item[1] + 1)

    def alive(self, place: Place) -> bool:
        """Whether a place is still in the document."""
        element = place.element or place
        return place is not GONE and (element.id is None or not self.deleted(element.id))

    def splits_pair(self, client: int, clock: int) -> bool:
        """Whether the boundary before `clock` lies between the halves of a surrogate pair."""
        known = self._clients.get(client)
        if known is None or not known.pairs:
            return False
        at = bisect_left(known.pairs, clock - 1)
        return at < len(known.pairs) and known.pairs[at] == clock - 1

    def living(self, delete: Delete) -> list[tuple[int, int]]:
        """The parts of a delete range that are not deleted yet."""
        known = self._clients.get(delete.client)
        return known.living(delete.clock, delete.end) if known else [(delete.clock, delete.end)]

    def runs_in(self, client: int, start: int, end: int) -> list[Run]:
        """The runs that a range of known items touches."""
        known = self._clients.get(client)
        if known is None:
            return []
        low = bisect_right(known.clocks, start) - 1
        return known.runs[max(low, 0) : bisect_left(known.clocks, end)]

    def order(self, place: Place, key: str = "") -> Order:
        """The items of a place in order: those of one attribute with `key`, else those that stand in it."""
        while place.orders is None:
            self.put_in_order(place)
        return place.orders.setdefault(key, Order())

    def put_in_order(self, place: Place) -> None:
        """A part, some milliseconds long, of putting the items of a place in order; `orders` is there after the last.

        Raises `UpdateRefused` as `crdt.order.ordering` does; the next call then begins anew.
        """
        going_on = place.ordering or ordering(place.rows, self._key_of if place.holds is TEXTS else None)
        place.ordering = None
        try:
            next(going_on)
            place.ordering = going_on
        except StopIteration as end:
            place.orders, place.rows = end.value, array("q")

    def unordered(self, update: Update) -> list[Place]:
        """The places that must be put in order before an update is checked, when that takes longer than a check may;
        none when the check can do it itself.
        """
        found: dict[Place, int] = {}
        for _, _, _, structs in update.blocks:
            for struct in structs:
                named = struct.origin or struct.right
                run = self.run_at(named) if named is not None else None
                if run is not None:
                    place = run.place
                elif struct.root is not None:
                    place = self._roots.get(struct.root, GONE)
                else:
                    place = self._places.get(struct.parent, GONE) if struct.parent is not None else GONE
                if place.orders is None:
                    found[place] = count_of(place.rows)
        return [place for place in found if place.rows] if sum(found.values()) > MAX_UNORDERED else []

    def _key_of(self, item: Id) -> str:
        run = self.run_at(item)
        return run.key if run is not None else ""

    def arrange(self, client: int, first: int, items: Sequence[Item]) -> None:
        """Puts new items of a client, from clock `first` on, into their lists, in which nothing of their past may stand
        between those that each names as its neighbours (G5).

        Raises `UpdateRefused` (`unknown-dependency`; `too-large` when too much stands there). `take_back` undoes it.
        """
        gaps = 0
        begun: set[tuple[Place, str]] = set()
        for number, (place, key, struct, follows) in enumerate(items):
            _, clock, length, origin, right = struct[:5]
            item = place.id
            if place.orders is None and item is not None and item[1] >= first and item[0] == client:
                # A place of this update: nobody else knows it, and what begins a list there has nothing beside it.
                if follows or (origin is None and right is None and (place, key) not in begun):
                    begun.add((place, key))
                    note(place.rows, client, clock, clock + length, origin, right)
                    continue
                place.rows, place.orders = array("q"), {}
                for other, name, earlier, _ in items[:number]:
                    if other is place:
                        place.note(client, earlier.clock, earlier.clock + earlier.length, earlier, name)
            order = self.order(place, key)
            if not follows and self.alive(place):
                gaps += order.gap(client, origin, right, MAX_GAP - gaps)
            order.add(client, clock, clock + length, origin, right)

    def take_back(self, client: int, clock: int, items: Sequence[Item]) -> None:
        """Takes what `arrange` put in, or began to, out of the lists again."""
        for place, key, _, _ in items:
            if place.orders is not None:
                self.order(place, key).drop(client, clock)

    def append(self, client: int, items: Sequence[Item]) -> None:
        """Puts new items of a client, which all follow its last ones, into their lists."""
        for place, key, struct, _ in items:
            place.note(client, struct.clock, struct.clock + struct.length, struct, key)

    def take(self, client: int, runs: list[Run], places: dict[Id, Place], pairs: Iterable[int]) -> None:
        """Takes up checked items of one client, in order."""
        if not runs:
            return
        known = self._clients.get(client)
        if known is None:
            known = self._clients[client] = _Client()
        for run in runs:
            known.append(run)
        for pair in pairs:
            insort(known.pairs, pair)
        self._places.update(places)

    def bury(self, deletes: Iterable[Delete]) -> None:
        """Takes up deletions."""
        for client, start, end in deletes:
            known = self._clients.get(client)
            if known is None:
                known = self._clients[client] = _Client()
            known.bury(start, end)

    def absorb(self, update: Update) -> None:
        """Takes up a trusted update: the server's own, or a stored state. What is already known is passed over.

        Raises `UpdateRefused` (`clock-gap`) when it does not follow on what is known.
        """
        whole(self._absorbing(update))

    def _absorbing(self, update: Update) -> Generator[None, None, None]:
        waiting: dict[int, list[Struct]] = {}
        # Blocks of different clients refer to one another both ways: types first, then whatever they lead to.
        for client, clock, _, structs in update.blocks:
            if clock > self.clock(client):
                raise UpdateRefused("clock-gap", f"A stored update leaves out changes of client {client}.")
            for start in range(0, len(structs), QUICK_STEPS_AT_ONCE):
                self._open_types(client, structs[start : start + QUICK_STEPS_AT_ONCE])
                if len(structs) > QUICK_STEPS_AT_ONCE:
                    yield
            waiting[client] = structs
        yield from self._absorb_blocks(waiting)
        for start in range(0, len(update.deletes), QUICK_STEPS_AT_ONCE):
            self.bury(update.deletes[start : start + QUICK_STEPS_AT_ONCE])
            if len(update.deletes) > QUICK_STEPS_AT_ONCE:
                yield

    def entries_set(self, update: Update) -> list[tuple[str, str]]:
        """Root and key of the record entries that an absorbed update sets."""
        found: list[tuple[str, str]] = []
        for client, _, _, structs in update.blocks:
            for struct in structs:
                if struct.kind is Kind.ATTRIBUTE and (run := self.run_at((client, struct.clock))):
                    found += self._entry(run)
        return found

    def entries_deleted(self, update: Update) -> list[tuple[str, str]]:
        """Root and key of the record entries that an update, not absorbed yet, takes out or replaces."""
        found: list[tuple[str, str]] = []
        for client, start, end in update.deletes:
            for run in self.runs_in(client, start, min(end, self.clock(client))):
                found += self._entry(run)
        return found

    def _entry(self, run: Run) -> list[tuple[str, str]]:
        return [(name, run.key) for name in RECORD_ROOTS if self._roots[name] is run.place]

    def _open_types(self, client: int, structs: Iterable[Struct]) -> None:
        for struct in structs:
            if struct.kind is Kind.ELEMENT or struct.kind is Kind.TEXT:
                item = (client, struct.clock)
                if item not in self._places:
                    self._places[item] = Place(TEXTS if struct.kind is Kind.ELEMENT else CHARACTERS, item)

    def _absorb_blocks(self, blocks: dict[int, list[Struct]]) -> Generator[None, None, None]:
        """Takes up the structs of each client in their order, each after the item that says where it belongs: of
        another client first as many as are needed for that, and no more, for those behind may need this one.
        """
        done = dict.fromkeys(blocks, 0)
        count = 0
        for first in blocks:
            path = [(first, MAX_CLOCK)]
            while path:
                client, enough = path[-1]
                structs, at = blocks[client], done[client]
                known = self._clients.setdefault(client, _Client())
                lacking: Id | None = None
                while at < len(structs) and known.clock < enough:
                    struct = structs[at]
                    if struct.clock + struct.length > known.clock:
                        named = struct.origin or struct.right
                        run = self.run_at(named) if named is not None else None
                        if run is None and named is not None:
                            lacking = named
                            break
                        self._take_up(client, known, struct, run)
                    at += 1
                    count += 1
                    if not count % STRUCTS_AT_ONCE:
                        yield
                done[client] = at
                if lacking is not None:
                    other = lacking[0]
                    if done.get(other, 0) == len(blocks.get(other, ())) or any(other == one for one, _ in path):
                        raise _builds_on_nothing()
                    path.append((other, lacking[1] + 1))
                elif at < len(structs) or known.clock >= enough or len(path) == 1:
                    path.pop()
                else:
                    raise _builds_on_nothing()

    def _take_up(self, client: int, known: _Client, struct: Struct, run: Run | None) -> None:
        place, key = self._where(struct, run)
        self._settle(client, struct, place, key)
        start, end = max(struct.clock, known.clock), struct.clock + struct.length
        known.append(Run(start, end, struct.kind, place, key))
        if place.holds is NOTHING or place.holds is ENTRIES:
            pass
        elif place.orders is None and start == struct.clock:
            place.ordering = None
            note(place.rows, client, start, end, struct.origin, struct.right)
        else:
            place.note(client, start, end, struct, key)
        if struct.kind is Kind.STRING:
            for pair in pair_starts(struct.value, struct.clock):
                insort(known.pairs, pair)

    def _where(self, struct: Struct, run: Run | None) -> tuple[Place, str]:
        """The place and key of an item; `run` is that of the first neighbour it names."""
        if run is not None:
            return (GONE, "") if run.place is GONE else (run.place, run.key)
        if struct.root is not None:
            place = self._roots.get(struct.root)
            if place is None:
                raise UpdateRefused("schema", f"A stored update writes to the unknown root {struct.root}.")
            return place, struct.key or ""
        if struct.parent is not None:
            return self._places.get(struct.parent, GONE), struct.key or ""
        return GONE, ""

    def _settle(self, client: int, struct: Struct, place: Place, key: str) -> None:
        if struct.kind is Kind.TEXT:
            self._places[(client, struct.clock)].element = place
        elif struct.kind is Kind.ATTRIBUTE and key == "id" and not place.paragraph:
            place.paragraph = struct.value


def indexing(state: bytes) -> Generator[None, None, Index]:
    """The index of a stored state, pausing now and then: a long text takes some tenths of a second in all.

    Raises `UpdateRefused` as `decode_update` and `Index.absorb` do.
    """
    index = Index()
    update = yield from decoding(state, trusted=True)
    yield from index._absorbing(update)
    return index


def _builds_on_nothing() -> UpdateRefused:
    return UpdateRefused("unknown-dependency", "A stored update builds on changes that are not stored.")
