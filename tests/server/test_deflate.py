"""permessage-deflate: what is agreed on, that large frames alone are deflated, and that nothing small becomes large."""

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.typing import Origin

from crdt import protocol
from crdt.protocol import MAX_FRAME, ServerFrame
from opinions.model import Kind, Opinion, Paragraph, ParagraphId, Run
from opinions.record import Document
from server.database import Database
from server.deflate import Inflated, deflated, inflated, is_offered
from server.peers import LARGE, Bundle, States
from server.process_store import found_opinion
from server.settings import Settings
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import Stock, stocked
from tests.support.waiting import PATIENCE

HELLO = protocol.hello(schema=protocol.SCHEMA, workspace=False, generation=0, client=None, state_vector=b"\0")
PONG = bytes([ServerFrame.PONG])
LONG = "op-long"


def long_text() -> Document:
    """A text whose state is a large frame, of words that can be deflated."""
    words = "that members should further strengthen their cooperation for connectivity, "
    paragraphs = tuple(
        Paragraph(ParagraphId(f"p-long-{n:05d}"), Kind.PREAMBULAR_ITEM, 0, (Run(words * 4 + str(n)),))
        for n in range(150)
    )
    return Document(Opinion(paragraphs))


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    stock = stocked(Settings(data_dir=tmp_path_factory.mktemp("deflate") / "data"))
    with Database(stock.settings) as database:
        database.run(
            lambda connection: found_opinion(
                connection,
                long_text(),
                title="Long",
                member="m-admin",
                name="Secretariat",
                at=datetime.now(UTC),
                source="a test",
                opinion_id=LONG,
            )
        )
    return stock


@pytest.fixture(scope="module", params=[0, 1], ids=["rooms here", "rooms in a worker"])
def server(stock: Stock, request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir, environ={"UNBRACKET_ROOM_WORKERS": str(request.param)}) as running:
        yield running
        assert running.stop() == 0


def opened(server: LiveServer, stock: Stock, *offers: ClientPerMessageDeflateFactory) -> connect:
    """A connection of a delegate that offers the extension so, or not at all."""
    return connect(
        f"ws://127.0.0.1:{server.port}/ws/opinions/{LONG}",
        origin=Origin(server.url),
        additional_headers={"Cookie": f"unbracket-{server.port}={stock['m-xaa-1'].token}"},
        compression=None,
        extensions=offers or None,
        max_size=None,
    )


async def text_of(connection: ClientConnection) -> bytes:
    """The SYNC that answers a HELLO."""
    async with asyncio.timeout(PATIENCE):
        async for frame in connection:
            assert isinstance(frame, bytes)
            if frame[0] == ServerFrame.SYNC:
                return frame
    raise AssertionError("no SYNC came")


