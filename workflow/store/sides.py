"""One of two databases between which rows go: tables read as streams in the order of their keys, written in pieces."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from sqlalchemy import Boolean, Integer, Table

from workflow.errors import StorageUnusable
from workflow.store import tables
from workflow.store.backend import Backend
from workflow.store.dialects import dialect_of
from workflow.store.texts import statements_for

Row = tuple[Any, ...]
Key = tuple[Any, ...]

TABLES: Final = tuple(tables.metadata.sorted_tables)
"""Every table of ours; a row stands in a later one than the rows that it refers to."""

_AT_ONCE: Final = {"content": 8}
"""Rows that a server sends at once: files lie in pieces of a mebibyte. Others: `_ROWS`."""
_ROWS: Final = 500


class Columns:
    """A table's columns with its key in front, and the statements over them."""

    def __init__(self, table: Table, backend: Backend) -> None:
        self.name = table.name
        keys = list(table.primary_key.columns)
        columns = [*keys, *(column for column in table.columns if not column.primary_key)]
        self.width = len(keys)
        self._numbers = tuple(isinstance(column.type, Integer) for column in keys)
        # SQLite keeps truth as 0 and 1, which only where it stands in such a column means truth.
        is_file = backend.kind == "sqlite"
        self._truths = tuple(at for at, c in enumerate(columns) if is_file and isinstance(c.type, Boolean))
        quote, mark = dialect_of(backend.kind).identifier_preparer.quote, "?" if is_file else "%s"
        name, names, marks = quote(table.name), [quote(column.name) for column in columns], [mark] * len(columns)
        key = " AND ".join(f"{each} = {mark}" for each in names[: self.width])
        listed = ", ".join(names)
        order = ", ".join(names[: self.width])
        self.select = f"SELECT {listed} FROM {name} ORDER BY {order}"
        self.insert = f"INSERT INTO {name} ({listed}) VALUES ({', '.join(marks)})"
        self.stream = f"COPY {name} ({listed}) FROM STDIN"
        self.delete = f"DELETE FROM {name} WHERE {key}"
        self.update = f"UPDATE {name} SET {', '.join(f'{each} = {mark}' for each in names[self.width :])} WHERE {key}"

    def key(self, row: Row) -> Key:
        """Return the key of a row."""
        return row[: self.width]

    def row(self, values: Sequence[Any], place: str) -> Row:
        """Return a row as any database would return it.

        Raises:
            StorageUnusable: If its key is of another kind than the column: it has no place in the order.
        """
        for value, number in zip(values, self._numbers, strict=False):
            if not isinstance(value, int if number else str):
                raise StorageUnusable(
                    "{path} has a row in `{table}` whose key cannot be read: {key}.",
                    code="storage-damaged",
                    hint="`workflow audit verify` tells what is wrong with it.",
                    path=place,
                    table=self.name,
                    key=repr(values[: self.width]),
                )
        if not self._truths:
            return tuple(values)
        row = list(values)
        for at in self._truths:
            row[at] = bool(row[at]) if row[at] in (0, 1) else row[at]
        return tuple(row)


@contextmanager
def translated(backend: Backend) -> Iterator[None]:
    """Let no exception of the driver through."""
    try:
        yield
    except backend.IntegrityError as error:
        raise StorageUnusable(
            "{path} refuses a row: {detail}.",
            code="copy-refused",
            hint="Let nobody else write there; `workflow audit verify` tells what is wrong with the rows' source.",
            path=backend.place,
            detail=str(error).splitlines()[0],
        ) from error
    except backend.Error as error:
        raise backend.unusable(error) from error


def recognised(backend: Backend) -> str | None:
    """Return the schema version of the database; None where there is none yet.

    Raises:
        StorageUnusable: If it is none of ours, or cannot be read.
    """
    pool = backend.pool()
    try:
        with translated(backend):
            return backend.recognise(pool)
    finally:
        pool.dispose()


