"""Files of volumes, made once. Those of versions are in `core.version_exports`, how far a job is in `core.jobs`."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from server.tables.base import Hash, UtcTime, metadata

volume_exports = Table(
    "volume_exports",
    metadata,
    Column("number", Integer, ForeignKey("published_volumes.number"), primary_key=True, autoincrement=False),
    # As in `version_exports`.
    Column("form", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", Hash, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)
