"""A whole process in one JSON file, and back: nothing forgotten, nothing private gone along, nothing forged in."""

import asyncio
import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Connection, select

from opinions.process_rules import ProcessRules
from opinions.roles import DelegationKind, Role
from server import serving
from server.database import Database
from server.files_store import keep
from server.people_store import add_member, all_members
from server.process_store import load_process, save_process
from server.session_store import start_session
from server.settings import Settings
from server.tables import entries, metadata, opinions, versions
from server.taking_part.archive import OF_PERSONS, PERSONAL, WITHHELD, carried, write_archive
from server.taking_part.archive_reading import ArchiveRefused, BroughtIn, read_archive
from server.taking_part.archive_schema import archive_schema
from server.verify import verify
from tests.support.drafters import Drafter
from tests.support.live_server import live_server
from tests.support.stock import ITEM, OPINION, Person, stocked

NOW = datetime(2026, 1, 21, 9, tzinfo=UTC)
DRAFT = "a word that nobody submitted"


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was worked in, and its files."""

    settings: Settings
    with_people: bytes
    without: bytes


@pytest.fixture(scope="module")
def worked_in(tmp_path_factory: pytest.TempPathFactory) -> Process:
    """Somebody types live, somebody drafts, a version is frozen."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("archive") / "data")
    stock = stocked(settings)

    async def sit(port: int) -> None:
        async with Drafter(port, stock["m-sec"]) as clerk:
            await clerk.command({"act": "open_live_drafting", "on": True})
            async with Drafter(port, stock["m-xaa-1"]) as expert:
                await expert.saved(await expert.type(ITEM, 0, "live words "))
            await clerk.command({"act": "freeze", "label": "First draft", "ruled_by": "Rosa Chair"})
            await clerk.command({"act": "open_live_drafting", "on": False})
        async with Drafter(port, stock["m-xbb-1"], workspace=True) as quiet:
            await quiet.saved(await quiet.type(ITEM, 0, DRAFT))

    with live_server(settings.data_dir) as server:
        asyncio.run(sit(server.port))
        server.stop()
    with Database(settings) as database:
        database.run(_papers)
        return Process(settings, database.run(_written(True)), database.run(_written(False)))


def _papers(connection: Connection) -> None:
    rules = ProcessRules(views_kinds=frozenset({DelegationKind.ACADEMIA}), contribution_pages=4)
    save_process(connection, replace(load_process(connection), rules=rules))
    keep(connection, "paper.txt", "text/plain", b"\x00\xffwords", NOW, "m-xaa-1")


def _written(with_people: bool) -> Callable[[Connection], bytes]:
    def write(connection: Connection) -> bytes:
        file = io.BytesIO()
        write_archive(connection, file, NOW, with_people=with_people)
        return file.getvalue()

    return write


def brought(content: bytes, place: Path, before: Callable[[Connection], object] | None = None) -> BroughtIn:
    settings = Settings(data_dir=place)
    serving.prepare(settings)
    with Database(settings) as database:
        if before is not None:
            database.run(before)
        return database.run(lambda connection: read_archive(connection, content, "operator", NOW))


def test_every_table_is_carried_or_said_to_stay() -> None:
    named = set(WITHHELD) | {table.name for table in carried(with_people=True)}
    assert named == set(metadata.tables)
    assert set(OF_PERSONS) | set(PERSONAL) <= {table.name for table in carried(with_people=True)}
    for table, columns in PERSONAL.items():
        assert set(columns) <= set(metadata.tables[table].c.keys())


def test_no_secret_and_no_draft_goes_along(worked_in: Process) -> None:
    for content in (worked_in.with_people, worked_in.without):
        archive = json.loads(content)
        assert not set(archive["tables"]) & set(WITHHELD)
        documents = archive["tables"].get("documents", [])
        assert all(row["delegation"] is None for row in documents)
    assert DRAFT.encode() not in _bytes_of(worked_in.with_people)
    assert DRAFT.encode() not in _bytes_of(worked_in.without)


