"""Questions about plans: `list`, `show`, `next`, `due`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from workflow.cli.failures import named, who_and_when
from workflow.cli.lists import MOST, by_day, day_and_late, print_later_days, print_more, print_owed
from workflow.cli.options import STARTED, command, option, page_after, page_limit, plan_argument, two_times
from workflow.cli.output import NO_BREAK, Screen
from workflow.cli.shapes import Shapes, listing
from workflow.cli.words import state_words, window_words
from workflow.errors import N_, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow.cli.settings import Settings
    from workflow.views import plans as views

OPEN_STATES = ("active", "suspended")
NAMED = 4
"""So many who may do an action are named in the table; `--json` names them all."""


@command(example="workflow list")
@option("--open", "only_open", is_flag=True, help=N_("Leave out finished and cancelled plans."))
@option("--stage", metavar="STAGE", help=N_("Only plans in this stage."))
@option("--late", is_flag=True, help=N_("Only plans whose stage is late."))
@two_times
@page_after
@page_limit
def list_plans(
    settings: Settings, only_open: bool, stage: str | None, late: bool, on: date | None, after: str, limit: int
) -> None:
    """List the plans and where they stand, finished ones too."""
    found: list[views.PlanSummary] = []
    for state in OPEN_STATES if only_open else (None,):
        # One more than asked for shows whether there is a next page.
        found += settings.service.plans(status=state, stage=stage, late=late, on=on, after=after, limit=limit + 1)
    found.sort(key=lambda plan: plan.id)
    page, following = found[:limit], found[limit - 1].id if len(found) > limit else None
    screen = Screen(settings)
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(listing("plans", [shapes.summary(plan) for plan in page], following))
        return
    if not page:
        _say_none(settings, screen)
        return
    headers = [N_("plan"), N_("title"), N_("stage"), N_("state"), N_("due"), N_("revision")]
    screen.table(headers, [_plan_row(screen, plan) for plan in page], whole=0)
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)


def _say_none(settings: Settings, screen: Screen) -> None:
    if settings.service.plans(limit=1):
        screen.say(N_("No plan is like that; `workflow list` shows all of them."))
    else:
        screen.say(N_("There is no plan yet. `workflow definition list` shows what a plan can follow,"))
        screen.say(N_("`workflow create DEFINITION --id ID` starts one."))


def _plan_row(screen: Screen, plan: views.PlanSummary) -> tuple[object, ...]:
    return (
        plan.id,
        screen.title(plan.title),
        _stage_name(screen, plan),
        state_words(plan.status, screen.catalogue),
        day_and_late(screen, plan.due_on, plan.late),
        plan.revision,
    )


def _stage_name(screen: Screen, plan: views.PlanSummary) -> str:
    title = screen.title(plan.stage_title)
    return f"{plan.stage_label}. {title}" if plan.stage_label else title


@command(example="workflow show 25-KH-KHCN-2019")
@plan_argument
@click.argument("step", required=False)
@two_times
@option("--all", "everything", is_flag=True, help=N_("Show what is done and over too, and long lists whole."))
def show(settings: Settings, plan: str, step: str | None, on: date | None, everything: bool) -> None:
    """Show where a plan stands: its stages, its steps and what is owed; with STEP all of that step."""
    detail = settings.service.plan(plan, on=on)
    screen = Screen(settings)
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        tables = () if step is None else settings.service.step_tables(detail, _address(settings, detail, step))
        screen.json({**shapes.plan(detail), **({"tables": [shapes.table(each) for each in tables]} if tables else {})})
        return
    # What only this command and `overview` print is read when it is asked for.
    from workflow.cli.overview import print_standing
    from workflow.cli.step import print_blockers, print_steps, show_step

    _print_head(screen, detail.summary)
    if step is not None:
        show_step(settings, screen, detail, _address(settings, detail, step), whole=everything)
        return
    most, command = None if everything else MOST, f"workflow show {detail.summary.id} --all"
    if detail.amended:
        screen.line(screen.words(N_("amended for this plan alone: {definition}"), definition=detail.amended))
    print_standing(settings, screen, detail.standing, most)
    _print_stages(screen, detail.stages)
    steps = [each for each in detail.steps if everything or not (each.complete or each.ended)]
    if steps:
        told = [reason.phrase for move in detail.standing.blocked for reason in move.reasons]
        print_steps(settings, screen, steps)
        print_blockers(settings, screen, steps, told, most, command)
    owed = [item for item in detail.owed if everything or item.open]
    if owed:
        screen.heading(N_("Owed"))
        print_owed(screen, by_day(owed)[:most])
        print_more(screen, len(owed), most, command)
    if detail.state.numbers:
        screen.heading(N_("Numbers"))
        name = settings.service.register.name
        rows = [
            (given.symbol, given.on, given.document, screen.title(name(given.by or "")) or given.by)
            for given in detail.state.numbers
        ]
        screen.table([N_("number"), N_("day"), N_("document"), N_("by")], rows)
    if detail.state.revisions:
        screen.heading(N_("Drafts"))
        documents = settings.service.processes.definition(detail.state.definition).documents
        rows = [
            (screen.title(documents[made.document].title), made.document, made.name, made.made_on, made.step)
            for made in detail.state.revisions
        ]
        screen.table([N_("title"), N_("document"), N_("draft"), N_("made"), N_("step")], rows)


def _address(settings: Settings, detail: views.PlanDetail, step: str) -> str:
    definition = settings.service.processes.definition(detail.state.definition)
    address = definition.full_address(step, detail.state.stage)
    if address is None or address not in detail.state.steps:
        raise NotFound(
            N_("plan {plan} has no step `{step}` that was opened"),
            code="unknown-step",
            hint=N_("`workflow show {plan} --all` lists them"),
            plan=detail.summary.id,
            step=step[:120],
        )
    return address


def _print_head(screen: Screen, plan: views.PlanSummary) -> None:
    screen.line(f"{plan.id}  {screen.title(plan.title)}", bold=True)
    screen.line(
        screen.words(
            N_("{state}, revision {revision}, definition {definition} version {version}"),
            state=state_words(plan.status, screen.catalogue),
            revision=plan.revision,
            definition=plan.definition,
            version=plan.version,
        )
    )
    stage = screen.words(N_("Stage: {stage} ({id})"), stage=_stage_name(screen, plan), id=plan.stage)
    due = screen.words(N_("due {day}"), day=plan.due_on) if plan.due_on else ""
    screen.line("  ".join(part for part in (stage, day_and_late(screen, due, plan.late)) if part))
    if plan.simulated:
        screen.line(screen.words(N_("Its trail was made with a simulated clock.")))


def _print_stages(screen: Screen, stages: Sequence[views.StageDetail]) -> None:
    screen.heading(N_("Stages"))
    rows = []
    for stage in stages:
        *earlier, (entered, left) = stage.visits or [(None, None)]
        mark = ">" if stage.current else ""
        name = f"{stage.label}. {screen.title(stage.title)}" if stage.label else screen.title(stage.title)
        planned = day_and_late(screen, window_words(stage.due, screen.catalogue), stage.late, stage.due.get("original"))
        # Each stay has its line: a stage that was left and entered again was there twice.
        for at, stay in enumerate((*earlier, (entered, left))):
            last = at == len(earlier)
            days = [screen.day(day) for day in stay]
            rows.append((mark if last else "", "" if at else name, "" if at else planned, *days))
    screen.table(["", N_("stage"), N_("planned"), N_("entered"), N_("left")], rows)


@command(example=STARTED + "workflow next 1-KH-MAU --as van-thu")
@plan_argument
def next_(settings: Settings, plan: str) -> None:
    """Show what can be done now, by whom, and what blocks the rest, with every reason."""
    detail = settings.service.next(plan, actor=settings.reader)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(Shapes(screen.catalogue).next(detail))
        return
    _print_head(screen, detail.summary)
    _print_moves(settings, screen, detail.moves)
    if detail.actions:
        screen.heading(N_("Actions"))
        rows = [_action_row(settings, screen, possible) for possible in detail.actions]
        screen.table([N_("step"), N_("action"), N_("what"), N_("who")], rows)
    print_later_days(screen, detail.later_days)
    if detail.notes:
        screen.heading(N_("To be known"))
    for note in detail.notes:
        screen.line(f"- {screen.catalogue.text(note.phrase)}{who_and_when(note, settings)}", indent=2)


def _print_moves(settings: Settings, screen: Screen, moves: Sequence[views.Move]) -> None:
    possible = [move for move in moves if not move.reasons]
    blocked = [move for move in moves if move.reasons]
    if possible:
        screen.heading(N_("Possible moves"))
        for move in possible:
            screen.line(_move_words(settings, screen, move), indent=2)
    if blocked:
        screen.heading(N_("Blocked moves"))
    for move in blocked:
        screen.line(_move_words(settings, screen, move), indent=2)
        for reason in move.reasons:
            screen.line(f"- {screen.catalogue.text(reason.phrase)}{who_and_when(reason, settings)}", indent=4)


def _move_words(settings: Settings, screen: Screen, move: views.Move) -> str:
    words = f"{move.trigger} -> {screen.title(move.to_title)} ({move.to})"
    if move.by:
        words += "; " + screen.words(N_("by {who}"), who=named(move.by, settings))
    return words + _not_you(screen, move.permitted)


def _action_row(settings: Settings, screen: Screen, possible: views.Possible) -> tuple[object, ...]:
    step = possible.step if possible.round == 1 else f"{possible.step}@{possible.round}"
    who = named(possible.by, settings, NAMED) + _not_you(screen, possible.permitted)
    return step, possible.action.name, screen.title(possible.action.title), who


def _not_you(screen: Screen, permitted: bool | None) -> str:
    return " " + screen.words(N_("(not you)")).replace(" ", NO_BREAK) if permitted is False else ""
