"""The pictures of the README, taken from the demonstration: `python -m tests.browser.pictures`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launched
from tests.support.live_server import live_server

PICTURES = Path(__file__).parents[2] / "deploy" / "pictures"


def main() -> None:
    """Starts the demonstration in a directory of its own and takes every picture."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        live_server(Path(directory), "demo") as server,
        sync_playwright() as playwright,
        launched(playwright) as browser,
    ):
        page = browser.new_context(viewport={"width": 1440, "height": 960}).new_page()
        page.goto(f"http://dunmara.localhost:{server.port}/opinions/opinion-1")
        words = page.locator(".ProseMirror p", has_text="gender divide persists")
        words.wait_for()
        words.evaluate("element => element.scrollIntoView({block: 'center'})")
        words.click()
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        page.get_by_role("status").filter(has_text="Saved").wait_for()
        page.screenshot(path=PICTURES / "editor.png")
        print(f"{PICTURES / 'editor.png'}")
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"http://chair.localhost:{server.port}/opinions/opinion-1/console")
        page.wait_for_selector("main[data-console][data-ready]")
        row = page.locator("#queue a[data-key]", has_text="shall be planned").first
        row.click()
        page.wait_for_selector("[data-taken=yes]")
        row.focus()
        page.keyboard.press("o")
        page.locator(".call-items a").first.wait_for()
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        page.screenshot(path=PICTURES / "console.png")
        print(f"{PICTURES / 'console.png'}")
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
        page.goto(f"http://dunmara.localhost:{server.port}/timetable?on=2024-10-01")
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        page.screenshot(path=PICTURES / "timetable.png")
        print(f"{PICTURES / 'timetable.png'}")


if __name__ == "__main__":
    main()
