"""Numbers given to documents, each once in its series and year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the register of numbers; older plans have none."""
    op.create_table(
        "issued_number",
        sa.Column("series", KEY, primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("plan", KEY, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("document", sa.String()),
        sa.ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="issued_number_of_event"),
    )
    op.create_index("issued_number_plan", "issued_number", ["plan", "series", "year", "number"])


def downgrade() -> None:
    """Refuse: numbers once given would be given again."""
    raise RuntimeError("a number that was given is never forgotten")
