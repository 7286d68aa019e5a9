"""How people prove who they are, and the audit: what was done about access, never changed afterwards."""

from sqlalchemy import Column, Integer, Table, Text

from server.tables.base import Id, Number, UtcTime, metadata

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False, index=True),
    # `server.audit.Kind`: "sign_in", "role_changed", "export", "refused" ...
    Column("kind", Text, nullable=False),
    # Who did it, as it was then: no foreign keys, the audit stands for itself. Empty: nobody signed in.
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    # What it was done to: a member, an Opinion, a contribution; and in words what was done.
    Column("subject", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("status", Integer, nullable=True),
)
