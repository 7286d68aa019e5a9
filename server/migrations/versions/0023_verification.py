"""What keeps records as they were written, and what mirrors hold."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PUBLIC = "public_versions"
KEYS = {
    "keys": "id = NEW.id OR public_key = NEW.public_key",
    "leases": "document = NEW.document AND client = NEW.client",
    PUBLIC: "opinion = NEW.opinion AND number = NEW.number",
}


def upgrade() -> None:
    op.create_table(
        PUBLIC,
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion", "number"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_public_versions_opinion_number_versions"),
        ),
        sa.PrimaryKeyConstraint("opinion", "number", name=op.f("pk_public_versions")),
    )
    op.create_table(
        "audit_findings",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_findings")),
    )
    for table in KEYS:
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
    return [
        *refusals,
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {KEYS[table]}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this key is taken'); END",
    ]


def downgrade() -> None:
    for table in ("keys", "leases"):
        on = f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
        rules = ("update", "delete", "truncate" if on else "replace")
        for rule in rules:
            op.execute(f"DROP TRIGGER {table}_no_{rule}{on}")
    op.drop_table("audit_findings")
    op.drop_table(PUBLIC)
