"""The one door for commands, and what a freeze looks at and leaves (P1; design, settled 14)."""

from dataclasses import fields, replace
from datetime import datetime

import pytest

from opinions.closing_commands import MarkRenumbering, PutAdoption, RecordAdoption, Renumber
from opinions.commands import (
    COMMANDS,
    AdmitObservers,
    BringBack,
    CallForObjections,
    CloseOpinion,
    Command,
    ConsiderParagraph,
    CorrectText,
    Cosponsor,
    Discard,
    EnterProposals,
    Freeze,
    InsertParagraph,
    JoinParagraph,
    MoveParagraph,
    OpenLiveDrafting,
    ProposeRemoval,
    RecordOutcome,
    Reopen,
    RetypeParagraph,
    SplitParagraph,
    Submit,
    TakePosition,
    Withdraw,
)
from opinions.edits import applied
from opinions.errors import InvalidCommand, NotAllowed
from opinions.model import AmendmentId, Kind, ParagraphId
from opinions.procedure import Context, Outcome, act_of, after_freeze, carry_out, draft_name, freeze_checks
from opinions.proposals import Proposal, Replacement
from opinions.record import (
    Amendment,
    AmendmentKind,
    Attitude,
    Document,
    OpinionRecord,
    ParagraphState,
    Ruling,
    Stance,
    Status,
)
from opinions.roles import Act, Actor, Role, Stage, may
from opinions.table_commands import ConfirmTyped, JoinPosition, TableCommand
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import (
    addition,
    amendment,
    bracket,
    bracketed,
    document,
    ins,
    item,
    removal,
)

A1, A2, A3, A4, A9 = (AmendmentId(f"a-{number}") for number in (1, 2, 3, 4, 9))
P1, P2, P9 = (ParagraphId(f"par-{number}") for number in (1, 2, 9))
LIVE = Stage(live_drafting=True)


TYPED = amendment("a-1", "XAA", typist="S. Clerk", stances=(Stance("G77", Attitude.OPPOSE, "", 1, by="XAC"),))


def opinion() -> Document:
    return document(
        item("par-1", "one ", ins("a-1", "x"), operative=True),
        item("par-2", "two", operative=True),
        amendments=[TYPED, amendment("a-2", "XAA", status=Status.NOT_RETAINED, paragraph="par-2")],
        labels={"par-1": "1", "par-2": "2"},
        states={"par-1": ParagraphState.OPEN},
    )


def view() -> Document:
    """The opinion as XAB sees it, with a draft of its own."""
    onto = opinion()
    draft = amendment("a-3", "XAB", status=Status.DRAFT)
    record = replace(onto.record, amendments={**onto.record.amendments, A3: draft})
    text = type(onto.text)((onto.text.paragraphs[0], item("par-2", "two", ins("a-3", "y"), operative=True)))
    return Document(text, record)


CHAIR, SEC, XAA, XAB = context(THE_CHAIR), context(THE_SECRETARIAT), context(expert("XAA")), context(expert("XAB"))
OF_G77 = replace(XAB, groups={"G77": frozenset({XAB.party})})

REWORDED = Proposal(
    AmendmentId("a-new-1"), XAB.party, AmendmentKind.MOD, P2, (Replacement(0, 3, "two", "both"),), reason="plainer"
)
EVERY: list[tuple[Command, Context, Act]] = [
    (Submit(A3), XAB, Act.AMENDMENT_SUBMIT),
    (Discard(A3), XAB, Act.AMENDMENT_DISCARD),
    (ProposeRemoval(A9, P2), XAB, Act.WORKSPACE_WRITE),
    (Withdraw(A1), XAA, Act.AMENDMENT_WITHDRAW),
    (Cosponsor(A1, 1), XAB, Act.AMENDMENT_COSPONSOR),
    (CallForObjections(A1, 1), CHAIR, Act.OUTCOME_RECORD),
    (RecordOutcome(A1, 1, Ruling.AGREED), CHAIR, Act.OUTCOME_RECORD),
    (ConsiderParagraph(P2, ParagraphState.AGREED), CHAIR, Act.OUTCOME_RECORD),
    (SplitParagraph(P2, 1, P9), SEC, Act.STRUCTURE_CHANGE),
    (JoinParagraph(P1), SEC, Act.STRUCTURE_CHANGE),
    (MoveParagraph(P2, None), SEC, Act.STRUCTURE_CHANGE),
    (InsertParagraph(P9, None, Kind.HEADING, "new"), SEC, Act.STRUCTURE_CHANGE),
    (RetypeParagraph(P2, Kind.HEADING), SEC, Act.STRUCTURE_CHANGE),
    (CorrectText(P2, 0, 3, "two", "Two"), SEC, Act.TEXT_CORRECT),
    (EnterProposals("C/3", (REWORDED,)), XAB, Act.PROPOSALS_ENTER),
    (TakePosition(A1, 1, Attitude.RESERVE, "the cost"), XAB, Act.POSITION_TAKE),
    (JoinPosition("G77", A1), OF_G77, Act.POSITION_TAKE),
    (ConfirmTyped(A1), XAA, Act.TYPED_CONFIRM),
    (OpenLiveDrafting(), CHAIR, Act.LIVE_DRAFTING_OPEN),
    (AdmitObservers(False), CHAIR, Act.OBSERVERS_ADMIT),
    (CloseOpinion("Merged into another."), SEC, Act.OPINION_FREEZE),
    (Freeze("Second draft"), CHAIR, Act.OPINION_FREEZE),
    (MarkRenumbering(), SEC, Act.TEXT_CORRECT),
]


