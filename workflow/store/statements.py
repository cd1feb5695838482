"""The statements, compiled from the tables to text for one dialect: the source of what `texts` keeps.

The texts run on the driver's own cursor: measured against statements that SQLAlchemy executes, that
halves the work of a write. Parameters are positional; a statement that does not take them in the
order its caller relies on fails when it is compiled, not when it runs.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    true,
    tuple_,
    update,
)

from workflow.messages import WORKSPACE_CHAIN
from workflow.plan.state import ACTIVE
from workflow.store import effects, interface, tables
from workflow.store.dialects import dialect_of, insert_of
from workflow.store.outbox_statements import OutboxStatements
from workflow.store.seal_statements import SealStatements
from workflow.store.statement import Statement, Whose, columns_of
from workflow.store.sweep_statements import SweepStatements
from workflow.store.trail_statements import TrailStatements

PLAN = tables.table(tables.Plan)
EVENT = tables.table(tables.Event)
WORK_ITEM = tables.table(tables.WorkItem)
DOCUMENT = tables.table(tables.Document)
CONTENT = tables.table(tables.Content)
ABOUT = tables.table(tables.EventAbout)
DEFINITION = tables.table(tables.Definition)
EFFECT = tables.table(tables.Effect)
NUMBER = tables.table(tables.IssuedNumber)


class Statements(OutboxStatements, SealStatements, SweepStatements, TrailStatements):
    """All statements of the store for one kind of database, `sqlite` or `postgresql`."""

    def __init__(self, kind: str) -> None:
        self._dialect = dialect_of(kind)
        self._insert = insert_of(kind)

    def _compiled(self, statement: Any, *names: str) -> Statement:
        compiled = statement.compile(dialect=self._dialect)
        order = tuple(compiled.positiontup)
        if order[: len(names)] != names:
            raise ValueError(f"parameters are {order}, not {names}: {compiled.string}")
        return Statement(compiled.string, names, tuple(compiled.params[name] for name in order[len(names) :]))

    def _inserting(self, table: Any) -> Any:
        return self._insert(table)

    # one plan

    @cached_property
    def plan(self) -> Statement:
        """One plan by id."""
        return self._compiled(select(PLAN).where(PLAN.c.id == bindparam("id")), "id")

    @cached_property
    def insert_plan(self) -> Statement:
        """A new plan; refused by the key where the id is taken."""
        return self._compiled(self._insert(PLAN), *columns_of(interface.PlanRow))

    @cached_property
    def update_plan(self) -> Statement:
        """The plan's row, if it is still at the expected revision."""
        names = columns_of(interface.PlanRow)[1:]
        guarded = update(PLAN).where(PLAN.c.id == bindparam("of"), PLAN.c.revision == bindparam("expected"))
        values = {name: bindparam(f"new_{name}") for name in names}
        return self._compiled(guarded.values(values), *(f"new_{name}" for name in names), "of", "expected")

    @cached_property
    def replace_plan(self) -> Statement:
        """The plan's row, whatever stands there."""
        return self._replacing(PLAN, columns_of(interface.PlanRow))

    @cached_property
    def insert_event(self) -> Statement:
        """One event at the end of its chain."""
        return self._compiled(self._insert(EVENT), *columns_of(interface.EventRow))

    @cached_property
    def events(self) -> Statement:
        """A page of a chain."""
        page = select(EVENT).where(EVENT.c.plan == bindparam("plan"), EVENT.c.seq > bindparam("after"))
        return self._compiled(_first(page.order_by(EVENT.c.seq)), "plan", "after", "limit")

    @cached_property
    def event(self) -> Statement:
        """One event by its key."""
        one = select(EVENT).where(EVENT.c.plan == bindparam("plan"), EVENT.c.seq == bindparam("seq"))
        return self._compiled(one, "plan", "seq")

    @cached_property
    def last_event(self) -> Statement:
        """The newest event of a chain."""
        newest = select(EVENT).where(EVENT.c.plan == bindparam("plan")).order_by(EVENT.c.seq.desc())
        return self._compiled(newest.limit(literal_column("1")), "plan")

    @cached_property
    def last_event_of_type(self) -> Statement:
        """The newest event of one type in the workspace's chain, of those before a seq."""
        # The chain's name stands in the text: only so is the index of the workspace's events alone of use.
        of_workspace = EVENT.c.plan == literal_column(f"'{WORKSPACE_CHAIN}'")
        of_type = select(EVENT).where(
            of_workspace, EVENT.c.type == bindparam("type"), EVENT.c.seq < bindparam("before")
        )
        newest = of_type.order_by(EVENT.c.seq.desc()).limit(literal_column("1"))
        return self._compiled(newest, "type", "before")

    @cached_property
    def request(self) -> Statement:
        """The events of one request."""
        made = select(EVENT).where(EVENT.c.request_id == bindparam("request_id"))
        return self._compiled(made.order_by(EVENT.c.plan, EVENT.c.seq), "request_id")

    @cached_property
    def chains(self) -> Statement:
        """The end of each chain, from the events themselves and not from the plans' rows."""
        ends = select(EVENT.c.plan, func.max(EVENT.c.seq).label("seq")).where(EVENT.c.plan > bindparam("after"))
        page = _first(ends.group_by(EVENT.c.plan).order_by(EVENT.c.plan)).subquery("ends")
        last = select(EVENT.c.plan, EVENT.c.seq, EVENT.c.hash).join(
            page, (EVENT.c.plan == page.c.plan) & (EVENT.c.seq == page.c.seq)
        )
        return self._compiled(last.order_by(EVENT.c.plan), "after", "limit")

    # work items, documents, effects

    @cached_property
    def work_items(self) -> Statement:
        """All work items of a plan."""
        key = WORK_ITEM.c
        of_plan = select(WORK_ITEM).where(key.plan == bindparam("plan")).order_by(key.step, key.round, key.key)
        return self._compiled(of_plan, "plan")

    @cached_property
    def put_work_item(self) -> Statement:
        """A work item, new or replaced."""
        return self._replacing(WORK_ITEM, columns_of(interface.WorkItemRow))

    @cached_property
    def delete_work_item(self) -> Statement:
        """One work item away."""
        names = ("plan", "step", "round", "key")
        return self._compiled(
            delete(WORK_ITEM).where(*(WORK_ITEM.c[name] == bindparam(name) for name in names)), *names
        )

    @cached_property
    def delete_work_items(self) -> Statement:
        """All work items of a plan away."""
        return self._compiled(delete(WORK_ITEM).where(WORK_ITEM.c.plan == bindparam("plan")), "plan")

    @cached_property
    def insert_document(self) -> Statement:
        """One document."""
        return self._compiled(self._insert(DOCUMENT), *columns_of(interface.DocumentRow))

    @cached_property
    def documents(self) -> Statement:
        """The documents of a plan."""
        of_plan = select(DOCUMENT).where(DOCUMENT.c.plan == bindparam("plan"))
        return self._compiled(of_plan.order_by(DOCUMENT.c.seq, DOCUMENT.c.position), "plan")

    @cached_property
    def insert_effect(self) -> Statement:
        """One effect."""
        return self._compiled(self._insert(EFFECT), *columns_of(effects.EffectRow))

    @cached_property
    def effects(self) -> Statement:
        """All effects."""
        return self._compiled(_in_order_of_effects(select(EFFECT)))

    @cached_property
    def effects_of_plan(self) -> Statement:
        """The effects of one plan."""
        return self._compiled(_in_order_of_effects(select(EFFECT).where(EFFECT.c.plan == bindparam("plan"))), "plan")

    # numbers

    @cached_property
    def insert_number(self) -> Statement:
        """A number given; refused by the key where somebody has it."""
        return self._compiled(self._insert(NUMBER), *columns_of(interface.NumberRow))

    @cached_property
    def number(self) -> Statement:
        """One number by its key."""
        names = ("series", "year", "number")
        return self._compiled(select(NUMBER).where(*(NUMBER.c[name] == bindparam(name) for name in names)), *names)

    @cached_property
    def last_number(self) -> Statement:
        """The greatest number of a series and year."""
        names = ("series", "year")
        of_year = select(NUMBER.c.number).where(*(NUMBER.c[name] == bindparam(name) for name in names))
        return self._compiled(of_year.order_by(NUMBER.c.number.desc()).limit(literal_column("1")), *names)

    @cached_property
    def numbers_of(self) -> Statement:
        """The numbers that a plan gave."""
        of_plan = select(NUMBER).where(NUMBER.c.plan == bindparam("plan"))
        return self._compiled(of_plan.order_by(NUMBER.c.series, NUMBER.c.year, NUMBER.c.number), "plan")

    def numbers(self, *by: str) -> Statement:
        """A page of numbers with these columns (`series`, `year`) given."""
        key = (NUMBER.c.series, NUMBER.c.year, NUMBER.c.number)
        behind = [f"after_{column.name}" for column in key]
        given = [NUMBER.c[name] == bindparam(name) for name in by]
        after = tuple_(*key) > tuple_(*(bindparam(name, type_=c.type) for name, c in zip(behind, key, strict=True)))
        return self._compiled(_first(select(NUMBER).where(*given, after).order_by(*key)), *by, *behind, "limit")

    # content and definitions

    @cached_property
    def insert_content(self) -> Statement:
        """A text or a piece of a file; one already there stays."""
        names = ("key", "kind", "part", "salt", "data")
        return self._compiled(self._insert(CONTENT).on_conflict_do_nothing(), *names)

    @cached_property
    def content(self) -> Statement:
        """One text or one piece of a file."""
        names = ("key", "kind", "part")
        one = select(CONTENT.c.salt, CONTENT.c.data).where(*(CONTENT.c[name] == bindparam(name) for name in names))
        return self._compiled(one, *names)

    @cached_property
    def delete_content(self) -> Statement:
        """A text or all pieces of a file away."""
        names = ("key", "kind")
        return self._compiled(delete(CONTENT).where(*(CONTENT.c[name] == bindparam(name) for name in names)), *names)

    @cached_property
    def has_file(self) -> Statement:
        """The first piece of a file, without its bytes."""
        first = select(CONTENT.c.part).where(
            CONTENT.c.key == bindparam("key"),
            CONTENT.c.kind == literal_column("'file'"),
            CONTENT.c.part == literal_column("0"),
        )
        return self._compiled(first, "key")

    def texts(self, count: int) -> Statement:
        """So many texts by their keys."""
        keys = [bindparam(f"key_{index}") for index in range(count)]
        some = select(CONTENT.c.key, CONTENT.c.data).where(
            CONTENT.c.kind == literal_column("'text'"), CONTENT.c.key.in_(keys)
        )
        return self._compiled(some, *(key.key for key in keys))

    @cached_property
    def insert_definition(self) -> Statement:
        """A definition; the same one already there stays."""
        once = self._insert(DEFINITION).on_conflict_do_nothing(index_elements=["hash"])
        return self._compiled(once, *columns_of(interface.DefinitionRow))

    @cached_property
    def definitions(self) -> Statement:
        """All definitions."""
        return self._compiled(select(DEFINITION).order_by(DEFINITION.c.id, DEFINITION.c.version))

    @cached_property
    def definition(self) -> Statement:
        """A definition by its hash."""
        return self._compiled(select(DEFINITION).where(DEFINITION.c.hash == bindparam("hash")), "hash")

    @cached_property
    def definition_version(self) -> Statement:
        """A definition by id and version."""
        one = select(DEFINITION).where(DEFINITION.c.id == bindparam("id"), DEFINITION.c.version == bindparam("version"))
        return self._compiled(one, "id", "version")

    # lists

    def plans(self, *by: str, event: bool = False) -> Statement:
        """A page of plans with these columns (`status`, `stage`) given, or that have an event of a type."""
        page, names = select(PLAN).where(*(PLAN.c[name] == bindparam(name) for name in by)), list(by)
        if event:
            # From the few events of the type to their plans: the other way round every plan would be looked at.
            of_type = select(EVENT.c.plan).where(EVENT.c.type == bindparam("type"), EVENT.c.plan > bindparam("after"))
            # What is behind *after* stands in there alone: said of the plans too, SQLite would walk along these.
            page, names = page.where(PLAN.c.id.in_(of_type)), [*by, "type", "after"]
        else:
            page, names = page.where(PLAN.c.id > bindparam("after")), [*by, "after"]
        return self._compiled(_first(page.order_by(PLAN.c.id)), *names, "limit")

    def awake(self, column: str) -> Statement:
        """A page of plans by the day in a column (`wakes_on`, `reminds_on`)."""
        day = PLAN.c[column]
        behind = tuple_(day, PLAN.c.id) > tuple_(bindparam("after_day", type_=day.type), bindparam("after_id"))
        page = select(PLAN).where(day <= bindparam("until"), behind).order_by(day, PLAN.c.id)
        return self._compiled(_first(page), "until", "after_day", "after_id", "limit")

    def due(self, dated: bool, whose: Whose) -> Statement:
        """A page of open items with or without a day: all, those of an owner or asker, or those that anybody asked."""
        item = WORK_ITEM.c
        key = [item.plan, item.step, item.round, item.key]
        if dated:
            key.insert(0, item.due_on)
        behind = [f"after_{column.name}" for column in key]
        conditions: list[ColumnElement[bool]] = [item.open == true()]
        if whose == "anybody":
            conditions.append(item.asked_by.is_not(None))
        elif whose:
            conditions.append(item[whose] == bindparam(whose))
        conditions.append(item.due_on <= bindparam("until") if dated else item.due_on.is_(None))
        conditions.append(
            tuple_(*key) > tuple_(*(bindparam(name, type_=c.type) for name, c in zip(behind, key, strict=True)))
        )
        # A correlated EXISTS and no join: the walk must go along the index of the due days.
        conditions.append(exists().where(PLAN.c.id == item.plan, PLAN.c.status == literal_column(f"'{ACTIVE}'")))
        names = [whose] * (whose in ("owner", "asked_by")) + ["until"] * dated + behind
        return self._compiled(_first(select(WORK_ITEM).where(*conditions).order_by(*key)), *names, "limit")

    def _replacing(self, table: Any, names: tuple[str, ...]) -> Statement:
        insert = self._insert(table)
        keys = {column.name for column in table.primary_key}
        others = {name: insert.excluded[name] for name in names if name not in keys}
        return self._compiled(insert.on_conflict_do_update(index_elements=sorted(keys), set_=others), *names)


def _first(statement: Select[Any]) -> Select[Any]:
    return statement.limit(bindparam("limit", type_=Integer))


def _in_order_of_effects(statement: Select[Any]) -> Select[Any]:
    # Ids end in a number: with equal plan and seq the shorter id is the earlier one.
    return statement.order_by(EFFECT.c.plan, EFFECT.c.seq, func.length(EFFECT.c.id), EFFECT.c.id)
