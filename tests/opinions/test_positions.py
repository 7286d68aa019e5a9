"""Positions: what a delegation says of another one's amendment at the revision that stands (A7)."""

from dataclasses import replace

import pytest

from opinions.acting import Context
from opinions.amendments import cosponsor, withdraw
from opinions.commands import Cosponsor, TakePosition, Withdraw
from opinions.edits import InsertText, PutAmendment, applied
from opinions.errors import (
    InvalidCommand,
    NotAllowed,
    OpinionError,
    RevisionChanged,
    UnknownAmendment,
    UnknownParagraph,
    WrongStatus,
)
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, ParagraphId
from opinions.positions import POSITIONS, confirm_typed, join_position, take_position
from opinions.procedure import carry_out
from opinions.process_rules import ProcessRules, from_json, to_json
from opinions.record import Attitude, Document, Stance, Status
from opinions.roles import Actor, DelegationKind, Role, Stage
from opinions.settling import settle
from opinions.stances import MAX_FORMER, said
from opinions.table_commands import NO_AMENDMENT, ConfirmTyped, JoinPosition
from tests.support.actors import AN_OBSERVER, THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import addition, amendment, document, ins, paragraph
from tests.support.proposing import Laid
from tests.support.rulings import of

A1 = AmendmentId("a-1")
P1 = ParagraphId("par-1")
XAB = context(expert("XAB"))
GROUPS = {"G77": frozenset(map(DelegationCode, ("XAB", "XAC", "XAD"))), "LAS": frozenset({DelegationCode("XAB")})}


def pending(**fields: object) -> Document:
    return document(
        paragraph(P1, "so ", ins("a-1", "it is")),
        amendments=[replace(amendment("a-1", "XAA", revision=2), **fields)],  # type: ignore[arg-type]
    )


def taken(given: Document, attitude: Attitude, note: str = "", by: Context = XAB, revision: int = 2) -> Document:
    return applied(given, take_position(TakePosition(A1, revision, attitude, note), given, by).edits)


@pytest.mark.parametrize("attitude", POSITIONS)
def test_a7_a_position_stands_on_record_with_its_revision(attitude: Attitude) -> None:
    """[A7] With what was said, by whom and when; the former one is history; typing then makes the next revision."""
    former = Stance("XAB", Attitude.FLEXIBLE, "x")
    given = pending(stances=(former, Stance("XAC", Attitude.OPPOSE)))
    now = of(taken(given, attitude, "subject to capital"), "a-1")
    said = Stance("XAB", attitude, "subject to capital", 2, XAB.at, "E. XAB")
    assert now.stances == (Stance("XAC", Attitude.OPPOSE), said)
    assert now.earlier == (former,)
    assert (now.reacted, now.revision) == (2, 2)


@pytest.mark.parametrize("attitude", POSITIONS)
def test_a7_a_position_on_a_paragraph(attitude: Attitude) -> None:
    """[A7] Of a paragraph as it stands: no revision; the amendments in it are left as they are."""
    command = TakePosition(NO_AMENDMENT, 0, attitude, "because", P1)
    given = pending()
    now = applied(given, take_position(command, given, XAB).edits)
    assert now.record.paragraph(P1).stances == (Stance("XAB", attitude, "because", 0, XAB.at, "E. XAB"),)
    assert (now.record.amendments, now.text) == (given.record.amendments, given.text)


@pytest.mark.parametrize("attitude", [Attitude.RESERVE, Attitude.FORMAL_OBJECTION])
def test_a7_what_is_reserved_or_objected_to_is_said(attitude: Attitude) -> None:
    with pytest.raises(InvalidCommand, match="note"):
        taken(pending(), attitude, "  ")


