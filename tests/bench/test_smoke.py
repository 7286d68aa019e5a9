"""That the bench itself works: our server and the relay in C, small and short; and what the figures rest on."""

import subprocess
import sys

from crdt.document import SharedDocument
from tests.bench.material import FIRST_CLIENT, RUN, keystrokes, short, state_of


def test_a_short_bench_delivers_everything() -> None:
    """Needs a C compiler; without one it fails with the line that brings it."""
    command = (sys.executable, "-m", "tests.bench", "--smoke")
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything was delivered" in done.stdout


def test_keystrokes_are_one_letter_each_behind_the_other() -> None:
    """The updates spelled out by hand are what a document makes of typing: applied one by one they give the words."""
    document = short()
    state = state_of(document)
    typed = keystrokes(document, state, FIRST_CLIENT, "XAA", 2 * RUN)
    reader = SharedDocument(5, (state,))
    before = sum(len(paragraph.text) for paragraph in reader.opinion())
    for update, _ in typed.updates:
        reader.apply((update,))
    assert sum(len(paragraph.text) for paragraph in reader.opinion()) == before + 2 * RUN
    inserted = [run.text for paragraph in reader.opinion() for run in paragraph.runs if run.marks]
    assert sorted(map(len, inserted)) == [RUN, RUN]
