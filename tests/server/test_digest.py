"""The digest: at the person's own hour outside the quiet hours, whatever clocks do; only of what is new and may be
read; stopped at one click.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from opinions.process_rules import ProcessRules
from opinions.visibility import Attribution
from server import work
from server.post.digest import both, compose_due, may_stop, stop_path
from server.post.wishes import Pace, Wishes, load_wishes, save_wishes
from server.process_store import load_process, save_process
from server.settings import Settings
from server.signing import load_key
from server.tables import members
from server.tables.post import letters, wishes
from server.work import Tools
from tests.server.test_news import command, propose
from tests.support.mail_server import Mail, mail_server
from tests.support.stock import OPINION, SECOND
from tests.support.visitors import House, house

ZONES = ("Europe/Zurich", "America/Nassau", "Africa/Nairobi", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe")
HOURS = st.integers(0, 23)
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
ANY = st.builds(Wishes, st.just(Pace.DAILY), st.just(()), HOURS, HOURS, HOURS, st.sampled_from(ZONES))


@given(ANY, MOMENTS)
@example(Wishes(Pace.DAILY, (), 2, 0, 0, "Europe/Zurich"), datetime(2026, 3, 28, 12, tzinfo=UTC))
@example(Wishes(Pace.DAILY, (), 2, 3, 2, "Europe/Zurich"), datetime(2026, 10, 24, 12, tzinfo=UTC))
@example(Wishes(Pace.DAILY, (), 18, 22, 7, "Pacific/Apia"), datetime(2011, 12, 30, 9, tzinfo=UTC))
def test_a_digest_is_due_once_a_day_by_the_persons_clock_and_never_in_the_quiet(wanted: Wishes, now: datetime) -> None:
    zone = ZoneInfo(wanted.zone)
    at = now
    for _ in range(4):
        following = wanted.next_after(at)
        assert following is not None
        assert at < following <= at + timedelta(days=3)
        assert following - at <= timedelta(hours=50) or wanted.zone == "Pacific/Apia"
        assert not wanted.is_quiet(following)
        local = following.astimezone(zone)
        usual = Wishes(Pace.DAILY, (), wanted.hour, 0, 0, wanted.zone)
        if not wanted.is_quiet(datetime.combine(local.date(), time(wanted.hour), zone)):
            there = datetime.combine(local.date(), time(wanted.hour), zone).astimezone(UTC)
            assert following >= there or usual.next_after(at) is not None
        at = following


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-07-01"])
def test_six_in_the_evening_stays_six_when_the_clocks_change(day: str) -> None:
    wanted = Wishes(Pace.DAILY, (), 18, 22, 7, "Europe/Zurich")
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZoneInfo("Europe/Zurich"))
    due = wanted.next_after(noon)
    assert due is not None
    assert due.astimezone(ZoneInfo("Europe/Zurich")).isoformat()[:16] == f"{day}T18:00"


@given(ANY, MOMENTS)
def test_what_falls_into_the_quiet_waits_for_its_end_and_no_longer(wanted: Wishes, now: datetime) -> None:
    loud = wanted.first_loud(now)
    if not wanted.is_quiet(now):
        assert loud == now
    else:
        assert not wanted.is_quiet(loud)
        assert loud - now <= timedelta(hours=49)
        assert loud.astimezone(ZoneInfo(wanted.zone)).minute == 0


def test_no_pace_no_digest_and_the_same_hour_twice_is_no_quiet() -> None:
    assert Wishes().next_after(datetime(2026, 1, 1, tzinfo=UTC)) is None
    never = Wishes(quiet_from=7, quiet_until=7)
    assert not any(never.is_quiet(datetime(2026, 1, 1, hour, tzinfo=UTC)) for hour in range(24))


def test_times_are_told_in_the_meetings_zone_first_then_in_the_readers() -> None:
    at = datetime(2026, 2, 5, 13, 29, tzinfo=UTC)
    geneva = ZoneInfo("Europe/Zurich")
    assert both(at, geneva, ZoneInfo("Africa/Nairobi")) == "5 Feb 2026, 14:29 Geneva (16:29 your time)"
    assert both(at, geneva, ZoneInfo("Europe/Paris")) == "5 Feb 2026, 14:29 Geneva"
    late = both(at, geneva, ZoneInfo("Pacific/Auckland"))
    assert late == "5 Feb 2026, 14:29 Geneva (6 Feb 2026, 02:29 your time)"


def test_only_the_servers_own_signature_stops_letters(tmp_path: Path) -> None:
    key, other = load_key(tmp_path / "a.key"), load_key(tmp_path / "b.key")
    signature = stop_path("m-1", key).rsplit("/", 1)[1]
    assert may_stop("m-1", signature, key)
    assert not may_stop("m-2", signature, key)
    assert not may_stop("m-1", signature, other)
    for wrong in ("", "x", "é", signature[:-2], signature + "AAAA"):
        assert not may_stop("m-1", wrong, key)


# --- whole


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    """A mail server."""
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, mail: Mail) -> Iterator[House]:
    """The app on stocked data, everybody with an address."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("digest") / "data", smtp_url=mail.url)
    with house(settings) as running:
        running.write(lambda c: c.execute(update(members).values(email=members.c.id + "@example.org")).rowcount)
        yield running


