"""Word files under way into a text: looked at, not yet entered; and the threads that their comments became."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from server.tables.base import Id, Number, UtcTime, metadata, one_of

BRINGING_KINDS = ("contribution", "consolidated")
BRINGING_STATES = ("looked_at", "entered", "discarded")

brought_in = Table(
    "brought_in",
    metadata,
    Column("id", Id, primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False, index=True),
    Column("file", ForeignKey("files.id"), nullable=False),
    # The number of the document it comes from, as its source spells it.
    Column("source", Text, nullable=False, server_default=""),
    # The contribution whose file it is, where it came through the register.
    Column("contribution", Id, nullable=False, server_default=""),
    Column("kind", String(16), nullable=False),
    # Whose contribution it is; empty: of several, or the secretariat's.
    Column("delegation", Id, nullable=False, server_default=""),
    # What the file says, as JSON (opinions.incoming_json); empty until it was read.
    Column("reading", Text, nullable=False, server_default=""),
    # What was chosen so far, as JSON.
    Column("choices", Text, nullable=False, server_default="{}"),
    Column("state", String(16), nullable=False),
    Column("by_member", Id, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("entered_at", UtcTime, nullable=True),
    Column("entered_by", Text, nullable=False, server_default=""),
    Column("seq", Number, nullable=False, server_default="0"),
    # What became of it, as JSON: the fidelity report and the amendments it made.
    Column("report", Text, nullable=False, server_default="{}"),
    one_of("kind", BRINGING_KINDS),
    one_of("state", BRINGING_STATES),
)

threads = Table(
    "threads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False),
    # What it answers; empty: it begins a thread.
    Column("parent", ForeignKey("threads.id"), nullable=True),
    # Where it stands: a paragraph (empty: the whole text), and the words there that it is about.
    Column("paragraph", Id, nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    Column("amendment", Id, nullable=False, server_default=""),
    Column("delegation", Id, nullable=False, server_default=""),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("brought_in", ForeignKey("brought_in.id"), nullable=True),
    Column("written_at", UtcTime, nullable=True),
    Column("entered_at", UtcTime, nullable=False),
    Index("ix_threads_opinion_paragraph", "opinion", "paragraph"),
)
