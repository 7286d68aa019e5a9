"""The screens that other tests do not open under axe: versions, the demonstration, what is in menus and popovers."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.stage import ACCESS, REPORT, Draft, House, Stage
from tests.browser.test_editor_page import complaints

RICH = "/opinions/opinion-1"
PAGES = (
    ("observer", "/demo"),
    ("observer", "/"),
    ("chair", "/"),
    ("secretariat", "/"),
    ("chair", "/account"),
    ("observer", f"{RICH}/live?view=clean"),
    ("observer", f"{RICH}/live?view=rolling"),
    ("dunmara", f"{RICH}/versions"),
    ("dunmara", f"{RICH}/versions/1?view=clean"),
    ("dunmara", f"{RICH}/versions/2?view=rolling"),
    ("dunmara", f"{RICH}/versions/2?view=marked"),
    ("observer", f"{RICH}/versions/2"),
    ("dunmara", f"{RICH}/versions/99"),
    ("observer", RICH),
    ("dunmara", "/people"),
    ("administrator", "/people/dunmara"),
    ("administrator", "/delegations/XDU"),
    ("administrator", "/settings"),
)


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_of_the_demonstration_are_accessible(house: House, stage: Stage, width: int) -> None:
    page = stage.context().new_page()
    page.set_viewport_size(ViewportSize(width=width, height=900))
    for persona, path in PAGES:
        page.goto(f"{house.origin(persona)}{path}")
        assert complaints(page) == [], f"{persona} {path}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{persona} {path}"


def test_the_look_at_an_import_is_accessible(house: House, stage: Stage) -> None:
    page = stage.context().new_page()
    page.goto(f"{house.origin('secretariat')}/opinions/new")
    page.get_by_label("Title").fill("Skills")
    page.get_by_label("Base text").fill("DRAFT OPINION 1: SKILLS\n\nrecognizing\n\na) that [words remain\n\nb) open],")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is what was understood")
    assert complaints(page) == []


def test_menus_popovers_and_the_tray_are_accessible(house: House, stage: Stage, draft: Draft) -> None:
    alvania = stage.desk("alvania", draft, own_line=True)
    secretariat, chair = stage.desk("secretariat", draft), stage.desk("chair", draft)
    place = draft.paragraph(ACCESS)
    amendment = alvania.propose(place, "to support ", "universal ")

    alvania.paragraph_menu(place)
    assert complaints(alvania.page) == [], "the menu of a paragraph"
    alvania.page.keyboard.press("Escape")
    alvania.page.locator(".presence button").click()
    assert complaints(alvania.page) == [], "who is here"
    alvania.page.keyboard.press("Escape")
    chair.outcome(amendment, "Agreed")
    alvania.until("([id]) => stage.runs(id).some((run) => run.origin.length > 0)", [place])
    alvania.put_caret(place, "to support univ")
    alvania.page.keyboard.press("F2")
    expect(alvania.page.get_by_role("dialog", name="Whose words these are")).to_be_visible()
    assert complaints(alvania.page) == [], "whose words"
    alvania.page.keyboard.press("Escape")

    for name in ("Insert a paragraph after", "Change kind", "Editorial correction"):
        secretariat.paragraph_menu(place).get_by_role("button", name=name, exact=True).click()
        assert complaints(secretariat.page) == [], name
        secretariat.page.keyboard.press("Escape")
    alvania.unplug()
    alvania.type_at(place, "to support ", "offline ")
    expect(alvania.page.locator(".offline-bar")).to_be_visible()
    assert complaints(alvania.page) == [], "offline"
    alvania.page.locator(".connection").get_by_role("button", name="Show").click()
    expect(alvania.page.get_by_role("dialog", name="Unsent text")).to_be_visible()
    assert complaints(alvania.page) == [], "unsent text"


def test_an_agreed_word_still_tells_whose_it_was(stage: Stage, draft: Draft) -> None:
    """[ux 2.7] On resting over agreed words: who proposed them and who ruled; also by F2."""
    alvania, chair, bressay = (stage.desk(persona, draft) for persona in ("alvania", "chair", "bressay"))
    place = draft.paragraph(REPORT)
    amendment = alvania.propose(place, "to report ", "openly ", "As at IEG-3.")
    chair.outcome(amendment, "Agreed")
    word = bressay.page.locator(f'.live-text [data-origin="{amendment}"]')
    word.hover()
    told = bressay.page.get_by_role("dialog", name="Whose words these are")
    for words in ("XAL", "Alvania", "Mira Lenz", "As at IEG-3.", "Agreed", "Ines Calder"):
        expect(told).to_contain_text(words)
    bressay.page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    # Words that nobody proposed have an origin, too: [PV3]
    bressay.select(place, "report")
    bressay.page.keyboard.press("F2")
    for words in ("Base text", "Put on the table with the first text"):
        expect(told).to_contain_text(words)
    expect(told.get_by_role("link")).to_have_attribute("href", re.compile(rf"/paragraphs/{place}/provenance$"))
    bressay.page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    expect(bressay.text_box).to_be_focused()
    assert re.search(r"openly", bressay.view("Agreed text only"))
