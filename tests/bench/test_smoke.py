"""That the bench itself works: our server and the relay in C, small and short; and what the figures rest on."""

import subprocess
import sys
from pathlib import Path

from crdt.decoder import decode_state_vector
from crdt.document import Replica, SharedDocument
from tests.bench import report
from tests.bench.goals import GOALS
from tests.bench.long_document import long_document
from tests.bench.material import FIRST_CLIENT, RUN, keystrokes, short, state_of
from tests.bench.measuring import Found, Options
from tests.bench.plans import Connection, Dialect, Server, write_plan
from tests.bench.processes import Moment
from tests.bench.report import Hour
from tests.bench.scenarios import MINUTES, RESERVE, SCENARIOS, cost, planned
from tests.bench.scenarios.kills import Told


def test_a_short_bench_delivers_everything() -> None:
    """Every kind of scenario that needs no peers, once. Needs a C compiler; without one it fails with the line that
    brings it.
    """
    command = (sys.executable, "-m", "tests.bench", "--smoke")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything was delivered" in done.stdout
    for scenario in ("Saturation", "100 documents", "Join storm", "Cold open", "Gate", "Memory", "Kill -9"):
        assert f"## {scenario}" in done.stdout


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


def test_the_long_document_is_what_its_single_letters_give() -> None:
    """Letters typed and taken back, one update each, lead to the state that all servers get."""
    long = long_document(2000)
    assert len(long.updates) == 2000
    reader = SharedDocument(5, (state_of(long.founding),))
    for update in long.updates:
        reader.apply((update,))
    assert reader.opinion() == SharedDocument(6, (long.state,)).opinion()
    ahead = Replica(7, (long.state,)).state_vector()
    behind = Replica(7, (long.snapshot,)).state_vector()
    assert decode_state_vector(behind)[FIRST_CLIENT] < decode_state_vector(ahead)[FIRST_CLIENT]


def test_what_a_kill_took_is_counted_once() -> None:
    """Of those acknowledged and of those seen, by writer; what is lost stays lost, what is there later was not."""
    document = short()
    typed = keystrokes(document, state_of(document), FIRST_CLIENT, "XAA", 10)
    ends = [clock for _, clock in typed.updates]
    told = Told()
    told.note(typed, acknowledged=8, seen=ends[5])
    assert not told.all_in({FIRST_CLIENT: ends[6]})
    for _ in range(2):
        told.compare({FIRST_CLIENT: ends[4]})
    assert told.figures == {"acknowledged": 8, "and lost": 3, "seen by readers": 6, "seen and lost": 1}
    assert told.all_in({FIRST_CLIENT: ends[4]})


def test_a_plan_names_the_port_of_each_connection(tmp_path: Path) -> None:
    """Some connections go to another process than the others, with the cookie of that one."""
    connections = [Connection(0, "one"), Connection(0, "two", port=4002)]
    write_plan(tmp_path / "plan", Server(Dialect.UNBRACKET, 4001, ("op",)), connections)
    written = (tmp_path / "plan").read_bytes()
    assert b"unbracket-4001=one" in written
    assert b"unbracket-4002=two" in written
    assert (4002).to_bytes(4, "little") in written


def test_the_plan_fits_into_the_time() -> None:
    """As many rounds as fit, three of them in the time that a whole run takes by default, one in none."""
    everything = SCENARIOS.values()
    whole = planned(everything, MINUTES)
    assert whole.rounds == 3
    assert cost(everything, whole) <= MINUTES * 60
    assert planned(everything, MINUTES * (1 - RESERVE)).rounds == 3
    assert planned(everything, 60).rounds > 3
    assert planned(everything, 0).rounds == 1


def test_what_others_took_is_told_apart_from_the_servers_own() -> None:
    """Busy by others and stolen by the host, as a share; never below nothing."""
    before = Moment(at=10.0, busy=100.0, stolen=5.0, used=50.0)
    assert round(Moment(20.0, 106.0, 6.0, 54.0).others(before), 6) == 0.3
    assert Moment(20.0, 103.0, 5.0, 54.0).others(before) == 0.0


def test_the_page_says_met_or_not_and_why() -> None:
    """A goal is met, not met, or not measured; the generator's late runs are marked; the profile has its place."""
    found = Found("plenary", "plenary: many")
    found.note("Unbracket", {"delivered %": 100.0, "p99 ms": 130.0, "core free for it": 0.8})
    found.late["Unbracket"] = 1
    text = report.page({"plenary": found}, Options(1, 2.0), Hour())
    assert "| plenary: delivered, % | at least 100 | 100 | met |" in text
    assert "| plenary: p99, ms | at most 120 | 130 | **not met** |" in text
    assert text.count("not measured") == len(GOALS) - 2
    assert "## Where the time goes" in text
    assert f"| Unbracket {report.MARK}1 |" in text
    assert "80 % in the median run" in text
