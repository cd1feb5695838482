"""Fewer and smaller indexes of events: what every plan's event pays for is what every plan's event is looked up by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index by type and seq the workspace's events alone, and by request those that have one."""
    op.drop_index("event_type", "event")
    op.drop_index("event_request", "event")
    of_workspace = sa.column("plan") == sa.literal_column("'@workspace'")
    for name, columns, only in (
        ("event_workspace", ["type", "seq"], of_workspace),
        ("event_request", ["request_id"], sa.column("request_id").is_not(None)),
    ):
        op.create_index(name, "event", columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Refuse, as every migration here does."""
    raise RuntimeError("a database is never taken back to an older version")
