"""Fault after fault on one deployment that people type into: how long each took to be told and to be over."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.soak.campaign import Figure
from tests.support.waiting import within


@dataclass
class Faulty(ABC):
    """What goes through cycles of faults: `worst` are seconds by what they went to, `failures` broken promises."""

    failures: list[str] = field(default_factory=list, kw_only=True)
    worst: dict[str, float] = field(default_factory=dict, kw_only=True)

    async def cycle(self, mode: str) -> None:
        """One cycle of a fault; what is not as promised goes to `failures`."""
        try:
            await self._befall(mode)
        except Exception as error:
            # Whatever it is: the next cycles, and the check at the end, have their own to say.
            self.failures.append(f"{mode}: {type(error).__name__} {error}")

    @abstractmethod
    async def _befall(self, mode: str) -> None:
        """One cycle of a fault; raises where something is not as promised."""


def took(running: Faulty, what: str, seconds: float, bound: float) -> None:
    """Note how long something took. Fails when that is more than is promised."""
    running.worst[what] = max(seconds, running.worst.get(what, 0.0))
    assert seconds <= within(bound), f"{what} {seconds:.1f} s, more than {within(bound):g} s"


async def in_turn(running: Faulty, modes: Sequence[str], count: int, ends: float) -> int:
    """So many cycles of each fault, in turn, once each and then as long as there is time; how many there were."""
    done = 0
    for _ in range(count):
        for mode in modes:
            if done >= len(modes) and time.monotonic() > ends:
                return done
            await running.cycle(mode)
            done += 1
    return done


def keep_worst(kept: dict[str, Figure], worst: Mapping[str, float]) -> None:
    """Take over what took longer than ever before."""
    for what, seconds in worst.items():
        name = f"{what} (s, worst)"
        kept[name] = round(max(seconds, float(kept.get(name, 0.0))), 2)
