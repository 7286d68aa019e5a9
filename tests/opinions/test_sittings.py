"""The sitting: opened, attended as marked, closed; what the chair has taken up (D12)."""

from dataclasses import replace

import pytest

from opinions import sittings
from opinions.commands import RecordOutcome
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed, OpinionError, UnknownAmendment, UnknownParagraph, WrongStatus
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.on_table import Floor, Presence, Sitting
from opinions.procedure import Context, carry_out
from opinions.record import Document, Level, Ruling
from opinions.roles import Actor, Role
from opinions.table_commands import CloseSitting, MarkPresent, OpenSitting, TakeUp
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import amendment, at, document, ins, paragraph
from tests.support.rulings import of

XAA, XAB = DelegationCode("XAA"), DelegationCode("XAB")
A1, P1, P2 = AmendmentId("a-1"), ParagraphId("par-1"), ParagraphId("par-2")
CHAIR, CLERK, BY_XAA = context(THE_CHAIR), context(THE_SECRETARIAT), context(expert("XAA"))
FACILITATOR = context(Actor("m-fac", "F. Bridge", Role.FACILITATOR))


def do(given: Document, *acts: tuple[object, Context]) -> Document:
    for command, who in acts:
        given = applied(given, carry_out(command, given, None, who).main.edits)  # type: ignore[arg-type]
    return given


def table() -> Document:
    return document(
        paragraph("par-1", "one ", ins("a-1", "two")), paragraph("par-2", "three"), amendments=[amendment("a-1", XAA)]
    )


def opened() -> Document:
    return do(table(), (OpenSitting("IEG-4, morning", Level.WORKING_GROUP), CHAIR))


def test_d12_rulings_are_recorded_under_the_sitting() -> None:
    """[D12]"""
    assert opened().record.opinion.sitting == Sitting("IEG-4, morning", Level.WORKING_GROUP, at(90))
    inside = do(opened(), (RecordOutcome(A1, 1, Ruling.SET_ASIDE), CHAIR))
    after = do(inside, (CloseSitting(), CLERK))
    assert after.record.opinion.sitting is None
    (decision,) = of(after, A1).decisions
    assert (decision.level, decision.meeting) == (Level.WORKING_GROUP, "IEG-4, morning")


@pytest.mark.parametrize(
    ("command", "error", "says"),
    [
        (OpenSitting(" "), InvalidCommand, "a name"),
        (OpenSitting("IEG-4", Level.UNSAID), InvalidCommand, "at which level"),
    ],
)
def test_d12_a_sitting_has_a_name_and_a_level(command: OpenSitting, error: type[OpinionError], says: str) -> None:
    """[D12]"""
    with pytest.raises(error, match=says):
        do(table(), (command, CHAIR))


def test_d12_one_sitting_at_a_time() -> None:
    """[D12]"""
    with pytest.raises(WrongStatus, match="“IEG-4, morning” is under way"):
        do(opened(), (OpenSitting("IEG-4, afternoon"), CHAIR))
    for command in (CloseSitting(), MarkPresent((XAA,))):
        with pytest.raises(WrongStatus, match="No sitting is under way"):
            do(table(), (command, CLERK))


def test_i9_attendance_is_as_marked_and_by_whom() -> None:
    """[I9] [D12]"""
    after = do(opened(), (MarkPresent((XAA,)), BY_XAA), (MarkPresent((XAB, XAA)), replace(CLERK, at=at(95))))
    sitting = after.record.opinion.sitting
    assert sitting is not None
    assert sitting.present == (Presence(XAA, at(90), "E. XAA"), Presence(XAB, at(95), "S. Clerk"))
    left = do(after, (MarkPresent((XAA,), False), BY_XAA)).record.opinion.sitting
    assert left is not None
    assert [one.delegation for one in left.present] == [XAB]
    assert carry_out(MarkPresent((XAA,)), after, None, BY_XAA).main.edits == ()


def test_d12_a_delegation_marks_itself_alone() -> None:
    """[D12]"""
    for delegations in ((XAB,), (XAA, XAB)):
        with pytest.raises(NotAllowed, match="mark XAA alone"):
            do(opened(), (MarkPresent(delegations), BY_XAA))
    for who in (CHAIR, FACILITATOR, context(AN_OBSERVER)):
        with pytest.raises(NotAllowed):
            do(opened(), (MarkPresent((XAA,)), who))
    with pytest.raises(InvalidCommand, match="at least one"):
        do(opened(), (MarkPresent(()), CLERK))
    with pytest.raises(InvalidCommand, match="XZZ"):
        do(opened(), (MarkPresent((DelegationCode("XZZ"),)), replace(CLERK, proposing=frozenset({XAA}))))


def test_d12_the_secretariat_marks_delegations_that_give_views_only() -> None:
    """[D12] Whoever takes part attends, whether it may propose or not."""
    clerk = replace(CLERK, proposing=frozenset({XAA}), views=frozenset({XAB}))
    sitting = do(opened(), (MarkPresent((XAB, XAA)), clerk)).record.opinion.sitting
    assert sitting is not None
    assert {one.delegation for one in sitting.present} == {XAA, XAB}


def test_d12_the_marks_of_a_sitting_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """[D12]"""
    monkeypatch.setattr(sittings, "MAX_PRESENT", 1)
    with pytest.raises(WrongStatus, match="as many as a sitting holds"):
        do(opened(), (MarkPresent((XAA, XAB)), CLERK))


def test_d12_what_is_taken_up_is_told_until_the_sitting_is_over() -> None:
    """[D12]"""
    after = do(opened(), (TakeUp(amendment=A1), CLERK))
    assert after.record.opinion.floor == Floor(P1, at(90), A1)
    assert carry_out(TakeUp(P1, A1), after, None, CHAIR).main.edits == ()
    other = do(after, (TakeUp(P2), CHAIR))
    assert other.record.opinion.floor == Floor(P2, at(90))
    assert do(other, (TakeUp(), CHAIR)).record.opinion.floor is None
    assert do(other, (CloseSitting(), CHAIR)).record.opinion.floor is None
    with pytest.raises(UnknownParagraph):
        do(after, (TakeUp(ParagraphId("par-9")), CHAIR))
    with pytest.raises(UnknownAmendment):
        do(after, (TakeUp(P1, AmendmentId("a-9")), CHAIR))
    with pytest.raises(NotAllowed):
        do(after, (TakeUp(P1), BY_XAA))


def test_d12_a_facilitator_has_the_floor_of_an_informal_sitting_and_no_other() -> None:
    """[D12] The projector follows the chair: who facilitates beside a meeting moves nothing on it."""
    for given in (table(), opened()):
        with pytest.raises(NotAllowed, match="the chair's to take up"):
            carry_out(TakeUp(P1), given, None, FACILITATOR)
    informals = do(table(), (OpenSitting("Informals on access", Level.INFORMAL), CHAIR))
    assert do(informals, (TakeUp(P1), FACILITATOR)).record.opinion.floor == Floor(P1, at(90))
