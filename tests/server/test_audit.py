"""The audit: what is noted of whom, how it is read, that nobody changes it, and that refusals do not fill it."""

import asyncio
import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from server.audit_store import AuditEvent, Kind, note
from server.backup import back_up, copier, restore
from server.database import Database
from server.errors import DatabaseUnavailable
from server.identity import audit, noting
from server.identity.audit import Filter
from server.identity.noting import MOST_A_MINUTE, Noting
from server.settings import Settings
from server.tables.identity import audit_events, identities, passkeys
from server.wording import AUDIT_KINDS
from tests.support.ceremonies import as_at_first, noted, post_json
from tests.support.services import BOTH
from tests.support.stock import OPINION, stocked
from tests.support.visitors import House, house
from tests.support.waiting import PATIENCE

DATABASES = BOTH
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fill(connection: Connection) -> None:
    for number in range(5):
        kind = (Kind.SIGN_IN, Kind.EXPORT)[number % 2]
        at = NOON + timedelta(days=number)
        note(connection, AuditEvent(kind, at, f"m-{number % 3}", f"Person {number}", OPINION, f"50% of _{number}_"))


# --- only ever added to


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET detail = 'nothing'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE id = (SELECT min(id) FROM audit_events)",
        "UPDATE audit_events SET id = id + 1000",
    ],
)
def test_no_row_is_changed_or_deleted(database: Database, statement: str) -> None:
    database.run(fill)
    with pytest.raises((DBAPIError, DatabaseUnavailable)):
        database.run(lambda c: c.execute(text(statement)))
    assert database.run(lambda c: c.scalar(select(func.count()).select_from(audit_events))) == 5


def test_no_row_takes_the_place_of_another(database: Database, kind: str) -> None:
    database.run(fill)
    id = database.run(lambda c: c.scalar(select(func.min(audit_events.c.id))))
    columns = "(id, at, kind) VALUES (:id, '2026-01-01 00:00:00', 'sign_in')"
    replaced = {
        "sqlite": f"INSERT OR REPLACE INTO audit_events {columns}",
        "postgresql": f"INSERT INTO audit_events {columns} ON CONFLICT (id) DO UPDATE SET kind = 'x'",
    }[kind]
    with pytest.raises((DBAPIError, DatabaseUnavailable)):
        database.run(lambda c: c.execute(text(replaced), {"id": id}))
    if kind == "postgresql":
        with pytest.raises((DBAPIError, DatabaseUnavailable)):
            database.run(lambda c: c.execute(text("TRUNCATE audit_events")))
    first = database.run(lambda c: c.execute(select(audit_events).order_by(audit_events.c.id)).first())
    assert first is not None
    assert (first.kind, first.name) == ("sign_in", "Person 0")


# --- read


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [4, 3, 2, 1, 0]),
        (Filter(kind=Kind.EXPORT), [3, 1]),
        (Filter(person="m-1"), [4, 1]),
        (Filter(person=OPINION), [4, 3, 2, 1, 0]),
        (Filter(opinion=OPINION, kind=Kind.SIGN_IN), [4, 2, 0]),
        (Filter(opinion="op-none"), []),
        (Filter(words="PERSON 2"), [2]),
        (Filter(words="_3_"), [3]),
        (Filter(words="50%"), [4, 3, 2, 1, 0]),
        (Filter(words="5%o"), []),
        (Filter(since=NOON + timedelta(days=1), until=NOON + timedelta(days=3)), [2, 1]),
    ],
    ids=str,
)
def test_events_are_found_by_what_is_given(database: Database, wanted: Filter, numbers: list[int]) -> None:
    database.run(fill)
    found = database.run(lambda c: audit.events(c, wanted))
    assert [int(row.event.name.split()[1]) for row in found] == numbers


def test_pages_go_on_where_the_last_one_ended(database: Database) -> None:
    database.run(fill)
    first = database.run(lambda c: audit.events(c, Filter(), None, 2))
    second = database.run(lambda c: audit.events(c, Filter(), first[-1].id, 2))
    assert [row.event.name for row in (*first, *second)] == ["Person 4", "Person 3", "Person 2", "Person 1"]


def test_a_kind_of_a_newer_program_is_still_told(database: Database) -> None:
    database.run(lambda c: c.execute(insert(audit_events).values(at=NOON, kind="teleported", detail="far away")))
    (row,) = database.run(lambda c: audit.events(c, Filter()))
    assert (row.event.kind in Kind, row.event.detail) == (True, "far away")


def test_every_kind_has_its_words() -> None:
    assert set(AUDIT_KINDS) == set(Kind)


