"""A freeze while people type, one of them on a slow line (acceptance scenario 6)."""

import hashlib
import json

from playwright.sync_api import expect

from opinions.record import Status
from tests.browser.stage import ACCESS, NEED, REPORT, Draft, House, Stage, without_blanks
from tests.support.waiting import wait_until

FROM_ALVANIA, FROM_CORVARA, FROM_BRESSAY = "alvanian ", "corvaran ", "bressayan "
SLOW_SECONDS = 2.0
LABEL = "Text at close of IEG-3"


def test_a_freeze_is_a_cut_and_late_words_stay_pending(house: House, stage: Stage, draft: Draft) -> None:
    """Scenario 6, I6: who is sending is named; acknowledged words are in it, later ones are pending after it."""
    chair, alvania, bressay, corvara = stage.live(
        draft, "alvania", "bressay", "corvara", own_lines=frozenset({"bressay"})
    )
    places = [draft.paragraph(words) for words in (ACCESS, NEED, REPORT)]
    assert bressay.line is not None
    bressay.line.seconds = SLOW_SECONDS
    dialog = chair.open_freeze()
    alvania.type_at(places[0], "to support ", FROM_ALVANIA)
    corvara.type_at(places[1], "that ", FROM_CORVARA)
    for desk in (alvania, corvara):
        desk.saved()
    sending = dialog.get_by_text("Still sending:")
    expect(sending).to_contain_text("XAL")
    expect(sending).to_contain_text("XCO")
    bressay.put_caret(places[2], "to report ")
    bressay.type(FROM_BRESSAY)
    dialog.get_by_label("Name of the version").fill(LABEL)
    dialog.get_by_role("button", name="Freeze", exact=True).click()

    for desk in (chair, alvania, bressay, corvara):
        desk.told(LABEL)
    bressay.saved()
    chair.sees(places[2], FROM_BRESSAY)
    version = house.books.version(draft.id, 1)
    assert FROM_ALVANIA in version["text"]
    assert FROM_CORVARA in version["text"]
    assert FROM_BRESSAY.strip() not in version["text"]
    log = draft.log()
    frozen = next(one.seq for one in log if one.kind == "freeze")
    assert frozen == version["seq"] + 1
    assert {one.member for one in log if one.seq > frozen and one.kind == "update"} == {"bressay"}
    for place, words in zip(places, (FROM_ALVANIA, FROM_CORVARA, FROM_BRESSAY), strict=True):
        (amendment,) = chair.run(place, words).insertion
        assert draft.amendment(amendment).status is Status.SUBMITTED
    assert draft.document().record.opinion.draft == 2
    for desk in (chair, alvania, bressay, corvara):
        expect(desk.page.locator(".head-facts")).to_contain_text("Second draft")

    fingerprint = version["fingerprint"]
    browsers = {"chair", "alvania", "corvara"}
    wait_until(lambda: browsers <= dict(house.books.checks(draft.id, 1)).keys(), "the browsers' own fingerprints")
    assert all(matches for _, matches in house.books.checks(draft.id, 1))
    with house.caller("alvania") as caller:
        canonical = caller.get(f"/opinions/{draft.id}/versions/1/canonical.txt").content
        exported = caller.get(f"/opinions/{draft.id}/export?version=1&view=rolling&format=json").text
        page = caller.get(f"/opinions/{draft.id}/versions/1").text
    assert hashlib.sha256(canonical).hexdigest() == fingerprint == json.loads(exported)["fingerprint"]
    assert without_blanks(" ".join(fingerprint[at : at + 4] for at in range(0, 16, 4))) in without_blanks(page)


def test_who_looks_at_the_dialog_while_another_freezes_makes_no_second_version(
    house: House, stage: Stage, draft: Draft
) -> None:
    """V9: two people record one ruling; the dialog says that it is done, and does nothing until it is opened anew."""
    (chair,) = stage.live(draft)
    dialog = chair.open_freeze()
    clerk = stage.desk("secretariat", draft)
    clerk.freeze(LABEL)
    chair.told(LABEL)
    expect(dialog.get_by_role("alert")).to_contain_text("The first draft was frozen meanwhile")
    expect(dialog.get_by_role("button", name="Freeze", exact=True)).to_be_disabled()
    assert draft.document().record.opinion.draft == 2
    dialog.get_by_role("button", name="Cancel").click()
    chair.freeze("Second text")
    assert draft.document().record.opinion.draft == 3


def test_a_frozen_page_never_changes(house: House, stage: Stage, draft: Draft) -> None:
    """I6: the version's page reads the same after the living draft has gone on."""
    chair, alvania = stage.live(draft, "alvania")
    place = draft.paragraph(ACCESS)
    alvania.type_at(place, "to support ", FROM_ALVANIA)
    alvania.saved()
    (amendment,) = alvania.run(place, FROM_ALVANIA).insertion
    chair.sees(place, FROM_ALVANIA)
    chair.freeze(LABEL)
    reader = stage.context().new_page()
    address = f"{house.origin('observer')}/opinions/{draft.id}/versions/1"
    reader.goto(address)
    frozen = reader.locator("article.sheet").inner_text()
    assert FROM_ALVANIA.strip() in frozen
    assert "Frozen: version 1" in reader.locator(".version-head").inner_text()

    chair.outcome(amendment, "Not retained")
    alvania.until("([id, words]) => !stage.text(id).includes(words)", [place, FROM_ALVANIA])
    reader.reload()
    assert reader.locator("article.sheet").inner_text() == frozen
    assert FROM_ALVANIA.strip() not in chair.view("Text with square brackets")
