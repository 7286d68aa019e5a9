"""The browser of the browser tests. Several people are several contexts: `browser.new_context()`."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launched


# Playwright's synchronous API keeps an event loop running in this thread: were it still there when the tests
# of other packages run, their own event loops would not start. So it lives as long as this package's tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this package; a test that opens a context closes it."""
    with sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()
