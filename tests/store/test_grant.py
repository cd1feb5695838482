"""Roles on PostgreSQL: each may do its work, and the server itself refuses the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest
from cli.conftest import PEOPLE, SAMPLE
from cli.test_effect import LETTERS
from click.testing import CliRunner, Result

from workflow.bootstrap import init_workspace
from workflow.cli import main
from workflow.errors import InvalidInput, StorageUnusable
from workflow.store import grants
from workflow.store.sql import SqlStore

psycopg = pytest.importorskip("psycopg")

SCHEMA = "workflow_worker"
NUMBERS = count(1)
ODD = "Cán bộ \"'%s\\ $do$ "


@pytest.fixture
def named() -> dict[str, str]:
    """Names for the roles that no other test has: a server's roles are common to all its databases."""
    number = next(NUMBERS)
    return {role: f"{ODD}{role}{number}" for role in grants.ROLES}


@pytest.fixture
def granted(postgres_server, postgres_database: str, named: dict[str, str]) -> dict[str, str]:
    """A database in which the roles have their rights; for each role the address of a member."""
    grants.apply(postgres_database, grants.statements(postgres_database, named, SCHEMA))
    members = {}
    with closing(postgres_server.connect(postgres_database)) as connection:
        for role, name in named.items():
            member = f"member_of_{role}_{next(NUMBERS)}"
            connection.execute(f"CREATE ROLE {member} LOGIN")
            connection.execute(psycopg.sql.SQL("GRANT {} TO {}").format(*map(psycopg.sql.Identifier, (name, member))))
            members[role] = postgres_server.url(postgres_database.rpartition("/")[2], member)
    return members


@pytest.fixture
def office(tmp_path: Path, postgres_database: str, monkeypatch) -> Path:
    """A workspace on the database, with effects; nobody has recorded anything yet."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    root = init_workspace(tmp_path / "office", postgres_database)
    (root / "definitions" / "sample.yaml").write_text(SAMPLE, encoding="utf-8")
    (root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (root / "plugins" / "letters.py").write_text(LETTERS, encoding="utf-8")
    (root / "paper.txt").write_text("dự thảo", encoding="utf-8")
    monkeypatch.chdir(root)
    return root


Type = Callable[..., Result]


@pytest.fixture
def typed(granted: dict[str, str], office: Path) -> Type:
    """Types a command as a member of a role: `typed("officer", "list")`."""

    def run(role: str, *arguments: str) -> Result:
        env = {"WORKFLOW_LANG": "en", "WORKFLOW_DATABASE": granted[role]}
        return CliRunner().invoke(main, [*arguments, "--as", "anna"], prog_name="workflow", env=env)

    return run


@pytest.fixture
def done(typed: Type) -> Type:
    """Types a command that has to succeed."""

    def run(role: str, *arguments: str) -> Result:
        result = typed(role, *arguments)
        assert 0 == result.exit_code, f"{arguments}: {result.output}"
        return result

    return run


READING = (
    ("list",),
    ("list", "--late"),
    ("show", "1-KH"),
    ("next", "1-KH"),
    ("due",),
    ("overview",),
    ("forecast", "1-KH"),
    ("audit", "show"),
    ("audit", "show", "1-KH"),
    ("audit", "verify"),
    ("people", "list"),
    ("calendar", "show", "2019"),
    ("definition", "list"),
    ("draft", "list", "1-KH"),
    ("number", "list"),
    ("paper", "list", "1-KH"),
    ("graph", "1-KH"),
    ("effect", "list"),
    ("effect", "show", "1-KH:1:1"),
    ("plugin", "list"),
    ("db", "status"),
    ("db", "backup", "backup.db", "--force"),
    ("tick", "--dry-run"),
)
RECORDING = (
    ("people", "load"),
    ("create", "sample-decision", "--id", "1-KH", "--on", "2019-04-01"),
    ("act", "1-KH", "write", "submit", "--attach", "paper.txt", "--note", "lần 1"),
    ("number", "issue", "1-KH", "decision", "--series", "QD"),
    ("advance", "1-KH", "circulate"),
    ("suspend", "1-KH", "--reason", "x"),
    ("resume", "1-KH", "--reason", "x"),
    ("tick",),
    # Refused by a rule, which is recorded in the workspace's chain.
    ("correct", "1-KH", "2", "--reason", "x"),
    ("handover", "anna", "cam", "--reason", "x"),
    ("cancel", "1-KH", "--reason", "x", "--document", "12/QĐ-UBND"),
    ("reopen", "1-KH", "--reason", "x"),
)


def test_an_officer_withdraws_what_an_event_withdraws_and_nothing_else(done, typed, office, postgres_server, granted):
    """The server removes a content only where the trail says so, and nobody deletes contents otherwise."""
    register = PEOPLE.replace("people: 1", "people: 1\nwithdrawers: [anna]")
    (office / "people.yaml").write_text(register, encoding="utf-8")
    for command in RECORDING[:3]:
        done("officer", *command)
    with closing(psycopg.connect(granted["officer"], autocommit=True)) as connection:
        (other,) = connection.execute("SELECT key FROM content WHERE kind = 'file' LIMIT 1").fetchone()
        for kind in ("file", "text", "other"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute("SELECT workflow_withdraw(%s, %s)", (other, kind))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM content WHERE key = %s", (other,))
    with closing(psycopg.connect(granted["reviewer"], autocommit=True)) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT workflow_withdraw(%s, 'file')", (other,))
    events = json.loads(done("officer", "audit", "show", "1-KH", "--json").stdout)["events"]
    seq = next(event["seq"] for event in events if event["data"].get("attachments"))
    done("officer", "audit", "withdraw", "1-KH", str(seq), "--all", "--reason", "mật")

    with closing(postgres_server.connect(granted["reviewer"])) as connection:
        kept = connection.execute("SELECT data FROM content").fetchall()
    assert not any("dự thảo".encode() == bytes(data) or "lần 1".encode() == bytes(data) for (data,) in kept)
    done("reviewer", "audit", "verify")


def test_every_command_of_an_officer_works_as_that_role(done, typed):
    """The whole life of a plan is recorded and read with an officer's rights, and what is recorded verifies."""
    for command in RECORDING:
        result = typed("officer", *command)
        assert result.exit_code == (3 if command[0] == "correct" else 0), f"{command}: {result.output}"
    recorded = {event["type"] for event in json.loads(done("officer", "--json", "audit", "show").stdout)["events"]}
    assert {"people_loaded", "plan_created", "step_acted", "transition_fired"} <= recorded

    for command in READING:
        done("officer", *command)


