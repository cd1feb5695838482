"""The monthly report tells what had happened by its day, and calls late what every other face calls late."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from paper_office import PLAN, Office, cells, read, text_of

DEFINITION = """\
workflow: 1
id: papers
version: 1
title: {vi: Kế hoạch mẫu, en: Sample}
by: [phong-a, phong-b, clerk]
lead: phong-a
policies: {fixed_day_off: keep}
stages:
  work:
    title: {vi: Thu thập, en: Work}
    window: 2026-03-02/2026-03-10
    steps:
      first: {uses: task, title: {vi: Thu thập tài liệu, en: Collect}}
      own: {uses: task, title: {vi: Làm riêng, en: Own day}, due: 2026-03-10, lead: phong-b}
    transitions: {go: {to: reserve}}
  reserve:
    title: {vi: Dự phòng, en: Reserve}
    window: 2026-03-11/2026-03-31
    buffer: true
    transitions: {finish: {to: done}}
  done: {title: {vi: Xong, en: Done}, final: true}
alongside:
  urgent:
    uses: urgent-report
    title: {vi: Báo cáo đột xuất, en: Urgent report}
    with: {to: so}
    until: {stage: done}
  series:
    uses: periodic-report
    title: {vi: Báo cáo tháng, en: Monthly report}
    with: {every: month, day_before: 13, units: [phong-a, phong-b], to: so}
    until: {stage: done}
  gathered:
    uses: periodic-report
    title: {vi: Báo cáo chung, en: Common report}
    with: {every: month, day_before: 20, units: [phong-a], to: so, consolidates: series}
    until: {stage: done}
  inform:
    uses: duty
    title: {vi: Tuyên truyền, en: Publicity}
    until: {stage: done}
