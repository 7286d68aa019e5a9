"""Reminders of deadlines (opinions/SPEC.md, PH8): seven days, one day and on the day, once each, never for one that has
passed, to those whose right it is, through a real mail server.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from opinions.roles import Act
from server import outbox, work
from server.people_store import require_member
from server.phasing import reminders
from server.phasing.reminders import DAYS, Deadline, deadlines, remind_due
from server.phasing.store import extend, spans_of
from server.post.wishes import Pace, Wishes, save_wishes
from server.settings import Settings
from server.signing import load_key
from server.tables import jobs, members
from server.tables.phases import deadline_reminders
from server.tables.post import letters
from server.work import Tools
from tests.support.mail_server import Mail, mail_server
from tests.support.phasing import phase, planned
from tests.support.visitors import House, house

NOON = datetime(2031, 5, 5, 10, tzinfo=UTC)
"""A Monday; 12:00 in Geneva. The tests go on from there in their own time."""
DAY = timedelta(days=1)
EXPERTS = {f"m-x{letter * 2}-{number}@example.org" for letter in "abcd" for number in (1, 2)}


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, mail: Mail) -> Iterator[House]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("reminders") / "data", smtp_url=mail.url)
    with house(settings) as running:
        running.write(lambda c: c.execute(update(members).values(email=members.c.id + "@example.org")).rowcount)
        yield running


def reminded(pages: House, mail: Mail, now: datetime, *, send: bool = True) -> set[str]:
    """What the timed job does at a moment, and the sending; who got a letter."""
    services, begun = pages.services, list[str]()
    tools = Tools(services.settings, services.database, begun.append)
    before = len(mail.received)

    async def remind() -> None:
        await remind_due(tools, now)
        if send:
            # The composing has the test's clock, the sending its own.
            past = datetime.now(UTC) - timedelta(seconds=1)
            await services.database.write(lambda c: c.execute(update(letters).values(due_at=past)).rowcount)
            await services.database.write(lambda c: c.execute(update(jobs).values(due_at=None)).rowcount)
            for job in begun:
                await work.carry_out({"tools": tools}, job)

    assert pages.client.portal is not None
    pages.client.portal.call(remind)
    return {one.recipients[0] for one in mail.received[before:]}


def due_on(pages: House, key: str, at: datetime, *rights: Act) -> None:
    """A phase that closes then; all others of earlier tests are gone."""
    pages.write(lambda c: planned(c, {key: at}, phase(key, *(rights or (Act.AMENDMENT_SUBMIT,)), name=f"Phase {key}")))


def test_ph8_three_reminders_each_once_to_those_whose_right_it_is(pages: House, mail: Mail) -> None:
    # Closes on Monday 12 May at 24:00 in Geneva.
    due_on(pages, "third", datetime(2031, 5, 12, 22, tzinfo=UTC))
    assert reminded(pages, mail, datetime(2031, 5, 5, 5, 59, tzinfo=UTC)) == set(), "not before 8:00 in Geneva"
    assert reminded(pages, mail, datetime(2031, 5, 5, 6, tzinfo=UTC)) == EXPERTS | {"m-chair@example.org"}
    for at in (NOON, NOON + DAY, NOON + 5 * DAY):
        assert reminded(pages, mail, at) == set()
    assert reminded(pages, mail, datetime(2031, 5, 11, 6, tzinfo=UTC)) >= EXPERTS
    assert reminded(pages, mail, datetime(2031, 5, 11, 22, 1, tzinfo=UTC)) >= EXPERTS, "on the day, from its begin"
    assert reminded(pages, mail, datetime(2031, 5, 12, 21, 59, tzinfo=UTC)) == set()
    assert reminded(pages, mail, datetime(2031, 5, 12, 22, tzinfo=UTC)) == set()
    letter = mail.to("m-xaa-1@example.org")[0]
    assert "12 May 2031, 24:00 Geneva (22:00 UTC)" in letter.body
    assert "Phase third" in letter.subject
    assert "- Submit amendments" in letter.body
    assert "/phases" in letter.body
    assert str(letter.message["List-Unsubscribe"]).startswith("<http")
    assert not mail.to("m-obs@example.org"), "observers are not reminded"
    assert not mail.to("m-views@example.org"), "who gives views submits no amendments"
    assert not mail.to("m-sec@example.org")


def test_ph8_after_a_pause_one_reminder_and_never_for_what_has_passed(pages: House, mail: Mail) -> None:
    due_on(pages, "paused", datetime(2031, 6, 12, 22, tzinfo=UTC), Act.COMMENT_MAKE)
    assert "m-views@example.org" in reminded(pages, mail, datetime(2031, 6, 12, 9, tzinfo=UTC))
    mine = [one for one in mail.to("m-xaa-1@example.org") if "paused" in one.subject]
    assert len(mine) == 1
    assert reminded(pages, mail, datetime(2031, 6, 12, 12, tzinfo=UTC)) == set()
    due_on(pages, "passed", datetime(2031, 6, 1, 22, tzinfo=UTC))
    assert reminded(pages, mail, datetime(2031, 6, 2, 9, tzinfo=UTC)) == set()


def test_ph8_who_was_reminded_for_the_last_time_is_not_reminded_for_the_first(pages: House, mail: Mail) -> None:
    """Of two workers one has a clock that is behind: the later reminder made the earlier ones needless."""
    due = datetime(2031, 6, 20, 22, tzinfo=UTC)
    due_on(pages, "behind", due)
    assert reminded(pages, mail, due - timedelta(hours=6)) >= EXPERTS
    for behind in (due - DAY, due - 7 * DAY + timedelta(hours=1), due - timedelta(hours=6)):
        assert reminded(pages, mail, behind) == set()


def test_ph8_a_moved_deadline_reminds_anew_and_an_extended_one_says_so(pages: House, mail: Mail) -> None:
    first = datetime(2031, 7, 10, 22, tzinfo=UTC)
    due_on(pages, "moved", first)
    assert reminded(pages, mail, first - 7 * DAY) >= EXPERTS
    due_on(pages, "moved", first + 14 * DAY)
    assert reminded(pages, mail, first - DAY) == set(), "the old day is nobody's any more"
    assert reminded(pages, mail, first + 7 * DAY) >= EXPERTS

    def extended(connection: Connection) -> None:
        chair = require_member(connection, "m-chair")
        extend(connection, "moved", first + 15 * DAY, "", chair, first + 13 * DAY)

    pages.write(extended)
    assert reminded(pages, mail, first + 13 * DAY + timedelta(hours=12)) >= EXPERTS
    assert "was extended and closes" in mail.to("m-xbb-1@example.org")[-1].body


def test_ph8_wishes_hold_no_letters_and_no_quiet_hours(pages: House, mail: Mail) -> None:
    at = datetime(2031, 8, 10, 22, tzinfo=UTC)
    due_on(pages, "wishes", at)
    now = at - timedelta(hours=24)
    pages.write(lambda c: save_wishes(c, "m-xbb-2", Wishes(Pace.OFF), now))
    pages.write(lambda c: save_wishes(c, "m-xcc-1", Wishes(Pace.DAILY, (), 18, 22, 7, "Africa/Nairobi"), now))
    reminded(pages, mail, now, send=False)

    def posted(connection: Connection) -> dict[str, datetime]:
        found = connection.execute(select(letters).where(letters.c.kind == "deadline", letters.c.created_at == now))
        return {row.member: row.due_at for row in found}

    posts = pages.write(posted)
    assert "m-xbb-2" not in posts
    # 01:00 in Nairobi: the letter waits until 07:00 there.
    assert posts["m-xcc-1"] == datetime(2031, 8, 10, 4, tzinfo=UTC)
    assert reminded(pages, mail, now + timedelta(minutes=1), send=False) == set()
    pages.write(lambda c: save_wishes(c, "m-xbb-2", Wishes(Pace.DAILY, (), 18, 22, 7), now))


def test_ph8_a_worker_that_dies_leaves_the_letter_and_its_mark_or_neither(pages: House, mail: Mail) -> None:
    at = datetime(2031, 9, 10, 22, tzinfo=UTC)
    due_on(pages, "dies", at)
    services, now = pages.services, at - DAY
    key = load_key(services.settings.signing_key_file)

    class Killed(Exception):
        """The end of a worker in the middle."""

    def half(connection: Connection) -> None:
        assert reminders.post_due(connection, key, "http://x", now)
        raise Killed

    with pytest.raises(Killed):
        pages.write(half)
    marks = select(deadline_reminders.c.letter).where(deadline_reminders.c.deadline == "phase:dies")
    assert pages.write(lambda c: c.scalars(marks).all()) == []
    # Dead between the commit and the sending: the sweep finds the jobs.
    made = pages.write(lambda c: reminders.post_due(c, key, "http://x", now))
    assert len(made) == len(EXPERTS) + 1
    assert pages.write(lambda c: reminders.post_due(c, key, "http://x", now)) == ()
    waiting = pages.write(lambda c: outbox.waiting(c, at + DAY))
    assert set(made) <= set(waiting)


def test_ph8_a_milestone_that_no_phase_closes_with_reminds_too(pages: House, mail: Mail) -> None:
    at = datetime(2031, 10, 10, 22, tzinfo=UTC)
    pages.write(lambda c: planned(c, {"alone": at}))
    found = pages.write(lambda c: deadlines(c, at - DAY))
    assert ("milestone:alone", at) in {(one.key, one.due_at) for one in found}
    assert "m-views@example.org" in reminded(pages, mail, at - DAY)


def test_ph8_without_phases_or_deadlines_nobody_is_written_to(pages: House, mail: Mail) -> None:
    assert reminded(pages, mail, datetime(2040, 1, 1, tzinfo=UTC)) == set()
    assert pages.write(spans_of) is not None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.lists(st.integers(0, 20 * 24 * 60), max_size=12))
def test_ph8_however_often_one_looks_each_step_comes_once_and_only_before_the_end(
    due: datetime, minutes: list[int]
) -> None:
    deadline = Deadline("phase:x", "X", due.replace(tzinfo=UTC), frozenset({Act.COMMENT_MAKE}), "Europe/Zurich")
    done: set[int] = set()
    for ahead in sorted(minutes, reverse=True):
        step = deadline.step(deadline.due_at - timedelta(minutes=ahead))
        if step is None or any(earlier <= step for earlier in done):
            continue
        assert ahead > 0
        done.add(step)
    assert done <= set(DAYS)
    assert deadline.step(deadline.due_at) is None
