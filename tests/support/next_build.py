"""The build after this one, as far as it matters to an upgrade: the same program with one more step of the schema."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from server import schema

STEP = "9000"
_SOURCE = '''"""One more table, and one more column that those who do not know it need not fill."""

import sqlalchemy as sa
from alembic import op

revision = "{step}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("next_things", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("members", sa.Column("next_word", sa.Text(), server_default="", nullable=False))
    op.add_column("entries", sa.Column("next_word", sa.Text(), server_default="", nullable=False))
'''


def next_build(folder: Path) -> Callable[[], None]:
    """The plant that makes a server process one of the next build; its migrations are put into the folder."""
    migrations = folder / "migrations"
    shutil.copytree(schema._MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    before = schema._steps()[-1]
    (migrations / "versions" / f"{STEP}_next.py").write_text(_SOURCE.format(step=STEP, before=before), "utf-8")
    return partial(_become_next, migrations)


def _become_next(migrations: Path) -> None:
    schema._MIGRATIONS = migrations
