"""The record in an SQLite file: one connection, one thread, one process.

SQLite has one writer; libraries before 3.51.3 can lose commits in WAL mode when two connections write or
checkpoint (reliability guide, finding 13; `is_sound`). So there is one connection ever that can, in one thread, and a
lock file keeps a second process out. Commands beside a running server look through a connection that can do neither, or
ask the server (`server.control`); tests/server/test_one_connection.py counts.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool, StaticPool

from server import schema
from server.errors import DatabaseInUse, DatabaseUnavailable
from server.tables import APPEND_ONLY

T = TypeVar("T")
_log = logging.getLogger("unbracket.database")


class SqliteRecord:
    """A file and the one connection to it, for whichever one thread uses it. Reads and writes go the same way."""

    patience = 0.0

    def __init__(self, url: URL) -> None:
        self._path = Path(str(url.database))
        self._lock: int | None = None
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self.writer = self
        self.appender = self
        self.patient = self
        self.readers: Sequence[SqliteRecord] = (self,)

    def open(self) -> None:
        """Open the file, take its lock, bring the schema up to date. Raises `DatabaseUnavailable`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(self._path)
        try:
            self._engine = _engine(self._path)
            self._connection = self._engine.connect()
            schema.migrate(self._connection)
            _check(self._connection)
            _restrict(self._connection)
            _tell_library()
        except BaseException:
            self.close()
            raise

    def advise(self) -> None:
        """Nothing: whoever can write the file can do all there is to it."""

    def close(self) -> None:
        """Close the connection, give the lock back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def transact(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, in one transaction; on disk when this returns."""
        if self._connection is None:
            raise DatabaseUnavailable("The database is closed.")
        try:
            with self._connection.begin():
                return fn(self._connection)
        except (OperationalError, sqlite3.OperationalError) as error:
            if (why := _passing(error)) is None:
                raise
            raise DatabaseUnavailable(f"Nothing can be saved at the moment: {why}. Try again in a while.") from error

    def copy(self, target: Path) -> None:
        """Copy the file by SQLite's own means, over this same connection. Raises `DatabaseUnavailable`."""
        if self._connection is None:
            raise DatabaseUnavailable("The database is closed.")
        with closing(sqlite3.connect(target)) as copied:
            _driver(self._connection).backup(copied)

    def waited(self) -> float:
        """Never for another process's answer: a file has none."""
        return 0.0

    def cut(self) -> None:
        """Nothing: see `waited`."""


@contextmanager
def reading(url: URL) -> Iterator[Connection]:
    """A connection for looking only, also while a server holds the database. Raises `DatabaseUnavailable`.

    It never writes, and beside a server it never checkpoints: the server's stays the one connection that does. What
    a server would refuse to start on can be looked at, for that is when looking is needed.
    """
    path = Path(str(url.database))
    if not path.exists():
        raise DatabaseUnavailable(f"There is no database at {path}. Name its directory with --data-dir.")
    try:
        lock = _take_lock(path)
    except DatabaseInUse:
        lock = None
    mode = "ro" if lock is None else "rw"
    engine = create_engine(f"sqlite:///file:{quote(str(path.absolute()))}?mode={mode}&uri=true", poolclass=NullPool)
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("PRAGMA query_only=ON"))
            schema.require_newest(connection)
            yield connection
    finally:
        engine.dispose()
        if lock is not None:
            os.close(lock)


def require_process(url: URL) -> None:
    """That the file is there. Raises `DatabaseUnavailable`; nothing is created."""
    path = Path(str(url.database))
    if not path.exists():
        raise DatabaseUnavailable(
            f"There is no process in {path.parent}. Set one up with `unbracket init`, or check --data-dir."
        )


def require_empty(url: URL) -> None:
    """That there is no such file. Raises `DatabaseUnavailable`."""
    path = Path(str(url.database))
    if path.exists():
        raise DatabaseUnavailable(f"{path} is there already. Choose an empty directory with --data-dir.")


