"""The door of the chair's table: every command has its act, changes something, and is refused to who may not (P1)."""

from dataclasses import replace

import pytest

from opinions.commands import COMMANDS, from_json, to_json
from opinions.decisions import words_digest
from opinions.edits import applied
from opinions.errors import NotAllowed, OpinionError
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.on_table import Link, Option
from opinions.procedure import Context, act_of, carry_out
from opinions.proposals import Replacement
from opinions.record import AmendmentKind, Attitude, Document, Ruling, Stance
from opinions.roles import Act, Actor, Role, Stage, may
from opinions.statuses import Answer
from opinions.table_commands import (
    AnswerCall,
    Called,
    ClosePackage,
    CloseSitting,
    ConfirmTyped,
    DecideCall,
    ExtendCall,
    JoinPosition,
    KeepAlternatives,
    MarkEditorial,
    MarkPresent,
    OpenCall,
    OpenSitting,
    PickOption,
    ProposeCompromise,
    PutAlternatives,
    PutPackage,
    RecordOutcomes,
    RulingOn,
    TableCommand,
    TakePosition,
    TakeUp,
    WithdrawCall,
)
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import amendment, document, ins, paragraph, struck

A1, A2, A3, FRESH = (AmendmentId(f"a-{name}") for name in ("1", "2", "3", "fresh"))
P1, P2, P3 = (ParagraphId(f"par-{number}") for number in (1, 2, 3))
XAB = DelegationCode("XAB")
CHAIR, BY_XAA, BY_XAB = context(THE_CHAIR), context(expert("XAA")), context(expert("XAB"))
OF_G77 = replace(BY_XAB, groups={"G77": frozenset({XAB})})


def laid() -> Document:
    """A table with a sitting, a call on #1, alternatives of #2 and #3, a package."""
    given = document(
        paragraph("par-1", "one ", ins("a-1", "x")),
        paragraph("par-2", struck("a-2", struck("a-3", "shall")), ins("a-2", "should"), ins("a-3", "may")),
        paragraph("par-3", "three"),
        amendments=[
            amendment("a-1", "XAA", typist="S. Clerk", stances=(Stance("G77", Attitude.OPPOSE, "", 1, by="XAC"),)),
            amendment("a-2", "XAB", editorial=True),
            amendment("a-3", "XAC", created=1),
        ],
    )
    options = (Option("Alt 1", (A2,)), Option("Alt 2", (A3,)))
    for command in (
        OpenSitting("IEG-4"),
        OpenCall("c-one", (Called(A1, 1),), 60),
        PutAlternatives("t-one", "verb", options),
        PutPackage("k-one", "deal", ("amendment:a-1", "paragraph:par-3")),
    ):
        given = applied(given, carry_out(command, given, None, CHAIR).main.edits)
    return given


