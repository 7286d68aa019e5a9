"""PostgreSQL's own programs for copying a database and bringing it back: pg_dump and pg_restore."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from server.errors import DatabaseUnavailable

PLACES = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version; the newest reads what the older ones wrote."""


def run(url: URL, program: str, *arguments: str) -> None:
    """Run a program on a database. Raises `DatabaseUnavailable` when it is not there or fails."""
    environ = dict(os.environ)
    # By the environment, for an argument can be read by every user of the machine.
    named = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    environ.update({name: str(value) for name, value in named.items() if value})
    done = subprocess.run(
        [_found(program), f"--dbname={url.database}", "--no-password", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise DatabaseUnavailable(f"{program} failed: {told[-1] if told else f'exit code {done.returncode}'}")


def _found(program: str) -> str:
    if (found := shutil.which(program)) is not None:
        return found
    there = sorted(PLACES.glob(f"*/bin/{program}"), key=lambda path: _version(path), reverse=True)
    if not there:
        raise DatabaseUnavailable(
            f"{program} is not installed. Install PostgreSQL's client programs (Debian: postgresql-client)."
        )
    return str(there[0])


def _version(program: Path) -> int:
    name = program.parents[1].name
    return int(name) if name.isdigit() else 0
