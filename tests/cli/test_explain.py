"""`workflow due --explain`: a date tells its wording, rule, policy, days off, calendar version and every move."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import PEOPLE

DATED = """\
workflow: 1
id: dated
version: 1
title: Thời hạn
by: office-a
lead: office-a
policies: {fixed_day_off: working-day-before}
stages:
  first:
    title: Một
    after: {working_days: 10}
    text: trong 10 ngày làm việc
    steps: {work: {uses: task}}
    transitions: {go: {to: second}}
  second:
    title: Hai
    before: 2026-07-05
    text: Trước ngày 05/7/2026
    transitions: {go: {to: third}}
  third: {title: Ba, after: {stage: second, days: 8}, transitions: {go: {to: month}}}
  month: {title: Bốn, month: 2026-08, transitions: {go: {to: row}}}
  row: {title: Năm, inherit: true, transitions: {go: {to: back}}}
  back: {title: Sáu, back_from: {stage: session, working_days: 3}, transitions: {go: {to: session}}}
  session: {title: Bảy, due: 2026-10-01, transitions: {go: {to: open}}}
  open: {title: Tám, undecided: chưa rõ, transitions: {go: {to: done}}}
  done: {title: Xong, final: true}
"""


@pytest.fixture
def dated(workspace: Path, done: Any) -> Path:
    """A workspace with a plan `p` of 20 April 2026, just before the holidays, with dates of every kind."""
    (workspace / "definitions" / "dated.yaml").write_text(DATED, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    done("people", "load")
    done("create", "dated", "--id", "p", "--start", "2026-04-20", "--on", "2026-04-20")
    return workspace


def explained(done: Any, item: str) -> dict[str, Any]:
    return json.loads(done("due", "--explain", item, "--json").stdout)


def said(done: Any, item: str) -> str:
    return " ".join(done("due", "--explain", item).stdout.split())


def test_a_term_names_its_wording_count_holidays_and_calendar(dated, done):
    """Ten working days from 20 April: three holidays are skipped, each by name."""
    found = explained(done, "p/first/work@1#work")

    assert ("2026-05-07", "trong 10 ngày làm việc") == (found["due_on"], found["wording"])
    assert "10 working days after 2026-04-20, which is not counted" == found["rule"]
    skipped = {day["id"]: day["reason"] for day in found["skipped"]}
    assert ["2026-04-27", "2026-04-30", "2026-05-01"] == list(skipped)
    assert "International Labor Day" == skipped["2026-05-01"]
    assert found["calendar"] == found["calendar_in_force"] != ""
    text = said(done, "p/first/work@1#work")
    for part in ("wording: trong 10 ngày làm việc", "2026-05-01 (International Labor Day)", "calendar: version"):
        assert part in text, part


@pytest.mark.parametrize(
    ("stage", "due", "rule", "policy"),
    [
        ("second", "2026-07-03", "before a day", ["strict", "working-day-before"]),
        ("third", "2026-07-13", "8 calendar days after 2026-07-03, which is not counted", ["working-day-after"]),
        ("month", "2026-08-31", "the last day of the month; late only after it", []),
        ("row", "2026-08-31", "as in the row above", []),
        ("back", "2026-09-28", "3 working days before 2026-10-01, which is not counted", []),
        ("open", None, "undecided: chưa rõ", []),
    ],
)
def test_each_kind_of_date_tells_its_rule_and_policies(dated, done, stage, due, rule, policy):
    """A stage's date tells by which rule, and by which readings of the office, it came about."""
    found = explained(done, f"p/{stage}")

    assert (due, rule, policy) == (found["due_on"], found["rule"], found["policy"])


def test_every_move_is_told_with_its_cause(dated, done, typed):
    """A calendar, a suspension and an extension: each with its day, its reason and who did it."""
    Path("c.yaml").write_text("calendar: 1\ndays:\n- {off: 2026-04-22, source: CV 7}\n", encoding="utf-8")
    done("calendar", "load", "c.yaml")
    done("reschedule", "p", "first", "--due", "2026-05-20", "--ask", "--reason", "chậm")
    asked = explained(done, "p/first/work@1#work")
    assert [{"due_on": "2026-05-20", "by": "anna"}] == asked["asked"]
    assert 0 == typed("reschedule", "p", "first", "--grant", "--reason", "đồng ý", "--as", "cam").exit_code
    found = explained(done, "p/first/work@1#work")

    assert ("2026-05-20", "2026-05-07", []) == (found["due_on"], found["original_due_on"], found["asked"])
    calendar, extension = found["moves"]
    assert ("calendar", "2026-05-07", "2026-05-08", "CV 7") == tuple(
        calendar[key] for key in ("kind", "from", "to", "source")
    )
    assert ("extension", "anna", "cam", "đồng ý") == (
        extension["kind"],
        extension["cause"]["by"],
        extension["actor"],
        extension["reason"],
    )
    text = said(done, "p/first/work@1#work")
    for part in (
        "at first: 2026-05-07",
        "the calendar changed; given off: 2026-04-22 (CV 7); by anna",
        "asked by anna, granted by cam",
    ):
        assert part in text, part


