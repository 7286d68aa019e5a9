"""Clean text means agreed text (I8, C1), and what stands in its way (C2)."""

from dataclasses import replace

import pytest
from hypothesis import given

from opinions.brackets import BracketKind, open_brackets
from opinions.clean import Obstacle, clean, obstacles, require_clean, settled
from opinions.errors import NotClean
from opinions.model import Kind, Mark, MarkKind, Opinion, Paragraph, Run, joined
from opinions.record import AmendmentKind, Document, ParagraphState, Record, Status
from opinions.rules import without
from opinions.views import Segment, SegmentKind, ViewParagraph, named, withheld
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    bracket,
    bracketed,
    document,
    em,
    ins,
    item,
    noteref,
    paragraph,
    removal,
    struck,
    verb,
)
from tests.support.strategies import documents

GLYPHS = (SegmentKind.OPEN, SegmentKind.CLOSE)


def shown(whole: Document) -> list[str]:
    return [row.text for row in clean(whole, named)]


def words(row: ViewParagraph) -> str:
    return "".join(segment.text for segment in row.segments if segment.kind is SegmentKind.TEXT)


# --- the view (C1, I8) ---


def test_c1_insertions_are_out_struck_words_in_bracketed_words_in_between_brackets() -> None:
    whole = document(
        paragraph("p-1", "that ", ins("a-1", "all "), struck("a-2", "some "), bracketed("b-1", "Member", " States")),
        paragraph("p-2", "not yet", added="a-3"),
        paragraph("p-3", "stays"),
        amendments=[
            amendment("a-1"),
            amendment("a-2"),
            bracket("b-1"),
            addition("a-3"),
            removal("a-4", paragraph="p-3"),
        ],
    )
    assert shown(whole) == ["that some [Member States]", "stays"]


def test_c1_brackets_nest_and_span_paragraphs() -> None:
    whole = document(
        paragraph("p-1", "a ", bracketed("b-1", "b ", bracketed("b-2", "c"))),
        paragraph("p-2"),
        paragraph("p-3", bracketed("b-1", "d"), bracketed("b-3", "e")),
        amendments=[bracket("b-1"), bracket("b-2"), bracket("b-3")],
    )
    assert shown(whole) == ["a [b [c]", "", "d][e]"]


def test_c1_a_bracket_round_pending_words_alone_is_gone_with_them() -> None:
    whole = document(
        paragraph("p-1", "a", bracketed("b-1", ins("a-1", "b"))), amendments=[amendment("a-1"), bracket("b-1")]
    )
    assert shown(whole) == ["a"]
    assert [each.id for each in open_brackets(whole)] == ["b-1", "a-1"], "but it is still open"


def test_c1_a_bracket_keeps_its_place_when_words_at_its_ends_are_out() -> None:
    inside = bracketed("b-1", ins("a-1", "x "), "kept", ins("a-1", " y"))
    whole = document(paragraph("p-1", "a ", inside, " b"), amendments=[amendment("a-1"), bracket("b-1")])
    assert shown(whole) == ["a [kept] b"]


def test_c1_segments_carry_italics_footnotes_and_who_holds_a_bracket() -> None:
    whole = document(
        paragraph("p-1", em("noting"), noteref("p-9", "1"), bracketed("b-1", agreed("a-1", "all"), " of")),
        amendments=[bracket("b-1", "XAA", sponsors=("XAB",)), amendment("a-1", status=Status.AGREED)],
        labels={"p-1": "a)"},
        states={"p-1": ParagraphState.AGREED},
    )
    (row,) = clean(whole, named)
    identity = (whole.record.amendments[bracket("b-1").id].id,)
    assert row.segments == (
        Segment("noting", em=True),
        Segment("1", noteref=paragraph("p-9").id),
        Segment("[", SegmentKind.OPEN, identity, ("XAA", "XAB")),
        Segment("all of"),
        Segment("]", SegmentKind.CLOSE, identity, ("XAA", "XAB")),
    )
    assert (row.label, row.state, row.added, row.removal) == ("a)", ParagraphState.AGREED, None, ())
    assert all(segment.parties == () for segment in clean(whole, withheld)[0].segments)