def test_a_reviewer_reads_everything_and_records_nothing(done, typed, office):
    """Each reading command works; each recording one is refused by the server, and nothing changed."""
    for command in RECORDING[:4]:
        typed("officer", *command)
    before = done("reviewer", "--json", "audit", "show").stdout
    for command in READING:
        done("reviewer", *command)

    (office / "people.yaml").write_text(PEOPLE.replace("Lê Thị Cam", "Lê Thị Cẩm"), encoding="utf-8")
    for command in (("create", "sample-decision", "--id", "2-KH"), ("advance", "1-KH", "drop"), ("people", "load")):
        result = typed("reviewer", *command)
        assert (2, True) == (result.exit_code, "does not let you" in result.stderr), f"{command}: {result.output}"
    assert before == done("reviewer", "--json", "audit", "show").stdout


def test_what_a_reviewer_takes_out_is_recorded(done, typed, granted, postgres_server):
    """Who may write nothing else exports and bundles; that is in the chain, by that session, and it verifies."""
    for command in RECORDING[:2]:
        done("officer", *command)
    for format_ in ("csv", "jsonl", "html", "xes"):
        assert "1-KH" in done("reviewer", "audit", "export", "1-KH", "--format", format_).stdout
    done("reviewer", "audit", "bundle", "1-KH", "--out", "bundle")

    events = json.loads(done("reviewer", "--json", "audit", "show", "@workspace").stdout)["events"]
    left = [event for event in events if event["type"] in ("exported", "bundled")]
    assert ["csv", "jsonl", "html", "xes", None] == [event["data"].get("format") for event in left]
    who = granted["reviewer"].partition("://")[2].partition("@")[0]
    assert {who} == {event["authority"]["login"]["session_user"] for event in left}
    done("reviewer", "audit", "verify")


