"""What people can have noted in the audit as often as they like, refusals and exports: all of it as long as it is
little, its number where it is much.

Whoever is refused decides how often, so a refusal must not be a way to fill the record: of one person, or of everybody
who is not signed in, `MOST_A_MINUTE` of a kind are kept one by one in each minute, and of the rest one row that says
how many. They are written beside the answer, which does not wait for them; what the database cannot take is in the log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from server.audit_store import AuditEvent, note
from server.errors import ServerError

MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 10
"""Events of one kind and person in a minute that have rows of their own: a person who clicks about makes fewer."""
MOST_KEYS = 2_000
"""People and kinds counted at once, some halls; beyond them nothing is noted until a minute has passed."""

Write = Callable[[Callable[[Any], None]], Awaitable[None]]
"""Carries a function of the database out in a transaction."""

_log = logging.getLogger("unbracket.audit")


@dataclass(slots=True)
class _Window:
    began: datetime
    last: AuditEvent
    kept: int = 0
    more: int = 0


class Noting:
    """What happened and is not in the audit yet. Belongs to one event loop; leave with `finish`."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._windows: dict[str, _Window] = {}
        self._waiting: list[AuditEvent] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def tell(self, event: AuditEvent) -> None:
        """Something happened; never waits."""
        key = f"{event.kind.value} {event.member}"
        window = self._windows.get(key)
        if window is not None and event.at - window.began >= MINUTE:
            self._close(key)
            window = None
        if window is None:
            if len(self._windows) >= MOST_KEYS:
                _log.warning("too much to note", extra={"kind": event.kind.value})
                return
            window = self._windows[key] = _Window(event.at, event)
        window.last = event
        if window.kept < MOST_A_MINUTE:
            window.kept += 1
            self._waiting.append(event)
        else:
            window.more += 1
        self._wake.set()
        if self._task is None and not self._ended:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def finish(self) -> None:
        """Write what waits, and end."""
        self._ended = True
        self._wake.set()
        if self._task is not None:
            await self._task
        for key in list(self._windows):
            self._close(key)
        await self.flush()

    def _close(self, key: str) -> None:
        window = self._windows.pop(key)
        if window.more:
            self._waiting.append(replace(window.last, detail=f"and {window.more} more in this minute"))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due: float | None = None
        while not self._ended:
            try:
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            except TimeoutError:
                # Nothing happened for a minute: what was only counted is told, and forgotten.
                for key in list(self._windows):
                    self._close(key)
            self._wake.clear()
            await self.flush()
            due = loop.time() + MINUTE.total_seconds() if self._windows else None

    async def flush(self) -> None:
        """Write what waits now."""
        events, self._waiting = self._waiting, []
        if not events:
            return

        def write(connection: Any) -> None:
            for event in events:
                note(connection, event)

        try:
            await self._write(write)
        except ServerError:
            for event in events:
                fields = {"kind": event.kind.value, "member": event.member, "subject": event.subject}
                _log.warning("an event could not be noted", extra=fields)
