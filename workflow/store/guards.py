"""The triggers that keep what must stay as it was written: events, seals and the leaves under them.

Here as a new database gets them; the migrations repeat in their own words what older ones get.
"""

from __future__ import annotations

from typing import Any, Final

_REFUSED: Final = {"event": "events are append-only", "seal": "seals are append-only", "leaf": "seals are append-only"}
"""What is said of each guarded table."""

_TAKEN: Final = {
    # Every key of a table and the rowid: INSERT OR REPLACE deletes the row it meets by any of them.
    "event": (
        "SELECT 1 FROM event WHERE plan = NEW.plan AND seq = NEW.seq",
        "SELECT 1 FROM event WHERE rowid = NEW.rowid",
    ),
    "seal": ("SELECT 1 FROM seal WHERE number = NEW.number",),
    "leaf": (
        "SELECT 1 FROM leaf WHERE position = NEW.position",
        "SELECT 1 FROM leaf WHERE plan = NEW.plan AND seq = NEW.seq",
    ),
}


def _of_a_file(table: str, words: str) -> tuple[str, str, str]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    taken = " OR ".join(f"EXISTS ({question})" for question in _TAKEN[table])
    return (
        f"CREATE TRIGGER {table}_not_updated BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} {refused}",
        # Without recursive_triggers, which each connection sets for itself, the deletion that belongs to a
        # replacement fires no delete trigger.
        f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} WHEN {taken} {refused}",
    )


SQLITE: Final = {table: _of_a_file(table, words) for table, words in _REFUSED.items()}
"""The triggers of an SQLite file by the table that they guard."""

_BODY: Final = """
BEGIN
  RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation';
END
"""
FUNCTIONS: Final = {f"{table}_append_only": _BODY.format(words=_REFUSED[table]) for table in ("event", "seal")}
"""The bodies of the functions that PostgreSQL's triggers run."""

_RUNS: Final = {"event": "event_append_only", "seal": "seal_append_only", "leaf": "seal_append_only"}


def _of_a_server(table: str, function: str) -> tuple[str, str]:
    trigger = f"{table}_append_only"
    return (
        # Once for each statement, so that even one that meets no row is refused.
        f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        # Without this, `SET session_replication_role = replica` would silence it.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}",
    )


POSTGRES: Final = (
    *(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
        for name, body in FUNCTIONS.items()
    ),
    *(statement for table, function in _RUNS.items() for statement in _of_a_server(table, function)),
)
"""What makes a server guard its tables, in order."""

_THERE: Final = "SELECT count(*) FROM pg_class WHERE oid = to_regclass(%s)"
_GUARDED: Final = """
SELECT count(*)
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal AND t.tgname = %s
  AND t.tgenabled = 'A' AND t.tgqual IS NULL AND p.prosrc = %s
  AND pg_get_triggerdef(t.oid, true) LIKE '%% BEFORE DELETE OR UPDATE OR TRUNCATE ON %% FOR EACH STATEMENT %%'
"""


def file_is_guarded(connection: Any) -> bool:
    """True if each guarded table of an SQLite file has all its triggers, word for word.

    A table that is not there yet, in a database from before, needs none.
    """
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    there = {_plain(sql) for kind, _, sql in rows if kind == "trigger"}
    names = {name for kind, name, _ in rows if kind == "table"}
    return all(_plain(trigger) in there for table in SQLITE if table in names for trigger in SQLITE[table])


def _plain(text: str) -> str:
    return " ".join(text.split())


def server_is_guarded(connection: Any) -> bool:
    """True if each guarded table's trigger and its function are as they were made, and the trigger is on."""

    def count(question: str, *values: str) -> int:
        return int(connection.execute(question, values).fetchone()[0])

    return all(
        count(_GUARDED, table, f"{table}_append_only", FUNCTIONS[function]) == 1
        for table, function in _RUNS.items()
        if count(_THERE, table)
    )
