"""Calls for objections: what is put, what delegations answer, what is decided and kept (D10)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opinions import calls
from opinions.calls import MAX_EARLIER, MAX_OPEN_CALLS, MAX_SECONDS, open_calls
from opinions.commands import (
    CallForObjections,
    CloseOpinion,
    CorrectText,
    Cosponsor,
    RecordOutcome,
    Reopen,
    SplitParagraph,
    Submit,
    Withdraw,
)
from opinions.edits import applied
from opinions.errors import (
    InvalidCommand,
    NotAllowed,
    OpinionError,
    RevisionChanged,
    UnknownAmendment,
    WrongStatus,
)
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.on_table import MAX_CALLED, Call
from opinions.procedure import Context, carry_out
from opinions.record import Document, Level, Ruling, Status
from opinions.ruled_words import digest
from opinions.statuses import Answer, Attitude, CallState
from opinions.table_commands import (
    AnswerCall,
    Called,
    CloseSitting,
    DecideCall,
    ExtendCall,
    MarkEditorial,
    MarkPresent,
    OpenCall,
    OpenSitting,
    RulingOn,
    TakePosition,
    WithdrawCall,
)
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import amendment, at, bracket, bracketed, document, ins, paragraph, removal, struck
from tests.support.rulings import of

A1, A2, A3 = (AmendmentId(f"a-{number}") for number in (1, 2, 3))
P1, P2 = ParagraphId("par-1"), ParagraphId("par-2")
XAA, XAB, XAC = (DelegationCode(code) for code in ("XAA", "XAB", "XAC"))
CHAIR, CLERK = context(THE_CHAIR), context(THE_SECRETARIAT)
BY = {code: context(expert(code)) for code in (XAA, XAB, XAC)}
ONE = OpenCall("c-one", (Called(A1, 1),), 60)


def table() -> Document:
    return document(
        paragraph("par-1", "that ", ins("a-1", "all "), struck("a-1", "some "), "Members"),
        paragraph("par-2", "may ", ins("a-2", "well "), bracketed("a-3", "act")),
        amendments=[amendment("a-1", XAA), amendment("a-2", XAB), bracket("a-3", XAC)],
    )


def do(given: Document, *acts: tuple[object, Context]) -> Document:
    """The document after commands, each through the door of the procedure."""
    for command, who in acts:
        given = applied(given, carry_out(command, given, None, who).main.edits)  # type: ignore[arg-type]
    return given


def call(given: Document, name: str = "c-one") -> Call:
    found = given.record.call(name)
    assert found is not None
    return found


def asked() -> Document:
    return do(table(), (ONE, CHAIR))


# --- putting ---------------------------------------------------------------------------------------------------------


def test_d10_what_is_put_is_pinned_at_its_revision_with_its_exact_words() -> None:
    """[D10]"""
    after = do(table(), (OpenCall("c-set", (Called(A1, 1), Called(A3, 1)), 30, "read out"), CHAIR))
    words = "# par-1\n+all \n-some "
    first, second = call(after, "c-set").items
    assert (first.words, first.digest) == (words, digest(words.split("\n")))
    assert second.words == "# par-2\n[act"
    assert [of(after, name).pinned for name in ("a-1", "a-2", "a-3")] == [True, False, True]
    assert after.text == table().text
    assert call(after, "c-set").opened_by == "R. Chair"


@pytest.mark.parametrize(
    ("command", "error", "says"),
    [
        (OpenCall("c-new", (Called(A1, 2),)), RevisionChanged, "stands at revision 1"),
        (OpenCall("c-new", (Called(A1, 1, "0" * 16),)), RevisionChanged, "changed"),
        (OpenCall("c-new", ()), InvalidCommand, "1 to 40"),
        (OpenCall("c-new", (Called(A1, 1), Called(A1, 1))), InvalidCommand, "twice"),
        (OpenCall("c", (Called(A1, 1),)), InvalidCommand, "no fresh id"),
        (OpenCall("c-new", (Called(AmendmentId("a-9"), 1),)), UnknownAmendment, "a-9"),
        (OpenCall("c-new", (Called(A1, 1),), MAX_SECONDS + 1), InvalidCommand, "decides nothing"),
    ],
)
def test_d10_a_call_that_does_not_fit_changes_nothing(command: OpenCall, error: type[OpinionError], says: str) -> None:
    """[D10]"""
    with pytest.raises(error, match=says):
        do(table(), (command, CHAIR))


def test_d10_one_open_call_for_an_amendment_and_none_for_what_is_decided() -> None:
    """[D10]"""
    with pytest.raises(WrongStatus, match="before the meeting already"):
        do(asked(), (OpenCall("c-two", (Called(A1, 1),)), CHAIR))
    with pytest.raises(InvalidCommand, match="no fresh id"):
        do(asked(), (OpenCall("c-one", (Called(A2, 1),)), CHAIR))
    decided = do(table(), (RecordOutcome(A1, 1, Ruling.NOT_RETAINED), CHAIR))
    with pytest.raises(WrongStatus, match="decided already"):
        do(decided, (ONE, CHAIR))


def test_d10_the_secretariat_puts_it_for_the_chair_whom_it_names() -> None:
    """[D10]"""
    with pytest.raises(InvalidCommand, match="ruled_by"):
        do(table(), (ONE, CLERK))
    after = call(do(table(), (replace(ONE, ruled_by="R. Chair"), CLERK)))
    assert (after.opened_by, after.recorded_by) == ("R. Chair", "S. Clerk")


def test_d10_calls_have_named_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """[D10]"""
    many = MAX_OPEN_CALLS + 1
    given = document(
        *(paragraph(f"par-{n}", ins(f"a-{n}", "x")) for n in range(many)),
        amendments=[amendment(f"a-{n}") for n in range(many)],
    )
    acts = [(OpenCall(f"c-{n:03}", (Called(AmendmentId(f"a-{n}"), 1),)), CHAIR) for n in range(many)]
    given = do(given, *acts[:-1])
    with pytest.raises(WrongStatus, match=f"{MAX_OPEN_CALLS} calls are open"):
        do(given, acts[-1])
    monkeypatch.setattr(calls, "MAX_CALLS", 1)
    with pytest.raises(WrongStatus, match="as many as an Opinion holds"):
        do(asked(), (OpenCall("c-two", (Called(A2, 1),)), CHAIR))
    monkeypatch.setattr(calls, "MAX_CALLED_WORDS", 5)
    with pytest.raises(InvalidCommand, match="at most 5 characters"):
        do(table(), (ONE, CHAIR))
    too_many = tuple(Called(AmendmentId(f"a-{n}"), 1) for n in range(MAX_CALLED + 1))
    with pytest.raises(InvalidCommand, match=f"not {MAX_CALLED + 1}"):
        do(table(), (OpenCall("c-new", too_many), CHAIR))


def test_one_amendment_is_put_by_a_shorter_command() -> None:
    """[D10] It is a call of one, and the chair's: the secretariat names who asked."""
    with pytest.raises(InvalidCommand, match="Name the chair"):
        do(table(), (CallForObjections(A1, 1), CLERK))
    after = do(table(), (CallForObjections(A1, 1, ruled_by="A. Chair"), CLERK))
    (made,) = open_calls(after)
    assert (made.opened_by, made.recorded_by) == ("A. Chair", CLERK.actor.name)
    assert [item.amendment for item in made.items] == [A1]
    assert of(after, "a-1").pinned
    released = do(after, (CallForObjections(A1, 1, False), CHAIR))
    assert call(released, made.id).state is CallState.WITHDRAWN
    assert not of(released, "a-1").pinned
    with pytest.raises(WrongStatus, match="not before the meeting"):
        do(released, (CallForObjections(A1, 1, False), CHAIR))
    with_others = do(table(), (OpenCall("c-set", (Called(A1, 1), Called(A2, 1))), CHAIR))
    with pytest.raises(WrongStatus, match="with others"):
        do(with_others, (CallForObjections(A1, 1, False), CHAIR))
    of_old = document(paragraph("par-1", ins("a-1", "x")), amendments=[amendment("a-1", pinned=True)])
    assert not of(do(of_old, (CallForObjections(A1, 1, False), CHAIR)), "a-1").pinned


