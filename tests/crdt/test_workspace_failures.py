"""[G18] A workspace that cannot be brought up to the text fails alone: the opinion and the others go on, what was
accepted is logged, and its own people find all of it when they come again.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from crdt import stream
from crdt.room import Room, Setting
from crdt.step import Step
from opinions import commands
from opinions.edits import InsertText
from opinions.model import AmendmentId, Mark, MarkKind, ParagraphId
from tests.crdt.desk import XAA, XAB, sound
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import document, paragraph
from tests.support.rooms import PARTIES, Sitting

P1, P2 = ParagraphId("par-0001"), ParagraphId("par-0002")
KIM = AmendmentId("a-kim-0001")


class PanicException(BaseException):
    """As pycrdt has it."""


class Plant:
    """A mistake that strikes when `KIM` is laid over a changed text: before anything is written, or half-way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
        self.on = False
        real: Any = getattr(stream, where)

        def broken(drafts: Any, *rest: Any) -> Any:
            if self.on and KIM in drafts:
                raise PanicException("a mistake of ours")
            return real(drafts, *rest)

        monkeypatch.setattr(stream, where, broken)


@pytest.fixture(params=["follow", "aligned"])
def plant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Plant:
    return Plant(monkeypatch, request.param)


@pytest.fixture
def sitting() -> Iterator[Sitting]:
    """Kim and Bo each in the workspace of their delegation with a draft; Li in live drafting."""
    made = Sitting(document(paragraph(P1, "that access depends on income"), paragraph(P2, "that all Members agree")))
    made.join("chair", THE_CHAIR, workspace=False)
    made.ask("chair", commands.OpenLiveDrafting(True))
    made.join("kim", expert("XAA"))
    made.join("clerk", THE_SECRETARIAT, workspace=False)
    made.join("bo", expert("XAB"))
    made.join("li", expert("XAC"), workspace=False)
    made.write("kim", typed("kim's ", KIM, P2))
    made.write("bo", typed("bo's ", "a-bo-0001", P2))
    yield made
    assert made.room.workspace(XAA).gate.live_view() == anew(made).workspace(XAA).gate.live_view()
    for gate in (made.room.opinion.gate, made.room.workspace(XAB).gate, made.room.workspace(XAA).gate):
        sound(gate)


def typed(text: str, amendment: str, where: ParagraphId = P1) -> InsertText:
    return InsertText(where, 0, text, frozenset({Mark(MarkKind.INSERTION, AmendmentId(amendment))}))


def words(sitting: Sitting, name: str, where: ParagraphId = P1) -> str:
    found = sitting.clients[name].view().text.find(where)
    assert found is not None
    return found.text


def anew(sitting: Sitting) -> Room:
    """The room opened from the stored logs."""
    setting = Setting("op1", PARTIES, lambda kind: f"{kind}-anew", lambda record: b"")
    return Room(setting, sitting.shelf.stored("op1"), sitting.shelf.workspaces())


def sent_away(sitting: Sitting, step: Step) -> set[str]:
    """Who was closed, all with 1013."""
    assert {closing.code for closing in step.closings} <= {1013}
    closed = {closing.peer for closing in step.closings}
    return {name for name, peer in sitting._peers.items() if peer in closed}


def comes_again(sitting: Sitting, name: str, code: str) -> None:
    """The closed connection is left, and the same page says HELLO with what it has."""
    sitting.leave(name)
    sitting.join(name, expert(code))


def test_g18_the_opinion_and_other_workspaces_go_on(sitting: Sitting, plant: Plant) -> None:
    kim, bo, li = (sitting.clients[name] for name in ("kim", "bo", "li"))
    mine = kim.write([typed("more ", KIM, P2)], "XAA")
    theirs = li.write([typed("first ", "a-li-0001")], "XAC")
    plant.on = True
    step = sitting.batch([("kim", mine), ("li", theirs), ("bo", bo.write([typed("yes ", "a-bo-0001", P2)], "XAB"))])
    assert sent_away(sitting, step) == {"kim"}
    assert [(fault.workspace, fault.member, type(fault.error)) for fault in step.faults] == [(XAA, "", PanicException)]
    assert kim.acknowledged, "accepted before its workspace failed"
    assert li.acknowledged
    assert bo.acknowledged
    assert sum(len(append.entries) for append in step.appends) == 3
    assert words(sitting, "bo") == words(sitting, "chair") == "first that access depends on income"
    assert words(sitting, "bo", P2) == "yes bo's that all Members agree"
    step = sitting.write("li", typed("second ", "a-li-0001"))
    assert not step.closings
    assert words(sitting, "bo") == "second first that access depends on income"
    plant.on = False
    comes_again(sitting, "kim", "XAA")
    assert words(sitting, "kim", P2) == "more kim's that all Members agree"
    assert words(sitting, "kim") == "second first that access depends on income"
    assert not sitting.ask("kim", commands.Submit(KIM)).code
    assert words(sitting, "li", P2) == "more kim's that all Members agree"


