"""The editor's page as a whole: accessible in every state, by keyboard alone, cards that never overlap, its bytes."""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from server.assets import BUILD
from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, RURAL, Draft, House, Stage

AXE = (Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RICH = "opinion-1"
"""The demonstration's Opinion with amendments in all states."""
MOST_SCRIPT = 140 * 1024
MOST_SCRIPT_IN_ALL = 156 * 1024
ON_ASKING = {
    "src/sync/http_socket.ts",
    "src/panels/threads_list.tsx",
}
"""Files brought on a click, or where WebSockets are blocked."""
MOST_STYLE = 20 * 1024
OVERLAPS = """
() => {
  const boxes = [...document.querySelectorAll('.proposal-card')]
    .map((card) => [card.id, card.getBoundingClientRect()])
    .sort((a, b) => a[1].top - b[1].top);
  return boxes.slice(1).filter(([, box], n) => box.top < boxes[n][1].bottom - 1).map(([id], n) => [boxes[n][0], id]);
}
"""
BESIDE = """
(id) => {
  const card = document.getElementById('card-' + id).getBoundingClientRect();
  const words = document.querySelector(`[data-insertion="${id}"], [data-deletion="${id}"], [data-bracket="${id}"]`);
  return Math.abs(card.top - words.getBoundingClientRect().top);
}
"""


def complaints(page: Page) -> list[str]:
    """What axe finds wrong, each with where; run through the debugger, for the page's policy admits no foreign code."""
    page.evaluate(AXE)
    found = page.evaluate(
        "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', ')))"
    )
    return [str(one) for one in found]


def rich(stage: Stage, persona: str, width: int = 1440) -> Desk:
    """A persona at the rich Opinion, in a window of this width."""
    draft = Draft(RICH, "", stage.house.books)
    desk = stage.desk(persona, draft)
    desk.page.set_viewport_size(ViewportSize(width=width, height=900))
    return desk


def first_card(page: Page) -> Locator:
    return page.locator("article.proposal-card").first


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("persona", ["dunmara", "chair", "secretariat"])
def test_nothing_is_for_axe_to_find_on_the_editors_page(stage: Stage, persona: str, width: int) -> None:
    page = rich(stage, persona, width).page
    assert complaints(page) == [], "as it opens"
    if width < 900:
        page.locator(".sheet-bar").click()
    elif width < 1200:
        page.get_by_role("button", name="Outline").click()
    first_card(page).locator(".card-head").click(force=width == 1024)
    assert complaints(page) == [], "with a card open"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


def test_nothing_is_for_axe_to_find_in_lists_views_and_dialogs(stage: Stage) -> None:
    page = rich(stage, "chair").page
    for tab in ("Outline", "Brackets", "Queue"):
        page.get_by_role("tab", name=tab).click()
        assert complaints(page) == [], tab
    for button, dialog in (("Export", "Export"), ("Help", "Help and keys"), ("Freeze", "Freeze the")):
        page.get_by_role("button", name=button, exact=True).click()
        opened = page.get_by_role("dialog", name=dialog)
        expect(opened).to_be_visible()
        assert complaints(page) == [], dialog
        page.keyboard.press("Escape")
        expect(opened).to_be_hidden()
    for view in ("Agreed text only", "Text with square brackets"):
        page.get_by_role("button", name=view).click()
        expect(page.get_by_role("region", name=view)).to_have_attribute("aria-busy", "false")
        assert complaints(page) == [], view


def test_cards_stand_beside_their_words_and_never_overlap(stage: Stage) -> None:
    page = rich(stage, "dunmara").page
    expect(first_card(page)).to_be_visible()
    ids = [str(one) for one in page.eval_on_selector_all("article.proposal-card", "all => all.map(one => one.id)")]
    assert len(ids) >= 5
    for card in ids[:8]:
        amendment = card.removeprefix("card-")
        page.locator(f"#{card} .card-head").click()
        expect(page.locator(f"#{card}")).to_have_class(re.compile("selected"))
        page.wait_for_function(f"() => ({OVERLAPS})().length === 0")
        if page.locator(f'[data-insertion="{amendment}"], [data-deletion="{amendment}"]').count():
            page.wait_for_function(f"() => ({BESIDE})('{amendment}') <= 4")


def test_a_draft_is_written_submitted_and_left_by_keyboard_alone(stage: Stage, draft: Draft) -> None:
    """F2 goes from the words to their card, Escape back to the caret."""
    alvania = stage.desk("alvania", draft)
    page, place = alvania.page, draft.paragraph(RURAL)
    alvania.type_at(place, "that rural ", "and remote ")
    alvania.saved()
    (amendment,) = alvania.run(place, "and remote").insertion
    caret = alvania.caret()
    page.keyboard.press("F2")
    head = page.locator(f"#card-{amendment} .card-head")
    expect(head).to_be_focused()
    page.keyboard.press("Escape")
    expect(alvania.text_box).to_be_focused()
    assert alvania.caret() == caret
    page.keyboard.press("F2")
    expect(head).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("As in Resolution 139")
    page.keyboard.press("Control+Enter")
    alvania.told("submitted. Everybody sees it now.")
    assert draft.amendment(amendment).reason == "As in Resolution 139"
    # The list of square brackets links to the very words.
    page.goto(f"{page.url.split('#')[0].split('?')[0]}/brackets")
    page.get_by_role("link", name="to this bracket in the text").click()
    alvania.ready()
    expect(page.locator(f"#card-{amendment}")).to_have_class(re.compile("selected"))
    expect(page.locator(f'[data-insertion="{amendment}"]')).to_be_in_viewport()


def test_the_chair_goes_through_the_queue_by_keyboard_alone(stage: Stage, draft: Draft) -> None:
    alvania, chair = stage.desk("alvania", draft), stage.desk("chair", draft)
    first = alvania.propose(draft.paragraph(RURAL), "that rural ", "and remote ")
    second = alvania.propose(draft.paragraph(ACCESS), "to support ", "the most ")
    rows = chair.page.locator(".rows-list button.row")
    expect(rows).to_have_count(2)
    rows.first.focus()
    chair.page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    chair.page.keyboard.press("k")
    chair.page.keyboard.press("Enter")
    expect(chair.page.locator(".floor .preview")).to_contain_text("that rural and remote areas")
    expect(rows.first).to_be_focused()
    chair.page.keyboard.press("a")
    chair.told("#1: Agreed.")
    expect(rows).to_have_count(1)
    expect(rows.first).to_be_focused()
    chair.page.keyboard.press("r")
    chair.told("#2: Not retained.")
    assert draft.amendment(first).status == "agreed"
    assert draft.amendment(second).status == "not_retained"


def test_letters_outside_the_queue_record_nothing(stage: Stage, draft: Draft) -> None:
    """WCAG 2.1.4: single keys act only while the list has the focus."""
    alvania, chair = stage.desk("alvania", draft), stage.desk("chair", draft)
    amendment = alvania.propose(draft.paragraph(RURAL), "that rural ", "and remote ")
    expect(chair.page.locator(".rows-list button.row")).to_have_count(1)
    chair.page.get_by_role("button", name="Help").focus()
    for key in "ars":
        chair.page.keyboard.press(key)
    assert draft.amendment(amendment).status == "submitted"


def test_the_count_and_the_list_of_brackets_are_the_servers(house: House, stage: Stage) -> None:
    """B1: on every view the count is the same."""
    chair = rich(stage, "chair")
    shown = chair.page.locator(".open-count").inner_text()
    chair.page.get_by_role("tab", name="Brackets").click()
    assert shown == f"{chair.page.locator('.bracket-rows > li').count()} open brackets"
    with house.caller("chair") as caller:
        answer = caller.get(f"/opinions/{RICH}/export?view=clean&format=txt")
    assert answer.status_code == 409
    assert f"open in {shown.split()[0]} places" in answer.json()["message"]


def test_the_filter_says_what_it_hides_and_stays_in_the_address(stage: Stage) -> None:
    desk = rich(stage, "dunmara")
    page = desk.page
    count = page.locator(".delegations > p > span")
    words = count.inner_text()
    found = re.match(r"(\d+) of (\d+) shown", words)
    assert found is not None, words
    assert found[1] == found[2]
    page.get_by_label("Only mine (XDU)").check()
    expect(count).not_to_contain_text(f"{found[2]} of {found[2]} shown")
    assert "mine=1" in page.url
    mine = count.inner_text()
    page.reload()
    desk.ready()
    expect(count).to_have_text(mine)


def test_the_editors_page_keeps_its_bytes() -> None:
    """Guide ux 3.6: the editor's script at most 140 KB until the text stands, styles at most 20 KB, compressed. What
    comes only when somebody asks for it, or where a network needs it, is in nobody's way.
    """
    manifest = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))

    def brought(*ways: str) -> set[str]:
        chunks, waiting = set(), ["src/editor.ts"]
        while waiting:
            name = waiting.pop()
            if name not in chunks and name not in ON_ASKING:
                chunks.add(name)
                waiting.extend(one for way in ways for one in manifest[name].get(way, []))
        return chunks

    def size(files: Iterable[str]) -> int:
        return sum(len(gzip.compress((BUILD / one).read_bytes())) for one in files)

    first, all_of_it = brought("imports"), brought("imports", "dynamicImports")
    styles = {style for name in all_of_it for style in manifest[name].get("css", [])}
    assert size(manifest[name]["file"] for name in first) <= MOST_SCRIPT
    assert size(manifest[name]["file"] for name in all_of_it) <= MOST_SCRIPT_IN_ALL
    assert size(styles | {manifest["src/styles/page.css"]["file"]}) <= MOST_STYLE
    assert set(manifest) >= ON_ASKING
