"""Loading process files [TT6], and the tables that only grow."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from opinions.phases import Edge
from opinions.timetable import MAX_CHANGES, Change, MilestoneKind
from opinions.version_kinds import VersionKind
from server import serving
from server.cli.commands import app
from server.database import Database
from server.errors import ServerError
from server.process_store import load_process
from server.settings import Settings
from server.tables.timetable import timetable_changes, timetable_files
from server.timetable import append_changes, load_changes, load_phases, load_plan, milestone_of, timetable_of
from server.timetable.amending import Amending, Ground, amended
from server.timetable.loading import LoadRefused, content_of, load_file, shipped
from server.timetable.store import MAX_FILES, TimetableFull, keep_file
from server.timetable.yaml_tree import ProcessFileRefused
from tests.timetable.files import NAMES, content, days, process

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 5, 9, tzinfo=UTC)
LINE = b"    note: At least six weeks before the opening (Decision 641, 6 d).\n"
MORE = (
    LINE
    + b"""    changes:
      - decided_on: 2026-03-04
        authority: CL-26/15
        source: S0, by hand
        reason: The printers need a week.
        when: {on: 2026-04-20}
"""
)
Try = Callable[[Callable[[Connection], None]], None]


class Undone(Exception):
    """Leaves the database as it was."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    found = Settings(data_dir=tmp_path_factory.mktemp("timetable") / "data")
    serving.prepare(found)
    return found


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Database]:
    with Database(settings) as opened:
        yield opened


@pytest.fixture
def tried(database: Database) -> Try:
    """Does something in a transaction that is undone afterwards."""

    def undone(work: Callable[[Connection], None]) -> None:
        def run(connection: Connection) -> None:
            work(connection)
            raise Undone

        with pytest.raises(Undone):
            database.run(run)

    return undone


def load(connection: Connection, name: str = "wtpf-26") -> None:
    load_file(connection, content(name), f"{name}.yaml", NOW, member="m-sec", name="Sam Secretary")


def test_tt6_the_files_that_come_with_the_program_are_named() -> None:
    assert set(shipped()) == set(NAMES)
    assert content_of("wtpf-26") == (content("wtpf-26"), "wtpf-26.yaml")
    with pytest.raises(ServerError, match=r"Give the path of a process file, or one of: wtdc-21, wtpf-21, wtpf-26\."):
        content_of("wtpf-99")


def test_tt6_a_first_file_brings_everything(tried: Try) -> None:
    def work(connection: Connection) -> None:
        load(connection)
        known = load_changes(connection)
        assert [one.milestone for one in known] == [one.milestone for one in process("wtpf-26").changes]
        assert {(one.member, one.name, one.recorded_at, one.filed) for one in known} == {
            ("m-sec", "Sam Secretary", NOW, True)
        }
        assert load_plan(connection) == process("wtpf-26").plan
        drafting = next(one for one in load_phases(connection) if one.id == "drafting")
        assert (drafting.opens, drafting.closes) == (Edge("draft-3"), Edge("final-report"))
        found = load_process(connection)
        assert (found.name, found.meeting_zone) == (process("wtpf-26").plan.name, "Europe/Zurich")
        assert found.rules.windows["opinions_due"] == "final-report"
        assert timetable_of(connection, date(2024, 8, 1))["ieg-4"].when.words == "February 2026"
        assert timetable_of(connection)["ieg-4"].held == days("2026-01-21", "2026-01-23")
        assert milestone_of(connection, date(2026, 1, 22)) == (
            "Fourth meeting of the Informal Experts Group (IEG-4)",
            VersionKind.MEETING,
        )
        assert milestone_of(connection, date(2025, 11, 4)) == ("Fourth draft", VersionKind.DRAFT)
        assert milestone_of(connection, date(2026, 11, 23)) == ("", VersionKind.DRAFT)

    tried(work)


def test_tt6_the_same_file_again_changes_nothing(tried: Try) -> None:
    def work(connection: Connection) -> None:
        load(connection)
        before = load_changes(connection)
        load(connection)
        assert load_changes(connection) == before

    tried(work)


def test_tt6_what_a_later_file_adds_is_entered_as_changes_with_a_reason(tried: Try) -> None:
    more = content("wtpf-26").replace(LINE, MORE)

    def work(connection: Connection) -> None:
        load(connection)
        with pytest.raises(LoadRefused, match="Say in a sentence why"):
            load_file(connection, more, "more.yaml", LATER)
        found = load_file(connection, more, "more.yaml", LATER, reason="CL-26/15 has come")
        assert [one.milestone for one in found.added] == ["final-report"]
        last = load_changes(connection)[-1]
        assert (last.fields["when"], last.reason) == (days("2026-04-20"), "The printers need a week.")
        assert timetable_of(connection, date(2026, 3, 3))["final-report"].when == days("2026-04-13")

    tried(work)


