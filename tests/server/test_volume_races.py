"""Volumes and numbers on both databases: who publishes at once, two who give one number, rows that nothing changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Connection, Table, delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from server.database import Database
from server.ids import new_id
from server.key_store import register_key
from server.settings import Settings
from server.sg_report import store
from server.sg_report.store import By
from server.signing import SigningKey, load_key
from server.tables.volumes import document_numbers_given, published_volumes, sg_revisions, sg_sections
from server.volumes import numbers, publishing
from server.volumes.contents import VolumeContents, load_contents
from server.volumes.numbers import NumberKind, NumberRefused
from server.volumes.publishing import VolumeRefused, Wanted
from tests.support.services import BOTH

DATABASES = BOTH
NOW = datetime(2026, 4, 13, 9, tzinfo=UTC)
PATIENCE = 60


def ready(connection: Connection, key: SigningKey) -> str:
    """A volume that waits for nothing, number 1: its fingerprint."""
    by = By("m-sec", "Sam Clerk", NOW)
    register_key(connection, key, NOW)
    store.add_section(connection, "Background", 1, "Words.", "", by, new_id)
    number = publishing.prepare(connection, Wanted("First draft"), by)
    publishing.give_number(connection, number, "S24-WTPF26PREP-R-0001", by)
    return load_contents(connection, number).fingerprint


def test_vo7_two_clerks_publish_at_once(database: Database, settings: Settings) -> None:
    """[VO7] Each over a connection of its own, where the database takes two."""
    key = load_key(settings.data_dir / "race.key")
    seen = database.run(lambda connection: ready(connection, key))
    both = Barrier(2, timeout=PATIENCE)

    def publish(name: str) -> VolumeContents | VolumeRefused | NumberRefused:
        by = By("m-sec", name, NOW)

        def act(connection: Connection) -> VolumeContents:
            numbers.give(connection, "IEG-WTPF-26-4/1", NumberKind.OTHER, "One of two", NOW)
            return publishing.publish(connection, 1, seen, key, by)

        def tried(on: Database) -> VolumeContents | VolumeRefused | NumberRefused:
            try:
                return on.run(act)
            except (VolumeRefused, NumberRefused) as refused:
                return refused

        if not database.is_shared:
            return tried(database)
        with Database(settings) as own:
            both.wait()
            return tried(own)

    if database.is_shared:
        with ThreadPoolExecutor(2) as hands:
            found = list(hands.map(publish, ("Ann", "Bob")))
    else:
        found = [publish("Ann"), publish("Bob")]
    assert sum(isinstance(one, VolumeContents) for one in found) == 1
    assert database.run(lambda c: c.scalar(select(func.count()).select_from(published_volumes))) == 1
    given = select(func.count()).select_from(document_numbers_given)
    assert database.run(lambda c: c.scalar(given)) == 2, "that of the volume, and that of the one who published"


TABLES: tuple[Table, ...] = (published_volumes, sg_sections, sg_revisions, document_numbers_given)


def test_vo5_no_statement_changes_a_row(database: Database, settings: Settings) -> None:
    """[VO5, SR1, DN1] By the triggers, where a connection has no guard of its own."""
    key = load_key(settings.data_dir / "race.key")

    def publish(connection: Connection) -> None:
        seen = ready(connection, key)
        publishing.publish(connection, 1, seen, key, By("m-sec", "Sam Clerk", NOW))

    database.run(publish)
    for table in TABLES:
        before = database.run(lambda c, table=table: c.execute(select(table)).all())  # type: ignore[misc]
        name = "published_at" if table is published_volumes else "at"
        changed = [update(table).values({name: datetime.now(UTC)}), delete(table)]
        if database.is_shared:
            changed.append(text(f"TRUNCATE {table.name} CASCADE"))  # type: ignore[arg-type]
        for statement in changed:
            with pytest.raises(DatabaseError, match=r"append-only|not authorized"):
                database.run(lambda c, statement=statement: c.execute(statement))  # type: ignore[misc]
        assert database.run(lambda c, table=table: c.execute(select(table)).all()) == before  # type: ignore[misc]
