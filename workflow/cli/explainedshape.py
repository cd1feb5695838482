"""`audit explain --json`: one event with all that the record says about it, as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.cli.telling import entry_shape, gone_shape

if TYPE_CHECKING:
    from workflow.cli.output import Screen
    from workflow.cli.shapes import Shapes
    from workflow.views.explained import Explained


def explained_shape(screen: Screen, shapes: Shapes, found: Explained) -> dict[str, Any]:
    """Return all about an event as `--json` has it."""
    held, rule, wording = found.held, found.rule, found.wording
    return {
        **entry_shape(shapes, found.entry),
        "person": found.person,
        "unit": found.unit,
        "held": None
        if held is None
        else {
            "office": held.ref,
            "name": screen.title(held.name),
            "via": held.via,
            "since": held.since,
            "until": held.until,
            "form": held.form,
            "basis": dict(held.basis) if held.basis else None,
            "register_known": held.known,
        },
        "rule": None
        if rule is None
        else {
            "path": list(rule.where),
            "by": list(rule.by),
            "said_by": list(rule.said_by),
            "by_step_type": rule.by_type,
            "by_itself": rule.by_itself,
            "register_key": rule.register_key,
            "guards": dict(rule.guards),
        },
        "text": None
        if wording is None
        else {
            "definition": wording.id,
            "version": wording.version,
            "hash": wording.hash,
            "file": None if wording.file is None else Path(wording.file).name,
            "line": wording.line,
            "intact": wording.intact,
        },
        "lateness": [
            {
                "id": due.where,
                "title": screen.title(due.what),
                "due_on": due.due_on,
                "days": due.days,
                "late": due.late,
                "buffer_until": due.buffer_until,
                "owner": due.owner,
            }
            for due in found.dues
        ],
        "unjudged": found.unplayed,
        "caused_by": None if found.caused_by is None else found.caused_by.seq,
        "plan_concerned": found.concerns,
        "withdrew": None if found.withdrew is None else gone_shape(found.withdrew),
        "about": [{"document": one.document, "name": one.name, "files": list(one.files)} for one in found.about],
        "effects": [{"id": effect.id, "kind": effect.kind, "state": effect.state} for effect in found.effects],
    }
