"""The statements by which the trail is read over all chains; `Statements` has them with all others."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sqlalchemy import Integer, Select, bindparam, literal_column, select, tuple_

from workflow.store import tables
from workflow.store.statement import Statement
from workflow.store.trails import Along

EVENT = tables.table(tables.Event)
ABOUT = tables.table(tables.EventAbout)
_KEY = ("recorded_at", "plan", "seq")
_BEHIND = tuple(f"after_{name}" for name in _KEY)


class TrailStatements:
    """What is asked and told of what events are about, and of their order over all chains."""

    def _compiled(self, statement: Any, *names: str) -> Statement:
        raise TypeError("compiled by Statements")

    def _inserting(self, table: Any) -> Any:
        raise TypeError("compiled by Statements")

    @cached_property
    def insert_about(self) -> Statement:
        """One subject of one event."""
        return self._compiled(self._inserting(ABOUT), "subject", *_KEY)

    def trail(self, along: Along, rows: bool) -> Statement:
        """A page of events, or of their keys alone, along the index of what they have in common."""
        walked = ABOUT if along == "subject" else EVENT
        key = [walked.c[name] for name in _KEY]
        page = select(EVENT) if rows else select(*key)
        if rows and along == "subject":
            page = page.join(ABOUT, (ABOUT.c.plan == EVENT.c.plan) & (ABOUT.c.seq == EVENT.c.seq))
        if along:
            page = page.where(walked.c[along] == bindparam("value"))
        behind = tuple_(*key) > tuple_(*(bindparam(name, type_=c.type) for name, c in zip(_BEHIND, key, strict=True)))
        page = page.where(behind, key[0] <= bindparam("until")).order_by(*key)
        return self._compiled(_page(page), *(["value"] if along else []), *_BEHIND, "until", "limit")

    @cached_property
    def next_subject(self) -> Statement:
        """The subject behind another one."""
        behind = select(ABOUT.c.subject).where(ABOUT.c.subject > bindparam("after")).order_by(ABOUT.c.subject)
        return self._compiled(behind.limit(literal_column("1")), "after")

    @cached_property
    def about(self) -> Statement:
        """A page of subjects with their events."""
        key = (ABOUT.c.subject, *(ABOUT.c[name] for name in _KEY))
        names = ("after_subject", *_BEHIND)
        behind = tuple_(*key) > tuple_(*(bindparam(name, type_=c.type) for name, c in zip(names, key, strict=True)))
        return self._compiled(_page(select(*key).where(behind).order_by(*key)), *names, "limit")


def _page(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit", type_=Integer))
