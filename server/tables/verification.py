"""What keeps records as they were written, and what mirrors hold."""

from sqlalchemy import Column, ForeignKeyConstraint, Integer, String, Table, Text

from server.tables.base import Id, UtcTime, metadata

public_versions = Table(
    "public_versions",
    metadata,
    # Versions that the secretariat made public by themselves; those of published volumes are public without a row.
    Column("opinion", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["opinion", "number"], ["versions.opinion", "versions.number"]),
)

audit_findings = Table(
    "audit_findings",
    metadata,
    # What the last audit found; none when it found nothing.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(128), nullable=False),
    Column("finding", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
