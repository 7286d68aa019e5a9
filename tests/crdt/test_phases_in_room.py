"""Phases in a room (opinions/SPEC.md, PH4-PH6): rights shut at the instant of an entry, late amendments marked, what is
told to whom.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.phase_notices import PhaseClock, PhaseNotices
from crdt.step import Request
from opinions import commands
from opinions.canonical import canonical_text
from opinions.edits import InsertText
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, ParagraphId
from opinions.phases import After, Phase, Span, rights
from opinions.proposals import Proposal, Replacement
from opinions.record import Status
from opinions.record_json import read_entry, write_entry
from opinions.roles import Act
from opinions.statuses import AmendmentKind, Attitude
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import at, document, paragraph
from tests.support.rooms import Sitting

P1 = ParagraphId("par-0001")
AM = AmendmentId("a-kenya001")
INS = frozenset({Mark(MarkKind.INSERTION, AM)})
END = at(60)
INSTANT = timedelta(microseconds=1)
SUBMIT = commands.Submit(AM)


def span(*rights: Act, after: After = After.CLOSED, closes: datetime | None = END, **fields: object) -> Span:
    phase = Phase("third", "Amendments to the third draft", frozenset(rights), after=after)
    return Span(phase, None, closes, closes_said="16 Jun 2025, 24:00 Geneva (22:00 UTC)", **fields)  # type: ignore[arg-type]


def sitting(*spans: Span) -> Sitting:
    """XAA has drafted an insertion in its workspace."""
    made = Sitting(document(paragraph(P1, "that access depends on income")), spans=spans)
    made.join("kim", expert("XAA"))
    made.join("chair", THE_CHAIR, workspace=False)
    made.join("sec", THE_SECRETARIAT, workspace=False)
    made.write("kim", InsertText(P1, 4, "fair ", INS))
    return made


def ask_at(made: Sitting, name: str, command: commands.Command, moment: datetime, key: str = "k-1") -> str:
    """The code of what somebody asks at a moment; empty when it was done."""
    actor = made.actors[name]
    step = made.room.receive((Request(1, actor, actor.delegation or "", key, commands.to_json(command)),), moment)
    made.settle(step)
    return step.answers[0].code


def test_ph4_submitting_is_open_up_to_the_instant_and_shut_with_it() -> None:
    assert ask_at(sitting(span(Act.AMENDMENT_SUBMIT)), "kim", SUBMIT, END - INSTANT) == ""
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    assert ask_at(made, "kim", SUBMIT, END) == "phase-shut"
    assert made.room.document().amendment(AM) is None
    draft = made.clients["kim"].view().amendment(AM)
    assert draft is not None
    assert draft.status is Status.DRAFT, "the draft stays with its author"


def test_ph4_a_refusal_says_which_phase_when_it_closed_and_what_to_do() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    actor = made.actors["kim"]
    step = made.room.receive((Request(1, actor, "XAA", "k-1", commands.to_json(SUBMIT)),), END)
    message = step.answers[0].message
    assert "Amendments to the third draft" in message
    assert "closed on 16 Jun 2025, 24:00 Geneva (22:00 UTC)" in message
    assert "Your draft is kept." in message


def test_ph4_one_batch_and_its_repetition_is_judged_by_the_time_of_the_entry() -> None:
    """A batch that was undone and goes through again later is judged by the later time: the log's own."""
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    request = Request(1, made.actors["kim"], "XAA", "k-1", commands.to_json(SUBMIT))
    first = made.room.receive((request,), END - INSTANT)
    assert first.answers[0].code == ""
    made.room.undo()
    again = made.room.receive((request,), END)
    assert again.answers[0].code == "phase-shut"
    assert not again.appends


def test_ph4_what_was_done_in_time_is_answered_the_same_afterwards() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    assert ask_at(made, "kim", SUBMIT, END - INSTANT, key="k-same") == ""
    assert ask_at(made, "kim", SUBMIT, END + timedelta(hours=1), key="k-same") == ""


def entering(name: str) -> commands.EnterProposals:
    words = Replacement(4, 4, "", "fair ")
    return commands.EnterProposals(
        "CL-26/9", (Proposal(AmendmentId(name), DelegationCode("XAA"), AmendmentKind.MOD, P1, (words,)),)
    )


@pytest.mark.parametrize("moment", [END - INSTANT, END])
def test_ph4_other_ways_of_putting_amendments_are_shut_with_it_and_the_secretariat_enters(moment: datetime) -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    shut = moment >= END
    assert ask_at(made, "kim", entering("a-entered01"), moment, "k-2") == ("phase-shut" if shut else "")
    assert ask_at(made, "sec", entering("a-entered02"), moment, "k-3") == ""


def test_ph4_live_drafting_is_shut_too_and_the_words_stay_with_their_author() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    assert ask_at(made, "chair", commands.OpenLiveDrafting(True), at(2)) == ""
    made.join("kai", expert("XAB"), workspace=False)
    made.now = END - timedelta(seconds=2)
    late = frozenset({Mark(MarkKind.INSERTION, "a-bo-000001")})
    made.write("kai", InsertText(P1, 0, "In time, ", late))
    assert made.room.document().text.find(P1).text.startswith("In time")  # type: ignore[union-attr]
    made.write("kai", InsertText(P1, 0, "Too late, ", late))
    assert not made.room.document().text.find(P1).text.startswith("Too late")  # type: ignore[union-attr]
    (refused,) = made.clients["kai"].refusals
    assert refused.code == "not-allowed"


