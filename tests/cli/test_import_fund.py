"""A list of applications goes into a fund row by row, with sums as offices write them and a bar on a terminal."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

PLAN = "1-KH-2024"
DEFINITION = """\
workflow: 1
id: money
version: 1
title: {vi: Kinh phí mẫu, en: Sample fund}
by: office-a
lead: office-a
stages:
  work:
    title: {vi: Thực hiện, en: Work}
    steps:
      fund:
        uses: support-fund
        with:
          ceiling: 810.000.000 đồng
          heads:
            standards: {vi: Áp dụng tiêu chuẩn, en: Standards}
            traceability: {vi: Truy xuất nguồn gốc, en: Traceability}
    transitions: {finish: {to: done}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
HEADER = ["STT", "Tổ chức, cá nhân đề nghị", "Nội dung hỗ trợ", "Số tiền đề nghị", "Bằng chữ", "Ngày nhận"]


@pytest.fixture
def plan(workspace: Path, done) -> str:
    """A plan with an open fund since 2 January 2024."""
    (workspace / "definitions" / "money.yaml").write_text(DEFINITION, encoding="utf-8")
    done("people", "load")
    done("create", "money", "--id", PLAN, "--start", "2024-01-02", "--on", "2024-01-02")
    return PLAN


@pytest.fixture
def imported(typed, plan):
    """Imports a file as anna: the exit code and the object that `--json` prints."""

    def run(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
        result = typed("import", plan, "fund", str(path), *more, "--as", "anna", "--json")
        return result.exit_code, json.loads(result.stdout or result.stderr)

    return run


def separated(path: Path, rows: list[list[object]], delimiter: str = ",") -> Path:
    """A .csv with the header and these rows."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([HEADER, *rows])
    return path


def sheet(path: Path, rows: list[list[object]]) -> Path:
    """A workbook with the header and these rows in its only sheet."""
    book = openpyxl.Workbook()
    for row in [HEADER, *rows]:
        book.active.append(row)
    book.save(path)
    return path


def told(answer: dict[str, Any]) -> dict[int, list[str]]:
    """Each row's number with what became of it, and the codes of its reasons, doubts and warnings."""
    return {
        row["row"]: [
            row["outcome"],
            *(each["code"] for kind in ("reasons", "doubts", "warnings") for each in row[kind]),
        ]
        for row in answer["rows"]
    }


def applications(done) -> list[dict[str, Any]]:
    """The fund's applications, as the plan has them."""
    (step,) = json.loads(done("show", PLAN, "--json").stdout)["steps"]
    return step["data"]["applications"]


def test_each_row_of_a_list_is_received_or_refused_with_its_reason(imported, done, tmp_path):
    """Sums in figures and in words, heads by their title, days; what does not agree is refused by itself."""
    rows = [
        [1, "Hợp tác xã Lục Ngạn", "Truy xuất nguồn gốc", "50.000.000 đồng", "Năm mươi triệu đồng chẵn", "02/04/2024"],
        [
            2,
            unicodedata.normalize("NFD", "Công ty Cơ khí"),
            "ÁP DỤNG TIÊU CHUẨN",
            "12000000",
            "mười hai triệu đồng",
            "",
        ],
        [3, "Công ty Dệt", "Áp dụng tiêu chuẩn", "-5.000.000", "", ""],
        [4, "Công ty Giấy", "Áp dụng tiêu chuẩn", "1.500.000,50", "", ""],
        [5, "Công ty Nhựa", "Áp dụng tiêu chuẩn", "5.000.000", "năm mươi triệu đồng", ""],
        [6, "Công ty Xây", "Xây nhà kho", "5.000.000", "", ""],
        [7, "", "Áp dụng tiêu chuẩn", "5.000.000", "", ""],
        [8, "HỢP TÁC XÃ LỤC NGẠN", "Truy xuất nguồn gốc", "1.000.000", "", ""],
        ["", "Tổng cộng", "", "80.500.000", "", ""],
    ]

    code, answer = imported(separated(tmp_path / "đề nghị.csv", rows), "--on", "2024-04-05")

    assert code == 3
    assert told(answer) == {
        2: ["taken"],
        3: ["taken"],
        4: ["refused", "parameter-wrong-value"],
        5: ["refused", "parameter-wrong-value"],
        6: ["refused", "words-differ"],
        7: ["refused", "unknown-head"],
        8: ["refused", "cell-empty"],
        9: ["taken", "possible-duplicate"],
        10: ["left-out", "total-row"],
    }
    kept = [(each["number"], each["head"], each["asked"], each["received_on"]) for each in applications(done)]
    assert kept == [
        (1, "traceability", 50_000_000, "2024-04-02"),
        (2, "standards", 12_000_000, "2024-04-05"),
        (3, "traceability", 1_000_000, "2024-04-05"),
    ]


def test_a_second_run_goes_on_where_the_first_ended(imported, done, tmp_path):
    """What was received is not received again, and what was refused is judged anew."""
    rows = [[1, "HTX A", "standards", "5.000.000", "", ""], [2, "HTX B", "khác", "5.000.000", "", ""]]
    path = separated(tmp_path / "đề nghị.csv", rows, ";")
    imported(path)

    code, answer = imported(path)

    assert (code, told(answer)) == (3, {2: ["already"], 3: ["refused", "unknown-head"]})
    assert [each["number"] for each in applications(done)] == [1]


def test_a_run_that_is_killed_is_gone_on_with(workspace, imported, done, tmp_path):
    """What was received before is there once, the rest is received by the next run."""
    path = separated(tmp_path / "đề nghị.csv", [[n, f"HTX {n}", "standards", "", "", ""] for n in range(1, 41)])
    command = [sys.executable, "-m", "workflow", "import", PLAN, "fund", str(path), "--as", "anna"]
    running = subprocess.Popen(
        command, cwd=workspace, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    )
    told_before = [running.stdout.readline() for _ in range(5)]
    running.kill()
    running.communicate()
    assert all(line.startswith("row ") for line in told_before)

    code, answer = imported(path)

    assert (code, answer["taken"] + answer["already"]) == (0, 40)
    assert answer["already"] >= 5
    assert [each["number"] for each in applications(done)] == list(range(1, 41))


def test_a_workbook_with_formulas_and_fractions_is_read_for_what_it_holds(imported, tmp_path):
    """A stored value counts; a formula without one, an error and a fraction are refused, never computed or rounded."""
    rows = [
        [1, "HTX A", "standards", 5_000_000, None, date(2024, 4, 2)],
        [2, "HTX B", "standards", "=2*5000000", None, None],
        [3, "HTX C", "standards", 12.345, None, None],
        [4, "HTX D", "standards", 5_000_000.0, "năm triệu đồng", None],
        [5, "HTX E", "standards", "#REF!", None, None],
        [6, "HTX F", "standards", -5, None, None],
    ]
    path = sheet(tmp_path / "đề nghị.xlsx", rows)

    _, answer = imported(path)

    assert told(answer) == {
        2: ["taken"],
        3: ["refused", "cell-unread"],
        4: ["refused", "cell-fraction"],
        5: ["taken"],
        6: ["refused", "cell-unread"],
        7: ["refused", "parameter-wrong-value"],
    }


def test_a_sum_that_is_one_cell_over_two_rows_is_doubted(imported, tmp_path):
    """It may be meant for both together; whoever imports is told."""
    path = sheet(tmp_path / "gộp.xlsx", [[1, "HTX A", "standards", 5_000_000], [2, "HTX B", "standards", None]])
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("D2:D3")
    book.save(path)

    _, answer = imported(path)

    assert told(answer) == {2: ["taken"], 3: ["taken", "merged-sum"]}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_100_000_rows_are_refused_at_once(imported, done, tmp_path, ending):
    """The refusal says how many are read, and nothing was received."""
    rows = [[number, "HTX", "standards"] for number in range(100_000)]
    path = tmp_path / f"nhiều.{ending}"
    if ending == "csv":
        separated(path, rows)
    else:
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet()
        for row in [HEADER, *rows]:
            page.append(row)
        book.save(path)

    code, answer = imported(path)

    assert (code, answer["error"]["code"]) == (2, "too-large")
    assert "20000 rows" in answer["error"]["message"]
    assert applications(done) == []


def test_a_faulty_sum_is_explained_in_the_readers_language(typed, plan, tmp_path):
    """No English reaches a Vietnamese clerk."""
    path = separated(tmp_path / "đề nghị.csv", [[1, "HTX A", "standards", "-5", "", ""]])

    result = typed("import", plan, "fund", str(path), "--as", "anna", "--lang", "vi")

    assert "không phải là số tiền nguyên đồng" in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of its own")
def test_a_terminal_shows_how_far_it_is(workspace, plan, tmp_path):
    """The bar goes to standard error and is gone at the end; standard output holds the rows alone."""
    import pexpect

    path = separated(tmp_path / "đề nghị.csv", [[n, f"HTX {n}", "standards", "", "", ""] for n in range(1, 6)])
    rows = tmp_path / "rows.txt"
    command = f'"{sys.executable}" -m workflow import {plan} fund "{path}" --as anna > "{rows}"'
    running = pexpect.spawn("/bin/sh", ["-c", command], cwd=str(workspace), encoding="utf-8", env=dict(os.environ))
    running.expect(r"\[#{40}\] 5/5 100%", timeout=60)
    running.expect(pexpect.EOF)
    running.close()

    assert running.exitstatus == 0
    assert "[#" not in rows.read_text("utf-8")
    assert "5 taken in, 0 before, 0 refused" in rows.read_text("utf-8")


def test_without_a_terminal_there_is_no_bar(typed, plan, tmp_path):
    """A log is no terminal."""
    path = separated(tmp_path / "đề nghị.csv", [[1, "HTX A", "standards", "", "", ""]])

    result = typed("import", plan, "fund", str(path), "--as", "anna")

    assert "1/1" not in result.output


def test_a_possible_duplicate_is_told_when_it_is_received(typed, done, plan):
    """By hand as from a list; in JSON it stands under `warnings`."""
    first = ("act", PLAN, "fund", "apply", "--applicant", "Hợp tác xã A", "--head", "standards", "--as", "anna")
    done(*first)

    result = typed(*first)

    assert result.exit_code == 0
    assert "Note: the same applicant may have applied for the same head before: application 1 (check)" in " ".join(
        result.stderr.split()
    )
    shown = json.loads(typed(*first, "--json").stdout)
    assert [each["code"] for each in shown["warnings"]] == ["possible-duplicate"]


def test_a_mended_file_brings_only_what_was_mended(imported, done, tmp_path):
    """Rows are known by their words: an unchanged row of another file, in another place or form, counts once."""
    rows = [[n, f"HTX {n}", "standards", "5.000.000", "", ""] for n in range(1, 5)]
    rows[1][3] = "5,5"
    imported(separated(tmp_path / "đề nghị.csv", rows))
    rows[1][3] = "5.500.000"
    rows.insert(0, ["", "HTX mới", "standards", "1.000.000", "", ""])

    code, answer = imported(sheet(tmp_path / "đã sửa.xlsx", rows))

    assert (code, told(answer)) == (0, {2: ["taken"], 3: ["already"], 4: ["taken"], 5: ["already"], 6: ["already"]})
    assert sorted(each["asked"] for each in applications(done)) == [
        1_000_000,
        5_000_000,
        5_000_000,
        5_000_000,
        5_500_000,
    ]


def test_a_changed_sum_names_the_application_it_resembles_and_how_one_of_them_goes(imported, typed, done, tmp_path):
    """It is taken in as another application; its line says which one it is like, and the command works as written."""
    imported(separated(tmp_path / "một.csv", [["", "HTX A", "standards", "5.000.000", "", ""]]))

    path = separated(tmp_path / "hai.csv", [["", "HTX A", "standards", "6.000.000", "", ""]])
    result = typed("import", PLAN, "fund", str(path), "--as", "anna")

    told = " ".join(result.output.split())
    assert "application 1 (5.000.000 đồng, check); this one is number 2" in told
    command = told.partition("`workflow ")[2].partition("`")[0]
    assert f"act {PLAN} work/fund withdraw --application 1 --reason …" == command
    done(*command.split())
    assert [each["asked"] for each in applications(done) if each["phase"] != "withdrawn"] == [6_000_000]


def test_equal_rows_of_one_file_are_each_taken_in_once(imported, done, tmp_path):
    """Two rows that say the same are two applications, however often the file comes."""
    path = separated(tmp_path / "đề nghị.csv", [["", "HTX A", "standards", "5.000.000", "", ""]] * 2)
    imported(path)

    _, answer = imported(path)

    assert told(answer) == {2: ["already"], 3: ["already"]}
    assert len(applications(done)) == 2


def test_a_row_whose_event_was_corrected_is_taken_in_anew(imported, done, tmp_path):
    """A correction takes the row back; the file brings it again, and then once only."""
    path = separated(tmp_path / "đề nghị.csv", [["", "HTX A", "standards", "5.000.000", "", ""]])
    _, first = imported(path)
    done("correct", PLAN, str(first["rows"][0]["seq"]), "--reason", "nhập nhầm hồ sơ", "--as", "anna")
    assert applications(done) == []

    outcomes = [told(imported(path)[1]) for _ in range(2)]

    assert outcomes == [{2: ["taken"]}, {2: ["already"]}]
    assert len(applications(done)) == 1


def test_parallel_imports_of_one_file_report_what_each_of_them_took_in(workspace, plan, done, tmp_path):
    """Taken together they took every row in once; the others were there before."""
    path = separated(tmp_path / "đề nghị.csv", [[n, f"HTX {n}", "standards", "", "", ""] for n in range(1, 31)])
    command = [sys.executable, "-m", "workflow", "import", PLAN, "fund", str(path), "--as", "anna", "--json"]
    running = [
        subprocess.Popen(command, cwd=workspace, env={**os.environ}, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [json.loads(process.communicate()[0]) for process in running]

    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum(answer["taken"] for answer in answers) == 30 == len(applications(done))
    assert all(answer["taken"] + answer["already"] == 30 for answer in answers)


def test_who_may_take_in_no_row_is_told_once(typed, plan, tmp_path):
    """A fault of the person is none of the rows: it is not repeated for each, and says what would help."""
    path = separated(tmp_path / "đề nghị.csv", [[n, f"HTX {n}", "standards", "", "", ""] for n in range(1, 6)])

    result = typed("import", plan, "fund", str(path), "--as", "bao")

    assert result.exit_code == 4
    assert (result.output + result.stderr).count("office-a") <= 2
    assert "refused" not in result.stdout.replace("0 refused", "")


def test_a_clerk_is_told_to_name_the_body(workspace, typed, done, tmp_path):
    """Whoever may record the rows for somebody is shown how."""
    text = DEFINITION.replace("        uses: support-fund", "        uses: support-fund\n        by: agency-b")
    (workspace / "definitions" / "money.yaml").write_text(text, encoding="utf-8")
    done("people", "load")
    done("create", "money", "--id", PLAN)
    path = separated(tmp_path / "đề nghị.csv", [["", "HTX A", "standards", "", "", ""]])

    result = typed("import", PLAN, "fund", str(path), "--as", "anna")

    assert result.exit_code == 4
    assert "--behalf agency-b" in result.stderr
    assert typed("import", PLAN, "fund", str(path), "--as", "anna", "--behalf", "agency-b").exit_code == 0