# --- answering -------------------------------------------------------------------------------------------------------


def test_d10_a_later_answer_takes_the_place_of_the_former_which_is_kept() -> None:
    """[D10]"""
    after = do(
        asked(),
        (AnswerCall("c-one", Answer.NEED_TIME), BY[XAB]),
        (AnswerCall("c-one", Answer.OBJECT, "the cost"), BY[XAB]),
        (AnswerCall("c-one", Answer.NO_OBJECTION), context(THE_SECRETARIAT, party="XAC")),
    )
    made = call(after)
    assert [(one.delegation, one.answer, one.note) for one in made.answers] == [
        (XAB, Answer.OBJECT, "the cost"),
        (XAC, Answer.NO_OBJECTION, ""),
    ]
    assert [(one.delegation, one.answer) for one in made.earlier] == [(XAB, Answer.NEED_TIME)]
    assert (made.answers[0].speaker, made.answers[0].typist) == ("E. XAB", "")
    assert (made.answers[1].speaker, made.answers[1].typist) == ("", "S. Clerk")


def test_d10_an_objection_has_its_reason_and_is_of_those_that_may_object() -> None:
    """[D10]"""
    with pytest.raises(InvalidCommand, match="Say why you object"):
        do(asked(), (AnswerCall("c-one", Answer.OBJECT, "  "), BY[XAB]))
    views = replace(BY[XAB], objecting=frozenset({XAA, XAC}))
    with pytest.raises(NotAllowed, match="oppose as its position"):
        do(asked(), (AnswerCall("c-one", Answer.OBJECT, "the cost"), views))
    assert call(do(asked(), (AnswerCall("c-one", Answer.NEED_TIME), views))).answers
    with pytest.raises(NotAllowed, match="Withdraw it instead"):
        do(asked(), (AnswerCall("c-one", Answer.OBJECT, "second thoughts"), BY[XAA]))


