"""/readyz and the figures: what is told of each part, and that a server with room processes counts what they do."""

import asyncio
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from server import metrics
from server.errors import LinkBroken
from server.links.figures import Figures, Telling, add
from server.links.values import pack, unpack
from server.settings import Settings
from server.update_log import PROOF_SECONDS
from tests.deploy.promql import Scrape, scrape
from tests.support.cluster import cluster
from tests.support.disk import Disk, Fault
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer, live_server
from tests.support.postgres_server import Databases
from tests.support.room_processes import room_processes, wait_for_spare
from tests.support.services import free_port, redis_server
from tests.support.stock import CHAPEAU, stocked
from tests.support.waiting import until, wait_until, within


def ready(server: LiveServer, host: str = "10.0.0.7") -> tuple[int, Mapping[str, Any]]:
    """What /readyz answers, asked by address as load balancers do."""
    request = urllib.request.Request(f"{server.url}/readyz", headers={"host": host})
    try:
        with urllib.request.urlopen(request, timeout=within(5)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def state(server: LiveServer, part: str) -> str:
    """One part's."""
    return str(ready(server)[1]["parts"][part]["state"])


def scraped(port: int) -> Scrape:
    """What /metrics says now."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=within(5)) as answer:
        return scrape(0.0, answer.read().decode())


def value(port: int, name: str) -> float:
    """A figure, summed over its labels."""
    return sum(number for (found, _), number in scraped(port).samples.items() if found == name)


def test_what_a_room_process_counts_is_added_once() -> None:
    telling = Telling()
    metrics.REFUSALS.labels("agreed_text").inc()
    metrics.GATE_SECONDS.observe(0.004)
    metrics.FRAMES.inc(3)
    told = unpack(Figures, pack(Figures, telling.more(7)))
    assert (told.waiting, told.frames, told.refusals["agreed_text"], sum(told.gate_counts)) == (7, 3, 1, 1)
    after = Telling()
    add(told)
    assert after.more(7) == told
    assert telling.more(0).frames == 3
    assert sum(telling.more(0).gate_counts) == 0
    with pytest.raises(LinkBroken):
        add(Figures(0, -1, 0, {}, 0.0, told.gate_counts))
    with pytest.raises(LinkBroken):
        add(Figures(0, 1, 0, {}, 0.0, ()))


async def test_a_server_with_room_processes_counts_what_they_do_and_is_ready_while_one_is_replaced(
    tmp_path: Path,
) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    port = free_port()
    environ = {"UNBRACKET_ROOM_WORKERS": "1", "UNBRACKET_METRICS_PORT": str(port)}
    with live_server(tmp_path / "data", environ=environ) as server:
        assert ready(server) == (
            200,
            {
                "status": "ok",
                "parts": {
                    name: {"state": "ok"}
                    for name in ("database writes", "lease", "room processes", "signals", "draining")
                },
            },
        )
        async with Drafter(server.port, stock["m-xaa-1"], workspace=True) as author:
            await author.saved(await author.type(CHAPEAU, 3, " word"))
            for name in ("unbracket_rooms", "unbracket_peers"):
                await until(lambda name=name: value(port, name) == 1, name)  # type: ignore[misc]
            # HELLO and the word, and the checks of both.
            await until(lambda: value(port, "unbracket_frames_total") >= 2, "the frames of the room process")
            assert value(port, "unbracket_gate_seconds_count") >= 2
            await asyncio.to_thread(wait_for_spare, server)
            (pid,) = room_processes(server).values()
            os.kill(pid, signal.SIGKILL)
            await until(lambda: value(port, "unbracket_worker_restarts_total") == 1, "the restart")
        await until(lambda: ready(server)[0] == 200, "the successor")
        before = value(port, "unbracket_frames_total")
        async with Drafter(server.port, stock["m-xaa-1"], workspace=True):
            await until(lambda: value(port, "unbracket_frames_total") > before, "the successor's frames")
        assert server.stop() == 0


async def test_l7_a_clock_that_was_set_is_told_to_the_operator_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(metrics, "LOOK_SECONDS", 0.01)
    looks: list[None] = []

    async def looked_at() -> None:
        seen = len(looks)
        await until(lambda: len(looks) > seen + 1, "two looks")

    async with metrics.watched_loop(lambda: looks.append(None)):
        await looked_at()
        assert "clock" not in caplog.text
        right = time.time
        monkeypatch.setattr("server.metrics.time.time", lambda: right() - 48 * 3600)
        await looked_at()
        await looked_at()
        assert caplog.text.count("the clock was set") == 1
        step = metrics.REGISTRY.get_sample_value("unbracket_clock_step_seconds")
        assert step == pytest.approx(-48 * 3600, abs=5)


def test_a_disk_that_fails_is_told_within_two_seconds_though_nobody_types(tmp_path: Path) -> None:
    stocked(Settings(data_dir=tmp_path / "data"))
    port = free_port()
    environ = {"UNBRACKET_METRICS_PORT": str(port)}
    with Disk(tmp_path / "data") as disk:
        server = LiveServer(tmp_path / "data", environ=environ, under=disk.environment)
        server.start()
        try:
            for fault in (Fault.FULL, Fault.IO, Fault.READ_ONLY, Fault.STALL):
                wait_until(lambda: ready(server)[0] == 200, f"to be ready before {fault.name}")
                with disk.failing(fault):
                    began = time.monotonic()
                    wait_until(lambda: ready(server)[0] == 503, f"to be not ready: {fault.name}")
                    told = time.monotonic() - began
                    assert state(server, "database writes") == "failing"
                # The answer's own way here is not counted against the server on a crowded machine.
                assert told < within(2.0 + 1.0), f"{fault.name} was told after {told:.1f} s"
                print(f"{fault.name}: told after {told:.2f} s", file=sys.stderr)
            wait_until(lambda: ready(server)[0] == 200, "to be ready again by itself")
        finally:
            server.kill()


def test_asking_often_writes_seldom(tmp_path: Path) -> None:
    stocked(Settings(data_dir=tmp_path / "data"))
    port = free_port()
    with live_server(tmp_path / "data", environ={"UNBRACKET_METRICS_PORT": str(port)}) as server:
        began, before = time.monotonic(), value(port, "unbracket_commits_total")
        for _ in range(50):
            assert ready(server)[0] == 200
        most = 1 + (time.monotonic() - began) / PROOF_SECONDS
        assert 1 <= value(port, "unbracket_commits_total") - before <= most
        assert server.stop() == 0


def test_without_redis_a_node_is_ready_and_says_so(tmp_path: Path, databases: Databases) -> None:
    with redis_server() as redis:
        environ = {"UNBRACKET_REDIS_URL": redis.url}
        with cluster(tmp_path, databases.fresh(), 1, environ) as nodes:
            (node,) = nodes.nodes
            assert not (node.data_dir / "control.sock").exists(), "the command line uses the database itself"
            wait_until(lambda: ready(node)[1]["status"] == "ok", "signals and all else")
            redis.kill()
            wait_until(lambda: ready(node)[1]["status"] == "degraded", "that signals are lost and nothing else is")
            status, told = ready(node)
            assert status == 200, told
            assert "Redis" in told["parts"]["signals"]["why"]
            redis.start()
            wait_until(lambda: ready(node)[1]["status"] == "ok", "signals again")
