"""Phases on several nodes of one database (opinions/SPEC.md, PH5): what one of them changes, every other one finds."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from opinions.roles import Act
from server.database import Database
from server.people_store import require_member
from server.phasing.reminders import post_due
from server.phasing.store import extend, stamp_of
from server.phasing.watch import PhaseWatch
from server.settings import Settings
from server.signing import load_key
from server.tables import members
from server.tables.phases import deadline_reminders
from server.tables.post import letters
from server.timetable import append_changes
from tests.support.phasing import moved, phase, planned
from tests.support.stock import stocked

DATABASES = ("postgresql",)
HOUR = timedelta(hours=1)


async def test_ph5_what_the_chair_extends_on_one_node_every_other_node_finds(settings: Settings) -> None:
    stock = stocked(settings)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    first = phase("third", Act.AMENDMENT_SUBMIT)
    changes: list[str] = []
    here, there = Database(stock.settings), Database(stock.settings)
    await here.open()
    try:
        await here.write(lambda c: planned(c, {"third": now + HOUR, "fourth": now + 9 * HOUR}, first, phase("fourth")))
        await there.open()
        # Each node has a connection, and a watch, of its own.
        mine = PhaseWatch(here, lambda: changes.append("here"))
        other = PhaseWatch(there, lambda: changes.append("there"))
        for watch in (mine, other):
            await watch.look()
            await watch.look()
        assert changes == [], "the first look is no change"

        def extended(connection: Connection) -> None:
            extend(connection, "third", now + 3 * HOUR, "One more hour.", require_member(connection, "m-chair"), now)

        before = await there.read(stamp_of)
        await here.write(extended)
        assert all(old <= new for old, new in zip(before, await there.read(stamp_of), strict=True))
        await other.look()
        assert changes == ["there"]
        (span,) = (one for one in other.spans if one.phase.id == "third")
        assert span.closes_at == now + 3 * HOUR
        assert span.extended_from == now + HOUR
        await mine.look()
        await other.look()
        assert changes == ["there", "here"]
        assert mine.spans == other.spans
        # So does an amendment of the timetable.
        await there.write(lambda c: append_changes(c, [moved("fourth", now + 12 * HOUR)]))
        await mine.look()
        assert changes == ["there", "here", "here"]
    finally:
        await there.close()
        await here.close()


async def test_ph8_two_workers_at_once_remind_everybody_once(settings: Settings) -> None:
    stock = stocked(settings)
    now = datetime(2031, 5, 5, 10, tzinfo=UTC)
    key = load_key(stock.settings.signing_key_file)
    here, there = Database(stock.settings), Database(stock.settings)
    await here.open()
    try:
        await here.write(lambda c: c.execute(update(members).values(email=members.c.id + "@example.org")).rowcount)
        await here.write(lambda c: planned(c, {"third": now + 5 * HOUR}, phase("third", Act.AMENDMENT_SUBMIT)))
        await there.open()
        posted = await asyncio.gather(
            *(one.write(partial(post_due, key=key, address="http://x", now=now)) for one in (here, there)),
            return_exceptions=True,
        )
        # One of the two may have been refused by the database as a whole; what it left the next run would find.
        made = [one for one in posted if isinstance(one, tuple)]
        assert all(isinstance(one, tuple | IntegrityError) for one in posted), posted
        sent = await here.read(lambda c: c.scalars(select(letters.c.member).where(letters.c.kind == "deadline")).all())
        assert len(sent) == len(set(sent)) == sum(map(len, made)) > 0
        marked = await here.read(lambda c: c.scalars(select(deadline_reminders.c.member)).all())
        assert sorted(marked) == sorted(sent)
        assert await there.write(partial(post_due, key=key, address="http://x", now=now)) == ()
    finally:
        await there.close()
        await here.close()
