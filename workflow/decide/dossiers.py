"""The papers of a plan at its gates: which lack, which are outdated, and which must not become public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow.decide.asking import answers, guarded
from workflow.decide.situation import Process
from workflow.errors import N_, Phrase, Reason
from workflow.plan.documents import Revision
from workflow.plan.state import PlanState
from workflow.steps.references import references_in


def lacking(process: Process, plan: PlanState, needed: Iterable[str]) -> Iterator[Reason]:
    """Say of each needed document that was never handed in, or is older than what it follows, who could do it."""
    for document in needed:
        newest = plan.latest_revision(document)
        if newest is None:
            phrase = Phrase(
                N_("the dossier lacks `{document}`: no revision of it was handed in"), {"document": document}
            )
            yield Reason("paper-missing", phrase, _who_could(process, plan, document))
        elif (newer := outdated_by(process, plan, newest)) is not None:
            phrase = Phrase(
                N_("`{document}` in the dossier is of {on}, but `{followed}` {name} came after it on {newer_on}"),
                {
                    "document": document,
                    "on": newest.made_on,
                    "followed": newer.document,
                    "name": newer.name,
                    "newer_on": newer.made_on,
                },
            )
            yield Reason("paper-outdated", phrase, _who_could(process, plan, document))


def outdated_by(process: Process, plan: PlanState, revision: Revision) -> Revision | None:
    """Return the revision that a paper does not take account of: of what it follows, handed in after it."""
    declared = process.definition.documents.get(revision.document)
    followed = plan.latest_revision(declared.follows) if declared is not None and declared.follows else None
    return followed if followed is not None and followed.seq > revision.seq else None


def _who_could(process: Process, plan: PlanState, document: str) -> tuple[str, ...]:
    """The leads of the steps with which it can be handed in: of those in this stage, else of any."""
    steps = [
        address
        for address in process.definition.steps
        if document in answers(process.type_of(address), "papers", str, process.options(address))
    ]
    here = [address for address in steps if process.stage_of(address) in (None, plan.stage)]
    return tuple(dict.fromkeys(lead for address in here or steps if (lead := process.lead(address))))


def confidential_in(process: Process) -> frozenset[str]:
    """Return the steps, by full address, and the documents that are confidential, with the steps about these."""
    definition = process.definition
    documents = {id_ for id_, document in definition.documents.items() if document.confidential}
    steps = {
        address
        for address, step in definition.steps.items()
        if step.confidential
        or documents & {name for _, kind, name in references_in(process.options(address)) if kind == "document"}
    }
    return frozenset(documents | steps)


def published(process: Process, address: str) -> Iterator[Reason]:
    """Say what confidential thing a step would show to the public."""
    step_type, options = process.type_of(address), process.options(address)
    if not guarded(step_type, "publishes", options):
        return
    definition = process.definition
    if definition.confidential:
        phrase = Phrase(N_("the plan is confidential and `{step}` shows a document to the public"), {"step": address})
        yield Reason("confidential", phrase)
    if process.step(address).confidential:
        phrase = Phrase(N_("step `{step}` is confidential and shows a document to the public"), {"step": address})
        yield Reason("confidential", phrase)
    named = {name for _, kind, name in references_in(options) if kind == "document"}
    for document in sorted(named & {id_ for id_, one in definition.documents.items() if one.confidential}):
        phrase = Phrase(
            N_("`{document}` is confidential and `{step}` shows it to the public"),
            {"document": document, "step": address},
        )
        yield Reason("confidential", phrase)


def published_in(process: Process, stage: str) -> Iterator[Reason]:
    """Say what confidential thing would be shown to the public by the steps of a stage."""
    for step in process.definition.stages[stage].steps:
        yield from published(process, f"{stage}/{step}")
