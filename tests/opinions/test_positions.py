"""Positions: what a delegation says of another one's amendment at the revision that stands (A7)."""

from dataclasses import replace

import pytest

from opinions.acting import Context
from opinions.amendments import cosponsor, withdraw
from opinions.commands import Cosponsor, TakePosition, Withdraw
from opinions.edits import InsertText, applied
from opinions.errors import InvalidCommand, NotAllowed, OpinionError, RevisionChanged, UnknownAmendment, WrongStatus
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, ParagraphId
from opinions.positions import take_position
from opinions.procedure import carry_out
from opinions.record import Attitude, Document, Stance, Status
from opinions.roles import Actor, Role, Stage
from opinions.settling import settle
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import amendment, document, ins, paragraph
from tests.support.proposing import Laid
from tests.support.rulings import of

A1 = AmendmentId("a-1")
P1 = ParagraphId("par-1")
XAB = context(expert("XAB"))
TAKEN = [Attitude.SUPPORT, Attitude.RETAIN, Attitude.OPPOSE, Attitude.RESERVE, Attitude.FLEXIBLE, Attitude.AWAITING]


def pending(**fields: object) -> Document:
    return document(
        paragraph(P1, "so ", ins("a-1", "it is")),
        amendments=[replace(amendment("a-1", "XAA", revision=2), **fields)],  # type: ignore[arg-type]
    )


def taken(given: Document, attitude: Attitude, note: str = "", by: Context = XAB, revision: int = 2) -> Document:
    return applied(given, take_position(TakePosition(A1, revision, attitude, note), given, by).edits)


@pytest.mark.parametrize("attitude", TAKEN)
def test_a7_a_position_stands_on_record_with_its_revision(attitude: Attitude) -> None:
    """[A7] With what was said, in place of the former one; typing in it then makes the next revision (A2)."""
    given = pending(stances=(Stance("XAB", Attitude.FLEXIBLE, "x"), Stance("XAC", Attitude.OPPOSE)))
    now = of(taken(given, attitude, "subject to capital"), "a-1")
    assert now.stances == (Stance("XAC", Attitude.OPPOSE), Stance("XAB", attitude, "revision 2: subject to capital"))
    assert now.reacted == 2
    assert now.revision == 2
    assert of(taken(given, attitude), "a-1").stances[-1].note == "revision 2"


def test_a2_what_is_typed_after_a_position_is_the_next_revision() -> None:
    """[A2] In live drafting nobody's words change under a position taken."""
    given = taken(pending(), Attitude.SUPPORT)
    insertion = frozenset({Mark(MarkKind.INSERTION, "a-1")})
    typed = applied(given, [InsertText(P1, 8, " so", insertion)])
    said = Laid(((given.text.find(P1), typed.text.find(P1)),), frozenset())
    record = settle(said, typed, party=DelegationCode("XAA"), author="E. XAA", at=XAB.at, workspace=False)
    assert of(applied(typed, record), "a-1").revision == 3


@pytest.mark.parametrize(
    ("given", "command", "by", "refusal"),
    [
        (pending(), TakePosition(A1, 1, Attitude.SUPPORT), XAB, RevisionChanged),
        (pending(), TakePosition(AmendmentId("a-9"), 1, Attitude.SUPPORT), XAB, UnknownAmendment),
        (pending(status=Status.DRAFT), TakePosition(A1, 2, Attitude.SUPPORT), XAB, UnknownAmendment),
        (pending(status=Status.AGREED), TakePosition(A1, 2, Attitude.OPPOSE), XAB, WrongStatus),
        (pending(), TakePosition(A1, 2, Attitude.SUPPORT), context(expert("XAA")), NotAllowed),
        (pending(), TakePosition(A1, 2, Attitude.PROPOSE), XAB, InvalidCommand),
        (pending(), TakePosition(A1, 2, Attitude.DELETE), XAB, InvalidCommand),
        (pending(sponsors=("XAB",)), TakePosition(A1, 2, Attitude.OPPOSE), XAB, WrongStatus),
        (
            pending(stances=(Stance("XAB", Attitude.OPPOSE, "revision 2"),)),
            TakePosition(A1, 2, Attitude.OPPOSE),
            XAB,
            WrongStatus,
        ),
    ],
)
def test_a7_what_is_no_position_is_refused(
    given: Document, command: TakePosition, by: Context, refusal: type[OpinionError]
) -> None:
    with pytest.raises(refusal):
        take_position(command, given, by)


def test_a7_before_the_meeting_positions_are_what_it_waits_for() -> None:
    assert of(taken(pending(pinned=True), Attitude.OPPOSE), "a-1").stances


@pytest.mark.parametrize(
    ("by", "allowed"),
    [
        (context(expert("XAB")), True),
        (context(THE_SECRETARIAT, party="XAB"), True),
        (replace(context(THE_SECRETARIAT), party=DelegationCode("")), False),
        (replace(context(expert("XAB")), party=DelegationCode("XAC")), False),
        (replace(context(expert("XAB")), proposing=frozenset({DelegationCode("XAA")})), False),
        (replace(context(THE_SECRETARIAT, party="XAB"), proposing=frozenset({DelegationCode("XAA")})), False),
        (replace(context(expert("XAB")), stage=Stage(closed=True)), False),
        (context(THE_CHAIR), False),
        (context(AN_OBSERVER), False),
        (context(Actor("m-views", "V. Views", Role.CONTRIBUTOR)), False),
    ],
)
def test_p1_who_takes_a_position(by: Context, allowed: bool) -> None:
    """[P1, P5] A delegation's own people, or the secretariat for it; not for who gives views only."""
    command = TakePosition(A1, 2, Attitude.RESERVE)
    if allowed:
        assert carry_out(command, pending(), None, by).main.edits
    else:
        with pytest.raises(NotAllowed):
            carry_out(command, pending(), None, by)


def test_p5_an_amendment_passes_to_nobody_who_gives_views() -> None:
    """[P5, A6] A sponsor that has come to give views is passed over; without another one the words go."""
    given = applied(pending(), cosponsor(Cosponsor(A1, 2), pending(), XAB).edits)
    by = replace(context(expert("XAA")), proposing=frozenset({DelegationCode("XAA")}))
    now = of(applied(given, withdraw(Withdraw(A1), given, by).edits), "a-1")
    assert (now.delegation, now.status) == ("XAA", Status.WITHDRAWN)
