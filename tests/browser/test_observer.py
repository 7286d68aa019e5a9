"""What an observer sees, how soon, and that there is no way to write (acceptance scenario 7)."""

import re

from playwright.sync_api import Page, expect

from tests.browser.stage import ACCESS, Draft, House, Stage
from tests.support.waiting import wait_until, within

WITHIN_MS = 1_000
NOTE = """
([selector, words]) => {
  const look = () => {
    if (!document.querySelector(selector)?.textContent.includes(words)) return false;
    (globalThis.seen ??= {})[words] ??= Date.now();
    return true;
  };
  if (!look()) new MutationObserver((_, watch) => look() && watch.disconnect()).observe(document, {
    subtree: true, childList: true, characterData: true,
  });
}
"""
"""Notes the moment at which words come to stand somewhere on a page."""


def test_agreed_words_reach_the_observer_within_a_second_and_pending_ones_never(
    house: House, stage: Stage, draft: Draft
) -> None:
    """Scenario 7: on Agreed text only nothing pending is ever shown; what is agreed is there within a second."""
    chair, alvania = stage.live(draft, "alvania")
    place = draft.paragraph(ACCESS)
    observer = stage.context().new_page()
    bodies: list[str] = []
    watch_bodies(observer, bodies)
    observer.goto(f"{house.origin('observer')}/opinions/{draft.id}/live?view=clean")
    expect(observer.locator("#state")).to_have_attribute("data-state", "live")
    later: list[float] = []
    for number in range(1, 6):
        words = f"word{number} "
        alvania.type_at(place, "to support ", words)
        alvania.saved()
        (amendment,) = alvania.run(place, words).insertion
        chair.sees(place, words)
        assert words not in observer.locator("#text").inner_text()
        observer.evaluate(NOTE, ["#text", words])
        chair.page.evaluate(NOTE, [".told-list", f"#{number}: Agreed"])
        chair.outcome(amendment, "Agreed")
        chair.told(f"#{number}: Agreed")
        expect(observer.locator("#text")).to_contain_text(words)
        told = chair.page.evaluate("words => seen[words]", f"#{number}: Agreed")
        later.append(observer.evaluate("words => seen[words]", words) - told)
    assert max(later) <= within(WITHIN_MS), later
    alvania.type_at(place, "to support ", "pending ")
    alvania.saved()
    assert "pending" not in observer.locator("#text").inner_text()
    assert not any("pending" in body for body in bodies)


def test_an_observer_has_no_way_to_write(house: House, stage: Stage, draft: Draft) -> None:
    """Scenario 7: no input on the page; a direct call is refused with 403, on the socket with 4403, and logged."""
    observer = stage.context().new_page()
    origin = house.origin("observer")
    observer.goto(f"{origin}/opinions/{draft.id}/live")
    expect(observer.locator("#state")).to_have_attribute("data-state", "live")
    assert observer.locator("input, textarea, [contenteditable], [role=textbox]").count() == 0
    observer.locator("#text p").first.click()
    observer.keyboard.type("mine")
    assert "mine" not in observer.locator("#text").inner_text()

    before = len(draft.log())
    status = observer.evaluate(
        "async (path) => (await fetch(path, {method: 'POST', headers: {'content-type': 'application/json'},"
        " body: JSON.stringify({act: 'open_live_drafting', on: true, key: 'a-key-of-mine'})})).status",
        f"/api/opinions/{draft.id}/commands",
    )
    assert status == 403
    for path in (f"/opinions/{draft.id}/observers", f"/opinions/{draft.id}/chair", "/opinions/new"):
        status = observer.evaluate("async (path) => (await fetch(path, {method: 'POST'})).status", path)
        assert status == 403, path
    page = observer.goto(f"{origin}/opinions/{draft.id}")
    assert page is not None
    assert page.url == f"{origin}/opinions/{draft.id}/live", "an observer is led to the live page, not into the editor"
    code = observer.evaluate(
        "(path) => new Promise((done) => { new WebSocket(path).onclose = ({ code }) => done(code); })",
        f"{origin.replace('http', 'ws')}/ws/opinions/{draft.id}",
    )
    assert code == 4403
    assert len(draft.log()) == before
    refused = re.compile(r'refused .*member="observer"')
    wait_until(lambda: len(refused.findall(house.server.output.read_text())) >= 5, "the refusals in the server's log")


def watch_bodies(page: Page, bodies: list[str]) -> None:
    """Keep what the page is sent, events of its stream included."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.eventSourceMessageReceived", lambda event: bodies.append(str(event["data"])))
    page.on("response", lambda response: bodies.append(response.url))
