"""What the secretariat does for others: types for who has the floor, records for the chair, moves the furniture."""

import re

from playwright.sync_api import Locator, expect

from opinions.record import SECRETARIAT, AmendmentKind, Ruling, Status
from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, NEED, SHARE, Draft, House, Stage

ALVANIA, BRESSAY = "XAL", "XBR"
CLERK, CHAIR = "Tomas Weil", "Ines Calder"


def test_both_are_named_where_one_types_for_another_and_records_for_the_chair(stage: Stage, draft: Draft) -> None:
    """The typist stands beside the party, who recorded beside who ruled; the others see the words as they are typed."""
    secretariat, alvania = stage.desk("secretariat", draft), stage.desk("alvania", draft)
    place = draft.paragraph(ACCESS)
    secretariat.page.get_by_label("Typing for").select_option(BRESSAY)
    secretariat.type_at(place, "to support ", "steady ")
    alvania.sees(place, "steady ")
    secretariat.saved()
    (amendment,) = alvania.run(place, "steady ").insertion
    found = draft.amendment(amendment)
    assert (found.delegation, found.typist, found.status) == (BRESSAY, CLERK, Status.SUBMITTED)
    (typed,) = {(one.member, one.party, one.typist) for one in draft.log() if one.kind == "update"}
    assert typed == ("secretariat", BRESSAY, CLERK)

    secretariat.card(amendment)
    expect(secretariat.page.get_by_label("On the instruction of").first).to_have_value(CHAIR)
    secretariat.outcome(amendment, "Agreed")
    secretariat.told("#1: Agreed.")
    (decision,) = draft.amendment(amendment).decisions
    assert (decision.ruled_by, decision.recorded_by) == (CHAIR, CLERK)
    alvania.until("([id]) => stage.runs(id).some((run) => run.origin.length > 0)", [place])
    alvania.put_caret(place, "to support stea")
    alvania.page.keyboard.press("F2")
    told = alvania.page.get_by_role("dialog", name="Whose words these are")
    expect(told).to_contain_text(f"{CHAIR}, recorded by {CLERK}")


def test_an_outcome_recorded_by_mistake_is_corrected_by_another_entry(stage: Stage, draft: Draft) -> None:
    """Reopen and record anew: all of it stays on record, and the words are where they were."""
    alvania, chair = stage.desk("alvania", draft), stage.desk("chair", draft)
    place = draft.paragraph(ACCESS)
    amendment = alvania.propose(place, "to support ", "steady ")
    before = alvania.text(place)
    chair.outcome(amendment, "Not retained")
    alvania.reads(place, ACCESS)
    chair.page.locator(".told-list").get_by_role("button", name="Reopen").click()
    alvania.reads(place, before)
    chair.outcome(amendment, "Agreed ad referendum")
    chair.told("Agreed ad referendum")
    rulings = [one.ruling for one in draft.amendment(amendment).decisions]
    assert rulings == [Ruling.NOT_RETAINED, Ruling.REOPENED, Ruling.AGREED_AD_REFERENDUM]
    assert alvania.text(place) == before


def test_paragraphs_are_split_moved_and_joined_under_those_who_type_in_them(stage: Stage, draft: Draft) -> None:
    """Nothing of a draft, of pending words, or of what is being typed is lost by what happens to paragraphs."""
    secretariat = stage.desk("secretariat", draft)
    alvania, bressay = stage.desk("alvania", draft), stage.desk("bressay", draft)
    place = draft.paragraph(NEED)
    pending = bressay.propose(place, "of those who ", "really ")
    alvania.type_at(place, "that broadband reaches ", "only ")
    alvania.saved()
    secretariat.put_caret(place, "that broadband reaches some")
    alvania.put_caret(place, "reaches only ")
    alvania.type("very ")
    chip(secretariat).get_by_role("button", name="Split here").click()
    alvania.type("few of ")
    alvania.saved()
    secretariat.until("id => stage.text(id) === 'that broadband reaches some'", place)
    alvania.sees(place, "that broadband reaches only very few of some")
    rest = draft.paragraph(" of those who really")
    assert bressay.run(rest, "really ").insertion == (pending,)

    order = [id for id, _ in secretariat.texts()]
    secretariat.paragraph_menu(place).get_by_role("button", name="Move up").click()
    alvania.until("order => stage.all().map(([id]) => id).join() === order.join()", moved_up(order, place))
    alvania.sees(place, "that broadband reaches only very few of some")
    secretariat.paragraph_menu(place).get_by_role("button", name="Move down").click()
    alvania.until("order => stage.all().map(([id]) => id).join() === order.join()", order)
    secretariat.paragraph_menu(place).get_by_role("button", name="Join with the next").click()
    alvania.sees(place, "that broadband reaches only very few of some of those who really need it;")
    alvania.saved()
    drafts = draft.document(ALVANIA)
    assert next(one.text for one in drafts.text if one.id == place) == alvania.text(place)
    (own,) = alvania.run(place, "only very few of ").insertion
    assert drafts.amendment(own) is not None
    alvania.submit(own)
    secretariat.sees(place, "only very few of ")


def test_an_editorial_correction_is_on_record_under_the_secretariat(stage: Stage, draft: Draft) -> None:
    secretariat, alvania = stage.desk("secretariat", draft), stage.desk("alvania", draft)
    place = draft.paragraph(SHARE)
    secretariat.select(place, "experience")
    chip(secretariat).get_by_role("button", name="Editorial correction").click()
    dialog = secretariat.page.get_by_role("dialog", name="Editorial correction")
    dialog.get_by_label("Shall read").fill("experiences")
    dialog.get_by_label("Note for the record").fill("As elsewhere.")
    dialog.get_by_role("button", name="Editorial correction").click()
    expect(dialog).to_be_hidden()
    alvania.reads(place, SHARE.replace("experience", "experiences"))
    (correction,) = draft.document().record.amendments.values()
    assert (correction.delegation, correction.kind, correction.status) == (
        SECRETARIAT,
        AmendmentKind.MOD,
        Status.AGREED,
    )


def test_who_is_suspended_has_no_open_page_left(house: House, stage: Stage, draft: Draft) -> None:
    """Sign-in, revoked: the page says so within a second, and what was typed is kept."""
    holm = stage.desk("holm", draft)
    page = stage.context().new_page()
    page.goto(f"{house.origin('administrator')}/people/holm")
    page.get_by_role("button", name="Suspend").click()
    try:
        expect(holm.page.locator("#connection-state")).to_have_text(re.compile("Closed"))
        expect(holm.page.locator(".offline-bar")).to_contain_text("signed out")
    finally:
        page.get_by_role("button", name="Let this person in again").click()


def chip(desk: Desk) -> Locator:
    """The menu of the paragraph with the caret, which keeps the selection."""
    desk.page.locator("button.paragraph-chip").click()
    menu = desk.page.locator("#paragraph-menu")
    expect(menu).to_be_visible()
    return menu


def moved_up(order: list[str], place: str) -> list[str]:
    """The order with one paragraph a place higher."""
    at = order.index(place)
    return [*order[: at - 1], place, order[at - 1], *order[at + 1 :]]
