"""Compromise text: wording of the chair's side that stands for competing amendments (CT1-CT4)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.alternatives import put_alternatives
from opinions.clean import clean
from opinions.commands import Cosponsor, RecordOutcome, Reopen, Withdraw
from opinions.compromise import Word, compromises, holders, origins, propose_compromise
from opinions.decisions import record_outcome, reopen
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed, RevisionChanged, WrongStatus
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.on_table import Option
from opinions.procedure import carry_out
from opinions.proposals import MAX_OWN_REPLACEMENTS, Replacement
from opinions.record import CHAIR, Amendment, AmendmentKind, Attitude, Document, Ruling, Stance, Status
from opinions.roles import Actor, Role
from opinions.rolling import rolling
from opinions.statuses import Choice
from opinions.table_commands import ProposeCompromise, PutAlternatives, RulingOn, TakePosition
from opinions.views import named
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, context, expert
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
    struck,
)
from tests.support.rulings import of, reopened, ruled

A_FACILITATOR = Actor("m-fac", "F. Acilitator", Role.FACILITATOR)
BY_CHAIR = context(THE_CHAIR)


def two_rewordings() -> Document:
    """`Members shall act`: XAA (with XAC) wants `should`, XAB `may`."""
    return document(
        paragraph(
            "par-1", "Members ", struck("a-1", struck("a-2", "shall")), ins("a-1", "should"), ins("a-2", "may"), " act"
        ),
        amendments=[
            amendment("a-1", "XAA", sponsors=(DelegationCode("XAC"),)),
            amendment("a-2", "XAB", created=1),
        ],
    )


def the_command(**fields: Any) -> ProposeCompromise:
    given_ = ProposeCompromise(
        AmendmentId("c-01"),
        (AmendmentId("a-1"), AmendmentId("a-2")),
        AmendmentKind.MOD,
        ParagraphId("par-1"),
        (Replacement(8, 13, "shall", "are invited to"),),
        reason="Between the two.",
    )
    return replace(given_, **fields)


def with_compromise(given_: Document | None = None, by: Actor = THE_CHAIR, **fields: Any) -> Document:
    before = given_ or two_rewordings()
    return applied(before, propose_compromise(the_command(**fields), before, context(by)).edits)


def says(given_: Document, party: str, attitude: Attitude) -> Document:
    one = of(given_, "c-01")
    command = TakePosition(one.id, one.revision, attitude, "said so")
    return applied(given_, carry_out(command, given_, None, context(expert(party))).main.edits)


def reads(given_: Document) -> list[str]:
    return ["".join(segment.text for segment in one.segments) for one in clean(given_, named)]


# --- proposing (CT1)


@pytest.mark.parametrize(
    ("by", "typist"), [(THE_CHAIR, ""), (A_FACILITATOR, ""), (THE_SECRETARIAT, THE_SECRETARIAT.name)]
)
def test_ct1_a_compromise_is_an_amendment_of_the_chairs_side_and_takes_nothing_away(by: Actor, typist: str) -> None:
    after = with_compromise(by=by)
    one = of(after, "c-01")
    assert (one.delegation, one.author, one.typist) == (CHAIR, by.name, typist)
    assert (one.status, one.revision, one.number, one.reason) == (Status.SUBMITTED, 1, 3, "Between the two.")
    assert one.replaces == ("a-1", "a-2")
    assert [of(after, name) for name in ("a-1", "a-2")] == [of(two_rewordings(), name) for name in ("a-1", "a-2")]
    assert reads(after) == ["Members shall act"]
    text = "".join(segment.text for segment in rolling(after)[0].segments)
    assert text == "Members [shall][CHR: are invited to][XAA, XAC: should][XAB: may] act"
    assert compromises(after) == (one,)


def test_ct1_drafted_again_at_the_same_place_it_is_the_next_revision() -> None:
    first = with_compromise()
    again = the_command(
        amendment=AmendmentId("c-02"), replacements=(Replacement(13, 27, "are invited to", "are encouraged to"),)
    )
    after = applied(first, propose_compromise(again, first, BY_CHAIR).edits)
    one = of(after, "c-01")
    assert (one.revision, one.replaces) == (2, ("a-1", "a-2"))
    assert after.amendment("c-02") is None
    assert after.text.paragraphs[0].text == "Members shallare encouraged toshouldmay act"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"replaces": ()}, "tick those"),
        ({"replaces": (AmendmentId("a-9"),)}, "no amendment a-9"),
        ({"kind": AmendmentKind.BRACKET}, "is wording"),
        ({"replacements": ()}, "changes nothing"),
        ({"replacements": tuple(Replacement(0, 0, "", "x") for _ in range(MAX_OWN_REPLACEMENTS + 1))}, "at most"),
        ({"amendment": AmendmentId("c 1")}, "is no id"),
    ],
)
def test_ct1_what_is_no_compromise_is_refused(fields: dict[str, Any], error: str) -> None:
    with pytest.raises(InvalidCommand, match=error):
        with_compromise(**fields)


def test_ct1_it_replaces_what_is_pending_and_speaks_of_the_words_that_stand() -> None:
    gone = ruled(two_rewordings(), "a-2", Ruling.NOT_RETAINED)
    with pytest.raises(WrongStatus, match="#2 is not retained"):
        with_compromise(gone)
    with pytest.raises(RevisionChanged):
        with_compromise(replacements=(Replacement(8, 13, "ought", "x"),))


def test_ct1_a_paragraph_that_one_of_them_adds_is_no_ground_for_it() -> None:
    given_ = document(
        paragraph("par-1", "first"),
        item("par-2", "new words", added="a-1"),
        item("par-3", "other words", added="a-2"),
        amendments=[addition("a-1", "XAA"), addition("a-2", "XAB", created=1)],
    )
    with pytest.raises(InvalidCommand, match="#1 adds this paragraph"):
        with_compromise(given_, paragraph=ParagraphId("par-2"), replacements=(Replacement(0, 3, "new", "our"),))
    after = with_compromise(
        given_,
        kind=AmendmentKind.ADD,
        paragraph=ParagraphId("par-9"),
        replacements=(),
        after=ParagraphId("par-1"),
        text="common words",
    )
    assert reads(ruled(after, "c-01", Ruling.AGREED)) == ["first", "common words"]


@pytest.mark.parametrize("actor", [expert("XAA"), AN_OBSERVER])
def test_p1_delegations_propose_no_compromise(actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        carry_out(the_command(), two_rewordings(), None, context(actor))


# --- accepting and declining (CT2)


def test_ct2_each_holder_says_whether_it_accepts_by_its_position() -> None:
    given_ = with_compromise()
    assert [(one.delegation, one.of, one.word) for one in holders(given_, of(given_, "c-01"))] == [
        ("XAA", ("a-1",), Word.SILENT),
        ("XAC", ("a-1",), Word.SILENT),
        ("XAB", ("a-2",), Word.SILENT),
    ]
    given_ = says(given_, "XAA", Attitude.CAN_ACCEPT)
    given_ = says(given_, "XAB", Attitude.OPPOSE)
    given_ = says(given_, "XAC", Attitude.AWAITING)
    given_ = says(given_, "XAD", Attitude.SUPPORT)
    assert [(one.delegation, one.word) for one in holders(given_, of(given_, "c-01"))] == [
        ("XAA", Word.ACCEPTS),
        ("XAC", Word.OTHERWISE),
        ("XAB", Word.DECLINES),
    ]
    given_ = says(given_, "XAB", Attitude.SUPPORT)
    assert holders(given_, of(given_, "c-01"))[2].word is Word.ACCEPTS


def test_ct2_what_was_said_of_an_earlier_revision_says_nothing_of_this_one() -> None:
    given_ = says(with_compromise(), "XAA", Attitude.CAN_ACCEPT)
    later = replace(of(given_, "c-01"), revision=2)
    said = holders(given_, later)[0]
    assert said.word is Word.SILENT
    assert said.stance is not None
    assert said.stance.revision == 1


def test_ct2_a_member_that_confirmed_speaks_with_its_group_and_a_source_names_holders() -> None:
    given_ = document(
        paragraph("par-1", bracketed("b-1", "old"), " words"),
        amendments=[bracket("b-1", "SEC", stances=(Stance("XAA", Attitude.RETAIN), Stance("XAB", Attitude.DELETE)))],
    )
    given_ = with_compromise(given_, replaces=(AmendmentId("b-1"),), replacements=(Replacement(0, 3, "old", "older"),))
    one = of(given_, "c-01")
    assert [each.delegation for each in holders(given_, one)] == ["XAA"]
    group = Stance("G77", Attitude.CAN_ACCEPT, revision=1, by="XAB", members=(DelegationCode("XAA"),))
    assert holders(given_, replace(one, stances=(group,)))[0].word is Word.ACCEPTS


# --- agreed, refused, reopened (CT3)


def test_ct3_agreed_it_merges_the_others_into_it_with_their_attributions() -> None:
    after = ruled(with_compromise(), "c-01", Ruling.AGREED)
    assert reads(after) == ["Members are invited to act"]
    for name in ("a-1", "a-2"):
        one = of(after, name)
        assert (one.status, one.into, one.decisions[-1].ruling) == (Status.MERGED, "c-01", Ruling.MERGED)
        assert one.decisions[-1].into == "c-01"
        assert any("".join(run.text for run in entry.runs) for entry in one.removed)
    assert of(after, "a-1").sponsors == ("XAC",)
    assert {mark.key for run in after.text.paragraphs[0].runs for mark in run.marks} == {"origin:c-01"}
    assert [one.delegation for one in origins(after, "c-01")] == ["XAA", "XAB"]
    with pytest.raises(WrongStatus, match="#1 was merged into #3"):
        reopened(after, "a-1")


@pytest.mark.parametrize("ruling", [Ruling.NOT_RETAINED, Ruling.SET_ASIDE, Ruling.WORDING_AGREED])
def test_ct3_not_agreed_it_leaves_the_others_as_they_were(ruling: Ruling) -> None:
    before = with_compromise()
    after = ruled(before, "c-01", ruling)
    assert [of(after, name) for name in ("a-1", "a-2")] == [of(before, name) for name in ("a-1", "a-2")]
    assert reads(after) == ["Members shall act"]


def test_ct3_what_was_withdrawn_meanwhile_is_left_as_it_is_and_told() -> None:
    given_ = with_compromise()
    withdrawn = carry_out(Withdraw(AmendmentId("a-2")), given_, None, context(expert("XAB")))
    after = ruled(applied(given_, withdrawn.main.edits), "c-01", Ruling.AGREED, note="No objection.")
    assert of(after, "a-2").status is Status.WITHDRAWN
    assert of(after, "c-01").decisions[-1].note == "No objection. Left as they are: #2 (withdrawn)."
    assert reads(after) == ["Members are invited to act"]


def test_ct3_reopened_it_brings_the_others_back() -> None:
    before = with_compromise()
    after = reopened(ruled(before, "c-01", Ruling.AGREED), "c-01")
    assert after.text == before.text
    for name in ("a-1", "a-2"):
        one = of(after, name)
        assert (one.status, one.into, one.removed) == (Status.REOPENED, None, ())
        assert one.decisions[-1].note == "With #3."
    assert of(after, "c-01").replaces == ("a-1", "a-2")


def test_ct3_a_bracket_is_lifted_and_the_compromise_says_what_goes() -> None:
    given_ = document(
        paragraph("par-1", "they ", bracketed("b-1", "shall"), " ", bracketed("b-2", "should"), " go"),
        amendments=[bracket("b-1", "XAA"), bracket("b-2", "XAB", created=1)],
    )
    before = with_compromise(
        given_,
        replaces=(AmendmentId("b-1"), AmendmentId("b-2")),
        replacements=(Replacement(5, 11, "shall ", ""), Replacement(17, 17, "", ", as appropriate,")),
    )
    after = ruled(before, "c-01", Ruling.AGREED)
    assert reads(after) == ["they should, as appropriate, go"]
    assert reopened(after, "c-01").text == before.text


def test_ct3_alternatives_all_of_whose_options_it_replaces_are_merged() -> None:
    given_ = two_rewordings()
    options = (Option("Alt 1", (AmendmentId("a-1"),)), Option("Alt 2", (AmendmentId("a-2"),)), Option("As it stands"))
    given_ = applied(given_, put_alternatives(PutAlternatives("alt-1", "the verb", options), given_, BY_CHAIR).edits)
    after = ruled(with_compromise(given_), "c-01", Ruling.AGREED)
    merged = after.record.alternatives("alt-1")
    assert merged is not None
    assert (merged.state, merged.decisions[-1].into) == (Choice.MERGED, "c-01")
    again = reopened(after, "c-01").record.alternatives("alt-1")
    assert again is not None
    assert again.state is Choice.OPEN


def test_ct3_one_that_the_same_act_rules_on_otherwise_is_not_merged() -> None:
    given_ = with_compromise()
    others = (RulingOn(AmendmentId("a-2"), 1, Ruling.NOT_RETAINED),)
    command = RecordOutcome(AmendmentId("c-01"), 1, Ruling.AGREED, others=others)
    after = applied(given_, record_outcome(command, given_, BY_CHAIR).edits)
    assert of(after, "a-2").status is Status.NOT_RETAINED
    assert of(after, "a-1").status is Status.MERGED


WORDS = st.sampled_from(["one", "two ", " three", "four five", ""])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORDS, st.sampled_from(["strike", "bracket", "insert"])), min_size=1, max_size=4), st.data())
def test_ct3_agreed_it_reads_as_drafted_and_reopened_all_stands_as_before(
    ways: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Whatever the others do to the paragraph, the agreed text is the base with the compromise's changes alone."""
    base = "The Council invites all Members to act."
    row: list[Piece] = []
    entries: list[Amendment] = []
    cuts = sorted(data.draw(st.lists(st.integers(0, len(base)), min_size=2 * len(ways), max_size=2 * len(ways))))
    at = 0
    for number, (word, way) in enumerate(ways):
        start, end = cuts[2 * number], cuts[2 * number + 1]
        name = f"a-{number}"
        row.append(base[at:start])
        piece = base[start:end]
        if way == "bracket" and piece:
            row.append(bracketed(name, piece))
            entries.append(bracket(name, f"XA{number}", created=number))
        elif way == "strike" and piece:
            row += [struck(name, piece), ins(name, word or "x")]
            entries.append(amendment(name, f"XA{number}", created=number))
        else:
            row += [piece, ins(name, word or "x")]
            entries.append(amendment(name, f"XA{number}", created=number))
        at = end
    given_ = document(paragraph("par-1", *row, base[at:]), amendments=entries)
    text = given_.text.paragraphs[0].text
    place = data.draw(st.integers(0, len(text)))
    settled_at = _settled_before(given_, place)
    before = with_compromise(
        given_,
        replaces=tuple(one.id for one in entries),
        replacements=(Replacement(place, place, "", "NEW"),),
    )
    after = ruled(before, "c-01", Ruling.AGREED)
    settled = base[:settled_at] + "NEW" + base[settled_at:]
    assert reads(after) == [settled]
    assert all(of(after, one.id).status is Status.MERGED for one in entries)
    back = applied(after, reopen(Reopen(AmendmentId("c-01")), after, BY_CHAIR).edits)
    assert back.text.paragraphs[0].text == before.text.paragraphs[0].text


