"""How long the phone page of a draft of 30 pages takes on a poor line: `python -m tests.bench.phone_figures`.

Figures, not a test: they depend on the machine. Chromium throttles the line to 50 kbit/s with 400 ms; nothing is kept
from before. Printed are the bytes that came and the seconds to the first words, to the floor, and to the whole.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from server.database import Database
from server.process_store import found_opinion
from server.settings import Settings
from tests.bench.material import thirty_pages
from tests.browser.chromium import launched
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import Stock, stocked

KILOBITS, LATENCY_MS = 50, 400
LONG = "op-long"
_SEEN = """
() => {
  const paint = performance.getEntriesByType("paint").find(({ name }) => name === "first-contentful-paint");
  const whole = performance.getEntriesByType("navigation")[0];
  return [paint?.startTime ?? -1, whole.domContentLoadedEventEnd, whole.transferSize];
}
"""


def measured(browser: Browser, server: LiveServer, stock: Stock, path: str) -> tuple[float, float, float, int]:
    """Seconds to the first paint, to the floor's heading and to the whole page, and the page's bytes."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=server.url, is_mobile=True)
    cookie = {"name": f"unbracket-{server.port}", "value": stock["m-xaa-1"].token, "url": server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    rate = KILOBITS * 1000 / 8
    conditions = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate}
    line.send("Network.emulateNetworkConditions", conditions)
    page.add_init_script(
        "new MutationObserver((_, watch) => { if (document.querySelector('#floor')) "
        "{ globalThis.floorAt = performance.now(); watch.disconnect(); } })"
        ".observe(document, { childList: true, subtree: true });"
    )
    page.goto(path, timeout=120_000)
    page.wait_for_function("() => performance.getEntriesByType('paint').length > 1")
    first, whole, size = page.evaluate(_SEEN)
    floor = page.evaluate("globalThis.floorAt ?? -1")
    context.close()
    return first / 1000, floor / 1000, whole / 1000, int(size)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        stock = stocked(Settings(data_dir=Path(directory) / "data"))
        with Database(stock.settings) as database:
            now = datetime.now(UTC)
            database.run(
                lambda c: found_opinion(
                    c, thirty_pages(), title="Long", member="m-sec", name="Sam", at=now, opinion_id=LONG
                )
            )
        with live_server(stock.settings.data_dir) as server:
            browser = launched(playwright)
            place = thirty_pages().text.paragraphs[10].id
            print("| page | bytes | first words s | floor s | whole s |\n|---|---|---|---|---|")
            text = f"/opinions/{LONG}/read"
            for name, path in (("whole text", text), ("one paragraph", f"{text}/{place}")):
                first, floor, whole, size = measured(browser, server, stock, path)
                print(f"| {name} | {size:,} | {first:.1f} | {f'{floor:.1f}' if floor > 0 else '-'} | {whole:.1f} |")
            browser.close()


if __name__ == "__main__":
    main()
