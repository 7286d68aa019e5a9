"""What server processes use of the machine, and how much of their core others took from them meanwhile.

All from /proc. Times are seconds of one core; memory is MB (10^6 bytes).
"""

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


def cores() -> tuple[int, int]:
    """The server's core and the generator's; the same one where there is only one."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[1] if len(mine) > 1 else mine[0]


class Processes:
    """Some processes and all below them."""

    def __init__(self, roots: Sequence[int]) -> None:
        self._roots = tuple(roots)

    @property
    def pids(self) -> tuple[int, ...]:
        """Each of them, the roots first; children follow."""
        found = list(self._roots)
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    found.extend(int(child) for child in task.read_text().split())
        return tuple(dict.fromkeys(found))

    @property
    def resident(self) -> float:
        """Memory in use."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def cpu(self) -> float:
        """Processor time used so far by the threads that are still there."""
        total = 0
        for pid in self.pids:
            for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):
                    total += int(task.read_text().split()[0])
        return total / 1e9


@dataclass(frozen=True, slots=True)
class Moment:
    """How far the clocks were: of the server's core and of the server itself."""

    at: float
    busy: float
    stolen: float
    used: float

    def others(self, since: "Moment") -> float:
        """The share of the core that other processes and other machines on the same processor had since then."""
        seconds = max(self.at - since.at, 1e-9)
        # The kernel counts a core in ticks, a process in nanoseconds: on an idle machine they differ by a little.
        besides = self.busy - since.busy - (self.used - since.used)
        return min(1.0, max(0.0, besides / seconds) + (self.stolen - since.stolen) / seconds)


def moment(server: Processes) -> Moment:
    """Now."""
    busy, stolen = _core(cores()[0])
    return Moment(time.monotonic(), busy, stolen, server.cpu)


def _core(number: int) -> tuple[float, float]:
    ticks = os.sysconf("SC_CLK_TCK")
    for line in Path("/proc/stat").read_text().splitlines():
        name, *values = line.split()
        if name == f"cpu{number}":
            user, nice, system, _idle, _waiting, interrupt, softly, stolen, *_ = map(int, values)
            return (user + nice + system + interrupt + softly) / ticks, stolen / ticks
    raise AssertionError(f"/proc/stat says nothing of core {number}")
