"""Chapters of the Opinions' histories: a cache beside the logs, made when first needed and thrown away at will."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table

from server.tables.base import Number, metadata

history_chapters = Table(
    "history_chapters",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    # The entry with which the chapter ends.
    Column("seq", Number, primary_key=True, autoincrement=False),
    # Of what make it is (`server.history.store.MAKE`): one of another make is made anew.
    Column("make", Integer, nullable=False),
    # Compressed: its steps, the document after it as one Yjs update, where its base words come from.
    Column("steps", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("ground", LargeBinary, nullable=False),
)
