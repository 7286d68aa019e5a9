"""The database, of either kind: its own rules, and the way from schema to schema."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from crdt.step import Append
from server import log_store
from server.database import Database
from server.errors import DatabaseUnavailable, SchemaUnknown, SettingsError
from server.opinion_store import create_opinion
from server.process_store import load_process
from server.schema import alembic_config, missing_triggers
from server.settings import Settings
from server.tables import metadata, opinions, process
from tests.server.test_log_store import chain
from tests.support.services import BOTH

DATABASES = BOTH
NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)


def differences(connection: Connection) -> list[object]:
    """What the schema in the database has otherwise than the tables say."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def beside(settings: Settings, step: str) -> set[str]:
    """Take the schema down to a step; the tables that are left."""
    engine = create_engine(settings.url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), step)
        left = set(inspect(connection).get_table_names())
    engine.dispose()
    return left


def test_the_schema_is_what_the_tables_say(database: Database) -> None:
    assert database.run(differences) == []


def test_the_newest_file_is_alembics_head(database: Database) -> None:
    heads = database.run(lambda c: ScriptDirectory.from_config(alembic_config(c)).get_heads())
    assert database.run(lambda c: c.scalar(text("SELECT version_num FROM alembic_version"))) == heads[0]
    assert len(heads) == 1


def test_down_to_nothing_and_up_again(own_settings: Settings) -> None:
    with Database(own_settings):
        pass
    assert beside(own_settings, "base") == {"alembic_version"}
    with Database(own_settings) as database:
        assert database.run(differences) == []
        assert database.run(lambda c: c.execute(select(process)).all()) == []


def test_a_database_of_the_build_before_is_brought_along_with_all_it_holds(own_settings: Settings) -> None:
    """To 0001, as the release before has it, with a log in it; and up again at the next start."""
    entries = chain("op-one", 3)
    with Database(own_settings) as database:
        database.run(lambda c: create_opinion(c, "op-one", "Draft", NOON))
        append = (Append("op-one", 0, 1, entries),)
        database.run(lambda c: log_store.append(c, "op-one", append, "key", NOON))
    assert "owners" not in beside(own_settings, "0001")
    with pytest.raises(SchemaUnknown, match="unbracket migrate"), Database.reading(own_settings):
        pass
    with Database(own_settings) as database:
        assert database.run(differences) == []
        assert database.run(missing_triggers) == []
        assert database.run(lambda c: log_store.load_log(c, "op-one")).tail == entries
        append = (Append("op-one", 3, 1, chain("op-one", 1, after=3, previous=entries[-1].hash)),)
        database.run(lambda c: log_store.append(c, "op-one", append, "key", NOON))


def test_av1_who_saw_names_before_the_switch_sees_them_after_and_nobody_else(own_settings: Settings) -> None:
    """[AV1] Observers without names become the setting `delegations`: exports of the group held names then, too."""
    with Database(own_settings):
        pass
    for before, after in (("none", "delegations"), ("delegation", "all")):
        beside(own_settings, "0015")
        engine = create_engine(own_settings.url)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM process"))
            named = "INSERT INTO process (id, name, attribution_for_observers) VALUES (1, 'x', :was)"
            connection.execute(text(named), {"was": before})
        engine.dispose()
        with Database(own_settings) as database:
            assert database.run(lambda c: load_process(c)).attribution == after


def test_a_schema_from_the_future_is_refused(own_settings: Settings) -> None:
    with Database(own_settings) as database:
        database.run(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaUnknown, match="9999"), Database(own_settings):
        pass


def test_where_nothing_was_set_up_nothing_is_made(own_settings: Settings, kind: str) -> None:
    if kind == "sqlite":
        with pytest.raises(DatabaseUnavailable, match="unbracket init"):
            Database.require_process(own_settings)
        with pytest.raises(DatabaseUnavailable, match="no database"), Database.reading(own_settings):
            pass
        assert not own_settings.data_dir.exists()
        with Database(own_settings):
            pass
    Database.require_process(own_settings)


