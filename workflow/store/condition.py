"""What a database says of itself to whoever keeps it: kind, version, sizes, settings; older schemas too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from workflow.store import schema
from workflow.store.health import setting_statements
from workflow.store.places import backend_of
from workflow.store.sides import Side, recognised

_LAST_PAGES = 8
_LAST_ROWS = 100


@dataclass(frozen=True)
class TableSize:
    """About how many rows a table has and how many bytes with its indexes; None where nobody knows."""

    rows: int | None
    size: int | None


@dataclass(frozen=True)
class Condition:
    """How a database is.

    Attributes:
        place: Without a password.
        kind: `SQLite` or `PostgreSQL`.
        version: Of the library or the server.
        schema: Its schema's version; None where there are no tables yet, `copying` where a copy is not complete.
        pending: Schema versions that `db upgrade` would go through.
        size: Bytes.
        log: Bytes that wait beside the file to be taken in; None on a server.
        last: Of the events written last, the newest: plan, seq, when it was recorded.
        append_only: Whether the database refuses to change an event.
    """

    place: str
    kind: str
    version: str
    schema: str | None
    pending: tuple[str, ...] = ()
    size: int = 0
    log: int | None = None
    tables: Mapping[str, TableSize] = field(default_factory=dict)
    last: tuple[str, int, str] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    append_only: bool | None = None


def condition_of(location: str | Path) -> Condition:
    """Look at a database, asking nothing that takes longer where there is more in it.

    Raises:
        StorageUnusable: If it cannot be read, or is none of ours.
    """
    backend = backend_of(location)
    version = recognised(backend)
    if version is None and backend.kind == "sqlite":
        # To look must make no file.
        raise backend.absent()
    with closing(Side(backend)) as side:
        told = side.read("SELECT sqlite_version()" if side.is_file else "SHOW server_version")[0][0]
        kind = "SQLite" if side.is_file else "PostgreSQL"
        settings = {name: str(side.read(ask)[0][0]).lower() for name, ask in setting_statements(side.is_file)}
        if version is None:
            return Condition(backend.place, kind, told, None, size=_server_size(side), settings=settings)
        return Condition(
            place=backend.place,
            kind=kind,
            version=told,
            schema=version,
            pending=schema.pending(version),
            size=_file_size(backend.place) if side.is_file else _server_size(side),
            log=_file_size(f"{backend.place}-wal") if side.is_file else None,
            tables=_tables(side) if version == schema.VERSIONS[-1] else {},
            last=_last_event(side),
            settings=settings,
            append_only=backend.guards_events(side.connection),
        )


def _file_size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _server_size(side: Side) -> int:
    return int(side.read("SELECT pg_database_size(current_database())")[0][0])


def _tables(side: Side) -> dict[str, TableSize]:
    rows = side.row_estimates()
    if side.is_file:
        return {name: TableSize(count, None) for name, count in rows.items()}
    sizes = ", ".join(f"pg_total_relation_size('{name}')" for name in rows)
    return {
        name: TableSize(rows[name], int(size)) for name, size in zip(rows, side.read(f"SELECT {sizes}")[0], strict=True)
    }


def _last_event(side: Side) -> tuple[str, int, str] | None:
    """The newest of the events that stand at the table's end.

    No index has the instants, and to look through all events takes longer the more there are. Rows are
    only ever added at the end; of a database that was copied, the end is the greatest key until somebody writes.
    """
    columns = "SELECT plan, seq, recorded_at FROM event"
    if side.is_file:
        found = side.read(f"{columns} ORDER BY rowid DESC LIMIT {_LAST_ROWS}")
    else:
        pages = int(side.read("SELECT pg_relation_size('event') / current_setting('block_size')::int")[0][0])
        looked, found = 0, []
        # A copy makes the table longer by many pages at once, and the last of them may be empty.
        while not found and looked < pages:
            looked = max(_LAST_PAGES, looked * 4)
            found = side.read(f"{columns} WHERE ctid >= '({max(pages - looked, 0)},0)'::tid")
    rows = [(str(plan), seq, str(at)) for plan, seq, at in found]
    return max(rows, key=lambda row: row[2], default=None)