def composed(pages: House, now: datetime) -> None:
    """What the timed job does at a moment, and the sending."""
    services = pages.services
    begun: list[str] = []
    tools = Tools(services.settings, services.database, begun.append)

    async def compose() -> None:
        await compose_due(tools, now)
        # The composing has the test's clock, the sending its own.
        past = datetime.now(UTC) - timedelta(seconds=1)
        await services.database.write(lambda c: c.execute(update(letters).values(due_at=past)).rowcount)
        for job in begun:
            await work.carry_out({"tools": tools}, job)

    assert pages.client.portal is not None
    pages.client.portal.call(compose)


FORM = {
    "pace": "daily",
    "hour": "18",
    "quiet_from": "22",
    "quiet_until": "7",
    "zone": "Africa/Nairobi",
    "which": "all",
}


def wish(pages: House, who: str, **fields: Any) -> None:
    """Choose on the page, at an hour of the server's own clock."""
    answer = pages.post(who, "/account/letters", {**FORM, **fields})
    assert answer.status_code == 303, answer.text


def due(pages: House, who: str) -> datetime | None:
    """When the next digest is due."""
    at: datetime | None = pages.write(lambda c: c.scalar(select(wishes.c.next_at).where(wishes.c.member == who)))
    return at


def test_a_digest_comes_at_the_hour_with_what_is_new_and_no_more_and_is_stopped_at_one_click(
    pages: House, mail: Mail
) -> None:
    for who in ("m-xaa-1", "m-xbb-2", "m-obs"):
        wish(pages, who)
    wish(pages, "m-xcc-1", which="some", opinion=SECOND)
    at = due(pages, "m-xaa-1")
    assert at is not None
    assert at.astimezone(ZoneInfo("Africa/Nairobi")).hour == 18
    composed(pages, at - timedelta(seconds=1))
    composed(pages, at)
    assert mail.received == [], "nothing is new"

    propose(pages, "m-xbb-1", "XBB", OPINION, "a-digest-01", "that", "which")
    at = due(pages, "m-xaa-1")
    assert at is not None
    composed(pages, at)
    composed(pages, at)
    (letter,) = mail.to("m-xaa-1@example.org")
    assert "Broadband for all" in letter.body
    assert "XBB #1: replace “that” by “which”" in letter.body
    assert f"/opinions/{OPINION}/new" in letter.body
    assert letter.subject == "Process of the tests: 1 thing is new"
    assert mail.to("m-obs@example.org") == [], "amendments are not for observers"
    assert mail.to("m-xcc-1@example.org") == [], "another Opinion"

    stop = urlsplit(str(letter.message["List-Unsubscribe"]).strip("<>")).path
    assert stop in letter.body
    assert pages.get(None, stop).status_code == 200
    assert due(pages, "m-xaa-1") is not None, "looking changes nothing"
    # As a mail program does it: no cookie, no page of ours.
    one_click = {"List-Unsubscribe": "One-Click"}
    answer = pages.client.post(
        stop, data=one_click, headers={"host": "127.0.0.1:8123", "origin": "https://mail.example"}
    )
    assert answer.status_code == 200
    assert due(pages, "m-xaa-1") is None
    assert pages.client.post(stop[:-4] + "AAAA", headers={"host": "127.0.0.1:8123"}).status_code == 404


def test_a_meeting_day_is_one_with_an_outcome(pages: House, mail: Mail) -> None:
    wish(pages, "m-xdd-1", pace="meeting")
    propose(pages, "m-xbb-1", "XBB", SECOND, "a-digest-02", "that", "which")
    at = due(pages, "m-xdd-1")
    assert at is not None
    composed(pages, at)
    assert mail.to("m-xdd-1@example.org") == []
    outcome = {"amendment": "a-digest-02", "revision": 1, "ruling": "set_aside"}
    command(pages, "m-chair", SECOND, "k-outcome-1", act="record_outcome", **outcome)
    at = due(pages, "m-xdd-1")
    assert at is not None
    composed(pages, at)
    (letter,) = mail.to("m-xdd-1@example.org")
    assert "XBB #1: Set aside" in letter.body
    assert "New amendments" in letter.body, "what came on the days before is told too"


def switched(pages: House, setting: Attribution) -> None:
    pages.write(lambda c: save_process(c, replace(load_process(c), attribution=setting)))


