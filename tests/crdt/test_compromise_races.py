"""A compromise, a pick and what meets them in the room: a holder withdraws, a position changes, words are typed.

Each pair arrives in one batch, in either order, as in `test_gavel_races`.
"""

from dataclasses import asdict

import pytest

from opinions import commands
from opinions.compromise import Word, holders
from opinions.edits import InsertText
from opinions.model import AmendmentId
from opinions.on_table import Option
from opinions.picking import outcomes
from opinions.proposals import Replacement
from opinions.record import AmendmentKind, Attitude, Status
from opinions.roles import Actor, Role
from opinions.statuses import Choice
from opinions.table_commands import (
    Called,
    DecideCall,
    OpenCall,
    PickOption,
    ProposeCompromise,
    PutAlternatives,
    PutPackage,
    TakePosition,
)
from tests.crdt.test_gavel_races import A1, A2, BOTH, INS, P1, SECOND, Act, clean, meet, status
from tests.support.actors import THE_CHAIR, expert
from tests.support.builders import amendment, document, ins, paragraph, struck
from tests.support.rooms import Sitting

C1 = AmendmentId("c-between01")
A_FACILITATOR = Actor("m-fac", "F. Acilitator", Role.FACILITATOR)
BETWEEN = ProposeCompromise(
    C1, (A1, A2), AmendmentKind.MOD, P1, (Replacement(12, 20, "depends ", "hinges "),), reason="Between the two."
)
HOLDS = InsertText(P1, 27, "heavily ", INS)


@pytest.fixture
def sitting() -> Sitting:
    """Live drafting: kim of XAA wants `relies`, bo of XAB `rests`, both for `depends`."""
    pieces = (struck(A1, struck(A2, "depends ")), ins(A1, "relies "), ins(A2, "rests "))
    given = document(
        paragraph(P1, "that access ", *pieces, "on income"),
        amendments=[amendment(A1, "XAA"), amendment(A2, "XAB", created=1)],
    )
    made = Sitting(given)
    made.join("chair", THE_CHAIR, workspace=False)
    made.join("second", SECOND, workspace=False)
    made.join("fay", A_FACILITATOR, workspace=False)
    assert not made.ask("chair", commands.OpenLiveDrafting(True)).code
    made.join("kim", expert("XAA"), workspace=False)
    made.join("bo", expert("XAB"), workspace=False)
    return made


@pytest.fixture
def between(sitting: Sitting) -> Sitting:
    """The same with the facilitator's compromise before the meeting, called, and accepted by bo."""
    assert not sitting.ask("fay", BETWEEN).code
    assert not sitting.ask("chair", OpenCall("c-one", (Called(C1, 1),), 60)).code
    assert not sitting.ask("bo", TakePosition(C1, 1, Attitude.CAN_ACCEPT)).code
    return sitting


def tied(sitting: Sitting) -> PickOption:
    """The two tied as options; what the chair's screen sends to pick the first."""
    options = (Option("Alt 1", (A1,)), Option("Alt 2", (A2,)))
    assert not sitting.ask("chair", PutAlternatives("alt-1", "the verb", options)).code
    here = sitting.room.document()
    found = here.record.alternatives("alt-1")
    assert found is not None
    return PickOption("alt-1", "Alt 1", outcomes(here, found, found.options[0]))


def words_of(sitting: Sitting) -> dict[str, Word]:
    here = sitting.room.document()
    one = here.amendment(C1)
    assert one is not None
    return {each.delegation: each.word for each in holders(here, one)}


@BOTH
def test_ct3_the_gavel_on_a_compromise_against_a_holder_withdrawing(between: Sitting, gavel_first: bool) -> None:
    """[CT3] withdrawn first: left as it is and told; decided first: there is nothing to withdraw."""
    gavel, withdrawal = ("chair", DecideCall("c-one")), ("kim", commands.Withdraw(A1))
    acts: list[Act] = [gavel, withdrawal] if gavel_first else [withdrawal, gavel]
    assert meet(between, *acts) == (["", "wrong-status"] if gavel_first else ["", ""])
    assert clean(between) == "that access hinges on income"
    assert (status(between, C1), status(between, A2)) == (Status.AGREED, Status.MERGED)
    assert status(between) is (Status.MERGED if gavel_first else Status.WITHDRAWN)
    decided = between.room.document().amendment(C1)
    assert decided is not None
    assert ("Left as they are: #1 (withdrawn)." in decided.decisions[-1].note) is not gavel_first


@BOTH
def test_ct3_the_gavel_on_a_compromise_against_a_holder_changing_its_position(
    between: Sitting, gavel_first: bool
) -> None:
    """[CT2, I9] what a holder says is on record before the ruling or refused after it; it decides nothing."""
    gavel, turn = ("chair", DecideCall("c-one")), ("bo", TakePosition(C1, 1, Attitude.OPPOSE, note="Not any more"))
    acts: list[Act] = [gavel, turn] if gavel_first else [turn, gavel]
    assert meet(between, *acts) == (["", "wrong-status"] if gavel_first else ["", ""])
    assert status(between, C1) is Status.AGREED
    assert words_of(between)["XAB"] is (Word.ACCEPTS if gavel_first else Word.DECLINES)
    one = between.room.document().amendment(C1)
    assert one is not None
    assert [each.attitude for each in one.earlier] == ([] if gavel_first else [Attitude.CAN_ACCEPT])


