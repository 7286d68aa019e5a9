"""How long a server's event loop was kept from everybody else, told by the server process itself.

Each callback of the loop is timed in CPU time of its thread, for on a crowded machine the clock on the wall measures
the neighbours. Those of 5 ms and more are written down with the moment they ended.
"""

import asyncio
import gc
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

NOTED_SECONDS = 0.005


def timed(path: Path, then: Callable[[], None]) -> Callable[[], None]:
    """To be planted in a `LiveServer`: writes long callbacks to `path`; `then` is planted too."""
    return partial(_timed, path, then)


def longest(path: Path, since: float) -> tuple[float, str]:
    """The longest callback that ended after `since` (`time.monotonic`), in ms, and what it was."""
    found = (0.0, "")
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        at, took, what = line.split(" ", 2)
        if float(at) > since:
            found = max(found, (float(took) * 1000, what))
    return found


def resident(pid: int) -> float:
    """MiB of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds(pid: int) -> float:
    """Seconds of processor that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(pid: int) -> int:
    """Files and sockets that a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def _timed(path: Path, then: Callable[[], None]) -> None:
    then()
    run = asyncio.Handle._run
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def timing(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        took = time.thread_time() - begun
        if took > NOTED_SECONDS:
            what = repr(handle).replace("\n", " ")[:200]
            os.write(notes, f"{time.monotonic()} {took} {what}\n".encode())

    began = 0.0

    def collecting(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.thread_time()
        elif (took := time.thread_time() - began) > NOTED_SECONDS:
            os.write(notes, f"0 {took} collecting garbage of generation {info['generation']}\n".encode())

    gc.callbacks.append(collecting)
    asyncio.Handle._run = timing  # type: ignore[method-assign,assignment]
