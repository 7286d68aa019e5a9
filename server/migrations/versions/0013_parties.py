"""Groups that speak for members, and who speaks for a delegation."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "speaking_groups",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_speaking_groups")),
        sa.UniqueConstraint("name_key", name=op.f("uq_speaking_groups_name_key")),
    )
    op.create_table(
        "speaking_group_members",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("delegation", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"], ["speaking_groups.code"], name=op.f("fk_speaking_group_members_code_speaking_groups")
        ),
        sa.ForeignKeyConstraint(
            ["delegation"], ["delegations.code"], name=op.f("fk_speaking_group_members_delegation_delegations")
        ),
        sa.PrimaryKeyConstraint("code", "delegation", name=op.f("pk_speaking_group_members")),
    )
    op.create_table(
        "voices",
        sa.Column("delegation", sa.String(length=16), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delegation"], ["delegations.code"], name=op.f("fk_voices_delegation_delegations")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_voices_member_members")),
        sa.PrimaryKeyConstraint("delegation", name=op.f("pk_voices")),
    )


def downgrade() -> None:
    op.drop_table("voices")
    op.drop_table("speaking_group_members")
    op.drop_table("speaking_groups")