@pytest.mark.parametrize("url", ["postgresql://user:secret@db", "sqlite://", "sqlite:///:memory:", "x", "mysql://h/x"])
def test_only_a_sqlite_file_and_postgresql_are_served(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="is not served") as refused:
        Database(Settings(data_dir=tmp_path, database_url=url))
    assert "secret" not in str(refused.value)


async def test_what_a_failed_function_wrote_is_not_kept(settings: Settings) -> None:
    database = Database(settings)
    await database.open()

    def fail(connection: Connection) -> None:
        connection.execute(insert(process).values(id=1, name="half"))
        raise LookupError("no")

    try:
        with pytest.raises(LookupError):
            await database.write(fail)
        assert await database.read(lambda c: c.execute(select(process)).all()) == []
    finally:
        await database.close()


def test_times_are_aware_and_come_back_in_utc(database: Database) -> None:
    late = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    database.run(lambda c: c.execute(insert(opinions).values(id="one", position=1, title="t", created_at=late)))
    found = database.run(lambda c: c.scalar(select(opinions.c.created_at)))
    assert found is not None
    assert found.isoformat() == NOON.isoformat()
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without zone"):
        database.run(lambda c: c.execute(insert(opinions).values(id="two", position=2, title="t", created_at=naive)))


def entry(seq: int, *, client: str = "1000", n: str = "1", key: str = "NULL") -> str:
    """An insert of an entry of the document "one"."""
    return (
        "INSERT INTO entries (document, seq, generation, epoch, kind, client, n, key, member, name, party, typist, at, "
        f"command, result, payload, hash) VALUES ('one', {seq}, 1, 1, 'update', {client}, {n}, {key}, 'm', 'N', 'XAA', "
        "'', '2026-11-22 12:00:00', '', '', :hash, :hash)"
    )


def put(database: Database, statement: str) -> None:
    """Execute an insert, with the hashes and times that it names."""
    given = {"hash": bytes(32), "short": bytes(31)}
    named = {name: value for name, value in given.items() if f":{name}" in statement}
    database.run(lambda c: c.execute(text(statement), named))


@pytest.mark.parametrize(
    "statement",
    [
        entry(1),
        entry(4, client="NULL", n="1"),
        entry(0, n="5"),
        entry(4, n="2"),
        entry(4, client="NULL", n="NULL", key="'k-1'"),
        entry(4, n="5").replace("'update'", "'gossip'"),
        entry(4, n="5").replace(":hash)", ":short)"),
        entry(4, n="5").replace("'one'", "'none such'"),
        "INSERT INTO documents (id, opinion, head_hash) VALUES ('other', 'one', :hash)",
        "INSERT INTO documents (id, opinion, delegation, head_hash) VALUES ('other', 'one', 'XZZ', :hash)",
        "INSERT INTO members (id, name, role) VALUES ('m', 'N', 'expert')",
        "INSERT INTO members (id, name, role) VALUES ('m', 'N', 'chair')",
        "INSERT INTO process (id, name) VALUES (2, 'second')",
        "INSERT INTO leases (document, client, member, created_at) VALUES ('one', 999, 'm', '2026-11-22')",
        "INSERT INTO owners (opinion, node, fence, until) VALUES ('one', 'n', 0, '2026-11-22')",
    ],
)
def test_the_database_keeps_the_rules_itself(database: Database, statement: str) -> None:
    database.run(lambda c: c.execute(insert(opinions).values(id="one", position=1, title="t", created_at=NOON)))
    document = "INSERT INTO documents (id, opinion, head_hash) VALUES ('one', 'one', :hash)"
    for first in (document, entry(1), entry(2, n="2"), entry(3, client="NULL", n="NULL", key="'k-1'")):
        put(database, first)
    with pytest.raises(IntegrityError):
        put(database, statement)
