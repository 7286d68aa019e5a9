"""Every alert of deploy/prometheus/alerts.yml is raised by its fault, as seen in what a real server's /metrics says,
and none of them while nothing is wrong.

The rules' `for:` is left out: how long a fault must last before somebody is woken is Prometheus' to count.
"""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import redis.asyncio

from server import signing
from server.settings import Settings
from tests.deploy.promql import Scrape, fires, gone, scrape, together
from tests.deploy.test_files import rules
from tests.support import planted_alarms
from tests.support.cluster import cluster
from tests.support.disk import Disk, Fault
from tests.support.drafters import Drafter
from tests.support.job_worker import worker
from tests.support.live_server import LiveServer
from tests.support.placements import ask
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.readers import following
from tests.support.room_processes import room_processes
from tests.support.services import RedisServer, free_port, redis_server
from tests.support.stock import CHAPEAU, OPINION, Stock, stocked

RULES = {str(rule["alert"]): str(rule["expr"]) for rule in rules()}
PATIENCE = 60.0
TARGET = {"job": "unbracket", "instance": "here"}
WORKER = {"job": "unbracket-work", "instance": "here, too"}


def _scraped(at: float, port: int, target: Mapping[str, str]) -> Scrape:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return scrape(at, answer.read().decode(), **target)
    except (urllib.error.URLError, ConnectionError):
        return gone(at, **target)


@dataclass
class Scene:
    """A running server, what surrounds it, and what was scraped of it since the last fault."""

    stock: Stock
    server: LiveServer
    metrics_port: int
    disk: Disk | None = None
    redis: RedisServer | None = None
    postgres: PostgresServer | None = None
    worker: subprocess.Popen[str] | None = None
    worker_port: int = 0
    scrapes: list[Scrape] = field(default_factory=list)

    def look(self) -> None:
        """Scrape once more."""
        at = time.monotonic()
        targets = [_scraped(at, self.metrics_port, TARGET)]
        if self.worker is not None:
            targets.append(_scraped(at, self.worker_port, WORKER))
        self.scrapes.append(together(*targets))

    async def raised(self, *alerts: str) -> None:
        """Wait until each of these fired at least once."""
        left = set(alerts)

        def all_did() -> bool:
            self.look()
            left.difference_update([alert for alert in left if fires(RULES[alert], self.scrapes)])
            return not left

        await until_slowly(all_did, f"{' and '.join(alerts)} to fire")

    async def quiet(self) -> None:
        """People type, and nothing fires. On a machine that others use too a window may have to be looked for."""
        loud: list[str] = []
        for _ in range(5):
            self.scrapes.clear()
            self.look()
            await self.type(*("word",) * 8)
            await asyncio.sleep(1.2)
            self.look()
            loud = [alert for alert, rule in RULES.items() if fires(rule, self.scrapes)]
            if not loud:
                return
        raise AssertionError(f"nothing is wrong, and {loud} fire")

    async def type(self, *words: str) -> None:
        """Somebody types these words, each saved before the next."""
        async with Drafter(self.server.port, self.stock["m-xaa-1"], workspace=True) as author:
            for word in words:
                await author.saved(await author.type(CHAPEAU, 3, f" {word}"))


async def until_slowly(condition: Callable[[], bool], what: str) -> None:
    """As `until`; a scrape costs both sides something."""
    deadline = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for: {what}"
        await asyncio.sleep(0.1)


Act = Callable[[Scene], Awaitable[None]]
_faults: dict[str, list[tuple[tuple[str, ...], Act]]] = {"one server": [], "a node": []}


def raises(place: str, *alerts: str) -> Callable[[Act], Act]:
    """Note that this fault, at this place, raises these alerts. The faults are gone through as they stand here."""

    def noted(act: Act) -> Act:
        _faults[place].append((alerts, act))
        return act

    return noted


# --- one server on SQLite, its rooms in its own process


@raises("one server", "ManyRefusals")
async def _refusals_flood(scene: Scene) -> None:
    async with Drafter(scene.server.port, scene.stock["m-xbb-1"], workspace=True) as rogue:
        for number in range(150):
            fields = {"act": "submit", "amendment": f"a-{number:016x}", "reason": ""}
            await rogue.line.send(rogue.client.command(fields, "XBB", f"key-{number:08}"))
        await rogue.until(lambda: len(rogue.client.refusals) >= 150, "refusals")
        await scene.raised("ManyRefusals")


