"""The record itself: process, people, sign-ins, logs, versions, and what the server processes know of each other."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from opinions.roles import DelegationKind, Region, Role
from opinions.visibility import Attribution
from server.tables.base import Hash, Id, Number, UtcTime, metadata, one_of

MEMBER_ROLES = tuple(role for role in Role if role not in {Role.CHAIR, Role.ACTING_CHAIR, Role.FACILITATOR})
"""What a person is in the process; chair, acting chair and facilitator are given per Opinion."""
ENTRY_KINDS = ("update", "command", "mend", "import", "freeze")

process = Table(
    "process",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("meeting_zone", Text, nullable=False, server_default="Europe/Zurich"),
    Column("observers_see_submitted", Boolean, nullable=False, server_default="1"),
    # Whose names stand beside proposals, for whom.
    Column("attribution", String(24), nullable=False, server_default="all"),
    Column("demo", Boolean, nullable=False, server_default="0"),
    # `opinions.process_rules.ProcessRules` as JSON: what differs from one process to another.
    Column("rules", Text, nullable=False, server_default="{}"),
    CheckConstraint("id = 1", name="single"),
    one_of("attribution", Attribution),
)

delegations = Table(
    "delegations",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("region", String(8), nullable=False, server_default=""),
    one_of("kind", DelegationKind),
    one_of("region", Region),
)

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delegation", ForeignKey("delegations.code"), nullable=True, index=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=True, unique=True),
    Column("role", String(32), nullable=False),
    Column("suspended", Boolean, nullable=False, server_default="0"),
    # Raised whenever what this person may do changes; sockets opened under an older one are closed.
    Column("version", Integer, nullable=False, server_default="1"),
    one_of("role", MEMBER_ROLES),
    CheckConstraint("role NOT IN ('expert', 'focal_point') OR delegation IS NOT NULL", name="acts_for_a_delegation"),
)

opinions = Table(
    "opinions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("position", Integer, nullable=False, unique=True),
    # As the room calls it now ("1", "2 bis") and its theme: both negotiable, neither ever a key.
    Column("number", Text, nullable=False, server_default=""),
    Column("theme", Text, nullable=False, server_default=""),
    # The three that follow repeat what the log says, for lists; the log is the truth.
    Column("title", Text, nullable=False),
    Column("closed", Boolean, nullable=False, server_default="0"),
    Column("observers_admitted", Boolean, nullable=False, server_default="1"),
    Column("created_at", UtcTime, nullable=False),
)

appointments = Table(
    "appointments",
    metadata,
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    Column("role", String(16), nullable=False),
    one_of("role", (Role.CHAIR, Role.ACTING_CHAIR)),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False, index=True),
    Column("issued_by", ForeignKey("members.id"), nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime, nullable=True),
    # Made by the person for another device of his or her own: short, and good for minutes.
    Column("device", Boolean, nullable=False, server_default="0"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime, nullable=True),
    # What its owner recognises it by in the list of places signed in: last use (to the hour) and browser.
    Column("seen_at", UtcTime, nullable=True),
    Column("agent", Text, nullable=False, server_default=""),
    # How it was begun (`server.session_store.Way`), from which address, and when its person last proved who he or she
    # is with a passkey.
    Column("way", String(16), nullable=False, server_default="link"),
    Column("address", Text, nullable=False, server_default=""),
    Column("proved_at", UtcTime, nullable=True),
    # At a computer that others use: it ends with the browser, and nothing is kept there.
    Column("shared", Boolean, nullable=False, server_default="0"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False),
    # The workspace of this delegation, or of this drafting group; neither: the opinion document itself.
    Column("delegation", ForeignKey("delegations.code"), nullable=True),
    Column("drafting_group", ForeignKey("drafting_groups.code"), nullable=True),
    Column("generation", Integer, nullable=False, server_default="1"),
    Column("epoch", Integer, nullable=False, server_default="1"),
    Column("seq", Number, nullable=False, server_default="0"),
    Column("head_hash", Hash, nullable=False),
    CheckConstraint("seq >= 0", name="seq"),
    CheckConstraint("length(head_hash) = 32", name="head_hash"),
    UniqueConstraint("opinion", "delegation"),
)
# NULLs are distinct to a unique constraint, so that one alone would admit two opinion documents.
Index(
    "uq_documents_one_per_opinion",
    documents.c.opinion,
    unique=True,
    sqlite_where=and_(documents.c.delegation.is_(None), documents.c.drafting_group.is_(None)),
    postgresql_where=and_(documents.c.delegation.is_(None), documents.c.drafting_group.is_(None)),
)
Index("uq_documents_drafting_group", documents.c.drafting_group, unique=True)
IS_OPINION = and_(documents.c.delegation.is_(None), documents.c.drafting_group.is_(None))
"""Of a row of `documents`: it is the opinion document, no workspace."""

entries = Table(
    "entries",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("client", Number, nullable=True),
    Column("n", Number, nullable=True),
    Column("key", Id, nullable=True),
    # Who and for whom, as it was then: no foreign keys, the log stands for itself.
    Column("member", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("party", String(16), nullable=False),
    Column("typist", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("command", Text, nullable=False),
    Column("result", Text, nullable=False),
    # The Yjs updates, length-framed (crdt.log.payload).
    Column("payload", LargeBinary, nullable=False),
    Column("hash", Hash, nullable=False),
    one_of("kind", ENTRY_KINDS),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("(client IS NULL) = (n IS NULL)", name="client_and_n"),
    CheckConstraint("length(hash) = 32", name="hash"),
    UniqueConstraint("document", "client", "n"),
    UniqueConstraint("document", "key"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("seq", Number, nullable=False),
    # Of a workspace: how far it had followed the opinion's log.
    Column("opinion_seq", Number, nullable=False, server_default="0"),
    Column("state", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("client", Number, primary_key=True, autoincrement=False),
    Column("member", Id, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("client >= 1000 AND client < 2147483648", name="client"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_key", Hash, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime, nullable=True),
)

versions = Table(
    "versions",
    metadata,
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", ForeignKey("documents.id"), nullable=False),
    Column("seq", Number, nullable=False),
    # The fields of crdt.versions.Version; hashes in hexadecimal, as they are printed and signed.
    Column("head", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("milestone", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("frozen_by", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("frozen_at", UtcTime, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("record", Text, nullable=False),
    Column("record_hash", String(64), nullable=False),
    Column("key", ForeignKey("keys.id"), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("state", LargeBinary, nullable=False),
    CheckConstraint("number >= 1", name="number"),
    UniqueConstraint("document", "seq"),
)

version_checks = Table(
    "version_checks",
    metadata,
    Column("opinion", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("member", ForeignKey("members.id"), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("matches", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    ForeignKeyConstraint(["opinion", "number"], ["versions.opinion", "versions.number"]),
)

nodes = Table(
    "nodes",
    metadata,
    # One id per start of a process: a process that was started again is another node.
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("draining", Boolean, nullable=False, server_default="0"),
    Column("build", Text, nullable=False, server_default=""),
)

owners = Table(
    "owners",
    metadata,
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    # Empty: nobody's. The row stays, so that its fence never falls.
    Column("node", Id, nullable=False),
    Column("fence", Number, nullable=False),
    Column("until", UtcTime, nullable=False),
    CheckConstraint("fence >= 1", name="fence"),
)
Index("ix_owners_node", owners.c.node)

jobs = Table(
    "jobs",
    metadata,
    # Says what is to be done, so that it is put there once: "exports:o-x:3".
    Column("id", String(128), primary_key=True),
    Column("name", String(64), nullable=False),
    # A JSON array.
    Column("arguments", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # Not before this time; None: at once.
    Column("due_at", UtcTime, nullable=True),
    Column("done_at", UtcTime, nullable=True),
    # Counted when it is begun: what ends its process counts too.
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    # How far it is: steps done of all, and the one that is under way.
    Column("steps_done", Integer, nullable=False, server_default="0"),
    Column("steps", Integer, nullable=False, server_default="0"),
    Column("step", Text, nullable=False, server_default=""),
)
Index("ix_jobs_done_at", jobs.c.done_at)

version_exports = Table(
    "version_exports",
    metadata,
    Column("opinion", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # View and format, and what else it was made with: "rolling.docx" (`server.publications.store.Wanted`).
    Column("form", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    # Of the content, looked at whenever it is given out.
    Column("sha256", Hash, nullable=True),
    Column("made_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["opinion", "number"], ["versions.opinion", "versions.number"]),
)
