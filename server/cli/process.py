"""`unbracket process-export`, `process-import` and `process-schema`: a whole process as one JSON file, and back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server import serving
from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.database import Database
from server.errors import ServerError
from server.serving import require_process
from server.taking_part.archive import write_archive
from server.taking_part.archive_reading import MAX_BYTES, ArchiveRefused, read_archive
from server.taking_part.archive_schema import archive_schema

File = Annotated[Path, typer.Argument(help="The file.", dir_okay=False)]


def export_process(
    file: File,
    people: Annotated[
        bool, typer.Option("--people/--without-people", help="With people and logs, or texts and papers alone.")
    ] = True,
    data_dir: DataDir = None,
) -> None:
    """Write a process into one JSON file, also while the server runs. Drafts that were not submitted are never in it.

    Example: unbracket process-export wtpf-26.json --without-people --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    require_process(chosen)
    if file.exists():
        raise ServerError(f"{file} exists already. Choose another name.")
    try:
        with Database.reading(chosen) as connection, file.open("xb") as out:
            file.chmod(0o600)
            rows = write_archive(connection, out, datetime.now(UTC), with_people=people)
    except OSError as error:
        raise ServerError(f"{file} cannot be written ({error.strerror}).") from None
    print(f"{file}: {rows} rows, {'with' if people else 'without'} people.")


def import_process(file: File, data_dir: DataDir = None) -> None:
    """Bring a process into a server that holds none yet: everything, checked against its hashes, or nothing.

    Example: unbracket process-import wtpf-26.json --data-dir /srv/unbracket-two
    """
    chosen = settings_of(data_dir)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ArchiveRefused(f"{file} has more than {MAX_BYTES // 2**20} MiB.")
        content = file.read_bytes()
    except OSError as error:
        raise ServerError(f"{file} cannot be read ({error.strerror}).") from None
    serving.prepare(chosen)
    with Database(chosen) as database:
        done = database.run(lambda connection: read_archive(connection, content, "operator", datetime.now(UTC)))
    print(f"{done.name}: {done.opinions} draft Opinions, {done.people} people, {done.rows} rows.")
    if done.versions_told:
        print(f"{done.versions_told} versions stay in the file: without people they cannot be signed anew.")
    if done.comments_told:
        print(f"{done.comments_told} comments stay in the file: they were made on those versions.")


def process_schema() -> None:
    """Print the JSON Schema of such a file.

    Example: unbracket process-schema > process.schema.json
    """
    print(json.dumps(archive_schema(), indent=2, sort_keys=True))