@raises("one server", "GateSlow", "LoopLag")
async def _the_gate_is_slow_and_holds_up_the_loop(scene: Scene) -> None:
    for _ in range(3):
        await scene.type(planted_alarms.SLOW_TO_CHECK)
    await scene.raised("GateSlow", "LoopLag")


@raises("one server", "CommitsSlow")
async def _commits_are_slow(scene: Scene) -> None:
    await scene.type(planted_alarms.SLOW_TO_COMMIT, planted_alarms.SLOW_TO_COMMIT)
    await scene.raised("CommitsSlow")


@raises("one server", "RoomDropped")
async def _a_room_is_dropped(scene: Scene) -> None:
    async with Drafter(scene.server.port, scene.stock["m-xbb-1"], workspace=True) as author:
        await author.type(CHAPEAU, 3, planted_alarms.DROPS_ITS_ROOM)
        assert await author.ended() == 1013
    await scene.raised("RoomDropped")


@raises("one server", "VersionMismatch")
async def _a_browser_finds_another_fingerprint(scene: Scene) -> None:
    async with Drafter(scene.server.port, scene.stock["m-chair"]) as chair:
        await chair.command({"act": "freeze", "label": "Draft", "seen_seq": chair.client.seqs[0]})
    path = f"/opinions/{OPINION}/versions/1/checks"
    told = await asyncio.to_thread(
        ask, scene.server, scene.stock["m-sec"], "POST", path, json_of={"fingerprint": "0" * 64}
    )
    assert told[0] == 200
    assert '"matches":false' in told[1]
    await scene.raised("VersionMismatch")


@raises("one server", "Faults")
async def _a_page_fails(scene: Scene) -> None:
    path = f"/opinions/{OPINION}?{planted_alarms.FAILS}"
    status, _ = await asyncio.to_thread(ask, scene.server, scene.stock["m-sec"], "GET", path)
    assert status == 500
    await scene.raised("Faults")


@raises("one server", "AuditFindings")
async def _the_record_is_tampered_with(scene: Scene) -> None:
    path = f"/opinions/{OPINION}?{planted_alarms.IS_TAMPERED_WITH}"
    status, _ = await asyncio.to_thread(ask, scene.server, scene.stock["m-sec"], "GET", path)
    assert status == 200
    await scene.raised("AuditFindings")


@raises("one server", "SignInsRefused")
async def _many_links_are_tried(scene: Scene) -> None:
    for number in range(45):
        await asyncio.to_thread(ask, scene.server, scene.stock["m-obs"], "POST", f"/sign-in/{number:043}")
    await scene.raised("SignInsRefused")


@raises("one server", "DescriptorsShort")
async def _descriptors_run_short(scene: Scene) -> None:
    pid = scene.server.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 2, before[1]))
    try:
        await scene.raised("DescriptorsShort")
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@raises("one server", "ClockStepped")
async def _the_clock_is_set(scene: Scene) -> None:
    assert scene.disk is not None
    with scene.disk.clock_off_by(-60):
        await scene.raised("ClockStepped")


@raises("one server", "CommitsFail", "ReadOnly")
async def _the_disk_is_full(scene: Scene) -> None:
    assert scene.disk is not None
    async with Drafter(scene.server.port, scene.stock["m-xaa-1"], workspace=True) as author:
        with scene.disk.failing(Fault.FULL):
            n = await author.type(CHAPEAU, 3, " late")
            await scene.raised("CommitsFail", "ReadOnly")
        await author.saved(n)


@raises("one server", "QueueDeep")
async def _the_disk_stands_still_and_work_piles_up(scene: Scene) -> None:
    assert scene.disk is not None
    names = ("m-xaa-1", "m-xaa-2", "m-xbb-1", "m-xbb-2", "m-xcc-1", "m-xcc-2", "m-xdd-1")
    async with AsyncExitStack() as stack:
        crowd = [
            await stack.enter_async_context(Drafter(scene.server.port, scene.stock[name], workspace=True))
            for name in names * 3
        ]
        with scene.disk.failing(Fault.STALL):
            await crowd[0].type(CHAPEAU, 3, " stalled")
            await scene.raised("ReadOnly")
            # 64 of each connection wait before it is read no further.
            for one in crowd:
                for _ in range(80):
                    await one.line.send(b"\x04")
            await scene.raised("QueueDeep")


@raises("one server", "MemoryHigh")
async def _memory_is_used_up(scene: Scene) -> None:
    path = f"/opinions/{OPINION}?{planted_alarms.FILLS_THE_MEMORY}"
    await asyncio.to_thread(ask, scene.server, scene.stock["m-sec"], "GET", path)
    await scene.raised("MemoryHigh")


