"""Groups that speak for members, and who speaks for a delegation."""

from sqlalchemy import Column, ForeignKey, String, Table, Text

from server.tables.base import Id, UtcTime, metadata

groups = Table(
    "speaking_groups",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
)

group_members = Table(
    "speaking_group_members",
    metadata,
    Column("code", ForeignKey("speaking_groups.code"), primary_key=True),
    Column("delegation", ForeignKey("delegations.code"), primary_key=True),
)

voices = Table(
    "voices",
    metadata,
    # One person that the focal point, or the secretariat for it, has named; no row: as by default.
    Column("delegation", ForeignKey("delegations.code"), primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("named_by", Id, nullable=False),
    Column("named_at", UtcTime, nullable=False),
)
