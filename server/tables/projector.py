"""Links by which a screen shows what the chair has taken up."""

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, Text

from server.tables.base import Hash, Id, UtcTime, metadata, one_of

PROJECTED_VIEWS = ("marked", "rolling", "clean")

projector_links = Table(
    "projector_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False, index=True),
    # Where the screen is, as people call it: "Room Popov".
    Column("name", Text, nullable=False),
    # The link is handed out once; its SHA-256 stays.
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("view", String(16), nullable=False),
    # Whether the screen is to show nothing for now.
    Column("blank", Boolean, nullable=False, server_default="0"),
    Column("made_by", Id, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, nullable=True),
    one_of("view", PROJECTED_VIEWS),
)
