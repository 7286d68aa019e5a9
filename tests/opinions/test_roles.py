"""The permission table as a full matrix, against a table written down on its own (P1, P2)."""

from dataclasses import replace
from itertools import product

import pytest

from opinions.model import DelegationCode
from opinions.roles import Act, Actor, Delegation, DelegationKind, Region, Role, Stage, may

# yes: always.  open: until the Opinion is closed.  live: while live drafting is open, until the Opinion is closed.
# seen: unless the sitting is closed to observers.  own: only for one's own delegation; own+open, own+live: both.
EXPECTED = """
act                         expert   focal_point contributor chair acting_chair facilitator secretariat observer administrator
process.read                yes      yes         yes         yes   yes          yes         yes         yes      yes
process.settings            -        -           -           -     -            -           yes         -        yes
people.manage               -        -           -           -     -            -           yes         -        yes
opinion.create              -        -           -           -     -            -           yes         -        -
opinion.read                yes      yes         -           yes   yes          yes         yes         -        -
opinion.join                yes      yes         -           yes   yes          yes         yes         -        -
opinion.read_live           yes      yes         seen        yes   yes          yes         yes         seen     -
opinion.export              yes      yes         -           yes   yes          yes         yes         -        -
version.read                yes      yes         yes         yes   yes          yes         yes         yes      yes
workspace.write             own+open own+open    -           -     -            -           -           -        -
live.write                  own+live own+live    -           -     -            -           -           -        -
opinion.type_on_behalf      -        -           -           -     -            -           open        -        -
amendment.submit            own+open own+open    -           -     -            -           -           -        -
amendment.discard           own      own         -           -     -            -           -           -        -
amendment.withdraw          own+open own+open    -           -     -            -           open        -        -
amendment.cosponsor         own+open own+open    -           -     -            -           open        -        -
outcome.record              -        -           -           open  open         -           open        -        -
opinion.open_live_drafting  -        -           -           yes   yes          -           yes         -        -
opinion.admit_observers     -        -           -           yes   yes          -           yes         -        -
opinion.freeze              -        -           -           open  open         -           open        -        -
opinion.change_structure    -        -           -           -     -            -           open        -        -
opinion.correct_text        -        -           -           -     -            -           open        -        -
opinion.enter_proposals     own+open own+open    -           -     -            -           open        -        -
position.take               own+open own+open    -           -     -            -           open        -        -
opinion.present             own      own         -           -     -            -           yes         -        -
people.nominate             -        yes         -           -     -            -           yes         -        yes
audit.read                  -        -           -           -     -            -           yes         -        yes
contribution.read           yes      yes         yes         yes   yes          yes         yes         yes      yes
contribution.submit         yes      yes         yes         -     -            -           yes         -        -
contribution.register       -        -           -           -     -            -           yes         -        -
comment.read                yes      yes         yes         yes   yes          yes         yes         yes      yes
comment.make                yes      yes         yes         yes   yes          yes         yes         -        -
comment.answer              -        -           -           yes   yes          -           yes         -        -
consultation.manage         -        -           -           -     -            -           yes         -        -
process.export              -        -           -           -     -            -           yes         -        yes
process.import              -        -           -           -     -            -           -           -        yes
programs.manage             -        -           -           -     -            -           yes         -        yes
typed.confirm               own+open own+open    -           -     -            -           -           -        -
sitting.manage              -        -           -           open  open         -           open        -        -
sitting.mark_present        own+open own+open    -           -     -            -           open        -        -
floor.take_up               -        -           -           yes   yes          yes         yes         -        -
call.put                    -        -           -           open  open         -           open        -        -
call.answer                 own+open own+open    -           -     -            -           open        -        -
amendment.mark_editorial    -        -           -           open  open         -           open        -        -
outcome.record_in_informals -        -           -           open  open         open        open        -        -
alternatives.put            -        -           -           open  open         open        open        -        -
compromise.propose          -        -           -           open  open         open        open        -        -
group.found                 yes      yes         -           yes   yes          yes         yes         -        -
group.draft                 own+open own+open    -           -     -            open        -           -        -
group.bring_back            own+open own+open    -           -     -            open        -           -        -
thread.read                 yes      yes         -           yes   yes          yes         yes         -        -
thread.write                yes      yes         -           yes   yes          yes         yes         -        -
note.write                  own      own         -           -     -            -           -           -        -
history.read                yes      yes         -           yes   yes          yes         yes         -        -
brief.read                  own      own         -           -     -            -           -           -        -
report.make                 -        -           -           yes   yes          -           yes         -        -
projector.manage            -        -           -           yes   yes          -           yes         -        -
delegation.name_voice       -        yes         -           -     -            -           yes         -        yes
timetable.amend             -        -           -           -     -            -           yes         -        -
phase.extend                -        -           -           yes   yes          -           yes         -        -
sg_report.write             -        -           -           -     -            -           yes         -        -
sg_report.read_draft        -        -           -           yes   yes          -           yes         -        -
sg_report.comment           yes      yes         yes         yes   yes          -           yes         -        -
volume.publish              -        -           -           -     -            -           yes         -        -
volume.freeze               -        -           -           yes   yes          -           yes         -        -
forum.open                  -        -           -           -     -            -           yes         -        -
adoption.record             -        -           -           open  open         -           open        -        -
version.compare             yes      yes         yes         yes   yes          yes         yes         yes      yes
drafting.check              yes      yes         -           yes   yes          yes         yes         -        -
"""  # noqa: E501
HEAD, *LINES = [line.split() for line in EXPECTED.strip().splitlines()]
TABLE = {(line[0], role): words for line in LINES for role, words in zip(HEAD[1:], line[1:], strict=True)}
STAGES = [Stage(live, closed, seen) for live, closed, seen in product((False, True), repeat=3)]


