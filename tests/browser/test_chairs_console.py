"""The chair's console in a browser: a call from the question to the decision by keys alone; nothing typed is lost."""

import gzip
import json
from collections.abc import Iterator
from itertools import count

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from server.assets import BUILD
from server.settings import Settings
from tests.browser.test_server_pages import complaints, heard, visitor
from tests.support.live_server import LiveServer, live_server
from tests.support.stock import ITEM, OPINION, Stock, stocked

CONSOLE = f"/opinions/{OPINION}/console"
FIRST, RIVAL, LATER = "a-first-words", "a-rival-words", "a-later-words"
_keys = count(1)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return stocked(Settings(data_dir=tmp_path_factory.mktemp("console") / "data"))


@pytest.fixture(scope="module")
def server(stock: Stock) -> Iterator[LiveServer]:
    with live_server(stock.settings.data_dir) as running:
        yield running


class Room:
    """What others do meanwhile: commands by HTTP, each person with a cookie."""

    def __init__(self, server: LiveServer, stock: Stock) -> None:
        self._server, self._stock = server, stock

    def act(self, who: str, party: str = "", /, **fields: object) -> None:
        cookie = f"unbracket-{self._server.port}={self._stock[who].token}"
        headers = {"cookie": cookie, "origin": self._server.url}
        address = f"{self._server.url}/api/opinions/{OPINION}/commands"
        given = {**fields, "party": party, "key": f"k-{next(_keys)}"}
        answer = httpx2.post(address, json=given, headers=headers)
        assert answer.status_code == 200, answer.text

    def propose(self, party: str, name: str, paragraph: str, start: int, was: str, text: str) -> None:
        change = {"start": start, "end": start + len(was), "was": was, "text": text}
        one = {"amendment": name, "delegation": party, "kind": "MOD", "paragraph": paragraph, "replacements": [change]}
        self.act(f"m-{party.lower()}-1", party, act="enter_proposals", proposals=[one])

    def table(self) -> dict[str, dict[str, object]]:
        cookie = f"unbracket-{self._server.port}={self._stock['m-sec'].token}"
        answer = httpx2.get(f"{self._server.url}/api/opinions/{OPINION}/table", headers={"cookie": cookie})
        return {one["id"]: one for one in answer.json()["amendments"]}


@pytest.fixture(scope="module")
def room(server: LiveServer, stock: Stock) -> Room:
    made = Room(server, stock)
    made.propose("XBB", FIRST, ITEM, 5, "broadband", "access")
    made.propose("XCC", RIVAL, ITEM, 5, "broadband", "fibre")
    made.propose("XBB", LATER, "p-item-00003", 5, "item", "point")
    made.act("m-chair", act="open_sitting", name="Morning", level="ieg")
    made.act("m-sec", act="mark_present", delegations=["XAA", "XCC", "XDD"])
    return made


def ready(page: Page) -> Page:
    page.goto(CONSOLE)
    page.wait_for_selector("main[data-ready]")
    return page