def carried(command: Command, who: Context) -> Outcome:
    return carry_out(
        command, opinion(), view() if isinstance(command, Submit | Discard | ProposeRemoval) else None, who
    )


@pytest.mark.parametrize(("command", "who", "act"), EVERY, ids=[command.act for command, _, _ in EVERY])
def test_p1_every_command_has_its_act_and_changes_something(command: Command, who: Context, act: Act) -> None:
    assert act_of(command) is act
    outcome = carried(command, who)
    changed = applied(opinion(), outcome.main.edits)
    assert changed != opinion() or outcome.workspace is not None
    assert (outcome.workspace is not None) == isinstance(command, Submit | Discard | ProposeRemoval)


def test_every_command_is_tried() -> None:
    of_the_table = {kind.act for kind in TableCommand.__args__}  # tests/opinions/test_table_procedure.py
    of_groups = {BringBack.act}  # tests/crdt/test_drafting_groups.py
    of_the_end = {Renumber.act, PutAdoption.act, RecordAdoption.act}  # test_renumbering.py, test_adoption.py
    tried = {command.act for command, _, _ in EVERY} | {Reopen.act}
    assert tried | of_the_table | of_groups | of_the_end == set(COMMANDS)
    assert act_of(Reopen(A1)) is Act.OUTCOME_RECORD
    decided = applied(opinion(), carried(RecordOutcome(A1, 1, Ruling.AGREED), CHAIR).main.edits)
    back = carry_out(Reopen(A1), decided, None, CHAIR)
    assert applied(decided, back.main.edits).text == opinion().text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("command", "who", "act"), EVERY, ids=[command.act for command, _, _ in EVERY])
def test_p1_who_may_not_is_refused(command: Command, who: Context, act: Act, role: Role) -> None:
    delegation = who.actor.delegation
    actor = Actor("m-1", "N. N.", role, delegation)
    if not may(actor, act):
        with pytest.raises(NotAllowed, match=act.value):
            carried(command, replace(who, actor=actor))


def test_a_closed_opinion_takes_no_command_that_writes() -> None:
    with pytest.raises(NotAllowed, match="closed"):
        carry_out(Withdraw(A1), opinion(), None, replace(XAA, stage=Stage(closed=True)))


def test_p2_experts_act_for_their_own_delegation_alone() -> None:
    with pytest.raises(NotAllowed, match="You act for XAB and cannot do this for XAA"):
        carry_out(Withdraw(A1), opinion(), None, context(expert("XAB"), party="XAA"))
    without = Actor("m-1", "N. N.", Role.EXPERT)
    with pytest.raises(NotAllowed, match="without a delegation"):
        carry_out(Withdraw(A1), opinion(), None, context(without))


def test_the_secretariat_says_for_whom_it_acts() -> None:
    on_behalf = context(THE_SECRETARIAT, party="XAA")
    assert carry_out(Withdraw(A1), opinion(), None, on_behalf).main.edits
    with pytest.raises(NotAllowed, match="for which delegation"):
        carry_out(Withdraw(A1), opinion(), None, replace(on_behalf, party=type(on_behalf.party)("")))


def test_drafts_need_a_workspace() -> None:
    for command in (Submit(A3), Discard(A3)):
        with pytest.raises(NotAllowed, match="workspace"):
            carry_out(command, opinion(), None, XAB)


def test_in_live_drafting_a_removal_is_proposed_without_a_workspace() -> None:
    for who in (replace(XAB, stage=LIVE), context(THE_SECRETARIAT, party="XAB", stage=LIVE)):
        outcome = carry_out(ProposeRemoval(A9, P2), opinion(), None, who)
        assert applied(opinion(), outcome.main.edits).record.amendments[A9].status is Status.SUBMITTED
        assert outcome.workspace is None
    with pytest.raises(NotAllowed, match=r"live\.write"):
        carry_out(ProposeRemoval(A9, P2), opinion(), None, XAB)
    with pytest.raises(NotAllowed):
        carry_out(ProposeRemoval(A9, P2), opinion(), None, context(AN_OBSERVER, stage=LIVE))


