"""What the figures are held against: one measure after the other, with its bound."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench import servers as known
from tests.bench.measuring import Found
from tests.bench.scenarios.two_nodes import ONE, TWO
from tests.bench.servers import Contender

Results = Mapping[str, Found]
Value = Callable[[Results], float | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """One measure: what it is, the bound, and how it follows from the results (None: not measured)."""

    measure: str
    bound: float
    value: Value
    least: bool = False

    def met(self, value: float) -> bool:
        """Whether the bound holds."""
        return value >= self.bound if self.least else value <= self.bound


def ratio(scenario: str, figure: str, to: Contender, ours: Contender = known.OURS) -> Value:
    """Ours against another's, of medians."""
    return _ratio(scenario, figure, ours.name, to.name)


def of_ours(scenario: str, figure: str) -> Value:
    """Ours as it is."""
    return of(scenario, known.OURS.name, figure)


def of(scenario: str, row: str, figure: str) -> Value:
    """The median in a row."""

    def value(results: Results) -> float | None:
        found = results.get(scenario)
        return found.median(row, figure) if found else None

    return value


def _ratio(scenario: str, figure: str, one: str, other: str) -> Value:
    def value(results: Results) -> float | None:
        found = results.get(scenario)
        ours, theirs = (found.median(row, figure) for row in (one, other)) if found else (None, None)
        return ours / theirs if ours is not None and theirs else None

    return value


def _against_best(results: Results) -> float | None:
    found = results.get("saturation")
    if found is None:
        return None
    peers = (known.HOCUSPOCUS, known.HOCUSPOCUS_50)
    best = max((found.median(peer, "deliveries per CPU s") or 0.0 for peer in peers), default=0.0)
    ours = found.median(known.OURS, "deliveries per CPU s")
    return ours / best if ours is not None and best else None


def _each(scenario: str, figure: str) -> Value:
    """Of the one row that has the figure."""

    def value(results: Results) -> float | None:
        found = results.get(scenario)
        rows = [row for row, figures in found.figures.items() if figure in figures] if found else []
        return found.median(rows[0], figure) if found and rows else None

    return value


def _lost(results: Results) -> float | None:
    found = results.get("kills")
    gone = [found.median(known.OURS, figure) for figure in ("and lost", "seen and lost")] if found else [None]
    return max((one for one in gone if one is not None), default=None)


_CPU = "CPU s per million"
_BYTES = ratio("storm", "MB sent", known.HOCUSPOCUS, known.OURS_DEFLATED)
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
    Goal("saturation: deliveries per CPU second against the best peer", 1.0, _against_best, least=True),
    Goal("100 documents: CPU per delivery against Hocuspocus", 1.2, ratio("documents", _CPU, known.HOCUSPOCUS)),
    Goal("join storm: CPU against Hocuspocus", 0.15, ratio("storm", "CPU s", known.HOCUSPOCUS)),
    Goal("join storm: CPU against pycrdt-websocket", 0.30, ratio("storm", "CPU s", known.PYCRDT)),
    Goal("join storm: bytes against Hocuspocus", 0.4, _BYTES),
    Goal("cold open: CPU against Hocuspocus + SQLite", 0.25, ratio("cold", "CPU s", known.HOCUSPOCUS_SQLITE)),
    Goal("cold open: content after, ms", 100, of_ours("cold", "content after ms")),
    Goal("gate: a letter in a run, against a bare apply", 20, of("gate", "30 pages: a letter in a run", "ratio")),
    Goal("gate: a letter at a random place", 20, of("gate", "30 pages: a letter at a random place", "ratio")),
    Goal(
        "gate: a letter in a run, 10 x the document",
        1.3,
        of("gate", "300 pages: a letter in a run", "against 30 pages"),
    ),
    Goal(
        "gate: a letter at a random place, 10 x the document",
        1.3,
        of("gate", "300 pages: a letter at a random place", "against 30 pages"),
    ),
    Goal("memory: 1,050 connections against Hocuspocus", 0.7, ratio("plenary", "memory MB", known.HOCUSPOCUS)),
    Goal("memory: an idle connection, KiB", 40, _each("memory", "KiB each")),
    Goal("memory: an open draft of 30 pages, MB", 8, _each("memory", "MB each")),
    Goal("two processes, 1,000 observers: delivered, %", 100, of("nodes", TWO, "delivered %"), least=True),
    Goal("two processes: the owner's processor time against one for all", 1, _ratio("nodes", "owner", TWO, ONE)),
    Goal("kill -9: edits lost of those acknowledged or seen", 0, _lost),
)
