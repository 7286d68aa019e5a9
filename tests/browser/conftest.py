"""The browser of the browser tests, and the house they play in. Several people are several contexts."""

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import launched
from tests.browser.desk import PATIENCE_MS
from tests.browser.stage import Draft, House, Stage, house_on


# Playwright's synchronous API keeps an event loop running in this thread: were it still there when the tests
# of other packages run, their own event loops would not start. So it lives as long as this package's tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this package; a test that opens a context closes it."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        started = launched(playwright)
        yield started
        started.close()


@pytest.fixture(scope="package")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One demonstration for all; each test puts a draft Opinion of its own on the table."""
    with house_on(tmp_path_factory.mktemp("house") / "data", browser) as running:
        yield running


@pytest.fixture
def stage(house: House) -> Iterator[Stage]:
    """A stage for one scenario. With its end all leave, and no page may have thrown anything meanwhile."""
    made = Stage(house)
    yield made
    assert made.close() == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed scenario tells what everybody had on the screen."""
    report = yield
    stage = getattr(item, "funcargs", {}).get("stage")
    if report.when == "call" and report.failed and isinstance(stage, Stage):
        report.sections.append(("on the screens", stage.account()))
    return report


@pytest.fixture
def draft(house: House) -> Draft:
    """A draft Opinion of this test alone."""
    return house.draft()
