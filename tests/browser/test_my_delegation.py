"""The pages of groups and of one's delegation in a real browser: for axe, on a phone, done by the keyboard."""

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Connection

from opinions.roles import Role
from server.database import Database
from server.people_store import change_member
from server.roster.groups import save_group
from server.settings import Settings
from tests.browser.test_server_pages import WIDTHS, complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, WORDS, Stock, stocked

SHOTS = os.environ.get("UNBRACKET_SHOTS", "")
PAGES = {
    "m-sec": ("/groups", "/groups/new", "/groups/G77", "/delegations/XCC", "/settings"),
    "m-xcc-1": ("/my-delegation", f"/opinions/{OPINION}/read/{ITEM}"),
    "m-xdd-1": ("/my-delegation",),
}
_keys = count(1)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """XCC has a focal point, G77 is entered."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("mine") / "data")
    people = stocked(settings)

    def fill(connection: Connection) -> None:
        change_member(connection, "m-xcc-1", "Expert Cascadia 1", Role.FOCAL_POINT, "XCC")
        save_group(connection, "G77", "Group of 77", ["XAA", "XBB", "XCC"], new=True)

    with Database(settings) as database:
        database.run(fill)
    return people


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    """XBB has proposed; XCC changed its mind; something was typed for it; its group has spoken."""
    with live_server(stock.settings.data_dir) as running:

        def act(who: str, party: str, **fields: object) -> None:
            cookie = f"unbracket-{running.port}={stock[who].token}"
            given = {**fields, "party": party, "key": f"k-{next(_keys)}-of-this"}
            answer = httpx2.post(
                f"{running.url}/api/opinions/{OPINION}/commands",
                json=given,
                headers={"cookie": cookie, "origin": running.url},
            )
            assert answer.status_code == 200, answer.text

        def said(who: str, party: str, attitude: str, name: str = "a-of-xbb", **fields: object) -> None:
            act(who, party, act="take_position", amendment=name, revision=1, attitude=attitude, **fields)

        for name, party, was, text in (("a-of-xbb", "XBB", "some", "all"), ("a-of-xaa", "XAA", "reaches", "serves")):
            start = WORDS.index(was)
            change = {"start": start, "end": start + len(was), "was": was, "text": text}
            one = {"amendment": name, "delegation": party, "kind": "MOD", "paragraph": ITEM, "replacements": [change]}
            act(f"m-{party.lower()}-1", party, act="enter_proposals", proposals=[one])
        said("m-xcc-1", "XCC", "can_accept")
        said("m-sec", "XCC", "reserve", note="the timetable of the third item, which is not ours to set")
        said("m-xaa-1", "XAA", "oppose", group="G77")
        said("m-xbb-1", "XBB", "support", "a-of-xaa", group="G77")
        yield running


@pytest.mark.parametrize("member", sorted(PAGES))
def test_the_pages_are_accessible_and_fit_a_phone(
    browser: Browser, server: LiveServer, stock: Stock, member: str
) -> None:
    for width in WIDTHS:
        context = visitor(browser, server, stock, member, width)
        page = context.new_page()
        errors = heard(page)
        for path in PAGES[member]:
            page.goto(path)
            if SHOTS:
                name = f"mine-{member}-{path.strip('/').replace('/', '-')}-{width}.png"
                page.screenshot(path=str(Path(SHOTS) / name), full_page=True)
            assert complaints(page) == [], f"{path} at {width}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        assert errors == []
        context.close()


def test_a11_a8_a_voice_confirms_and_joins_by_the_keyboard(browser: Browser, server: LiveServer, stock: Stock) -> None:
    """[A11, A8] What was typed is confirmed, and the delegation shown with its group, from one page."""
    context = visitor(browser, server, stock, "m-xcc-1", 390)
    page = context.new_page()
    page.goto("/my-delegation")
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Confirmed. It is on record.")
    page.get_by_role("button", name=re.compile("Be shown with G77.*XAA")).press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your delegation's position is on record.")
    expect(page.get_by_text("XCC is shown with it.")).to_be_visible()
    page.goto(f"/opinions/{OPINION}/read/{ITEM}")
    expect(page.get_by_text("G77 (with XBB, XCC) supports")).to_be_visible()
    context.close()
