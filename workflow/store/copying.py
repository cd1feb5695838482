"""A workspace's rows taken from one database to another, every byte as it is: SQLite to PostgreSQL, back, or alike.

Both databases are read as streams in the order of their keys and compared; what the target lacks is
written to it in pieces, each in a transaction of its own. So a copy that was killed goes on where it
was, and the pass that finds nothing left to write is the proof that all rows of all tables are equal.
Until then the target says that it is being copied into, and no command works with it.

What changed in the source after its table was read is met by the next pass, which reads anew. A
source that moves on faster than that, and rows of the target that no such copy can have written,
are told and end it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, String, Table

from workflow.errors import Conflict, IntegrityBroken, InvalidInput
from workflow.messages import WORKSPACE_CHAIN
from workflow.store import making, schema
from workflow.store.backend import Backend
from workflow.store.places import backend_of
from workflow.store.sides import TABLES, Columns, Row, Side, recognised, translated

PASSES: Final = 5
"""How often the source is read at most: a source that still changes then is in use."""

_ROWS: Final = 2000
_BYTES: Final = 8 * 2**20
"""A piece is written as soon as it has so many rows or bytes."""
_PAGE: Final = 1000

_LASTING: Final = {"event", "event_about", "definition", "document", "issued_number", "seal", "leaf"}
"""Tables whose rows nobody changes or removes: where the target has another row, it is no copy."""

_STATE = Table(
    "copying",
    MetaData(),
    Column("identity", String(64), nullable=False),
    Column("run", String(32), nullable=False),
)
"""Stands in the target until the copy is complete: of which workspace it is, and who writes it now."""


@dataclass(frozen=True)
class Intent:
    """What a copy would do.

    Attributes:
        state: Of the target: `empty`, `unfinished` (a copy was broken off), `behind` (an earlier copy, which
            nobody has worked with) or `equal` (every chain ends there where it ends in the source).
        rows: About how many rows the source has.
    """

    source: str
    target: str
    state: str
    rows: int


@dataclass(frozen=True)
class Copied:
    """What a copy did: rows written, those of them that the source changed meanwhile, rows compared at the end."""

    target: str
    written: int
    late: int
    compared: int


class Copy:
    """A copy of one workspace's database into another place; close it in the end.

    Args:
        source: A database URL, or the path of an SQLite file; at this program's schema.
        target: The same; empty, or with an earlier copy.
        still: Read the source as it is at one moment, and let it move on meanwhile: for a backup.

    Raises:
        InvalidInput: If there is nothing to copy, or both are one.
        StorageUnusable: If one of them cannot be used.
        Conflict: If the target holds anything but an earlier copy of the same workspace.
    """

    def __init__(self, source: str | Path, target: str | Path, *, still: bool = False) -> None:
        self._source_backend, self._target_backend = backend_of(source), backend_of(target)
        self._still = still
        self._run = secrets.token_hex(8)
        self._open = ExitStack()
        try:
            if self._source_backend.place == self._target_backend.place:
                raise _same(self._target_backend.place)
            self._source = self._side(self._source_backend)
            self._identity = self._identified()
            self.intent = self._look()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give up the connections; what is not complete stays to be gone on with."""
        self._open.close()

    def run(self, told: Callable[[int], None] = lambda rows: None) -> Copied:
        """Copy, and compare until both are equal.

        Args:
            told: Called with how many rows more were dealt with.

        Raises:
            Conflict: If the source does not stand still, or somebody else writes to the target.
            IntegrityBroken: If the target has rows that no copy wrote.
        """
        self._begin()
        self._read, self._write = self._side(self._target_backend), self._side(self._target_backend)
        counts: list[int] = []
        with self._source.snapshot() if self._still else nullcontext():
            while not self._is_equal(counts):
                compared = 0
                counts.append(0)
                with nullcontext() if self._still else self._source.snapshot():
                    for table in TABLES:
                        seen, written = self._bring(self._source.columns[table.name], told)
                        compared += seen
                        counts[-1] += written
        self._finish()
        return Copied(self._target_backend.place, sum(counts), sum(counts[1:]), compared)

    def _is_equal(self, counts: list[int]) -> bool:
        if not counts or counts[-1]:
            is_equal = False
        else:
            # Whoever has recorded something since the comparison began is met here.
            is_equal = self._still or self._heads_agree()
        if not is_equal and len(counts) == PASSES:
            raise Conflict(
                "{source} is being worked with: it changed {count} times while it was copied.",
                code="source-moves",
                hint="Let nobody work with it, stop the workers, then run the same command again: it goes on.",
                source=self._source_backend.place,
                count=PASSES,
            )
        return is_equal

    # both ends

    def _side(self, backend: Backend) -> Side:
        return self._open.enter_context(closing(Side(backend)))

    def _identified(self) -> str:
        """The hash of the first event of the workspace's chain: no two workspaces have the same."""
        backend = self._source_backend
        version = recognised(backend)
        if version is None:
            raise backend.absent()
        if not schema.require_known(version, backend.place):
            raise schema.older(backend.place)
        found = _first_hash(self._source)
        if found is None:
            raise InvalidInput(
                "{path} holds no workspace yet: there is nothing to copy.",
                code="nothing-to-copy",
                hint="Name the database with --database, or `workflow people load` first.",
                path=backend.place,
            )
        return found

    def _look(self) -> Intent:
        backend = self._target_backend
        version = recognised(backend)
        state = "empty"
        if version == schema.COPYING:
            state = "unfinished"
            with closing(Side(backend)) as side:
                held = side.read("SELECT identity FROM copying")[0][0]
            if held != self._identity:
                raise self._of_another()
        elif version is not None:
            if not schema.require_known(version, backend.place):
                raise self._of_another()
            with closing(Side(backend)) as side:
                state = self._compared(side)
        rows = sum(count or 0 for count in self._source.row_estimates().values())
        return Intent(self._source_backend.place, backend.place, state, rows)

    def _compared(self, target: Side) -> str:
        """Whether a complete database is an earlier copy that nobody has worked with."""
        if target.is_empty():
            return "empty"
        if not target.is_file and not self._source.is_file and _session(target) == _session(self._source):
            raise _same(self._target_backend.place)
        if _first_hash(target) != self._identity:
            raise self._of_another()
        event = "SELECT hash FROM event WHERE plan = {0} AND seq = {0}".format("?" if self._source.is_file else "%s")
        for chain, seq, hash_ in _heads(target):
            if [bytes(hash_)] != [bytes(row[0]) for row in self._source.read(event, chain, seq)]:
                raise Conflict(
                    "{path} has moved on: event {seq} of {plan} is not in {source}.",
                    code="target-moved",
                    hint="Somebody has worked with the copy; name an empty database, or go on working with this one.",
                    path=self._target_backend.place,
                    source=self._source_backend.place,
                    plan=chain,
                    seq=seq,
                )
        return "equal" if _same_heads(self._source, target) else "behind"

    def _of_another(self) -> Conflict:
        return Conflict(
            "{path} holds something else than a copy of this workspace; it was left as it is.",
            code="target-in-use",
            hint="Name an empty database.",
            path=self._target_backend.place,
        )

    # the target's state

    def _begin(self) -> None:
        """Make the tables where there are none, and say in one transaction that a copy is being written by this run."""
        with self._changing() as connection:
            making.create(connection, self._target_backend)
            _STATE.create(connection, checkfirst=True)
            connection.execute(_STATE.delete())
            connection.execute(_STATE.insert().values(identity=self._identity, run=self._run))
            connection.execute(making.ALEMBIC_VERSION.update().values(version_num=schema.COPYING))

    def _finish(self) -> None:
        with self._changing() as connection:
            _STATE.drop(connection)
            connection.execute(making.ALEMBIC_VERSION.update().values(version_num=schema.VERSIONS[-1]))
        self._write.look_over()

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with translated(self._target_backend), self._target_backend.migrating() as connection:
            yield connection

    def _require_turn(self) -> None:
        held = self._write.read("SELECT run FROM copying" + ("" if self._write.is_file else " FOR SHARE"))
        if [(self._run,)] != [tuple(row) for row in held]:
            raise Conflict(
                "Another copy is being written to {path}.",
                code="copied-twice",
                hint="Let one of them end.",
                path=self._target_backend.place,
            )

    # rows

    def _bring(self, columns: Columns, told: Callable[[int], None]) -> tuple[int, int]:
        """Make one table of the target equal; how many rows were looked at, and how many written."""
        piece, seen, written = _Piece(columns), 0, 0
        with self._read.snapshot():
            pairs = _paired(self._source.rows(columns.name), self._read.rows(columns.name), columns)
            with closing(pairs):
                for here, there in pairs:
                    seen += 1
                    if here != there:
                        self._require_written_by_us(columns, here, there)
                        piece.add(here, there)
                        if piece.is_full:
                            written += self._put(piece)
                    told(1)
            written += self._put(piece)
        return seen, written

    def _require_written_by_us(self, columns: Columns, here: Row | None, there: Row | None) -> None:
        if there is not None and columns.name in _LASTING:
            raise IntegrityBroken(
                "{path} has a row in `{table}` that differs from the source's: {key}.",
                code="copy-differs",
                hint="One of the two was changed by hand; `workflow audit verify` tells. Name an empty database.",
                path=self._target_backend.place,
                table=columns.name,
                key=", ".join(map(str, columns.key(there))),
            )

    def _put(self, piece: _Piece) -> int:
        count = len(piece)
        if count:
            with self._write.writing():
                self._require_turn()
                self._write.remove(piece.table, piece.gone)
                self._write.replace(piece.table, piece.changed)
                if piece.new:
                    self._write.insert(piece.table, piece.new)
            piece.clear()
        return count

    def _heads_agree(self) -> bool:
        return _same_heads(self._source, self._read)


