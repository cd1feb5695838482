"""A lasting duty is never late and stays open until it is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trinh_plugins.duty import DutyStep


def test_a_duty_is_owed_without_a_day(run):
    """Even where its stage has a due day the duty has none, so that it is never late."""
    duty = run(DutyStep(), due="2024-12-31", lead="tdc")

    item = duty.work()["duty"]

    assert (item.owner, item.due_on, item.open) == ("tdc", None, True)


def test_entries_are_counted_with_the_last_activity(run):
    """An entry made late does not move the last activity back."""
    duty = run(DutyStep(), on="2024-03-01", acts=[("log", "2024-06-10", {"text": "Phát sóng chuyên mục"})])

    act = duty.act("log", "2024-05-02", text="Hội nghị tập huấn", context={"attachments": ["bien-ban.pdf"]})

    assert (duty.state.entries, duty.state.latest_on) == (2, "2024-06-10")
    assert len(act.data["files"]) == 1


def test_closing_completes_the_duty(run, not_possible):
    """After closing nothing is owed and nothing can be logged."""
    duty = run(DutyStep(), on="2024-03-01", acts=[("close", "2024-12-31", {})])

    assert duty.complete
    assert duty.work()["duty"].done_on == "2024-12-31"
    with pytest.raises(not_possible):
        duty.act("log", "2024-12-31", text="Muộn")


def test_a_duty_beside_the_stages_holds_nothing_up(run):
    """Inside a stage an open duty blocks, beside the stages it does not."""
    duty = run(DutyStep(), on="2024-03-01", lead="tdc")

    assert duty.blockers()["not-closed"].who == ("tdc",)
    assert duty.step_type.blockers(replace(duty.view, address="publicity")) == ()


def test_the_lead_unit_logs_its_own_duty(run):
    """The unit that leads the duty may log, besides those whom the definition names."""
    duty = run(DutyStep(), on="2024-03-01", lead="tdc")

    assert duty.step_type.performers(duty.view, "log", None) == ("tdc",)
    assert duty.step_type.performers(duty.view, "close", None) == ()


def test_a_duty_closes_with_its_stated_period(run):
    """On the last day it goes on; weeks later it closes with that day, whenever that is noticed."""
    duty = run(DutyStep(), {"closes_after": "2024-12-31"}, on="2024-03-01")

    assert duty.tick("2024-12-31") is None
    duty.tick("2025-02-10")

    assert duty.complete
    assert duty.work()["duty"].done_on == "2024-12-31"
    assert duty.tick("2025-02-11") is None


def test_a_duty_tells_its_last_activity(run):
    """What is owed says when something was last done for it."""
    duty = run(DutyStep(), on="2024-03-01", acts=[("log", "2024-06-10", {"text": "Phát sóng chuyên mục"})])

    assert duty.work()["duty"].title.vi.endswith("(gần nhất: 10/06/2024)")
