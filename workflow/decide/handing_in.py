"""With which step a document is handed in, and how that is typed. Pure."""

from __future__ import annotations

from workflow.decide.asking import answers, guarded
from workflow.decide.situation import Process
from workflow.plan.state import PlanState


def hand_in_command(process: Process, plan: PlanState, document: str) -> str | None:
    """Return the command with which a file of *document* is handed in; None where no step takes it.

    A step that is open comes first, then one of the stage, then the first of all.
    """
    found = [address for address in process.definition.steps if document in _papers(process, address)]
    if not found:
        return None

    def nearness(address: str) -> tuple[bool, bool]:
        step = plan.step(address)
        is_open = step is not None and not step.current.ended and not step.current.complete
        return not is_open, process.stage_of(address) != plan.stage

    address = min(found, key=nearness)
    for name, action in process.type_of(address).actions().items():
        if "paper" in action.parameters.model_fields:
            return f"workflow act {plan.id} {address} {name} --paper {document} --attach FILE"
    first = next(iter(process.type_of(address).actions()))
    return f"workflow act {plan.id} {address} {first} --attach FILE"


def _papers(process: Process, address: str) -> tuple[str, ...]:
    step_type = process.type_of(address)
    options = process.options(address)
    made = guarded(step_type, "draft", options)
    return (*answers(step_type, "papers", str, options), *((made[0],) if made else ()))
