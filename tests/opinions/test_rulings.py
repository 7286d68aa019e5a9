"""Several rulings of one act: what competed goes in the order in which each finds its words, all or nothing (D9)."""

from dataclasses import replace
from itertools import permutations
from time import process_time

import pytest

from opinions import rulings
from opinions.commands import MAX_RULED, ConsiderParagraph, CorrectText, RecordOutcome, Reopen, Withdraw
from opinions.considering import requests_to_reopen
from opinions.edits import PutAmendment, applied
from opinions.errors import InvalidCommand, OpinionError, RevisionChanged, UnknownAmendment, WrongStatus
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.procedure import Context, carry_out
from opinions.record import Document, Level, ParagraphState, Ruling, Status
from opinions.ruled_words import digest, words_digest
from opinions.statuses import Attitude
from opinions.table_commands import (
    Called,
    DecideCall,
    MarkEditorial,
    OpenCall,
    OpenSitting,
    PutPackage,
    RecordOutcomes,
    RulingOn,
    TakePosition,
)
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
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
)
from tests.support.rulings import of

A1, A2, A3, A4 = (AmendmentId(f"a-{number}") for number in (1, 2, 3, 4))
P1 = ParagraphId("par-1")
XAA, XAB = DelegationCode("XAA"), DelegationCode("XAB")
CHAIR, CLERK = context(THE_CHAIR), context(THE_SECRETARIAT)
BY_XAA, BY_XAB = context(expert("XAA")), context(expert("XAB"))


def do(given: Document, *acts: tuple[object, Context]) -> Document:
    for command, who in acts:
        given = applied(given, carry_out(command, given, None, who).main.edits)  # type: ignore[arg-type]
    return given


def on(name: str, ruling: Ruling, revision: int = 1, words: str = "") -> RulingOn:
    return RulingOn(AmendmentId(name), revision, ruling, words)


def statuses(given: Document) -> dict[str, Status]:
    return {name: entry.status for name, entry in given.record.amendments.items()}


# --- with others -----------------------------------------------------------------------------------------------------


def competing() -> Document:
    """#1 and #2 would reword the same words; #3 only strikes them."""
    return document(
        paragraph(
            "par-1",
            "it ",
            struck("a-1", struck("a-2", struck("a-3", "shall "))),
            ins("a-1", "should "),
            ins("a-2", "may "),
        ),
        amendments=[amendment("a-1", XAA), amendment("a-2", XAB), amendment("a-3", "XAC")],
    )


@pytest.mark.parametrize("winner", ["a-1", "a-2", "a-3"])
def test_d9_of_competing_amendments_one_stands_and_the_others_are_on_record(winner: str) -> None:
    """[D9] agreeing one never leaves "shall should": what competed is ruled on in the same act."""
    others = tuple(on(name, Ruling.NOT_RETAINED) for name in ("a-1", "a-2", "a-3") if name != winner)
    command = RecordOutcome(AmendmentId(winner), 1, Ruling.AGREED, others=others)
    change = carry_out(command, competing(), None, CHAIR).main
    after = applied(competing(), change.edits)
    assert after.text.paragraphs[0].text == "it " + {"a-1": "should ", "a-2": "may ", "a-3": ""}[winner]
    assert {name for name, status in statuses(after).items() if status is Status.AGREED} == {winner}
    assert {len(entry.decisions) for entry in after.record.amendments.values()} == {1}
    first = next(edit.amendment for edit in change.edits if isinstance(edit, PutAmendment))
    assert first.id == winner, "the result of the command is of the amendment that it names"
    for other in {"a-1", "a-2"} - {winner}:
        assert of(do(after, (Reopen(AmendmentId(other)), CHAIR)), other).status is Status.REOPENED


def test_d9_all_or_nothing() -> None:
    """[D9]"""
    for wrong, error in (
        (on("a-2", Ruling.NOT_RETAINED, 2), RevisionChanged),
        (on("a-2", Ruling.NOT_RETAINED, words="0" * 16), RevisionChanged),
        (on("a-9", Ruling.NOT_RETAINED), UnknownAmendment),
        (on("a-1", Ruling.NOT_RETAINED), InvalidCommand),
        (on("a-2", Ruling.REOPENED), InvalidCommand),
    ):
        with pytest.raises(error):
            do(competing(), (RecordOutcome(A1, 1, Ruling.AGREED, others=(wrong,)), CHAIR))
    decided = do(competing(), (Withdraw(A2), BY_XAB))
    with pytest.raises(WrongStatus, match="#2 is withdrawn"):
        do(decided, (RecordOutcome(A1, 1, Ruling.AGREED, others=(on("a-2", Ruling.NOT_RETAINED),)), CHAIR))


