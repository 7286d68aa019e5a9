"""Settings that hold for every test: the Hypothesis profiles and the event loop of asynchronous tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

# Shared machines pause for seconds, so Hypothesis does not time single examples; pytest bounds every test.
for name, examples in (("dev", 50), ("ci", 200), ("nightly", 5_000)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("UNBRACKET_TEST_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, the one event loop the server uses."""
    return "asyncio"