LAID = laid()
PICKED = tuple(
    RulingOn(name, 1, ruling, words_digest(LAID, name))
    for name, ruling in ((A2, Ruling.AGREED), (A3, Ruling.NOT_RETAINED))
)
LINK = Link("amendment:a-2", "amendment:a-3")
EVERY: list[tuple[TableCommand, Context, Act]] = [
    (TakePosition(A1, 1, Attitude.RESERVE, "the cost"), BY_XAB, Act.POSITION_TAKE),
    (JoinPosition("G77", A1), OF_G77, Act.POSITION_TAKE),
    (ConfirmTyped(A1), BY_XAA, Act.TYPED_CONFIRM),
    (MarkEditorial(A1), CHAIR, Act.EDITORIAL_MARK),
    (OpenSitting("IEG-4, afternoon"), CHAIR, Act.SITTING_MANAGE),
    (CloseSitting(), CHAIR, Act.SITTING_MANAGE),
    (MarkPresent((XAB,)), BY_XAB, Act.PRESENCE_MARK),
    (TakeUp(P2, A2), CHAIR, Act.FLOOR_TAKE_UP),
    (OpenCall("c-two", (Called(A2, 1),)), CHAIR, Act.CALL_PUT),
    (ExtendCall("c-one", 30), CHAIR, Act.CALL_PUT),
    (AnswerCall("c-one", Answer.NEED_TIME), BY_XAB, Act.CALL_ANSWER),
    (WithdrawCall("c-one"), CHAIR, Act.CALL_PUT),
    (DecideCall("c-one"), CHAIR, Act.OUTCOME_RECORD),
    (RecordOutcomes((RulingOn(A2, 1, Ruling.SET_ASIDE),)), CHAIR, Act.OUTCOME_RECORD),
    (PutAlternatives("t-one", "the verb", (Option("A", (A2,)), Option("B", (A3,)))), CHAIR, Act.ALTERNATIVES_PUT),
    (PickOption("t-one", "Alt 1", PICKED), CHAIR, Act.OUTCOME_RECORD),
    (KeepAlternatives("t-one"), CHAIR, Act.OUTCOME_RECORD),
    (PutPackage("k-two", "other", ("amendment:a-2", "amendment:a-3"), (LINK,)), CHAIR, Act.ALTERNATIVES_PUT),
    (ClosePackage("k-one"), CHAIR, Act.ALTERNATIVES_PUT),
    (
        ProposeCompromise(FRESH, (A2, A3), AmendmentKind.MOD, P3, (Replacement(0, 5, "three", "four"),)),
        CHAIR,
        Act.COMPROMISE_PROPOSE,
    ),
]
IDS = [command.act for command, _, _ in EVERY]


def starting(command: TableCommand) -> Document:
    """The table as laid; with no sitting under way where one is to be opened."""
    if not isinstance(command, OpenSitting):
        return LAID
    return applied(LAID, carry_out(CloseSitting(), LAID, None, CHAIR).main.edits)


def test_every_command_of_the_table_is_tried() -> None:
    assert {command.act for command, _, _ in EVERY} == {kind.act for kind in TableCommand.__args__}
    assert {kind.act for kind in TableCommand.__args__} <= set(COMMANDS)


@pytest.mark.parametrize(("command", "who", "act"), EVERY, ids=IDS)
def test_p1_every_command_has_its_act_and_changes_something(command: TableCommand, who: Context, act: Act) -> None:
    """[P1] and travels as JSON and back (C1)."""
    assert act_of(command) is act
    assert from_json(to_json(command)) == command
    given = starting(command)
    assert applied(given, carry_out(command, given, None, who).main.edits) != given


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("command", "who", "act"), EVERY, ids=IDS)
def test_p1_who_may_not_is_refused(command: TableCommand, who: Context, act: Act, role: Role) -> None:
    """[P1]"""
    actor = Actor("m-1", "N. N.", role, who.actor.delegation)
    if not may(actor, act):
        with pytest.raises(NotAllowed):
            carry_out(command, starting(command), None, replace(who, actor=actor))


@pytest.mark.parametrize(("command", "who", "act"), EVERY, ids=IDS)
def test_p1_in_a_closed_opinion_nothing_of_it_changes(command: TableCommand, who: Context, act: Act) -> None:
    """[P1] but what the projector shows."""
    closed = replace(who, stage=Stage(closed=True))
    if act is Act.FLOOR_TAKE_UP:
        return
    with pytest.raises(NotAllowed, match="closed"):
        carry_out(command, starting(command), None, closed)


def test_speaking_for_a_delegation_says_for_which() -> None:
    """[P1]"""
    clerk = replace(context(THE_SECRETARIAT), party=DelegationCode(""))
    for command in (AnswerCall("c-one", Answer.NEED_TIME), TakePosition(A1, 1, Attitude.OPPOSE)):
        with pytest.raises(OpinionError, match="for which delegation"):
            carry_out(command, LAID, None, clerk)


def test_a_refusal_says_whose_the_act_is() -> None:
    with pytest.raises(NotAllowed, match=r"chair, acting chair, secretariat\. Your role here is expert\."):
        carry_out(WithdrawCall("c-one"), laid(), None, BY_XAA)
