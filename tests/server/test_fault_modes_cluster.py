"""P14: a cycle of each fault of the deployed profile (`tests/soak/fault_modes_cluster.py`)."""

import sys
from pathlib import Path

import pytest

from tests.soak.fault_modes_cluster import cycles
from tests.support.postgres_server import postgres_server


@pytest.mark.timeout(300)
async def test_p14_faults_of_postgresql_and_redis_cost_nobody_a_word(tmp_path: Path) -> None:
    """Nothing falsely acknowledged, told within 2 s, over within 10 s; readers on both nodes behind by 3 s at most."""
    with postgres_server() as server:
        done, trial = await cycles(tmp_path, server, server.url(), 20261122, 1)
    assert trial.failures == []
    worst = ", ".join(f"{what} {seconds:.1f} s at worst" for what, seconds in trial.worst.items())
    print(f"{done} fault cycles, {trial.people.acknowledged} words, 0 lost, {worst}", file=sys.stderr)
