"""A campaign that makes no trial."""

from tests.soak.campaign import Campaign, Outcome


def run(seed: int, seconds: float) -> Outcome:
    """Nothing."""
    return Outcome(0)


CAMPAIGN = Campaign("idle samples", "Nothing happens.", 30, run)
