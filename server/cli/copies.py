"""`unbracket backup` and `unbracket restore`: the whole record in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from server.backup import back_up, copier
from server.backup import restore as bring_back
from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.control import WORK_SECONDS, ask_server
from server.database import Database
from server.errors import DatabaseInUse
from server.serving import require_process
from server.verify import DIFFERS

File = Annotated[Path, typer.Argument(help="The backup's file.", dir_okay=False)]


def backup(
    file: File,
    with_key: Annotated[
        bool, typer.Option(help="Put the signing key into it too; keep such a file as you keep the key.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Copy the whole record into one file, also while the server runs; people go on writing meanwhile.

    Example: unbracket backup /var/backups/unbracket/friday.tar --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    require_process(chosen)
    target = file.absolute()
    try:
        with Database(chosen) as database:
            heads = back_up(chosen, copier(database), target, with_key=with_key)
        logs, versions = len(heads.documents), len(heads.versions)
    except DatabaseInUse:
        asked = {"act": "backup", "file": str(target), "with_key": with_key}
        answer = ask_server(chosen.data_dir, asked, WORK_SECONDS)
        logs, versions = answer["logs"], answer["versions"]
    print(f"{file}: {logs} logs and {versions} versions.")


def restore(file: File, data_dir: DataDir = None) -> None:
    """Bring a backup back into an empty data directory (or empty PostgreSQL database), and check every log and version.

    Exit code 0: all agrees; 4: something does not, and is printed; 1 or 3: nothing was restored.

    Example: unbracket restore /var/backups/unbracket/friday.tar --data-dir /srv/unbracket-restored
    """
    chosen = settings_of(data_dir)
    found = bring_back(chosen, file)
    for finding in found.findings:
        print(f"DIFFERS. {finding}")
    if found.findings:
        raise typer.Exit(DIFFERS)
    print(f"Restored the backup of {found.made_at}: {found.logs} logs and {found.versions} versions, and all agree.")
    if not chosen.signing_key_file.exists():
        print(
            f"It holds no signing key: put yours to {chosen.signing_key_file}; without it the server starts only where "
            "no version was signed."
        )
