"""`--format jsonl`: one JSON object a line, with the canonical bytes of every event, so that chains can be checked.

Lines by `kind`: `export` (the first), `plan`, `event`, `document`, `end` (the last: how many lines were before).
An event's `hash` is SHA-256(the 32 bytes of `previous` ‖ the UTF-8 bytes of `body`); `previous` is the hash of the
line before in its plan, or 64 zeros. What is confidential stands without `body`, so that the links still join. A text
of an event stands under its key, the SHA-256 of `salt` (hex) ‖ the UTF-8 text; null where it was withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from workflow import ExportedEvent, ExportedPlan, Exporter, ExportView, Text, hookimpl

FORMAT = 1


def _lines(view: ExportView) -> Iterator[dict[str, Any]]:
    yield {
        "kind": "export",
        "format": FORMAT,
        "made_at": view.made_at.isoformat(),
        "clock": view.clock,
        "plans": view.count,
        "confidential": view.confidential,
        "left_out": view.left_out.plans,
    }
    for plan in view.plans():
        yield {
            "kind": "plan",
            "id": plan.id,
            "title": view.text(plan.title),
            "definition": plan.definition_hash,
            "stage": plan.state.stage,
            "status": plan.state.status,
            "revision": plan.state.revision,
        }
        for event in plan.events():
            yield event_line(event)
        yield from _documents(plan)


def event_line(event: ExportedEvent) -> dict[str, Any]:
    """Return an event with what its hash is checked by."""
    line: dict[str, Any] = {
        "kind": "event",
        "plan": event.plan,
        "seq": event.seq,
        "previous": event.previous,
        "hash": event.hash,
    }
    if event.event is None:
        return {**line, "confidential": True}
    texts = {key: text and {"salt": text.salt.hex(), "text": text.text} for key, text in event.texts.items()}
    return {**line, "body": event.body.decode(), "texts": texts}


def _documents(plan: ExportedPlan) -> Iterator[dict[str, Any]]:
    for document in plan.documents():
        yield {
            "kind": "document",
            "plan": document.plan,
            "seq": document.seq,
            "position": document.position,
            "sha256": document.sha256,
            "size": document.size,
            "name": document.name,
            "document": document.document,
            "revision": document.revision,
            "withdrawn": document.pieces is None,
        }


def write(view: ExportView, out: BinaryIO) -> None:
    """Write one line after another."""
    count = 0
    for line in _lines(view):
        out.write(line_bytes(line))
        count += 1
    out.write(line_bytes({"kind": "end", "lines": count}))


def line_bytes(line: dict[str, Any]) -> bytes:
    """Return an object as a line, its keys in order."""
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@hookimpl
def exporters():
    return (Exporter("jsonl", Text(vi="Từng dòng JSON", en="JSON lines"), ".jsonl", write),)
