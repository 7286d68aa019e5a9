"""Campaign: whole sittings in virtual time, each from a seed of its own (tests/simulation).

A failure names the seed that `python -m tests.simulation SEED --steps` replays.
"""

import time
from collections import Counter
from random import Random

from tests.simulation.sitting import run
from tests.soak.campaign import Campaign, Outcome

COUNTED = ("steps", "commits", "frames", "versions", "words", "seconds")


def _campaign(seed: int, seconds: float) -> Outcome:
    ends, chance = time.monotonic() + seconds, Random(seed)
    trials, failures, figures = 0, list[str](), Counter[str]()
    while not trials or time.monotonic() < ends:
        drawn = chance.randrange(1 << 30)
        history = run(drawn)
        trials += 1
        figures.update({name: history.figures.get(name, 0) for name in COUNTED})
        if history.failure:
            failures.append(f"{seed}: sitting {drawn}: {history.failure[:300]}")
    return Outcome(trials, tuple(failures), {("virtual seconds" if n == "seconds" else n): figures[n] for n in COUNTED})


CAMPAIGN = Campaign(
    name="simulated seeds",
    promise="Whatever lines, servers, disks, clocks and people do to a sitting, nothing is lost, leaked or forged, "
    "and all come to show one text.",
    goal=10_000,
    run=_campaign,
)
