"""Who waits for what is owed, so that a page of it needs no other rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column and its index; the service fills the column behind the migration, from the plans' states."""
    op.add_column("work_item", sa.Column("asked_by", KEY, nullable=True))
    only = (sa.column("open", sa.Boolean()) == sa.true()) & sa.column("asked_by").is_not(None)
    op.create_index(
        "work_item_asker",
        "work_item",
        ["asked_by", "due_on", "plan", "step", "round", "key"],
        sqlite_where=only,
        postgresql_where=only,
    )


def downgrade() -> None:
    """Refuse, as every migration here does."""
    raise RuntimeError("a database is never taken back to an older version")
