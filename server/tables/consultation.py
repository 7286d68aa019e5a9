"""Consultation rounds, the comments made in them, and what became of each."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from opinions.consultation import Audience, Disposition, Showing, Source, State
from server.tables.base import Hash, Id, Number, UtcTime, metadata, one_of

consultation_rounds = Table(
    "consultation_rounds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("introduction", Text, nullable=False, server_default=""),
    # As the form names them: "English, French, any language".
    Column("languages", Text, nullable=False, server_default=""),
    Column("audience", String(16), nullable=False),
    Column("showing", String(16), nullable=False),
    Column("opens_at", UtcTime, nullable=False),
    Column("closes_at", UtcTime, nullable=False),
    # When the secretariat published the comments; empty: not (or no longer) published.
    Column("published_at", UtcTime, nullable=True),
    Column("next_number", Integer, nullable=False, server_default="1"),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", Id, nullable=False),
    one_of("audience", Audience),
    one_of("showing", Showing),
    CheckConstraint("closes_at > opens_at", name="dates"),
)

round_texts = Table(
    "round_texts",
    metadata,
    Column("round", ForeignKey("consultation_rounds.id"), primary_key=True),
    Column("opinion", Id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(["opinion", "version"], ["versions.opinion", "versions.number"]),
)

round_changes = Table(
    "round_changes",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("round", ForeignKey("consultation_rounds.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_before", UtcTime, nullable=False),
    Column("closed_before", UtcTime, nullable=False),
    Column("opened_after", UtcTime, nullable=False),
    Column("closed_after", UtcTime, nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("round", ForeignKey("consultation_rounds.id"), nullable=False),
    # C-1, C-2 ... in the round; given when the comment is made by a member, or confirmed.
    Column("number", Integer, nullable=True),
    Column("opinion", Id, nullable=False),
    # A paragraph of the round's version; empty: the whole text.
    Column("paragraph", String(64), nullable=False, server_default=""),
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("late", Boolean, nullable=False, server_default="0"),
    # Who, as it was then; of the public what the form says. Blanked when the author asks for it.
    Column("member", Id, nullable=False, server_default=""),
    Column("party", String(16), nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    Column("organization", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("name_published", Boolean, nullable=False, server_default="0"),
    Column("consent", Text, nullable=False, server_default=""),
    Column("consented_at", UtcTime, nullable=True),
    Column("token_hash", Hash, nullable=True, unique=True),
    Column("language", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("proposed", Text, nullable=False, server_default=""),
    # A JSON array of what the secretariat's attention is drawn to.
    Column("flags", Text, nullable=False, server_default="[]"),
    Column("made_at", UtcTime, nullable=False),
    Column("confirmed_at", UtcTime, nullable=True),
    Column("changed_at", UtcTime, nullable=False),
    Column("disposition", String(16), nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("merged", Integer, nullable=True),
    one_of("source", Source),
    one_of("state", State),
    one_of("disposition", Disposition),
    CheckConstraint("number IS NOT NULL OR state = 'unconfirmed'", name="numbered"),
    ForeignKeyConstraint(["round", "opinion"], ["round_texts.round", "round_texts.opinion"]),
    UniqueConstraint("round", "number"),
)
Index("ix_comments_opinion", comments.c.opinion, comments.c.state)
Index("ix_comments_email", comments.c.email)
Index("ix_comments_state", comments.c.state, comments.c.made_at)

comment_history = Table(
    "comment_history",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("comment", ForeignKey("comments.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    # Of the public nobody is named here: erasing a comment's author leaves no other trace.
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    Column("act", String(32), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

comment_files = Table(
    "comment_files",
    metadata,
    Column("comment", ForeignKey("comments.id"), primary_key=True),
    Column("file", ForeignKey("files.id"), primary_key=True),
)
