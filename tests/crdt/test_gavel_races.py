"""Two acts that meet in the room: the gavel against withdrawing, typing, a position, a second gavel (D8-D10).

Each pair arrives in one batch, in either order: whoever comes first in the log has happened, and the other is carried
out on what is there then, or refused with a reason and without a trace.
"""

from itertools import permutations

import pytest

from opinions import commands
from opinions.clean import settled
from opinions.edits import InsertText
from opinions.model import AmendmentId, Mark, MarkKind, ParagraphId
from opinions.on_table import Call
from opinions.record import Ruling, Status
from opinions.roles import Actor, Role
from opinions.statuses import Answer, Attitude, CallState
from opinions.table_commands import (
    AnswerCall,
    Called,
    DecideCall,
    OpenCall,
    OpenSitting,
    RulingOn,
    TakePosition,
    WithdrawCall,
)
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import amendment, document, ins, paragraph, struck
from tests.support.rooms import Sitting

P1 = ParagraphId("par-0001")
A1, A2 = AmendmentId("a-kenya001"), AmendmentId("a-bo-000001")
INS = frozenset({Mark(MarkKind.INSERTION, A1)})
SECOND = Actor("m-chair-2", "A. Chair", Role.ACTING_CHAIR)
CALL = OpenCall("c-one", (Called(A1, 1),), 60)
Act = tuple[str, commands.Command | InsertText]
BOTH = pytest.mark.parametrize("gavel_first", [True, False])


@pytest.fixture
def sitting() -> Sitting:
    """Live drafting with a call on what kim of XAA proposed; bo of XAB strikes the same words."""
    pieces = (struck(A1, struck(A2, "depends ")), ins(A1, "relies "))
    given = document(
        paragraph(P1, "that access ", *pieces, "on income"), amendments=[amendment(A1, "XAA"), amendment(A2, "XAB")]
    )
    made = Sitting(given)
    made.join("chair", THE_CHAIR, workspace=False)
    made.join("second", SECOND, workspace=False)
    made.join("sec", THE_SECRETARIAT, workspace=False)
    made.ask("chair", OpenSitting("IEG-4"))
    made.ask("chair", commands.OpenLiveDrafting(True))
    made.join("kim", expert("XAA"), workspace=False)
    made.join("bo", expert("XAB"), workspace=False)
    assert not made.ask("chair", CALL).code
    return made


def meet(sitting: Sitting, *acts: Act) -> list[str]:
    """The acts of several people in one batch, in this order; of each the code of its refusal, or nothing."""
    frames = []
    for number, (name, act) in enumerate(acts):
        client, party = sitting.clients[name], sitting.actors[name].delegation or ""
        if isinstance(act, InsertText):
            frames.append((name, client.write((act,), party)))
        else:
            frames.append((name, client.command(commands.to_json(act), party, f"key-{number}-{sitting.now:%H%M%S}")))
    said = {name: len(sitting.clients[name].refusals) for name, _ in acts}
    sitting.batch(frames)
    for client in sitting.clients.values():
        assert client.view().text == sitting.room.document().text, "somebody's text is not the room's"
    codes = []
    for name, _ in acts:
        new = sitting.clients[name].refusals[said[name] :]
        codes.append(new[0].code if new else "")
    return codes


def call(sitting: Sitting) -> Call:
    found = sitting.room.document().record.call("c-one")
    assert found is not None
    return found


def status(sitting: Sitting, name: AmendmentId = A1) -> Status:
    found = sitting.room.document().amendment(name)
    assert found is not None
    return found.status


def clean(sitting: Sitting) -> str:
    return settled(sitting.room.document()).text.paragraphs[0].text


@BOTH
def test_d10_gavel_against_withdrawal(sitting: Sitting, gavel_first: bool) -> None:
    """[D10] withdrawn first: the gavel finds the call void; decided first: there is nothing to withdraw."""
    gavel, withdrawal = ("chair", DecideCall("c-one")), ("kim", commands.Withdraw(A1))
    acts: list[Act] = [gavel, withdrawal] if gavel_first else [withdrawal, gavel]
    assert meet(sitting, *acts) == ["", "wrong-status"]
    if gavel_first:
        assert (status(sitting), call(sitting).state) == (Status.AGREED, CallState.DECIDED)
        assert clean(sitting) == "that access relies on income"
    else:
        assert (status(sitting), call(sitting).state) == (Status.WITHDRAWN, CallState.VOID)
        assert "#1 is withdrawn." in sitting.clients["chair"].refusals[-1].message
        assert clean(sitting) == "that access depends on income"


