"""Where a network lets no WebSocket through, the editor finds out by itself, and its promises stay the same (W12)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.desk import PATIENCE_MS, Desk
from tests.browser.line import Loss, Sockets
from tests.browser.stage import ACCESS, NEED, Draft, House, Stage
from tests.support.waiting import wait_until, within

LABEL = "Text at close of IEG-3"
FOUND_OUT_MS = 5_000
"""From the first attempt at a WebSocket to the text with its connection."""

TIMED = """
const Native = WebSocket;
window.WebSocket = class extends Native {
  constructor(url) {
    super(url);
    window.triedAt ??= performance.now();
  }
};
"""
FOUND = """
() => /Saved|Connected/.test(document.querySelector("#connection-state")?.textContent) && performance.now() - triedAt
"""


def behind(stage: Stage, persona: str, draft: Draft, sockets: Sockets) -> tuple[Desk, float]:
    """A desk on a line of this kind, and after how many milliseconds it was live."""
    line = stage.house.lines[stage.lines_used]
    line.sockets = sockets
    page = stage.context().new_page()
    page.add_init_script(TIMED)
    stage.lines_used += 1
    desk = Desk(page, persona, draft.id, stage.house.origin(persona, line), line)
    stage.desks.append(desk)
    desk.page.goto(f"{desk.origin}/opinions/{desk.opinion}")
    found: Any = page.wait_for_function(FOUND, timeout=within(15_000)).json_value()
    return desk.ready(), float(found)


@pytest.mark.parametrize("sockets", [one for one in Sockets if one is not Sockets.PASSED], ids=lambda one: one.value)
def test_the_editor_is_live_within_5_s_behind_a_proxy_that_lets_no_websocket_through(
    stage: Stage, draft: Draft, sockets: Sockets
) -> None:
    """[W12] And a reload goes the way that was found; nothing on the screen alarms anybody."""
    alvania, milliseconds = behind(stage, "alvania", draft, sockets)
    assert milliseconds < within(FOUND_OUT_MS)
    state = alvania.page.locator("#connection-state")
    expect(state).to_have_attribute("title", re.compile("plain HTTP"))
    place = draft.paragraph(ACCESS)
    alvania.type_at(place, "to support ", "first ")
    alvania.saved()
    alvania.page.reload()
    alvania.ready()
    assert alvania.page.evaluate("window.triedAt === undefined"), "the way is known"
    alvania.sees(place, "first ")


def test_two_write_over_http_lose_and_double_nothing_and_hear_of_freeze_and_suspension(
    house: House, stage: Stage, draft: Draft
) -> None:
    """[W12, I5, I6, P11]"""
    chair = stage.desk("chair", draft)
    chair.open_live_drafting()
    alvania, _ = behind(stage, "alvania", draft, Sockets.REFUSED)
    holm, _ = behind(stage, "holm", draft, Sockets.SHUT)
    for desk in (alvania, holm):
        desk.write_live()
    access, need = draft.paragraph(ACCESS), draft.paragraph(NEED)
    alvania.put_caret(access, "to support ")
    for number, loss in enumerate((Loss.REQUEST, Loss.ANSWER, Loss.REQUEST, Loss.ANSWER)):
        assert alvania.line is not None
        alvania.line.losses.append(loss)
        alvania.type(f"word{number} ")
        wait_until(lambda: alvania.line is not None and not alvania.line.losses, "the loss")
        alvania.saved()
    holm.type_at(need, "that broadband ", "hardly ")
    holm.saved()
    for desk in (chair, alvania, holm):
        desk.reads(access, ACCESS.replace("to support ", "to support word0 word1 word2 word3 "))
        desk.reads(need, NEED.replace("that broadband ", "that broadband hardly "))
    assert alvania.text(access) == next(one.text for one in draft.document().text if one.id == access)

    chair.freeze(LABEL)
    for desk in (alvania, holm):
        desk.told(LABEL)
    wait_until(lambda: {"alvania", "holm"} <= dict(house.books.checks(draft.id, 1)).keys(), "their own fingerprints")
    assert all(matches for _, matches in house.books.checks(draft.id, 1))

    with house.caller("administrator") as administrator:
        administrator.post("/people/holm/suspension", data={"suspended": "yes"})
        try:
            expect(holm.page.locator("#connection-state")).to_have_text(re.compile("Closed"), timeout=PATIENCE_MS)
        finally:
            administrator.post("/people/holm/suspension", data={"suspended": "no"})
