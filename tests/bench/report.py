"""What the figures are held against, and the page they are written to (tests/results/bench.md)."""

import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import servers as known
from tests.bench.scenarios import Found, Options
from tests.bench.servers import SETTINGS, Contender

PAGE = Path(__file__).resolve().parents[1] / "results" / "bench.md"
Results = Mapping[str, Found]


@dataclass(frozen=True, slots=True)
class Goal:
    """One measure: what it is, the bound, and how it follows from the results (None: not measured)."""

    measure: str
    bound: float
    value: Callable[[Results], float | None]
    least: bool = False

    def met(self, value: float) -> bool:
        """Whether the bound holds."""
        return value >= self.bound if self.least else value <= self.bound


def ratio(scenario: str, figure: str, to: Contender) -> Callable[[Results], float | None]:
    """Ours against another's, of medians."""

    def value(results: Results) -> float | None:
        found = results.get(scenario)
        ours, theirs = (found.median(one, figure) for one in (known.OURS, to)) if found else (None, None)
        return ours / theirs if ours is not None and theirs else None

    return value


def of_ours(scenario: str, figure: str) -> Callable[[Results], float | None]:
    """Ours as it is."""

    def value(results: Results) -> float | None:
        found = results.get(scenario)
        return found.median(known.OURS, figure) if found else None

    return value


def against_best(results: Results) -> float | None:
    """Deliveries per second of processor against the best of the peers."""
    found = results.get("saturation")
    if found is None:
        return None
    peers = (known.HOCUSPOCUS, known.HOCUSPOCUS_50, known.Y_WEBSOCKET, known.PYCRDT)
    best = max((found.median(peer, "deliveries per CPU s") or 0.0 for peer in peers), default=0.0)
    ours = found.median(known.OURS, "deliveries per CPU s")
    return ours / best if ours is not None and best else None


_CPU = "CPU s per million"
GOALS: Sequence[Goal] = (
    Goal("plenary: CPU per delivery against the relay in C, 50 ms", 1.5, ratio("plenary", _CPU, known.RELAY_50)),
    Goal("plenary: against Hocuspocus with flushDelay 50", 0.65, ratio("plenary", _CPU, known.HOCUSPOCUS_50)),
    Goal("plenary: delivered, %", 100, of_ours("plenary", "delivered %"), least=True),
    Goal("plenary: p99, ms", 120, of_ours("plenary", "p99 ms")),
    Goal("plenary: share of a core", 0.25, of_ours("plenary", "share of a core")),
    Goal("typing: CPU per delivery against Hocuspocus + SQLite", 0.40, ratio("typing", _CPU, known.HOCUSPOCUS_SQLITE)),
    Goal("typing: against y-websocket + level", 0.40, ratio("typing", _CPU, known.Y_WEBSOCKET_LEVEL)),
    Goal("typing: against pycrdt-websocket + SQLite", 0.10, ratio("typing", _CPU, known.PYCRDT_SQLITE)),
    Goal("calm: p50 against the relay in C, at once", 3.0, ratio("calm", "p50 ms", known.RELAY)),
    Goal("saturation: deliveries per CPU second against the best peer", 1.0, against_best, least=True),
    Goal("100 documents: CPU per delivery against Hocuspocus", 1.2, ratio("documents", _CPU, known.HOCUSPOCUS)),
    Goal("join storm: CPU against Hocuspocus", 0.15, ratio("storm", "CPU s", known.HOCUSPOCUS)),
    Goal("join storm: CPU against pycrdt-websocket", 0.30, ratio("storm", "CPU s", known.PYCRDT)),
    Goal("memory: 1,050 connections against Hocuspocus", 0.7, ratio("plenary", "memory MB", known.HOCUSPOCUS)),
)


def page(results: Results, options: Options) -> str:
    """The results as Markdown."""
    return "\n".join(_lines(results, options)) + "\n"


def _lines(results: Results, options: Options) -> Iterator[str]:
    yield f"# Speed, {datetime.now(UTC):%d %B %Y}"
    yield ""
    yield f"`make bench`: {options.rounds} rounds, servers taking turns, {options.seconds:g} s each. {_machine()}."
    yield "Server on one core, load generator on another. Ours with gate, attribution and durable commits, and these"
    yield ("settings raised for the generator: " + _settings())
    yield "CPU per delivery is the steady measure: seconds of processor per million updates that reached somebody else."
    yield ""
    yield "| measure | goal | measured | met |"
    yield "|---|---|---|---|"
    for goal in GOALS:
        value = goal.value(results)
        bound = f"at {'least' if goal.least else 'most'} {goal.bound:g}"
        told = ("not measured", "-") if value is None else (f"{value:.3g}", "yes" if goal.met(value) else "no")
        yield f"| {goal.measure} | {bound} | {told[0]} | {told[1]} |"
    for found in results.values():
        yield from _table(found)


def _table(found: Found) -> Iterator[str]:
    columns = list(dict.fromkeys(name for figures in found.figures.values() for name in figures))
    yield from ("", f"## {found.about[0].upper()}{found.about[1:]}", "")
    yield "| server | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for server, figures in found.figures.items():
        cells = (_cell(figures.get(name, [])) for name in columns)
        yield f"| {server} | " + " | ".join(cells) + " |"


def _cell(values: Sequence[float]) -> str:
    if not values:
        return ""
    middle = f"{statistics.median(values):.3g}"
    return middle if len(values) == 1 else f"{middle} [{min(values):.3g}..{max(values):.3g}]"


def _settings() -> str:
    return ", ".join(f"`{name}={value}`" for name, value in SETTINGS.items()) + "."


def _machine() -> str:
    node = subprocess.run(("node", "--version"), capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, pycrdt {version('pycrdt')}, uvicorn {version('uvicorn')}, "
        f"Node {node or 'none'}; load average at the end {os.getloadavg()[0]:.1f}"
    )
