"""`--format xes-all`: every event of every plan as an event log, for looking at who did what and how long it took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from trinh_plugins._xes import Log
from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl


def _activity(shown: ExportedEvent) -> str:
    event = shown.event
    if event is None:
        return ""
    data = event.data
    if event.type == "transition_fired":
        return f"{data['from']}/{data['trigger']}"
    if event.type == "step_acted":
        return f"{data['step']}:{data['action']}"
    return f"{data['step']}:{event.type}" if "step" in data else event.type


def _everything(plan: ExportedPlan) -> Iterator[tuple[str, ExportedEvent]]:
    return ((_activity(shown), shown) for shown in plan.events())


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the log of all events."""
    Log(view, out).write(_everything)


@hookimpl
def exporters():
    title = Text(vi="Nhật ký XES mọi sự kiện", en="XES log of all events")
    return (Exporter("xes-all", title, ".xes", write),)