def nested() -> Document:
    """#2 stands among the words of #1, #3 among those of #2."""
    pieces = (ins("a-1", "one "), ins("a-2", "two "), ins("a-3", "three "), ins("a-2", "four "), ins("a-1", "five"))
    return document(
        paragraph("par-1", *pieces),
        amendments=[amendment("a-1", XAA), amendment("a-2", XAB, created=1), amendment("a-3", "XAC", created=2)],
    )


@pytest.mark.parametrize("order", list(permutations(("a-1", "a-2", "a-3"))))
@pytest.mark.parametrize("ruling", [Ruling.AGREED, Ruling.NOT_RETAINED])
def test_d9_nested_ones_are_ruled_on_in_whatever_order_they_are_named(order: tuple[str, ...], ruling: Ruling) -> None:
    """[D9] hosts before what is nested in them when agreed; the other way round when left out."""
    main, *others = order
    command = RecordOutcome(AmendmentId(main), 1, ruling, others=tuple(on(name, ruling) for name in others))
    after = do(nested(), (command, CHAIR))
    assert set(statuses(after).values()) == {Status(ruling.value)}
    assert after.text.paragraphs[0].text == ("one two three four five" if ruling is Ruling.AGREED else "")


def test_d9_what_is_agreed_among_words_left_out_in_the_same_act_does_not_go_along() -> None:
    """[D9] and what stands in it stays open, as in every host that is agreed (A5)."""
    command = RecordOutcome(A2, 1, Ruling.AGREED, others=(on("a-1", Ruling.NOT_RETAINED),))
    after = do(nested(), (command, CHAIR))
    assert after.text.paragraphs == (
        paragraph("par-1", agreed("a-2", "two "), ins("a-3", "three "), agreed("a-2", "four ")),
    )
    assert after.record.paragraph(P1).state is ParagraphState.OPEN
    assert statuses(after) == {"a-1": Status.NOT_RETAINED, "a-2": Status.AGREED, "a-3": Status.SUBMITTED}
    back = do(after, (Reopen(A1), CHAIR))
    assert "one " in back.text.paragraphs[0].text
    assert "five" in back.text.paragraphs[0].text


def test_d9_what_would_go_with_another_ones_words_is_not_ruled_on_beside_it() -> None:
    """[D9] nothing that is named in the act vanishes by another part of it."""
    for ruling in (Ruling.SET_ASIDE, Ruling.AGREED_IN_INFORMALS):
        with pytest.raises(WrongStatus, match="The words of #2 go with #1 and come back with it"):
            do(nested(), (RecordOutcome(A1, 1, Ruling.NOT_RETAINED, others=(on("a-2", ruling),)), CHAIR))


def test_d9_a_paragraph_left_out_takes_no_agreed_words_with_it() -> None:
    """[D9]"""
    given = document(
        item("par-1", "one ", ins("a-2", "two"), added="a-1"),
        amendments=[addition("a-1", XAA), amendment("a-2", XAB, created=1)],
    )
    command = RecordOutcome(A2, 1, Ruling.AGREED, others=(on("a-1", Ruling.NOT_RETAINED),))
    with pytest.raises(WrongStatus, match="#1"):
        do(given, (command, CHAIR))
    both = RecordOutcome(A1, 1, Ruling.AGREED, others=(on("a-2", Ruling.AGREED),))
    assert do(given, (both, CHAIR)).record.paragraph(P1).state is ParagraphState.AGREED


def test_d9_a_removal_goes_last() -> None:
    """[D9] what stood in the paragraph has its own outcome first."""
    given = document(
        paragraph("par-1", "one ", ins("a-2", "two")),
        amendments=[removal("a-1", XAA, paragraph="par-1"), amendment("a-2", XAB)],
    )
    command = RecordOutcome(A1, 1, Ruling.AGREED, others=(on("a-2", Ruling.NOT_RETAINED),))
    after = do(given, (command, CHAIR))
    assert (after.text.paragraphs, of(after, "a-2").status) == ((), Status.NOT_RETAINED)


