"""A new signing key in the place of the old one, introduced by a record that the old one signs (crdt/SPEC.md, V7).

The order is safe at every moment: the new key's file first, beside the old one; then the record in the database; then
the files change places. Whatever was interrupted, the same command finishes it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, insert, select

from crdt.protocol import compact
from server.audit_store import Kind
from server.database import Database
from server.errors import SettingsError
from server.key_store import known_keys, put_key
from server.ownership_store import live_nodes
from server.settings import Settings
from server.signing import SigningKey, load_key
from server.tables import keys, versions
from server.tables.freezes import key_rotations
from server.tables.identity import audit_events

FORMAT = 1
ROTATION, BROUGHT = "rotation", "brought"
"""Kinds of records: signed by the old key; signed by the new one, where a process came from another server."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """One key took over from another. `record` is the JSON that its signer signed."""

    number: int
    old: str
    new: str
    new_public: bytes
    at: datetime
    record: str
    signature: bytes

    @property
    def brought(self) -> bool:
        """Whether the process came from another server then, so that no key vouches for the new one."""
        facts = _facts(self.record)
        return isinstance(facts, dict) and facts.get("kind") == BROUGHT

    @property
    def signer(self) -> str:
        """Whose signature the record must bear (V7)."""
        return self.new if self.brought else self.old


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did with files: the key in force, and where the old private key went."""

    rotation: Rotation
    key_file: Path
    retired_file: Path


def load_rotations(connection: Connection) -> tuple[Rotation, ...]:
    """Every rotation, the first one first."""
    return tuple(
        Rotation(row.number, row.old_key, row.new_key, bytes(row.new_public), row.at, row.record, bytes(row.signature))
        for row in connection.execute(select(key_rotations).order_by(key_rotations.c.number))
    )


def rotate(settings: Settings, now: datetime) -> Rotated:
    """Put a new key into force, while no server runs. Raises `SettingsError` or `DatabaseInUse` when that cannot be
    done; nothing was changed then.
    """
    file = settings.signing_key_file
    if not file.exists():
        raise SettingsError(f"There is no signing key {file}. Restore it from the backup of keys.")
    beside = file.with_name(f"{file.name}.new")
    old = load_key(file)
    with Database(settings) as database:
        database.run(lambda connection: _require_nobody(connection, settings))
        done = database.run(load_rotations)
        if not done or done[-1].old != old.id:
            new = load_key(beside)
            rotation = database.run(lambda connection: _introduce(connection, old, new, now))
        else:
            # The record is there, and the files did not change places yet.
            rotation = done[-1]
            if not beside.exists() or load_key(beside).id != rotation.new:
                raise SettingsError(
                    f"Key {old.id} was replaced by {rotation.new}, whose file is not {beside}. Put that file there."
                )
    retired = file.with_name(f"{file.name}.retired-{old.id}")
    os.replace(file, retired)
    os.replace(beside, file)
    _sync(file.parent)
    return Rotated(rotation, file, retired)


def go_on_with(connection: Connection, key: SigningKey, now: datetime) -> None:
    """Put on record that a process which another server signed goes on here, under this server's key (V7). The key
    before is elsewhere and vouches for nothing: the record says so, signed by the new one. Nothing where it is in line.
    """
    done = load_rotations(connection)
    signers = connection.scalars(select(versions.c.key).distinct().order_by(versions.c.key)).all()
    before = done[-1].new if done else next((one for one in signers if one != key.id), "")
    if before and before != key.id and all(one.new != key.id for one in done):
        put_key(connection, key, now)
        _record(connection, len(done) + 1, before, key, now, BROUGHT, key)


def go_on_where_brought(connection: Connection, key: SigningKey, now: datetime) -> None:
    """`go_on_with` for a process that was brought here before that was put on record."""
    imports = select(func.count()).select_from(audit_events).where(audit_events.c.kind == Kind.IMPORT.value)
    if connection.scalar(imports):
        go_on_with(connection, key, now)


def moves_told(connection: Connection) -> Iterator[str]:
    """Where the line of keys was broken by a move to another server, which is on record: what to say of it."""
    for one in load_rotations(connection):
        if one.brought:
            yield (
                f"On {one.at:%d %B %Y} the process was brought here from another server: versions before that are "
                f"signed by the line of key {one.old}, those since by the line of key {one.new}, which no key before "
                "vouches for. Tell both to whoever checks versions."
            )


def broken_chain(connection: Connection) -> Iterator[str]:
    """V7: what is wrong with the keys. One is the first, which nobody introduced; each other is introduced by the one
    before it, which signed that, or by itself where it says that the process was brought from another server.
    """
    public: Mapping[str, bytes] = {row.id: bytes(row.public_key) for row in connection.execute(select(keys))}
    introduced: set[str] = set()
    standing = ""
    for number, rotation in enumerate(load_rotations(connection), 1):
        name = f"Key rotation {number}"
        if rotation.number != number or (number > 1 and rotation.old != standing):
            yield f"{name} does not follow the one before it."
        told = _facts(rotation.record)
        stored = {
            "at": rotation.at.isoformat(),
            "format": FORMAT,
            "kind": BROUGHT if rotation.brought else ROTATION,
            "new": rotation.new,
            "old": rotation.old,
            "public_key": rotation.new_public.hex(),
        }
        if told != stored or public.get(rotation.new) != rotation.new_public:
            yield f"{name}: what is stored beside its record differs from it."
        if not _signed(public.get(rotation.signer), rotation):
            yield f"{name}: its signature does not verify."
        introduced.add(rotation.new)
        standing = rotation.new
    signers = connection.scalars(select(versions.c.key).distinct().order_by(versions.c.key)).all()
    alone = [key for key in signers if key not in introduced]
    if len(alone) > 1:
        yield f"Keys {', '.join(alone)} signed versions, and no rotation introduced more than one of them."


def _introduce(connection: Connection, old: SigningKey, new: SigningKey, now: datetime) -> Rotation:
    if old.id not in known_keys(connection):
        raise SettingsError(f"The key in force ({old.id}) signed nothing here. Restore the right one.")
    number = (connection.scalar(select(func.max(key_rotations.c.number))) or 0) + 1
    put_key(connection, new, now)
    return _record(connection, number, old.id, new, now, ROTATION, old)


def _record(
    connection: Connection, number: int, old: str, new: SigningKey, now: datetime, kind: str, signer: SigningKey
) -> Rotation:
    facts = {
        "at": now.isoformat(),
        "format": FORMAT,
        "kind": kind,
        "new": new.id,
        "old": old,
        "public_key": new.public.hex(),
    }
    record = compact(facts)
    signature = signer.sign(record.encode())
    row = {"number": number, "old_key": old, "new_key": new.id, "new_public": new.public, "at": now}
    connection.execute(insert(key_rotations).values(**row, record=record, signature=signature))
    return Rotation(number, old, new.id, new.public, now, record, signature)


def _require_nobody(connection: Connection, settings: Settings) -> None:
    running = [node for node in live_nodes(connection, 2 * settings.lease_seconds) if node.address]
    if running:
        raise SettingsError(
            f"{len(running)} server processes run on this database, and would go on signing with the old key. Stop "
            "them, rotate, give each the new key, and start them again."
        )


def _facts(record: str) -> object:
    try:
        return json.loads(record)
    except ValueError:
        return None


def _signed(public: bytes | None, rotation: Rotation) -> bool:
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(rotation.signature, rotation.record.encode())
    except InvalidSignature:
        return False
    return True


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
