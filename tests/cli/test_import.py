"""A table of opinions goes in row by row: taken in, taken in before, or refused with its reason."""

from __future__ import annotations

import csv
import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from workflow.bootstrap import init_workspace

PLAN, STEP = "1-KH-2026", "agencies/round"
DEFINITION = """\
workflow: 1
id: opinions
version: 1
title: {vi: Quyết định mẫu, en: Sample decision}
by: office-a
lead: office-a
stages:
  agencies:
    title: {vi: Lấy ý kiến, en: Agencies}
    steps:
      round: {uses: consultation, with: {invite: [stc, stp, nv, uy-ban, tn], close: manual}}
      other: {uses: task, required: false}
    transitions: {finish: {to: done, allow_open_steps: true}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units:
  office-a: {name: Phòng A}
  stc: {name: Sở Tài chính, aliases: [STC]}
  stp: {name: Sở Tư pháp}
  nv: {name: Sở Nội vụ}
  uy-ban: {name: Ủy ban nhân dân huyện Lạng Giang}
  tn: {name: Ủy ban nhân dân huyện Lục Nam}
  kh: {name: Sở Kế hoạch và Đầu tư}
persons:
  anna: {name: Nguyễn Thị An, unit: office-a}
  bao: {name: Trần Văn Bảo, unit: stp}
roles:
  clerk: {title: Văn thư, holders: [anna], records_for: [stc, stp, nv, uy-ban, tn, kh], needs_letter: true}
"""
HEADER = ["STT", "Cơ quan, đơn vị", "Số văn bản", "Ngày văn bản", "Quan điểm", "Nội dung góp ý (nếu có)", "Ghi chú"]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with five units that will be asked for their opinion."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    root = init_workspace(tmp_path / "office")
    (root / "definitions" / "opinions.yaml").write_text(DEFINITION, encoding="utf-8")
    (root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def plan(done) -> str:
    """A plan whose consultation began on 2 March 2026."""
    done("people", "load")
    done("create", "opinions", "--id", PLAN, "--start", "2026-03-02", "--on", "2026-03-02")
    return PLAN


@pytest.fixture
def imported(typed, plan):
    """Imports a file as anna: the exit code and the object that `--json` prints."""

    def run(path: Path, *more: str, step: str = STEP) -> tuple[int, dict[str, Any]]:
        result = typed("import", plan, step, str(path), *more, "--as", "anna", "--json")
        return result.exit_code, json.loads(result.stdout or result.stderr)

    return run


def outcomes(answer: dict[str, Any]) -> dict[int, str]:
    """Each row's number with what became of it."""
    return {row["row"]: row["outcome"] for row in answer["rows"]}


def opinions(done) -> dict[str, dict[str, Any]]:
    """The opinions of the round by unit, as the plan has them."""
    shown = json.loads(done("show", PLAN, "--json").stdout)
    (step,) = (step for step in shown["steps"] if step["step"] == STEP)
    return {opinion["unit"]: opinion for opinion in step["data"]["opinions"]}


def codes(answer: dict[str, Any], row: int) -> list[str]:
    """The codes of a row's reasons."""
    return [reason["code"] for each in answer["rows"] if each["row"] == row for reason in each["reasons"]]


def sheet(tmp_path: Path, rows: list[list[Any]], name: str = "Tổng hợp ý kiến.xlsx") -> Path:
    """A workbook with these rows in one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def official(tmp_path: Path) -> Path:
    """A spreadsheet as offices keep it: letterhead, two title rows, numbered columns, headings between rows."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Tổng hợp"
    page["A1"] = "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    page.merge_cells("A1:C1")
    page["A3"] = "BẢNG TỔNG HỢP Ý KIẾN GÓP Ý DỰ THẢO QUYẾT ĐỊNH"
    page.merge_cells("A3:G3")
    for column, heading in enumerate(HEADER, 1):
        page.cell(5, column, heading)
        page.cell(6, column, f"({column})")
    page["A7"] = "I. CÁC SỞ, NGÀNH"
    page.merge_cells("A7:G7")
    rows = {
        8: [1, "Sở Tài chính", "125/STC-QLNS", date(2026, 3, 10), "Nhất trí", None, None],
        9: [
            2,
            unicodedata.normalize("NFD", "Sở Tư pháp"),
            "88/STP",
            "11/03/2026",
            "Nhất trí, có góp ý",
            "Điều 3:\r\nbỏ",
        ],
        11: [3, "Sở Nội vụ", "=1+1", "2026-03-12", "không đồng ý", "=1+1", "x"],
        12: [4, "Ủy ban nhân dân huyện", "9/UBND", "12/3/2026", "Nhất trí"],
        13: [5, "Sở Y tế", None, None, "Nhất trí"],
        14: [6, "Lục Nam", "7/UBND", "31/02/2026", "chắc là được"],
        15: [7, "Sở Kế hoạch và Đầu tư", "4/SKHĐT", date(2026, 3, 12), "Nhất trí"],
    }
    for number, row in rows.items():
        for column, value in enumerate(row, 1):
            cell = page.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.create_sheet("Danh mục")["A1"] = "Không phải bảng ý kiến"
    book.save(tmp_path / "ý kiến.xlsx")
    return tmp_path / "ý kiến.xlsx"


def test_a_spreadsheet_of_an_office_goes_in_row_by_row(done, imported, tmp_path):
    """Headers below a letterhead, merged headings, real and written dates, decomposed letters: each row is judged."""
    code, answer = imported(official(tmp_path), "--on", "2026-03-13")

    assert 3 == code
    assert outcomes(answer) == {
        8: "taken",
        9: "taken",
        11: "taken",
        12: "refused",
        13: "refused",
        14: "refused",
        15: "refused",
    }
    given = opinions(done)
    assert {"stc": "agree", "stp": "agree-with-comments", "nv": "disagree"} == {
        unit: opinion["position"] for unit, opinion in given.items()
    }
    assert ("125/STC-QLNS", "2026-03-10") == (given["stc"]["letter"], given["stc"]["letter_date"])
    assert ("2026-03-11", "2026-03-13") == (given["stp"]["letter_date"], given["stp"]["on"])


def test_each_refused_row_says_why(imported, tmp_path):
    """Two units that fit, none that fits, no such day, no such word, a unit that was not asked."""
    _, answer = imported(official(tmp_path), "--on", "2026-03-13")

    assert ["ambiguous-unit"] == codes(answer, 12)
    assert ["unknown-unit"] == codes(answer, 13)
    assert {"unknown-word", "bad-date"} == set(codes(answer, 14))
    assert ["not-invited"] == codes(answer, 15)
    (reason,) = [row for row in answer["rows"] if row["row"] == 12][0]["reasons"]
    assert "tn, uy-ban" in reason["message"]


def test_a_text_that_begins_with_an_equals_sign_is_a_text(done, imported, tmp_path):
    """`=1+1` in a cell is kept as it stands, never computed."""
    imported(official(tmp_path), "--on", "2026-03-13")

    assert "=1+1" == opinions(done)["nv"]["letter"]
    trail = json.loads(done("audit", "show", PLAN, "--json").stdout)
    assert "=1+1" in json.dumps(trail)


def test_the_summary_tells_columns_rows_and_counts(typed, plan, tmp_path):
    """People see which column was taken for what, which were left out, each row, and the sums."""
    result = typed("import", plan, STEP, str(official(tmp_path)), "--on", "2026-03-13", "--as", "anna")

    assert "header in row 5: unit = “Cơ quan, đơn vị”" in result.stderr
    assert "Columns that are not used: STT, Ghi chú" in result.stderr
    assert "row 8: taken in  stc; agree" in result.stdout
    assert "row 12: refused" in result.stdout
    assert "3 taken in, 0 before, 4 refused" in result.stdout
    assert "4 of 7 rows were refused" in result.stderr


def test_a_second_run_changes_nothing(done, imported, tmp_path):
    """The same file again: what was taken in is told as such, the plan keeps its revision; even on another day."""
    path = sheet(tmp_path, [HEADER, [1, "Sở Tài chính", "1/STC", None, "Nhất trí"]])
    assert (0, {2: "taken"}) == ((first := imported(path, "--on", "2026-03-13"))[0], outcomes(first[1]))
    before = json.loads(done("show", PLAN, "--json").stdout)["revision"]
    code, second = imported(path, "--on", "2026-03-14")

    assert (0, {2: "already"}) == (code, outcomes(second))
    assert before == json.loads(done("show", PLAN, "--json").stdout)["revision"]


def test_a_run_that_was_cut_goes_on(done, typed, plan, imported, tmp_path, monkeypatch):
    """Rows taken in before the break stay, the rest follows with the next run."""
    from workflow.service.service import Service

    rows = [[n, unit, f"{n}/X", None, "Nhất trí"] for n, unit in enumerate(["STC", "Sở Tư pháp", "Sở Nội vụ"], 1)]
    path = sheet(tmp_path, [HEADER, *rows])
    act, calls = Service.act, []

    def breaking(self, *arguments, **more):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return act(self, *arguments, **more)

    monkeypatch.setattr(Service, "act", breaking)
    cut = typed("import", plan, STEP, str(path), "--on", "2026-03-13", "--as", "anna")
    assert (130, "1 taken in, 0 before, 0 refused") == (cut.exit_code, cut.stdout.splitlines()[-1])
    monkeypatch.setattr(Service, "act", act)
    code, answer = imported(path, "--on", "2026-03-13")

    assert (0, {2: "already", 3: "taken", 4: "taken"}) == (code, outcomes(answer))
    assert {"stc", "stp", "nv"} == set(opinions(done))


def test_a_trial_run_writes_nothing(done, imported, tmp_path):
    """`--dry-run` judges every row and takes none in."""
    path = official(tmp_path)
    code, answer = imported(path, "--on", "2026-03-13", "--dry-run")

    assert (3, 3) == (code, answer["taken"])
    assert {} == opinions(done)


def test_a_word_table_goes_in(done, imported, tmp_path):
    """The right table is found among others; merged cells count for each row, tracked changes as accepted."""
    paper = docx.Document()
    paper.add_table(1, 2).cell(0, 0).text = "UBND TỈNH"
    table = paper.add_table(5, 4)
    for column, heading in enumerate(["Cơ quan", "Điều, khoản", "Nội dung góp ý", "Quan điểm"]):
        table.cell(0, column).text = heading
    table.cell(1, 0).merge(table.cell(1, 3)).text = "I. Các sở"
    table.cell(2, 0).merge(table.cell(3, 0)).text = "Sở Tư pháp"
    for row, (article, text) in ((2, ("Điều 1", "Sửa câu chữ")), (3, ("Điều 2", "Bỏ khoản 3"))):
        for column, value in enumerate((article, text, "Góp ý"), 1):
            table.cell(row, column).text = value
    for column, value in enumerate(("Sở Nội vụ", "", "", "Nhất trí")):
        table.cell(4, column).text = value
    _insert_tracked(table.cell(4, 1).paragraphs[0], "Điều 5")
    paper.save(tmp_path / "bảng.docx")
    code, answer = imported(
        tmp_path / "bảng.docx", "--on", "2026-03-13", "--map", "Nội dung góp ý=text", "--attach", str(_letter(tmp_path))
    )

    assert (0, {3: "taken", 4: "taken", 5: "taken"}) == (code, outcomes(answer)), answer
    assert ["Điều 1", "Điều 2", "Điều 5"] == [row["values"]["article"] for row in answer["rows"]]
    assert 2 == answer["table"]


def _insert_tracked(paragraph, text: str) -> None:
    """Add text as somebody's tracked insertion, which readers of runs alone would lose."""
    from docx.oxml import OxmlElement

    run = paragraph.add_run(text)
    inserted = OxmlElement("w:ins")
    run._r.getparent().replace(run._r, inserted)
    inserted.append(run._r)


def _letter(tmp_path: Path) -> Path:
    path = tmp_path / "công văn.txt"
    path.write_text("ý kiến", encoding="utf-8")
    return path


@pytest.mark.parametrize(("ending", "separator"), [("csv", ","), ("csv", ";"), ("tsv", "\t")])
def test_separated_values_go_in(imported, tmp_path, ending, separator):
    """Commas, semicolons and tabs, lines ended by CRLF, a byte order mark, English headings without regard to case."""
    path = tmp_path / f"opinions.{ending}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
        writer.writerow(["UNIT", "Position", "Letter", "Opinion"])
        writer.writerow(["so tai chinh", "agree", "5/STC", "a, b; c\r\nd"])
    code, answer = imported(path, "--on", "2026-03-13")

    assert (0, {2: "taken"}) == (code, outcomes(answer)), answer
    assert "a, b; c\nd" == answer["rows"][0]["values"]["text"]


def test_a_row_can_have_a_day_of_its_own(done, imported, tmp_path):
    """A column for the day of receipt gives each opinion its true day."""
    header = [*HEADER[:5], "Ngày nhận"]
    rows = [["", "STC", "1/STC", None, "Nhất trí", date(2026, 3, 20)], ["", "Sở Nội vụ", "2/SNV", None, "Nhất trí", ""]]
    imported(sheet(tmp_path, [header, *rows]), "--on", "2026-03-13")

    assert {"stc": "2026-03-20", "nv": "2026-03-13"} == {unit: each["on"] for unit, each in opinions(done).items()}


def test_headings_of_ones_own_are_mapped(imported, tmp_path):
    """`--map` says which parameter a column is."""
    path = sheet(tmp_path, [["Nơi gửi", "Thái độ", "CV"], ["STC", "Nhất trí", "1/STC"]])
    code, answer = imported(path)
    assert (2, "no-header") == (code, answer["error"]["code"])
    assert {"unit", "position"} == {
        word
        for reason in answer["error"]["reasons"]
        for word in ("unit", "position")
        if f"`{word}`" in reason["message"]
    }
    code, answer = imported(
        path, "--on", "2026-03-13", *("--map", "Nơi gửi=unit"), *("--map", "Thái độ=position"), *("--map", "cv=letter")
    )

    assert (0, {2: "taken"}) == (code, outcomes(answer))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--map", "Cơ quan=nothing"], "unknown-parameter"),
        (["--map", "Cơ quan"], "bad-mapping"),
        (["--sheet", "Không có"], "unknown-table"),
        (["--table", "7"], "unknown-table"),
        (["--request-id", "r1"], "no-request-id"),
    ],
)
def test_a_wrong_option_is_named(imported, tmp_path, more, code):
    """An unknown parameter, sheet or table is bad input."""
    exit_code, answer = imported(sheet(tmp_path, [HEADER, ["", "STC", "1", None, "Nhất trí"]]), *more)

    assert (2, code) == (exit_code, answer["error"]["code"])


