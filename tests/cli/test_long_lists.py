"""However much there is, a command prints what a person reads, and says how the rest is shown."""

from __future__ import annotations

import csv
import json

import pytest
from cli.test_import_fund import HEADER, PLAN, plan  # noqa: F401
from cli.test_tick import LATER, REPORTING

APPLICATIONS = 60


@pytest.fixture
def full(done, plan, tmp_path):  # noqa: F811
    """A fund with 60 applications, the last of which was withdrawn."""
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(1, APPLICATIONS + 1):
            writer.writerow([number, f"HTX số {number}", "standards", "1.000.000", "", "2024-03-01"])
    done("import", PLAN, "fund", str(path))
    done("act", PLAN, "fund", "withdraw", "--application", str(APPLICATIONS))
    return PLAN


def test_the_balance_of_a_long_register_is_on_the_first_screen(typed, full):
    """Of 60 applications the newest 20 open ones are shown, and 10 of what blocks the step; `--all` shows all."""
    lines = typed("show", full, "fund").stdout.splitlines()
    short, whole = "\n".join(lines), typed("show", full, "fund", "--all").stdout

    assert any("Ceiling 810.000.000" in line for line in lines[:24])
    assert len(lines) < 120
    assert "HTX số 59" in short and "HTX số 40" in short
    assert "HTX số 60" not in short and "HTX số 39" not in short
    assert "… and 40 more: workflow show 1-KH-2024 work/fund --all" in " ".join(short.split())
    assert all(f"HTX số {number}" in whole for number in range(1, APPLICATIONS + 1))
    assert "more:" not in whole
    (table,) = json.loads(typed("show", full, "fund", "--json").stdout)["tables"]
    assert APPLICATIONS == len(table["rows"])


def test_the_overview_tells_five_of_each_plan(typed, full):
    """What blocks a plan is cut, and so is what is late of it; `--all` tells everything."""
    result = typed("overview", "--on", "2024-12-01")
    short, whole = result.stdout, typed("overview", "--on", "2024-12-01", "--all").stdout

    assert len(short.splitlines()) < 100
    assert 5 == sum(line.startswith("- ") for line in map(str.strip, short.splitlines()))
    assert "more: workflow next 1-KH-2024" in " ".join(short.split())
    assert APPLICATIONS - 1 <= sum(line.startswith("- ") for line in map(str.strip, whole.splitlines()))
    assert "more:" not in whole


def test_an_act_after_a_long_time_tells_its_own_result_first(typed, done, workspace):
    """What was recorded by itself in years is one line; the act's own result stands by itself."""
    (workspace / "definitions" / "reporting.yaml").write_text(REPORTING, encoding="utf-8")
    done("people", "load")
    done("create", "reporting", "--id", "2020-KH", "--on", "2020-03-02")
    tried = " ".join(done("suspend", "2020-KH", "--reason", "hết kinh phí", "--on", LATER).stdout.split())

    assert 1 == tried.count("Recorded by itself")
    assert "Recorded by itself, from 2020-03-09 to " in tried
    assert "entries on steps (`workflow audit show 2020-KH` shows each)" in tried
    assert "plan suspended" in tried
