"""Undo and redo: one's own typing, and nothing else."""

from opinions.model import ParagraphId
from tests.browser.desk import Desk, Run
from tests.browser.stage import REPORT, Draft, Stage

UNDO, REDO, REDO_TOO = "Control+z", "Control+Shift+z", "Control+y"
MOST_STEPS = 12
"""What is typed in one go is a step; a slow machine makes several of it, at most one for each key."""


def test_undo_beside_the_words_of_others_takes_ones_own_alone(stage: Stage, draft: Draft) -> None:
    """In live drafting, with another's words before and after, typed before and since."""
    _, alvania, bressay = stage.live(draft, "alvania", "bressay")
    place = draft.paragraph(REPORT)
    theirs = REPORT.replace("to report ", "to report fully and freely ")
    bressay.type_at(place, "to report ", "fully ")
    alvania.sees(place, "fully ")
    alvania.type_at(place, "to report ", "always ")
    bressay.sees(place, "always ")
    bressay.type_at(place, "fully ", "and freely ")
    alvania.sees(place, "and freely ")
    alvania.text_box.focus()
    for _ in range(MOST_STEPS):
        alvania.page.keyboard.press(UNDO)
    for desk in (alvania, bressay):
        desk.reads(place, theirs)
    alvania.saved()
    assert next(one.text for one in draft.document().text if one.id == place) == theirs


def test_undo_and_redo_of_a_draft_end_with_submit(stage: Stage, draft: Draft) -> None:
    """Typed, struck, undone, redone; what is submitted is no longer one's own to undo."""
    alvania, bressay = stage.desk("alvania", draft), stage.desk("bressay", draft)
    place = draft.paragraph(REPORT)
    alvania.type_at(place, "to report ", "always ")
    alvania.strike(place, "every year")
    alvania.until("([id]) => stage.runs(id).some((run) => run.deletion.length > 0)", [place])
    done = alvania.runs(place)
    press_until(alvania, UNDO, place, [Run(REPORT)])
    press_until(alvania, REDO, place, done)
    press_until(alvania, UNDO, place, [Run(REPORT)])
    press_until(alvania, REDO_TOO, place, done)
    alvania.saved()
    (amendment,) = alvania.run(place, "always ").insertion
    alvania.submit(amendment)
    bressay.sees(place, "always ")
    before = alvania.text(place)
    alvania.text_box.focus()
    for _ in range(MOST_STEPS):
        alvania.page.keyboard.press(UNDO)
    alvania.saved()
    alvania.reads(place, before)
    bressay.reads(place, before)


def press_until(desk: Desk, key: str, place: ParagraphId, wanted: list[Run]) -> None:
    """Press a key, step by step, until the paragraph is as it should be."""
    for _ in range(MOST_STEPS):
        desk.page.keyboard.press(key)
        if desk.runs(place) == wanted:
            return
    raise AssertionError(f"{key} leads to {desk.runs(place)}")
