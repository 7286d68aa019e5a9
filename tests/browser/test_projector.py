"""The room's screen in a real browser: follows the chair, minds its keys, legible in both themes and without script."""

import os
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.stage import ACCESS, Draft, House, Stage
from tests.browser.test_editor_page import complaints

SHOTS = os.environ.get("UNBRACKET_SHOTS", "")
"""A folder for pictures of the screen, to be looked at."""
MOST_SCRIPT = 15 * 1024


def looked_at(page: Page, name: str) -> None:
    """Nothing for axe to find; a picture where somebody wants it."""
    page.wait_for_function("() => document.getAnimations().length === 0")
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"projector-{name}.png"))
    assert complaints(page) == [], name


def test_the_screen_follows_the_chair_and_minds_its_keys(house: House, stage: Stage, draft: Draft) -> None:
    """[PJ1, PJ4, PJ6]"""
    alvania = stage.desk("alvania", draft)
    place = draft.paragraph(ACCESS)
    amendment = alvania.propose(place, "to support ", "fully ")
    with house.caller("chair") as chair:
        links = f"/opinions/{draft.id}/projector/links"
        answer = chair.post(links, data={"name": "Room Popov", "view": "marked", "days": "1"})
        path = "/projector/" + answer.text.split('class="secret">')[1].split("/projector/")[1].split("<")[0]

        def command(act: str, **fields: object) -> None:
            body = {"key": f"k-{time.monotonic_ns()}", "act": act, **fields}
            done = chair.post(f"/api/opinions/{draft.id}/commands", json=body)
            assert done.status_code == 200, done.text

        context = stage.house.browser.new_context(viewport={"width": 1920, "height": 1080})
        scripts: list[int] = []
        context.on(
            "response",
            lambda one: scripts.append(len(one.body())) if one.request.resource_type == "script" else None,
        )
        screen = context.new_page()
        screen.goto(f"{house.server.url}{path}")
        command("take_up", paragraph=place, amendment="")
        here = screen.locator(".here")
        expect(here).to_contain_text("fully")
        expect(here).to_be_in_viewport(ratio=1)
        assert here.evaluate("e => [getComputedStyle(e).fontSize, getComputedStyle(e).lineHeight]") == ["40px", "60px"]
        looked_at(screen, "taken-up")
        items = [{"amendment": amendment, "revision": 1, "words": ""}]
        command("open_call", call="call-0001", items=items, seconds=90, note="", ruled_by="")
        expect(screen.locator("#bar h2")).to_have_text("Is there any objection to #1?")
        expect(screen.locator("#time-left")).to_have_text(re.compile(r"1:[0-3]\d"))
        screen.keyboard.press("l")
        looked_at(screen, "light")
        screen.keyboard.press("l")
        first = here.get_attribute("id")
        screen.keyboard.press("ArrowDown")
        assert here.get_attribute("id") != first
        command("take_up", paragraph=place, amendment="")
        screen.keyboard.press("+")
        assert here.evaluate("e => getComputedStyle(e).fontSize") == "46px"
        assert here.get_attribute("id") != first, "who went elsewhere stays there"
        screen.keyboard.press("f")
        assert here.get_attribute("id") == first
        screen.keyboard.press("b")
        expect(screen.locator("#text")).to_be_hidden()
        screen.keyboard.press("b")
        command("decide_call", call="call-0001", ruling="agreed")
        expect(screen.locator("#result")).to_contain_text("It is so decided. #1: agreed.")
        expect(screen.locator("#bar")).to_be_hidden()
        assert sum(scripts) <= MOST_SCRIPT
        assert context.cookies() == []

        plain = stage.house.browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 720})
        still = plain.new_page()
        still.goto(f"{house.server.url}{path}")
        expect(still.locator(".here")).to_be_in_viewport()
        assert still.locator("meta[http-equiv=refresh]").count() == 1
        plain.close()
        screen.close()
        context.close()
