"""`doctor --replay`: every plan read again with the code installed now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow.cli.output import Screen
from workflow.cli.progress import Progress
from workflow.errors import N_, Phrase, ProblemsFound

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.replays import Replayed, Unreadable

_REBUILD = Phrase(
    N_("its rows are not what its events give now: `audit verify` says why, `db rebuild` makes them anew")
)


def replay_plans(settings: Settings) -> None:
    """Replay every plan, one after the other, and print what cannot be read.

    Raises:
        ProblemsFound: If there is anything to tell.
    """
    record, screen = settings.service.record, Screen(settings)
    # Ids alone are kept: a plan's events are forgotten before those of the next are read.
    progress = Progress(sum(1 for _ in record.plan_ids()))
    plans = events = 0
    shapes: list[dict[str, Any]] = []
    for id_ in record.plan_ids():
        found = record.replayed(id_)
        plans, events = plans + 1, events + found.events
        progress.step()
        for shape, line in _findings(screen, found):
            shapes.append(shape)
            if not settings.as_json:
                progress.aside()
                screen.line(line)
    if settings.as_json:
        screen.json({"plans": plans, "events": events, "well": not shapes, "findings": shapes})
    elif not shapes:
        text = N_("{plans} {plans|plan|plans} with {events} {events|event|events} can be read with what is installed.")
        screen.line(screen.words(text, plans=plans, events=events))
    if shapes:
        raise ProblemsFound(
            N_("{count} {count|thing needs|things need} somebody's attention."), code="unwell", count=len(shapes)
        )


def _findings(screen: Screen, found: Replayed) -> list[tuple[dict[str, Any], str]]:
    told = [(_shape(screen, one), _line(screen, one)) for one in found.unreadable]
    if found.rebuild:
        why = screen.catalogue.text(_REBUILD)
        nothing = dict.fromkeys(("seq", "step", "plugin", "recorded", "installed"))
        told.append(({"id": found.plan, "plan": found.plan, **nothing, "message": why}, f"{found.plan}: {why}"))
    return told


def _shape(screen: Screen, one: Unreadable) -> dict[str, Any]:
    return {
        "id": f"{one.plan}#{one.seq}",
        "plan": one.plan,
        "seq": one.seq,
        "step": one.step,
        "plugin": one.plugin,
        "recorded": one.recorded,
        "installed": one.installed,
        "message": screen.catalogue.text(one.why),
    }


def _line(screen: Screen, one: Unreadable) -> str:
    why = screen.catalogue.text(one.why)
    if one.plugin is None:
        return f"{one.plan} {one.seq}: {why}"
    text = N_("{place}: recorded at {step} by `{plugin}` version {recorded}, here is {installed}: {why}")
    return screen.words(
        text,
        place=f"{one.plan} {one.seq}",
        step=one.step or "-",
        plugin=one.plugin,
        recorded=one.recorded or "-",
        installed=one.installed or "-",
        why=why,
    )
