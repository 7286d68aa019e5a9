"""A data directory with a real database, for the tests of the server.

It is SQLite; a module with `DATABASES = BOTH` runs each of its tests on PostgreSQL, too.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.database import Database
from server.settings import Settings
from tests.support.postgres_server import Databases, empty


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs tests once for each database that their module names."""
    if "kind" in metafunc.fixturenames and (kinds := getattr(metafunc.module, "DATABASES", ())):
        metafunc.parametrize("kind", kinds)


@pytest.fixture(scope="module")
def module_url(databases: Databases) -> Iterator[str]:
    """A PostgreSQL database for the tests of a module, each of which finds it empty."""
    url = databases.fresh()
    yield url
    databases.drop(url)


@pytest.fixture
def kind() -> str:
    """Which database it is."""
    return "sqlite"


@pytest.fixture
def settings(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings on an empty data directory and a free port."""
    chosen = Settings(data_dir=tmp_path / "data", port=0)
    if kind == "sqlite":
        yield chosen
        return
    chosen.data_dir.mkdir()
    url = request.getfixturevalue("module_url")
    empty(url)
    yield replace(chosen, database_url=url)


@pytest.fixture
def own_settings(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """As `settings`, on a database of the test's own: for tests that change more than rows."""
    chosen = Settings(data_dir=tmp_path / "data", port=0)
    if kind == "sqlite":
        yield chosen
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.fresh()
    yield replace(chosen, database_url=url)
    databases.drop(url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """An open database with the newest schema, used from the test's own thread (`database.run`)."""
    with Database(settings) as opened:
        yield opened
