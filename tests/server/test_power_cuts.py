"""P2: a fixed slice of the power cuts (`tests/soak/power_cuts.py`), and that they would be noticed."""

import sys
from pathlib import Path
from random import Random

import pytest

from tests.soak.power_cuts import cuts, record
from tests.support.planted_storage import commit_without_sync
from tests.support.power_cut import Event, Flag, Op, Recording

CUTS = 20
WORDS = 60


def test_p2_nothing_acknowledged_is_missing_and_nothing_is_doubled_after_twenty_power_cuts(tmp_path: Path) -> None:
    run = record(tmp_path, WORDS)
    found = [line for broken in cuts(run, Random(20261122), CUTS) for line in broken]
    assert found == [], "\n".join(found[:40])
    synced = run.recording.syncs()
    print(f"{CUTS} power cuts of 1 run, {run.acknowledged} words, {synced} syncs, 0 lost", file=sys.stderr)


def test_p2_with_commits_that_do_not_wait_for_the_disk_the_cuts_lose(tmp_path: Path) -> None:
    """A test that never failed is no evidence: `synchronous=NORMAL` is planted, and acknowledged words are gone."""
    run = record(tmp_path, 20, plant=commit_without_sync)
    found = [line for broken in cuts(run, Random(1), 10) for line in broken]
    assert any("was acknowledged at seq" in line and "is not in the log" in line for line in found), found


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A directory with one file in it, synced."""
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "log").write_bytes(b"old" + bytes(2000))
    return tmp_path / "before"


def event(op: Op, at: float, path: str = "", offset: int = 0, data: bytes = b"", handle: int = 1) -> Event:
    return Event(op, Flag(0), 1, handle, path, offset, data, at, at + 0.5)


def contents(recording: Recording, moment: float, place: Path) -> set[tuple[tuple[str, bytes], ...]]:
    """Every directory that fifty cuts at this moment leave."""
    found = set()
    for seed in range(50):
        into = place / f"{moment}-{seed}"
        into.mkdir()
        recording.cut(moment, Random(seed), into)
        files = sorted((path.name, path.read_bytes()) for path in into.iterdir() if not path.name.endswith("-shm"))
        found.add(tuple(files))
    return found


def test_a_cut_keeps_what_was_synced_and_owes_nothing_else(before: Path, tmp_path: Path) -> None:
    new, newer = b"n" * 1024, b"m" * 512
    events = [
        event(Op.OPEN, 1, "log"),
        event(Op.WRITE, 2, data=new),
        event(Op.SYNC, 3),
        event(Op.WRITE, 4, data=newer, offset=512),
        event(Op.WRITE, 5, data=newer),
    ]
    recording = Recording(before, events)
    old = (before / "log").read_bytes()
    assert len(contents(recording, 1.6, tmp_path)) == 1
    during_sync = {content for ((_, content),) in contents(recording, 3.2, tmp_path)}
    assert {content[:512] for content in during_sync} == {old[:512], new[:512]}, "a sync under way is none"
    assert len(during_sync) == 4, "torn at the sectors"
    after = {content for ((_, content),) in contents(recording, 9, tmp_path)}
    sectors = {(content[:1], content[512:513]) for content in after}
    assert sectors == {(first, second) for first in (b"n", b"m") for second in (b"n", b"m")}
    assert all(content[1024:] == old[1024:] for content in after)


def test_a_file_made_or_removed_is_so_for_certain_once_its_directory_is_synced(before: Path, tmp_path: Path) -> None:
    events = [
        event(Op.OPEN, 1, "new", handle=2),
        event(Op.WRITE, 2, data=b"words", handle=2),
        event(Op.SYNC, 3, handle=2),
        event(Op.UNLINK, 4, "log"),
        event(Op.OPEN, 5, "", handle=3),
        event(Op.SYNC, 6, handle=3),
    ]
    recording = Recording(before, events)
    names = {tuple(name for name, _ in files) for files in contents(recording, 5.6, tmp_path)}
    assert names == {("log",), ("log", "new"), ("new",), ()}
    assert contents(recording, 9, tmp_path) == {(("new", b"words"),)}
