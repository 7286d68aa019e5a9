"""[G18] What the room itself fails at is its sender's alone: nobody else loses a frame, and nothing half-done stays."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crdt import protocol
from crdt.client import Client
from crdt.room import MAX_FAULTS, MAX_HELLOS
from crdt.step import Frame, Request, Step
from opinions import commands
from opinions.edits import InsertText
from opinions.model import AmendmentId, Mark, MarkKind, ParagraphId
from opinions.settling import settle, unremarkable
from tests.crdt.desk import XAA, sound
from tests.support.actors import THE_CHAIR, expert
from tests.support.builders import document, paragraph
from tests.support.planted import fail_at
from tests.support.rooms import Sitting

P1 = ParagraphId("par-0001")
BOOM = "zzboom"


@pytest.fixture
def sitting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sitting]:
    """Two delegations in live drafting; the room fails at one word."""
    monkeypatch.setattr("crdt.writing.settle", settle)  # put back at the end
    monkeypatch.setattr("crdt.writing.unremarkable", unremarkable)
    fail_at(BOOM)()
    made = Sitting(document(paragraph(P1, "that access depends on income")))
    made.join("chair", THE_CHAIR, workspace=False)
    made.ask("chair", commands.OpenLiveDrafting(True))
    for name, code in (("kim", "XAA"), ("bo", "XAB")):
        made.join(name, expert(code), workspace=False)
    yield made
    sound(made.room.opinion.gate)


def words(client: Client, text: str, amendment: str) -> bytes:
    """The UPDATE of words at the beginning."""
    return client.write(
        [InsertText(P1, 0, text, frozenset({Mark(MarkKind.INSERTION, amendment)}))], client.welcome["party"]
    )


def seen(sitting: Sitting, name: str) -> str:
    found = sitting.clients[name].view().text.find(P1)
    assert found is not None
    return found.text


def closings(step: Step) -> list[int]:
    return [closing.code for closing in step.closings]


def test_g18_the_frames_of_others_in_the_same_batch_are_taken_and_acknowledged(sitting: Sitting) -> None:
    kim, bo = sitting.clients["kim"], sitting.clients["bo"]
    before = words(bo, "before ", "a-bo-0001")
    boom = words(kim, BOOM, "a-kim-0001")
    after = words(bo, "after ", "a-bo-0001")
    step = sitting.batch([("bo", before), ("kim", boom), ("bo", after), ("kim", words(kim, "more ", "a-kim-0001"))])
    assert [one.code for one in kim.refusals] == ["fault"]
    assert closings(step) == [4400]
    assert [type(fault.error).__name__ for fault in step.faults] == ["PanicException"]
    assert step.faults[0].member == expert("XAA").member
    assert set(bo.acknowledged) == {1, 2}
    assert seen(sitting, "bo") == seen(sitting, "chair") == "after before that access depends on income"
    assert sum(len(append.entries) for append in step.appends) == 2
    sitting.write("bo", InsertText(P1, 0, "later ", frozenset({Mark(MarkKind.INSERTION, "a-bo-0001")})))
    assert seen(sitting, "chair").startswith("later after before ")


def test_g18_a_workspace_goes_back_too_and_keeps_what_was_committed(sitting: Sitting) -> None:
    kim = sitting.join("kai", expert("XAA"))
    sitting.send("kai", words(kim, "draft ", "a-kim-0002"))
    sitting.send("kai", words(kim, BOOM, "a-kim-0003"))
    assert [one.code for one in kim.refusals] == ["fault"]
    del sitting.clients["kai"]
    sitting.leave("kai")
    sitting.join("kai", expert("XAA"))
    assert seen(sitting, "kai") == "draft that access depends on income"
    assert not sitting.ask("kai", commands.Submit(AmendmentId("a-kim-0002"))).code
    assert seen(sitting, "bo") == "draft that access depends on income"
    sound(sitting.room.workspace(XAA).gate)


def test_g18_a_freeze_in_the_same_batch_happens_once(sitting: Sitting) -> None:
    kim = sitting.clients["kim"]
    frames = [Frame(sitting._peers["kim"], words(kim, BOOM, "a-kim-0001"))]
    freeze = Request(1, THE_CHAIR, "", "key-freeze-1", commands.to_json(commands.Freeze("first")))
    sitting.now += timedelta(seconds=1)
    step = sitting.room.receive([freeze, *frames], sitting.now)
    sitting.settle(step)
    assert [answer.result and answer.result["version"] for answer in step.answers] == [1]
    again = sitting.ask("chair", commands.Freeze("second"))
    assert again.result is not None
    assert again.result["version"] == 2


def test_g18_who_goes_on_is_kept_out_for_a_minute_and_nobody_else(sitting: Sitting) -> None:
    for _ in range(MAX_FAULTS):
        sitting.clients.pop("kim")
        kim = sitting.join("kim", expert("XAA"), workspace=False)
        step = sitting.send("kim", words(kim, BOOM, "a-kim-0001"))
        assert closings(step) == [4400]
    sitting._peers["kim"] = 999
    sitting.room.connect(999, expert("XAA"))
    assert closings(sitting.send("kim", Client(False).hello())) == [4429]
    assert not closings(sitting.send("bo", words(sitting.clients["bo"], "x", "a-bo-0001")))
    sitting.now += timedelta(minutes=1)
    sitting.room.leave(999, sitting.now)
    sitting.clients.pop("kim")
    sitting.join("kim", expert("XAA"), workspace=False)
    assert sitting.clients["kim"].welcome


def test_g18_a_command_by_http_at_which_the_room_fails_is_answered(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("crdt.acts.procedure.carry_out", broken)
    assert sitting.ask("chair", commands.AdmitObservers(False)).code == "fault"


def test_g17_a_connection_that_begins_again_without_end_is_closed(sitting: Sitting) -> None:
    sitting.join("kim", expert("XAA"), workspace=False)
    hello = sitting.clients["kim"].hello()
    lent = len(sitting.room.opinion.leases)
    step = sitting.send("kim", *[hello] * (MAX_HELLOS + 5))
    assert closings(step) == [4429]
    fresh = protocol.hello(schema=1, workspace=False, generation=0, client=None, state_vector=b"\0")
    sitting.send("kim", fresh, fresh)
    assert len(sitting.room.opinion.leases) == lent, "what comes behind the closing is not looked at"


def test_what_a_turn_has_no_time_for_waits_for_the_next(sitting: Sitting) -> None:
    """One frame at least; the room says how many it went through and knows nothing of the rest."""
    bo = sitting.clients["bo"]
    frames = [Frame(sitting._peers["bo"], words(bo, f"{number} ", "a-bo-0001")) for number in range(4)]
    asked = iter((False, True))
    step = sitting.room.receive(frames, sitting.now, lambda: next(asked))
    sitting.settle(step)
    assert (step.taken, set(bo.acknowledged)) == (2, {1, 2})
    step = sitting.room.receive(frames[step.taken :], sitting.now, lambda: True)
    sitting.settle(step)
    assert (step.taken, set(bo.acknowledged)) == (1, {1, 2, 3})


def test_a_workspace_looked_into_before_it_was_written_in_is_founded_when_it_is(sitting: Sitting) -> None:
    """Found by the campaign of mutated frames: a command that comes to nothing brings it into memory and no further."""
    kim = sitting.clients["kim"]
    sitting.send("kim", kim.command({"act": "discard", "amendment": "a-none"}, "XAA", "key-of-nothing"))
    sitting.room.workspace(XAA)
    sitting.room.commit()
    kai = sitting.join("kai", expert("XAA"))
    step = sitting.send("kai", words(kai, "draft ", "a-kim-0002"))
    assert [(append.document, append.founding) for append in sitting.shelf.appends if append.delegation][:1] == [
        ("op1/xaa", True)
    ]
    assert [append.founding for append in step.appends] == [False]
