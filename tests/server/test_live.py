"""The live page: what observers see of the room, how soon, and how it ends."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import httpx2
import pytest

from opinions.record import AmendmentKind
from opinions.views import View
from server.live_feed import Presentation, difference, shown
from server.settings import Settings
from tests.support.builders import amendment, bracketed, document, ins, paragraph
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer, live_server
from tests.support.readers import Follower, following
from tests.support.stock import ITEM, OPINION, WORDS, Stock, stocked

ROLLING, CLEAN = Presentation(View.ROLLING, names=True), Presentation(View.CLEAN, names=True)
LIVE = f"/opinions/{OPINION}/live"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("live") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


# --- what is told


def test_a_page_is_told_the_changed_paragraphs_alone() -> None:
    before = shown(1, document(paragraph("p-1", "one"), paragraph("p-2", "two")), ROLLING, {})
    after = shown(2, document(paragraph("p-1", "one"), paragraph("p-2", "2"), paragraph("p-3", "three")), ROLLING, {})
    told = difference(before, after)
    assert set(told["changed"]) == {"p-2", "p-3"}
    assert told["order"] == ["p-1", "p-2", "p-3"]
    assert "order" not in difference(
        after, shown(3, document(paragraph("p-1", "x"), paragraph("p-2", "2"), paragraph("p-3", "three")), ROLLING, {})
    )
    assert set(difference(None, after)["changed"]) == {"p-1", "p-2", "p-3"}
    assert difference(after, after)["changed"] == {}


def test_i8_a_pending_word_is_never_on_the_agreed_text() -> None:
    """[I8, C1]"""
    text = document(
        paragraph("p-1", "that ", ins("a-1", "all "), bracketed("a-2", "States")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XBB", AmendmentKind.BRACKET)],
    )
    assert "all" not in str(shown(1, text, CLEAN, {}).paragraphs)
    assert "all" in str(shown(1, text, ROLLING, {}).paragraphs)
    unnamed = shown(1, text, Presentation(View.ROLLING, names=False), {})
    assert "XAA" not in str(unnamed.paragraphs)


# --- a real server


async def test_an_observer_sees_what_is_typed_within_a_second_of_its_acknowledgement(
    server: LiveServer, stock: Stock
) -> None:
    """[ux scenario 7]"""
    async with Drafter(server.port, stock["m-chair"]) as chair, Drafter(server.port, stock["m-xaa-1"]) as expert:
        await chair.command({"act": "open_live_drafting", "on": True})
        await expert.until(lambda: any(n["kind"] == "live_drafting" for n in expert.client.notices), "live drafting")
        await expert.hello()
        async with (
            following(server.port, stock["m-obs"]) as observer,
            following(server.port, stock["m-obs"], "clean") as agreed,
        ):
            await observer.until(lambda: observer.paragraph(ITEM), "the text")
            delays = []
            for word in ("nearly ", "always ", "seldom "):
                await expert.saved(await expert.type(ITEM, len("that "), word))
                saved_at = asyncio.get_running_loop().time()
                await observer.until(partial(_tells, observer, word), word)
                delays.append(asyncio.get_running_loop().time() - saved_at)
            assert max(delays) < 1.0
            assert "XAA" in observer.paragraph(ITEM)
            await agreed.until(lambda: agreed.paragraph(ITEM), "the text")
            for word in ("nearly", "always", "seldom"):
                assert word not in agreed.paragraph(ITEM)
        await chair.command({"act": "open_live_drafting", "on": False})


async def test_a_draft_never_reaches_an_observer(server: LiveServer, stock: Stock) -> None:
    async with Drafter(server.port, stock["m-xbb-1"], workspace=True) as expert:
        async with following(server.port, stock["m-obs"]) as observer:
            await observer.until(lambda: observer.paragraph(ITEM), "the text")
            await expert.saved(await expert.type(ITEM, len("that "), "confidential "))
            # Something that is told after the draft would have been: then nothing of it is on its way any more.
            async with Drafter(server.port, stock["m-sec"]) as secretary:
                told = len(observer.named("text"))
                await secretary.command(
                    {"act": "insert_paragraph", "paragraph": "p-told-after", "after": ITEM, "kind": "paragraph",
                     "text": "told after", "level": 0}
                )  # fmt: skip
            await observer.until(lambda: len(observer.named("text")) > told, "the paragraph")
            assert "confidential" not in str(observer.events)
            page = await _page(server, stock["m-obs"].token, LIVE)
            assert "told after" in page.text
            assert "confidential" not in page.text


async def test_a_page_that_is_up_to_date_is_not_told_again(server: LiveServer, stock: Stock) -> None:
    page = (await _page(server, stock["m-obs"].token, LIVE)).text
    seq = page.split('data-seq="')[1].split('"')[0]
    async with (
        following(server.port, stock["m-obs"], since=seq) as observer,
        Drafter(server.port, stock["m-sec"]) as secretary,
    ):
        await secretary.command(
            {"act": "insert_paragraph", "paragraph": "p-second-one", "after": ITEM, "kind": "paragraph",
             "text": "the only news", "level": 0}
        )  # fmt: skip
        await observer.until(lambda: observer.paragraph("p-second-one"), "the news")
        assert set(observer.named("text")[0]["changed"]) == {"p-second-one"}


async def test_a_sitting_closed_to_observers_ends_their_pages_at_once(server: LiveServer, stock: Stock) -> None:
    async with following(server.port, stock["m-obs"]) as observer, following(server.port, stock["m-xcc-1"]) as expert:
        await observer.until(lambda: observer.paragraph(ITEM), "the text")
        await _post(server, stock["m-chair"].token, f"/opinions/{OPINION}/observers", {"admit": "no"})
        await observer.end()
        assert observer.named("closed")
        assert not expert.ended, "the group goes on"
        page = await _page(server, stock["m-obs"].token, LIVE)
        assert page.status_code == 403
        assert "closed to observers" in page.text
        assert WORDS not in page.text
        async with following(server.port, stock["m-obs"]) as shut_out:
            assert shut_out.status == 403
        await _post(server, stock["m-chair"].token, f"/opinions/{OPINION}/observers", {"admit": "yes"})
        assert (await _page(server, stock["m-obs"].token, LIVE)).status_code == 200


async def test_p11_who_is_suspended_sees_nothing_more_within_a_second(server: LiveServer, stock: Stock) -> None:
    """[reliability P11]"""
    async with following(server.port, stock["m-xdd-2"]) as reader, Drafter(server.port, stock["m-xdd-2"]) as drafter:
        await reader.until(lambda: reader.paragraph(ITEM), "the text")
        started = asyncio.get_running_loop().time()
        await _post(server, stock["m-sec"].token, "/people/m-xdd-2/suspension", {"suspended": "yes"})
        await reader.end()
        assert await drafter.ended() == 4401
        assert asyncio.get_running_loop().time() - started < 1.0
        assert reader.named("reload"), "the page is loaded anew and leads to the sign-in"


async def test_what_observers_may_see_follows_the_settings_of_the_process(server: LiveServer, stock: Stock) -> None:
    form = {"name": "Process", "meeting_zone": "America/Nassau", "observers_see": "agreed"}
    form["attribution"] = "delegations"
    async with following(server.port, stock["m-obs"]) as observer:
        await observer.until(lambda: observer.paragraph(ITEM), "the text")
        await _post(server, stock["m-sec"].token, "/settings", form)
        await observer.end()
        assert observer.named("reload")
    async with following(server.port, stock["m-obs"]) as refused:
        assert refused.status == 404
    page = (await _page(server, stock["m-obs"].token, LIVE)).text
    assert "Agreed text only" in page
    assert "Text with square brackets" not in page
    assert "Nassau" in page
    member = (await _page(server, stock["m-xaa-1"].token, LIVE)).text
    assert "Text with square brackets" in member
    await _post(server, stock["m-sec"].token, "/settings", {**form, "observers_see": "submitted"})


async def test_one_person_has_a_bounded_number_of_streams(server: LiveServer, stock: Stock) -> None:
    async with AsyncExitStack() as stack:
        statuses = [
            (await stack.enter_async_context(following(server.port, stock["m-xcc-2"]))).status for _ in range(9)
        ]
        assert statuses == [200] * 8 + [429]


async def test_the_server_stops_while_pages_are_open(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    with live_server(stock.settings.data_dir) as server:
        async with following(server.port, stock["m-obs"]) as observer:
            await observer.until(lambda: observer.paragraph(ITEM), "the text")
            assert await asyncio.to_thread(server.stop) == 0
            await observer.end()
            assert not observer.named("reload"), "the page comes back by itself"


def _tells(follower: Follower, word: str) -> bool:
    return word in follower.paragraph(ITEM)


async def _page(server: LiveServer, token: str, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=server.url, cookies={f"unbracket-{server.port}": token}) as client:
        return await client.get(path, headers={"accept": "text/html"})


async def _post(server: LiveServer, token: str, path: str, data: dict[str, str]) -> None:
    async with httpx2.AsyncClient(base_url=server.url, cookies={f"unbracket-{server.port}": token}) as client:
        answer = await client.post(path, data=data, headers={"origin": server.url})
        assert answer.status_code == 303, answer.text


async def test_what_somebody_may_do_changes_under_an_open_socket(server: LiveServer, stock: Stock) -> None:
    """[R26] The page is loaded anew and shows the new part; other people notice nothing."""
    secretary = stock["m-sec"].token
    async with Drafter(server.port, stock["m-xcc-1"]) as changed, Drafter(server.port, stock["m-xbb-2"]) as other:
        form = {"name": "Expert Cascadia 1", "role": "observer", "delegation": "XCC"}
        await _post(server, secretary, "/people/m-xcc-1", form)
        assert await changed.ended() == 4409
        assert other.closed is None
    async with Drafter(server.port, stock["m-xbb-2"]) as appointed:
        await _post(server, secretary, f"/opinions/{OPINION}/chair", {"chair": "m-chair", "acting": "m-xbb-2"})
        assert await appointed.ended() == 4409
    async with Drafter(server.port, stock["m-xbb-2"]) as acting:
        assert acting.client.welcome["role"] == "acting_chair"
    await _post(server, secretary, f"/opinions/{OPINION}/chair", {"chair": "m-chair"})


async def test_ending_one_session_lets_the_others_come_back(server: LiveServer, stock: Stock) -> None:
    async with Drafter(server.port, stock["m-xaa-2"]) as drafter:
        page = await _page(server, stock["m-sec"].token, "/people/m-xaa-2")
        session = page.text.split('name="session" value="')[1].split('"')[0]
        await _post(server, stock["m-sec"].token, "/people/m-xaa-2/sessions", {"session": session})
        assert await drafter.ended() == 1012, "come back; whose session ended is told 4401 then"
    again = Drafter(server.port, stock["m-xaa-2"])
    await again.open()
    assert await again.ended() == 4401
