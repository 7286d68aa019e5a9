"""The Yjs tree read into values: deltas in code points, runs kept as they were, marks remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt import marks as remembered
from crdt.document import SharedDocument
from crdt.errors import DocumentError
from crdt.marks import facts, marks_of
from crdt.tree import DELETE, INSERT, RETAIN, Step, is_id, is_level, steps
from opinions.edits import DeleteText, Edit, InsertText, SetMark
from opinions.model import Mark, MarkKind, Opinion
from opinions.record import Document
from tests.crdt.desk import own, place
from tests.crdt.edits import edits_of, founding
from tests.support.builders import ins, paragraph, struck
from tests.support.strategies import documents

P1 = place("par-1")


def shared() -> SharedDocument:
    """One paragraph of four runs."""
    held = SharedDocument(1)
    held.write(
        founding(
            Document(Opinion((paragraph("par-1", "é€\U0001f600x", ins("a-one", "all "), struck("a-two", "y"), "z"),)))
        )
    )
    return held


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([InsertText(P1, 3, "\U0001f600\u00e9")], [Step(RETAIN, 3), Step(INSERT, 2)]),
        ([InsertText(P1, 0, "a")], [Step(INSERT, 1)]),
        ([DeleteText(P1, 1, 3)], [Step(RETAIN, 1), Step(DELETE, 2)]),
        ([DeleteText(P1, 1, 3), InsertText(P1, 1, "€\U0001f600")], [Step(RETAIN, 1), Step(INSERT, 2), Step(DELETE, 2)]),
        ([SetMark(P1, 1, 3, Mark(MarkKind.EM), True)], [Step(RETAIN, 3)]),
    ],
)
def test_steps_are_counted_in_code_points(edits: list[Edit], expected: list[Step]) -> None:
    """The delta follows the items: words put back as they were are other words."""
    _, touched = shared().write(edits)
    (change,) = touched.changes
    assert sorted(change.steps) == sorted(expected)


def test_a_change_that_cuts_a_character_is_refused() -> None:
    with pytest.raises(DocumentError, match="cuts a character"):
        steps("é€", [{"retain": 1}, {"insert": "x"}])


def test_runs_that_did_not_change_are_the_same_objects() -> None:
    held = shared()
    before = held.opinion().paragraphs[0].runs
    held.write([InsertText(P1, 6, "x", own("a-one"))])
    after = held.opinion().paragraphs[0].runs
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True, True]
    held.write([InsertText(P1, 1, "x")])
    again = held.opinion().paragraphs[0].runs
    assert [one is other for one, other in zip(after, again, strict=True)] == [False, True, True, True]
    held.write([InsertText(P1, 7, "y", own("a-three"))])
    assert [run.text for run in held.opinion().paragraphs[0].runs] == ["éx€\U0001f600x", "al", "y", "xl ", "y", "z"]
    assert held.opinion().paragraphs[0].runs[-2:] == again[-2:]
    assert held.opinion().paragraphs[0].runs[-1] is again[-1]


@st.composite
def documents_with_edits(draw: st.DrawFn) -> tuple[Document, list[Edit]]:
    document = draw(documents(most_paragraphs=2, most_proposals=3))
    return document, draw(edits_of(document, most=6))


@given(documents_with_edits())
def test_steps_lead_from_the_text_before_to_the_text_after(case: tuple[Document, list[Edit]]) -> None:
    document, edits = case
    held = SharedDocument(1)
    held.write(founding(document))
    _, touched = held.write(edits)
    for before, after, walk in touched.changes:
        if before is None or after is None or not walk:
            continue
        here = there = 0
        for what, count in walk:
            if what == RETAIN:
                assert before.text[here : here + count] == after.text[there : there + count]
            here += count if what != INSERT else 0
            there += count if what != DELETE else 0
        assert before.text[here:] == after.text[there:]


def test_marks_are_read_once_and_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = marks_of({"insertion:a-one": True, "em": True})
    assert first == {Mark(MarkKind.INSERTION, "a-one"), Mark(MarkKind.EM)}
    assert marks_of({"em": True, "insertion:a-one": True}) is first
    assert marks_of(None) == marks_of({}) == frozenset()
    monkeypatch.setattr(remembered, "_KEPT", 5)
    for number in range(20):
        facts(marks_of({f"bracket:a-{number:03d}": True}))
    assert len(remembered._by_keys) <= 12
    assert len(remembered._facts) <= 6
    with pytest.raises(ValueError, match="bold"):
        marks_of({"bold": True})


def test_facts_tell_what_the_gate_asks() -> None:
    keys = ("insertion:a-two", "insertion:a-one", "deletion:a-x", "bracket:a-y", "origin:a-z", "noteref:p-1", "em")
    insertion, insertions, proposals, ids = facts(marks_of(dict.fromkeys(keys, True)))
    assert (insertion, insertions) == ("a-one", ("a-one", "a-two"))
    assert proposals == (Mark(MarkKind.BRACKET, "a-y"), Mark(MarkKind.DELETION, "a-x"))
    assert ids == {"a-one", "a-two", "a-x", "a-y", "a-z"}


def test_d3_ids_and_levels_have_a_form() -> None:
    assert all(map(is_id, ("a-1x", "p-0123456789abcdefghjkmnpqrstvwxyz", "abcd")))
    assert not any(map(is_id, ("", "abc", "A-12", "a_12", "-abc", "a-12\n", "x" * 41)))
    assert all(map(is_level, ("0", "1", "12")))
    assert not any(map(is_level, ("", "00", "-1", "1.0", "123", "²", "1\n")))
