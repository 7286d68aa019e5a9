"""A round's whole life in both databases, as its functions tell it."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from opinions.consultation import Answer, Audience, Dates, Disposition, RoundForm, Showing, State
from opinions.roles import Actor, Role
from server.consultation import comments as store
from server.consultation import judging, public, rounds
from server.consultation.attachments import checked
from server.consultation.comments import Written
from server.consultation.public import Author
from server.database import Database
from server.settings import Settings
from server.tables.consultation import comments
from tests.support.consulting import HOUR, frozen
from tests.support.services import BOTH
from tests.support.stock import ITEM, OPINION, stocked
from tests.support.visitors import opened

DATABASES = BOTH
CLERK = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
VIEWS = Actor("m-views", "Vera Views", Role.CONTRIBUTOR)
NOW = datetime.now(UTC)
WRITTEN = Written(OPINION, ITEM, "English", "Who pays?\x00", "those who can")
AUTHOR = Author("Maria Example", "Maria@Example.org", "Society", "", True, True)


def test_a_round_from_its_opening_to_what_is_taken_out(settings: Settings) -> None:
    with opened(settings, stocked(settings)) as running:
        frozen(running)
    with Database(settings) as database:
        database.run(live)
        assert [one.text(OPINION) is not None for one in database.run(rounds.all_rounds)] == [True]


def live(connection: Connection) -> None:
    dates = Dates(NOW - HOUR, NOW + HOUR)
    form = RoundForm("R", "", "", Audience.PUBLIC, Showing.TOGETHER, dates, ((OPINION, 1),))
    found = rounds.open_round(connection, form, CLERK, NOW)
    moved = rounds.change_dates(connection, found.id, Dates(NOW - HOUR, NOW + 2 * HOUR), "asked for", CLERK, NOW)
    assert moved.dates.closes_at == NOW + 2 * HOUR
    assert [one.before for one in rounds.date_changes(connection, found.id)] == [dates]
    first = store.make(connection, found.id, WRITTEN, VIEWS, "XUU", NOW)
    sent, token = public.submit(connection, found.id, WRITTEN, AUTHOR, (checked("a.txt", b"words"),), NOW)
    assert (sent.number, sent.email, sent.body) == (None, "maria@example.org", "Who pays?")
    assert public.confirm(connection, "another", NOW) is None
    told = public.confirm(connection, token, NOW + HOUR)
    assert told is not None
    assert (told.cited, told.state, [one.name for one in told.files]) == ("C-2", State.WAITING, ["a.txt"])
    assert judging.judge(connection, found.id, [told.id, first.id, "c-none"], True, "", CLERK, NOW) == 1
    given = Answer(Disposition.MERGED, merged=1)
    assert judging.answer(connection, found.id, OPINION, [told.id], given, CLERK, NOW) == 1
    assert store.states_by_round(connection, [found.id]) == {found.id: {State.SHOWN: 2}}
    assert store.counts_of_member(connection, "m-views", [found.id]) == {found.id: 1}
    assert [one.cited for one in store.comments_on_opinions(connection, [OPINION])] == ["C-1", "C-2"]
    assert public.take_out(connection, token, NOW)
    assert not public.take_out(connection, token, NOW)
    left = store.load_comment(connection, told.id)
    assert (left.state, left.cited, left.answer.merged, left.email) == (State.ERASED, "C-2", 1, "")
    _, unused = public.submit(connection, found.id, WRITTEN, AUTHOR, (), NOW)
    _, late = public.submit(connection, found.id, WRITTEN, AUTHOR, (), NOW - HOUR)
    assert public.forget_unconfirmed(connection, NOW + public.CONFIRM_WITHIN) == 2
    assert public.comment_of_token(connection, unused, NOW) is None
    assert public.comment_of_token(connection, late, NOW) is None
    assert len(connection.execute(select(comments.c.id)).all()) == 2
    for unknown in ("r-none", "r-\x00"):
        try:
            rounds.load_round(connection, unknown)
        except rounds.UnknownRound:
            continue
        raise AssertionError("found")
