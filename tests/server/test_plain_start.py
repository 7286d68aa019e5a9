"""`unbracket serve` read without the library of the command line: the same options, and nothing doubtful."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.plain import ServeOptions, plainly_asked

HEAVY = ("typer", "pydantic", "docx", "lxml", "bleach", "alembic", "psycopg", "arq", "redis")
"""Libraries that a server needs seldom or never, and must not hold for weeks."""


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["serve"], ServeOptions()),
        (["serve", "--port", "0", "--data-dir", "/srv/u"], ServeOptions(Path("/srv/u"), None, 0)),
        (["serve", "--host", "::1", "--port", "65535"], ServeOptions(None, "::1", 65535)),
    ],
)
def test_what_is_plainly_right_is_taken(arguments: list[str], options: ServeOptions) -> None:
    assert plainly_asked(arguments) == options


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["demo"],
        ["serve", "--help"],
        ["serve", "--port"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "-1"],
        ["serve", "--port", "many"],
        ["serve", "--port=8000"],
        ["serve", "--port", "1", "--port", "2"],
        ["serve", "--data-dir", ""],
        ["serve", "--verbose", "yes"],
        ["serve", "data", "more"],
    ],
)
def test_everything_else_is_left_to_the_command_line(arguments: list[str]) -> None:
    assert plainly_asked(arguments) is None


def test_a_server_begins_without_what_it_seldom_needs() -> None:
    told = f"import sys, server.__main__; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run((sys.executable, "-c", told), capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