class _Piece:
    """Rows to be written together."""

    def __init__(self, columns: Columns) -> None:
        self.table = columns.name
        self._columns = columns
        self.clear()

    def clear(self) -> None:
        self.new: list[Row] = []
        self.changed: list[Row] = []
        self.gone: list[Row] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)

    def add(self, here: Row | None, there: Row | None) -> None:
        if here is None:
            assert there is not None
            self.gone.append(self._columns.key(there))
            return
        (self.new if there is None else self.changed).append(here)
        self._bytes += sum(len(value) for value in here if isinstance(value, bytes | str))

    @property
    def is_full(self) -> bool:
        return len(self) >= _ROWS or self._bytes >= _BYTES


def _paired(
    source: Iterator[Row], target: Iterator[Row], columns: Columns
) -> Generator[tuple[Row | None, Row | None], None, None]:
    """Yield the rows of both in the order of their keys, those with the same key together."""
    with closing(source), closing(target):
        here, there = next(source, None), next(target, None)
        while here is not None or there is not None:
            if there is None or (here is not None and columns.key(here) < columns.key(there)):
                yield here, None
                here = next(source, None)
            elif here is None or columns.key(there) < columns.key(here):
                yield None, there
                there = next(target, None)
            else:
                yield here, there
                here, there = next(source, None), next(target, None)


def _first_hash(side: Side) -> str | None:
    rows = side.read(f"SELECT hash FROM event WHERE plan = '{WORKSPACE_CHAIN}' AND seq = 1")
    return bytes(rows[0][0]).hex() if rows else None


def _heads(side: Side) -> Iterator[tuple[str, int, bytes]]:
    after = ""
    statement = side.sql.chains
    while page := side.read(statement.text, *statement.with_values(after, _PAGE)):
        yield from (tuple(row) for row in page)
        after = page[-1][0]


def _same_heads(one: Side, other: Side) -> bool:
    missing = object()
    both = _heads(one), _heads(other)
    while True:
        here, there = (next(heads, missing) for heads in both)
        if here != there:
            return False
        if here is missing:
            return True


def _session(side: Side) -> Any:
    return tuple(side.read("SELECT pg_postmaster_start_time(), current_database(), current_schema()")[0])


def _same(place: str) -> InvalidInput:
    return InvalidInput("{path} is the database itself.", code="same-database", hint="Name another one.", path=place)
