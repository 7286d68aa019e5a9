"""The public halves of signing keys in the database: what anybody needs to verify a version."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from server.signing import SigningKey
from server.tables import keys


def register_key(connection: Connection, key: SigningKey, at: datetime) -> None:
    """Keep the public half, with which anybody can verify what this key signed."""
    if connection.scalar(select(keys.c.id).where(keys.c.id == key.id)) is None:
        connection.execute(insert(keys).values(id=key.id, public_key=key.public, created_at=at))
