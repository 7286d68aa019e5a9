"""[E2, C5, E1] Ready-made proposals in a room: one entry, the same for everybody, and nothing where it is refused."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt import protocol
from crdt.log import Entry, EntryKind
from crdt.room import ENTERINGS_WITHIN, MAX_ENTERINGS
from crdt.step import Answer
from opinions import commands
from opinions.commands import EnterProposals, TakePosition
from opinions.edits import InsertText, applied
from opinions.entering import enter
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, ParagraphId
from opinions.proposals import (
    MAX_ENTERED,
    MAX_PROPOSALS,
    MAX_REPLACEMENTS,
    BaseChange,
    BaseChangeKind,
    Proposal,
    Replacement,
)
from opinions.record import AmendmentKind, Attitude, Document
from server.links.messages import Ask
from server.links.stream import MAX_MESSAGE
from server.links.values import pack, unpack
from tests.crdt.desk import sound
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import document, paragraph
from tests.support.proposing import add, mod, proposals_for, replacing
from tests.support.rooms import Sitting
from tests.support.strategies import documents

P1, P2 = ParagraphId("par-0001"), ParagraphId("par-0002")
XUU = DelegationCode("XAC")
"""In these tests XAC is the one that gives views."""


def opinion() -> Document:
    return document(paragraph(P1, "that access depends on income"), paragraph(P2, "that skills matter"))


def entering(*proposals: Proposal, base: tuple[BaseChange, ...] = ()) -> EnterProposals:
    return EnterProposals("IEG-WTPF-26-4/12", proposals, base)


def relies(amendment: str = "a-new-1", delegation: str = "XAA") -> Proposal:
    return mod(amendment, delegation, P1, replacing(opinion(), P1, "depends", "relies"))


@pytest.fixture
def sitting() -> Sitting:
    sitting = Sitting(opinion())
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.join("kim", expert("XAA"))
    sitting.join("bo", expert("XAB"))
    return sitting


def state(sitting: Sitting) -> tuple[Document, int]:
    return sitting.room.document(), sum(len(log) for log in sitting.shelf.logs.values())


def test_e2_all_of_it_is_one_entry_and_everybody_has_it(sitting: Sitting) -> None:
    """[E2, C5, L4] The log names the command whole; opened anew, the room holds the same."""
    insert = BaseChange(BaseChangeKind.INSERT, ParagraphId("p-base"), after=P2, text="put in")
    command = entering(relies(), add("a-new-2", "XAB", "p-new", P1, "new [words]"), base=(insert,))
    answer = sitting.ask("sec", command)
    assert [one["proposal"] for one in dict(answer.result or {})["entered"]] == ["a-new-1", "a-new-2"]
    assert len(sitting.shelf.logs["op1"]) == 2
    now = sitting.room.document()
    assert [str(one.id) for one in now.text] == [P1, "p-new", P2, "p-base"]
    assert all(client.view().text == now.text for client in sitting.clients.values())
    entry = sitting.shelf.logs["op1"][-1]
    assert commands.from_json(json.loads(entry.command)) == command
    sitting.open()
    assert sitting.room.document() == now


def test_e2_counter_proposals_are_of_the_same_entry_or_nothing_is(sitting: Sitting) -> None:
    """[E2, C5] What is struck of words that the same command brings goes in with them, or all of it stays out."""
    counter = mod("a-new-2", "XAB", P1, Replacement(19, 25, "relies", "rests"))
    fits = replace(entering(relies()), counters=(counter,))
    before = state(sitting)
    wrong = replace(fits, counters=(replace(counter, replacements=(Replacement(19, 25, "leaned", "rests"),)),))
    assert sitting.ask("sec", wrong).code == "revision-changed"
    assert state(sitting) == before
    answer = sitting.ask("sec", fits)
    assert [one["proposal"] for one in dict(answer.result or {})["entered"]] == ["a-new-1", "a-new-2"]
    assert state(sitting)[1] == before[1] + 1
    entry = sitting.shelf.logs["op1"][-1]
    assert commands.from_json(json.loads(entry.command)) == fits
    assert all(client.view().text == sitting.room.document().text for client in sitting.clients.values())


def test_e2_sent_again_it_is_answered_and_not_entered_twice(sitting: Sitting) -> None:
    first = sitting.ask("sec", entering(relies()), key="key-of-the-upload")
    before = state(sitting)
    assert sitting.ask("sec", entering(relies()), key="key-of-the-upload").result == first.result
    assert state(sitting) == before


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (entering(relies(), mod("a-new-2", "XAB", P2, Replacement(0, 4, "this", "x"))), "revision-changed"),
        (entering(relies(), add("a-new-2", "XAB", "p-new", P2, "a\u202eb")), "invalid-command"),
        (entering(relies(), relies("a-new-1", "XAB")), "invalid-command"),
        (entering(relies(), base=(BaseChange(BaseChangeKind.REMOVE, ParagraphId("par-9999")),)), "unknown-paragraph"),
        (
            entering(relies(), *(mod(f"a-long-{n}", "XAB", P2, Replacement(0, 0, "", "x" * 20_000)) for n in (1, 2))),
            "too-long",
        ),
    ],
)
def test_e2_one_part_that_does_not_fit_refuses_the_whole(sitting: Sitting, command: EnterProposals, code: str) -> None:
    """[E2, G14] And leaves no trace."""
    before = state(sitting)
    assert sitting.ask("sec", command).code == code
    assert state(sitting) == before
    assert not sitting.ask("sec", entering(relies())).code


def test_c1_a_character_that_is_not_seen_is_named_by_its_path(sitting: Sitting) -> None:
    """[C1, G13] Reasons may have lines, words may not."""
    bad = entering(relies(), mod("a-new-2", "XAB", P2, Replacement(0, 4, "that", "x\u200by")))
    assert "proposals[1].replacements[0].text may not hold the character U+200B" in sitting.ask("sec", bad).message
    assert not sitting.ask("sec", entering(replace(relies(), reason="for\ntwo reasons"))).code


def test_e2_drafts_follow_a_text_that_changes_under_them(sitting: Sitting) -> None:
    """[D9, E2] Words drafted in a paragraph that goes are kept; those in another one stand on."""
    for number, where in enumerate((P1, P2), 1):
        insertion = frozenset({Mark(MarkKind.INSERTION, f"a-draft-{number}")})
        sitting.write("kim", InsertText(where, 5, "mine ", insertion))
    change = BaseChange(BaseChangeKind.REMOVE, P2)
    assert not sitting.ask("sec", entering(relies(delegation="XAB"), base=(change,))).code
    view = sitting.clients["kim"].view()
    assert [one.text for one in view.text] == ["that mine access dependsrelies on income"]
    kept = view.amendment("a-draft-2")
    assert kept is not None
    assert kept.removed[0].runs[0].text == "mine "


def test_e2_an_expert_enters_by_the_socket_too(sitting: Sitting) -> None:
    """[E2, W7] One's own; another's is refused, whoever is named as the party."""
    for party, proposal, code in (("XAA", relies(delegation="XAB"), "not-allowed"), ("XAA", relies(), "")):
        frame = sitting.clients["kim"].command(commands.to_json(entering(proposal)), party, f"key-{code or 'taken'}")
        sitting.send("kim", frame)
        refusals = [one.code for one in sitting.clients["kim"].refusals]
        assert refusals[-1:] == ([code] if code else ["not-allowed"])
    assert sitting.room.document().amendment("a-new-1") is not None


@settings(max_examples=25)
@given(st.data())
def test_e1_the_shared_document_is_what_the_values_say(data: st.DataObject) -> None:
    """[E1, E2] Several proposals of several delegations in one command; a refused one leaves nothing."""
    before = data.draw(documents(drafts=False))
    proposals = tuple(data.draw(proposals_for(before, number)) for number in (1, 2, 3))
    sitting = Sitting(before)
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    answer = sitting.ask("sec", entering(*proposals))
    expected = before
    with suppress(OpinionError):
        expected = applied(before, enter(entering(*proposals), before, context(THE_SECRETARIAT)).change.edits)
    assert bool(answer.code) == (expected is before), answer.message
    assert [one.text for one in sitting.clients["sec"].view().text] == [one.text for one in expected.text]
    sound(sitting.room.opinion.gate)


def longest() -> tuple[Document, EnterProposals]:
    """A text, and the largest command that may come for it: every limit at once."""
    row = [paragraph(f"par-{n:04}", "that broadband access depends on income " * 10) for n in range(100)]
    each = MAX_REPLACEMENTS // 400
    rest = (MAX_ENTERED - MAX_REPLACEMENTS * 14) // 100

    def proposal(number: int) -> Proposal:
        name = f"a-{number:06}"
        if number >= 400:
            return add(name, "XAA", f"p-new-{number}", f"par-{number % 100:04}", "é" * rest)
        where, start = row[number % 100], number // 100 * 80
        spans = [(start + 8 * n, start + 8 * n + 4) for n in range(each)]
        words = [Replacement(low, high, where.text[low:high], "電信聯盟電信聯盟電信") for low, high in spans]
        return mod(name, "XAB" if number % 2 else "XAA", where.id, *words)

    return document(*row), EnterProposals("IEG/12", tuple(map(proposal, range(MAX_PROPOSALS))))


def test_e2_the_largest_command_is_carried_logged_and_replayed() -> None:
    """[E2, C5, L4] Over a link too, and to a peer as one frame."""
    text, command = longest()
    fields = commands.to_json(command)
    assert commands.from_json(json.loads(json.dumps(fields))) == command
    ask = Ask(1, "op1", THE_SECRETARIAT, 1, "", "key-000001", json.loads(json.dumps(fields)))
    packed = pack(Ask, ask)
    assert unpack(Ask, packed) == ask
    assert len(packed) < MAX_MESSAGE / 50
    sitting = Sitting(text)
    sitting.join("bo", expert("XAB"))
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    answer = sitting.ask("sec", command)
    assert (answer.code, len(dict(answer.result or {})["entered"])) == ("", MAX_PROPOSALS)
    now = sitting.room.document()
    assert sitting.clients["bo"].view().text == now.text
    assert sitting.shelf.logs["op1"][-1].kind is EntryKind.COMMAND
    entry = unpack(Entry, pack(Entry, sitting.shelf.logs["op1"][-1]))
    assert entry.hash == sitting.shelf.logs["op1"][-1].hash
    sitting.open()
    assert sitting.room.document() == now


def test_c5_who_enters_again_and_again_waits_and_nobody_else_does(sitting: Sitting) -> None:
    """[C5] A minute long; refused ones count, what is answered from the log does not, the secretariat may go on."""
    bad = entering(replace(relies(), delegation=DelegationCode("XAB")))
    for _ in range(MAX_ENTERINGS - 1):
        assert sitting.ask("kim", bad).code == "not-allowed"
    assert not sitting.ask("kim", entering(relies()), key="key-of-this-one").code
    again = entering(mod("a-new-2", "XAA", P2, replacing(opinion(), P2, "skills", "trust")))
    assert sitting.ask("kim", again).code == "refused"
    assert not sitting.ask("kim", entering(relies()), key="key-of-this-one").code
    assert not sitting.ask("bo", entering(relies("a-new-3", "XAB"))).code
    for _ in range(MAX_ENTERINGS + 1):
        assert sitting.ask("sec", bad).code in ("", "invalid-command")
    sitting.now += ENTERINGS_WITHIN
    assert not sitting.ask("kim", again).code


# --- those who give views only


@pytest.fixture
def with_views() -> Sitting:
    """XAC gives views; an expert of it is entered all the same, as before its kind was changed."""
    sitting = Sitting(opinion(), views=frozenset({XUU}))
    sitting.join("sec", THE_SECRETARIAT, workspace=False)
    sitting.join("kim", expert("XAA"))
    sitting.join("chair", THE_CHAIR, workspace=False)
    sitting.ask("kim", entering(relies()))
    return sitting


def test_p5_who_gives_views_has_no_place_in_the_room(with_views: Sitting) -> None:
    """[P5, G15] HELLO is answered with the close, in live drafting too; nothing typed is looked at."""
    for live in (False, True):
        if live:
            with_views.ask("chair", commands.OpenLiveDrafting())
        for workspace in (True, False):
            client = with_views.join(f"uma-{live}-{workspace}", expert("XAC"), workspace=workspace)
            assert not client.welcome
            before = state(with_views)
            with_views.send(f"uma-{live}-{workspace}", protocol.client_update(1, XUU, b"\0\0"))
            assert state(with_views) == before


def everything() -> Sequence[commands.Command]:
    """All that a delegation does with amendments."""
    own = relies("a-views-1", XUU)
    return (
        commands.Submit(AmendmentId("a-views-1")),
        commands.Discard(AmendmentId("a-views-1")),
        commands.ProposeRemoval(AmendmentId("a-views-1"), P2),
        commands.Withdraw(AmendmentId("a-new-1")),
        commands.Cosponsor(AmendmentId("a-new-1"), 1),
        TakePosition(AmendmentId("a-new-1"), 1, Attitude.SUPPORT),
        entering(own),
        entering(replace(own, kind=AmendmentKind.SUP, replacements=())),
        entering(relies("a-views-1", "XAA"), replace(own, amendment=AmendmentId("a-views-2"))),
        entering(replace(relies("a-views-1", "XAA"), sponsors=(XUU,))),
    )


@pytest.mark.parametrize("command", everything(), ids=[f"{n}-{one.act}" for n, one in enumerate(everything())])
@pytest.mark.parametrize("party", [XUU, "", "XAA"])
@pytest.mark.parametrize("who", ["uma", "sec"])
def test_p5_no_command_is_for_who_gives_views(
    with_views: Sitting, command: commands.Command, party: str, who: str
) -> None:
    """[P5, G15] By themselves and on behalf, whichever party is named; a command for XAA is not what is tried here."""
    with_views.ask("chair", commands.OpenLiveDrafting())
    with_views.actors["uma"] = expert("XAC")
    if who == "sec" and party == "XAA" and not isinstance(command, EnterProposals):
        return
    if who == "uma" and party == "":
        party = XUU
    before = state(with_views)
    answer: Answer = with_views.ask(who, command, party=party)
    assert answer.code == "not-allowed", answer
    assert state(with_views) == before


def test_p5_nobody_types_on_their_behalf(with_views: Sitting) -> None:
    """[P5, G15] WELCOME does not name them as a party, and an update for them is refused."""
    client = with_views.clients["sec"]
    assert client.welcome["parties"] == ["SEC", "XAA", "XAB"]
    before = state(with_views)
    insertion = frozenset({Mark(MarkKind.INSERTION, "a-views-1")})
    with_views.write("sec", InsertText(P1, 0, "forged ", insertion), party=XUU)
    assert [one.code for one in client.refusals] == ["not-allowed"]
    assert state(with_views) == before
