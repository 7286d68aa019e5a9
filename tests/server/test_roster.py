"""Rosters: read from whatever people have, shown row by row, entered whole or not at all."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import Connection, select

from opinions.roles import DelegationKind, Region, Role
from server.database import Database
from server.export.csv_table import csv_of
from server.people_store import (
    add_member,
    all_delegations,
    all_members,
    change_member,
    find_delegation,
    save_delegation,
)
from server.post.invitations import House as Letterhead
from server.roster import sheets
from server.roster.arrivals import Coming, arrivals
from server.roster.balance import balance
from server.roster.columns import as_text, rows_of
from server.roster.inviting import Inviter, invite_all, remind_all
from server.roster.plan import Choice, Outcome, planned
from server.roster.sheets import RosterRefused, Sheet, read_file, read_text
from server.session_store import start_session, suspend_member
from server.settings import Settings
from server.tables.identity import audit_events
from server.tables.post import letters
from tests.support.visitors import House, house

HEADINGS = "Name,Entity,Nominating member,E-mail,Role"
NOW = datetime(2026, 1, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


# --- reading


@pytest.mark.parametrize(
    ("content", "assumed"),
    [
        ("Name;Entity\nZoë Ångström;XAA".encode("utf-8-sig"), "byte order mark"),
        ("Name;Entity\nZoë Ångström;XAA".encode(), "UTF-8"),
        ("Name\tEntity\r\nZoë Ångström\tXAA\r\n".encode("utf-16"), "UTF-16"),
        ("Name,Entity\nZoë Ångström,XAA".encode("utf-16-le"), "UTF-16"),
        ("Name,Entity\nZoë Ångström,XAA".encode("cp1252"), "Windows-1252"),
    ],
)
def test_csv_of_every_usual_encoding_and_separator_is_read(content: bytes, assumed: str) -> None:
    sheet = read_file(content)
    assert sheet.rows == (("Name", "Entity"), ("Zoë Ångström", "XAA"))
    assert assumed in sheet.assumed


def workbook(*rows: tuple[Any, ...], before: tuple[tuple[Any, ...], ...] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*before, *rows):
        sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_workbook_is_read_below_its_title_and_formulas_are_not_run() -> None:
    content = workbook(
        ("E-mail address", "Entity/Organization", "Name"),
        ("amara@example.org", "XAA", "Amara Okoye"),
        ("=1+1", None, None),
        before=(("Experts nominated",), (), ("as of", datetime(2026, 1, 5))),
    )
    rows = rows_of(read_file(content))
    assert [(one.name, one.entity, one.email) for one in rows] == [("Amara Okoye", "XAA", "amara@example.org")]


def packed(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in parts.items():
            pack.writestr(name, content)
    return written.getvalue()


def test_hostile_and_unreadable_files_are_refused_in_words() -> None:
    good = workbook(("Name", "Entity"), ("A", "B"))
    with zipfile.ZipFile(io.BytesIO(good)) as pack:
        parts = {name: pack.read(name) for name in pack.namelist()}
    swelling = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    refused = {
        "Unpacked": packed(**parts, bomb=b"\0" * (sheets.MAX_UNPACKED + 1)),
        "200 parts": packed(**parts, **{f"x{n}": b"" for n in range(sheets.MAX_ENTRIES)}),
        "declares entities": packed(**{**parts, "xl/workbook.xml": swelling}),
        "no Excel workbook": packed(readme=b"hello"),
        "damaged": good[: len(good) // 2],
        "cannot be read": packed(**{**parts, "xl/workbook.xml": b"<workbook"}),
        "old Excel": b"\xd0\xcf\x11\xe0" + b"\0" * 100,
        "larger than": b"x" * (sheets.MAX_BYTES + 1),
        "in no encoding": b"\xff\xfe\x00",
        "no text has": b"Name,Entity\nA\0,B",
        "more than 1,000 rows": (HEADINGS + "\nA,B" * (sheets.MAX_ROWS + 1)).encode(),
        "columns": b",".join([b"x"] * (sheets.MAX_COLUMNS + 1)),
        "characters": b"Name,Entity\n" + b"x" * (sheets.MAX_CELL + 1),
    }
    for said, content in refused.items():
        with pytest.raises(RosterRefused, match=said):
            rows_of(read_file(content))


@pytest.mark.parametrize(
    "headings",
    ["E-mail address;Entity/Organization;Name", "ROLE;Name of expert;Delegation", "Surname;First name;Member State",
     "姓名;实体/组织;电子邮件", "Nom;Entité;Courriel"],
)  # fmt: skip
def test_headings_come_in_any_order_and_spelling(headings: str) -> None:
    (row,) = rows_of(read_text(f"{headings}\nX;Y;Z"))
    assert row.name
    assert row.entity


def test_a_missing_heading_is_named_with_those_expected() -> None:
    with pytest.raises(RosterRefused, match=r"headed Name\..*Nominating member, E-mail, Role"):
        rows_of(read_text("Telephone,Entity\n1,XAA"))
    with pytest.raises(RosterRefused, match="Entity"):
        rows_of(read_text("Name,Telephone\nA,1"))
    with pytest.raises(RosterRefused, match="there is nobody"):
        rows_of(read_text(HEADINGS))


@given(st.lists(st.tuples(*[st.text(max_size=12)] * 5), max_size=6))
def test_rows_kept_on_the_page_are_read_back_as_the_same_rows(cells: list[tuple[str, ...]]) -> None:
    table = (
        ("Name", "Entity", "Nominating member", "E-mail", "Role"),
        *(tuple(map(sheets._cell, row)) for row in cells),
    )
    try:
        rows = rows_of(Sheet(table, ""))
    except RosterRefused:
        return
    if any("\0" in cell for row in table for cell in row):
        return
    assert rows_of(read_text(as_text(rows))) == rows


@given(st.text(max_size=8))
def test_no_cell_of_a_csv_begins_a_formula(text: str) -> None:
    written = csv_of([(text,)]).decode("utf-8-sig").strip('"')
    assert not written.lstrip(" ").startswith(("=", "+", "-", "@"))


# --- what entering would do


def people(connection: Connection) -> None:
    save_delegation(connection, "XAA", "Arcadia", DelegationKind.MEMBER_STATE, Region.AFRICA, new=True)
    save_delegation(connection, "XUU", "University of Umbra", DelegationKind.ACADEMIA, Region.NONE, new=True)
    add_member(connection, "Amara Okoye", Role.EXPERT, "XAA", "amara@example.org", "amara")
    add_member(connection, "Ada Keeper", Role.ADMINISTRATOR, email="ada@example.org", member_id="ada")


@pytest.fixture
def stocked(database: Database) -> Database:
    database.run(people)
    return database


CASES = (
    ("Boris Petrov,XAA,,boris@example.org,Expert", Outcome.NEW, ""),
    ("Boris Petrov,Arcadia (XAA),,boris@example.org,", Outcome.NEW, ""),
    ("Boris Petrov,Ministry of ICT,Arcadia,boris@example.org,", Outcome.NEW, ""),
    ("Boris Petrov,University of Umbra,,b@example.org,Expert", Outcome.NEW, "becomes Gives views"),
    ("Boris Petrov,XAA,,,", Outcome.NEW, "No e-mail address"),
    ("Amara Okoye,XAA,,amara@example.org,Expert", Outcome.SAME, ""),
    ("Amara N. Okoye,XAA,,AMARA@example.org,", Outcome.SAME, "name Amara Okoye becomes Amara N. Okoye"),
    ("Amara Okoye,XAA,,new@example.org,", Outcome.SAME, "e-mail amara@example.org becomes"),
    ("Okoye Amara,XAA,,other@example.org,", Outcome.NEW, "Much like Amara Okoye"),
    ("Ada Keeper,XAA,,ada@example.org,", Outcome.SAME, "administrator"),
    ("Boris Petrov,Nowhere,,b@example.org,", Outcome.ERROR, "no delegation “Nowhere”"),
    ("Boris Petrov,XAA,,not an address,", Outcome.ERROR, "not an e-mail address"),
    ("Boris Petrov,XAA,,b@example.org,King", Outcome.ERROR, "is no role here"),
    (",XAA,,b@example.org,", Outcome.ERROR, "Give a name"),
    ("Sam Clerk,,,sam@example.org,Secretariat", Outcome.NEW, ""),
    ("Boris Petrov,,,b@example.org,Expert", Outcome.ERROR, "No entity"),
)


def test_every_row_says_what_would_happen(stocked: Database) -> None:
    for line, outcome, said in CASES:
        rows = rows_of(read_text(f"{HEADINGS}\n{line}"))
        (row,) = stocked.run(partial(planned, rows=rows)).rows
        assert row.outcome is outcome, line
        assert said in " ".join((*row.errors, *row.remarks)), line


def test_a_row_twice_is_asked_about_and_nobody_is_entered_twice(stocked: Database) -> None:
    text = f"{HEADINGS}\nBo Li,XAA,,bo@example.org,\nBo Li Wei,XAA,,bo@example.org,\nBo Li,XAA,,,\n"
    rows = rows_of(read_text(text))
    plan = stocked.run(lambda c: planned(c, rows))
    assert [row.outcome for row in plan.rows] == [Outcome.NEW, Outcome.LEFT_OUT, Outcome.LEFT_OUT]
    assert [row.twin for row in plan.rows] == [None, 1, 1]
    taken = stocked.run(lambda c: planned(c, rows, {2: Choice.TAKE}))
    assert taken.rows[1].outcome is Outcome.CHANGED


# --- the page


def fields(page: str) -> dict[str, str]:
    """What the preview's form would post as it is."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    text = re.search(r'<textarea id="field-roster"[^>]*>\n?(.*?)</textarea>', page, re.S)
    assert text
    plain = text[1].replace("&#34;", '"').replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return {**hidden, "roster": plain.replace("&#39;", "'")}


