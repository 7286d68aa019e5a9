"""Which state may follow which, by whose hand: every state x move x role, against a table written down here (D8)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import pytest

from opinions.commands import ConsiderParagraph, Freeze, RecordOutcome, Reopen, Withdraw
from opinions.edits import applied
from opinions.errors import NotAllowed, OpinionError, UnknownAmendment, WrongStatus
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.moves import AMENDMENT_MOVES, PARAGRAPH_MOVES, possible, possible_states
from opinions.procedure import Context, after_freeze, carry_out
from opinions.record import Document, Level, OpinionRecord, ParagraphState, Ruling, Sitting, Status
from opinions.roles import Actor, Role
from opinions.table_commands import RulingOn
from tests.support.actors import THE_CHAIR, context
from tests.support.builders import amendment, at, document, ins, paragraph
from tests.support.rulings import of

A1, A2, P1 = AmendmentId("a-1"), AmendmentId("a-2"), ParagraphId("par-1")
XAA = DelegationCode("XAA")
BY_CHAIR = context(THE_CHAIR)

# Who may: C the chair, the acting chair, or the secretariat on instruction; F those and a facilitator; A the authors'
# delegation, or the secretariat at its word; `=` C, but only where it says more than what stands; . nobody.
AMENDMENTS = """
                      AGREED AD_REF INFORMALS DELEGATION PACKAGE WORDING NOT_RETAINED ASIDE MERGED REOPENED WITHDRAWN
draft                 .      .      .         .          .       .       .            .     .      .        .
submitted             C      C      F         C          C       C       C            C     C      .        A
reopened              C      C      F         C          C       C       C            C     C      .        A
agreed_in_informals   C      C      =         C          C       C       C            C     C      C        A
pending_delegation    C      C      F         =          C       C       C            C     C      C        A
pending_package       C      C      F         C          =       C       C            C     C      C        A
wording_agreed        C      C      F         C          C       =       C            C     C      C        A
set_aside             C      C      F         C          C       C       C            =     C      C        A
agreed_ad_referendum  C      =      .         .          .       .       .            .     .      C        .
agreed                =      .      .         .          .       .       .            .     .      C        .
not_retained          .      .      .         .          .       .       .            .     .      C        .
withdrawn             .      .      .         .          .       .       .            .     .      C        .
superseded            .      .      .         .          .       .       .            .     .      .        .
merged                .      .      .         .          .       .       .            .     .      C        .
"""
PARAGRAPHS = """
                      BASE OPEN REOPENED INFORMALS DELEGATION PACKAGE WORDING ASIDE AD_REF AGREED
base                  .    C    .        F         C          C       C       C     C      C
open                  .    .    .        F         C          C       C       C     C      C
reopened              .    C    .        F         C          C       C       C     C      C
agreed_in_informals   .    C    C        =         C          C       C       C     C      C
pending_delegation    .    C    C        F         =          C       C       C     C      C
pending_package       .    C    C        F         C          =       C       C     C      C
wording_agreed        .    C    C        F         C          C       =       C     C      C
set_aside             .    C    C        F         C          C       C       =     C      C
agreed_ad_referendum  .    C    C        .         .          .       .       .     =      C
agreed                .    C    C        .         .          .       .       .     .      =
"""
_SHORT = {
    "AD_REF": "agreed_ad_referendum",
    "INFORMALS": "agreed_in_informals",
    "DELEGATION": "pending_delegation",
    "PACKAGE": "pending_package",
    "WORDING": "wording_agreed",
    "ASIDE": "set_aside",
}
_TABLE = {Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT}
_WHO: Mapping[str, set[Role]] = {
    "C": _TABLE,
    "F": _TABLE | {Role.FACILITATOR},
    "A": {Role.EXPERT, Role.FOCAL_POINT, Role.SECRETARIAT},
    "=": set(),
    ".": set(),
}


def cells(grid: str) -> Iterator[tuple[str, str, str]]:
    """The state, the move's name and the letter of every cell."""
    head, *rows = (line.split() for line in grid.strip().splitlines())
    for state, *letters in rows:
        for name, letter in zip(head, letters, strict=True):
            yield state, _SHORT.get(name, name.lower()), letter


def person(role: Role) -> Context:
    """Somebody in this role; who acts for a delegation acts for the authors'."""
    delegation = XAA if role in (Role.EXPERT, Role.FOCAL_POINT) else None
    party = XAA if delegation or role is Role.SECRETARIAT else ""
    return replace(context(Actor("m-1", "A. Person", role, delegation)), party=DelegationCode(party))


def sitting(given: Document, level: Level) -> Document:
    """The document with a sitting of this level under way."""
    opinion = replace(given.record.opinion, sitting=Sitting("Meeting", level, at(0)))
    return Document(given.text, replace(given.record, opinion=opinion))


def do(given: Document, command: object, who: Context) -> Document:
    """The document after a command."""
    outcome = carry_out(command, given, None, who)  # type: ignore[arg-type]
    return applied(given, outcome.main.edits)


