"""Phases: extensions, warnings of soft rules, reminders sent, late Opinions kept as contributions."""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from server.tables.base import Id, Number, UtcTime, metadata

phase_extensions = Table(
    "phase_extensions",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    # The phase's id in the process file.
    Column("phase", Id, nullable=False),
    Column("closes_at", UtcTime, nullable=False),
    # When it would have closed; it stands beside what the timetable says by then.
    Column("was", UtcTime, nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", UtcTime, nullable=False),
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
)

rule_warnings = Table(
    "rule_warnings",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    # `opinions.process_checks.RuleId`, and where the rule is written.
    Column("rule", Text, nullable=False),
    Column("force", String(8), nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    # What it is about: a kind and an id ("contribution:c-12"), and how people call it.
    Column("subject", Text, nullable=False),
    Column("called", Text, nullable=False, server_default=""),
    Column("message", Text, nullable=False),
    Column("due_at", UtcTime, nullable=True),
    # Who was warned.
    Column("member", Id, nullable=False, server_default=""),
    Column("name", Text, nullable=False, server_default=""),
    # One warning of a rule for each thing.
    UniqueConstraint("rule", "subject"),
)

deadline_reminders = Table(
    "deadline_reminders",
    metadata,
    # "phase:third-draft" or "milestone:forum-contributions", the deadline as it was then, and how many days before.
    Column("deadline", Text, primary_key=True),
    Column("due_at", UtcTime, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("member", Id, primary_key=True),
    Column("at", UtcTime, nullable=False),
    # The letter; empty where it was left out, for a later one says it.
    Column("letter", Id, nullable=False, server_default=""),
)
