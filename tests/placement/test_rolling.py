"""C11: two nodes are restarted one after the other under load, also as an upgrade with a step of the schema in it."""

import random
import sys
from pathlib import Path

import psycopg

from tests.soak.rolling_restarts import ENVIRON, restarts
from tests.support.cluster import cluster
from tests.support.next_build import STEP, next_build
from tests.support.postgres_server import Databases

ROUNDS = 2


async def test_c11_a_rolling_restart_loses_nothing_and_keeps_nobody_waiting(
    tmp_path: Path, databases: Databases
) -> None:
    with cluster(tmp_path, databases.fresh(), 2, ENVIRON) as nodes:
        rolled = await restarts(nodes, random.Random(20261122), 2 * ROUNDS)
    assert rolled.failures == []
    print(rolled.told(), file=sys.stderr)


async def test_c11_an_upgrade_with_a_migration_is_served_through_by_the_build_before(
    tmp_path: Path, databases: Databases
) -> None:
    """The first node that comes as the next build changes the schema under the other one, to which people are
    connected: it goes on, until it is its turn.
    """
    url = databases.fresh()
    with cluster(tmp_path, url, 2, ENVIRON) as nodes:
        for node in nodes.nodes:
            node.plant = next_build(node.data_dir)
        rolled = await restarts(nodes, random.Random(20261123), 2)
    assert rolled.failures == []
    with psycopg.connect(url) as connection:
        step = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert step == (STEP,)
    print(f"upgraded: {rolled.told()}", file=sys.stderr)
