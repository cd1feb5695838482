"""`workflow forecast` and `workflow reschedule`, typed on the shipped plan of 2019."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workflow.demo import Demo

PLAN = "25-KH-KHCN-2019"
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.fixture
def office(tmp_path: Path) -> str:
    """The plan as it stood in July 2019: the dossier lies with the committee's Office."""
    demo = Demo(tmp_path / "demo")
    progress = demo.play()
    while next(progress).day <= date(2019, 7, 5):
        pass
    demo.workspace.close()
    return str(demo.workspace.root)


def answer(result: Any) -> Any:
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


def test_a_delay_of_ten_days_is_taken_up_by_september(typed, office):
    """The buffer month takes the verification's delay up, but for 31 August, which is nobody's; the session holds."""
    typed_on = ("--workspace", office, "forecast", PLAN, "--on", "2019-07-10")
    found = answer(typed(*typed_on, "--delay", "verification=10d", "--json"))

    assert (True, "session") == (found["holds"], found["final"]["id"])
    assert [("buffer", 30, 0, 9, 21)] == [
        tuple(each[key] for key in ("id", "days", "used_now", "used", "left")) for each in found["buffers"]
    ]
    stages = {stage["id"]: stage for stage in found["stages"]}
    assert ("2019-08-10", 10, False) == tuple(stages["verification"][key] for key in ("expected_on", "days", "late"))
    text = " ".join(typed(*typed_on, "--delay", "verification=10d").stdout.split())
    assert "9 of 30 days used, 21 left" in text and "The last date holds" in text


def test_a_delay_of_eight_weeks_moves_the_session(typed, office):
    """What the buffer cannot take up reaches the month of the session, and the last date does not hold."""
    found = answer(
        typed("--workspace", office, "forecast", PLAN, "--on", "2019-07-10", "--delay", "verification=10w", "--json")
    )

    assert not found["holds"] and 0 == found["buffers"][0]["left"]
    assert "2019-10-31" == found["final"]["due_on"] < found["final"]["expected_on"]


def test_a_delay_in_working_days_is_typed(typed, office):
    """Behind Wednesday 31 July 2019 ten working days end on 14 August; the help tells from when a delay counts."""
    typed_on = ("--workspace", office, "forecast", PLAN, "--on", "2019-07-10")
    found = answer(typed(*typed_on, "--delay", "verification=10wd", "--json"))

    assert "2019-08-14" == {stage["id"]: stage["expected_on"] for stage in found["stages"]}["verification"]
    assert "behind today where that has passed" in " ".join(typed("forecast", "--help").stdout.split())


@pytest.mark.parametrize("delay", ["verification", "verification=wd", "=3d", "verification=soon", "nowhere=3d"])
def test_what_is_no_delay_is_wrong_usage(typed, office, delay):
    """A delay without a step or a number of days, and an unknown step, exit with 2."""
    assert 2 == typed("--workspace", office, "forecast", PLAN, "--delay", delay).exit_code


def test_an_extension_is_asked_by_one_and_granted_by_another(typed, done, plan, workspace):
    """--ask, then --grant by somebody else; the same person's --grant exits with 3, and `show` has both days."""
    again = ("reschedule", plan, "writing", "--reason", "hai sở gửi chậm")
    done(*again, "--due", "2019-04-20")
    done(*again, "--due", "2019-04-25", "--ask")
    assert "Later days asked for" in typed("show", plan).stdout
    (open_,) = answer(typed("show", plan, "--json"))["extensions_asked"]
    assert ("writing", "2019-04-25", "anna") == (open_["where"], open_["due_on"], open_["by"])
    assert 3 == typed(*again, "--grant", "--as", "anna").exit_code
    granted = typed(*again, "--grant", "--as", "cam")

    assert 0 == granted.exit_code, granted.output
    stage = answer(typed("show", plan, "--json"))["stages"][0]
    assert ("2019-04-25", "2019-04-20") == (stage["due"]["due"], stage["due"]["original"])
    assert "(first 2019-04-20)" in " ".join(typed("show", plan).stdout.split())
    item = answer(typed("due", "--json"))["work_items"][0]
    assert ("2019-04-20", 5) == (item["original_due_on"], item["days_late_original"] - item["days_late"])
    # The plan is of today: on a day before that there was none on which anything could be owed.
    assert [] == answer(typed("due", "--on", "2019-04-27", "--json"))["work_items"]


def test_a_vietnamese_reader_gets_days_as_they_are_written(typed, done, plan):
    """Forecast, explanation, trail, confirmation and calendar: 20/04/2019; in English and in JSON 2019-04-20."""
    Path("days.yaml").write_text(
        "calendar: 1\ndays:\n  - {off: 2026-07-06, source: 01/TB, announced_on: 2026-06-01}\n", encoding="utf-8"
    )
    again = ("reschedule", plan, "writing", "--reason", "chậm", "--due")
    written = done("--lang", "vi", *again, "2019-04-20", "--on", "2019-03-01").stdout
    preview = done("--lang", "vi", "calendar", "load", "days.yaml").stdout
    commands = {
        ("forecast", plan, "--on", "2019-04-01"): "2019-04-20",
        ("due", "--explain", f"{plan}/writing"): "2019-04-20",
        ("audit", "show", plan): "2019-04-20",
        ("calendar", "show", "2026"): "2026-07-06",
    }

    assert "01/03/2019" in written and "20/04/2019" in written and "06/07/2026" in preview
    assert not [text for text in (written, preview) if ISO.search(text)]
    for words, day in commands.items():
        vietnamese, english = (done("--lang", language, *words).stdout for language in ("vi", "en"))
        assert f"{day[8:]}/{day[5:7]}/{day[:4]}" in vietnamese and not ISO.search(vietnamese), vietnamese
        assert day in english
        assert day in done("--lang", "vi", *words, "--json").stdout


def test_one_manner_at_a_time(typed, plan):
    """--ask together with --grant is wrong usage."""
    assert 2 == typed("reschedule", plan, "writing", "--ask", "--grant", "--reason", "x", "--as", "anna").exit_code
