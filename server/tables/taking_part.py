"""How other programs take part: their keys, and where they are told of things."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from server.tables.base import Hash, Id, UtcTime, metadata

programs = Table(
    "programs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    # The key is handed out once; its SHA-256 stays.
    Column("key_hash", Hash, nullable=False, unique=True),
    # Names of `server.taking_part.programs.Scope`, parted by blanks.
    Column("scopes", Text, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=True),
    Column("revoked_at", UtcTime, nullable=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False),
    # Names of `server.taking_part.events.EventKind`, parted by blanks.
    Column("events", Text, nullable=False),
    # What deliveries are signed with; shown once, kept because signing needs it.
    Column("secret", Text, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime, nullable=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    # Of the webhook and the event: the same event is never put there twice.
    Column("id", Text, primary_key=True),
    Column("webhook", ForeignKey("webhooks.id"), nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("delivered_at", UtcTime, nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("outcome", Text, nullable=False, server_default=""),
)
Index("ix_deliveries_webhook_created_at", deliveries.c.webhook, deliveries.c.created_at)
