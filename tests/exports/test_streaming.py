"""Exporters write as they read: what they keep does not grow with the trail."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest

from workflow.catalogue import Catalogue
from workflow.language.definition import Definition, Text
from workflow.messages import Event
from workflow.plan.state import PlanState
from workflow.registry import Registry
from workflow.views.exports import ExportedEvent, ExportedPlan, ExportView, LeftOut
from workflow.views.plans import Verification

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DEFINITION = Definition.model_validate(
    {
        "workflow": 1,
        "id": "d",
        "version": 1,
        "title": {"vi": "Mẫu"},
        "by": "a",
        "lead": "a",
        "stages": {
            "one": {"title": {"vi": "Một"}, "transitions": {"go": {"to": "two"}}},
            "two": {"title": {"vi": "Hai"}, "final": True},
        },
    }
)
STATE = PlanState("p", "00", "d", 1, "finished", "two", 1, 1, "2026-03-02", "2026-03-02")


def events(count: int) -> Iterator[ExportedEvent]:
    """So many events, each made when it is asked for."""
    data = {"trigger": "go", "from": "one", "to": "two"}
    for seq in range(1, count + 1):
        event = Event(
            "p", seq, "transition_fired", date(2026, 3, 2), NOW, "system", None, "anna", {}, "00", None, None, data
        )
        yield ExportedEvent("p", seq, event, b"{}" * 200, "00" * 32, "11" * 32, f"việc {seq}", ("chi tiết",) * 5)


def view(count: int) -> ExportView:
    """An export of one plan with so many events."""
    none = partial(iter, ())
    plan = ExportedPlan(
        "p", Text(vi="Kế hoạch"), STATE, DEFINITION, "00", {}, frozenset(), partial(events, count), none, none, tuple,
        none, none, partial(Verification, 1, count, ()), none, str,
    )  # fmt: skip
    made = ExportView("vi", NOW, "system", None, 1, lambda: iter((plan,)), False, LeftOut(), Catalogue("vi").text)
    return replace(made)


class Sink(io.RawIOBase):
    """Takes everything and keeps nothing; it can be neither sought nor read."""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        return len(data)


def peak(format_: str, count: int) -> int:
    """Bytes held at most while so many events are written."""
    exporter = Registry().exporters[format_]
    exporter.write(view(10), Sink())
    tracemalloc.start()
    try:
        exporter.write(view(count), Sink())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format_", ["csv", "jsonl", "html", "xes", "xes-all", "archive"])
def test_a_trail_five_times_as_long_needs_no_more_memory(format_):
    """Nothing of an event stays behind once it is written."""
    assert peak(format_, 2000) < 1.5 * peak(format_, 400) + 60_000
