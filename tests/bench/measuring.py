"""How a scenario is measured: servers take turns, round by round, and every figure of every round is kept."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench.plans import Dialect
from tests.bench.runs import Load, Run, run
from tests.bench.servers import Contender
from tests.bench.workshop import Workshop

Show = Callable[[str], None]
CORE = "core free for it"
"""The share of its core that a server could have had: what others left."""


@dataclass(frozen=True, slots=True)
class Options:
    """How often, and how long each run is measured. `small`: ours and the relay alone, a few people."""

    rounds: int = 3
    seconds: float = 4.5
    small: bool = False

    def of(self, contenders: Sequence[Contender]) -> Sequence[Contender]:
        """Those that are there."""
        there = (one for one in contenders if one.checks or one.dialect is Dialect.RELAY)
        return tuple(there) if self.small else contenders


@dataclass(slots=True)
class Found:
    """What one scenario measured: by server and figure, one value for each round. `late`: how many of a server's runs
    count although the generator was late in them. `remarks` belong under the table, `options` say how it was measured.
    `broken`: it failed, and the remarks say how.
    """

    name: str
    about: str
    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    options: Options | None = None
    broken: bool = False

    def note(self, server: str, values: Mapping[str, float]) -> None:
        """One round of one server."""
        for name, value in values.items():
            self.figures.setdefault(server, {}).setdefault(name, []).append(value)

    def median(self, server: Contender | str, figure: str) -> float | None:
        """The median over the rounds; None when it was not measured."""
        name = server if isinstance(server, str) else server.name
        values = self.figures.get(name, {}).get(figure)
        return statistics.median(values) if values else None

    def everything(self, figure: str) -> list[float]:
        """The values of all servers and rounds."""
        return [value for figures in self.figures.values() for value in figures.get(figure, [])]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of them. `cost`: the seconds that it takes on a quiet machine with two cores."""

    name: str
    measure: Callable[[Workshop, Options, Show], Found]
    cost: Callable[[Options], float]


def of_stream(measured: Run) -> dict[str, float]:
    """The figures of a run at one rate."""
    one = measured.stretches[-1]
    return {
        "CPU s per million": one.per_million,
        "delivered %": one.share * 100,
        "p50 ms": one.p50,
        "p99 ms": one.p99,
        "share of a core": one.core,
        "bytes per delivery": one.bytes / one.counted if one.counted else 0.0,
        "memory MB": measured.resident,
        "lag p99 ms": one.lag99,
    }


def of_ramp(measured: Run) -> dict[str, float]:
    """The highest rate that was kept, and what it cost there."""
    kept = [one for one in measured.stretches if one.kept]
    if not kept:
        return {"updates/s": 0.0, "deliveries/s": 0.0, "deliveries per CPU s": 0.0}
    last = kept[-1]
    return {
        "updates/s": last.rate,
        "deliveries/s": last.counted / last.seconds,
        "deliveries per CPU s": last.counted / last.cpu if last.cpu else 0.0,
        "p99 ms": last.p99,
        "share of a core": last.core,
        "lag p99 ms": last.lag99,
    }


def of_joins(measured: Run) -> dict[str, float]:
    """The figures of everybody coming at once."""
    joined = measured.joined
    return {
        "CPU s": joined.cpu,
        "all in after s": joined.seconds,
        "p99 ms": joined.p99,
        "MB sent": joined.bytes / 1e6,
        "memory MB": measured.resident,
        "not in": float(joined.closed),
    }


def noted(found: Found, name: str, measured: Run, values: dict[str, float], turn: str, show: Show) -> None:
    """Keeps the figures of one run, with what the machine left for it, and shows them."""
    values = values | {CORE: 1 - measured.others}
    found.note(name, values)
    if measured.late:
        found.late[name] = found.late.get(name, 0) + 1
    told = ", ".join(f"{what} {value:.4g}" for what, value in values.items())
    show(f"  {found.name} {turn} {name}: {told}{' (generator late)' if measured.late else ''}")


def rounds(
    found: Found,
    contenders: Sequence[Contender],
    load: Load,
    options: Options,
    figures: Callable[[Run], dict[str, float]],
    show: Show,
    *,
    stores: Mapping[Contender, Path],
    opinions: Sequence[str],
    answer: bytes = b"",
) -> Found:
    """All servers in turn, as often as asked. `stores`: the directory that a server starts on a copy of, if any;
    `answer`: what the relay tells who joins.
    """
    for number in range(options.rounds):
        for contender in options.of(contenders):
            asked = load if contender.checks else without_sessions(load)
            measured = run(contender, asked, kept=stores.get(contender), opinions=opinions, answer=answer)
            noted(found, contender.name, measured, figures(measured), f"{number + 1}/{options.rounds}", show)
    return found


def without_sessions(load: Load) -> Load:
    """The same for a server that knows no people."""
    return replace(load, connections=[replace(one, token="") for one in load.connections])