def test_lateness_is_told_against_both_days(dated, done, typed):
    """Against the extended day and against the first one."""
    done(
        "reschedule", "p", "first", "--due", "2026-05-20", "--reason", "x", "--document", "12/CV", "--on", "2026-05-04"
    )
    for item in ("p/first/work@1#work", "p/first/work", "p/first"):
        found = json.loads(done("due", "--explain", item, "--on", "2026-05-25", "--json").stdout)
        assert (5, 18) == (found["days_late"], found["days_late_original"]), item


@pytest.mark.parametrize("item", ["p/nowhere", "nowhere/first", "p/first/work@1#other", "p"])
def test_what_is_not_there_is_not_explained(dated, typed, item):
    """An unknown plan, stage, step or item exits with 2."""
    assert 2 == typed("due", "--explain", item).exit_code


def test_a_vietnamese_reader_gets_vietnamese(dated, done):
    """`--lang vi` tells the rule and the holiday in Vietnamese."""
    text = said(lambda *arguments: done("--lang", "vi", *arguments), "p/first/work@1#work")

    assert "10 ngày làm việc kể từ 20/04/2026, không tính ngày này" in text
    assert "Quốc tế Lao động" in text


TABLE = """\
workflow: 1
id: table
version: 1
title: Phân công
by: office-a
lead: office-a
stages:
  work:
    title: Một
    steps:
      rows:
        uses: assignment
        with:
          rows:
            - {key: I.1, title: x, lead: agency-b, due: 2020-03-10, text: 10/3/2020}
            - {key: I.2, title: y, lead: agency-b, inherit: true}
            - {key: I.3, title: z, lead: agency-b, before: 2020-03-30, text: trước ngày 30/3/2020}
      term: {uses: task, after: {days: 12}}
    transitions: {go: {to: done, allow_open_steps: true}}
  done: {title: Xong, final: true}
alongside:
  monthly:
    uses: periodic-report
    text: định kỳ hàng tháng (trước ngày 13)
    with: {every: month, day_before: 13, units: [office-a], to: office-a}
    until: {stage: done}
"""