def test_ph5_what_is_late_is_taken_and_marked_with_the_deadline_it_missed() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT, after=After.LATE))
    assert ask_at(made, "kim", SUBMIT, END + timedelta(minutes=5)) == ""
    submitted = made.room.document().amendment(AM)
    assert submitted is not None
    assert (submitted.status, submitted.late) == (Status.SUBMITTED, END)
    assert read_entry(*write_entry(submitted)) == submitted
    assert made.clients["chair"].view().amendment(AM) == submitted
    assert "late" not in canonical_text(made.room.document()), "[K3] the canonical text does not know it"


@pytest.mark.parametrize(
    ("name", "moment", "late"), [("kim", END, True), ("kim", END - INSTANT, False), ("sec", END, False)]
)
def test_ph5_entered_ones_are_late_by_the_same_instant_and_never_what_the_secretariat_enters(
    name: str, moment: datetime, late: bool
) -> None:
    """What it enters of others came when its register says."""
    made = sitting(span(Act.AMENDMENT_SUBMIT, Act.PROPOSALS_ENTER, after=After.LATE))
    assert ask_at(made, name, entering("a-entered01"), moment) == ""
    entered = made.room.document().amendment(AmendmentId("a-entered01"))
    assert entered is not None
    assert entered.late == (END if late else None)


def test_ph5_what_was_in_time_carries_no_mark_and_the_next_revision_its_own() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT, after=After.LATE))
    assert ask_at(made, "kim", SUBMIT, END - INSTANT) == ""
    submitted = made.room.document().amendment(AM)
    assert submitted is not None
    assert submitted.late is None
    assert '"late"' not in write_entry(submitted)[1], "[J] at its default it is left out"


def test_ph5_an_extension_opens_again_in_the_room_that_is_opened_with_it() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT))
    assert ask_at(made, "kim", SUBMIT, END) == "phase-shut"
    made.spans = (span(Act.AMENDMENT_SUBMIT, closes=END + timedelta(hours=1), extended_from=END, extended_at=END),)
    made.open()
    made.now = END
    before = len(made.clients["kim"].notices)
    made.join("kim", expert("XAA"))
    assert [one["reason"] for one in made.clients["kim"].notices[before:] if one["kind"] == "phase"] == [
        "“Amendments to the third draft” was extended: it closes on 16 Jun 2025, 24:00 Geneva (22:00 UTC)."
    ]
    assert ask_at(made, "kim", SUBMIT, END + timedelta(minutes=1), "k-9") == ""


def test_ph4_positions_and_calls_are_shut_by_the_phases_that_name_them() -> None:
    made = sitting(span(Act.POSITION_TAKE, Act.CALL_PUT))
    made.join("bo", expert("XAB"))
    assert ask_at(made, "kim", SUBMIT, at(3)) == ""
    position = commands.TakePosition(AM, 1, Attitude.SUPPORT)
    assert ask_at(made, "bo", position, END - INSTANT, "k-5") == ""
    assert ask_at(made, "bo", position, END, "k-6") == "phase-shut"
    call = commands.CallForObjections(AM, 1)
    assert ask_at(made, "chair", call, END, "k-7") == "", "a ruling's own call is the chair's"


def test_ph6_the_room_is_told_before_and_at_the_instant_each_once() -> None:
    made = sitting(span(Act.AMENDMENT_SUBMIT, closes=at(24 * 60 + 60)))
    told: list[str] = []
    for _ in range(20):
        due = made.room.tells_at
        if due is None:
            break
        made.settle(made.room.tick(due))
        told = [one["reason"] for one in made.clients["chair"].notices if one["kind"] == "phase"]
    assert [line.split("”")[1].split(":")[0].strip() for line in told] == [
        "closes in 24 hours",
        "closes in 1 hour",
        "closes in 10 minutes",
        "has closed. What you drafted is kept.",
    ]
    assert made.room.tells_at is None


def test_ph6_phases_of_other_rights_are_not_told_in_the_room() -> None:
    notices = PhaseNotices((span(Act.CONTRIBUTION_SUBMIT),))
    assert notices.due(at(1)) == ()
    assert notices.due(END) == ()
    assert notices.next_at() is None


def test_ph6_who_comes_in_within_the_hour_is_told_when_it_closes() -> None:
    notices = PhaseNotices((span(Act.AMENDMENT_SUBMIT),))
    assert notices.for_newcomer(END - timedelta(hours=2)) == ()
    assert len(notices.for_newcomer(END - timedelta(minutes=59))) == 1
    assert notices.for_newcomer(END) == ()


@given(st.lists(st.integers(0, 80), min_size=1, max_size=20), st.integers(0, 70), st.integers(1, 70))
def test_ph4_the_clock_of_a_room_says_at_every_moment_what_the_phases_say(
    minutes: list[int], opens: int, closes: int
) -> None:
    """Also where it is asked of earlier moments again, as after a batch that was undone."""
    phases = (
        replace(span(Act.AMENDMENT_SUBMIT, closes=at(closes)), opens_at=at(opens)),
        span(Act.POSITION_TAKE, closes=at(40)),
        span(Act.AMENDMENT_SUBMIT, closes=at(20)),
    )
    clock = PhaseClock(phases)
    for minute in minutes:
        assert clock.shut(at(minute)) == frozenset(rights(phases, at(minute)).shut)
