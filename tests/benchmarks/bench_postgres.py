"""Advances a second through the service on PostgreSQL, beside the same rows written by bare psycopg under a row lock.

Run: python tests/benchmarks/bench_postgres.py [ROUNDS] [PLANS]. A server of our own, found as for the tests, with
fsync and synchronous_commit on, on the same cores as the writers. In every round each case is measured on both
sides, in turned order; a ratio is the median of the rounds' ratios. The bare side reads the plan FOR UPDATE,
updates it, inserts events, what they are about and work items, and commits: statement by statement, prepared, in
the same tables with the same indexes and triggers.

Targets: one writer 0.75, eight writers on distinct plans 0.6, eight writers on one plan 0.5.
"""

from __future__ import annotations

import gc
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg
from engine import OFFICER, STAGES, workspace
from postgres_kit import Server

from workflow.bootstrap import open_workspace
from workflow.errors import Conflict
from workflow.store.sql import SqlStore
from workflow.views.plans import Outcome

SETTINGS = """
fsync = on
full_page_writes = on
shared_buffers = 512MB
autovacuum = on
max_wal_size = 4GB
"""
SECONDS = 2.0
BUSY = 20
LIFE = 24
"""How often the one plan moves on before the next one takes its place: about as often as a plan of an office does."""
RINGS = 250
"""More plans of such a life than a round uses up."""
WARM = 2
"""Stages before the clock starts: both sides have their statements prepared and their plans of execution made."""
RING = """\
workflow: 1
id: ring
version: 1
title: Vòng
by: drafter
stages:
  a: {title: A, transitions: {go: {to: b}}}
  b: {title: B, transitions: {go: {to: a}, end: {to: c}}}
  c: {title: C, final: true}
"""
TABLES = ("plan", "event", "work_item", "event_about")
Work = Callable[[], int]

fork = multiprocessing.get_context("fork")


def together(makers: list[Callable[[], Work]]) -> float:
    """Let processes get ready, start them at once; what they did a second, from the start to the last one's end."""
    barrier, done = fork.Barrier(len(makers) + 1), fork.Queue()

    def run(make: Callable[[], Work]) -> None:
        work = make()
        # What was imported lives for ever: the collector need not walk it in the middle of a round.
        gc.collect()
        gc.freeze()
        barrier.wait()
        done.put((work(), time.perf_counter()))

    processes = [fork.Process(target=run, args=(make,)) for make in makers]
    for process in processes:
        process.start()
    barrier.wait()
    began = time.perf_counter()
    results = [done.get() for _ in processes]
    for process in processes:
        process.join()
    return sum(count for count, _ in results) / (max(ended for _, ended in results) - began)


def shares(plans: int, writers: int) -> list[list[str]]:
    """The plans' ids, dealt out to the writers."""
    ids = [f"p{number:04d}" for number in range(plans)]
    return [ids[writer::writers] for writer in range(writers)]


def turned(stages: int, plans: list[Any], once: Callable[[Any, int], object]) -> int:
    """Take every plan so many stages on, in turns; how often that was."""
    for step in range(stages):
        for plan in plans:
            once(plan, step)
    return stages * len(plans)


# through the service


def advancing(folder: Path, url: str, own: list[str]) -> Callable[[], Work]:
    """A writer that takes its plans from their first stage to their last, in turns."""

    def make() -> Work:
        service = open_workspace(folder, url).service
        turned(WARM, own, lambda plan, _: service.advance(plan, "forward", OFFICER))
        return lambda: turned(STAGES - WARM, own, lambda plan, _: service.advance(plan, "forward", OFFICER))

    return make


def ring(number: int) -> str:
    """The id of the plan that everybody moves on, the *number*-th of them."""
    return f"ring{number:03d}"


def insisting(folder: Path, url: str) -> Callable[[], Work]:
    """A writer that moves the one plan on, again and again; all turn to the next when it has lived its life.

    After a lost attempt it waits for its turn, and does so from the start for the next `BUSY` advances.
    """

    def make() -> Work:
        service = open_workspace(folder, url).service
        service.plans(limit=1)

        busy = current = 0

        def moved() -> Outcome:
            nonlocal busy
            plan = ring(current)
            busy -= 1
            if busy < 0:
                try:
                    return service.advance(plan, "go", OFFICER)
                except Conflict:
                    busy = BUSY
            with service.store.turn(plan):
                return service.advance(plan, "go", OFFICER)

        def once() -> None:
            nonlocal current
            current += moved().plan.revision >= LIFE

        return for_a_while(once)

    return make


def for_a_while(once: Callable[[], None]) -> Work:
    """Do it for `SECONDS`."""

    def work() -> int:
        count, end = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            once()
            count += 1
        return count

    return work


# by hand


