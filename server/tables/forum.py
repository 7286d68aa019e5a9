"""Forum texts: of which version of which Opinion each was opened. Rows are only ever added."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, String, Table, Text

from server.tables.base import Id, UtcTime, metadata

forum_texts = Table(
    "forum_texts",
    metadata,
    # The forum text itself, an Opinion of its own.
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    # The Opinion of the preparatory period, and the version whose agreed words it began with.
    Column("origin", Id, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("member", Id, nullable=False),
    Column("name", Text, nullable=False),
    ForeignKeyConstraint(["origin", "version"], ["versions.opinion", "versions.number"]),
)
