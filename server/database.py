"""The database: plain functions of a `Connection`, each run whole in one transaction, in threads of its own.

Which database it is follows from the settings: an SQLite file with one connection (`server.sqlite`), or PostgreSQL with
a connection each for writing, appending and reading (`server.postgres`). Nobody else needs to know.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from server import sqlite
from server.errors import SettingsError
from server.lanes import Lane, Record
from server.settings import Settings

T = TypeVar("T")


class Database:
    """The record of the settings.

    `write`, `append` and `read` run `fn(connection)` in one transaction and return its value. What `fn` raises is
    raised to the caller and nothing of it is kept. `fn` may be run again from its start, so it must do nothing but use
    its connection. Raises `DatabaseUnavailable` when the database cannot do it now, `DatabaseUnreachable` when it does
    not answer: then what was being committed may have been kept.
    """

    def __init__(self, settings: Settings) -> None:
        url = url_of(settings)
        self.is_shared = not _is_sqlite(url)
        """Whether other server processes may work on it at the same time."""
        self._record = _record(url)
        lines = (self._record.writer, self._record.appender, *self._record.readers)
        lanes = {id(line): Lane(line) for line in lines}
        self._lanes = tuple(lanes.values())
        self._writer, self._appender, *self._readers = (lanes[id(line)] for line in lines)

    # --- asynchronous, for the server

    async def open(self) -> None:
        """Connect, and bring the schema up to date. Raises `DatabaseUnavailable`."""
        await self._writer.call(self._record.open)
        await self._writer.call(self._record.advise)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, after its commit. Writes happen as if one after the other, also over several
        processes: what a function has looked at holds until its commit.
        """
        return await self._writer.transact(fn)

    async def append(self, fn: Callable[[Connection], T]) -> T:
        """As `write`, for functions that lock each row which they depend on: those of `log_store.append`. They wait for
        no other write.
        """
        return await self._appender.transact(fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, which only looks: all of it as of one moment, and not behind a commit where
        there is a connection to spare.
        """
        lane = min(self._readers, key=lambda reader: reader.waiting)
        return await lane.transact(fn)

    async def copy(self, target: Path) -> None:
        """Copy the whole record, as of one moment, to a file that is not there yet."""
        await self._writer.call(lambda: self._record.copy(target))

    async def close(self) -> None:
        """Finish what is queued, and disconnect."""
        for lane in self._lanes:
            await lane.call(lambda: None)
        await self._writer.call(self._record.close)
        for lane in self._lanes:
            lane.shut()

    # --- synchronous, for the command line: one thread, the caller's

    @classmethod
    def reading(cls, settings: Settings) -> AbstractContextManager[Connection]:
        """A connection for looking only, also while a server holds the database. Raises `DatabaseUnavailable`."""
        url = url_of(settings)
        if _is_sqlite(url):
            return sqlite.reading(url)
        looking: AbstractContextManager[Connection] = _postgres().reading(url)
        return looking

    @classmethod
    def require_process(cls, settings: Settings) -> None:
        """That there is a database to work on, for commands that must not make one where a name was mistyped.

        Raises `DatabaseUnavailable` when there is none; nothing is created.
        """
        _kind(url_of(settings)).require_process(url_of(settings))

    def __enter__(self) -> Self:
        self._record.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._record.close()

    @classmethod
    def require_empty(cls, settings: Settings) -> None:
        """That nothing is kept there yet. Raises `DatabaseUnavailable`."""
        _kind(url_of(settings)).require_empty(url_of(settings))

    @classmethod
    def bring_back(cls, settings: Settings, copy: Path) -> None:
        """Put what `copy` wrote into an empty place. Raises `DatabaseUnavailable`, and nothing is kept then."""
        _kind(url_of(settings)).bring_back(url_of(settings), copy)

    def copy_here(self, target: Path) -> None:
        """As `copy`, in this thread (inside `with Database(settings)`)."""
        self._record.copy(target)

    def run(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, as by `write`, in this thread (inside `with Database(settings)`)."""
        return self._record.patient.transact(fn)


def _record(url: URL) -> Record:
    if _is_sqlite(url):
        return sqlite.SqliteRecord(url)
    record: Record = _postgres().PostgresRecord(url)
    return record


def _kind(url: URL) -> ModuleType:
    return sqlite if _is_sqlite(url) else _postgres()


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _postgres() -> ModuleType:
    # Only here: its driver takes a while to import, and most starts have no use for it.
    from server import postgres

    return postgres


def url_of(settings: Settings) -> URL:
    """The database of the settings. Raises `SettingsError` for any but an SQLite file and PostgreSQL."""
    try:
        url = make_url(settings.url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        url = None
    if url is not None and url.drivername in {"postgresql", "postgresql+psycopg"} and url.database:
        return url
    if url is None or not _is_sqlite(url) or not url.database or url.database == ":memory:":
        shown = url.render_as_string(hide_password=True) if url is not None else settings.url
        raise SettingsError(
            f"UNBRACKET_DATABASE_URL={shown} is not served. Leave it empty, or give sqlite:///path/to/unbracket.db or "
            "postgresql://user:password@host/database."
        )
    return url
