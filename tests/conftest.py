"""What holds for every test: the Hypothesis profiles, the event loop, the one PostgreSQL of a run, and what it was."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import services
from tests.support.postgres_server import Databases
from tests.support.postgres_server import databases as started

# Shared machines pause for seconds, so Hypothesis does not time single examples; pytest bounds every test.
for name, examples in (("dev", 50), ("ci", 80), ("nightly", 5_000)):
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


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Empty databases on one real PostgreSQL, started when the first test asks for it."""
    with started() as made:
        yield made


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hands on what servers a process used, when the tests run in several."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["services"] = dict(services.ran)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a process that is done has used."""
    services.ran.update(getattr(node, "workeroutput", {}).get("services", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which servers the tests ran against, so that "real" is never a guess."""
    for told in services.ran.values():
        terminalreporter.write_line(f"tested with {told}")
