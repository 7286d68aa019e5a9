"""Who is told of whom, and when (crdt/SPEC.md, W8): who is back at once has not left; a group's end names nobody.

The clock is the test's: a room has none of its own.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crdt import protocol
from crdt.client import Client
from crdt.presence import GRACE, RELAY_EVERY
from crdt.step import Frame, Step
from opinions import commands
from opinions.drafting_groups import GroupSeat
from opinions.edits import InsertText
from opinions.model import DelegationCode, Mark, MarkKind, ParagraphId
from opinions.roles import Actor
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, expert
from tests.support.builders import document, paragraph
from tests.support.rooms import Sitting

P1, P2 = ParagraphId("par-0001"), ParagraphId("par-0002")
XAA = DelegationCode("XAA")
GROUP = DelegationCode("g-aaaaaaaaaaaa")
SEAT = GroupSeat(GROUP, XAA, "Skills together")
KIM, BO, DO = expert("XAA"), expert("XAB"), expert("XAC")
IN_GROUP = {"kim": replace(KIM, groups=(SEAT,)), "bo": replace(BO, groups=(SEAT,))}
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def sitting() -> Sitting:
    """Kim and Bo draft in a group; Do looks on with a caret in the text, and so does the chair."""
    sitting = Sitting(document(paragraph(P1, "that access depends"), paragraph(P2, "that skills matter")))
    for name, actor in IN_GROUP.items():
        sitting.clients[name] = Client(workspace=True, group=GROUP)
        sitting.join(name, actor)
        sitting.send(name, protocol.client_presence(P2, 4))
    sitting.join("do", DO, workspace=False)
    sitting.join("chair", THE_CHAIR, workspace=False)
    sitting.send("do", protocol.client_presence(P1, 3))
    tick(sitting)
    return sitting


def tick(sitting: Sitting, after: timedelta = RELAY_EVERY) -> Step:
    """What is told so much later when nothing else happens."""
    sitting.now += after
    step = sitting.room.tick(sitting.now)
    sitting.settle(step)
    return step


def quickly(sitting: Sitting, name: str, *frames: bytes) -> Step:
    """A batch in the same moment."""
    sitting.now += MOMENT
    step = sitting.room.receive([Frame(sitting.peer_of(name), frame) for frame in frames], sitting.now)
    sitting.settle(step)
    return step


def back(sitting: Sitting, name: str, actor: Actor, client: Client | None = None) -> Step:
    """Somebody's new connection, in the same moment; its HELLO."""
    sitting.clients[name] = client or sitting.clients[name]
    sitting.now -= timedelta(seconds=1) - MOMENT  # `send_hello` takes a second.
    return sitting.send_hello(name, actor)