@pytest.mark.parametrize("kind", DelegationKind)
@pytest.mark.parametrize("attitude", POSITIONS)
def test_p8_kind_by_attitude(kind: DelegationKind, attitude: Attitude) -> None:
    """[P5, P8] By the rules of a process as they are unless set otherwise: views from those that give views, formal
    objections from Member States alone.
    """
    rules = ProcessRules()
    only = frozenset({DelegationCode("XAB")})
    nobody = frozenset[DelegationCode]()
    by = replace(
        XAB,
        proposing=nobody if rules.gives_views_only(kind) else only,
        objecting=only if rules.may_object(kind) else nobody,
    )
    views = kind in (DelegationKind.ASSOCIATE, DelegationKind.ACADEMIA, DelegationKind.ORGANIZATION)
    refused = views or (attitude is Attitude.FORMAL_OBJECTION and kind is not DelegationKind.MEMBER_STATE)
    command = TakePosition(A1, 2, attitude, "because")
    if refused:
        with pytest.raises(NotAllowed):
            carry_out(command, pending(), None, by)
    else:
        assert carry_out(command, pending(), None, by).main.edits


def test_p8_who_gives_views_never_objects_whatever_the_rules_say() -> None:
    everybody = ProcessRules(objecting_kinds=frozenset(DelegationKind))
    assert not everybody.may_object(DelegationKind.ACADEMIA)
    assert from_json(to_json(everybody)) == everybody


def test_a7_a_position_at_an_earlier_revision_stays_where_it_was_taken() -> None:
    """[A7] The next revision carries nothing over: the position says the revision it was taken at."""
    given = taken(pending(), Attitude.SUPPORT)
    revised = applied(given, [PutAmendment(replace(of(given, "a-1"), revision=3))])
    assert [one.revision for one in of(revised, "a-1").stances] == [2]
    again = of(taken(revised, Attitude.SUPPORT, revision=3), "a-1")
    assert [one.revision for one in again.stances] == [3]
    assert [one.revision for one in again.earlier] == [2]


def test_a7_an_old_record_holds_the_revision_in_its_note() -> None:
    old = Stance("XAB", Attitude.OPPOSE, "revision 2: so: said")
    assert said(old) == (2, "so: said")
    assert said(replace(old, note="revision 12")) == (12, "")
    assert said(replace(old, note="revision 2: x", revision=3, at=XAB.at)) == (3, "revision 2: x")
    assert said(Stance("XAB", Attitude.OPPOSE, "reserves its position")) == (0, "reserves its position")
    with pytest.raises(WrongStatus, match="already"):
        taken(pending(stances=(old,)), Attitude.OPPOSE, "so: said")


def test_a7_the_history_of_one_delegation_has_a_limit() -> None:
    """[A7] It stops only the delegation that changed so often."""
    given = pending()
    for number in range(MAX_FORMER + 1):
        given = taken(given, Attitude.FLEXIBLE, str(number))
    with pytest.raises(WrongStatus, match=str(MAX_FORMER)):
        taken(given, Attitude.SUPPORT)
    assert of(taken(given, Attitude.SUPPORT, by=context(expert("XAC"))), "a-1").stances


# --- groups


def spoken(given: Document, attitude: Attitude = Attitude.OPPOSE, by: Context = XAB, note: str = "") -> Document:
    by = replace(by, groups=GROUPS)
    return applied(given, take_position(TakePosition(A1, 2, attitude, note, group="G77"), given, by).edits)


def joined(given: Document, party: str, *, on: bool = True, group: str = "G77") -> Document:
    by = replace(context(expert(party)), groups=GROUPS)
    return applied(given, join_position(JoinPosition(group, A1, on=on), given, by).edits)


def shown(given: Document) -> dict[str, tuple[str, ...]]:
    return {one.delegation: one.members for one in of(given, "a-1").stances}


