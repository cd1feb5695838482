"""What becomes of effects, and signs of life of the workers that carry them out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Give the outbox the columns of its worker; what waits there waits for its first try."""
    if op.get_bind().dialect.name == "sqlite":
        _exchange()
    else:
        _add()
    op.create_index("effect_state", "effect", ["state", "at", "id"])
    op.create_table(
        "worker",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.Column("ended_at", sa.String()),
    )


def downgrade() -> None:
    """Refuse: what was delivered would be delivered again."""
    raise RuntimeError("an effect that was carried out is never forgotten")


def _exchange() -> None:
    # SQLite writes an added column behind the constraints; the table would differ from a new one for ever.
    op.drop_index("effect_plan", "effect")
    op.rename_table("effect", "effect_before")
    op.create_table(
        "effect",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("plan", KEY, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("spared", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String()),
        sa.Column("reason", sa.String()),
        sa.ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="effect_of_event"),
    )
    op.execute(
        "INSERT INTO effect (id, plan, seq, kind, payload, state, at, tries, spared) "
        "SELECT id, plan, seq, kind, payload, state, '', 0, 0 FROM effect_before"
    )
    op.drop_table("effect_before")
    op.create_index("effect_plan", "effect", ["plan", "seq", "id"])


def _add() -> None:
    op.alter_column("effect", "state", type_=KEY)
    for name, type_, given in (("at", KEY, "''"), ("tries", sa.Integer(), "0"), ("spared", sa.Integer(), "0")):
        op.add_column("effect", sa.Column(name, type_, nullable=False, server_default=sa.text(given)))
        op.alter_column("effect", name, server_default=None)
    for name in ("worker", "reason"):
        op.add_column("effect", sa.Column(name, sa.String()))
