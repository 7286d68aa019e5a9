"""One run: a server, the connections of a plan, the load, what came of it."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any

from tests.bench.plans import Connection, Server, write_plan
from tests.bench.processes import Processes, moment
from tests.bench.servers import Contender, Running, on_core, program, running

MAX_LAG = 25.0
"""Milliseconds (p99) that the generator may be late; a run beyond is repeated."""
REPEATS = 1
JOIN_SECONDS = 60.0
KEPT_SHARE, KEPT_P99 = 0.97, 250.0
"""A rate is kept when so much of what was sent arrived, and 99 of 100 within so many milliseconds."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a server. `rate`: updates a second in all; `steps`: a ramp of rates instead."""

    connections: Sequence[Connection]
    rate: float = 0.0
    seconds: float = 8.0
    warm: float = 1.5
    steps: Sequence[float] = ()
    at_once: int = 48
    """Handshakes under way at a time."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the generator saw while it sent at one rate. `each`: processor seconds of each process counted."""

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
    each: Sequence[float]

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

    @property
    def kept(self) -> bool:
        """Whether the server kept up with this rate."""
        return self.share >= KEPT_SHARE and self.p99 <= KEPT_P99


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
    """All of one run. Memory in MB: before anybody came, with everybody in. `others`: the share of the server's core
    that somebody else had. `pids`: whose time `Stretch.each` is. `opening`: processor seconds of the server from the
    first connection until all were in and `after` was over.
    """

    joined: Joined
    stretches: Sequence[Stretch] = ()
    empty: float = 0.0
    resident: float = 0.0
    others: float = 0.0
    opening: float = 0.0
    pids: Sequence[int] = ()
    further: Mapping[str, float] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """Whether the generator was, in a stretch that counts."""
        counting = [one for one in self.stretches if one.kept] if len(self.stretches) > 1 else self.stretches
        return any(one.lag99 > MAX_LAG for one in counting)


def run(
    contender: Contender,
    load: Load,
    *,
    kept: Path | None = None,
    opinions: Sequence[str] = (),
    answer: bytes = b"",
    after: Callable[[Running], dict[str, float]] | None = None,
) -> Run:
    """Starts the server afresh (on a copy of the directory `kept`), joins everybody, sends, ends it.

    Runs in which the generator was late are repeated; the last is returned as it is.
    """

    def once() -> Run:
        with tempfile.TemporaryDirectory(prefix="bench-") as place:
            keep = Path(place)
            if kept is not None:
                copytree(kept, keep, dirs_exist_ok=True)
            if answer:
                (keep / "answer").write_bytes(answer)
            with running(contender, keep) as server:
                found = drive(server, server.address(opinions), load, keep / "plan", after and (lambda: after(server)))
        return found

    return repeated(once)


def repeated(once: Callable[[], Run]) -> Run:
    """A run, once more when the generator was late in it."""
    found = once()
    for _ in range(REPEATS):
        if not found.late:
            break
        found = once()
    return found


def drive(
    server: Processes, address: Server, load: Load, plan: Path, after: Callable[[], dict[str, float]] | None = None
) -> Run:
    """Joins everybody to a server that runs, and sends. `after` is called with everybody in."""
    write_plan(plan, address, load.connections)
    mode: list[str] = ["hold"]
    if load.steps:
        mode = ["ramp", str(load.warm), str(load.seconds), *map(str, load.steps)]
    elif load.rate:
        mode = ["stream", str(load.rate), str(load.warm), str(load.seconds), "3"]
    told = ",".join(map(str, server.pids))
    command = [str(program("generator")), str(plan), str(load.at_once), str(JOIN_SECONDS), told, *mode]
    empty, began = server.resident, moment(server)
    generator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=on_core(1))
    try:
        assert generator.stdin is not None
        assert generator.stdout is not None
        joined = _joined(json.loads(generator.stdout.readline()))
        others = moment(server).others(began)
        resident, pids = server.resident, server.pids
        further = after() if after else {}
        opening, began = server.cpu - began.used, moment(server)
        generator.stdin.write((",".join(map(str, pids)) + ",\n").encode())
        generator.stdin.close()
        stretches: list[Stretch] = []
        for line in generator.stdout:
            stretches.append(_stretch(json.loads(line)))
            # One that was not kept may be the machine's; two in a row are the server's.
            if load.steps and len(stretches) > 1 and not any(one.kept for one in stretches[-2:]):
                break
        if stretches:
            others = moment(server).others(began)
        return Run(joined, stretches, empty, resident, others, opening, pids, further)
    finally:
        generator.kill()
        generator.wait()
        if generator.stdout is not None:
            generator.stdout.close()


def _joined(line: dict[str, Any]) -> Joined:
    return Joined(**{name: line[name] for name in Joined.__slots__})


def _stretch(line: dict[str, Any]) -> Stretch:
    return Stretch(**{name: line[name] for name in Stretch.__slots__})