def test_c1_drafts_are_not_before_the_meeting() -> None:
    whole = document(
        paragraph("p-1", bracketed("b-1", "all"), ins("a-1", " x"), struck("a-2", " Members")),
        amendments=[bracket("b-1", status=Status.DRAFT), amendment("a-1", status=Status.DRAFT), amendment("a-2")],
    )
    assert shown(whole) == ["all Members"]


def test_i8_what_is_marked_as_inserted_never_gets_through_whatever_the_record_says() -> None:
    whole = document(
        paragraph("p-1", "a", ins("a-1", "b"), bracketed("b-1", "c")),
        paragraph("p-2", "d", added="a-2"),
        amendments=[amendment("a-1", status=Status.AGREED), addition("a-2"), bracket("b-1")],
    )
    assert shown(whole) == ["a[c]"]
    unrecorded = replace(whole, record=Record())
    assert shown(unrecorded) == ["a[c]"]
    assert clean(unrecorded, named)[0].segments[1].parties == ()


@given(documents(brackets=True))
def test_i8_no_open_insertion_and_every_struck_word(whole: Document) -> None:
    """By the marks of each character, whatever brackets are among the letters."""
    expected = [
        (p.id, "".join(run.text for run in p.runs if run.insertion is None)) for p in whole.text if p.added is None
    ]
    assert [(row.id, words(row)) for row in clean(whole, named)] == expected


@given(documents(brackets=True, decided=False))
def test_c1_it_is_without_every_open_amendment_but_brackets(whole: Document) -> None:
    lifted = {
        entry.id
        for entry in whole.record.amendments.values()
        if entry.open and (entry.kind is not AmendmentKind.BRACKET or entry.status is Status.DRAFT)
    }
    assert settled(whole).text == without(lifted, whole.text)


@given(documents(brackets=True))
def test_c1_glyphs_are_those_of_the_explicit_brackets(whole: Document) -> None:
    rows = clean(whole, named)
    glyphs = [segment for row in rows for segment in row.segments if segment.kind in GLYPHS]
    public = {
        mark.id for p in settled(whole).text for run in p.runs for mark in run.marks if mark.kind is MarkKind.BRACKET
    }
    assert {segment.amendments[0] for segment in glyphs} == public
    assert len(glyphs) == 2 * len(public)
    listed = {each.id for each in open_brackets(whole)}
    assert public <= listed


@given(documents())
def test_i8_refusing_everything_leaves_the_settled_text(whole: Document) -> None:
    """Refused: insertions and added paragraphs out, strikes lifted. Brackets stay what they are."""
    refused = [replace(p, runs=lifted(p, MarkKind.INSERTION, taken=False)) for p in whole.text if p.added is None]
    assert [words(row) for row in clean(whole, named)] == [p.text for p in refused]


@given(documents())
def test_i8_agreeing_to_everything_gives_all_that_was_proposed(whole: Document) -> None:
    """Agreed: insertions are origin, struck words gone, added paragraphs in (D1)."""
    taken = [replace(p, runs=lifted(p, MarkKind.INSERTION, taken=True), added=None) for p in whole.text]
    proposed = [
        "".join(run.text for run in p.runs if not any(m.kind is MarkKind.DELETION for m in run.marks))
        for p in whole.text
    ]
    after = replace(whole, text=Opinion(tuple(taken)))
    assert [words(row) for row in clean(after, named)] == proposed


def lifted(p: Paragraph, kind: MarkKind, *, taken: bool) -> tuple[Run, ...]:
    """The runs after a decision on everything in them, spelled out run by run."""
    result = []
    for run in p.runs:
        strikes = {mark for mark in run.marks if mark.kind is MarkKind.DELETION}
        inserted = {mark for mark in run.marks if mark.kind is kind}
        if (taken and strikes) or (not taken and inserted):
            continue
        origin = {Mark(MarkKind.ORIGIN, mark.id) for mark in inserted}
        result.append(Run(run.text, run.marks - strikes - inserted | origin))
    return joined(result)