def _settled_before(given_: Document, place: int) -> int:
    """How many settled characters stand before a place."""
    count = at = 0
    for run in given_.text.paragraphs[0].runs:
        size = max(min(len(run.text), place - at), 0)
        count += 0 if run.insertion else size
        at += len(run.text)
    return count


# --- taking back (CT1)


def withdrawn(given_: Document, actor: Actor, party: str = "") -> Document:
    by = replace(context(actor), party=DelegationCode(party))
    return applied(given_, carry_out(Withdraw(AmendmentId("c-01")), given_, None, by).main.edits)


@pytest.mark.parametrize("by", [THE_CHAIR, A_FACILITATOR, THE_SECRETARIAT])
def test_ct1_the_chairs_side_takes_its_text_back_and_the_others_stay_as_they_were(by: Actor) -> None:
    after = withdrawn(with_compromise(by=by), by)
    assert of(after, "c-01").status is Status.WITHDRAWN
    assert "are invited to" in [run.text for one in of(after, "c-01").removed for run in one.runs]
    assert after.text == two_rewordings().text
    assert [of(after, name) for name in ("a-1", "a-2")] == [of(two_rewordings(), name) for name in ("a-1", "a-2")]
    with pytest.raises(WrongStatus, match="withdrawn"):
        withdrawn(after, by)