def look(running: House, text: str) -> str:
    answer = running.post("m-sec", "/roster", {"roster": text, "do": "look"})
    assert answer.status_code == 200, answer.text
    return answer.text


def named(running: House, name: str) -> list[str]:
    return [one.id for one in running.write(all_members) if one.name == name]


def test_a_roster_of_170_is_looked_at_and_entered_in_one_go(running: House) -> None:
    codes = ("XAA", "XBB", "XCC", "XDD")
    lines = [
        f"Delegate {'ABCDEFGHIJKLMNOPQ'[n // 10]}{n % 10} Of Many{n},{codes[n % 4]},,d{n}@example.org,"
        for n in range(170)
    ]
    before = len(running.write(all_members))
    page = look(running, "\n".join((HEADINGS, *lines)))
    assert "170 rows" in page
    assert "Enter 170 people" in page
    assert len(running.write(all_members)) == before, "nothing is written before it is entered"
    answer = running.post("m-sec", "/roster", {**fields(page), "do": "enter"})
    assert answer.headers["location"] == "/people?done=roster-entered"
    assert len(running.write(all_members)) == before + 170
    events = running.write(
        lambda c: c.execute(select(audit_events).where(audit_events.c.kind == "roster_entered")).all()
    )
    assert [one.detail for one in events] == ["170 people added, 0 changed, 0 rows left out, 0 delegations added"]
    again = look(running, "\n".join((HEADINGS, *lines)))
    assert "Enter 0 people" in again
    listed = running.get("m-sec", "/people?show=not_invited").text
    assert "Delegate A0 Of Many0" in listed
    assert "Invite 1" in listed


