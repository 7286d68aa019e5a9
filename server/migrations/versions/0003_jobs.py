"""What is to be done after a commit, and the exports of versions that are made so."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_done_at", "jobs", ["done_at"], unique=False)
    op.create_table(
        "version_exports",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion", "number"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_version_exports_opinion_versions"),
        ),
        sa.PrimaryKeyConstraint("opinion", "number", "form", name=op.f("pk_version_exports")),
    )


def downgrade() -> None:
    op.drop_table("version_exports")
    op.drop_index("ix_jobs_done_at", table_name="jobs")
    op.drop_table("jobs")
