"""Who sees whose proposals in a version."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, String, Table

from opinions.visibility import Attribution
from server.tables.base import Id, UtcTime, metadata, one_of

version_attributions = Table(
    "version_attributions",
    metadata,
    # A version whose names are shown to others than the process says; no row: as the process says.
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("attribution", String(24), nullable=False),
    Column("set_by", Id, nullable=False),
    Column("set_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["opinion", "number"], ["versions.opinion", "versions.number"]),
    one_of("attribution", Attribution),
)
