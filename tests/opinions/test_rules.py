"""Non-interference: what remains without a delegation's proposals is everybody else's (I1, W1, W2)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, Opinion, Paragraph, Run
from opinions.record import Document, Status
from opinions.rules import (
    Interference,
    Trespass,
    check_paragraph,
    interferes,
    open_ids,
    remaining,
    without,
    without_delegation,
)
from tests.support.builders import (
    addition,
    agreed,
    amendment,
    bracketed,
    document,
    em,
    ins,
    item,
    noteref,
    paragraph,
    removal,
    struck,
)
from tests.support.strategies import DELEGATIONS, documents
from tests.support.typings import Typing, dishonest_typings, honest_typings

XAA = DelegationCode("XAA")


def ids_of(whole: Document, delegation: DelegationCode) -> frozenset[AmendmentId]:
    return open_ids(whole.record, delegation)


def swept(text: Opinion, ids: frozenset[AmendmentId]) -> Opinion:
    return Opinion(tuple(p for p in text if p.runs or p.added not in ids))


# --- without (W1) ---


def test_w1_insertions_vanish_and_strikes_and_brackets_are_lifted() -> None:
    given_ = paragraph("par-1", "that ", ins("a-1", "all "), struck("a-2", "some "), bracketed("a-3", "Members"))
    assert remaining(given_, {"a-1", "a-2", "a-3"}) == paragraph("par-1", "that some Members")
    assert remaining(given_, {"a-2"}) == paragraph(
        "par-1", "that ", ins("a-1", "all "), "some ", bracketed("a-3", "Members")
    )


def test_w1_others_marks_on_the_same_words_stay() -> None:
    both = paragraph("par-1", struck("a-1", struck("a-2", bracketed("a-1", "some"))))
    assert remaining(both, {"a-1"}) == paragraph("par-1", struck("a-2", "some"))


def test_w1_words_of_another_inside_ones_own_stay() -> None:
    nested = paragraph("par-1", ins("a-1", "all ", ins("a-2", "willing "), "and "), "Members")
    assert remaining(nested, {"a-1"}) == paragraph("par-1", ins("a-2", "willing "), "Members")


def test_w1_an_added_paragraph_goes_unless_anothers_words_are_in_it() -> None:
    own = paragraph("par-1", "that all", added="a-1")
    shared = paragraph("par-1", "that ", ins("a-2", "all"), added="a-1")
    assert remaining(own, {"a-1"}) is None
    assert remaining(own, {"a-2"}) is own
    left = remaining(shared, {"a-1"})
    assert left is not None
    assert (left.text, left.added) == ("all", "a-1")
    assert remaining(shared, {"a-1", "a-2"}) is None


def test_w1_origin_italics_and_footnote_marks_are_nobodys_to_lift() -> None:
    plain = paragraph("par-1", agreed("a-1", "all"), em("noting"), noteref("a-1", "1"))
    assert remaining(plain, {"a-1"}) is plain


def test_w1_decided_amendments_are_not_lifted() -> None:
    whole = document(
        paragraph("par-1", "that ", ins("a-1", "all "), ins("a-2", "willing ")),
        amendments=[amendment("a-1"), amendment("a-2", status=Status.SUPERSEDED)],
    )
    assert open_ids(whole.record, XAA) == {"a-1"}
    assert without_delegation(XAA, whole).paragraphs[0].text == "that willing "


@given(documents(), st.sampled_from(DELEGATIONS))
def test_w1_without_nothing_is_the_text_itself(whole: Document, party: DelegationCode) -> None:
    assert without(frozenset(), whole.text) == whole.text
    assert all(remaining(p, frozenset()) is p for p in whole.text)


@given(documents(), st.sampled_from(DELEGATIONS))
def test_w1_lifting_twice_is_lifting_once(whole: Document, party: DelegationCode) -> None:
    ids = ids_of(whole, party)
    once = without(ids, whole.text)
    assert without(ids, once) == once


@given(documents())
def test_w1_the_order_of_lifting_does_not_matter(whole: Document) -> None:
    first, second = ids_of(whole, DELEGATIONS[0]), ids_of(whole, DELEGATIONS[1])
    at_once = without(first | second, whole.text)
    there = without(second, without(first, whole.text))
    back = without(first, without(second, whole.text))
    assert swept(there, first) == swept(back, second) == at_once
    assert without(first | second, there) == at_once


@given(documents(), st.sampled_from(DELEGATIONS))
def test_w1_what_remains_is_the_characters_of_others(whole: Document, party: DelegationCode) -> None:
    """The plain reading of W1, character by character."""
    ids = ids_of(whole, party)
    expected = [
        (p.id, character, frozenset(m for m in run.marks if m.id not in ids or m.kind is MarkKind.NOTEREF))
        for p in whole.text
        for run in p.runs
        if run.insertion not in ids
        for character in run.text
    ]
    result = without(ids, whole.text)
    assert [(p.id, c, run.marks) for p in result for run in p.runs for c in run.text] == expected
    for p in result:
        assert all(run.text for run in p.runs)
        assert all(a.marks != b.marks for a, b in zip(p.runs, p.runs[1:], strict=False))


# --- non-interference (W2, I1) ---


@given(honest_typings())
def test_i1_honest_typing_leaves_the_rest_alone(typing: Typing) -> None:
    assert without_delegation(typing.delegation, typing.before) == without_delegation(typing.delegation, typing.after)
    assert interferes(typing.before, typing.after, typing.delegation) == ()


@given(dishonest_typings())
def test_i1_whatever_touches_the_rest_is_found(typing: Typing) -> None:
    found = interferes(typing.before, typing.after, typing.delegation)
    assert found
    assert all(each.message for each in found)


@given(st.one_of(honest_typings(), dishonest_typings()))
def test_i1_paragraph_by_paragraph_finds_what_the_whole_finds(typing: Typing) -> None:
    ids = ids_of(typing.after, typing.delegation)
    by_paragraph = {
        each
        for name in {p.id for p in (*typing.before.text, *typing.after.text)}
        for each in check_paragraph(typing.before.text.find(name), typing.after.text.find(name), ids)
    }
    whole = set(interferes(typing.before, typing.after, typing.delegation))
    assert {each for each in whole if each.what is not Trespass.PARAGRAPH_MOVED} == by_paragraph


BEFORE = document(
    item("par-1", "that ", ins("a-1", "all "), ins("a-2", "willing "), "Members"),
    item("par-2", "cooperate"),
    item("par-3", "and ", ins("a-4", "then "), "report", added="a-3"),
    amendments=[
        amendment("a-1", "XAA"),
        amendment("a-2", "XAB"),
        addition("a-3", "XAA"),
        amendment("a-4", "XAB"),
        removal("a-5", "XAB", paragraph="par-2"),
    ],
)
FIRST, SECOND, THIRD = BEFORE.text


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((SECOND, THIRD), Interference(FIRST.id, Trespass.PARAGRAPH_LOST, "that willing Members")),
        ((FIRST, SECOND), Interference(THIRD.id, Trespass.PARAGRAPH_LOST, "then ")),
        ((SECOND, FIRST, THIRD), Interference(SECOND.id, Trespass.PARAGRAPH_MOVED)),
        (
            (FIRST, SECOND, THIRD, item("par-9", "now")),
            Interference(item("par-9").id, Trespass.PARAGRAPH_APPEARED, after="now"),
        ),
        (
            (FIRST, SECOND, THIRD, SECOND),
            Interference(SECOND.id, Trespass.PARAGRAPH_APPEARED, after="cooperate"),
        ),
        ((FIRST, replace(SECOND, level=1), THIRD), Interference(SECOND.id, Trespass.PARAGRAPH_CHANGED)),
        (
            (FIRST, SECOND, replace(THIRD, added=AmendmentId("a-4"))),
            Interference(THIRD.id, Trespass.PARAGRAPH_CHANGED),
        ),
        (
            (item("par-1", "that ", ins("a-1", "all "), "Members"), SECOND, THIRD),
            Interference(FIRST.id, Trespass.WORDS_LOST, "willing "),
        ),
        (
            (FIRST, item("par-2", "cooperate fully"), THIRD),
            Interference(SECOND.id, Trespass.WORDS_APPEARED, "", " fully"),
        ),
        (
            (FIRST, item("par-2", "co", struck("a-4", "oper"), "ate"), THIRD),
            Interference(SECOND.id, Trespass.MARKS_CHANGED, "oper", "oper"),
        ),
    ],
)
def test_w2_the_paragraph_and_what_changed_are_named(after: tuple[Paragraph, ...], expected: Interference) -> None:
    found = interferes(BEFORE, replace(BEFORE, text=Opinion(after)), XAA)
    assert found == (expected,)
    assert str(expected.paragraph) in expected.message


def test_w2_a_paragraph_nobody_touched_is_fine() -> None:
    ids = open_ids(BEFORE.record, XAA)
    assert check_paragraph(FIRST, FIRST, ids) == ()
    assert check_paragraph(None, item("par-8", "new", added="a-1"), ids) == ()
    assert check_paragraph(item("par-8", "new", added="a-1"), None, ids) == ()
    assert check_paragraph(None, None, ids) == ()


def test_w2_putting_ones_own_insertion_on_agreed_words_is_seen() -> None:
    """Claiming agreed words in order to delete them."""
    claimed = Paragraph(SECOND.id, SECOND.kind, 0, (Run("cooperate", frozenset({Mark(MarkKind.INSERTION, "a-1")})),))
    ids = open_ids(BEFORE.record, XAA)
    assert [each.what for each in check_paragraph(SECOND, claimed, ids)] == [Trespass.WORDS_LOST]
