"""`unbracket serve` as services and people start it, read without the library of the command line: a server runs for
weeks, and need not hold that in memory.

Only what is plainly right is taken; help, mistakes and every other command are `server.cli.commands`'s.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from server import observability, serving
from server.database import Database
from server.errors import SettingsError
from server.process_store import load_process
from server.settings import Settings, read_settings

_NAMES = {"--data-dir": "data_dir", "--host": "host", "--port": "port"}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `unbracket serve` was given; None where the settings decide."""

    data_dir: Path | None = None
    host: str | None = None
    port: int | None = None


def plainly_asked(arguments: Sequence[str]) -> ServeOptions | None:
    """The options of `serve` with each given once and as a word of its own; None for everything else."""
    if not arguments or arguments[0] != "serve" or len(arguments) % 2 == 0:
        return None
    given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    if len(given) * 2 != len(arguments) - 1 or not given.keys() <= _NAMES.keys():
        return None
    if any(not value or value.startswith("-") for value in given.values()):
        return None
    port = given.get("--port")
    if port is not None and not (port.isascii() and port.isdigit() and int(port) <= 65535):
        return None
    data_dir = given.get("--data-dir")
    return ServeOptions(
        None if data_dir is None else Path(data_dir), given.get("--host"), None if port is None else int(port)
    )


def settings_of(data_dir: Path | None, host: str | None = None, port: int | None = None) -> Settings:
    """The settings in force for a command, its options before the environment; log lines go to standard error."""
    chosen = read_settings(os.environ, data_dir=data_dir, host=host, port=port)
    observability.configure(chosen.log_format, chosen.log_level)
    return chosen


def serve_process(options: ServeOptions) -> None:
    """Serve the process in a data directory until stopped."""
    chosen = settings_of(options.data_dir, options.host, options.port)
    serving.require_process(chosen)
    serving.prepare(chosen)
    with Database(chosen) as database:
        database.run(_refuse_demo)
    serving.serve(chosen)


def _refuse_demo(connection: Connection) -> None:
    if load_process(connection).demo:
        raise SettingsError(
            "This data directory holds the demonstration. Start it with `unbracket demo`, or choose another directory."
        )
