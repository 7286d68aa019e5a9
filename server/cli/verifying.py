"""`unbracket verify`: what anybody can do with files alone."""

import re
from pathlib import Path
from typing import Annotated

import typer

from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.database import Database
from server.errors import SettingsError
from server.signing import load_key
from server.verification.mirror import mirror_files, write_mirror
from server.verification.sources import read_source, verify_sources
from server.verify import DIFFERS

_KEY = re.compile(r"[0-9a-f]{16}|[0-9a-f]{64}")


def verify_files(
    files: Annotated[list[Path], typer.Argument(help="Version files, bundles (zip), or folders of a mirror.")],
    key: Annotated[
        list[str] | None, typer.Option(help="A signing key that you know from elsewhere: its id or its public key.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Take whatever a file leaves out for a difference.")
    ] = False,
) -> None:
    """Check published versions from files alone: no database, no network.

    Says line by line what was checked, what a file leaves out, and what differs. Without --key a file is held against
    the key that it brings along: compare its id with one from a letter. Exit code 0: all agrees; 4: something differs;
    1: a file cannot be read.

    Example: unbracket verify opinion-1-version-3.json --key 9f86d081884c7d65
    """
    pins = [one.replace(" ", "").lower() for one in key or ()]
    if odd := [one for one in pins if not _KEY.fullmatch(one)]:
        raise SettingsError(f"{odd[0]} is no key: give its id (16 hexadecimal digits) or the public key (64).")
    reports = verify_sources([read_source(path) for path in files], pins, complete=complete)
    for report in reports:
        _say(report.name)
        for line in report.checked:
            _say(f"  checked   {line}")
        for line in report.skipped:
            _say(f"  left out  {line}")
        for finding in report.findings:
            _say(f"  DIFFERS   {finding.where}: {finding.what}")
    wrong = sum(not report.agrees for report in reports)
    print(f"{wrong} of {len(reports)} differ." if wrong else f"All {len(reports)} agree.")
    if wrong:
        raise typer.Exit(DIFFERS)


def _say(line: str) -> None:
    """Print one line. Names come out of the file that is checked: they neither move the cursor nor begin a line."""
    print("".join(one if one.isprintable() else ascii(one)[1:-1] for one in line))


def mirror(
    directory: Annotated[Path, typer.Argument(help="The folder of the mirror; made if it is not there.")],
    data_dir: DataDir = None,
) -> None:
    """Write all public versions as files that any web server can hand on, and bring such a folder up to date.

    Names and bytes follow from the record, so every mirror is the same. Files are only added: one that is there with
    other bytes is an error, and nothing is changed. May run beside a server.

    Example: unbracket mirror /srv/www/mirror --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    key = load_key(chosen.signing_key_file)
    with Database.reading(chosen) as connection:
        files = mirror_files(connection, key)
    added = write_mirror(files, directory)
    print(f"{directory} holds {len(files)} files; {added} were added. Check it with: unbracket verify {directory}")
