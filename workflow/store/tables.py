"""The tables, as SQLModel classes: the one place that says what the database looks like.

Keys are natural; there are no surrogate keys and no update times, because `event`, `plan` and
`work_item` hold nothing that the events do not determine. These three carry no value checks beyond
NOT NULL either: what a hand has changed in them `audit verify` must be able to read and name.

A `table=True` class validates nothing and is never filled here: rows come in as the frozen values of
`interface`, and only the classes' tables are used (see `statements`).
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    literal_column,
    true,
)
from sqlmodel import Field, SQLModel
from sqlmodel.main import SQLModelConfig

from workflow.messages import WORKSPACE_CHAIN

metadata = MetaData()

# Lists are paged by key, so keys must be ordered alike in every database: by their bytes.
KEY = String().with_variant(String(collation="C"), "postgresql")


class Stored(SQLModel):
    """Base of the tables; keeps them apart from other users of SQLModel in the same process."""

    metadata: ClassVar[MetaData] = metadata
    # Nothing is validated or dumped with these classes, so their validators are not built.
    model_config = SQLModelConfig(defer_build=True)


class Plan(Stored, table=True):
    """The projection of one plan."""

    __tablename__ = "plan"
    __table_args__ = (
        Index("plan_status", "status", "id"),
        Index("plan_stage", "stage", "id"),
        Index("plan_wakes", "wakes_on", "id"),
        Index("plan_reminds", "reminds_on", "id"),
    )

    id: str = Field(primary_key=True, sa_type=KEY)
    definition: str
    definition_id: str
    definition_version: int
    status: str = Field(sa_type=KEY)
    stage: str = Field(sa_type=KEY)
    revision: int
    title: str | None
    head: bytes = Field(sa_type=LargeBinary)
    latest_on: str
    state: bytes = Field(sa_type=LargeBinary)
    wakes_on: str | None = Field(sa_type=KEY)
    reminds_on: str | None = Field(sa_type=KEY)


class Event(Stored, table=True):
    """The chains: append-only by trigger."""

    __tablename__ = "event"
    __table_args__ = (
        Index("event_recorded", "recorded_at", "plan", "seq"),
        Index("event_kind", "type", "recorded_at", "plan", "seq"),
        CheckConstraint("seq >= 1", name="event_seq_from_one"),
    )

    plan: str = Field(primary_key=True, sa_type=KEY)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    type: str = Field(sa_type=KEY)
    occurred_on: str
    recorded_at: str
    actor: str | None
    request_id: str | None
    previous: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)


class EventAbout(Stored, table=True):
    """What events are about: units, offices, documents, files. The key is all there is; see `trails`.

    No foreign key to `event`: every event would pay for it, and `audit verify` compares both to the last row.
    """

    __tablename__ = "event_about"

    subject: str = Field(primary_key=True, sa_type=KEY)
    recorded_at: str = Field(primary_key=True, sa_type=KEY)
    plan: str = Field(primary_key=True, sa_type=KEY)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class WorkItem(Stored, table=True):
    """What is owed, and what was done."""

    __tablename__ = "work_item"
    __table_args__ = (ForeignKeyConstraint(["plan"], ["plan.id"], name="work_item_of_plan"),)

    plan: str = Field(primary_key=True, sa_type=KEY)
    step: str = Field(primary_key=True, sa_type=KEY)
    round: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: str = Field(primary_key=True, sa_type=KEY)
    title_vi: str
    title_en: str | None
    owner: str | None = Field(sa_type=KEY)
    due_on: str | None = Field(sa_type=KEY)
    done_on: str | None
    open: bool
    asked_by: str | None = Field(sa_type=KEY)


class Document(Stored, table=True):
    """Files handed in with events."""

    __tablename__ = "document"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="document_of_event"),
        CheckConstraint("position >= 0", name="document_position"),
        CheckConstraint("size >= 0", name="document_size"),
    )

    plan: str = Field(primary_key=True, sa_type=KEY)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sha256: str
    size: int
    name: str


class Content(Stored, table=True):
    """Texts outside the hashed bytes, and the bytes of files in pieces.

    `kind` is in the key: a file whose bytes are somebody's salt and text must not meet that text.
    """

    __tablename__ = "content"
    __table_args__ = (
        CheckConstraint("kind IN ('text', 'file')", name="content_kind"),
        CheckConstraint("part >= 0", name="content_part"),
        CheckConstraint("(kind = 'text') = (salt IS NOT NULL)", name="content_salt_of_texts"),
    )

    key: str = Field(primary_key=True, sa_type=KEY)
    kind: str = Field(primary_key=True, sa_type=KEY)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: bytes | None = Field(sa_type=LargeBinary)
    data: bytes = Field(sa_type=LargeBinary)


class Definition(Stored, table=True):
    """Definitions that plans are pinned to, by the hash of their canonical JSON."""

    __tablename__ = "definition"
    __table_args__ = (
        UniqueConstraint("id", "version", name="definition_id_version"),
        CheckConstraint("version >= 1", name="definition_version_from_one"),
    )

    hash: str = Field(primary_key=True, sa_type=KEY)
    id: str = Field(sa_type=KEY)
    version: int
    body: bytes = Field(sa_type=LargeBinary)


class Effect(Stored, table=True):
    """The outbox."""

    __tablename__ = "effect"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="effect_of_event"),
        Index("effect_plan", "plan", "seq", "id"),
        Index("effect_state", "state", "at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=KEY)
    plan: str = Field(sa_type=KEY)
    seq: int
    kind: str
    payload: bytes = Field(sa_type=LargeBinary)
    state: str = Field(sa_type=KEY)
    at: str = Field(sa_type=KEY)
    tries: int
    spared: int
    worker: str | None
    reason: str | None


class Worker(Stored, table=True):
    """Signs of life of those who carry effects out."""

    __tablename__ = "worker"

    id: str = Field(primary_key=True, sa_type=KEY)
    host: str
    pid: int
    version: str
    started_at: str
    seen_at: str
    ended_at: str | None


class Seal(Stored, table=True):
    """Signed checkpoints: append-only by trigger."""

    __tablename__ = "seal"
    __table_args__ = (CheckConstraint("number >= 1", name="seal_number_from_one"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int
    root: bytes = Field(sa_type=LargeBinary)
    note: bytes = Field(sa_type=LargeBinary)
    at: str


class Leaf(Stored, table=True):
    """What seals are over: append-only by trigger.

    No foreign key to `event`: a leaf says what was sealed, also where somebody has taken the event away.
    """

    __tablename__ = "leaf"
    __table_args__ = (
        ForeignKeyConstraint(["seal"], ["seal.number"], name="leaf_of_seal"),
        UniqueConstraint("plan", "seq", name="leaf_plan_seq"),
        CheckConstraint("position >= 0", name="leaf_position_from_zero"),
    )

    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    plan: str = Field(sa_type=KEY)
    seq: int
    hash: bytes = Field(sa_type=LargeBinary)
    seal: int


class IssuedNumber(Stored, table=True):
    """Numbers given to documents: the key is what makes each unique in its series and year."""

    __tablename__ = "issued_number"
    __table_args__ = (
        ForeignKeyConstraint(["plan", "seq"], ["event.plan", "event.seq"], name="issued_number_of_event"),
        Index("issued_number_plan", "plan", "series", "year", "number"),
    )

    series: str = Field(primary_key=True, sa_type=KEY)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    plan: str = Field(sa_type=KEY)
    seq: int
    document: str | None


def table(model: type[SQLModel]) -> Table:
    """Return the table of one of the classes above."""
    return metadata.tables[str(model.__tablename__)]


def _add_due_indexes() -> None:
    """Index what is owed by day, for all, for one owner and for who waits; closed items cost these nothing."""
    items: dict[str, Column] = dict(table(WorkItem).columns)
    by_day = [items[name] for name in ("due_on", "plan", "step", "round", "key")]
    # `postgresql_where` belongs beside `sqlite_where`, but naming it imports that dialect (22 ms).
    is_open = items["open"] == true()
    Index("work_item_due", *by_day, sqlite_where=is_open)
    Index("work_item_owner", items["owner"], *by_day, sqlite_where=is_open)
    is_asked = is_open & items["asked_by"].is_not(None)
    Index("work_item_asker", items["asked_by"], *by_day, sqlite_where=is_asked)


def _add_indexes_of_some_events() -> None:
    """Index who made which events, which requests did, and the workspace's by type; all others cost these nothing."""
    events: dict[str, Column] = dict(table(Event).columns)
    by_time = [events[name] for name in ("recorded_at", "plan", "seq")]
    Index("event_actor", events["actor"], *by_time, sqlite_where=events["actor"].is_not(None))
    Index("event_request", events["request_id"], sqlite_where=events["request_id"].is_not(None))
    of_workspace = events["plan"] == literal_column(f"'{WORKSPACE_CHAIN}'")
    Index("event_workspace", events["type"], events["seq"], sqlite_where=of_workspace)


def index_only_some(dialect: str) -> None:
    """Say for one more dialect which rows SQLite's indexes leave out."""
    for index in (*table(WorkItem).indexes, *table(Event).indexes):
        index.dialect_options[dialect]["where"] = index.dialect_options["sqlite"]["where"]


_add_due_indexes()
_add_indexes_of_some_events()