def test_one_wrong_row_keeps_all_out_until_it_is_corrected_or_left_out(running: House) -> None:
    page = look(running, f"{HEADINGS}\nGood Person,XAA,,good@example.org,\nBad Person,XAA,,nonsense,")
    posted = {**fields(page), "do": "enter"}
    refused = running.post("m-sec", "/roster", posted)
    assert refused.status_code == 422
    assert "1 row cannot be entered" in refused.text
    assert not named(running, "Good Person")
    assert running.post("m-sec", "/roster", {**posted, "choice-2": "skip"}).status_code == 303
    assert named(running, "Good Person")
    assert not named(running, "Bad Person")


def test_choices_are_kept_and_take_effect(running: House) -> None:
    running.write(lambda c: add_member(c, "Dora Novak", Role.EXPERT, "XDD", "dora@example.org", "dora"))
    text = f"{HEADINGS}\nDora A. Novak,XCC,,dora@example.org,Focal point"
    page = look(running, text)
    assert "delegation XDD becomes XCC" in page
    running.post("m-sec", "/roster", {**fields(page), "do": "enter", "choice-1": "keep"})
    assert named(running, "Dora Novak") == ["dora"]
    running.post("m-sec", "/roster", {**fields(page), "do": "enter", "choice-1": "take"})
    assert named(running, "Dora A. Novak") == ["dora"]


