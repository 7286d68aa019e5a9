"""The record in PostgreSQL: a connection each for writing, for appending to the logs, and for reading.

Whoever checks before writing is right because `writer` is SERIALIZABLE, and runs the function again when two got in
each other's way, also over several processes. Appends lock the rows that they stand on instead (reliability guide,
finding 5), which two rooms never share. Whatever happens to the server, nobody waits beyond a line's `patience`.
"""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.pool import QueuePool

from server import postgres_tools, schema
from server.errors import DatabaseUnavailable, DatabaseUnreachable

T = TypeVar("T")

WRITING_SECONDS = 2.0
"""The longest that one statement or commit waits; then the connection is given up."""
READING_SECONDS = 10.0
"""The same for what only looks: the log of a long day is much to read."""
LOCK_SECONDS = 1.5
"""The longest that a statement waits for another transaction's lock; deadlocks are found within 1 s."""
STALLED_SECONDS = 4.0
"""A process that stands still in the middle of a transaction gives its locks up after this."""
OLDEST = 140000
"""The first version served, as PostgreSQL numbers itself."""

_ATTEMPTS = 12
_READERS = 2
_OPTIONS = {
    "application_name": "unbracket",
    "connect_timeout": 2,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 2000,
}
_IN_THE_WAY = frozenset({"40001", "40P01"})
_TAKEN = "23505"
_REFUSING = ("08", "53", "55P03", "57", "58", "25006", "25P03")

_log = logging.getLogger("unbracket.database")


class PostgresRecord:
    """The connections of one server process. They are made when first used, and anew when they were lost."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self.writer = Line(url, "SERIALIZABLE", WRITING_SECONDS)
        self.appender = Line(url, "READ COMMITTED", WRITING_SECONDS)
        self.patient = Line(url, "SERIALIZABLE", 0.0)
        self.readers = tuple(Line(url, "REPEATABLE READ", READING_SECONDS, read_only=True) for _ in range(_READERS))

    def open(self) -> None:
        """Bring the schema up to date, and refuse a server that could lose or rewrite what was acknowledged.

        Raises `DatabaseUnavailable`.
        """
        try:
            self.appender.prepare()
        except BaseException:
            self.close()
            raise

    def copy(self, target: Path) -> None:
        """Copy the database by pg_dump, which disturbs nobody. Raises `DatabaseUnavailable`."""
        postgres_tools.run(self._url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")

    def advise(self) -> None:
        """Log what could be safer."""
        may_rewrite = text("SELECT has_table_privilege('entries', 'UPDATE, DELETE, TRUNCATE')")
        if self.writer.transact(lambda connection: connection.scalar(may_rewrite)):
            _log.warning("the database's user may switch off what keeps the logs: see deploy/postgres/roles.sql")

    def close(self) -> None:
        """Close all connections. No function may be running."""
        for line in (self.writer, self.appender, self.patient, *self.readers):
            line.close()


class Line:
    """One connection, used by one thread; `waited` and `cut` are for the thread that watches over it."""

    def __init__(self, url: URL, isolation: str, patience: float, *, read_only: bool = False) -> None:
        self.patience = patience
        self._where = url.render_as_string(hide_password=True)
        self._again = isolation == "SERIALIZABLE"
        limits = {
            "statement_timeout": patience,
            "lock_timeout": LOCK_SECONDS,
            "idle_in_transaction_session_timeout": STALLED_SECONDS,
        }
        options = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items())
        chosen = {**_OPTIONS, "options": options} if patience else _OPTIONS
        self._engine = _engine(url, isolation, read_only, chosen)
        self._committing = self._given_up = False
        self._watch = threading.Lock()
        self._asked = 0.0
        self._driver: psycopg.Connection[Any] | None = None
        event.listen(self._engine, "checkout", self._taken)
        event.listen(self._engine, "before_cursor_execute", lambda *_: self._waits())
        event.listen(self._engine, "after_cursor_execute", lambda *_: self._answered())
        event.listen(self._engine, "handle_error", lambda _: self._answered())

    def transact(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, in one transaction; committed when this returns.

        `fn` may run more than once; of an attempt that failed nothing is kept. Raises `DatabaseUnavailable` for what is
        the database's own, and `DatabaseUnreachable` when it does not answer: what was being committed at that moment
        may have been kept.
        """
        lost = taken = False
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))
            try:
                return self._once(fn)
            except DBAPIError as error:
                state = _state(error)
                if state in _IN_THE_WAY:
                    continue
                if state == _TAKEN and self._again and not taken:
                    # Another process put the same key there after this one had looked: look once more.
                    taken = True
                    continue
                if error.connection_invalidated and not (self._committing or self._given_up or lost):
                    # Lost before it was asked to commit, so nothing was: the connection was an old one.
                    lost = True
                    continue
                raise self._told(error) from error
            finally:
                self._answered()
        raise DatabaseUnavailable("Too many changed the same at once. Try again.")

    def prepare(self) -> None:
        """Migrate and check. Raises `DatabaseUnavailable`."""
        try:
            with self._engine.connect() as connection:
                _check_server(connection)
                connection.rollback()
                schema.migrate(connection)
                with connection.begin():
                    schema.require_triggers(connection)
        except DBAPIError as error:
            if isinstance(error, ProgrammingError) and _state(error) == "42501":
                raise DatabaseUnavailable(
                    "The database's schema is older than this program, and its user may not change it. Do `unbracket "
                    "migrate` as the owner of the tables (deploy/postgres/roles.sql)."
                ) from error
            raise self._told(error) from error

    def waited(self) -> float:
        """Seconds that the running statement or commit has waited for an answer; 0 when none runs."""
        asked = self._asked
        return time.monotonic() - asked if asked else 0.0

    def cut(self) -> None:
        """Give up the connection under the thread that waits on it, which then raises."""
        with self._watch:
            if not self._asked or self._driver is None:
                return
            self._given_up = True
            with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._driver.fileno())) as under:
                under.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    def _once(self, fn: Callable[[Connection], T]) -> T:
        self._committing = self._given_up = False
        with self._engine.connect() as connection:
            transaction = connection.begin()
            try:
                value = fn(connection)
            except BaseException:
                self._waits()
                transaction.rollback()
                raise
            self._waits()
            # From here on the outcome can be unknown.
            self._committing = True
            transaction.commit()
            return value

    def _taken(self, driver: Any, *_: Any) -> None:
        with self._watch:
            self._driver = driver

    def _waits(self) -> None:
        with self._watch:
            self._asked = time.monotonic()

    def _answered(self) -> None:
        with self._watch:
            self._asked = 0.0

    def _told(self, error: DBAPIError) -> Exception:
        """The error as callers know it: what is the database's own, or the error itself."""
        state = _state(error)
        if error.connection_invalidated or (not state and isinstance(error.orig, psycopg.OperationalError)):
            return DatabaseUnreachable(f"The database {self._where} does not answer: {_reason(error)}")
        if state.startswith(_REFUSING):
            return DatabaseUnavailable(f"The database {self._where} cannot do that now: {_reason(error)}")
        return error