def test_two_tables_that_fit_are_not_chosen_between(imported, tmp_path):
    """With two sheets of opinions one must be named."""
    book = openpyxl.Workbook()
    for page in (book.active, book.create_sheet("Đợt 2")):
        page.append(HEADER)
        page.append([1, "STC", "1/STC", None, "Nhất trí"])
    path = tmp_path / "hai.xlsx"
    book.save(path)
    code, answer = imported(path, "--on", "2026-03-13")

    assert (2, "several-tables") == (code, answer["error"]["code"])
    assert 0 == imported(path, "--on", "2026-03-13", "--sheet", "đợt 2")[0]


def test_two_columns_that_mean_the_same_are_not_chosen_between(imported, tmp_path):
    """Two headings for one parameter are refused, and --map decides."""
    path = sheet(tmp_path, [["Đơn vị", "Cơ quan", "Quan điểm", "Số văn bản"], ["STC", "Sở Tư pháp", "Nhất trí", "1"]])
    code, answer = imported(path, "--on", "2026-03-13")
    assert (2, "ambiguous-column") == (code, answer["error"]["code"])

    _, answer = imported(path, "--on", "2026-03-13", "--map", "Cơ quan=unit")
    assert ["stp"] == [row["values"]["unit"] for row in answer["rows"]]


