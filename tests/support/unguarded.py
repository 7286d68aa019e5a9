"""Changes that the database itself refuses, made all the same: for tests of what is seen of them afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

from server.settings import Settings


@contextmanager
def unguarded(settings: Settings, table: str) -> Iterator[Connection]:
    """A connection of its own for which nothing guards a table that rows are only added to; after the block what was
    done there is committed, and the same guards are back.
    """
    engine = create_engine(settings.url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            yield connection
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        else:
            chosen = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
            guards = connection.execute(chosen, {"table": table}).all()
            for guard in guards:
                connection.execute(text(f"DROP TRIGGER {guard.name}"))
            yield connection
            for guard in guards:
                connection.execute(text(guard.sql))
    engine.dispose()
