"""Comments and notes in the editor and on their page: by key, at the words, answered, resolved; notes for no others."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import ACCESS, Draft, House, Stage
from tests.browser.test_editor_page import complaints

SHOTS = os.environ.get("UNBRACKET_SHOTS", "")
"""A folder for pictures of the pages, to be looked at."""
SECRET = "our floor is 5 MHz"


def looked_at(page: Page, name: str) -> None:
    """Nothing for axe to find; a picture where somebody wants it."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"threads-{name}.png"))
    assert complaints(page) == [], name


def listed(page: Page) -> Locator:
    """The list, opened with its button."""
    page.locator(".comments-button").click()
    return page.get_by_role("complementary", name="Comments")


def test_a_comment_on_selected_words_is_answered_and_resolved_and_a_note_stays_at_home(
    house: House, stage: Stage, draft: Draft
) -> None:
    """[TH1, TH5, TH7]"""
    dunmara, other = stage.desk("dunmara", draft), stage.desk("alvania", draft)
    place = draft.paragraph(ACCESS)
    dunmara.select(place, "to support")
    dunmara.page.keyboard.press("Control+Alt+m")
    own = dunmara.page.get_by_role("complementary", name="Comments")
    expect(own.locator(".thread-begin blockquote")).to_have_text("to support")
    own.get_by_label("Comment", exact=True).fill("Why **only** support?")
    # Escape closes the list from wherever the focus is; what was being written is there when it is opened again.
    dunmara.page.keyboard.press("Escape")
    expect(own).to_be_hidden()
    listed(dunmara.page)
    expect(own.get_by_label("Comment", exact=True)).to_have_value("Why **only** support?")
    dunmara.text_box.focus()
    dunmara.page.keyboard.press("Escape")
    expect(own).to_be_hidden()
    listed(dunmara.page)
    expect(own.locator(".thread-begin blockquote")).to_have_text("to support")
    own.get_by_role("button", name="Add").click()
    expect(own.locator(".thread-row strong")).to_have_text("only")
    dunmara.page.keyboard.press("Escape")
    dunmara.select(place, "to support")
    dunmara.page.keyboard.press("Control+Alt+m")
    own.get_by_label("a note").check()
    own.get_by_label("Note", exact=True).fill(SECRET)
    own.get_by_role("button", name="Add").click()
    expect(own.locator(".thread-row.note")).to_contain_text(SECRET)
    looked_at(dunmara.page, "own")
    # It is nobody's draft: what was written did not touch the text.
    assert "only" not in dunmara.text(place)

    theirs = listed(other.page)
    expect(theirs.locator(".thread-row")).to_have_count(1)
    theirs.get_by_role("button", name="Answer").click()
    theirs.get_by_label("Your answer").fill("As the *Resolution* says.")
    theirs.get_by_role("button", name="Answer", exact=True).click()
    expect(theirs.locator(".remark")).to_have_count(2)
    theirs.get_by_role("button", name="Resolve", exact=True).click()
    expect(theirs.get_by_text("No open comments.")).to_be_visible()
    theirs.get_by_role("button", name="Resolved").click()
    expect(theirs.get_by_text("Resolved by")).to_be_visible()
    looked_at(other.page, "resolved")
    assert SECRET not in other.page.content()

    # The first one hears of it by itself, and goes to the words.
    own.get_by_role("button", name="Resolved").click()
    expect(own.get_by_text("As the Resolution says.")).to_be_visible()
    dunmara.type_at(place, "to support ", "fully ")
    dunmara.saved()
    assert "fully" in dunmara.text(place), "writing goes on while the list is open"

    page = dunmara.page
    page.goto(f"{house.origin('dunmara')}/opinions/{draft.id}/threads?show=all")
    expect(page.locator(".note-thread")).to_contain_text(SECRET)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        looked_at(page, f"page-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
