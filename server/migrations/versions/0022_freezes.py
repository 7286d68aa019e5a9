"""What is kept of a freeze beside its record: cuts of a whole volume, keys that took over from others."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEYS = {"cuts": "id = NEW.id OR number = NEW.number", "cut_versions": "cut = NEW.cut AND opinion = NEW.opinion"} | {
    "key_rotations": "number = NEW.number OR old_key = NEW.old_key OR new_key = NEW.new_key"
}


def upgrade() -> None:
    _cuts()
    op.create_table(
        "cut_claims",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cut", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_cut_claims_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cut_claims")),
    )
    op.create_table(
        "key_rotations",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("old_key", sa.String(length=64), nullable=False),
        sa.Column("new_key", sa.String(length=64), nullable=False),
        sa.Column("new_public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.CheckConstraint("old_key <> new_key", name=op.f("ck_key_rotations_another")),
        sa.ForeignKeyConstraint(["old_key"], ["keys.id"], name=op.f("fk_key_rotations_old_key_keys")),
        sa.ForeignKeyConstraint(["new_key"], ["keys.id"], name=op.f("fk_key_rotations_new_key_keys")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_key_rotations")),
        sa.UniqueConstraint("old_key", name=op.f("uq_key_rotations_old_key")),
        sa.UniqueConstraint("new_key", name=op.f("uq_key_rotations_new_key")),
    )
    for table in KEYS:
        for statement in _append_only(table):
            op.execute(statement)


def _cuts() -> None:
    op.create_table(
        "cuts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_cuts_number")),
        sa.CheckConstraint("kind IN ('meeting', 'draft')", name=op.f("ck_cuts_kind")),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name=op.f("fk_cuts_key_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cuts")),
        sa.UniqueConstraint("number", name=op.f("uq_cuts_number")),
    )
    op.create_table(
        "cut_versions",
        sa.Column("cut", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cut"], ["cuts.id"], name=op.f("fk_cut_versions_cut_cuts")),
        sa.ForeignKeyConstraint(
            ["opinion", "number"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_cut_versions_opinion_number_versions"),
        ),
        sa.PrimaryKeyConstraint("cut", "opinion", name=op.f("pk_cut_versions")),
        sa.UniqueConstraint("opinion", "number", name=op.f("uq_cut_versions_opinion_number")),
    )


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
    for table in ("key_rotations", "cut_claims", "cut_versions", "cuts"):
        op.drop_table(table)
