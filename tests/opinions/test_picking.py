"""Picking one of several options: exactly one option's words stand, the blanks are right, all of it can come back (AL3,
AL4).
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.alternatives import amendments_of, find_alternatives, open_alternatives, put_alternatives
from opinions.clean import clean
from opinions.commands import Withdraw
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed, RevisionChanged, WrongStatus
from opinions.model import AmendmentId, MarkKind, Paragraph
from opinions.on_table import Alternatives, Option
from opinions.picking import outcomes, pick_option
from opinions.procedure import carry_out
from opinions.record import Document, Ruling, Status
from opinions.roles import Actor, Role
from opinions.statuses import Answer, CallState, Choice
from opinions.table_commands import AnswerCall, Called, KeepAlternatives, OpenCall, PickOption, PutAlternatives
from opinions.views import SegmentKind, named
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import (
    Piece,
    addition,
    amendment,
    bracket,
    bracketed,
    document,
    ins,
    item,
    paragraph,
    removal,
    struck,
)
from tests.support.rulings import of, reopened, ruled

BY_CHAIR = context(THE_CHAIR)


def tied(given_: Document, *options: Option) -> Document:
    """The document with these options tied together as `alt-1`."""
    command = PutAlternatives("alt-1", "the verb", options)
    return applied(given_, put_alternatives(command, given_, BY_CHAIR).edits)


def opt(label: str, *amendments: str, no_text: bool = False) -> Option:
    return Option(label, tuple(map(AmendmentId, amendments)), no_text)


def the(given_: Document, name: str = "alt-1") -> Alternatives:
    found = find_alternatives(given_, name)
    assert found is not None
    return found


def picked(given_: Document, label: str, name: str = "alt-1", **fields: str) -> Document:
    found = the(given_, name)
    option = next(one for one in found.options if one.label == label)
    command = PickOption(name, label, outcomes(given_, found, option), **fields)  # type: ignore[arg-type]
    return applied(given_, pick_option(command, given_, BY_CHAIR).edits)


def texts(given_: Document) -> list[str]:
    return [one.text for one in given_.text]


def all_reopened(given_: Document, alternatives: Alternatives, label: str) -> Document:
    """The document with the pick undone amendment by amendment, what was ruled on last first."""
    names = amendments_of(alternatives)
    option = next(one for one in alternatives.options if one.label == label)
    losers = sorted(set(names) - set(option.amendments), key=lambda name: given_.record.amendments[name].created_at)
    for name in (*reversed(option.amendments), *losers):
        given_ = reopened(given_, name)
    return given_


def three_rewordings(between: str = "") -> Document:
    """`Members shall act`, where three delegations replace the verb, each with its own word."""
    ways = [("a-1", "should"), ("a-2", "may"), ("a-3", "will")]
    pieces: list[Piece] = ["Members ", struck("a-1", struck("a-2", struck("a-3", "shall")))]
    pieces += [ins(name, between + word) for name, word in ways]
    return document(
        paragraph("par-1", *pieces, " act"),
        amendments=[amendment(name, f"XA{n}", created=n) for n, (name, _) in enumerate(ways)],
    )


def test_al3_of_rewordings_the_picked_one_replaces_the_words_and_the_others_are_not_retained() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("Alt 3", "a-3"))
    after = picked(given_, "Alt 2", note="Ad hoc group.")
    assert texts(after) == ["Members may act"]
    assert [of(after, name).status for name in ("a-1", "a-2", "a-3")] == [
        Status.NOT_RETAINED,
        Status.AGREED,
        Status.NOT_RETAINED,
    ]
    decision = of(after, "a-1").decisions[-1]
    assert decision.ruled_by == "R. Chair"
    assert decision.note == "Of the alternatives “the verb”, “Alt 2” was picked. Ad hoc group."
    assert (the(after).state, the(after).picked) == (Choice.PICKED, "Alt 2")
    assert open_alternatives(after) == ()


def test_al3_agreed_ad_referendum_when_the_chair_says_so() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2", "a-3"))
    found = the(given_)
    sent = tuple(
        replace(one, ruling=Ruling.AGREED_AD_REFERENDUM) if one.ruling is Ruling.AGREED else one
        for one in outcomes(given_, found, found.options[0])
    )
    command = PickOption("alt-1", "Alt 1", sent, ad_referendum=True)
    after = applied(given_, pick_option(command, given_, BY_CHAIR).edits)
    assert of(after, "a-1").status is Status.AGREED_AD_REFERENDUM


def test_al3_the_text_as_it_stands_is_an_option() -> None:
    given_ = tied(three_rewordings(), opt("Base"), opt("Alt 1", "a-1"), opt("Alt 2", "a-2", "a-3"))
    after = picked(given_, "Base")
    assert texts(after) == ["Members shall act"]
    assert all(of(after, name).status is Status.NOT_RETAINED for name in ("a-1", "a-2", "a-3"))


def test_al2_no_text_leaves_no_words_that_were_only_struck() -> None:
    with pytest.raises(InvalidCommand, match="“shall” would stand"):
        tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2", "a-3"), opt("No text", no_text=True))


def test_al3_no_text_takes_out_what_was_bracketed_and_what_is_proposed() -> None:
    given_ = document(
        paragraph("par-1", "Members ", bracketed("b-1", "shall"), bracketed("b-2", "should"), " act"),
        item("par-2", "a new one", added="a-3"),
        amendments=[bracket("b-1", "XAA"), bracket("b-2", "XAB", created=1), addition("a-3", "XAC", created=2)],
    )
    given_ = tied(given_, opt("Alt 1", "b-1"), opt("Alt 2", "b-2", "a-3"), opt("No text", no_text=True))
    after = picked(given_, "No text")
    assert texts(after) == ["Members act"]
    assert texts(all_reopened(after, the(given_), "No text")) == texts(given_)


def test_al2_no_text_may_be_a_proposal_to_delete() -> None:
    given_ = document(
        paragraph("par-1", "first"),
        paragraph("par-2", "second", ins("a-2", " and more")),
        amendments=[removal("a-1", "XAA", paragraph="par-2"), amendment("a-2", "XAB", created=1)],
    )
    with pytest.raises(InvalidCommand, match="leaves words"):
        tied(given_, opt("Alt 1", "a-1"), opt("No text", "a-2", no_text=True))
    with pytest.raises(InvalidCommand, match="that #1 deletes would stand"):
        tied(given_, opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("No text", no_text=True))
    after = picked(tied(given_, opt("Alt 1", "a-2"), opt("No text", "a-1", no_text=True)), "No text")
    assert texts(after) == ["first"]


def test_al3_an_option_is_several_amendments_of_several_paragraphs() -> None:
    given_ = document(
        item("par-1", "for the Secretary-General ", added="a-1"),
        item("par-2", "for the Director ", added="a-2"),
        paragraph("par-3", "requested in ", ins("a-3", "one "), ins("a-4", "two "), "reports"),
        amendments=[
            addition("a-1", "XAA"),
            addition("a-2", "XAB", created=1),
            amendment("a-3", "XAC", created=2),
            amendment("a-4", "XAD", created=3),
        ],
    )
    after = picked(tied(given_, opt("A", "a-1", "a-3"), opt("B", "a-2", "a-4")), "B")
    assert texts(after) == ["for the Director ", "requested in two reports"]


def test_al3_what_stands_inside_an_option_that_goes_is_ruled_on_by_itself() -> None:
    given_ = document(
        item("par-1", "for all ", ins("a-2", "and everybody "), added="a-1"),
        paragraph("par-2", "end", ins("a-3", "ing")),
        amendments=[addition("a-1", "XAA"), amendment("a-2", "XAB", created=1), amendment("a-3", "XAC", created=2)],
    )
    options = (opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("Alt 3", "a-3"))
    after = picked(tied(given_, *options), "Alt 3")
    assert texts(after) == ["ending"]
    assert [of(after, name).status for name in ("a-1", "a-2")] == [Status.NOT_RETAINED] * 2
    assert texts(picked(tied(given_, *options), "Alt 1")) == ["for all ", "end"]
    with pytest.raises(WrongStatus):
        picked(tied(given_, *options), "Alt 2")


def test_al4_a_bracket_that_holds_words_the_picked_option_needs_is_ruled_on_first() -> None:
    given_ = document(
        paragraph("par-1", "they ", bracketed("b-1", "shall ", struck("a-2", "not")), ins("a-2", "never"), " go"),
        amendments=[bracket("b-1", "XAA"), amendment("a-2", "XAB", created=1)],
    )
    given_ = tied(given_, opt("Alt 1", "b-1"), opt("Alt 2", "a-2"))
    with pytest.raises(WrongStatus, match="#2 needs words that #1 holds"):
        picked(given_, "Alt 2")
    assert texts(picked(given_, "Alt 1")) == ["they shall not go"]


def test_al4_two_brackets_round_the_same_words_go_together() -> None:
    given_ = document(
        paragraph("par-1", "they ", bracketed("b-1", bracketed("b-2", "shall")), " ", bracketed("b-3", "may"), " go"),
        amendments=[bracket(f"b-{n}", f"XA{n}", created=n) for n in (1, 2, 3)],
    )
    given_ = tied(given_, opt("Alt 1", "b-1", "b-2"), opt("Alt 2", "b-3"))
    after = picked(given_, "Alt 2")
    assert texts(after) == ["they may go"]
    assert of(after, "b-2").status is Status.SUPERSEDED
    assert "#2 held the same words" in the(after).decisions[-1].note
    assert texts(picked(given_, "Alt 1")) == ["they shall go"]


# --- refusals


def test_al3_what_was_decided_or_withdrawn_meanwhile_is_named_and_nothing_is_done() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("Alt 3", "a-3"))
    sent = outcomes(given_, the(given_), the(given_).options[0])
    gone = ruled(given_, "a-2", Ruling.NOT_RETAINED)
    gone = applied(gone, carry_out(Withdraw(AmendmentId("a-3")), gone, None, context(expert("XA2"))).main.edits)
    with pytest.raises(WrongStatus, match=r"Not pending any more: #2 \(not retained\), #3 \(withdrawn\)"):
        pick_option(PickOption("alt-1", "Alt 1", sent), gone, BY_CHAIR)


def test_a3_a_pick_is_refused_for_another_revision_or_other_words_than_the_screen_showed() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("Alt 3", "a-3"))
    sent = list(outcomes(given_, the(given_), the(given_).options[0]))
    for other in (replace(sent[1], revision=2), replace(sent[1], words="0" * 16)):
        with pytest.raises(RevisionChanged, match="#2"):
            pick_option(PickOption("alt-1", "Alt 1", (sent[0], other, sent[2])), given_, BY_CHAIR)
    for wrong in ((), (sent[0], sent[1]), (*sent, sent[0]), (sent[0], replace(sent[1], ruling=Ruling.AGREED), sent[2])):
        with pytest.raises(InvalidCommand):
            pick_option(PickOption("alt-1", "Alt 1", wrong), given_, BY_CHAIR)
    with pytest.raises(InvalidCommand, match="none of these options"):
        pick_option(PickOption("alt-1", "Alt 9", tuple(sent)), given_, BY_CHAIR)
    with pytest.raises(InvalidCommand, match="no alternatives"):
        pick_option(PickOption("alt-9", "Alt 1", tuple(sent)), given_, BY_CHAIR)


def test_al3_a_second_pick_is_refused() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2", "a-3"))
    sent = outcomes(given_, the(given_), the(given_).options[0])
    with pytest.raises(WrongStatus, match="“Alt 2” was picked"):
        pick_option(PickOption("alt-1", "Alt 1", sent), picked(given_, "Alt 2"), BY_CHAIR)


@pytest.mark.parametrize("actor", [expert("XA1"), Actor("m-fac", "F. Acilitator", Role.FACILITATOR)])
def test_i9_only_the_chair_picks(actor: Actor) -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2", "a-3"))
    command = PickOption("alt-1", "Alt 1", outcomes(given_, the(given_), the(given_).options[0]))
    with pytest.raises(NotAllowed):
        carry_out(command, given_, None, context(actor))
    with pytest.raises(InvalidCommand, match="Name the chair"):
        carry_out(command, given_, None, context(THE_SECRETARIAT))
    by_clerk = replace(command, ruled_by="R. Chair")
    after = applied(given_, carry_out(by_clerk, given_, None, context(THE_SECRETARIAT)).main.edits)
    assert (the(after).decisions[-1].ruled_by, the(after).decisions[-1].recorded_by) == ("R. Chair", "S. Clerk")


def test_al3_a_call_that_put_the_picked_one_alone_ends_with_the_pick_and_objections_are_answered() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2", "a-3"))
    given_ = applied(
        given_, carry_out(OpenCall("c-one", (Called(AmendmentId("a-1"), 1),)), given_, None, BY_CHAIR).main.edits
    )
    objects = AnswerCall("c-one", Answer.OBJECT, "Not this verb")
    given_ = applied(given_, carry_out(objects, given_, None, context(expert("XA1"))).main.edits)
    with pytest.raises(InvalidCommand, match="objection of XA1"):
        picked(given_, "Alt 1")
    after = picked(given_, "Alt 1", note="XA1 withdraws its objection.")
    call = after.record.call("c-one")
    assert call is not None
    assert call.state is CallState.DECIDED
    assert of(after, "a-1").decisions[-1].call == "c-one"
    assert texts(after) == ["Members should act"]


def test_al6_two_options_of_one_set_are_not_agreed_one_after_the_other_either() -> None:
    given_ = tied(three_rewordings(), opt("Alt 1", "a-1"), opt("Alt 2", "a-2"), opt("As it stands"))
    given_ = ruled(given_, "a-1", Ruling.AGREED)
    with pytest.raises(WrongStatus, match="are options of “the verb”"):
        ruled(given_, "a-2", Ruling.AGREED)
    assert of(ruled(given_, "a-3", Ruling.AGREED), "a-3").status is Status.AGREED
    assert of(ruled(given_, "a-2", Ruling.NOT_RETAINED), "a-2").status is Status.NOT_RETAINED
    untied = applied(given_, carry_out(KeepAlternatives("alt-1", drop=True), given_, None, BY_CHAIR).main.edits)
    assert of(ruled(untied, "a-2", Ruling.AGREED), "a-2").status is Status.AGREED


# --- blanks (AL4)


@pytest.mark.parametrize(
    ("pieces", "option", "expected"),
    [
        (("a ", "[x]", " ", "[y]", " b"), 0, "a x b"),
        (("a ", "[x]", " ", "[y]", " b"), 1, "a y b"),
        (("a ", "[x]", " ", "[y]", " b"), None, "a b"),
        (("a ", "[x]", " ", "[y]", ", b"), None, "a, b"),
        (("a ", "[x]", " ", "[, y]", ", b"), 1, "a, y, b"),
        (("[x]", " ", "[y]", " b"), 1, "y b"),
        (("[x]", " ", "[y]", " b"), None, "b"),
        (("a ", "[x]", " ", "[y]"), 0, "a x"),
        (("a ", "[x]", " ", "[y]", " ; b"), 0, "a x ; b"),
        (("a ", "[x]", " ", "[y]", "; b"), None, "a; b"),
        (("a (", "[x]", " ", "[y]", ") b"), 1, "a (y) b"),
        (("Opinion", "[s]", "[ens]", " b"), None, "Opinion b"),
        (("a  b ", "[x]", " ", "[y]", " c"), 1, "a  b y c"),
    ],
)
def test_al4_the_blanks_at_the_place_are_right(pieces: Sequence[str], option: int | None, expected: str) -> None:
    row = [
        bracketed(f"b-{number}", piece[1:-1]) if piece.startswith("[") else piece for number, piece in enumerate(pieces)
    ]
    names = [f"b-{number}" for number, piece in enumerate(pieces) if piece.startswith("[")]
    given_ = document(
        paragraph("par-1", *row), amendments=[bracket(name, "XAA", created=n) for n, name in enumerate(names)]
    )
    given_ = tied(given_, opt("0", names[0]), opt("1", names[1]), opt("None", no_text=True))
    label = "None" if option is None else str(option)
    after = picked(given_, label)
    assert texts(after) == [expected]
    assert all_reopened(after, the(given_), label).text == given_.text


def test_al4_no_other_character_is_touched_and_what_reads_oddly_is_told() -> None:
    given_ = document(
        paragraph("par-1", "one, ", bracketed("b-1", "two"), bracketed("b-2", "three"), ", four"),
        amendments=[bracket("b-1", "XAA"), bracket("b-2", "XAB", created=1)],
    )
    after = picked(tied(given_, opt("1", "b-1"), opt("2", "b-2"), opt("None", no_text=True)), "None")
    assert texts(after) == ["one,, four"]
    assert "Look at “one,, four”." in the(after).decisions[-1].note


def test_al4_blanks_that_somebody_proposes_or_that_stand_beside_pending_words_stay() -> None:
    given_ = document(
        paragraph("par-1", "a ", bracketed("b-1", "x"), bracketed("b-2", "y"), " ", ins("a-3", "new "), "b"),
        amendments=[bracket("b-1", "XAA"), bracket("b-2", "XAB", created=1), amendment("a-3", "XAC", created=2)],
    )
    after = picked(tied(given_, opt("1", "b-1"), opt("2", "b-2"), opt("None", no_text=True)), "None")
    assert texts(after) == ["a  new b"]


# --- properties: after a pick exactly one option's words stand

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon")


@st.composite
def places(draw: st.DrawFn) -> tuple[Document, dict[str, str], str]:
    """A place with options of every kind, each option's word, and what stands there now."""
    count = draw(st.integers(2, 5))
    ways = draw(st.lists(st.sampled_from(["bracket", "reword", "add", "insert"]), min_size=count, max_size=count))
    blank = draw(st.sampled_from(["", " "]))
    before, after = draw(st.sampled_from(["", "The ", "(", "a, "])), draw(st.sampled_from(["", " end", ", end", ")."]))
    rewording = [number for number, way in enumerate(ways) if way == "reword"]
    base: tuple[Piece, ...] = ("base",) if rewording else ()
    for number in rewording:
        base = (struck(f"a-{number}", *base),)
    row: list[Piece] = [before, *base]
    paragraphs: list[Paragraph] = []
    entries = []
    for number, way in enumerate(ways):
        name, word = f"a-{number}", WORDS[number]
        if way == "add":
            paragraphs.append(item(f"par-{number + 10}", f"{word} whole", added=name))
            entries.append(addition(name, f"XA{number}", created=number))
        elif way == "bracket":
            row += [blank if "bracket" in ways[:number] else "", bracketed(name, word)]
            entries.append(bracket(name, f"XA{number}", created=number))
        else:
            row.append(ins(name, word))
            entries.append(amendment(name, f"XA{number}", created=number))
    nested = draw(st.sampled_from(["", *[f"a-{n}" for n, way in enumerate(ways) if way == "add"]]))
    if nested:
        at = int(nested[2:])
        inner = item(f"par-{at + 10}", f"{WORDS[at]} ", ins("a-9", "inner "), "whole", added=nested)
        paragraphs = [inner if one.id == inner.id else one for one in paragraphs]
        entries.append(amendment("a-9", "XAZ", created=9))
    if set(ways) == {"add"}:
        row, after = ["nothing in question"], ""
    given_ = document(paragraph("par-1", *row, after), *paragraphs, amendments=entries)
    return given_, {f"a-{number}": WORDS[number] for number in range(count)}, nested


