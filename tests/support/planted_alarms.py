"""Faults planted into a running server that are hard to bring about from outside, each woken by a word in the text or
in a page's address: for the alerts.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, update
from starlette.responses import Response

from crdt import gate, writing
from crdt.step import Append, Step
from opinions.settling import settle
from server.database import Database
from server.live_room import LiveRoom
from server.settings import Settings
from server.tables import documents
from server.update_log import UpdateLog
from server.visit import Visit
from server.work import Tools, audit
from tests.support.planted import PanicException, unhurried
from tests.support.stock import SECOND

DROPS_ITS_ROOM, SLOW_TO_CHECK, SLOW_TO_COMMIT = "wrecksroom", "slowgate", "slowdisk"
"""Words."""
FAILS, FILLS_THE_MEMORY, IS_TAMPERED_WITH = "planted=fault", "planted=memory", "planted=tampering"
"""Queries of any page."""
LONG_SECONDS = 1.2
MUCH = 1_300_000_000

_kept: list[bytes] = []
_tasks: list[asyncio.Task[None]] = []


def alarming() -> None:
    """Plant them all in this process, for good; until somebody wakes one, nothing is different."""
    unhurried()
    _rooms()
    _log()
    _pages()


def _rooms() -> None:
    def settling(accepted: gate.Accepted, *rest: Any, **named: Any) -> object:
        if any(SLOW_TO_CHECK.encode() in update for update in accepted.updates):
            time.sleep(LONG_SECONDS)
        return settle(accepted, *rest, **named)

    vars(writing).update(settle=settling, unremarkable=lambda *_, **__: False)
    deliver = LiveRoom._deliver

    def delivering(self: LiveRoom, step: Step) -> None:
        if _holds(step.appends, DROPS_ITS_ROOM):
            raise PanicException(DROPS_ITS_ROOM)
        deliver(self, step)

    LiveRoom._deliver = delivering  # type: ignore[method-assign]


def _holds(appends: Iterable[Append], word: str) -> bool:
    entries = (entry for append in appends for entry in append.entries)
    return any(word.encode() in update for entry in entries for update in entry.updates)


def _log() -> None:
    write = UpdateLog._write

    def writing_slowly(self: UpdateLog, connection: Connection, batch: Sequence[Any]) -> None:
        if any(_holds(step.appends, SLOW_TO_COMMIT) for one in batch for step in one.steps):
            time.sleep(LONG_SECONDS)
        write(self, connection, batch)

    UpdateLog._write = writing_slowly  # type: ignore[method-assign]


def _pages() -> None:
    kept = Visit.kept

    def failing(self: Visit, response: Response) -> Response:
        query = self.request.url.query
        if query == FAILS:
            raise ZeroDivisionError("planted")
        if query == FILLS_THE_MEMORY:
            _kept.append(b"x" * MUCH)
        if query == IS_TAMPERED_WITH:
            _tasks.append(asyncio.create_task(_tampered(self.services.settings, self.services.database)))
        return kept(self, response)

    Visit.kept = failing  # type: ignore[method-assign]


async def _tampered(settings: Settings, database: Database) -> None:
    """The other Opinion's head is not that of its log any more; then the hourly audit comes round."""
    await database.write(
        lambda connection: connection.execute(
            update(documents).where(documents.c.id == SECOND).values(head_hash=bytes(32))
        )
    )
    await audit({"tools": Tools(settings, database, lambda job: None)})
