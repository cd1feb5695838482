"""Rules on the stages: that each can be reached, and that a plan can finish from each."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.check.subject import Subject
from workflow.errors import Phrase
from workflow.language.definition import After, BackFrom
from workflow.language.problems import Path, Problem, did_you_mean


def unreachable_stages(subject: Subject) -> Iterator[Problem]:
    """A stage that no way leads to from the first one."""
    reached = subject.followers[subject.definition.initial]
    for stage in subject.definition.stages:
        if stage not in reached:
            phrase = Phrase("no transition leads to the stage `{stage}`", {"stage": stage})
            yield subject.error("unreachable-stage", ("stages", stage), phrase, key=True)


def dead_ends(subject: Subject) -> Iterator[Problem]:
    """A stage from which a plan cannot finish. Stages that only lead to such a one are not named too."""
    stages = subject.definition.stages
    ends = {id_ for id_, stage in stages.items() if stage.final or not stage.transitions}
    for id_, stage in stages.items():
        if not stage.final and not stage.transitions:
            phrase = Phrase("nothing leads out of the stage `{stage}`", {"stage": id_})
            hint = Phrase("write `final: true` if the plan ends there")
            yield subject.error("dead-end", ("stages", id_), phrase, hint, key=True)
        elif not ends & subject.followers[id_] and all(way.to in stages for way in stage.transitions.values()):
            phrase = Phrase("no final stage can be reached from `{stage}`", {"stage": id_})
            yield subject.error("dead-end", ("stages", id_), phrase, key=True)


def ways_out_of_the_end(subject: Subject) -> Iterator[Problem]:
    """A final stage that still has transitions."""
    for id_, stage in subject.definition.stages.items():
        if stage.final and stage.transitions:
            phrase = Phrase("the stage `{stage}` is final and has transitions", {"stage": id_})
            yield subject.error("final-with-transitions", ("stages", id_, "transitions"), phrase, key=True)


def named_stages(subject: Subject) -> Iterator[Problem]:
    """Every stage that is named must exist."""
    for path, name in _stages_named(subject):
        if name not in subject.definition.stages:
            yield subject.unknown_stage(path, name)


def _stages_named(subject: Subject) -> Iterator[tuple[Path, str]]:
    for id_, stage in subject.definition.stages.items():
        for trigger, way in stage.transitions.items():
            yield ("stages", id_, "transitions", trigger, "to"), way.to
        yield from _of_term(("stages", id_), stage.after, stage.back_from)
    for placed in subject.steps:
        yield from _of_term(placed.path, placed.step.term, placed.step.back_from)
    for id_, step in subject.definition.alongside.items():
        if step.from_ is not None:
            yield ("alongside", id_, "from"), step.from_
        if step.until is not None and step.until.stage is not None:
            yield ("alongside", id_, "until", "stage"), step.until.stage


def _of_term(path: Path, after: After | None, back: BackFrom | None) -> Iterator[tuple[Path, str]]:
    if after is not None and after.stage is not None:
        yield (*path, "after", "stage"), after.stage
    if back is not None:
        yield (*path, "back_from", "stage"), back.stage


def named_calendar(subject: Subject) -> Iterator[Problem]:
    """The calendar must exist."""
    name = subject.definition.calendar
    if subject.calendars is not None and name not in subject.calendars:
        phrase = Phrase("there is no calendar `{calendar}`", {"calendar": name})
        yield subject.error("unknown-calendar", ("calendar",), phrase, did_you_mean(name, subject.calendars))


def enclosed_documents(subject: Subject) -> Iterator[Problem]:
    """Every enclosed document must exist."""
    for id_, document in subject.definition.documents.items():
        for index, name in enumerate(document.encloses):
            if name not in subject.definition.documents:
                yield subject.unknown_document(("documents", id_, "encloses", index), name)


def followed_documents(subject: Subject) -> Iterator[Problem]:
    """A document that another one follows must exist, and follow nothing that leads back."""
    documents = subject.definition.documents
    reported: set[str] = set()
    for id_, document in documents.items():
        if document.follows is not None and document.follows not in documents:
            yield subject.unknown_document(("documents", id_, "follows"), document.follows)
        circle = [id_]
        while (following := documents[circle[-1]].follows) in documents and following is not None:
            if following in circle:
                break
            circle.append(following)
        if following == id_ and not reported & set(circle):
            reported |= set(circle)
            shown = " → ".join((*circle, id_))
            phrase = Phrase("these documents follow each other: {documents}", {"documents": shown})
            yield subject.error("document-cycle", ("documents", id_, "follows"), phrase)


RULES = (
    unreachable_stages,
    dead_ends,
    ways_out_of_the_end,
    named_stages,
    named_calendar,
    enclosed_documents,
    followed_documents,
)
