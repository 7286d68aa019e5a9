"""The timetable of a process: its history of changes, and what its file said. Rows of both are only ever added."""

from sqlalchemy import Boolean, Column, Date, Index, Table, Text

from server.tables.base import Id, Number, UtcTime, metadata

timetable_changes = Table(
    "timetable_changes",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    # The milestone's id within the process: "ieg-4".
    Column("milestone", Id, nullable=False),
    # From when it held, in the milestone's zone; `at_latest`: the day of the decision is not on record.
    Column("decided_on", Date, nullable=False),
    Column("at_latest", Boolean, nullable=False, server_default="0"),
    # What it sets, as JSON (`opinions.timetable_json`).
    Column("fields", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("authority", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("recorded_at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    # Whether a process file brought it.
    Column("filed", Boolean, nullable=False, server_default="0"),
)
Index("ix_timetable_changes_milestone", timetable_changes.c.milestone)

timetable_files = Table(
    "timetable_files",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("file", Text, nullable=False),
    # The file as it was given, and what it says beside its milestones as JSON (`opinions.process_plan`).
    Column("content", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("loaded_at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
)
