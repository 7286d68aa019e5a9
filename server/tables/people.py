"""Who takes part: how each person got in, roles in one Opinion and for a while, nominations."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from opinions.roles import Role
from server.tables.base import Hash, Id, UtcTime, metadata, one_of

PART_ROLES = tuple(role for role in Role if role is not Role.ADMINISTRATOR)
"""What somebody can be in one Opinion; an administrator takes part in none."""
PART_STATES = ("waiting", "begun", "ended")
NOMINATION_STATES = ("waiting", "approved", "declined")

roster = Table(
    "roster",
    metadata,
    # One row per person of whom anything of this is known; sessions and links themselves are forgotten in time.
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("entity", Text, nullable=False, server_default=""),
    Column("nominated_by", Text, nullable=False, server_default=""),
    Column("invited_at", UtcTime, nullable=True),
    Column("invited_until", UtcTime, nullable=True),
    # Whether the last link went by e-mail, rather than by hand.
    Column("mailed", Boolean, nullable=False, server_default="0"),
    Column("reminded_at", UtcTime, nullable=True),
    Column("came_at", UtcTime, nullable=True),
    # Whoever has the link says that it is for somebody else or names the wrong delegation; until it is looked at.
    Column("reported_at", UtcTime, nullable=True),
    Column("reported", Text, nullable=False, server_default=""),
)

parts = Table(
    "parts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False, index=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False, index=True),
    Column("role", String(32), nullable=False),
    # The phase as people call it: "IEG-3"; empty for none.
    Column("label", Text, nullable=False, server_default=""),
    Column("begins_at", UtcTime, nullable=True),
    Column("ends_at", UtcTime, nullable=True),
    # How far it was announced: the member's version was raised, and what was open closed.
    Column("state", String(16), nullable=False, server_default="waiting"),
    one_of("role", PART_ROLES),
    one_of("state", PART_STATES),
    CheckConstraint("begins_at IS NULL OR ends_at IS NULL OR begins_at < ends_at", name="begins_before_it_ends"),
)

nomination_links = Table(
    "nomination_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("delegation", ForeignKey("delegations.code"), nullable=False, index=True),
    Column("recipient", Text, nullable=False),
    Column("issued_by", ForeignKey("members.id"), nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("uses", Integer, nullable=False, server_default="0"),
)

nominations = Table(
    "nominations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delegation", ForeignKey("delegations.code"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("entity", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("role", String(32), nullable=False),
    # Who nominated, as it was then, and where the receipt and the answer go.
    Column("nominator", Text, nullable=False),
    Column("nominator_email", Text, nullable=False, server_default=""),
    Column("link", ForeignKey("nomination_links.id"), nullable=True),
    Column("made_at", UtcTime, nullable=False),
    Column("late", Boolean, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("decided_at", UtcTime, nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    # The person whom the nomination became.
    Column("member", ForeignKey("members.id"), nullable=True),
    one_of("state", NOMINATION_STATES),
)
Index("ix_nominations_state", nominations.c.state, nominations.c.made_at)