def test_d10_the_same_answer_twice_and_too_many_are_refused() -> None:
    """[D10]"""
    given = do(asked(), (AnswerCall("c-one", Answer.NEED_TIME), BY[XAB]))
    with pytest.raises(WrongStatus, match="already"):
        do(given, (AnswerCall("c-one", Answer.NEED_TIME), BY[XAB]))
    for number in range(MAX_EARLIER):
        given = do(given, (AnswerCall("c-one", Answer.NEED_TIME, str(number)), BY[XAB]))
    with pytest.raises(WrongStatus, match="Ask for the floor"):
        do(given, (AnswerCall("c-one", Answer.NO_OBJECTION), BY[XAB]))
    assert call(do(given, (AnswerCall("c-one", Answer.NO_OBJECTION), BY[XAC]))).answers[-1].delegation == XAC


def test_d10_a_call_that_is_over_takes_no_answer() -> None:
    """[D10]"""
    over = do(asked(), (WithdrawCall("c-one", "wait for the others"), CHAIR))
    with pytest.raises(WrongStatus, match=r"withdrawn already\. wait for the others"):
        do(over, (AnswerCall("c-one", Answer.NEED_TIME), BY[XAB]))
    with pytest.raises(UnknownAmendment, match="no call for objections"):
        do(over, (AnswerCall("c-none", Answer.NEED_TIME), BY[XAB]))


def test_i9_more_time_moves_the_guidance_and_nothing_else() -> None:
    """[I9] [D10]"""
    given = asked()
    soon = replace(CHAIR, at=CHAIR.at + timedelta(seconds=10))
    late = replace(CHAIR, at=CHAIR.at + timedelta(seconds=100))
    assert call(do(given, (ExtendCall("c-one", 30), soon))) == replace(call(given), seconds=90)
    assert call(do(given, (ExtendCall("c-one", 30), late))) == replace(call(given), seconds=130)
    with pytest.raises(InvalidCommand, match="decides nothing"):
        do(given, (ExtendCall("c-one", MAX_SECONDS), soon))


# --- deciding --------------------------------------------------------------------------------------------------------


def test_d10_a_decision_keeps_what_was_there() -> None:
    """[D10]"""
    after = do(
        table(),
        (OpenSitting("IEG-4", Level.IEG), CHAIR),
        (MarkPresent((XAB, XAC)), CLERK),
        (ONE, CHAIR),
        (TakePosition(A1, 1, Attitude.RESERVE, "pending capital"), BY[XAB]),
        (TakePosition(AmendmentId(""), 0, Attitude.RESERVE, "the whole of it", paragraph=P1), BY[XAC]),
        (AnswerCall("c-one", Answer.NEED_TIME), BY[XAC]),
        (DecideCall("c-one", ruled_by="R. Chair"), CLERK),
    )
    made = call(after)
    decision = made.decision
    assert decision is not None
    assert (made.state, made.closed_at, made.present) == (CallState.DECIDED, at(90), (XAB, XAC))
    assert [(one.delegation, one.note) for one in made.reservations] == [
        (XAB, "pending capital"),
        (XAC, "the whole of it"),
    ]
    assert [one.answer for one in made.answers] == [Answer.NEED_TIME]
    words = "# par-1\n+all \n-some "
    assert (decision.ruling, decision.revision, decision.ruled_by, decision.recorded_by) == (
        Ruling.AGREED,
        1,
        "R. Chair",
        "S. Clerk",
    )
    assert (decision.level, decision.meeting, decision.call) == (Level.IEG, "IEG-4", "c-one")
    assert (decision.words, decision.digest) == (words, digest(words.split("\n")))
    assert of(after, "a-1").decisions == (decision,)
    assert not of(after, "a-1").pinned
    assert after.text.paragraphs[0].text == "that all Members"


