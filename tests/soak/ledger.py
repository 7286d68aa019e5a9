"""The ledger of campaigns (`tests/results/ledger.jsonl`): what was tried, what failed, and what that allows to be said.

The rule, for every campaign by itself:

- A line is one run: its trials, its failures, its seed, the commit, the machine. Lines are added, never changed.
- A run with a failure counts no trial. Its failure stays open until a line names the regression test that the mended
  product passes (`python -m tests.soak --mended "hostile updates" tests/crdt/test_gate.py::test_g5_...`).
- N is the number of trials since the last failure was mended, or since the beginning: a failure sets N to nothing,
  whoever's fault it was, the product's or the campaign's. While one is open nothing is bounded.
- Trials of all commits since then count alike, for a commit that breaks something fails the next run.
- A seed counts once: what is replayed by its seed is no new trial, and is not added.

Zero failures in N independent trials bound the rate of failure below 3/N with 95 % confidence.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tests.soak.campaign import Figure

ROOT = Path(__file__).resolve().parents[2]
LEDGER = ROOT / "tests" / "results" / "ledger.jsonl"
README = ROOT / "README.md"
BEGIN, END = "<!-- ledger: written by `make soak` -->", "<!-- end of ledger -->"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one campaign. Dates are ISO 8601 in UTC; `commit` ends with `+` when sources differed from it."""

    campaign: str
    promise: str
    goal: int
    date: str
    commit: str
    seed: int
    seconds: float
    trials: int
    failures: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    machine: Mapping[str, Figure] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mend:
    """From here on the open failures of a campaign are closed; `mended` is the test that would find them again."""

    campaign: str
    date: str
    commit: str
    mended: str


Line = Run | Mend


@dataclass(frozen=True, slots=True)
class Total:
    """What the lines of one campaign come to."""

    campaign: str
    promise: str
    goal: int
    counted: int
    """N: trials since the last failure was mended."""
    failures: int
    """All there ever were."""
    open: tuple[str, ...]
    """Failures that no test is named for yet."""
    runs: int
    last: str
    """Day of the last run, `2026-11-22`."""

    @property
    def share(self) -> float:
        """How far it is on its way, 0 to 1."""
        return min(1.0, self.counted / self.goal)

    @property
    def bound(self) -> str:
        """The bound on the rate of failure, as `3/1,000 = 0.3 %`; empty while there is none."""
        if self.open or not self.counted:
            return ""
        return f"3/{self.counted:,} = {min(100.0, 300 / self.counted):.2g} %"


def read(path: Path = LEDGER) -> tuple[Line, ...]:
    """The lines of a ledger, oldest first; none without a file. Raises `ValueError` for a line that is neither."""
    if not path.exists():
        return ()
    return tuple(_line(text, number) for number, text in enumerate(path.read_text("utf-8").splitlines(), 1))


def add(line: Line, path: Path = LEDGER) -> None:
    """Adds a line, whole, also when others add theirs at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: value for name, value in asdict(line).items() if value != ()}, ensure_ascii=False) + "\n"
    with path.open("ab") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        ledger.write(text.encode())
        ledger.flush()
        os.fsync(ledger.fileno())


def totals(lines: Iterable[Line]) -> tuple[Total, ...]:
    """One total per campaign that was ever run, by name."""
    found: dict[str, Total] = {}
    for line in lines:
        before = found.get(line.campaign, Total(line.campaign, "", 1, 0, 0, (), 0, ""))
        found[line.campaign] = _with(before, line)
    return tuple(found[name] for name in sorted(found))


def _with(total: Total, line: Line) -> Total:
    if isinstance(line, Mend):
        return replace(total, open=())
    still_open = (*total.open, *line.failures)
    return replace(
        total,
        promise=line.promise,
        goal=line.goal,
        counted=0 if still_open else total.counted + line.trials,
        failures=total.failures + len(line.failures),
        open=still_open,
        runs=total.runs + 1,
        last=line.date[:10],
    )


def is_a_test(mended: str) -> bool:
    """Whether there is such a test, `file::name`, of either half."""
    file, _, name = re.sub(r": ", "::", mended, count=1).partition("::")
    path = ROOT / file
    return bool(name) and path.is_file() and name.split("[")[0] in path.read_text("utf-8")


def table(sums: Sequence[Total]) -> str:
    """The totals in Markdown. A pure function of the ledger."""
    rows = [
        "| campaign | a trial without failure shows | N | of | rate of failure below (95 %) | failures | last run |",
        "|---|---|--:|--:|---|---|---|",
    ]
    for one in sums:
        ever = f"{one.failures}, mended" if one.failures else "none"
        failures = f"**{len(one.open)} open**" if one.open else ever
        cells = (one.campaign, one.promise, f"{one.counted:,}", f"{one.goal:,}", one.bound or "-", failures, one.last)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def written_into(document: str, shown: str) -> str:
    """A document with the table between its two marks. Raises `ValueError` when the marks are not there once each."""
    if document.count(BEGIN) != 1 or document.count(END) != 1:
        raise ValueError(f"the document needs the two lines {BEGIN} and {END}, once each")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{shown}\n{END}{after}"


def report(path: Path = LEDGER, document: Path = README) -> str:
    """The table of a ledger, written into the document as well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as ledger:  # one writer of the document at a time, as of the ledger
        fcntl.flock(ledger, fcntl.LOCK_EX)
        before = document.read_text("utf-8")
        shown = table(totals(read(path)))
        if (after := written_into(before, shown)) != before:
            document.write_text(after, "utf-8")
    return shown


def _line(text: str, number: int) -> Line:
    try:
        fields = json.loads(text)
        if "mended" in fields:
            return Mend(**fields)
        return Run(**{**fields, "failures": tuple(fields.get("failures", ()))})
    except (TypeError, ValueError) as error:
        raise ValueError(f"line {number} of the ledger is no run and no mend: {error}") from error
