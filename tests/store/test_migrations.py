"""The schema: made from the tables or through the migrations, it is the same one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store.rows import event

from workflow.errors import StorageUnusable
from workflow.store import migrations, schema
from workflow.store.effects import EffectRow
from workflow.store.sql import SqlStore
from workflow.store.sqlite import APPLICATION_ID, Sqlite


def shape(path: Path) -> dict[str, str]:
    """Every table, index and trigger of the file with its text, spaces evened out."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
    return {name: " ".join((sql or "").split()) for name, sql in rows}


def put(path: Path, *statements: str) -> None:
    """Run SQL on the file, past the store."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of ours from a version before the first, without any table."""
    path = tmp_path / "older.db"
    put(
        path,
        f"PRAGMA application_id = {APPLICATION_ID}",
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
        "INSERT INTO alembic_version VALUES ('0000')",
    )
    monkeypatch.setattr(schema, "VERSIONS", ("0000", *schema.VERSIONS))
    return path


def migrated(path: Path, to: str = "head") -> Path:
    """Make a database through the migrations alone."""
    with Sqlite(path).migrating() as connection:
        migrations.run(connection, to)
    return path


def test_tables_and_migrations_make_the_same_schema(tmp_path):
    """A new database differs in nothing from one that went through every migration."""
    SqlStore(tmp_path / "new.db").close()

    assert shape(tmp_path / "new.db") == shape(migrated(tmp_path / "migrated.db"))


def test_the_store_knows_every_migration():
    """The literal list of versions, which spares importing Alembic, is the list of the files."""
    assert schema.VERSIONS == migrations.versions()


def test_a_new_database_is_at_the_last_version(tmp_path):
    """A new file is stamped, so that later versions know where to start."""
    SqlStore(tmp_path / "new.db").close()
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        stamped = connection.execute("SELECT version_num FROM alembic_version").fetchall()

    assert [(schema.VERSIONS[-1],)] == stamped


def test_an_older_database_asks_for_an_upgrade(older):
    """An older schema is not changed unasked; the message names the command."""
    before = shape(older)
    with pytest.raises(StorageUnusable) as refusal:
        SqlStore(older)

    assert "workflow db upgrade" in str(refusal.value.hint)
    assert before == shape(older)


def test_an_upgrade_runs_the_missing_migrations_and_keeps_the_rows(tmp_path, monkeypatch):
    """An upgrade that was asked for changes the schema and leaves what is stored."""
    path = tmp_path / "workflow.db"
    with closing(SqlStore(path)) as store:
        store.append_workspace([event("@workspace", 1)])
    last = schema.VERSIONS[-1]
    (tmp_path / "9998_next.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '9998', '{last}'\n"
        "def upgrade():\n    op.add_column('effect', sa.Column('note', sa.String()))\n",
        encoding="utf-8",
    )
    own = Path(migrations.__file__).parent / "versions"
    monkeypatch.setattr(migrations, "VERSION_FOLDERS", (own, tmp_path))
    monkeypatch.setattr(schema, "VERSIONS", (*schema.VERSIONS, "9998"))

    with closing(SqlStore(path, upgrade=True)) as store:
        assert 1 == store.workspace_head().seq
    assert "note" in shape(path)["effect"]


def test_a_database_from_before_numbers_is_upgraded(tmp_path):
    """A database of the first schema gets the register of numbers and differs in nothing from a new one."""
    path = tmp_path / "first.db"
    with closing(SqlStore(path)) as store:
        store.append_workspace([event("@workspace", 1)])
    new = shape(path)
    put(
        path,
        "DROP TABLE issued_number",
        "DROP TABLE event_about",
        *(f"DROP INDEX event_{name}" for name in ("recorded", "kind", "actor", "workspace", "request")),
        "CREATE INDEX event_request ON event (request_id)",
        "CREATE INDEX event_type ON event (type, plan, seq)",
        "DROP INDEX work_item_asker",
        "ALTER TABLE work_item DROP COLUMN asked_by",
        "DROP TABLE worker",
        "DROP TABLE leaf",
        "DROP TABLE seal",
        "DROP INDEX effect_state",
        "DROP INDEX plan_wakes",
        "DROP INDEX plan_reminds",
        *(f"ALTER TABLE plan DROP COLUMN {name}" for name in ("wakes_on", "reminds_on")),
        *(f"ALTER TABLE effect DROP COLUMN {name}" for name in ("at", "tries", "spared", "worker", "reason")),
        "UPDATE alembic_version SET version_num = '0001'",
    )
    with pytest.raises(StorageUnusable, match="older version"):
        SqlStore(path)

    with closing(SqlStore(path, upgrade=True)) as store:
        assert 1 == store.workspace_head().seq
        assert 0 == store.last_number("KH-KHCN", 2019)
    assert new == shape(path)


def test_effects_from_before_the_worker_wait_for_it(tmp_path):
    """What stood in the outbox of an older database waits for its first try."""
    path = migrated(tmp_path / "first.db", to="0002")
    put(
        path,
        f"PRAGMA application_id = {APPLICATION_ID}",
        "INSERT INTO event VALUES ('p', 1, 't', '2026-03-02', '2026', NULL, NULL, x'00', x'00', x'00')",
        "INSERT INTO effect VALUES ('p:1:1', 'p', 1, 'mail', x'7b7d', 'waiting')",
    )

    with closing(SqlStore(path, upgrade=True)) as store:
        (waiting,) = store.take_effects("w", "2026", "2027", 10)
    assert EffectRow("p:1:1", "p", 1, "mail", b"{}", "waiting", "2027", 1, 0, "w") == waiting


def test_a_database_from_a_newer_version_is_left_alone(tmp_path):
    """A schema that this program does not know is refused, and its version named."""
    path = tmp_path / "newer.db"
    SqlStore(path).close()
    put(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StorageUnusable, match="newer version.*9999"):
        SqlStore(path)


def test_a_database_without_its_version_is_refused(tmp_path):
    """A file of ours that does not say its schema version is not guessed at."""
    path = tmp_path / "odd.db"
    SqlStore(path).close()
    put(path, "DELETE FROM alembic_version")

    with pytest.raises(StorageUnusable, match="no schema version"):
        SqlStore(path)


@pytest.mark.parametrize("situation", ["new", "existing"])
def test_opening_a_store_does_not_import_alembic(tmp_path, situation):
    """Neither making a database nor opening one costs the import of the migration tool."""
    path = tmp_path / "workflow.db"
    if situation == "existing":
        SqlStore(path).close()
    code = (
        "import sys; from pathlib import Path; from workflow.store.sql import SqlStore; "
        "store = SqlStore(Path(sys.argv[1])); store.plan('x'); store.close(); print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)

    assert "False" == said.stdout.strip()
