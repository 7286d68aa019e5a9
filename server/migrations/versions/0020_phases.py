"""Phases: extensions, what came late, reminders sent, warnings recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPENDED = ("phase_extensions", "rule_warnings")


def upgrade() -> None:
    op.create_table(
        "phase_extensions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("phase", sa.String(length=64), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_extensions")),
    )
    op.create_table(
        "rule_warnings",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("force", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_warnings")),
        sa.UniqueConstraint("rule", "subject", name=op.f("uq_rule_warnings_rule_subject")),
    )
    op.create_table(
        "deadline_reminders",
        sa.Column("deadline", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letter", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("deadline", "due_at", "days", "member", name=op.f("pk_deadline_reminders")),
    )
    # Not in a batch: that would make the table anew, without its triggers.
    op.add_column("eligibility_events", sa.Column("milestone", sa.Text(), server_default="", nullable=False))
    for table in APPENDED:
        for statement in _append_only(table):
            op.execute(statement)


def _append_only(table: str) -> list[str]:
    """The triggers that refuse to change or delete a row, as those of migration 0001."""
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
        ]
    refusals = [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ]
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
    return [
        *refusals,
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this key is taken'); END",
    ]


def downgrade() -> None:
    op.drop_column("eligibility_events", "milestone")
    for table in ("deadline_reminders", *reversed(APPENDED)):
        op.drop_table(table)
