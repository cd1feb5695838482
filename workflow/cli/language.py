"""The language's tools: `check`, `graph`, `definition list/show`, `plugin list`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import command, option, two_times
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.cli.words import window_words
from workflow.errors import N_, InvalidInput, NotFound, ProblemsFound

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings
    from workflow.language.definition import Definition, Step
    from workflow.language.loader import Loaded
    from workflow.language.problems import Problem
    from workflow.plan.state import PlanState
    from workflow.registry import PluginInfo

SUFFIXES = (".yaml", ".yml")


@command(example="workflow check")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
def check(settings: Settings, files: tuple[Path, ...]) -> None:
    """Look for mistakes in FILEs (else in the workspace's definitions).

    Exit 6 if there are errors or warnings; notes alone are no failure.
    """
    screen = Screen(settings)
    workspace = settings.opened if settings.find_workspace() is not None or not files else None
    paths = list(files) or sorted(workspace.settings.definitions.glob("*.yaml"))
    paths = [path for path in paths if files or not path.name.endswith(".scenario.yaml")]
    register = workspace.register if workspace is not None else None
    if register is None or not register.units:
        screen.say(N_("Without a register of people: units, offices and people are not checked."))
        register = None
    problems = [problem for path in paths for problem in _problems_of(settings, path, register)]
    _print_problems(settings, screen, problems)
    counted = Counter(problem.severity for problem in problems)
    if counted["error"] or counted["warning"]:
        raise ProblemsFound(
            N_("Found: errors {errors}, warnings {warnings}, notes {notes}; files checked: {files}."),
            errors=counted["error"],
            warnings=counted["warning"],
            notes=counted["note"],
            files=len(paths),
        )
    screen.say(N_("No mistakes found; files checked: {files}."), files=len(paths))


def _problems_of(settings: Settings, path: Path, register: Any) -> Sequence[Problem]:
    from workflow.check import check as find_problems
    from workflow.check.remainder import is_follow_up
    from workflow.language.loader import load_path
    from workflow.language.problems import DefinitionInvalid

    try:
        loaded = load_path(path)
    except DefinitionInvalid as invalid:
        # A faulty value does not hide what else is wrong.
        found, rest = list(invalid.problems), _rest_of(path)
    else:
        found, rest = [], loaded
    if rest is not None:
        plugins = settings.registry
        more = find_problems(rest, plugins.step_types, set(plugins.guards), register, set(plugins.calendars))
        found += [problem for problem in more if not is_follow_up(problem)]
    return sorted(found, key=lambda problem: (problem.line, problem.column, problem.code))


def _rest_of(path: Path) -> Loaded | None:
    from workflow.check.remainder import remainder
    from workflow.language.loader import read_text
    from workflow.language.problems import DefinitionInvalid

    try:
        return remainder(read_text(path), str(path))
    except DefinitionInvalid:
        return None


def _print_problems(settings: Settings, screen: Screen, problems: Sequence[Problem]) -> None:
    words = screen.catalogue.text
    if settings.as_json:
        shown = [
            {
                "id": f"{problem.place}:{problem.code}",
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "code": problem.code,
                "severity": problem.severity,
                "message": words(problem.phrase),
                "hint": words(problem.hint) if problem.hint else None,
            }
            for problem in problems
        ]
        screen.json(listing("problems", shown))
        return
    severities = {"error": N_("error"), "warning": N_("warning"), "note": N_("note")}
    for problem in problems:
        hint = f"; {words(problem.hint)}" if problem.hint else ""
        severity = screen.words(severities[problem.severity])
        # Not wrapped: editors jump to FILE:LINE:COL at the beginning of a line.
        screen.lines(f"{problem.place}: {problem.code} {severity}: {words(problem.phrase)}{hint}")


@command(example="workflow graph 25-KH-KHCN-2019 --format dot > plan.dot")
@click.argument("thing", metavar="DEFINITION-or-FILE-or-PLAN")
@option(
    "--format",
    "format_",
    type=click.Choice(["mermaid", "dot", "pnml"]),
    default="mermaid",
    help=N_("Kind of picture; pnml: a Petri net."),
)
def graph(settings: Settings, thing: str, format_: str) -> None:
    """Draw a definition, a file, or a plan with its place and path marked."""
    from workflow.language.graph import BESIDE, Drawing, draw

    definition, plan = _found(settings, thing)
    screen = Screen(settings)
    if format_ == "pnml":
        from workflow.language.petrinet import petri_net

        picture = petri_net(definition)
    else:
        picture = draw(Drawing(definition, settings.language, screen.words(BESIDE), plan), format_)
    if settings.as_json:
        screen.json({"id": plan.id if plan else definition.id, "format": format_, "graph": picture})
    else:
        screen.lines(picture)


def _found(settings: Settings, thing: str) -> tuple[Definition, PlanState | None]:
    """Return what *thing* names: a file, else a plan, else a definition."""
    if thing.endswith(SUFFIXES) or Path(thing).is_file():
        from workflow.language.loader import load_path

        return load_path(thing).definition, None
    service = settings.service
    try:
        row = service.require_plan(thing)
    except NotFound:
        try:
            return service.definition(thing)[0], None
        except NotFound as exc:
            raise NotFound(
                N_("There is no plan, definition or file `{thing}`."),
                hint=N_("`workflow list` shows the plans, `workflow definition list` the definitions."),
                thing=thing[:200],
            ) from exc
    return service.processes.definition(row.definition), service.state_of(row)


@command(example="workflow definition list")
def list_definitions(settings: Settings) -> None:
    """List the definitions known here: on file, shipped, or pinned by a plan."""
    found = settings.service.definitions()
    screen = Screen(settings)
    if settings.as_json:
        shown = [{**asdict(one), "title": screen.title(one.title)} for one in found]
        screen.json(listing("definitions", shown))
        return
    rows = [
        (one.id, one.version, screen.title(one.title), screen.words(N_("yes")) if one.pinned else "", one.hash[:12])
        for one in found
    ]
    screen.table([N_("definition"), N_("version"), N_("title"), N_("in use"), N_("hash")], rows, whole=0)


@command(example="workflow definition show provincial-normative-document-template")
@click.argument("definition", metavar="DEFINITION")
@option("--source", is_flag=True, help=N_("Print its file as it is, to be copied and changed."))
@two_times
def show_definition(settings: Settings, definition: str, source: bool, on: date | None) -> None:
    """Show the stages, steps and transitions of DEFINITION (`id` or `id@version`).

    With a day gone by: of the newest version that a plan followed by then. Since when a file reads as it does is not
    recorded.
    """
    screen = Screen(settings)
    if source:
        if settings.past is not None:
            raise InvalidInput(
                N_("{option} does not go with {other}"), code="options-clash", option="--source", other="--as-of, --on"
            )
        screen.lines(_file_of(settings, definition).read_text(encoding="utf-8").rstrip("\n"))
        return
    found, hash_ = settings.service.definition(definition)
    if settings.as_json:
        screen.json(Shapes(screen.catalogue).definition(found, hash_))
        return
    screen.line(f"{found.id} {found.version}  {screen.title(found.title)}", bold=True)
    screen.line(hash_)
    for stage_id, stage in found.stages.items():
        title = f"{stage.label}. {screen.title(stage.title)}" if stage.label else screen.title(stage.title)
        screen.line()
        screen.line(f"{stage_id}: {title}  {_planned(screen, stage)}".rstrip(), bold=True)
        for step_id, step in stage.steps.items():
            screen.line(_step_words(screen, step_id, step), indent=2)
        for trigger, transition in stage.transitions.items():
            by = f" ({', '.join(transition.by)})" if transition.by else ""
            screen.line(f"{trigger} -> {transition.to}{by}", indent=2)
    if found.alongside:
        screen.heading(N_("Beside the stages"))
        for step_id, step in found.alongside.items():
            screen.line(_step_words(screen, step_id, step), indent=2)


def _file_of(settings: Settings, definition: str) -> Path:
    filed = settings.service.sources()
    if definition not in filed:
        raise NotFound(
            N_("There is no file of a definition `{id}`."),
            hint=N_("`workflow definition list` shows the definitions; a version in use may have no file any more."),
            id=definition[:200],
        )
    return Path(filed[definition].name)


def _step_words(screen: Screen, step_id: str, step: Step) -> str:
    parts = [f"{step_id} [{step.uses}]", screen.title(step.title), step.lead or "", _planned(screen, step)]
    return "  ".join(part for part in parts if part)


def _planned(screen: Screen, timed: Any) -> str:
    """Return when, in the source's words where it has any."""
    if timed.text:
        return str(timed.text)
    given = timed.window or timed.due or timed.before or timed.month
    if given:
        return str(given)
    return window_words({"kind": "undecided"}, screen.catalogue) if timed.undecided else ""


@command(example="workflow plugin list")
def list_plugins(settings: Settings) -> None:
    """List the plugins, what they offer, and those that failed with the reason."""
    screen = Screen(settings)
    plugins = settings.registry.plugins
    if settings.as_json:
        screen.json(listing("plugins", [_plugin(screen, plugin) for plugin in plugins]))
        return
    rows = [
        (plugin.name, plugin.version, plugin.source, _amiss(screen, plugin) or ", ".join(plugin.offers))
        for plugin in plugins
    ]
    screen.table([N_("plugin"), N_("version"), N_("source"), N_("offers")], rows)


def _plugin(screen: Screen, plugin: PluginInfo) -> dict[str, Any]:
    error = screen.catalogue.text(plugin.error) if plugin.error else None
    return {"id": plugin.name, **asdict(replace(plugin, error=None)), "error": error}


def _amiss(screen: Screen, plugin: PluginInfo) -> str:
    if plugin.error:
        return screen.words(N_("FAILED: {error}"), error=plugin.error)
    if plugin.left_out:
        return screen.words(N_("left out: WORKFLOW_LOAD_PLUGINS does not choose it"))
    return screen.words(N_("off: workflow.toml has no [plugins.{name}]"), name=plugin.name) if plugin.off else ""
