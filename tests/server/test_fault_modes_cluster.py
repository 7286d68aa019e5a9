"""P14: a cycle of each fault of the deployed profile (`tests/soak/fault_modes_cluster.py`)."""

import sys
from pathlib import Path

from tests.soak.fault_modes_cluster import cycles, trial
from tests.support.planted_storage import trust_redis
from tests.support.postgres_server import postgres_server


async def test_p14_faults_of_postgresql_and_redis_cost_nobody_a_word(tmp_path: Path) -> None:
    """Nothing falsely acknowledged, told within 2 s, over within 10 s; readers on both nodes behind by 3 s at most."""
    with postgres_server() as server:
        done, trial = await cycles(tmp_path, server, server.url(), 20261122, 1)
    assert trial.failures == []
    worst = ", ".join(f"{what} {seconds:.1f} s at worst" for what, seconds in trial.worst.items())
    print(f"{done} fault cycles, {trial.people.acknowledged} words, 0 lost, {worst}", file=sys.stderr)


async def test_p14_nodes_that_trust_redis_are_found_out(tmp_path: Path) -> None:
    """A test that never failed is no evidence."""
    with postgres_server() as server:
        async with trial(tmp_path, server, server.url(), 1, trust_redis, patience=4) as running:
            await running.cycle("Redis down")
    (found,) = running.failures
    assert "to catch up" in found
