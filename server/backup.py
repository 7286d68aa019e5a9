"""A copy of the whole record in one file, made beside a running server, and the way back from it.

The file is a tar of `manifest.json`, the record as its database copies itself (`record.db`, or `record.dump` of
pg_dump) and, if asked for, the signing key. The manifest says where every log and every version stood when copying
began, so that a restored record can be held against it without trusting the copy.
"""

import asyncio
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from server.database import Database, url_of
from server.errors import ServerError
from server.settings import Settings
from server.tables import documents, entries, versions
from server.verify import verify

FORMAT = 1
MANIFEST, KEY = "manifest.json", "signing.key"
RECORDS = {"sqlite": "record.db", "postgresql": "record.dump"}
_FACTS = {"made_at", "database", "documents", "versions"}
MAX_MANIFEST = 16 * 1024 * 1024


class BackupRefused(ServerError):
    """Raised when a backup cannot be made there, or a file is not one, or cannot be restored there."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Where the logs and versions stood: document to (seq, hash in hexadecimal), and the hashes of version records."""

    documents: Mapping[str, tuple[int, str]]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore found: when the backup was made, how much it holds, and what does not agree (nothing, if all is
    well).
    """

    made_at: str
    logs: int
    versions: int
    findings: tuple[str, ...]


Copy = Callable[[Path], Heads]
"""Copies the record to a path, and says where everything stood before it began."""


def back_up(settings: Settings, copy: Copy, target: Path, *, with_key: bool = False) -> Heads:
    """Write a backup to a file that does not exist yet, mode 0600.

    Raises `BackupRefused`, and what the database raises; a file that was begun is then gone.
    """
    if target.exists():
        raise BackupRefused(f"{target} exists already. A backup never replaces another: choose another name.")
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no directory {target.parent} to put the backup in.")
    kind = url_of(settings).get_backend_name()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as directory:
        record = Path(directory) / RECORDS[kind]
        heads = copy(record)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "database": kind,
            "documents": heads.documents,
            "versions": heads.versions,
        }
        whole = Path(directory) / "whole.tar"
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                _put(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
                archive.add(record, arcname=record.name, filter=_plain)
                if with_key:
                    archive.add(settings.signing_key_file, arcname=KEY, filter=_plain)
            file.flush()
            os.fsync(file.fileno())
        os.link(whole, target)
    _sync_directory(target.parent)
    return heads


def restore(settings: Settings, source: Path) -> Restored:
    """Bring a backup back into an empty place, and hold it against its manifest and against itself.

    Raises `BackupRefused` when the file is not a backup of such a database, and `DatabaseUnavailable` when the place is
    not empty; nothing is changed then.
    """
    kind = url_of(settings).get_backend_name()
    with _opened(source) as archive:
        manifest = _manifest(archive, source)
        if manifest["database"] != kind:
            raise BackupRefused(
                f"{source} is of a {manifest['database']} database, and the settings name a {kind} one. "
                "Set UNBRACKET_DATABASE_URL to one of the same kind."
            )
        Database.require_empty(settings)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _restore_key(archive, settings)
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as directory:
            record = Path(directory) / RECORDS[kind]
            with _member(archive, record.name, source) as stream, record.open("wb") as file:
                while part := stream.read(1024 * 1024):
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            Database.bring_back(settings, record)
    with Database(settings):
        pass  # Brings an older schema up to date.
    with Database.reading(settings) as connection:
        return _examined(connection, manifest)


def copier(database: Database) -> Copy:
    """How the command line copies a database it has opened (`with Database(settings)`)."""

    def copy(target: Path) -> Heads:
        heads = database.run(read_heads)
        database.copy_here(target)
        return heads

    return copy


async def copied_beside(settings: Settings, database: Database, target: Path, *, with_key: bool) -> Heads:
    """As `back_up`, in a serving process: commits wait while an SQLite file is copied, and for nothing else."""
    loop = asyncio.get_running_loop()

    def copy(record: Path) -> Heads:
        heads = asyncio.run_coroutine_threadsafe(database.read(read_heads), loop).result()
        asyncio.run_coroutine_threadsafe(database.copy(record), loop).result()
        return heads

    return await asyncio.to_thread(back_up, settings, copy, target, with_key=with_key)


def read_heads(connection: Connection) -> Heads:
    """Where every log and every version stands."""
    rows = connection.execute(select(documents.c.id, documents.c.seq, documents.c.head_hash))
    frozen = connection.execute(select(versions.c.opinion, versions.c.number, versions.c.record_hash))
    return Heads(
        {document: (seq, bytes(head).hex()) for document, seq, head in rows},
        {f"{opinion} {number}": record_hash for opinion, number, record_hash in frozen},
    )


def _examined(connection: Connection, manifest: Mapping[str, Any]) -> Restored:
    findings = [f"{verdict.document}: {finding}" for verdict in verify(connection) for finding in verdict.findings]
    now = read_heads(connection)
    for document, (seq, head) in manifest["documents"].items():
        if seq and _hash_at(connection, document, seq) != head:
            findings.append(f"{document}: entry {seq}, which was there when the backup was begun, is not in it.")
    for version, record_hash in manifest["versions"].items():
        if now.versions.get(version) != record_hash:
            findings.append(f"Version {version}, which was there when the backup was begun, is not in it.")
    return Restored(str(manifest["made_at"]), len(now.documents), len(now.versions), tuple(findings))


def _hash_at(connection: Connection, document: str, seq: int) -> str:
    found = connection.scalar(select(entries.c.hash).where(entries.c.document == document, entries.c.seq == seq))
    return "" if found is None else bytes(found).hex()


def _restore_key(archive: tarfile.TarFile, settings: Settings) -> None:
    target = settings.signing_key_file
    if KEY not in archive.getnames() or target.exists():
        return
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with _member(archive, KEY, target) as stream, os.fdopen(descriptor, "wb") as file:
        file.write(stream.read(64 * 1024))


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source) as archive:
            yield archive
    except (OSError, tarfile.TarError) as error:
        raise BackupRefused(f"{source} cannot be read as a backup ({error}).") from None


@contextmanager
def _member(archive: tarfile.TarFile, name: str, source: Path) -> Iterator[io.BufferedReader]:
    # Read by name: whatever else an archive holds, and wherever it says it belongs, is left in it.
    found = archive.getmember(name) if name in archive.getnames() else None
    stream = archive.extractfile(found) if found is not None and found.isreg() else None
    if stream is None:
        raise BackupRefused(f"{source} holds no {name}: it is not a backup, or not a whole one.")
    with stream:
        yield stream  # type: ignore[misc]


def _manifest(archive: tarfile.TarFile, source: Path) -> dict[str, Any]:
    with _member(archive, MANIFEST, source) as stream:
        try:
            found = json.loads(stream.read(MAX_MANIFEST))
        except ValueError:
            found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not found.keys() >= _FACTS:
        raise BackupRefused(f"{source} has a manifest that this program does not know.")
    return found


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    # Nothing of the machine it was made on.
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
