"""The files people hand in, as they were handed in: kept whole, found by id, told apart by their SHA-256."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import Connection, insert, select

from server.errors import ServerError
from server.tables.papers import files

MAX_NAME = 200


class UnknownFile(ServerError):
    """Raised when no file has this id."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file without its content. `name` is the last part of the name it was handed in under."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    kept_at: datetime
    kept_by: str


def keep(
    connection: Connection, name: str, media_type: str, content: bytes, at: datetime, member: str = ""
) -> KeptFile:
    """Keep a file. Its size and kind are the caller's to judge, before."""
    file_id = f"f-{secrets.token_hex(8)}"
    digest = hashlib.sha256(content).digest()
    plain = "".join(letter for letter in PurePath(name.replace("\\", "/")).name if letter.isprintable())[-MAX_NAME:]
    connection.execute(
        insert(files).values(
            id=file_id,
            name=plain or "file",
            media_type=media_type,
            size=len(content),
            sha256=digest,
            content=content,
            kept_at=at,
            kept_by=member,
        )
    )
    return KeptFile(file_id, plain or "file", media_type, len(content), digest.hex(), at, member)


def load(connection: Connection, file_id: str) -> tuple[KeptFile, bytes]:
    """A file and its content. Raises `UnknownFile`."""
    row = connection.execute(select(files).where(files.c.id == file_id)).one_or_none()
    if row is None:
        raise UnknownFile("There is no such file here.")
    kept = KeptFile(row.id, row.name, row.media_type, row.size, row.sha256.hex(), row.kept_at, row.kept_by)
    return kept, row.content
