"""An office with a plan that has something of everything a paper shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from paper_office import DEFINITION, PEOPLE, PLAN, Office

from workflow.bootstrap import init_workspace
from workflow.clock import SimulatedClock
from workflow.views.plans import Write


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Office]]:
    """Founds an office with so many units that are asked, and starts its plan on 2 March 2026."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    opened: list[Office] = []

    def make(units: int = 4, definition: str = DEFINITION) -> Office:
        root = init_workspace(tmp_path / "office")
        asked = "\n".join(f"  co-quan-{n:03d}: {{name: Cơ quan số {n}, kind: asked}}" for n in range(1, units + 1))
        (root / "definitions" / "papers.yaml").write_text(definition, encoding="utf-8")
        (root / "people.yaml").write_text(PEOPLE.replace("UNITS", asked), encoding="utf-8")
        office = Office(root, SimulatedClock(datetime(2026, 3, 2, 1, tzinfo=UTC)))
        opened.append(office)
        register = (root / "people.yaml").read_bytes()
        office.service.load_people(register, "people.yaml", Write(actor=None))
        office.service.create("papers", PLAN, office.write("2026-03-02"), start=date(2026, 3, 2))
        return office

    yield make
    for office in opened:
        office.workspace.close()


@pytest.fixture
def office(found: Callable[..., Office], tmp_path: Path) -> Office:
    """An office in the middle of its plan: one agreed, one commented, one disagreed late, one is silent."""
    made = found()
    paper = tmp_path / "du-thao.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    made.act("write", "submit", "2026-03-03", attach=[paper])
    made.answer("co-quan-001", "agree", "2026-03-05", letter="12/CV", letter_date="2026-03-04")
    made.answer("co-quan-002", "agree-with-comments", "2026-03-06", article="Điều 1", text="Bổ sung căn cứ.")
    made.answer("co-quan-003", "disagree", "2026-03-09", article="Điều 2", text="Bỏ điều này.")
    made.act("round", "close", "2026-03-10", reason="Đã hết thời gian")
    made.act("round", "answer", "2026-03-11", opinion=2, verdict="accepted")
    made.act("table", "hand-in", "2026-03-12", row="1")
    return made