def test_a_step_that_takes_no_tables_says_so(imported, tmp_path):
    """A task has no table of anything."""
    code, answer = imported(sheet(tmp_path, [HEADER]), step="agencies/other")

    assert (2, "no-import") == (code, answer["error"]["code"])


def test_a_row_without_the_bodys_letter_is_refused(imported, tmp_path):
    """A clerk records for another body only with its letter; an attached file will do."""
    path = sheet(tmp_path, [HEADER, ["", "STC", None, None, "Nhất trí"]])
    code, answer = imported(path, "--on", "2026-03-13")

    assert (3, ["no-letter"]) == (code, codes(answer, 2))
    assert 0 == imported(path, "--on", "2026-03-13", "--attach", str(_letter(tmp_path)))[0]


def test_somebody_who_may_not_act_gets_every_row_refused(typed, plan, tmp_path):
    """Rows that are not this person's to record are refused, and stand in the trail as attempts."""
    path = sheet(tmp_path, [HEADER, ["", "STC", "1/STC", None, "Nhất trí"]])
    result = typed("import", plan, STEP, str(path), "--on", "2026-03-13", "--as", "bao", "--json")

    assert (3, "refused") == (result.exit_code, json.loads(result.stdout)["rows"][0]["outcome"])
    assert "attempt_refused" in typed("audit", "show", "--json").stdout


@pytest.mark.parametrize("actor", [[], ["--as", "nobody"]])
def test_without_a_known_actor_nothing_is_begun(typed, plan, tmp_path, actor):
    """Who acts is asked once, not row by row."""
    path = sheet(tmp_path, [HEADER, ["", "STC", "1/STC", None, "Nhất trí"]])
    result = typed("import", plan, STEP, str(path), *actor)

    assert 2 == result.exit_code
    assert "row 2" not in result.stdout


def test_a_vietnamese_reader_gets_vietnamese(typed, plan, tmp_path):
    """Outcomes and reasons are told in Vietnamese."""
    result = typed("import", plan, STEP, str(official(tmp_path)), "--on", "2026-03-13", "--as", "anna", "--lang", "vi")

    assert "hàng 8: đã nhập" in result.stdout
    assert "danh bạ không có đơn vị “Sở Y tế”" in result.stdout
