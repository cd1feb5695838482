"""Are the plugins there that the workspace needs, and do they work?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow.doctor.findings import Finding
from workflow.doctor.patient import Patient
from workflow.errors import N_, Phrase, PluginFailed, WorkflowError, failure
from workflow.hookspecs import EffectHandler
from workflow.language.definition import Definition
from workflow.plan.state import ACTIVE, SUSPENDED

_LIST = Phrase(N_("`workflow plugin list` shows where it comes from; repair or remove it"))
_PAGE = 1000
_ASKED = 200
"""So many plans under way are asked: a step type that fails, fails soon."""


def plugins(patient: Patient) -> Iterator[Finding]:
    """Plugins that failed."""
    for plugin in patient.registry.plugins:
        if plugin.error is not None:
            phrase = Phrase(N_("plugin `{plugin}` failed: {error}"), {"plugin": plugin.name, "error": plugin.error})
            yield Finding("error", plugin.name, phrase, _LIST)


def settings(patient: Patient) -> Iterator[Finding]:
    """Settings of plugins that are not there, or that are not enough."""
    tables = patient.workspace.settings.plugin_settings
    known = {plugin.name for plugin in patient.registry.plugins}
    for name in sorted(set(tables) - known):
        phrase = Phrase(N_("workflow.toml has [plugins.{plugin}], but there is no such plugin"), {"plugin": name})
        yield Finding("warning", name, phrase, Phrase(N_("correct the name, or install the plugin")))
    waiting = {row.kind for state in ("waiting", "parked") for row in patient.store.effect_page(state=state)}
    handlers = patient.registry.effect_handlers
    for kind in handlers:
        if kind in handlers.claimed or handlers[kind].unready is None:
            continue
        owner = handlers.owner(kind)
        # What nobody set up and nobody needs is no fault.
        if kind in waiting or owner in tables:
            yield from _unready(handlers[kind], owner, tables.get(owner, {}))


def _unready(handler: EffectHandler, owner: str, table: Any) -> Iterator[Finding]:
    try:
        reasons = list(handler.unready(table) if handler.unready is not None else ())
        phrases = [reason.phrase for reason in reasons]
    except (Exception, SystemExit) as error:
        phrases = [Phrase(N_("plugin `{plugin}` failed: {error}"), {"plugin": owner, "error": failure(error)})]
    for phrase in phrases:
        whole = Phrase(N_("effects `{kind}` cannot be carried out: {why}"), {"kind": handler.kind, "why": phrase})
        what = Phrase(N_("set it in [plugins.{plugin}] of workflow.toml"), {"plugin": owner})
        yield Finding("error", handler.kind, whole, what)


def step_types(patient: Patient) -> Iterator[Finding]:
    """Step types, guards and calendars that plans under way need and no plugin supplies."""
    lacking: dict[str, set[str]] = {}
    for row in patient.store.definitions():
        definition = patient.service.processes.definition_of_row(row)
        lacking[row.hash] = set(_missing(patient, definition))
    if not any(lacking.values()):
        return
    needed: dict[str, str] = {}
    for status in (ACTIVE, SUSPENDED):
        after = ""
        while rows := patient.store.plans(status=status, after=after, limit=_PAGE):
            for plan in rows:
                for name in lacking.get(plan.definition, ()):
                    needed.setdefault(name, plan.id)
            after = rows[-1].id
    for name, plan in sorted(needed.items()):
        phrase = Phrase(
            N_("plans such as {plan} need `{name}`, which no plugin supplies"), {"plan": plan, "name": name}
        )
        yield Finding("error", name, phrase, Phrase(N_("install the plugin that supplies it")))


def answers(patient: Patient) -> Iterator[Finding]:
    """Plans under way, the first 200, whose step types fail when they are asked what `show` asks them."""
    told: set[str] = set()
    for plan in patient.store.plans(status=ACTIVE, limit=_ASKED):
        try:
            patient.service.plan(plan.id)
        except WorkflowError as error:
            # One step type that fails for every plan is one thing to repair.
            if str(error.phrase) not in told:
                told.add(str(error.phrase))
                phrase = Phrase(N_("{plan} cannot be shown: {why}"), {"plan": plan.id, "why": error.phrase})
                yield Finding("error", plan.id, phrase, error.hint or _LIST)


def _missing(patient: Patient, definition: Definition) -> Iterator[str]:
    registry = patient.registry
    for name in {step.uses for step in definition.steps.values()}:
        try:
            registry.step_types[name]
        except (KeyError, PluginFailed):
            yield name
    required = (
        name for stage in definition.stages.values() for each in stage.transitions.values() for name in each.requires
    )
    yield from (name for name in set(required) if name not in registry.guards and name not in registry.guards.claimed)
    if definition.calendar not in registry.calendars.claimed and definition.calendar not in registry.calendars:
        yield definition.calendar
