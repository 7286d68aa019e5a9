"""Rooms in memory: told after the commit or not at all, dropped whole, kept while in use, gone when idle; doors that
shut.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from opinions.roles import Actor, Role
from server.errors import RoomClosed, UnknownOpinion
from server.live_room import LiveRoom
from server.settings import Settings
from tests.server.test_peers import Wire
from tests.support.drafters import Drafter
from tests.support.inner_server import inner_server
from tests.support.live_server import live_server
from tests.support.planted import _turn_telling_first
from tests.support.stock import CHAPEAU, ITEM, OPINION, SECOND, Stock, stocked
from tests.support.waiting import until, within


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    """A stocked data directory."""
    return stocked(Settings(data_dir=tmp_path / "data", idle_seconds=300.0))


def meddle(stock: Stock, statement: str) -> None:
    """Change the database behind the server's back, as a fault would."""
    with sqlite3.connect(stock.settings.data_dir / "unbracket.db", timeout=10) as connection:
        connection.execute(statement)
    connection.close()


def logged(stock: Stock, document: str) -> list[tuple[int, int | None, int | None]]:
    """The (seq, client, n) of a log, read from the file."""
    connection = sqlite3.connect(stock.settings.data_dir / "unbracket.db", timeout=10)
    rows = connection.execute(
        "SELECT seq, client, n FROM entries WHERE document = ? ORDER BY seq", (document,)
    ).fetchall()
    connection.close()
    return rows


WAYS = pytest.mark.parametrize(
    ("fanout", "over_http"),
    [(True, False), (False, False), (True, True)],
    ids=["fanout", "starlette", "http"],
)
CLERK = Actor("m-sec", "Sam Clerk", Role.SECRETARIAT)
FAULT = "CREATE TRIGGER fault BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'fault'); END"


@WAYS
async def test_i5_when_the_commit_fails_nobody_is_told_and_nothing_is_lost(
    stock: Stock, fanout: bool, over_http: bool
) -> None:
    """The author's words stay unacknowledged with the author, and go through once the disk takes them again."""
    async with inner_server(stock.settings, fanout=fanout) as server:
        author = Drafter(server.port, stock["m-xaa-1"], workspace=True, over_http=over_http)
        colleague = Drafter(server.port, stock["m-xaa-2"], workspace=True, over_http=over_http)
        async with author, colleague:
            await author.saved(await author.type(CHAPEAU, 10, " before"))
            await colleague.until(lambda: "before" in colleague.text(CHAPEAU), "the words before")
            meddle(stock, FAULT)
            n = await author.type(CHAPEAU, 10, " fault")
            assert (await author.ended(), await colleague.ended()) == (1013, 1013)
            assert n in author.client.sent
            assert "fault" not in colleague.text(CHAPEAU)
        meddle(stock, "DROP TRIGGER fault")
        async with author, colleague:
            await author.saved(n)
            await colleague.until(lambda: "fault" in colleague.text(CHAPEAU), "the words after the fault")
            assert colleague.text(CHAPEAU).count("fault") == author.text(CHAPEAU).count("fault") == 1
    assert [seq for seq, _, _ in logged(stock, f"{OPINION}/xaa")] == [1, 2]


def last_notice(desk: Drafter, notice: Mapping[str, object]) -> bool:
    """Whether this is what somebody was told last."""
    return bool(desk.client.notices) and desk.client.notices[-1] == notice


