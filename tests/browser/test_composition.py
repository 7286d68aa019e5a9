"""Words made with an input method while others change the very place (acceptance scenario 5)."""

from playwright.sync_api import CDPSession

from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, Draft, Stage

ALVANIA = "XAL"
HELLO = "\u4f60\u597d"


def test_a_composition_ends_in_the_chosen_characters_whatever_others_do_there(stage: Stage, draft: Draft) -> None:
    """Scenario 5: no Latin residue; others' edits wait for its end and are then all there."""
    chair, alvania, bressay = stage.live(draft, "alvania", "bressay")
    place = draft.paragraph(ACCESS)
    keys = keyboard_of(alvania)
    alvania.put_caret(place, "to support ")
    compose(keys, "n")
    compose(keys, "ni")

    bressay.type_at(place, "to support ", "quick ")
    bressay.strike(place, "affordable ")
    bressay.type_at(place, "to support quick ", "cheap ")
    bressay.saved()
    chair.sees(place, "quick cheap ")
    assert "quick" not in alvania.text(place)
    compose(keys, "niha")
    compose(keys, "nihao")
    assert "nihao" in alvania.text(place)
    keys.send("Input.insertText", {"text": HELLO})

    for desk in (chair, alvania, bressay):
        desk.sees(place, HELLO)
        desk.sees(place, "quick cheap ")
    alvania.saved()
    text = chair.text(place)
    for desk in (alvania, bressay):
        desk.reads(place, text)
        assert not {"n", "ni", "nihao"} & set(text.replace(HELLO, " ").split())
        (amendment,) = desk.run(place, HELLO).insertion
        assert draft.amendment(amendment).delegation == ALVANIA
        assert any(one.deletion for one in desk.runs(place) if "affordable" in one.text)
    assert next(one.text for one in draft.document().text if one.id == place) == text
    alvania.type(" and ")
    bressay.sees(place, f"{HELLO} and ")


def test_a_composition_over_pending_words_of_another_leaves_them(stage: Stage, draft: Draft) -> None:
    """A word composed in the middle of another delegation's pending word takes nothing of it away."""
    _, alvania, bressay = stage.live(draft, "alvania", "bressay")
    place = draft.paragraph(ACCESS)
    bressay.type_at(place, "to support ", "universal ")
    (theirs,) = bressay.run(place, "universal ").insertion
    alvania.sees(place, "universal ")
    keys = keyboard_of(alvania)
    alvania.put_caret(place, "to support uni")
    compose(keys, "ni")
    compose(keys, "nihao")
    bressay.put_caret(place, "to support universal ")
    bressay.type("x")
    keys.send("Input.insertText", {"text": HELLO})

    bressay.sees(place, f"uni{HELLO}versal ")
    alvania.sees(place, f"uni{HELLO}versal x")
    bressay.sees(place, f"uni{HELLO}versal x")
    alvania.saved()
    for desk in (alvania, bressay):
        assert desk.run(place, HELLO).insertion != (theirs,)
        assert [one.text for one in desk.runs(place) if one.insertion == (theirs,)] == ["uni", "versal x"]


def keyboard_of(desk: Desk) -> CDPSession:
    """The way by which an input method reaches the page."""
    return desk.page.context.new_cdp_session(desk.page)


def compose(keys: CDPSession, text: str) -> None:
    """What stands underlined while the person still chooses."""
    keys.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
