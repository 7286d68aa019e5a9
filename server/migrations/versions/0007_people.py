"""Rosters, nominations, and roles by Opinion and phase."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PART_ROLES = ("expert", "focal_point", "contributor", "chair", "acting_chair", "secretariat", "observer")


def upgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("shared", sa.Boolean(), server_default="0", nullable=False))
    with op.batch_alter_table("invitations") as invitations:
        invitations.add_column(sa.Column("device", sa.Boolean(), server_default="0", nullable=False))
    op.create_table(
        "roster",
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("entity", sa.Text(), server_default="", nullable=False),
        sa.Column("nominated_by", sa.Text(), server_default="", nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_roster_member_members")),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_roster")),
    )
    # Whoever has signed in before has come, and whoever was sent a link was invited.
    op.execute(
        "INSERT INTO roster (member, invited_at, invited_until, came_at) "
        "SELECT members.id, "
        "(SELECT max(created_at) FROM invitations WHERE invitations.member = members.id), "
        "(SELECT max(expires_at) FROM invitations WHERE invitations.member = members.id), "
        "(SELECT min(created_at) FROM sessions WHERE sessions.member = members.id) "
        "FROM members"
    )
    op.create_table(
        "parts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.CheckConstraint(_one_of("role", PART_ROLES), name=op.f("ck_parts_role")),
        sa.CheckConstraint(_one_of("state", ("waiting", "begun", "ended")), name=op.f("ck_parts_state")),
        sa.CheckConstraint(
            "begins_at IS NULL OR ends_at IS NULL OR begins_at < ends_at", name=op.f("ck_parts_begins_before_it_ends")
        ),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_parts_member_members")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_parts_opinion_opinions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parts")),
    )
    op.create_index(op.f("ix_parts_member"), "parts", ["member"], unique=False)
    op.create_index(op.f("ix_parts_opinion"), "parts", ["opinion"], unique=False)
    op.create_table(
        "nomination_links",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("delegation", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation"], ["delegations.code"], name=op.f("fk_nomination_links_delegation_delegations")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["members.id"], name=op.f("fk_nomination_links_issued_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_nomination_links_token_hash")),
    )
    op.create_index(op.f("ix_nomination_links_delegation"), "nomination_links", ["delegation"], unique=False)
    op.create_table(
        "nominations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("delegation", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("nominator", sa.Text(), nullable=False),
        sa.Column("nominator_email", sa.Text(), server_default="", nullable=False),
        sa.Column("link", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("member", sa.String(length=64), nullable=True),
        sa.CheckConstraint(_one_of("state", ("waiting", "approved", "declined")), name=op.f("ck_nominations_state")),
        sa.ForeignKeyConstraint(
            ["delegation"], ["delegations.code"], name=op.f("fk_nominations_delegation_delegations")
        ),
        sa.ForeignKeyConstraint(["link"], ["nomination_links.id"], name=op.f("fk_nominations_link_nomination_links")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_nominations_member_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominations")),
    )
    op.create_index(op.f("ix_nominations_delegation"), "nominations", ["delegation"], unique=False)
    op.create_index("ix_nominations_state", "nominations", ["state", "made_at"], unique=False)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def downgrade() -> None:
    for table in ("nominations", "nomination_links", "parts", "roster"):
        op.drop_table(table)
    with op.batch_alter_table("invitations") as invitations:
        invitations.drop_column("device")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("shared")