def expected(words: str, stage: Stage, *, delegated: bool) -> bool:
    conditions = {
        "yes": True,
        "-": False,
        "open": not stage.closed,
        "live": stage.live_drafting and not stage.closed,
        "seen": stage.observers_admitted,
        "own": delegated,
    }
    return all(conditions[word] for word in words.split("+"))


def test_p1_the_table_speaks_of_every_act_and_every_role() -> None:
    assert {act for act, _ in TABLE} == {str(act) for act in Act}
    assert {role for _, role in TABLE} == {str(role) for role in Role}
    assert len(TABLE) == len(Act) * len(Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_p1_who_may_do_what_at_which_stage(act: Act, role: Role) -> None:
    for stage, delegation in product(STAGES, (None, DelegationCode("XAA"))):
        actor = Actor("m-1", "A. Person", role, delegation)
        wanted = expected(TABLE[act, role], stage, delegated=delegation is not None)
        assert may(actor, act, stage) is wanted, (stage, delegation)


def test_p1_the_default_stage_is_an_open_opinion_with_observers_and_no_live_drafting() -> None:
    assert Stage() == Stage(live_drafting=False, closed=False, observers_admitted=True)
    assert may(Actor("m-1", "A. Person", Role.OBSERVER), Act.OPINION_READ_LIVE)


def test_p1_observers_cannot_write_by_any_act() -> None:
    observer = Actor("m-1", "A. Person", Role.OBSERVER, DelegationCode("XAA"))
    allowed = {act for act, stage in product(Act, STAGES) if may(observer, act, stage)}
    reading = {
        Act.PROCESS_READ,
        Act.OPINION_READ_LIVE,
        Act.VERSION_READ,
        Act.VERSION_COMPARE,
        Act.CONTRIBUTION_READ,
        Act.COMMENT_READ,
    }
    assert allowed == reading


def test_p1_who_gives_views_writes_comments_and_contributions_and_no_text() -> None:
    contributor = Actor("m-1", "A. Person", Role.CONTRIBUTOR, DelegationCode("XAA"))
    allowed = {act for act, stage in product(Act, STAGES) if may(contributor, act, stage)}
    assert allowed == {
        Act.PROCESS_READ,
        Act.OPINION_READ_LIVE,
        Act.VERSION_READ,
        Act.VERSION_COMPARE,
        Act.CONTRIBUTION_READ,
        Act.CONTRIBUTION_SUBMIT,
        Act.COMMENT_READ,
        Act.COMMENT_MAKE,
        Act.SG_REPORT_COMMENT,
    }


def test_p2_a_role_does_not_follow_from_the_kind_of_a_delegation() -> None:
    """What a delegation is does not even reach the decision: an actor carries its code alone."""
    for kind in DelegationKind:
        party = Delegation(DelegationCode("XAA"), "Aland", kind, Region.NONE)
        observer = Actor("m-1", "A. Person", Role.OBSERVER, party.code)
        expert = Actor("m-2", "A. Person", Role.EXPERT, party.code)
        assert not may(observer, Act.WORKSPACE_WRITE)
        assert may(expert, Act.WORKSPACE_WRITE)


@pytest.mark.parametrize("act", Act)
def test_p7_what_is_said_in_the_room_is_the_voice_s(act: Act) -> None:
    """[P7] Positions, confirmations, answers and attendance; every other act is the same for all of a delegation."""
    by_the_voice = {"position.take", "typed.confirm", "call.answer", "sitting.mark_present"}
    for role in Role:
        actor = Actor("m-1", "N. N.", role, DelegationCode("XAA"))
        silent = replace(actor, voice=False, voice_name="V. V.")
        expert = role in (Role.EXPERT, Role.FOCAL_POINT)
        assert may(silent, act) is (may(actor, act) and not (expert and act.value in by_the_voice))