def test_g18_words_that_came_too_late_for_a_workspace_that_fails_wait_in_the_page(
    sitting: Sitting, plant: Plant
) -> None:
    kim, li = sitting.clients["kim"], sitting.clients["li"]
    plant.on = True
    before = dict.fromkeys(kim.acknowledged)
    theirs = li.write([typed("first ", "a-li-0001")], "XAC")
    step = sitting.batch([("li", theirs), ("kim", kim.write([typed("more ", KIM, P2)], "XAA"))])
    assert sent_away(sitting, step) == {"kim"}
    assert dict.fromkeys(kim.acknowledged) == before
    assert kim.refusals == []
    sitting.leave("kim")
    step = sitting.send_hello("kim", expert("XAA"))
    assert sent_away(sitting, step) == {"kim"}, "still broken: let in when it works"
    plant.on = False
    comes_again(sitting, "kim", "XAA")
    assert words(sitting, "kim", P2) == "more kim's that all Members agree"


def test_g18_nobody_is_kept_from_moving_the_text_by_a_workspace_that_fails(sitting: Sitting, plant: Plant) -> None:
    """What moved meanwhile is remembered: the draft is where its words went."""
    plant.on = True
    split = commands.SplitParagraph(P2, 9, ParagraphId("par-0003"))
    assert not sitting.ask("clerk", split).code
    assert words(sitting, "li", P2) == "that all "
    assert words(sitting, "bo", P2) == "bo's that all "
    assert sitting.ask("kim", commands.Submit(KIM)).code == "fault"
    plant.on = False
    comes_again(sitting, "kim", "XAA")
    assert words(sitting, "kim", P2) == "kim's that all "
    assert words(sitting, "kim", ParagraphId("par-0003")) == "Members agree"


def test_g18_a_stored_workspace_that_does_not_replay_stops_nobody_else(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting.open()
    real = stream.stored_updates

    def broken(stored: Any) -> Any:
        if stored.document.endswith("xaa"):
            raise PanicException("this log is beyond me")
        return real(stored)

    monkeypatch.setattr(stream, "stored_updates", broken)
    sitting.join("clerk", THE_SECRETARIAT, workspace=False)
    sitting.join("bo", expert("XAB"))
    assert not sitting.ask("clerk", commands.SplitParagraph(P2, 9, ParagraphId("par-0003"))).code
    assert words(sitting, "bo", P2) == "bo's that all "
    assert sent_away(sitting, sitting.send_hello("kim", expert("XAA"))) == {"kim"}
    monkeypatch.setattr(stream, "stored_updates", real)
    comes_again(sitting, "kim", "XAA")
    assert "kim's " in words(sitting, "kim", P2)


def test_g18_a_batch_that_was_not_saved_takes_a_failed_workspace_back_too(sitting: Sitting, plant: Plant) -> None:
    kim, li = sitting.clients["kim"], sitting.clients["li"]
    frames = [
        ("kim", kim.write([typed("more ", KIM, P2)], "XAA")),
        ("li", li.write([typed("first ", "a-li-0001")], "XAC")),
    ]
    plant.on = True
    step = sitting.unsaved(frames)
    assert {closing.peer for closing in step.closings} == {sitting.peer_of("kim")}
    sitting.room.undo()
    plant.on = False
    sitting.batch(frames)
    assert words(sitting, "kim", P2) == "more kim's that all Members agree"
    assert words(sitting, "li") == "first that access depends on income"
