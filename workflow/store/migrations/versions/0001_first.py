"""Plans, chains, work items, documents, contents, definitions and effects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")

APPEND_ONLY = {
    "sqlite": (
        """
        CREATE TRIGGER event_not_updated BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
        """
        CREATE TRIGGER event_not_deleted BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
        """
        CREATE TRIGGER event_not_replaced BEFORE INSERT ON event
        WHEN EXISTS (SELECT 1 FROM event WHERE plan = NEW.plan AND seq = NEW.seq)
          OR EXISTS (SELECT 1 FROM event WHERE rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
        """,
    ),
    "postgresql": (
        """CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
END
$body$""",
        "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()",
        "ALTER TABLE event ENABLE ALWAYS TRIGGER event_append_only",
    ),
}


def upgrade() -> None:
    """Make the first schema."""
    _plans()
    _events()
    _work_items()
    _documents()
    _contents()
    _definitions()
    _effects()
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a step back would throw the trail away."""
    raise RuntimeError("the first schema has nothing before it")


def _plans() -> None:
    op.create_table(
        "plan",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("definition_id", sa.String(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("status", KEY, nullable=False),
        sa.Column("stage", KEY, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String()),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("latest_on", sa.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
    )
    op.create_index("plan_status", "plan", ["status", "id"])
    op.create_index("plan_stage", "plan", ["stage", "id"])


def _events() -> None:
    op.create_table(
        "event",
        sa.Column("plan", KEY, primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("type", KEY, nullable=False),
        sa.Column("occurred_on", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("actor", sa.String()),
        sa.Column("request_id", sa.String()),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq >= 1", name="event_seq_from_one"),
    )
    op.create_index("event_request", "event", ["request_id"])
    op.create_index("event_type", "event", ["type", "plan", "seq"])


def _work_items() -> None:
    table = op.create_table(
        "work_item",
        sa.Column("plan", KEY, primary_key=True),
        sa.Column("step", KEY, primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("key", KEY, primary_key=True),
        sa.Column("title_vi", sa.String(), nullable=False),
        sa.Column("title_en", sa.String()),
        sa.Column("owner", KEY),
        sa.Column("due_on", KEY),
        sa.Column("done_on", sa.String()),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.id"], name="work_item_of_plan"),
    )
    is_open = table.c.open == sa.true()
    by_day = ["due_on", "plan", "step", "round", "key"]
    op.create_index("work_item_due", "work_item", by_day, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("work_item_owner", "work_item", ["owner", *by_day], sqlite_where=is_open, postgresql_where=is_open)


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("plan", KEY, primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="document_of_event"),
        sa.CheckConstraint("position >= 0", name="document_position"),
        sa.CheckConstraint("size >= 0", name="document_size"),
    )


def _contents() -> None:
    op.create_table(
        "content",
        sa.Column("key", KEY, primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('text', 'file')", name="content_kind"),
        sa.CheckConstraint("part >= 0", name="content_part"),
        sa.CheckConstraint("(kind = 'text') = (salt IS NOT NULL)", name="content_salt_of_texts"),
    )


def _definitions() -> None:
    op.create_table(
        "definition",
        sa.Column("hash", KEY, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("id", "version", name="definition_id_version"),
        sa.CheckConstraint("version >= 1", name="definition_version_from_one"),
    )


def _effects() -> None:
    op.create_table(
        "effect",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("plan", KEY, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="effect_of_event"),
    )
    op.create_index("effect_plan", "effect", ["plan", "seq", "id"])
