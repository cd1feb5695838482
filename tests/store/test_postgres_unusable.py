"""PostgreSQL databases that cannot be used: one clear message each, no password in it, and nothing touched."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing

import pytest
from postgres_kit import PASSWORD, Server
from store.rows import change

from workflow.errors import StorageUnusable
from workflow.store import schema
from workflow.store.sql import SqlStore

pytest.importorskip("psycopg")


def refusal(url: str, secret: str = "s3cret", **options) -> StorageUnusable:
    """What opening says; no password in it, nor in what `--debug` would show."""
    with pytest.raises(StorageUnusable) as refused:
        SqlStore(url, **options).close()
    error = refused.value
    assert error.hint is not None
    assert secret not in f"{error} {error.hint} {error.params} {''.join(traceback.format_exception(error))}"
    return error


def test_a_server_that_is_not_there(postgres_server):
    """Nobody listens: the address is named."""
    error = refusal("postgresql://an:s3cret@127.0.0.1:1/plans")

    assert "storage-unreachable" == error.code
    assert "No PostgreSQL server answers for postgresql://an:***@127.0.0.1:1/plans" in str(error)


def test_a_host_that_nobody_knows(postgres_server):
    """A misspelt host is a server that is not there."""
    assert "storage-unreachable" == refusal("postgresql://an:s3cret@server.invalid/plans").code


@pytest.mark.parametrize("password", ["wrong-s3cret", ""])
def test_a_wrong_password(postgres_server, password):
    """Who is not let in is told by which name, and where the password comes from."""
    error = refusal(postgres_server.url(user="guarded", password=password), secret="wrong-s3cret")

    assert "storage-no-right" == error.code
    assert "does not let you in" in str(error)
    assert "PGPASSWORD" in str(error.hint)


def test_the_right_password_is_never_said(postgres_server):
    """A password that works stands in no message either."""
    error = refusal(postgres_server.url("missing", user="guarded", password=PASSWORD), secret="s3cret")

    assert "storage-missing" == error.code


def test_a_user_that_the_server_does_not_know(postgres_server):
    """A role that is not there is not let in."""
    assert "storage-no-right" == refusal(postgres_server.url(user="nobody-knows")).code


def test_a_database_that_is_not_there(postgres_server):
    """A missing database is not made unasked: that is for whoever keeps the server."""
    error = refusal(postgres_server.url("missing"))

    assert "There is no database postgresql://postgres@127.0.0.1" in str(error)
    assert "createdb" in str(error.hint)


def test_an_empty_database_is_filled_only_where_that_is_wanted(postgres_server, postgres_url):
    """Looking into a database without tables does not make any."""
    assert "no-database" == refusal(postgres_url, create=False).code
    with closing(postgres_server.connect(postgres_url)) as raw:
        assert 0 == raw.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0]


@pytest.mark.parametrize("table", ["plan (id TEXT)", "alembic_version (version_num TEXT)", "unrelated (id INTEGER)"])
def test_a_database_of_another_program_is_left_alone(postgres_server, postgres_url, table):
    """Where tables of somebody else are, nothing is made and nothing is changed."""
    postgres_server.execute(f"CREATE TABLE {table}", postgres_url)

    assert "storage-foreign" == refusal(postgres_url).code
    with closing(postgres_server.connect(postgres_url)) as raw:
        tables = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert [(table.partition(" ")[0],)] == tables


def test_other_schemas_are_nobodys_business(postgres_server, postgres_url):
    """Another program may have its own schema beside ours, and ours may be another than `public`."""
    postgres_server.execute("CREATE SCHEMA theirs", postgres_url)
    postgres_server.execute("CREATE TABLE theirs.plan (id TEXT)", postgres_url)
    postgres_server.execute("CREATE SCHEMA ours", postgres_url)
    for url in (postgres_url, f"{postgres_url}?options=-csearch_path%3Dours"):
        with closing(SqlStore(url)) as store:
            store.write(change())
            assert store.append_only()

    with closing(postgres_server.connect(postgres_url)) as raw:
        assert (1, 1) == raw.execute("SELECT (SELECT count(*) FROM ours.plan), (SELECT count(*) FROM plan)").fetchone()


def test_a_database_from_a_newer_version_is_left_alone(postgres_server, postgres_database):
    """A schema that this program does not know is refused, and its version named."""
    postgres_server.execute("UPDATE alembic_version SET version_num = '9999'", postgres_database)
    error = refusal(postgres_database)

    assert ("storage-newer", "9999") == (error.code, error.params["version"])


def test_a_database_from_an_older_version_asks_for_an_upgrade(postgres_server, postgres_database):
    """An older schema is not changed unasked; the message names the command."""
    postgres_server.execute(f"UPDATE alembic_version SET version_num = '{schema.VERSIONS[0]}'", postgres_database)

    assert "workflow db upgrade" in str(refusal(postgres_database).hint)


def test_a_database_without_its_version_is_refused(postgres_server, postgres_database):
    """A database of ours that does not say its schema version is not guessed at."""
    postgres_server.execute("DELETE FROM alembic_version", postgres_database)

    assert "no schema version" in str(refusal(postgres_database))


def test_a_database_that_cannot_hold_every_letter_is_refused(postgres_server):
    """Vietnamese needs UTF8: another encoding is named before anything is written."""
    postgres_server.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    error = refusal(postgres_server.url("narrow"))
    postgres_server.drop(postgres_server.url("narrow"))

    assert "LATIN1" in str(error)
    assert "createdb" in str(error.hint)


@pytest.fixture
def limited(postgres_server: Server, postgres_database: str) -> Iterator[str]:
    """The address of our tables for a role that may only connect."""
    postgres_server.execute("CREATE ROLE limited LOGIN")
    yield postgres_database.replace("postgres@", "limited@")
    postgres_server.drop(postgres_database)
    postgres_server.execute("DROP ROLE limited")


def test_a_missing_right_is_named(postgres_server, postgres_database, limited):
    """Who may not look at our tables, or not write them, is told so; nothing is written."""
    assert "storage-no-right" == refusal(limited).code

    postgres_server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited", postgres_database)
    with closing(SqlStore(limited)) as store:
        with pytest.raises(StorageUnusable, match="permission denied for table plan") as error:
            store.write(change())
        assert "storage-no-right" == error.value.code
        assert [] == list(store.plans())


def test_a_schema_that_may_not_be_filled(postgres_server, postgres_url, limited):
    """Who may not make tables in an empty database is told about the right."""
    error = refusal(postgres_url.replace("postgres@", "limited@"))

    assert ("storage-no-right", True) == (error.code, "permission denied" in str(error))


def test_a_schema_that_is_closed(postgres_server, postgres_database, limited):
    """Who may not even look into the schema is told about that."""
    postgres_server.execute("REVOKE ALL ON SCHEMA public FROM public", postgres_database)

    assert "schema" in str(refusal(limited))


def test_a_server_without_room(postgres_server, postgres_database, limited):
    """A role that has as many sessions as it may is told to try again."""
    postgres_server.execute("ALTER ROLE limited CONNECTION LIMIT 1")
    postgres_server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited", postgres_database)
    with closing(SqlStore(limited)) as store:
        store.plans()
        error = refusal(limited)

    assert "storage-busy" == error.code


def test_a_read_only_server_is_told(postgres_server, postgres_database):
    """A standby, or a database set to read only, answers questions and refuses changes."""
    name = postgres_database.rpartition("/")[2]
    postgres_server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with closing(SqlStore(postgres_database)) as store:
        assert [] == list(store.plans())
        with pytest.raises(StorageUnusable, match="read-only") as error:
            store.write(change())

    assert "storage-no-right" == error.value.code


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://an:s3cret@ss@host/name",
        "postgresql://an:s3cret@host:port:1/name",
        "postgresql://an:s3cret@host/name?no_such_option=s3cret",
        "postgresql://an@host/name?password=s3cret&sslmode=perhaps",
        "postgresql://an:s3cret%zz@host/name",
        "postgresql://an:s3cret@host/na\0me",
        "mysql://an:s3cret@host/name",
        "password=s3cret host=localhost",
        "postgresql+pg8000://an:s3cret@host/name",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url):
    """What is wrong with an address is said, the password in it is not."""
    refusal(url)


def test_both_spellings_of_an_address_are_one(postgres_server, postgres_database):
    """`postgres://` is what other tools write for `postgresql://`."""
    with closing(SqlStore(postgres_database.replace("postgresql:", "postgres:"))) as store:
        assert [] == list(store.plans())


def test_a_missing_driver_is_named_with_how_to_get_it(tmp_path):
    """Without the extra a PostgreSQL address is refused with the line that installs it; SQLite goes on."""
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from workflow.store.sql import SqlStore; from workflow.errors import StorageUnusable\n"
        "SqlStore(sys.argv[1]).close()\n"
        "try: SqlStore('postgresql://an:s3cret@localhost/plans')\n"
        "except StorageUnusable as error: print(error.code, error, error.hint)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{tmp_path}/w.db"], capture_output=True, text=True, check=True
    ).stdout

    assert said.startswith("missing-extra ")
    assert "pip install 'trinh[postgres]'" in said
    assert "s3cret" not in said


def test_sqlite_does_not_pay_for_postgresql(tmp_path):
    """Opening, writing and reading a file imports neither the driver nor the dialect."""
    code = (
        "import sys; from pathlib import Path; from workflow.store.sql import SqlStore\n"
        "store = SqlStore(Path(sys.argv[1])); store.plans(); store.due(); store.close()\n"
        "print([name for name in sys.modules if 'psycopg' in name or 'postgres' in name])\n"
    )
    said = subprocess.run([sys.executable, "-c", code, tmp_path / "w.db"], capture_output=True, text=True, check=True)

    assert "[]" == said.stdout.strip()
