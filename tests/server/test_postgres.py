"""PostgreSQL as the record: what it must be to be trusted, what several processes may do at once, who may do what."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, ProgrammingError

from crdt.step import Append
from opinions.roles import Role
from server import log_store, postgres
from server.audit_store import AuditEvent, Kind, note
from server.database import Database
from server.errors import AppendConflict, DatabaseUnavailable, WriterRevoked
from server.opinion_store import create_opinion
from server.ownership_store import acquire, beat, release, renew
from server.people_store import PeopleRefused, add_member, all_members, change_member
from server.settings import Settings
from server.tables import members, owners
from server.update_log import UpdateLog
from tests.server.test_log_store import chain
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.stock import OPINION, stocked

DATABASES = ("postgresql",)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROLES = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sql"


# --- what it must be


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that tests may start again with other options."""
    with postgres_server() as server:
        yield server


@pytest.mark.parametrize("option", ["fsync", "full_page_writes", "synchronous_commit"])
def test_r21_a_server_that_may_lose_what_it_acknowledged_is_refused(own_server: PostgresServer, option: str) -> None:
    settings = Settings(database_url=own_server.url())
    own_server.stop()
    own_server.options[option] = "off"
    own_server.start()
    try:
        with pytest.raises(DatabaseUnavailable, match=f"{option}=off"), Database(settings):
            pass
    finally:
        own_server.stop()
        del own_server.options[option]
        own_server.start()
    with Database(settings):
        pass


def test_an_old_server_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "OLDEST", 990000)
    with pytest.raises(DatabaseUnavailable, match="is too old"), Database(settings):
        pass


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE entries DISABLE TRIGGER entries_no_delete", "entries_no_delete"),
        ("DROP TRIGGER versions_no_truncate ON versions", "versions_no_truncate"),
        ("ALTER ROLE CURRENT_USER IN DATABASE {} SET session_replication_role = replica", "session_replication_role"),
        ("ALTER DATABASE {} SET synchronous_commit = off", "synchronous_commit=off"),
    ],
)
def test_a_database_that_does_not_guard_its_logs_is_refused(own_settings: Settings, statement: str, told: str) -> None:
    name = own_settings.url.rpartition("/")[2]
    with psycopg.connect(own_settings.url) as connection:
        connection.execute(statement.format(name).encode())
    with pytest.raises(DatabaseUnavailable, match=told), Database(own_settings):
        pass


def test_two_processes_that_start_at_once_migrate_once(own_server: PostgresServer) -> None:
    with psycopg.connect(own_server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE twice")
    settings = Settings(database_url=own_server.url("twice"))
    failed: list[BaseException] = []

    def start() -> None:
        try:
            with Database(settings) as database:
                database.run(all_members)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


# --- what it keeps


@pytest.fixture
def logged(database: Database) -> Database:
    """An Opinion with three entries."""
    database.run(lambda c: create_opinion(c, "op-one", "Draft", NOON))
    append = (Append("op-one", 0, 1, chain("op-one", 3)),)
    database.run(lambda c: log_store.append(c, "op-one", append, "key", NOON))
    return database


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET payload = 'x' WHERE seq = 1",
        "UPDATE entries SET seq = 9 WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 3",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "TRUNCATE documents CASCADE",
        "TRUNCATE versions CASCADE",
        "DELETE FROM documents",
        "DELETE FROM opinions",
        "INSERT INTO entries SELECT * FROM entries ON CONFLICT (document, seq) DO UPDATE SET payload = 'x'",
        "MERGE INTO entries USING documents ON entries.document = documents.id WHEN MATCHED THEN DELETE",
    ],
)
def test_no_statement_changes_an_entry(logged: Database, statement: str) -> None:
    """Finding 6, also for a superuser who does not switch the guard off."""
    before = logged.run(lambda c: log_store.load_log(c, "op-one"))
    with pytest.raises(IntegrityError):
        logged.run(lambda c: c.execute(text(statement)))
    assert logged.run(lambda c: log_store.load_log(c, "op-one")) == before


# --- who may what