def bring_back(url: URL, copy: Path) -> None:
    """Put a copied file in the place of the database. Raises `DatabaseUnavailable`."""
    path = Path(str(url.database))
    lock = _take_lock(path)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(copy))}?mode=ro&immutable=1", uri=True)) as copied:
            found = copied.execute("PRAGMA integrity_check").fetchone()
        if found != ("ok",):
            raise DatabaseUnavailable(f"The copy of the database is damaged ({found[0]}). Take an older backup.")
        copy.replace(path)
    except sqlite3.DatabaseError as error:
        raise DatabaseUnavailable(f"The copy of the database cannot be read ({error}). Take an older backup.") from None
    finally:
        os.close(lock)


_PASSING = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_READONLY: "the disk is read-only",
    sqlite3.SQLITE_CANTOPEN: "a file cannot be opened",
    sqlite3.SQLITE_BUSY: "the database is in use",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
}


def _passing(error: OperationalError | sqlite3.OperationalError) -> str | None:
    """What fails around the database, for people; None when the statement itself was wrong."""
    code = getattr(error.orig if isinstance(error, OperationalError) else error, "sqlite_errorcode", 0)
    # The low byte says what kind of failure it is, the rest of it where.
    return _PASSING.get(code & 0xFF)


def is_sound(version: tuple[int, int, int]) -> bool:
    """Whether an SQLite library is free of the fault that needs two connections: 3.51.3, and what it was mended in."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


@cache
def _tell_library() -> None:
    _log.info(
        "record in SQLite",
        extra={"library": sqlite3.sqlite_version, "sound": is_sound(sqlite3.sqlite_version_info), "connections": 1},
    )


def _take_lock(path: Path) -> int:
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DatabaseInUse(
            f"Another process is using {path}. Stop it first, or choose another directory with --data-dir."
        ) from None
    return descriptor


def _engine(path: Path) -> Engine:
    # The pool's connection is made in whichever thread opens the database and used in that thread alone.
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # The driver's own BEGIN comes only before the first write; ours (below) comes first of all.
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=5000",
            "journal_mode=WAL",
            # Measured: WAL with NORMAL loses acknowledged commits at a power cut, FULL does not (reliability,
            # finding 4).
            "synchronous=FULL",
            "foreign_keys=ON",
            # Makes delete triggers fire for rows that INSERT OR REPLACE takes away (finding 6).
            "recursive_triggers=ON",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Past SQLAlchemy, which would make a result of it: every keystroke begins a transaction.
        _driver(connection).execute("BEGIN IMMEDIATE")

    return engine


_DEFINING = frozenset(
    code for name, code in vars(sqlite3).items() if name.startswith(("SQLITE_CREATE_", "SQLITE_DROP_", "SQLITE_ALTER_"))
) | {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}

_REWRITING = frozenset({sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
_KEPT = frozenset({*APPEND_ONLY, "sqlite_master"})
_LOOSENING = frozenset(
    {"writable_schema", "recursive_triggers", "foreign_keys", "ignore_check_constraints", "journal_mode", "synchronous"}
    | {"trusted_schema", "defensive", "user_version", "schema_version", "legacy_alter_table"}
)
"""What a PRAGMA may not set once a server runs: each would let something acknowledged be lost or rewritten."""


def _restrict(connection: Connection) -> None:
    """From here on this connection defines nothing, changes nothing that is append-only and loosens no rule of the
    database, whatever statement reaches it (R22).
    """

    def admits(act: int, first: str | None, second: str | None, *_: object) -> int:
        rewrites = act in _REWRITING and first in _KEPT
        loosens = act == sqlite3.SQLITE_PRAGMA and second is not None and str(first).lower() in _LOOSENING
        return sqlite3.SQLITE_DENY if rewrites or loosens or act in _DEFINING else sqlite3.SQLITE_OK

    _driver(connection).set_authorizer(admits)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _check(connection: Connection) -> None:
    """Refuse to start on a database that could lose or rewrite what was acknowledged."""
    with connection.begin():
        schema.require_triggers(connection)
        mode = connection.scalar(text("PRAGMA journal_mode"))
        synchronous = connection.scalar(text("PRAGMA synchronous"))
    if mode != "wal" or synchronous != 2:
        raise DatabaseUnavailable(
            f"SQLite runs with journal_mode={mode}, synchronous={synchronous}; WAL and FULL (2) are needed "
            "so that nothing acknowledged is lost. Is the data directory on a network file system? Move it "
            "to a local disk."
        )
