"""What is published besides versions, held against what was signed and digested: volumes, and files made once (R23)."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, select

from server.publications.store import BUNDLE, suffix_of
from server.tables import keys, version_exports, versions
from server.tables.publications import volume_exports
from server.tables.verification import public_versions
from server.tables.volumes import published_volumes
from server.verification.sources import MANIFEST, SEAL
from server.verification.verifier import signed


def broken_publications(connection: Connection) -> Iterator[str]:
    """What is wrong with published volumes, with files that were made of versions and volumes, and with what is public.

    Files are read one by one: together they may be larger than memory.
    """
    yield from _volumes(connection)
    for table, of in ((version_exports, "version"), (volume_exports, "volume")):
        named = [*table.primary_key.columns]
        for key in connection.execute(select(*named).order_by(*named)).all():
            where = [column == value for column, value in zip(named, key, strict=True)]
            content, digest = connection.execute(select(table.c.content, table.c.sha256).where(*where)).one()
            if digest is not None and hashlib.sha256(content).digest() != bytes(digest):
                told = " ".join(str(value) for value in key)
                yield f"The file {told} of a {of} is not the one that was made."
    yield from _lists(connection)
    there = select(func.count()).where(
        versions.c.opinion == public_versions.c.opinion, versions.c.number == public_versions.c.number
    )
    for row in connection.execute(select(public_versions).where(there.scalar_subquery() == 0)):
        yield f"Version {row.number} of {row.opinion} is public, and not there."


def _lists(connection: Connection) -> Iterator[str]:
    """Files against the signed lists of their bundles: a digest that stands beside a file could be changed with it, and
    two files could change places.
    """
    public = {row.id: bytes(row.public_key) for row in connection.execute(select(keys.c.id, keys.c.public_key))}
    of_versions = select(versions.c.opinion, versions.c.number, versions.c.record_hash)
    of_volumes = select(published_volumes.c.number, published_volumes.c.record_hash)
    for table, of, told in ((version_exports, "version", of_versions), (volume_exports, "volume", of_volumes)):
        records: dict[tuple[Any, ...], str] = {row[:-1]: row[-1] for row in map(tuple, connection.execute(told))}
        kept: dict[tuple[Any, ...], dict[str, str]] = {}
        for *found, form, digest in connection.execute(select(*table.primary_key.columns, table.c.sha256)):
            kept.setdefault(tuple(found), {})[form] = "" if digest is None else bytes(digest).hex()
        for key, files in kept.items():
            name = f"{of} {' '.join(map(str, reversed(key)))}"
            if key not in records:
                yield f"Files are kept of {name}, which is not there."
            for form in files.keys() & {BUNDLE, f"unnamed.{BUNDLE}"}:
                listed = _listed(_content(connection, table, (*key, form)), public, records.get(key))
                if listed is None:
                    yield f"The bundle {form} of {name} is not its own, or not signed by a key of this process."
                    continue
                for other in sorted(files.keys() - {BUNDLE, f"unnamed.{BUNDLE}"}):
                    right = next((sha for one, sha in listed.items() if one.endswith(f"-{suffix_of(other)}")), None)
                    if right not in (None, files[other]):
                        yield f"The file {other} of {name} is not the one in its bundle."


def _content(connection: Connection, table: Table, key: tuple[Any, ...]) -> bytes:
    where = [column == value for column, value in zip(table.primary_key.columns, key, strict=True)]
    return bytes(connection.execute(select(table.c.content).where(*where)).scalar_one())


def _listed(content: bytes, public: Mapping[str, bytes], record_hash: str | None) -> Mapping[str, str] | None:
    """The digests in the list of a bundle by their names; None unless a key signed it, for this record."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest, seal = archive.read(MANIFEST), archive.read(SEAL)
        told = json.loads(manifest)
        right = told["record_hash"] == record_hash and signed(
            public[told["key"]], bytes.fromhex(seal.decode()), manifest
        )
        return dict(told["files"]) if right else None
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError, RuntimeError):
        return None


def _volumes(connection: Connection) -> Iterator[str]:
    public = {row.id: bytes(row.public_key) for row in connection.execute(select(keys.c.id, keys.c.public_key))}
    frozen = {
        (row.opinion, row.number): (row.record_hash, row.fingerprint)
        for row in connection.execute(
            select(versions.c.opinion, versions.c.number, versions.c.record_hash, versions.c.fingerprint)
        )
    }
    previous = ""
    for place, row in enumerate(connection.execute(select(published_volumes).order_by("position")).all(), 1):
        name = f"Volume {row.number}"
        if hashlib.sha256(row.record.encode()).hexdigest() != row.record_hash:
            yield f"{name}: its record does not match its hash."
        if not signed(public.get(row.key, b""), bytes(row.signature), row.record.encode()):
            yield f"{name}: its signature does not verify."
        try:
            facts = json.loads(row.record)
            names = ("opinion", "version", "record_hash", "fingerprint")
            annexed = [tuple(one[name] for name in names) for one in facts["annexed"]]
            beside = (facts["number"], facts["fingerprint"], facts["key"], facts["previous"])
        except (ValueError, KeyError, TypeError):
            yield f"{name}: its record cannot be read."
            continue
        if beside != (row.number, row.fingerprint, row.key, previous) or row.position != place:
            yield f"{name}: what is stored beside its record differs from it, or it does not follow the one before."
        for opinion, number, record_hash, fingerprint in annexed:
            if frozen.get((opinion, number)) != (record_hash, fingerprint):
                yield f"{name}: version {number} of {opinion} is not the one it was published with."
        previous = row.record_hash
