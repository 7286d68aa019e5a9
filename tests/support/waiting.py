"""Waiting for something to become true, bounded in time: the tests' only way to wait where there is no event; and what
is promised in seconds.
"""

import asyncio
import os
import time
from collections.abc import Callable

POLL_SECONDS = 0.005
PATIENCE = 60.0
"""Seconds until what does not come is given up: only a failure takes so long."""
SLACK = float(os.environ.get("UNBRACKET_TEST_SLACK", "1"))
"""How many times longer than promised something may take before a test fails. The campaigns, and pytest by itself, hold
the promises themselves; the run of every time, on cores that others use too, holds ten times as much (`make test`).
Only for what would otherwise not happen, or much later: a bound that tells two ways apart is kept as it is, as is
every bound of processor time.
"""


def within(seconds: float) -> float:
    """What is promised in so many seconds, as this run holds it."""
    return seconds * SLACK


async def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Let the loop turn until the condition holds; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        await asyncio.sleep(POLL_SECONDS)


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """The same for tests without a loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(POLL_SECONDS)
