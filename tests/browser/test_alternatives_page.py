"""The page of alternatives, packages and compromise texts in a real browser: for axe, on a phone, by the keyboard."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from server.settings import Settings
from tests.browser.test_server_pages import WIDTHS, complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, WORDS, Stock, stocked

PAGE, COMPROMISE = f"/opinions/{OPINION}/alternatives", f"/opinions/{OPINION}/compromise"
SHOTS = os.environ.get("UNBRACKET_SHOTS", "")
_keys = count(1)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("alternatives") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        fill(running, stock)
        yield running


def fill(server: LiveServer, stock: Stock) -> None:
    """Three rewordings of a verb tied as options, a compromise on another item with one answer, a package."""

    def act(who: str, party: str = "", /, **fields: object) -> None:
        cookie = f"unbracket-{server.port}={stock[who].token}"
        address = f"{server.url}/api/opinions/{OPINION}/commands"
        given = {**fields, "party": party, "key": f"k-{next(_keys)}"}
        answer = httpx2.post(address, json=given, headers={"cookie": cookie, "origin": server.url})
        assert answer.status_code == 200, answer.text

    def proposed(party: str, name: str, paragraph: str, words: str, was: str, text: str) -> None:
        start = words.index(was)
        change = {"start": start, "end": start + len(was), "was": was, "text": text}
        one = {"amendment": name, "delegation": party, "kind": "MOD", "paragraph": paragraph, "replacements": [change]}
        reason = {"reason": f"{text} is what the Secretary-General's report says"}
        act(f"m-{party.lower()}-1", party, act="enter_proposals", proposals=[one | reason])

    proposed("XCC", "a-meets", ITEM, WORDS, "some of those who need it", "the needs of all")
    proposed("XAA", "a-serves", ITEM, WORDS, "reaches", "should serve")
    proposed("XBB", "a-helps", ITEM, WORDS, "reaches", "helps")
    act("m-xdd-1", "XDD", act="cosponsor", amendment="a-serves", revision=1)
    act("m-xcc-1", "XCC", act="take_position", amendment="a-helps", revision=1, attitude="oppose")
    act("m-xdd-1", "XDD", act="take_position", amendment="a-helps", revision=1, attitude="flexible")
    options = [
        {"label": "Alt 1", "amendments": ["a-serves"]},
        {"label": "Alt 2", "amendments": ["a-helps"]},
        {"label": "The text as it stands", "amendments": []},
    ]
    act("m-chair", act="put_alternatives", alternatives="alt-verb", name="the verb of a)", options=options)
    third = "that item 3 stands,"
    proposed("XAA", "a-remains", "p-item-00003", third, "stands", "remains")
    proposed("XBB", "a-holds", "p-item-00003", third, "stands", "holds")
    change = {"start": 12, "end": 18, "was": "stands", "text": "is maintained"}
    act(
        "m-chair",
        act="propose_compromise",
        amendment="c-maintained",
        replaces=["a-remains", "a-holds"],
        kind="MOD",
        paragraph="p-item-00003",
        replacements=[change],
        reason="Between the two.",
    )
    act("m-xbb-1", "XBB", act="take_position", amendment="c-maintained", revision=1, attitude="can_accept")
    link = {"when": "amendment:a-serves", "then": "amendment:a-meets", "kept": True, "stays": False}
    subjects = ["amendment:a-serves", "amendment:a-meets", f"paragraph:{ITEM}"]
    act("m-chair", act="put_package", package="pack-verbs", name="Who is served", subjects=subjects, links=[link])


def shot(page: Page, name: str, width: int) -> None:
    """A picture to look at, where somebody asks for it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize(("width", "columns"), list(zip(WIDTHS, (3, 1), strict=True)))
def test_the_pages_are_accessible_and_fit_with_options_in_columns_or_one_below_the_other(
    browser: Browser, server: LiveServer, stock: Stock, width: int, columns: int
) -> None:
    for who, path, name in (
        ("m-chair", f"{PAGE}?tie=yes&paragraph={ITEM}&package=pack-verbs", "chair"),
        ("m-chair", f"{COMPROMISE}?paragraph={ITEM}", "compromise"),
        ("m-xaa-1", PAGE, "expert"),
    ):
        context = visitor(browser, server, stock, who, width)
        page = context.new_page()
        said = heard(page)
        page.goto(path)
        for summary in page.locator(".picking summary").all()[:1]:
            summary.click()
        shot(page, name, width)
        assert complaints(page) == [], f"{path} at {width}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        lefts = page.locator("#alt-verb .option").evaluate_all("all => all.map(o => o.getBoundingClientRect().left)")
        assert len(set(lefts)) == (0 if name == "compromise" else columns)
        assert said == []
        context.close()


def test_a_holder_accepts_and_the_chair_picks_without_a_pointer(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    context = visitor(browser, server, stock, "m-xaa-1")
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_role("button", name="We can accept").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".note.ok")).to_contain_text("on record")
    expect(page.locator(".holders")).to_contain_text("XAA")
    assert page.locator(".holders .tag.ok").count() == 2
    context.close()
    context = visitor(browser, server, stock, "m-chair")
    page = context.new_page()
    page.goto(PAGE)
    page.locator("#alt-verb summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Record this pick").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".note.ok")).to_contain_text("The pick is on record")
    expect(page.locator("#alt-verb")).to_have_count(0)
    context.close()
