"""An assignment table through the command line: imported from an office's files, handed out, passed on, totalled."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from cli.conftest import Type

from workflow.bootstrap import init_workspace

PLAN = "1-KH-2020"
DEFINITION = """\
workflow: 1
id: table
version: 1
title: {vi: Phân công, en: Assignment}
by: [leader, so, clerk]
lead: so
stages:
  work:
    title: {vi: Thực hiện, en: Work}
    steps:
      annex: {uses: assignment, with: {handed_out_by: leader}, required: false}
      census:
        uses: assignment
        required: false
        with:
          rows:
            - key: A
              title: {vi: Kinh phí đã chi, en: Money spent}
              lead: "@units"
              due: 2020-06-30
              figures: [{key: spent, title: {vi: Đã chi, en: Spent}, measure: {vi: đồng, en: đồng}, decimals: 2}]
      survey: {uses: task, lead: cn, by: [lead], required: false}
    transitions: {finish: {to: done}}
  done: {title: {vi: Xong, en: Done}, final: true}
alongside:
  weekly:
    uses: periodic-report
    required: false
    from: work
    until: {date: 2020-05-31}
    with: {every: week, weekday: 3, units: [qlkh, cn], to: khtc}
"""
UNITS = {
    "khtc": "Phòng Kế hoạch Tài chính",
    "qlkh": "Phòng Quản lý Khoa học",
    "qlcn": "Phòng Quản lý Công nghệ và Thị trường công nghệ",
    "vp": "Văn phòng Sở",
    "co-so": "Phòng Quản lý KH&CN cơ sở",
    "cn": "Phòng Quản lý chuyên ngành",
    "tt": "Thanh tra Sở",
    "tdc": "Chi cục Tiêu chuẩn Đo lường Chất lượng",
    "ud": "Trung tâm Ứng dụng KH&CN",
}
SEED = [
    ("1", "Phòng Kế hoạch Tài chính", "<b><u>10/3/2020</u></b>"),
    ("2", "Phòng Quản lý Khoa học", ""),
    ("3", "Phòng Quản lý Công nghệ và Thị trường công nghệ", ""),
    ("4", "Văn phòng Sở", ""),
    ("5", "Phòng Quản lý KH&CN cơ sở", ""),
    ("6", "Phòng Quản lý chuyên ngành", ""),
    ("7", "Thanh tra Sở", ""),
    None,
    ("8", "Chi cục Tiêu chuẩn Đo lường Chất lượng", ""),
    ("9", "Trung tâm Ứng dụng KH&CN", ""),
]
"""The rows of the annex of 28 February 2020: number, lead, date cell; the page break between rows 7 and 8."""
CONTENT = {
    "1": "- Tỷ lệ vốn đầu tư chi cho KH&CN. - Cơ sở vật chất",
    "9": '<ul style="list-style-type: none"> <li>- Nguồn nhân lực.</li>\t'
    "<li>- Thông tin, thống kê KH&amp;CN.</li></ul>",
}


def people(**changed: dict[str, Any]) -> str:
    """The register; *changed* has what is said of a unit besides its name."""
    units = {id_: {"name": name, "parent": "so", **changed.get(id_, {})} for id_, name in UNITS.items()}
    units |= {"so": {"name": "Sở KH&CN"}}
    units |= {id_: {"name": id_, "parent": "so", **more} for id_, more in changed.items() if id_ not in units}
    persons = {f"nv-{id_}": {"name": "Nguyễn Văn A", "unit": id_} for id_ in units}
    register = {
        "people": 1,
        "units": units,
        "groups": {"units": {"title": "Các phòng, đơn vị trực thuộc Sở", "parent": "so"}},
        "persons": persons | {"anna": {"name": "Nguyễn Thị An", "unit": "so"}},
        "offices": {"leader": {"title": "Tổ trưởng", "unit": "so", "holders": ["anna"]}},
        "roles": {"clerk": {"title": "Văn thư", "holders": ["nv-so"], "records_for": ["@units"]}},
    }
    return json.dumps(register, ensure_ascii=False)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the nine units of the 2020 plan."""
    for name in ("WORKFLOW_HOME", "WORKFLOW_DATABASE", "WORKFLOW_ACTOR", "LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKFLOW_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    root = init_workspace(tmp_path / "office")
    (root / "definitions" / "table.yaml").write_text(DEFINITION, encoding="utf-8")
    (root / "people.yaml").write_text(people(), encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def plan(done: Type) -> str:
    """A plan of 28 February 2020."""
    done("people", "load")
    done("create", "table", "--id", PLAN, "--start", "2020-02-28", "--on", "2020-02-28")
    return PLAN


@pytest.fixture
def imported(typed: Type, plan: str):
    """Imports a file into the empty table: the exit code and what `--json` prints."""

    def run(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
        result = typed("import", plan, "annex", str(path), *more, "--on", "2020-03-02", "--as", "anna", "--json")
        return result.exit_code, json.loads(result.stdout or result.stderr)

    return run


def seed(tmp_path: Path) -> Path:
    """The annex as it is stored: tabs, HTML, a page break, decomposed letters, CRLF."""
    lines = [
        "Số:            /KH-KHCN",
        "",
        "(Kèm theo Kế hoạch số:            /KH-KHCN ngày 28/02/2020 của Sở KH&CN)",
        "",
        "TT\tNội dung nhiệm vụ\tĐơn vị chủ trì\tThời gian hoàn thành",
        "<b>I</b>\t<b>Đánh giá thực trạng KH&amp;CN tỉnh Bắc Giang giai đoạn 2011-2019</b>\t\t",
    ]
    for row in SEED:
        if row is None:
            lines.append("\f")
            continue
        number, lead, due = row
        content = CONTENT.get(number, f"Hoạt động số {number} của KH&amp;CN").replace("\t", " ")
        lines.append(f"{number}\t{content}\t{lead}\t{due}")
    lines.append(
        "<b>II</b>\t<p><b>- Dự báo sự phát triển KH&amp;CN đến 2030</b></p>\tCác phòng, đơn vị trực thuộc Sở\t"
    )
    path = tmp_path / "phu-luc.txt"
    path.write_bytes(unicodedata.normalize("NFD", "\r\n".join(lines)).encode())
    return path


def tasks(done: Type, step: str = "work/annex") -> dict[str, dict[str, Any]]:
    """The table's tasks by key, as the plan has them."""
    return {task["key"]: task for task in data(done, step)["tasks"]}


def data(done: Type, step: str) -> dict[str, Any]:
    """What the step has recorded."""
    shown = json.loads(done("show", PLAN, "--json").stdout)
    return next(one for one in shown["steps"] if one["step"] == step)["data"]


def doubts(answer: dict[str, Any]) -> dict[int, list[str]]:
    """The codes of what is doubtful, by row."""
    return {row["row"]: [doubt["code"] for doubt in row["doubts"]] for row in answer["rows"] if row["doubts"]}


def test_the_annex_of_2020_goes_in_as_its_source_has_it(done, imported, tmp_path):
    """Rows I.1 to I.9 have 10 March, nine times one cell; row II goes to all nine units and stays undecided."""
    code, answer = imported(seed(tmp_path))

    assert (0, 10, 1) == (code, answer["taken"], answer["left_out"]), answer
    found = tasks(done)
    assert [
        (task["due"], task["source"], task["inherited_from"]) for key, task in found.items() if key[:2] == "I."
    ] == [
        ("2020-03-10", "own", None),
        *[("2020-03-10", "inherited", "I.1")] * 8,
    ]
    assert [found[f"I.{number}"]["unit"] for number in range(1, 10)] == list(UNITS)
    of_two = [task for task in found.values() if task["row"] == "II"]
    assert {(task["due"], task["source"]) for task in of_two} == {(None, "undecided")}
    assert {task["unit"] for task in of_two} == set(UNITS)


def test_what_is_doubtful_in_the_annex_is_told_row_by_row(imported, tmp_path):
    """The heading, each empty date cell and the undecided date are reported, and nothing else."""
    _, answer = imported(seed(tmp_path))

    told = list(doubts(answer).values())
    assert told == [["heading"], *[["presumed-merged"]] * 8, ["date-undecided"]]


def test_the_annex_is_cleaned(done, imported, tmp_path):
    """Tags, entities and decomposed letters are gone; bullets stand on lines of their own."""
    imported(seed(tmp_path))

    rows = {row["key"]: row for row in data(done, "work/annex")["rows"]}
    assert rows["I.9"]["content"]["vi"] == "- Nguồn nhân lực.\n- Thông tin, thống kê KH&CN."
    assert rows["I.9"]["title"]["vi"] == "Nguồn nhân lực."
    assert rows["I.4"]["heading"]["vi"] == "Đánh giá thực trạng KH&CN tỉnh Bắc Giang giai đoạn 2011-2019"
    assert rows["I.1"]["text"] == "10/3/2020"
    everything = json.dumps(rows, ensure_ascii=False)
    assert unicodedata.is_normalized("NFC", everything)
    assert not any(trace in everything for trace in ("<b>", "<li", "&amp;", "style="))


def test_people_read_what_is_doubtful(typed, plan, tmp_path):
    """Each doubt stands below its row, in the reader's language, and they are counted."""
    path = str(seed(tmp_path))
    result = typed("import", plan, "annex", path, "--on", "2020-03-02", "--as", "anna", "--lang", "vi", "--dry-run")

    assert 0 == result.exit_code, result.output
    assert "? ô thời hạn để trống; coi là ô gộp với hàng I.1 ở trên" in result.stdout
    assert "? “I Đánh giá thực trạng KH&CN" in result.stdout
    assert "10 hàng có thể hiểu theo nhiều cách" in result.stdout


HEADER = ["STT", "Nội dung", "Đơn vị chủ trì", "Đơn vị phối hợp", "Sản phẩm", "Thời hạn"]


def test_a_workbook_keeps_merged_apart_from_empty(done, imported, tmp_path):
    """A merged date cell is inherited without a doubt; an empty one beside it is undecided and reported."""
    book = openpyxl.Workbook()
    page = book.active
    for row in (
        HEADER,
        [1, "Việc một", "Văn phòng Sở", "Thanh tra Sở;Phòng Quản lý Khoa học", "Báo cáo", "Trước ngày 25/3/2020"],
        [2, "Việc hai", "Thanh tra Sở"],
        [3, "Việc ba", "Thanh tra Sở"],
        [4, "Việc bốn", "Thanh tra Sở", None, None, "theo quy định"],
    ):
        page.append(row)
    page.merge_cells("F2:F3")
    book.save(tmp_path / "bang.xlsx")
    code, answer = imported(tmp_path / "bang.xlsx")

    assert (0, 4) == (code, answer["taken"]), answer["rows"]
    assert {key: (task["due"], task["source"], task["inherited_from"]) for key, task in tasks(done).items()} == {
        "1": ("2020-03-24", "before", None),
        "2": ("2020-03-24", "inherited", "1"),
        "3": (None, "undecided", None),
        "4": (None, "undecided", None),
    }
    assert doubts(answer) == {4: ["date-undecided"], 5: ["date-unread"]}
    (first, *_) = data(done, "work/annex")["rows"]
    assert (sorted(first["with_units"]), first["product"]["vi"]) == (["qlkh", "tt"], "Báo cáo")


def test_a_word_table_keeps_merged_apart_from_empty(done, imported, tmp_path):
    """Headings over the whole row give their number; one cell over two rows is inherited."""
    paper = docx.Document()
    table = paper.add_table(6, 4)
    for column, heading in enumerate(("TT", "Nội dung nhiệm vụ", "Đơn vị chủ trì", "Thời gian hoàn thành")):
        table.cell(0, column).text = heading
    table.cell(1, 0).merge(table.cell(1, 3)).text = "A. Khảo sát"
    for row, (number, content, lead) in enumerate(
        (("1", "Việc một", "Văn phòng Sở"), ("2", "Việc hai", "Thanh tra Sở"), ("3", "Việc ba", "Thanh tra Sở")), 2
    ):
        for column, value in enumerate((number, content, lead)):
            table.cell(row, column).text = value
    table.cell(2, 3).merge(table.cell(3, 3)).text = "10/3/2020"
    table.cell(5, 1).text = "phần còn lại của việc ba"
    paper.save(tmp_path / "bang.docx")
    code, answer = imported(tmp_path / "bang.docx")

    assert 3 == code
    assert {key: (task["due"], task["inherited_from"]) for key, task in tasks(done).items()} == {
        "A.1": ("2020-03-10", None),
        "A.2": ("2020-03-10", "A.1"),
        "A.3": (None, None),
    }
    assert {row["row"]: row["outcome"] for row in answer["rows"]}[6] == "refused"
    assert "may-go-on" in doubts(answer)[6]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([1, "Việc", "Phòng không có", "10/3/2020"], "unknown-unit"),
        ([1, "Việc", "Phòng Quản lý", "10/3/2020"], "ambiguous-unit"),
        ([1, "Việc", None, "10/3/2020"], "cell-empty"),
        ([1, None, "Văn phòng Sở", "10/3/2020"], "cell-empty"),
        ([1, "Việc", "Văn phòng Sở", "31/2/2020"], "bad-date"),
    ],
)
def test_a_row_that_says_nothing_sure_is_refused(imported, tmp_path, row, code):
    """A unit that nobody knows, two that fit, none, no task, a day that no calendar has."""
    book = openpyxl.Workbook()
    book.active.append(["TT", "Nội dung", "Đơn vị chủ trì", "Thời hạn"])
    book.active.append(row)
    book.save(tmp_path / "bang.xlsx")
    exit_code, answer = imported(tmp_path / "bang.xlsx")

    assert 3 == exit_code
    assert [reason["code"] for reason in answer["rows"][0]["reasons"]] == [code]


def test_an_import_that_is_run_again_changes_nothing(done, imported, tmp_path):
    """The rows of the same file are known; only the heading is told as before."""
    path = seed(tmp_path)
    imported(path)
    before = tasks(done)
    code, answer = imported(path)

    assert (0, 0, 10) == (code, answer["taken"], answer["already"])
    assert tasks(done) == before


def test_a_row_that_is_in_the_table_is_mended_by_a_command_that_is_told(imported, typed, done, tmp_path):
    """Another date by `correct-date`, as the refusal writes it; other words by another number or `correct`."""

    def annex(content: str, due: str) -> Path:
        book = openpyxl.Workbook()
        book.active.append(["TT", "Nội dung", "Đơn vị chủ trì", "Thời hạn"])
        book.active.append([1, content, "Văn phòng Sở", due])
        book.save(tmp_path / "bang.xlsx")
        return tmp_path / "bang.xlsx"

    def said(content: str, due: str) -> str:
        code, answer = imported(annex(content, due))
        assert (3, ["row-exists"]) == (code, [reason["code"] for reason in answer["rows"][0]["reasons"]])
        return answer["rows"][0]["reasons"][0]["message"]

    imported(annex("Việc", "10/3/2020"))

    told = said("Việc", "20/3/2020")
    command = told.partition("`workflow ")[2].partition("`")[0]
    assert f"act {PLAN} work/annex correct-date --row 1 --due 2020-03-20 --reason …" == command
    done(*command.split(), "--on", "2020-03-03")
    assert "2020-03-20" == tasks(done)["1"]["due"]

    assert "nothing is left to do" in said("Việc", "20/03/2020")
    assert f"workflow correct {PLAN} EVENT" in said("Việc khác", "20/3/2020")


def test_only_the_leader_hands_out(done, typed, plan):
    """Tasks are handed out during the plan by the one who is named for it, also to a person of the group."""
    given = ("act", plan, "annex", "hand-out", "--row", "1", "--content", "Viết đề cương")
    done(*given, "--lead", "nv-qlkh", "--due", "2020-03-20", "--on", "2020-03-02")
    refused = typed(*given[:4], "--row", "2", "--content", "Khảo sát", "--lead", "qlkh", "--as", "nv-khtc")

    assert 4 == refused.exit_code
    assert tasks(done)["1"]["unit"] == "nv-qlkh"
    handed_in = typed("act", plan, "annex", "hand-in", "--row", "1", "--on", "2020-03-05", "--as", "nv-qlkh")
    assert 0 == handed_in.exit_code, handed_in.output


def test_nobody_unknown_gets_a_task(typed, plan):
    """A lead that the register does not have is refused, not written down."""
    result = typed(
        *("act", plan, "annex", "hand-out", "--row", "1", "--content", "Việc", "--lead", "phong-cu", "--as", "anna"),
        "--json",
    )
    assert 0 != result.exit_code


def test_figures_are_totalled_with_the_missing_units_beside_the_sum(done, typed, plan):
    """What the units reported is added up; who has not reported stands beside it until the last one."""
    for unit, value in (("khtc", "810.000.000"), ("qlkh", "12,5"), ("khtc", "800.000.000")):
        row = f"A/{unit}"
        result = typed("act", plan, "census", "report-figure", "--row", row, "--value", value, "--as", f"nv-{unit}")
        assert 0 == result.exit_code, result.output

    (total,) = data(done, "work/census")["totals"]
    assert (total["total"], total["reported"]) == ("800000012.5", ["khtc", "qlkh"])
    assert set(total["missing"]) == set(UNITS) - {"khtc", "qlkh"}
    shown = json.loads(done("show", PLAN, "--json").stdout)
    reasons = next(step for step in shown["steps"] if step["step"] == "work/census")["blockers"]
    told = [reason["message"] for reason in reasons if reason["code"] == "total-incomplete"]
    assert told == ["Row A, spent: 800.000.012,5 without cn, co-so, qlcn, tdc, tt, ud, vp"]


@pytest.mark.parametrize("value", ["1.250", "12.5", "khoảng 10", "1e9", "١٢"])
def test_a_number_that_can_be_read_two_ways_is_refused(typed, plan, value):
    """`1.250` may be a thousand or one and a quarter: it is not guessed."""
    result = typed(
        *("act", plan, "census", "report-figure", "--row", "A/khtc", "--value", value, "--as", "nv-khtc", "--json")
    )
    assert 3 == result.exit_code
    assert "unclear-number" in result.stderr