@raises("one server", "ServerDown")
async def _the_server_is_killed(scene: Scene) -> None:
    scene.server.kill()
    await scene.raised("ServerDown")


# --- a node on PostgreSQL and Redis, its rooms in a process of their own


@raises("a node", "WorkerRestarted")
async def _a_room_process_is_killed(scene: Scene) -> None:
    (pid,) = room_processes(scene.server).values()
    os.kill(pid, signal.SIGKILL)
    await scene.raised("WorkerRestarted")


@raises("a node", "LeaseStale", "FollowerLags")
async def _the_database_does_not_answer(scene: Scene) -> None:
    assert scene.redis is not None
    assert scene.postgres is not None
    channel = signing.load_key(scene.stock.settings.signing_key_file).id
    async with (
        following(scene.server.port, scene.stock["m-xbb-1"]) as reader,
        redis.asyncio.Redis.from_url(scene.redis.url) as elsewhere,
    ):
        await reader.until(lambda: reader.events, "the stream to begin")
        scene.postgres.pause()
        try:
            # Another node, which the database still answers, is far ahead.
            await elsewhere.publish(channel, f'{{"opinion": "{OPINION}", "seq": 100000}}')
            await scene.raised("LeaseStale", "FollowerLags")
        finally:
            scene.postgres.resume()


@raises("a node", "WorkerDown")
async def _the_worker_of_jobs_is_killed(scene: Scene) -> None:
    assert scene.worker is not None
    scene.worker.kill()
    await scene.raised("WorkerDown")


@raises("a node", "SignalsLost")
async def _redis_is_gone(scene: Scene) -> None:
    assert scene.redis is not None
    scene.redis.kill()
    await scene.raised("SignalsLost")


# --- the tests


def test_a_worker_that_hangs_or_finds_no_redis_is_down_as_well() -> None:
    """Its process answers scrapes; what it says of itself grows (tests/server/test_jobs.py)."""
    for age, alarm in ((0.4, False), (29.0, False), (31.0, True)):
        assert fires(RULES["WorkerDown"], [scrape(0.0, f"unbracket_work_age_seconds {age}\n", **WORKER)]) is alarm


def test_every_alert_has_its_fault() -> None:
    ours = [alert for faults in _faults.values() for alerts, _ in faults for alert in alerts]
    assert sorted(ours) == sorted(RULES)


async def _all_raised(scene: Scene, place: str) -> None:
    """First nothing fires, then each fault is brought about and must raise its own."""
    await scene.quiet()
    for alerts, act in _faults[place]:
        scene.scrapes.clear()
        scene.look()
        began = time.monotonic()
        before = [alert for alert in alerts if fires(RULES[alert], scene.scrapes)]
        assert not before, f"{before} fire before their fault"
        await act(scene)
        print(f"{', '.join(alerts)}: raised after {time.monotonic() - began:.1f} s", file=sys.stderr)


async def test_alerts_of_a_server_are_raised_by_their_faults_and_by_nothing_else(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    port = free_port()
    environ = {"UNBRACKET_METRICS_PORT": str(port), "UNBRACKET_FRAMES_PER_SECOND": "100000"}
    with Disk(tmp_path / "data") as disk:
        server = LiveServer(tmp_path / "data", environ=environ, plant=planted_alarms.alarming, under=disk.environment)
        server.start()
        try:
            await _all_raised(Scene(stock, server, port, disk=disk), "one server")
        finally:
            server.kill()


async def test_alerts_of_a_node_are_raised_by_their_faults_and_by_nothing_else(tmp_path: Path) -> None:
    port = free_port()
    with postgres_server() as postgres, redis_server() as signals:
        environ = {
            "UNBRACKET_METRICS_PORT": str(port),
            "UNBRACKET_REDIS_URL": signals.url,
            "UNBRACKET_ROOM_WORKERS": "1",
        }
        with cluster(tmp_path, postgres.url(), 1, environ) as nodes:
            scene = Scene(nodes.stock, nodes.nodes[0], port, redis=signals, postgres=postgres)
            scene.worker_port = free_port()
            theirs = {"UNBRACKET_REDIS_URL": signals.url, "UNBRACKET_METRICS_PORT": str(scene.worker_port)}
            with worker(nodes.stock, "-m", "server", "work", environ=theirs) as scene.worker:
                assert scene.worker.stdout is not None
                assert await asyncio.to_thread(scene.worker.stdout.readline) == "Unbracket takes jobs\n"
                await _all_raised(scene, "a node")
