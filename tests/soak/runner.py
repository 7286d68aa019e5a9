"""Runs campaigns one after the other, each in a process of its own that cannot take the others down.

A run that dies, throws or does not come to its end is a failure with a seed, like any other.
"""

import importlib
import json
import os
import pkgutil
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import tests.soak
from tests.soak import ledger, machine
from tests.soak.campaign import Campaign, Outcome
from tests.soak.ledger import ROOT, Run, Total

LONGEST_RUN = 600.0
"""Seconds. Longer shares are cut into runs, so that Ctrl-C and a crash of the machine cost one run at most."""
SHORTEST_RUN = 10.0
GRACE = 180.0
"""Seconds a run may take beyond its share: a campaign may have databases to start, and finishes the trial it is in."""
PARTING = 15.0
"""Seconds from SIGTERM to SIGKILL."""
FLOOR = 0.05
"""The share of what is left to do that a campaign has when its goal is reached: it goes on, slowly."""


def modules() -> tuple[str, ...]:
    """The names of the modules here that may hold a campaign."""
    names = (module.name for module in pkgutil.iter_modules(tests.soak.__path__))
    return tuple(name for name in names if not name.startswith(("test_", "_")))


def campaign_of(module: str) -> Campaign | None:
    """The campaign of a module (`tests.soak.<module>`, or a full name with dots); none when it has no such value."""
    found = getattr(importlib.import_module(module if "." in module else f"tests.soak.{module}"), "CAMPAIGN", None)
    return found if isinstance(found, Campaign) else None


def campaigns(only: Sequence[str] = ()) -> dict[str, Campaign]:
    """Module -> campaign, of all or of those asked for by module or by the campaign's name. Raises `LookupError` for
    a name that none has. A module that cannot be imported is left out and named on standard error, unless asked for.
    """
    wanted = {_plain(name): name for name in only}
    known = modules()
    here = [module for module in known if module in wanted] if wanted.keys() <= set(known) else known
    found: dict[str, Campaign] = {}
    for module in here:
        try:
            one = campaign_of(module)
        except Exception as error:
            if module in wanted:
                raise
            print(f"{module} cannot be imported: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        if one and (not wanted or wanted.keys() & {module, _plain(one.name)}):
            found[module] = one
    missing = wanted.keys() - found.keys() - {_plain(one.name) for one in found.values()}
    if missing:
        raise LookupError(f"no campaign is called {wanted[min(missing)]!r}; there are {', '.join(campaigns())}")
    return found


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


def shares(chosen: Mapping[str, Campaign], sums: Sequence[Total]) -> dict[str, float]:
    """Module -> its share of the time: in proportion to how far its campaign is from its goal."""
    done = {one.campaign: one.share for one in sums}
    weights = {module: max(FLOOR, 1 - done.get(one.name, 0.0)) for module, one in chosen.items()}
    whole = sum(weights.values())
    return {module: weight / whole for module, weight in weights.items()}


def slices(parts: Mapping[str, float], seconds: float) -> Iterator[tuple[str, float]]:
    """The runs that fill the time: module and seconds, in turns."""
    left = {module: max(SHORTEST_RUN, part * seconds) for module, part in parts.items()}
    while left:
        for module in list(left):
            length = left[module] if left[module] <= LONGEST_RUN + SHORTEST_RUN else LONGEST_RUN
            yield module, length
            left[module] -= length
            if left[module] <= 0:
                del left[module]


def fresh_seed() -> int:
    """A seed nobody has used."""
    return secrets.randbelow(2**31)


def ran(module: str, campaign: Campaign, seed: int, seconds: float, grace: float = GRACE) -> Run:
    """The line of one run, whatever became of it. Raises `KeyboardInterrupt` after ending the run."""
    date, commit = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), machine.commit()
    start = time.monotonic()
    outcome = _in_a_process(module, seed, seconds, grace)
    return Run(
        campaign=campaign.name,
        promise=campaign.promise,
        goal=campaign.goal,
        date=date,
        commit=commit,
        seed=seed,
        seconds=round(time.monotonic() - start, 1),
        trials=outcome.trials,
        failures=tuple(machine.without_paths(failure)[:500] for failure in outcome.failures),
        figures=outcome.figures,
        machine=machine.machine(),
        versions=machine.versions(),
    )


def _in_a_process(module: str, seed: int, seconds: float, grace: float) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        answer, said = Path(folder) / "outcome.json", Path(folder) / "output"
        command = [sys.executable, "-m", "tests.soak.runner", module, str(seed), str(seconds), str(answer)]
        # Sets of text are then gone through in the same order every time: a seed draws the same trials again.
        environ = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join(path for path in (str(ROOT), *sys.path[:1]) if path),
        }
        with said.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
            try:
                code = process.wait(seconds + grace)
            except subprocess.TimeoutExpired:
                return Outcome(0, (f"seed {seed}: not over {grace:.0f} s after its time; {_last(said)}",))
            finally:
                _end(process)
        if answer.exists():
            told = json.loads(answer.read_text("utf-8"))
            return Outcome(told["trials"], tuple(told["failures"]), told["figures"])
        return Outcome(0, (f"seed {seed}: the run died (exit code {code}); {_last(said)}",))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a run with all that it started; one that is over has nothing left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(PARTING)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _last(output: Path) -> str:
    lines = output.read_text("utf-8", errors="replace").strip().splitlines()
    return f"its last line: {lines[-1]}" if lines else "it said nothing"


def _one_run(module: str, seed: int, seconds: float, answer: Path) -> None:
    """What the process of a run does."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    campaign = campaign_of(module)
    assert campaign, f"{module} has no campaign"
    try:
        outcome = campaign.run(seed, seconds)
    except Exception as error:
        traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        outcome = Outcome(0, (f"seed {seed}: {type(error).__name__} at {where}: {error}",))
    if outcome.trials < 1 and not outcome.failures:
        outcome = Outcome(0, (f"seed {seed}: no trial was made",), outcome.figures)
    whole = answer.with_suffix(".part")
    whole.write_text(json.dumps({**asdict(outcome), "figures": dict(outcome.figures)}), "utf-8")
    whole.rename(answer)


def line_of(run: Run, total: Total) -> str:
    """A run in one line for people."""
    verdict = f"{len(run.failures)} FAILED" if run.failures else "none failed"
    figures = "".join(f", {name.replace('_', ' ')} {value}" for name, value in run.figures.items())
    return (
        f"{run.campaign}: {run.trials:,} in {run.seconds:.0f} s (seed {run.seed}), {verdict}; "
        f"N = {total.counted:,} of {total.goal:,}{figures}"
    )


def total_of(campaign: str, path: Path) -> Total:
    """What the ledger has of a campaign."""
    return next(one for one in ledger.totals(ledger.read(path)) if one.campaign == campaign)


if __name__ == "__main__":
    _one_run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
