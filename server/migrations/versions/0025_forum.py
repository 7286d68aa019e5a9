"""Forum texts: what the forum does with each Opinion of the final report."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forum_texts",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_forum_texts_opinion_opinions")),
        sa.ForeignKeyConstraint(
            ["origin", "version"], ["versions.opinion", "versions.number"], name=op.f("fk_forum_texts_origin_versions")
        ),
        sa.PrimaryKeyConstraint("opinion", name=op.f("pk_forum_texts")),
        sa.UniqueConstraint("origin", name=op.f("uq_forum_texts_origin")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER forum_texts_no_{act.lower()} BEFORE {act} ON forum_texts "
                f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER forum_texts_no_{act.lower()} BEFORE {act} ON forum_texts "
            "BEGIN SELECT RAISE(ABORT, 'forum_texts is append-only'); END"
        )
    taken = "EXISTS (SELECT 1 FROM forum_texts WHERE opinion = NEW.opinion OR origin = NEW.origin)"
    op.execute(
        f"CREATE TRIGGER forum_texts_no_replace BEFORE INSERT ON forum_texts WHEN {taken} "
        "BEGIN SELECT RAISE(ABORT, 'forum_texts is append-only: this key is taken'); END"
    )


def downgrade() -> None:
    op.drop_table("forum_texts")
