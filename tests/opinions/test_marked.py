"""Revision marks (M1): every character with what is proposed of it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from opinions.brackets import borders
from opinions.marked import marked
from opinions.model import AmendmentId, MarkKind
from opinions.record import AmendmentKind, Document, Record, Status
from opinions.rules import without
from opinions.views import Segment, SegmentKind, named, withheld
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    bracket,
    bracketed,
    document,
    em,
    ins,
    paragraph,
    removal,
    struck,
)
from tests.support.strategies import documents

A1, A2, B1 = AmendmentId("a-1"), AmendmentId("a-2"), AmendmentId("b-1")


def drafts_of(whole: Document) -> frozenset[AmendmentId]:
    return frozenset(entry.id for entry in whole.record.amendments.values() if entry.status is Status.DRAFT)


def test_m1_words_are_inserted_struck_bracketed_each_with_its_parties() -> None:
    whole = document(
        paragraph("p-1", "that ", ins("a-1", "all "), struck("a-2", em("some "), "of "), bracketed("b-1", "us")),
        amendments=[amendment("a-1", "XAA", sponsors=("XAB",)), amendment("a-2", "XAC"), bracket("b-1", "XAB")],
        labels={"p-1": "a)"},
    )
    (row,) = marked(whole, named)
    assert row.label == "a)"
    assert row.segments == (
        Segment("that "),
        Segment("all ", SegmentKind.INSERTED, (A1,), ("XAA", "XAB")),
        Segment("some ", SegmentKind.DELETED, (A2,), ("XAC",), em=True),
        Segment("of ", SegmentKind.DELETED, (A2,), ("XAC",)),
        Segment("[", SegmentKind.OPEN, (B1,), ("XAB",)),
        Segment("us"),
        Segment("]", SegmentKind.CLOSE, (B1,), ("XAB",)),
    )
    assert all(segment.parties == () for segment in marked(whole, withheld)[0].segments)


def test_m1_striking_anothers_pending_words_names_both() -> None:
    whole = document(
        paragraph("p-1", ins("a-1", "all ", struck("a-2", "willing"))),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB")],
    )
    assert marked(whole, named)[0].segments == (
        Segment("all ", SegmentKind.INSERTED, (A1,), ("XAA",)),
        Segment("willing", SegmentKind.DELETED, (A2,), ("XAB",), inserted_by=A1),
    )


def test_m1_several_strikes_on_one_word_stand_in_the_order_of_their_age() -> None:
    whole = document(
        paragraph("p-1", struck("a-1", struck("a-2", "all"))),
        amendments=[amendment("a-1", "XAA", created=2), amendment("a-2", "XAB", created=1, sponsors=("XAA",))],
    )
    (segment,) = marked(whole, named)[0].segments
    assert (segment.amendments, segment.parties) == ((A2, A1), ("XAB", "XAA"))


def test_m1_agreed_words_are_text() -> None:
    whole = document(paragraph("p-1", "a ", agreed("a-1", "b")), amendments=[amendment("a-1", status=Status.AGREED)])
    assert marked(whole, named)[0].segments == (Segment("a b"),)


def test_m1_added_paragraphs_and_proposals_to_remove_are_flagged() -> None:
    whole = document(
        paragraph("p-1", "new", added="a-1"),
        paragraph("p-2", "old"),
        amendments=[
            addition("a-1"),
            removal("a-3", "XAC", paragraph="p-2", created=3),
            removal("a-2", "XAB", paragraph="p-2", created=2),
            removal("a-4", "XAB", paragraph="p-2", status=Status.WITHDRAWN),
            removal("a-5", "XAB", paragraph="p-2", status=Status.DRAFT),
        ],
    )
    first, second = marked(whole, named)
    assert (first.added, first.removal) == (A1, ())
    assert (second.added, second.removal) == (None, (A2, "a-3"))
    assert marked(whole, named, drafts=True)[1].removal == ("a-5", A2, "a-3")


def test_m1_brackets_are_drawn_inside_words_and_at_the_ends() -> None:
    whole = document(
        paragraph("p-1", "Opinion", bracketed("b-1", "s"), " ", ins("a-1", bracketed("b-1", "x"), "y")),
        amendments=[amendment("a-1"), bracket("b-1")],
    )
    assert marked(whole, named)[0].text == "Opinion[s x]y"


def test_m1_marks_nobody_has_on_record_are_shown_without_a_name() -> None:
    whole = document(paragraph("p-1", struck("a-1", ins("a-2", "x"))), amendments=[amendment("a-1"), amendment("a-2")])
    (segment,) = marked(replace(whole, record=Record()), named)[0].segments
    assert segment == Segment("x", SegmentKind.DELETED, (A1,), (), inserted_by=A2)


@given(documents(brackets=True), st.booleans())
def test_m1_nothing_is_left_out_but_drafts(whole: Document, drafts: bool) -> None:
    expected = whole.text if drafts else without(drafts_of(whole), whole.text)
    rows = marked(whole, named, drafts=drafts)
    glyphs = (SegmentKind.OPEN, SegmentKind.CLOSE)
    assert [(row.id, row.added) for row in rows] == [(p.id, p.added) for p in expected]
    for row, p in zip(rows, expected, strict=True):
        assert "".join(s.text for s in row.segments if s.kind not in glyphs) == p.text
        told = [
            (character, segment.kind, segment.amendments, segment.inserted_by, segment.em)
            for segment in row.segments
            if segment.kind not in glyphs
            for character in segment.text
        ]
        cells = [(character, run) for run in p.runs for character in run.text]
        for (character, kind, amendments, inserter, emphasis), (wanted, of) in zip(told, cells, strict=True):
            struck_by = of.ids(MarkKind.DELETION)
            assert character == wanted
            assert emphasis == any(mark.kind is MarkKind.EM for mark in of.marks)
            if struck_by:
                assert (kind, frozenset(amendments), inserter) == (SegmentKind.DELETED, struck_by, of.insertion)
            elif of.insertion:
                assert (kind, amendments, inserter) == (SegmentKind.INSERTED, (of.insertion,), None)
            else:
                assert (kind, amendments, inserter) == (SegmentKind.TEXT, (), None)


@given(documents())
def test_m1_glyphs_stand_where_the_brackets_do(whole: Document) -> None:
    shown = Document(without(drafts_of(whole), whole.text), whole.record)
    for row in marked(whole, named):
        offset, found = 0, []
        for segment in row.segments:
            if segment.kind in (SegmentKind.OPEN, SegmentKind.CLOSE):
                found.append((offset, segment.amendments[0], segment.kind is SegmentKind.OPEN))
            else:
                offset += len(segment.text)
        assert found == [(b.at, b.bracket, b.opens) for b in borders(shown).get(row.id, ())]


@given(documents())
def test_m1_every_amendment_with_marks_is_shown_and_no_draft(whole: Document) -> None:
    hidden = drafts_of(whole)
    rows = marked(whole, named)
    told = {name for row in rows for segment in row.segments for name in segment.amendments}
    told |= {segment.inserted_by for row in rows for segment in row.segments if segment.inserted_by}
    told |= {row.added for row in rows if row.added} | {name for row in rows for name in row.removal}
    assert not told & hidden
    shown = without(hidden, whole.text)
    carried = {
        mark.id
        for p in shown
        for run in p.runs
        for mark in run.marks
        if mark.kind in (MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET)
    }
    present = {p.id for p in shown}
    removals = {
        entry.id
        for entry in whole.record.amendments.values()
        if entry.kind is AmendmentKind.SUP and entry.open and entry.paragraph in present and entry.id not in hidden
    }
    assert told == carried | removals | {p.added for p in shown if p.added}