class Bare:
    """Statements for the three tables, on one connection."""

    def __init__(self, url: str) -> None:
        self.execute = psycopg.connect(url, autocommit=True, prepare_threshold=0).cursor(binary=True).execute
        columns = {name: self._columns(name) for name in TABLES}
        self.select = "select * from plan where id = %s for update"
        self.update = f"update plan set {', '.join(f'{name} = %s' for name in columns['plan'])} where id = %s"
        event, item, self.about = (
            f"insert into {t} values ({', '.join(['%s'] * len(columns[t]))})"
            for t in ("event", "work_item", "event_about")
        )
        changed = ", ".join(f"{name} = excluded.{name}" for name in columns["work_item"][4:])
        self.event, self.item = event, f"{item} on conflict (plan, step, round, key) do update set {changed}"

    def _columns(self, table: str) -> list[str]:
        rows = self.execute(
            "select column_name from information_schema.columns where table_name = %s "
            "and table_schema = 'public' order by ordinal_position",
            (table,),
        )
        return [f'"{row[0]}"' for row in rows.fetchall()]

    def write(
        self,
        plan: tuple[Any, ...],
        events: list[tuple[Any, ...]],
        items: list[tuple[Any, ...]],
        about: list[tuple[Any, ...]],
    ) -> None:
        """One advance."""
        self.execute("begin")
        self.execute(self.select, (plan[0],)).fetchone()
        self.execute(self.update, (*plan, plan[0]))
        for row in events:
            self.execute(self.event, row)
        for row in items:
            self.execute(self.item, row)
        for row in about:
            self.execute(self.about, row)
        self.execute("commit")


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Per plan what each advance of the service wrote: (plan row, events, work items, what the events are about)."""
    with closing(psycopg.connect(url)) as connection:
        plans = {row[0]: row for row in connection.execute("select * from plan where id like 'p%'")}
        about: dict[tuple[str, int], list[Any]] = {}
        for row in connection.execute("select * from event_about where plan like 'p%'"):
            about.setdefault((row[2], row[3]), []).append(row)
        advances: dict[str, list[Any]] = {plan: [] for plan in plans}
        for row in connection.execute("select * from event where plan like 'p%' order by plan, seq"):
            if row[2] == "transition_fired":
                advances[row[0]].append((plans[row[0]], [], [], []))
            if advances[row[0]]:
                advances[row[0]][-1][1].append(row)
                advances[row[0]][-1][3].extend(about.get((row[0], row[1]), ()))
        items: dict[str, list[Any]] = {plan: [] for plan in plans}
        for row in connection.execute("select * from work_item where plan like 'p%' order by plan, length(step), step"):
            items[row[0]].append(row)
    for plan, own in advances.items():
        # An advance closes what was owed in the stage it leaves and opens what is owed in the next.
        for number, (left, entered) in zip(range(len(own)), pairwise([*items[plan], None]), strict=False):
            own[number][2].extend(row for row in (left, entered) if row is not None)
    return advances


def by_hand(url: str, own: list[list[Any]]) -> Callable[[], Work]:
    """A writer that writes the service's rows again."""

    def make() -> Work:
        bare = Bare(url)
        turned(WARM, own, lambda advances, step: bare.write(*advances[step]))
        return lambda: turned(STAGES - WARM, own, lambda advances, step: bare.write(*advances[step + WARM]))

    return make


def by_hand_on_one(url: str, state: bytes, event: tuple[Any, ...], about: list[tuple[Any, ...]]) -> Callable[[], Work]:
    """A writer that moves one plan on under its row lock; what it writes is what the service writes halfway."""

    def make() -> Work:
        bare = Bare(url)
        current = 0

        def once() -> None:
            nonlocal current
            bare.execute("begin")
            plan = bare.execute(bare.select, (ring(current),)).fetchone()
            seq = plan[6] + 1
            bare.execute(bare.update, (*plan[:6], seq, *plan[7:10], state, *plan[11:], plan[0]))
            bare.execute(bare.event, (plan[0], seq, *event[2:]))
            for subject, recorded_at in about:
                bare.execute(bare.about, (subject, recorded_at, plan[0], seq))
            bare.execute("commit")
            current += seq >= LIFE

        return for_a_while(once)

    return make


# rounds


