"""Commands on the logs of a data directory."""

from typing import Annotated

import typer

from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.database import Database
from server.verify import DIFFERS, verify


def verify_log(
    data_dir: DataDir = None,
    quiet: Annotated[bool, typer.Option(help="Print nothing but what does not agree.")] = False,
) -> None:
    """Replay every log and say whether it equals all that is stored beside it.

    Checks the hash chain, the heads, the client ids, the snapshots, and of every version its text, fingerprint,
    signature and place in the log. May run beside a server. Exit code 0: all agrees; 4: something does not; 3: the
    database cannot be read.

    Example: unbracket verify-log --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    wrong = count = 0
    with Database.reading(chosen) as connection:
        for verdict in verify(connection):
            count += 1
            wrong += bool(verdict.findings)
            if verdict.entries and not verdict.findings and not quiet:
                versions = f", {verdict.versions} versions" if verdict.versions else ""
                print(f"{verdict.document}: {verdict.entries} entries{versions}, all agree")
            for line in verdict.told:
                print(f"{verdict.document}: {line}")
            for finding in verdict.findings:
                print(f"{verdict.document}: DIFFERS. {finding}")
    if wrong:
        print(f"{wrong} of {count} logs do not agree with what is stored beside them. Restore a backup that does.")
        raise typer.Exit(DIFFERS)
    if not quiet:
        print(f"All {count} logs agree with what is stored beside them.")
