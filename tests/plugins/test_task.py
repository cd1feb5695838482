"""`uses: task`: handed in, accepted or returned, or completed at once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trinh_plugins.task import Task


def test_work_is_handed_in_and_accepted(run):
    """A task goes from open over handed in to done, and its work item is done when it is handed in."""
    task = run(Task(), due="2019-05-10")
    assert task.owed() == ["work"]
    assert list(task.blockers()) == ["not-done"]

    task.act("hand-in", "2019-05-09", result="Đã rà soát văn bản")
    assert task.owed() == ["acceptance"]
    assert task.work()["work"].done_on == "2019-05-09"
    assert list(task.blockers()) == ["not-accepted"]

    task.act("accept", "2019-05-14")
    assert task.complete
    assert task.work()["work"].done_on == "2019-05-09"


def test_returned_work_is_owed_again(run):
    """A return opens the lead's work again under its first due day."""
    task = run(Task(), {}, [("hand-in", "2019-05-09", {})], due="2019-05-10")
    task.act("return", "2019-05-10", reason="Thiếu số liệu các huyện")

    assert task.phase == "open"
    assert task.work()["work"].open
    assert task.work()["work"].due_on == "2019-05-10"
    assert task.work()["work"].done_on is None
    assert task.state.returned == 1


def test_a_return_needs_a_reason(run):
    """Nothing is given back without saying why."""
    task = run(Task(), {}, [("hand-in", "2019-05-09", {})])
    with pytest.raises(ValidationError):
        task.act("return", "2019-05-10", reason="")


def test_one_person_completes_at_once(run):
    """`complete` is hand-in and acceptance in one."""
    task = run(Task(), {"produces": "Báo cáo"}, [("complete", "2019-05-09", {"result": "Xong"})])
    assert task.complete
    assert task.state.done_on == "2019-05-09"
    assert task.owed() == []


def test_nothing_is_accepted_that_was_not_handed_in(run, not_possible):
    """`accept` has no edge from open, nor anything from done."""
    task = run(Task())
    with pytest.raises(not_possible):
        task.act("accept", "2019-05-09")
    task.act("complete", "2019-05-09")
    with pytest.raises(not_possible):
        task.act("return", "2019-05-10", reason="Muộn")


def test_the_lead_owes_the_work(run):
    """The work item belongs to the lead and has the step's due day."""
    item = run(Task(), lead="chi-cuc-tdc", due="2021-06-14").work()["work"]
    assert (item.owner, item.due_on) == ("chi-cuc-tdc", "2021-06-14")
