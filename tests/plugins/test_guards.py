"""The shipped guards, each on a transition that lets steps stay open: what holds it, and what lets it through."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from engine_kit import definition_of, service_with

from workflow.errors import Refused
from workflow.service.service import Service
from workflow.store.memory import MemoryStore
from workflow.views.plans import Write

DAY = date(2026, 3, 2)
GO = {"go": {"to": "z", "allow_open_steps": True}}
DOCUMENTS = {"decision": {"title": "Dự thảo", "numbered": True}, "paper": {"title": "Tờ trình"}}


def gate(step: dict[str, Any], guard: str) -> Service:
    """A plan `p` with one step `s`, and a way out that asks for nothing but the guard."""
    stages = {
        "a": {"title": "A", "steps": {"s": step}, "transitions": {"go": {**GO["go"], "requires": [guard]}}},
        "z": {"title": "Xong"},
    }
    service = service_with(
        definition_of({"documents": DOCUMENTS, "lead": "office", "stages": stages}), store=MemoryStore()
    )
    service.create("d", "p", Write(actor="officer", on=DAY))
    return service


def act(service: Service, action: str, on: date = DAY, **values: Any) -> None:
    service.act("p", "s", action, values, Write(actor="officer", on=on))


def refused(service: Service, on: date = DAY) -> tuple[str, ...]:
    """Codes of why the plan cannot go on."""
    with pytest.raises(Refused) as refusal:
        service.advance("p", "go", Write(actor="officer", on=on))
    return tuple(reason.code for reason in refusal.value.reasons)


def goes(service: Service, on: date = DAY) -> bool:
    return service.advance("p", "go", Write(actor="officer", on=on)).plan.stage == "z"


def test_a_dossier_that_lacks_papers_holds_the_way(tmp_path):
    """Until the last of them is filed."""
    service = gate({"uses": "dossier", "with": {"papers": ["paper"]}}, "dossier-complete")
    assert ("dossier-incomplete",) == refused(service)

    file = tmp_path / "to-trinh.txt"
    file.write_text("Tờ trình", encoding="utf-8")
    service.act("p", "s", "file", {"paper": "paper"}, Write(actor="officer", on=DAY, attach=(file,)))
    assert goes(service)


ROUND = {"uses": "consultation", "with": {"invite": ["dept-a", "dept-b"], "close": "quorum", "quorum": {"agree": 2}}}


def test_a_round_that_is_open_or_did_not_pass_holds_the_way():
    """One unit against two that are needed; a round still open is not taken for a verdict."""
    service = gate(ROUND, "quorum")
    assert ("quorum-open",) == refused(service)

    act(service, "respond", unit="dept-a", position="disagree")
    assert ("quorum-missed",) == refused(service)


def test_a_round_that_passed_lets_it_through():
    """Both agree."""
    service = gate(ROUND, "quorum")
    for unit in ("dept-a", "dept-b"):
        act(service, "respond", unit=unit, position="agree")

    assert goes(service)


def test_a_posting_holds_the_way_for_its_minimum_of_days():
    """From the day on which it ends, the way is free; the reason names that day."""
    write = {"uses": "draft", "with": {"document": "decision", "number": 1}}
    posting = {
        "uses": "public-comment",
        "with": {"document": "decision", "min_days": 30, "where": "https://so.example"},
    }
    stages = {
        "a": {
            "title": "A",
            "steps": {"w": write, "s": posting},
            "transitions": {"go": {**GO["go"], "requires": ["minimum-days"]}},
        },
        "z": {"title": "Xong"},
    }
    shape = {"documents": DOCUMENTS, "lead": "office", "normative": True, "stages": stages}
    service = service_with(definition_of(shape), store=MemoryStore())
    service.create("d", "p", Write(actor="officer", on=date(2026, 1, 5)))
    assert ("not-posted",) == refused(service, date(2026, 1, 5))
    service.act("p", "w", "submit", {}, Write(actor="officer", on=date(2026, 1, 5)))
    act(service, "post", date(2026, 1, 5))

    assert ("too-few-days",) == refused(service, date(2026, 2, 3))
    assert goes(service, date(2026, 2, 4))


def test_money_that_was_granted_and_not_paid_holds_the_way():
    """The sum is named; paid, the way is free."""
    service = gate({"uses": "support-fund", "with": {"ceiling": 100_000_000}}, "budget")
    act(service, "apply", applicant="HTX", purpose="Truy xuất")
    act(service, "check", application=1, complete=True)
    service.act("p", "s", "appraise", {"application": 1, "passed": True}, Write(actor="other", on=DAY))
    act(service, "put", application=1)
    act(service, "decide", application=1, supported=True, amount=30_000_000)
    with pytest.raises(Refused, match="go") as refusal:
        service.advance("p", "go", Write(actor="officer", on=DAY))
    (reason,) = refusal.value.reasons
    assert ("money-open", "30.000.000" in str(reason)) == (reason.code, True)

    act(service, "pay", application=1, amount=30_000_000)
    assert goes(service)


@pytest.mark.parametrize("guard", ["dossier-complete", "quorum", "minimum-days", "budget"])
def test_a_guard_says_nothing_of_steps_of_other_types(guard):
    """A plan without such a step goes on."""
    assert goes(gate({"uses": "task", "title": "Việc"}, guard))
