"""The checks themselves, in the process that is started for them; each finding is told at once.

Told are lines of JSON: `{"finding": …}`, `{"at": …}` before each part, `{"checked": …}` at the end. A watchdog
of the interpreter's own ends the process where a part takes too long, and writes down where it stood.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, TextIO

from workflow import audit
from workflow.conformance import findings as f
from workflow.conformance.declared import Face, judge_declared, judge_old_events
from workflow.conformance.findings import Finding, Findings, Place, place_of, place_of_name
from workflow.conformance.observed import Observer
from workflow.conformance.offered import (
    SUPPLIERS,
    judge_calendar,
    judge_exporter,
    judge_guard,
    judge_handler,
    judge_hook,
    judge_paper,
)
from workflow.conformance.played import play
from workflow.conformance.targets import Target, load, own_root
from workflow.conformance.watching import Watch
from workflow.errors import N_, WorkflowError, failure
from workflow.hookspecs import EffectHandler, Exporter, Guard
from workflow.loading.hooking import marked, misfits
from workflow.registry import Named, Registry
from workflow.steps.step_type import ENTRY_POINT_GROUP, StepType
from workflow.testing.rounds import Round
from workflow.views.papers import Paper

_KEPT_ROUNDS = 40
_SUPPLIED: Mapping[str, type] = {
    "step_types": StepType,
    "guards": Guard,
    "papers": Paper,
    "exporters": Exporter,
    "effect_handlers": EffectHandler,
}


class Check:
    """One run over one plugin.

    Args:
        told: Where lines of JSON go.
        hung: Where the watchdog writes.
        seconds: For each part: loading, one step type, everything else.
    """

    def __init__(self, target: Target, face: Face, told: TextIO, hung: TextIO, seconds: float) -> None:
        self.target = target
        self.face = face
        self.seconds = seconds
        self._told = told
        self._hung = hung
        self.findings = Findings(Path("-"), self._tell_finding)
        self.watch = Watch(self._noted, self.findings.owns)
        self._asked: tuple[int, Place] = (f.PURE, ("-", 1))
        self.trails: list[dict[str, Any]] = []

    def run(self) -> list[dict[str, Any]]:
        """Run every check; returns the trails that were played, for `replay`."""
        self._begin(N_("loading"), "")
        loaded = self._load()
        if loaded is not None:
            supplied = self._supplied(loaded)
            self._judge_taken(supplied)
            for hook, things in supplied.items():
                for thing in things:
                    self._begin(hook, getattr(thing, "name", getattr(thing, "kind", "")))
                    self._judge(hook, thing)
            self._judge_hooks(loaded)
        faulthandler.cancel_dump_traceback_later()
        self._tell({"checked": self.target.name})
        return self.trails

    def replay(self, trails: Sequence[Mapping[str, Any]]) -> None:
        """Replay trails that another process played: the states have to be the same."""
        self._begin(N_("replay"), "")
        loaded = self._load()
        types = {one.name: one for one in self._supplied(loaded)["step_types"]} if loaded is not None else {}
        for trail in trails:
            step_type = types.get(trail["type"])
            if step_type is not None and _again(step_type, trail["acts"]) != trail["state"]:
                self.findings.shown_by = lambda trail=trail: trail["shown_by"]
                place = place_of(type(step_type).evolve)
                self.findings.add(
                    f.REPLAY, place, N_("another process makes another state of the same events (the order of a set?)")
                )
        faulthandler.cancel_dump_traceback_later()
        self._tell({"checked": self.target.name})

    def _begin(self, part: str, name: str) -> None:
        """Give the next part its time."""
        self.findings.shown_by = lambda: ""
        self._tell({"at": f"{part} {name}".strip()})
        faulthandler.dump_traceback_later(self.seconds, exit=True, file=self._hung)

    def _load(self) -> ModuleType | None:
        target = self.target
        if target.file is not None:
            self.findings.root = Path(target.file)
        elif target.module is not None:
            self.findings.root = own_root(target.module)
        try:
            module, self.findings.root = load(target)
        except (Exception, SystemExit) as error:
            otherwise = (target.file or target.module or "-", 1)
            place = self.findings.raised_at(error, otherwise)
            self.findings.add(f.LOADING, place, N_("it cannot be imported: {error}"), error=failure(error))
            return None
        return module if self._hooks_fit(module) else None

    def _hooks_fit(self, module: ModuleType) -> bool:
        """Judge names and arguments of the hooks, as the registry does when it loads them."""
        fits = True
        hooks = list(marked(module))
        for name, function in hooks:
            for phrase in misfits(name, function):
                self.findings.add(f.HOOKS, place_of(function), phrase.text, **phrase.params)
                fits = False
        if not hooks:
            place = (getattr(module, "__file__", None) or "-", 1)
            self.findings.add(f.LOADING, place, N_("it has no function marked with @hookimpl"))
        return fits

    def _supplied(self, module: ModuleType) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {hook: [] for hook in SUPPLIERS}
        for hook, function in marked(module):
            if hook not in SUPPLIERS:
                continue
            place = place_of(function)
            try:
                given = list(function() or ())
            except (Exception, SystemExit) as error:
                where = self.findings.raised_at(error, place)
                self.findings.add(f.LOADING, where, N_("`{method}` raises {error}"), method=hook, error=failure(error))
                continue
            for thing in given:
                if isinstance(thing, _SUPPLIED.get(hook, object)) and not isinstance(thing, type):
                    found[hook].append(thing)
                else:
                    self.findings.add(
                        f.LOADING, place, N_("`{method}` answers with {kind}, and should with {wanted}"),
                        method=hook, kind=getattr(thing, "__name__", type(thing).__name__), wanted=hook,
                    )  # fmt: skip
        return found

    def _judge_taken(self, supplied: Mapping[str, Sequence[Any]]) -> None:
        """Judge whether what it offers has names that no other installed plugin has."""
        from importlib.metadata import entry_points

        points = [point for point in entry_points(group=ENTRY_POINT_GROUP) if point.value != self.target.module]
        others = Registry(found=[point for point in points if point.name != self.target.name])
        taken: dict[str, Named[Any]] = {
            "step_types": others.step_types, "guards": others.guards, "calendars": others.calendars,
            "papers": others.papers, "exporters": others.exporters, "effect_handlers": others.effect_handlers,
        }  # fmt: skip
        for hook, things in supplied.items():
            seen: set[str] = set()
            for thing in things:
                name = getattr(thing, "name", getattr(thing, "kind", None))
                if name in seen:
                    text = N_("it offers `{name}` twice")
                    self.findings.add(f.NAMES, _named_at(thing), text, name=name)
                elif hook in taken and name in taken[hook]:
                    owner = taken[hook].owner(name)
                    text = N_("`{name}` is also supplied by the plugin {other}")
                    self.findings.add(f.NAMES, _named_at(thing), text, name=name, other=owner)
                seen.add(name)

    def _judge(self, hook: str, thing: Any) -> None:
        place = _named_at(thing)
        if hook == "step_types":
            self._judge_step_type(thing)
        elif hook == "guards":
            self._asked = (f.GUARDS, place_of(thing.unmet))
            judge_guard(self.findings, self.watch, thing)
        elif hook == "calendars":
            self._asked = (f.CALENDARS, place)
            if not isinstance(getattr(thing, "name", None), str) or not callable(
                getattr(thing, "is_working_day", None)
            ):
                self.findings.add(
                    f.CALENDARS, place, N_("it is no calendar: it needs name, version and is_working_day")
                )
            else:
                judge_calendar(self.findings, self.watch, thing)
        elif hook == "effect_handlers":
            self._asked = (f.HANDLERS, place)
            judge_handler(self.findings, self.watch, thing)
        elif hook == "exporters":
            self._asked = (f.HANDLERS, place)
            judge_exporter(self.findings, self.watch, thing)
        else:
            judge_paper(self.findings, self.watch, thing)

    def _judge_step_type(self, step_type: StepType) -> None:
        place = place_of_name(type(step_type), "version")
        self._asked = (f.PURE, place_of(type(step_type)))
        if not judge_declared(self.findings, step_type, self.face):
            return
        watched = Observer(self.findings, self.watch).wrapped(step_type)
        kept = 0

        def keep(round_: Round) -> None:
            nonlocal kept
            kept += 1
            if kept <= _KEPT_ROUNDS:
                self.trails.append(_trail(step_type.name, round_, self.findings.shown_by()))

        play(self.findings, step_type, watched, list(self._given_options(step_type)), keep)
        judge_old_events(self.findings, watched, place)

    def _given_options(self, step_type: StepType) -> Iterator[Mapping[str, Any]]:
        """Yield what definitions give under `with:` where they use this type."""
        from workflow.language.loader import load_path

        for file in self.target.definitions:
            try:
                definition = load_path(file).definition
            except (WorkflowError, OSError):
                continue
            for step in definition.steps.values():
                if step.uses == step_type.name:
                    given = dict(step.with_)
                    try:
                        step_type.Options.model_validate(given)
                    except ValueError:
                        continue
                    yield given

    def _judge_hooks(self, module: ModuleType) -> None:
        for name, function in marked(module):
            if name in ("before_transition", "after_transition", "events_recorded"):
                self._begin(name, "")
                self._asked = (f.GUARDS if name == "before_transition" else f.EFFECTS, place_of(function))
                judge_hook(self.findings, self.watch, name, function)

    def _noted(self, text: str, call: str, frame: FrameType | None) -> None:
        check, otherwise = self._asked
        self.findings.add(check, self.findings.place_now(frame, otherwise), text, call=call)

    def _tell_finding(self, finding: Finding) -> None:
        self._tell({"finding": finding.as_data()})

    def _tell(self, line: Mapping[str, Any]) -> None:
        self._told.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._told.flush()


def main(arguments: Sequence[str], face: Face) -> None:
    """Check the plugin that the first argument describes (see `running`), then leave without looking back."""
    asked = json.loads(arguments[0])
    with open(asked["told"], "a", encoding="utf-8") as told, open(asked["hung"], "w", encoding="utf-8") as hung:
        check = Check(Target.from_data(asked["target"]), face, told, hung, asked["seconds"])
        trails = Path(asked["trails"])
        if asked["replay"]:
            check.replay(json.loads(trails.read_text(encoding="utf-8")))
        else:
            trails.write_text(json.dumps(check.run()), encoding="utf-8")
    # Threads and exit handlers of the plugin have no say in when this ends.
    os._exit(0)


def _named_at(thing: Any) -> Place:
    for function in ("unmet", "carry_out", "template", "write"):
        if hasattr(thing, function):
            return place_of(getattr(thing, function))
    return place_of_name(type(thing), "name")


def _trail(name: str, round_: Round, shown_by: str) -> dict[str, Any]:
    acts = []
    for event in round_.events:
        told = {**event.data["data"], "on": event.occurred_on.isoformat()}
        if "sent" in event.data:
            told["sent"] = event.data["sent"]
        acts.append((event.data.get("action", "open"), told))
    return {"type": name, "acts": acts, "state": _digest(round_.state), "shown_by": shown_by}


def _again(step_type: StepType, acts: Sequence[Any]) -> str:
    state: Any = None
    for action, data in acts:
        before = None if state is None else step_type.State.model_validate(state.model_dump(mode="json"))
        state = step_type.evolve(before, action, data)
    return _digest(state)


def _digest(state: Any) -> str:
    return hashlib.sha256(audit.stored_json(state.model_dump(mode="json"))).hexdigest()
