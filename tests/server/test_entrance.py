"""The entrance: plain handshakes are taken at their first bytes, everything unusual goes the ordinary way and is
answered there as ever.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from server import reception
from server.auth import Asking
from server.entrance import handshake_of
from server.fanout import FanoutSocket
from server.hub import Place
from server.session_store import SEEN_EVERY, revoke_sessions, suspend_member
from server.settings import Settings
from server.tables import sessions
from tests.support.inner_server import InnerServer, inner_server
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import OPINION, Stock, stocked
from tests.support.waiting import PATIENCE
from tests.support.wires import Wire

T = TypeVar("T")
USUAL = {
    "Host": "127.0.0.1:8000",
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "websocket",
    "Origin": "http://127.0.0.1:8000",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def head(
    path: str = f"/ws/opinions/{OPINION}", extra: str = "", changes: Mapping[str, str | None] = MappingProxyType({})
) -> bytes:
    """The head of a handshake; `changes` by header, None leaves one out."""
    headers = {**USUAL, **changes}
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
    return f"GET {path} HTTP/1.1\r\n{''.join(lines)}{extra}\r\n".encode()


def test_the_plain_handshake_is_read() -> None:
    found = handshake_of(head(extra="COOKIE:  a=b; c=d \r\n"))
    assert found is not None
    assert found.opinion == OPINION
    assert found.headers["cookie"] == "a=b; c=d"
    # The example of RFC 6455, 1.3.
    assert found.accepted == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    "odd",
    [
        head(path="/ws/opinions/a/b"),
        head(path="/ws/opinions/%6fp"),
        head(path="/ws/opinions/op?x=1"),
        head(path="/ws/opinions/"),
        head(extra="Host: elsewhere\r\n"),
        head(extra="Content-Length: 3\r\n"),
        head(extra="Transfer-Encoding: chunked\r\n"),
        head(extra=" folded\r\n"),
        head(extra="No colon\r\n"),
        head(extra="Name : value\r\n"),
        head(extra="A: b\nC: d\r\n"),
        head(extra="A: b\rC: d\r\n"),
        head(extra="A: \0\r\n"),
        head(changes={"Origin": None}),
        head(changes={"Upgrade": "h2c"}),
        head(changes={"Connection": "keep-alive"}),
        head(changes={"Connection": "not-upgrade"}),
        head(changes={"Sec-WebSocket-Version": "8"}),
        head(changes={"Sec-WebSocket-Key": "c2hvcnQ="}),
        head(changes={"Sec-WebSocket-Key": "no base64, no key ======"}),
        head().replace(b"HTTP/1.1", b"HTTP/1.0"),
        head().replace(b"GET ", b"get "),
        head().replace(b"GET ", b"GET  "),
        head()[:-2],
    ],
)
def test_whatever_is_unusual_is_not_taken(odd: bytes) -> None:
    assert handshake_of(odd) is None


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(noise: bytes) -> None:
    handshake_of(b"GET /ws/opinions/" + noise)
    handshake_of(head() + noise)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("entrance") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running
        assert running.stop() == 0


async def answer_to(server: LiveServer, pieces: list[bytes]) -> bytes:
    """The first line that the server answers to bytes that come in these pieces."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            # Each piece is to arrive by itself: a turn of the server's loop, which answers a ping of another line.
            await turned(server)
        async with asyncio.timeout(PATIENCE):
            return await reader.readline()
    finally:
        writer.close()


async def turned(server: LiveServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()


def of(server: LiveServer, stock: Stock, changes: Mapping[str, str | None] = MappingProxyType({})) -> bytes:
    """A delegate's handshake with this server."""
    cookie = f"unbracket-{server.port}={stock['m-xaa-1'].token}"
    ours: dict[str, str | None] = {"Host": f"127.0.0.1:{server.port}", "Origin": server.url, "Cookie": cookie}
    return head(changes={**ours, **changes})


async def test_a_handshake_may_come_in_pieces(server: LiveServer, stock: Stock) -> None:
    whole = of(server, stock)
    for cut in (1, 10, 20, 60, len(whole) - 1):
        assert await answer_to(server, [whole[:cut], whole[cut:]]) == b"HTTP/1.1 101 Switching Protocols\r\n"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Origin": "http://evil.example"}, b"403"),
        ({"Origin": None}, b"403"),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, b"403"),
        ({"Sec-WebSocket-Version": "8"}, b"400"),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, b"400"),
    ],
)
async def test_what_is_not_taken_is_refused_the_ordinary_way(
    server: LiveServer, stock: Stock, changes: dict[str, str | None], status: bytes
) -> None:
    assert (await answer_to(server, [of(server, stock, changes)])).split()[1] == status


