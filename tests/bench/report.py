"""The page that the figures are written to (tests/results/bench.md)."""

import json
import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.goals import GOALS, Goal, Results
from tests.bench.measuring import CORE, Found, Options
from tests.bench.runs import MAX_LAG
from tests.bench.servers import PEERS, PYTHON_PEERS, SETTINGS
from tests.soak.machine import commit, machine
from tests.support.services import ran

RESULTS = Path(__file__).resolve().parents[1] / "results"
PAGE = RESULTS / "bench.md"
PROFILE = RESULTS / "profile.md"
"""Where the time of the missed goals goes, as profiles showed it: written by hand, put into the page as it is."""
PEER_PACKAGES = ("@hocuspocus/server", "@hocuspocus/extension-sqlite", "@y/websocket-server", "y-leveldb", "yjs")
PYTHON_PACKAGES = ("pycrdt", "pycrdt_websocket", "uvicorn", "uvloop")
MARK = "†"


@dataclass(slots=True)
class Hour:
    """When it was measured, and what the machine had to do then."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    seconds: float = 0.0
    command: str = "make bench"


def page(results: Results, options: Options, hour: Hour) -> str:
    """The results as Markdown."""
    return "\n".join(_lines(results, options, hour)) + "\n"


def _lines(results: Results, options: Options, hour: Hour) -> Iterator[str]:
    yield f"# Speed, {hour.began:%d %B %Y}"
    yield ""
    yield (
        f"`{hour.command}`: {options.rounds} rounds, servers taking turns, {options.seconds:g} s measured in each run; "
        f"{hour.seconds / 60:.0f} minutes in all. Figures are medians over the rounds, with the least and the greatest."
    )
    yield "CPU per delivery is the steady measure: seconds of processor per million updates that reached somebody else."
    yield ""
    yield f"- Machine: {_machine()}."
    yield f"- Versions: {_versions()}."
    yield f"- Load average {hour.load:.2f} before, {os.getloadavg()[0]:.2f} after. {_left(results)}"
    yield (
        "- Server on one core, load generator on another. Ours as it runs by default, with gate, attribution and "
        f"durable commits; only these settings are raised, for the generator: {_settings()}."
    )
    yield (
        f"- The generator measures how late it is itself; a run in which that is over {MAX_LAG:g} ms (p99) is made "
        f"once more, and marked {MARK} if it is so again."
    )
    yield from ("", "## Goals", "", "| measure | goal | measured | |", "|---|---|---|---|")
    for goal in GOALS:
        value = goal.value(results)
        met = "" if value is None else "met" if goal.met(value) else "**not met**"
        yield f"| {goal.measure} | {_bound(goal)} | {'not measured' if value is None else _number(value)} | {met} |"
    yield from _where_the_time_goes(results)
    for found in results.values():
        yield from _table(found, options)


def missed(results: Results) -> list[Goal]:
    """The goals that were measured and not reached."""
    values = ((goal, goal.value(results)) for goal in GOALS)
    return [goal for goal, value in values if value is not None and not goal.met(value)]


def _where_the_time_goes(results: Results) -> Iterator[str]:
    some = missed(results)
    if not some:
        return
    yield from ("", "## Where the time goes", "")
    yield "Not met: " + "; ".join(goal.measure for goal in some) + "."
    yield ""
    if PROFILE.exists():
        yield PROFILE.read_text().strip()
    else:
        yield "No profile of these has been written yet."


def _bound(goal: Goal) -> str:
    if not goal.bound:
        return "none"
    return f"at {'least' if goal.least else 'most'} {goal.bound:g}"


def _table(found: Found, options: Options) -> Iterator[str]:
    columns = list(dict.fromkeys(name for figures in found.figures.values() for name in figures))
    yield from ("", f"## {found.about[0].upper()}{found.about[1:]}", "")
    if columns:
        yield "| | " + " | ".join(columns) + " |"
        yield "|---" * (len(columns) + 1) + "|"
    for row, figures in found.figures.items():
        cells = (_cell(figures.get(name, [])) for name in columns)
        late = f" {MARK}{found.late[row]}" if row in found.late else ""
        yield f"| {row}{late} | " + " | ".join(cells) + " |"
    if found.options is not None and found.options != options:
        yield from ("", f"{found.options.rounds} rounds of {found.options.seconds:g} s: there was no time for more.")
    for remark in found.remarks:
        yield from ("", remark)
    if found.late:
        yield from ("", f"{MARK} so many of these runs with a generator that was late.")


def _cell(values: Sequence[float]) -> str:
    if not values:
        return ""
    middle = _number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} [{_number(min(values))}..{_number(max(values))}]"


def _number(value: float) -> str:
    """Three digits that count, without powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def _left(results: Results) -> str:
    """What servers could have had of their core while they were measured."""
    free = [value for found in results.values() for value in found.everything(CORE)]
    if not free:
        return ""
    below = sum(value < 0.9 for value in free)
    return (
        f"Of its core a server could have had {_percent(statistics.median(free))} in the median run, "
        f"{_percent(min(free))} in the worst; less than 90 % in {below} of {len(free)} runs (the rest went to other "
        f"processes, or was stolen by the host; column “{CORE}”)."
    )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _settings() -> str:
    return ", ".join(f"`{name}={value}`" for name, value in SETTINGS.items())


def _machine() -> str:
    told = machine()
    return f"{told['cores']} cores, {told['memory_gib']} GiB, {told['kernel']} {platform.machine()}{_model()}"


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f", {line.partition(':')[2].strip()}"
    return ""


def _versions() -> str:
    node = _said("node", "--version")
    own = [
        f"commit {commit()}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        *(f"{name} {version(name)}" for name in ("pycrdt", "uvicorn", "uvloop") if _has(name)),
        *ran.values(),
    ]
    return ", ".join(own) + ". Peers: " + ", ".join([f"Node {node or 'none'}", *_peers()])


def _peers() -> Iterator[str]:
    for name in PEER_PACKAGES:
        package = PEERS / "node_modules" / name / "package.json"
        if package.exists():
            yield f"{name} {json.loads(package.read_text())['version']}"
    for name in PYTHON_PACKAGES:
        for found in PYTHON_PEERS.parents[1].glob(f"lib/python*/site-packages/{name}-*.dist-info"):
            yield f"{name.replace('_', '-')} {found.name.removeprefix(f'{name}-').removesuffix('.dist-info')}"


def _has(name: str) -> bool:
    try:
        version(name)
    except ModuleNotFoundError:
        return False
    return True


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