@BOTH
def test_ct3_the_gavel_on_a_compromise_against_typing_in_what_it_replaces(between: Sitting, gavel_first: bool) -> None:
    """[CT3, A4] words typed before are merged with the rest; those typed after stay out of the agreed text."""
    gavel, typing = ("chair", DecideCall("c-one")), ("kim", HOLDS)
    acts: list[Act] = [gavel, typing] if gavel_first else [typing, gavel]
    meet(between, *acts)
    assert clean(between) == "that access hinges on income"
    assert (status(between, C1), status(between)) == (Status.AGREED, Status.MERGED)
    if not gavel_first:
        merged = between.room.document().amendment(A1)
        assert merged is not None
        assert "heavily " in "".join(run.text for entry in merged.removed for run in entry.runs)


def test_ct3_reopened_in_the_room_all_of_it_is_back_for_everybody(between: Sitting) -> None:
    """[CT3, E1] the merged ones with their words and holders, on every screen."""
    before = between.room.document().text
    assert not between.ask("chair", DecideCall("c-one")).code
    assert not between.ask("chair", commands.Reopen(C1, "A delegation asked.")).code
    assert between.room.document().text == before
    assert {status(between, name) for name in (A1, A2, C1)} == {Status.REOPENED}
    for client in between.clients.values():
        assert client.view().text == before


@BOTH
def test_al3_a_pick_against_an_author_withdrawing(sitting: Sitting, gavel_first: bool) -> None:
    """[AL3] withdrawn first: the pick is refused by name and nothing is decided."""
    pick, withdrawal = ("chair", tied(sitting)), ("bo", commands.Withdraw(A2))
    acts: list[Act] = [pick, withdrawal] if gavel_first else [withdrawal, pick]
    assert meet(sitting, *acts) == ["", "wrong-status"]
    if gavel_first:
        assert clean(sitting) == "that access relies on income"
        assert status(sitting, A2) is Status.NOT_RETAINED
    else:
        assert "#2 (withdrawn)" in sitting.clients["chair"].refusals[-1].message
        assert clean(sitting) == "that access depends on income"
        assert status(sitting) is Status.SUBMITTED


@BOTH
def test_al3_a_pick_against_typing_in_one_of_the_options(sitting: Sitting, gavel_first: bool) -> None:
    """[AL3, A3] words that the chair has not seen are not ruled on."""
    pick, typing = ("chair", tied(sitting)), ("kim", InsertText(P1, 26, "heavily", INS))
    acts: list[Act] = [pick, typing] if gavel_first else [typing, pick]
    codes = meet(sitting, *acts)
    if gavel_first:
        assert codes[0] == ""
        assert clean(sitting) == "that access relies on income"
    else:
        assert codes == ["", "revision-changed"]
        assert clean(sitting) == "that access depends on income"


def test_al3_a_second_pick_from_another_window_is_told_what_was_picked(sitting: Sitting) -> None:
    """[AL3] one pick, one ruling on each."""
    pick = tied(sitting)
    here = sitting.room.document()
    found = here.record.alternatives("alt-1")
    assert found is not None
    other = PickOption("alt-1", "Alt 2", outcomes(here, found, found.options[1]))
    assert meet(sitting, ("second", pick), ("chair", other)) == ["", "wrong-status"]
    assert clean(sitting) == "that access relies on income"
    assert "“Alt 1” was picked" in sitting.clients["chair"].refusals[-1].message


def test_c1_the_tables_commands_pass_the_wire_and_the_record_reads_alike_on_every_screen(sitting: Sitting) -> None:
    """[C1, D5] What was tied and linked stands in everybody's record as it stands in the room's."""
    tied(sitting)
    package = PutPackage("pack-1", "both", (f"amendment:{A1}", f"paragraph:{P1}"))
    assert not sitting.ask("fay", package).code
    table = sitting.room.document().record.table
    assert set(table) == {"alternatives:alt-1", "package:pack-1"}
    for client in sitting.clients.values():
        assert {key: asdict(value) for key, value in client.view().record.table.items()} == {
            key: asdict(value) for key, value in table.items()
        }
    assert getattr(table["alternatives:alt-1"], "state", None) is Choice.OPEN
    assert commands.from_json(commands.to_json(package)) == package


def test_i9_delegations_neither_tie_nor_pick_nor_draft_a_compromise(sitting: Sitting) -> None:
    """[P1, I9] refused, and without a trace."""
    pick = tied(sitting)
    before = sitting.room.document()
    for command in (pick, BETWEEN, PutAlternatives("alt-2", "x", (Option("A", (A1,)), Option("B"))),
                    PutPackage("pack-1", "x", (f"amendment:{A1}", f"amendment:{A2}"))):  # fmt: skip
        assert sitting.ask("kim", command).code == "not-allowed"
    assert sitting.ask("fay", pick).code == "not-allowed"
    assert sitting.room.document().record == before.record
