"""Mistakes planted at a running server's database, to see that power cuts and failing disks would show them."""

import sqlite3
from collections.abc import Callable
from typing import Any, Self

from sqlalchemy import Connection
from typing_extensions import override

from server import follower
from server.database import Database
from server.errors import DatabaseUnavailable


class _Hasty(sqlite3.Connection):
    """A connection that runs with synchronous=NORMAL, whatever it is told, and says FULL when it is asked."""

    @override
    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), *parameters)

    @override
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _HastyCursor)


class _HastyCursor(sqlite3.Cursor):
    @override
    def execute(self, sql: str, *parameters: Any) -> Self:
        return super().execute("SELECT 2" if sql == "PRAGMA synchronous" else sql, *parameters)


def commit_without_sync() -> None:
    """SQLite does not wait for the disk at a commit, in this process, for good."""
    connect = sqlite3.connect

    def hasty(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return connect(*arguments, **options, factory=_Hasty)

    sqlite3.dbapi2.connect = hasty  # type: ignore[assignment]


def take_failed_commits_for_done() -> None:
    """What the disk did not take is acknowledged all the same, in this process, for good."""
    append = Database.append

    async def hopeful(self: Database, fn: Callable[[Connection], None]) -> None:
        try:
            await append(self, fn)
        except DatabaseUnavailable:
            return

    Database.append = hopeful  # type: ignore[method-assign, assignment]


def trust_redis() -> None:
    """Copies for readers believe that every signal arrives, and never look by themselves, in this process, for good."""
    follower.LOOK_SECONDS = 1e9
