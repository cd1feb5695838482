"""Rules on the steps: their types, parameters, order and drafts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from workflow.check.subject import PlacedStep, Subject
from workflow.errors import Phrase, PluginFailed
from workflow.language.problems import Path, Problem, did_you_mean
from workflow.language.validation import complaints
from workflow.steps.references import references_in
from workflow.steps.step_type import Options, StepType


def step_types(subject: Subject) -> Iterator[Problem]:
    """Every word after `uses:` must be a step type."""
    if subject.step_types is None:
        return
    for placed in subject.steps:
        name = placed.step.uses
        try:
            known = subject.step_types.get(name) is not None
        except PluginFailed as error:
            yield subject.error("step-type-claimed", (*placed.path, "uses"), error.phrase)
            continue
        if not known:
            hint = did_you_mean(name, subject.step_types)
            hint = hint or Phrase("there are: {known}", {"known": ", ".join(sorted(subject.step_types))})
            phrase = Phrase("there is no step type `{type}`", {"type": name})
            yield subject.error("unknown-step-type", (*placed.path, "uses"), phrase, hint)


def own_addresses(subject: Subject) -> Iterator[Problem]:
    """No step beside the stages has the id of a stage: that is the whole of its address."""
    for id_ in subject.definition.alongside:
        if id_ in subject.definition.stages:
            phrase = Phrase("`{id}` is a stage already", {"id": id_})
            hint = Phrase("give the step another id: it is addressed by it alone")
            yield subject.error("address-taken", ("alongside", id_), phrase, hint, key=True)


def parameters(subject: Subject) -> Iterator[Problem]:
    """What stands under `with:` must be what the step type takes."""
    for placed in subject.steps:
        step_type = subject.type_of(placed.step)
        if step_type is not None and not isinstance(_options(placed, step_type), BaseModel):
            yield from _refused(subject, placed, step_type)


_LOOSELY_READ = {"int_type", "bool_type", "float_type", "date_type", "date_parsing", "datetime_type", "time_type"}
"""What strict reading alone finds: `"5"` for a number, `yes` for a flag, a number for a day."""


def _options(placed: PlacedStep, step_type: StepType) -> Options | Exception:
    """Read a step's parameters, as strictly as the rest of the language."""
    try:
        options = step_type.Options.model_validate(dict(placed.step.with_))
        try:
            # Strict reading of Python values wants tuples and dates; of JSON it takes lists and ISO days.
            step_type.Options.model_validate_json(json.dumps(dict(placed.step.with_)), strict=True)
        except ValidationError as exc:
            # A type's own validator may make a list, which strict reading takes for no tuple: that is no fault.
            if {error["type"] for error in exc.errors(include_url=False)} <= _LOOSELY_READ:
                return exc
        return options
    except Exception as exc:  # a plugin's own validator may raise anything
        return exc


def _refused(subject: Subject, placed: PlacedStep, step_type: StepType) -> Iterator[Problem]:
    failure = _options(placed, step_type)
    path = (*placed.path, "with")
    if not isinstance(failure, ValidationError):
        yield _plugin_failed(subject, placed, step_type, failure)
        return
    for complaint in complaints(failure, placed.step.with_, step_type.Options):
        where = (*path, *complaint.path)
        yield subject.error(complaint.code, where, complaint.phrase, complaint.hint, key=complaint.at_key)


def _plugin_failed(subject: Subject, placed: PlacedStep, step_type: StepType, failure: object) -> Problem:
    phrase = Phrase(
        "the step type `{type}` failed: {failure}",
        {"type": step_type.name, "failure": f"{type(failure).__name__}: {failure}"[:200]},
    )
    return subject.error("plugin-failed", (*placed.path, "uses"), phrase)


def _asked(question: Callable[[Any], Any], placed: PlacedStep, step_type: StepType) -> Any:
    """Ask a step type about a step's options; None where the options are refused anyway."""
    options = _options(placed, step_type)
    if isinstance(options, Exception):
        return None
    try:
        return question(options)
    except Exception as exc:  # a plugin may raise anything; the rule reports it
        return exc


def references(subject: Subject) -> Iterator[Problem]:
    """What a parameter refers to must exist."""
    for placed in subject.steps:
        for path, kind, name in _references(subject, placed):
            stages = subject.definition.stages
            if kind == "document" and name not in subject.definition.documents:
                yield subject.unknown_document(path, name)
            elif kind == "step" and subject.definition.full_address(name, placed.stage) is None:
                yield subject.unknown_step(path, name)
            elif kind == "stage" and name not in stages:
                yield subject.unknown_stage(path, name)
            elif kind == "unit":
                yield from subject.unknown_holder("unknown-unit", path, name)
            elif kind == "holder":
                yield from subject.unknown_holder("unknown-role", path, name)


def _references(subject: Subject, placed: PlacedStep) -> Iterator[tuple[Path, str, str]]:
    step_type = subject.type_of(placed.step)
    options = None if step_type is None else _options(placed, step_type)
    if isinstance(options, BaseModel):
        yield from references_in(options, (*placed.path, "with"))


