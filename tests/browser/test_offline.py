"""Typing without a network (acceptance scenario 8): nothing is lost, and what has no place any more comes back to its
author.
"""

import re

from playwright.sync_api import expect

from opinions.record import Status
from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, REPORT, Draft, Stage
from tests.support.waiting import within

ALVANIA = "XAL"
LONG = ("to be reached by all who live far from any exchange, " * 5)[:240]
WITHIN_MS = 3_000
NEXT_TRY_MS = 7_000
"""Less than the longest wait between attempts to connect: what a page that does not notice its line would take."""


def test_words_typed_offline_survive_a_reload_and_orphaned_ones_come_back(stage: Stage, draft: Draft) -> None:
    """Scenario 8: the bar counts; after the reload survivors are sent, the rest is offered again, copied, discarded."""
    chair = stage.desk("chair", draft)
    bressay = stage.desk("bressay", draft)
    alvania = stage.desk("alvania", draft, own_line=True)
    access, report = draft.paragraph(ACCESS), draft.paragraph(REPORT)
    alvania.kept()
    alvania.unplug()
    alvania.type_at(access, "for all", LONG)
    alvania.strike(report, "progress")
    alvania.type_at(report, "to report on progress", " made")
    state = alvania.page.locator("#connection-state")
    expect(state).to_have_text(re.compile(r"Offline, \d+ not sent"))
    expect(alvania.page.locator(".offline-bar")).to_contain_text("changes not sent yet")
    removed_by_the_chair(stage, draft, chair=chair, proposer=bressay)

    alvania.page.reload()
    alvania.sees(access, LONG)
    assert alvania.text(report) == "to report on progress made every year."
    expect(state).to_have_text(re.compile(r"Offline, \d+ not sent"))
    alvania.type_at(access, LONG, "!")
    alvania.plug_in()

    alvania.saved(within_ms=min(within(WITHIN_MS), NEXT_TRY_MS))
    alvania.sees(access, f"{LONG}!")
    assert any(f"{LONG}!" in one.text for one in draft.document(ALVANIA).text)
    assert all(LONG not in one.text for one in draft.document().text)
    assert {(one.member, one.party) for one in draft.log(ALVANIA) if one.kind == "update"} == {("alvania", ALVANIA)}
    alvania.page.locator(".unsent-bar").get_by_role("button", name="Show").click()
    tray = alvania.page.get_by_role("dialog", name="Unsent text")
    pieces = tray.locator(".unsent-list > li")
    expect(pieces).to_have_count(2)
    struck = pieces.filter(has_text="to delete")
    typed = pieces.filter(has_text="to add")
    expect(struck.locator("blockquote")).to_have_text("progress")
    expect(typed.locator("blockquote")).to_have_text("made")
    for piece in (struck, typed):
        expect(piece).to_contain_text("A paragraph no longer in the text")
        for name in ("Propose again", "Copy", "Discard"):
            expect(piece.get_by_role("button", name=name, exact=True)).to_be_visible()
    typed.get_by_role("button", name="Propose again").click()
    expect(typed.get_by_role("status")).to_contain_text("The paragraph is gone")
    alvania.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    typed.get_by_role("button", name="Copy").click()
    expect(typed.get_by_role("status")).to_have_text("Copied.")
    assert alvania.page.evaluate("navigator.clipboard.readText()") == " made"
    for piece in (struck, typed):
        piece.get_by_role("button", name="Discard", exact=True).click()
        piece.get_by_role("button", name="Discard for good").click()
    expect(pieces).to_have_count(0)
    expect(alvania.page.locator(".unsent-bar")).to_be_hidden()


def test_words_of_live_drafting_that_did_not_leave_come_back_as_a_draft(stage: Stage, draft: Draft) -> None:
    """I7: what was typed before all eyes and did not get out is its author's draft when the page opens again."""
    chair, alvania = stage.live(draft, "alvania", own_lines=frozenset({"alvania"}))
    place = draft.paragraph(ACCESS)
    alvania.unplug()
    alvania.type_at(place, "to support ", "stable ")
    alvania.page.goto("about:blank")
    alvania.plug_in()
    alvania.open()

    alvania.sees(place, "stable ")
    alvania.saved()
    (amendment,) = alvania.run(place, "stable ").insertion
    assert draft.amendment(amendment, ALVANIA).status is Status.DRAFT
    assert "stable" not in chair.text(place)
    alvania.submit(amendment)
    chair.sees(place, "stable ")


def test_a_line_that_breaks_while_typing_costs_nothing(stage: Stage, draft: Draft) -> None:
    """Scenario 8, without a reload: what was typed before, during and after the break is there once."""
    chair, alvania = stage.live(draft, "alvania", own_lines=frozenset({"alvania"}))
    place = draft.paragraph(ACCESS)
    assert alvania.line is not None
    typed = "to support "
    for word in ("one ", "two ", "three "):
        alvania.put_caret(place, typed)
        typed += f"{word}and "
        alvania.type(word)
        alvania.line.cut()
        alvania.type("and ")
        alvania.line.mend()
        alvania.try_now()
        alvania.ready()
    alvania.saved()
    chair.sees(place, "to support one and two and three and affordable")
    assert next(one.text for one in draft.document().text if one.id == place) == alvania.text(place)


def removed_by_the_chair(stage: Stage, draft: Draft, *, chair: Desk, proposer: Desk) -> None:
    """Somebody proposes that the last paragraph goes, and the chair records that it does."""
    place = draft.paragraph(REPORT)
    proposer.paragraph_menu(place).get_by_role("button", name="Propose to delete the paragraph").click()
    proposer.page.get_by_role("button", name="Submit", exact=True).click()
    proposer.told("submitted. Everybody sees it now.")
    (removal,) = draft.document().record.amendments
    chair.outcome(removal, "Agreed")
    chair.until("(id) => stage.text(id) === null", place)
    assert draft.amendment(removal).status is Status.AGREED
