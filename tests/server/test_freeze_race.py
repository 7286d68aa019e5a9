"""Finding 5: appenders race a freeze on PostgreSQL, each over connections of its own as processes would.

What was acknowledged before is in the frozen version, and nothing of the old epoch comes after it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crdt.log import Entry, check_chain
from crdt.step import Append
from crdt.versions import Version
from server import log_store
from server.database import Database
from server.errors import AppendConflict, DatabaseUnavailable
from server.opinion_store import create_opinion
from server.settings import Settings
from server.tables import documents, entries
from tests.server.test_log_store import chain

DATABASES = ("postgresql",)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
APPENDERS = 4
ROUNDS = 100

Write = Callable[[Connection, str, Append], int]


@dataclass
class Race:
    """What came of one freeze: seqs acknowledged in the old epoch, the frozen seq, the log, and its last epoch."""

    acknowledged: list[int]
    frozen: int
    log: tuple[Entry, ...]


def broken_promises(race: Race) -> list[str]:
    """What of the promises does not hold."""
    broken = []
    seqs = [entry.seq for entry in race.log]
    if missing := sorted(set(race.acknowledged) - set(seqs)):
        broken.append(f"acknowledged and not in the log: {missing}")
    if left_out := [seq for seq in race.acknowledged if seq > race.frozen]:
        broken.append(f"acknowledged before the freeze and not in the version: {left_out}")
    if after := [entry.seq for entry in race.log if entry.epoch == 1 and entry.seq > race.frozen]:
        broken.append(f"of the old epoch, after the freeze: {after}")
    if seqs != list(range(1, len(seqs) + 1)):
        broken.append(f"gaps: {seqs}")
    return broken


@pytest.fixture
async def processes(settings: Settings) -> AsyncIterator[list[Database]]:
    """Databases of as many processes, and one for the chair."""
    async with AsyncExitStack() as opened:
        made = []
        for _ in range(APPENDERS + 1):
            database = Database(settings)
            await database.open()
            opened.push_async_callback(database.close)
            made.append(database)
        await made[0].write(put_key)
        yield made


def put_key(connection: Connection) -> None:
    """The key that versions name."""
    connection.exec_driver_sql("INSERT INTO keys (id, public_key, created_at) VALUES ('key', 'k', now())")


def put(connection: Connection, opinion: str, append: Append) -> int:
    """As the product appends; the seq of what was appended."""
    log_store.append(connection, opinion, (append,), "key", NOON)
    return append.entries[-1].seq


def put_unlocked(connection: Connection, opinion: str, append: Append) -> int:
    """The obvious code, which is wrong: look whether the Opinion is open, then insert; freeze what is there then."""
    if connection.scalar(select(documents.c.epoch).where(documents.c.id == opinion)) != append.epoch:
        raise AppendConflict(opinion)
    last = connection.scalar(select(func.max(entries.c.seq)).where(entries.c.document == opinion)) or 0
    if append.version is not None:
        connection.execute(update(documents).where(documents.c.id == opinion).values(epoch=2))
        return last
    entry = replace(append.entries[0], seq=last + 1, n=last + 1, client=1000, key="")
    connection.execute(insert(entries).values(log_store._entry_values(opinion, entry)))
    return entry.seq


async def race(processes: list[Database], opinion: str, wanted: int, write: Write = put) -> Race:
    """Appenders write until a freeze stops them, which comes after so many acknowledgements."""
    *writers, chair = processes
    await chair.write(partial(create_opinion, opinion_id=opinion, title="Draft", at=NOON))
    acknowledged: list[int] = []
    soon = asyncio.Event()

    async def once(database: Database, build: Callable[[str, int, bytes], Append]) -> int | None:
        log = await database.read(partial(place, opinion=opinion))
        append = build(opinion, log.seq, log.head_hash)
        try:
            return await database.append(lambda connection: write(connection, opinion, append))
        except (AppendConflict, IntegrityError, DatabaseUnavailable):
            # Unavailable on a machine that has more to do: nothing was acknowledged, and it may stand or not.
            return None

    async def append(database: Database) -> None:
        for _ in range(500):
            if (seq := await once(database, typing)) is not None:
                acknowledged.append(seq)
                if len(acknowledged) >= wanted:
                    soon.set()
            elif (await database.read(partial(place, opinion=opinion))).epoch == 2:
                return
        raise AssertionError("no freeze came")

    async def freeze() -> int:
        await soon.wait()
        for _ in range(500):
            if (seq := await once(chair, freezing)) is not None:
                return seq
            log = await chair.read(partial(place, opinion=opinion))
            if log.epoch == 2:
                return int(log.seq)
        raise AssertionError("the freeze never got through")

    async with asyncio.TaskGroup() as tasks:
        frozen = tasks.create_task(freeze())
        for database in writers:
            tasks.create_task(append(database))
    log = await chair.read(lambda c: tuple(log_store.load_entries(c, opinion)))
    return Race(acknowledged, frozen.result(), log)


def place(connection: Connection, opinion: str) -> Row[Any]:
    """Where the log stands: seq, hash, epoch."""
    return connection.execute(select(documents).where(documents.c.id == opinion)).one()


def typing(opinion: str, seq: int, head: bytes) -> Append:
    """An append of one entry to the log as it stands."""
    return Append(opinion, seq, 1, chain(opinion, 1, after=seq, previous=head))


def freezing(opinion: str, seq: int, head: bytes) -> Append:
    """An append that freezes the log as it stands, with one entry of its own."""
    last = chain(opinion, 1, after=seq, previous=head)
    version = Version(
        opinion=opinion, number=1, label="Draft", milestone="IEG-1", note="", seq=last[0].seq, head=last[0].hash.hex(),
        text="Text\n", fingerprint="ab" * 32, previous="", frozen_by="Chair", recorded_by="Sec", frozen_at=NOON,
        record="{}", record_hash="cd" * 32, signature=bytes(64), state=b"state",
    )  # fmt: skip
    return Append(opinion, seq, 1, last, next_epoch=2, version=version)


async def test_finding_5_a_freeze_leaves_out_nothing_acknowledged_and_ends_the_epoch(
    processes: list[Database],
) -> None:
    rng = random.Random(5)
    for number in range(ROUNDS):
        opinion = f"op-{number}"
        outcome = await race(processes, opinion, rng.randrange(1, 6))
        assert broken_promises(outcome) == [], f"freeze {number}"
        assert check_chain(opinion, outcome.log)[0] == outcome.frozen == len(outcome.log)
        assert len(set(outcome.acknowledged)) == len(outcome.acknowledged)


async def test_the_check_sees_a_freeze_that_looks_before_it_writes(processes: list[Database]) -> None:
    """The test of the test: the code that finding 5 measured."""
    for number in range(20):
        if broken_promises(await race(processes, f"op-{number}", 3, put_unlocked)):
            return
    raise AssertionError("a freeze without a lock passed the check twenty times")
