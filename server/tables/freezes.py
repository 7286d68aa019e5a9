"""What is kept of a freeze beside its record: cuts of a whole volume, keys that took over from others."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from opinions.version_kinds import VersionKind
from server.tables.base import Hash, Id, UtcTime, metadata, one_of

cuts = Table(
    "cuts",
    metadata,
    Column("id", Id, primary_key=True),
    # Counted in the process: who cuts names the next one, and of two only one gets it.
    Column("number", Integer, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("milestone", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("frozen_by", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    # Canonical JSON, signed as the records of its versions are (crdt/SPEC.md, V6).
    Column("record", Text, nullable=False),
    Column("record_hash", String(64), nullable=False),
    Column("key", ForeignKey("keys.id"), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    CheckConstraint("number >= 1", name="number"),
    one_of("kind", VersionKind),
)

cut_versions = Table(
    "cut_versions",
    metadata,
    Column("cut", ForeignKey("cuts.id"), primary_key=True),
    Column("opinion", Id, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(["opinion", "number"], ["versions.opinion", "versions.number"]),
    UniqueConstraint("opinion", "number"),
)

cut_claims = Table(
    "cut_claims",
    metadata,
    # One row: the cut that is under way, and until when nobody else may begin one. By the database's clock.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("cut", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

key_rotations = Table(
    "key_rotations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("old_key", ForeignKey("keys.id"), nullable=False, unique=True),
    Column("new_key", ForeignKey("keys.id"), nullable=False, unique=True),
    Column("new_public", Hash, nullable=False),
    Column("at", UtcTime, nullable=False),
    # Canonical JSON, signed by the old key, or by the new one of a process brought here (crdt/SPEC.md, V7).
    Column("record", Text, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    CheckConstraint("old_key <> new_key", name="another"),
)
