"""`unbracket keys`: the key that signs versions."""

from datetime import UTC, datetime

import typer

from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.database import Database
from server.freezes.rotation import load_rotations, rotate
from server.serving import require_process
from server.signing import load_key

app = typer.Typer(name="keys", help="The key that signs versions.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """The key that signs versions."""


@app.command("rotate")
def rotate_key(data_dir: DataDir = None) -> None:
    """Replace the signing key by a new one, which the old one introduces with its signature. Stop the server first.

    What the old key signed stays valid; versions from now on are signed by the new one.

    Example: unbracket keys rotate --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    require_process(chosen)
    done = rotate(chosen, datetime.now(UTC))
    print(f"Key {done.rotation.new} signs from now on; {done.rotation.old} has introduced it. Start the server again.")
    print(f"New private key: {done.key_file}. Back it up apart from the data, and give it to every server process.")
    print(f"Old private key: {done.retired_file}. It signs nothing any more: delete it when the backup is made.")


@app.command("list")
def list_keys(data_dir: DataDir = None) -> None:
    """List the keys that signed, the first one first, and which one is in force.

    Example: unbracket keys list --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    require_process(chosen)
    force = load_key(chosen.signing_key_file).id if chosen.signing_key_file.exists() else ""
    with Database.reading(chosen) as connection:
        rotations = load_rotations(connection)
    for rotation in rotations:
        print(f"{rotation.old}  replaced {rotation.at:%Y-%m-%d %H:%M} UTC")
    print(f"{force or 'none'}  in force")
