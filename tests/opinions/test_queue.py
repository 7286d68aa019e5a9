"""The chair's queue: what is before the meeting, what belongs together, and what each filter shows (Q1-Q4)."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from hypothesis import given

from opinions.conflicts import conflicts
from opinions.model import AmendmentId
from opinions.on_table import Alternatives, Option
from opinions.queue import (
    Filter,
    Queued,
    Table,
    Tie,
    asks_to_reopen,
    chosen,
    competitors,
    how_many,
    other_options,
    table,
)
from opinions.record import Document, ParagraphState, Status
from tests.support import strategies
from tests.support.builders import (
    addition,
    amendment,
    at,
    bracket,
    bracketed,
    document,
    ins,
    paragraph,
    removal,
    struck,
)


def numbers(rows: Iterable[Queued]) -> list[list[list[int]]]:
    return [[[one.number for one in group.amendments] for group in row.groups] for row in rows]


def everything(given_: Document) -> Table:
    return table(given_)


def meeting() -> Document:
    """Three that clash in the first paragraph, one apart, a bracket over two paragraphs, a removal, a draft."""
    return document(
        paragraph("p-1", "that ", ins("a-new", "many "), struck("a-old", "some "), "need ", ins("a-far", "it")),
        paragraph("p-2", "that ", bracketed("a-two", "others do,")),
        paragraph("p-3", bracketed("a-two", "that few do,"), ins("a-draft", " perhaps")),
        paragraph("p-4", "that none does,"),
        paragraph("p-5", "that all do,"),
        amendments=[
            amendment("a-far", "XAC", created=1),
            amendment("a-old", "XAB", created=2),
            amendment("a-new", "XAA", created=3),
            bracket("a-two", "XAA", created=4, status=Status.SET_ASIDE),
            removal("a-gone", "XAB", paragraph="p-4", created=5),
            amendment("a-draft", "XAA", status=Status.DRAFT),
        ],
        states={"p-5": ParagraphState.OPEN},
    )


def test_q1_amendments_stand_in_reading_order_those_of_the_same_words_together() -> None:
    found = everything(meeting())
    assert numbers(found.rows) == [[[3, 2], [1]], [[4]], [[5]]]
    first = found.rows[0].groups[0]
    assert (first.tie, first.words) == (Tie.CONFLICT, "some ")
    assert found.rows[0].groups[1].tie is Tie.NONE


def test_q1_a_bracket_makes_every_paragraph_that_it_holds_pending() -> None:
    assert [one.id for one in everything(meeting()).bare] == ["p-5"]


def test_q2_words_of_one_delegation_never_clash() -> None:
    one = document(
        paragraph("p-1", ins("a-1", "x"), struck("a-2", "y")), amendments=[amendment("a-1"), amendment("a-2")]
    )
    assert conflicts(one) == {}


def test_q2_a_removal_clashes_with_whatever_is_proposed_in_its_paragraph() -> None:
    found = document(
        paragraph("p-1", "x ", ins("a-1", "y"), " z"),
        amendments=[amendment("a-1"), removal("a-2", "XAB", paragraph="p-1")],
    )
    assert conflicts(found) == {"a-1": ("a-2",), "a-2": ("a-1",)}


def test_q2_words_with_settled_ones_between_do_not_clash() -> None:
    found = document(
        paragraph("p-1", ins("a-1", "x"), " and ", ins("a-2", "y")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    assert conflicts(found) == {}


@given(strategies.documents())
def test_q2_a_clash_is_mutual_and_between_pending_amendments_of_different_delegations(given_: Document) -> None:
    found = conflicts(given_)
    for name, others in found.items():
        for other in others:
            assert name in found[other]
            assert given_.record.amendments[name].delegation != given_.record.amendments[other].delegation
            assert given_.record.amendments[other].open


@given(strategies.documents())
def test_q1_every_amendment_before_the_meeting_stands_once(given_: Document) -> None:
    pending = [one.id for one in given_.record.amendments.values() if one.open and one.status is not Status.DRAFT]
    standing = [one.id for one in everything(given_).amendments()]
    assert sorted(standing) == sorted(pending)


def test_q1_options_and_what_a_compromise_stands_for_are_together() -> None:
    drawn = document(
        paragraph("p-1", ins("a-1", "x"), " and ", ins("a-2", "y"), " or ", ins("a-3", "z"), " then ", ins("a-4", "w")),
        amendments=[
            amendment("a-1"),
            amendment("a-2", "XAB"),
            amendment("a-3", "XAC", replaces=(AmendmentId("a-4"),)),
            amendment("a-4", "XAD"),
        ],
    )
    options = (Option("Alt 1", (AmendmentId("a-1"),)), Option("Alt 2", (AmendmentId("a-2"),)))
    put = Alternatives("alt", "Access", options, at(), "R. Chair")
    found = everything(replace(drawn, record=replace(drawn.record, table=MappingProxyType({"alternatives:alt": put}))))
    groups = found.rows[0].groups
    assert [(group.tie, [one.number for one in group.amendments]) for group in groups] == [
        (Tie.ALTERNATIVES, [1, 2]),
        (Tie.COMPROMISE, [3, 4]),
    ]
    assert groups[0].name == "Access"
    assert [one.number for one in competitors(groups[0].amendments[0], found)] == [2]
    assert other_options(groups[0].amendments[0], found) == {"a-2"}
    assert other_options(groups[1].amendments[0], found) == frozenset()


def test_q2_what_a_compromise_stands_for_is_merged_with_it_and_not_asked_for() -> None:
    found = everything(
        document(
            paragraph("p-1", ins("a-1", "x"), ins("a-2", "y")),
            amendments=[amendment("a-1", "CHR", replaces=(AmendmentId("a-2"),)), amendment("a-2", "XAB")],
        )
    )
    compromise, replaced = found.amendments()
    assert [one.number for one in competitors(compromise, found)] == []
    assert [one.number for one in competitors(replaced, found)] == [1]


def test_q3_each_filter_shows_its_part_and_tells_how_much_that_is() -> None:
    given_ = meeting()
    found = everything(given_)
    told = how_many(found, given_, since=at(2.5))
    for wanted in Filter:
        rows = chosen(found, given_, wanted, at(2.5))
        assert told[wanted] == sum(sum(len(group.amendments) for group in row.groups) or 1 for row in rows), wanted
    assert numbers(chosen(found, given_, Filter.CONFLICTING)) == [[[3, 2]]]
    assert numbers(chosen(found, given_, Filter.SET_ASIDE)) == [[[4]]]
    assert numbers(chosen(found, given_, Filter.NEW, at(2.5))) == [[[3]], [[5]]]
    assert [row.paragraph.id for row in chosen(found, given_, Filter.PARAGRAPHS)] == ["p-5"]
    assert [row.paragraph.id for row in chosen(found, given_, Filter.ALL)] == ["p-1", "p-2", "p-4", "p-5"]


def test_q3_text_that_nobody_considered_has_a_filter_of_its_own() -> None:
    untouched = document(paragraph("p-1", "x"), paragraph("p-2", "y"), states={"p-2": ParagraphState.AGREED})
    found = everything(untouched)
    assert chosen(found, untouched, Filter.ALL) == ()
    assert [row.paragraph.id for row in chosen(found, untouched, Filter.PARAGRAPHS)] == ["p-1"]


def test_q4_a_proposal_inside_agreed_text_asks_to_reopen_it() -> None:
    given_ = document(
        paragraph("p-1", ins("a-1", "x")),
        paragraph("p-2", added="a-2"),
        amendments=[amendment("a-1"), addition("a-2", paragraph="p-2")],
        states={"p-1": ParagraphState.AGREED_AD_REFERENDUM},
    )
    found = everything(given_)
    assert [asks_to_reopen(one, given_) for one in found.amendments()] == [True, False]
    assert numbers(chosen(found, given_, Filter.REOPENING)) == [[[1]]]