def test_d9_an_agreed_compromise_merges_what_it_stands_for() -> None:
    """[D9] the others become "merged into", their words and whose they are stay on record."""
    given = document(
        paragraph(
            "par-1", "it ", struck("a-9", ins("a-1", "should "), ins("a-2", "may ")), ins("a-9", "is invited to ")
        ),
        amendments=[
            amendment("a-1", XAA),
            amendment("a-2", XAB, sponsors=(DelegationCode("XAC"),)),
            amendment("a-9", "CHR", created=5, replaces=(A1, A2)),
        ],
    )
    nine = AmendmentId("a-9")
    after = do(given, (RecordOutcome(nine, 1, Ruling.AGREED), CHAIR))
    assert after.text.paragraphs == (paragraph("par-1", "it ", agreed("a-9", "is invited to ")),)
    for name in (A1, A2):
        entry = of(after, name)
        assert (entry.status, entry.into, entry.decisions[-1].ruling) == (Status.MERGED, nine, Ruling.MERGED)
        assert entry.removed
        assert (entry.delegation, entry.sponsors) == (of(given, name).delegation, of(given, name).sponsors)
    said = do(given, (RecordOutcome(nine, 1, Ruling.AGREED, others=(on("a-2", Ruling.NOT_RETAINED),)), CHAIR))
    assert [of(said, name).status for name in (A1, A2)] == [Status.MERGED, Status.NOT_RETAINED]
    with pytest.raises(WrongStatus, match="Reopen #3"):
        do(after, (Reopen(A1), CHAIR))
    back = do(after, (Reopen(nine), CHAIR))
    for name in (A1, A2):
        assert (of(back, name).status, of(back, name).into) == (Status.REOPENED, None)
    assert {"should ", "may ", "is invited to "} <= {run.text for run in back.text.paragraphs[0].runs}
    with pytest.raises(InvalidCommand, match="others"):
        do(given, (RecordOutcome(A1, 1, Ruling.MERGED), CHAIR))
    with pytest.raises(InvalidCommand, match="say what that is"):
        do(given, (RecordOutcome(nine, 1, Ruling.SET_ASIDE, others=(on("a-1", Ruling.MERGED),)), CHAIR))


def test_d9_a_merged_bracket_is_lifted_and_its_words_stay() -> None:
    """[D9] what stays of them is what the compromise says, not what the bracket held."""
    given = document(
        paragraph("par-1", bracketed("a-1", "to ", struck("a-9", "consider")), ins("a-9", "promote")),
        amendments=[bracket("a-1", XAA), amendment("a-9", "CHR", created=5, replaces=(A1,))],
    )
    after = do(given, (RecordOutcome(AmendmentId("a-9"), 1, Ruling.AGREED), CHAIR))
    assert after.text.paragraphs[0].text == "to promote"
    assert of(after, A1).status is Status.MERGED


# --- near agreement --------------------------------------------------------------------------------------------------

NEAR = [Ruling.AGREED_IN_INFORMALS, Ruling.PENDING_DELEGATION, Ruling.PENDING_PACKAGE, Ruling.WORDING_AGREED]


