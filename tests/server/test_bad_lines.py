"""P15: a fixed slice of the troubles with lines (`tests/soak/bad_lines.py`)."""

import sys
from pathlib import Path
from random import Random

from tests.soak.bad_lines import rounds, ward


async def test_p15_lines_that_stall_break_or_die_lose_and_double_nothing(tmp_path: Path) -> None:
    """A round of everything that can be wrong with a line; all is acknowledged 10 s after its end."""
    async with ward(tmp_path) as running:
        done = await rounds(running, Random(20261122), 1)
    assert running.failures == []
    words = sum(one.acknowledged for one, _ in running.people) + len(running.node_words)
    print(f"{done} troubles, {words} words, 0 lost, drained in {running.slowest:.1f} s at worst", file=sys.stderr)