@pytest.mark.parametrize(
    ("by", "party", "error"),
    [
        (A_FACILITATOR, "", "drafted by R. Chair: ask the chair"),
        (THE_SECRETARIAT, "XAB", "only CHR may withdraw"),
        (expert("XAA"), "XAA", "only CHR may withdraw"),
        (AN_OBSERVER, "", "observer"),
    ],
)
def test_ct1_nobody_else_takes_it_back(by: Actor, party: str, error: str) -> None:
    with pytest.raises(NotAllowed, match=error):
        withdrawn(with_compromise(), by, party)


def test_ct1_the_chair_withdraws_nothing_of_a_delegation() -> None:
    with pytest.raises(NotAllowed):
        carry_out(Withdraw(AmendmentId("a-1")), with_compromise(), None, BY_CHAIR)


def test_ct1_taken_back_it_passes_to_who_co_sponsors_it_and_stands_for_nothing_then() -> None:
    before = with_compromise()
    joined = carry_out(Cosponsor(AmendmentId("c-01"), 1), before, None, context(expert("XAD")))
    after = withdrawn(applied(before, joined.main.edits), THE_CHAIR)
    one = of(after, "c-01")
    assert (one.delegation, one.status, one.sponsors, one.replaces) == ("XAD", Status.SUBMITTED, (), ())
    assert CHAIR not in {each.delegation for each in one.stances}
