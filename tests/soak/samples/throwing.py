"""A campaign that throws."""

from tests.soak.campaign import Campaign, Outcome


def run(seed: int, seconds: float) -> Outcome:
    """Divides by nothing."""
    return Outcome(int(1 / seconds))


CAMPAIGN = Campaign("throwing samples", "Nothing happens.", 30, run)
