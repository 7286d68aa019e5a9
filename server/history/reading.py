"""The Opinions' histories in this process: each read on from the log whenever somebody asks, and never from its start
twice.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from crdt.history import History
from crdt.log import Entry
from opinions.ground import Ground
from opinions.record import Document
from opinions.steps import Step
from server import log_store
from server.database import Database
from server.history import store

KEPT = 32
"""Histories in memory: a text and some thousand steps each, a few megabytes. Further ones are read on from what the
database keeps.
"""
AT_ONCE = 250
"""Entries read at once: the loop and the database belong to others in between."""
PATIENCE = 8.0
"""Seconds that a page waits for a history that was never read before; one of 10,000 commands takes about that long."""
GLANCE = 1.0
"""Seconds that the dashboard waits for figures that it can do without."""

_log = logging.getLogger("unbracket.histories")


@dataclass(frozen=True, slots=True)
class Told:
    """A history up to an entry. `whole`: whether that is all there was when it was asked for."""

    steps: tuple[Step, ...]
    seq: int
    ground: Ground
    whole: bool = True


class _Followed:
    """One history, and its turn: one reads on at a time."""

    def __init__(self, kept: store.Kept, opinion: str) -> None:
        self.before = kept.steps
        self.history = History(opinion, kept.checkpoint)

    def told(self, *, whole: bool) -> Told:
        return Told((*self.before, *self.history.steps), self.history.seq, self.history.ground, whole)


class Histories:
    """All histories of a process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Followed] = OrderedDict()
        self._told: dict[str, Told] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._reading: set[asyncio.Task[Told]] = set()

    async def told(self, database: Database, opinion: str, patience: float = PATIENCE) -> Told | None:
        """An Opinion's history up to now; what is known of it, or None, where that takes longer than `patience`.

        Reading goes on then, for the next who asks. Raises what stood in its way.
        """
        task = self._asked(database, opinion)
        await asyncio.wait((task,), timeout=patience)
        return task.result() if task.done() else self._known(opinion)

    async def glance(
        self, database: Database, opinions: tuple[str, ...], patience: float = GLANCE
    ) -> Mapping[str, Told]:
        """As `told`, of several at once; those of which nothing is known yet, and those that cannot be read, are not
        in it: one broken log hides no other's figures.
        """
        tasks = {opinion: self._asked(database, opinion) for opinion in opinions}
        if tasks:
            await asyncio.wait(tasks.values(), timeout=patience)
        found: dict[str, Told] = {}
        for opinion, task in tasks.items():
            read = task.done() and not task.cancelled() and task.exception() is None
            told = task.result() if read else self._known(opinion)
            if told is not None:
                found[opinion] = told
        return found

    async def texts(self, database: Database, opinion: str, *seqs: int) -> tuple[Document, ...]:
        """Text and record after each of these entries, in rising order."""
        return await database.read(partial(_texts, opinion=opinion, seqs=seqs))

    def _asked(self, database: Database, opinion: str) -> "asyncio.Task[Told]":
        task = asyncio.create_task(self._read_on(database, opinion))
        self._reading.add(task)
        task.add_done_callback(self._over)
        return task

    def _known(self, opinion: str) -> Told | None:
        told = self._told.get(opinion)
        return None if told is None else replace(told, whole=False)

    async def _read_on(self, database: Database, opinion: str) -> Told:
        async with self._turns.setdefault(opinion, asyncio.Lock()):
            followed = self._kept.get(opinion)
            if followed is None:
                kept = await database.read(partial(store.load, opinion=opinion))
                followed = await asyncio.to_thread(_Followed, kept, opinion)
            changed = opinion not in self._told
            try:
                while entries := await database.read(partial(_entries, opinion=opinion, after=followed.history.seq)):
                    changed = True
                    chapters = await asyncio.to_thread(followed.history.take, entries)
                    if chapters:
                        await database.write(partial(store.keep, opinion=opinion, chapters=chapters))
                    if len(entries) < AT_ONCE:
                        break
            except BaseException:
                # Of a history that was read half-way nothing is known for certain.
                self._kept.pop(opinion, None)
                raise
            told = None if changed else self._told.get(opinion)
            told = self._told[opinion] = told or followed.told(whole=True)
            self._kept[opinion] = followed
            self._kept.move_to_end(opinion)
            while len(self._kept) > KEPT:
                gone, _ = self._kept.popitem(last=False)
                self._told.pop(gone, None)
            return told

    def _over(self, task: "asyncio.Task[Told]") -> None:
        self._reading.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a history could not be read", exc_info=error)


def _entries(connection: Connection, opinion: str, after: int) -> tuple[Entry, ...]:
    return tuple(log_store.load_entries(connection, opinion, after=after, limit=AT_ONCE))


def _texts(connection: Connection, opinion: str, seqs: tuple[int, ...]) -> tuple[Document, ...]:
    return store.texts_at(connection, opinion, *seqs)
