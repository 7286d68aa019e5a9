"""Rulings: the decision table, what goes on record, and what reopening brings back (D1-D4, A3, A5)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opinions import model
from opinions.commands import ConsiderParagraph, RecordOutcome, Reopen
from opinions.decisions import (
    DECISIONS,
    consider_paragraph,
    pending_in,
    record_outcome,
    reopen,
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
from opinions.model import AMENDMENT_MARKS, AmendmentId, MarkKind, Opinion, ParagraphId, joined
from opinions.record import (
    OPEN_STATUSES,
    Amendment,
    AmendmentKind,
    Decision,
    Document,
    ParagraphState,
    Removed,
    Ruling,
    Status,
)
from opinions.rules import without
from opinions.words import held, places
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
from tests.support.strategies import documents

BY_CHAIR = context(THE_CHAIR)


def ruled(given_: Document, amendment_id: str, ruling: Ruling, **fields: object) -> Document:
    """The document after the chair's ruling on the revision that stands."""
    entry = given_.amendment(amendment_id)
    assert entry is not None
    command = RecordOutcome(entry.id, entry.revision, ruling, **fields)  # type: ignore[arg-type]
    return applied(given_, record_outcome(command, given_, BY_CHAIR).edits)


def reopened(given_: Document, amendment_id: str) -> Document:
    """The document after the chair reopened an amendment."""
    return applied(given_, reopen(Reopen(AmendmentId(amendment_id)), given_, BY_CHAIR).edits)


def of(given_: Document, amendment_id: str) -> Amendment:
    entry = given_.amendment(amendment_id)
    assert entry is not None
    return entry


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
    assert {entry.status for entry in after.record.amendments.values()} == {Status.SUBMITTED}
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


def test_d1_mod_agreed_keeps_its_words_and_takes_the_struck_ones_out() -> None:
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
    assert {entry.status for entry in after.record.amendments.values()} == {Status.SUBMITTED}


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
    assert decision == Decision(Ruling.AGREED, 1, at(90), "R. Chair", "R. Chair", "so decided")


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


# --- nested and competing (A5) ---------------------------------------------------------------------------------------


def test_a5_nested_words_go_with_their_host_and_come_back_with_it() -> None:
    given_ = document(
        paragraph("par-1", "the ", ins("a-1", "very ", ins("a-2", "really "), "green "), ins("a-3", "new "), "deal"),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1), amendment("a-3", "XAC", created=2)],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "the ", ins("a-3", "new "), "deal"),))
    assert (of(after, "a-2").status, of(after, "a-3").status) == (Status.SUPERSEDED, Status.SUBMITTED)
    with pytest.raises(WrongStatus, match="went with #1: reopen that one"):
        reopened(after, "a-2")
    back = reopened(after, "a-1")
    assert back.text == given_.text
    assert of(back, "a-2").status is Status.SUBMITTED


def test_a5_what_was_there_before_is_not_nested() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "green "), "new "), "deal"),
        amendments=[amendment("a-1", "XAA", created=5), amendment("a-2", "XAB", created=1)],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", ins("a-2", "green "), "deal"),))
    assert reopened(after, "a-1").text == given_.text


def test_a5_an_amendment_with_words_elsewhere_loses_only_the_nested_ones() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "really "), "green "), "deal ", ins("a-2", "now")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1, pinned=True)],
    )
    after = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    assert after.text == Opinion((paragraph("par-1", "deal ", ins("a-2", "now")),))
    assert of(after, "a-2").open
    assert of(after, "a-2").pinned
    assert of(after, "a-2").removed[0].runs == ins("a-2", "really ")
    assert reopened(after, "a-1").text == given_.text


def test_a5_host_agreed_leaves_nested_amendments_open() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "really "), "green ")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.text == Opinion(
        (paragraph("par-1", agreed("a-1", "very "), ins("a-2", "really "), agreed("a-1", "green ")),)
    )
    assert of(after, "a-2").status is Status.SUBMITTED


