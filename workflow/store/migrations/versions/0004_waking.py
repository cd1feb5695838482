"""On which day a plan next does something by itself, and when somebody may have to be reminded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the days, empty: only who knows the definitions can say them, and does so after the migration."""
    for name in ("wakes_on", "reminds_on"):
        op.add_column("plan", sa.Column(name, KEY))
    op.create_index("plan_wakes", "plan", ["wakes_on", "id"])
    op.create_index("plan_reminds", "plan", ["reminds_on", "id"])


def downgrade() -> None:
    """Refuse, as every migration here does."""
    raise RuntimeError("a database is never taken back to an older version")
