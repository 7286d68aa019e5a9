"""Frames over HTTP on a real server (crdt/SPEC.md, W12): the promises of the socket, and those that requests need."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from crdt import parcels, protocol
from crdt.protocol import MAX_FRAME, ServerFrame
from server import channels
from server.channels import Channel
from server.peers import MAX_WAITING_WRITES, Bundle
from server.settings import Settings
from tests.support.checker import broken_promises
from tests.support.drafters import Drafter
from tests.support.http_line import HttpLine
from tests.support.inner_server import inner_server
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import CHAPEAU, OPINION, Person, Stock, stocked
from tests.support.waiting import PATIENCE, until, within

HELLO = protocol.hello(schema=protocol.SCHEMA, workspace=False, generation=0, client=None, state_vector=b"\0")
OTHER_SCHEMA = protocol.hello(schema=99, workspace=False, generation=0, client=None, state_vector=b"\0")
PING = b"\x04"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """A stocked data directory for the whole module."""
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("channels") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    """A server on it, which has to end well after all that the tests did to it."""
    with live_server(stock.settings.data_dir) as running:
        yield running
        assert running.stop() == 0


def cookie(server: LiveServer, person: Person | None) -> dict[str, str]:
    return {"Cookie": f"unbracket-{server.port}={person.token}"} if person else {}


async def opened(server: LiveServer, person: Person | None, opinion: str = OPINION) -> HttpLine:
    return await HttpLine.open(server.port, opinion, cookie(server, person))


async def closing(line: HttpLine) -> int:
    """The code the channel is closed with, whatever comes before it."""
    async with asyncio.timeout(PATIENCE):
        async for _ in line:
            pass
    assert line.close_code is not None
    return line.close_code


# --- who comes in


@pytest.mark.parametrize(
    ("member", "opinion", "code"),
    [(None, OPINION, 4401), ("m-obs", OPINION, 4403), ("m-admin", OPINION, 4403), ("m-xaa-1", "op-none", 4403)],
)
async def test_w12_who_may_not_join_opens_no_channel(
    server: LiveServer, stock: Stock, member: str | None, opinion: str, code: int
) -> None:
    line = await opened(server, stock[member] if member else None, opinion)
    assert line.close_code == code


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
async def test_w12_another_sites_page_opens_no_channel(
    server: LiveServer, stock: Stock, headers: dict[str, str]
) -> None:
    async with httpx2.AsyncClient(base_url=server.url, headers=cookie(server, stock["m-xaa-1"])) as web:
        answer = await web.post(f"/frames/opinions/{OPINION}", headers=headers)
    assert answer.status_code == 403


async def test_w12_a_channel_answers_to_the_session_and_opinion_that_opened_it_alone(
    server: LiveServer, stock: Stock
) -> None:
    line = await opened(server, stock["m-xaa-1"])
    await line.send(HELLO)
    for person, path in (
        (stock["m-xaa-2"], line.path),
        (stock["m-xaa-1"], line.path.replace(OPINION, "op-none")),
        (stock["m-xaa-1"], line.path[:-1] + "0"),
        (None, line.path),
        (stock["m-obs"], line.path),
    ):
        headers = {"Origin": server.url, **cookie(server, person)}
        async with httpx2.AsyncClient(base_url=server.url, headers=headers) as web:
            for answer in (
                await web.get(path, params={"after": 0}),
                await web.post(path, content=parcels.packed(1, (PING,))),
            ):
                assert answer.status_code in {401, 403, 404, 410}, answer.text
                assert answer.status_code != 410 or answer.json()["closed"] == 1012
    assert (await line.poll())[0][0] == ServerFrame.WELCOME, "strangers have changed nothing"
    await line.close()


async def test_a_ninth_channel_of_one_person_is_told_to_try_again_later(server: LiveServer, stock: Stock) -> None:
    lines = [await opened(server, stock["m-xdd-2"]) for _ in range(8)]
    ninth = await opened(server, stock["m-xdd-2"])
    assert (ninth.close_code, bool(ninth.reason)) == (1013, True)
    for line in lines:
        await line.close()
    again = await opened(server, stock["m-xdd-2"])
    assert again.close_code is None
    await again.close()


# --- what is carried


async def test_w12_nothing_is_taken_twice_or_told_short_when_answers_are_lost(server: LiveServer, stock: Stock) -> None:
    """Every second answer of a POST and of a poll is lost on its way, after the server did its part."""
    async with Drafter(server.port, stock["m-xaa-1"], workspace=True, over_http=True) as author:
        line = author.line
        assert isinstance(line, HttpLine)
        line.lose = lambda method: line.requests % 2 == 1
        for number in range(6):
            await author.saved(await author.type(CHAPEAU, 10, f" lost{number}"))
        text = author.text(CHAPEAU)
        line.lose = lambda method: False
    assert [text.count(f"lost{number}") for number in range(6)] == [1] * 6
    async with Drafter(server.port, stock["m-xaa-2"], workspace=True) as colleague:
        assert colleague.text(CHAPEAU) == text


async def test_w12_a_body_cut_in_the_middle_is_not_taken_and_its_repetition_is(
    server: LiveServer, stock: Stock
) -> None:
    line = await opened(server, stock["m-xaa-1"])
    body = parcels.packed(1, (HELLO, PING, PING))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        f"POST {line.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\n"
        f"Cookie: {cookie(server, stock['m-xaa-1'])['Cookie']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body[:-1])
    await writer.drain()
    writer.close()
    with suppress(ConnectionError):
        await reader.read()
        await writer.wait_closed()
    await line.post(body)
    await line.post(body)
    frames: list[int] = []
    async with asyncio.timeout(PATIENCE):
        while frames.count(ServerFrame.PONG) < 2:
            frames += [frame[0] for frame in await line.poll()]
        await line.post(parcels.packed(4, (PING,)))
        while frames.count(ServerFrame.PONG) < 3:
            frames += [frame[0] for frame in await line.poll()]
    assert frames.count(ServerFrame.WELCOME) == 1
    await line.close()


async def test_w12_what_a_poll_told_is_told_again_until_it_is_confirmed(server: LiveServer, stock: Stock) -> None:
    line = await opened(server, stock["m-xaa-1"])
    await line.send(HELLO)
    async with httpx2.AsyncClient(base_url=server.url, headers=cookie(server, stock["m-xaa-1"])) as web:

        async def polled(after: int) -> parcels.Parcel:
            answer = await web.get(line.path, params={"after": after})
            return parcels.unpacked(answer.content, bounded=False)

        first = await polled(0)
        assert (await polled(0)).frames[: len(first.frames)] == first.frames
        await line.send(PING)
        rest = await polled(len(first.frames))
        assert rest.first == len(first.frames) + 1
        assert (await polled(0)).frames == (), "what was confirmed is not kept"
    await line.close()


async def test_w12_a_later_poll_takes_the_place_of_one_that_is_held(server: LiveServer, stock: Stock) -> None:
    line = await opened(server, stock["m-xaa-1"])
    async with httpx2.AsyncClient(base_url=server.url, headers=cookie(server, stock["m-xaa-1"])) as web:
        held = asyncio.create_task(web.get(line.path, params={"after": 0}))
        later = asyncio.create_task(web.get(line.path, params={"after": 0}))
        async with asyncio.timeout(PATIENCE):
            done, _ = await asyncio.wait((held, later), return_when=asyncio.FIRST_COMPLETED)
            assert len(done) == 1
            assert parcels.unpacked(done.pop().result().content).frames == ()
            await line.send(HELLO)
            answers = [parcels.unpacked((await one).content, bounded=False) for one in (held, later)]
    assert sorted(bool(answer.frames) for answer in answers) == [False, True]
    await line.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 4400),
        (b"\xff" * 40, 4400),
        (parcels.packed(2, (HELLO,)), 4400),
        (parcels.packed(1, (PING,)), 4400),
        (parcels.packed(1, (b"\0" * (MAX_FRAME + 1),)), 4400),
        (parcels.packed(1, (HELLO,) + (PING,) * parcels.MAX_FRAMES), 4400),
        (parcels.packed(1, (OTHER_SCHEMA,)), 4409),
    ],
    ids=["empty", "garbage", "gap", "ping before hello", "frame too large", "too many frames", "schema"],
)
async def test_w11_what_is_not_of_the_protocol_closes_the_channel(
    server: LiveServer, stock: Stock, body: bytes, code: int
) -> None:
    line = await opened(server, stock["m-xaa-1"])
    await line.post(body)
    assert await closing(line) == code


async def test_w12_a_poll_that_confirms_what_was_never_told_closes_the_channel(
    server: LiveServer, stock: Stock
) -> None:
    line = await opened(server, stock["m-xaa-1"])
    async with httpx2.AsyncClient(base_url=server.url, headers=cookie(server, stock["m-xaa-1"])) as web:
        for after, status in (("", 400), ("-1", 400), ("x", 400), ("9" * 30, 400), ("7", 200)):
            answer = await web.get(line.path, params={"after": after})
            assert answer.status_code == status
        told = parcels.unpacked((await web.get(line.path, params={"after": 0})).content).closing
    assert told is not None
    assert told.code == 4400
    await line.close()


async def test_a_flood_is_all_taken_more_slowly_and_others_do_not_wait(server: LiveServer, stock: Stock) -> None:
    """The answer to a body waits while the sender is above its rate; what is in it counts all the same."""
    line = await opened(server, stock["m-xbb-1"])
    await line.send(HELLO)
    started = time.monotonic()
    flood = asyncio.create_task(line.post(parcels.packed(2, (PING,) * 200)))
    async with Drafter(server.port, stock["m-xbb-2"], workspace=True, over_http=True) as other:
        async with asyncio.timeout(within(5)):
            await other.saved(await other.type(CHAPEAU, 10, " meanwhile"))
    pongs = 0
    async with asyncio.timeout(PATIENCE):
        while pongs < 200:
            pongs += [frame[0] for frame in await line.poll()].count(ServerFrame.PONG)
    await flood
    assert time.monotonic() - started > 1.5
    await line.close()


async def test_w10_what_no_poll_confirms_counts_as_waiting_and_overflows() -> None:
    """Told resync and nothing else until HELLO; who keeps confirming is never told, however much comes."""
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def polled(channel: Channel, after: int) -> parcels.Parcel:
        return parcels.unpacked(await channel.answer(after, 0.01, gone))

    stalled = Channel("n-stalled", OPINION, b"", lambda: 0.0)
    for _ in range(MAX_WAITING_WRITES + 9):
        stalled.send(Bundle((PING,)))
    told = await polled(stalled, 0)
    assert told.frames == (PING,) * MAX_WAITING_WRITES + (protocol.notice("resync"),)
    assert (await polled(stalled, len(told.frames))).frames == ()
    stalled.heard()
    stalled.send(Bundle((PING,)))
    assert (await polled(stalled, len(told.frames))).frames == (PING,)
    quick, after = Channel("n-quick", OPINION, b"", lambda: 0.0), 0
    for _ in range(4 * MAX_WAITING_WRITES):
        quick.send(Bundle((PING,)))
        quick.send(Bundle((PING,)))
        found = await polled(quick, after)
        assert found.frames[-1] == PING
        quick.send(Bundle((PING,)))
        after += len(found.frames)
    for one in (stalled, quick):
        one.end(1001, "")


# --- the end


async def test_w12_a_channel_that_nobody_polls_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "UNPOLLED_SECONDS", 0.2)
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    async with inner_server(stock.settings) as server:
        line = await HttpLine.open(
            server.port, OPINION, {"Cookie": f"unbracket-{server.port}={stock['m-xaa-1'].token}"}
        )
        await line.send(HELLO)
        assert server.hub.figures["sockets"] == 1
        await until(lambda: server.hub.figures["sockets"] == 0, "the place to be free")
        await line.send(PING)
        assert line.close_code == 1012
        await line.close()


async def test_w12_goodbye_and_instead_free_the_place_and_the_lease_at_once(server: LiveServer, stock: Stock) -> None:
    drafter = Drafter(server.port, stock["m-xcc-1"], workspace=True, over_http=True)
    async with drafter:
        await drafter.saved(await drafter.type(CHAPEAU, 10, " mine"))
        lent = drafter.client.welcome["client"]
    async with drafter:
        assert drafter.client.welcome["client"] == lent
        line = drafter.line
        assert isinstance(line, HttpLine)
        former = line.path.rpartition("/")[2]
        headers = {"Origin": server.url, **cookie(server, stock["m-xcc-1"])}
        async with httpx2.AsyncClient(base_url=server.url, headers=headers) as web:
            opened_again = await web.post(f"/frames/opinions/{OPINION}", params={"instead": former})
        assert opened_again.status_code == 201
        assert await drafter.ended() in {1001, 1012}, "told to a poll that was held, unknown to a later one"


async def test_a_drained_server_answers_polls_at_once_and_loses_nothing(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    with live_server(stock.settings.data_dir) as server:
        async with _following(server, stock["m-xaa-2"]) as follower:
            author = Drafter(server.port, stock["m-xaa-1"], workspace=True, over_http=True)
            async with author:
                n = await author.type(CHAPEAU, 10, " at the last moment")
                started = time.monotonic()
                code = await asyncio.to_thread(server.stop)
                assert code == 0
                assert {await author.ended(), await follower.ended()} == {1012}
                assert time.monotonic() - started < 15
                assert n in author.client.acknowledged or n in author.client.sent
        server.start()
        async with author:
            assert author.text(CHAPEAU).count("at the last moment") == 1
        assert broken_promises(stock.settings.data_dir / "unbracket.db", []) == []


@asynccontextmanager
async def _following(server: LiveServer, person: Person) -> AsyncIterator[Drafter]:
    follower = Drafter(server.port, person, workspace=True, over_http=True)
    await follower.open()
    await follower.hello()
    yield follower
