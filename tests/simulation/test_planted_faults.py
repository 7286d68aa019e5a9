"""The test of the test: mistakes planted into the room, each of which the simulation must find within a few seeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count, islice
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from crdt import effect, gate
from crdt.protocol import ServerFrame
from crdt.room import Room
from crdt.step import Append, Step
from crdt.stream import Workspace
from server.live_room import LiveRoom
from tests.simulation.plan import plan
from tests.simulation.sitting import run
from tests.support.memory_store import MemoryStore

MOST = 40
"""Seeds in which a planted fault has to show itself."""


def found(planted: Callable[[], AbstractContextManager[Any]], *needs: str) -> str:
    """What the first seed that fails says, of those that have the misfortunes it needs."""
    fit = (seed for seed in count() if plan(seed, Random(seed)).misfortunes >= set(needs))
    for seed in islice(fit, MOST):
        with planted():
            failure = run(seed).failure
        if failure:
            return failure
    return ""


@contextmanager
def _telling_first(kind: ServerFrame) -> Iterator[None]:
    """Frames of one kind go out before the append that they speak of."""
    receive, save = Room.receive, LiveRoom._save
    steps: dict[Room, Step] = {}

    def received(self: Room, *batch: Any) -> Step:
        steps[self] = receive(self, *batch)
        return steps[self]

    async def saved(self: LiveRoom, *appends: Any) -> None:
        early = tuple(one for one in steps[self._room].deliveries if one.frame[0] == kind)
        self._deliver(Step(deliveries=early))
        await save(self, *appends)

    with patch.object(Room, "receive", received), patch.object(LiveRoom, "_save", saved):
        yield


def test_telling_others_before_the_log_has_it_is_found() -> None:
    """[I5]"""
    assert found(lambda: _telling_first(ServerFrame.UPDATE)).startswith("[I5]")


def test_acknowledging_before_the_log_has_it_is_found() -> None:
    """[I5]"""
    assert found(lambda: _telling_first(ServerFrame.ACK)).startswith("[I5]")


def test_a_store_that_takes_what_was_made_for_another_state_is_found() -> None:
    """[L1, R14, R8] A commit of a server that is dead lands behind those of the next one, or behind the end of a
    person's rights: whichever a seed meets first.
    """

    def anything(self: MemoryStore, appends: Sequence[Append], writers: Mapping[str, int], fence: int | None) -> None:
        """Nothing is looked at."""

    late = found(lambda: patch.object(MemoryStore, "_require", anything), "crash", "landing", "slow disk")
    assert late.startswith(("[L1]", "[L2]", "[D6]", "[R8]"))


def test_a_gate_that_lets_others_words_be_changed_is_found() -> None:
    """[I1], or [D1]: words of the Opinion that go in a workspace make its view another text."""

    @contextmanager
    def open_gate() -> Iterator[None]:
        def blind(changes: Sequence[Any], rights: effect.Rights) -> effect.Verdict:
            return effect.Verdict([], 1)

        with ExitStack() as stack:
            for name, instead in (("judge", blind), ("interferes", lambda *_: False), ("destroys", lambda *_: False)):
                stack.enter_context(patch.object(gate, name, instead))
            yield

    assert found(open_gate).startswith(("[I1]", "[D1]"))


def test_a_workspace_that_does_not_follow_the_opinion_is_found() -> None:
    """[D1, D9]"""
    deaf = found(lambda: patch.object(Workspace, "hear", lambda self, updates: None))
    assert deaf.startswith(("[D1]", "[P6]", "[progress]", "[I5]"))


@pytest.mark.parametrize("seed", range(3))
def test_without_a_planted_fault_nothing_is_found(seed: int) -> None:
    assert run(seed).failure == ""
