"""Everybody installs the same files, from whatever registry is theirs: exact versions, hashes, no address."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted((ROOT / "deploy").glob("requirements*.lock"))
NPM_FOLDERS = [ROOT / "web", ROOT / "tests" / "browser"]
ADDRESS = re.compile(r"https?://|file:|git\+|--(?:extra-)?index-url|--find-links|^-[if] ", re.MULTILINE)


def pins(lock: Path) -> dict[str, list[str]]:
    """Name -> its versions; more than one where machines or Python versions differ."""
    found: dict[str, list[str]] = {}
    for line in lock.read_text().splitlines():
        if pin := re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line):
            found.setdefault(pin[1].lower(), []).append(pin[2])
    return found


def packages(folder: Path) -> dict[str, dict[str, Any]]:
    lock: dict[str, Any] = json.loads((folder / "package-lock.json").read_text())
    return lock["packages"]  # type: ignore[no-any-return]


def test_there_is_a_lock_for_all_that_make_brings() -> None:
    names = {lock.name for lock in PYTHON_LOCKS}
    wanted = {"requirements.lock", "requirements-dev.lock", "requirements-uv.lock", "requirements-node.lock"}
    assert names == wanted


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_python_locks_carry_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert not ADDRESS.search(text)
    requirements = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert requirements
    for requirement in requirements:
        if not requirement.startswith("#"):
            assert re.match(r"[\w.-]+==", requirement), requirement
            assert "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize("folder", NPM_FOLDERS, ids=lambda folder: folder.name)
def test_npm_locks_carry_hashes_and_no_address(folder: Path) -> None:
    for name, package in packages(folder).items():
        if name:
            assert "resolved" not in package, name
            assert package["integrity"].startswith("sha512-"), name


@pytest.mark.parametrize("folder", NPM_FOLDERS, ids=lambda folder: folder.name)
def test_npm_dependencies_are_exact_and_as_locked(folder: Path) -> None:
    manifest = json.loads((folder / "package.json").read_text())
    locked = packages(folder)
    for name, version in (manifest.get("dependencies", {}) | manifest.get("devDependencies", {})).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} {version}: write the exact version"
        assert locked[f"node_modules/{name}"]["version"] == version, f"{name}: run make lock"


def test_python_locks_satisfy_what_pyproject_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    runtime = [*project["project"]["dependencies"], *groups["build"]]
    development = [*runtime, *(line for line in groups["dev"] if isinstance(line, str))]
    for lock, wanted in [("requirements.lock", runtime), ("requirements-dev.lock", development)]:
        locked = pins(ROOT / "deploy" / lock)
        for line in wanted:
            requirement = Requirement(line)
            versions = locked.get(requirement.name.lower())
            assert versions, f"{requirement.name} is not in {lock}: run make lock"
            for version in versions:
                assert requirement.specifier.contains(version), f"{line}, not {version}: run make lock"


def test_what_is_tested_is_what_is_shipped() -> None:
    shipped, tested = pins(ROOT / "deploy/requirements.lock"), pins(ROOT / "deploy/requirements-dev.lock")
    for name, versions in shipped.items():
        assert tested.get(name) == versions, f"{name}: run make lock"
