"""C10: ten freezes of `tests/soak/freezes.py` over two nodes; and an owner without a fence, which the checker finds."""

import random
import signal
import sys
from pathlib import Path

from tests.soak.freezes import ENVIRON, PATIENCE, SIXTEEN, Chair, freezes
from tests.support.cluster import cluster
from tests.support.crowd import crowd
from tests.support.planted import no_exports, no_fence
from tests.support.postgres_server import Databases, postgres_server
from tests.support.stock import OPINION
from tests.support.waiting import until

FREEZES = 10


async def test_i6_a_freeze_over_two_nodes_is_a_cut(tmp_path: Path) -> None:
    with postgres_server() as server:
        url = Databases(server.url(), server).fresh()
        with cluster(tmp_path, url, 2, ENVIRON, no_exports) as nodes:
            done, suffered, people = await freezes(nodes, server, random.Random(20261122), FREEZES)
    assert people.failures == []
    assert done >= FREEZES
    print(f"{done} freezes, {dict(suffered)}, {people.acknowledged} acknowledged words", file=sys.stderr)


async def test_the_checker_finds_a_paused_owner_that_no_fence_keeps_out(tmp_path: Path, databases: Databases) -> None:
    """The test of the test: what it was sent before it knew that its lease was over lands behind a freeze. Whether it
    writes that or first looks at its lease is chance: as many pauses as it takes, and some more than it ever took.
    """
    found: list[str] = []
    for number in range(8):
        found = await _failures_of_a_pause(tmp_path / str(number), databases)
        if any("does not match its hash" in line or "was over" in line for line in found):
            return
    raise AssertionError(found)


async def _failures_of_a_pause(place: Path, databases: Databases) -> list[str]:
    url = databases.fresh()
    with cluster(place, url, 2, ENVIRON, plant=no_fence) as nodes:
        async with crowd(nodes.stock, nodes.nodes, SIXTEEN, PATIENCE, drained=3) as people:
            owner = nodes.owner(OPINION)
            nodes.nodes[owner].send(signal.SIGSTOP)
            try:
                await until(lambda: nodes.owner(OPINION) != owner, "another owner")
                assert await Chair(nodes.stock["m-chair"], [nodes.nodes[1 - owner]]).freeze("Meanwhile")
            finally:
                nodes.nodes[owner].send(signal.SIGCONT)
            await until(lambda: nodes.told("another node owns what was ours"), "the old owner to see it")
    databases.drop(url)
    return people.failures
