"""An invitation that is wrong is reported by whoever has the link; the chair's page, and who cannot take the chair."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select

from opinions.roles import DelegationKind, Region, Role
from server.database import Database
from server.identity.attempts import RATES, Try
from server.pages.wrong_invitation import told
from server.people_store import PeopleRefused, add_member, appoint, change_member, require_member, save_delegation
from server.roster.arrivals import MAX_REPORT, Arrival, arrivals, note_reported, to_be_reminded
from server.roster.giving import give_part
from server.session_store import invited, issue_invitation, suspend_member
from server.settings import Settings
from server.tables.identity import audit_events
from tests.support.stock import OPINION, SECOND, stocked
from tests.support.visitors import House, house

MONTH = timedelta(days=30)
DAY = timedelta(days=1)
WHO = "m-xbb-2"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(Settings(data_dir=tmp_path_factory.mktemp("house") / "data")) as started:
        yield started


@pytest.fixture
def record(settings: Settings) -> Iterator[Database]:
    stocked(settings)
    with Database(settings) as database:
        yield database


def link(running: House, member: str = WHO) -> str:
    token = running.write(lambda c: issue_invitation(c, member, None, datetime.now(UTC), MONTH))
    return f"/sign-in/{token}"


def known(running: House, member: str = WHO) -> Arrival:
    return running.write(lambda c: arrivals(c)[member])


def reports(running: House) -> list[str]:
    kind = audit_events.c.kind == "invitation_wrong"
    return list(running.write(lambda c: c.scalars(select(audit_events.c.detail).where(kind)).all()))


def test_a_report_reaches_the_secretariat_and_changes_nothing_else(running: House) -> None:
    """[T3] No sign-in, the link stays good, nobody is let in; said once until somebody has looked."""
    path = link(running)
    assert "Tell the secretariat" in running.get(None, path).text
    before = running.write(lambda c: require_member(c, WHO))
    answer = running.post(None, f"{path}/report", {"what": "I am with <b>Cascadia</b>\n\u202enot this"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=told")
    assert "set-cookie" not in answer.headers
    page = running.get(None, path)
    assert "reported as wrong on" in page.text
    assert "Tell the secretariat" not in page.text
    assert running.post(None, f"{path}/report", {"what": "again"}).status_code == 303
    said = "I am with <b>Cascadia</b> not this"
    assert known(running).reported == said
    assert reports(running) == [f"{before.name}: {said}"], "a second report is no second line"
    for place in ("/people", f"/people/{WHO}"):
        text = running.get("m-sec", place).text
        assert "I am with &lt;b&gt;Cascadia&lt;/b&gt; not this" in text, place
    assert running.write(lambda c: require_member(c, WHO)) == before
    assert running.write(lambda c: invited(c, path.rpartition("/")[2], datetime.now(UTC))) == before
    assert running.post("m-sec", f"/people/{WHO}/report").status_code == 303
    assert known(running).reported_at is None
    assert "Tell the secretariat" in running.get(None, path).text
    assert running.post("m-sec", f"/people/{WHO}/report").status_code == 404


def test_a_new_link_settles_what_was_said_of_the_one_before(running: House) -> None:
    running.post(None, f"{link(running)}/report")
    assert known(running).reported_at is not None
    assert "without saying more" in running.get("m-sec", f"/people/{WHO}").text
    running.post("m-sec", f"/people/{WHO}/invitation")
    assert known(running).reported_at is None


def test_a_link_that_lets_nobody_in_reports_nothing_and_counts_as_guessed(running: House) -> None:
    path = link(running)
    link(running)
    before = reports(running)
    assert running.post(None, f"{path}/report").status_code == 410
    assert reports(running) == before
    limit = RATES[Try.LINK].most
    answers = [running.post(None, f"/sign-in/guess-{n}/report").status_code for n in range(limit + 1)]
    assert answers[-1] == 429
    assert set(answers[: limit - 2]) == {410}


def test_nobody_said_to_be_invited_wrongly_is_reminded_by_itself(record: Database) -> None:
    now = datetime.now(UTC)

    def arrange(connection: Connection) -> None:
        for member in ("amara", "tariq"):
            add_member(connection, member.title(), Role.EXPERT, "XAA", f"{member}@example.org", member)
            issue_invitation(connection, member, None, now - 9 * DAY, MONTH)
        assert note_reported(connection, "tariq", now, "x" * 999)
        assert not note_reported(connection, "tariq", now, "y")

    record.run(arrange)
    assert record.run(lambda c: to_be_reminded(c, now, DAY)) == ["amara"]
    assert record.run(lambda c: arrivals(c)["tariq"].reported) == "x" * MAX_REPORT


def test_what_is_written_is_one_line_that_can_be_shown() -> None:
    assert told(" I am\r\n\twith\u200b \u202eKenya\x00 ") == "I am with Kenya"
    assert len(told("é" * 5_000)) == MAX_REPORT
    assert told("") == ""


# --- the chair


def test_p6_nobody_of_a_delegation_that_gives_views_takes_the_chair(record: Database) -> None:
    """[P6] The chair types no word, and agrees to those of others: not appointed, nor moved there while in the chair,
    nor is a State of theirs turned into an academy.
    """
    for chair, acting in (("m-views", frozenset[str]()), (None, frozenset({"m-views"}))):
        with pytest.raises(PeopleRefused, match="without a delegation first"):
            record.run(partial(appoint, opinion=OPINION, chair=chair, acting=acting))
    with pytest.raises(PeopleRefused, match="administrator takes no part"):
        record.run(lambda c: appoint(c, OPINION, "m-admin", frozenset()))
    record.run(lambda c: change_member(c, WHO, "Expert Borduria 2", Role.OBSERVER, "XBB"))
    record.run(lambda c: appoint(c, SECOND, WHO, frozenset()))
    with pytest.raises(PeopleRefused, match="XUU gives views"):
        record.run(lambda c: change_member(c, WHO, "Expert Borduria 2", Role.OBSERVER, "XUU"))
    with pytest.raises(PeopleRefused, match="Expert Borduria 2"):
        record.run(lambda c: save_delegation(c, "XBB", "Borduria", DelegationKind.ACADEMIA, Region.NONE, new=False))
    with pytest.raises(PeopleRefused, match="XUU gives views"):
        record.run(lambda c: change_member(c, "m-sec", "Sam Clerk", Role.SECRETARIAT, "XUU"))
    record.run(lambda c: change_member(c, "m-views", "Vera Views", Role.OBSERVER, None))
    record.run(lambda c: appoint(c, OPINION, "m-views", frozenset()))


def test_the_page_of_the_chair_shows_who_is_there_for_a_while_and_who_is_not(running: House) -> None:
    page = f"/opinions/{OPINION}/chair"
    now = datetime.now(UTC)
    running.post("m-sec", page, {"chair": "m-chair", "acting": "m-xaa-2"})
    assert "Nobody." in running.get("m-sec", page).text

    def arrange(connection: Connection) -> None:
        days = {"begins_at": now + DAY, "ends_at": now + 2 * DAY}
        give_part(connection, "m-xbb-1", OPINION, Role.ACTING_CHAIR, now, label="IEG-3", **days)
        give_part(connection, "m-xaa-2", OPINION, Role.EXPERT, now, ends_at=now + DAY)
        give_part(connection, "m-xdd-1", SECOND, Role.CHAIR, now)

    running.write(arrange)
    text = running.get("m-sec", page).text
    assert "IEG-3" in text
    assert "Expert for now" in text
    assert "m-views" not in text, "nobody can be chosen who would be refused"
    assert "m-admin" not in text
    assert "/people/m-xdd-1#parts" not in text, "that is another draft Opinion"
    running.write(lambda c: suspend_member(c, "m-chair", True, now))
    assert ": Suspended" in running.get("m-sec", page).text
    running.write(lambda c: suspend_member(c, "m-chair", False, now))
    refused = running.post("m-sec", page, {"chair": "m-views"})
    assert refused.status_code == 422
    assert "gives views" in refused.text
