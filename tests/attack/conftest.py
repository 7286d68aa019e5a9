"""The server under attack, one for all of these tests, and the table of what came of them at the end."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attack import report
from tests.attack.ground import Ground, ground_on, server_on
from tests.support.live_server import LiveServer
from tests.support.stock import Stock

RESULTS = "UNBRACKET_TEST_ATTACK_RESULTS"
"""Names the file that keeps the table."""


@pytest.fixture(scope="package")
def stocked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stock, LiveServer]]:
    """A server that has to stop well, with a log that verifies, after all that a module did to it."""
    with server_on(tmp_path_factory.mktemp("attack") / "data") as running:
        yield running


@pytest.fixture(scope="package")
async def ground(stocked_server: tuple[Stock, LiveServer]) -> AsyncIterator[Ground]:
    """The ground with its text and its honest delegate."""
    async with ground_on(*stocked_server) as made:
        yield made


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hands the rows to the process that prints, when the tests run in several."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["attack"] = report.packed()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes the rows of a process that is done."""
    report.add(getattr(node, "workeroutput", {}).get("attack", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table."""
    if not report.ROWS:
        return
    lines = report.table()
    terminalreporter.section("the room under attack")
    for line in lines:
        terminalreporter.write_line(line)
    if path := os.environ.get(RESULTS):
        Path(path).write_text("\n".join(["# The room under attack", "", *lines, ""]), encoding="utf-8")
