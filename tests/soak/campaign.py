"""What a campaign is: trials that can go on for hours, drawn from a seed, with a slice short enough for `make test`.

A campaign is a module of this package with a value `CAMPAIGN`. `make soak` shares its time among all of them, each with
fresh seeds, and adds the outcomes to the ledger (`tests/results/ledger.jsonl`), from which the README's table is made.
Zero failures in N independent trials bound the failure rate below 3/N with 95 % confidence: so N is what is printed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Figure = int | float | str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a campaign found: how many trials, and each failure in one line that begins with its seed."""

    trials: int
    failures: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """Further figures worth keeping (largest stall in ms, memory growth in MiB, versions of databases)."""


Run = Callable[[int, float], Outcome]
"""`run(seed, seconds)`: trials drawn from the seed until the seconds are over, at least one; the same seed draws the
same trials in the same order, so that a failure is found again by its seed."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One row of the ledger."""

    name: str
    """What a trial is, in the plural, as the README prints it: "hostile updates"."""
    promise: str
    """What a trial without failure shows, in one sentence."""
    goal: int
    """The number of trials the campaign works towards."""
    run: Run
