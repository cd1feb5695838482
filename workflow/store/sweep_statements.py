"""The statements about all chains; `Statements` has them with all others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, bindparam, exists, func, literal_column, or_, select

from workflow.store import tables
from workflow.store.statement import Statement
from workflow.store.sweeps import BESIDE, CHAIN

EVENT = tables.table(tables.Event)


class SweepStatements:
    """What is asked about all chains."""

    def _compiled(self, statement: Any, *names: str) -> Statement:
        raise TypeError("compiled by Statements")

    def sweep(self, columns: bool, after: bool, until: bool) -> Statement:
        """All events behind one chain or up to another."""
        names = (*CHAIN, *BESIDE) if columns else CHAIN
        walk = select(*(EVENT.c[name] for name in names)).order_by(EVENT.c.plan, EVENT.c.seq)
        if after:
            walk = walk.where(EVENT.c.plan > bindparam("after"))
        if until:
            walk = walk.where(EVENT.c.plan <= bindparam("until"))
        return self._compiled(walk, *["after"] * after, *["until"] * until)

    def count_events(self) -> Statement:
        """How many events there are."""
        return self._compiled(select(func.count()).select_from(EVENT))

    def chain_far_behind(self) -> Statement:
        """The chain of the event that is so many behind a chain; the index alone is walked along."""
        behind = select(EVENT.c.plan).where(EVENT.c.plan > bindparam("after")).order_by(EVENT.c.plan, EVENT.c.seq)
        return self._compiled(behind.limit(literal_column("1")).offset(bindparam("far", type_=Integer)), "after", "far")

    def strays(self, name: str) -> Statement:
        """The plans that a table has rows of, though none of their events is there."""
        table = tables.metadata.tables[name]
        plan = table.c.id if name == tables.Plan.__tablename__ else table.c.plan
        without = or_(plan == bindparam("workspace"), ~exists().where(EVENT.c.plan == plan))
        some = select(plan).where(without).distinct().order_by(plan).limit(bindparam("limit", type_=Integer))
        return self._compiled(some, "workspace", "limit")
