"""The ledger says no more than what was tried: a failure sets N back, a replay adds nothing, README shows the rest."""

import json
import re
from pathlib import Path

import pytest

from tests.soak import __main__ as command
from tests.soak import ledger, runner
from tests.soak.campaign import Campaign
from tests.soak.ledger import BEGIN, END, LEDGER, README, Mend, Run, totals

SAMPLES = "tests.soak.samples"


def run(trials: int, *failures: str, campaign: str = "trials", seed: int = 1) -> Run:
    return Run(campaign, "A trial ends.", 1_000, "2026-11-22T04:00:00Z", "abc", seed, 1.5, trials, failures)


MENDED = Mend("trials", "2026-11-22T05:00:00Z", "def", "tests/soak/test_ledger.py::test_trials_add_up")


def test_trials_add_up() -> None:
    (total,) = totals([run(100), run(150)])
    assert (total.counted, total.runs, total.failures, total.bound) == (250, 2, 0, "3/250 = 1.2 %")


def test_a_failure_sets_n_back_until_it_is_mended() -> None:
    failed = [run(100), run(40, "seed 1: no"), run(50)]
    (total,) = totals(failed)
    assert (total.counted, total.open, total.bound) == (0, ("seed 1: no",), "")
    (total,) = totals([*failed, MENDED])
    assert (total.counted, total.failures, total.open, total.bound) == (0, 1, (), "")
    (total,) = totals([*failed, MENDED, run(30)])
    assert (total.counted, total.failures, total.bound) == (30, 1, "3/30 = 10 %")


def test_campaigns_are_counted_apart() -> None:
    sums = totals([run(3), run(4, "seed 1: no", campaign="others")])
    assert [(one.campaign, one.counted, len(one.open)) for one in sums] == [("others", 0, 1), ("trials", 3, 0)]


def test_lines_are_read_as_they_were_added(tmp_path: Path) -> None:
    lines = (run(3), MENDED, run(2, "seed 1: é"))
    for line in lines:
        ledger.add(line, tmp_path / "ledger.jsonl")
    assert ledger.read(tmp_path / "ledger.jsonl") == lines
    assert ledger.read(tmp_path / "none.jsonl") == ()


@pytest.mark.parametrize("text", ['{"campaign": "x"}', "[]", "{", '{"mended": "x", "else": 1}'])
def test_a_line_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger.jsonl").write_text(f"{text}\n")
    with pytest.raises(ValueError, match="line 1 of the ledger"):
        ledger.read(tmp_path / "ledger.jsonl")


def test_a_document_gets_the_table_between_its_marks(tmp_path: Path) -> None:
    path, document = tmp_path / "ledger.jsonl", tmp_path / "README.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    ledger.add(run(300), path)
    ledger.report(path, document)
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| campaign |")
    assert text.endswith(f"| 300 | 1,000 | 3/300 = 1 % | none | 2026-11-22 |\n{END}\nafter\n")
    with pytest.raises(ValueError, match="once each"):
        ledger.written_into("no marks", "")


# -- the ledger of this repository


def test_readme_shows_what_the_ledger_comes_to() -> None:
    shown = ledger.table(totals(ledger.read()))
    assert ledger.written_into(README.read_text(), shown) == README.read_text(), "python -m tests.soak --report"


def test_a_seed_counts_once_in_the_ledger() -> None:
    seeds = [(line.campaign, line.seed) for line in ledger.read() if isinstance(line, Run)]
    assert len(set(seeds)) == len(seeds)


def test_what_is_called_mended_is_mended_by_a_test_that_exists() -> None:
    for line in ledger.read():
        if isinstance(line, Mend):
            assert ledger.is_a_test(line.mended), line.mended


def test_the_ledger_tells_nothing_of_where_it_was_made() -> None:
    text = LEDGER.read_text() if LEDGER.exists() else ""
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|usr|opt|Users|var)/", text)


# -- runs


def sample(name: str, promise: str = "It ends.") -> Campaign:
    found = runner.campaign_of(f"{SAMPLES}.{name}")
    assert found
    return found