def order_of_steps(subject: Subject) -> Iterator[Problem]:
    """Every step in `after:` must exist, be opened before, and not wait for this one in turn."""
    waits: dict[str, list[str]] = {}
    for placed in subject.steps:
        waits[placed.address] = []
        for index, reference in enumerate(placed.step.waits_for):
            path = (*placed.path, "after", index)
            address = subject.definition.full_address(reference, placed.stage)
            if address is None:
                yield subject.unknown_step(path, reference)
                continue
            waits[placed.address].append(address)
            if placed.stage is not None and not subject.can_be_open(address, placed.stage):
                phrase = Phrase(
                    "step `{step}` never opens: `{other}` is never open before",
                    {"step": placed.address, "other": address},
                )
                yield subject.error("never-opens", path, phrase)
    reported: set[str] = set()
    for placed in subject.steps:
        circle = _circle(placed.address, waits)
        if circle and not reported & set(circle):
            reported |= set(circle)
            phrase = Phrase("these steps wait for each other: {steps}", {"steps": " → ".join((*circle, circle[0]))})
            yield subject.error("step-cycle", (*placed.path, "after"), phrase)


def _circle(start: str, waits: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return the shortest way along *waits* that comes back to *start*, empty if none does."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for other in waits.get(way[-1], ()):
            if other == start:
                return way
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()


def drafts(subject: Subject) -> Iterator[Problem]:
    """Along the stages a document's draft number never goes back."""
    latest: dict[str, tuple[int, str]] = {}
    for placed in subject.steps:
        step_type = subject.type_of(placed.step)
        made = _asked(step_type.draft, placed, step_type) if step_type else None
        if isinstance(made, Exception) and step_type:
            yield _plugin_failed(subject, placed, step_type, made)
        elif isinstance(made, tuple):
            document, number = made
            before, where = latest.get(document, (number, ""))
            if number < before:
                phrase = Phrase(
                    "draft {number} of `{document}` comes after draft {before} in `{step}`",
                    {"number": number, "document": document, "before": before, "step": where},
                )
                yield subject.error("draft-number-backwards", (*placed.path, "with", "number"), phrase)
            else:
                latest[document] = (number, placed.address)


def publications(subject: Subject) -> Iterator[Problem]:
    """A confidential plan, step or document is never shown to the public."""
    for placed in subject.steps:
        step_type = subject.type_of(placed.step)
        public = _asked(step_type.publishes, placed, step_type) if step_type else None
        if isinstance(public, Exception) and step_type:
            yield _plugin_failed(subject, placed, step_type, public)
        elif public:
            yield from _confidential(subject, placed)


def _confidential(subject: Subject, placed: PlacedStep) -> Iterator[Problem]:
    if subject.definition.confidential:
        phrase = Phrase(
            "the plan is confidential and `{step}` shows a document to the public", {"step": placed.address}
        )
        yield subject.error("confidential-published", (*placed.path, "uses"), phrase)
    if placed.step.confidential:
        phrase = Phrase("step `{step}` is confidential and shows a document to the public", {"step": placed.address})
        yield subject.error("confidential-published", (*placed.path, "confidential"), phrase)
    for path, kind, name in _references(subject, placed):
        document = subject.definition.documents.get(name)
        if kind == "document" and document is not None and document.confidential:
            phrase = Phrase("the document `{document}` is confidential and would be public", {"document": name})
            yield subject.error("confidential-published", path, phrase)


def endless(subject: Subject) -> Iterator[Problem]:
    """What goes on for ever beside the stages has to say with what it ends."""
    for placed in subject.steps:
        step_type = subject.type_of(placed.step)
        if step_type is None or placed.stage is not None or placed.step.until is not None:
            continue
        answer = _asked(step_type.endless, placed, step_type)
        if isinstance(answer, Exception):
            yield _plugin_failed(subject, placed, step_type, answer)
        elif answer:
            phrase = Phrase("`{step}` never ends by itself", {"step": placed.address})
            hint = Phrase("say `until:` with a stage, a date or an event, or give the rule COUNT or UNTIL")
            yield subject.error("endless", placed.path, phrase, hint, key=True)


def normative_only(subject: Subject) -> Iterator[Problem]:
    """A type that binds only normative products is told of where the product is none."""
    if subject.definition.normative:
        return
    for placed in subject.steps:
        step_type = subject.type_of(placed.step)
        if step_type is not None and step_type.normative_only:
            params = {"step": placed.address, "type": step_type.name}
            phrase = Phrase("`{type}` binds only normative products, so `{step}` holds nothing up here", params)
            hint = Phrase("say `normative: true` if the product is a normative document")
            yield subject.note("binds-normative-only", (*placed.path, "uses"), phrase, hint)


RULES = (
    step_types,
    own_addresses,
    parameters,
    references,
    order_of_steps,
    drafts,
    publications,
    endless,
    normative_only,
)