def test_no_cell_of_the_file_is_a_formula() -> None:
    hostile = ['=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "a\n=1"]
    rows = [
        audit.Row(number, AuditEvent(Kind.SIGN_IN, NOON, words, words, words, words, words))
        for number, words in enumerate(hostile)
    ]
    read = list(csv.reader(io.StringIO(audit.to_csv(rows, AUDIT_KINDS).decode("utf-8-sig"), newline="")))
    assert tuple(read[0]) == audit.COLUMNS
    for cells in read[1:]:
        for line in (line for cell in cells for line in cell.split("\n")):
            assert not line.lstrip().startswith(("=", "+", "-", "@")), cells


# --- refusals are many, rows are few


class Book:
    """What was written, as a database that can also fail."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self.fails = False
        self.counted = asyncio.Event()

    async def write(self, fn: Any) -> None:
        if self.fails:
            raise DatabaseUnavailable("full")
        fn(self)

    def execute(self, statement: Any) -> None:
        values = statement.compile().params
        self.events.append(AuditEvent(Kind(values["kind"]), values["at"], values["member"], detail=values["detail"]))
        if "3 more" in values["detail"]:
            self.counted.set()


def refused(number: int, member: str = "m-1", kind: Kind = Kind.REFUSED) -> AuditEvent:
    return AuditEvent(kind, NOON + timedelta(seconds=number / 10), member, detail=f"number {number}")


async def test_of_one_person_ten_a_minute_are_kept_and_of_the_rest_the_number() -> None:
    book = Book()
    told = Noting(book.write)
    for number in range(MOST_A_MINUTE + 57):
        told.tell(refused(number))
    told.tell(refused(1, "m-2"))
    told.tell(refused(2, "m-1", Kind.EXPORT))
    await told.finish()
    mine = [one.detail for one in book.events if one.member == "m-1" and one.kind is Kind.REFUSED]
    assert len(mine) == MOST_A_MINUTE + 1
    assert mine[-1] == "and 57 more in this minute"
    assert len(book.events) == MOST_A_MINUTE + 3


async def test_the_number_is_told_when_the_minute_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "MINUTE", timedelta(milliseconds=50))
    book = Book()
    told = Noting(book.write)
    for _ in range(MOST_A_MINUTE + 3):
        told.tell(refused(0))
    async with asyncio.timeout(PATIENCE):
        await book.counted.wait()
    told.tell(refused(700))
    await told.finish()
    assert book.events[-1].detail == "number 700"


async def test_what_the_database_cannot_take_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    book = Book()
    book.fails = True
    told = Noting(book.write)
    told.tell(refused(1))
    await told.flush()
    book.fails = False
    told.tell(refused(2))
    await told.finish()
    assert [one.detail for one in book.events] == ["number 2"]
    assert "could not be noted" in caplog.text


async def test_people_counted_at_once_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "MOST_KEYS", 5)
    book = Book()
    told = Noting(book.write)
    for number in range(50):
        told.tell(refused(0, f"m-{number}"))
    await told.finish()
    assert len(book.events) == 5


# --- carried along


def test_a_backup_carries_the_audit_and_how_people_sign_in(tmp_path: Path, kind: str, own_settings: Settings) -> None:
    stocked(own_settings)

    def put(connection: Connection) -> None:
        fill(connection)
        connection.execute(
            insert(passkeys).values(
                id="pk-1", member="m-sec", credential=b"\x01", public_key=b"\x02", name="Key", created_at=NOON
            )
        )
        connection.execute(
            insert(identities).values(
                issuer="https://x", subject="s", member="m-sec", email="a@b.example", created_at=NOON, used_at=NOON
            )
        )

    if kind == "postgresql":
        pytest.skip("pg_dump takes the database as a whole (test_postgres.py)")
    with Database(own_settings) as database:
        database.run(put)
        back_up(own_settings, copier(database), tmp_path / "copy.tar")
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    assert restore(elsewhere, tmp_path / "copy.tar").findings == ()
    with Database(elsewhere) as database:
        assert len(database.run(lambda c: audit.events(c, Filter(kind=Kind.SIGN_IN)))) == 3
        assert database.run(lambda c: c.scalar(select(passkeys.c.name))) == "Key"
        assert database.run(lambda c: c.scalar(select(identities.c.subject))) == "s"
        with pytest.raises((DBAPIError, DatabaseUnavailable)):
            database.run(lambda c: c.execute(delete(audit_events)))


# --- the pages


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


@pytest.fixture
def running(one: House) -> House:
    as_at_first(one)
    return one


def test_what_people_do_about_access_is_noted(running: House) -> None:
    form = {"name": "Nora New", "role": "expert", "delegation": "XBB", "email": ""}
    running.post("m-sec", "/people/new", form)
    running.post("m-sec", f"/opinions/{OPINION}/chair", {"chair": "m-xbb-1"})
    running.post("m-sec", f"/opinions/{OPINION}/chair", {"chair": "m-chair"})
    running.get("m-xaa-1", f"/opinions/{OPINION}/export?format=md")
    running.get("m-obs", "/people")
    running.get("m-xaa-1", "/people/m-sec")
    command = {"act": "open_live_drafting", "on": True, "key": "k-not-allowed"}
    assert post_json(running, "m-xaa-1", f"/api/opinions/{OPINION}/commands", command).status_code == 403
    running.get(None, "/sign-in/unknown")
    running.post("m-obs", "/sign-out")
    told = noted(running)
    for kind, who in (
        (Kind.PERSON_CHANGED, "m-sec"), (Kind.ROLE_CHANGED, "m-sec"), (Kind.REFUSED, "m-obs"),
        (Kind.REFUSED, "m-xaa-1"), (Kind.SIGN_IN_REFUSED, ""), (Kind.SIGN_OUT, "m-obs"),
    ):  # fmt: skip
        assert any((kind, who) == one[:2] for one in told), (kind, who, told)
    assert (Kind.REFUSED, "m-xaa-1", "the command open_live_drafting") in told
    assert any(kind == Kind.REFUSED and "people.manage" in detail for kind, _, detail in told)


def test_the_page_shows_filters_and_names_what_does_not_fit(running: House) -> None:
    running.get("m-obs", "/people")
    noted(running)
    page = running.get("m-sec", "/audit").text
    assert "Olu Watcher" in page
    found = running.get("m-sec", "/audit?kind=refused&person=m-obs&words=people.manage").text
    assert "people.manage" in found
    assert "Nothing that fits" in running.get("m-sec", "/audit?kind=import").text
    assert "Nothing that fits" in running.get("m-sec", "/audit?until=2001-01-01").text
    for query in ("kind=nonsense", "since=tomorrow", "until=9999-12-31", "since=2026-13-01"):
        wrong = running.get("m-sec", f"/audit?{query}")
        assert (wrong.status_code, 'class="problems"' in wrong.text) == (422, True), query
    assert running.get("m-sec", "/audit?below=x&below=99999999999999999999").status_code == 200


def test_a_page_has_a_hundred_and_leads_to_the_older_ones(running: House) -> None:
    def many(connection: Connection) -> None:
        for number in range(audit.PAGE + 20):
            note(connection, AuditEvent(Kind.IMPORT, NOON, "m-admin", "Ada Keeper", "", f"<row {number}>"))

    running.write(many)
    first = running.get("m-admin", "/audit?kind=import").text
    assert first.count("&lt;row ") == audit.PAGE
    older = re.search(r'href="(/audit\?[^"]+below=[^"]+)">Older', first)
    assert older
    assert running.get("m-admin", older[1].replace("&amp;", "&")).text.count("&lt;row ") == 20
    file = running.get("m-admin", "/audit.csv?kind=import")
    assert (file.headers["content-type"], file.text.count("<row ")) == ("text/csv; charset=utf-8", audit.PAGE + 20)
    assert ("export", "m-admin", f"{audit.PAGE + 20} events of the audit as CSV") in noted(running)


def test_a_freeze_is_noted_with_the_version_it_made(running: House) -> None:
    freeze: dict[str, Any] = {
        "act": "freeze", "label": "Second draft", "milestone": "", "note": "", "seen_seq": 1, "renumber": False
    }  # fmt: skip
    told = post_json(running, "m-chair", f"/api/opinions/{OPINION}/commands", {**freeze, "key": "k-freeze-it"})
    assert told.status_code == 200, told.text
    assert (Kind.FREEZE, "m-chair", "Second draft") in noted(running)


def test_sessions_say_how_they_were_begun_and_all_end_at_once(running: House) -> None:
    page = running.get("m-xcc-1", "/account").text
    assert "With a link" in page
    assert "Sign out everywhere, here too" in page
    left = running.post("m-xcc-1", "/account/sessions", {"session": "everywhere"})
    assert "signed out everywhere" in left.text
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert running.get("m-xcc-1", "/").headers["location"] == "/sign-in"
    assert (Kind.SIGN_OUT, "m-xcc-1", "everywhere") in noted(running)
