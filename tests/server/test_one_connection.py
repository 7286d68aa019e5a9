"""One connection that can write or checkpoint, whatever runs: what the faulty SQLite libraries need to be safe.

Below 3.51.3 two connections that write or checkpoint can lose commits in WAL mode (reliability guide, finding 13). The
server's descriptors are counted, and every command is run beside it under a layer that sees each change of a file.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

from server.database import Database
from server.people_store import all_members
from server.settings import Settings
from server.signing import load_key
from server.sqlite import is_sound
from tests.server.test_command_line import ROOT
from tests.support.disk import Disk
from tests.support.drafters import Drafter
from tests.support.live_server import live_server
from tests.support.power_cut import Op, Recording, read_journal
from tests.support.stock import CHAPEAU, OPINION, stocked


def unbracket_under(disk: Disk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, under the layer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments, "--data-dir", str(disk.directory)],
        capture_output=True, text=True, timeout=100, cwd=ROOT, env={**kept, **disk.environment}, check=False,
    )  # fmt: skip


def descriptors(pid: int, path: Path) -> int:
    """How often a process and its children have a file open."""
    processes = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    found = 0
    for process in processes:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            try:
                found += descriptor.readlink() == path
            except OSError:
                continue  # closed meanwhile
    return found


async def test_r22_a_server_opens_its_database_once_and_commands_beside_it_change_nothing(tmp_path: Path) -> None:
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    path = stock.settings.data_dir / "unbracket.db"
    source = tmp_path / "text.txt"
    source.write_text("Title\n\nThe Forum,\n\nrecognizing\n\na) that words matter,\n")
    commands = {
        ("verify-log",): 0,
        ("export", OPINION, "--format", "txt", "--out", str(tmp_path / "out.txt")): 0,
        ("invite", "Olu Watcher"): 0,
        ("backup", str(tmp_path / "copy.tar")): 0,
        ("migrate",): 3,
        ("import", str(source), "--yes"): 3,
        ("serve", "--port", "0"): 3,
    }
    with live_server(stock.settings.data_dir) as server, Disk(stock.settings.data_dir) as disk:
        async with Drafter(server.port, stock["m-xaa-1"], workspace=True) as author:
            for command, expected in commands.items():
                await author.saved(await author.type(CHAPEAU, 10, " more"))
                assert descriptors(server.pid, path) == 1
                done = unbracket_under(disk, *command)
                assert done.returncode == expected, (command, done.stdout, done.stderr)
            assert descriptors(server.pid, path) == 1
        events = [event for event in read_journal(disk.journal) if event.op is not Op.OPEN]
        names = {event.path for event in read_journal(disk.journal) if event.op is Op.OPEN}
        assert {"unbracket.db", "unbracket.db.lock"} <= names, "the layer saw nothing"
        assert events == [], "a command beside the server changed a file of its database"


def test_r22_libraries_with_the_known_fault_are_told_apart() -> None:
    sound = [(3, 51, 3), (3, 52, 0), (3, 50, 7), (3, 50, 9), (3, 44, 6), (4, 0, 0)]
    faulty = [(3, 51, 2), (3, 51, 0), (3, 50, 6), (3, 45, 0), (3, 49, 9), (3, 44, 5), (3, 40, 1), (3, 7, 0)]
    assert [is_sound(version) for version in (*sound, *faulty)] == [True] * len(sound) + [False] * len(faulty)


def test_p2_a_process_that_was_set_up_is_there_after_a_power_cut_with_its_key(tmp_path: Path) -> None:
    """The link was printed: the database, its tables and the signing key must be on the disk by their names, too."""
    data, before = tmp_path / "data", tmp_path / "before"
    data.mkdir()
    before.mkdir()
    with Disk(data) as disk:
        done = unbracket_under(disk, "init", "--administrator", "Ana Lund")
        assert done.returncode == 0, done.stderr
        recording = Recording(before, read_journal(disk.journal))
    chance = Random(20261122)
    for number in range(20):
        after = tmp_path / f"after-{number}"
        after.mkdir()
        recording.cut(recording.end, chance, after)
        with Database(Settings(data_dir=after)) as database:
            assert [member.name for member in database.run(all_members)] == ["Ana Lund"]
        assert load_key(after / "signing.key").id == load_key(data / "signing.key").id
        shutil.rmtree(after)
