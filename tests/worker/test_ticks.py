"""The worker records what plans do by themselves, whether or not there is any effect."""

from __future__ import annotations

from datetime import date, timedelta

from worker.conftest import CLERK, Office

from workflow import audit

PLAN = "append-0-weekly"
DEFINITION = """
workflow: 1
id: weekly
version: 1
title: {vi: Báo cáo tuần}
by: clerk
stages:
  going-on:
    title: {vi: Đang thực hiện}
    transitions: {end: {to: done}}
  done: {title: {vi: Xong}, final: true}
alongside:
  reports:
    uses: periodic-report
    with: {every: week, units: [phong-khtc], to: van-phong-so}
    until: {stage: done}
"""


def test_a_worker_records_the_periods_that_began(office: Office):
    """Once, at its start; the second one finds nothing to do, and the trail verifies."""
    (office.root / "definitions" / "weekly.yaml").write_text(DEFINITION, encoding="utf-8")
    with office.opened() as workspace:
        began = workspace.service.today() - timedelta(days=30)
        workspace.service.create("weekly", PLAN, type(CLERK)(actor=CLERK.actor, on=began))

    office.once()
    office.once()

    with office.opened() as workspace:
        events = [audit.event_of(row.body) for row in workspace.store.events(PLAN)]
        woken = workspace.store.plan(PLAN).wakes_on
    periods = [p["key"] for e in events if e.data.get("action") == "tick" for p in e.data["data"]["periods"]]
    assert 4 <= len(periods) == len(set(periods))
    assert {None} == {e.actor for e in events if e.data.get("action") == "tick"}
    assert date.fromisoformat(woken) > workspace.service.today()
    assert () == office.findings()