def test_bc4_the_letter_can_be_the_brief_of_ones_delegation(pages: House, mail: Mail) -> None:
    """[BC4]"""
    assert pages.post("m-obs", "/account/letters", {**FORM, "tells": "brief"}).status_code == 422
    assert pages.post("m-xaa-2", "/account/letters", {**FORM, "tells": "poem"}).status_code == 422
    rules = ProcessRules(contributions_due=datetime(2031, 5, 19, 12, tzinfo=UTC))
    pages.write(lambda c: save_process(c, replace(load_process(c), rules=rules)))
    wish(pages, "m-xaa-2", tells="brief")
    change = {"start": 12, "end": 18, "was": "stands", "text": "touches"}
    one = {"amendment": "a-digest-09", "delegation": "XAA", "kind": "MOD", "paragraph": "p-item-00002"}
    proposals = [{**one, "replacements": [change]}]
    command(pages, "m-xaa-1", SECOND, "k-brief-1", act="enter_proposals", party="XAA", proposals=proposals)
    at = due(pages, "m-xaa-2")
    assert at is not None
    composed(pages, at)
    (letter,) = mail.to("m-xaa-2@example.org")
    assert "Square brackets that you hold" in letter.body
    assert "[touches] XAA #" in letter.body
    assert "new amendments" in letter.body.lower()
    assert f"/opinions/{SECOND}/brief" in letter.body
    assert "Contributions until 19 May 2031" in letter.body, "the dates ahead are of a brief"
    call = {"call": "c-digest-1", "items": [{"amendment": "a-digest-09", "revision": 1}]}
    command(pages, "m-chair", SECOND, "k-called-1", act="open_call", **call)
    stance = {"amendment": "a-digest-09", "revision": 1, "attitude": "reserve", "note": "We wait."}
    command(pages, "m-xbb-1", SECOND, "k-said-1", act="take_position", party="XBB", **stance)
    wish(pages, "m-xdd-2")
    propose(pages, "m-xbb-1", "XBB", SECOND, "a-digest-10", "that", "whose")
    switched(pages, Attribution.NONE)
    try:
        for who in ("m-xaa-2", "m-xdd-2"):
            at = due(pages, who)
            assert at is not None
            composed(pages, at)
    finally:
        switched(pages, Attribution.ALL)
    (_, letter) = mail.to("m-xaa-2@example.org")
    (other,) = mail.to("m-xdd-2@example.org")
    for body in (letter.body, other.body):
        assert not any(name in body for name in ("XBB", "Borduria", "XAA #")), "[AV3] a letter leaves the room"
    assert "A delegation reserves its position: “We wait.”" in letter.body
    assert "Calls for objections put to you, not answered" in letter.body
    assert "New: calls for objections" not in letter.body, "told once"
    assert "Square brackets that you hold" not in "".join(one.body for one in mail.to("m-xdd-1@example.org"))


def test_a_server_that_was_away_sends_one_digest_and_none_in_the_quiet(pages: House, mail: Mail) -> None:
    wish(pages, "m-xcc-2")
    at = due(pages, "m-xcc-2")
    assert at is not None
    night = at + timedelta(days=3, hours=7)
    propose(pages, "m-xdd-2", "XDD", SECOND, "a-digest-03", "that", "since")
    composed(pages, night)
    assert mail.to("m-xcc-2@example.org") == []
    morning = due(pages, "m-xcc-2")
    assert morning is not None
    assert morning.astimezone(ZoneInfo("Africa/Nairobi")).hour == 7
    composed(pages, morning)
    assert len(mail.to("m-xcc-2@example.org")) == 1


def test_who_only_follows_is_led_to_pages_that_are_open_to_them(pages: House, mail: Mail) -> None:
    wish(pages, "m-views")
    command(pages, "m-chair", SECOND, "k-frozen-1", act="freeze", label="Second text", milestone="", seen_seq=10**6)
    at = due(pages, "m-views")
    assert at is not None
    composed(pages, at)
    (letter,) = mail.to("m-views@example.org")
    assert "“Second text” was frozen" in letter.body
    paths = [urlsplit(one).path for one in letter.body.split() if f"/{SECOND}/" in one]
    assert paths == [f"/opinions/{SECOND}/versions"]
    assert pages.get("m-views", paths[0]).status_code == 200


def test_what_was_looked_at_on_the_page_is_not_told_again(pages: House, mail: Mail) -> None:
    wish(pages, "m-xdd-2")
    propose(pages, "m-xaa-2", "XAA", SECOND, "a-digest-04", "that", "given that")
    pages.get("m-xdd-2", f"/opinions/{SECOND}/new")
    at = due(pages, "m-xdd-2")
    assert at is not None
    composed(pages, at)
    assert not any("given that" in one.body for one in mail.to("m-xdd-2@example.org"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pace", "x"),
        ("hour", "24"),
        ("hour", "000018"),
        ("quiet_from", "x"),
        ("zone", "Mars/X"),
        ("zone", "../etc"),
        ("which", "some"),
    ],
)
def test_a_wish_that_does_not_fit_is_told_at_its_field(pages: House, field: str, value: str) -> None:
    answer = pages.post("m-xaa-2", "/account/letters", {**FORM, field: value})
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text


def test_wishes_are_kept(pages: House) -> None:
    wanted = Wishes(Pace.MEETING, (OPINION,), 8, 21, 6, "Asia/Kathmandu")

    def kept(connection: Connection) -> Wishes:
        save_wishes(connection, "m-sec", wanted, datetime.now(UTC))
        return load_wishes(connection, "m-sec", "Europe/Zurich")

    assert pages.write(kept) == wanted
    assert 'value="Asia/Kathmandu"' in pages.get("m-sec", "/account/letters").text