class Side:
    """A connection of its own to a database, past the store: with its transactions and its streams.

    Raises:
        StorageUnusable: From every method, where the database cannot be used.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.is_file = backend.kind == "sqlite"
        self._pool = backend.pool()
        with self.translated():
            self._pooled = self._pool.connect()
        self.connection: Any = self._pooled.dbapi_connection
        self.columns = {table.name: Columns(table, backend) for table in TABLES}
        self.sql = statements_for(backend.kind)

    def close(self) -> None:
        """Give the connection up, and with it a transaction that is still open."""
        self._pooled.invalidate()
        self._pool.dispose()

    def translated(self) -> AbstractContextManager[None]:
        """Let no exception of the driver through."""
        return translated(self.backend)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let everything read inside be of one moment; nobody who writes is held up."""
        with self.translated():
            self.backend.begin_read(self.connection)
        try:
            yield
        finally:
            self._end("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, committed at the end or wholly undone."""
        with self.translated():
            self.backend.begin_write(self.connection)
        try:
            yield
        except BaseException:
            self._end("ROLLBACK")
            raise
        with self.translated():
            self.connection.execute("COMMIT")

    def _end(self, how: str) -> None:
        try:
            self.connection.execute(how)
        except self.backend.Error:
            # A lost connection has no transaction any more.
            self._pooled.invalidate()

    def read(self, text: str, *values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.translated():
            return self.backend.read(self.connection, text, values)

    def rows(self, table: str) -> Generator[Row, None, None]:
        """Stream a table in the order of its key; only inside a snapshot."""
        columns, place = self.columns[table], self.backend.place
        with self.translated():
            if self.is_file:
                cursor = self.connection.cursor()
            else:
                # So many rows at a time stay on this side of the wire; the answer as a whole would be one piece.
                cursor = self.connection.cursor(name=f"copy_{table}", binary=True)
                cursor.itersize = _AT_ONCE.get(table, _ROWS)
            try:
                cursor.execute(columns.select)
                for values in cursor:
                    yield columns.row(values, place)
            finally:
                # Of a connection that was lost, the cursor is gone as well.
                if not self.backend.is_lost(self.connection):
                    cursor.close()

    def is_empty(self) -> bool:
        """True if no table has a row."""
        return not any(self.read(f"SELECT 1 FROM {columns.name} LIMIT 1") for columns in self.columns.values())

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows, in the open transaction."""
        columns = self.columns[table]
        with self.translated():
            if self.is_file:
                self.connection.executemany(columns.insert, rows)
                return
            with self.connection.cursor() as cursor, cursor.copy(columns.stream) as stream:
                for row in rows:
                    stream.write_row(row)

    def replace(self, table: str, rows: Sequence[Row]) -> None:
        """Put rows in the place of those with the same keys, in the open transaction."""
        columns = self.columns[table]
        with self.translated():
            for row in rows:
                self.connection.execute(columns.update, (*row[columns.width :], *columns.key(row)))

    def remove(self, table: str, keys: Sequence[Key]) -> None:
        """Delete rows by key, in the open transaction."""
        with self.translated():
            for key in keys:
                self.connection.execute(self.columns[table].delete, key)

    def look_over(self) -> None:
        """Let a server learn how many rows there are, by which it plans its first questions; a file needs none."""
        if not self.is_file:
            with self.translated():
                self.connection.execute(f"ANALYZE {', '.join(self.columns)}")

    def row_estimates(self) -> dict[str, int | None]:
        """Return about how many rows each table has, counting none; None where the server does not know yet.

        An SQLite file knows the greatest number that a row got, which is more where rows were removed.
        """
        if self.is_file:
            return {name: self.read(f"SELECT max(rowid) FROM {name}")[0][0] or 0 for name in self.columns}
        tables_ = ", ".join(f"to_regclass('{name}')" for name in self.columns)
        asked = f"SELECT relname::text, reltuples::bigint FROM pg_class WHERE oid IN ({tables_})"
        return {name: count if count >= 0 else None for name, count in self.read(asked)}
