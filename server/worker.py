"""A room process: the rooms of some Opinions apart from pages, sign-in and the database (server/SPEC.md, N2).

It has one link, to the server that started it, and nothing else: no listening socket, no database, no settings of its
own. What it may use of memory is limited; when the server is gone, or it fails in a way nobody foresaw, it ends, and
the server starts another, which goes on from the log. Started by `server.workers` as `python -m server.worker`.
"""

import asyncio
import gc
import json
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from server import observability
from server.links.figures import Telling
from server.links.messages import Kind, message, number_of, numbered, packed
from server.links.room_side import RoomSide
from server.links.store import LinkedStore
from server.links.stream import Link
from server.rooms import LocalRooms
from server.settings import Settings
from server.signing import load_key, seal_of

DESCRIPTORS = 64
"""Files a room process may have open: its link, its loop's, its output."""

FAREWELL_SECONDS = 2.0
"""How long the last messages may take to go out."""

_log = logging.getLogger("unbracket.worker")


class _End:
    """The worker's end of its link."""

    def __init__(self) -> None:
        self.rooms: LocalRooms
        self.tasks: asyncio.TaskGroup
        self.rooms_end: RoomSide
        self.store: LinkedStore
        self.stop = asyncio.Event()
        self.lost_at = asyncio.Event()
        self._telling = Telling()

    def received(self, kind: Kind, body: bytes) -> None:
        if kind in {Kind.RESULT, Kind.FAILED}:
            self.store.received(kind, body)
        elif kind is Kind.STOP:
            self.stop.set()
        elif kind is Kind.END:
            ticket, opinion = number_of(body)
            self.tasks.create_task(self._end(ticket, opinion.decode()))
        else:
            self.rooms_end.received(kind, body)
            if kind is Kind.PING:
                self.tell_figures()

    def tell_figures(self) -> None:
        """What was counted here since the last time."""
        self.rooms_end.tell(packed(Kind.FIGURES, self._telling.more(self.rooms.figures.waiting)))

    async def _end(self, ticket: int, opinion: str) -> None:
        await self.rooms.end(opinion)
        self.rooms_end.tell(numbered(Kind.ENDED, ticket))

    def congested(self, is_congested: bool) -> None:
        """Nothing to be done: the link's own limit ends it."""

    def lost(self) -> None:
        # Without the server nothing can be logged, so nothing may be told: there is nothing left to do.
        self.lost_at.set()
        self.stop.set()
        self.store.lost()


def options(settings: Settings) -> dict[str, Any]:
    """What a room process is told of the settings."""
    return {
        "idle_seconds": settings.idle_seconds,
        "gather_ms": settings.gather_ms,
        "frames_per_second": settings.frames_per_second,
        "drain_seconds": settings.drain_seconds,
        "room_memory_mb": settings.room_memory_mb,
        "log_format": settings.log_format,
        "log_level": settings.log_level,
        "secret_file": str(settings.signing_key_file.absolute()),
    }


def _settings(told: Mapping[str, Any]) -> Settings:
    return Settings(**{**told, "secret_file": Path(told["secret_file"])})


def _confine(settings: Settings) -> None:
    if settings.room_memory_mb:
        limit = settings.room_memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    # Signals to the process group are the server's to answer; it ends its workers when they have finished.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


async def work(connection: socket.socket, settings: Settings) -> None:
    """Serve rooms over a connected socket until told to stop, or until it is gone."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unforeseen)
    end = _End()
    link = Link(end)
    store = LinkedStore(link)
    key = load_key(settings.signing_key_file)
    async with LocalRooms(settings, store, key.sign, seal_of(key)) as rooms, asyncio.TaskGroup() as tasks:
        end.rooms, end.tasks, end.store = rooms, tasks, store
        end.rooms_end = RoomSide(rooms)
        end.rooms_end.link = link
        await loop.create_connection(lambda: link, sock=connection)
        # What was imported stays: the collector need not go through it again.
        gc.collect()
        gc.freeze()
        link.send(message(Kind.READY))
        await end.stop.wait()
        if end.lost_at.is_set():
            os._exit(0)
        await rooms.drain()
    end.tell_figures()
    end.rooms_end.tell(message(Kind.STOPPED))
    link.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await end.lost_at.wait()


def _unforeseen(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A failure outside of any room leaves a state nobody vouches for; the successor's comes from the log."""
    _log.critical("room process ends: an unforeseen failure", exc_info=context.get("exception"))
    os._exit(70)


def main(arguments: list[str]) -> None:
    """`python -m server.worker DESCRIPTOR OPTIONS`: not for people."""
    descriptor, told = int(arguments[0]), json.loads(arguments[1])
    settings = _settings(told)
    observability.configure(settings.log_format, settings.log_level)
    _confine(settings)
    asyncio.run(work(socket.socket(fileno=descriptor), settings))


if __name__ == "__main__":
    main(sys.argv[1:])
