"""`workflow worker`: carries effects out until it is told to stop."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click

from workflow.cli.options import command, option
from workflow.cli.output import Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings

TOLD = {
    "done": N_("{id}: done"),
    "waiting": N_("{id}: failed, will be tried again"),
    "parked": N_("{id}: parked"),
    "sealed": N_("sealed: {id}"),
    "seal-failed": N_("the record could not be sealed ({id}); `workflow audit seal` says why"),
    "tick-failed": N_("{id}: what it did by itself cannot be recorded; `workflow tick {id}` says why"),
}


@command(example="workflow worker --once")
@option("--once", is_flag=True, help=N_("Do what is due and leave; for a scheduled job."))
@option("--concurrency", type=click.IntRange(1, 64), metavar="NUMBER", help=N_("So many at once (else [worker] says)."))
def worker(settings: Settings, once: bool, concurrency: int | None) -> None:
    """Carry effects out, as often as it takes; several workers share the work."""
    from workflow.worker.worker import Worker, settled

    screen = Screen(settings)

    def told(id: str, state: str) -> None:
        if state in TOLD:
            screen.say(TOLD[state], id=id)

    running = Worker(settings.opened, concurrency, told=told)
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), running.stop)
    screen.say(N_("Worker {id} looks at the outbox; Ctrl-C ends it in order."), id=running.id)
    running.run(once=once)
    counts = settled(running.counts)
    if settings.as_json:
        screen.json({"id": running.id, **counts})
    else:
        screen.line(screen.words(N_("done: {done}, to be tried again: {waiting}, parked: {parked}"), **counts))