def test_a8_a_member_speaks_for_its_group_and_others_confirm() -> None:
    """[A8] Only those that have said so are shown with it; who takes a position of its own is not any more."""
    given = spoken(pending())
    (stance,) = of(given, "a-1").stances
    assert (stance.delegation, stance.by, stance.speaker, stance.members) == ("G77", "XAB", "E. XAB", ("XAB",))
    given = joined(joined(given, "XAC"), "XAD")
    assert shown(given) == {"G77": ("XAB", "XAC", "XAD")}
    given = taken(given, Attitude.SUPPORT, by=context(expert("XAC")))
    assert shown(given) == {"G77": ("XAB", "XAD"), "XAC": ()}
    given = joined(given, "XAD", on=False)
    assert shown(given) == {"G77": ("XAB",), "XAC": ()}
    former = [(one.delegation, one.by, one.attitude) for one in of(given, "a-1").earlier]
    assert former == [("XAC", "G77", "oppose"), ("XAD", "G77", "oppose")]


def test_a8_the_next_position_of_a_group_is_confirmed_anew() -> None:
    given = joined(spoken(pending()), "XAC")
    given = spoken(given, Attitude.SUPPORT, replace(context(expert("XAC"))))
    assert shown(given) == {"G77": ("XAC",)}
    assert of(given, "a-1").earlier[0].members == ("XAB", "XAC")


def test_a8_a_position_of_its_own_stays_when_a_delegation_speaks_for_its_group() -> None:
    given = spoken(taken(pending(), Attitude.RESERVE, "one thing"))
    assert shown(given) == {"XAB": (), "G77": ()}
    assert shown(joined(given, "XAB")) == {"G77": ("XAB",)}


def test_a8_a_delegation_is_shown_once() -> None:
    given = spoken(pending())
    by = replace(XAB, groups=GROUPS)
    given = applied(given, take_position(TakePosition(A1, 2, Attitude.RETAIN, group="LAS"), given, by).edits)
    assert shown(given) == {"G77": (), "LAS": ("XAB",)}
    assert shown(joined(given, "XAB")) == {"LAS": (), "G77": ("XAB",)}


def test_a8_the_proposer_speaks_for_its_group_and_is_not_one_of_those_shown() -> None:
    groups = {"G77": frozenset({DelegationCode("XAA")})}
    by = replace(context(expert("XAA")), groups=groups)
    given = pending()
    given = applied(given, take_position(TakePosition(A1, 2, Attitude.SUPPORT, group="G77"), given, by).edits)
    assert shown(given) == {"G77": ()}
    with pytest.raises(NotAllowed, match="own delegation's"):
        join_position(JoinPosition("G77", A1), given, by)


@pytest.mark.parametrize(
    ("given", "party", "group", "refusal", "says"),
    [
        (pending(), "XAC", "G77", WrongStatus, "no position"),
        (spoken(pending()), "XAB", "G77", WrongStatus, "already"),
        (spoken(pending()), "XAE", "G77", NotAllowed, "no member"),
        (spoken(pending()), "XAC", "RCC", WrongStatus, "no position"),
        (spoken(pending(sponsors=("XAC",))), "XAC", "G77", WrongStatus, "co-sponsors"),
    ],
)
def test_a8_who_cannot_join(given: Document, party: str, group: str, refusal: type[OpinionError], says: str) -> None:
    with pytest.raises(refusal, match=says):
        joined(given, party, group=group)


def test_a8_a_group_that_speaks_no_more_leaves_the_record() -> None:
    """[A8] It stands as it was; its members can leave it, and nobody can join."""
    given = joined(spoken(pending()), "XAC")
    nobody = context(expert("XAC"))
    left = applied(given, join_position(JoinPosition("G77", A1, on=False), given, nobody).edits)
    assert shown(left) == {"G77": ("XAB",)}
    with pytest.raises(InvalidCommand, match="No group G77"):
        join_position(JoinPosition("G77", A1), left, nobody)
    with pytest.raises(InvalidCommand, match="No group G77"):
        take_position(TakePosition(A1, 2, Attitude.SUPPORT, group="G77"), left, nobody)


