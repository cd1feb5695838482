"""What grows with the number of plans: the same questions and advances on few plans and on many, by turns.

Run: python tests/benchmarks/bench_growth.py [FEW] [MANY] [ROUNDS], 10,000 and 1,000,000 plans where nothing is said.
The databases are made first, by writing the rows of a few plans that the service made again and again under other
ids, with their hashes reckoned anew, so that every chain verifies. They stay in the folder named by GROWTH_IN, else
in a temporary one. Both files are read once before, so that they are in memory where there is room for them.

Targets: an advance grows at most 1.2 times, a page of `due` and `list` at most 2 times.
"""

from __future__ import annotations

import os
import random
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from engine import OFFICER, definition, workspace

from workflow import audit
from workflow.bootstrap import Workspace, open_workspace
from workflow.clock import SimulatedClock

SEED = 24_04_2019
TITLE = "Kế hoạch về việc xây dựng văn bản"
STAGES = (0, 0, 0, 1, 2)
"""How often the plans that are copied were advanced."""
ADVANCES, QUESTIONS = 200, 20
NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
MONTH = "2030-01-"
"""In which the stages of the plans that are copied are due."""
MONTHS = [f"{year}-{month:02d}-" for year in (2025, 2026, 2027) for month in range(1, 13)]
AT_ONCE = 10_000
LONG = 5.0
"""Seconds after which a question that takes long is not asked again in this round."""
AT_MOST = {"advance": 1.2}
PAGE_AT_MOST = 2.0
FASTER = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "foreign_keys = OFF")

Rows = dict[str, list[tuple]]


# making many plans


@dataclass(frozen=True)
class Model:
    """All rows of one plan, to be written again under other ids."""

    id: bytes
    plan: tuple
    events: list[tuple]
    items: list[tuple]
    about: list[tuple]
    title: str

    def rows(self, id: str, month: str) -> Iterator[tuple[str, tuple]]:
        """The rows of one more plan, with another salt, its stages due in another month."""
        salt, text = secrets.token_bytes(16), f"{TITLE} {id}"
        key = audit.text_key(salt, text)

        def renamed(data: bytes) -> bytes:
            data = data.replace(self.id, id.encode()).replace(self.title.encode(), key.encode())
            return data.replace(MONTH.encode(), month.encode())

        head = audit.GENESIS
        for event in self.events:
            body = renamed(event[9])
            previous, head = head, audit.link(head, body)
            yield "event", (id, *event[1:7], previous, head, body)
        yield "plan", (id, *self.plan[1:7], key, head, self.plan[9], renamed(self.plan[10]), *self.plan[11:])
        for subject, recorded_at, _, seq in self.about:
            yield "event_about", (subject, recorded_at, id, seq)
        # For one plan in five another unit waits.
        asker = "council" if id[-1] in "05" else None
        for item in self.items:
            yield "work_item", (id, *item[1:7], item[7].replace(MONTH, month), *item[8:10], asker if item[9] else None)
        yield "content", (key, "text", 0, salt, text.encode())


def models(made: Workspace) -> list[Model]:
    """Plans that the service makes and takes some stages on."""
    found = []
    for number, advances in enumerate(STAGES):
        id_ = f"model-{number:06d}"
        made.service.create("line", id_, OFFICER, title=f"{TITLE} {id_}")
        for _ in range(advances):
            made.service.advance(id_, "forward", OFFICER)
        with closing(sqlite3.connect(made.database.removeprefix("sqlite:///"))) as raw:
            plan = raw.execute("SELECT * FROM plan WHERE id = ?", (id_,)).fetchone()
            events = raw.execute("SELECT * FROM event WHERE plan = ? ORDER BY seq", (id_,)).fetchall()
            items = raw.execute("SELECT * FROM work_item WHERE plan = ?", (id_,)).fetchall()
            about = raw.execute("SELECT * FROM event_about WHERE plan = ?", (id_,)).fetchall()
        found.append(Model(id_.encode(), plan, events, items, about, plan[7]))
    return found


def ids(plans: int) -> Iterator[str]:
    """The ids of the plans that are written."""
    return (f"plan-{number:07d}" for number in range(plans))


