"""Copies that follow a log: the same text as the room's, told of what is committed, also when a signal is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from crdt.errors import LogBroken
from crdt.log import Entry, StoredLog
from crdt.reading import ReadCopy
from server import log_store
from server.errors import RoomClosed, UnknownOpinion
from server.follower import COPIES_KEPT, Followers
from server.settings import Settings
from server.signals import Signals
from tests.support.drafters import Drafter
from tests.support.inner_server import InnerServer, inner_server
from tests.support.stock import CHAPEAU, OPINION, SECOND, Stock, stocked
from tests.support.waiting import PATIENCE, within


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    """A stocked data directory."""
    return stocked(Settings(data_dir=tmp_path / "data"))


@asynccontextmanager
async def typing(stock: Stock) -> AsyncIterator[tuple[InnerServer, Drafter]]:
    """A server, and the secretariat in its editor."""
    async with inner_server(stock.settings) as server, Drafter(server.port, stock["m-sec"], workspace=False) as clerk:
        yield server, clerk


async def test_a_copy_shows_what_the_room_shows(stock: Stock) -> None:
    async with typing(stock) as (server, clerk):
        followers = Followers(server.services.database, Signals())
        for number in range(20):
            await clerk.saved(await clerk.type(CHAPEAU, 0, f"word {number} "))
            if number % 7 == 0:
                assert await followers.document(OPINION) == await server.hub.document(OPINION)
        copy = await followers.now(OPINION)
        room = await server.hub.room(OPINION)
        assert (copy.seq, copy.document) == (room.seq, room.document)


async def test_watchers_are_told_when_a_signal_comes(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told, and not by looking."""
    monkeypatch.setattr("server.follower.LOOK_SECONDS", 1e9)
    async with typing(stock) as (server, clerk):
        signals = Signals()
        followers = Followers(server.services.database, signals)
        async with followers.watching(OPINION) as copy:
            told = [asyncio.create_task(copy.changed(copy.seq)) for _ in range(3)]
            await clerk.saved(await clerk.type(CHAPEAU, 0, "now "))
            room = await server.hub.room(OPINION)
            signals.committed(OPINION, room.seq)
            async with asyncio.timeout(within(1.5)):
                assert await asyncio.gather(*told) == [room.seq] * 3
            signals.committed(OPINION, room.seq)
            signals.committed("another", 7)
            assert copy.document == room.document


async def test_a_lost_signal_is_found_by_looking(stock: Stock) -> None:
    async with typing(stock) as (server, clerk):
        followers = Followers(server.services.database, Signals())
        async with followers.watching(OPINION) as copy:
            told = asyncio.create_task(copy.changed(copy.seq))
            await clerk.saved(await clerk.type(CHAPEAU, 0, "unheard "))
            async with asyncio.timeout(PATIENCE):
                assert await told == (await server.hub.room(OPINION)).seq


async def test_many_ask_at_once_and_each_sees_what_was_there_when_it_asked(stock: Stock) -> None:
    async with typing(stock) as (server, clerk):
        followers = Followers(server.services.database, Signals())
        for number in range(5):
            await clerk.saved(await clerk.type(CHAPEAU, 0, f"{number} "))
            seq = (await server.hub.room(OPINION)).seq
            seen = await asyncio.gather(*(followers.now(OPINION) for _ in range(8)))
            assert ({copy.seq for copy in seen}, len({id(copy) for copy in seen})) == ({seq}, 1)


async def test_when_the_server_stops_watchers_are_told(stock: Stock) -> None:
    async with typing(stock) as (server, _):
        followers = Followers(server.services.database, Signals())
        async with followers.watching(OPINION) as copy:
            waiting = asyncio.create_task(copy.changed(copy.seq))
            await asyncio.sleep(0)
            followers.end()
            with pytest.raises(RoomClosed):
                await waiting


async def test_an_unknown_opinion_is_said_so_and_copies_are_bounded(stock: Stock) -> None:
    async with typing(stock) as (server, _):
        followers = Followers(server.services.database, Signals())
        with pytest.raises(UnknownOpinion):
            await followers.document("nowhere")
        assert await followers.document(SECOND) == await server.hub.document(SECOND)
        assert len(followers._copies) <= COPIES_KEPT


async def test_a_gap_in_what_follows_is_refused(stock: Stock) -> None:
    async with typing(stock) as (server, clerk):
        database = server.services.database

        def load(connection: Connection) -> StoredLog:
            return log_store.load_log(connection, OPINION)

        def after(connection: Connection, seq: int) -> tuple[Entry, ...]:
            return tuple(log_store.load_entries(connection, OPINION, after=seq))

        copy = ReadCopy(await database.read(load))
        for word in ("one ", "two "):
            await clerk.saved(await clerk.type(CHAPEAU, 0, word))
        last = (await database.read(load)).seq
        later = await database.read(partial(after, seq=last - 1))
        with pytest.raises(LogBroken):
            copy.take(later)
