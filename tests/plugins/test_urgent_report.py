"""Reports on request: asked of units, due at an hour, late to the minute."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trinh_plugins.urgent_report import UrgentReportStep
from workflow import Refused

ASKED = {"subject": "Tiến độ lập quy hoạch", "due": "2020-04-01", "due_at": "16:00"}


def urgent(run, **more):
    opened = run(UrgentReportStep(), {"units": ["khtc", "qlcn"], "to": "ban-chi-dao"}, on="2020-02-28", **more)
    opened.act("request", "2020-04-01", **ASKED)
    return opened


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_each_unit_owes_a_report_whose_hour_is_told(run):
    """The work item has the day, and its title the hour; it is owed since the request came."""
    item = urgent(run).work()["1/khtc"]

    assert (item.due_on, item.since, item.open) == ("2020-04-01", "2020-04-01", True)
    assert item.title.vi == "Báo cáo đột xuất số 1, hạn 16:00 ngày 01/04/2020"


@pytest.mark.parametrize(
    ("on", "at", "late", "minutes"),
    [
        ("2020-04-01", "16:00", False, 0),
        ("2020-04-01", "15:15", False, -45),
        ("2020-04-01", "17:30", True, 90),
        ("2020-04-02", "08:00", True, 960),
    ],
)
def test_lateness_counts_to_the_minute(run, on, at, late, minutes):
    """The hour itself is still in time; the next morning counts the night."""
    opened = urgent(run)
    act = opened.act("report", on, request=1, unit="khtc", at=at)

    assert (act.data["late"], act.data["late_minutes"], act.on_behalf) == (late, minutes, "khtc")
    assert ("muộn" in opened.work()["1/khtc"].title.vi) == late


def test_a_report_of_another_day_needs_no_hour(run):
    """The day after is late whatever the hour; the day itself is not judged without one."""
    opened = urgent(run)
    assert opened.act("report", "2020-04-02", request=1, unit="qlcn").data["late"] is True
    with pytest.raises(Refused) as refused:
        opened.act("report", "2020-04-01", request=1, unit="khtc")

    assert codes(refused) == ["hour-missing"]


def test_a_request_without_an_hour_holds_until_the_day_is_over(run):
    """Without an hour the day counts."""
    opened = urgent(run)
    opened.act("request", "2020-05-04", subject="Số liệu", due="2020-05-05", units=["qlcn"])

    assert opened.act("report", "2020-05-05", request=2, unit="qlcn").data["late"] is False


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("request", {"subject": "Gì đó", "due": "2020-03-31"}, "date-in-the-past"),
        ("request", {"subject": "Gì đó", "due": "2020-04-09", "units": ["giai-the"]}, "nobody-asked"),
        ("report", {"request": 7, "unit": "khtc", "at": "10:00"}, "unknown-request"),
        ("report", {"request": 1, "unit": "tdc", "at": "10:00"}, "unit-not-expected"),
    ],
)
def test_what_cannot_be_recorded_is_refused(run, action, parameters, code):
    """A day that is past, nobody to ask, a request that never came, a unit that was not asked."""
    opened = urgent(run, units=("khtc", "qlcn", "tdc"))
    with pytest.raises(Refused) as refused:
        opened.act(action, "2020-04-01", **parameters)

    assert codes(refused) == [code]


def test_one_report_closes_one_units_part(run):
    """A second report is refused, and the other unit still owes its own."""
    opened = urgent(run)
    opened.act("report", "2020-04-01", request=1, unit="khtc", at="10:00")
    with pytest.raises(Refused) as refused:
        opened.act("report", "2020-04-01", request=1, unit="khtc", at="11:00")

    assert codes(refused) == ["already-reported"]
    assert opened.owed() == ["1/qlcn"]


def test_a_withdrawn_request_is_owed_no_longer(run):
    """What was reported stays."""
    opened = urgent(run)
    opened.act("report", "2020-04-01", request=1, unit="khtc", at="10:00")
    opened.act("withdraw", "2020-04-01", request=1, reason="Ban Chỉ đạo không cần nữa")

    assert opened.owed() == []
    assert opened.work()["1/khtc"].done_on == "2020-04-01"


@pytest.mark.parametrize("hour", ["24:00", "25h", "16:60", "9:"])
def test_what_is_no_hour_is_refused(hour):
    """No day has it."""
    with pytest.raises(ValidationError):
        UrgentReportStep.actions()["request"].parameters.model_validate({**ASKED, "due_at": hour})


@pytest.mark.parametrize(
    ("written", "read"), [("16h00", "16:00"), ("16h", "16:00"), ("8 giờ 30", "08:30"), ("9:00", "09:00")]
)
def test_an_hour_is_read_as_offices_write_it(written, read):
    """It is kept as 16:00, whatever way it came."""
    taken = UrgentReportStep.actions()["request"].parameters.model_validate({**ASKED, "due_at": written})

    assert taken.due_at == read
