"""What the scenarios have in common: drafts, people and stores, each made once for all runs that want it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from opinions.record import Document
from tests.bench import long_document
from tests.bench import servers as known
from tests.bench.long_document import LongDocument
from tests.bench.material import (
    FIRST_CLIENT,
    PAGES,
    Stock,
    Typed,
    codes,
    keystrokes,
    short,
    state_of,
    stocked,
    thirty_pages,
    with_number,
)

FEW, FEW_DRAFTS = 50, 4
"""Connections, and drafts, that are there when memory begins to be counted: what a first one costs once, and what
loading leaves to be used again, is not theirs.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the scenarios are. Pairs of people are writers and readers."""

    pages: tuple[int, int] = PAGES
    typing: tuple[int, int] = (20, 200)
    plenary: tuple[int, int] = (50, 1000)
    saturation: tuple[int, int] = (50, 200)
    documents: int = 100
    storm: int = 1000
    edits: int = long_document.EDITS
    idle: int = 1000
    open_documents: int = 20


FULL = Sizes()
SMALL = Sizes((40, 20), (3, 12), (4, 16), (4, 12), 3, 12, 5000, 20, 2)
"""For a run that only shows that everything works."""


@dataclass(frozen=True, slots=True)
class Room:
    """One draft of 30 pages, its founding state, and who may come: the first `writers` of the tokens hold leases."""

    document: Document
    state: bytes
    stock: Stock
    writers: int

    def typed(self, writer: int, count: int) -> Typed:
        """So many keystrokes of a writer."""
        return _typed(self, writer, -(-count // 100) * 100)

    def __hash__(self) -> int:
        return id(self)


@cache
def _typed(room: Room, writer: int, count: int) -> Typed:
    parties = codes(room.writers)
    return keystrokes(room.document, room.state, FIRST_CLIENT + writer, parties[writer], count)


class Workshop:
    """Makes them when they are first asked for; all of it lies in `place`."""

    def __init__(self, place: Path, sizes: Sizes = FULL) -> None:
        self.place = place
        self.sizes = sizes

    @cached_property
    def draft(self) -> Document:
        """The draft of 30 pages."""
        return thirty_pages(*self.sizes.pages)

    @cached_property
    def room(self) -> Room:
        """The draft, for as many people as any scenario brings into one."""
        wanted = (self.sizes.typing, self.sizes.plenary, self.sizes.saturation)
        writers, people = max(one[0] for one in wanted), max(sum(one) for one in wanted)
        leases = [(0, FIRST_CLIENT + n) for n in range(writers)]
        stock = stocked(self._directory("room") / "data", [self.draft], leases, people, writers)
        return Room(self.draft, state_of(self.draft), stock, writers)

    @cached_property
    def hall(self) -> Stock:
        """A draft of one page and many who read it: there, memory is theirs and not the text's."""
        return stocked(self._directory("hall") / "data", [short()], [], self.sizes.idle + FEW, 50)

    @cached_property
    def drafts(self) -> Stock:
        """Drafts of 30 pages, one for each who looks."""
        texts = [with_number(self.draft, 5000 + n) for n in range(self.sizes.open_documents + FEW_DRAFTS)]
        return stocked(self._directory("drafts") / "data", texts, [], len(texts), 50)

    @cached_property
    def pages(self) -> tuple[Sequence[Document], Stock]:
        """Many drafts of one page, two writers and three readers for each; the writers' tokens come first."""
        count = self.sizes.documents
        texts = [with_number(short(), n) for n in range(count)]
        leases = [(n // 2, FIRST_CLIENT + n) for n in range(count * 2)]
        return texts, stocked(self._directory("pages") / "data", texts, leases, count * 5, 2)

    @cached_property
    def long(self) -> LongDocument:
        """The document of 260,000 edits."""
        return long_document.long_document(self.sizes.edits)

    @cached_property
    def long_stock(self) -> Stock:
        """That document as our server leaves it, and a hall of people."""
        return stocked(
            self._directory("long") / "data",
            [self.long.founding],
            [(0, FIRST_CLIENT)],
            self.sizes.storm,
            50,
            then=lambda connection, key: long_document.log_it(connection, "op-0000", self.long, key),
        )

    @cached_property
    def long_hocuspocus(self) -> Path:
        """The same as Hocuspocus leaves it in SQLite."""
        keep = self._directory("long-hocuspocus")
        long_document.leave_to(known.HOCUSPOCUS_SQLITE, keep, self.long.state)
        return keep

    def _directory(self, name: str) -> Path:
        made = self.place / name
        made.mkdir()
        return made


@contextmanager
def workshop(sizes: Sizes = FULL) -> Iterator[Workshop]:
    """A workshop, gone with the block."""
    with tempfile.TemporaryDirectory(prefix="bench-stock-") as place:
        yield Workshop(Path(place), sizes)