async def test_an_unusual_handshake_is_served_as_well(server: LiveServer, stock: Stock) -> None:
    twice = of(server, stock).removesuffix(b"\r\n") + b"X-Twice: 1\r\nX-Twice: 2\r\n\r\n"
    assert await answer_to(server, [twice]) == b"HTTP/1.1 101 Switching Protocols\r\n"


async def test_a_head_without_end_is_not_kept_for_ever(server: LiveServer, stock: Stock) -> None:
    endless = of(server, stock).removesuffix(b"\r\n") + b"X-Long: " + b"x" * 20_000
    assert (await answer_to(server, [endless])).split()[1] == b"400"


@pytest.mark.parametrize("suspended", [False, True], ids=["revoked", "suspended"])
async def test_who_lost_a_right_is_not_let_in_by_what_was_looked_up_of_others(
    tmp_path_factory: pytest.TempPathFactory, suspended: bool
) -> None:
    stock = stocked(Settings(data_dir=tmp_path_factory.mktemp("rights") / "data"))
    async with inner_server(stock.settings) as server:

        def out(connection: Connection) -> None:
            if suspended:
                suspend_member(connection, "m-xaa-1", True, datetime.now(UTC))
            else:
                revoke_sessions(connection, "m-xaa-1", datetime.now(UTC))

        await server.services.database.write(out)
        told = []
        for member in ("m-xaa-1", "m-xbb-1"):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            cookie = f"unbracket-{server.port}={stock[member].token}"
            host = f"127.0.0.1:{server.port}"
            writer.write(head(changes={"Host": host, "Origin": f"http://{host}", "Cookie": cookie}))
            told.append((reader, writer))
        async with asyncio.timeout(PATIENCE):
            out_reader, in_reader = told[0][0], told[1][0]
            assert b" 101 " in await out_reader.readuntil(b"\r\n\r\n")
            assert (4401).to_bytes(2, "big") in await out_reader.readexactly(4)
            assert b" 101 " in await in_reader.readuntil(b"\r\n\r\n")
        for _, writer in told:
            writer.close()


@asynccontextmanager
async def inside(tmp_path: Path) -> AsyncIterator[tuple[InnerServer, Stock]]:
    """A server in this process, for tests that plant something into it."""
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    async with inner_server(stock.settings) as server:
        yield server, stock


async def test_more_arrivals_than_may_wait_are_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "MOST_WAITING", 0)
    async with inside(tmp_path) as (server, stock):
        wire = Wire(server.port, stock["m-xaa-1"])
        assert await wire.open() == 503
        await wire.leave()


async def test_a_fault_where_a_place_is_given_is_told_and_not_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> Place:
        raise RuntimeError("planted")

    async with inside(tmp_path) as (server, stock):
        monkeypatch.setattr(server.hub, "seat", failing)
        async with Wire(server.port, stock["m-xaa-1"]) as wire:
            assert await wire.ended() == 1013


async def test_a_fault_at_one_arrival_strands_none_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, failed = FanoutSocket.accept, asyncio.Event()

    def failing(self: FanoutSocket, answer: bytes, *, deflates: bool) -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("planted")
        accept(self, answer, deflates=deflates)

    async with inside(tmp_path) as (server, stock):
        monkeypatch.setattr(FanoutSocket, "accept", failing)
        wires = [Wire(server.port, stock["m-xaa-1"]) for _ in range(5)]
        told = await asyncio.gather(*(wire.open() for wire in wires), return_exceptions=True)
        assert told.count(101) == 4
        for wire in wires:
            await wire.leave()


async def test_who_comes_back_within_the_hour_is_looked_up_without_a_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(tmp_path) as (server, stock):
        services = server.services
        asking = [Asking(stock["m-xaa-1"].token, f"127.0.0.1:{server.port}", OPINION), Asking("none", "x", "op-none")]
        write, written = services.database.write, []

        async def noted(fn: Callable[[Connection], T]) -> T:
            written.append(fn)
            return await write(fn)

        monkeypatch.setattr(services.database, "write", noted)
        for long_ago, writes in ((False, 0), (True, 1), (False, 1)):
            if long_ago:
                then = datetime.now(UTC) - SEEN_EVERY
                await write(lambda connection: connection.execute(update(sessions).values(seen_at=then)))  # noqa: B023
            actors = [one.actor for one in await services.standings(asking)]
            assert actors[0] is not None
            assert actors[0].member == "m-xaa-1"
            assert actors[1] is None
            assert len(written) == writes
