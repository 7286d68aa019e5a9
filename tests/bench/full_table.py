"""The largest table that is planned for: 30 pages, 500 amendments, 2,000 positions, 1,700 open brackets (issue: scale).

`python -m tests.bench.full_table` measures the editor on it in Chromium, beside the budgets of the guide (ux 3.6), and
the pages that the chair and the capital ask for. Figures, not a test: they depend on the machine; so keystrokes are
measured in turns with those in a draft Opinion of one paragraph, and the ratio is told too.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from playwright.sync_api import Page, sync_playwright

from opinions.brackets import open_brackets
from opinions.edits import AddParagraph, Edit, PutAmendment, PutOpinion, applied
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.record import Amendment, AmendmentKind, Attitude, Document, OpinionRecord, Stance, Status
from server.database import Database
from server.people_store import appoint
from server.process_store import found_opinion
from server.settings import Settings
from tests.bench.browser_figures import _PAINT
from tests.browser.chromium import launched
from tests.support.live_server import live_server
from tests.support.stock import Stock, stocked

PARAGRAPHS, AMENDMENTS, POSITIONS, BRACKETS = 456, 500, 2_000, 1_700
FULL, ONE = "op-full", "op-one"
PARTIES = ("XAA", "XBB", "XCC", "XDD")
NOW = datetime(2026, 1, 21, 9, tzinfo=UTC)
SAID = (Attitude.SUPPORT, Attitude.RESERVE, Attitude.CAN_ACCEPT, Attitude.AWAITING)
WORDS = "further strengthen affordable connectivity cooperation members should among all of them in rural areas".split()
ROUNDS, KEYS = 6, 15
"""The first round warms up."""
PAGES = {
    "editor": ("m-xaa-1", ""),
    "chair's console": ("m-chair", "/console"),
    "list of square brackets": ("m-chair", "/brackets"),
    "chair's report": ("m-chair", "/report"),
    "brief for capital": ("m-xbb-1", "/brief"),
    "alternatives": ("m-chair", "/alternatives"),
    "comments": ("m-chair", "/threads"),
}

_LAYOUT = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const times = [];
  for (let round = 0; round < 20; round += 1) {
    const cards = [...document.querySelectorAll(".proposal-card .card-head")];
    const begun = performance.now();
    cards[round % cards.length].click();
    await frame();
    times.push(performance.now() - begun);
  }
  return { times, cards: document.querySelectorAll(".proposal-card").length };
}
"""
_SCROLL = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  let last = await frame();
  for (let step = 0; step < 180; step += 1) {
    scrollBy(0, 120);
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  scrollTo(0, 0);
  await frame();
  return times;
}
"""


def full_table() -> Document:
    """The document: every amendment replaces words in two places, some brackets more; four positions on each."""
    edits: list[Edit] = []
    after: ParagraphId | None = None
    for number in range(PARAGRAPHS):
        name = ParagraphId(f"p-full-{number:05d}")
        edits.append(AddParagraph(after, Paragraph(name, Kind.PREAMBULAR_ITEM, 0, _runs(number))))
        after = name
    edits += [PutAmendment(_amendment(number)) for number in range(AMENDMENTS)]
    edits.append(PutOpinion(OpinionRecord(next_number=AMENDMENTS + 1)))
    return applied(Document(), edits)


def _runs(paragraph: int) -> tuple[Run, ...]:
    """34 words, in which the amendments of this paragraph strike and put."""
    own = [number for number in range(AMENDMENTS) if number % PARAGRAPHS == paragraph]
    runs = [Run(" ".join(WORDS[(paragraph + n) % len(WORDS)] for n in range(10)) + " ")]
    for amendment in own:
        name = _name(amendment)
        for place in range(2):
            word = WORDS[(amendment + place) % len(WORDS)]
            runs.append(Run(word, frozenset({Mark(MarkKind.DELETION, name)})))
            if amendment % 10 != 9 or place == 0:
                runs.append(Run(f" {word} indeed", frozenset({Mark(MarkKind.INSERTION, name)})))
            runs.append(Run(" " + " ".join(WORDS[(amendment + place + n) % len(WORDS)] for n in range(5)) + " "))
    return (*runs, Run("among them,"))


def _name(number: int) -> AmendmentId:
    return AmendmentId(f"a-full-{number:05d}")


def _amendment(number: int) -> Amendment:
    party, *others = PARTIES[number % 4 :] + PARTIES[: number % 4]
    voices = (*others, "G77")
    stances = tuple(
        Stance(one, SAID[n], "subject to instructions", 1, NOW, f"Voice of {one}") for n, one in enumerate(voices)
    )
    return Amendment(
        _name(number),
        AmendmentKind.MOD,
        DelegationCode(party),
        "Expert",
        ParagraphId(f"p-full-{number % PARAGRAPHS:05d}"),
        NOW,
        NOW,
        Status.SUBMITTED,
        1,
        number + 1,
        reason="To speak of those who are not connected yet.",
        stances=stances,
    )


def main() -> int:
    """Print the figures; 0."""
    document = full_table()
    text = sum(len(paragraph.text) for paragraph in document.text)
    spoken = sum(len(one.stances) for one in document.record.amendments.values())
    brackets = len(open_brackets(document))
    print(f"{PARAGRAPHS} paragraphs, {text:,} characters, {AMENDMENTS} amendments")
    print(f"{spoken:,} positions, {brackets:,} brackets")
    assert brackets >= BRACKETS
    assert spoken >= POSITIONS
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        stock = stocked(Settings(data_dir=Path(directory) / "data"))
        _found(stock, document)
        with live_server(stock.settings.data_dir) as server:
            browser = launched(playwright)
            context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=server.url)
            cookie = {"name": f"unbracket-{server.port}", "value": stock["m-xaa-1"].token, "url": server.url}
            context.add_cookies([cookie])  # type: ignore[list-item]
            _editor(context.new_page(), context.new_page())
            browser.close()
            for name, (who, path) in PAGES.items():
                _page(server.url, f"unbracket-{server.port}={stock[who].token}", name, f"/opinions/{FULL}{path}")
    return 0


def _found(stock: Stock, document: Document) -> None:
    single = applied(
        Document(),
        [
            AddParagraph(None, Paragraph(ParagraphId("p-full-one"), Kind.PREAMBULAR_ITEM, 0, _runs(AMENDMENTS))),
            PutOpinion(OpinionRecord()),
        ],
    )
    _put_on(stock, FULL, document)
    _put_on(stock, ONE, single)


def _put_on(stock: Stock, opinion: str, text: Document) -> None:
    with Database(stock.settings) as database:
        database.run(
            lambda connection: found_opinion(
                connection, text, title=opinion, member="m-sec", name="Sam", at=datetime.now(UTC), opinion_id=opinion
            )
        )
        database.run(lambda connection: appoint(connection, opinion, "m-chair", frozenset()))


def _editor(page: Page, beside: Page) -> None:
    begun = time.monotonic()
    page.goto(f"/opinions/{FULL}", timeout=60_000)
    page.wait_for_selector(".proposal-card", timeout=60_000)
    print(f"editable, cards beside the text: {time.monotonic() - begun:.1f} s (budget 1.5 s on a fast line)")
    beside.goto(f"/opinions/{ONE}")
    times: dict[Page, list[float]] = {page: [], beside: []}
    for number in range(ROUNDS):
        for one, place in ((page, 3), (beside, 0)):
            one.bring_to_front()
            if number == 0:
                one.locator(".live-text p").nth(place).click(position={"x": 40, "y": 8})
                one.evaluate(_PAINT)
            typed = _typed(one)
            times[one] += typed if number else []
    _print("keystroke to frame (20 / 50 ms)", times[page])
    _print("the same in a draft of one paragraph", times[beside])
    print(f"  ratio of the medians {statistics.median(times[page]) / statistics.median(times[beside]):.1f}")
    page.bring_to_front()
    laid = page.evaluate(_LAYOUT)
    _print("a card opened and all laid out anew", laid["times"])
    print(f"cards in the page at once: {laid['cards']} of {AMENDMENTS}")
    _print("frame while scrolling 120 px each", page.evaluate(_SCROLL))
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
    print(f"heap {heap:.0f} MB (budget 60 MB)")


def _typed(page: Page) -> list[float]:
    """Milliseconds from each of a round's keys to the frame after it."""
    known = page.evaluate("painted.length")
    for number in range(1, KEYS + 1):
        page.keyboard.press("x")
        page.wait_for_function("n => painted.length >= n", arg=known + number)
    pressed, painted = page.evaluate("pressed"), page.evaluate("painted")
    return [b - a for a, b in zip(pressed[known:], painted[known:], strict=True)]


def _page(url: str, cookie: str, name: str, path: str) -> None:
    with httpx2.Client(base_url=url, headers={"cookie": cookie, "accept": "text/html"}, timeout=60) as client:
        answer = client.get(path)
        times = []
        for _ in range(5):
            begun = time.monotonic()
            answer = client.get(path)
            times.append((time.monotonic() - begun) * 1000)
    print(f"  {name:<26} {answer.status_code} {statistics.median(times):7.0f} ms {len(answer.content):10,} bytes")


def _print(what: str, milliseconds: Sequence[float]) -> None:
    median, p95 = statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[18]
    print(f"  {what:<40} median {median:6.1f}   p95 {p95:6.1f}   max {max(milliseconds):6.1f}")


if __name__ == "__main__":
    sys.exit(main())
