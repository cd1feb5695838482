"""A series beside the stages says with what it ends."""

from __future__ import annotations

import pytest

from workflow.check import check
from workflow.language.loader import load
from workflow.registry import Registry

SAMPLE = """\
workflow: 1
id: sample
version: 1
title: Mẫu
by: office-a
lead: office-a
stages:
  work: {title: Việc, transitions: {finish: {to: done}}}
  done: {title: Xong, final: true}
alongside:
  series: {uses: periodic-report, with: {%s, units: [office-a], to: office-b}%s}
"""


@pytest.mark.parametrize(
    ("rhythm", "until", "found"),
    [
        ("every: week", "", ["endless"]),
        ('rule: "FREQ=WEEKLY;BYDAY=FR"', "", ["endless"]),
        ('rule: "FREQ=WEEKLY;BYDAY=FR;COUNT=10"', "", []),
        ('rule: "FREQ=WEEKLY;BYDAY=FR;UNTIL=20271231"', "", []),
        ("every: month", ", until: {stage: done}", []),
        ("every: month", ", until: {date: 2027-12-31}", []),
        ("every: month", ", until: {event: Quy hoạch được phê duyệt}", []),
    ],
)
def test_a_recurrence_without_an_end_is_an_error(rhythm, until, found):
    """A stage, a date, an event, or the rule's own end will do."""
    registry = Registry()
    problems = check(load((SAMPLE % (rhythm, until)).encode(), "sample.yaml"), registry.step_types, registry.guards)

    assert [problem.code for problem in problems if problem.severity == "error"] == found