def test_d10_a_set_is_decided_in_one_act_with_what_competed() -> None:
    """[D10] [D9]"""
    given = do(table(), (OpenCall("c-set", (Called(A1, 1), Called(A2, 1))), CHAIR))
    decide = DecideCall("c-set", Ruling.AGREED_AD_REFERENDUM, (RulingOn(A3, 1, Ruling.NOT_RETAINED),))
    after = do(given, (decide, CHAIR))
    assert [of(after, name).status for name in ("a-1", "a-2", "a-3")] == [
        Status.AGREED_AD_REFERENDUM,
        Status.AGREED_AD_REFERENDUM,
        Status.NOT_RETAINED,
    ]
    made = call(after, "c-set")
    assert made.decision is not None
    assert made.decision.digest == digest([item.digest for item in made.items])
    assert {of(after, name).decisions[0].call for name in ("a-1", "a-2", "a-3")} == {"c-set"}
    with pytest.raises(RevisionChanged):
        do(given, (replace(decide, others=(RulingOn(A3, 2, Ruling.NOT_RETAINED),)), CHAIR))


def test_d10_over_an_objection_the_chair_rules_and_says_so() -> None:
    """[D10] [I9] the software does not decide; the record never shows agreement over an objection without a word."""
    given = do(asked(), (AnswerCall("c-one", Answer.OBJECT, "the cost"), BY[XAB]))
    for ruling in (Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM, Ruling.AGREED_IN_INFORMALS, Ruling.WORDING_AGREED):
        with pytest.raises(InvalidCommand, match=r"There is an objection of XAB\. Say in the note how it was resolved"):
            do(given, (DecideCall("c-one", ruling), CHAIR))
    after = do(
        given, (DecideCall("c-one", note="The chair so ruled; XAB asked that its objection be recorded."), CHAIR)
    )
    assert call(after).answers[0].note == "the cost"
    assert call(do(given, (DecideCall("c-one", Ruling.NOT_RETAINED), CHAIR))).state is CallState.DECIDED
    aside = DecideCall("c-one", Ruling.PENDING_DELEGATION, asked_by=(XAB,), until="2026-01-22T09:00:00Z")
    assert of(do(given, (aside, CHAIR)), "a-1").decisions[-1].asked_by == (XAB,)
    taken_back = do(given, (AnswerCall("c-one", Answer.NO_OBJECTION), BY[XAB]))
    assert call(do(taken_back, (DecideCall("c-one"), CHAIR))).earlier[0].answer is Answer.OBJECT


def test_d10_a_formal_objection_as_position_asks_for_the_same_word() -> None:
    """[D10]"""
    objected = do(table(), (TakePosition(A1, 1, Attitude.FORMAL_OBJECTION, "the cost"), BY[XAB]))
    with pytest.raises(InvalidCommand, match="objection of XAB"):
        do(objected, (RecordOutcome(A1, 1, Ruling.AGREED), CHAIR))
    assert of(do(objected, (RecordOutcome(A1, 1, Ruling.AGREED, note="Resolved."), CHAIR)), "a-1").open is False
    after = do(objected, (ONE, CHAIR), (DecideCall("c-one", note="Resolved in the corridor."), CHAIR))
    assert [one.attitude for one in call(after).reservations] == [Attitude.FORMAL_OBJECTION]


def test_d10_an_outcome_recorded_on_what_a_call_of_one_put_is_its_outcome() -> None:
    """[D10]"""
    given = do(asked(), (AnswerCall("c-one", Answer.OBJECT, "the cost"), BY[XAB]))
    with pytest.raises(InvalidCommand, match="objection of XAB"):
        do(given, (RecordOutcome(A1, 1, Ruling.AGREED), CHAIR))
    after = do(given, (RecordOutcome(A1, 1, Ruling.SET_ASIDE), CHAIR))
    made = call(after)
    assert made.state is CallState.DECIDED
    assert made.decision is not None
    assert made.decision.ruling is Ruling.SET_ASIDE
    assert of(after, "a-1").decisions[-1].call == "c-one"


@pytest.mark.parametrize("ruling", [Ruling.REOPENED, Ruling.MERGED])
def test_d10_a_call_does_not_end_so(ruling: Ruling) -> None:
    """[D10]"""
    with pytest.raises(InvalidCommand, match="A call ends with"):
        do(asked(), (DecideCall("c-one", ruling), CHAIR))


