"""The Secretary-General's report, volumes, document numbers given out."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.tables.base import Id, Number, UtcTime, metadata, one_of

DISPOSITIONS = ("", "taken_up", "taken_up_in_part", "noted", "not_taken_up")
DOCUMENT_KINDS = ("volume", "sg_report", "chairs_report", "contribution", "other")

sg_sections = Table(
    "sg_sections",
    metadata,
    # Every state in which a section was saved; what is written is never written over.
    Column("section", Id, primary_key=True),
    Column("state", Integer, primary_key=True, autoincrement=False),
    Column("heading", Text, nullable=False),
    Column("level", Integer, nullable=False),
    # A JSON array of [id, text].
    Column("paragraphs", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    CheckConstraint("state >= 1", name="state"),
)

sg_revisions = Table(
    "sg_revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    # A JSON array of [section, state], in the order of the report.
    Column("sections", Text, nullable=False),
    # The SHA-256 of its canonical text (`opinions.sg_report`).
    Column("digest", String(64), nullable=False),
    # What was done, for the list of revisions: "Section 2 written".
    Column("act", Text, nullable=False),
    # The file it was read from, or that is the report.
    Column("file", ForeignKey("files.id"), nullable=True),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    CheckConstraint("number >= 1", name="number"),
)

sg_put_out = Table(
    "sg_put_out",
    metadata,
    # A revision that everybody reads and comments on; those of published volumes are read by everybody besides.
    Column("revision", ForeignKey("sg_revisions.number"), primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
)

sg_comments = Table(
    "sg_comments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    # Where it stands: the revision that was read, the section and the paragraph (empty: the whole section), and both
    # as they were then.
    Column("revision", ForeignKey("sg_revisions.number"), nullable=False),
    Column("section", Id, nullable=False),
    Column("paragraph", Id, nullable=False, server_default=""),
    Column("cited", Text, nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    # The delegation it is of; empty for the chair and the secretariat.
    Column("party", Id, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("late", Boolean, nullable=False, server_default="0"),
    Column("withdrawn_at", UtcTime, nullable=True),
    Column("disposition", String(24), nullable=False, server_default=""),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answered_at", UtcTime, nullable=True),
    Column("answered_by", Text, nullable=False, server_default=""),
    one_of("disposition", DISPOSITIONS),
)

sg_comment_history = Table(
    "sg_comment_history",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("comment", ForeignKey("sg_comments.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    Column("act", String(16), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

volumes = Table(
    "volumes",
    metadata,
    # What is being put together. Once it is published, what counts is its record (`published_volumes`).
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    # An id of the timetable; empty where it belongs to none.
    Column("milestone", Id, nullable=False, server_default=""),
    Column("final", Boolean, nullable=False, server_default="0"),
    # Its number as spelt; empty until it has one (`document_numbers_given`).
    Column("document", Text, nullable=False, server_default=""),
    Column("report", ForeignKey("sg_revisions.number"), nullable=True),
    # The volume that it puts right, and why.
    Column("corrects", ForeignKey("volumes.number"), nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("made_at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    Column("dropped_at", UtcTime, nullable=True),
    CheckConstraint("number >= 1", name="number"),
)

volume_annexes = Table(
    "volume_annexes",
    metadata,
    Column("volume", ForeignKey("volumes.number"), primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    # The frozen version; NULL until there is one.
    Column("version", Integer, nullable=True),
    ForeignKeyConstraint(["opinion", "version"], ["versions.opinion", "versions.number"]),
)

published_volumes = Table(
    "published_volumes",
    metadata,
    Column("number", ForeignKey("volumes.number"), primary_key=True, autoincrement=False),
    # Which volume it is in the order of publishing: each record names the one before.
    Column("position", Integer, nullable=False, unique=True),
    Column("published_at", UtcTime, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("record", Text, nullable=False),
    Column("record_hash", String(64), nullable=False),
    Column("key", ForeignKey("keys.id"), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    CheckConstraint("position >= 1", name="position"),
)

document_numbers_given = Table(
    "document_numbers_given",
    metadata,
    # What the number is compared by (`opinions.document_numbers`): given once, whatever became of its document.
    Column("number_key", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    # What has it: the id of a contribution, the number of a volume or of a revision of the report; else empty.
    Column("subject", Id, nullable=False, server_default=""),
    Column("title", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    one_of("kind", DOCUMENT_KINDS),
)