@settings(max_examples=40, deadline=None)
@given(places(), st.data())
def test_al3_after_a_pick_exactly_one_options_words_stand(
    place: tuple[Document, dict[str, str], str], data: st.DataObject
) -> None:
    given_, option_words, nested = place
    struck_base = "base" in texts(given_)[0]
    options = [opt(name, name) for name in option_words]
    if struck_base or data.draw(st.booleans()):
        options.append(opt("as it stands"))
    given_ = tied(given_, *options)
    label = data.draw(st.sampled_from([one.label for one in options]))
    after = picked(given_, label)
    stands = " ".join("".join(s.text for s in p.segments if s.kind is SegmentKind.TEXT) for p in clean(after, named))
    assert [word for word in option_words.values() if word in stands] == [
        option_words[name] for name in [label] if name in option_words
    ]
    rewords = label in option_words and struck_base and "reword" in _way(given_, label)
    if struck_base:
        assert ("base" in stands) == (not rewords)
    if not ("base" in stands and label != "as it stands"):
        for seam in ("  ", " ,", "( ", " )"):
            assert seam not in texts(after)[0]
    for name in option_words:
        assert of(after, name).status is (Status.AGREED if name == label else Status.NOT_RETAINED)
    if nested:
        assert of(after, "a-9").status is (Status.SUBMITTED if label == nested else Status.SUPERSEDED)
    assert all_reopened(after, the(given_), label).text == given_.text


def _way(given_: Document, name: str) -> str:
    paragraph_ = given_.text.paragraphs[0]
    return "reword" if any(name in run.ids(MarkKind.DELETION) for run in paragraph_.runs) else ""


def test_al4_words_come_back_where_they_stood_though_blanks_beside_them_were_mended() -> None:
    """A blank that stands alike elsewhere in the paragraph says nothing of where the words belong."""
    row = (struck("a-3", "base"), bracketed("a-0", "one"), " ", bracketed("a-1", "two"), " ", bracketed("a-2", "three"))
    given_ = document(
        paragraph("par-1", *row, ins("a-3", "four"), " end"),
        amendments=[
            *(bracket(f"a-{number}", f"XA{number}", created=number) for number in range(3)),
            amendment("a-3", "XA3", created=3),
        ],
    )
    given_ = tied(given_, *(opt(f"Alt {number}", f"a-{number}") for number in range(4)))
    after = picked(given_, "Alt 3")
    assert texts(after) == ["four end"]
    assert all_reopened(after, the(given_), "Alt 3").text == given_.text
