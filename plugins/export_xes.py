"""`--format xes`: the stage transitions of every plan as an event log, which replays on the definition's own model.

An activity is `STAGE/TRIGGER`, as `workflow graph DEFINITION --format pnml` names it. A transition that was undone
(`workflow correct`) is not in the log, nor are transitions before a plan was adopted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from trinh_plugins._xes import Log
from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl

_MOVES = ("transition_fired", "plan_reopened")


def _transitions(plan: ExportedPlan) -> Iterator[tuple[str, ExportedEvent]]:
    undone = {
        shown.event.data["seq"] for shown in plan.events() if shown.event and shown.event.type == "event_corrected"
    }
    for shown in plan.events():
        event = shown.event
        if event is None or event.type not in _MOVES or event.seq in undone:
            continue
        moved = event.type == "transition_fired"
        yield f"{event.data['from']}/{event.data['trigger']}" if moved else event.type, shown


def write(view: ExportView, out: BinaryIO) -> None:
    """Write the log of stage transitions."""
    Log(view, out).write(_transitions)


@hookimpl
def exporters():
    title = Text(vi="Nhật ký XES các lần chuyển giai đoạn", en="XES log of stage transitions")
    return (Exporter("xes", title, ".xes", write),)
