"""On a phone, scripts switched off: read, propose, take a position; another's editor shows it. Few bytes on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from server.database import Database
from server.process_store import found_opinion
from server.settings import Settings
from tests.bench.material import thirty_pages
from tests.browser.test_server_pages import complaints
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, Stock, stocked

READ = f"/opinions/{OPINION}/read"
LONG = "op-long"
PAGE_BYTES = 60_000
"""Of a draft of 30 pages with its amendments, as it crosses the line."""
SHEET_BYTES = 4_000
"""Of the one style sheet; it is loaded once."""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """Stocked data with one more Opinion, of 30 pages."""
    made = stocked(Settings(data_dir=tmp_path_factory.mktemp("phone") / "data"))
    with Database(made.settings) as database:
        now = datetime.now(UTC)
        founded = {"title": "Long", "member": "m-sec", "name": "Sam", "at": now, "opinion_id": LONG}
        database.run(lambda connection: found_opinion(connection, thirty_pages(), **founded))  # type: ignore[arg-type]
    return made


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    """A server on it."""
    with live_server(stock.settings.data_dir) as running:
        yield running


@contextmanager
def phone(browser: Browser, server: LiveServer, stock: Stock, member: str, *, scripts: bool = False) -> Iterator[Page]:
    """Somebody's phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        base_url=server.url,
        java_script_enabled=scripts,
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
    )
    cookie = {"name": f"unbracket-{server.port}", "value": stock[member].token, "url": server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    try:
        yield page
    finally:
        context.close()


def test_replace_by_on_a_phone_without_scripts_is_an_amendment_in_anothers_editor(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    editor = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=server.url)
    cookie = {"name": f"unbracket-{server.port}", "value": stock["m-xbb-1"].token, "url": server.url}
    editor.add_cookies([cookie])  # type: ignore[list-item]
    other = editor.new_page()
    other.goto(f"/opinions/{OPINION}")
    expect(other.locator(f'.live-text p[data-id="{ITEM}"]')).to_be_visible()

    with phone(browser, server, stock, "m-xaa-1") as page:
        page.goto(f"/opinions/{OPINION}")
        page.get_by_role("link", name="Read, take positions and propose on a phone").click()
        page.locator(f'a[href="{READ}/{ITEM}"]').click()
        page.get_by_role("link", name="Replace words").click()
        page.get_by_label("These words").fill("those who need it")
        page.get_by_label("By", exact=True).fill("everybody")
        page.get_by_label("Reason").fill("Nobody is left out")
        page.get_by_role("button", name="Look at it").click()
        expect(page.locator(".preview ins")).to_have_text("everybody")
        page.get_by_role("button", name="Submit").click()
        expect(page.get_by_role("status")).to_have_text("Your amendment is before the meeting.")

    written = other.locator(f'.live-text p[data-id="{ITEM}"]')
    expect(written.locator("ins").filter(has_text="everybody")).to_be_visible()
    expect(written.locator("del").filter(has_text="those who need it")).to_be_visible()

    with phone(browser, server, stock, "m-xcc-1") as page:
        page.goto(f"{READ}/{ITEM}")
        card = page.get_by_role("article")
        card.locator("summary").click()
        card.get_by_label("Position", exact=True).select_option("Reserve our position")
        card.get_by_label("Statement or reason").fill("The timetable is not ours to set.")
        card.get_by_role("button", name="Put it on record").click()
        expect(page.get_by_role("status")).to_have_text("Your delegation's position is on record.")
        expect(page.locator(".taken")).to_contain_text("XCC reserves its position")
        page.reload()
        expect(page.get_by_text("XCC reserves its position: “The timetable is not ours to set.”")).to_be_visible()
    editor.close()


def test_the_pages_fit_a_phone_and_axe_finds_nothing(browser: Browser, server: LiveServer, stock: Stock) -> None:
    paths = (READ, f"{READ}/{ITEM}", f"{READ}/{ITEM}/propose", f"/opinions/{OPINION}/new", "/account/letters")
    with phone(browser, server, stock, "m-xdd-1", scripts=True) as page:
        for path in paths:
            page.goto(path)
            assert complaints(page) == [], path
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path
    with phone(browser, server, stock, "m-sec", scripts=True) as page:
        page.goto("/letters")
        assert complaints(page) == []


def test_a_draft_of_thirty_pages_crosses_a_poor_line(browser: Browser, server: LiveServer, stock: Stock) -> None:
    with phone(browser, server, stock, "m-xaa-1") as page:
        came: list[Response] = []
        page.on("response", lambda response: came.append(response))
        page.goto(f"/opinions/{LONG}/read")
        page.wait_for_load_state("load")
        sizes = {Path(one.url).suffix: one.request.sizes()["responseBodySize"] for one in came}
        assert sizes[""] <= PAGE_BYTES
        assert sizes[".css"] <= SHEET_BYTES
        assert {Path(one.url).suffix for one in came} <= {"", ".css", ".svg"}, "no script, no font"
        came.clear()
        page.reload()
        page.wait_for_load_state("load")
        (again,) = [one for one in came if one.url.endswith("/read")]
        assert again.request.sizes()["responseBodySize"] == 0