def test_a_reviewer_who_may_not_call_the_function_exports_nothing(
    done, typed, named, postgres_server, postgres_database
):
    """A reviewer who may not call the function exports nothing, not even a first line."""
    for command in RECORDING[:2]:
        done("officer", *command)
    with closing(postgres_server.connect(postgres_database)) as connection:
        role = psycopg.sql.Identifier(named["reviewer"])
        connection.execute(psycopg.sql.SQL("REVOKE ALL ON FUNCTION workflow_record_export(bytea) FROM {}").format(role))
    refused = typed("reviewer", "audit", "export", "1-KH", "--format", "csv")
    assert (2, "") == (refused.exit_code, refused.stdout)


def test_a_worker_carries_effects_out_and_keeps_the_outbox(done, typed):
    """The worker runs with its role alone, its engine's tables in their own schema; so do retry, drop and tick."""
    pytest.importorskip("dbos")
    for command in RECORDING[:2]:
        done("officer", *command)
    ended = json.loads(done("worker", "--json", "worker", "--once").stdout)
    assert (1, 1) == (ended["done"], ended["parked"])

    done("worker", "effect", "retry", "1-KH:1:2")
    done("worker", "effect", "drop", "1-KH:1:2", "--reason", "x")
    done("worker", "tick")
    done("worker", "audit", "verify")
    refused = typed("officer", "effect", "retry", "1-KH:1:2")
    assert refused.exit_code in (2, 3)


# Without the right to give these are a warning and change nothing, as what is tried behind them shows.
SELF_SERVICE = (
    "GRANT UPDATE, DELETE, TRUNCATE, TRIGGER ON event TO CURRENT_USER",
    "GRANT ALL ON alembic_version TO CURRENT_USER",
    "GRANT ALL ON SCHEMA public TO CURRENT_USER",
)
FORBIDDEN_TO_ALL = (
    "UPDATE event SET actor = 'other'",
    "UPDATE event SET actor = 'other' WHERE false",
    "DELETE FROM event",
    "TRUNCATE event CASCADE",
    "TRUNCATE plan, event, work_item, document, effect, issued_number, worker, content, definition",
    "INSERT INTO event SELECT * FROM event ON CONFLICT (plan, seq) DO UPDATE SET actor = 'other'",
    "MERGE INTO event USING plan ON event.plan = plan.id WHEN MATCHED THEN DELETE",
    "ALTER TABLE event DISABLE TRIGGER event_append_only",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "ALTER TABLE event ADD COLUMN x text",
    "ALTER TABLE event OWNER TO CURRENT_USER",
    "DROP TRIGGER event_append_only ON event",
    "CREATE TRIGGER mine BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_append_only()",
    "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION event_append_only() RENAME TO x",
    "CREATE RULE r AS ON INSERT TO event DO INSTEAD NOTHING",
    "DROP TABLE event CASCADE",
    "SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = '0001'",
    "DELETE FROM alembic_version",
    "INSERT INTO alembic_version VALUES ('0001')",
    "TRUNCATE alembic_version",
    "CREATE TABLE public.mine (x int)",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "UPDATE definition SET body = ''",
    "UPDATE document SET name = ''",
    "DELETE FROM document",
    "DELETE FROM content",
    "UPDATE issued_number SET number = 9",
    "DELETE FROM issued_number",
    "DELETE FROM plan",
    "DELETE FROM effect",
)
FORBIDDEN_TO_OFFICERS = ("UPDATE effect SET state = 'done'", "INSERT INTO worker VALUES ('w')", "DELETE FROM worker")
FORBIDDEN_TO_REVIEWERS = (
    *FORBIDDEN_TO_OFFICERS,
    "INSERT INTO event (plan, seq) VALUES ('p', 1)",
    "INSERT INTO plan (id) VALUES ('p')",
    "UPDATE plan SET stage = 'x'",
    "UPDATE work_item SET open = true",
    "DELETE FROM work_item",
    "INSERT INTO content (key) VALUES ('x')",
    "SELECT 1 FROM plan FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE event IN EXCLUSIVE MODE; END $$",
    f"CREATE TABLE {SCHEMA}.mine (x int)",
)
FORBIDDEN = {
    "officer": (*FORBIDDEN_TO_ALL, *FORBIDDEN_TO_OFFICERS),
    "reviewer": (*FORBIDDEN_TO_ALL, *FORBIDDEN_TO_REVIEWERS),
    "worker": FORBIDDEN_TO_ALL,
}


