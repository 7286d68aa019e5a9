"""The socket of an Opinion, on a real server: who comes in, what is told when, what a bad peer cannot do to others."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from crdt import protocol
from crdt.protocol import MAX_FRAME, ServerFrame
from server.reception import forwarded_for
from server.settings import Settings
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer, live_server
from tests.support.planted import seldom_pings
from tests.support.stalled import stops_reading
from tests.support.stock import CHAPEAU, ITEM, OPINION, WORDS, Person, Stock, stocked
from tests.support.waiting import PATIENCE, wait_until, within

BOTH_WAYS = pytest.mark.parametrize("over_http", [False, True], ids=["socket", "http"])
"""What a room promises, it promises over a socket and over plain HTTP (W12)."""
HELLO = protocol.hello(schema=protocol.SCHEMA, workspace=False, generation=0, client=None, state_vector=b"\0")


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """A stocked data directory for the whole module."""
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("sockets") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    """A server on it, which has to end well after all that the tests did to it."""
    with live_server(stock.settings.data_dir) as running:
        yield running
        assert running.stop() == 0


def opened(server: LiveServer, person: Person | None, *, origin: str | None = "", opinion: str = OPINION) -> connect:
    """A connection as a browser would open it; `origin` empty is the server's own page."""
    headers = {"Cookie": f"unbracket-{server.port}={person.token}"} if person else {}
    return connect(
        f"ws://127.0.0.1:{server.port}/ws/opinions/{opinion}",
        origin=Origin(origin or server.url) if origin is not None else None,
        additional_headers=headers,
        compression="deflate",
        max_size=None,
    )


def cookie(server: LiveServer, person: Person) -> dict[str, str]:
    """The header by which a browser says who it is."""
    return {"cookie": f"unbracket-{server.port}={person.token}"}


