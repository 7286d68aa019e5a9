"""The switch of names proven on every address: a delegation that stands nowhere but as a holder is looked for in all
that each audience is sent under each setting (server/SPEC.md, AV1-AV4).
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert

from opinions.record import Amendment
from opinions.roles import Act
from opinions.visibility import Attribution, Audience, Outlet, names_shown
from server.process_store import load_process, save_process
from server.routes import TABLE
from server.settings import Settings
from server.tables.consultation import consultation_rounds, round_texts
from tests.support.session_played import HOLDER, HOLDER_NAME, ITEMS, Played, played, with_holder
from tests.support.stock import OPINION
from tests.support.visitors import House, house

WHO = {
    "m-sec": Audience.TABLE,
    "m-chair": Audience.TABLE,
    "m-xaa-1": Audience.GROUP,
    "m-obs": Audience.OBSERVERS,
    "m-views": Audience.OBSERVERS,
    "m-admin": Audience.OBSERVERS,
    None: Audience.PUBLIC,
}
WIDEST = ("m-sec", "m-views")
"""Who is asked everything while all may see names: together they can open whatever there is."""
OUTSIDE: dict[Attribution, set[str | None]] = {
    Attribution.DELEGATIONS: {"m-obs", "m-views", "m-admin", None},
    Attribution.CHAIR_AND_SECRETARIAT: {None},
    Attribution.NONE: {"m-obs"},
}
"""Who of those outside asks under a setting: the table has one row for them all unless all may see names."""
FILLED = {
    "{opinion}": OPINION,
    "{number:int}": "1",
    "{paragraph}": ITEMS[0],
    "{view}": "marked",
    "{draft}": OPINION,
    "{round}": "r-1",
}
FILES = {
    "/opinions/{opinion}/export",
    "/opinions/{opinion}/compilation.docx",
    "/opinions/{opinion}/brackets.csv",
    "/opinions/{opinion}/threads.csv",
    "/contributions.csv",
    "/ledger.csv",
    "/consultation/{round}/export",
    "/consultations/{round}/export",
    "/api/opinions/{opinion}/report",
    "/opinions/{opinion}/report",
    "/report",
}
"""Addresses whose answers are given out, or show what is."""
OF_PARTIES = {Act.PEOPLE_MANAGE, Act.PEOPLE_NOMINATE, Act.PROCESS_EXPORT, Act.AUDIT_READ, Act.BRIEF_READ}
"""Pages that list the parties of the process because they manage them, or a delegation's own."""
LISTS = {
    "/ledger/present",
    "/ledger/merge",
    "/contributions/new",
    "/contributions",
    "/api/opinions/{opinion}/bootstrap",
    "/my-delegation",
    "/icon.svg",
    "/offline.js",
}
"""Forms and lists that offer every party of the process, whoever holds what; pictures and scripts."""
STREAMS = ("/events",)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("attribution") / "data")) as running:
        with_holder(running)
        one = played(running)
        one.command("m-sec", act="freeze", label="Second draft", ruled_by="Rosa Chair")
        running.write(consult)
        yield one


def consult(connection: Connection) -> None:
    """A public consultation on the version."""
    now = datetime.now(UTC)
    about = {"name": "First round", "audience": "public", "showing": "as_they_come", "created_by": "m-sec"}
    dates = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=9), "created_at": now}
    connection.execute(insert(consultation_rounds).values(id="r-1", number=1, **about, **dates))
    connection.execute(insert(round_texts).values(round="r-1", opinion=OPINION, version=1, position=0))


def addresses() -> list[tuple[str, str]]:
    """Every address that can be asked for without more than is there; exports in each format and view."""
    found = []
    for entry in TABLE:
        if entry.method != "GET" or entry.path.endswith(STREAMS) or entry.policy in OF_PARTIES or entry.path in LISTS:
            continue
        path = entry.path
        for name, value in FILLED.items():
            path = path.replace(name, value)
        if "{" not in path:
            found.append((entry.path, path))
    more = [
        ("/opinions/{opinion}/export", f"/opinions/{OPINION}/export?format={form}&view={view}&version={version}")
        for form, view, version in (
            ("txt", "rolling", ""),
            ("txt", "marked", "1"),
            ("html", "rolling", "1"),
            ("html", "marked", ""),
            ("json", "marked", "1"),
            ("docx", "marked", "1"),
        )
    ]
    return [*found, *more]


def naming_addresses(running: House) -> set[str]:
    """The addresses that name the holder to anybody while all may see names: no narrower setting adds one."""
    return {address for who in WIDEST for _, address in addresses() if named_in(running, who, address)}


