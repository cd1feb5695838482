"""A server's function by which contents are removed that an event withdraws, and no others."""

from __future__ import annotations

from alembic import op

from workflow.store import removal

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the function; a file needs none."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in removal.POSTGRES:
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse, as every migration here does."""
    raise RuntimeError("a database is never taken back to an older version")