@pytest.mark.parametrize("ruling", [*NEAR, Ruling.SET_ASIDE])
def test_i8_near_agreement_changes_nothing_in_the_text_and_its_words_are_on_record(ruling: Ruling) -> None:
    """[I8] [D8]"""
    said = {"asked_by": (XAB,), "package": "12 and 15" if ruling is Ruling.PENDING_PACKAGE else ""}
    after = do(
        competing(),
        (OpenSitting("IEG-4", Level.WORKING_GROUP), CHAIR),
        (RecordOutcome(A1, 1, ruling, **said), CHAIR),  # type: ignore[arg-type]
    )
    assert after.text == competing().text
    (decision,) = of(after, A1).decisions
    assert of(after, A1).open
    assert decision.digest == words_digest(after, A1) == digest(decision.words.split("\n"))
    assert decision.meeting == "IEG-4"
    assert decision.level is (Level.INFORMAL if ruling is Ruling.AGREED_IN_INFORMALS else Level.WORKING_GROUP)
    assert decision.asked_by == (XAB,)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"ruling": Ruling.PENDING_DELEGATION}, "Name the delegations"),
        ({"ruling": Ruling.PENDING_PACKAGE}, "which package"),
        ({"ruling": Ruling.AGREED, "package": "12"}, "leave 'package' out"),
        ({"ruling": Ruling.AGREED, "until": "2026-01-22T09:00:00Z"}, "leave 'until' out"),
        ({"ruling": Ruling.SET_ASIDE, "until": "tomorrow"}, "no time with a zone"),
        ({"ruling": Ruling.SET_ASIDE, "until": "2026-01-22T09:00:00"}, "no time with a zone"),
        ({"ruling": Ruling.SET_ASIDE, "until": "2026-01-20T09:00:00Z"}, "lies ahead"),
        ({"ruling": Ruling.SET_ASIDE, "until": "2036-01-20T09:00:00Z"}, "within two years"),
        ({"ruling": Ruling.SET_ASIDE, "until": "0001-01-01T00:00:00+23:59"}, "lies ahead"),
        ({"ruling": Ruling.SET_ASIDE, "until": "9999-12-31T23:59:59-23:59"}, "lies ahead"),
        ({"ruling": Ruling.SET_ASIDE, "asked_by": ("XZZ",)}, "No such delegation takes part here: XZZ"),
    ],
)
def test_d8_what_does_not_fit_is_refused(fields: dict[str, object], says: str) -> None:
    """[D8]"""
    chair = replace(CHAIR, proposing=frozenset({XAA, XAB}))
    with pytest.raises(InvalidCommand, match=says):
        do(competing(), (RecordOutcome(A1, 1, **fields), chair))  # type: ignore[arg-type]


def test_d8_until_is_kept_in_utc_and_parties_once() -> None:
    """[D8]"""
    command = RecordOutcome(A1, 1, Ruling.SET_ASIDE, asked_by=(XAB, XAA, XAB), until="2026-01-21T15:30:00+01:00")
    (decision,) = of(do(competing(), (command, CHAIR)), A1).decisions
    assert (decision.until, decision.asked_by) == (at(330), (XAB, XAA))


def test_the_record_of_rulings_on_one_thing_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """[D9]"""
    monkeypatch.setattr(rulings, "MAX_DECISIONS", 2)
    given = do(competing(), (RecordOutcome(A1, 1, Ruling.SET_ASIDE), CHAIR), (Reopen(A1), CHAIR))
    with pytest.raises(WrongStatus, match="as many as it holds"):
        do(given, (RecordOutcome(A1, 1, Ruling.AGREED), CHAIR))


# --- editorial -------------------------------------------------------------------------------------------------------


def test_d9_many_at_once_only_where_no_sense_changes() -> None:
    """[D9] bulk outcomes are for editorial amendments alone."""
    outcomes = RecordOutcomes(
        (on("a-1", Ruling.AGREED), on("a-2", Ruling.NOT_RETAINED), on("a-3", Ruling.NOT_RETAINED))
    )
    one = do(competing(), (MarkEditorial(A1), CHAIR))
    with pytest.raises(WrongStatus, match="Not marked editorial: #2, #3"):
        do(one, (outcomes, CHAIR))
    every = do(one, (MarkEditorial(A2), CLERK), (MarkEditorial(A3), CLERK))
    after = do(every, (outcomes, CHAIR))
    assert after.text.paragraphs[0].text == "it should "
    with pytest.raises(WrongStatus, match="not marked editorial already"):
        do(competing(), (MarkEditorial(A1, False), CHAIR))
    with pytest.raises(WrongStatus, match="is decided"):
        do(after, (MarkEditorial(A1, False), CHAIR))
    with pytest.raises(InvalidCommand, match="at least one"):
        do(every, (RecordOutcomes(()), CHAIR))
    for who in (BY_XAA, BY_XAB):
        with pytest.raises(OpinionError):
            do(competing(), (MarkEditorial(A1), who))


def test_an_editorial_correction_keeps_words_level_and_meeting() -> None:
    """[D6] [D10]"""
    given = do(document(paragraph("par-1", "teh text")), (OpenSitting("IEG-4"), CHAIR))
    after = do(given, (CorrectText(P1, 0, 3, "teh", "the"), CLERK))
    (made,) = after.record.amendments.values()
    (decision,) = made.decisions
    assert (decision.words, decision.meeting, decision.level) == ("# par-1\n+he\n-eh", "IEG-4", Level.IEG)


# --- agreed text, requests to reopen ---------------------------------------------------------------------------------


