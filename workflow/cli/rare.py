"""Rare changes: `suspend`, `resume`, `cancel`, `reopen`, `correct`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import STARTED, command, option, plan_argument, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings

_reason = option("--reason", required=True, metavar="TEXT", help=N_("Why; it stands in the trail."))
_ORDERED = N_("The document that orders it: number and day.")
_document = option("--document", metavar="TEXT", help=_ORDERED)
_required_document = option("--document", required=True, metavar="TEXT", help=_ORDERED)
_STOPPED = STARTED + 'workflow suspend 1-KH-MAU --reason "waiting for the decree" --as van-thu\n'
_DONE = STARTED + "workflow act 1-KH-MAU collect complete --as van-thu\n"


@command(example=_STOPPED)
@plan_argument
@_reason
@_document
@writing
def suspend(settings: Settings, plan: str, reason: str, document: str | None, **options: Any) -> None:
    """Stop PLAN for a while: nothing can be done on it until it is resumed."""
    write = write_from(settings, options)
    show_outcome(settings, settings.service.suspend(plan, write, reason=reason, document=document))


@command(example=_STOPPED + 'workflow resume 1-KH-MAU --reason "the decree is out" --as van-thu')
@plan_argument
@_reason
@_document
@writing
def resume(settings: Settings, plan: str, reason: str, document: str | None, **options: Any) -> None:
    """Let a suspended PLAN go on."""
    write = write_from(settings, options)
    show_outcome(settings, settings.service.resume(plan, write, reason=reason, document=document))


@command(example=STARTED + 'workflow cancel 1-KH-MAU --reason "replaced" --document "12/QĐ-UBND" --as van-thu')
@plan_argument
@_reason
@_required_document
@writing
def cancel(settings: Settings, plan: str, reason: str, document: str, **options: Any) -> None:
    """End PLAN before its time."""
    write = write_from(settings, options)
    show_outcome(settings, settings.service.cancel(plan, write, reason=reason, document=document))


@command(example='workflow reopen 25-KH-KHCN-2019 --reason "the session sent it back" --as van-thu')
@plan_argument
@_reason
@_document
@writing
def reopen(settings: Settings, plan: str, reason: str, document: str | None, **options: Any) -> None:
    """Open a finished or cancelled PLAN again."""
    write = write_from(settings, options)
    show_outcome(settings, settings.service.reopen(plan, write, reason=reason, document=document))


@command(example=_DONE + 'workflow correct 1-KH-MAU 4 --reason "wrong unit" --as van-thu')
@plan_argument
@click.argument("seq", type=click.IntRange(1))
@_reason
@writing
def correct(settings: Settings, plan: str, seq: int, reason: str, **options: Any) -> None:
    """Undo event SEQ of PLAN, entered in error, by a new event; nothing is deleted."""
    write = write_from(settings, options)
    show_outcome(settings, settings.service.correct(plan, seq, write, reason=reason))
