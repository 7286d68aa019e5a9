"""A campaign whose second trial fails."""

from tests.soak.campaign import Campaign, Outcome


def run(seed: int, seconds: float) -> Outcome:
    """Two trials."""
    return Outcome(2, (f"seed {seed}: trial 2 of 2",))


CAMPAIGN = Campaign("failing samples", "Nothing happens.", 30, run)
