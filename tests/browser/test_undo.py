"""Undo and redo: one's own typing, and nothing else."""

from tests.browser.stage import REPORT, Draft, Stage


def test_undo_beside_the_words_of_others_takes_ones_own_alone(stage: Stage, draft: Draft) -> None:
    """In live drafting, with another's words before and after, typed before and since."""
    _, alvania, bressay = stage.live(draft, "alvania", "bressay")
    place = draft.paragraph(REPORT)
    theirs = REPORT.replace("to report ", "to report fully and freely ")
    bressay.type_at(place, "to report ", "fully ")
    alvania.sees(place, "fully ")
    alvania.type_at(place, "to report ", "always ")
    bressay.type_at(place, "fully ", "and freely ")
    alvania.sees(place, "and freely ")
    alvania.text_box.focus()
    for _ in range(4):
        alvania.page.keyboard.press("Control+z")
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
    alvania.page.keyboard.press("Control+z")
    alvania.until("([id]) => stage.runs(id).every((run) => run.deletion.length === 0)", [place])
    alvania.page.keyboard.press("Control+z")
    alvania.reads(place, REPORT)
    alvania.page.keyboard.press("Control+Shift+z")
    alvania.sees(place, "always ")
    alvania.page.keyboard.press("Control+y")
    alvania.until("([id]) => stage.runs(id).some((run) => run.deletion.length > 0)", [place])
    alvania.saved()
    (amendment,) = alvania.run(place, "always ").insertion
    alvania.submit(amendment)
    bressay.sees(place, "always ")
    before = alvania.text(place)
    alvania.text_box.focus()
    for _ in range(3):
        alvania.page.keyboard.press("Control+z")
    alvania.saved()
    alvania.reads(place, before)
    bressay.reads(place, before)
