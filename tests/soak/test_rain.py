"""A fixed slice of the two campaigns of hostile input, and what they say of a server with a mistake planted in it."""

import re

from tests.soak import hostile_updates, mutated_frames
from tests.support.planted import no_effect_checked, no_lease_checked

SEED = 20261122


def test_p8_hostile_updates_are_refused_or_true() -> None:
    """[I1, I2, I3] Judged from the log by `opinions.rules`, while an honest delegate types."""
    outcome = hostile_updates.trials(SEED, 300, most=400)
    assert outcome.failures == ()
    assert outcome.trials >= 400
    assert int(outcome.figures["answered ACK (taken, judged by effect)"]) > 10, "nothing was taken: nothing was judged"


def test_p8_mutated_frames_make_nothing_fail_stand_still_or_grow() -> None:
    """[P12] The server's own loop is measured; the honest delegate's letters are acknowledged all the while."""
    outcome = mutated_frames.trials(SEED, 300, most=4_000)
    assert outcome.failures == ()
    assert outcome.trials >= 4_000
    assert int(outcome.figures["honest letters"]) > 2


def test_the_campaign_notices_a_gate_that_looks_at_no_effect() -> None:
    """A test that never failed is no evidence: here I1 is not asked after, and nothing is mended."""
    outcome = hostile_updates.trials(SEED, 300, most=300, plant=no_effect_checked)
    assert any("[I1]" in failure for failure in outcome.failures), outcome.failures
    assert all(failure.startswith(f"{SEED}:") for failure in outcome.failures)


def test_the_campaign_notices_a_gate_that_asks_for_no_lease() -> None:
    """Here structs may come under anybody's client id."""
    outcome = hostile_updates.trials(SEED, 300, most=300, plant=no_lease_checked)
    assert any(re.search(r"structs of client|was never sent", failure) for failure in outcome.failures), (
        outcome.failures
    )
