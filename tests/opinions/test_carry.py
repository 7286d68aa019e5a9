"""Drafts over a text: carried in, taken off, and kept in place when the text moves (design: settled 8)."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opinions.carry import carry, drafts_of, follow, lifted, uncarry
from opinions.commands import JoinParagraph, MoveParagraph, SplitParagraph
from opinions.edits import Change, DropAmendment, PutAmendment, Shift, applied
from opinions.errors import OpinionError
from opinions.model import AmendmentId, Opinion, ParagraphId, characters
from opinions.record import Document, Status
from opinions.rules import without
from opinions.structure import join, move, split
from tests.support.builders import (
    addition,
    amendment,
    bracketed,
    document,
    em,
    ins,
    item,
    paragraph,
    removal,
    struck,
)
from tests.support.drafts import views

DRAFT = Status.DRAFT
A1, A2 = AmendmentId("a-1"), AmendmentId("a-2")
P1, P2, P3 = ParagraphId("par-1"), ParagraphId("par-2"), ParagraphId("par-3")


def carried(view: Document, onto: Document, *ids: str, rename: dict[AmendmentId, AmendmentId] | None = None) -> Opinion:
    edits = carry([AmendmentId(name) for name in ids], view, onto.text, rename)
    return applied(onto, edits).text


# --- into the Opinion ------------------------------------------------------------------------------------------------


def test_words_strikes_brackets_and_paragraphs_go_where_they_stand_in_the_view() -> None:
    onto = document(
        paragraph("par-1", "that some ", ins("a-9", "new "), "Members"), amendments=[amendment("a-9", "XAB")]
    )
    view = document(
        paragraph(
            "par-1",
            "that ",
            ins("a-1", "all ", em("the ")),
            struck("a-1", "some "),
            ins("a-9", "ne", ins("a-2", "x"), "w "),
            bracketed("a-1", "Members"),
        ),
        item("par-2", em("second"), added="a-1"),
        item("par-3", "third", added="a-1"),
        item("par-4", "fourth", added="a-2"),
        amendments=[amendment("a-9", "XAB"), addition("a-1", status=DRAFT), addition("a-2", status=DRAFT)],
    )
    assert carried(view, onto, "a-1") == Opinion(
        (
            paragraph(
                "par-1",
                "that ",
                ins("a-1", "all ", em("the ")),
                struck("a-1", "some "),
                ins("a-9", "new "),
                bracketed("a-1", "Members"),
            ),
            item("par-2", em("second"), added="a-1"),
            item("par-3", "third", added="a-1"),
        )
    )


def test_a_paragraph_added_at_the_start_goes_there() -> None:
    onto = document(paragraph("par-1", "one"))
    view = document(
        item("par-0", "zero", added="a-1"), paragraph("par-1", "one"), amendments=[addition("a-1", status=DRAFT)]
    )
    assert carried(view, onto, "a-1") == view.text


def test_a2_a_draft_that_revises_goes_in_under_the_submitted_id_and_really_deletes_its_words() -> None:
    onto = document(
        paragraph("par-1", "the ", ins("a-1", "very green "), "deal"),
        item("par-2", "second", added="a-1"),
        amendments=[addition("a-1")],
    )
    view = document(
        paragraph(
            "par-1", "the ", ins("a-1", struck("a-2", "very "), ins("a-2", "quite "), "green "), struck("a-2", "deal")
        ),
        item("par-2", "second", ins("a-2", " one"), added="a-1"),
        item("par-3", "third", ins("a-3", "!"), added="a-2"),
        amendments=[addition("a-1"), amendment("a-2", status=DRAFT), amendment("a-3", status=DRAFT)],
    )
    assert carried(view, onto, "a-2", rename={A2: A1}) == Opinion(
        (
            paragraph("par-1", "the ", ins("a-1", "quite green "), struck("a-1", "deal")),
            item("par-2", "second one", added="a-1"),
            item("par-3", "third!", added="a-1"),
        )
    )


def test_words_a_draft_strikes_in_a_paragraph_of_another_draft_do_not_go_along() -> None:
    view = document(
        item("par-3", "third", struck("a-2", " one"), added="a-1"),
        amendments=[addition("a-1", status=DRAFT), amendment("a-2", status=DRAFT)],
    )
    assert carried(view, document(), "a-1") == Opinion((item("par-3", "third", added="a-1"),))


def test_a_view_that_is_not_of_this_text_is_refused() -> None:
    view = document(paragraph("par-1", "one", ins("a-1", "x")), amendments=[amendment("a-1", status=DRAFT)])
    with pytest.raises(ValueError, match="par-1 differs"):
        carry([A1], view, document(paragraph("par-1", "two")).text)
    with pytest.raises(ValueError, match="at the end differs"):
        carry([A1], view, document(paragraph("par-1", "one"), paragraph("par-2", "two")).text)


@st.composite
def choices(draw: st.DrawFn) -> tuple[Document, frozenset[AmendmentId], frozenset[AmendmentId]]:
    """A view, its drafts, and some of them."""
    view = draw(views())
    drafts = drafts_of(view)
    return view, drafts, frozenset(draw(st.lists(st.sampled_from(sorted(drafts)), min_size=1, unique=True)))


@given(choices())
def test_carried_is_the_view_without_the_other_drafts(
    case: tuple[Document, frozenset[AmendmentId], frozenset[AmendmentId]],
) -> None:
    view, drafts, ids = case
    onto = replace(view, text=lifted(drafts, view.text))
    after = applied(onto, carry(ids, view, onto.text)).text
    assert after == lifted(drafts - ids, view.text)
    assert without(ids, after) == without(ids, onto.text)


@given(choices())
def test_taken_off_is_the_view_without_these_drafts(
    case: tuple[Document, frozenset[AmendmentId], frozenset[AmendmentId]],
) -> None:
    view, _, ids = case
    assert applied(view, uncarry(ids, view)).text == lifted(ids, view.text)


# --- following a text that moved -------------------------------------------------------------------------------------


def followed(view: Document, change: Change) -> Document:
    """The view after a change of the Opinion; at worst every draft is gone from what the change rebuilt."""
    ids = drafts_of(view)
    base = applied(replace(view, text=lifted(ids, view.text)), change.edits)
    rebuilt = {shift.source for shift in change.shifts} | {shift.target for shift in change.shifts}
    standing = {p.id: p for p in view.text if p.id not in rebuilt}
    merged = [standing.get(p.id, p) for p in base.text]
    for place, p in enumerate(view.text):
        if p.added in ids:
            before = {q.id for q in view.text.paragraphs[:place]}
            merged.insert(max((n + 1 for n, q in enumerate(merged) if q.id in before), default=0), p)
    after = replace(base, text=Opinion(tuple(merged)))
    return applied(after, follow(ids, view, change.shifts, after.text))


def in_a_view() -> Document:
    return document(
        paragraph("par-1", "one ", ins("a-1", "x"), "two ", struck("a-1", "thr", "ee "), ins("a-1", "y "), "four"),
        paragraph("par-2", ins("a-2", "z "), "five ", bracketed("a-2", "six")),
        paragraph("par-3", "seven"),
        amendments=[amendment("a-1", status=DRAFT), amendment("a-2", status=DRAFT)],
    )


def test_settled_8_drafts_follow_a_split() -> None:
    view = in_a_view()
    onto = replace(view, text=lifted(drafts_of(view), view.text))
    after = followed(view, split(SplitParagraph(P1, 10, ParagraphId("par-9")), onto))
    assert after.text.paragraphs[:2] == (
        paragraph("par-1", "one ", ins("a-1", "x"), "two ", struck("a-1", "th")),
        paragraph("par-9", struck("a-1", "ree "), ins("a-1", "y "), "four"),
    )


def test_settled_8_drafts_follow_a_join() -> None:
    view = in_a_view()
    onto = replace(view, text=lifted(drafts_of(view), view.text))
    after = followed(view, join(JoinParagraph(P1), onto))
    assert after.text.paragraphs[0] == paragraph(
        "par-1",
        *("one ", ins("a-1", "x"), "two ", struck("a-1", "three "), ins("a-1", "y "), "four"),
        *(ins("a-2", "z "), "five ", bracketed("a-2", "six")),
    )


def test_settled_8_drafts_follow_a_move() -> None:
    view = in_a_view()
    onto = replace(view, text=lifted(drafts_of(view), view.text))
    after = followed(view, move(MoveParagraph(P1, P3), onto))
    assert [p.id for p in after.text] == [P2, P3, P1]
    assert after.text.paragraphs[2] == view.text.paragraphs[0]


def test_drafts_in_an_empty_paragraph_follow_it() -> None:
    view = document(
        paragraph("par-1", "one"),
        paragraph("par-2", ins("a-1", "x")),
        amendments=[amendment("a-1", status=DRAFT)],
    )
    gone = Opinion((paragraph("par-1", "one"),))
    edits = follow({A1}, view, (Shift(P2, 0, 0, P1, 3),), gone)
    assert applied(replace(view, text=gone), edits).text == Opinion((paragraph("par-1", "one", ins("a-1", "x")),))
    still = Opinion((paragraph("par-2"), paragraph("par-1", "one")))
    edits = follow({A1}, view, (Shift(P2, 0, 0, P2, 0),), still)
    assert applied(replace(view, text=still), edits).text.paragraphs[0] == paragraph("par-2", ins("a-1", "x"))


def test_a_removal_drafted_of_a_paragraph_that_was_joined_away_is_dropped() -> None:
    view = document(
        paragraph("par-1", "one"),
        paragraph("par-2", " two"),
        amendments=[removal("a-1", paragraph="par-2", status=DRAFT)],
    )
    assert follow({A1}, view, (Shift(P2, 0, 4, P1, 3),), Opinion((paragraph("par-1", "one two"),))) == (
        DropAmendment(A1),
    )


def test_words_before_the_first_character_stay_before_it() -> None:
    view = document(paragraph("par-1", ins("a-1", "x"), "one"), amendments=[amendment("a-1", status=DRAFT)])
    same = Opinion((paragraph("par-1", "one"),))
    edits = follow({A1}, view, (Shift(P1, 0, 3, P1, 0),), same)
    assert applied(replace(view, text=same), edits).text == view.text


def test_strikes_on_characters_that_went_meanwhile_go_with_them() -> None:
    view = document(
        paragraph("par-1", "one", struck("a-1", " two"), " end"), amendments=[amendment("a-1", status=DRAFT)]
    )
    shorter = Opinion((paragraph("par-1", "one t"),))
    edits = follow({A1}, view, (Shift(P2, 0, 0, P1, 0),), shorter)
    assert applied(replace(view, text=shorter), edits).text == Opinion(
        (paragraph("par-1", "one", struck("a-1", " t")),)
    )


def test_i7_words_in_a_paragraph_that_is_gone_stay_in_the_drafts_record() -> None:
    view = document(
        paragraph("par-1", "one", ins("a-1", " more")),
        paragraph("par-2", "two", ins("a-1", " here")),
        amendments=[amendment("a-1", status=DRAFT), removal("a-2", paragraph="par-1", status=DRAFT)],
    )
    left = Opinion((paragraph("par-2", "two", ins("a-1", " here")),))
    edits = follow(drafts_of(view), view, (), left)
    assert [type(edit) for edit in edits] == [PutAmendment, DropAmendment]
    after = applied(replace(view, text=left), edits)
    kept = after.record.amendments[A1].removed
    assert [(entry.paragraph, entry.offset, entry.runs, entry.left) for entry in kept] == [
        (P1, 3, ins("a-1", " more"), "one")
    ]
    assert A2 not in after.record.amendments


def test_i7_a_draft_of_which_nothing_is_left_keeps_what_it_struck_once() -> None:
    view = document(paragraph("par-1", "one ", struck("a-1", "two")), amendments=[amendment("a-1", status=DRAFT)])
    left = Opinion((paragraph("par-1", "one "),))
    after = applied(replace(view, text=left), follow({A1}, view, (), left))
    assert [entry.runs for entry in after.record.amendments[A1].removed] == [struck("a-1", "two")]
    assert follow({A1}, after, (), left) == ()


def test_nothing_follows_where_nothing_moved() -> None:
    view = in_a_view()
    assert follow(drafts_of(view), view, (), view.text) == ()
    assert follow((), view, (), Opinion()) == ()
    assert follow({AmendmentId("a-unknown")}, view, (), view.text) == ()


@st.composite
def structure_commands(draw: st.DrawFn) -> tuple[Document, Change]:
    view = draw(views())
    base = replace(view, text=lifted(drafts_of(view), view.text))
    names = [p.id for p in base.text]
    assume(names)
    name = draw(st.sampled_from(names))
    length = len(base.text.paragraphs[base.text.index(name)].text)
    at, after = draw(st.integers(1, max(length - 1, 1))), draw(st.sampled_from((None, *names)))
    wanted: list[Callable[[], Change]] = [
        lambda: split(SplitParagraph(name, at, ParagraphId("par-new")), base),
        lambda: join(JoinParagraph(name), base),
        lambda: move(MoveParagraph(name, after), base),
    ]
    done = []
    for deed in wanted:
        with suppress(OpinionError):
            done.append(deed())
    assume(done)
    return view, draw(st.sampled_from(done))


@given(structure_commands())
def test_settled_8_no_draft_loses_a_word_or_a_mark_to_a_structure_command(case: tuple[Document, Change]) -> None:
    view, change = case
    drafts = drafts_of(view)
    after = followed(view, change)
    base = applied(replace(view, text=lifted(drafts, view.text)), change.edits)
    assert lifted(drafts, after.text) == base.text

    def cells(text: Opinion) -> Counter[object]:
        return Counter((character, frozenset(marks)) for p in text for character, marks in characters(p.runs))

    assert cells(after.text) == cells(view.text)
    assert after.record.amendments.keys() == view.record.amendments.keys()
