"""A stranger watches two delegations, a chair and an observer at once, in one browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from server.database import Database
from server.process_store import Process, save_process
from server.settings import Settings
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import WORDS, stocked


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("demo") / "data")
    stocked(settings)
    with Database(settings) as database:
        database.run(lambda connection: save_process(connection, Process("The demonstration", demo=True)))
    with live_server(settings.data_dir, "demo") as running:
        yield running


def test_four_people_are_open_side_by_side_in_one_browser(browser: Browser, server: LiveServer) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    choice = context.new_page()
    choice.goto(server.url)
    assert choice.url.endswith("/demo"), "who comes first is asked whom to be"
    tabs: list[Page] = []
    links = choice.locator("section[aria-labelledby=together] a.button.primary")
    assert links.count() == 4
    for number in range(4):
        with context.expect_page() as opened:
            links.nth(number).click()
        tabs.append(opened.value)
    names = ["Expert Arcadia 1", "Expert Borduria 1", "Rosa Chair", "Olu Watcher"]
    for tab, name in zip(tabs, names, strict=True):
        tab.get_by_text(WORDS).first.wait_for()
        assert name in tab.inner_text(".who")
        assert "Demonstration" in tab.inner_text(".demo-strip")
    for tab, name in zip(tabs, names, strict=True):
        tab.reload()
        tab.get_by_text(WORDS).first.wait_for()
        assert name in tab.inner_text(".who"), "nobody became somebody else"
    tabs[0].click("text=Sign out")
    tabs[0].get_by_text("Nobody is signed in").wait_for()
    tabs[3].reload()
    assert names[3] in tabs[3].inner_text(".who")
    context.close()


def test_a_person_can_be_taken_in_this_tab(browser: Browser, server: LiveServer) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/demo")
    page.get_by_role("button", name="in this tab as Sam Clerk").click()
    assert page.url == f"{server.url}/"
    assert "Sam Clerk" in page.inner_text(".who")
    page.click("text=choose another person")
    page.get_by_role("button", name="in this tab as Olu Watcher").click()
    assert "Olu Watcher" in page.inner_text(".who")
    context.close()
