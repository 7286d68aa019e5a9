"""The server's pages in a real browser: nothing for axe to find, no code that the policy stops, room on a phone."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from server.assets import BUILD
from server.database import Database
from server.settings import Settings
from server.timetable.loading import content_of, load_file
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, SECOND, Stock, stocked

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
LIVE = f"/opinions/{OPINION}/live"
PAGES = {
    "m-sec": (
        "/",
        "/account",
        "/people",
        "/people/new",
        "/people/m-xbb-1",
        "/delegations/new",
        "/delegations/XBB",
        "/settings",
        "/programs",
        "/process",
        "/timetable",
        "/phases",
        "/timetable/new",
        "/timetable/file",
        "/timetable/milestones/ieg-4",
        "/timetable/milestones/forum/change",
        "/opinions/new",
        f"/opinions/{OPINION}/chair",
        f"/opinions/{OPINION}/drafting-check",
        f"/opinions/{OPINION}/renumbering",
        "/forum",
        "/volumes/new",
        "/freeze",
        f"/opinions/{OPINION}/brackets",
        f"/opinions/{OPINION}/replay",
        f"/opinions/{OPINION}/paragraphs/{ITEM}/provenance",
    ),
    "m-chair": (f"/opinions/{OPINION}/groups", f"/opinions/{OPINION}/report", "/freeze"),
    "m-xaa-1": (
        f"/opinions/{OPINION}/groups",
        f"/opinions/{OPINION}/brief",
        f"/opinions/{OPINION}/compare?from={SECOND}:draft",
    ),
    "m-obs": ("/", LIVE, f"/opinions/{OPINION}/versions", f"/opinions/{OPINION}", "/nowhere"),
    "": ("/sign-in", "/sign-in/unknown", "/public", "/verify"),
}
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    found = stocked(Settings(data_dir=tmp_path_factory.mktemp("pages") / "data"))
    with Database(found.settings) as database:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        database.run(lambda c: load_file(c, *content_of("wtpf-26"), at, timetable_alone=True))
    return found


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


def visitor(browser: Browser, server: LiveServer, stock: Stock, member: str, width: int = 1440) -> BrowserContext:
    """A browser in which somebody is signed in; the caller closes it."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=server.url)
    if member:
        cookie = {"name": f"unbracket-{server.port}", "value": stock[member].token, "url": server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    return context


def complaints(page: Page) -> list[str]:
    """What axe finds wrong, each with where. Run through the debugger, for the page's policy admits no foreign code."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')))"
    )
    return [str(one) for one in found]


def heard(page: Page) -> list[str]:
    """The errors of a page, as they come: a script that failed, or that the policy stopped."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            said.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize("member", sorted(PAGES))
def test_pages_are_accessible_fit_a_phone_and_keep_their_own_policy(
    browser: Browser, server: LiveServer, stock: Stock, member: str
) -> None:
    for width in WIDTHS:
        context = visitor(browser, server, stock, member, width)
        page = context.new_page()
        said = heard(page)
        for path in PAGES[member]:
            answer = page.goto(path)
            assert answer is not None
            assert complaints(page) == [], f"{path} at {width}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        assert said == []
        context.close()


def test_everything_on_a_page_is_reached_and_seen_by_keyboard(
    browser: Browser, server: LiveServer, stock: Stock
) -> None:
    context = visitor(browser, server, stock, "m-sec")
    page = context.new_page()
    page.goto("/people/m-xbb-1")
    reachable = page.evaluate(
        "document.querySelectorAll('a[href], button, input:not([type=hidden]):not([type=radio]), select').length"
    )
    seen = set()
    for _ in range(reachable + 5):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, e.name || e.href, parseFloat(s.outlineWidth), s.outlineStyle]; })()"
        )
        if focused[0] == "BODY":
            break
        assert focused[2] >= 2, focused
        assert focused[3] != "none", focused
        seen.add((focused[0], focused[1]))
    assert {"name", "role", "delegation", "email"} <= {name for _, name in seen}
    context.close()


def test_the_live_page_follows_marks_pauses_and_ends(browser: Browser, server: LiveServer, stock: Stock) -> None:
    observing, chairing = (visitor(browser, server, stock, one) for one in ("m-obs", "m-chair"))
    page, chair = observing.new_page(), chairing.new_page()
    page.goto(LIVE)
    page.wait_for_selector("#state[data-state=live]")
    act(chair, {"act": "consider_paragraph", "paragraph": ITEM, "state": "agreed"})
    page.wait_for_selector(f"#{ITEM}.changed[data-state=agreed]")
    page.wait_for_selector(f"#{ITEM}:not(.changed)")
    page.click("#pause")
    act(chair, {"act": "consider_paragraph", "paragraph": ITEM, "state": "open"})
    page.wait_for_timeout(600)
    assert page.get_attribute(f"#{ITEM}", "data-state") == "agreed"
    assert page.inner_text("#pause") == "Go on"
    page.click("#pause")
    page.wait_for_selector(f"#{ITEM}[data-state=open]")
    assert complaints(page) == []
    chair.goto("/")
    chair.click(f"#opinion-{OPINION} button[name=admit]")
    page.wait_for_selector("#ended:not([hidden])")
    assert "closed to observers" in page.inner_text("#ended")
    page.reload()
    assert "closed to observers" in page.inner_text("h1")
    chair.click(f"#opinion-{OPINION} button[name=admit]")
    for context in (observing, chairing):
        context.close()


def test_nothing_moves_for_those_who_asked_for_less_motion(browser: Browser, server: LiveServer, stock: Stock) -> None:
    context = visitor(browser, server, stock, "m-obs")
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(LIVE)
    page.evaluate(f"document.getElementById('{ITEM}').classList.add('changed')")
    assert page.evaluate(f"getComputedStyle(document.getElementById('{ITEM}'), '::after').content") == "none"
    context.close()


def test_the_live_page_is_light(browser: Browser, server: LiveServer, stock: Stock) -> None:
    """[ux 3.6] Script at most 15 KB, style at most 20 KB, gzipped."""
    manifest = json.loads((BUILD / "manifest.json").read_text())
    entry = manifest["src/live.ts"]
    scripts = [entry["file"], *(manifest[name]["file"] for name in entry.get("imports", []))]
    assert sum(len(gzip.compress((BUILD / name).read_bytes())) for name in scripts) <= 15_000
    style = manifest["src/styles/page.css"]["file"]
    assert len(gzip.compress((BUILD / style).read_bytes())) <= 20_000


def act(page: Page, command: dict[str, str]) -> None:
    """Carry a command out as the person of a page, by the HTTP door."""
    if page.url == "about:blank":
        page.goto("/")
    status = page.evaluate(
        "([path, body]) => fetch(path, {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify(body)}).then(r => r.status)",
        [f"/api/opinions/{OPINION}/commands", {**command, "key": f"k-{command['state']}"}],
    )
    assert status == 200
