"""One run: a server, the connections of a plan, the load, what came of it."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any

from tests.bench.plans import Connection, write_plan
from tests.bench.servers import Contender, Running, on_core, program, running

MAX_LAG = 25.0
"""Milliseconds (p99) that the generator may be late; a run beyond is repeated."""
REPEATS = 1
JOIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a server. `stream`: updates a second in all, seconds; `steps`: a ramp of rates instead."""

    connections: Sequence[Connection]
    rate: float = 0.0
    seconds: float = 8.0
    warm: float = 1.5
    steps: Sequence[float] = ()
    at_once: int = 48
    """Handshakes under way at a time."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the generator saw while it sent at one rate."""

    rate: float
    sent: int
    expected: int
    delivered: int
    counted: int
    seconds: float
    cpu: float
    frames: int
    bytes: int
    p50: float
    p99: float
    lag99: float
    generator_cpu: float
    closed: int

    @property
    def per_million(self) -> float:
        """Seconds of the server's processor per million updates delivered."""
        return self.cpu / self.counted * 1e6 if self.counted else float("inf")

    @property
    def share(self) -> float:
        """The part of what was to arrive that arrived."""
        return self.delivered / self.expected if self.expected else 1.0

    @property
    def core(self) -> float:
        """The share of a core that the server used."""
        return self.cpu / self.seconds


@dataclass(frozen=True, slots=True)
class Joined:
    """How the connections came in."""

    joined: int
    closed: int
    seconds: float
    cpu: float
    bytes: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Run:
    """All of one run. Memory in MB: before anybody came, with everybody in."""

    joined: Joined
    stretches: Sequence[Stretch] = ()
    empty: float = 0.0
    resident: float = 0.0
    further: dict[str, float] = field(default_factory=dict)


def run(
    contender: Contender,
    load: Load,
    *,
    stock: Path | None = None,
    opinions: Sequence[str] = (),
    answer: bytes = b"",
    after: Callable[[Running], dict[str, float]] | None = None,
) -> Run:
    """Starts the server afresh (on a copy of `stock`, ours), joins everybody, sends, ends it.

    Runs in which the generator was late are repeated; the last is returned as it is.
    """
    found = _run(contender, load, stock, opinions, answer, after)
    for _ in range(REPEATS):
        if all(one.lag99 <= MAX_LAG for one in found.stretches):
            break
        found = _run(contender, load, stock, opinions, answer, after)
    return found


def _run(
    contender: Contender,
    load: Load,
    stock: Path | None,
    opinions: Sequence[str],
    answer: bytes,
    after: Callable[[Running], dict[str, float]] | None,
) -> Run:
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        keep = Path(place)
        if stock is not None and contender.checks:
            copytree(stock, keep / "data")
        if answer:
            (keep / "answer").write_bytes(answer)
        with running(contender, keep) as server:
            empty = server.resident
            write_plan(keep / "plan", server.address(opinions), load.connections)
            return _drive(server, load, keep / "plan", empty, after)


def _drive(
    server: Running, load: Load, plan: Path, empty: float, after: Callable[[Running], dict[str, float]] | None
) -> Run:
    pids = ",".join(map(str, server.pids))
    mode: list[str] = ["hold"]
    if load.steps:
        mode = ["ramp", str(load.warm), str(load.seconds), *map(str, load.steps)]
    elif load.rate:
        mode = ["stream", str(load.rate), str(load.warm), str(load.seconds), "3"]
    command = [str(program("generator")), str(plan), str(load.at_once), str(JOIN_SECONDS), pids, *mode]
    generator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=on_core(1))
    try:
        assert generator.stdin is not None
        assert generator.stdout is not None
        joined = _joined(json.loads(generator.stdout.readline()))
        resident = server.resident
        further = after(server) if after else {}
        generator.stdin.write(b"\n")
        generator.stdin.close()
        stretches: list[Stretch] = []
        for line in generator.stdout:
            stretches.append(_stretch(json.loads(line)))
            if load.steps and (stretches[-1].share < 0.97 or stretches[-1].p99 > 250):
                break
        return Run(joined, stretches, empty, resident, further)
    finally:
        generator.kill()
        generator.wait()
        if generator.stdout is not None:
            generator.stdout.close()


def _joined(line: dict[str, Any]) -> Joined:
    return Joined(**{name: line[name] for name in Joined.__slots__})


def _stretch(line: dict[str, Any]) -> Stretch:
    return Stretch(**{name: line[name] for name in Stretch.__slots__})