async def code_of(connection: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            async for _ in connection:
                pass
    return connection.close_code


async def test_who_offers_it_gets_the_very_same_text_and_nothing_is_kept_for_the_next(
    server: LiveServer, stock: Stock
) -> None:
    async with opened(server, stock) as plain, opened(server, stock, ClientPerMessageDeflateFactory()) as smaller:
        assert "Sec-WebSocket-Extensions" not in plain.response.headers  # type: ignore[union-attr]
        agreed = smaller.response.headers["Sec-WebSocket-Extensions"]  # type: ignore[union-attr]
        assert agreed == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        await plain.send(HELLO)
        await smaller.send(HELLO)  # deflated by the client: every message of it is
        whole = await text_of(plain)
        assert len(whole) > LARGE
        assert await text_of(smaller) == whole
        await smaller.send(HELLO)
        assert await text_of(smaller) == whole


async def test_who_can_keep_but_a_small_window_gets_frames_as_they_are(server: LiveServer, stock: Stock) -> None:
    async with opened(server, stock, ClientPerMessageDeflateFactory(server_max_window_bits=10)) as connection:
        assert "Sec-WebSocket-Extensions" not in connection.response.headers  # type: ignore[union-attr]
        await connection.send(HELLO)
        assert len(await text_of(connection)) > LARGE


async def test_what_is_inflated_beyond_the_limit_of_a_frame_is_closed_with_1009(
    server: LiveServer, stock: Stock
) -> None:
    async with opened(server, stock, ClientPerMessageDeflateFactory()) as connection:
        await connection.send(b"\1" + bytes(20 * MAX_FRAME))
        assert await code_of(connection) == 1009


async def test_a_message_of_exactly_a_frame_may_be_deflated(server: LiveServer, stock: Stock) -> None:
    async with opened(server, stock, ClientPerMessageDeflateFactory()) as connection:
        await connection.send(HELLO)
        await text_of(connection)
        update = protocol.client_update(1, "XAA", b"")
        await connection.send(protocol.client_update(1, "XAA", bytes(MAX_FRAME - len(update) - 2)))
        await connection.send(b"\4")
        async with asyncio.timeout(PATIENCE):
            async for frame in connection:
                if frame == PONG:
                    break
        assert connection.close_code is None


def masked(first: int, payload: bytes) -> bytes:
    """A frame of a client, masked with zeros."""
    assert len(payload) < 126
    return bytes((first, 0x80 | len(payload))) + bytes(4) + payload


@pytest.mark.parametrize(
    ("offers", "frames", "code"),
    [
        (False, (masked(0xC2, deflated(HELLO)),), 1002),
        (True, (masked(0xA2, HELLO),), 1002),
        (True, (masked(0xC2, b"\xff\xff\xff\xff no deflate"),), 1002),
        (True, (masked(0x02, HELLO[:4]), masked(0xC0, HELLO[4:])), 1002),
        (True, (masked(0xC9, b"ping"),), 1002),
        (True, (masked(0xC1, deflated(b"text")),), 4400),
        (True, (masked(0x42, deflated(HELLO)[:5]), masked(0x80, deflated(HELLO)[5:]), masked(0x82, b"\x63")), 4400),
    ],
    ids=["not agreed on", "another bit", "no deflate", "from its second frame", "a ping", "a text", "in fragments"],
)
async def test_bits_that_were_not_agreed_on_end_the_connection(
    server: LiveServer, stock: Stock, offers: bool, frames: tuple[bytes, ...], code: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    extension = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" if offers else ""
    writer.write(
        f"GET /ws/opinions/{LONG} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\n"
        "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extension}"
        f"Cookie: unbracket-{server.port}={stock['m-xaa-1'].token}\r\n\r\n".encode()
    )
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        writer.write(b"".join(frames))
        told = await reader.read()
    writer.close()
    assert code.to_bytes(2, "big") in told
    assert told[told.index(code.to_bytes(2, "big")) - 2] == 0x88


async def test_small_frames_are_left_alone_and_large_ones_made_once() -> None:
    small, large = Bundle((b"\2" * 100,)), Bundle((b"\1" + bytes(LARGE),))
    assert small.deflated == small.wire
    assert large.deflated is large.deflated
    assert large.deflated[0] == 0xC2
    states = States()
    assert states.bundle(b"\1" + bytes(LARGE)) is states.bundle(b"\1" + bytes(LARGE))


@given(st.binary(max_size=3000))
def test_what_was_deflated_is_inflated(payload: bytes) -> None:
    assert inflated(deflated(payload), 3000) == payload


@given(st.binary(max_size=200))
def test_no_bytes_of_a_peer_fail_or_become_more_than_they_may(payload: bytes) -> None:
    found = inflated(payload, 1000)
    assert isinstance(found, Inflated) or len(found) <= 1000


def test_a_bomb_is_seen_before_it_goes_off() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert inflated(bomb.compress(bytes(10**7)) + bomb.flush(zlib.Z_SYNC_FLUSH), MAX_FRAME) is Inflated.TOO_LARGE


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        ("permessage-deflate", True),
        ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; client_max_window_bits=12; server_no_context_takeover", True),
        ('permessage-deflate; client_max_window_bits="12"', True),
        ("permessage-deflate; server_max_window_bits=10, permessage-deflate", True),
        ("x-webkit-deflate-frame, permessage-deflate", True),
        ("", False),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("permessage-deflate; client_max_window_bits=16", False),
        ("permessage-deflate; client_max_window_bits=12; client_max_window_bits=12", False),
        ("permessage-deflate; server_no_context_takeover=1", False),
        ("permessage-deflate; something", False),
        ("permessage-deflated", False),
    ],
)
def test_rfc_7692_an_offer_fits_when_it_can_be_answered_with_no_context_takeover(header: str, fits: bool) -> None:
    assert is_offered(header) is fits