def _bytes_of(content: bytes) -> bytes:
    """The file with every base64 value taken apart, so that nothing hides in one."""
    found = [content]

    def look(value: Any) -> None:
        if isinstance(value, str):
            try:
                found.append(base64.b64decode(value, validate=True))
            except ValueError:
                return
        elif isinstance(value, dict | list):
            for one in value.values() if isinstance(value, dict) else value:
                look(one)

    look(json.loads(content))
    return b"\n".join(found)


def test_without_people_no_name_of_a_person_is_left(worked_in: Process) -> None:
    told = _bytes_of(worked_in.without)
    with Database(worked_in.settings) as database:
        names = [one.name for one in database.run(all_members)]
    assert len(names) > 8
    for name in (*names, "m-xaa-1", "m-sec"):
        assert name.encode() not in told, name
    assert b"live words" in told
    assert names[0].encode() in _bytes_of(worked_in.with_people)


def test_both_files_are_as_their_schema_says(worked_in: Process) -> None:
    schema = archive_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for content in (worked_in.with_people, worked_in.without):
        assert [error.message for error in validator.iter_errors(json.loads(content))] == []
    wrong = json.loads(worked_in.with_people)
    wrong["tables"]["opinions"][0]["colour"] = "red"
    assert list(validator.iter_errors(wrong))


def test_with_people_it_comes_back_entry_by_entry(worked_in: Process, tmp_path: Path) -> None:
    done = brought(worked_in.with_people, tmp_path / "data")
    assert (done.opinions, done.versions_told) == (2, 0)
    assert done.people > 8
    with Database(worked_in.settings) as ours, Database(Settings(data_dir=tmp_path / "data")) as theirs:
        mine = ours.run(_log_and_versions)
        assert all(mine)
        assert mine == theirs.run(_log_and_versions)
        assert theirs.run(load_process) == ours.run(load_process)
        assert all(not one.findings for one in theirs.run(lambda connection: list(verify(connection))))
        again = theirs.run(_written(True))
    assert json.loads(again)["tables"]["members"] == json.loads(worked_in.with_people)["tables"]["members"]


def _log_and_versions(connection: Connection) -> tuple[list[Any], list[Any]]:
    log = select(entries).where(entries.c.document == OPINION).order_by(entries.c.seq)
    frozen = select(versions).order_by(versions.c.opinion, versions.c.number)
    return list(connection.execute(log)), list(connection.execute(frozen))