def test_an_unknown_entity_is_added_with_its_people(running: House) -> None:
    text = f"{HEADINGS}\nEve Stone,Ecoria,,eve@ecoria.example,\nEmil Stone,ECORIA,,emil@ecoria.example,"
    page = look(running, text)
    assert page.count("There is no delegation") == 2
    posted = {
        **fields(page),
        "new-0-code": "XEC",
        "new-0-kind": "member_state",
        "new-0-region": "afr",
        "new-0-add": "yes",
    }
    unseen = running.post("m-sec", "/roster", {**posted, "do": "enter"})
    assert unseen.status_code == 422, "who is let in by it is looked at first"
    seen = running.post("m-sec", "/roster", {**posted, "do": "look"}).text
    assert "Enter 2 people" in seen
    taken = running.post("m-sec", "/roster", {**posted, **fields(seen), "new-0-code": "XAA", "do": "look"}).text
    assert "belongs to another delegation" in taken
    entered = running.post("m-sec", "/roster", {**posted, **fields(seen), "do": "enter"})
    assert entered.status_code == 303, entered.text
    assert running.write(lambda c: find_delegation(c, "XEC")) is not None
    assert named(running, "Emil Stone")


def test_people_who_changed_meanwhile_are_looked_at_again(running: House) -> None:
    page = look(running, f"{HEADINGS}\nFrida Holm,XAA,,frida@example.org,")
    running.write(lambda c: add_member(c, "Frida Holm", Role.OBSERVER, None, "frida@example.org", "frida"))
    refused = running.post("m-sec", "/roster", {**fields(page), "do": "enter"})
    assert refused.status_code == 422
    assert "changed people or delegations meanwhile" in refused.text


def test_what_looks_like_a_formula_or_markup_is_shown_as_it_is(running: House) -> None:
    page = look(running, f'{HEADINGS}\n=HYPERLINK("x"),<b>XAA</b>,@SUM(1),+1,-2')
    assert "=HYPERLINK" in page
    assert "<b>XAA" not in page
    assert "Enter 0 people" in page


def test_an_uploaded_workbook_and_its_faults(running: House) -> None:
    content = workbook(("Name", "Entity", "E-mail"), ("Gita Rao", "XBB", "gita@example.org"))
    answer = running.post("m-sec", "/roster", {"do": "look"}, files={"file": ("r.xlsx", content)})
    assert "Gita Rao" in answer.text
    assert "Read from the sheet" in answer.text
    refused = running.post("m-sec", "/roster", {"do": "look"}, files={"file": ("r.xlsx", content[:100])})
    assert refused.status_code == 422
    assert "Save it again" in refused.text


