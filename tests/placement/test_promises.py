"""The same promises wherever the room is: in the server's process, in a worker, on another node, in that node's worker.

Browsers come to both nodes, most of them to the one that does not own the room.
"""

import asyncio
from collections.abc import Iterator

import pytest

from crdt.protocol import ServerFrame
from tests.support.drafters import Drafter
from tests.support.placements import PLACEMENTS, Deployment, ask, deployment
from tests.support.postgres_server import Databases
from tests.support.stalled import stops_reading
from tests.support.stock import CHAPEAU, ITEM, OPINION, SECOND, WORDS
from tests.support.waiting import within

PONG = bytes([ServerFrame.PONG])


@pytest.fixture(scope="module", params=PLACEMENTS)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> Iterator[Deployment]:
    """A running deployment; the tests of this module leave their marks in it, in the order they stand here."""
    directory = tmp_path_factory.mktemp("placement")
    with deployment(request.param, directory, databases) as running:
        yield running
        for server in {id(one): one for one in (running.away, running.home)}.values():
            assert server.stop() == 0


async def test_w5_typing_is_acknowledged_and_seen_by_the_own_delegation_alone(place: Deployment) -> None:
    async with (
        Drafter(place.away.port, place.stock["m-xaa-1"], workspace=True) as author,
        Drafter(place.home.port, place.stock["m-xaa-2"], workspace=True) as colleague,
        Drafter(place.away.port, place.stock["m-xbb-1"], workspace=True) as stranger,
    ):
        for number in range(20):
            await author.saved(await author.type(CHAPEAU, 10, f" canary{number}"))
        await colleague.until(lambda: "canary19" in colleague.text(CHAPEAU), "a colleague's draft")
        await stranger.socket.send(b"\x04")
        await stranger.until(lambda: PONG in stranger.frames, "PONG")
        assert not any(b"canary" in frame for frame in stranger.frames)
        n = await colleague.type(CHAPEAU, 10, " reply")
        await colleague.saved(n)
        await author.until(lambda: "reply" in author.text(CHAPEAU), "the reply")


async def test_submit_is_told_to_everybody(place: Deployment) -> None:
    async with (
        Drafter(place.away.port, place.stock["m-xbb-1"], workspace=True) as author,
        Drafter(place.home.port, place.stock["m-xcc-1"], workspace=True) as near,
        Drafter(place.away.port, place.stock["m-xcc-2"], workspace=True) as far,
    ):
        amendment = "a-0123456789abcdef"
        await author.saved(await author.type(ITEM, len(WORDS), " everywhere", amendment))
        assert await author.command({"act": "submit", "amendment": amendment, "reason": "reach"})
        await near.until(lambda: "everywhere" in near.text(ITEM), "the amendment")
        await far.until(lambda: "everywhere" in far.text(ITEM), "the amendment")


async def test_w7_a_command_by_http_is_carried_out_once_and_pages_everywhere_show_it_at_once(place: Deployment) -> None:
    path = f"/api/opinions/{SECOND}/commands"
    clerk = place.stock["m-sec"]
    edit = {"act": "correct_text", "paragraph": ITEM, "start": 0, "end": 4, "was": "that", "text": "What"}
    told = [
        await asyncio.to_thread(ask, server, clerk, "POST", path, json_of={**edit, "key": "key-0001", "party": "SEC"})
        for server in (place.away, place.home)
    ]
    assert told[0] == told[1], "the same key has the same answer, on whichever node"
    assert told[0][0] == 200
    for server in (place.home, place.away):
        status, page = await asyncio.to_thread(ask, server, clerk, "GET", f"/opinions/{SECOND}/live")
        assert status == 200
        assert "What broadband" in page
    status, answer = await asyncio.to_thread(
        ask, place.away, clerk, "POST", path, json_of={**edit, "key": "key-0002", "party": "SEC"}
    )
    assert (status, "code" in answer) == (409, True)
    status, _ = await asyncio.to_thread(
        ask, place.away, clerk, "POST", "/api/opinions/op-none/commands", json_of={**edit, "key": "key-0003"}
    )
    assert status == 404


async def test_presence_shows_who_came_and_who_left(place: Deployment) -> None:
    async with Drafter(place.home.port, place.stock["m-xdd-1"], SECOND) as near:
        async with Drafter(place.away.port, place.stock["m-xdd-2"], SECOND) as far:
            await near.until(lambda: len(near.client.peers) == 2, "both in the roster")
            await far.until(lambda: len(far.client.peers) == 2, "both in the roster")
        await near.until(lambda: len(near.client.peers) == 1, "the other to have left")


async def test_a_disconnected_peer_catches_up_and_keeps_its_lease(place: Deployment) -> None:
    drafter = Drafter(place.away.port, place.stock["m-xcc-1"], workspace=True)
    async with drafter:
        await drafter.saved(await drafter.type(CHAPEAU, 10, " first"))
        lent = drafter.client.welcome["client"]
    async with Drafter(place.home.port, place.stock["m-xcc-2"], workspace=True) as colleague:
        await colleague.saved(await colleague.type(CHAPEAU, 10, " second"))
    async with Drafter(place.home.port, place.stock["m-xcc-1"], workspace=True, client=drafter.client) as again:
        assert again.client.welcome["client"] == lent
        assert "first" in again.text(CHAPEAU)
        assert "second" in again.text(CHAPEAU)


