"""Changing one running plan's definition: who may, and what opens at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workflow import messages
from workflow.decide.ledger import Ledger
from workflow.decide.moves import require_active
from workflow.decide.openings import open_waiting
from workflow.decide.performers import performers, performers_of
from workflow.decide.situation import Process, Situation, matter_of
from workflow.errors import N_, Phrase
from workflow.language.definition import Definition
from workflow.messages import FreeText
from workflow.plan.state import PlanState

_MARK = "-amended-"


@dataclass(frozen=True)
class Amendment:
    """What somebody asks for: that the plan's definition gets what the text of a file adds."""

    text: bytes
    name: str
    reason: str


@dataclass(frozen=True)
class Amend:
    """Pin the plan to an amended definition of its own.

    Attributes:
        process: The amended definition, ready to run.
        schedule: Dates of what it adds.
        added: What it adds or redirects, as paths.
        gates: Stages that get a new or another way out.
    """

    process: Process
    schedule: Mapping[str, Mapping[str, Any]]
    added: tuple[str, ...]
    gates: tuple[str, ...]
    reason: str


def id_for(plan: PlanState) -> str:
    """Return the id of the definitions that this plan alone follows; it depends on the plan, so none is shared."""
    return f"{plan.definition_id[:80]}{_MARK}{hashlib.sha256(plan.id.encode()).hexdigest()[:8]}"


def is_amended(id_: str) -> bool:
    """Return True if a definition of this id belongs to one plan."""
    base, mark, digest = id_.rpartition(_MARK)
    return bool(base and mark) and len(digest) == 8 and all(char in "0123456789abcdef" for char in digest)


def base_id(id_: str) -> str:
    """Return the id of the definition that an amended one began as; of any other its own."""
    return id_.rpartition(_MARK)[0] if is_amended(id_) else id_


def _keepers(process: Process, stage: str) -> list[tuple[str, ...]]:
    """Who may leave a stage, once for each kind of gate that it has."""
    triggers = process.definition.stages[stage].transitions
    return list(dict.fromkeys(performers_of(process, stage, trigger) for trigger in triggers))


def decide_amend(ledger: Ledger, situation: Situation, command: Amend) -> None:
    """Judge and record an amendment, and open the steps that it adds to the current stage."""
    plan, process = ledger.current, situation.process
    what = Phrase(N_("amend this plan"))
    matter = matter_of(process, plan)
    own = performers(process, process.definition.by, lead=process.definition.lead)
    keepers = [(stage, by) for stage in command.gates for by in _keepers(process, stage)]
    authority = situation.authorise((*own, *(one for _, by in keepers for one in by)), what, matter)
    for stage, by in keepers:
        # A new way out of a stage must not lead round those who hold its gates.
        around = Phrase(N_("open another way out of stage `{stage}`"), {"stage": stage})
        authority = situation.authorise(by, around, matter)
    require_active(plan)
    amended: Definition = command.process.definition
    data = {
        "definition": {"id": amended.id, "version": amended.version, "hash": command.process.hash},
        "before": plan.definition,
        "schedule": {name: dict(term) for name, term in command.schedule.items()},
        "calendar": process.calendar.version,
        "added": list(command.added),
        "reason": FreeText(command.reason),
    }
    ledger.record(messages.PLAN_AMENDED, data, authority, on_behalf=situation.behalf)
    onward = replace(situation, process=command.process)
    ledger.go_on_in(onward)
    open_waiting(ledger, onward, authority)
