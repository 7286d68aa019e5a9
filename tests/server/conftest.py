"""A data directory with a real SQLite database, for the tests of the server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.database import Database
from server.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings on an empty data directory and a free port."""
    return Settings(data_dir=tmp_path / "data", port=0)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """An open database with the newest schema, used from the test's own thread (`database.run`)."""
    with Database(settings) as opened:
        yield opened
