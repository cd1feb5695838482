"""Least privilege on PostgreSQL: what each of three roles may do, as statements that may be run again and again.

The owner of the tables can do anything, so nobody works as the owner: people and the worker log in as
members of these roles. Who upgrades the program, makes the tables or takes a copy in is the owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Final

from workflow.errors import InvalidInput
from workflow.store import guards, leaving, removal, schema
from workflow.store.backend import Backend
from workflow.store.dialects import dialect_of
from workflow.store.places import backend_of
from workflow.store.sides import TABLES, Side, recognised, translated

ROLES: Final = ("officer", "reviewer", "worker")
DEFAULT_NAMES: Final = {role: f"trinh_{role}" for role in ROLES}

_ADD = ("INSERT",)
_KEEP = ("INSERT", "UPDATE")
_OFFICER: Final = {
    "plan": _KEEP,
    "event": _ADD,
    "event_about": _ADD,
    "work_item": (*_KEEP, "DELETE"),
    "document": _ADD,
    "content": _ADD,
    "definition": _ADD,
    "effect": _ADD,
    "issued_number": _ADD,
    "seal": _ADD,
    "leaf": _ADD,
}
RIGHTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "officer": _OFFICER,
    "reviewer": {},
    # What plans do by themselves the worker records as an officer would; and it keeps the outbox.
    "worker": {**_OFFICER, "effect": _KEEP, "worker": (*_KEEP, "DELETE")},
}
"""What each role may do with a table beside reading it, which all may with every one."""

LONGEST_NAME: Final = 63
"""Bytes of a name; a server cuts longer ones off, and two could become one."""


def statements(location: str, names: Mapping[str, str], worker_schema: str) -> list[str]:
    """Return the SQL that makes the roles and gives each what it needs and no more.

    Args:
        location: The database, with its tables.
        names: Of the server's roles, by `ROLES`; one that is not there is made, and cannot log in by itself.
        worker_schema: The schema in which the worker's own engine has its tables.

    Raises:
        InvalidInput: If it is no PostgreSQL database, or a name cannot be one.
        StorageUnusable: If the database cannot be read, has no tables yet, or waits for migrations.
    """
    backend = _postgres(location)
    _require_names(names)
    with closing(Side(backend)) as side:
        place, database = side.read("SELECT current_schema()::text, current_database()::text")[0]
    return list(_all(_Quoted(backend, place, database), names, worker_schema))


def apply(location: str, sql: list[str]) -> None:
    """Run what `statements` gave, all of it or nothing.

    Raises:
        StorageUnusable: If this session may not do that, or a role is none that can be held to its rights.
    """
    backend = _postgres(location)
    with translated(backend), backend.migrating() as connection:
        for statement in sql:
            connection.connection.cursor().execute(statement)


def _postgres(location: str) -> Backend:
    backend = backend_of(location)
    if backend.kind == "sqlite":
        raise InvalidInput(
            "{path} is a file: whoever may write to it may do anything with it.",
            code="no-roles",
            hint="Roles are a matter of PostgreSQL; guard a file by the rights on its folder.",
            path=backend.place,
        )
    version = recognised(backend)
    if version is None:
        raise backend.absent()
    if not schema.require_known(version, backend.place):
        raise schema.older(backend.place)
    return backend


def _require_names(names: Mapping[str, str]) -> None:
    for name in names.values():
        if not name or "\0" in name or len(name.encode()) > LONGEST_NAME or name.startswith("pg_") or name == "public":
            raise InvalidInput(
                "`{name}` cannot be the name of a role.",
                code="bad-role",
                hint="A name has 1 to {longest} bytes, and does not begin with pg_.",
                name=name,
                longest=LONGEST_NAME,
            )
    if len(set(names.values())) < len(names):
        raise InvalidInput("Two roles have one name.", code="bad-role", hint="Name three different ones.")


class _Quoted:
    """Names and texts as they may stand in a statement."""

    def __init__(self, backend: Backend, schema: str, database: str) -> None:
        self._quote = dialect_of(backend.kind).identifier_preparer.quote_identifier
        self.schema = self.name(schema)
        self.database = self.name(database)

    def name(self, name: str) -> str:
        # The dialect doubles percent signs for its driver; here nothing is put into the text.
        return self._quote(name).replace("%%", "%")

    def table(self, name: str) -> str:
        return f"{self.schema}.{self.name(name)}"

    @staticmethod
    def text(text: str) -> str:
        # With E in front, a backslash means the same whatever the server's settings.
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _all(quoted: _Quoted, names: Mapping[str, str], worker_schema: str) -> Iterator[str]:
    tables = ", ".join(quoted.table(name) for name in (*(table.name for table in TABLES), "alembic_version"))
    # What everybody has, nobody can be denied; and who may make tables may put his own in the place of ours.
    yield f"REVOKE ALL ON SCHEMA {quoted.schema} FROM PUBLIC"
    yield f"REVOKE ALL ON {tables} FROM PUBLIC"
    for function in guards.FUNCTIONS:
        yield f"REVOKE ALL ON FUNCTION {quoted.schema}.{function}() FROM PUBLIC"
    record = f"FUNCTION {quoted.schema}.{leaving.SIGNATURE}"
    remove = f"FUNCTION {quoted.schema}.{removal.SIGNATURE}"
    yield f"REVOKE ALL ON {record} FROM PUBLIC"
    yield f"REVOKE ALL ON {remove} FROM PUBLIC"
    for role, name in names.items():
        who = quoted.name(name)
        yield _make(quoted, name)
        yield _require_bound(quoted, name)
        yield f"REVOKE ALL ON SCHEMA {quoted.schema} FROM {who}"
        yield f"REVOKE ALL ON {tables} FROM {who}"
        yield f"GRANT CONNECT ON DATABASE {quoted.database} TO {who}"
        yield f"GRANT USAGE ON SCHEMA {quoted.schema} TO {who}"
        yield f"GRANT SELECT ON {tables} TO {who}"
        # Whoever may read may take out, and that is recorded.
        yield f"GRANT EXECUTE ON {record} TO {who}"
        if "content" in RIGHTS[role]:
            # Who may record a withdrawal may have it carried out; nobody may delete anything else.
            yield f"GRANT EXECUTE ON {remove} TO {who}"
        for table, rights in RIGHTS[role].items():
            yield f"GRANT {', '.join(rights)} ON {quoted.table(table)} TO {who}"
        if role == "worker":
            # There the worker's engine makes its tables, and nowhere else.
            mine = quoted.name(worker_schema)
            yield f"CREATE SCHEMA IF NOT EXISTS {mine}"
            yield f"GRANT USAGE, CREATE ON SCHEMA {mine} TO {who}"


def _make(quoted: _Quoted, name: str) -> str:
    return _block(
        f"IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {quoted.text(name)}) THEN "
        f"CREATE ROLE {quoted.name(name)} NOLOGIN; END IF;"
    )


def _require_bound(quoted: _Quoted, name: str) -> str:
    """Refuse a role that no right binds: a superuser, and who owns our tables or may become their owner."""
    literal = quoted.text(name)
    return _block(
        f"IF EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = {literal} AND (r.rolsuper OR EXISTS ("
        "SELECT FROM pg_catalog.pg_class AS c "
        f"WHERE c.relnamespace = {quoted.text(quoted.schema)}::regnamespace "
        "AND pg_catalog.pg_has_role(r.oid, c.relowner, 'MEMBER')))) THEN "
        f"RAISE EXCEPTION USING ERRCODE = 'invalid_grant_operation', MESSAGE = {literal} || "
        "' is a superuser or may act as the owner of the tables: nothing that is granted or revoked binds it'; END IF;"
    )


def _block(body: str) -> str:
    # A mark that the names in the body do not have.
    mark = "$do$"
    while mark in body:
        mark = f"{mark[:-1]}o$"
    return f"DO {mark} BEGIN {body} END {mark}"
