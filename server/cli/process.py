"""`unbracket process-export`, `process-import` and `process-schema`: a whole process as one JSON file, and back.
`unbracket process-load`: its timetable, phases and rules from a process file (server/processes/SCHEMA.md).
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from server import serving
from server.audit_store import AuditEvent, Kind, note
from server.cli.plain import settings_of
from server.cli.running import DataDir
from server.database import Database
from server.errors import ServerError
from server.serving import require_process
from server.signing import SigningKey, load_key
from server.taking_part.archive import write_archive
from server.taking_part.archive_reading import MAX_BYTES, ArchiveRefused, BroughtIn, read_archive
from server.taking_part.archive_schema import archive_schema
from server.timetable.loading import Difference, compare, content_of, load_file, told
from server.timetable.reading import read_process_file

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
        key = load_key(chosen.signing_key_file)
        done = database.run(lambda connection: _brought_in(connection, content, datetime.now(UTC), key))
    print(f"{done.name}: {done.opinions} draft Opinions, {done.people} people, {done.rows} rows.")
    if done.versions_told:
        print(f"{done.versions_told} versions stay in the file: without people they cannot be signed anew.")
    if done.comments_told:
        print(f"{done.comments_told} comments stay in the file: they were made on those versions.")


def _brought_in(connection: Connection, content: bytes, now: datetime, key: SigningKey) -> BroughtIn:
    done = read_archive(connection, content, "operator", now, key)
    detail = f"the process {done.name}: {done.opinions} draft Opinions, {done.people} people"
    note(connection, AuditEvent(Kind.IMPORT, now, name="operator", subject="process", detail=detail))
    return done


def process_schema() -> None:
    """Print the JSON Schema of such a file.

    Example: unbracket process-schema > process.schema.json
    """
    print(json.dumps(archive_schema(), indent=2, sort_keys=True))


def load_process_file(
    file: Annotated[str, typer.Argument(help="A process file, or wtpf-26, wtpf-21, wtdc-21.")],
    reason: Annotated[str, typer.Option(help="Why it adds to a timetable that is there already.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Read it and say what it would add; change nothing.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a process's timetable, phases and rules in from a file; the server is stopped meanwhile on SQLite.

    What an earlier file said must stand in this one still. Every mistake is told with its line.

    Examples: unbracket process-load wtpf-26; unbracket process-load ours.yaml --check
    """
    chosen = settings_of(data_dir)
    content, called = content_of(file)
    read = read_process_file(content, called)
    require_process(chosen)
    if check:
        with Database.reading(chosen) as connection:
            found = told(compare(connection, read, called))
        print(f"{called}: {read.plan.label}, it would bring {found}. Nothing was changed.")
        return

    def load(connection: Connection) -> Difference:
        now = datetime.now(UTC)
        found = load_file(connection, content, called, now, name="operator", reason=reason)
        note(connection, AuditEvent(Kind.TIMETABLE, now, subject="process", detail=f"{called}: {told(found)}"))
        return found

    with Database(chosen) as database:
        print(f"{called}: {read.plan.label}, {told(database.run(load))}.")
