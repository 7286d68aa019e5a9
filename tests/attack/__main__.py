"""`python -m tests.attack`: every class of hostile input against a running server, and its table.

The table is printed and kept in `tests/results/attack.md`.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "attack.md"

if __name__ == "__main__":
    environ = os.environ | {"UNBRACKET_TEST_ATTACK_RESULTS": str(RESULTS)}
    command = [sys.executable, "-m", "pytest", str(HERE), "-q", *sys.argv[1:]]
    sys.exit(subprocess.run(command, env=environ, check=False).returncode)
