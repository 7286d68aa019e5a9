"""The room's screen: what it shows and never shows, its links, and how soon it follows."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from opinions.model import DelegationCode
from opinions.on_table import Call, CalledItem, Floor
from opinions.record import Document, OpinionRecord, Record
from opinions.spoken import CallAnswer, Decision
from opinions.statuses import Answer, CallState, Ruling
from opinions.views import View
from server.identity.attempts import RATES, Try
from server.live_feed import HEARTBEAT_SECONDS, Presentation, shown
from server.projecting import links
from server.projecting.screen import MAX_LINES, RESULT_SECONDS, Screen, screen
from server.settings import Settings
from tests.support.builders import amendment, at, document, ins, item, struck
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer, live_server
from tests.support.readers import streaming
from tests.support.stock import ITEM, OPINION, SECOND, WORDS, Stock, stocked

NAMES = {"KEN": "Kenya", "FRA": "France", "EGY": "Egypt"}
BASE = f"/opinions/{OPINION}/projector"
TYPIST, AUTHOR = "Tina Typist", "Ali Author"


def told(*calls: Call, floor: str = "", names: bool = True, submitted: bool = True) -> Screen:
    """The screen of two paragraphs with two amendments."""
    given = document(
        item("p-1", "that ", struck("a-1", "all"), ins("a-1", "many"), " agree,"),
        item("p-2", "that <b>others</b> wait,"),
        amendments=[
            amendment("a-1", "KEN", number=38, author=AUTHOR, typist=TYPIST),
            amendment("a-2", "FRA", number=39, author=AUTHOR),
        ],
        labels={"p-1": "a)", "p-2": "b)"},
    )
    on_floor = OpinionRecord(floor=Floor(given.text.paragraphs[0].id, at(1)) if floor else None)
    table = {f"call:{one.id}": one for one in calls}
    made = Document(given.text, Record(given.record.amendments, given.record.paragraphs, on_floor, table))
    presentation = Presentation(View.MARKED if submitted else View.CLEAN, names, submitted)
    return screen(shown(1, made, presentation, {}), made, NAMES if names else None, submitted=submitted)


def call(*answers: CallAnswer, **changes: Any) -> Call:
    put = CalledItem(amendment("a-1", "KEN").id, 1)
    return replace(Call("c-1", (put,), at(10), "Rosa Chair", answers=answers, seconds=60), **changes)


def answer(code: str, said: Answer) -> CallAnswer:
    return CallAnswer(DelegationCode(code), said, at(11), "Sue Speaker", "not in our interest", TYPIST)


def test_pj1_the_bar_asks_what_the_chair_asks_and_names_who_objects_or_needs_time() -> None:
    found = told(call(answer("FRA", Answer.OBJECT), answer("EGY", Answer.NEED_TIME)), floor="p-1")
    assert found.here == "p-1"
    assert found.cited == "a)"
    assert "Is there any objection to #38?" in found.bar
    assert "<b><bdi>Kenya</bdi>:</b> replace “all” by “many”" in found.bar
    assert "<b>Objection:</b> <bdi>France</bdi>" in found.bar
    assert "<b>Needs time:</b> <bdi>Egypt</bdi>" in found.bar
    assert found.bar_until == at(11)
    assert "Kenya" not in (silent := told(call(answer("KEN", Answer.NO_OBJECTION))).bar).split("</ul>")[1]
    assert "0" not in silent, "nobody is counted"


def test_pj2_no_person_is_on_the_screen_and_no_statement() -> None:
    decided = Decision(Ruling.AGREED, 1, at(12), "Rosa Chair", "Sam Clerk", "as read out")
    closed = call(state=CallState.DECIDED, closed_at=at(12), decision=decided)
    for one in (told(call(answer("FRA", Answer.OBJECT))), told(closed)):
        everything = str(one)
        for name in (TYPIST, AUTHOR, "Rosa Chair", "Sam Clerk", "Sue Speaker", "not in our interest", "as read out"):
            assert name not in everything


def test_pj2_where_delegations_are_withheld_none_is_named() -> None:
    found = told(call(answer("FRA", Answer.OBJECT), answer("EGY", Answer.NEED_TIME)), names=False)
    for name in (*NAMES, *NAMES.values()):
        assert name not in str(found)
    assert "An objection is on record." in found.bar
    assert "Replace “all” by “many”" in found.bar


def test_pj2_who_may_not_see_what_is_submitted_sees_that_a_call_is_open_and_nothing_of_it() -> None:
    decided = Decision(Ruling.NOT_RETAINED, 1, at(12), "Rosa Chair", "Sam Clerk")
    closed = call(state=CallState.DECIDED, closed_at=at(12), decision=decided)
    asked = told(call(answer("FRA", Answer.OBJECT)), floor="p-1", submitted=False)
    over = told(closed, floor="p-1", submitted=False)
    assert "call for objections is open" in asked.bar
    for shown_to_all in (asked, over):
        for told_of_it in ("many", "38", "Kenya", "France", "not retained", "bjection:"):
            assert told_of_it not in shown_to_all.bar + shown_to_all.result
            assert told_of_it != "many" or told_of_it not in "".join(shown_to_all.text.paragraphs.values())


def test_pj3_the_outcome_stands_for_some_seconds_and_a_withdrawn_call_decides_nothing() -> None:
    decided = Decision(Ruling.AGREED_AD_REFERENDUM, 1, at(12), "Rosa Chair", "Rosa Chair")
    found = told(call(state=CallState.DECIDED, closed_at=at(12), decision=decided))
    assert found.bar == ""
    assert "<b>It is so decided.</b> #38: agreed ad referendum." in found.result
    assert found.result_left(at(12)) == RESULT_SECONDS
    assert found.result_left(at(12) + timedelta(seconds=RESULT_SECONDS)) == 0
    withdrawn = told(call(state=CallState.WITHDRAWN, closed_at=at(12))).result
    assert "<b>Nothing was decided.</b> The call on #38 is withdrawn." in withdrawn
    changed = told(call(state=CallState.VOID, closed_at=at(12))).result
    assert "<b>Nothing was decided.</b> The text of #38 changed under the call." in changed
    over = told(call(state=CallState.VOID, closed_at=at(12), closed_note="#38 is withdrawn.")).result
    assert "<b>Nothing was decided</b> by the call on #38. #38 is withdrawn." in over


def test_many_amendments_in_one_call_stay_on_the_screen() -> None:
    put = tuple(CalledItem(amendment("a-1", "KEN").id, 1) for _ in range(40))
    assert told(call(items=put)).bar.count("<li>") == MAX_LINES + 1


# --- a real server


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("screen") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


async def asked(server: LiveServer, path: str, token: str = "", data: dict[str, str] | None = None) -> httpx2.Response:
    cookies = {f"unbracket-{server.port}": token} if token else {}
    async with httpx2.AsyncClient(base_url=server.url, cookies=cookies, verify=False) as client:
        headers = {"accept": "text/html", "origin": server.url}
        if data is None:
            return await client.get(path, headers=headers)
        return await client.post(path, data=data, headers=headers)


async def made(server: LiveServer, token: str, **form: str) -> tuple[str, str]:
    """A fresh link: its secret path, and its id."""
    fields = {"name": "Room Popov", "view": "marked", "days": "2", **form}
    page = (await asked(server, f"{BASE}/links", token, fields)).text
    path = page.split('class="secret">')[1].split("</code>")[0]
    return path[path.index("/projector/") :], page.split(f'action="{BASE}/links/')[1].split('"')[0]


async def test_pj4_a_link_shows_the_screen_without_sign_in_and_ends_within_a_second(
    server: LiveServer, stock: Stock
) -> None:
    chair = stock["m-chair"].token
    path, link = await made(server, chair)
    page = await asked(server, path)
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert WORDS in page.text
    assert "Sign out" not in page.text
    listed = (await asked(server, f"{BASE}/links", chair)).text
    assert path.removeprefix("/projector/") not in listed, "it is shown once"
    async with (
        Drafter(server.port, stock["m-chair"]) as gavel,
        streaming(server.port, f"{path}/events", {}, {}) as wall,
    ):
        await wall.until(lambda: wall.named("screen"), "the text")
        await gavel.command({"act": "take_up", "paragraph": ITEM, "amendment": ""})
        await wall.until(lambda: wall.named("screen")[-1]["here"] == ITEM, "the paragraph in hand")
        # The room's own screen goes on when observers are shown out.
        await asked(server, f"/opinions/{OPINION}/observers", chair, {"admit": "no"})
        async with streaming(server.port, f"{BASE}/events", {}, {"cookie": cookie(server, stock, "m-obs")}) as shut:
            assert shut.status == 403
        assert (await asked(server, path)).status_code == 200
        assert not wall.ended
        await asked(server, f"/opinions/{OPINION}/observers", chair, {"admit": "yes"})
        assert (await asked(server, f"{BASE}/links/{link}", chair, {"step": "end"})).status_code == 303
        # At once, and not with the next heartbeat; on an idle machine some milliseconds.
        async with asyncio.timeout(HEARTBEAT_SECONDS / 2):
            await wall.end()
        assert wall.named("reload")
    assert (await asked(server, path)).status_code == 410
    async with streaming(server.port, f"{path}/events", {}, {}) as gone:
        assert gone.status == 410
    assert (await asked(server, f"{BASE}/links/{link}", chair, {"step": "show"})).status_code == 404


async def test_pj5_a_screen_can_be_made_dark_and_shown_again(server: LiveServer, stock: Stock) -> None:
    clerk = stock["m-sec"].token
    path, link = await made(server, clerk)
    async with streaming(server.port, f"{path}/events", {}, {}) as wall:
        await wall.until(lambda: wall.named("screen"), "the text")
        await asked(server, f"{BASE}/links/{link}", clerk, {"step": "blank"})
        await wall.end()
        assert wall.named("reload")
    dark = await asked(server, path)
    assert WORDS not in dark.text
    async with streaming(server.port, f"{path}/events", {}, {}) as waiting:
        assert waiting.status == 200
        await asked(server, f"{BASE}/links/{link}", clerk, {"step": "show"})
        await waiting.end()
        assert [name for _, name, _ in waiting.events] == ["reload"], "nothing of the text was sent meanwhile"
    assert WORDS in (await asked(server, path)).text


async def test_pj4_links_are_of_chair_and_secretariat_and_of_one_opinion(server: LiveServer, stock: Stock) -> None:
    for who, status in (("m-xaa-1", 403), ("m-obs", 403), ("m-admin", 403), ("m-chair", 200)):
        assert (await asked(server, f"{BASE}/links", stock[who].token)).status_code == status
    _, link = await made(server, stock["m-sec"].token)
    other = f"/opinions/{SECOND}/projector/links/{link}"
    assert (await asked(server, other, stock["m-sec"].token, {"step": "end"})).status_code == 404
    for form, status in (({"days": "0"}, 422), ({"days": "32"}, 422), ({"days": "x"}, 422), ({"view": "secret"}, 422)):
        fields = {"name": "Room", "view": "marked", "days": "2", **form}
        assert (await asked(server, f"{BASE}/links", stock["m-sec"].token, fields)).status_code == status
    assert (await asked(server, BASE, stock["m-xaa-1"].token)).status_code == 200
    assert "clean" not in (await asked(server, BASE, stock["m-obs"].token)).text


async def test_pj6_screens_and_guesses_are_bounded(server: LiveServer, stock: Stock) -> None:
    clerk = stock["m-sec"].token
    path, _ = await made(server, clerk)
    async with AsyncExitStack() as stack:
        streams = [streaming(server.port, f"{path}/events", {}, {}) for _ in range(13)]
        statuses = [(await stack.enter_async_context(one)).status for one in streams]
    assert statuses == [200] * 12 + [429]
    most = RATES[Try.SCREEN].most
    async with httpx2.AsyncClient(base_url=server.url) as client:
        answers = [(await client.get(f"/projector/guess-{n}/events")).status_code for n in range(most + 1)]
    assert answers[0] == 410
    assert answers[-1] == 429


def cookie(server: LiveServer, stock: Stock, who: str) -> str:
    return f"unbracket-{server.port}={stock[who].token}"


async def test_pj6_one_opinion_has_so_many_links(server: LiveServer, stock: Stock) -> None:
    there = f"/opinions/{SECOND}/projector/links"
    form = {"name": "Screen", "view": "marked", "days": "1"}
    statuses = [(await asked(server, there, stock["m-sec"].token, form)).status_code for _ in range(links.MAX_LINKS)]
    assert set(statuses) == {200}
    page = await asked(server, there, stock["m-sec"].token, form)
    assert page.status_code == 422
    link = page.text.split(f'action="{there}/')[1].split('"')[0]
    assert (await asked(server, f"{there}/{link}", stock["m-sec"].token, {"step": "end"})).status_code == 303
    assert (await asked(server, there, stock["m-sec"].token, form)).status_code == 200