@BOTH
def test_d10_gavel_against_typing_inside(sitting: Sitting, gavel_first: bool) -> None:
    """[D10] [A4] the decision covers the pinned words; what is typed meanwhile stays pending, as the next amendment."""
    gavel, typing = ("chair", DecideCall("c-one")), ("kim", InsertText(P1, 23, "heavily ", INS))
    acts: list[Act] = [gavel, typing] if gavel_first else [typing, gavel]
    assert meet(sitting, *acts) == ["", ""]
    decision = call(sitting).decision
    assert decision is not None
    assert decision.words == "# par-0001\n+relies \n-depends "
    assert clean(sitting) == "that access relies on income"
    record = sitting.room.document().record
    (successor,) = [one for name, one in record.amendments.items() if name not in (A1, A2)]
    assert (successor.status, successor.delegation) == (Status.SUBMITTED, "XAA")
    assert gavel_first or successor.revises == A1
    words = {run.text for run in sitting.room.document().text.paragraphs[0].runs if run.insertion == successor.id}
    assert "".join(words) == "heavily "


def test_d10_gavel_against_a_second_gavel_from_another_window(sitting: Sitting) -> None:
    """[D10] one ruling, one decision, whoever was first; the other is told what stands."""
    first = ("second", DecideCall("c-one", Ruling.SET_ASIDE))
    assert meet(sitting, first, ("chair", DecideCall("c-one"))) == ["", "wrong-status"]
    assert status(sitting) is Status.SET_ASIDE
    assert "decided already" in sitting.clients["chair"].refusals[-1].message
    found = sitting.room.document().amendment(A1)
    assert found is not None
    assert [one.ruled_by for one in found.decisions] == ["A. Chair"]
    again: list[Act] = [("sec", commands.RecordOutcome(A1, 1, Ruling.SET_ASIDE, ruled_by="R. Chair")), ("chair", CALL)]
    assert meet(sitting, *again) == ["wrong-status", "invalid-command"]


def test_w7_the_same_gavel_sent_twice_is_one(sitting: Sitting) -> None:
    """[W7]"""
    first = sitting.ask("chair", DecideCall("c-one"), key="gavel-once")
    again = sitting.ask("chair", DecideCall("c-one"), key="gavel-once")
    assert (first.result, first.seq) == (again.result, again.seq)
    assert not again.code


@BOTH
def test_d10_a_position_changed_while_the_call_is_open(sitting: Sitting, gavel_first: bool) -> None:
    """[D10] what stood at the gavel is kept with the decision; a formal objection in time asks for a word."""
    position = ("bo", TakePosition(A1, 1, Attitude.FORMAL_OBJECTION, "the cost"))
    gavel = ("chair", DecideCall("c-one"))
    acts: list[Act] = [gavel, position] if gavel_first else [position, gavel]
    first, second = meet(sitting, *acts)
    assert (first, second) == ("", "wrong-status" if gavel_first else "invalid-command")
    if gavel_first:
        assert (call(sitting).state, call(sitting).reservations) == (CallState.DECIDED, ())
        return
    assert call(sitting).state is CallState.OPEN
    assert not sitting.ask("chair", DecideCall("c-one", note="The chair so ruled.")).code
    assert [one.delegation for one in call(sitting).reservations] == ["XAB"]


@BOTH
def test_d10_an_objection_against_the_gavel(sitting: Sitting, gavel_first: bool) -> None:
    """[D10]"""
    answer, gavel = ("bo", AnswerCall("c-one", Answer.OBJECT, "the cost")), ("chair", DecideCall("c-one"))
    acts: list[Act] = [gavel, answer] if gavel_first else [answer, gavel]
    assert meet(sitting, *acts) == ["", "wrong-status" if gavel_first else "invalid-command"]
    assert len(call(sitting).answers) == (0 if gavel_first else 1)
    assert status(sitting) is (Status.AGREED if gavel_first else Status.SUBMITTED)


@BOTH
def test_d10_the_gavel_on_what_competes_against_the_withdrawal_of_that(sitting: Sitting, gavel_first: bool) -> None:
    """[D9] [D10] all of an act or none: what was to be not retained and is withdrawn is no part of it any more."""
    gavel = ("chair", DecideCall("c-one", others=(RulingOn(A2, 1, Ruling.NOT_RETAINED),)))
    withdrawal = ("bo", commands.Withdraw(A2))
    acts: list[Act] = [gavel, withdrawal] if gavel_first else [withdrawal, gavel]
    assert meet(sitting, *acts) == ["", "wrong-status"]
    if gavel_first:
        assert (status(sitting), status(sitting, A2)) == (Status.AGREED, Status.NOT_RETAINED)
    else:
        assert (status(sitting), status(sitting, A2)) == (Status.SUBMITTED, Status.WITHDRAWN)
        assert call(sitting).state is CallState.OPEN
        assert meet(sitting, ("chair", DecideCall("c-one"))) == [""]