@pytest.mark.parametrize(
    ("was", "put", "told"),
    [
        (b"planned: {on: 2026-04-13}", b"planned: {on: 2026-04-14}", "“final-report” is on record otherwise"),
        (b"authority: CL-26/6\n", b"authority: CL-26/7\n", "“informal-1” is on record otherwise"),
        (b"process: WTPF-26", b"process: WTPF-27", "the file of WTPF-27, and here is WTPF-26"),
        (
            b"  - id: strategic-dialogue\n",
            b"  - id: dialogue\n",
            "“strategic-dialogue” is on record with more than the file says",
        ),
    ],
)
def test_tt6_a_file_that_contradicts_the_record_is_refused_with_its_line(
    tried: Try, was: bytes, put: bytes, told: str
) -> None:
    other = content("wtpf-26").replace(was, put)
    assert other != content("wtpf-26")

    def work(connection: Connection) -> None:
        load(connection)
        before = load_changes(connection)
        with pytest.raises(ProcessFileRefused, match=rf"other\.yaml, line [0-9]+: .*{told}"):
            load_file(connection, other, "other.yaml", LATER, reason="x")
        assert load_changes(connection) == before

    tried(work)


def test_tt6_a_files_change_comes_after_what_the_secretariat_amended(tried: Try) -> None:
    def work(connection: Connection) -> None:
        load(connection)
        form = {"seen": "1", "decided_on": "2026-03-05", "authority": "CL-26/16", "reason": "Later still."}
        shown = {"name": "Final report", "first": "2026-04-27", "zone": "Europe/Zurich"}
        change = amended(Ground(load_changes(connection), LATER.date()), Amending.CHANGE, "final-report", form | shown)
        append_changes(connection, [replace(change, recorded_at=LATER)])
        more = content("wtpf-26").replace(LINE, MORE)
        with pytest.raises(ProcessFileRefused, match="was decided on 2026-03-05, later than this"):
            load_file(connection, more, "more.yaml", LATER, reason="x")
        # What it did not change is still said by both.
        load(connection)
        assert timetable_of(connection)["final-report"].when == days("2026-04-27")

    tried(work)


def test_tt6_the_timetable_alone_leaves_the_process_as_it_is(tried: Try) -> None:
    def work(connection: Connection) -> None:
        before = load_process(connection)
        load_file(connection, content("wtdc-21"), "wtdc-21.yaml", NOW, timetable_alone=True)
        assert load_process(connection) == before
        assert load_phases(connection) == ()
        assert len(timetable_of(connection)) == len(process("wtdc-21").milestones)

    tried(work)


def test_tt3_the_database_itself_refuses_to_rewrite_the_history(tried: Try) -> None:
    def work(connection: Connection) -> None:
        load(connection)
        both = (timetable_changes, timetable_files)
        for forbidden in (*(update(one).values(name="x") for one in both), *(delete(one) for one in both)):
            nested = connection.begin_nested()
            with pytest.raises(DBAPIError, match=r"append-only|not authorized"):
                connection.execute(forbidden)
            nested.rollback()

    tried(work)


def test_tt6_a_timetable_has_bounds(tried: Try) -> None:
    def work(connection: Connection) -> None:
        first = {"kind": MilestoneKind.OTHER, "name": "x", "when": days("2026-01-01")}
        one = Change("m-1", NOW.date(), first, "x", "CL-1", recorded_at=NOW)
        append_changes(connection, [one] * MAX_CHANGES)
        with pytest.raises(TimetableFull, match="at most 2000 changes"):
            append_changes(connection, [one])
        for _ in range(MAX_FILES):
            keep_file(connection, "a.yaml", "", process("wtpf-21").plan, NOW)
        with pytest.raises(TimetableFull, match="at most 200 files"):
            keep_file(connection, "a.yaml", "", process("wtpf-21").plan, NOW)

    tried(work)


def test_tt2_what_is_stored_reads_back_as_it_was(tried: Try) -> None:
    def work(connection: Connection) -> None:
        for name in ("wtpf-21",):
            load(connection, name)
            plain = [
                (one.milestone, one.decided_on, one.fields, one.authority, one.source, one.reason, one.at_latest)
                for one in load_changes(connection)
            ]
            said = [
                (one.milestone, one.decided_on, one.fields, one.authority, one.source, one.reason, one.at_latest)
                for one in process(name).changes
            ]
            assert plain == said
        assert timetable_of(connection)["ieg-6"].kind is MilestoneKind.MEETING

    tried(work)


def test_tt6_the_command_line_looks_first_and_then_loads(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    serving.prepare(settings)
    runner = CliRunner()

    def said(*asked: str) -> str:
        answer = runner.invoke(app, ["process-load", *asked, "--data-dir", str(settings.data_dir)])
        return str(answer.exception or answer.stdout)

    looked = said("wtpf-26", "--check")
    assert "it would bring 30 changes of 25 milestones" in looked
    assert "Nothing was changed." in looked
    assert "30 changes of 25 milestones" in said("wtpf-26")
    assert "nothing new" in said("wtpf-26")
    bad = tmp_path / "ours.yaml"
    bad.write_bytes(content("wtpf-26").replace(b"kind: forum", b"kind: forums"))
    assert "ours.yaml, line" in said(str(bad))
    assert "kind: 'forums' is not known. Write forum." in said(str(bad))
