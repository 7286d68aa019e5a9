"""`unbracket brackets`, `import` and `export` as somebody at a terminal uses them."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli.commands import app
from server.cli.texts import NOT_CLEAN
from server.export.sheet import NOT_AGREED

TEXT = """DRAFT OPINION 9: TESTS

The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),

considering

a) that [all - XAA; XAB delete] tests matter;

b) that [some][XAB: most] of them fail,

is of the view

that they should be run[,
"""


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.setenv("UNBRACKET_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "draft.txt").write_text(TEXT, encoding="utf-8")
    return CliRunner()


@pytest.fixture
def ready(runner: CliRunner) -> CliRunner:
    """The terminal of somebody whose process is set up."""
    assert runner.invoke(app, ["init", "--administrator", "Ana Lund"]).exit_code == 0
    return runner


def test_brackets_prints_whole_numbers(runner: CliRunner, tmp_path: Path) -> None:
    """The names of the JSON are fixed; others build on them."""
    done = runner.invoke(app, ["brackets", str(tmp_path / "draft.txt"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == {
        "pairs": 3,
        "max_depth": 1,
        "adjacent": 1,
        "spanning": 0,
        "unmatched_open": 1,
        "unmatched_close": 0,
        "attributed": 2,
        "status_tags": 0,
        "placeholders": 0,
        "editorial": 0,
    }
    plain = runner.invoke(app, ["brackets", str(tmp_path / "draft.txt")])
    assert re.search(r"^pairs +3$", plain.output, re.M)
    assert re.search(r"^line 13, column 24: The opening bracket “\[” has no partner", plain.output, re.M)


def test_import_shows_what_it_understood_and_writes_all_or_nothing(runner: CliRunner, tmp_path: Path) -> None:
    file = str(tmp_path / "draft.txt")
    looked = runner.invoke(app, ["import", file, "--look"])
    assert looked.exit_code == 0, looked.output
    assert "3 bracket pairs" in looked.output
    assert "line 13, column 24" in looked.output
    assert re.search(r"^  title +DRAFT OPINION 9: TESTS$", looked.output, re.M)
    assert re.search(r"^  verb +considering$", looked.output, re.M)
    assert re.search(r"^  item +a\) +that \[all - XAA; XAB delete\] tests matter;$", looked.output, re.M)
    assert re.search(r"^  item +b\) +that \[some\]\[XAB: most\] of them fail,$", looked.output, re.M)
    assert not (tmp_path / "data").exists()
    assert runner.invoke(app, ["init", "--administrator", "Ana Lund"]).exit_code == 0
    assert runner.invoke(app, ["import", file], input="n\n").exit_code == 1
    done = runner.invoke(app, ["import", file, "--number", "9", "--yes"])
    assert done.exit_code == 0, done.output
    assert re.search(r"^Draft Opinion 9 is on the table\. ", done.output, re.M)
    listed = runner.invoke(app, ["export", "list"])
    assert "DRAFT OPINION 9: TESTS" in listed.output


def test_export_gives_the_imported_text_back(ready: CliRunner, tmp_path: Path) -> None:
    ready.invoke(app, ["import", str(tmp_path / "draft.txt"), "--number", "9", "--yes"])
    rolling = ready.invoke(app, ["export", "9"])
    assert rolling.exit_code == 0, rolling.output
    assert rolling.output.split("\n\n", 1)[1].split() == TEXT.split()
    refused = ready.invoke(app, ["export", "9", "--view", "clean"])
    assert refused.exit_code == NOT_CLEAN
    assert "never considered" in refused.output
    out = tmp_path / "clean.html"
    marked = ready.invoke(
        app, ["export", "9", "--view", "clean", "--format", "html", "--mark-not-agreed", "-o", str(out)]
    )
    assert marked.exit_code == 0, marked.output
    assert NOT_AGREED in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export", "77"], "no Opinion '77'"),
        (["export", "9", "--version", "4"], "has no version 4"),
        (["export", "9", "--format", "odt"], "odt"),
        (["export", "9", "--out", "/nowhere/x.txt"], "/nowhere/x.txt cannot be written"),
    ],
)
def test_what_is_not_there_is_named(ready: CliRunner, tmp_path: Path, arguments: list[str], told: str) -> None:
    ready.invoke(app, ["import", str(tmp_path / "draft.txt"), "--number", "9", "--yes"])
    done = ready.invoke(app, arguments)
    assert done.exit_code != 0
    assert told in done.output + str(done.exception)


def test_a_preview_counts_one_as_one_and_a_text_without_number_goes_by_its_title(
    ready: CliRunner, tmp_path: Path
) -> None:
    (tmp_path / "one.txt").write_text("A title\n\nwords [and more]\n", encoding="utf-8")
    done = ready.invoke(app, ["import", str(tmp_path / "one.txt"), "--title", "One pair", "--yes"])
    assert done.exit_code == 0, done.output
    assert "2 paragraphs, 1 bracket pair (" in done.output
    assert "“One pair” is on the table." in done.output
