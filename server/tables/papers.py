"""Papers: the files people hand in."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from server.tables.base import Hash, Id, UtcTime, metadata

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Hash, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", UtcTime, nullable=False),
    # Who handed it in, as it was then; empty for somebody without an account.
    Column("kept_by", Id, nullable=False, server_default=""),
)
