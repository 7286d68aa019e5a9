"""The commands that README promises are there, and CI runs the same one as everybody else."""

import os
import re
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def test_make_has_the_targets_everything_else_relies_on() -> None:
    assert {"run", "test", "check", "lock", "format", "clean"} <= targets()


def test_make_help_lists_targets_that_exist() -> None:
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    named = set(re.findall(r"^  make ([a-z-]+)", shown, flags=re.MULTILINE))
    assert {"run", "test", "check"} <= named <= targets()


def test_documents_name_only_targets_that_exist() -> None:
    for document in [ROOT / "README.md", *(ROOT / "deploy").glob("*.md")]:
        if document.exists():
            code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", document.read_text(), flags=re.DOTALL))
            named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code))
            assert named <= targets(), document.name


def test_ci_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    lines = script.read_text().splitlines()
    assert os.access(script, os.X_OK)
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert re.fullmatch(r"(exec )?make test", lines[-1])


def test_the_command_is_installed_under_the_name_of_the_product() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    installed = {script.name: script.value for script in entry_points(group="console_scripts")}
    assert scripts == {"unbracket": "server.__main__:main"}
    assert installed["unbracket"] == scripts["unbracket"]
