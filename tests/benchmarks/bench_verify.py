"""Verifying many events, beside a bare loop that reads the stored bytes and hashes them, by turns in one run.

Run: python tests/benchmarks/bench_verify.py [EVENTS] [ROUNDS], 1,000,000 and 5 where nothing is said.
The plans of the demo are written again and again under other ids, in plain SQL, with their hashes reckoned anew, so
that every chain verifies and every plan can be replayed. The file stays in the folder named by VERIFY_IN, else it is
made in a temporary one. It is read once before, so that it is in memory where there is room for it.

Targets: chains and columns at no less than half the speed of the bare loop, chains alone at no less than 0.9 times,
and in two processes at no less than 1.5 times. Replay, with canonical bytes, texts and files, has its own figure.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

from workflow import audit
from workflow.bootstrap import Workspace, open_workspace
from workflow.store.interface import EventRow
from workflow.store.trails import about_rows
from workflow.verification import spreading
from workflow.verification.tally import Tally
from workflow.verification.walking import Asked, walk

AT_ONCE = 200
REPLAYED = 20_000
AT_LEAST = {"chains and columns": 0.5, "chains alone": 0.9, "chains alone, two processes": 1.5}
FASTER = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -50000", "foreign_keys = OFF")
TABLES = {"plan": "id", "event": "plan", "work_item": "plan", "document": "plan"}
Rows = dict[str, list[tuple]]


# making many plans


def copies(raw: sqlite3.Connection) -> Iterator[Rows]:
    """The rows of one more plan, for ever, each of the demo's plans in turn."""
    found = [
        (
            id_,
            {
                table: raw.execute(f"SELECT * FROM {table} WHERE {key} = ?", (id_,)).fetchall()
                for table, key in TABLES.items()
            },
        )
        for (id_,) in raw.execute("SELECT id FROM plan ORDER BY id").fetchall()
    ]
    for number in count(1):
        for id_, rows in found:
            yield copied(rows, id_, f"{id_}-{number:06d}")


def copied(rows: Rows, before: str, after: str) -> Rows:
    """The rows of a plan under another id."""

    def renamed(value: object) -> object:
        if isinstance(value, bytes):
            return value.replace(before.encode(), after.encode())
        return value.replace(before, after) if isinstance(value, str) else value

    head, events = audit.GENESIS, []
    for event in sorted(rows["event"], key=lambda row: row[1]):
        values = [*map(renamed, event[:7]), head, b"", renamed(event[9])]
        values[8] = head = audit.link(head, values[9])
        events.append(EventRow(*values))
    made: Rows = {table: [tuple(map(renamed, row)) for row in rows[table]] for table in TABLES}
    plan = made["plan"][0]
    made["plan"] = [(*plan[:8], head, *plan[9:])]
    made["event"] = [tuple(getattr(row, name) for name in EventRow.__dataclass_fields__) for row in events]
    made["event_about"] = list(about_rows(events))
    return made


def make(folder: Path, events: int) -> Workspace:
    """A workspace with at least so many events."""
    if not (folder / "workflow.toml").exists():
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "workflow", "demo", str(folder)], check=True, capture_output=True)
        path = folder / "workflow.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            for setting in FASTER:
                raw.execute(f"PRAGMA {setting}")
            (there,), more = raw.execute("SELECT count(*) FROM event").fetchone(), copies(raw)
            while there < events:
                raw.execute("BEGIN")
                for _ in range(AT_ONCE):
                    for table, rows in next(more).items():
                        there += len(rows) * (table == "event")
                        if rows and there < events + 1000:
                            places = ", ".join("?" * len(rows[0]))
                            raw.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
                    if there >= events:
                        break
                raw.execute("COMMIT")
        size = path.stat().st_size
        print(f"{there:,} events made in {time.perf_counter() - began:.0f} s, {size / 2**20:,.0f} MiB")
    with open(folder / "workflow.db", "rb") as file:
        while file.read(2**24):
            pass
    return open_workspace(folder)


