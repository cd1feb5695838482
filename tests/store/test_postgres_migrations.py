"""PostgreSQL's schema: made from the tables or through the migrations, it is the same one."""

from __future__ import annotations

from contextlib import closing

import pytest
from store.processes import child
from store.rows import change, effect, event, file, item, text

from workflow.errors import StorageUnusable
from workflow.store import migrations, schema
from workflow.store.sql import SqlStore

pytest.importorskip("psycopg")
from workflow.store.postgres import Postgres  # noqa: E402 - behind the driver that it needs

SHAPE = """
SELECT 'column', table_name || '.' || ordinal_position,
       concat_ws(' ', column_name, data_type, collation_name, is_nullable, column_default, character_maximum_length)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, tgenabled::text || ' ' || pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'comment', relname, obj_description(oid, 'pg_class')
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND obj_description(oid, 'pg_class') IS NOT NULL
"""
_POSITION = "column"


@pytest.fixture
def shape(postgres_server):
    """Tells every column, index, constraint, trigger and function of a database."""

    def told(url: str) -> set[tuple[str, str, str]]:
        with closing(postgres_server.connect(url)) as connection:
            # A column added later stands behind the others, which nothing here depends on.
            return {
                (kind, name.partition(".")[0] if kind == _POSITION else name, said)
                for kind, name, said in connection.execute(SHAPE)
            }

    return told


def migrate(url: str, to: str = "head") -> None:
    """Take a database to a version through the migrations alone."""
    backend = Postgres(url)
    with backend.migrating() as connection:
        migrations.run(connection, to)
        backend.mark(connection)


def test_tables_and_migrations_make_the_same_schema(postgres_server, postgres_url, shape):
    """A new database differs in nothing but the order of columns from one that went through every migration."""
    SqlStore(postgres_url).close()
    other = postgres_server.new_database()
    migrate(other)

    assert shape(postgres_url) == shape(other)
    postgres_server.drop(other)


FIRST_ROWS = (
    "INSERT INTO plan VALUES ('p', 'd', 'sample', 1, 'active', 'writing', 1, NULL, '\\x01', '2019-04-01', '{}')",
    "INSERT INTO event VALUES ('p', 1, 'plan_created', '2019-04-01', '2019', 'an', 'r', '\\x00', '\\x01', '{}')",
    "INSERT INTO work_item VALUES ('p', 'write', 1, 'k', 'Viết', NULL, 'unit', '2019-04-15', NULL, true)",
    "INSERT INTO effect VALUES ('p:1:1', 'p', 1, 'mail', '{}', 'waiting')",
    "INSERT INTO content VALUES ('k', 'text', 0, '\\x02', 'note')",
)


@pytest.mark.parametrize("version", schema.VERSIONS[:-1])
def test_an_older_database_is_upgraded_with_its_rows(postgres_server, postgres_url, shape, version):
    """From every earlier version the schema becomes that of a new database, and what was stored is kept."""
    migrate(postgres_url, "0001")
    for statement in FIRST_ROWS:
        postgres_server.execute(statement, postgres_url)
    migrate(postgres_url, version)
    with pytest.raises(StorageUnusable, match="older version") as told:
        SqlStore(postgres_url)
    assert "workflow db upgrade" in str(told.value.hint)
    new = postgres_server.new_database()
    SqlStore(new).close()

    with closing(SqlStore(postgres_url, upgrade=True)) as store:
        assert ("p", 1, b"\x01") == (store.plan("p").id, store.plan("p").revision, store.plan("p").head)
        assert b"\x01" == store.event("p", 1).hash
        assert ["Viết"] == [row.title_vi for row in store.due()]
        assert [("p:1:1", "waiting")] == [(row.id, row.state) for row in store.effects()]
        assert "note" == store.text("k").text
        assert store.append_only()
    assert shape(new) == shape(postgres_url)
    postgres_server.drop(new)


def test_an_upgrade_that_fails_leaves_everything_as_it_was(postgres_server, postgres_url, shape, tmp_path, monkeypatch):
    """All migrations of an upgrade are one transaction."""
    with closing(SqlStore(postgres_url)) as store:
        store.append_workspace([event("@workspace", 1)])
    before = shape(postgres_url)
    (tmp_path / "9998_next.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9998', '{schema.VERSIONS[-1]}'\n"
        "def upgrade():\n    op.execute('ALTER TABLE effect ADD note TEXT')\n    op.execute('SELECT nothing')\n",
        encoding="utf-8",
    )
    folders = (*migrations.VERSION_FOLDERS, tmp_path)
    monkeypatch.setattr(migrations, "VERSION_FOLDERS", folders)
    monkeypatch.setattr(schema, "VERSIONS", (*schema.VERSIONS, "9998"))

    with pytest.raises(StorageUnusable, match="nothing"):
        SqlStore(postgres_url, upgrade=True)
    assert before == shape(postgres_url)


def test_several_may_make_the_tables_at_once(postgres_url):
    """The first use of a database by several people at the same moment makes one set of tables."""
    code = (
        "import sys; from workflow.store.sql import SqlStore; from store.rows import change;"
        "sys.stdin.read(); store = SqlStore(sys.argv[1]); store.write(change(sys.argv[2])); store.close()"
    )
    makers = [child(code, postgres_url, f"p{number}") for number in range(4)]
    for maker in makers:
        maker.stdin.close()
        maker.stdin = None
    assert [("", "")] * 4 == [maker.communicate(timeout=60) for maker in makers]

    with closing(SqlStore(postgres_url, create=False)) as store:
        assert ["p0", "p1", "p2", "p3"] == [row.id for row in store.plans()]


def test_what_is_written_by_one_kind_of_database_reads_the_same_from_the_other(postgres_url, tmp_path):
    """The same change, stored on SQLite and on PostgreSQL, comes back equal in every row and byte."""
    note = text("Kính gửi")
    made = change(count=2, work_items=(item(),), texts=(note,), effects=(effect(),), files=())
    seen = []
    for location in (tmp_path / "workflow.db", postgres_url):
        with closing(SqlStore(location)) as store:
            store.write(made)
            store.append_workspace([event("@workspace", 1)], files=[file(b"abc")])
            lists = (store.plans(), store.due(), store.effects(), store.chains(), list(store.events("p")))
            seen.append((*map(list, lists), store.text(note.key), b"".join(store.file(file(b"abc")[0]))))

    assert seen[0] == seen[1]
