"""P1: twenty kills of `tests/soak/kills.py`, half of them on each database; and mistakes that they find."""

import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crdt import protocol
from server.settings import Settings
from tests.soak.kills import kills, on_postgres, on_sqlite
from tests.support.crowd import crowd
from tests.support.live_server import LiveServer
from tests.support.patient import Remembering
from tests.support.planted import acknowledge_before_log, tell_before_log
from tests.support.postgres_server import Databases, postgres_server
from tests.support.stock import stocked

KILLS = 10


async def test_p1_kills_of_server_and_room_process_on_sqlite_lose_and_double_nothing(tmp_path: Path) -> None:
    async with on_sqlite(tmp_path) as ground:
        done, people = await kills(ground, random.Random(20261122), KILLS)
    assert people.failures == []
    print(f"SQLite: {dict(done)} killed, {people.acknowledged} acknowledged, 0 lost, 0 doubled", file=sys.stderr)


async def test_p1_kills_of_nodes_room_processes_and_postgresql_lose_and_double_nothing(tmp_path: Path) -> None:
    with postgres_server() as server:
        async with on_postgres(tmp_path, server, Databases(server.url(), server)) as ground:
            done, people = await kills(ground, random.Random(20261124), KILLS)
    assert people.failures == []
    print(f"PostgreSQL: {dict(done)} killed, {people.acknowledged} acknowledged, 0 lost, 0 doubled", file=sys.stderr)


def test_what_an_earlier_line_said_last_says_nothing_of_the_next() -> None:
    """Two runs of the campaign failed on people who took "nothing can be saved" of a line long gone for theirs."""
    client = Remembering(workspace=False)
    client.take(protocol.notice("saving", on=False))
    assert not client.saving
    client.saving = True  # The line broke, and there is another one.
    client.take(protocol.PONG)
    assert client.saving
    client.take(protocol.notice("saving", on=False))
    client.take(protocol.notice("saving", on=True))
    assert client.saving


async def test_a_crowd_that_cannot_begin_says_so(tmp_path: Path) -> None:
    """One run of the campaign ended without a word of why: nobody had got to a server in time."""
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    with pytest.raises(ExceptionGroup) as raised:
        async with crowd(stock, [LiveServer(stock.settings.data_dir)], begun=0.2):
            pytest.fail("nobody has typed")
    assert "everybody to have typed" in str(raised.value.exceptions[0])


async def test_the_checker_finds_what_was_acknowledged_before_it_was_logged(tmp_path: Path) -> None:
    """A test that never failed is no evidence: a server that says "saved" first, and is killed."""
    found = await _kills_of_a_server(tmp_path, acknowledge_before_log)
    assert any("was acknowledged at seq" in line and "is not in the log" in line for line in found), found


async def test_the_checker_finds_what_was_told_before_it_was_logged(tmp_path: Path) -> None:
    found = await _kills_of_a_server(tmp_path, tell_before_log)
    assert any("that are not in any log" in line for line in found), found


async def _kills_of_a_server(place: Path, plant: Callable[[], None]) -> list[str]:
    """Whether a kill meets the mistake is chance: so many rounds as it takes, and some more than it ever took."""
    for number in range(8):
        async with on_sqlite(place / str(number), plant) as ground:
            _, people = await kills(ground, random.Random(number), 4)
        if people.failures:
            return people.failures
    return []