def test_a8_nobody_is_shown_with_a_group_by_anothers_hand() -> None:
    """[A8] The secretariat takes a member out as it said on the floor, and puts none in."""
    given = joined(spoken(pending()), "XAC")
    operator = replace(context(THE_SECRETARIAT, party="XAC"), groups=GROUPS)
    given = applied(given, join_position(JoinPosition("G77", A1, on=False), given, operator).edits)
    with pytest.raises(NotAllowed, match="Only XAC itself"):
        join_position(JoinPosition("G77", A1), given, operator)


def test_a8_what_is_typed_for_who_speaks_for_a_group_shows_no_member_until_it_is_confirmed() -> None:
    """[A8, A11] The group's position stands at once; who spoke for it is shown with it once it has said so itself."""
    operator = replace(context(THE_SECRETARIAT, party="XAB"), groups=GROUPS)
    given = spoken(pending(), by=operator)
    assert [(one.by, one.typist, one.members) for one in of(given, "a-1").stances] == [("XAB", "S. Clerk", ())]
    confirmed = applied(given, confirm_typed(ConfirmTyped(A1), given, XAB).edits)
    assert shown(confirmed) == {"G77": ("XAB",)}
    own = taken(given, Attitude.RESERVE, "one thing")
    assert shown(applied(own, confirm_typed(ConfirmTyped(A1), own, XAB).edits)) == {"G77": (), "XAB": ()}


def test_a8_a_co_sponsor_that_speaks_for_its_group_is_not_shown_against_itself() -> None:
    assert shown(spoken(pending(sponsors=("XAB",)))) == {"G77": ()}


def test_p8_a_member_that_may_not_object_does_not_join_an_objection() -> None:
    given = spoken(pending(), Attitude.FORMAL_OBJECTION, note="because")
    by = replace(context(expert("XAC")), groups=GROUPS, objecting=frozenset({DelegationCode("XAB")}))
    with pytest.raises(NotAllowed, match="object"):
        join_position(JoinPosition("G77", A1), given, by)


def test_a2_what_is_typed_after_a_position_is_the_next_revision() -> None:
    """[A2] In live drafting nobody's words change under a position taken."""
    given = taken(pending(), Attitude.SUPPORT)
    insertion = frozenset({Mark(MarkKind.INSERTION, "a-1")})
    typed = applied(given, [InsertText(P1, 8, " so", insertion)])
    said = Laid(((given.text.find(P1), typed.text.find(P1)),), frozenset())
    record = settle(said, typed, party=DelegationCode("XAA"), author="E. XAA", at=XAB.at, workspace=False)
    assert of(applied(typed, record), "a-1").revision == 3


ADDED = document(paragraph(P1, "so", added="a-1"), amendments=[addition("a-1", "XAA")])


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
            pending(stances=(Stance("XAB", Attitude.OPPOSE, "", 2),)),
            TakePosition(A1, 2, Attitude.OPPOSE),
            XAB,
            WrongStatus,
        ),
        (pending(), TakePosition(A1, 2, Attitude.SUPPORT, paragraph=P1), XAB, InvalidCommand),
        (pending(), TakePosition(NO_AMENDMENT, 0, Attitude.SUPPORT), XAB, InvalidCommand),
        (pending(), TakePosition(NO_AMENDMENT, 1, Attitude.SUPPORT, paragraph=P1), XAB, InvalidCommand),
        (pending(), TakePosition(NO_AMENDMENT, 0, Attitude.SUPPORT, "", ParagraphId("p-9")), XAB, UnknownParagraph),
        (ADDED, TakePosition(NO_AMENDMENT, 0, Attitude.SUPPORT, paragraph=P1), XAB, WrongStatus),
        (pending(), TakePosition(A1, 2, Attitude.SUPPORT), context(THE_SECRETARIAT), NotAllowed),
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
        (context(replace(expert("XAB"), voice=False)), False),
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
    """[P1, P5, P7] A delegation's voice, or the secretariat for it; not for who gives views only."""
    command = TakePosition(A1, 2, Attitude.OPPOSE)
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
