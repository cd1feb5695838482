"""A plan of twelve stages for the benchmarks, and a service over a fresh SQLite file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from workflow.bootstrap import Workspace, init_workspace, open_workspace
from workflow.clock import SimulatedClock
from workflow.views.plans import Write

STAGES = 12
OFFICER = Write(actor="officer")

_PEOPLE = """\
people: 1
units: {office: {name: Phòng}, council: {name: Hội đồng}}
persons: {officer: {name: Cán bộ, unit: office}}
roles: {drafter: {title: Soạn thảo, holders: [officer]}}
"""


def definition() -> str:
    """Return the YAML of a definition with twelve stages in a line, each with a task and ways out."""
    lines = ["workflow: 1", "id: line", "version: 1", "title: Mười hai bước", "by: drafter", "stages:"]
    for number in range(1, STAGES + 1):
        lines += [f"  s{number}:", f"    title: Bước {number}", f"    due: 2030-01-{number:02d}"]
        lines += ["    steps:", f"      work: {{uses: task, required: false, title: Việc {number}}}"]
        lines += ["    transitions:", f"      forward: {{to: s{number + 1}}}"]
        if number > 1:
            lines += [f"      back: {{to: s{number - 1}}}"]
    lines += [f"  s{STAGES + 1}: {{title: Xong, final: true}}"]
    return "\n".join(lines) + "\n"


def workspace(folder: Path) -> Workspace:
    """Make a workspace in *folder* with the definition and one officer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.yaml").write_text(_PEOPLE, encoding="utf-8")
    init_workspace(folder)
    (folder / "definitions" / "line.yaml").write_text(definition(), encoding="utf-8")
    made = open_workspace(folder, clock=SimulatedClock(datetime(2026, 1, 5, 2, tzinfo=UTC)))
    made.service.load_people((folder / "people.yaml").read_bytes(), "people.yaml", Write(actor=None))
    return made