def test_d10_the_second_gavel_finds_it_decided() -> None:
    """[D10]"""
    after = do(asked(), (DecideCall("c-one"), CHAIR))
    for again in (DecideCall("c-one"), WithdrawCall("c-one"), ExtendCall("c-one", 30)):
        with pytest.raises(WrongStatus, match="decided already"):
            do(after, (again, CHAIR))
    reopened = do(after, (Reopen(A1, "asked for in the morning", asked_by=(XAB,)), CHAIR))
    assert of(reopened, "a-1").decisions[-1].asked_by == (XAB,)
    assert do(reopened, (OpenCall("c-two", (Called(A1, 1),)), CHAIR)).record.call("c-one") == call(after)


# --- the text changes meanwhile --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "who", "says"),
    [
        (Withdraw(A1), BY[XAA], "#1 is withdrawn: ask again about the rest."),
        (SplitParagraph(P1, 5, ParagraphId("par-9")), CLERK, "The text changed: ask again."),
        (RecordOutcome(A1, 1, Ruling.NOT_RETAINED), CHAIR, "#1 is not retained: ask again about the rest."),
        (CloseOpinion("Merged into another."), CLERK, "The Opinion was closed."),
    ],
)
def test_d10_a_changed_text_voids_the_call_and_releases_the_rest(act: object, who: Context, says: str) -> None:
    """[D10] What was put is told to be over for what ended it."""
    given = do(table(), (OpenCall("c-set", (Called(A1, 1), Called(A2, 1))), CHAIR))
    after = do(given, (act, who))
    made = call(after, "c-set")
    assert made.state is CallState.VOID
    assert made.closed_note == says
    assert of(after, "a-2").changed_at == of(table(), "a-2").changed_at, "a call changes nothing of what it puts"
    assert not of(after, "a-2").pinned
    assert made.answers == call(given, "c-set").answers
    with pytest.raises(OpinionError):
        do(after, (DecideCall("c-set"), CHAIR))


def test_d10_what_does_not_change_the_words_leaves_the_call_open() -> None:
    """[D10]"""
    after = do(
        asked(),
        (Cosponsor(A1, 1), BY[XAB]),
        (TakePosition(A1, 1, Attitude.CAN_ACCEPT), BY[XAC]),
        (MarkEditorial(A1), CHAIR),
        (RecordOutcome(A2, 1, Ruling.AGREED), CHAIR),
        (CorrectText(P2, 0, 3, "may", "May"), CLERK),
        (OpenSitting("IEG-4"), CHAIR),
        (CloseSitting(), CHAIR),
        # The first co-sponsor takes it over: the words are those that were put.
        (Withdraw(A1), BY[XAA]),
    )
    assert call(after).state is CallState.OPEN
    assert of(after, "a-1").delegation == XAB
    assert call(do(after, (DecideCall("c-one"), CHAIR))).state is CallState.DECIDED


def test_d10_words_that_a_removal_would_take_are_part_of_what_is_put() -> None:
    """[D10] a paragraph to be deleted in which something was typed reads otherwise: ask again."""
    given = document(paragraph("par-1", "one"), amendments=[removal("a-1", XAA, paragraph="par-1")])
    given = do(given, (ONE, CHAIR))
    text = replace(given.text, paragraphs=(paragraph("par-1", "one", ins("a-7", " two")),))
    typed = {**given.record.amendments, AmendmentId("a-7"): amendment("a-7", XAB, paragraph="par-1", number=9)}
    given = Document(text, replace(given.record, amendments=typed))
    with pytest.raises(RevisionChanged):
        do(given, (DecideCall("c-one"), CHAIR))
    assert call(do(given, (WithdrawCall("c-one"), CHAIR))).state is CallState.WITHDRAWN


def test_a2_while_it_is_pinned_the_next_revision_waits() -> None:
    """[A2] [D10]"""
    given = asked()
    draft = amendment("a-8", XAA, status=Status.DRAFT, revises=A1, paragraph="par-1")
    view = Document(
        replace(
            given.text,
            paragraphs=(
                paragraph("par-1", "that ", ins("a-1", "all "), struck("a-1", "some "), ins("a-8", "the "), "Members"),
                given.text.paragraphs[1],
            ),
        ),
        replace(given.record, amendments={**given.record.amendments, draft.id: draft}),
    )
    with pytest.raises(WrongStatus, match="before the meeting at revision 1"):
        carry_out(Submit(draft.id), given, view, BY[XAA])