# what is measured


def bare(path: Path) -> int:
    """Read the stored bytes in the order of the chains and hash them, and nothing more."""
    sha256, events = hashlib.sha256, 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        for previous, hash_, body in raw.execute("SELECT previous, hash, body FROM event ORDER BY plan, seq"):
            if sha256(previous + body).digest() != hash_:
                raise ValueError(events)
            events += 1
    return events


def quick(opened: Workspace, columns: bool, jobs: int) -> int:
    """Verify chains, and columns if so asked."""
    asked, tally, store = Asked(quick=True, columns=columns), Tally(), opened.store
    with store.snapshot():
        if jobs > 1:
            spreading.spread_out(store, asked, tally, opened.reopened, jobs)
        else:
            walk(store, opened.service.processes, asked, tally)
    if tally.findings:
        raise ValueError(tally.findings[0])
    return tally.events


def replayed(opened: Workspace, events: int) -> int:
    """Verify the first chains in full."""
    store, tally = opened.store, Tally()
    total, ends = store.spread(max(opened.store.spread(1)[0] // events, 1))
    with store.snapshot():
        walk(store, opened.service.processes, Asked(), tally, until=ends[0] if ends else None)
    if tally.findings or tally.unjudged:
        raise ValueError((tally.findings or tally.unjudged)[0])
    return tally.events


Rates = dict[str, list[tuple[float, float]]]


def measure(cases: dict[str, Callable[[], int]], rounds: int) -> Rates:
    """Events a second of each case in each round, of time and of this process's processor time, in turned order."""
    rates: Rates = {name: [] for name in cases}
    for number in range(rounds):
        for name, case in list(cases.items())[:: 1 if number % 2 == 0 else -1]:
            began, used = time.perf_counter(), time.process_time()
            events = case()
            rates[name].append((events / (time.perf_counter() - began), events / (time.process_time() - used)))
    return rates


def report(rates: Rates) -> int:
    """Print what was measured; how many targets were missed."""
    missed = 0
    for name, found in rates.items():
        pairs = list(zip(found, rates["bare loop"], strict=True))
        by_time, by_processor = (sorted(one[by] / base[by] for one, base in pairs) for by in (0, 1))
        least, ratio = AT_LEAST.get(name), statistics.median(by_time)
        missed += least is not None and ratio < least
        bound = "" if least is None else f", at least {least}"
        processor = "" if "two processes" in name else f"; of processor time {statistics.median(by_processor):.2f}"
        rate = statistics.median(one for one, _ in found)
        print(f"{name:36} {rate:10,.0f}/s  {ratio:.2f} ({by_time[0]:.2f} to {by_time[-1]:.2f}{bound}){processor}")
    return missed


def main(events: int, rounds: int) -> int:
    """Make, measure, print; 1 where a target is missed."""
    with tempfile.TemporaryDirectory() as temporary:
        opened = make(Path(os.environ.get("VERIFY_IN", temporary)), events)
        path = opened.root / "workflow.db"
        cases: dict[str, Callable[[], int]] = {
            "bare loop": partial(bare, path),
            "chains and columns": partial(quick, opened, True, 1),
            "chains alone": partial(quick, opened, False, 1),
            "chains and columns, two processes": partial(quick, opened, True, 2),
            "chains alone, two processes": partial(quick, opened, False, 2),
        }
        for case in cases.values():
            case()
        missed = report(measure(cases, rounds))
        in_full = measure({"replay": partial(replayed, opened, REPLAYED)}, 2)["replay"]
        print(f"{'everything, with replay':36} {max(in_full)[0]:10,.0f}/s")
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
        opened.close()
    return 1 if missed else 0


if __name__ == "__main__":
    given = [int(one.replace(",", "")) for one in sys.argv[1:]]
    raise SystemExit(main(*[*given, *(1_000_000, 5)[len(given) :]]))
