"""`python -m tests.soak` (`make soak`): campaigns with fresh seeds for a while, and the ledger a few lines longer.

    python -m tests.soak [--minutes 60] [--only hostile_updates power_cuts]     adds to tests/results/ledger.jsonl
    python -m tests.soak --seed 123 --only hostile_updates --minutes 1          the same trials again; nothing is added
    python -m tests.soak --mended "hostile updates" tests/crdt/test_gate.py::test_g5_...
    python -m tests.soak --report                                               the table, also into README.md

Time goes where most is left to do. Ctrl-C keeps what was done. The exit code is 1 when anything failed. What counts is
the rule in `tests/soak/ledger.py`.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.soak import ledger, machine, runner
from tests.soak.campaign import Campaign
from tests.soak.ledger import LEDGER, README, Line, Mend


@dataclass(frozen=True, slots=True)
class Book:
    """Where outcomes go: a ledger and the document that shows its table."""

    path: Path
    document: Path | None

    def add(self, line: Line) -> None:
        """Adds a line, and brings the document up to date."""
        ledger.add(line, self.path)
        if self.document:
            ledger.report(self.path, self.document)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak", description="Campaigns, and the ledger of their outcomes."
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="how long in all (60)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these campaigns, by module or name")
    parser.add_argument("--seed", type=int, help="replay: these trials again, and nothing goes into the ledger")
    parser.add_argument("--report", action="store_true", help="print the table and write it into README.md")
    parser.add_argument(
        "--mended", nargs=2, metavar=("CAMPAIGN", "TEST"), help="close its failures: this test would find them"
    )
    parser.add_argument("--list", action="store_true", help="the campaigns there are")
    parser.add_argument("--ledger", type=Path, default=LEDGER, help="another ledger, for trying a campaign out")
    asked = parser.parse_args(arguments)
    book = Book(asked.ledger, README if asked.ledger == LEDGER else None)
    if asked.mended:
        if not ledger.is_a_test(asked.mended[1]):
            parser.error(f"there is no test {asked.mended[1]!r}; name it as file::test")
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        book.add(Mend(asked.mended[0], now, machine.commit(), asked.mended[1]))
    if asked.mended or asked.report:
        print(ledger.table(ledger.totals(ledger.read(book.path))))
        if book.document:
            ledger.report(book.path, book.document)
        return 0
    try:
        chosen = runner.campaigns(asked.only)
    except LookupError as error:
        parser.error(str(error))
    if asked.list:
        for module, campaign in chosen.items():
            print(f"{module:24} {campaign.goal:>9,} {campaign.name}: {campaign.promise}")
        return 0
    if asked.seed is not None:
        return _replay(chosen, asked.seed, asked.minutes * 60)
    return _soak(chosen, asked.minutes * 60, book)


def _soak(chosen: dict[str, Campaign], seconds: float, book: Book) -> int:
    parts = runner.shares(chosen, ledger.totals(ledger.read(book.path)))
    failed = False
    for module, length in runner.slices(parts, seconds):
        seed = runner.fresh_seed()
        print(f"{chosen[module].name}: {length:.0f} s with seed {seed}", flush=True)
        try:
            run = runner.ran(module, chosen[module], seed, length)
        except KeyboardInterrupt:
            print("interrupted: this run counts for nothing, those before it stay")
            break
        book.add(run)
        failed |= bool(run.failures)
        print("  " + runner.line_of(run, runner.total_of(run.campaign, book.path)), flush=True)
        for failure in run.failures:
            print(f"  FAILED {failure}", flush=True)
    print("\n" + ledger.table(ledger.totals(ledger.read(book.path))))
    return int(failed)


def _replay(chosen: dict[str, Campaign], seed: int, seconds: float) -> int:
    failed = False
    for module, campaign in chosen.items():
        run = runner.ran(module, campaign, seed, seconds / len(chosen))
        failed |= bool(run.failures)
        print(
            f"{campaign.name}: {run.trials:,} trials of seed {seed}, {len(run.failures)} failed (a replay: not counted)"
        )
        for failure in run.failures:
            print(f"  FAILED {failure}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
