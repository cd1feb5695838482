"""The loop of `workflow worker`: look at the outbox, hand over what is due, do what recurs, until told to stop."""

from __future__ import annotations

import os
import platform
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from workflow.errors import StorageUnusable
from workflow.service.delivering import AHEAD, DONE, PARKED
from workflow.store.effects import EffectRow, WorkerRow
from workflow.views.effects import Attempt
from workflow.views.plans import Write
from workflow.worker import engine as engines
from workflow.worker.hands import Hands
from workflow.worker.sealing import Sealer

if TYPE_CHECKING:
    from workflow.bootstrap import Workspace

BEAT: Final = 10.0
"""Seconds between two signs of life."""
GONE: Final = timedelta(seconds=60)
"""Without a sign of life for so long, a worker on another machine is taken for gone."""
_TIDY = 600.0
TICK: Final = 300.0
"""Seconds between two looks at what plans do by themselves; days pass slowly."""
TICK_FAILED: Final = "tick-failed"
_LOOK = 1.0
_MOMENT = 0.1
_PATIENCE = 60
"""So often in a row the database may be out of reach before the worker gives up."""
_STOP = 30.0
"""Seconds that what is under way is given when the worker is told to stop."""


@dataclass
class Job:
    """Something that recurs beside the effects: done at the start, also with `--once`, then every so many seconds."""

    every: float
    run: Callable[[], None]
    due: float = field(default=0.0)


