"""The statements about seals and leaves; `Statements` has them with all others."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal_column, select

from workflow.store import seals, tables
from workflow.store.statement import Statement, columns_of

SEAL = tables.table(tables.Seal)
LEAF = tables.table(tables.Leaf)
_SEAL_COLUMNS = columns_of(seals.SealRow)
_LEAF_COLUMNS = columns_of(seals.LeafRow)


class SealStatements:
    """What is asked and told of seals."""

    def _compiled(self, statement: Any, *names: str) -> Statement:
        raise TypeError("compiled by Statements")

    def _inserting(self, table: Any) -> Any:
        raise TypeError("compiled by Statements")

    @cached_property
    def insert_seal(self) -> Statement:
        """One seal; refused by the key where the number was given."""
        return self._compiled(self._inserting(SEAL), *_SEAL_COLUMNS)

    @cached_property
    def insert_leaf(self) -> Statement:
        """One leaf; refused by the key where its position is taken."""
        return self._compiled(self._inserting(LEAF), *_LEAF_COLUMNS)

    @cached_property
    def seal(self) -> Statement:
        """One seal by number."""
        return self._compiled(select(SEAL).where(SEAL.c.number == bindparam("number")), "number")

    @cached_property
    def last_seal(self) -> Statement:
        """The newest seal."""
        return self._compiled(select(SEAL).order_by(SEAL.c.number.desc()).limit(literal_column("1")))

    @cached_property
    def seals(self) -> Statement:
        """A page of seals."""
        behind = select(SEAL).where(SEAL.c.number > bindparam("after"))
        return self._compiled(_page(behind.order_by(SEAL.c.number)), "after", "limit")

    @cached_property
    def leaves(self) -> Statement:
        """A page of leaves."""
        behind = select(LEAF).where(LEAF.c.position > bindparam("after"))
        return self._compiled(_page(behind.order_by(LEAF.c.position)), "after", "limit")

    @cached_property
    def leaves_of(self) -> Statement:
        """A page of one chain's leaves."""
        behind = select(LEAF).where(LEAF.c.plan == bindparam("plan"), LEAF.c.seq > bindparam("after"))
        return self._compiled(_page(behind.order_by(LEAF.c.seq)), "plan", "after", "limit")

    @cached_property
    def sealed_heads(self) -> Statement:
        """Each chain's last leaf below a position."""
        ends = select(LEAF.c.plan, func.max(LEAF.c.seq).label("seq")).where(
            LEAF.c.plan > bindparam("after"), LEAF.c.position < bindparam("size", type_=Integer)
        )
        page = _page(ends.group_by(LEAF.c.plan).order_by(LEAF.c.plan)).subquery("ends")
        last = select(LEAF).join(page, (LEAF.c.plan == page.c.plan) & (LEAF.c.seq == page.c.seq))
        return self._compiled(last.order_by(LEAF.c.plan), "after", "size", "limit")


def _page(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit", type_=Integer))
