"""Advances a second through the service on SQLite, beside the same rows written by bare sqlite3.

Run: python tests/benchmarks/bench_advance.py [PLANS] [ROUNDS]. Both write at synchronous=FULL in WAL
mode; the bare loop writes the very rows that the service wrote. Prints the ratio of each round and
the median. Target: at least 0.4.
"""

from __future__ import annotations

import gc
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from engine import OFFICER, STAGES, workspace


def through_the_service(folder: Path, plans: int) -> tuple[float, Path]:
    """Return advances a second, and the database file."""
    made = workspace(folder)
    service = made.service
    for number in range(plans):
        service.create("line", f"p{number:04d}", OFFICER)
    # What was imported lives for ever: the collector need not walk it in the middle of a round.
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    for _ in range(STAGES):
        for number in range(plans):
            service.advance(f"p{number:04d}", "forward", OFFICER)
    spent = time.perf_counter() - began
    made.close()
    return plans * STAGES / spent, folder / "workflow.db"


def by_hand(source: Path, target: Path, plans: int) -> float:
    """Write the same rows with bare sqlite3, one transaction for each advance; advances a second."""
    read = sqlite3.connect(source)
    tables = [name for (name,) in read.execute("select name from sqlite_master where type = 'table'")]
    written = sqlite3.connect(target, isolation_level=None)
    written.execute("pragma journal_mode = wal")
    written.execute("pragma synchronous = full")
    for (sql,) in read.execute(
        "select sql from sqlite_master where sql is not null and name not like 'sqlite%' and type != 'trigger'"
    ):
        written.execute(sql)
    assert {"plan", "event", "work_item"} <= set(tables)
    events = list(read.execute("select * from event where plan != '@workspace' order by plan, seq"))
    columns = [row[1] for row in read.execute("pragma table_info(event)")]
    type_at, plan_at = columns.index("type"), columns.index("plan")
    groups: dict[str, list[list[tuple[object, ...]]]] = {}
    for row in events:
        own = groups.setdefault(str(row[plan_at]), [[]])
        if row[type_at] == "transition_fired":
            own.append([])
        own[-1].append(row)
    plan_rows = {str(row[0]): row for row in read.execute("select * from plan")}
    items = list(read.execute("select * from work_item"))
    by_plan: dict[str, list[tuple[object, ...]]] = {}
    for row in items:
        by_plan.setdefault(str(row[0]), []).append(row)
    names = [row[1] for row in read.execute("pragma table_info(plan)")]
    update = f"update plan set {', '.join(name + ' = ?' for name in names)} where id = ? and revision < ?"
    insert_event = f"insert into event values ({', '.join('?' * len(columns))})"
    about: dict[tuple[str, int], list[tuple[object, ...]]] = {}
    for row in read.execute("select * from event_about"):
        about.setdefault((row[2], row[3]), []).append(row)
    seq_at = columns.index("seq")
    insert_item = f"insert or replace into work_item values ({', '.join('?' * len(items[0]))})"
    revision_at = names.index("revision")
    for row in plan_rows.values():
        first = list(row)
        first[revision_at] = 0
        written.execute(f"insert into plan values ({', '.join('?' * len(names))})", first)
    began = time.perf_counter()
    for step in range(1, STAGES + 1):
        for plan, own in groups.items():
            written.execute("select * from plan where id = ?", (plan,)).fetchone()
            written.execute("begin immediate")
            changed = list(plan_rows[plan])
            changed[revision_at] = step
            written.execute(update, (*changed, plan, step))
            written.executemany(insert_event, own[step])
            for event in own[step]:
                written.executemany("insert into event_about values (?, ?, ?, ?)", about.get((plan, event[seq_at]), ()))
            written.executemany(insert_item, by_plan[plan][max(0, step - 1) : step + 1])
            written.execute("commit")
    spent = time.perf_counter() - began
    written.close()
    return plans * STAGES / spent


def main(plans: int = 50, rounds: int = 5) -> None:
    """Print each round's rates and ratio, and the median ratio."""
    ratios = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=Path.cwd() / "build") as place:
            ours, source = through_the_service(Path(place) / "ours", plans)
            bare = by_hand(source, Path(place) / "bare.db", plans)
        ratios.append(ours / bare)
        print(f"service {ours:8.0f}/s   bare sqlite3 {bare:8.0f}/s   ratio {ours / bare:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} (target 0.4)")


if __name__ == "__main__":
    Path("build").mkdir(exist_ok=True)
    main(*(int(argument) for argument in sys.argv[1:]))