# --- what stands in the way (C2) ---

NEGOTIATED = document(
    verb("p-1", "recognizing"),
    item("p-2", "that ", bracketed("b-1", "shall")),
    item("p-3", bracketed("b-2", "X")),
    item("p-4", bracketed("b-1", "over two"), "."),
    item("p-5", "new", added="a-1"),
    paragraph("p-6", struck("a-2", "old"), kind=Kind.FOOTNOTE),
    amendments=[bracket("b-1"), bracket("b-2", source="placeholder"), addition("a-1"), amendment("a-2")],
    labels={"p-2": "a)", "p-3": "b)", "p-4": "c)", "p-5": "c bis)"},
    states={name: ParagraphState.OPEN for name in ("p-1", "p-2", "p-3", "p-6")},
)


def test_c2_everything_open_and_every_paragraph_never_considered_is_listed_in_reading_order() -> None:
    found = obstacles(NEGOTIATED)
    assert [each.message for each in found] == [
        "*recognizing* a): open bracket “shall…”",
        "*recognizing* b): placeholder “X”",
        "*recognizing* c): never considered",
        "*recognizing* c bis): paragraph proposed or proposed to be deleted “new”",
        "footnote: words proposed to be deleted “old”",
    ]
    first = NEGOTIATED.text.paragraphs[1].id
    assert found[0] == Obstacle(first, "*recognizing* a)", BracketKind.BRACKET, "shall…", bracket("b-1").id)
    assert found[2] == Obstacle(NEGOTIATED.text.paragraphs[3].id, "*recognizing* c)")


def test_c2_clean_text_with_obstacles_is_refused_with_their_list() -> None:
    with pytest.raises(NotClean) as refusal:
        require_clean(NEGOTIATED)
    assert refusal.value.code == "not-clean"
    assert "open in 4 places, 1 paragraphs never considered" in refusal.value.message
    assert "*recognizing* a): open bracket “shall…”" in refusal.value.message


def test_c2_a_long_list_is_cut_in_the_message_alone() -> None:
    whole = document(*(paragraph(f"p-{number}", "x") for number in range(25)))
    with pytest.raises(NotClean) as refusal:
        require_clean(whole)
    assert refusal.value.message.endswith("and 5 more")
    assert len(obstacles(whole)) == 25


def test_c2_agreed_text_is_clean() -> None:
    whole = document(
        paragraph("p-1", "agreed [sic]"),
        paragraph("p-2", "ad referendum"),
        amendments=[amendment("a-1", paragraph="p-1", status=Status.NOT_RETAINED)],
        states={"p-1": ParagraphState.AGREED, "p-2": ParagraphState.AGREED_AD_REFERENDUM},
    )
    assert obstacles(whole) == ()
    require_clean(whole)


@given(documents())
def test_c2_a_text_is_clean_when_nothing_is_open_and_all_is_considered(whole: Document) -> None:
    open_ids = {each.id for each in open_brackets(whole)}
    base = {p.id for p in whole.text if p.added is None and whole.record.paragraph(p.id).state is ParagraphState.BASE}
    found = obstacles(whole)
    assert {each.amendment for each in found if each.amendment} == open_ids
    assert {each.paragraph for each in found if each.kind is None} == base
    if not found:
        assert not any(segment.kind in GLYPHS for row in clean(whole, named) for segment in row.segments)


def test_c2_a_bracket_letter_without_partner_is_listed_and_balanced_ones_are_not() -> None:
    whole = document(
        paragraph("p-1", "they said [sic], note [1", "] and so on"),
        paragraph("p-2", "be run[, always"),
        paragraph("p-3", "left ", bracketed("b-1", "in [ a bracket")),
        amendments=[bracket("b-1")],
    )
    stray = [each for each in obstacles(whole) if each.stray]
    assert [(each.paragraph, each.stray, each.words) for each in stray] == [("p-2", "[", "be run[, always")]
    assert "“[” without a partner" in stray[0].message
    with pytest.raises(NotClean, match="1 bracket letter without a partner"):
        require_clean(whole)