def outcome(ruling: Ruling, of_them: Document, **fields: object) -> RecordOutcome:
    """The chair's ruling on #1 with what it must say; merged into #2 when that is it."""
    said: dict[str, object] = {"ruled_by": "R. Chair", **fields}
    if ruling is Ruling.PENDING_DELEGATION:
        said["asked_by"] = said.get("asked_by", (XAA,))
    if ruling is Ruling.PENDING_PACKAGE:
        said["package"] = said.get("package", "12 and 15")
    if ruling is Ruling.MERGED:
        return RecordOutcome(A2, 1, Ruling.AGREED, ruled_by="R. Chair", others=(RulingOn(A1, 1, ruling),))
    return RecordOutcome(A1, of(of_them, "a-1").revision, ruling, **said)  # type: ignore[arg-type]


@cache
def with_status(status: Status) -> Document:
    """#1 of XAA in this state, brought there by commands in a sitting of the group, beside #2 that is pending."""
    hosted = (ins("a-3", "one "), ins("a-1", "two "), ins("a-3", "three"))
    given = document(
        paragraph("par-1", "That ", *hosted) if status is Status.SUPERSEDED else paragraph("par-1", ins("a-1", "one")),
        paragraph("par-2", "That ", ins("a-2", "two")),
        amendments=[
            amendment("a-3", "XAC", paragraph="par-1"),
            amendment("a-1", "XAA", created=1, status=Status.DRAFT if status is Status.DRAFT else Status.SUBMITTED),
            amendment("a-2", "XAB"),
        ],
    )
    given = sitting(given, Level.IEG)
    match status:
        case Status.DRAFT | Status.SUBMITTED:
            return given
        case Status.WITHDRAWN:
            return do(given, Withdraw(A1), person(Role.EXPERT))
        case Status.SUPERSEDED:
            return do(given, RecordOutcome(AmendmentId("a-3"), 1, Ruling.NOT_RETAINED), BY_CHAIR)
        case Status.REOPENED:
            return do(do(given, outcome(Ruling.SET_ASIDE, given), BY_CHAIR), Reopen(A1), BY_CHAIR)
        case Status.MERGED:
            merged = do(given, outcome(Ruling.MERGED, given), BY_CHAIR)
            return do(merged, Reopen(A2), BY_CHAIR)
    return do(given, outcome(Ruling(status.value), given), BY_CHAIR)


@pytest.mark.parametrize("status", Status)
def test_d8_every_move_of_an_amendment_by_every_role(status: Status) -> None:
    """[D8]"""
    given = with_status(status)
    assert of(given, "a-1").status is status
    tried = 0
    for state, name, letter in cells(AMENDMENTS):
        for role in Role if state == status.value else ():
            if name == "withdrawn":
                command: object = Withdraw(A1)
            elif name == "reopened":
                command = Reopen(A1, ruled_by="R. Chair")
            else:
                command = outcome(Ruling(name), given)
            tried += 1
            if role in _WHO[letter]:
                after = do(given, command, person(role))
                assert of(after, "a-1").status.value == name, (name, role)
                continue
            with pytest.raises(OpinionError) as refused:
                do(given, command, person(role))
            assert isinstance(refused.value, NotAllowed | WrongStatus | UnknownAmendment), (name, role, refused.value)
            assert refused.value.message.endswith("."), refused.value.message
    assert tried == 11 * len(Role)


@pytest.mark.parametrize("state", ParagraphState)
def test_d8_every_move_of_a_paragraph_by_every_role(state: ParagraphState) -> None:
    """[D8]"""
    given = sitting(document(paragraph("par-1", "one")), Level.IEG)
    if state is ParagraphState.REOPENED:
        given = do(given, ConsiderParagraph(P1, ParagraphState.SET_ASIDE), BY_CHAIR)
    if state is not ParagraphState.BASE:
        given = do(given, considering(state), BY_CHAIR)
    tried = 0
    for before, name, letter in cells(PARAGRAPHS):
        for role in Role if before == state.value else ():
            tried += 1
            if role in _WHO[letter]:
                after = do(given, considering(ParagraphState(name)), person(role))
                assert after.record.paragraph(P1).state.value == name, (name, role)
            else:
                with pytest.raises(OpinionError):
                    do(given, considering(ParagraphState(name)), person(role))
    assert tried == 10 * len(Role)


def considering(state: ParagraphState) -> ConsiderParagraph:
    """The ruling on the paragraph with what it must say."""
    asked_by = (XAA,) if state is ParagraphState.PENDING_DELEGATION else ()
    package = "12 and 15" if state is ParagraphState.PENDING_PACKAGE else ""
    return ConsiderParagraph(P1, state, ruled_by="R. Chair", asked_by=asked_by, package=package)