def to_be_asked(who: str | None, path: str, address: str, setting: Attribution) -> bool:
    """Where the table forbids something; and the text itself, which must name the holder where it does not."""
    if path == "/opinions/{opinion}/live" or "format=txt" in address:
        return True
    outlet = Outlet.FILE if path in FILES else Outlet.ROOM
    if names_shown(setting, WHO[who], outlet).delegations:
        return False
    return WHO[who] in {Audience.TABLE, Audience.GROUP} or who in OUTSIDE[setting]


def text_of(content: bytes) -> str:
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())
    return content.decode("utf-8", "replace")


def named_in(running: House, who: str | None, address: str) -> bool | None:
    """Whether the holder is named in an answer; None where the visitor is not given one."""
    answer = running.get(who, address)
    if answer.status_code != 200:
        return None
    told = text_of(answer.content)
    return HOLDER in told or HOLDER_NAME in told


def set_switch(running: House, setting: Attribution) -> None:
    running.write(lambda c: save_process(c, replace(load_process(c), attribution=setting)))


@pytest.fixture(scope="module")
def naming(session: Played) -> set[str]:
    """Asked once for all settings."""
    return naming_addresses(session.house)


@pytest.mark.parametrize("setting", Attribution)
def test_av1_the_holder_is_named_to_nobody_but_whom_the_table_says(
    session: Played, naming: set[str], setting: Attribution
) -> None:
    """[AV1] Every address that names the holder to somebody, asked by everybody; and by an observer every address."""
    running = session.house
    set_switch(running, setting)
    told: dict[tuple[str, Audience], set[bool]] = {}
    try:
        for who, audience in WHO.items():
            for path, address in addresses():
                everything = who == "m-obs" and setting is Attribution.DELEGATIONS
                if not ((everything or address in naming) and to_be_asked(who, path, address, setting)):
                    continue
                named = named_in(running, who, address)
                if named is None:
                    continue
                outlet = Outlet.FILE if path in FILES else Outlet.ROOM
                allowed = names_shown(setting, audience, outlet).delegations
                assert allowed or not named, f"{who} reads the holder at {address} under {setting}"
                told.setdefault((path, audience), set()).add(named)
    finally:
        set_switch(running, Attribution.ALL)
    # The walk would prove nothing if the holder stood nowhere.
    live, export = "/opinions/{opinion}/live", "/opinions/{opinion}/export"
    assert told[live, Audience.GROUP] == {True}
    assert told[live, Audience.OBSERVERS] == {setting is Attribution.ALL}
    assert (True in told[export, Audience.TABLE]) == (setting is not Attribution.NONE)
    assert (True in told[export, Audience.GROUP]) == (setting in {Attribution.ALL, Attribution.DELEGATIONS})


def test_av1_a_version_can_have_a_setting_of_its_own(session: Played) -> None:
    running, page = session.house, f"/opinions/{OPINION}/versions/1"
    assert named_in(running, "m-obs", page)
    assert running.post("m-xaa-1", f"{page}/attribution", {"attribution": "none"}).status_code == 403
    assert running.post("m-chair", f"{page}/attribution", {"attribution": "none"}).status_code == 303
    try:
        assert named_in(running, "m-obs", page) is False
        assert named_in(running, "m-obs", f"/opinions/{OPINION}/live")
        assert named_in(running, "m-obs", f"{page}/canonical.txt") is None
        assert named_in(running, "m-xaa-1", page), "members of the group see delegations in the room"
        assert named_in(running, "m-xaa-1", f"{page}/canonical.txt"), "and can verify the version"
        marked = f"/opinions/{OPINION}/export?format=txt&view=marked"
        assert named_in(running, "m-chair", f"{marked}&version=1") is False
        assert named_in(running, "m-chair", marked)
        assert "names: Nobody outside the room" in running.get("m-sec", "/audit").text
    finally:
        running.post("m-sec", f"{page}/attribution", {"attribution": ""})
    assert named_in(running, "m-obs", page)


def test_av1_an_export_can_be_narrower_and_never_wider(session: Played) -> None:
    running, marked = session.house, f"/opinions/{OPINION}/export?format=txt&view=marked&names="
    assert [named_in(running, "m-xaa-1", marked + one) for one in (*Attribution, "withheld")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert running.get("m-xaa-1", f"{marked}everybody").status_code == 404
    set_switch(running, Attribution.CHAIR_AND_SECRETARIAT)
    try:
        assert named_in(running, "m-xaa-1", f"{marked}all") is False
        assert named_in(running, "m-sec", f"{marked}all")
    finally:
        set_switch(running, Attribution.ALL)


def test_the_holder_is_a_canary(session: Played) -> None:
    held: list[Amendment] = [one for one in session.document().record.amendments.values() if one.delegation == HOLDER]
    assert len(held) == 2