"""


@pytest.fixture
def running(found: Callable[..., Office]) -> Office:
    """A plan in its first stage; each of its days is one that somebody asks about."""
    return found(definition=DEFINITION)


def report(office: Office, day: str) -> Any:
    """The monthly report as of a day, made on it or later."""
    office.clock.move_to(max(office.clock.now().date(), date.fromisoformat(day)))
    return read(office.make("monthly-report", on=date.fromisoformat(day)))


def counts(document: Any) -> tuple[int, ...]:
    """Done in the month, of these late; owed, of these late; due in the next month."""
    words = text_of(document).replace("\n", "")
    said = r"(?:trong tháng|chưa hoàn thành|quá hạn|tháng \d+/\d+): (\d+)"
    return tuple(int(number) for number in re.findall(said, words))


def owed(office: Office, day: str, *more: str) -> list[dict[str, Any]]:
    """What `due --json` lists."""
    return json.loads(office.typed("due", "--on", day, "--json", *more).stdout)["work_items"]


@pytest.mark.parametrize("day", ["2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-31"])
def test_what_is_late_in_the_report_is_what_due_calls_late(running, day):
    """On each day the report counts as many late items as `due --late`, the table, `show` and `overview` have."""
    running.write(day)
    late = {item["id"] for item in owed(running, day, "--late")}
    table = csv.DictReader(io.StringIO(running.typed("due", "--on", day, "--csv", "-").stdout.lstrip("\ufeff")))
    shown = json.loads(running.typed("show", PLAN, "--on", day, "--json").stdout)
    (listed,) = json.loads(running.typed("overview", "--on", day, "--json").stdout)["plans"]

    assert counts(report(running, day))[3] == len(late)
    assert {row["item"] for row in table if row["late"] == "yes"} == late
    assert {item["id"] for item in shown["work_items"] if item["late"]} == late
    for face in (shown, listed):
        assert {each["id"] for each in face["lateness"] if each["kind"] == "work"} == late


def test_work_in_buffer_time_is_late_nowhere(running):
    """Behind its stage's day, and with buffer left, it is marked as such; a step's own day has no buffer."""
    running.write("2026-03-11")
    rows = {row[1]: row for table in report(running, "2026-03-11").tables[1:] for row in cells(table)}
    words = {command[0]: running.typed(*command, "--on", "2026-03-11").stdout for command in (("show", PLAN), ("due",))}

    assert rows["Thu thập tài liệu"][4] == "Dự phòng đến ngày 31/03/2026"
    assert rows["Làm riêng"][4] == "Quá hạn"
    assert [item["step"] for item in owed(running, "2026-03-11", "--late")] == ["work/own"]
    late = words["show"].partition("\nLate\n")[2].partition("\n\n")[0]
    assert ("Own day" in late, "Collect" in late) == (True, False)
    assert "Collect" in words["show"].partition("\nTaking buffer time\n")[2].partition("\n\n")[0]
    assert "1 day late" not in words["show"].partition("\nWaiting on\n")[2].partition("Phòng Kế hoạch")[0]


def test_days_late_are_the_same_in_every_face(found):
    """However lately somebody came to hold it, an item is as many days late in the overview as in the table."""
    office = found(definition=DEFINITION.replace("due: 2026-03-10,", "due: 2026-03-10, after: [first],"))
    office.act("first", "complete", "2026-05-01", result="Đã có")
    office.write("2026-05-10")
    (item,) = (each for each in owed(office, "2026-05-10") if each["step"] == "work/own")
    shown = json.loads(office.typed("show", PLAN, "--on", "2026-05-10", "--json").stdout)
    (late,) = (each for each in shown["lateness"] if each["id"] == item["id"])

    assert (61, 61, 61, 9) == (item["days_late"], late["days_late"], shown["days_late"], late["days_held"])
    words = " ".join(office.typed("overview", "--on", "2026-05-10").stdout.split())
    assert "61 days, 9 of them there" in words


def test_an_urgent_report_behind_its_hour_is_late(running):
    """Done on its day but 90 minutes behind its hour it counts as late, and its row says so."""
    running.act(
        "urgent", "request", "2026-03-04", subject="Tiến độ", due="2026-03-05", due_at="15:00", units=["phong-b"]
    )
    running.act("urgent", "report", "2026-03-05", request=1, unit="phong-b", at="16:30")
    document = report(running, "2026-03-05")
    (row,) = (row for table in document.tables[1:] for row in cells(table) if "đột xuất" in row[1])
    (item,) = (each for each in running.service.plan(PLAN).owed if each.step == "urgent")

    assert counts(document)[:2] == (1, 1)
    assert (row[4], item.late) == ("05/03/2026 (chậm)", True)


def test_the_report_brings_what_lies_in_the_next_month(found):
    """Stages and dated steps nobody entered yet, and the periods that each series will open, stand in section 3."""
    text = DEFINITION.replace(
        "    transitions: {finish: {to: done}}\n  done",
        """\
    transitions: {hand-on: {to: appraisal}}
  appraisal:
    title: {vi: Gửi thẩm định, en: Appraisal}
    window: 2026-04-06/2026-05-15
    steps:
      send: {uses: task, title: {vi: Nộp hồ sơ, en: Hand in}, due: 2026-04-10, lead: phong-b}
      hidden: {uses: task, title: {vi: Việc mật, en: Secret}, due: 2026-04-10, confidential: true}
      answer: {uses: task, title: {vi: Nhận kết quả, en: Result}, due: 2026-05-12}
    transitions: {finish: {to: done}}
  done""",
    )
    office = found(definition=text)
    document = report(office, "2026-03-20")
    rows = [row for row in cells(document.tables[-2]) if row[0].isdigit()]
    april, june = [row[1].split("\n") for row in rows], text_of(report(office, "2026-05-20"))

    assert ["Gửi thẩm định", "Bắt đầu ngày 06/04/2026"] in april
    assert ["Nộp hồ sơ"] in april or ["Nộp hồ sơ", ""] in april
    assert 2 == sum(row[0] == "Báo cáo tháng, tháng 4/2026" for row in april)
    assert 1 == sum(row[0] == "Báo cáo chung, tháng 4/2026" for row in april)
    assert not any("tháng 5/2026" in row[0] or "mật" in row[0] or "Nhận kết quả" in row[0] for row in april)
    assert counts(document)[4] == len(rows)
    assert "Gửi thẩm định" not in june and "tháng 6/2026" in june


def test_what_came_later_does_not_change_what_the_next_month_was_to_bring(running):
    """A report made behind its month tells of the next one what was known on its day."""
    running.write("2026-03-09")
    known = running.make("monthly-report", on=date(2026, 3, 9))
    running.act("series", "report", "2026-04-07", period="2026-04", unit="phong-a")

    assert running.make("monthly-report", on=date(2026, 3, 9)) == known


def test_who_never_reported_is_counted_though_nobody_looked(running):
    """Periods that began by the day are owed in the report, also where no command was given since."""
    running.clock.move_to(date(2026, 11, 17))
    document = report(running, "2026-04-30")
    rows = [row[1] for row in cells(document.tables[1]) if "tháng" in row[1]]

    # Of March, April: two units and the common report each; the two tasks of March.
    assert sorted(rows) == sorted(
        ["Báo cáo tháng, tháng 3/2026"] * 2
        + ["Báo cáo tháng, tháng 4/2026"] * 2
        + ["Báo cáo chung, tháng 3/2026", "Báo cáo chung, tháng 4/2026"]
    )
    assert counts(document)[2:4] == (9, 8)


def test_a_report_knows_nothing_of_what_came_later(running):
    """What was done, logged or handed in behind its day is as it was on that day."""
    running.act("inform", "log", "2026-03-08", text="Đăng tin")
    running.write("2026-03-09")
    known = running.make("monthly-report", on=date(2026, 3, 9))
    running.act("first", "complete", "2026-03-10", result="Đã có")
    running.act("inform", "log", "2026-03-10", text="Đăng tin nữa")
    running.act("series", "report", "2026-03-11", period="2026-03", unit="phong-a")

    assert running.make("monthly-report", on=date(2026, 3, 9)) == known
    assert "gần nhất: 08/03/2026" in text_of(read(known)).replace("\n", "")


def test_what_was_entered_in_error_never_happened(running):
    """A report made after a correction leaves out what was undone, whatever day that was."""
    running.write("2026-03-09")
    before = running.make("monthly-report", on=date(2026, 3, 9))
    running.act("first", "complete", "2026-03-09", result="Nhầm")
    done = running.service.require_plan(PLAN).revision
    running.service.correct(PLAN, done, running.write("2026-04-02"), reason="Ghi nhầm kế hoạch")

    assert running.make("monthly-report", on=date(2026, 3, 9)) == before


def test_of_a_month_before_the_plan_no_report_is_made(running):
    """A report as of a day on which there was no plan is refused, and no file is written."""
    result = running.typed("paper", "make", PLAN, "monthly-report", "--on", "2026-02-27")

    assert (result.exit_code, "the plan began on 2026-03-02" in result.stderr) == (3, True)


def test_the_missing_units_stand_with_their_names(running):
    """A report that brings others together names who was missing by name, on paper and on the screen."""
    running.act("series", "report", "2026-03-11", period="2026-03", unit="phong-a")
    running.act("gathered", "report", "2026-03-12", period="2026-03", unit="phong-a")
    words = text_of(report(running, "2026-03-31")).replace("\n", "")

    assert "(thiếu: Phòng Kế hoạch)" in words
    assert "(without: Phòng Kế hoạch)" in running.typed("show", PLAN, "--all").stdout.replace("\n", " ")


def test_one_report_writes_its_days_in_one_way(running):
    """Days in figures have two digits for day and month throughout."""
    running.act(
        "urgent", "request", "2026-03-30", subject="Tiến độ", due="2026-04-02", due_at="15:00", units=["phong-b"]
    )
    words = text_of(report(running, "2026-03-31")).replace("\n", " ")

    assert "02/04/2026" in words
    assert not re.search(r"\b\d{1,2}/\d/\d{4}|\b\d/\d{1,2}/\d{4}", words)