@pytest.mark.parametrize(("sent", "code"), [(b"", 4400), (b"\x01\x01", 4400), (b"\xff" * 40, 4400)])
async def test_w11_what_is_not_of_the_protocol_closes_the_socket(place: Deployment, sent: bytes, code: int) -> None:
    drafter = Drafter(place.away.port, place.stock["m-xaa-1"])
    await drafter.open()
    await drafter.socket.send(sent)
    assert await drafter.ended() == code


def skip_what_is_tested_elsewhere(place: Deployment) -> None:
    """Floods and stalled readers of a room in the server's own process: tests/server/test_sockets.py."""
    if place.placement == "here":
        pytest.skip("tests/server/test_sockets.py")


async def test_a_flood_is_all_taken_more_slowly_and_others_do_not_wait(place: Deployment) -> None:
    skip_what_is_tested_elsewhere(place)
    async with (
        Drafter(place.away.port, place.stock["m-xaa-1"], workspace=True) as flooder,
        Drafter(place.away.port, place.stock["m-xbb-2"], workspace=True) as other,
    ):
        flood = asyncio.create_task(_flood(flooder, 1_500))
        for number in range(5):
            async with asyncio.timeout(within(5)):
                await other.saved(await other.type(CHAPEAU, 10, f" {number}"))
        await flood
        await flooder.until(lambda: flooder.frames.count(PONG) == 1_500, "every PONG", 60)


async def _flood(drafter: Drafter, count: int) -> None:
    for _ in range(count):
        await drafter.socket.send(b"\x04")


async def test_w10_a_reader_that_stops_slows_nobody_and_is_told_resync(place: Deployment) -> None:
    skip_what_is_tested_elsewhere(place)
    async with Drafter(place.home.port, place.stock["m-xdd-1"], workspace=True) as author:
        await stops_reading(
            author, Drafter(place.away.port, place.stock["m-xdd-2"], workspace=True), seconds=within(10)
        )


async def test_p11_a_suspended_person_is_out_within_a_second_everywhere(place: Deployment) -> None:
    async with (
        Drafter(place.away.port, place.stock["m-xdd-1"], workspace=True) as one,
        Drafter(place.home.port, place.stock["m-xdd-1"], SECOND, workspace=True) as two,
        Drafter(place.home.port, place.stock["m-xdd-2"], workspace=True) as other,
    ):
        for number in range(20):
            await one.type(CHAPEAU, 10, f" {number}")
        status, _ = await asyncio.to_thread(
            ask, place.home, place.stock["m-sec"], "POST", "/people/m-xdd-1/suspension", form={"suspended": "yes"}
        )
        assert status == 303
        async with asyncio.timeout(1):
            assert (await one.ended(), await two.ended()) == (4401, 4401)
        await other.saved(await other.type(CHAPEAU, 10, " still here"))


async def test_i6_a_freeze_is_a_version_for_all_and_the_text_stands(place: Deployment) -> None:
    chair = place.stock["m-chair"]
    async with (
        Drafter(place.away.port, chair) as gavel,
        Drafter(place.home.port, place.stock["m-xaa-1"]) as near,
    ):
        assert await gavel.command({"act": "freeze", "label": "Milestone", "seen_seq": gavel.client.seqs[0]})
        await gavel.until(lambda: "frozen" in kinds(gavel), "the notice")
        await near.until(lambda: "frozen" in kinds(near), "the notice")
    for server in (place.home, place.away):
        status, page = await asyncio.to_thread(ask, server, chair, "GET", f"/opinions/{OPINION}/versions")
        assert (status, "Milestone" in page) == (200, True)


def kinds(drafter: Drafter) -> set[str]:
    """The notices that somebody got."""
    return {notice["kind"] for notice in drafter.client.notices}


async def test_drain_what_is_acknowledged_is_kept_and_who_was_there_is_told(place: Deployment) -> None:
    """The last test: the owner of the rooms is told to stop, and comes back."""
    writers = [
        Drafter(server.port, place.stock[name], workspace=True)
        for server, name in ((place.away, "m-xaa-1"), (place.home, "m-xbb-1"))
    ]
    for writer in writers:
        await writer.open()
        await writer.hello()
    for number in range(30):
        for writer in writers:
            await writer.type(CHAPEAU, 10, f" {number}")
    assert await asyncio.to_thread(place.home.stop) == 0
    for writer in writers:
        assert await writer.ended() == 1012
        assert {"kind": "draining"} in writer.client.notices
    if place.away is place.home:
        await asyncio.to_thread(place.home.start)
    else:
        assert place.away.answers()
    for writer in writers:
        async with Drafter(place.away.port, writer.person, workspace=True, client=writer.client) as again:
            await again.saved(max(again.client.sent, default=30))
            words = again.text(CHAPEAU).split()
            assert all(str(number) in words for number in range(1, 30))