def test_d10_whatever_the_order_of_three_the_room_and_its_log_agree() -> None:
    """[L4] [D10]"""
    acts: tuple[Act, ...] = (
        ("chair", DecideCall("c-one")),
        ("kim", commands.Withdraw(A1)),
        ("second", WithdrawCall("c-one")),
    )
    for order in permutations(acts):
        room = Sitting(
            document(paragraph(P1, "that access ", ins(A1, "relies "), "on"), amendments=[amendment(A1, "XAA")])
        )
        room.join("chair", THE_CHAIR, workspace=False)
        room.join("second", SECOND, workspace=False)
        room.join("kim", expert("XAA"))
        room.ask("chair", CALL)
        codes = meet(room, *order)
        assert codes[0] == ""
        assert call(room).state is not CallState.OPEN
        before = room.room.document()
        room.open()
        assert room.room.document() == before


def test_a2_submit_waits_while_it_is_pinned_and_becomes_the_next_revision_after() -> None:
    """[A2] typing in the workspace meanwhile disturbs nothing."""
    room = Sitting(document(paragraph(P1, "that access ", ins(A1, "relies "), "on"), amendments=[amendment(A1, "XAA")]))
    room.join("chair", THE_CHAIR, workspace=False)
    room.join("kim", expert("XAA"))
    draft = AmendmentId("a-kenya002")
    room.ask("chair", CALL)
    room.write("kim", InsertText(P1, 19, "heavily ", frozenset({Mark(MarkKind.INSERTION, draft)})))
    seq = room.room.opinion.seq
    assert room.ask("kim", commands.Submit(draft)).code == "wrong-status"
    assert (room.room.opinion.seq, call(room).state) == (seq, CallState.OPEN)
    assert not room.ask("chair", WithdrawCall("c-one")).code
    answer = room.ask("kim", commands.Submit(draft))
    assert answer.result is not None
    assert (answer.result["amendment"], answer.result["revision"]) == (A1, 2)


@BOTH
def test_d9_a_compromise_agreed_while_a_holder_withdraws(gavel_first: bool) -> None:
    """[D9] [CT3] what a holder withdrew first is not merged; what is merged is not the holder's to withdraw."""
    compromise = AmendmentId("a-comp0001")
    pieces = (struck(compromise, ins(A1, "relies "), ins(A2, "rests ")), ins(compromise, "depends in part "))
    room = Sitting(
        document(
            paragraph(P1, "that access ", *pieces, "on income"),
            amendments=[
                amendment(A1, "XAA"),
                amendment(A2, "XAB"),
                amendment(compromise, "CHR", created=3, replaces=(A1, A2)),
            ],
        )
    )
    room.join("chair", THE_CHAIR, workspace=False)
    room.join("kim", expert("XAA"))
    assert not room.ask("chair", OpenCall("c-one", (Called(compromise, 1),))).code
    gavel, withdrawal = ("chair", DecideCall("c-one")), ("kim", commands.Withdraw(A1))
    acts: list[Act] = [gavel, withdrawal] if gavel_first else [withdrawal, gavel]
    assert meet(room, *acts) == ["", "wrong-status"]
    if not gavel_first:
        # Some of what it would strike is gone with the holder's words: the chair asks again, on what stands.
        assert call(room).state is CallState.VOID
        assert not room.ask("chair", OpenCall("c-two", (Called(compromise, 1),))).code
        assert not room.ask("chair", DecideCall("c-two")).code
    assert clean(room) == "that access depends in part on income"
    assert status(room) is (Status.MERGED if gavel_first else Status.WITHDRAWN)
    assert status(room, A2) is Status.MERGED
    assert status(room, compromise) is Status.AGREED


@pytest.mark.parametrize("ruling", [Ruling.AGREED_IN_INFORMALS, Ruling.WORDING_AGREED, Ruling.SET_ASIDE])
def test_a2_typing_after_a_ruling_that_left_it_pending_is_the_next_revision(sitting: Sitting, ruling: Ruling) -> None:
    """[A2] [D8] nothing stays near agreement in words that nobody looked at."""
    assert meet(sitting, ("chair", DecideCall("c-one", ruling))) == [""]
    assert status(sitting).value == ruling.value
    assert meet(sitting, ("kim", InsertText(P1, 23, "heavily ", INS))) == [""]
    found = sitting.room.document().amendment(A1)
    assert found is not None
    assert (found.status, found.revision) == (Status.SUBMITTED, 2)
    (decision,) = found.decisions
    assert (decision.revision, decision.words) == (1, "# par-0001\n+relies \n-depends ")
