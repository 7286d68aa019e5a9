"""A delegate without a mouse: from the list of draft Opinions into the text, through its changes, out again."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.stage import ACCESS, FUNDS, NEED, RURAL, Draft, House, Stage

MOST_TABS = 300
FOCUSED = """
() => {
  const { activeElement: at } = document;
  return [at.tagName, at.getAttribute("role") ?? "", at.textContent.trim().slice(0, 60)];
}
"""


def test_from_the_list_into_the_text_and_out_again_without_a_mouse(house: House, stage: Stage, draft: Draft) -> None:
    """Tab reaches the Opinion and its text; what is typed there is submitted; no key is caught for good."""
    seated = stage.desk("alvania", draft)
    page = seated.page
    page.goto(house.origin("alvania"))
    tab_to(page, lambda tag, role, words: tag == "A" and words == f"Open: Draft Opinion {draft.title.split()[-1]}")
    page.keyboard.press("Enter")
    seated.ready()
    tab_to(page, lambda tag, role, words: role == "textbox")
    page.keyboard.press("Control+Home")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert seated.caret() is not None
    page.keyboard.type(" Quickly")
    seated.saved()
    found = [(id, words) for id, words in seated.texts() if "Quickly" in words]
    assert len(found) == 1, seated.texts()
    page.keyboard.press("F2")
    tab_to(page, lambda tag, role, words: tag == "BUTTON" and words == "Submit")
    page.keyboard.press("Enter")
    seated.told("submitted. Everybody sees it now.")
    assert any("Quickly" in one.text for one in draft.document().text)

    seated.text_box.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(seated.text_box).not_to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(seated.text_box).to_be_focused()


def test_tab_in_an_item_of_ones_own_indents_and_escape_lets_it_out(stage: Stage, draft: Draft) -> None:
    """Tab has a meaning in an added item alone, and there Escape frees it."""
    alvania = stage.desk("alvania", draft)
    page = alvania.page
    alvania.put_caret(draft.paragraph(RURAL), RURAL)
    page.keyboard.press("Enter")
    page.keyboard.type("that mountains are high;")
    page.keyboard.press("Tab")
    added = next(id for id, words in alvania.texts() if "mountains" in words)
    expect(alvania.text_box.locator(f'p[data-id="{added}"]')).to_have_attribute("data-kind", "sub_item")
    expect(alvania.text_box).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(alvania.text_box).not_to_be_focused()


def test_keys_go_from_change_to_change_and_from_bracket_to_bracket(stage: Stage, draft: Draft) -> None:
    """F8 and F9 forwards, with Shift backwards, round at the end; also with the focus outside of the text."""
    alvania = stage.desk("alvania", draft)
    need, funds, access = (draft.paragraph(words) for words in (NEED, FUNDS, ACCESS))
    alvania.type_at(access, "to support ", "universal ")
    alvania.strike(need, "some of ")
    bracket = alvania.bracket(funds, "Member States")
    later = alvania.bracket(access, "for all")
    alvania.saved()
    alvania.put_caret(draft.document().text.paragraphs[0].id)
    page = alvania.page
    for key, place, words in (
        ("F8", need, "that broadband reaches "),
        ("F8", access, "to support "),
        ("F8", need, "that broadband reaches "),
        ("Shift+F8", access, "to support "),
        ("F9", access, "to support universal affordable access "),
        ("F9", funds, "that public funds are scarce and "),
        ("Shift+F9", access, "to support universal affordable access "),
    ):
        page.keyboard.press(key)
        assert alvania.caret() == (place, len(words)), key
    page.get_by_role("button", name="Help").focus()
    page.keyboard.press("F9")
    expect(alvania.text_box).to_be_focused()
    assert bracket != later


def tab_to(page: Page, wanted: Callable[[str, str, str], bool]) -> None:
    """Press Tab until the focus is there."""
    seen = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        tag, role, words = page.evaluate(FOCUSED)
        if wanted(tag, role, words):
            return
        seen.append((tag, role, words))
    raise AssertionError(f"Tab does not lead there: {seen}")
