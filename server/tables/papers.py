"""Papers: the files people hand in, contributions with what they propose, and when each draft Opinion was presented."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.tables.base import Hash, Id, Number, UtcTime, metadata, one_of

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Hash, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", UtcTime, nullable=False),
    # Who handed it in, as it was then; empty for somebody without an account.
    Column("kept_by", Id, nullable=False, server_default=""),
)

contributions = Table(
    "contributions",
    metadata,
    Column("id", Id, primary_key=True),
    # As spelt, and what it is compared by; a number is given once (`opinions.document_numbers`).
    Column("number", Text, nullable=True),
    Column("number_key", Text, nullable=True, unique=True),
    Column("status", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("language", String(16), nullable=False, server_default=""),
    Column("meeting", Text, nullable=False, server_default=""),
    Column("dated", Date, nullable=True),
    Column("pages", Integer, nullable=True),
    Column("pages_counted", Boolean, nullable=False, server_default="0"),
    Column("received_at", UtcTime, nullable=False),
    # The deadline as it was when this came: one set later does not make it late.
    Column("due_at", UtcTime, nullable=True),
    Column("handed_in_by", Id, nullable=False, server_default=""),
    Column("handed_in_name", Text, nullable=False, server_default=""),
    Column("registered_at", UtcTime, nullable=True),
    Column("returned_for", Text, nullable=False, server_default=""),
    one_of("status", ("waiting", "registered", "returned")),
    CheckConstraint("(status = 'registered') = (number IS NOT NULL)", name="numbered"),
    CheckConstraint("(number IS NULL) = (number_key IS NULL)", name="number_and_key"),
)

contribution_sources = Table(
    "contribution_sources",
    metadata,
    Column("contribution", ForeignKey("contributions.id"), primary_key=True),
    Column("delegation", ForeignKey("delegations.code"), primary_key=True),
    Column("position", Integer, nullable=False),
)

contribution_opinions = Table(
    "contribution_opinions",
    metadata,
    Column("contribution", ForeignKey("contributions.id"), primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), primary_key=True),
)

contribution_files = Table(
    "contribution_files",
    metadata,
    Column("contribution", ForeignKey("contributions.id"), primary_key=True),
    Column("file", ForeignKey("files.id"), primary_key=True),
    Column("position", Integer, nullable=False),
)

contribution_items = Table(
    "contribution_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contribution", ForeignKey("contributions.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("opinion", ForeignKey("opinions.id"), nullable=False, index=True),
    Column("delegation", ForeignKey("delegations.code"), nullable=False),
    Column("kind", String(16), nullable=False),
    # Where it is about, as it was then: the paragraph, how it was cited, all its words, and the log's entry.
    Column("paragraph", Id, nullable=True),
    Column("cited", Text, nullable=False, server_default=""),
    Column("context", Text, nullable=False, server_default=""),
    Column("seq", Number, nullable=False, server_default="0"),
    Column("start", Integer, nullable=False, server_default="0"),
    Column("was", Text, nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    Column("paragraph_kind", String(32), nullable=False, server_default=""),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("status", String(16), nullable=False),
    # What it became in the text's record, once entered.
    Column("amendment", Id, nullable=True),
    Column("changed_at", UtcTime, nullable=False),
    Column("changed_by", Text, nullable=False, server_default=""),
    one_of("kind", ("replace", "delete", "add", "remove", "bracket", "view")),
    one_of("status", ("noted", "entered", "out_of_scope")),
    CheckConstraint("(status = 'entered') = (amendment IS NOT NULL)", name="entered"),
    CheckConstraint("kind <> 'view' OR amendment IS NULL", name="views_amend_nothing"),
)

eligibility_events = Table(
    "eligibility_events",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(16), nullable=False),
    # The draft Opinion it is about; on the table it keeps this id. The ledger stands for itself: no foreign keys.
    Column("draft", Id, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    # Codes and ids, parted by blanks.
    Column("delegations", Text, nullable=False, server_default=""),
    Column("document", Text, nullable=False, server_default=""),
    Column("contribution", Id, nullable=False, server_default=""),
    Column("related", Text, nullable=False, server_default=""),
    Column("due_at", UtcTime, nullable=True),
    Column("late", Boolean, nullable=False, server_default="0"),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    # At which milestone or in which phase, as the timetable had it then; empty for what came before there was one.
    Column("milestone", Text, nullable=False, server_default=""),
    one_of("kind", ("outline", "text", "title", "tabled", "founded", "merged", "merged_into", "split", "split_from")),
)
