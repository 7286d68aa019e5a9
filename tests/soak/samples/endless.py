"""A campaign that does not come to its end, and does not go when asked to."""

import signal
import threading

from tests.soak.campaign import Campaign, Outcome


def run(seed: int, seconds: float) -> Outcome:
    """Waits for what never comes, a minute at most."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Event().wait(60)
    return Outcome(1)


CAMPAIGN = Campaign("endless samples", "Nothing happens.", 30, run)
