"""Version files from the database: what is signed, keys, texts, and the links of the log, for whoever may have them."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from crdt.document import SharedDocument
from crdt.log import GENESIS
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.published_text import CANONICAL, published_texts
from server import log_store
from server.errors import ServerError
from server.freezes.rotation import load_rotations
from server.tables import keys, versions
from server.tables.volumes import published_volumes
from server.verification.proof import Proof, Signed, shown


class NoVersion(ServerError):
    """Raised when an Opinion has no version of this number."""


def texts_of(version: Version) -> Mapping[str, str]:
    """The published forms of a version, made anew from its state; the canonical one as it was kept."""
    made = published_texts(SharedDocument(OPINION_CLIENT, [version.state]).view())
    return {**made, CANONICAL: version.text}


def version_file(connection: Connection, opinion: str, number: int, *, names: bool) -> bytes:
    """The version file of a version (VF1); `names`: whoever gets it may see names of delegations beside proposals, and
    so the forms that hold them and the links of the log. Raises `NoVersion`.
    """
    return proof_of(connection, opinion, number, names=names).to_bytes()


def proof_of(connection: Connection, opinion: str, number: int, *, names: bool, whole: bool = True) -> Proof:
    """What a version file is made of; without `whole`, records and keys alone, as mirrors keep them. Raises
    `NoVersion`.
    """
    found = [one for one in log_store.load_versions(connection, opinion) if one.number <= number]
    if not found or found[-1].number != number:
        raise NoVersion(f"There is no version {number} of this Opinion.")
    version, before = found[-1], found[-2] if len(found) > 1 else None
    signers = signers_of(connection, opinion)
    signed = [Signed(one.record, one.signature, signers[one.number][1]) for one in found]
    document = signers[number][0]
    after = (0, GENESIS.hex()) if before is None else (before.seq, before.head)
    entries = None
    if names and whole:
        limit = version.seq - after[0]
        entries = tuple(log_store.load_entries(connection, document, after=after[0], limit=limit)) if limit else ()
    texts: Mapping[str, str | None] = dict.fromkeys(version.texts)
    volume = volume_of(connection, opinion, number) if whole else None
    used = {one.key for one in (*signed, *([volume] if volume else []))}
    listed, rotations = _keys(connection, used, newest=whole)
    return Proof(
        version=signed[-1],
        previous=signed[:-1],
        keys=listed,
        rotations=rotations,
        texts=shown(version, texts_of(version), names=names) if whole else texts,
        document=document,
        after=after,
        entries=entries,
        volume=volume,
    )


def signers_of(connection: Connection, opinion: str) -> Mapping[int, tuple[str, str]]:
    """The document and the id of the signing key of each version of an Opinion, by number."""
    chosen = select(versions.c.number, versions.c.document, versions.c.key).where(versions.c.opinion == opinion)
    return {number: (document, key) for number, document, key in connection.execute(chosen)}


def _keys(
    connection: Connection, used: set[str], *, newest: bool
) -> tuple[Sequence[tuple[str, bytes]], Sequence[Signed]]:
    """The keys that signed something, with those that hand over from the first to the last of them; with `newest`, to
    the key in force.
    """
    rows = connection.execute(select(keys.c.id, keys.c.public_key).order_by(keys.c.created_at, keys.c.id))
    public = {key: bytes(public) for key, public in rows}
    rotations = load_rotations(connection)
    line = [rotations[0].old, *(one.new for one in rotations)] if rotations else []
    places = [line.index(key) for key in used if key in line]
    first, last = (min(places), len(line) - 1 if newest else max(places)) if places else (0, -1)
    listed = line[first : last + 1] + [key for key in public if key in used and key not in line]
    handed = [Signed(one.record, one.signature, one.signer) for one in rotations[first:last]] if places else []
    return [(key, public[key]) for key in listed if key in public], handed


def volume_of(connection: Connection, opinion: str, number: int) -> Signed | None:
    """The record of the first published volume that annexes a version; None while there is none."""
    chosen = select(published_volumes).order_by(published_volumes.c.position)
    for row in connection.execute(chosen):
        annexed = json.loads(row.record)["annexed"]
        if any((one["opinion"], one["version"]) == (opinion, number) for one in annexed):
            return Signed(row.record, bytes(row.signature), row.key)
    return None
