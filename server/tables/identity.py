"""How people prove who they are, and the audit: what was done about access, never changed afterwards."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.tables.base import Hash, Id, Number, UtcTime, metadata

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

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False, index=True),
    # As the authenticator calls it, and the public key in COSE: all that a server ever learns of it.
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    # How often it was used, by its own count; one that does not count says 0 for ever.
    Column("sign_count", Number, nullable=False, server_default="0"),
    Column("name", Text, nullable=False),
    # How a browser reaches it ("internal", "usb"), as JSON; and whether it is copied to its owner's other devices.
    Column("transports", Text, nullable=False, server_default="[]"),
    Column("backed_up", Boolean, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    Column("used_at", UtcTime, nullable=True),
    CheckConstraint("sign_count >= 0", name="sign_count"),
)

identities = Table(
    "identities",
    metadata,
    # Whom another provider knows a member as; the address is the one by which he or she was found.
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("used_at", UtcTime, nullable=False),
    UniqueConstraint("member", "issuer"),
)

ceremonies = Table(
    "ceremonies",
    metadata,
    # What was begun in a browser and is good once, for minutes: a passkey's challenge, a sign-in at a provider.
    Column("secret_hash", Hash, primary_key=True),
    Column("kind", String(16), nullable=False),
    # Whose it is: the session, or the hash of a cookie made for it; empty for a passkey's sign-in.
    Column("holder", Text, nullable=False, server_default=""),
    # What its end needs, as JSON.
    Column("payload", Text, nullable=False, server_default="{}"),
    Column("expires_at", UtcTime, nullable=False, index=True),
)
