"""Sources that a newcomer can read and find: short files, nouns for names, imports in one direction."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("server", "crdt", "opinions")
BROUGHT = {"node_modules", "build", "__pycache__"}
MAX_LINES = 600
# Words that say nothing of what is inside; whatever is in such a file has a better name.
SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff"}
# What a function may not find out by itself where the same input has to give the same output.
AMBIENT = {"now", "utcnow", "today", "uuid1", "uuid4"}
DIRECTION = {"server": {"server", "crdt", "opinions"}, "crdt": {"crdt", "opinions"}, "opinions": {"opinions"}}


def sources(*suffixes: str) -> list[Path]:
    """Our own source files, of the given suffixes, relative to the root."""
    return sorted(
        path.relative_to(ROOT)
        for folder in (*PACKAGES, "tests", "web")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes and not BROUGHT & set(path.relative_to(ROOT).parts)
    )


def imported(path: Path) -> Iterator[str]:
    """The top-level names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_there_are_sources_to_look_at() -> None:
    assert {path.parts[0] for path in sources(".py", ".ts")} == {*PACKAGES, "tests", "web"}


@pytest.mark.parametrize("path", sources(".py", ".ts", ".tsx", ".css"), ids=str)
def test_no_file_is_too_long_to_read(path: Path) -> None:
    lines = len((ROOT / path).read_text().splitlines())
    assert lines <= MAX_LINES, f"{lines} lines: split it by noun"


@pytest.mark.parametrize("path", sources(".py", ".ts", ".tsx", ".css"), ids=str)
def test_every_name_says_what_is_inside(path: Path) -> None:
    for part in path.with_suffix("").parts:
        words = set(part.lower().replace("-", "_").replace(".", "_").split("_"))
        assert not words & SAY_NOTHING, part


@pytest.mark.parametrize("path", sources(".py"), ids=str)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    source = (ROOT / path).read_text()
    if source or path.parts[0] != "tests":
        assert ast.get_docstring(ast.parse(source)), "a docstring at the top, please"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is_and_carries_no_code(package: str) -> None:
    body = ast.parse((ROOT / package / "__init__.py").read_text()).body
    assert len(body) == 1, "no code and no re-exports in __init__.py"


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    for path in sources(".py"):
        if path.parts[0] == package:
            ours = {name for name in imported(path) if name in {*PACKAGES, "tests"}}
            assert ours <= DIRECTION[package], path


def test_opinions_stands_on_the_standard_library_alone() -> None:
    for path in sources(".py"):
        if path.parts[0] == "opinions":
            foreign = set(imported(path)) - set(sys.stdlib_module_names) - {"opinions"}
            assert foreign <= ({"diff_match_patch"} if path.name == "redline.py" else set()), path


def test_the_clock_is_an_argument_in_opinions_and_crdt() -> None:
    for path in sources(".py"):
        if path.parts[0] in {"opinions", "crdt"}:
            for node in ast.walk(ast.parse((ROOT / path).read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    assert node.func.attr not in AMBIENT, f"{path}:{node.lineno}"
