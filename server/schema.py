"""The schema in a database: which step it is at, how it gets to the newest one, and the triggers it must have."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from server.errors import DatabaseUnavailable, SchemaUnknown
from server.tables import APPEND_ONLY, TRIGGERS

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x756E6272
"""An arbitrary number, the same in every release: of two processes that start at once, one migrates."""


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest step, in one transaction. Raises `SchemaUnknown` when it is newer than that."""
    steps = _steps()
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})
        present = steps_of(connection)
        if present - set(steps):
            raise SchemaUnknown(
                f"The database has schema {', '.join(sorted(present))}, which this program does not know: "
                "a newer one wrote it. Start that program, or restore a backup made before the upgrade."
            )
        if present != {steps[-1]}:
            # Imported only here: it takes as long as half a start, and most starts find nothing to do.
            from alembic import command

            command.upgrade(alembic_config(connection), "head")


def require_newest(connection: Connection) -> None:
    """That the schema is this program's, for who only looks. Raises `SchemaUnknown`."""
    if steps_of(connection) != {_steps()[-1]}:
        raise SchemaUnknown("The database has another schema than this program. Do `unbracket migrate`.")


def require_triggers(connection: Connection) -> None:
    """That the logs are append-only. Raises `DatabaseUnavailable`."""
    if missing := missing_triggers(connection):
        raise DatabaseUnavailable(
            f"The database lacks its append-only triggers ({', '.join(missing)}). Somebody changed "
            "its schema by hand; restore a backup and check it with `unbracket verify-log`."
        )


def missing_triggers(connection: Connection) -> list[str]:
    """Which of the triggers that keep the logs append-only are not there, or are switched off."""
    dialect = connection.dialect.name
    present = connection.scalars(text(_PRESENT_TRIGGERS[dialect]))
    return sorted(TRIGGERS[dialect] - set(present))


_PRESENT_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    f"WHERE relname IN ({', '.join(repr(table) for table in APPEND_ONLY)}) "
    "AND tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)",
}


def steps_of(connection: Connection) -> set[str]:
    """The step that the schema is at; none where there is no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


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
