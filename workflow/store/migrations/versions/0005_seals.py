"""Seals, and the leaves that they are over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER seal_not_updated BEFORE UPDATE ON seal BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END",
        "CREATE TRIGGER seal_not_deleted BEFORE DELETE ON seal BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END",
        "CREATE TRIGGER seal_not_replaced BEFORE INSERT ON seal "
        "WHEN EXISTS (SELECT 1 FROM seal WHERE number = NEW.number) "
        "BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END",
        "CREATE TRIGGER leaf_not_updated BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END",
        "CREATE TRIGGER leaf_not_deleted BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END",
        "CREATE TRIGGER leaf_not_replaced BEFORE INSERT ON leaf "
        "WHEN EXISTS (SELECT 1 FROM leaf WHERE position = NEW.position) "
        "OR EXISTS (SELECT 1 FROM leaf WHERE plan = NEW.plan AND seq = NEW.seq) "
        "BEGIN SELECT RAISE(ABORT, 'seals are append-only'); END",
    ),
    "postgresql": (
        """CREATE FUNCTION seal_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION 'seals are append-only' USING ERRCODE = 'restrict_violation';
END
$body$""",
        "CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal "
        "FOR EACH STATEMENT EXECUTE FUNCTION seal_append_only()",
        "ALTER TABLE seal ENABLE ALWAYS TRIGGER seal_append_only",
        "CREATE TRIGGER leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf "
        "FOR EACH STATEMENT EXECUTE FUNCTION seal_append_only()",
        "ALTER TABLE leaf ENABLE ALWAYS TRIGGER leaf_append_only",
    ),
}


def upgrade() -> None:
    """Make the tables, empty: what was recorded so far gets its first seal when somebody seals."""
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.CheckConstraint("number >= 1", name="seal_number_from_one"),
    )
    op.create_table(
        "leaf",
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("plan", KEY, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seal"], ["seal.number"], name="leaf_of_seal"),
        sa.UniqueConstraint("plan", "seq", name="leaf_plan_seq"),
        sa.CheckConstraint("position >= 0", name="leaf_position_from_zero"),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: what was sealed would be forgotten."""
    raise RuntimeError("a seal that was made is never forgotten")
