"""`python -m tests.browser`: make sure that there is a Chromium for the tests, and say which."""

import sys

from playwright.sync_api import sync_playwright

from tests.browser.chromium import BrowserMissing, provided


def main() -> int:
    """0 when a Chromium was seen to start; 1, with the line to run, when there is none."""
    with sync_playwright() as playwright:
        try:
            path, version = provided(playwright)
        except BrowserMissing as missing:
            print(missing, file=sys.stderr)
            return 1
    print(f"Chromium {version} at {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
