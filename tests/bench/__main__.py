"""`make bench`: our server and its peers under the same load, held against the goals.

    make bench                                     everything, in about 25 minutes on a quiet machine of two cores
    make bench ARGS="--minutes 60"                 more rounds, longer runs
    make bench ARGS="--only plenary --rounds 3 --seconds 8"
    python -m tests.bench --smoke

A whole run writes tests/results/bench.md; a part of it prints only. `--smoke` needs no peers and takes seconds.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Sequence

from tests.bench import report
from tests.bench.measuring import Found, Options, Scenario, Show
from tests.bench.report import Hour
from tests.bench.scenarios import MINUTES, RESERVE, SCENARIOS, cost, planned
from tests.bench.servers import Missing, require_peers
from tests.bench.workshop import FULL, SMALL, workshop
from tests.soak.machine import without_paths

SMOKE = ("saturation", "documents", "storm", "cold", "gate", "memory", "kills")
"""What needs neither peers nor services, once of each kind: typing rooms are measured as many documents are."""


def main() -> int:
    """Runs what was asked for; 1 when something is missing or was broken off, or a smoke run did not deliver all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=sorted(SCENARIOS), help="scenarios; all without it")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long all of it may take")
    parser.add_argument("--rounds", type=int, help="instead of as many as fit")
    parser.add_argument("--seconds", type=float, help="measured in each run, instead of as many as fit")
    parser.add_argument("--smoke", action="store_true", help="our server and the relay, small and short")
    parser.add_argument("--write", action="store_true", help="write the page also after a part")
    asked = parser.parse_args()
    names = [name for name in SCENARIOS if not asked.only or name in asked.only]
    try:
        if asked.smoke:
            return smoke([name for name in SMOKE if name in names])
        require_peers()
        wanted = [SCENARIOS[name] for name in names]
        ends = time.monotonic() + asked.minutes * 60

        def fitting(left: Sequence[Scenario], reserve: float = 0.0) -> Options:
            found = planned(left, (ends - time.monotonic()) / 60 * (1 - reserve))
            return Options(asked.rounds or found.rounds, asked.seconds or found.seconds)

        options = fitting(wanted, RESERVE)
        hour = Hour(command=" ".join(["make bench", *_arguments()]))
        results = measured(wanted, options, fitting, lambda line: print(line, flush=True))
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    hour.seconds = time.time() - hour.began.timestamp()
    text = report.page(results, options, hour)
    print(text)
    if asked.write or not asked.only:
        report.PAGE.write_text(text)
    return int(any(found.broken for found in results.values()))


def measured(
    wanted: Sequence[Scenario], options: Options, fitting: Callable[[Sequence[Scenario]], Options], show: Show
) -> dict[str, Found]:
    """The scenarios in turn, each with what it was to take and what it took. When time runs out, those that are left
    are measured in fewer rounds, as `fitting` says.
    """
    show(f"{options.rounds} rounds of {options.seconds:g} s: about {cost(wanted, options) / 60:.0f} minutes, of which")
    for one in wanted:
        show(f"  {one.name:<12} {one.cost(options):5.0f} s")
    results: dict[str, Found] = {}
    with workshop(SMALL if options.small else FULL) as shop:
        for number, one in enumerate(wanted):
            began = time.monotonic()
            now = min(options, fitting(wanted[number:]), key=lambda each: (each.rounds, each.seconds))
            try:
                found = one.measure(shop, now, show)
            except Exception as error:
                # What the others measure for half an hour must not go with it.
                traceback.print_exc()
                found = Found(one.name, f"{one.name}: broken off", broken=True)
                found.remarks.append(without_paths(f"{type(error).__name__}: {error}")[:500])
            found.options = now
            results[one.name] = found
            show(f"{one.name}: {time.monotonic() - began:.0f} s of {one.cost(now):.0f} s")
    return results


def smoke(names: list[str]) -> int:
    """All that works without peers, in small: whether everything that the bench is made of works."""
    options = Options(1, 1.0, small=True)
    wanted = [SCENARIOS[name] for name in names]
    results = measured(wanted, options, lambda _: options, lambda line: print(line, flush=True))
    print(report.page(results, options, Hour(command="smoke")))
    shares = [value for found in results.values() for value in found.everything("delivered %")]
    lost = [
        value
        for found in results.values()
        for what in ("and lost", "seen and lost")
        for value in found.everything(what)
    ]
    worked = not any(found.broken for found in results.values()) and min(shares, default=100) >= 100 and not any(lost)
    print("everything was delivered" if worked else "NOT everything was delivered")
    return 0 if worked else 1


def _arguments() -> list[str]:
    given = " ".join(sys.argv[1:])
    return [f'ARGS="{given}"'] if given else []


if __name__ == "__main__":
    sys.exit(main())