async def test_w9_while_the_disk_is_full_everybody_is_told_and_waits(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is sent away; who asks over HTTP is answered; who comes is told first of all; then it goes on."""
    monkeypatch.setattr("server.live_room.HELD_SECONDS", 0.1)
    monkeypatch.setattr("server.live_room.HELD_AGAIN", 0.2)
    held, saving = {"kind": "saving", "on": False}, {"kind": "saving", "on": True}
    async with inner_server(stock.settings) as server:

        def pages(most: int) -> Callable[[Connection], int]:
            return lambda c: c.scalar(text(f"PRAGMA max_page_count={most}")) or 0

        database = server.services.database
        author = Drafter(server.port, stock["m-xaa-1"], workspace=True)
        colleague = Drafter(server.port, stock["m-xaa-2"], workspace=True)
        newcomer = Drafter(server.port, stock["m-xbb-1"], workspace=True)
        async with author, colleague:
            await author.saved(await author.type(CHAPEAU, 10, " before"))
            await database.write(pages(1))
            n = await author.type(CHAPEAU, 10, " word" * 3000)
            for desk in (author, colleague):
                await desk.until(partial(last_notice, desk, held), "that nothing can be saved")
            with pytest.raises(RoomClosed, match="could not be saved"):
                await server.hub.command(OPINION, CLERK, None, "SEC", "key-00000001", {"act": "open_live_drafting"})
            await newcomer.open()
            await newcomer.until(lambda: newcomer.client.notices == [held], "what a newcomer is told")
            assert newcomer.client.document is None
            assert n in author.client.sent
            assert "word" not in colleague.text(CHAPEAU)
            await database.write(pages(1_000_000))
            await author.saved(n)
            for desk in (author, colleague, newcomer):
                await desk.until(partial(last_notice, desk, saving), "that it goes on")
            await colleague.until(lambda: "word" in colleague.text(CHAPEAU), "the words")
            await newcomer.hello()
            await newcomer.leave()
    assert len(logged(stock, f"{OPINION}/xaa")) == 2


async def test_the_test_above_notices_when_i5_is_turned_round(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveRoom, "_turn", _turn_telling_first)
    async with inner_server(stock.settings) as server:
        author = Drafter(server.port, stock["m-xaa-1"], workspace=True)
        colleague = Drafter(server.port, stock["m-xaa-2"], workspace=True)
        async with author, colleague:
            meddle(stock, FAULT)
            await author.type(CHAPEAU, 10, " fault")
            await colleague.until(lambda: "fault" in colleague.text(CHAPEAU), "what is not in the log")


async def test_r14_a_log_that_moved_on_drops_its_room_and_no_other(stock: Stock) -> None:
    async with inner_server(stock.settings) as server:
        async with (
            Drafter(server.port, stock["m-xaa-1"], workspace=True) as here,
            Drafter(server.port, stock["m-xbb-1"], SECOND, workspace=True) as elsewhere,
        ):
            await here.saved(await here.type(CHAPEAU, 10, " one"))
            meddle(stock, f"UPDATE documents SET epoch = epoch + 1 WHERE id = '{OPINION}/xaa'")
            n = await here.type(CHAPEAU, 10, " two")
            assert await here.ended() == 1013
            await elsewhere.saved(await elsewhere.type(CHAPEAU, 10, " calm"))
            async with Drafter(server.port, stock["m-xaa-1"], workspace=True, client=here.client) as again:
                await again.saved(n)
                assert again.client.welcome["epoch"] == 2


@WAYS
async def test_p11_revoking_closes_every_socket_of_the_member_within_a_second(
    stock: Stock, fanout: bool, over_http: bool
) -> None:
    async with inner_server(stock.settings, fanout=fanout) as server:
        async with (
            Drafter(server.port, stock["m-xaa-1"], workspace=True, over_http=over_http) as one,
            Drafter(server.port, stock["m-xaa-1"], SECOND, workspace=True, over_http=over_http) as two,
            Drafter(server.port, stock["m-xaa-2"], workspace=True) as other,
        ):
            for n in range(20):
                await one.type(CHAPEAU, 10, f" {n}")
            server.hub.revoke("m-xaa-1")
            async with asyncio.timeout(within(1)):
                assert (await one.ended(), await two.ended()) == (4401, 4401)
            await other.saved(await other.type(CHAPEAU, 10, " still here"))
            assert server.hub.figures["sockets"] == 1


async def test_p11_a_place_is_not_given_on_rights_looked_up_before_they_were_revoked(stock: Stock) -> None:
    async with inner_server(stock.settings) as server:
        looked_up = server.hub.revocations
        server.hub.revoke("m-xaa-1")
        with pytest.raises(RoomClosed):
            await server.hub.seat(OPINION, replace(CLERK, member="m-xaa-1"), 1, Wire(), looked_up)
        assert server.hub.figures["sockets"] == 0


async def test_p11_nothing_is_written_once_the_rights_are_gone_in_the_database(stock: Stock) -> None:
    """Also when the hub was not told: the commit itself looks. Who wrote in the same moment loses nothing by it."""
    async with inner_server(stock.settings) as server:
        async with (
            Drafter(server.port, stock["m-xaa-1"], workspace=True) as author,
            Drafter(server.port, stock["m-xaa-2"], workspace=True) as colleague,
        ):
            await author.saved(await author.type(CHAPEAU, 10, " before"))
            meddle(stock, "UPDATE members SET version = version + 1 WHERE id = 'm-xaa-1'")
            last = 0
            for n in range(5):
                await author.type(CHAPEAU, 10, f" after{n}")
                last = await colleague.type(CHAPEAU, 10, f" same{n}")
            assert await author.ended() == 4401
            await colleague.saved(last)
            assert "after" not in colleague.text(CHAPEAU)
            assert colleague.text(CHAPEAU).count("same") == 5
    assert len(logged(stock, f"{OPINION}/xaa")) == 6


async def test_l6_an_idle_room_leaves_memory_behind_a_snapshot_and_comes_back_the_same(stock: Stock) -> None:
    async with inner_server(replace(stock.settings, idle_seconds=0.1)) as server:
        author = Drafter(server.port, stock["m-xaa-1"], workspace=True)
        async with author:
            await author.saved(await author.type(CHAPEAU, 10, " kept"))
            assert server.hub.figures == {"rooms": 1, "sockets": 1}
        await until(lambda: server.hub.figures == {"rooms": 0, "sockets": 0}, "the room to leave memory")
        await until(lambda: _snapshots(stock) == {(OPINION, 1), (f"{OPINION}/xaa", 1)}, "the snapshots")
        async with Drafter(server.port, stock["m-xaa-2"], workspace=True) as colleague:
            assert "kept" in colleague.text(CHAPEAU)


def _snapshots(stock: Stock) -> set[tuple[str, int]]:
    connection = sqlite3.connect(stock.settings.data_dir / "unbracket.db", timeout=10)
    rows = set(connection.execute("SELECT document, seq FROM snapshots"))
    connection.close()
    return rows


async def test_a_watched_room_stays_and_tells_of_each_commit(stock: Stock) -> None:
    async with inner_server(replace(stock.settings, idle_seconds=0.05)) as server, server.hub.watching(OPINION) as room:
        seq = room.seq
        waiting = asyncio.create_task(room.changed(seq))
        async with Drafter(server.port, stock["m-sec"]) as clerk:
            edit = {"act": "correct_text", "paragraph": ITEM, "start": 0, "end": 4, "was": "that", "text": "That"}
            await clerk.command(edit, "SEC")
        async with asyncio.timeout(within(5)):
            assert await waiting == seq + 1
        assert room.document.text.find(ITEM) is not None
        await asyncio.sleep(0.2)
        assert server.hub.figures["rooms"] == 1


async def test_i4_a_command_from_elsewhere_goes_through_the_same_queue(stock: Stock) -> None:
    async with inner_server(stock.settings) as server:
        async with Drafter(server.port, stock["m-xaa-1"]) as reader:
            edit = {"act": "correct_text", "paragraph": ITEM, "start": 0, "end": 4, "was": "that", "text": "That"}
            answer = await server.hub.command(OPINION, CLERK, None, "SEC", "key-00000001", edit)
            again = await server.hub.command(OPINION, CLERK, None, "SEC", "key-00000001", edit)
            assert (answer.code, answer.seq) == ("", 2)
            assert (again.seq, again.result) == (answer.seq, answer.result)
            await reader.until(lambda: reader.text(ITEM).startswith("That"), "the correction")
            refused = await server.hub.command(OPINION, CLERK, None, "SEC", "key-00000002", edit)
            assert refused.code
        with pytest.raises(UnknownOpinion):
            await server.hub.document("op-none")


async def test_a_log_that_does_not_replay_is_not_served_and_harms_no_other(stock: Stock) -> None:
    meddle(stock, f"UPDATE documents SET seq = 7 WHERE id = '{OPINION}'")
    async with inner_server(stock.settings) as server:
        broken = Drafter(server.port, stock["m-xaa-1"], workspace=True)
        await broken.open()
        assert await broken.ended() == 1013
        async with Drafter(server.port, stock["m-xaa-1"], SECOND, workspace=True) as fine:
            await fine.saved(await fine.type(CHAPEAU, 10, " fine"))


@pytest.mark.parametrize("over_http", [False, True], ids=["socket", "http"])
async def test_sigterm_finishes_what_was_sent_says_so_and_exits(stock: Stock, over_http: bool) -> None:
    """Everything acknowledged is in the log; what was not is still with its author; within seconds, exit code 0."""
    with live_server(stock.settings.data_dir) as server:
        names = ("m-xaa-1", "m-xaa-2", "m-xbb-1")
        writers = [Drafter(server.port, stock[name], workspace=True, over_http=over_http) for name in names]
        for writer in writers:
            await writer.open()
            await writer.hello()
        for n in range(30):
            for writer in writers:
                await writer.type(CHAPEAU, 10, f" {n}")
        code = await asyncio.to_thread(server.stop)
        assert code == 0
        for writer in writers:
            assert await writer.ended() == 1012
            assert {"kind": "draining"} in writer.client.notices
            lent = writer.client.welcome["client"]
            workspace = f"{OPINION}/{(writer.person.delegation or '').lower()}"
            stored = {n for _, client, n in logged(stock, workspace) if client == lent}
            assert set(writer.client.acknowledged) == stored
        assert sum(len(writer.client.acknowledged) for writer in writers) > 0
        assert {document for document, _ in _snapshots(stock)} == {OPINION, f"{OPINION}/xaa", f"{OPINION}/xbb"}


async def test_a_second_server_on_the_same_directory_is_refused(stock: Stock) -> None:
    with (
        live_server(stock.settings.data_dir),
        pytest.raises(AssertionError, match="Another process is using"),
        live_server(stock.settings.data_dir),
    ):
        pass


async def test_what_a_turn_left_over_is_taken_up_at_once(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn whose time is over leaves the rest to the next; were that to gather again, a full room would stand idle
    between turns and fall ever further behind.
    """
    monkeypatch.setattr("server.live_room.TURN_SECONDS", -1.0)
    monkeypatch.setattr("server.live_room.GATHER", 1e9)
    settings = replace(stock.settings, gather_ms=1_000.0)
    async with inner_server(settings) as server, Drafter(server.port, stock["m-xaa-1"], workspace=True) as author:
        sent = [await author.type(CHAPEAU, 10, letter) for letter in "abcdefghijkl"]
        async with asyncio.timeout(6):
            await author.saved(sent[-1])