def test_switches_are_set_as_asked() -> None:
    for command, name in ((OpenLiveDrafting, "live_drafting"), (AdmitObservers, "observers_admitted")):
        for on in (True, False):
            changed = applied(opinion(), carried(command(on), CHAIR).main.edits)
            assert getattr(changed.record.opinion, name) is on


def test_closing_ends_live_drafting_and_all_writing() -> None:
    changed = applied(opinion(), carried(CloseOpinion("Merged into another."), SEC).main.edits)
    assert changed.record.opinion.closed
    assert not changed.record.opinion.live_drafting
    with pytest.raises(NotAllowed, match="closed"):
        carry_out(CloseOpinion("Again."), changed, None, replace(SEC, stage=Stage(closed=True)))


# --- freeze ----------------------------------------------------------------------------------------------------------


def to_freeze() -> Document:
    return document(
        item("par-1", "one ", bracketed("a-1", "two"), ins("a-2", "x"), operative=True),
        item("par-2", "three", operative=True),
        item("par-3", "new", added="a-4", operative=True),
        amendments=[
            bracket("a-1"),
            amendment("a-2", "XAB", status=Status.SET_ASIDE),
            removal("a-3", "XAC", paragraph="par-2"),
            addition("a-4", "XAC"),
            amendment("a-5", "XAC", status=Status.AGREED, paragraph="par-2"),
            amendment("a-6", "XAC", status=Status.DRAFT, paragraph="par-2"),
        ],
        labels={"par-1": "1", "par-2": "1 bis", "par-3": "2 bis"},
        states={"par-1": ParagraphState.OPEN},
    )


def test_settled_14_the_checks_of_a_freeze_list_what_is_open() -> None:
    checks = {check.code: check for check in freeze_checks(to_freeze())}
    found = ["closed", "open-brackets", "pending-amendments", "never-considered", "numbering", "drafting"]
    assert list(checks) == found
    assert checks["open-brackets"].found == ("bracket: two", "insertion: x", "paragraph: three", "paragraph: new")
    assert checks["open-brackets"].message == "4 brackets open."
    assert checks["pending-amendments"].found == ("#1", "#2", "#3", "#4")
    assert checks["never-considered"].found == ("1 bis",)
    assert checks["never-considered"].message == "1 paragraph never considered."
    assert checks["numbering"].found == ("1 bis: 1 bis becomes 2",)
    assert not any(check.blocks for check in checks.values())
    assert [check.code for check in checks.values() if check.passed] == ["closed", "drafting"]


def test_settled_14_only_a_closed_opinion_stops_a_freeze() -> None:
    assert all(check.passed for check in freeze_checks(document()))
    shut = document(opinion=OpinionRecord(closed=True))
    assert [check.code for check in freeze_checks(shut) if check.blocks] == ["closed"]
    assert freeze_checks(document())[1].message == "No brackets open."


def test_l2_a_freeze_begins_the_next_draft_and_renumbers_nothing_by_itself() -> None:
    given_ = to_freeze()
    kept = applied(given_, after_freeze(Freeze("Fourth draft"), given_).edits)
    assert kept.record.opinion.draft == 2
    assert (kept.text, kept.record.amendments, kept.record.paragraphs) == (
        given_.text,
        given_.record.amendments,
        given_.record.paragraphs,
    )


def test_a_freeze_needs_a_name_and_a_chair() -> None:
    with pytest.raises(InvalidCommand, match="First draft"):
        carried(Freeze(" "), CHAIR)
    with pytest.raises(InvalidCommand, match="Name the chair"):
        carried(Freeze("Draft"), SEC)
    assert carried(Freeze("Draft", ruled_by="R. Chair"), SEC).main.edits


def test_drafts_are_called_by_their_ordinals() -> None:
    names = {1: "First", 4: "Fourth", 12: "Twelfth", 19: "Nineteenth", 20: "Twentieth", 21: "Twenty-first"}
    names |= {40: "Fortieth", 55: "Fifty-fifth", 80: "Eightieth", 99: "Ninety-ninth"}
    assert {number: draft_name(number) for number in names} == {n: f"{name} draft" for n, name in names.items()}
    assert draft_name(100) == "Draft 100"
    assert len({draft_name(number) for number in range(1, 200)}) == 199


def test_a_command_never_takes_its_time_from_anywhere_but_its_context() -> None:
    def changed_at(at: datetime) -> Amendment:
        outcome = carry_out(Cosponsor(A1, 1), opinion(), None, replace(XAB, at=at))
        return applied(opinion(), outcome.main.edits).record.amendments[A1]

    assert changed_at(XAB.at).changed_at == XAB.at
    known = {"actor", "party", "at", "new_id", "stage", "proposing", "views", "objecting", "groups", "seat", "rights"}
    assert {field.name for field in fields(Context)} <= known
