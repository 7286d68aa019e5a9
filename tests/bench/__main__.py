"""`make bench`: our server and its peers under the same load, held against the goals.

    make bench ARGS="--only plenary --rounds 3 --seconds 8"
    python -m tests.bench --smoke

A whole run writes tests/results/bench.md; a part of it prints only. `--smoke` needs no peers and takes seconds.
"""

import argparse
import sys
import time

from tests.bench import report
from tests.bench.scenarios import SCENARIOS, Found, Options
from tests.bench.servers import Missing, require_peers


def main() -> int:
    """Runs what was asked for; 1 when something is missing, or when a smoke run did not deliver everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=sorted(SCENARIOS), help="scenarios; all without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0, help="measured seconds of each run")
    parser.add_argument("--smoke", action="store_true", help="our server and the relay, small and short")
    parser.add_argument("--write", action="store_true", help="write the page also after a part")
    asked = parser.parse_args()
    try:
        if asked.smoke:
            return smoke()
        require_peers()
        options = Options(asked.rounds, asked.seconds)
        results: dict[str, Found] = {}
        for name in asked.only or SCENARIOS:
            began = time.monotonic()
            results[name] = SCENARIOS[name](options, lambda line: print(line, flush=True))
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    text = report.page(results, options)
    print(text)
    if asked.write or not asked.only:
        report.PAGE.write_text(text)
    return 0


def smoke() -> int:
    """A few seconds of the typing room in small: whether everything that the bench is made of works."""
    found = SCENARIOS["typing"](Options(1, 1.5, smoke=True), print)
    shares = [figures["delivered %"][0] for figures in found.figures.values()]
    print("everything was delivered" if min(shares) >= 100 else "NOT everything was delivered")
    return 0 if min(shares) >= 100 else 1


if __name__ == "__main__":
    sys.exit(main())
