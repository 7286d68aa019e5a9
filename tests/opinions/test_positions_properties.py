"""Whatever is said in whatever order, no position and no attribution is lost (A7 to A11)."""

from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.acting import Context
from opinions.amendments import cosponsor, withdraw
from opinions.commands import Cosponsor, Withdraw
from opinions.edits import Change, PutAmendment, applied
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.positions import POSITIONS, confirm_typed, join_position, take_position
from opinions.record import Amendment, Document, ParagraphRecord, Stance
from opinions.record_json import read_entry, write_entry
from opinions.stances import Positions, positions_on
from opinions.table_commands import NO_AMENDMENT, NO_PARAGRAPH, ConfirmTyped, JoinPosition, TakePosition
from tests.support.actors import THE_SECRETARIAT, context, expert
from tests.support.builders import amendment, document, ins, paragraph
from tests.support.rulings import of

A1, P1 = AmendmentId("a-1"), ParagraphId("par-1")
PARTIES = ["XAA", "XAB", "XAC", "XAD"]
GROUPS = {
    "G77": frozenset(map(DelegationCode, ("XAA", "XAB", "XAC"))),
    "LAS": frozenset(map(DelegationCode, ("XAB", "XAC", "XAD"))),
}


@dataclass(frozen=True)
class Said:
    """One thing that a delegation does, itself or by the operator's hand."""

    what: str
    party: str
    attitude: int = 0
    group: str = ""
    operator: bool = False
    on_paragraph: bool = False


THINGS = st.builds(
    Said,
    st.sampled_from(
        ["take", "take", "speak", "join", "join", "leave", "confirm", "cosponsor", "quit", "withdraw", "revise"]
    ),
    st.sampled_from(PARTIES),
    st.integers(0, len(POSITIONS) - 1),
    st.sampled_from(sorted(GROUPS)),
    st.booleans(),
    st.booleans(),
)


@dataclass
class Kept:
    """What a careful clerk would have noted beside: every position once."""

    taken: list[tuple[str, str, str, int, str, str, str]] = field(default_factory=list)


def line(one: Stance) -> tuple[str, str, str, int, str, str, str]:
    return one.delegation, one.attitude, one.note, one.revision, one.speaker, one.typist, one.by


def subject(given_: Document, on_paragraph: bool) -> tuple[Amendment | ParagraphRecord, Positions]:
    entry = given_.record.paragraph(P1) if on_paragraph else of(given_, "a-1")
    return entry, positions_on(entry)


def done(said: Said, number: int, given_: Document, kept: Kept) -> Document:
    """The document after one thing said; as it was where it is refused."""
    actor = THE_SECRETARIAT if said.operator and said.what != "confirm" else expert(said.party)
    by: Context = replace(context(actor, party=said.party, minutes=number), groups=GROUPS)
    where = (NO_AMENDMENT, P1) if said.on_paragraph else (A1, NO_PARAGRAPH)
    revision = 0 if said.on_paragraph else of(given_, "a-1").revision
    attitude, note = POSITIONS[said.attitude], f"note {number}"
    match said.what:
        case "take" | "speak":
            group = said.group if said.what == "speak" else ""
            command = TakePosition(where[0], revision, attitude, note, where[1], group)
            change = take_position(command, given_, by)
            hand = ("", actor.name) if said.operator else (actor.name, "")
            kept.taken.append((group or said.party, attitude, note, revision, *hand, said.party if group else ""))
        case "join" | "leave":
            command_ = JoinPosition(said.group, *where, on=said.what == "join")
            change = join_position(command_, given_, by)
        case "confirm":
            change = confirm_typed(ConfirmTyped(*where), given_, by)
        case "cosponsor":
            change = cosponsor(Cosponsor(A1, of(given_, "a-1").revision), given_, by)
        case "quit":
            change = cosponsor(Cosponsor(A1, 0, on=False), given_, by)
        case "withdraw":
            change = withdraw(Withdraw(A1), given_, by)
        case _:
            change = Change((PutAmendment(replace(of(given_, "a-1"), revision=of(given_, "a-1").revision + 1)),))
    return applied(given_, change.edits)


@settings(max_examples=150, deadline=None)
@given(st.lists(THINGS, max_size=30))
def test_no_sequence_of_positions_loses_one(things: list[Said]) -> None:
    """[A7, A8, A11] Every position taken stands or is history, once, with who said and typed it; a delegation is shown
    once on a subject; with a group only if it spoke for it or confirmed it since, and its having been is history too.
    """
    now = document(paragraph(P1, "so ", ins("a-1", "it is")), amendments=[amendment("a-1", "XAA")])
    kept = Kept()
    with_group: dict[tuple[str, bool], set[str]] = {}
    for number, said in enumerate(things):
        before = now
        try:
            now = done(said, number, now, kept)
        except OpinionError:
            assert now is before
            continue
        for on_paragraph in (False, True):
            entry, positions = subject(now, on_paragraph)
            was = subject(before, on_paragraph)[1]
            _holds(positions)
            _nothing_lost(was, positions)
            assert read_entry(*write_entry(entry)) == entry
            for group in GROUPS:
                members: set[str] = set(stance.members) if (stance := positions.of(group)) else set()
                new = members - with_group.get((group, on_paragraph), set())
                itself = said.what == "confirm" or (said.what in {"speak", "join"} and not said.operator)
                assert new <= ({said.party} if itself else set())
                with_group[group, on_paragraph] = members
    everything = Counter(
        line(one) for on_paragraph in (False, True) for one in _all(subject(now, on_paragraph)[1]) if one.at is not None
    )
    assert not Counter(kept.taken) - everything
    assert all(count == 1 for one, count in everything.items() if one in kept.taken)


def _all(positions: Positions) -> tuple[Stance, ...]:
    return (*positions.earlier, *positions.stances)


def _holds(positions: Positions) -> None:
    """One position of each delegation: its own, or that of one group."""
    shown = [one.delegation for one in positions.stances]
    shown += [member for one in positions.stances for member in one.members]
    assert len(shown) == len(set(shown))
    for one in positions.stances:
        assert set(one.members) <= GROUPS.get(one.delegation, frozenset())


def _nothing_lost(was: Positions, now: Positions) -> None:
    """What stood stands, but for who is shown with it and who confirmed it, or is history as it stood; history grows at
    its end alone.
    """
    assert now.earlier[: len(was.earlier)] == was.earlier
    added = now.earlier[len(was.earlier) :]
    for one in was.stances:
        still = now.of(one.delegation)
        if still is None or line(still) != line(one):
            gone = [other for other in added if line(other) == line(one)]
            assert len(gone) == 1
            left = set(one.members) - set(gone[0].members)
        else:
            left = set(one.members) - set(still.members)
        assert {other.delegation for other in added if other.by == one.delegation} >= left
