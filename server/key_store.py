"""The public halves of signing keys in the database: what anybody needs to verify a version."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from server.errors import SettingsError
from server.signing import SigningKey
from server.tables import keys, versions
from server.tables.freezes import key_rotations


def register_key(connection: Connection, key: SigningKey, at: datetime) -> None:
    """Keep the public half, with which anybody can verify what this key signed.

    Raises `SettingsError` for a key that may not sign here: one that another has replaced, and, where versions were
    signed already, one that neither signed before nor was introduced by the key before it (crdt/SPEC.md, V7).
    """
    replaced_by = connection.scalar(select(key_rotations.c.new_key).where(key_rotations.c.old_key == key.id))
    if replaced_by is not None:
        raise SettingsError(
            f"The signing key {key.id} was replaced by {replaced_by} and signs nothing any more. Put the file of that "
            "key in its place (`unbracket keys rotate` finishes what was interrupted)."
        )
    if key.id in known_keys(connection):
        return
    if connection.scalar(select(func.count()).select_from(versions)):
        raise SettingsError(
            f"The signing key {key.id} signed nothing here, and no key before introduced it: whoever verifies a "
            "version would not accept it. Restore the key from the backup of keys; to replace a key, do "
            "`unbracket keys rotate` with the old one in place."
        )
    put_key(connection, key, at)


def known_keys(connection: Connection) -> frozenset[str]:
    """The ids of the keys that signed here, or may."""
    return frozenset(connection.scalars(select(keys.c.id)))


def put_key(connection: Connection, key: SigningKey, at: datetime) -> None:
    """Keep a public half that is not there yet."""
    if key.id not in known_keys(connection):
        connection.execute(insert(keys).values(id=key.id, public_key=key.public, created_at=at))