@pytest.fixture
def table(workspace: Path, done: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a plan `t` of 2 March 2020, whose table and monthly report are owed."""
    (workspace / "definitions" / "table.yaml").write_text(TABLE, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    done("people", "load")
    done("create", "table", "--id", "t", "--start", "2020-03-02", "--on", "2020-03-02")
    return workspace


def test_a_row_tells_its_wording_and_the_row_that_it_inherits_from(table, done):
    """ "10/3/2020" is the day as written, for the row that has it and for the row below it."""
    own, inherited = (explained(done, f"t/work/rows@1#{key}") for key in ("I.1", "I.2"))

    assert ("10/3/2020", "the day as written: 2020-03-10", None) == tuple(
        own[key] for key in ("wording", "rule", "inherited_from")
    )
    assert ("10/3/2020", "the day as written: 2020-03-10", "I.1") == tuple(
        inherited[key] for key in ("wording", "rule", "inherited_from")
    )
    assert "inherited from row I.1" in said(done, "t/work/rows@1#I.2")
    before = explained(done, "t/work/rows@1#I.3")
    assert ("2020-03-27", "before 2020-03-30", ["strict", "working-day-before"]) == tuple(
        before[key] for key in ("due_on", "rule", "policy")
    )


def test_a_period_tells_its_rhythm_and_the_day_that_it_is_owed_before(table, done):
    """Before 13 April 2020, a Monday: the Sunday is a day off, so the Friday counts."""
    done("tick", "t")
    found = explained(done, "t/monthly@1#2020-04/office-a")

    assert ("định kỳ hàng tháng (trước ngày 13)", "before day 13 of each month", "before 2020-04-13") == tuple(
        found[key] for key in ("wording", "rhythm", "rule")
    )
    assert ("2020-04-10", ["strict", "working-day-before"]) == (found["due_on"], found["policy"])
    assert "(2020-04-12 -> 2020-04-10)" in said(done, "t/monthly@1#2020-04/office-a")
    text = said(lambda *arguments: done("--lang", "vi", *arguments), "t/monthly@1#2020-04/office-a")
    assert "trước ngày 13 hằng tháng" in text


def test_a_date_that_somebody_corrected_tells_who_when_and_why(table, done):
    """For the row that was corrected, and for the one that inherits from it."""
    correct = ("act", "t", "work/rows", "correct-date", "--row", "I.1", "--due", "2020-03-20")
    done(*correct, "--reason", "CV 9 lùi hạn", "--on", "2020-03-05")
    for key in ("I.1", "I.2"):
        found = explained(done, f"t/work/rows@1#{key}")
        (move,) = found["moves"]
        assert ("2020-03-10", "2020-03-20", "2020-03-05", "anna", "CV 9 lùi hạn", "Correct a date") == tuple(
            move[name] for name in ("from", "to", "on", "actor", "reason", "action")
        )
        assert ("2020-03-20", "2020-03-10", "set by hand") == tuple(
            found[name] for name in ("due_on", "original_due_on", "rule")
        )


def test_calendar_days_skip_no_day_off(table, done):
    """Twelve calendar days over a weekend skip nothing; only the end on a day off was moved, and that is named."""
    Path("c.yaml").write_text(
        "calendar: 1\ndays:\n- {off: 2020-03-05, source: CV 1}\n- {off: 2020-03-16, source: CV 2}\n", encoding="utf-8"
    )
    found = explained(done, "t/work/term")
    assert ("2020-03-16", []) == (found["due_on"], found["skipped"])
    done("calendar", "load", "c.yaml")
    found = explained(done, "t/work/term")
    assert ("2020-03-17", ["2020-03-16"]) == (found["due_on"], [day["id"] for day in found["skipped"]])
    Path("keep.yaml").write_text(
        "calendar: 1\ndays:\n- {off: 2020-03-05, source: CV 1}\npolicies: {term_day_off: keep}\n", encoding="utf-8"
    )
    done("calendar", "load", "keep.yaml")
    found = explained(done, "t/work/term")
    assert ("2020-03-14", [], []) == (found["due_on"], found["skipped"], found["policy"])


def test_each_move_names_its_own_cause(table, done):
    """One file drops a day off, gives another and reads "before" otherwise: every date tells which of them moved it."""
    first = "calendar: 1\ndays:\n- {off: 2020-03-16, source: CV 1}\n"
    second = "calendar: 1\ndays:\n- {off: 2020-04-10, source: CV 2}\npolicies: {before: inclusive}\n"
    for name, text in (("1.yaml", first), ("2.yaml", second)):
        Path(name).write_text(text, encoding="utf-8")
        done("calendar", "load", name)

    term, row = explained(done, "t/work/term")["moves"][-1], explained(done, "t/work/rows@1#I.3")["moves"][-1]
    assert [("removed", "CV 1", ["2020-03-16"])] == [
        (change["change"], change["source"], change["off"]) for change in term["changes"]
    ]
    assert None is term["source"]
    assert [("policy", "before", "strict", "inclusive")] == [
        tuple(change[key] for key in ("change", "policy", "from", "to")) for change in row["changes"]
    ]
    assert "off no more: 2020-03-16 (was: CV 1)" in said(done, "t/work/term")
    assert '"before a day": the day before -> that day included' in said(done, "t/work/rows@1#I.3")
    trail = " ".join(done("audit", "show", "t").stdout.split())
    assert "given off: 2020-03-16 (CV 1)" in trail and "that day included" in trail


URGENT = """\
workflow: 1
id: urgent
version: 1
title: Báo cáo đột xuất
by: office-a
lead: office-a
stages:
  work:
    title: Một
    steps: {urgent: {uses: urgent-report, with: {to: office-a, units: [agency-b]}}}
    transitions: {go: {to: done, allow_open_steps: true}}
  done: {title: Xong, final: true}
"""


def test_an_urgent_report_stands_in_the_calendar_at_its_hour(workspace, done):
    """11:00 in Vietnam is 04:00 UTC; the list and the table name the hour."""
    (workspace / "definitions" / "urgent.yaml").write_text(URGENT, encoding="utf-8")
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    done("people", "load")
    done("create", "urgent", "--id", "u")
    request = (
        "act",
        "u",
        "urgent",
        "request",
        "--subject",
        "Báo cáo nhanh",
        "--due",
        "2031-03-05",
        "--due-at",
        "11:00",
    )
    done(*request)
    lines = done("due", "--ics", "-").stdout.splitlines()

    assert "DTSTART:20310305T040000Z" in lines and not any(line.startswith("DTEND") for line in lines)
    assert "2031-03-05 11:00" in done("due").stdout
    assert "11:00" in done("due", "--csv", "-").stdout.splitlines()[1]
    assert "11:00" == json.loads(done("due", "--json").stdout)["work_items"][0]["due_at"]
    found = explained(done, "u/work/urgent@1#1/agency-b")
    assert "the day as written: 2031-03-05" == found["rule"]