def agreed_text(state: ParagraphState = ParagraphState.AGREED) -> Document:
    return document(
        paragraph("par-1", "one ", ins("a-1", "two ")),
        paragraph("par-2", "three ", ins("a-2", "four")),
        paragraph("par-3", "five"),
        amendments=[amendment("a-1", XAA), amendment("a-2", XAB), removal("a-3", XAB, paragraph="par-3")],
        states={"par-1": state, "par-2": ParagraphState.OPEN, "par-3": ParagraphState.AGREED_AD_REFERENDUM},
    )


def test_d11_an_amendment_in_agreed_text_asks_to_reopen_until_the_chair_grants_or_refuses() -> None:
    """[D11]"""
    given = agreed_text()
    assert [(one.paragraph, one.amendment.id) for one in requests_to_reopen(given)] == [("par-1", A1), ("par-3", A3)]
    granted = do(given, (ConsiderParagraph(P1, ParagraphState.REOPENED, asked_by=(XAA,)), CHAIR))
    assert granted.record.paragraph(P1).state is ParagraphState.REOPENED
    assert granted.record.paragraph(P1).decisions[-1].asked_by == (XAA,)
    assert [one.amendment.id for one in requests_to_reopen(granted)] == [A3]
    refused = do(given, (RecordOutcome(A1, 1, Ruling.NOT_RETAINED), CHAIR))
    assert refused.record.paragraph(P1).state is ParagraphState.AGREED
    assert [one.amendment.id for one in requests_to_reopen(refused)] == [A3]
    taken_in = do(given, (RecordOutcome(A1, 1, Ruling.AGREED), CHAIR))
    assert taken_in.record.paragraph(P1).state is ParagraphState.REOPENED


@pytest.mark.parametrize("ruling", [*NEAR, Ruling.SET_ASIDE])
def test_d3_agreed_text_stays_agreed_while_a_request_is_near_agreement(ruling: Ruling) -> None:
    """[D3] [D11]"""
    said = {"asked_by": (XAB,), "package": "12 and 15" if ruling is Ruling.PENDING_PACKAGE else ""}
    after = do(agreed_text(), (RecordOutcome(A1, 1, ruling, **said), CHAIR))  # type: ignore[arg-type]
    assert after.record.paragraph(P1).state is ParagraphState.AGREED
    assert len(requests_to_reopen(after)) == 2


def test_d3_what_was_agreed_in_informals_holds_until_a_part_of_it_fails() -> None:
    """[D3]"""
    given = agreed_text(ParagraphState.OPEN)
    part = do(given, (RecordOutcome(A1, 1, Ruling.AGREED_IN_INFORMALS), CHAIR))
    with pytest.raises(WrongStatus, match="Still open in this paragraph: #1"):
        do(given, (ConsiderParagraph(P1, ParagraphState.AGREED_IN_INFORMALS), CHAIR))
    near = do(part, (ConsiderParagraph(P1, ParagraphState.AGREED_IN_INFORMALS), CHAIR))
    with pytest.raises(WrongStatus, match="Still open in this paragraph: #1"):
        do(near, (ConsiderParagraph(P1, ParagraphState.AGREED), CHAIR))
    kept = do(near, (RecordOutcome(A1, 1, Ruling.AGREED), CHAIR))
    assert kept.record.paragraph(P1).state is ParagraphState.AGREED_IN_INFORMALS
    failed = do(near, (RecordOutcome(A1, 1, Ruling.NOT_RETAINED), CHAIR))
    assert failed.record.paragraph(P1).state is ParagraphState.REOPENED
    confirmed = do(
        kept, (OpenSitting("Plenary", Level.PLENARY), CHAIR), (ConsiderParagraph(P1, ParagraphState.AGREED), CHAIR)
    )
    assert [(one.ruling, one.level) for one in confirmed.record.paragraph(P1).decisions] == [
        (Ruling.AGREED_IN_INFORMALS, Level.INFORMAL),
        (Ruling.AGREED, Level.PLENARY),
    ]


def test_d10_a_paragraph_is_agreed_over_a_formal_objection_only_with_a_word_on_it() -> None:
    """[D10]"""
    given = document(paragraph("par-1", "one"))
    objected = do(
        given, (TakePosition(AmendmentId(""), 0, Attitude.FORMAL_OBJECTION, "the cost", paragraph=P1), BY_XAB)
    )
    with pytest.raises(InvalidCommand, match="There is an objection of XAB"):
        do(objected, (ConsiderParagraph(P1, ParagraphState.AGREED), CHAIR))
    after = do(objected, (ConsiderParagraph(P1, ParagraphState.AGREED, "The chair so ruled."), CHAIR))
    assert after.record.paragraph(P1).state is ParagraphState.AGREED