def test_a5_nested_words_are_not_agreed_before_their_host() -> None:
    given_ = document(
        paragraph("par-1", ins("a-1", "very ", ins("a-2", "really "), "green ")),
        item("par-2", "two ", ins("a-3", "more"), added="a-4"),
        paragraph("par-3", "three"),
        amendments=[
            amendment("a-1", "XAA"),
            amendment("a-2", "XAB", created=1),
            amendment("a-3", "XAB", created=1),
            addition("a-4", "XAA"),
        ],
    )
    for nested, host in (("a-2", "#1"), ("a-3", "#4")):
        with pytest.raises(WrongStatus, match=f"inside {host}"):
            ruled(given_, nested, Ruling.AGREED)
        assert not of(ruled(given_, nested, Ruling.NOT_RETAINED), nested).open
        first = ruled(given_, "a-1" if nested == "a-2" else "a-4", Ruling.AGREED)
        assert of(ruled(first, nested, Ruling.AGREED), nested).status is Status.AGREED


def test_competing_strikes_of_words_now_gone_are_superseded() -> None:
    given_ = document(
        paragraph(
            "par-1", struck("a-1", "one ", struck("a-2", "two ")), struck("a-3", struck("a-1", "three "), "four")
        ),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB"), amendment("a-3", "XAC")],
    )
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert after.text == Opinion((paragraph("par-1", struck("a-3", "four")),))
    assert of(after, "a-2").status is Status.SUPERSEDED
    assert of(after, "a-3").open
    assert [entry.runs[0].text for entry in of(after, "a-3").removed] == ["three "]
    assert reopened(after, "a-1").text == given_.text


# --- reopening where the text moved on -------------------------------------------------------------------------------


def test_reopened_words_find_their_place_again_in_a_text_that_moved() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED)
    moved = replace(once, text=Opinion((paragraph("par-1", "Noting also that ", agreed("a-1", "all "), "Members "),)))
    after = reopened(moved, "a-1")
    assert after.text == Opinion(
        (
            paragraph(
                "par-1",
                "Noting also that ",
                ins("a-1", "all "),
                struck("a-1", "some "),
                "Members ",
                struck("a-1", "may"),
            ),
        )
    )


def test_reopened_words_come_back_at_the_nearest_place_and_the_decision_says_so() -> None:
    once = ruled(with_change(), "a-1", Ruling.AGREED)
    rewritten = replace(once, text=Opinion((paragraph("par-1", "quite another text"),)))
    after = reopened(rewritten, "a-1")
    assert "some " in after.text.paragraphs[0].text
    assert "nearest place" in of(after, "a-1").decisions[-1].note


def test_strikes_on_words_that_changed_are_not_put_on_others() -> None:
    once = ruled(with_change(), "a-1", Ruling.NOT_RETAINED)
    rewritten = replace(once, text=Opinion((paragraph("par-1", "that many Members may"),)))
    after = reopened(rewritten, "a-1")
    assert after.text == Opinion(
        (paragraph("par-1", "that ", ins("a-1", "all "), "many Members ", struck("a-1", "may")),)
    )
    assert "not marked again" in of(after, "a-1").decisions[-1].note


def test_a_vanished_paragraph_is_named_with_what_to_do() -> None:
    given_ = document(
        paragraph("par-1", struck("a-1", "one"), " two"),
        amendments=[amendment("a-1"), removal("a-2", "XAB", paragraph="par-1")],
    )
    gone = ruled(ruled(given_, "a-1", Ruling.AGREED), "a-2", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="#2 took it out"):
        reopened(gone, "a-1")
    assert reopened(reopened(gone, "a-2"), "a-1").text == given_.text
    lost = replace(gone, record=replace(gone.record, amendments={AmendmentId("a-1"): of(gone, "a-1")}))
    with pytest.raises(WrongStatus, match="Put a paragraph in its place"):
        reopened(lost, "a-1")


def test_words_that_went_by_another_decision_send_one_there() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "two")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    once = ruled(given_, "a-1", Ruling.AGREED)
    strike = replace(once, text=Opinion((paragraph("par-1", "one ", struck("a-2", agreed("a-1", "two"))),)))
    gone = ruled(strike, "a-2", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="decision on #2"):
        reopened(gone, "a-1")
    nowhere = replace(gone, record=replace(gone.record, amendments={AmendmentId("a-1"): of(gone, "a-1")}))
    with pytest.raises(WrongStatus, match="Propose them anew"):
        reopened(nowhere, "a-1")


