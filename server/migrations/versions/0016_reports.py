"""Who sees whose proposals, and since when a delegation was briefed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SETTINGS = "('all', 'delegations', 'chair_and_secretariat', 'none')"


def upgrade() -> None:
    with op.batch_alter_table("process") as process:
        process.add_column(sa.Column("attribution", sa.String(length=24), server_default="all", nullable=False))
        process.create_check_constraint(op.f("ck_process_attribution"), f"attribution IN {SETTINGS}")
    # Names that observers were not shown stay with the delegations' own people; whoever saw them sees them still.
    op.execute("UPDATE process SET attribution = 'delegations' WHERE attribution_for_observers = 'none'")
    with op.batch_alter_table("process") as process:
        process.drop_constraint(op.f("ck_process_attribution_for_observers"), type_="check")
        process.drop_column("attribution_for_observers")
    op.create_table(
        "version_attributions",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attribution", sa.String(length=24), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"attribution IN {SETTINGS}", name=op.f("ck_version_attributions_attribution")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_version_attributions_opinion_opinions")),
        sa.ForeignKeyConstraint(
            ["opinion", "number"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_version_attributions_opinion_versions"),
        ),
        sa.PrimaryKeyConstraint("opinion", "number", name=op.f("pk_version_attributions")),
    )
    with op.batch_alter_table("wishes") as wishes:
        wishes.add_column(sa.Column("tells", sa.String(length=8), server_default="news", nullable=False))
        wishes.create_check_constraint(op.f("ck_wishes_tells"), "tells IN ('news', 'brief')")
    _admit("'page', 'digest', 'brief'")


def downgrade() -> None:
    op.execute("DELETE FROM looks WHERE purpose = 'brief'")
    _admit("'page', 'digest'")
    with op.batch_alter_table("wishes") as wishes:
        wishes.drop_constraint(op.f("ck_wishes_tells"), type_="check")
        wishes.drop_column("tells")
    op.drop_table("version_attributions")
    with op.batch_alter_table("process") as process:
        process.add_column(
            sa.Column("attribution_for_observers", sa.String(length=16), server_default="delegation", nullable=False)
        )
        process.create_check_constraint(
            op.f("ck_process_attribution_for_observers"), "attribution_for_observers IN ('none', 'delegation')"
        )
    op.execute("UPDATE process SET attribution_for_observers = 'none' WHERE attribution <> 'all'")
    with op.batch_alter_table("process") as process:
        process.drop_constraint(op.f("ck_process_attribution"), type_="check")
        process.drop_column("attribution")


def _admit(purposes: str) -> None:
    with op.batch_alter_table("looks") as looks:
        looks.drop_constraint(op.f("ck_looks_purpose"), type_="check")
        looks.create_check_constraint(op.f("ck_looks_purpose"), f"purpose IN ({purposes})")
