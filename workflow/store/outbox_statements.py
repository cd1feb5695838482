"""The statements of the outbox; `Statements` has them with all others."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sqlalchemy import Integer, Select, bindparam, delete, literal_column, null, select, tuple_, update

from workflow.store import effects, tables
from workflow.store.statement import Statement, columns_of

EFFECT = tables.table(tables.Effect)
WORKER = tables.table(tables.Worker)
_WORKER_COLUMNS = columns_of(effects.WorkerRow)


class OutboxStatements:
    """What is asked and told of effects and of those who carry them out."""

    def _compiled(self, statement: Any, *names: str) -> Statement:
        raise TypeError("compiled by Statements")

    def _replacing(self, table: Any, names: tuple[str, ...]) -> Statement:
        raise TypeError("compiled by Statements")

    @cached_property
    def effect(self) -> Statement:
        """One effect by id."""
        return self._compiled(select(EFFECT).where(EFFECT.c.id == bindparam("id")), "id")

    def effect_page(self, *by: str) -> Statement:
        """A page of effects, of one state or of all."""
        key = (EFFECT.c.state, EFFECT.c.at, EFFECT.c.id)
        names = ("after_state", "after_at", "after_id")
        behind = tuple_(*key) > tuple_(*(bindparam(name, type_=c.type) for name, c in zip(names, key, strict=True)))
        page = select(EFFECT).where(*(EFFECT.c[name] == bindparam(name) for name in by), behind)
        return self._compiled(_page(page.order_by(*key)), *by, *names, "limit")

    @cached_property
    def due_effects(self) -> Statement:
        """Effects whose time has come, the longest due first; others' rows are passed over, not waited for."""
        due = select(EFFECT).where(EFFECT.c.state == literal_column("'waiting'"), EFFECT.c.at <= bindparam("now"))
        ordered = _page(due.order_by(EFFECT.c.state, EFFECT.c.at, EFFECT.c.id))
        return self._compiled(ordered.with_for_update(skip_locked=True), "now", "limit")

    @cached_property
    def change_effect(self) -> Statement:
        """An effect's row, if it is still in this state and after as many tries."""
        names = ("state", "at", "tries", "spared", "worker", "reason")
        key = ("id", "state", "tries", "spared")
        guarded = update(EFFECT).where(*(EFFECT.c[name] == bindparam(f"old_{name}") for name in key))
        values = {name: bindparam(f"new_{name}") for name in names}
        return self._compiled(
            guarded.values(values), *(f"new_{name}" for name in names), *(f"old_{name}" for name in key)
        )

    @cached_property
    def release_effects(self) -> Statement:
        """What a worker has in hand, free again and due now."""
        held = update(EFFECT).where(
            EFFECT.c.state == literal_column("'waiting'"), EFFECT.c.worker == bindparam("old_worker")
        )
        return self._compiled(held.values(at=bindparam("now"), worker=null()), "now", "old_worker")

    @cached_property
    def put_worker(self) -> Statement:
        """A worker's sign of life, new or replaced."""
        return self._replacing(WORKER, _WORKER_COLUMNS)

    @cached_property
    def delete_worker(self) -> Statement:
        """A worker's sign of life away."""
        return self._compiled(delete(WORKER).where(WORKER.c.id == bindparam("id")), "id")

    @cached_property
    def workers(self) -> Statement:
        """All signs of life."""
        return self._compiled(select(WORKER).order_by(WORKER.c.seen_at, WORKER.c.id))


def _page(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit", type_=Integer))
