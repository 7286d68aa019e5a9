"""Who runs, and whose an Opinion is: leases by the database's clock, fences that only rise."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from crdt.step import Append
from server import log_store
from server.database import Database
from server.errors import AppendConflict, UnknownOpinion
from server.opinion_store import create_opinion
from server.ownership_store import (
    acquire,
    all_owners,
    beat,
    forget_node,
    forget_silent_nodes,
    live_nodes,
    owner_of,
    release,
    renew,
)
from server.tables import nodes, owners
from tests.server.test_log_store import chain
from tests.support.services import BOTH

DATABASES = BOTH
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOURS = timedelta(hours=48)


@pytest.fixture
def two(database: Database) -> Database:
    """Two Opinions with empty logs, and two nodes."""
    for opinion in ("op-one", "op-two"):
        database.run(lambda c, opinion=opinion: create_opinion(c, opinion, "Draft", NOON))  # type: ignore[misc]
    for node in ("north", "south"):
        database.run(lambda c, node=node: beat(c, node, f"http://{node}", "b1", False))  # type: ignore[misc]
    return database


def test_r14_one_node_owns_and_the_others_are_told_which(two: Database) -> None:
    first = two.run(lambda c: acquire(c, "op-one", "north", 30))
    assert (first.node, first.address, first.fence) == ("north", "http://north", 1)
    assert 0 < first.remaining_seconds <= 30
    second = two.run(lambda c: acquire(c, "op-one", "south", 30))
    assert (second.node, second.fence) == ("north", 1)
    assert two.run(lambda c: acquire(c, "op-one", "north", 60)).fence == 1, "its own already"
    assert two.run(lambda c: acquire(c, "op-two", "south", 30)).fence == 1
    assert [(one.opinion, one.node) for one in two.run(all_owners)] == [("op-one", "north"), ("op-two", "south")]


def test_r14_what_ran_out_or_was_given_up_gets_another_fence(two: Database) -> None:
    two.run(lambda c: acquire(c, "op-one", "north", 30))
    two.run(lambda c: c.execute(update(owners).values(until=NOON - HOURS)))
    assert two.run(lambda c: renew(c, "north", 30)) == {"op-one"}, "nobody took it meanwhile"
    two.run(lambda c: c.execute(update(owners).values(until=NOON - HOURS)))
    taken = two.run(lambda c: acquire(c, "op-one", "south", 30))
    assert (taken.node, taken.fence) == ("south", 2)
    assert two.run(lambda c: renew(c, "north", 30)) == frozenset()
    assert not two.run(lambda c: release(c, "op-one", "north", 1)), "not its to give"
    assert not two.run(lambda c: release(c, "op-one", "south", 1)), "of an older fence"
    assert two.run(lambda c: release(c, "op-one", "south", 2))
    assert two.run(lambda c: owner_of(c, "op-one")) is None
    again = two.run(lambda c: acquire(c, "op-one", "south", 30))
    assert (again.node, again.fence) == ("south", 3)


def test_r14_an_append_under_an_old_fence_matches_nothing(two: Database) -> None:
    entries = chain("op-one", 2)
    fence = two.run(lambda c: acquire(c, "op-one", "north", 30)).fence
    append = (Append("op-one", 0, 1, entries[:1]),)
    with pytest.raises(AppendConflict):
        two.run(lambda c: log_store.append(c, "op-one", append, "key", NOON, fence + 1))
    two.run(lambda c: c.execute(update(owners).values(until=NOON - HOURS)))
    two.run(lambda c: log_store.append(c, "op-one", append, "key", NOON, fence))
    two.run(lambda c: acquire(c, "op-one", "south", 30))
    late = (Append("op-one", 1, 1, entries[1:]),)
    with pytest.raises(AppendConflict):
        two.run(lambda c: log_store.append(c, "op-one", late, "key", NOON, fence))
    assert tuple(two.run(lambda c: tuple(log_store.load_entries(c, "op-one")))) == entries[:1]


def test_a_clock_that_was_set_back_or_on_stops_nobody_for_long(two: Database) -> None:
    two.run(lambda c: acquire(c, "op-one", "north", 3))
    now = datetime.now(UTC)
    two.run(lambda c: c.execute(update(owners).values(until=now + HOURS)))
    two.run(lambda c: c.execute(update(nodes).where(nodes.c.id == "north").values(seen_at=now + HOURS)))
    assert two.run(lambda c: acquire(c, "op-one", "south", 3)).node == "south"
    assert [one.id for one in two.run(lambda c: live_nodes(c, 10))] == ["south"]


def test_nodes_are_heard_of_and_forgotten_with_what_they_own(two: Database) -> None:
    two.run(lambda c: acquire(c, "op-one", "north", 30))
    two.run(lambda c: beat(c, "north", "http://elsewhere", "b2", True))
    north, south = two.run(lambda c: live_nodes(c, 10))
    assert (north.id, north.address, north.build, north.draining) == ("north", "http://elsewhere", "b2", True)
    assert (south.id, south.draining) == ("south", False)
    assert -1 < south.seen_seconds < 10
    two.run(lambda c: forget_node(c, "north"))
    assert two.run(lambda c: owner_of(c, "op-one")) is None
    assert two.run(lambda c: acquire(c, "op-one", "south", 30)).fence == 2
    two.run(lambda c: c.execute(update(nodes).values(seen_at=NOON - HOURS)))
    assert two.run(lambda c: live_nodes(c, 10)) == ()
    two.run(lambda c: forget_silent_nodes(c, 3600))
    assert two.run(lambda c: c.execute(select(nodes)).all()) == []


def test_an_opinion_that_is_not_there_is_nobodys(two: Database) -> None:
    with pytest.raises(UnknownOpinion):
        two.run(lambda c: acquire(c, "op-none", "north", 30))
