"""What came of every class, as the table that the tests print and `python -m tests.attack` keeps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.attack.corpus import Hostile


@dataclass(slots=True)
class Row:
    """One class and the answers its instances got."""

    family: str
    name: str
    source: str
    expected: tuple[str, ...]
    answers: Counter[str] = field(default_factory=Counter)
    failed: int = 0


ROWS: dict[tuple[str, str], Row] = {}
"""The rows of this run, in the order in which they were tried."""


def row_of(hostile: Hostile) -> Row:
    """The row of a class, begun when it is first asked for."""
    return row(hostile.family, hostile.name, hostile.source, hostile.expected)


def row(family: str, name: str, source: str, expected: Sequence[str]) -> Row:
    """The row of something tried that is no `Hostile`."""
    return ROWS.setdefault((family, name), Row(family, name, source, tuple(expected)))


def packed() -> list[list[Any]]:
    """The rows as plain values, for the process that prints them."""
    return [[one.family, one.name, one.source, one.expected, dict(one.answers), one.failed] for one in ROWS.values()]


def add(rows: Sequence[Sequence[Any]]) -> None:
    """Take over the rows that another process has `packed`."""
    for family, name, source, expected, answers, failed in rows:
        one = row(family, name, source, expected)
        one.answers.update(answers)
        one.failed += failed


def table() -> list[str]:
    """The rows as lines of a Markdown table, then how many classes and instances there were."""
    lines = ["| family | hostile input | from | answer | instances |", "|---|---|---|---|---|"]
    for one in ROWS.values():
        got = ", ".join(sorted(one.answers)) or "none"
        times = sum(one.answers.values())
        mark = f", {one.failed} WRONG" if one.failed else ""
        lines.append(f"| {one.family} | {one.name} | {one.source} | {got} | {times}{mark} |")
    instances = sum(sum(one.answers.values()) for one in ROWS.values())
    wrong = sum(one.failed for one in ROWS.values())
    lines += ["", f"{len(ROWS)} classes of hostile input, {instances} instances, {wrong} answered wrongly."]
    return lines