def test_words_of_a_proposal_refused_meanwhile_do_not_come_back_as_agreed_text() -> None:
    given_ = document(
        paragraph("par-1", "one ", ins("a-1", "two ", "three")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    once = ruled(given_, "a-1", Ruling.AGREED)
    strike = replace(
        once, text=Opinion((paragraph("par-1", "one ", struck("a-2", agreed("a-1", "two ")), agreed("a-1", "three")),))
    )
    gone = ruled(strike, "a-2", Ruling.AGREED)
    pending = reopened(gone, "a-1")
    assert reopened(pending, "a-2").text == Opinion(
        (paragraph("par-1", "one ", ins("a-1", struck("a-2", "two "), "three")),)
    )
    refused = ruled(pending, "a-1", Ruling.NOT_RETAINED)
    with pytest.raises(WrongStatus, match="Nothing of #2 can be put back"):
        reopened(refused, "a-2")


def test_pending_words_refused_meanwhile_stay_out_and_on_record() -> None:
    given_ = document(
        paragraph("par-1", "one ", bracketed("a-1", "two ", ins("a-2", "x"), struck("a-3", "three")), ins("a-2", " y")),
        amendments=[bracket("a-1"), amendment("a-2", "XAB"), amendment("a-3", "XAC")],
    )
    once = ruled(given_, "a-1", Ruling.NOT_RETAINED)
    refused = ruled(once, "a-2", Ruling.NOT_RETAINED)
    back = reopened(refused, "a-1")
    assert back.text == Opinion((paragraph("par-1", "one ", bracketed("a-1", "two ", struck("a-3", "three"))),))
    assert [entry.runs for entry in of(back, "a-1").removed] == [bracketed("a-1", ins("a-2", "x"))]
    assert of(back, "a-3").status is Status.SUBMITTED


def test_strikes_decided_meanwhile_do_not_come_back() -> None:
    given_ = document(
        paragraph("par-1", "one ", bracketed("a-1", struck("a-3", "three")), struck("a-3", " y")),
        amendments=[bracket("a-1"), amendment("a-3", "XAC")],
    )
    decided = ruled(ruled(given_, "a-1", Ruling.NOT_RETAINED), "a-3", Ruling.NOT_RETAINED)
    assert reopened(decided, "a-1").text == Opinion((paragraph("par-1", "one ", bracketed("a-1", "three"), " y"),))


def test_words_lost_to_another_decision_come_back_with_that_one_alone() -> None:
    given_ = document(
        paragraph("par-1", "one ", struck("a-2", struck("a-1", "two "), "three ")),
        amendments=[amendment("a-1"), amendment("a-2", "XAB")],
    )
    both = ruled(ruled(given_, "a-1", Ruling.AGREED), "a-2", Ruling.NOT_RETAINED)
    second = reopened(both, "a-2")
    assert second.text == Opinion((paragraph("par-1", "one ", struck("a-2", "three ")),))
    assert [entry.by for entry in of(second, "a-2").removed] == ["a-1"]
    assert reopened(second, "a-1").text == given_.text


def test_paragraphs_that_stood_behind_each_other_still_come_back() -> None:
    first, second = paragraph("par-1", "one"), paragraph("par-2", "two")
    circle = document(
        paragraph("par-3", "three"),
        amendments=[
            removal(
                "a-1",
                paragraph="par-1",
                status=Status.AGREED,
                removed=(Removed(first.id, whole=first, after=second.id),),
            ),
            removal(
                "a-2",
                paragraph="par-2",
                status=Status.AGREED,
                removed=(Removed(second.id, whole=second, after=first.id),),
            ),
        ],
    )
    assert [p.id for p in reopened(circle, "a-1").text] == ["par-3", "par-1"]


def test_a_paragraph_comes_back_behind_the_nearest_one_left() -> None:
    given_ = document(
        paragraph("par-1", "one"),
        paragraph("par-2", "two"),
        paragraph("par-3", "three"),
        paragraph("par-4", "four"),
        amendments=[removal("a-2", paragraph="par-2"), removal("a-3", paragraph="par-3")],
    )
    gone = ruled(ruled(given_, "a-3", Ruling.AGREED), "a-2", Ruling.AGREED)
    assert [p.id for p in reopened(gone, "a-3").text] == ["par-1", "par-3", "par-4"]
    lost = replace(gone, text=Opinion((paragraph("par-4", "four"),)))
    last = reopened(lost, "a-2")
    assert [p.id for p in last.text] == ["par-4", "par-2"]
    assert "at the end" in of(last, "a-2").decisions[-1].note
    assert [p.id for p in reopened(replace(gone, text=Opinion()), "a-2").text] == ["par-2"]


def test_pending_is_not_reopened() -> None:
    with pytest.raises(WrongStatus, match="pending already"):
        reopened(with_change(), "a-1")


def test_superseded_without_a_trace_is_proposed_anew() -> None:
    given_ = document(paragraph("par-1", "x"), amendments=[amendment("a-1", status=Status.SUPERSEDED)])
    with pytest.raises(WrongStatus, match="anew"):
        reopened(given_, "a-1")


def test_t4_a_bracket_put_back_never_crosses_a_younger_one() -> None:
    given_ = document(
        paragraph("par-1", "a ", bracketed("a-1", "b ", "c"), " d"),
        amendments=[bracket("a-1"), bracket("a-2", "XAB", created=1)],
    )
    once = ruled(given_, "a-1", Ruling.AGREED)
    crossing = replace(once, text=Opinion((paragraph("par-1", "a b ", bracketed("a-2", "c d")),)))
    after = reopened(crossing, "a-1")
    assert after.text == Opinion(
        (paragraph("par-1", "a ", bracketed("a-1", bracketed("a-2", "b c")), bracketed("a-2", " d")),)
    )


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
    assert state(ruled(given_, "a-2", Ruling.NOT_RETAINED), "par-1") is ParagraphState.OPEN
    after = ruled(given_, "a-1", Ruling.AGREED)
    assert state(after, "par-1") is ParagraphState.OPEN
    (entry,) = after.record.paragraph(ParagraphId("par-1")).decisions
    assert (entry.ruling, entry.note) == (Ruling.REOPENED, "With the ruling on #1.")


@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM])
def test_d3_a_paragraph_added_by_agreement_is_agreed(ruling: Ruling) -> None:
    given_ = document(item("par-1", "new", added="a-1"), amendments=[addition("a-1")])
    after = ruled(given_, "a-1", ruling)
    assert state(after, "par-1") is ParagraphState(ruling)
    assert state(reopened(after, "a-1"), "par-1") is ParagraphState.OPEN


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
    assert record.decisions[0] == Decision(
        Ruling.AGREED_AD_REFERENDUM, 0, at(90), "R. Chair", "R. Chair", "as it stands"
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


# --- properties ------------------------------------------------------------------------------------------------------

RULINGS = (Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM, Ruling.NOT_RETAINED, Ruling.SET_ASIDE)


@st.composite
def rulings(draw: st.DrawFn) -> tuple[Document, AmendmentId, Ruling]:
    """A document and a ruling that may be recorded in it."""
    given_ = draw(documents(drafts=False, most_proposals=7))
    entries = given_.record.amendments.values()
    stands = [e.id for e in entries if e.open and (e.kind is AmendmentKind.SUP or places(given_.text, e.id))]
    moot = [e for e in entries if e.kind is AmendmentKind.SUP and e.status is Status.SUPERSEDED]
    assume(stands and not moot)
    name, ruling = draw(st.sampled_from(stands)), draw(st.sampled_from(RULINGS))
    try:
        ruled(given_, name, ruling)
    except OpinionError:
        assume(False)
    return given_, name, ruling


def characters(text: Opinion) -> Counter[str]:
    return Counter("".join(p.text for p in text))


def kept_characters(entry: Amendment) -> Counter[str]:
    runs = [run for kept in entry.removed for run in (kept.whole.runs if kept.whole else kept.runs)]
    return Counter("".join(run.text for run in runs))


def sound(given_: Document) -> None:
    """The rules of the text that every command leaves standing (T1, T2), and no marks of what is decided."""
    names = [p.id for p in given_.text]
    assert len(names) == len(set(names))
    for p in given_.text:
        assert p.runs == joined(p.runs)
        assert p.added is None or of(given_, p.added).open
        for run in p.runs:
            kinds = Counter(mark.kind for mark in run.marks)
            assert kinds[MarkKind.INSERTION] + kinds[MarkKind.ORIGIN] <= 1
            for mark in run.marks:
                if mark.kind in AMENDMENT_MARKS:
                    assert of(given_, mark.id).open, mark


@given(rulings())
def test_reopened_is_as_before(case: tuple[Document, AmendmentId, Ruling]) -> None:
    given_, name, ruling = case
    entry = of(given_, name)
    after = ruled(given_, name, ruling)
    sound(after)
    back = reopened(after, name)
    assert back.text == given_.text
    assert of(back, name).removed == entry.removed
    opened = {e.id for e in given_.record.amendments.values() if e.open}
    assert {e.id for e in back.record.amendments.values() if e.open} == opened


@given(rulings())
def test_every_character_a_ruling_takes_out_is_on_record(case: tuple[Document, AmendmentId, Ruling]) -> None:
    given_, name, ruling = case
    after = ruled(given_, name, ruling)
    gone = characters(given_.text) - characters(after.text)
    assert not gone - kept_characters(of(after, name))


@given(rulings())
def test_i8_clean_text_changes_by_agreement_alone(case: tuple[Document, AmendmentId, Ruling]) -> None:
    given_, name, ruling = case
    after = ruled(given_, name, ruling)
    dropped = of(given_, name).kind is AmendmentKind.BRACKET and ruling is Ruling.NOT_RETAINED
    if ruling in (Ruling.NOT_RETAINED, Ruling.SET_ASIDE) and not dropped:
        assert if_all_failed(after) == if_all_failed(given_)


def if_all_failed(given_: Document) -> Sequence[str]:
    ids = frozenset(e.id for e in given_.record.amendments.values() if e.status in OPEN_STATUSES)
    return [p.text for p in without(ids, given_.text) if p.added is None]


@given(rulings())
def test_a_ruling_changes_nothing_but_what_is_under_or_nested_in_the_amendment(
    case: tuple[Document, AmendmentId, Ruling],
) -> None:
    given_, name, ruling = case
    after = ruled(given_, name, ruling)
    nested = {n for n, e in given_.record.amendments.items() if n != name and of(after, n).removed != e.removed}
    dropped = of(given_, name).kind is AmendmentKind.BRACKET and ruling is Ruling.NOT_RETAINED
    area = held(given_, name) if dropped else {}
    taken = {Ruling.NOT_RETAINED: {(MarkKind.INSERTION, n) for n in {name, *nested}}}.get(
        ruling, {(MarkKind.DELETION, name)} if ruling is not Ruling.SET_ASIDE else set()
    )
    gone = {p.id for p in given_.text} - {p.id for p in after.text}
    assert elsewhere(after.text, name, taken, {}, gone) == elsewhere(given_.text, name, taken, area, gone)


def elsewhere(
    text: Opinion,
    name: str,
    taken: set[tuple[MarkKind, AmendmentId]],
    area: Mapping[ParagraphId, tuple[int, int]],
    gone: set[ParagraphId],
) -> list[object]:
    """All characters but those taken or in the area, with the marks that are not the amendment's."""
    rows: list[object] = []
    for p in text:
        if p.id in gone:
            continue
        start, end = area.get(p.id, (0, 0))
        cells = [
            (character, {mark for mark in marks if mark.id != name})
            for at, (character, marks) in enumerate(model.characters(p.runs))
            if not start <= at < end and not any((mark.kind, mark.id) in taken for mark in marks)
        ]
        rows.append((p.id, p.kind, p.level, None if p.added == name else p.added, cells))
    return rows
