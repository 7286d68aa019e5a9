"""How long a keystroke takes to the paint and to another's screen, and how many bytes each page brings:
`python -m tests.bench.browser_figures`. Figures, not a test: they depend on the machine.

Two people write live in the rich Opinion of the demonstration, in one Chromium on this machine, with the server beside.
"""

import gzip
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import launched
from tests.browser.desk import Desk
from tests.browser.stage import Draft, House, Stage, house_on

RICH = "opinion-1"
WORDS = "support for affordable devices"
WARM_UP, KEYS = 20, 100
PAGES = {
    "choice of a person": ("observer", "/demo"),
    "dashboard": ("chair", "/"),
    "editor": ("chair", f"/opinions/{RICH}"),
    "live page": ("observer", f"/opinions/{RICH}/live"),
    "version": ("observer", f"/opinions/{RICH}/versions/1"),
    "people": ("secretariat", "/people"),
    "new draft Opinion": ("secretariat", "/opinions/new"),
}

_PAINT = """
() => {
  globalThis.pressed = [];
  globalThis.painted = [];
  addEventListener("keydown", (event) => {
    pressed.push(performance.timeOrigin + event.timeStamp);
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      // A message sent from an animation frame comes after its paint.
      port1.onmessage = () => painted.push(performance.timeOrigin + performance.now());
      port2.postMessage(null);
    });
  }, { capture: true });
}
"""
_ARRIVAL = """
(id) => {
  const paragraph = () => document.querySelector(`.live-text p[data-id="${id}"]`);
  globalThis.arrived = [];
  let before = stage.text(id).length;
  new MutationObserver(() => {
    const now = stage.text(id).length;
    if (now === before) return;
    before = now;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => arrived.push(performance.timeOrigin + performance.now());
      port2.postMessage(null);
    });
  }).observe(paragraph().parentElement, { subtree: true, childList: true, characterData: true });
}
"""


def main() -> int:
    """Print the figures; 0."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launched(playwright)
        with house_on(Path(folder) / "data", browser) as house:
            stage = Stage(house)
            print(f"Chromium {browser.version}; {KEYS} keystrokes after {WARM_UP} to warm up; milliseconds")
            _keystrokes(house, stage)
            print("bytes of each page, gz: script, style, fonts (as they are), requests")
            for name, (persona, path) in PAGES.items():
                _bytes(stage, name, f"{house.origin(persona)}{path}")
            stage.close()
        browser.close()
    return 0


def _keystrokes(house: House, stage: Stage) -> None:
    draft = Draft(RICH, "", house.books)
    chair, writer, reader = stage.live(draft, "bressay", "corvara")
    place = draft.paragraph(WORDS.split()[0] + " for")
    chair.page.goto("about:blank")
    start = writer.text(place)[:40]
    writer.put_caret(place, start)
    writer.page.evaluate(_PAINT)
    reader.page.evaluate(_ARRIVAL, place)
    for number in range(1, WARM_UP + KEYS + 1):
        writer.page.keyboard.press("x")
        reader.until("n => arrived.length >= n", number)
    writer.saved()
    pressed, painted = _times(writer, "pressed"), _times(writer, "painted")
    arrived = _times(reader, "arrived")
    _print("keystroke to paint", [b - a for a, b in zip(pressed, painted, strict=True)])
    _print("keystroke to the other's paint", [b - a for a, b in zip(pressed, arrived, strict=True)])


def _times(desk: Desk, name: str) -> list[float]:
    found: list[float] = desk.page.evaluate(f"() => {name}")
    return found[WARM_UP : WARM_UP + KEYS]


def _print(what: str, milliseconds: Sequence[float]) -> None:
    median, p95 = statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[18]
    print(f"  {what:<32} median {median:6.1f}   p95 {p95:6.1f}   max {max(milliseconds):6.1f}")


def _bytes(stage: Stage, name: str, address: str) -> None:
    page: Page = stage.context().new_page()
    sizes = {"script": 0, "stylesheet": 0, "font": 0}
    requests = 0

    def count() -> None:
        nonlocal requests
        requests += 1

    page.on("request", lambda _: count())
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address)
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => null)")
    for answer in answers:
        kind = answer.request.resource_type
        if kind in sizes:
            body = answer.body()
            sizes[kind] += len(body) if kind == "font" else len(gzip.compress(body, 9))
    script, style, fonts = (sizes[kind] for kind in ("script", "stylesheet", "font"))
    print(f"  {name:<32} {script:7} {style:7} {fonts:7} {requests:4}")


if __name__ == "__main__":
    sys.exit(main())
