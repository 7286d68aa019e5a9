"""Revisions of the Secretary-General's report that are put out for comment: what members read."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sg_put_out",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["revision"], ["sg_revisions.number"], name=op.f("fk_sg_put_out_revision_sg_revisions")
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_sg_put_out")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER sg_put_out_no_{act.lower()} BEFORE {act} ON sg_put_out "
                f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER sg_put_out_no_{act.lower()} BEFORE {act} ON sg_put_out "
            "BEGIN SELECT RAISE(ABORT, 'sg_put_out is append-only'); END"
        )
    taken = "EXISTS (SELECT 1 FROM sg_put_out WHERE revision = NEW.revision)"
    op.execute(
        f"CREATE TRIGGER sg_put_out_no_replace BEFORE INSERT ON sg_put_out WHEN {taken} "
        "BEGIN SELECT RAISE(ABORT, 'sg_put_out is append-only: this key is taken'); END"
    )


def downgrade() -> None:
    op.drop_table("sg_put_out")