async def closing(connection: ClientConnection) -> int:
    """The code a connection is closed with, whatever comes before it."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            async for _ in connection:
                pass
    assert connection.close_code is not None
    return connection.close_code


# --- who comes in


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "https://127.0.0.1"],
)
async def test_another_origin_is_refused_before_the_handshake(
    server: LiveServer, stock: Stock, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(server, stock["m-xaa-1"], origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_w11_who_is_not_signed_in_is_told_4401(server: LiveServer) -> None:
    async with opened(server, None) as connection:
        assert await closing(connection) == 4401


@pytest.mark.parametrize(("member", "opinion"), [("m-obs", OPINION), ("m-admin", OPINION), ("m-xaa-1", "op-none")])
async def test_w11_who_may_not_join_is_told_4403(server: LiveServer, stock: Stock, member: str, opinion: str) -> None:
    async with opened(server, stock[member], opinion=opinion) as connection:
        assert await closing(connection) == 4403


@BOTH_WAYS
async def test_w2_welcome_and_the_text_follow_hello(server: LiveServer, stock: Stock, over_http: bool) -> None:
    async with Drafter(server.port, stock["m-xaa-1"], workspace=True, over_http=over_http) as drafter:
        assert drafter.frames[0][0] == ServerFrame.WELCOME
        assert drafter.frames[1][0] == ServerFrame.SYNC
        assert drafter.client.welcome["party"] == "XAA"
        assert drafter.text(CHAPEAU) == "The Forum,"


# --- what is told when


@BOTH_WAYS
async def test_w5_typing_is_acknowledged_and_seen_by_the_own_delegation_alone(
    server: LiveServer, stock: Stock, over_http: bool
) -> None:
    async with (
        Drafter(server.port, stock["m-xaa-1"], workspace=True, over_http=over_http) as author,
        Drafter(server.port, stock["m-xaa-2"], workspace=True, over_http=over_http) as colleague,
        Drafter(server.port, stock["m-xbb-1"], workspace=True, over_http=over_http) as stranger,
    ):
        n = await author.type(CHAPEAU, 10, " mindful of canarywords")
        await author.saved(n)
        await colleague.until(lambda: "canarywords" in colleague.text(CHAPEAU), "a colleague's draft")
        await stranger.line.send(b"\x04")
        await stranger.until(lambda: bytes([ServerFrame.PONG]) in stranger.frames, "PONG")
        assert not any(b"canarywords" in frame for frame in stranger.frames)


@BOTH_WAYS
async def test_submit_is_told_to_everybody_within_a_second(server: LiveServer, stock: Stock, over_http: bool) -> None:
    async with (
        Drafter(server.port, stock["m-xbb-1"], workspace=True, over_http=over_http) as author,
        Drafter(server.port, stock["m-xcc-1"], workspace=True, over_http=over_http) as other,
    ):
        amendment, words = ("a-0123456789abcdeh", " at once") if over_http else ("a-0123456789abcdef", " everywhere")
        await author.saved(await author.type(ITEM, len(WORDS), words, amendment))
        result = await author.command({"act": "submit", "amendment": amendment, "reason": "reach"})
        await other.until(lambda: words in other.text(ITEM), "the amendment", within(1))
        assert result


@BOTH_WAYS
async def test_a_disconnected_peer_catches_up_and_keeps_its_lease(
    server: LiveServer, stock: Stock, over_http: bool
) -> None:
    drafter = Drafter(server.port, stock["m-xcc-1"], workspace=True, over_http=over_http)
    async with drafter:
        await drafter.saved(await drafter.type(CHAPEAU, 10, " first"))
        lent = drafter.client.welcome["client"]
    async with Drafter(server.port, stock["m-xcc-2"], workspace=True, over_http=over_http) as colleague:
        await colleague.saved(await colleague.type(CHAPEAU, 10, " second"))
    async with drafter:
        assert drafter.client.welcome["client"] == lent
        assert "first" in drafter.text(CHAPEAU)
        assert "second" in drafter.text(CHAPEAU)


# --- bad peers


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("HELLO", 4400),
        (b"", 4400),
        (b"\x01\x01", 4400),
        (b"\xff" * 40, 4400),
        (protocol.hello(schema=99, workspace=False, generation=0, client=None, state_vector=b"\0"), 4409),
        (b"\x00" * (MAX_FRAME + 1), 1009),
    ],
    ids=["text", "empty", "update before hello", "garbage", "schema", "too large"],
)
async def test_w11_what_is_not_of_the_protocol_closes_the_socket(
    server: LiveServer, stock: Stock, sent: bytes | str, code: int
) -> None:
    async with opened(server, stock["m-xaa-1"]) as connection:
        await connection.send(sent)
        assert await closing(connection) == code


RAW = {
    "unmasked": b"\x82\x01\x04",
    "reserved bits": b"\xc2\x81\0\0\0\0\x04",
    "unknown opcode": b"\x83\x81\0\0\0\0\x04",
    "continuation of nothing": b"\x80\x81\0\0\0\0\x04",
    "fragmented ping": b"\x09\x80\0\0\0\0",
    "new message inside another": b"\x02\x81\0\0\0\0\x04\x82\x81\0\0\0\0\x04",
    "length of 8 EiB": b"\x82\xff\x7f" + b"\xff" * 7 + bytes(4),
}


@pytest.mark.parametrize("data", RAW.values(), ids=RAW.keys())
async def test_bytes_that_are_no_websocket_frames_end_the_connection(
    server: LiveServer, stock: Stock, data: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        f"GET /ws/opinions/{OPINION} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\n"
        f"Cookie: unbracket-{server.port}={stock['m-xaa-1'].token}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    async with asyncio.timeout(PATIENCE):
        assert b"101" in await reader.readline()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        close = await reader.read()
    assert close[:1] == b"\x88"
    assert int.from_bytes(close[2:4], "big") in {1002, 1009}
    writer.close()


async def test_frames_arrive_whole_however_they_are_cut(server: LiveServer, stock: Stock) -> None:
    """Fragments, pings between them, one byte at a time, several frames in one segment."""
    async with opened(server, stock["m-xdd-1"]) as connection:
        await connection.send([HELLO[:7], HELLO[7:11], HELLO[11:]])
        async with asyncio.timeout(PATIENCE):
            assert (await connection.recv())[0] == ServerFrame.WELCOME
            assert (await connection.recv())[0] == ServerFrame.SYNC
            for byte in b"\x82\x81\x01\x02\x03\x04\x05\x89\x80\0\0\0\0":
                connection.transport.write(bytes([byte]))
                await asyncio.sleep(0)
            connection.transport.write(b"\x82\x81\0\0\0\0\x04" * 3)
            pongs = 0
            while pongs < 4:
                pongs += (await connection.recv()) == protocol.PONG


async def test_who_says_no_hello_is_closed_and_pings_do_not_extend_it(server: LiveServer, stock: Stock) -> None:
    async with opened(server, stock["m-xaa-1"]) as connection:
        for _ in range(3):
            await connection.ping()
        async with asyncio.timeout(PATIENCE):
            assert await closing(connection) == 4400


async def test_a_ninth_socket_of_one_person_is_told_to_try_again_later(server: LiveServer, stock: Stock) -> None:
    async with asyncio.timeout(60):
        open_ones = [await opened(server, stock["m-xdd-2"]) for _ in range(8)]
        try:
            for connection in open_ones:
                await connection.send(HELLO)
                await connection.recv()
            async with opened(server, stock["m-xdd-2"]) as ninth:
                assert await closing(ninth) == 1013
        finally:
            for connection in open_ones:
                await connection.close()


async def test_who_is_refused_is_in_the_audit_with_the_address(server: LiveServer, stock: Stock) -> None:
    async with opened(server, stock["m-obs"]) as refused:
        assert await closing(refused) == 4403

    def noted() -> list[str]:
        found = httpx2.get(f"{server.url}/audit.csv?kind=refused&person=m-obs", headers=cookie(server, stock["m-sec"]))
        return found.text.splitlines()[1:]

    await asyncio.to_thread(wait_until, noted, "the refusal in the audit")
    assert all(line.endswith(',"127.0.0.1"') for line in noted())


async def test_what_is_open_ends_within_a_second_of_signing_out_everywhere(server: LiveServer, stock: Stock) -> None:
    """Sockets of every place, the one that asked for it too; nobody else's, and none comes back."""
    who = stock["m-xdd-1"]
    headers = {"origin": server.url, **cookie(server, who)}
    async with httpx2.AsyncClient(base_url=server.url) as browser:
        code = re.search(r"/sign-in/([A-Z2-9]{10})", (await browser.post("/account/device", headers=headers)).text)
        assert code is not None
        entered = await browser.post(f"/sign-in/{code[1]}", headers={"origin": server.url})
        elsewhere = replace(who, token=entered.cookies[f"unbracket-{server.port}"])
    async with (
        opened(server, who) as here,
        opened(server, elsewhere) as there,
        opened(server, stock["m-xdd-2"]) as other,
        httpx2.AsyncClient(base_url=server.url) as browser,
    ):
        for one in (here, there, other):
            await one.send(HELLO)
            await one.recv()
        answer = await browser.post("/account/sessions", data={"session": "everywhere"}, headers=headers)
        async with asyncio.timeout(within(1)):
            assert [await closing(here), await closing(there)] == [4401, 4401]
        assert answer.status_code == 200
        assert other.close_code is None
        for ended in (who, elsewhere):
            async with opened(server, ended) as again:
                assert await closing(again) == 4401


