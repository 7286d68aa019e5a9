"""What befalls a sitting: lines cut and stalled, a server that dies, disks, clocks, people who lose their rights."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import server.peers
from tests.support.memory_store import DiskFailed

if TYPE_CHECKING:
    from tests.simulation.sitting import Sitting

FARTHEST = timedelta(hours=48)


class Misfortunes:
    """Draws among those that the seed has; `end` takes all back."""

    def __init__(self, sitting: "Sitting") -> None:
        self._sitting = sitting
        self._random = sitting.random
        self._ended = False
        self._disk_fails_until = self._answers_lost_until = self._lands_at = 0.0
        self._loop = asyncio.get_running_loop()
        known: dict[str, Callable[[], str]] = {
            "cut": self._cut,
            "stall": self._stall,
            "crash": self._crash,
            "restart": self._restart,
            "reopen": self._reopen,
            "revoke": self._revoke,
            "clock": self._clock,
            "failing disk": self._failing_disk,
            "lost answer": self._lost_answer,
        }
        self._known = {name: act for name, act in known.items() if name in sitting.plan.misfortunes}
        sitting.store.disk.before = self._before
        sitting.store.disk.after = self._after

    @contextmanager
    def circumstances(self) -> Iterator[None]:
        """What holds for the whole of the seed: with small buffers a peer is told to start over much sooner."""
        small = "small buffers" in self._sitting.plan.misfortunes
        self._sitting.weather.buffer = 200 if small else 4096
        with patch.object(server.peers, "MAX_WAITING_WRITES", 3 if small else server.peers.MAX_WAITING_WRITES):
            yield

    def befall(self) -> None:
        """One misfortune now."""
        if self._known:
            name = self._random.choice(list(self._known))
            self._sitting.history.note("***", name, self._known[name]())
            self._sitting.history.kinds[name] += 1

    def end(self) -> None:
        """The network heals, the disk works, the server is up, who was sent away may come back."""
        self._ended = True
        self._disk_fails_until = self._answers_lost_until = self._lands_at = 0.0
        self._sitting.weather.slow = min(self._sitting.weather.slow, 0.1)
        for line in self._sitting.lines:
            line.stall(False)
        self._start()
        for delegate in self._sitting.delegates:
            self._readmit(delegate.actor.member)
        self._sitting.history.note("*** from here on nothing goes wrong any more")

    # -- the disk

    async def _before(self) -> None:
        slow = "slow disk" in self._sitting.plan.misfortunes and not self._ended
        await asyncio.sleep(0.001 + (self._random.random() ** 3 if slow else 0.0))
        await asyncio.sleep(max(self._lands_at - self._loop.time(), 0.0))
        if self._loop.time() < self._disk_fails_until:
            raise DiskFailed("no space left")

    async def _after(self) -> None:
        slow = "slow disk" in self._sitting.plan.misfortunes and not self._ended
        if slow or self._random.random() < 0.2:
            await asyncio.sleep(0.3 * self._random.random() if slow else 0.001)
        if self._loop.time() < self._answers_lost_until:
            raise DiskFailed("the connection broke while committing")

    def _failing_disk(self) -> str:
        seconds = 5 * self._random.random()
        self._disk_fails_until = self._loop.time() + seconds
        return f"for {seconds:.1f} s"

    def _lost_answer(self) -> str:
        seconds = self._random.random()
        self._answers_lost_until = self._loop.time() + seconds
        return f"for {seconds:.1f} s"

    # -- lines

    def _cut(self) -> str:
        open_ones = [line for line in self._sitting.lines if not line.over]
        chosen = [line for line in open_ones if self._random.random() < self._random.choice((0.2, 1.0))]
        for line in chosen:
            line.cut()
        return f"{len(chosen)} lines"

    def _stall(self) -> str:
        open_ones = [line for line in self._sitting.lines if not line.over]
        chosen = [line for line in open_ones if self._random.random() < 0.5]
        seconds = 60 * self._random.random() ** 2
        for line in chosen:
            line.stall(True)
            self._loop.call_later(seconds, line.stall, False)
        return f"{len(chosen)} lines for {seconds:.1f} s"

    # -- the server

    def _crash(self) -> str:
        landing = "landing" in self._sitting.plan.misfortunes and self._random.random() < 0.5
        if landing:
            # When the next process may long have read the log.
            self._lands_at = self._loop.time() + 5 * self._random.random()
        self._sitting.house.crash(landing=landing)
        seconds = 3 * self._random.random() ** 2
        self._loop.call_later(seconds, self._start)
        return f"and back after {seconds:.1f} s" + (", what it asked of the store lands" if landing else "")

    def _restart(self) -> str:
        self._sitting.house.restart()
        return ""

    def _reopen(self) -> str:
        self._sitting.house.reopen()
        return "every room"

    def _start(self) -> None:
        self._sitting.house.start()

    def _clock(self) -> str:
        self._sitting.clock.skew = FARTHEST * self._random.uniform(-1, 1)
        return f"to {self._sitting.clock.skew}"

    # -- people

    def _revoke(self) -> str:
        member = self._random.choice(self._sitting.delegates).actor.member
        self._sitting.house.suspend(member)
        self._loop.call_later(20 * self._random.random(), self._readmit, member)
        return member

    def _readmit(self, member: str) -> None:
        sitting = self._sitting
        if member not in sitting.rights.versions:
            sitting.rights.admit(sitting.rights.actors[member])
            sitting.history.note(member, "may come back")
        for delegate in sitting.delegates:
            if delegate.actor.member == member:
                delegate.welcome_back()