def test_a_run_is_what_its_campaign_says() -> None:
    done = runner.ran(f"{SAMPLES}.sound", sample("sound"), 7, 0.0)
    assert (done.campaign, done.trials, done.failures, done.seed) == ("sound samples", 3, (), 7)
    assert done.figures == {"drawn": "323, 150, 650"}
    assert set(done.machine) == {"cores", "memory_gib", "kernel"}
    assert set(done.versions) == {"python", "pycrdt", "sqlite"}
    assert json.loads(json.dumps(done.machine))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("failing", "seed 7: trial 2 of 2"),
        ("throwing", "seed 7: ZeroDivisionError at throwing.py:"),
        ("dying", "seed 7: the run died (exit code -9); its last line: so far so good"),
        ("endless", "seed 7: not over 1 s after its time; it said nothing"),
        ("idle", "seed 7: no trial was made"),
    ],
)
def test_a_run_that_goes_wrong_is_a_failure_with_its_seed(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setattr(runner, "PARTING", 0.2)
    done = runner.ran(f"{SAMPLES}.{name}", sample(name), 7, 0.0, grace=1.0 if name == "endless" else 60.0)
    assert len(done.failures) == 1
    assert done.failures[0].startswith(said)


def test_time_goes_where_most_is_left_to_do() -> None:
    chosen = {name: sample(name) for name in ("sound", "failing")}
    assert runner.shares(chosen, ()) == {"sound": 0.5, "failing": 0.5}
    done = totals([Run("sound samples", "", 30, "", "", 1, 1.0, 30)])
    assert runner.shares(chosen, done)["sound"] == pytest.approx(0.05 / 1.05)


def test_long_shares_are_cut_into_runs_taken_in_turns() -> None:
    assert list(runner.slices({"a": 0.75, "b": 0.25}, 2000)) == [("a", 600), ("b", 500), ("a", 600), ("a", 300)]
    assert list(runner.slices({"a": 1.0}, 1)) == [("a", runner.SHORTEST_RUN)]


def test_every_campaign_here_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    everything = runner.campaigns()
    assert len({one.name for one in everything.values()}) == len(everything), "two campaigns of one name"
    assert capsys.readouterr().err == ""
    for module, one in everything.items():
        assert runner.campaigns([module]) == runner.campaigns([one.name]) == {module: one}
        assert one.goal > 0
        assert re.fullmatch(r"[^|]+\.", one.promise), "a sentence, for a table"
    with pytest.raises(LookupError, match="no campaign is called 'nothing'"):
        runner.campaigns(["nothing"])


# -- the command


def soak(
    monkeypatch: pytest.MonkeyPatch, path: Path, *arguments: str, only: tuple[str, ...] = ("sound", "failing")
) -> int:
    monkeypatch.setattr(runner, "campaigns", lambda _: {f"{SAMPLES}.{name}": sample(name) for name in only})
    monkeypatch.setattr(runner, "SHORTEST_RUN", 0.01)
    return command.main(["--ledger", str(path), "--minutes", "0", *arguments])


def test_the_command_adds_a_line_for_each_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.jsonl"
    assert soak(monkeypatch, path, only=("sound",)) == 0
    assert soak(monkeypatch, path) == 1
    sums = {one.campaign: (one.counted, len(one.open)) for one in totals(ledger.read(path))}
    assert sums == {"sound samples": (6, 0), "failing samples": (0, 1)}
    assert "FAILED seed" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        command.main(["--ledger", str(path), "--mended", "failing samples", "README.md::no such test"])
    assert command.main(["--ledger", str(path), "--mended", "failing samples", MENDED.mended]) == 0
    assert [one.open for one in totals(ledger.read(path))] == [(), ()]


def test_a_replay_adds_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.jsonl"
    assert soak(monkeypatch, path, "--seed", "9", only=("failing",)) == 1
    assert "FAILED seed 9: trial 2 of 2" in capsys.readouterr().out
    assert not path.exists()


def test_ctrl_c_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    real = runner.ran

    def interrupted(module: str, campaign: Campaign, seed: int, seconds: float) -> Run:
        if campaign.name != "sound samples":
            raise KeyboardInterrupt
        return real(module, campaign, seed, seconds)

    monkeypatch.setattr(runner, "ran", interrupted)
    assert soak(monkeypatch, path) == 0
    assert [one.campaign for one in totals(ledger.read(path))] == ["sound samples"]