@contextmanager
def reading(url: URL) -> Iterator[Connection]:
    """A connection for looking only, without hurry. Raises `DatabaseUnavailable`.

    What a server would refuse to start on can be looked at, for that is when looking is needed.
    """
    with _patiently(url) as connection, connection.begin():
        schema.require_newest(connection)
        yield connection


def require_process(url: URL) -> None:
    """That the database has been set up. Raises `DatabaseUnavailable`; nothing is created."""
    with _patiently(url) as connection:
        if not schema.steps_of(connection):
            raise DatabaseUnavailable(
                f"There is no process in {url.render_as_string(hide_password=True)}. Set one up with `unbracket init`, "
                "or check UNBRACKET_DATABASE_URL."
            )


def require_empty(url: URL) -> None:
    """That nothing has been set up there. Raises `DatabaseUnavailable`."""
    with _patiently(url) as connection:
        if schema.steps_of(connection):
            raise DatabaseUnavailable(
                f"{url.render_as_string(hide_password=True)} holds a process already. Make an empty database and name "
                "it by UNBRACKET_DATABASE_URL."
            )


def bring_back(url: URL, copy: Path) -> None:
    """Put a dump into an empty database, all of it or nothing. Raises `DatabaseUnavailable`."""
    told = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    postgres_tools.run(url, "pg_restore", *told, str(copy))


@contextmanager
def _patiently(url: URL) -> Iterator[Connection]:
    engine = _engine(url, "REPEATABLE READ", True, {"application_name": "unbracket", "connect_timeout": 2})
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        if _state(error):
            raise
        shown = url.render_as_string(hide_password=True)
        raise DatabaseUnreachable(f"The database {shown} does not answer: {_reason(error)}") from error
    finally:
        engine.dispose()


def _engine(url: URL, isolation: str, read_only: bool, options: dict[str, Any]) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        isolation_level=isolation,
        execution_options={"postgresql_readonly": True} if read_only else {},
        # What the URL itself says goes first.
        connect_args={name: value for name, value in options.items() if name not in url.query},
    )


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _check_server(connection: Connection) -> None:
    """Refuse a server that may lose what it has acknowledged, or cannot hold what is written."""
    names = "server_version_num fsync full_page_writes synchronous_commit server_encoding session_replication_role"
    found = {name: str(connection.scalar(text(f"SHOW {name}"))) for name in names.split()}
    if int(found["server_version_num"]) < OLDEST:
        version = connection.scalar(text("SHOW server_version"))
        raise DatabaseUnavailable(f"PostgreSQL {version} is too old: 14 or newer is needed.")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if found[name] == "off":
            raise DatabaseUnavailable(
                f"PostgreSQL runs with {name}=off: a power cut would lose what was acknowledged. Switch it on in "
                "postgresql.conf (and for the role and the database, if it is set there), then reload the server."
            )
    if found["server_encoding"] != "UTF8":
        raise DatabaseUnavailable(
            f"The database is encoded in {found['server_encoding']}: make it anew with ENCODING 'UTF8'."
        )
    if found["session_replication_role"] != "origin":
        raise DatabaseUnavailable("session_replication_role is not origin: no trigger would keep the logs append-only.")
    if connection.scalar(text("SELECT pg_is_in_recovery()")):
        raise DatabaseUnavailable("This PostgreSQL is a standby and takes no writes. Name the primary server.")
