"""Settings that hold for every test: the Hypothesis profiles and the event loop of asynchronous tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

# Shared machines pause for seconds; the bound on time is pytest's own timeout per test.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=200, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("UNBRACKET_TEST_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, the one event loop the server uses."""
    return "asyncio"
