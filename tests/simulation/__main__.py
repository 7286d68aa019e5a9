"""`python -m tests.simulation SEED [SEED ...] [--steps]`: replay seeds; `--steps` prints all that happened."""

import sys
import time

from tests.simulation.sitting import run


def main(arguments: list[str]) -> int:
    """Runs the seeds given (`10-20` for a range); 1 when one of them breaks a promise."""
    steps = "--steps" in arguments
    seeds: list[int] = []
    for one in arguments:
        if not one.startswith("--"):
            first, _, last = one.partition("-")
            seeds += range(int(first), int(last or first) + 1)
    failed = 0
    for seed in seeds:
        started = time.process_time()
        history = run(seed)
        if steps:
            print(*history.spelled(), sep="\n")
        took = time.process_time() - started
        figures = ", ".join(f"{number} {name}" for name, number in history.figures.items())
        print(f"seed {seed}: {history.failure or 'sound'} [{figures}; {took:.2f} s; history {history.digest}]")
        failed += bool(history.failure)
    if len(seeds) > 1:
        print(f"{len(seeds)} seeds, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
