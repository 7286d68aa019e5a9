"""The list of square brackets: its rows, their links, how they are found and sorted (BL), its course (BD)."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt.history import History
from opinions import commands
from opinions.bracket_list import MAX_LINKS, Order, Tie, Wanted, chosen, listed
from opinions.brackets import BracketKind, open_brackets
from opinions.burn_down import CleanSince, Counts, clean_since, trend
from opinions.model import AmendmentId, ParagraphId
from opinions.on_table import Alternatives, Floor, OnTable, Option, Package
from opinions.record import Document, ParagraphState, Ruling, Status
from opinions.steps import Step, StepKind
from tests.support.actors import THE_CHAIR
from tests.support.builders import amendment, at, bracket, bracketed, document, ins, item, struck
from tests.support.logbook import Logbook
from tests.support.strategies import documents

A, B, C = AmendmentId("a-1"), AmendmentId("a-2"), AmendmentId("a-3")


def stood() -> Document:
    """A bracket that holds another delegation's words; two that strike the same words elsewhere."""
    return document(
        item("par-1", "that ", bracketed("a-1", "all ", ins("a-2", "willing "), "members"), " agree,"),
        item("par-2", "that ", struck("a-2", struck("a-3", "others")), " wait,"),
        amendments=[
            bracket("a-1", "XAA", reason="Awaiting the capital"),
            amendment("a-2", "XAB", created=1),
            amendment("a-3", "XAC", created=2, status=Status.SET_ASIDE),
        ],
    )


@settings(max_examples=30)
@given(documents())
def test_bl1_the_list_has_a_row_for_each_open_bracket_with_an_anchor_of_its_own(drawn: Document) -> None:
    rows = listed(drawn)
    assert [(row.amendment.id, row.kind, row.words) for row in rows] == [
        (one.id, one.kind, one.words) for one in open_brackets(drawn)
    ]
    assert len({row.key for row in rows}) == len(rows)
    assert chosen(rows, Wanted(), at(9)) == rows
    for order in Order:
        assert sorted(row.key for row in chosen(rows, Wanted(order=order), at(9))) == sorted(row.key for row in rows)


@settings(max_examples=30)
@given(documents(), st.data())
def test_bl2_a_filter_keeps_what_fits_and_nothing_else(drawn: Document, data: st.DataObject) -> None:
    rows = listed(drawn)
    if not rows:
        return
    one = data.draw(st.sampled_from(rows))
    wanted = Wanted(
        paragraph=one.paragraph, kind=one.kind, status=one.status, holder=one.holders[0] if one.holders else ""
    )
    kept = chosen(rows, wanted, at(9))
    assert one in kept
    for row in rows:
        fits = (row.paragraph, row.kind, row.status) == (one.paragraph, one.kind, one.status)
        assert (row in kept) == (fits and (not wanted.holder or wanted.holder in row.holders))


def test_bl1_links_are_what_it_holds_what_stands_on_the_same_words_and_what_the_record_ties() -> None:
    rows = {row.key: row for row in listed(stood())}
    assert [(one.amendment, one.tie) for one in rows["b-a-1"].links] == [(B, Tie.HOLDS)]
    assert [(one.amendment, one.tie) for one in rows["b-a-2"].links] == [(A, Tie.INSIDE), (C, Tie.SAME_WORDS)]
    tied: dict[str, OnTable] = {
        "alternatives:alt-1": Alternatives("alt-1", "The verb", (Option("A", (A,)), Option("B", (C,))), at(), "R"),
        "package:pack-1": Package("pack-1", "Money", ("amendment:a-2", "amendment:a-3", "paragraph:par-1"), at(), "R"),
    }
    before = stood()
    after = Document(before.text, replace(before.record, table=MappingProxyType(tied)))
    rows = {row.key: row for row in listed(after)}
    assert ("The verb", Tie.ALTERNATIVE) in {(one.name, one.tie) for one in rows["b-a-1"].links}
    assert ("Money", Tie.PACKAGE) in {(one.name, one.tie) for one in rows["b-a-3"].links}


def test_bl1_no_row_names_more_links_than_can_be_read() -> None:
    names = [f"a-{number}" for number in range(1, MAX_LINKS + 9)]
    crowded = document(
        item("par-1", bracketed("a-0", "x", *(ins(name, "y", "z") for name in names), "x")),
        amendments=[bracket("a-0"), *(amendment(name, "XAB", created=1) for name in names)],
    )
    row = listed(crowded)[0]
    assert (len(row.links), row.linked) == (MAX_LINKS, len(names))


def test_bl1_the_state_says_what_is_on_the_floor() -> None:
    before = stood()
    opinion = replace(before.record.opinion, floor=Floor(ParagraphId("par-1"), at(3), A))
    on_floor = Document(before.text, replace(before.record, opinion=opinion))
    assert {row.key: row.on_floor for row in listed(on_floor)} == {
        "b-a-1": True,
        "b-a-2": False,
        "b-a-2-2": False,
        "b-a-3": False,
    }


