"""What the server counts, in Prometheus' words: a figure is set where the thing happens, and read by whoever scrapes.

Names and meanings are for operators, so they stay; `deploy/prometheus/alerts.yml` and the dashboard are built on them
(a test holds them together). No figure has a label that a person could choose: no Opinion, member or word.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from server.errors import SettingsError

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

ROOMS = Gauge("unbracket_rooms", "Draft Opinions whose room is open in this process.", registry=REGISTRY)
PEERS = Gauge("unbracket_peers", "Browsers connected to this process.", registry=REGISTRY)
WAITING_FRAMES = Gauge("unbracket_waiting_frames", "Frames that wait for their room.", registry=REGISTRY)
WAITING_APPENDS = Gauge("unbracket_waiting_appends", "Steps of rooms that wait for a commit.", registry=REGISTRY)
FRAMES = Counter("unbracket_frames", "Frames and requests taken up by rooms.", registry=REGISTRY)
GATE_SECONDS = Histogram(
    "unbracket_gate_seconds", "Time a room takes to check one batch.", registry=REGISTRY, buckets=_FAST
)
REFUSALS = Counter("unbracket_refusals", "Updates and commands refused, by code.", ["code"], registry=REGISTRY)
ROOMS_DROPPED = Counter("unbracket_rooms_dropped", "Rooms that failed and were dropped.", registry=REGISTRY)
ENTRIES = Counter("unbracket_entries", "Entries committed to the logs (seq).", registry=REGISTRY)
COMMITS = Counter("unbracket_commits", "Commits that reached the disk.", registry=REGISTRY)
COMMIT_FAILURES = Counter("unbracket_commit_failures", "Commits the database did not take.", registry=REGISTRY)
COMMIT_SECONDS = Histogram(
    "unbracket_commit_seconds", "Time from asking for a commit to its end.", registry=REGISTRY, buckets=_FAST
)
READ_ONLY = Gauge("unbracket_read_only", "1 while the database takes no writes.", registry=REGISTRY)
SIGNALS_CONNECTED = Gauge(
    "unbracket_signals_connected", "1 while signals of other processes arrive, or none are needed.", registry=REGISTRY
)
FOLLOWER_LAG = Gauge(
    "unbracket_follower_lag_entries", "Entries known to exist that a read copy has not taken up.", registry=REGISTRY
)
LEASE_AGE = Gauge("unbracket_lease_age_seconds", "Seconds since this node last renewed its leases.", registry=REGISTRY)
WORKER_RESTARTS = Counter(
    "unbracket_worker_restarts", "Room workers that ended and were started again.", registry=REGISTRY
)
LOOP_LAG = Histogram(
    "unbracket_loop_lag_seconds", "How much later than asked the event loop wakes up.", registry=REGISTRY, buckets=_FAST
)
CLOCK_STEP = Gauge(
    "unbracket_clock_step_seconds", "How far the wall clock has left the steady one since the start.", registry=REGISTRY
)
VERSION_MISMATCHES = Counter(
    "unbracket_version_mismatches", "Browsers that found another fingerprint for a version.", registry=REGISTRY
)
CUTS = Counter("unbracket_cuts", "Freezes of the whole volume, by what became of them.", ["result"], registry=REGISTRY)
SIGN_INS_REFUSED = Counter("unbracket_sign_ins_refused", "Sign-ins refused for too many tries.", registry=REGISTRY)
FAULTS = Counter("unbracket_faults", "Requests that ended in a fault of ours.", registry=REGISTRY)
AUDIT_FINDINGS = Gauge(
    "unbracket_audit_findings", "What the last audit found stored otherwise than the logs give.", registry=REGISTRY
)
WORK_AGE = Gauge(
    "unbracket_work_age_seconds", "Seconds since `unbracket work` last looked for jobs; 0 elsewhere.", registry=REGISTRY
)
DRAINING = Gauge("unbracket_draining", "1 while the process is stopping.", registry=REGISTRY)

CLOCK_STEP_SECONDS = 2.0
"""A wall clock that moves by more than this against elapsed time between two looks is told to the operator (L7)."""
LOOK_SECONDS = 0.5
"""How often the loop's lag and the gauges are looked at."""

_log = logging.getLogger("unbracket.metrics")


class Work:
    """The worker of jobs: `WORK_AGE` grows by itself, also where its loop stands still, until it looks again."""

    def __init__(self) -> None:
        self._looked: float | None = None

    def looked(self) -> None:
        """Jobs were looked for just now."""
        if self._looked is None:
            WORK_AGE.set_function(self._age)
        self._looked = time.monotonic()

    def _age(self) -> float:
        return 0.0 if self._looked is None else time.monotonic() - self._looked


WORK = Work()


@asynccontextmanager
async def watched_loop(look: Callable[[], None]) -> AsyncIterator[None]:
    """Measure the event loop's lag and the clock's steps while the block lasts; `look` sets the gauges each time."""
    watcher = asyncio.create_task(_watch(look))
    try:
        yield
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)


async def _watch(look: Callable[[], None]) -> None:
    started = before = time.time() - time.monotonic()
    while True:
        asked = time.monotonic()
        await asyncio.sleep(LOOK_SECONDS)
        LOOP_LAG.observe(max(0.0, time.monotonic() - asked - LOOK_SECONDS))
        apart = time.time() - time.monotonic()
        CLOCK_STEP.set(apart - started)
        if abs(apart - before) > CLOCK_STEP_SECONDS:
            _log.warning("the clock was set, or the machine slept", extra={"seconds": round(apart - before, 1)})
        before = apart
        look()


def serve_metrics(host: str, port: int) -> None:
    """Serve the figures at http://host:port/metrics, from a thread of its own. Raises `SettingsError`."""
    try:
        start_http_server(port, host, REGISTRY)
    except OSError as error:
        raise SettingsError(
            f"Cannot serve metrics on {host}:{port} ({error.strerror}). Choose another with UNBRACKET_METRICS_PORT."
        ) from None
    _log.info("metrics served", extra={"port": port})