def test_cn9_a_chair_takes_a_call_from_the_question_to_the_decision_by_keys_alone(
    browser: Browser, server: LiveServer, stock: Stock, room: Room
) -> None:
    context = visitor(browser, server, stock, "m-chair")
    page = context.new_page()
    said = heard(page)
    ready(page)
    page.locator("#queue a[data-key]").first.focus()
    page.keyboard.press("a")
    expect(page.locator("#told")).to_contain_text("Press Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#floor-head")).to_contain_text("On the floor")
    expect(page.locator("#floor-head")).to_contain_text("#1")

    page.keyboard.down(" ")
    expect(page.locator(".readings .now")).to_be_hidden()
    page.keyboard.up(" ")
    expect(page.locator(".readings .now")).to_be_visible()

    # What the chair types stays, and so does the caret, while positions come in and the queue changes.
    note = page.locator(f"#f-outcome-{FIRST}-note")
    note.focus()
    page.keyboard.type("As read ")
    room.act("m-xdd-1", "XDD", act="take_position", amendment=FIRST, revision=1, attitude="reserve", note="Capital")
    expect(page.locator(".positions")).to_contain_text("reserves its position")
    expect(page.locator(f'[data-row="amendment:{FIRST}"] .said')).to_contain_text("XDD reserves its position")
    page.keyboard.type("out")
    expect(note).to_have_value("As read out")
    ready(page)
    expect(note).to_have_value("As read out")
    note.focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.key") == f"amendment:{FIRST}"

    page.keyboard.press("o")
    bar = page.locator(".call-bar")
    expect(bar).to_contain_text("Is there any objection?")
    expect(page.locator("#called-out")).to_contain_text("XBB #1")
    call = page.get_attribute("[data-call]", "data-call")
    room.act("m-xaa-1", "XAA", act="answer_call", call=call, answer="no_objection")
    room.act("m-xdd-1", "XDD", act="answer_call", call=call, answer="need_time", note="One hour")
    expect(bar).to_contain_text("needs time")
    expect(bar.locator(".silent").first).to_contain_text("XCC")
    assert complaints(page) == []

    # The others on these words are asked for; not retained is the choice after “still pending”.
    page.keyboard.press("y")
    expect(page.locator(f"#f-decide-{call}-{RIVAL}-stays")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(bar).to_contain_text("No call for objections is open.")
    after = room.table()
    assert (after[FIRST]["status"], after[RIVAL]["status"]) == ("agreed", "not_retained")
    expect(page.locator(".running")).to_contain_text("agreed")
    expect(page.locator("#queue a:focus")).to_have_count(1)
    assert said == []
    context.close()


def test_cn9_keys_are_switched_off_and_that_is_remembered(
    browser: Browser, server: LiveServer, stock: Stock, room: Room
) -> None:
    context = visitor(browser, server, stock, "m-chair")
    page = ready(context.new_page())
    rows = page.locator("#queue a[data-key]")
    rows.first.focus()
    page.keyboard.press("F1")
    expect(page.locator("#keys-help")).to_be_visible()
    assert complaints(page) == []
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    ready(page)
    rows.first.focus()
    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    page.keyboard.press("?")
    page.locator("#keys-on").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    context.close()


def test_cn5_a_set_is_put_by_keys_on_a_keyboard_of_any_script(
    browser: Browser, server: LiveServer, stock: Stock, room: Room
) -> None:
    """[CN5] [CN9] X ticks, C puts what is ticked as one call; Cyrillic letters stand on the same keys."""
    for party, name, place in (("XBB", "a-set-000001", "p-item-00005"), ("XCC", "a-set-000002", "p-item-00006")):
        room.propose(party, name, place, 5, "item", "matter")
    context = visitor(browser, server, stock, "m-chair")
    page = ready(context.new_page())
    page.locator('[data-key="amendment:a-set-000001"]').focus()
    page.keyboard.press("c")
    expect(page.locator("#told")).to_contain_text("Tick the rows")

    def cyrillic(letter: str, place: str) -> None:
        pressed = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))"
        page.evaluate(f"([key, code]) => {pressed}", [letter, place])

    cyrillic("\u0447", "KeyX")
    cyrillic("\u043e", "KeyJ")
    expect(page.locator('[data-key="amendment:a-set-000002"]')).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("#queue td.tick input:checked")).to_have_count(2)
    cyrillic("\u0441", "KeyC")
    expect(page.locator(".call-bar")).to_contain_text("Is there any objection?")
    expect(page.locator(".call-bar .call-items a")).to_have_count(2)
    expect(page.locator("#queue a:focus")).to_have_count(1)
    cyrillic("\u0446", "KeyW")
    expect(page.locator(".call-bar")).to_contain_text("No call for objections is open.")
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_cn1_the_page_is_accessible_fits_and_works_without_scripts(
    browser: Browser, server: LiveServer, stock: Stock, room: Room, width: int
) -> None:
    context = visitor(browser, server, stock, "m-chair", width)
    page = ready(context.new_page())
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('.console button, .console summary')].filter((one) => one.checkVisibility()"
        " && one.getBoundingClientRect().height < 31.5).map((one) => one.textContent.trim())"
    )
    assert small == []
    context.close()
    plain = browser.new_context(
        viewport={"width": width, "height": 900}, base_url=server.url, java_script_enabled=False
    )
    cookie = {"name": f"unbracket-{server.port}", "value": stock["m-chair"].token, "url": server.url}
    plain.add_cookies([cookie])  # type: ignore[list-item]
    page = plain.new_page()
    page.goto(f"{CONSOLE}?on=amendment:{LATER}")
    page.click("button[value=set_aside] >> visible=true")
    assert room.table()[LATER]["status"] == "set_aside"
    page.goto(f"{CONSOLE}?on=amendment:{LATER}")
    page.click(".reopening summary")
    page.click(".reopening button")
    assert room.table()[LATER]["status"] == "reopened"
    plain.close()


def test_cn8_the_console_is_light() -> None:
    """[ux 3.6] Script at most 15 KB, style at most 20 KB beside the sheet of every page, gzipped."""
    manifest = json.loads((BUILD / "manifest.json").read_text())
    entry = manifest["src/console.ts"]
    scripts = [entry["file"], *(manifest[name]["file"] for name in entry.get("imports", []))]
    assert sum(len(gzip.compress((BUILD / name).read_bytes())) for name in scripts) <= 15_000
    assert sum(len(gzip.compress((BUILD / name).read_bytes())) for name in entry["css"]) <= 20_000