def test_bl2_words_are_sought_in_words_reason_holders_and_number() -> None:
    rows = listed(stood())
    for words, keys in (
        ("CAPITAL", ["b-a-1"]),
        ("xac", ["b-a-3"]),
        ("#2 willing", ["b-a-2"]),
        ("nowhere", []),
    ):
        assert [row.key for row in chosen(rows, Wanted(text=words), at())] == keys
    assert next(row.key for row in chosen(rows, Wanted(order=Order.AGE, backwards=True), at())) == "b-a-3"
    assert len(chosen(rows, Wanted(days=2), at() + timedelta(days=3))) == len(rows)
    assert chosen(rows, Wanted(days=2), at()) == ()


def test_bl1_since_which_version_is_the_first_that_was_frozen_with_it() -> None:
    book = Logbook(document(item("par-1", "many words")))
    first = book.type_words("par-1", 0, "new ")
    book.command(commands.Freeze("First"), THE_CHAIR)
    second = book.type_words("par-1", 14, "!", "XAB")
    history = History(book.opinion)
    history.take(book.entries)
    assert [(row.amendment.id, row.since.version) for row in listed(book.document, history.steps)] == [
        (first, "First"),
        (second, ""),
    ]
    assert book.command(commands.RecordOutcome(AmendmentId(first), 1, Ruling.AGREED), THE_CHAIR)
    assert book.command(commands.Freeze("Second"), THE_CHAIR)
    assert book.command(commands.Reopen(AmendmentId(first)), THE_CHAIR)
    history = History(book.opinion)
    history.take(book.entries)
    since = {row.amendment.id: row.since.version for row in listed(book.document, history.steps)}
    assert since == {first: "", second: "Second"}


def test_bl1_what_came_with_the_founding_text_is_as_old_as_its_record_says() -> None:
    """A text brought in from elsewhere lay before the meeting there."""
    old = amendment("a-1", "XAA", created=-60 * 24 * 30)
    book = Logbook(document(item("par-1", ins("a-1", "many "), "words"), amendments=[old]))
    history = History(book.opinion)
    history.take(book.entries)
    (row,) = listed(book.document, history.steps)
    assert row.since.at == old.created_at < history.steps[0].at
    assert chosen([row], Wanted(days=30), history.steps[0].at) == (row,)


def step(brackets: int, label: str = "") -> Step:
    counts = Counts(brackets=brackets, considered=3, paragraphs=3)
    return Step(1, 1, at(), StepKind.FROZEN if label else StepKind.DECIDED, "freeze", "R", "CHR", counts, label=label)


@pytest.mark.parametrize(
    ("series", "since"),
    [
        ((step(2), step(0), step(0, "Third draft"), step(0, "Fourth draft")), CleanSince(1, "Third draft")),
        ((step(0, "First draft"), step(1), step(0)), CleanSince(2, "")),
        ((step(0), step(1)), None),
        ((), None),
    ],
)
def test_bd2_clean_since_names_the_first_version_that_was_frozen_clean(
    series: tuple[Step, ...], since: CleanSince | None
) -> None:
    assert clean_since(series) == since


def test_bd2_a_text_that_nobody_considered_is_not_clean() -> None:
    book = Logbook(document(item("par-1", "many words")))
    history = History(book.opinion)
    history.take(book.entries)
    assert clean_since(history.steps) is None
    assert book.command(commands.ConsiderParagraph(ParagraphId("par-1"), ParagraphState.AGREED), THE_CHAIR)
    history.take(book.entries[1:])
    assert clean_since(history.steps) == CleanSince(1, "")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((14, 19), "14 to 19, rising"),
        ((9, 7), "9 to 7, falling"),
        ((0, 45, 35), "0 to 35, at most 45, falling"),
        ((0, 12, 35, 35), "0 to 35, rising"),
        ((20, 0, 12), "20 to 12, at fewest 0, rising"),
        ((0, 35, *([35] * 10)), "0 to 35, now steady"),
        ((0, *range(40, 0, -1), *([20] * 70), *range(21, 31), 30), "0 to 30, at most 40, rising"),
        ((*range(150), *([150] * 30)), "0 to 150, now steady"),
        ((4, 4), "4, unchanged"),
        ((), "no figures yet"),
    ],
)
def test_bd2_a_course_is_told_in_words(values: tuple[int, ...], told: str) -> None:
    assert trend(values) == told


def test_bl1_kinds_are_those_of_the_one_list() -> None:
    assert [row.kind for row in listed(stood())] == [
        BracketKind.BRACKET,
        BracketKind.INSERTION,
        BracketKind.DELETION,
        BracketKind.DELETION,
    ]
