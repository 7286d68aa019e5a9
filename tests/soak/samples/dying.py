"""A campaign whose process dies."""

import os
import signal

from tests.soak.campaign import Campaign, Outcome


def run(seed: int, seconds: float) -> Outcome:
    """Kills itself."""
    print("so far so good", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(1)


CAMPAIGN = Campaign("dying samples", "Nothing happens.", 30, run)
