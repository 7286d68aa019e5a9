"""Requests that never become whole: given up after their time, the oldest first where there are too many, and nobody
else for it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from server import half_open
from server.half_open import HalfOpen, Waiting
from server.settings import Settings
from tests.support.inner_server import InnerServer, inner_server
from tests.support.stock import OPINION, Stock, stocked
from tests.support.wires import Wire

HEAD = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
HANDSHAKE = f"GET /ws/opinions/{OPINION} HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nUpgrade: websocket\r\n"
POST = (
    f"POST /api/opinions/{OPINION}/commands HTTP/1.1\r\nHost: 127.0.0.1:{{port}}\r\nOrigin: http://127.0.0.1:{{port}}\r\n"
    "Cookie: unbracket-{port}={token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n["
)
PATIENCE = 10.0


class _Caller:
    """Somebody waited for."""

    def __init__(self) -> None:
        self.given_up = asyncio.Event()

    def give_up(self) -> None:
        assert not self.given_up.is_set()
        self.given_up.set()


async def test_whoever_does_not_come_is_given_up_and_whoever_came_is_not() -> None:
    waiting = HalfOpen(0.05)
    came, late, later = _Caller(), _Caller(), _Caller()
    for one in (came, late):
        waiting.wait(one)
    waiting.came(came)
    async with asyncio.timeout(PATIENCE):
        await late.given_up.wait()
        waiting.wait(later)
        waiting.wait(later)
        await later.given_up.wait()
    assert not came.given_up.is_set()
    assert len(waiting) == 0
    waiting.came(later)


async def test_of_too_many_the_one_waited_for_longest_is_given_up() -> None:
    waiting = HalfOpen(PATIENCE, most=2)
    first, second, third, fourth = callers = [_Caller() for _ in range(4)]
    for one in (first, second, first, third):
        waiting.wait(one)
    waiting.came(second)
    waiting.wait(fourth)
    assert [one.given_up.is_set() for one in callers] == [True, False, False, False]
    assert len(waiting) == 2


@pytest.fixture
def stock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stock:
    """A stocked directory, for a server that waits for nobody longer than a moment."""
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "UNASKED_SECONDS", "ANSWER_SECONDS", "CLOSE_SECONDS"):
        monkeypatch.setattr(half_open, name, 0.3)
    return stocked(Settings(data_dir=tmp_path / "data"))


@asynccontextmanager
async def asking(
    server: InnerServer, *pieces: str, token: str = ""
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which this much is said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for piece in pieces:
            writer.write(piece.format(port=server.port, token=token).encode())
        yield reader, writer
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("", b""),
        ("G", b"HTTP/1.1 408"),
        (HANDSHAKE, b"HTTP/1.1 408"),
        (HEAD, b""),
        (HEAD + "\r\n" + HEAD, b"HTTP/1.1 200"),
        (POST, b""),
    ],
    ids=["nothing", "a letter", "half a handshake", "half a request", "half a second", "half a form"],
)
async def test_what_does_not_come_in_whole_is_not_waited_for(stock: Stock, said: str, answered: bytes) -> None:
    token = stock["m-xaa-1"].token
    async with inner_server(stock.settings) as server, asking(server, said, token=token) as (reader, _):
        async with asyncio.timeout(PATIENCE):
            assert (await reader.read())[:12] == answered[:12]


async def test_who_says_all_in_time_may_stay_and_ask_again(stock: Stock) -> None:
    async with inner_server(stock.settings) as server, asking(server) as (reader, writer):
        for _ in range(4):
            for piece in (HEAD, "X-Slow: no\r\n", "\r\n"):
                writer.write(piece.format(port=server.port).encode())
                # Another's question goes through meanwhile: each piece arrives by itself.
                async with asking(server, HEAD + "\r\n") as (theirs, _):
                    await theirs.readuntil(b"\r\n\r\n")
            async with asyncio.timeout(PATIENCE):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
                assert await reader.readuntil(b"}") == b'{"status":"ok"}'


async def test_a_stranger_who_has_gone_counts_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for is a socket that is there: one that was closed by its browser makes room at once."""
    monkeypatch.setattr(half_open, "MOST_HALF_OPEN", 10)
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    async with inner_server(stock.settings) as server, Wire(server.port, None) as staying:
        assert await staying.ended() == 4401
        for _ in range(30):
            async with Wire(server.port, None) as going:
                assert await going.ended() == 4401
        async with asking(server, HEAD + "\r\n") as (reader, _):
            await reader.readuntil(b"\r\n\r\n")
        assert not staying._reader.at_eof()


async def test_a_stranger_who_does_not_close_the_socket_is_cut_off_and_a_delegate_is_not(stock: Stock) -> None:
    async with inner_server(stock.settings) as server:
        async with Wire(server.port, stock["m-xaa-1"]) as delegate, Wire(server.port, None) as stranger:
            assert await stranger.ended() == 4401
            await stranger.cut_off()
            assert delegate.closed is None


BEGUN = (
    "POST /opinions/new HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Cookie: unbracket-{port}={token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 1000\r\n\r\ntitle="
)


async def test_bodies_of_strangers_push_out_no_honest_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends a large form over a slow line is waited for, however many others begin one and send nothing."""
    monkeypatch.setattr(half_open, "MOST_HALF_OPEN", 20)
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    async with inner_server(stock.settings) as server, AsyncExitStack() as stack:
        token = stock["m-sec"].token
        honest, writer = await stack.enter_async_context(asking(server, BEGUN, token=token))
        # Answered behind it: the form is asked for by now.
        for _ in range(3):
            async with asking(server, "GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n") as (reader, _):
                await reader.readuntil(b"\r\n\r\n")
        strangers = [await stack.enter_async_context(asking(server, BEGUN, token="none")) for _ in range(60)]
        async with asyncio.timeout(PATIENCE):
            for reader, _ in strangers[-20:]:
                assert (await reader.readline()).split()[1] == b"401"
            writer.write(b"x" * 994)
            assert (await honest.readline()).startswith(b"HTTP/1.1 ")


async def test_a_hall_that_loads_its_pages_over_one_slow_line_is_not_cut() -> None:
    """A thousand browsers, six connections each: all of their answers may be under way at once."""
    waiting = Waiting()
    hall = [_Caller() for _ in range(6_000)]
    for one in hall:
        waiting.answers.wait(one)
    assert not any(one.given_up.is_set() for one in hall)
    for one in hall:
        waiting.answers.came(one)


async def test_an_answer_that_nobody_takes_is_not_kept_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(half_open, "ANSWER_SECONDS", 0.3)
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    async with inner_server(stock.settings) as server:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(line, ("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=line, limit=1)
        asked = f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
        with suppress(ConnectionError):
            async with asyncio.timeout(60):
                for _ in range(20_000):
                    writer.write(asked * 20)
                    await writer.drain()
        assert writer.transport.is_closing() or reader.exception() is not None
