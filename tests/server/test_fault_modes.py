"""P14: a fixed slice of the fault cycles (`tests/soak/fault_modes.py`)."""

import sys
from pathlib import Path

from tests.soak.fault_modes import cycles, trial
from tests.support.planted_storage import take_failed_commits_for_done


async def test_p14_faults_of_disk_descriptors_and_clock_cost_nobody_a_word(tmp_path: Path) -> None:
    """Two cycles of each: nothing falsely acknowledged, told within 2 s, over within 10 s, the log whole."""
    done, trial = await cycles(tmp_path, 20261122, 2)
    assert trial.failures == []
    words = sum(one.acknowledged for one in trial.people)
    worst = ", ".join(f"{what} {seconds:.1f} s at worst" for what, seconds in trial.worst.items())
    print(f"{done} fault cycles, {words} words, 0 lost, {worst}", file=sys.stderr)


async def test_p14_a_server_that_takes_failed_commits_for_done_is_found_out(tmp_path: Path) -> None:
    """A test that never failed is no evidence."""
    async with trial(tmp_path, 1, plant=take_failed_commits_for_done, patience=3) as running:
        await running.cycle("disk full")
    assert any("was acknowledged at seq" in line for line in running.failures), running.failures
