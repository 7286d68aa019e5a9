"""Word files under way into a text: looked at, not yet entered."""

from sqlalchemy import Column, ForeignKey, String, Table, Text

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