@pytest.mark.parametrize("status", [Status(state) for state, _, letter in cells(AMENDMENTS) if letter == "="])
def test_d8_the_same_state_again_is_a_confirmation_at_a_higher_level_and_nothing_else(status: Status) -> None:
    """[D8] agreed in the group, then in the plenary: both are on record; the text is as it was."""
    given = with_status(status)
    again = outcome(Ruling(status.value), given)
    for level in (Level.INFORMAL, Level.IEG):
        with pytest.raises(WrongStatus, match="already"):
            do(sitting(given, level), again, BY_CHAIR)
    if status is Status.AGREED_IN_INFORMALS:
        # What is agreed in informals has their level wherever it is said: the plenary agrees, it does not confirm.
        with pytest.raises(WrongStatus, match="already"):
            do(sitting(given, Level.PLENARY), again, BY_CHAIR)
        return
    after = do(sitting(given, Level.PLENARY), again, BY_CHAIR)
    assert after.text == given.text
    first, second = of(after, "a-1").decisions
    assert (first.level, second.level, second.meeting) == (Level.IEG, Level.PLENARY, "Meeting")
    assert first.ruling is second.ruling


def test_d8_what_is_pending_others_or_set_aside_until_later_is_another_state_of_affairs() -> None:
    """[D8]"""
    pending = with_status(Status.PENDING_DELEGATION)
    after = do(pending, outcome(Ruling.PENDING_DELEGATION, pending, asked_by=("XAC",)), BY_CHAIR)
    assert [one.asked_by for one in of(after, "a-1").decisions] == [("XAA",), ("XAC",)]
    aside = with_status(Status.SET_ASIDE)
    after = do(aside, outcome(Ruling.SET_ASIDE, aside, until="2026-01-21T15:30:00+01:00"), BY_CHAIR)
    assert of(after, "a-1").decisions[-1].until == at(330)


def test_d8_agreed_in_informals_becomes_agreed_in_the_plenary() -> None:
    """[D8]"""
    given = with_status(Status.AGREED_IN_INFORMALS)
    after = do(sitting(given, Level.PLENARY), outcome(Ruling.AGREED, given), BY_CHAIR)
    assert [(one.ruling, one.level) for one in of(after, "a-1").decisions] == [
        (Ruling.AGREED_IN_INFORMALS, Level.INFORMAL),
        (Ruling.AGREED, Level.PLENARY),
    ]


@pytest.mark.parametrize(
    ("status", "ruling", "says"),
    [
        (Status.NOT_RETAINED, Ruling.AGREED, "#2 is not retained. Reopen it, then record the new outcome."),
        (Status.AGREED, Ruling.NOT_RETAINED, "#2 is agreed. Reopen it, then record the new outcome."),
        (Status.AGREED_AD_REFERENDUM, Ruling.SET_ASIDE, "#2 is agreed ad referendum. It can be agreed, reopened."),
        (Status.SUPERSEDED, Ruling.AGREED, "#2 is superseded. It is not pending any more: the chair can reopen it, or"),
        (Status.MERGED, Ruling.SET_ASIDE, "#2 is merged into another. Reopen it"),
    ],
)
def test_d8_a_refusal_says_what_would_be_possible(status: Status, ruling: Ruling, says: str) -> None:
    """[D8]"""
    given = with_status(status)
    with pytest.raises(WrongStatus) as refused:
        do(given, outcome(ruling, given), BY_CHAIR)
    assert refused.value.message.startswith(says)


def test_d8_a_facilitator_records_what_is_agreed_in_informals_and_is_told_so() -> None:
    """[D8]"""
    given, facilitator = with_status(Status.SUBMITTED), person(Role.FACILITATOR)
    after = do(given, outcome(Ruling.AGREED_IN_INFORMALS, given), facilitator)
    (decision,) = of(after, "a-1").decisions
    assert (decision.ruled_by, decision.level) == ("A. Person", Level.INFORMAL)
    with pytest.raises(NotAllowed, match="informals"):
        do(given, outcome(Ruling.AGREED, given), facilitator)
    both = replace(outcome(Ruling.AGREED_IN_INFORMALS, given), others=(RulingOn(A2, 1, Ruling.AGREED),))
    with pytest.raises(NotAllowed, match="agreed in informals and nothing else"):
        do(given, both, facilitator)


def test_d8_the_tables_name_every_state_and_say_what_is_possible() -> None:
    """[D8]"""
    assert {*AMENDMENT_MOVES} >= set(Ruling)
    assert {*PARAGRAPH_MOVES} == set(ParagraphState)
    for state, name, letter in cells(AMENDMENTS):
        listed = {AMENDMENT_MOVES[one].after.value for one in possible(Status(state), Role.CHAIR)}
        assert (name in listed) == (letter in "CF"), (state, name)
    for state, name, letter in cells(PARAGRAPHS):
        listed = {one.value for one in possible_states(ParagraphState(state), Role.CHAIR)}
        assert (name in listed) == (letter in "CF"), (state, name)


def test_a_freeze_keeps_the_sitting() -> None:
    """[D12]"""
    given = sitting(document(paragraph("par-1", "one"), opinion=OpinionRecord()), Level.PLENARY)
    after = applied(given, after_freeze(Freeze("Second draft"), given).edits)
    assert after.record.opinion.sitting == given.record.opinion.sitting
