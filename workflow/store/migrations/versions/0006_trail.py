"""The trail over all chains: by time, person and type, and by what events are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workflow.store.trails import subjects_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
AT_ONCE = 1000


def upgrade() -> None:
    """Make the table and the indexes, and fill the table with what the events there are about."""
    op.create_table(
        "event_about",
        sa.Column("subject", KEY, primary_key=True),
        sa.Column("recorded_at", KEY, primary_key=True),
        sa.Column("plan", KEY, primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    )
    _fill()
    op.create_index("event_recorded", "event", ["recorded_at", "plan", "seq"])
    op.create_index("event_kind", "event", ["type", "recorded_at", "plan", "seq"])
    made = sa.text("actor IS NOT NULL")
    op.create_index(
        "event_actor", "event", ["actor", "recorded_at", "plan", "seq"], sqlite_where=made, postgresql_where=made
    )


def _fill() -> None:
    connection = op.get_bind()
    about = sa.table("event_about", *map(sa.column, ("subject", "recorded_at", "plan", "seq")))
    page = sa.text(
        "SELECT plan, seq, recorded_at, body FROM event WHERE (plan, seq) > (:plan, :seq) "
        "ORDER BY plan, seq LIMIT :many"
    )
    behind = {"plan": "", "seq": 0}
    while rows := connection.execute(page, {**behind, "many": AT_ONCE}).fetchall():
        behind = {"plan": rows[-1].plan, "seq": rows[-1].seq}
        found = [
            {"subject": subject, "recorded_at": row.recorded_at, "plan": row.plan, "seq": row.seq}
            for row in rows
            for subject in subjects_of(bytes(row.body))
        ]
        if found:
            connection.execute(about.insert(), found)


def downgrade() -> None:
    """Refuse, as every migration here does."""
    raise RuntimeError("a database is never taken back to an older version")
