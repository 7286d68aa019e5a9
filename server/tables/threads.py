"""Comments on the text, with answers; a delegation's notes are such threads, seen by that delegation alone."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from server.tables.base import Id, Number, UtcTime, metadata, one_of

AUDIENCES = ("all", "delegation")
THREAD_STATES = ("open", "resolved")

threads = Table(
    "threads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("opinion", ForeignKey("opinions.id"), nullable=False),
    # What it answers; empty: it begins a thread.
    Column("parent", ForeignKey("threads.id"), nullable=True),
    # Who sees it: all members of the group, or the delegation of the next column alone.
    Column("audience", String(16), nullable=False, server_default="all"),
    Column("delegation", Id, nullable=False, server_default=""),
    # Who wrote it here; empty for what came in a file, whose author is but a name.
    Column("member", Id, nullable=False, server_default=""),
    Column("author", Text, nullable=False),
    # Where it stands: a paragraph (empty: the whole text), how it was cited then, the words there that it is about,
    # where they began and what stood around them; or an amendment.
    Column("paragraph", Id, nullable=False, server_default=""),
    Column("cited", Text, nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    Column("starts", Number, nullable=False, server_default="0"),
    Column("left_of", Text, nullable=False, server_default=""),
    Column("right_of", Text, nullable=False, server_default=""),
    Column("amendment", Id, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("brought_in", ForeignKey("brought_in.id"), nullable=True),
    Column("written_at", UtcTime, nullable=True),
    Column("entered_at", UtcTime, nullable=False),
    Column("edited_at", UtcTime, nullable=True),
    # When its author took it out; its text is then empty.
    Column("taken_out_at", UtcTime, nullable=True),
    # Of what begins a thread: open or resolved, and who said so last.
    Column("state", String(16), nullable=False, server_default="open"),
    Column("settled_at", UtcTime, nullable=True),
    Column("settled_by", Text, nullable=False, server_default=""),
    Column("settled_for", Id, nullable=False, server_default=""),
    Index("ix_threads_opinion_paragraph", "opinion", "paragraph"),
    Index("ix_threads_parent", "parent"),
    one_of("audience", AUDIENCES),
    one_of("state", THREAD_STATES),
)