def test_r21_the_servers_role_works_and_rewrites_nothing(own_settings: Settings) -> None:
    with psycopg.connect(own_settings.url, autocommit=True) as connection:
        for _ in range(2):
            connection.execute(ROLES.read_bytes())
    app = replace(own_settings, database_url=own_settings.url.replace("//postgres@", "//unbracket@"))
    stock = stocked(app)
    with Database(app) as database:
        database.run(lambda c: beat(c, "north", "", "", False))
        assert database.run(lambda c: acquire(c, OPINION, "north", 5)).fence == 1
        assert stock.people
        database.run(lambda c: note(c, AuditEvent(Kind.EXPORT, datetime.now(UTC))))
        for statement in (
            "UPDATE entries SET payload = 'x'",
            "UPDATE audit_events SET detail = 'x'",
            "DELETE FROM audit_events",
            "TRUNCATE audit_events",
            "DELETE FROM entries",
            "TRUNCATE entries",
            "DELETE FROM versions",
            "UPDATE keys SET public_key = 'x'",
            "DELETE FROM documents",
            "ALTER TABLE entries DISABLE TRIGGER ALL",
            "DROP TRIGGER entries_no_update ON entries",
            "DROP TABLE entries",
            "CREATE TABLE other (id integer)",
            "SET session_replication_role = replica",
            "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                database.run(partial(Connection.execute, statement=text(statement)))
    with psycopg.connect(own_settings.url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(DatabaseUnavailable, match="as the owner"), Database(app):
        pass


# --- several processes at once


async def opened(settings: Settings) -> Database:
    database = Database(settings)
    await database.open()
    return database


async def test_what_a_write_looked_at_holds_until_its_commit(settings: Settings) -> None:
    """Each looks first, and nothing in the tables would stop them: the last administrator, a name, an address."""
    one, other = await opened(settings), await opened(settings)
    try:
        for number in range(5):
            await one.write(lambda c: c.execute(update(members).values(suspended=True)))
            for name in ("Ada", "Eve"):
                add = partial(add_member, name=f"{name} {number}", member_id=f"{name}-{number}")
                await one.write(partial(add, role=Role.ADMINISTRATOR))
            leave = (
                one.write(partial(demote, member=f"Ada-{number}")),
                other.write(partial(demote, member=f"Eve-{number}")),
            )
            assert await refused(*leave) == 1, "the last administrator stays"
            add = partial(add_member, name=f"Amara {number}", role=Role.SECRETARIAT, email=f"amara{number}@example.org")
            assert await refused(one.write(add), other.write(add)) == 1
    finally:
        await one.close()
        await other.close()


async def refused(*asked: Awaitable[object]) -> int:
    """How many of what is asked at once are refused; what else is raised fails."""
    results = await asyncio.gather(*asked, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, PeopleRefused):
            raise result
    return sum(isinstance(result, PeopleRefused) for result in results)


def demote(connection: Connection, member: str) -> None:
    """Make an administrator something else."""
    change_member(connection, member, name=member, role=Role.SECRETARIAT, delegation=None, email="")


async def test_r8_an_append_sees_a_revocation_that_was_being_committed(settings: Settings) -> None:
    database = await opened(settings)
    log = UpdateLog(database, "key")
    running = asyncio.create_task(log.run())
    engine = create_engine(settings.url)
    try:
        await database.write(lambda c: create_opinion(c, "op-one", "Draft", NOON))
        await database.write(lambda c: c.execute(insert(members).values(id="m-a", name="A", role=Role.SECRETARIAT)))
        with engine.connect() as chair:
            chair.execute(update(members).values(version=2))
            late = asyncio.create_task(log.append("op-one", (Append("op-one", 0, 1, chain("op-one", 1)),), {"m-a": 1}))
            await waits_for_a_lock(database)
            chair.commit()
            with pytest.raises(WriterRevoked):
                await late
        assert (await database.read(lambda c: log_store.load_log(c, "op-one"))).seq == 0
    finally:
        engine.dispose()
        running.cancel()
        await database.close()


async def test_r14_who_takes_over_waits_for_the_append_under_way_and_loads_it(settings: Settings) -> None:
    north, south = await opened(settings), await opened(settings)
    engine = create_engine(settings.url)
    entries = chain("op-one", 2)
    try:
        await north.write(lambda c: create_opinion(c, "op-one", "Draft", NOON))
        fence = (await north.write(partial(acquire, opinion="op-one", node="north", seconds=30))).fence
        await north.write(lambda c: c.execute(update(owners).values(until=NOON - timedelta(days=9))))
        with engine.connect() as paused:
            log_store.append(paused, "op-one", (Append("op-one", 0, 1, entries[:1]),), "key", NOON, fence)
            taking = asyncio.create_task(south.write(partial(acquire, opinion="op-one", node="south", seconds=30)))
            await waits_for_a_lock(north)
            paused.commit()
        taken = await taking
        assert (taken.node, taken.fence) == ("south", 2)
        loaded = await south.read(partial(log_store.load_log, document="op-one"))
        assert loaded.tail == entries[:1]
        late = partial(log_store.append, opinion="op-one", appends=(Append("op-one", 1, 1, entries[1:]),), key="key")
        with pytest.raises(AppendConflict):
            await north.append(partial(late, at=NOON, fence=fence))
        await south.append(partial(late, at=NOON, fence=taken.fence))
    finally:
        engine.dispose()
        await north.close()
        await south.close()


async def waits_for_a_lock(database: Database) -> None:
    """Return once some statement of the database waits for another's commit."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(2000):
        if await database.read(lambda c: c.scalar(text(waiting))):
            return
        await asyncio.sleep(0.001)
    raise AssertionError("nobody waited")


async def test_reads_do_not_wait_behind_a_write_and_appends_neither(settings: Settings) -> None:
    database = await opened(settings)
    go = threading.Event()
    try:
        held = asyncio.create_task(database.write(lambda c: go.wait(20)))
        appended = database.append(lambda c: create_opinion(c, "op-one", "Draft", NOON))
        assert (await asyncio.wait_for(appended, 15)).id == "op-one"
        assert await asyncio.wait_for(database.read(lambda c: c.scalar(text("SELECT 1"))), 15) == 1
        assert not held.done()
        go.set()
        assert await held
    finally:
        go.set()
        await database.close()


async def test_what_only_looks_changes_nothing_and_sees_one_moment(settings: Settings) -> None:
    database = await opened(settings)
    try:
        with pytest.raises((InternalError, DBAPIError, DatabaseUnavailable), match="read-only"):
            await database.read(lambda c: create_opinion(c, "op-one", "Draft", NOON))

        def look(connection: Connection) -> tuple[int, int]:
            first = len(connection.execute(select(members)).all())
            asyncio.run_coroutine_threadsafe(
                database.write(partial(add_member, name="Amara", role=Role.SECRETARIAT)), loop
            ).result(15)
            return first, len(connection.execute(select(members)).all())

        loop = asyncio.get_running_loop()
        assert await database.read(look) == (0, 0)
        assert len(await database.read(all_members)) == 1
    finally:
        with suppress(DatabaseUnavailable):
            await database.close()


async def test_r14_nodes_that_fight_for_opinions_get_each_fence_once(settings: Settings) -> None:
    """Leases too short to hold, four nodes at once: every fence is one node's, and whoever appended held it."""
    opinions = ("op-one", "op-two", "op-three")
    nodes = {name: await opened(settings) for name in ("north", "south", "east", "west")}
    held: dict[tuple[str, int], set[str]] = {}

    async def fight(name: str, database: Database) -> None:
        rng = random.Random(name)
        for _ in range(25):
            # On a crowded machine somebody may find the others in the way every time: that is told, and tried again.
            with suppress(DatabaseUnavailable):
                await database.write(partial(beat, node=name, address="", build="", draining=False))
                owner = await database.write(partial(acquire, opinion=rng.choice(opinions), node=name, seconds=0.001))
                held.setdefault((owner.opinion, owner.fence), set()).add(owner.node)
                await database.write(partial(renew, node=name, seconds=0.001))
                if owner.node == name:
                    await database.write(partial(release, opinion=owner.opinion, node=name, fence=owner.fence))

    try:
        for opinion in opinions:
            await nodes["north"].write(partial(create_opinion, opinion_id=opinion, title="Draft", at=NOON))
        await asyncio.gather(*(fight(name, database) for name, database in nodes.items()))
    finally:
        for database in nodes.values():
            await database.close()
    assert all(len(names) == 1 for names in held.values()), held
    for opinion in opinions:
        fences = sorted(fence for named, fence in held if named == opinion)
        assert fences == list(range(1, len(fences) + 1)), "none is left out, either"
