"""What a commit costs on each database: `python -m tests.bench.record_cost [--seconds N]`.

As the product commits: the append of one room at a time, which nobody shares (the wait of somebody who types alone),
and that of fifty rooms at once, which share commits (rows per second). PostgreSQL is started for it, with fsync on; its
driver and SQLAlchemy are the product's. Times are of this machine's disk.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from crdt.log import GENESIS, Entry, EntryKind, chained
from crdt.step import Append
from opinions.roles import Role
from server.database import Database
from server.opinion_store import create_opinion
from server.ownership_store import acquire
from server.settings import Settings
from server.tables import members
from server.update_log import UpdateLog
from tests.support import services
from tests.support.postgres_server import postgres_server

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOMS = 50
UPDATE = bytes(60)


async def appending(log: UpdateLog, room: str, fence: int | None, until: float, times: list[float]) -> None:
    """One room appends one entry after the other; each wait is noted."""
    seq, head = 0, GENESIS
    while time.perf_counter() < until:
        entry = Entry(seq + 1, EntryKind.UPDATE, NOON, (UPDATE,), client=1000, n=seq + 1, member="m", name="Amara")
        entry = chained(room, entry, head)
        began = time.perf_counter()
        await log.append(room, (Append(room, seq, 1, (entry,)),), {"m": 1}, fence)
        times.append(time.perf_counter() - began)
        seq, head = seq + 1, entry.hash


async def measured(settings: Settings, seconds: float, *, fenced: bool) -> str:
    """A row of figures."""
    database = Database(settings)
    await database.open()
    log = UpdateLog(database, "key")
    running = asyncio.create_task(log.run())
    await database.write(lambda c: c.execute(insert(members).values(id="m", name="M", role=Role.SECRETARIAT)))
    rooms = [f"op-{number}" for number in range(ROOMS + 1)]
    fences: dict[str, int | None] = dict.fromkeys(rooms)
    for room in rooms:
        await database.write(partial(create_opinion, opinion_id=room, title=room, at=NOON))
        if fenced:
            fences[room] = (await database.write(partial(acquire, opinion=room, node="node", seconds=3600))).fence
    alone: list[float] = []
    await appending(log, rooms[0], fences[rooms[0]], time.perf_counter() + seconds, alone)
    shared: list[float] = []
    commits = log.figures.commits
    until = time.perf_counter() + seconds
    await asyncio.gather(*(appending(log, room, fences[room], until, shared) for room in rooms[1:]))
    commits = log.figures.commits - commits
    running.cancel()
    await database.close()
    return (
        f"alone: {told(alone)}; {ROOMS} rooms: {len(shared) / seconds:,.0f} rows/s "
        f"in {commits / seconds:,.0f} commits/s, {told(shared)}"
    )


def told(times: list[float]) -> str:
    """Median and 99th percentile."""
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered) * 1000:.2f} ms, p99 {ordered[int(len(ordered) * 0.99)] * 1000:.1f} ms"


@contextmanager
def databases() -> Iterator[list[tuple[str, Settings, bool]]]:
    """Each database on an empty record, and whether appends are fenced there."""
    with tempfile.TemporaryDirectory() as directory, postgres_server() as server:
        yield [
            (f"SQLite {sqlite3.sqlite_version}", Settings(data_dir=Path(directory)), False),
            (services.ran["PostgreSQL"], Settings(data_dir=Path(directory), database_url=server.url()), True),
        ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    with databases() as records:
        for name, settings, fenced in records:
            print(f"{name}: {asyncio.run(measured(settings, seconds, fenced=fenced))}", flush=True)


if __name__ == "__main__":
    main()
