"""A campaign in which nothing fails."""

import random

from tests.soak.campaign import Campaign, Outcome


def run(seed: int, seconds: float) -> Outcome:
    """Three trials."""
    chance = random.Random(seed)
    return Outcome(3, figures={"drawn": ", ".join(str(int(chance.random() * 1000)) for _ in range(3))})


CAMPAIGN = Campaign("sound samples", "Nothing happens.", 30, run)