class Worker:
    """Carries the effects of one workspace out.

    Args:
        told: Called with an effect's id and what became of it (`done`, `waiting`, `parked`), with a plan's id
            and `tick-failed`, or as `sealing.Sealer` says.
        jobs: What recurs beside.
    """

    def __init__(
        self,
        workspace: Workspace,
        concurrency: int | None = None,
        *,
        told: Callable[[str, str], None] = lambda id, state: None,
        jobs: Sequence[Job] = (),
    ) -> None:
        self._workspace = workspace
        self._service = workspace.service
        self._told = told
        self._concurrency = concurrency or self._service.delivery.concurrency
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._broken: set[tuple[str, str]] = set()
        self._in_hand: dict[tuple[str, int], float] = {}
        self._failures = 0
        self._lease = AHEAD * self._service.delivery.time_limit + 60
        self.counts: Counter[str] = Counter()
        self.id = f"{platform.node() or 'host'}-{os.getpid()}-{secrets.token_hex(3)}"
        self._life = WorkerRow(self.id, platform.node() or "-", os.getpid(), engines.VERSION, "", "")
        own = (Job(BEAT, self._beat), Job(_TIDY, self._tidy), Job(_LOOK, self._look_after), Job(TICK, self._tick))
        self._jobs = [*own, *jobs]
        if (every := workspace.settings.seals.every) is not None:
            sealer = Sealer(workspace, every, told)
            self._jobs.append(Job(sealer.look, sealer.run))
        self._hands = Hands(workspace.root, self._concurrency)
        self._engine: engines.Engine

    def stop(self, *_: Any) -> None:
        """Take nothing more in hand and come to an end; may be called by a signal or another thread."""
        self._stop.set()

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; with *once*, until nothing is due.

        Raises:
            InvalidInput: If DBOS is not installed.
            StorageUnusable: If its tables, or ours, cannot be used.
        """
        # The first sign of life says before anything is taken that somebody is there.
        self._life = self._service.sign_of_life(self._life)
        url = engines.engine_url(self._workspace.database, self._workspace.root)
        try:
            self._engine = engines.Engine(url, self.id, AHEAD * self._concurrency, self._carry_out, self._tell)
        except BaseException:
            # Who cannot start was never there: else the doctor would take what waits for looked after.
            self._service.store.forget_worker(self.id)
            raise
        try:
            while not self._stop.is_set():
                wait = self._turn(once)
                if wait is None:
                    break
                self._stop.wait(wait)
            self._wait_for_the_last()
        finally:
            self._engine.close()
            self._hands.close()
            self._service.release(self.id)
            self._service.sign_of_life(self._life, ended=True)

    def _turn(self, once: bool) -> float | None:
        """Look once at everything; returns how long to wait for the next turn, None where there is none."""
        try:
            self._do_jobs()
            taken = self._hand_over()
        except StorageUnusable:
            # A server that restarts comes back; a worker that leaves with it may not.
            self._failures += 1
            if once or self._failures > _PATIENCE:
                raise
            return min(2.0**self._failures, BEAT)
        self._failures = 0
        if once and not taken and not self._busy:
            return None
        # While there is something under way, its place may be free in a moment.
        return _MOMENT if self._busy else self._service.delivery.poll

    # what recurs

    def _do_jobs(self) -> None:
        for job in self._jobs:
            now = time.monotonic()
            if now >= job.due:
                job.run()
                job.due = now + job.every

    def _beat(self) -> None:
        self._life = self._service.sign_of_life(self._life)
        self._service.take_over(self.id, _is_gone)

    def _tick(self) -> None:
        """Record what plans did by themselves since, and whom it is time to remind."""
        # People and calendar may have been loaded by somebody else since the last time.
        self._service.forget_people()
        self._service.forget_calendar()
        for ticked in self._service.tick_plans(Write(actor=None)):
            if ticked.error is not None and (ticked.plan, ticked.error.code) not in self._broken:
                self._broken.add((ticked.plan, ticked.error.code))
                self._told(ticked.plan, TICK_FAILED)
            if self._stop.is_set():
                return

    def _look_after(self) -> None:
        """Free the places of what is no longer in this worker's hands, or was never ended."""
        with self._lock:
            held = dict(self._in_hand)
        for (id_, tries), last in held.items():
            row = self._service.store.effect(id_)
            ours = row is not None and (row.state, row.tries, row.worker) == ("waiting", tries, self.id)
            if not ours or time.monotonic() > last:
                self._let_go(id_, tries)

    def _tidy(self) -> None:
        self._engine.tidy([row.id for row in self._service.store.workers()])

    # from the outbox to the queue

    @property
    def _busy(self) -> int:
        with self._lock:
            return len(self._in_hand)

    def _hand_over(self) -> int:
        """Queue what is due, no more than there are places; returns how many."""
        room = AHEAD * self._concurrency - self._busy
        if room <= 0:
            return 0
        rows = self._service.take_effects(self.id, room)
        for row in rows:
            self._queue(row)
        return len(rows)

    def _queue(self, row: EffectRow) -> None:
        key = self._service.effect(row.id).key
        before = self._engine.ended(key, row.tries - 1) if row.tries > 1 else None
        if before is not None and before["word"] == "done":
            # Its worker was killed between carrying it out and telling so.
            self._tell(row.id, row.tries, before)
            return
        with self._lock:
            self._in_hand[row.id, row.tries] = time.monotonic() + self._lease
        self._engine.queue(key, row.id, row.tries)

    # from the queue to the handler: called by the engine's threads

    def _carry_out(self, id: str, tries: int) -> Mapping[str, Any] | None:
        ended = None
        try:
            with self._hands.lent() as hand:
                errand = None if self._stop.is_set() else self._service.begin_effect(id, tries, self.id)
                if errand is not None:
                    ended = hand.carry_out(errand, self._service.delivery.time_limit).as_data()
        finally:
            if ended is None:
                self._let_go(id, tries)
        return ended

    def _tell(self, id: str, tries: int, ended: Mapping[str, Any]) -> str:
        try:
            state = self._service.end_effect(id, tries, Attempt.from_data(ended))
            self.counts[state] += 1
            self._told(id, state)
        finally:
            self._let_go(id, tries)
        return state

    def _let_go(self, id: str, tries: int) -> None:
        with self._lock:
            self._in_hand.pop((id, tries), None)

    def _wait_for_the_last(self) -> None:
        last = time.monotonic() + min(_STOP, self._service.delivery.time_limit + 5)
        while self._busy and time.monotonic() < last:
            time.sleep(_MOMENT)


def _is_gone(worker: WorkerRow, now: datetime) -> bool:
    """True if a worker on this machine has no process any more, or one elsewhere was silent for too long."""
    if worker.host == platform.node() and not _runs(worker.pid):
        return True
    return datetime.fromisoformat(worker.seen_at) < now - GONE


def _runs(pid: int) -> bool:
    if os.name != "posix":
        # There the same call ends the process that it asks for: only its silence tells.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def settled(counts: Mapping[str, int]) -> dict[str, int]:
    """How many tries ended how: carried out, to be repeated, parked."""
    return {"done": counts[DONE], "waiting": counts["waiting"], "parked": counts[PARKED]}
