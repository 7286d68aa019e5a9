"""Groups that draft together before they propose: which there are, and which delegations are in them."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from server.tables.base import Id, UtcTime, metadata, one_of

STATES = ("invited", "joined", "left")

drafting_groups = Table(
    "drafting_groups",
    metadata,
    # As crdt/SPEC.md D1 has it: no delegation's code, and part of the name of its workspace.
    Column("code", String(16), primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False),
    Column("name", Text, nullable=False),
    # The delegation that a shared workspace drafts for; None: an informal group, which drafts for the chair's side.
    Column("lead", ForeignKey("delegations.code"), nullable=True),
    Column("facilitator", ForeignKey("members.id"), nullable=True),
    # The paragraphs that an informal group was given, ids with a blank between; none for all.
    Column("paragraphs", Text, nullable=False, server_default=""),
    Column("founded_by", Id, nullable=False),
    Column("founded_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, nullable=True),
    CheckConstraint("(lead IS NULL) <> (facilitator IS NULL)", name="led_or_facilitated"),
)
Index("ix_drafting_groups_opinion", drafting_groups.c.opinion, drafting_groups.c.ended_at)

drafting_group_delegations = Table(
    "drafting_group_delegations",
    metadata,
    Column("drafting_group", ForeignKey("drafting_groups.code"), primary_key=True),
    Column("delegation", ForeignKey("delegations.code"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    one_of("state", STATES),
)
