"""Rulings: the decision table, what goes on record, and what reopening brings back (D1-D4, A3, A5)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.brackets import BRACKET_LETTERS
from opinions.clean import clean
from opinions.commands import ConsiderParagraph, RecordOutcome
from opinions.decisions import (
    DECISIONS,
    consider_paragraph,
    digest,
    pending_in,
    record_outcome,
    words_digest,
)
from opinions.edits import Change, applied
from opinions.errors import (
    InvalidCommand,
    OpinionError,
    RevisionChanged,
    UnknownAmendment,
    UnknownParagraph,
    WrongStatus,
)
from opinions.model import AmendmentId, Opinion, ParagraphId
from opinions.record import (
    AmendmentKind,
    Decision,
    Document,
    ParagraphState,
    Removed,
    Ruling,
    Status,
)
from opinions.views import named
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context
from tests.support.builders import (
    addition,
    agreed,
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
    title,
)
from tests.support.rulings import of, reopened, ruled

BY_CHAIR = context(THE_CHAIR)


def state(given_: Document, paragraph_id: str) -> ParagraphState:
    return given_.record.paragraph(ParagraphId(paragraph_id)).state


# --- the table (D1): ADD ---------------------------------------------------------------------------------------------


def with_addition() -> Document:
    return document(
        paragraph("par-1", "one"),
        item("par-2", "two ", ins("a-2", "and more"), added="a-1"),
        amendments=[addition("a-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM])
def test_d1_add_agreed_stands_and_what_others_typed_inside_stays_pending(ruling: Ruling) -> None:
    after = ruled(with_addition(), "a-1", ruling)
    assert after.text == Opinion(
        (paragraph("par-1", "one"), item("par-2", agreed("a-1", "two "), ins("a-2", "and more")))
    )
    assert of(after, "a-1").status is Status(ruling)
    assert of(after, "a-2").status is Status.SUBMITTED
    assert state(after, "par-2") is ParagraphState.OPEN


def test_d1_add_not_retained_goes_whole_with_others_words() -> None:
    after = ruled(with_addition(), "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "one"),))
    assert of(after, "a-2").status is Status.SUPERSEDED
    assert [entry.runs for entry in of(after, "a-2").removed] == [ins("a-2", "and more")]
    (kept,) = of(after, "a-1").removed
    assert (kept.whole, kept.after) == (with_addition().text.paragraphs[1], "par-1")


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM, Ruling.NOT_RETAINED])
def test_d1_add_reopened_is_pending_as_it_was(ruling: Ruling) -> None:
    after = reopened(ruled(with_addition(), "a-1", ruling), "a-1")
    assert after.text == with_addition().text
    assert {entry.status for entry in after.record.amendments.values()} == {Status.SUBMITTED, Status.REOPENED}
    assert not any(entry.removed for entry in after.record.amendments.values())


def test_d1_add_of_several_paragraphs_comes_back_in_order() -> None:
    given_ = document(
        item("par-1", "first", added="a-1"),
        item("par-2", added="a-1"),
        paragraph("par-3", "third"),
        amendments=[addition("a-1")],
    )
    for ruling in (Ruling.AGREED, Ruling.NOT_RETAINED):
        assert reopened(ruled(given_, "a-1", ruling), "a-1").text == given_.text


# --- the table (D1): MOD ---------------------------------------------------------------------------------------------


def with_change() -> Document:
    return document(
        paragraph("par-1", "that ", ins("a-1", "all "), struck("a-1", "some "), "Members ", struck("a-1", "may")),
        amendments=[amendment("a-1", "XAA")],
    )


def test_d1_d2_mod_agreed_keeps_its_words_as_text_and_takes_the_struck_ones_out() -> None:
    after = ruled(with_change(), "a-1", Ruling.AGREED)
    assert after.text == Opinion((paragraph("par-1", "that ", agreed("a-1", "all "), "Members "),))
    assert of(after, "a-1").removed == (
        Removed(ParagraphId("par-1"), 9, struck("a-1", "some "), "that all ", "Members "),
        Removed(ParagraphId("par-1"), 22, struck("a-1", "may"), "that all some Members ", ""),
    )


def test_d1_mod_not_retained_lifts_its_strikes_and_takes_its_words_out() -> None:
    after = ruled(with_change(), "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "that some Members may"),))


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.NOT_RETAINED])
def test_d1_mod_reopened_is_pending_as_it_was(ruling: Ruling) -> None:
    after = reopened(ruled(with_change(), "a-1", ruling), "a-1")
    assert after.text == with_change().text
    assert of(after, "a-1").removed == ()
    assert [decision.ruling for decision in of(after, "a-1").decisions] == [ruling, Ruling.REOPENED]


def test_d1_mod_agreed_leaves_others_pending_words_among_the_struck_ones() -> None:
    given_ = document(
        paragraph("par-1", struck("a-1", "one "), ins("a-2", "new "), struck("a-1", "two")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB")],
    )
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.text == Opinion((paragraph("par-1", ins("a-2", "new ")),))
    assert of(after, "a-2").status is Status.SUBMITTED
    assert reopened(after, "a-1").text == given_.text


def test_d1_mod_agreed_takes_others_pending_words_that_it_struck_itself() -> None:
    given_ = document(
        paragraph("par-1", "one ", struck("a-1", ins("a-2", "new "))),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB")],
    )
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.text == Opinion((paragraph("par-1", "one "),))
    assert of(after, "a-2").status is Status.SUPERSEDED
    assert of(after, "a-2").removed[0].by == "a-1"
    assert reopened(after, "a-1").text == given_.text


def test_d1_mod_with_a_bracket_of_its_own_loses_it_either_way_and_gets_it_back() -> None:
    given_ = document(
        paragraph("par-1", bracketed("a-1", "these ", ins("a-1", "new "), "words")),
        amendments=[amendment("a-1")],
    )
    taken = ruled(given_, "a-1", Ruling.AGREED)
    assert taken.text == Opinion((paragraph("par-1", "these ", agreed("a-1", "new "), "words"),))
    refused = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert refused.text == Opinion((paragraph("par-1", "these words"),))
    assert reopened(taken, "a-1").text == reopened(refused, "a-1").text == given_.text


# --- the table (D1): SUP and brackets --------------------------------------------------------------------------------


def with_removal() -> Document:
    return document(
        paragraph("par-1", "one"),
        paragraph("par-2", "two ", ins("a-2", "more")),
        amendments=[
            removal("a-1", paragraph="par-2"),
            amendment("a-2", "XAB"),
            removal("a-3", "XAC", paragraph="par-2"),
        ],
    )


def test_d1_sup_agreed_takes_the_paragraph_out_and_supersedes_what_was_in_it() -> None:
    after = ruled(with_removal(), "a-1", Ruling.AGREED)
    assert after.text == Opinion((paragraph("par-1", "one"),))
    assert [of(after, name).status for name in ("a-1", "a-2", "a-3")] == [
        Status.AGREED,
        Status.SUPERSEDED,
        Status.SUPERSEDED,
    ]


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.NOT_RETAINED, Ruling.SET_ASIDE])
def test_d1_sup_reopened_is_pending_again(ruling: Ruling) -> None:
    after = reopened(ruled(with_removal(), "a-1", ruling), "a-1")
    assert after.text == with_removal().text
    assert {entry.status for entry in after.record.amendments.values()} == {Status.SUBMITTED, Status.REOPENED}


def with_bracket() -> Document:
    return document(
        paragraph("par-1", "all ", bracketed("a-1", "agreed ", agreed("a-9", "words "), ins("a-2", "new")), " here"),
        amendments=[bracket("a-1"), amendment("a-2", "XAB"), amendment("a-9", status=Status.AGREED)],
    )


def test_d1_bracket_agreed_is_lifted_and_its_words_stay() -> None:
    after = ruled(with_bracket(), "a-1", Ruling.AGREED)
    assert after.text == Opinion(
        (paragraph("par-1", "all agreed ", agreed("a-9", "words "), ins("a-2", "new"), " here"),)
    )
    assert reopened(after, "a-1").text == with_bracket().text


def test_d1_bracket_not_retained_goes_with_its_words_agreed_ones_too() -> None:
    after = ruled(with_bracket(), "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "all  here"),))
    assert of(after, "a-2").status is Status.SUPERSEDED
    assert reopened(after, "a-1").text == with_bracket().text


def test_d1_bracket_not_retained_over_paragraphs_takes_whole_ones_and_gaps_but_never_the_title() -> None:
    given_ = document(
        title("par-0", bracketed("a-1", "Title")),
        paragraph("par-1", bracketed("a-1", "one")),
        paragraph("par-2"),
        item("par-3", "inside", added="a-2"),
        paragraph("par-4", bracketed("a-1", "two"), " rest"),
        amendments=[bracket("a-1"), addition("a-2", "XAB")],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((title("par-0"), paragraph("par-4", " rest")))
    assert of(after, "a-2").status is Status.SUPERSEDED
    assert reopened(after, "a-1").text == given_.text


def test_d1_bracket_over_an_empty_title_leaves_it() -> None:
    given_ = document(
        paragraph("par-1", bracketed("a-1", "one")),
        title("par-0"),
        paragraph("par-4", bracketed("a-1", "two")),
        amendments=[bracket("a-1")],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((title("par-0"),))
    assert reopened(after, "a-1").text == given_.text


@pytest.mark.parametrize("build", [with_addition, with_change, with_removal, with_bracket])
def test_d1_set_aside_leaves_the_text_and_stays_open(build: Callable[[], Document]) -> None:
    after = ruled(build(), "a-1", Ruling.SET_ASIDE)
    assert after.text == build().text
    assert of(after, "a-1").open
    assert reopened(after, "a-1").text == build().text


def test_d1_every_kind_has_its_row() -> None:
    assert set(DECISIONS) == set(AmendmentKind)


# --- what goes on record ---------------------------------------------------------------------------------------------


def test_a3_another_revision_is_refused() -> None:
    with pytest.raises(RevisionChanged, match="stands at revision 1, not 2"):
        record_outcome(RecordOutcome(AmendmentId("a-1"), 2, Ruling.AGREED), with_change(), BY_CHAIR)


def test_a3_other_words_than_the_screen_showed_are_refused() -> None:
    seen = words_digest(with_change(), "a-1")
    assert ruled(with_change(), "a-1", Ruling.AGREED, words=seen) == ruled(with_change(), "a-1", Ruling.AGREED)
    with pytest.raises(RevisionChanged, match="changed since your screen"):
        ruled(with_change(), "a-1", Ruling.AGREED, words="0" * 16)


def test_a3_the_digest_is_of_the_amendments_own_words_alone() -> None:
    seen = words_digest(with_change(), "a-1")
    assert len(seen) == 16
    others = document(
        paragraph(
            "par-1", "yes that ", ins("a-1", "a", ins("a-2", "x"), "ll "), struck("a-1", "some "), struck("a-1", "may")
        ),
        amendments=[amendment("a-1"), amendment("a-2")],
    )
    assert words_digest(others, "a-1") == seen
    assert words_digest(ruled(others, "a-2", Ruling.NOT_RETAINED), "a-1") == seen
    assert words_digest(with_removal(), "a-1") != words_digest(ruled(with_removal(), "a-2", Ruling.NOT_RETAINED), "a-1")
    assert words_digest(with_bracket(), "a-1") != words_digest(with_bracket(), "a-2")
    assert words_digest(with_change(), "a-9") == words_digest(document(), "a-1")


def test_d4_the_same_ruling_twice_is_refused() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="#1 is agreed already"):
        ruled(once, "a-1", Ruling.AGREED)


def test_d4_a_mistaken_outcome_is_reopened_first_and_both_stay_on_record() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="Reopen it"):
        ruled(once, "a-1", Ruling.NOT_RETAINED)
    after = ruled(reopened(once, "a-1"), "a-1", Ruling.NOT_RETAINED)
    assert [decision.ruling for decision in of(after, "a-1").decisions] == [
        Ruling.AGREED,
        Ruling.REOPENED,
        Ruling.NOT_RETAINED,
    ]


def test_agreed_ad_referendum_is_confirmed_without_touching_the_text() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED_AD_REFERENDUM)
    after = ruled(once, "a-1", Ruling.AGREED)
    assert after.text == once.text
    assert of(after, "a-1").status is Status.AGREED
    assert reopened(after, "a-1").text == with_change().text


def test_the_chair_rules_and_records() -> None:
    (decision,) = of(ruled(with_change(), "a-1", Ruling.AGREED, note="so decided"), "a-1").decisions
    words = "# par-1\n+all \n-some may"
    bare = Decision(Ruling.AGREED, 1, at(90), "R. Chair", "R. Chair", "so decided")
    assert decision == replace(bare, words=words, digest=digest(words.split("\n")))


def test_the_secretariat_records_only_what_a_named_chair_ruled() -> None:
    command = RecordOutcome(AmendmentId("a-1"), 1, Ruling.AGREED)
    clerk = context(THE_SECRETARIAT)
    with pytest.raises(InvalidCommand, match="Name the chair"):
        record_outcome(command, with_change(), clerk)
    after = applied(with_change(), record_outcome(replace(command, ruled_by=" R. Chair"), with_change(), clerk).edits)
    (decision,) = of(after, "a-1").decisions
    assert (decision.ruled_by, decision.recorded_by) == ("R. Chair", "S. Clerk")


def test_drafts_and_unknown_amendments_are_nobodys_to_rule_on() -> None:
    given_ = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", status=Status.DRAFT)])
    for name in ("a-1", "a-2"):
        with pytest.raises(UnknownAmendment):
            record_outcome(RecordOutcome(AmendmentId(name), 0, Ruling.AGREED), given_, BY_CHAIR)


def test_reopening_is_not_an_outcome() -> None:
    with pytest.raises(InvalidCommand, match="reopen"):
        ruled(with_change(), "a-1", Ruling.REOPENED)


def test_a_ruling_releases_the_pin() -> None:
    given_ = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", pinned=True)])
    assert not of(ruled(given_, "a-1", Ruling.SET_ASIDE), "a-1").pinned


# --- paragraph states (D3) and rulings on paragraphs -----------------------------------------------------------------


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.NOT_RETAINED, Ruling.SET_ASIDE])
def test_d3_base_text_under_a_ruling_is_open(ruling: Ruling) -> None:
    assert state(ruled(with_change(), "a-1", ruling), "par-1") is ParagraphState.OPEN


def test_d3_agreed_text_stays_agreed_until_a_change_to_it_is_agreed() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "two"), bracketed("a-2", "three")),
        amendments=[amendment("a-1"), bracket("a-2")],
        states={"par-1": ParagraphState.AGREED},
    )
    assert state(ruled(given_, "a-1", Ruling.NOT_RETAINED), "par-1") is ParagraphState.AGREED
    assert state(ruled(given_, "a-2", Ruling.AGREED), "par-1") is ParagraphState.AGREED
    assert state(ruled(given_, "a-2", Ruling.NOT_RETAINED), "par-1") is ParagraphState.REOPENED
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert state(after, "par-1") is ParagraphState.REOPENED
    (entry,) = after.record.paragraph(ParagraphId("par-1")).decisions
    assert (entry.ruling, entry.note) == (Ruling.REOPENED, "With the ruling on #1.")


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM])
def test_d3_a_paragraph_added_by_agreement_is_agreed(ruling: Ruling) -> None:
    given_ = document(item("par-1", "new", added="a-1"), amendments=[addition("a-1")])
    after = ruled(given_, "a-1", ruling)
    assert state(after, "par-1") is ParagraphState(ruling)
    assert state(reopened(after, "a-1"), "par-1") is ParagraphState.REOPENED


def considered(given_: Document, to: ParagraphState, name: str = "par-1") -> Change:
    return consider_paragraph(ConsiderParagraph(ParagraphId(name), to, "as it stands"), given_, BY_CHAIR)


@pytest.mark.parametrize("to", [ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM])
def test_a_paragraph_is_not_agreed_while_something_in_it_is_open(to: ParagraphState) -> None:
    given_ = document(
        paragraph("par-0", bracketed("a-4", "spans")),
        paragraph("par-1", "one ", ins("a-1", "two"), struck("a-2", "three")),
        paragraph("par-2", bracketed("a-4", "on"), bracketed("a-6", "x")),
        amendments=[
            amendment("a-1"),
            amendment("a-2", status=Status.SET_ASIDE),
            removal("a-3", paragraph="par-1"),
            bracket("a-4"),
            amendment("a-5", status=Status.NOT_RETAINED, paragraph="par-1"),
            bracket("a-6"),
        ],
    )
    with pytest.raises(WrongStatus, match="Still open in this paragraph: #4, #3, #1, #2"):
        considered(given_, to)
    assert {entry.id for entry in pending_in(given_, ParagraphId("par-2"))} == {"a-4", "a-6"}


def test_a_paragraph_is_considered_as_it_stands_and_reopened() -> None:
    given_ = document(paragraph("par-1", "one"))
    after = applied(given_, considered(given_, ParagraphState.AGREED_AD_REFERENDUM).edits)
    after = applied(after, considered(after, ParagraphState.AGREED).edits)
    after = applied(after, considered(after, ParagraphState.OPEN).edits)
    record = after.record.paragraph(ParagraphId("par-1"))
    assert record.state is ParagraphState.OPEN
    assert [entry.ruling for entry in record.decisions] == [
        Ruling.AGREED_AD_REFERENDUM,
        Ruling.AGREED,
        Ruling.REOPENED,
    ]
    first = record.decisions[0]
    assert (first.ruling, first.note, first.words) == (
        Ruling.AGREED_AD_REFERENDUM,
        "as it stands",
        "# par-1\n=one",
    )


def test_base_text_may_be_left_open_but_nothing_becomes_base_again() -> None:
    given_ = document(paragraph("par-1", "one"))
    after = applied(given_, considered(given_, ParagraphState.OPEN).edits)
    assert [entry.ruling for entry in after.record.paragraph(ParagraphId("par-1")).decisions] == [Ruling.SET_ASIDE]
    with pytest.raises(InvalidCommand, match="base text"):
        considered(after, ParagraphState.BASE)
    with pytest.raises(WrongStatus, match="open already"):
        considered(after, ParagraphState.OPEN)
    with pytest.raises(UnknownParagraph):
        considered(after, ParagraphState.OPEN, "par-9")


# --- bracket letters (D7)


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM])
@pytest.mark.parametrize("letter", "[]［］【】")  # noqa: RUF001
def test_d7_words_with_typed_brackets_are_not_agreed_and_the_refusal_says_what_to_do(
    letter: str, ruling: Ruling
) -> None:
    given_ = document(paragraph("par-1", "that ", ins("a-1", f"al{letter}l")), amendments=[amendment("a-1", number=12)])
    with pytest.raises(WrongStatus, match=r"#12 has square brackets typed as letters: its author turns them into"):
        ruled(given_, "a-1", ruling)
    assert of(ruled(given_, "a-1", Ruling.NOT_RETAINED), "a-1").status is Status.NOT_RETAINED


def test_d7_an_added_paragraph_with_typed_brackets_is_not_agreed() -> None:
    given_ = document(item("par-1", "new [words]", added="a-1"), amendments=[addition("a-1")])
    with pytest.raises(WrongStatus, match="typed as letters"):
        ruled(given_, "a-1", Ruling.AGREED)


def test_d7_a_typed_bracket_that_it_strikes_itself_goes_with_it() -> None:
    given_ = document(
        paragraph("par-1", "that ", ins("a-1", "all ", struck("a-1", "[")), "end"), amendments=[amendment("a-1")]
    )
    assert ruled(given_, "a-1", Ruling.AGREED).text.paragraphs[0].text == "that all end"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(("one", "[two]", "th]ree", "【", "four]")), st.booleans()), max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Ruling))), max_size=12),
)
def test_i8_after_any_rulings_clean_text_has_no_typed_bracket(
    typed: list[tuple[str, bool]], rulings: list[tuple[int, Ruling]]
) -> None:
    """[I8, D7]"""
    rows = [
        item(f"par-{n}", ins(f"a-{n}", words), added=f"a-{n}") if adds else paragraph(f"par-{n}", ins(f"a-{n}", words))
        for n, (words, adds) in enumerate(typed)
    ]
    records = [addition(f"a-{n}") if adds else amendment(f"a-{n}") for n, (_, adds) in enumerate(typed)]
    given_ = document(paragraph("par-base", "base"), *rows, amendments=records)
    for number, ruling in rulings:
        if number >= len(typed):
            continue
        name = f"a-{number}"
        try:
            given_ = reopened(given_, name) if ruling is Ruling.REOPENED else ruled(given_, name, ruling)
        except OpinionError:
            continue
    shown = "".join(row.text for row in clean(given_, named))
    assert not BRACKET_LETTERS & set(shown)
