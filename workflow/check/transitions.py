"""Rules on the transitions: that each can fire, and names only what exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.check.subject import Subject
from workflow.errors import Phrase
from workflow.language import conditions
from workflow.language.definition import Transition
from workflow.language.problems import Path, Problem, did_you_mean
from workflow.steps.step_type import StepType


@dataclass(frozen=True)
class _Way:
    stage: str
    trigger: str
    transition: Transition
    path: Path


def _ways(subject: Subject) -> Iterator[_Way]:
    for stage_id, stage in subject.definition.stages.items():
        for trigger, transition in stage.transitions.items():
            yield _Way(stage_id, trigger, transition, ("stages", stage_id, "transitions", trigger))


def guards(subject: Subject) -> Iterator[Problem]:
    """Every guard in `requires:` must exist."""
    if subject.guards is None:
        return
    for way in _ways(subject):
        for index, name in enumerate(way.transition.requires):
            if name not in subject.guards:
                phrase = Phrase("there is no guard `{guard}`", {"guard": name})
                hint = did_you_mean(name, subject.guards)
                yield subject.error("unknown-guard", (*way.path, "requires", index), phrase, hint)


def needed_documents(subject: Subject) -> Iterator[Problem]:
    """Every document in `needs:` must exist."""
    for way in _ways(subject):
        for index, name in enumerate(way.transition.needs):
            if name not in subject.definition.documents:
                yield subject.unknown_document((*way.path, "needs", index), name)


def named_steps(subject: Subject) -> Iterator[Problem]:
    """Every step in `reopen:` and `not_same_person_as:` must exist."""
    for way in _ways(subject):
        named = [("reopen", way.transition.reopen, way.transition.to)]
        named.append(("not_same_person_as", way.transition.not_same_person_as, way.stage))
        for key, references, stage in named:
            for index, reference in enumerate(references):
                if subject.definition.full_address(reference, stage) is None:
                    yield subject.unknown_step((*way.path, key, index), reference)


def outcomes(subject: Subject) -> Iterator[Problem]:
    """Every outcome asked for must be one that an opened step can have."""
    for way in _ways(subject):
        for reference, wanted in way.transition.outcome.items():
            path = (*way.path, "outcome", reference)
            address = subject.definition.full_address(reference, way.stage)
            if address is None:
                yield subject.unknown_step(path, reference, key=True)
                continue
            if not subject.can_be_open(address, way.stage):
                phrase = Phrase(
                    "`{trigger}` can never fire: step `{step}` is never open before the stage `{stage}` is left",
                    {"trigger": way.trigger, "step": address, "stage": way.stage},
                )
                yield subject.error("never-fires", path, phrase, key=True)
            step_type = subject.type_of(subject.definition.steps[address])
            if step_type is not None:
                yield from _words(subject, way, path, wanted, step_type)


def _words(subject: Subject, way: _Way, path: Path, wanted: tuple[str, ...], step_type: StepType) -> Iterator[Problem]:
    possible = step_type.outcomes or step_type.complete_states
    wrong = [index for index, word in enumerate(wanted) if word not in possible]
    for index in wrong:
        hint = did_you_mean(wanted[index], possible)
        hint = hint or Phrase("there are: {known}", {"known": ", ".join(possible)})
        params = {"trigger": way.trigger, "type": step_type.name, "outcome": wanted[index]}
        if len(wrong) == len(wanted):
            phrase = Phrase("`{trigger}` can never fire: `{type}` never ends with `{outcome}`", params)
            yield subject.error("never-fires", (*path, index), phrase, hint)
        else:
            yield subject.error(
                "unknown-outcome", (*path, index), Phrase("`{type}` never ends with `{outcome}`", params), hint
            )


def expressions(subject: Subject) -> Iterator[Problem]:
    """Every condition must be one that a plan can answer, and that is not always false."""
    names = conditions.names_in(subject.definition)
    for way in _ways(subject):
        when, path = way.transition.when, (*way.path, "when")
        if when is None:
            continue
        faults = conditions.problems(when, names)
        for fault in faults:
            where = Phrase(
                "line {line}, column {column} of the condition", {"line": fault.line, "column": fault.column}
            )
            phrase = Phrase("{problem} ({where})", {"problem": fault.phrase, "where": where})
            yield subject.error("condition", path, phrase, fault.hint)
        if faults:
            continue
        verdict = conditions.is_constant(when)
        if verdict is False:
            phrase = Phrase("`{trigger}` can never fire: its condition is never true", {"trigger": way.trigger})
            yield subject.error("never-fires", path, phrase)
        elif verdict is True:
            yield subject.note("condition-always-true", path, Phrase("this condition is always true"))


RULES = (guards, needed_documents, named_steps, outcomes, expressions)