def rosters(sitting: Sitting, name: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
    """What somebody was told of the others."""
    return [
        json.loads(protocol.Reader(delivery.frame[1:]).varstring())
        for step in steps
        for delivery in step.deliveries
        if sitting.peer_of(name) in delivery.peers and delivery.frame[0] == protocol.ServerFrame.ROOM
    ]


def seen_by(sitting: Sitting, name: str) -> list[str]:
    return [one["name"] for one in sitting.clients[name].peers]


def later(sitting: Sitting) -> Sequence[Step]:
    """The ticks of a time that is longer than the grace."""
    return [tick(sitting) for _ in range(int(GRACE / RELAY_EVERY) + 2)]


@pytest.mark.parametrize("order", [("kim", "bo"), ("bo", "kim")])
@pytest.mark.parametrize("anew", [False, True])
def test_g19_at_a_groups_end_others_are_told_of_no_departure_and_no_arrival(
    sitting: Sitting, order: tuple[str, str], anew: bool
) -> None:
    """[G19, W8] The group's people are closed in one moment and come back into their own workspaces, or (`anew`, the
    page loaded again) to the text: nobody else gets a frame of it.
    """
    before = {name: sitting.clients[name].peers for name in ("do", "chair")}
    for name in order:
        sitting.leave(name)
    steps = [tick(sitting), tick(sitting)]
    for name, actor in zip(order, (expert("XAA") if one == "kim" else BO for one in order), strict=True):
        refused = back(sitting, name, actor)
        assert [closing.code for closing in refused.closings] == [4409]
        sitting.leave(name)
        steps += [refused, tick(sitting)]
        steps.append(back(sitting, name, actor, Client(workspace=not anew)))
        steps.append(tick(sitting))
    steps += later(sitting)
    for name in ("do", "chair"):
        assert rosters(sitting, name, steps) == []
        assert sitting.clients[name].peers == before[name]
    # Nor by the order in which a newcomer is told of them.
    sitting.join("late", THE_SECRETARIAT, workspace=False)
    tick(sitting)
    assert seen_by(sitting, "late") == [*(one["name"] for one in before["do"]), THE_SECRETARIAT.name]


def test_w8_who_leaves_is_told_when_the_grace_is_over(sitting: Sitting) -> None:
    number = sitting.clients["bo"].welcome["peer"]
    sitting.leave("bo")
    steps = [tick(sitting, GRACE - MOMENT)]
    assert rosters(sitting, "do", steps) == []
    assert BO.name in seen_by(sitting, "do")
    due = [sitting.room.roster_due]
    told = rosters(sitting, "do", [tick(sitting, MOMENT)])
    assert told == [{"changed": [], "gone": [number]}]
    assert BO.name not in seen_by(sitting, "do")
    assert [*due, sitting.room.roster_due] == [True, False]
    # Who comes now arrives.
    (arrival,) = rosters(sitting, "do", [back(sitting, "bo", BO, Client(workspace=True)), tick(sitting)])
    assert [one["name"] for one in arrival["changed"]] == [BO.name]


def test_w8_who_is_back_keeps_number_and_caret_and_is_told_when_it_moves(sitting: Sitting) -> None:
    number = sitting.clients["do"].welcome["peer"]
    sitting.leave("do")
    steps = [back(sitting, "do", DO), quickly(sitting, "do", protocol.client_presence(P1, 3)), tick(sitting)]
    assert sitting.clients["do"].welcome["peer"] == number
    assert rosters(sitting, "chair", steps) == []
    (do,) = [one for one in sitting.clients["do"].peers if one["peer"] == number]
    assert (do["paragraph"], do["offset"]) == (P1, 3)
    sitting.send("do", protocol.client_presence(P2, 1))
    tick(sitting)
    assert [one["offset"] for one in sitting.clients["chair"].peers if one["peer"] == number] == [1]


def test_w8_two_windows_of_one_person_come_back_each_as_what_it_was(sitting: Sitting) -> None:
    """One in the text, one in the workspace: neither takes the other's place in the roster."""
    sitting.join("do-2", DO)
    tick(sitting)
    numbers = [sitting.clients[name].welcome["peer"] for name in ("do", "do-2")]
    assert len(set(numbers)) == 2
    for name in ("do", "do-2"):
        sitting.leave(name)
    steps = [back(sitting, "do-2", DO), back(sitting, "do", DO), tick(sitting), *later(sitting)]
    assert [sitting.clients[name].welcome["peer"] for name in ("do", "do-2")] == numbers
    assert rosters(sitting, "chair", steps) == []
    # A line that its window gave up, and that is still open, is carried on as well.
    steps = [back(sitting, "do-2", DO), tick(sitting)]
    assert sitting.clients["do-2"].welcome["peer"] == numbers[1]
    assert rosters(sitting, "chair", steps) == []


def test_w8_windows_that_are_alike_are_still_as_many_when_they_come_back(sitting: Sitting) -> None:
    windows = ("chair", "chair-2", "chair-3")
    for name in windows[1:]:
        sitting.join(name, THE_CHAIR, workspace=False)
    tick(sitting)
    numbers = {sitting.clients[name].welcome["peer"] for name in windows}
    for name in windows:
        sitting.leave(name)
    steps = [step for name in windows for step in (back(sitting, name, THE_CHAIR), tick(sitting))]
    assert {sitting.clients[name].welcome["peer"] for name in windows} == numbers
    assert rosters(sitting, "do", [*steps, *later(sitting)]) == []


def test_w8_nobody_carries_on_anothers_connection(sitting: Sitting) -> None:
    """Nor does one that is open: each window of a person that comes in beside is one more."""
    sitting.leave("bo")
    sitting.join("other", replace(BO, member="m-xab-2", name="O"))
    sitting.join("do-2", DO, workspace=False)
    tick(sitting)
    numbers = [one["peer"] for one in sitting.clients["chair"].peers]
    assert len(numbers) == len(set(numbers)) == 6


def test_w8_coming_and_going_without_end_leaves_one_number(sitting: Sitting) -> None:
    """What a room keeps of those who are gone is bounded by the sockets that a person may have."""
    for _ in range(50):
        sitting.leave("do")
        back(sitting, "do", DO, Client(workspace=False))
    tick(sitting)
    assert len(sitting.clients["chair"].peers) == 4
    assert len(sitting.room._attendance._departed) == 1
    later(sitting)
    assert not sitting.room._attendance._departed


def test_w8_a_batch_that_was_not_saved_takes_no_number_away(sitting: Sitting) -> None:
    """Whose HELLO was undone is as far as before: gone, and told of until the grace is over."""
    number = sitting.clients["do"].welcome["peer"]
    sitting.leave("do")
    sitting.room.connect(99, DO)
    sitting.room.receive([Frame(99, sitting.clients["do"].hello())], sitting.now)
    sitting.room.undo()
    tick(sitting)
    assert number in [one["peer"] for one in sitting.clients["chair"].peers]
    sitting.room.leave(99, sitting.now)
    later(sitting)
    assert number not in [one["peer"] for one in sitting.clients["chair"].peers]


def test_w8_an_empty_room_waits_for_nobody(sitting: Sitting) -> None:
    """It is not kept awake by those who may be back; who comes into it later is told of nobody who was there."""
    for name in ("kim", "bo", "do", "chair"):
        sitting.leave(name)
    assert not sitting.room.roster_due
    sitting.now += GRACE
    sitting.join("late", THE_SECRETARIAT, workspace=False)
    assert seen_by(sitting, "late") == [THE_SECRETARIAT.name]


def test_w8_who_was_sending_as_the_line_broke_stops_as_usual(sitting: Sitting) -> None:
    sitting.ask("chair", commands.OpenLiveDrafting())
    sitting.leave("do")
    back(sitting, "do", DO)
    sitting.write("do", InsertText(P1, 0, "so ", frozenset({Mark(MarkKind.INSERTION, "a-do-000001")})))
    tick(sitting)
    assert [one["name"] for one in sitting.clients["chair"].peers if one.get("sending")] == [DO.name]
    sitting.leave("do")
    later(sitting)
    assert not [one for one in sitting.clients["chair"].peers if one.get("sending") or one["name"] == DO.name]
