"""The one connection to the database, and the one thread that uses it.

SQLite has one writer; libraries before 3.51.3 can lose commits in WAL mode when two connections write or
checkpoint (reliability guide, finding 13). So there is one connection ever, in one thread, and a lock file
keeps a second process out. All work is a plain function of a `Connection`, run whole in one transaction.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool, StaticPool

from server.errors import DatabaseInUse, DatabaseUnavailable, SchemaUnknown, SettingsError
from server.settings import Settings
from server.tables import TRIGGERS

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One SQLite connection behind one thread.

    `write(fn)` and `read(fn)` run `fn(connection)` in one transaction and return its value; functions run one
    after the other, in the order asked for. What `fn` raises is raised to the caller and nothing of it is
    kept.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = sqlite_path(settings)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._lock: int | None = None
        self._engine: Engine | None = None
        self._connection: Connection | None = None

    # --- asynchronous, for the server

    async def open(self) -> None:
        """Open the file, take its lock, bring the schema up to date. Raises `DatabaseUnavailable`."""
        await self._in_thread(self.open_here)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, after its transaction is on disk."""
        return await self._in_thread(self._transact, fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`; the same queue and transaction as a write, said apart for the
        reader's sake.
        """
        return await self._in_thread(self._transact, fn)

    async def close(self) -> None:
        """Finish what is queued, close the connection, give the lock back."""
        await self._in_thread(self.close_here)
        self._thread.shutdown(wait=True)

    async def _in_thread(self, fn: Callable[..., T], *arguments: Any) -> T:
        # Shielded: a caller that is cancelled must not leave a transaction half-waited for.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, fn, *arguments))

    # --- synchronous, for the command line: one thread, the caller's

    @classmethod
    @contextmanager
    def reading(cls, settings: Settings) -> Iterator[Connection]:
        """A connection for looking only, also while a server holds the database. Raises `DatabaseUnavailable`.

        It never writes, and beside a server it never checkpoints: the server's stays the one connection that does. What
        a server would refuse to start on can be looked at, for that is when looking is needed.
        """
        path = sqlite_path(settings)
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
                if _schema(connection) != {_steps()[-1]}:
                    raise SchemaUnknown("The database has another schema than this program. Do `unbracket migrate`.")
                yield connection
        finally:
            engine.dispose()
            if lock is not None:
                os.close(lock)

    def __enter__(self) -> Self:
        self.open_here()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_here()

    def run(self, fn: Callable[[Connection], T]) -> T:
        """The value of `fn(connection)`, in one transaction, in this thread (inside `with
        Database(settings)`).
        """
        return self._transact(fn)

    def open_here(self) -> None:
        """As `open`, in the calling thread."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _take_lock(self._path)
        try:
            self._engine = _engine(self._path)
            self._connection = self._engine.connect()
            migrate(self._connection)
            _check(self._connection)
            _restrict(self._connection)
        except BaseException:
            self.close_here()
            raise

    def close_here(self) -> None:
        """As `close`, in the calling thread."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _transact(self, fn: Callable[[Connection], T]) -> T:
        if self._connection is None:
            raise DatabaseUnavailable("The database is closed.")
        with self._connection.begin():
            return fn(self._connection)


def sqlite_path(settings: Settings) -> Path:
    """The database file of the settings. Raises `SettingsError` for any URL but sqlite:///path."""
    url = make_url(settings.url) if "://" in settings.url else None
    if url is None or url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        shown = url.render_as_string(hide_password=True) if url is not None else settings.url
        raise SettingsError(
            f"UNBRACKET_DATABASE_URL={shown} is not served: this release keeps its record in SQLite only. "
            "Leave it empty, or give sqlite:///path/to/unbracket.db."
        )
    return Path(url.database)


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest step, in one transaction. Raises `SchemaUnknown` when it is newer than that."""
    steps = _steps()
    with connection.begin():
        present = _schema(connection)
        if present - set(steps):
            raise SchemaUnknown(
                f"The database has schema {', '.join(sorted(present))}, which this program does not know: "
                "a newer one wrote it. Start that program, or restore a backup made before the upgrade."
            )
        if present != {steps[-1]}:
            # Imported only here: it takes as long as half a start, and most starts find nothing to do.
            from alembic import command

            command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> "Config":
    """Alembic's configuration, bound to a connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _steps() -> list[str]:
    return sorted(file.stem.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _schema(connection: Connection) -> set[str]:
    if connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")) is None:
        return set()
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


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
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


_DEFINING = frozenset(
    code for name, code in vars(sqlite3).items() if name.startswith(("SQLITE_CREATE_", "SQLITE_DROP_", "SQLITE_ALTER_"))
) | {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}


def _restrict(connection: Connection) -> None:
    """From here on this connection defines nothing and changes no entry or version, whatever statement reaches it
    (R22).
    """

    def admits(act: int, first: str | None, *_: object) -> int:
        rewrites = act in {sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE} and first in {"entries", "versions"}
        return sqlite3.SQLITE_DENY if rewrites or act in _DEFINING else sqlite3.SQLITE_OK

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_authorizer(admits)


def missing_triggers(connection: Connection) -> list[str]:
    """Which of the triggers that keep the logs append-only are not there."""
    present = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    return sorted(TRIGGERS - set(present))


def _check(connection: Connection) -> None:
    """Refuse to start on a database that could lose or rewrite what was acknowledged."""
    with connection.begin():
        missing = missing_triggers(connection)
        mode = connection.scalar(text("PRAGMA journal_mode"))
        synchronous = connection.scalar(text("PRAGMA synchronous"))
    if missing:
        raise DatabaseUnavailable(
            f"The database lacks its append-only triggers ({', '.join(missing)}). Somebody changed "
            "its schema by hand; restore a backup and check it with `unbracket verify-log`."
        )
    if mode != "wal" or synchronous != 2:
        raise DatabaseUnavailable(
            f"SQLite runs with journal_mode={mode}, synchronous={synchronous}; WAL and FULL (2) are needed "
            "so that nothing acknowledged is lost. Is the data directory on a network file system? Move it "
            "to a local disk."
        )
