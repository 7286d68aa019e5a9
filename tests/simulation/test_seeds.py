"""Seeds of the simulation (tests/simulation): safety at every step, progress at the end (design, I1-I8; guide, P6)."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from crdt.document import SharedDocument
from tests.crdt.yjs import Yjs
from tests.crdt.yjs.browser import Browser
from tests.simulation.deeds import EVERY_DEED
from tests.simulation.delegate import READER
from tests.simulation.plan import MISFORTUNES
from tests.simulation.seeds import EVERY_TIME, FOUND
from tests.simulation.sitting import run
from tests.simulation.typed import TOKEN, minted

CHUNK = 15
SEEN: Counter[str] = Counter()
HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("first", range(EVERY_TIME.start, EVERY_TIME.stop, CHUNK))
def test_nothing_is_lost_leaked_or_forged_and_all_come_to_rest(first: int) -> None:
    failures = []
    for seed in range(first, min(first + CHUNK, EVERY_TIME.stop)):
        history = run(seed)
        SEEN.update(history.kinds)
        SEEN.update(history.figures)
        if history.failure:
            failures.append(f"python -m tests.simulation {seed} --steps: {history.failure}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("seed", FOUND)
def test_what_a_seed_has_found_is_found_no_more(seed: int) -> None:
    assert not run(seed).failure, FOUND[seed]


def test_no_id_holds_what_reads_as_a_word() -> None:
    """It would be looked for, and found, where the word is not."""
    random = Random(1)
    assert not [one for one in (minted(random, "p") for _ in range(5_000)) if TOKEN.search(one)]


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_the_same_with_real_yjs_in_the_browsers(seed: int) -> None:
    """[P6] Every delegate who writes has Yjs 13: nothing is ever left pending in it, and it shows the server's text."""
    with Yjs() as yjs:

        def make(client: int, updates: Sequence[bytes]) -> SharedDocument:
            return Browser(yjs, client, updates) if client != READER else SharedDocument(client, updates)

        assert not run(seed, make=make).failure


def test_the_seeds_did_what_they_are_for() -> None:
    """A simulation in which nothing happens would pass."""
    seen = SEEN
    if not seen:
        for seed in range(40):
            history = run(seed)
            seen.update(history.kinds)
            seen.update(history.figures)
    misfortunes = {one for one in MISFORTUNES if one not in ("slow disk", "landing", "small buffers")}
    missing = sorted(one for one in (EVERY_DEED | misfortunes | {"switch"}) if not seen[one])
    assert not missing
    assert sum(times for kind, times in seen.items() if kind.startswith("refused")) > 20
    assert seen["versions"] > 10


def test_a_seed_is_the_same_history_in_every_process() -> None:
    """[replay] Whatever the hash seed of the interpreter is."""
    told = set()
    for hashes in ("1", "2"):
        command = [sys.executable, "-m", "tests.simulation", "3-6"]
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, timeout=100)
        told.add(tuple(line.rpartition("history ")[2] for line in done.stdout.splitlines()))
    assert len(told) == 1
    assert len(told.pop()) == 5
