"""Brackets: extents, nesting, un-crossing (T4), and the list of what is open (B1)."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from opinions.brackets import (
    Border,
    BracketKind,
    Extent,
    Nest,
    OpenBracket,
    alternatives,
    borders,
    extents,
    holders,
    is_placeholder,
    open_brackets,
    tree,
    uncrossed,
)
from opinions.edits import Edit, PutAmendment, SetMark, applied
from opinions.model import AmendmentId, Mark, MarkKind
from opinions.record import SECRETARIAT, Attitude, Document, Stance, Status
from opinions.rules import interferes, open_ids
from tests.support.builders import (
    addition,
    amendment,
    at,
    bracket,
    bracketed,
    document,
    ins,
    item,
    paragraph,
    removal,
    struck,
)
from tests.support.strategies import documents


def drawn(whole: Document) -> list[str]:
    """The paragraphs with their brackets as glyphs, each followed by the last character of its id."""
    result = []
    for p in whole.text:
        text, done = "", 0
        for border in borders(whole).get(p.id, ()):
            text += p.text[done : border.at] + ("[" if border.opens else "]") + border.bracket[-1]
            done = border.at
        result.append(text + p.text[done:])
    return result


def crosses(found: Sequence[Extent]) -> bool:
    return any(a.start < b.start < a.end < b.end for a in found for b in found)


# --- extents and nesting (T4) ---


def test_t4_a_bracket_reaches_over_gaps_and_paragraphs() -> None:
    whole = document(
        paragraph("p-1", "We ", bracketed("b-1", "all ", "of "), "us"),
        paragraph("p-2", "between"),
        paragraph("p-3", bracketed("b-1", "agree"), " now"),
        amendments=[bracket("b-1")],
    )
    assert extents(whole) == (Extent(AmendmentId("b-1"), (0, 3), (2, 5)),)
    assert drawn(whole) == ["We [1all of us", "between", "agree]1 now"]


def test_t4_brackets_nest_and_stand_side_by_side() -> None:
    whole = document(
        paragraph("p-1", bracketed("b-1", bracketed("b-2", "shall"), bracketed("b-3", "should"), " go"), "!"),
        amendments=[bracket("b-1"), bracket("b-2"), bracket("b-3")],
    )
    assert drawn(whole) == ["[1[2shall]2[3should]3 go]1!"]
    outer, first, second = extents(whole)
    assert tree(whole) == (Nest(outer, (Nest(first), Nest(second))),)
    assert borders(whole)[whole.text.paragraphs[0].id][1] == Border(0, AmendmentId("b-2"), True)


def test_t4_of_two_brackets_round_the_same_words_the_older_is_outside() -> None:
    words = bracketed("b-1", bracketed("b-2", "shall"))
    later = document(paragraph("p-1", words), amendments=[bracket("b-1", created=2), bracket("b-2", created=1)])
    assert drawn(later) == ["[2[1shall]1]2"]
    same = document(paragraph("p-1", words), amendments=[bracket("b-1"), bracket("b-2")])
    assert drawn(same) == ["[1[2shall]2]1"]


CROSSED = document(
    paragraph("p-1", bracketed("b-1", "shall ", bracketed("b-2", "cooperate")), bracketed("b-2", " fully"), " now"),
    amendments=[bracket("b-1", created=1), bracket("b-2", created=2)],
)


def test_t4_the_younger_is_extended_over_the_older() -> None:
    assert drawn(CROSSED) == ["[2[1shall cooperate]1 fully]2 now"]
    mended = applied(CROSSED, uncrossed(CROSSED))
    assert mended.text.paragraphs == (
        paragraph("p-1", bracketed("b-2", bracketed("b-1", "shall cooperate"), " fully"), " now"),
    )
    assert drawn(mended) == drawn(CROSSED)


def test_t4_of_the_same_age_the_larger_id_is_the_younger() -> None:
    same = replace(
        CROSSED.record,
        amendments={key: replace(each, created_at=at(0)) for key, each in CROSSED.record.amendments.items()},
    )
    assert drawn(replace(CROSSED, record=same)) == ["[2[1shall cooperate]1 fully]2 now"]


def test_t4_the_bracket_being_typed_counts_as_the_younger() -> None:
    """Nobody's typing may have another's bracket mended."""
    mended = applied(CROSSED, uncrossed(CROSSED, youngest={"b-1"}))
    assert drawn(mended) == ["[1shall [2cooperate fully]2]1 now"]


def test_t4_a_draft_is_younger_than_whatever_is_before_the_meeting() -> None:
    draft = replace(CROSSED.record.amendments[AmendmentId("b-1")], status=Status.DRAFT)
    record = replace(CROSSED.record, amendments={**CROSSED.record.amendments, draft.id: draft})
    assert drawn(replace(CROSSED, record=record)) == ["[1shall [2cooperate fully]2]1 now"]


def test_t4_uncrossing_reaches_over_paragraphs_and_skips_empty_ones() -> None:
    whole = document(
        paragraph("p-1", "a", bracketed("b-1", "b")),
        paragraph("p-2"),
        paragraph("p-3", bracketed("b-2", "c")),
        paragraph("p-4", bracketed("b-1", "d"), bracketed("b-2", "e")),
        amendments=[bracket("b-1", created=1), bracket("b-2", created=2)],
    )
    edits = uncrossed(whole)
    assert [(e.paragraph, e.start, e.end, e.mark.id) for e in edits] == [("p-1", 1, 2, "b-2")]
    assert drawn(applied(whole, edits)) == ["a[2[1b", "", "c", "d]1e]2"]


@given(documents(crossing=True))
def test_t4_the_result_never_crosses(whole: Document) -> None:
    mended = applied(whole, uncrossed(whole))
    assert uncrossed(mended) == ()
    assert not crosses(extents(mended))
    assert [p.text for p in mended.text] == [p.text for p in whole.text]
    assert extents(mended) == extents(whole), "drawn the same before and after"
    for before, after in zip(whole.text, mended.text, strict=True):
        marks_before = [run.marks for run in before.runs for _ in run.text]
        marks_after = [run.marks for run in after.runs for _ in run.text]
        for old, new in zip(marks_before, marks_after, strict=True):
            assert old <= new
            assert all(mark.kind is MarkKind.BRACKET for mark in new - old)


@given(documents(drafts=False), st.data())
def test_t4_while_a_delegation_types_only_its_own_brackets_are_mended(before: Document, data: st.DataObject) -> None:
    new = bracket("a-99", "XAA", created=data.draw(st.integers(0, 99)))
    length = sum(len(p.text) for p in before.text)
    start, end = sorted(data.draw(st.tuples(st.integers(0, length), st.integers(0, length))))
    edits: list[Edit] = [PutAmendment(new)]
    for p in before.text:
        low, high = max(0, start), min(len(p.text), end)
        if low < high:
            edits.append(SetMark(p.id, low, high, Mark(MarkKind.BRACKET, new.id), True))
        start, end = start - len(p.text), end - len(p.text)
    typed = applied(before, edits)
    mended = applied(typed, uncrossed(typed, youngest=open_ids(typed.record, new.delegation)))
    assert not crosses(extents(mended))
    assert interferes(before, mended, new.delegation) == ()


@given(documents(crossing=True))
def test_t4_glyphs_are_always_balanced_and_nested(whole: Document) -> None:
    standing: list[AmendmentId] = []
    for p in whole.text:
        last = 0
        for border in borders(whole).get(p.id, ()):
            assert last <= border.at <= len(p.text)
            last = border.at
            if border.opens:
                standing.append(border.bracket)
            else:
                assert standing.pop() == border.bracket
    assert standing == []


@given(documents())
def test_t4_the_tree_holds_every_bracket_once(whole: Document) -> None:
    def flat(nests: Sequence[Nest]) -> list[Extent]:
        return [extent for nest in nests for extent in (nest.extent, *flat(nest.inner))]

    assert tuple(flat(tree(whole))) == extents(whole)
    marked = {m.id for p in whole.text for run in p.runs for m in run.marks if m.kind is MarkKind.BRACKET}
    assert {extent.bracket for extent in extents(whole)} == marked


def test_t4_a_thousand_brackets_nest() -> None:
    names = [f"b-{number:04}" for number in range(1_000)]
    pieces = [bracketed(name, "(") for name in names] + [bracketed(name, ")") for name in reversed(names)]
    whole = document(paragraph("p-1", *pieces), amendments=[bracket(name) for name in names])
    assert len(borders(whole)[whole.text.paragraphs[0].id]) == 2_000
    assert len(tree(whole)) == 1


# --- alternatives, placeholders, holders ---


def test_alternatives_share_a_group() -> None:
    whole = document(
        paragraph("p-1", bracketed("b-2", "shall"), bracketed("b-1", "should"), bracketed("b-3", "may")),
        paragraph("p-2", bracketed("b-4", "lonely"), bracketed("b-5", "taken")),
        amendments=[
            bracket("b-1", group="g-1"),
            bracket("b-2", group="g-1"),
            bracket("b-3"),
            bracket("b-4", group="g-2"),
            bracket("b-5", group="g-2", status=Status.AGREED),
        ],
    )
    assert alternatives(whole) == (("b-2", "b-1"),)


def test_a_placeholder_is_a_bracket_from_a_placeholder_source() -> None:
    assert is_placeholder(bracket("b-1", source="placeholder"))
    assert not is_placeholder(bracket("b-1", source="IEG-WTPF-26-4/12"))
    assert not is_placeholder(amendment("b-1", source="placeholder"))


def test_holders_are_those_who_want_it() -> None:
    assert holders(amendment("a-1", "XAA", sponsors=("XAB",))) == ("XAA", "XAB")
    stances = (
        Stance("G77", Attitude.DELETE),
        Stance("XAB", Attitude.SUPPORT),
        Stance("XAC", Attitude.RETAIN),
        Stance("XAB", Attitude.PROPOSE),
    )
    assert holders(bracket("b-1", SECRETARIAT, stances=stances)) == ("XAB", "XAC")
    assert holders(bracket("b-1", SECRETARIAT)) == ()


# --- the list (B1) ---


def listed(whole: Document) -> list[tuple[str, str, str]]:
    return [(each.id, each.kind, each.words) for each in open_brackets(whole)]


def test_b1_everything_open_is_listed_in_reading_order() -> None:
    whole = document(
        item("p-1", "that ", ins("a-1", "all "), struck("a-2", "some "), bracketed("b-1", "Members")),
        item("p-2", "cooperate", bracketed("b-2", "X")),
        item("p-3", "and report", added="a-3"),
        item("p-4", ins("a-4", "draft "), "end"),
        amendments=[
            bracket("b-2", source="placeholder", created=7),
            amendment("a-1", "XAA", sponsors=("XAB",), created=1),
            amendment("a-2", "XAB", status=Status.SET_ASIDE),
            bracket("b-1", "XAC", group="g-1"),
            addition("a-3", "XAA"),
            amendment("a-4", "XAA", status=Status.DRAFT),
            removal("a-5", "XAC", paragraph="p-2"),
            removal("a-6", "XAC", paragraph="p-2", status=Status.DRAFT),
            removal("a-7", "XAC", paragraph="p-gone"),
        ],
    )
    assert listed(whole) == [
        ("a-1", "insertion", "all "),
        ("a-2", "deletion", "some "),
        ("b-1", "bracket", "Members"),
        ("a-5", "paragraph", "cooperateX"),
        ("b-2", "placeholder", "X"),
        ("a-3", "paragraph", "and report"),
    ]
    first, _, third = open_brackets(whole)[:3]
    assert first == OpenBracket(
        AmendmentId("a-1"),
        BracketKind.INSERTION,
        (whole.text.paragraphs[0].id,),
        "all ",
        ("XAA", "XAB"),
        at(1),
        (0, 5),
    )
    assert third.group == "g-1"


def test_b1_a_bracket_over_paragraphs_is_one_entry_with_all_of_them() -> None:
    whole = document(
        paragraph("p-1", "We ", bracketed("b-1", "all")),
        paragraph("p-2", "between"),
        paragraph("p-3", bracketed("b-1", "agree")),
        amendments=[bracket("b-1")],
    )
    (only,) = open_brackets(whole)
    assert only.paragraphs == ("p-1", "p-2", "p-3")
    assert only.words == "all\nbetween\nagree"


def test_b1_others_pending_words_do_not_divide_a_stretch_but_settled_words_do() -> None:
    whole = document(
        paragraph("p-1", ins("a-1", "all ", ins("a-2", "willing "), "and able "), "Members ", ins("a-1", "here")),
        paragraph("p-2", struck("a-1", "some"), ins("a-2", " X"), struck("a-1", " of"), " them"),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )
    assert listed(whole) == [
        ("a-1", "insertion", "all and able "),
        ("a-2", "insertion", "willing "),
        ("a-1", "insertion", "here"),
        ("a-1", "deletion", "some of"),
        ("a-2", "insertion", " X"),
    ]


def test_b1_anothers_words_in_an_added_paragraph_are_an_entry_of_their_own() -> None:
    whole = document(
        paragraph("p-1", "and ", ins("a-2", "then "), "report", added="a-1"),
        amendments=[addition("a-1", "XAA"), amendment("a-2", "XAB")],
    )
    assert listed(whole) == [("a-1", "paragraph", "and then report"), ("a-2", "insertion", "then ")]


def test_b1_names_may_be_withheld() -> None:
    whole = document(paragraph("p-1", bracketed("b-1", "shall")), amendments=[bracket("b-1")])
    (only,) = open_brackets(whole, naming=lambda _: ())
    assert only.holders == ()


def test_b1_marks_nobody_has_on_record_are_not_listed() -> None:
    whole = document(paragraph("p-1", bracketed("b-1", "shall")), amendments=[bracket("b-1")])
    assert open_brackets(replace(whole, record=document().record)) == ()


@given(documents(crossing=True))
def test_b1_every_pending_mark_is_listed_and_nothing_else(whole: Document) -> None:
    def public(name: str | None) -> bool:
        amendment = whole.amendment(name or "")
        return amendment is not None and amendment.open and amendment.status is not Status.DRAFT

    kinds = {MarkKind.INSERTION: "insertion", MarkKind.DELETION: "deletion", MarkKind.BRACKET: "bracket"}
    expected: set[tuple[str, str]] = set()
    for p in whole.text:
        for mark in {m for run in p.runs for m in run.marks}:
            if mark.kind in kinds and public(mark.id) and mark != Mark(MarkKind.INSERTION, p.added or ""):
                placeholder = mark.kind is MarkKind.BRACKET and is_placeholder(
                    whole.record.amendments[AmendmentId(mark.id)]
                )
                expected.add((mark.id, "placeholder" if placeholder else kinds[mark.kind]))
        expected |= {(p.added, "paragraph")} if p.added and public(p.added) else set()
        expected |= {
            (a.id, "paragraph")
            for a in whole.record.amendments.values()
            if a.kind == "SUP" and a.paragraph == p.id and public(a.id)
        }
    found = open_brackets(whole)
    assert {(each.id, str(each.kind)) for each in found} == expected
    assert list(found) == sorted(found, key=lambda each: each.start)


def test_b1_the_list_is_empty_when_nothing_is_open() -> None:
    assert open_brackets(document(paragraph("p-1", "agreed"))) == ()
