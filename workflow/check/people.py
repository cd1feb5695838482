"""Rules on who is named: everybody must be in the people register, where there is one."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.check.subject import Subject
from workflow.errors import Phrase
from workflow.language.definition import Definition, People, Stage, Step
from workflow.language.problems import Path, Problem
from workflow.language.reminding import UNIT_HEAD, Reminding

LEAD = "lead"
"""In `by:` the word for whoever leads; no name in the register."""


def parts_and_rights(subject: Subject) -> Iterator[Problem]:
    """Units that lead, take part or receive, and offices and roles that may act."""
    definition = subject.definition
    yield from _of(subject, (), definition)
    for stage_id, stage in definition.stages.items():
        yield from _of(subject, ("stages", stage_id), stage)
        for trigger, transition in stage.transitions.items():
            yield from _by(subject, ("stages", stage_id, "transitions", trigger), transition.by)
    for placed in subject.steps:
        yield from _of(subject, placed.path, placed.step)
    clerks: list[tuple[Path, tuple[str, ...]]] = [(("issued_by",), definition.issued_by)]
    clerks += [(("documents", id_, "issued_by"), document.issued_by) for id_, document in definition.documents.items()]
    for path, names in clerks:
        for index, name in enumerate(names):
            yield from subject.unknown_holder("unknown-role", (*path, index), name)


def _of(subject: Subject, path: Path, part: Definition | People) -> Iterator[Problem]:
    if part.lead is not None and part.lead.startswith("@"):
        phrase = Phrase("the group `{group}` cannot lead: exactly one unit or office does", {"group": part.lead})
        hint = Phrase("name one of its units, and the group in `with_units`")
        yield subject.error("group-leads", (*path, "lead"), phrase, hint)
    elif part.lead is not None:
        yield from subject.unknown_holder("unknown-unit", (*path, "lead"), part.lead)
    units = [("with_units", part.with_units)]
    if isinstance(part, Stage | Step):
        units.append(("goes_to", part.goes_to))
    for key, names in units:
        for index, name in enumerate(names):
            yield from subject.unknown_holder("unknown-unit", (*path, key, index), name)
    yield from _by(subject, path, part.by)


def escalations(subject: Subject) -> Iterator[Problem]:
    """Who is told of late work: offices, roles, units and persons of the register, and the two words for them."""
    parts: list[tuple[Path, Reminding]] = [((), subject.definition)]
    parts += [(("stages", id_), stage) for id_, stage in subject.definition.stages.items()]
    parts += [(placed.path, placed.step) for placed in subject.steps]
    for path, part in parts:
        for place, escalation in enumerate(part.escalate or ()):
            for index, name in enumerate(escalation.to):
                if name not in (LEAD, UNIT_HEAD):
                    yield from subject.unknown_holder("unknown-role", (*path, "escalate", place, "to", index), name)


def _by(subject: Subject, path: Path, names: tuple[str, ...]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name != LEAD:
            yield from subject.unknown_holder("unknown-role", (*path, "by", index), name)


def other_persons(subject: Subject) -> Iterator[Problem]:
    """The steps and stages whose `not_same_person_as:` names a step that does not exist."""
    parts: list[tuple[Path, People, str | None]] = [
        (placed.path, placed.step, placed.stage) for placed in subject.steps
    ]
    parts += [(("stages", id_), stage, id_) for id_, stage in subject.definition.stages.items()]
    for path, part, stage in parts:
        for index, reference in enumerate(part.not_same_person_as):
            if subject.definition.full_address(reference, stage) is None:
                yield subject.unknown_step((*path, "not_same_person_as", index), reference)


RULES = (parts_and_rights, other_persons, escalations)
