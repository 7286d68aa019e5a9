"""What a room process counts, on its way to the server's /metrics: how much more it is than was told before.

A room process serves no /metrics of its own. With each PONG it says what has been added since the last one, and the
server adds that to its own; what was counted in the last second before a process was killed is missing from the sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import Counter, Histogram

from server import metrics
from server.errors import LinkBroken


@dataclass(frozen=True, slots=True)
class Figures:
    """Added since the last telling; `waiting` alone is as of now. Refusals by code, gate times by bucket."""

    waiting: int
    frames: int
    rooms_dropped: int
    refusals: Mapping[str, int]
    gate_seconds: float
    gate_counts: tuple[int, ...]


class Telling:
    """In the room process: remembers what was told."""

    def __init__(self) -> None:
        self._told = _counted()

    def more(self, waiting: int) -> Figures:
        """What came since the last time; `waiting` are the frames that wait for their rooms."""
        before, now = self._told, _counted()
        self._told = now
        return Figures(
            waiting,
            now.frames - before.frames,
            now.rooms_dropped - before.rooms_dropped,
            {code: count - before.refusals.get(code, 0) for code, count in now.refusals.items()},
            now.gate_seconds - before.gate_seconds,
            tuple(new - old for new, old in zip(now.gate_counts, before.gate_counts, strict=True)),
        )


def add(told: Figures) -> None:
    """In the server: add what a room process told to the server's own figures. Raises `LinkBroken` when it is none."""
    counts = (told.waiting, told.frames, told.rooms_dropped, *told.refusals.values(), *told.gate_counts)
    if min(counts) < 0 or told.gate_seconds < 0 or len(told.gate_counts) != len(metrics.GATE_SECONDS._buckets):
        raise LinkBroken("These are no figures.")
    metrics.FRAMES.inc(told.frames)
    metrics.ROOMS_DROPPED.inc(told.rooms_dropped)
    for code, count in told.refusals.items():
        metrics.REFUSALS.labels(code).inc(count)
    # The library adds one observation at a time; these are many, already sorted into its buckets.
    metrics.GATE_SECONDS._sum.inc(told.gate_seconds)
    for bucket, count in zip(metrics.GATE_SECONDS._buckets, told.gate_counts, strict=True):
        bucket.inc(count)


def _counted() -> Figures:
    refusals = {labels["code"]: int(value) for labels, value in _samples(metrics.REFUSALS, "_total")}
    ((_, seconds),) = _samples(metrics.GATE_SECONDS, "_sum")
    up_to = [int(value) for _, value in _samples(metrics.GATE_SECONDS, "_bucket")]
    counts = tuple(count - below for count, below in zip(up_to, [0, *up_to], strict=False))
    return Figures(0, _total(metrics.FRAMES), _total(metrics.ROOMS_DROPPED), refusals, seconds, counts)


def _samples(figure: Counter | Histogram, end: str) -> list[tuple[Mapping[str, str], float]]:
    return [(one.labels, one.value) for family in figure.collect() for one in family.samples if one.name.endswith(end)]


def _total(counter: Counter) -> int:
    return int(sum(value for _, value in _samples(counter, "_total")))