@pytest.mark.parametrize(
    ("forwarded", "trusted", "told"),
    [
        ("203.0.113.7", "127.0.0.1", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "127.0.0.1", "203.0.113.7"),
        ("203.0.113.7", "10.0.0.1", "127.0.0.1"),
    ],
)
async def test_of_what_is_forwarded_the_proxies_own_word_counts(forwarded: str, trusted: str, told: str) -> None:
    assert await forwarded_for("127.0.0.1", forwarded, trusted) == told


async def test_w10_a_reader_that_stops_slows_nobody_and_is_told_resync(tmp_path: Path) -> None:
    """Finding 10: the room goes on; what waits for the stalled peer is bounded; it catches up when it reads again."""
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    environ = {"UNBRACKET_FRAMES_PER_SECOND": "100000"}
    with live_server(stock.settings.data_dir, environ=environ, plant=seldom_pings) as server:
        async with Drafter(server.port, stock["m-xaa-1"], workspace=True) as author:
            await stops_reading(author, Drafter(server.port, stock["m-xaa-2"], workspace=True), seconds=within(5))


async def test_a_flood_is_all_taken_more_slowly_and_others_do_not_wait(server: LiveServer, stock: Stock) -> None:
    async with (
        Drafter(server.port, stock["m-xaa-1"], workspace=True) as flooder,
        Drafter(server.port, stock["m-xbb-2"], workspace=True) as other,
    ):
        pong = bytes([ServerFrame.PONG])
        flood = asyncio.create_task(_flood(flooder, 400))
        for number in range(5):
            async with asyncio.timeout(within(2)):
                await other.saved(await other.type(CHAPEAU, 10, f" {number}"))
            assert number or flooder.frames.count(pong) < 400, "who types waited until the flood was over"
        await flood
        await flooder.until(lambda: flooder.frames.count(pong) == 400, "every PONG", 60)


async def _flood(drafter: Drafter, count: int) -> None:
    for _ in range(count):
        await drafter.socket.send(b"\x04")


async def test_healthz_says_ok_and_nothing_else(server: LiveServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"status": "ok"}
