"""`python -m tests.word.office`: make sure that there is a LibreOffice for the tests, and say which."""

import os
import shutil
import subprocess
import sys

from tests.support.office import OfficeFailed, soffice

PACKAGE = "libreoffice-writer-nogui"
"""The writer without a window: 20 s and 450 MB on a fresh Debian."""
INSTALL_SECONDS = 900


def main() -> int:
    """0 when LibreOffice was seen to start; 1, with the line to run, when there is none."""
    try:
        program = provided()
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=100, check=True)
    except (OfficeFailed, subprocess.SubprocessError, OSError) as missing:
        print(
            f"There is no LibreOffice for the tests, and none could be installed ({missing}).\n"
            f"Install it, for instance: apt-get install --no-install-recommends {PACKAGE}\n"
            "or name one: UNBRACKET_TEST_OFFICE=/path/to/soffice make test",
            file=sys.stderr,
        )
        return 1
    print(f"{' '.join(said.stdout.split()[:2])} at {program}")
    return 0


def provided() -> str:
    """The program, installed from Debian's packages when it is missing, root asks and apt is there."""
    try:
        return soffice()
    except OfficeFailed:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {PACKAGE}")
    for arguments in (("update", "-qq"), ("install", "-qq", "-y", "--no-install-recommends", PACKAGE)):
        subprocess.run(
            ["apt-get", *arguments],
            env=environment,
            check=True,
            timeout=INSTALL_SECONDS,
            stdout=subprocess.DEVNULL,
        )
    return soffice()


if __name__ == "__main__":
    sys.exit(main())