def test_without_a_mail_server_the_letters_are_there_to_copy(running: House) -> None:
    page = look(running, f"{HEADINGS}\nHana Sato,XBB,,hana@example.org,")
    assert "No mail server is set" in page
    answer = running.post("m-sec", "/roster", {**fields(page), "do": "enter", "invite": "yes"})
    assert answer.status_code == 200
    link = re.search(r"http://\S+(/sign-in/\S+)", answer.text)
    assert link
    assert "Hana Sato" in running.get(None, link[1]).text
    assert not running.write(lambda c: c.execute(select(letters)).all()), "nothing waits that nobody will send"
    person = named(running, "Hana Sato")[0]
    assert "link good until" in running.get("m-sec", "/people?show=invited").text
    assert running.post(None, link[1], {"shared": "yes"}).status_code == 303
    assert running.write(arrivals)[person].coming(datetime.now(UTC)) is Coming.COME


# --- reminders


def inviter(now: datetime) -> Inviter:
    letterhead = Letterhead("Process", ZoneInfo("Europe/Zurich"))
    return Inviter(letterhead, "https://example.org", now, timedelta(hours=72), mails=True)


def test_one_reminder_per_person_and_link_and_none_for_who_has_come(stocked: Database) -> None:
    week = timedelta(days=7)

    def fill(connection: Connection) -> None:
        add_member(connection, "Boris Petrov", Role.EXPERT, "XAA", "boris@example.org", "boris")
        add_member(connection, "No Address", Role.EXPERT, "XAA", "", "silent")
        add_member(connection, "Cleo Gone", Role.EXPERT, "XAA", "cleo@example.org", "cleo")
        assert len(invite_all(connection, list(all_members(connection)), inviter(NOW))) == 5
        start_session(connection, "amara", NOW, timedelta(days=30))
        suspend_member(connection, "cleo", True, NOW)

    stocked.run(fill)

    def reminded(now: datetime) -> list[str]:
        return sorted(one.member.id for one in stocked.run(lambda c: remind_all(c, inviter(now), week)))

    assert reminded(NOW + timedelta(days=6)) == []
    assert reminded(NOW + week) == ["ada", "boris"]
    assert reminded(NOW + 2 * week) == [], "one for each link"
    known = stocked.run(arrivals)
    assert known["boris"].reminded_at == NOW + week
    assert known["boris"].mailed
    assert not known["silent"].mailed
    posted = stocked.run(lambda c: c.execute(select(letters.c.kind, letters.c.recipient)).all())
    assert [one.kind for one in posted].count("reminder") == 2
    assert stocked.run(lambda c: invite_all(c, list(all_members(c)), inviter(NOW + 2 * week))) == []


# --- balance


def test_the_balance_counts_each_person_and_delegation_once(stocked: Database) -> None:
    def look(connection: Connection) -> None:
        change_member(connection, "ada", "Ada Keeper", Role.ADMINISTRATOR, None, "ada@example.org")
        add_member(connection, "Uma Views", Role.CONTRIBUTOR, "XUU", "", "uma")

    stocked.run(look)
    found = balance(stocked.run(all_delegations), stocked.run(all_members), ["amara"])
    assert (found.people, found.delegations, found.come) == (2, 2, 1)
    for shares in (found.regions, found.kinds):
        assert sum(one.people for one in shares) == found.people
        assert sum(one.delegations for one in shares) == found.delegations
    africa = next(one for one in found.regions if one.key == "afr")
    assert (africa.people, africa.come, africa.people_percent) == (1, 1, 50)


def test_the_balance_page_and_its_file(running: House) -> None:
    assert "Asia and the Pacific" in running.get("m-sec", "/balance").text
    file = running.get("m-sec", "/balance.csv")
    assert file.content.startswith(b"\xef\xbb\xbfBy,Group")
    assert "attachment" in file.headers["content-disposition"]