class Round:
    """Databases of one round: one for each side of each case."""

    def __init__(self, server: Server, folder: Path, template: str) -> None:
        self.server, self.folder, self.template = server, folder, template

    def database(self) -> str:
        """A database with our tables, people and definitions."""
        return self.server.new_database(self.template)

    def distinct(self, plans: int, writers: int, first: bool) -> tuple[float, float]:
        """Advances a second of the service and by hand; *first*: the service is measured first."""
        url, bare = self.database(), self.database()
        with closing(open_workspace(self.folder, url)) as made:
            for share in shares(plans, writers):
                for plan in share:
                    made.service.create("line", plan, OFFICER)
        copied = self.server.new_database(url.rpartition("/")[2])
        makers = [advancing(self.folder, url, share) for share in shares(plans, writers)]
        if not first:
            # The bare side needs the service's rows, so that they are made once more, unmeasured.
            together([advancing(self.folder, copied, share) for share in shares(plans, writers)])
            rows = rows_of(copied)
        else:
            ours = together(makers)
            rows = rows_of(url)
        self._begin_by_hand(bare, url if first else copied)
        theirs = together([by_hand(bare, [rows[plan] for plan in share]) for share in shares(plans, writers)])
        if not first:
            ours = together(makers)
        for used in (url, bare, copied):
            self.server.drop(used)
        return ours, theirs

    def _begin_by_hand(self, bare: str, source: str) -> None:
        """Put the plans as they were created into the bare side's database."""
        with closing(psycopg.connect(source)) as read, closing(psycopg.connect(bare, autocommit=True)) as written:
            for table, of in (("plan", "id"), ("event", "plan")):
                rows = read.execute(f"select * from {table} where {of} like 'p%' order by {of}").fetchall()
                if table == "event":
                    fired: set[str] = set()
                    kept = []
                    for row in sorted(rows, key=lambda row: (row[0], row[1])):
                        fired |= {row[0]} if row[2] == "transition_fired" else set()
                        kept += [row] if row[0] not in fired else []
                    rows = kept
                for row in rows:
                    written.execute(f"insert into {table} values ({', '.join(['%s'] * len(row))})", row)

    def contended(self, writers: int, first: bool) -> tuple[float, float]:
        """Advances a second of one plan by many writers, of the service and by hand."""
        url = self.database()
        with closing(open_workspace(self.folder, url)) as made:
            for number in range(RINGS):
                made.service.create("ring", ring(number), OFFICER)
            made.service.create("ring", "sample", OFFICER)
            for _ in range(LIFE // 2):
                made.service.advance("sample", "go", OFFICER)
        bare = self.server.new_database(url.rpartition("/")[2])
        with closing(psycopg.connect(bare)) as connection:
            (state,) = connection.execute("select state from plan where id = 'sample'").fetchone()
            event = connection.execute("select * from event where plan = 'sample' order by seq desc").fetchone()
            told = "select subject, recorded_at from event_about where plan = 'sample' and seq = %s"
            about = connection.execute(told, (event[1],)).fetchall()

        def ours() -> float:
            return together([insisting(self.folder, url)] * writers)

        def theirs() -> float:
            return together([by_hand_on_one(bare, state, event, about)] * writers)

        measured = {side: side() for side in ((ours, theirs) if first else (theirs, ours))}
        with closing(open_workspace(self.folder, url)) as made:
            assert not made.service.record.verify().findings
        for used in (url, bare):
            self.server.drop(used)
        return measured[ours], measured[theirs]


def main(rounds: int = 5, plans: int = 48) -> None:
    """Print each round's rates and ratios, and the medians."""
    server = Server(SETTINGS)
    server.start()
    ratios: dict[str, list[float]] = {}
    rates: dict[str, list[tuple[float, float]]] = {}
    try:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "office"
            template = server.new_database()
            SqlStore(template).close()
            made = workspace(folder)
            made.close()
            (folder / "definitions" / "ring.yaml").write_text(RING, encoding="utf-8")
            with closing(open_workspace(folder, template)) as opened:
                opened.service.load_people((folder / "people.yaml").read_bytes(), "people.yaml", OFFICER_ALONE)
            for number in range(rounds):
                one = Round(server, folder, template.rpartition("/")[2])
                first = number % 2 == 0
                measured = {
                    "1 writer": one.distinct(plans, 1, first),
                    "8 writers, distinct plans": one.distinct(plans, 8, first),
                    "8 writers, one plan": one.contended(8, first),
                }
                for name, (ours, theirs) in measured.items():
                    ratios.setdefault(name, []).append(ours / theirs)
                    rates.setdefault(name, []).append((ours, theirs))
                    print(f"{name:28} service {ours:7.0f}/s   by hand {theirs:7.0f}/s   ratio {ours / theirs:.2f}")
    finally:
        server.remove()
    for name, target in (("1 writer", 0.75), ("8 writers, distinct plans", 0.6), ("8 writers, one plan", 0.5)):
        ours, theirs = (statistics.median(side) for side in zip(*rates[name], strict=True))
        print(
            f"median {name:28} {ours:6.0f}/s beside {theirs:6.0f}/s, ratio {statistics.median(ratios[name]):.2f} "
            f"({min(ratios[name]):.2f} to {max(ratios[name]):.2f}; target {target})"
        )


if __name__ == "__main__":
    from workflow.views.plans import Write

    OFFICER_ALONE = Write(actor=None)
    main(*(int(argument) for argument in sys.argv[1:]))