def make(folder: Path, plans: int) -> Workspace:
    """A workspace with so many plans."""
    if not (folder / "workflow.toml").exists():
        began = time.perf_counter()
        with closing(workspace(folder)) as made:
            # So that everything is owed by somebody.
            led = definition().replace("by: drafter", "by: drafter\nlead: office")
            (folder / "definitions" / "line.yaml").write_text(led, encoding="utf-8")
            found = models(made)
            path = Path(made.database.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            for setting in FASTER:
                raw.execute(f"PRAGMA {setting}")
            _write(raw, found, plans)
        size = path.stat().st_size
        took = time.perf_counter() - began
        print(f"{plans:9,} plans: made in {took:.0f} s, {size / 2**20:,.0f} MiB, {size / plans:,.0f} bytes a plan")
    # In memory as far as there is room: else the small file is, the large one is not, and the disk is measured.
    with open(folder / "workflow.db", "rb") as file:
        while file.read(2**24):
            pass
    return open_workspace(folder, clock=SimulatedClock(NOW))


def _write(raw: sqlite3.Connection, found: list[Model], plans: int) -> None:
    chance, waiting = random.Random(SEED), ids(plans)
    while some := list(islice(waiting, AT_ONCE)):
        rows: Rows = {"plan": [], "event": [], "event_about": [], "work_item": [], "content": []}
        for id_ in some:
            for table, row in chance.choice(found).rows(id_, chance.choice(MONTHS)):
                rows[table].append(row)
        raw.execute("BEGIN")
        for table, values in rows.items():
            raw.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
        raw.execute("COMMIT")


# what is measured


def operations(opened: Workspace, plans: int) -> dict[str, Callable[[], object]]:
    """What is done again and again, by name."""
    # Others at each run: databases that are kept would otherwise have a few plans that are far ahead.
    service, chance = opened.service, random.Random()
    middle, untouched = f"plan-{plans // 2:07d}", list(ids(plans))
    chance.shuffle(untouched)
    far = service.due(until=date(2026, 6, 1), limit=50)[-1].cursor

    return {
        "advance": lambda: service.advance(untouched.pop(), "forward", OFFICER),
        "show": lambda: service.plan(middle),
        "list": lambda: service.plans(limit=51),
        "list, from the middle": lambda: service.plans(after=middle, limit=51),
        "list --state active": lambda: service.plans(status="active", after=middle, limit=51),
        "list --stage s2": lambda: service.plans(stage="s2", after=middle, limit=51),
        "due": lambda: service.due(limit=51),
        "due, from the middle": lambda: service.due(after=far, limit=51),
        "due --unit": lambda: service.due(unit="office", limit=51),
        "due --late": lambda: service.due(late=True, limit=51),
        "due --waiting": lambda: service.waiting(limit=51),
        "due --waiting --unit": lambda: service.waiting(unit="council", limit=51),
        "due --waiting, its counts": lambda: service.waiting_counts(unit="council"),
        "due, its counts": lambda: service.due_counts(),
        "due --unit, its counts": lambda: service.due_counts(unit="office"),
        "due, later days": lambda: service.to_decide(),
        "overview": lambda: service.overview(after=middle, limit=51),
        "tick": lambda: list(service.tick_plans(OFFICER)),
    }


def measured(few: Callable[[], object], many: Callable[[], object], times: int) -> tuple[float, float]:
    """The median times of one on each side, in seconds; asked by turns, so that others' noise hits both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(times):
        for side, work in ((0, few), (1, many)) if number % 2 else ((1, many), (0, few)):
            began = time.perf_counter()
            work()
            taken[side].append(time.perf_counter() - began)
        if sum(map(sum, taken)) > LONG:
            break
    return statistics.median(taken[0]), statistics.median(taken[1])


def main(few: int = 10_000, many: int = 1_000_000, rounds: int = 5) -> bool:
    """Print the times and how they grow; true where a target is missed."""
    place = os.environ.get("GROWTH_IN")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(place or temporary)
        opened = [make(root / f"{plans}", plans) for plans in (few, many)]
        sides = [operations(each, plans) for each, plans in zip(opened, (few, many), strict=True)]
        times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in sides[0]}
        for _ in range(rounds):
            for name in times:
                found = measured(sides[0][name], sides[1][name], ADVANCES if name == "advance" else QUESTIONS)
                for side in (0, 1):
                    times[name][side].append(found[side])
        for each in opened:
            each.close()
    missed = False
    for name, (small, large) in times.items():
        growth = statistics.median(b / a for a, b in zip(small, large, strict=True))
        most = AT_MOST.get(name, PAGE_AT_MOST)
        missed |= growth > most
        print(
            f"{name:24} {statistics.median(small) * 1e3:10.2f} ms {statistics.median(large) * 1e3:10.2f} ms"
            f"   {growth:8.2f} times (at most {most}){' MISSED' if growth > most else ''}"
        )
    return missed


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
