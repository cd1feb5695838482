"""How many advances the store writes in a second, beside the same rows by bare `sqlite3`.

One advance is what a command writes: the plan's row guarded by its revision, one event of 400
bytes, one work item and one effect, in one transaction at `synchronous=FULL`; before it the plan is
read. Both sides write to the same schema and are run by turns. Run it by itself:

    python tests/benchmarks/bench_store.py [ROUNDS] [ADVANCES]
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from pathlib import Path

from workflow.audit import GENESIS, link
from workflow.store.effects import EffectRow
from workflow.store.interface import EventRow, PlanChange, PlanRow, WorkItemRow
from workflow.store.sql import SqlStore
from workflow.store.statement import columns_of

TARGET = 0.6
PLANS = 100
BODY = b"x" * 400
STATE = b"s" * 600


def _insert(table: str, names: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


WRITES = (
    f"UPDATE plan SET {', '.join(f'{name}=?' for name in columns_of(PlanRow)[1:])} WHERE id=? AND revision=?",
    _insert("event", columns_of(EventRow)),
    f"{_insert('work_item', columns_of(WorkItemRow))} ON CONFLICT (plan, step, round, key) DO UPDATE SET "
    + ", ".join(f"{name}=excluded.{name}" for name in columns_of(WorkItemRow)[4:]),
    _insert("effect", columns_of(EffectRow)),
)


def main(rounds: int = 7, advances: int = 2000) -> float:
    """Print the rates and return the median of the ratios."""
    rates: dict[str, list[float]] = {"bare sqlite3": [], "SqlStore": []}
    for turn in range(rounds):
        sides = [("bare sqlite3", _bare), ("SqlStore", _store)]
        for name, side in sides if turn % 2 else sides[::-1]:
            rates[name].append(_rate(side, advances))
    ratio = statistics.median(ours / bare for ours, bare in zip(rates["SqlStore"], rates["bare sqlite3"], strict=True))
    for name, values in rates.items():
        print(f"{name:>14}: {statistics.median(values):8,.0f} advances/s ({min(values):,.0f} to {max(values):,.0f})")
    print(f"ratio {ratio:.2f}, target {TARGET}")
    return ratio


def _rate(side: Callable[[Path], tuple[Callable[[str], None], Callable[[], None]]], advances: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workflow.db"
        store = SqlStore(path)
        for number in range(PLANS):
            store.write(_created(f"plan-{number}"))
        store.close()
        advance, close = side(path)
        for number in range(PLANS):
            advance(f"plan-{number}")
        began = time.perf_counter()
        for number in range(advances):
            advance(f"plan-{number % PLANS}")
        took = time.perf_counter() - began
        close()
    return advances / took


def _created(id: str) -> PlanChange:
    event = _event(id, 1, GENESIS)
    plan = PlanRow(id, "d" * 64, "sample", 1, "active", "writing", 1, None, event.hash, "2019-04-01", STATE)
    return PlanChange(plan=plan, expected=0, events=(event,))


def _event(plan: str, seq: int, previous: bytes) -> EventRow:
    recorded = "2019-04-01T01:02:03.000004Z"
    request = f"{plan}-{seq}"
    return EventRow(
        plan, seq, "step_acted", "2019-04-01", recorded, "an", request, previous, link(previous, BODY), BODY
    )


def _store(path: Path) -> tuple[Callable[[str], None], Callable[[], None]]:
    store = SqlStore(path)

    def advance(id: str) -> None:
        row = store.plan(id)
        event = _event(id, row.revision + 1, row.head)
        store.write(
            PlanChange(
                plan=replace(row, revision=event.seq, head=event.hash),
                expected=row.revision,
                events=(event,),
                work_items=(_item(id, event.seq),),
                effects=(_effect(id, event.seq),),
            )
        )

    return advance, store.close


def _bare(path: Path) -> tuple[Callable[[str], None], Callable[[], None]]:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
        connection.execute(f"PRAGMA {pragma}")
    update, insert_event, put_item, insert_effect = WRITES

    def advance(id: str) -> None:
        row = connection.execute("SELECT * FROM plan WHERE id=?", (id,)).fetchone()
        seq, previous = row[6] + 1, row[8]
        hash = link(previous, BODY)
        execute = connection.execute
        execute("BEGIN IMMEDIATE")
        if execute(update, (*row[1:6], seq, row[7], hash, *row[9:], id, row[6])).rowcount != 1:
            raise RuntimeError("lost")
        recorded = "2019-04-01T01:02:03.000004Z"
        request = f"{id}-{seq}"
        execute(insert_event, (id, seq, "step_acted", "2019-04-01", recorded, "an", request, previous, hash, BODY))
        execute(put_item, astuple(_item(id, seq)))
        execute(insert_effect, astuple(_effect(id, seq)))
        execute("COMMIT")

    return advance, connection.close


def _item(plan: str, seq: int) -> WorkItemRow:
    return WorkItemRow(plan, "write", 1, f"unit-{seq % 5}", "Xây dựng dự thảo", None, "unit", "2019-04-15", None, True)


def _effect(plan: str, seq: int) -> EffectRow:
    return EffectRow(f"{plan}:{seq}:1", plan, seq, "mail", b"{}")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) < TARGET)
