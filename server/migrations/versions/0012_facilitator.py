"""A facilitator of one Opinion: a part of its own."""

from collections.abc import Iterable

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROLES = ("expert", "focal_point", "contributor", "chair", "acting_chair", "secretariat", "observer")


def _admit(roles: Iterable[str]) -> None:
    listed = ", ".join(f"'{role}'" for role in roles)
    with op.batch_alter_table("parts") as parts:
        parts.drop_constraint(op.f("ck_parts_role"), type_="check")
        parts.create_check_constraint(op.f("ck_parts_role"), f"role IN ({listed})")


def upgrade() -> None:
    _admit((*ROLES, "facilitator"))


def downgrade() -> None:
    op.execute("DELETE FROM parts WHERE role = 'facilitator'")
    _admit(ROLES)
