"""Opinions' texts for readers in a process that does not own their rooms: copies that follow the logs.

A copy takes up what is committed when it hears that something is (`server.signals`), and looks by itself often enough
that a lost signal costs no more than that. Pages ask for a text as it is now: then it looks at once.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from sqlalchemy import Connection

from crdt.errors import LogBroken
from crdt.log import Entry
from crdt.reading import ReadCopy
from opinions.record import Document
from server import log_store
from server.database import Database
from server.errors import RoomClosed, UnknownOpinion
from server.signals import Signals

LOOK_SECONDS = 1.5
"""How long a lost signal can go unnoticed; with the gap between two events of a page readers are two seconds behind."""
COPIES_KEPT = 64
"""Copies in memory that nobody watches: a small one each, and a log is read in some milliseconds."""

_log = logging.getLogger("unbracket.follower")


class Follower:
    """A copy of one Opinion's text. `refresh` brings it up to the log as it is at that moment."""

    def __init__(self, copy: ReadCopy, database: Database) -> None:
        self.opinion = copy.opinion
        self.watchers = 0
        self._known = copy.seq
        self._copy = copy
        self._database = database
        self._over = False
        self._looking: asyncio.Task[None] | None = None
        self._again = False
        self._changed = asyncio.Event()

    @property
    def seq(self) -> int:
        """The last entry taken up."""
        return self._copy.seq

    @property
    def document(self) -> Document:
        """Text and record after entry `seq`."""
        return self._copy.document

    @property
    def lag(self) -> int:
        """Entries said to exist that are not taken up yet."""
        return max(0, self._known - self.seq)

    async def changed(self, after: int) -> int:
        """As `server.placement.Readable.changed`."""
        while self.seq <= after:
            if self._over:
                raise RoomClosed("The text must be read anew.")
            event = self._changed
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await event.wait()
                    continue
            await self.refresh()
        return self.seq

    def heard(self, seq: int) -> None:
        """Somebody says that this entry exists."""
        self._known = max(self._known, seq)
        if seq > self.seq and not self._over:
            self._look()

    async def refresh(self) -> None:
        """Take up what the log holds. Raises what the database raises; `LogBroken` when the copy must be made anew."""
        await asyncio.shield(self._look())

    def end(self) -> None:
        """Nothing more will be told here."""
        self._over = True
        self._tell()

    def _look(self) -> "asyncio.Task[None]":
        # Who asks while a look is under way must see what was committed before the asking: one more look then.
        if self._looking is not None and not self._looking.done():
            self._again = True
            return self._looking
        self._looking = asyncio.create_task(self._take_all())
        self._looking.add_done_callback(_noted)
        return self._looking

    async def _take_all(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            entries = await self._database.read(partial(_entries, opinion=self.opinion, after=self.seq))
            try:
                self._copy.take(entries)
            except LogBroken:
                self.end()
                raise
            if entries:
                self._tell()
        # What somebody said of more than the log holds is not so.
        self._known = self.seq

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Followers:
    """The copies of this process. Belongs to one event loop."""

    def __init__(self, database: Database, signals: Signals) -> None:
        self._database = database
        self._opening: dict[str, asyncio.Task[Follower]] = {}
        self._copies: dict[str, Follower] = {}
        signals.on_seq(self._heard)

    async def document(self, opinion: str) -> Document:
        """An Opinion's text and record as committed now. Raises `UnknownOpinion`."""
        return (await self.now(opinion)).document

    async def now(self, opinion: str) -> Follower:
        """The copy of an Opinion, up to date at this moment. Raises `UnknownOpinion`."""
        copy = await self._copy(opinion)
        try:
            await copy.refresh()
        except LogBroken:
            # The document began a new generation: it is read from its log again.
            self._forget(opinion)
            copy = await self._copy(opinion)
        return copy

    @asynccontextmanager
    async def watching(self, opinion: str) -> AsyncIterator[Follower]:
        """The copy of an Opinion, kept while somebody waits on `changed`."""
        copy = await self.now(opinion)
        copy.watchers += 1
        try:
            yield copy
        finally:
            copy.watchers -= 1

    @property
    def lag(self) -> int:
        """The most that a watched copy lacks of the entries that are said to exist."""
        return max((copy.lag for copy in self._copies.values() if copy.watchers), default=0)

    def end(self) -> None:
        """Tell every watcher that the server stops."""
        for copy in self._copies.values():
            copy.end()
        self._copies.clear()

    async def _copy(self, opinion: str) -> Follower:
        if (copy := self._copies.get(opinion)) is not None:
            return copy
        if opinion not in self._opening:
            self._opening[opinion] = asyncio.create_task(self._open(opinion))
            self._opening[opinion].add_done_callback(lambda _: self._opening.pop(opinion, None))
        return await asyncio.shield(self._opening[opinion])

    async def _open(self, opinion: str) -> Follower:
        try:
            stored = await self._database.read(partial(log_store.load_log, document=opinion))
        except KeyError:
            raise UnknownOpinion(opinion) from None
        copy = self._copies[opinion] = Follower(ReadCopy(stored), self._database)
        for other in list(self._copies):
            if len(self._copies) <= COPIES_KEPT:
                break
            if other != opinion and not self._copies[other].watchers:
                self._forget(other)
        return copy

    def _forget(self, opinion: str) -> None:
        if (copy := self._copies.pop(opinion, None)) is not None:
            copy.end()

    def _heard(self, opinion: str, seq: int) -> None:
        # A copy nobody watches takes up what there is when it is next asked.
        if (copy := self._copies.get(opinion)) is not None and copy.watchers:
            copy.heard(seq)


def _entries(connection: Connection, opinion: str, after: int) -> tuple[Entry, ...]:
    return tuple(log_store.load_entries(connection, opinion, after=after))


def _noted(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("a copy does not follow", extra={"reason": type(error).__name__})
