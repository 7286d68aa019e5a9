"""Marks of a view set right by the text it is a view of (opinions.alignment)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.alignment import aligned
from opinions.carry import lifted
from opinions.edits import InsertText, SetMark, applied
from opinions.model import AmendmentId, Mark, MarkKind, Opinion, Run
from opinions.record import Document
from tests.support.builders import ins, paragraph
from tests.support.strategies import documents

DRAFT = AmendmentId("a-draft0001")


@given(one=documents(), data=st.data())
def test_a_view_whose_marks_went_astray_is_set_right(one: Document, data: st.DataObject) -> None:
    """Whatever foreign marks the view gained or lost, it ends as the text with the drafts on it, drafts untouched."""
    view = text = one.text
    for each in text:
        length = len(each.text)
        at = data.draw(st.integers(0, length))
        words = InsertText(each.id, at, "draft", frozenset({Mark(MarkKind.INSERTION, DRAFT)}))
        view = applied(Document(view), [words]).text
        if length:
            start = data.draw(st.integers(0, length - 1))
            kinds = (MarkKind.DELETION, MarkKind.INSERTION, MarkKind.ORIGIN)
            mark = data.draw(st.sampled_from([*(Mark(kind, "a-foreign01") for kind in kinds), Mark(MarkKind.EM)]))
            on = data.draw(st.booleans())
            view = applied(Document(view), [SetMark(each.id, start, length, mark, on)]).text
            view = applied(Document(view), [SetMark(each.id, start, length, Mark(MarkKind.DELETION, DRAFT), True)]).text
    drafts = {DRAFT}
    for seen, true in zip(view, text, strict=True):
        mended = applied(Document(view), aligned(drafts, seen, true)).text.find(seen.id)
        assert mended is not None
        assert lifted(drafts, Opinion((mended,))) == Opinion((true,))
        assert mended.text == seen.text
        assert aligned(drafts, mended, true) == ()
        draft = next(run for run in mended.runs if run.proposed_by(drafts))
        assert {mark.id for mark in draft.marks} <= {DRAFT, ""}


@pytest.mark.parametrize("run", ["theirs mine ", "mine theirs ", "mi theirs ne"])
def test_words_that_continue_an_amendment_are_told_from_the_draft_they_landed_in(run: str) -> None:
    """They bring no mark of their own, and read as one with the draft's words. Found by the simulation (seed
    413643320).
    """
    known = ins("a-theirs001", "as before ")
    text = paragraph("par-0001", "The Forum ", known, ins("a-theirs001", "theirs "))
    view = paragraph("par-0001", "The Forum ", known, ins(DRAFT, run))
    mended = applied(Document(Opinion((view,))), aligned({DRAFT}, view, text)).text
    assert mended.paragraphs[0].text == view.text
    assert lifted({DRAFT}, mended) == Opinion((text,))
    assert aligned({DRAFT}, mended.paragraphs[0], text) == ()


def test_words_that_land_between_a_drafts_markers_are_still_the_opinions() -> None:
    """Another delegation submits at the very place where a draft stands. Found by the simulation (seed 242157945)."""
    theirs = ins("a-theirs001", "their words ")
    text = paragraph("par-0001", "Th", theirs, "e Forum")
    both = Run("their words ", frozenset({Mark(MarkKind.INSERTION, "a-theirs001"), Mark(MarkKind.INSERTION, DRAFT)}))
    for view in (
        paragraph("par-0001", "Th", (both,), ins(DRAFT, "a draft "), "e Forum"),
        paragraph("par-0001", "Th", ins(DRAFT, "a draft "), (both,), "e Forum"),
        paragraph("par-0001", "Th", ins(DRAFT, "their "), (both,), ins(DRAFT, "words "), "e Forum"),
    ):
        edits = aligned({DRAFT}, view, text)
        mended = applied(Document(Opinion((view,))), edits).text
        assert lifted({DRAFT}, mended) == Opinion((text,))
        assert aligned({DRAFT}, mended.paragraphs[0], text) == ()


@pytest.mark.parametrize("words", ["other words", "the word", "the words and more"])
def test_other_characters_are_never_overwritten(words: str) -> None:
    with pytest.raises(ValueError, match="view"):
        aligned(set(), paragraph("par-0001", words), paragraph("par-0001", "the words"))
