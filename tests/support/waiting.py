"""Waiting for something to become true, bounded in time: the tests' only way to wait where there is no event."""

import asyncio
import time
from collections.abc import Callable

POLL_SECONDS = 0.005


async def until(condition: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Let the loop turn until the condition holds; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        await asyncio.sleep(POLL_SECONDS)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """The same for tests without a loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(POLL_SECONDS)