def test_people_go_on_working_where_it_was_brought_in(worked_in: Process, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    brought(worked_in.with_people, settings.data_dir)

    with Database(settings) as database:
        token = database.run(
            lambda connection: start_session(connection, "m-sec", datetime.now(UTC), timedelta(hours=1))
        )

    async def sit(port: int) -> None:
        async with Drafter(port, Person("m-sec", Role.SECRETARIAT, None, token)) as clerk:
            await clerk.command({"act": "freeze", "label": "Second draft", "ruled_by": "Rosa Chair"})

    with live_server(settings.data_dir) as server:
        asyncio.run(sit(server.port))
        server.stop()
    with Database(settings) as database:
        frozen = database.run(lambda connection: list(connection.scalars(select(versions.c.label))))
        assert sorted(frozen) == ["First draft", "Second draft"]
        assert all(not one.findings for one in database.run(lambda connection: list(verify(connection))))


def test_without_people_the_texts_come_back(worked_in: Process, tmp_path: Path) -> None:
    done = brought(worked_in.without, tmp_path / "data")
    assert (done.opinions, done.people, done.versions_told) == (2, 0, 1)
    with Database(Settings(data_dir=tmp_path / "data")) as theirs:
        again = json.loads(theirs.run(_written(False)))
    ours = json.loads(worked_in.without)
    for mine, back in zip(ours["texts"], again["texts"], strict=True):
        assert (mine["opinion"], mine["paragraphs"], mine["record"]) == (
            back["opinion"],
            back["paragraphs"],
            back["record"],
        )


def test_who_set_the_server_up_stays_and_is_known_again(worked_in: Process, tmp_path: Path) -> None:
    archive = json.loads(worked_in.with_people)
    ada = next(row for row in archive["tables"]["members"] if row["id"] == "m-admin")
    ada["email"] = "ada@example.org"

    def here(connection: Connection) -> None:
        add_member(connection, "Ada Set Up", Role.ADMINISTRATOR, email="ada@example.org", member_id="m-first")

    brought(json.dumps(archive).encode(), tmp_path / "data", here)
    with Database(Settings(data_dir=tmp_path / "data")) as theirs:
        members = theirs.run(all_members)
    assert [one.id for one in members if one.email == "ada@example.org"] == ["m-first"]
    assert "m-sec" in {one.id for one in members}


def test_a_process_is_brought_in_once(worked_in: Process, tmp_path: Path) -> None:
    brought(worked_in.with_people, tmp_path / "data")
    with pytest.raises(ArchiveRefused, match="already"):
        brought(worked_in.with_people, tmp_path / "data")


Spoil = Callable[[dict[str, Any]], object]


def _entry(archive: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = archive["tables"]["entries"][1]
    return found


SPOILT: dict[str, tuple[Spoil, str]] = {
    "another format": (lambda a: a.update(format="x"), "not a process"),
    "a later version": (lambda a: a.update(version=2), "version 2"),
    "another step": (lambda a: a.update(schema="0001"), "step '0001'"),
    "an unknown table": (lambda a: a["tables"].update(secrets=[]), "'secrets'"),
    "a withheld table": (lambda a: a["tables"].update(sessions=[]), "'sessions'"),
    "an unknown field": (lambda a: _entry(a).update(colour=1), "'colour'"),
    "a missing field": (lambda a: _entry(a).pop("at"), "'at'"),
    "a forged name": (lambda a: _entry(a).update(name="Somebody Else"), "does not agree"),
    "a forged time": (lambda a: _entry(a).update(at="2020-01-01T00:00:00+00:00"), "does not agree"),
    "a time without zone": (lambda a: _entry(a).update(at="2020-01-01T00:00:00"), "at does not fit"),
    "no base64": (lambda a: _entry(a).update(payload="%%%"), "payload does not fit"),
    "a number as text": (lambda a: _entry(a).update(seq="2"), "seq does not fit"),
    "an entry left out": (lambda a: a["tables"]["entries"].pop(1), "does not agree"),
    "a version reworded": (lambda a: a["tables"]["versions"][0].update(text="{}"), "does not agree"),
    "rules that are none": (lambda a: a["tables"]["process"][0].update(rules='{"colour": 1}'), "rules"),
    "two processes": (lambda a: a["tables"]["process"].append(a["tables"]["process"][0]), "process"),
    "a role that is none": (lambda a: a["tables"]["members"][0].update(role="king"), "members"),
    "people unsaid": (lambda a: a.pop("people"), "people"),
    "rows that are none": (lambda a: a["tables"].update(members=[1]), "'members'"),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A server that holds no process: one for all that is refused, for of that nothing is kept."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("empty") / "data")
    serving.prepare(settings)
    with Database(settings) as database:
        yield database


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_file_is_refused_and_nothing_of_it_is_kept(worked_in: Process, empty: Database, kind: str) -> None:
    spoil, words = SPOILT[kind]
    archive = json.loads(worked_in.with_people)
    spoil(archive)
    with pytest.raises(ArchiveRefused, match=words):
        empty.run(lambda connection: read_archive(connection, json.dumps(archive).encode(), "operator", NOW))
    assert empty.run(lambda connection: connection.scalars(select(opinions.c.id)).all()) == []
    assert empty.run(all_members) == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b'"x"', b"\xff"])
def test_what_is_no_process_is_refused(empty: Database, content: bytes) -> None:
    with pytest.raises(ArchiveRefused):
        empty.run(lambda connection: read_archive(connection, content, "operator", NOW))