def test_a5_superseded_says_by_what() -> None:
    """[A5]"""
    after = do(nested(), (RecordOutcome(A1, 1, Ruling.NOT_RETAINED), CHAIR))
    assert [(of(after, name).status, of(after, name).into) for name in (A2, A3)] == [(Status.SUPERSEDED, A1)] * 2
    back = do(after, (Reopen(A1), CHAIR))
    assert [(of(back, name).status, of(back, name).into) for name in (A2, A3)] == [(Status.SUBMITTED, None)] * 2


def test_d9_two_hundred_editorial_outcomes_do_not_keep_the_room() -> None:
    """[D9] the most that one command rules on, in a text of thirty pages: the text is walked a few times, not for each.

    A tenth of a second and more on an idle core; without the index of where each stands it was two.
    """
    pieces = [(struck(f"a-{n}", "old "), ins(f"a-{n}", "new "), "words in between ") for n in range(MAX_RULED)]
    given = document(
        *(paragraph(f"par-{n}", "words before ", *piece) for n, piece in enumerate(pieces)),
        *(paragraph(f"par-{n}", "nothing is proposed here") for n in range(MAX_RULED, 450)),
        amendments=[amendment(f"a-{n}", editorial=True, created=n) for n in range(MAX_RULED)],
    )
    outcomes = tuple(on(f"a-{n}", Ruling.AGREED) for n in range(MAX_RULED))
    began = process_time()
    change = carry_out(RecordOutcomes(outcomes), given, None, CHAIR).main
    assert process_time() - began < 1.5
    after = applied(given, change.edits)
    assert {entry.status for entry in after.record.amendments.values()} == {Status.AGREED}


# --- what belongs into one act ---------------------------------------------------------------------------------------


def beside() -> Document:
    """#1 and #2 word “some” anew; #3 is in another paragraph and has nothing to do with them."""
    return document(
        paragraph("par-1", "that ", struck("a-1", struck("a-2", "some")), ins("a-1", "many"), ins("a-2", "all")),
        paragraph("par-2", "that ", ins("a-3", "others")),
        amendments=[amendment("a-1", "XAA"), amendment("a-2", "XAB"), amendment("a-3", "XAC", paragraph="par-2")],
    )


def test_d9_two_wordings_of_the_same_words_are_not_agreed_in_one_act() -> None:
    """[D9] “many all” is nobody's proposal; one after the other the chair sees what would stand."""
    both = RecordOutcome(A1, 1, Ruling.AGREED, others=(on("a-2", Ruling.AGREED_AD_REFERENDUM),))
    with pytest.raises(InvalidCommand, match="both wordings would stand"):
        do(beside(), (both, CHAIR))
    put = do(beside(), (OpenCall("c-set", (Called(A1, 1), Called(A2, 1))), CHAIR))
    with pytest.raises(InvalidCommand, match="both wordings would stand"):
        do(put, (DecideCall("c-set"), CHAIR))
    one = do(beside(), (replace(both, others=(on("a-2", Ruling.NOT_RETAINED),)), CHAIR))
    assert one.text.paragraphs[0].text == "that many"


def test_d9_others_are_what_competes_or_is_tied_and_no_way_to_decide_in_bulk() -> None:
    """[D9] Many at once are decided only where no sense changes: the rest has its own outcome."""
    act = RecordOutcome(A1, 1, Ruling.AGREED, others=(on("a-3", Ruling.NOT_RETAINED),))
    with pytest.raises(InvalidCommand, match="Nothing ties #3"):
        do(beside(), (act, CHAIR))
    editorial = do(beside(), (MarkEditorial(A3), CHAIR))
    packed = do(beside(), (PutPackage("pack", "both or none", ("paragraph:par-1", "amendment:a-3")), CHAIR))
    between = amendment("a-4", "XAD", replaces=(A1, A3))
    both = document(*beside().text.paragraphs, amendments=[*beside().record.amendments.values(), between])
    for given in (editorial, packed, both):
        assert statuses(do(given, (act, CHAIR)))["a-3"] is Status.NOT_RETAINED
