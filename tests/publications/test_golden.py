"""The demonstration's versions in every format are what they were; `python -m tests.publications.demo` renews them."""

from pathlib import Path

from tests.publications.demo import GOLDEN, outlines


def test_the_files_of_the_demonstration_are_as_they_were(tmp_path: Path) -> None:
    """[PB1, PB3, PB4] Words and structure of six formats, three views, every version."""
    found = dict(outlines(tmp_path / "data"))
    kept = {one.name: one.read_text(encoding="utf-8") for one in GOLDEN.glob("*.txt")}
    assert sorted(found) == sorted(kept)
    for name, text in found.items():
        assert text.splitlines() == kept[name].splitlines(), f"{name}: meant? python -m tests.publications.demo"
