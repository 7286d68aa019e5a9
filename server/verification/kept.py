"""What is published besides versions, held against what was signed and digested: volumes, and files made once (R23)."""

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from server.tables import keys, version_exports, versions
from server.tables.publications import volume_exports
from server.tables.verification import public_versions
from server.tables.volumes import published_volumes
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
    there = select(func.count()).where(
        versions.c.opinion == public_versions.c.opinion, versions.c.number == public_versions.c.number
    )
    for row in connection.execute(select(public_versions).where(there.scalar_subquery() == 0)):
        yield f"Version {row.number} of {row.opinion} is public, and not there."


def _volumes(connection: Connection) -> Iterator[str]:
    public = {row.id: bytes(row.public_key) for row in connection.execute(select(keys))}
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