@pytest.mark.parametrize("role", grants.ROLES)
def test_the_server_refuses_what_a_role_may_not(granted, postgres_server, role):
    """Past the program too, nobody of a role changes or removes an event, its guard, or the schema."""
    allowed = []
    with closing(postgres_server.connect(granted[role])) as connection:
        for statement in SELF_SERVICE:
            with suppress(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        for statement in FORBIDDEN[role]:
            try:
                connection.execute(statement)
                allowed.append(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue

    assert [] == allowed


def test_the_statements_may_be_run_again_and_take_back_what_is_too_much(postgres_server, postgres_database, named):
    """Printed and run by hand any number of times, they end in the same rights."""
    sql = grants.statements(postgres_database, named, SCHEMA)
    rights = (
        "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = ANY(%s) ORDER BY 1, 2, 3"
    )
    seen = []
    with closing(postgres_server.connect(postgres_database)) as connection:
        for _ in range(3):
            connection.execute("BEGIN;" + ";".join(sql) + ";COMMIT")
            seen.append(connection.execute(rights, ([*named.values()],)).fetchall())
            officer = psycopg.sql.Identifier(named["officer"])
            connection.execute(psycopg.sql.SQL("GRANT ALL ON event, alembic_version TO {}, PUBLIC").format(officer))

    assert seen[0] == seen[1] == seen[2]
    assert {"SELECT"} == {right for role, _, right in seen[0] if role == named["reviewer"]}
    assert ("event", "UPDATE") not in {(table, right) for _, table, right in seen[0]}


def test_every_table_is_thought_of():
    """A new table is named among an officer's rights or a worker's, or nobody writes it."""
    assert {table.name for table in grants.TABLES} == set(grants.RIGHTS["worker"])


@pytest.mark.parametrize("kind", ["superuser", "owner", "member of the owner"])
def test_a_role_that_no_right_binds_is_refused(postgres_server, postgres_database, named, kind):
    """Who may act as the owner is told apart from who is held to rights; nothing is granted then."""
    name = f"unbound_{next(NUMBERS)}"
    with closing(postgres_server.connect(postgres_database)) as connection:
        connection.execute(f"CREATE ROLE {name} {'SUPERUSER' if kind == 'superuser' else ''}")
        if kind == "owner":
            connection.execute(f"ALTER TABLE event OWNER TO {name}")
        elif kind == "member of the owner":
            connection.execute(f"GRANT postgres TO {name}")
    with pytest.raises(StorageUnusable, match="nothing that is granted or revoked binds it"):
        grants.apply(postgres_database, grants.statements(postgres_database, {**named, "officer": name}, SCHEMA))

    asked = "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = %s"
    with closing(postgres_server.connect(postgres_database)) as connection:
        assert (0,) == connection.execute(asked, (named["reviewer"],)).fetchone()


@pytest.mark.parametrize("name", ["", "pg_read_all_data", "public", "x" * 64, "a\0b"])
def test_what_cannot_be_a_roles_name_is_refused(postgres_database, name):
    """Before anything is asked of the server."""
    with pytest.raises(InvalidInput, match="cannot be the name"):
        grants.statements(postgres_database, {"officer": name}, SCHEMA)


def test_a_file_has_no_roles(tmp_path):
    """On SQLite the command says what guards a file."""
    SqlStore(tmp_path / "workflow.db").close()

    with pytest.raises(InvalidInput, match="is a file"):
        grants.statements(f"sqlite:///{tmp_path / 'workflow.db'}", grants.DEFAULT_NAMES, SCHEMA)


def test_the_command_prints_and_applies(postgres_server, postgres_database, office, named):
    """What is printed is SQL for psql; --apply carries it out; a role that there is not is refused."""

    def typed(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["db", "grant", *arguments], prog_name="workflow", env={"WORKFLOW_LANG": "en"})

    roles = [part for role, name in named.items() for part in ("--role", f"{role}={name}")]
    printed = typed(*roles)
    assert 0 == printed.exit_code
    postgres_server.execute(printed.stdout, postgres_database)
    assert (0, "The roles have their rights.\n") == (
        typed("--apply", *roles).exit_code,
        typed("--apply", *roles).stdout,
    )
    assert 2 == typed("--role", "auditor=x").exit_code
    assert 2 == typed("--role", "officer").exit_code
