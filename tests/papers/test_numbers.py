"""Every number and every word in a paper is that of the data."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from paper_office import DEFINITION, ODD_TEXTS, PLAN, cells, read, ruled, text_of

from workflow.views.plans import Write


def test_the_counts_of_the_opinion_table_are_those_of_the_round(office):
    """Asked, answered, agreed and silent in the heading equal what the step counts, and the silent one is named."""
    words = text_of(read(office.make("opinion-table")))
    said = r"(được lấy ý kiến|đã trả lời|hoàn toàn|không trả lời): (\d+)"
    counts = {name: int(number) for name, number in re.findall(said, words)}

    assert counts == {"được lấy ý kiến": 4, "đã trả lời": 3, "hoàn toàn": 1, "không trả lời": 1}
    assert "Cơ quan số 4" in words


def test_the_opinion_table_has_a_row_for_each_opinion_with_its_answer(office):
    """Each opinion stands with its body, letter, article, words and what became of it; an open one says so."""
    rows = ruled(read(office.make("opinion-table")))

    assert [row[0] for row in rows] == ["TT", "1", "2", "3"]
    assert rows[1][1:] == ["Cơ quan số 1\nVăn bản số 12/CV ngày 04/03/2026", "Toàn văn", "Nhất trí với dự thảo", ""]
    assert rows[2][2:] == ["Điều 1", "Nhất trí, có ý kiến:\nBổ sung căn cứ.", "Tiếp thu"]
    assert rows[3][2:] == ["Điều 2", "Không nhất trí:\nBỏ điều này.", "CHƯA TIẾP THU, GIẢI TRÌNH"]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_words_that_mean_something_to_word_or_a_template_stay_words(found, tmp_path, text):
    """A text with markup, template marks or a formula stands in the table as it was written."""
    office = found()
    paper = tmp_path / "a.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    office.act("write", "submit", "2026-03-03", attach=[paper])
    office.answer("co-quan-001", "comments", "2026-03-05", text=text)

    row = ruled(read(office.make("opinion-table")))[1]

    assert row[3] == f"Có ý kiến:\n{text}"


def test_a_table_of_three_hundred_opinions_has_them_all(found, tmp_path):
    """Three hundred opinions of a hundred bodies make as many rows in order; the heading row is repeated."""
    office = found(units=100)
    paper = tmp_path / "a.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    office.act("write", "submit", "2026-03-03", attach=[paper])
    for unit in range(1, 101):
        for article in (1, 2, 3):
            words = f"Ý kiến {unit}.{article}: đề nghị làm rõ nội dung này."
            office.answer(f"co-quan-{unit:03d}", "comments", "2026-03-05", article=f"Điều {article}", text=words)

    document = read(office.make("opinion-table"))
    rows = ruled(document)

    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, 301)]
    assert [row[3] for row in rows[1:]] == [
        f"Có ý kiến:\nÝ kiến {unit}.{article}: đề nghị làm rõ nội dung này."
        for unit in range(1, 101)
        for article in (1, 2, 3)
    ]
    assert "đã trả lời: 100" in text_of(document).replace("\n", "")
    assert document.tables[1].rows[0]._tr.xpath("./w:trPr/w:tblHeader")


def test_a_withdrawn_text_is_said_to_be_withdrawn(office, monkeypatch):
    """Where the words of an opinion are gone, the table says so in their place."""
    monkeypatch.setattr(office.service.store, "texts", lambda keys: {})

    assert ruled(read(office.make("opinion-table")))[2][3] == "Nhất trí, có ý kiến:\n(đã rút)"


def test_the_annex_merges_the_date_that_rows_share(office):
    """Rows that inherit their date stand beside one merged cell; an undecided date is said to be undecided."""
    (table,) = read(office.make("assignment-annex")).tables

    assert [row[1:3] + row[4:] for row in cells(table)[1:]] == [
        ["Thu thập số liệu", "Phòng Quản lý Công nghệ", "10/03/2026"],
        ["Vẽ bản đồ", "Phòng Kế hoạch", "10/03/2026"],
        ["Tính kinh phí", "Phòng Kế hoạch", "Chưa ấn định"],
    ]
    merges = [cell.get(cell.tag.rpartition("}")[0] + "}val") for cell in table._tbl.xpath(".//w:vMerge")]
    assert merges == ["restart", "continue", "restart"]


def test_the_monthly_report_counts_what_the_work_list_has(office):
    """What was done in the month, is owed and is late at the end of its day are as many as `due` and `show` have."""
    office.write("2026-03-25")
    day = date(2026, 3, 25)
    owed = [item for item in office.service.due(on=day) if item.step != "work/hidden"]
    done = [item for item in office.service.plan(PLAN, on=day).owed if item.done_on]
    words = text_of(read(office.make("monthly-report", on=day))).replace("\n", "")

    assert f"hoàn thành trong tháng: {len(done)}," in words
    due = [item for item in owed if item.due_on is None or item.due_on <= "2026-03-31"]
    assert f"chưa hoàn thành: {len(due)}, trong đó quá hạn: {sum(item.late for item in owed)}" in words
    assert "tháng 3/2026" in words and "tháng 4/2026" in words


def test_the_timetable_has_the_dates_in_force(office):
    """The stage stands with the source's words for its window, its steps below it, and no confidential one."""
    rows = ruled(read(office.make("timetable")))

    assert rows[1][:4] == ["1", "Xây dựng dự thảo", "Từ ngày 01/3 đến ngày 31/3/2026", "Phòng Quản lý Công nghệ"]
    assert [row[1] for row in rows[2:]] == ["- Viết dự thảo", "- Hoàn thiện hồ sơ", "- Lấy ý kiến", "- Giao việc"]


def test_the_submission_paper_names_drafts_counts_and_enclosures(office):
    """It says which drafts there were, who was asked, and what goes with it, and leaves the secret document out."""
    words = text_of(read(office.make("submission-paper"))).replace("\n", "")

    assert "Dự thảo Quyết định: dự thảo lần 1 (bản 1.1) ngày 03/03/2026" in words
    assert "4 cơ quan, đơn vị được lấy ý kiến, 3 trả lời, 2 nhất trí, 1 không trả lời" in words
    assert "a) Dự thảo Quyết định, bản 1.1, ngày 03/03/2026.)" in words
    assert "mật" not in words.lower()


def test_a_submission_with_nothing_enclosed_and_nothing_drafted(found):
    """No line announces enclosures that are not there, and an empty section has its dots like the others."""
    text = DEFINITION.replace("    encloses: [decision, secret]\n", "").replace(
        "  decision: {title: {vi: Dự thảo Quyết định, en: Draft decision}, numbered: true}\n", ""
    )
    text = text.replace(
        "      write: {uses: draft, with: {document: decision, number: 1}, title: {vi: Viết dự thảo, en: Write}}\n", ""
    )
    text = text.replace(
        """      round:
        uses: consultation
        with: {invite: ["@asked"], document: decision, close: manual}
        title: {vi: Lấy ý kiến, en: Opinions}
        after: [write]
""",
        "",
    )
    text = text.replace("title: {vi: Quy định hỗ trợ mẫu,", "title: {vi: Thực hiện Kế hoạch số 48,")
    text = text.replace("  secret: {title: {vi: Phụ lục mật, en: Secret annex}, confidential: true}\n", "")
    office = found(definition=text)
    words = text_of(read(office.make("submission-paper")))
    timetable = text_of(read(office.make("timetable")))

    assert "Hồ sơ gửi kèm" not in words
    assert "……" in words.partition("III. QUÁ TRÌNH")[2].partition("IV. BỐ CỤC")[0]
    assert "quyết định việc thực hiện Kế hoạch số 48," in words
    assert "Thực hiện kế hoạch: Thực hiện" not in timetable
    assert "Thực hiện Kế hoạch số 48" in timetable


def test_the_points_of_dissent_are_the_opinions_that_were_not_taken_in(office):
    """An opinion that was explained and not taken in stands among the points of dissent, with the reason."""
    office.act("round", "answer", "2026-03-12", opinion=3, verdict="explained", reason="Luật đã quy định.")

    words = text_of(read(office.make("submission-paper"))).replace("\n", "")

    assert "1. Cơ quan số 3 (Điều 2): Bỏ điều này. — Giải trình: Luật đã quy định." in words


def test_of_a_confidential_plan_no_paper_is_made(found):
    """A plan that is confidential as a whole is refused, and `paper list` says why."""
    office = found(definition=DEFINITION.replace("lead: phong-a\n", "lead: phong-a\nconfidential: true\n", 1))

    made = office.typed("paper", "make", PLAN, "timetable")

    assert made.exit_code == 3
    assert "the plan is confidential" in made.stderr
    assert "the plan is confidential" in office.typed("paper", "list", PLAN).stdout


def test_one_step_alone_can_be_drawn(office):
    """With --step only that step's round is in the table; a confidential one is refused."""
    assert office.typed("paper", "make", PLAN, "opinion-table", "--step", "round").exit_code == 0
    assert office.typed("paper", "make", PLAN, "opinion-table", "--step", "table", "--force").exit_code == 3
    hidden = office.typed("paper", "make", PLAN, "opinion-table", "--step", "hidden", "--force")
    assert (hidden.exit_code, "confidential" in hidden.stderr) == (3, True)


def test_an_issued_number_and_its_day_are_printed(office, tmp_path: Path):
    """A document's number and the day on which it was given stand on the paper that bears its name."""
    paper = tmp_path / "to-trinh.txt"
    paper.write_text("tờ trình", encoding="utf-8")
    office.act("paper", "file", "2026-03-13", attach=[paper], paper="submission-paper")
    blank = text_of(read(office.make("submission-paper")))
    office.clock.move_to(date(2026, 4, 5))
    office.service.issue_number(PLAN, "submission-paper", Write(actor="anna"))

    words = text_of(read(office.make("submission-paper")))

    assert "Số: \xa0\xa0\xa0\xa0\xa0/TTr-KHCN" in blank and "01/TTr" not in blank
    assert "Số: 01/TTr-KHCN" in words
    assert "Bắc Giang, ngày 05 tháng 4 năm 2026" in words


def test_a_numbered_paper_has_the_numbers_day_and_no_other(office, tmp_path: Path):
    """Once a number was given `--on` with another day is refused; with its own day it is the same paper."""
    paper = tmp_path / "to-trinh.txt"
    paper.write_text("tờ trình", encoding="utf-8")
    office.act("paper", "file", "2026-03-13", attach=[paper], paper="submission-paper")
    office.clock.move_to(date(2026, 4, 5))
    office.service.issue_number(PLAN, "submission-paper", Write(actor="anna"))

    refused = office.typed("paper", "make", PLAN, "submission-paper", "--on", "2026-04-04")

    assert (refused.exit_code, "it has that day and no other" in refused.stderr) == (3, True)
    assert office.make("submission-paper", on=date(2026, 4, 5)) == office.make("submission-paper")


def test_the_number_of_a_definitions_source_is_on_no_plan(found):
    """Number and day stay blank until this plan was given its own, whatever the definition's source bears."""
    office = found(
        definition=DEFINITION.replace("series: KH-KHCN", "number: 25/KH-KHCN\nissued: 2019-02-25\nseries: KH-KHCN")
    )
    blank = text_of(read(office.make("timetable")))
    office.service.issue_number(PLAN, None, Write(actor="anna"))

    assert "Số: \xa0\xa0\xa0\xa0\xa0/KH-KHCN" in blank and "25/KH-KHCN" not in blank and "2019" not in blank
    assert "Số: 01/KH-KHCN" in text_of(read(office.make("timetable")))


def test_a_step_without_a_title_has_its_types(found):
    """A step that has no title, and was not opened yet, stands in the timetable with its type's name."""
    office = found(
        definition=DEFINITION.replace(", title: {vi: Viết dự thảo, en: Write}", "").replace(
            "title: {vi: Lấy ý kiến, en: Opinions}", ""
        )
    )
    titles = [row[1] for row in ruled(read(office.make("timetable")))]

    assert "- round" not in titles and "- write" not in titles
    assert "- Lấy ý kiến" in titles


def test_a_partly_accepted_opinion_says_what_was_taken_in_and_why_not_the_rest(office):
    """Among the points of dissent stand both what was taken in, and the reason for the rest."""
    office.act(
        "round", "answer", "2026-03-12", opinion=3, verdict="partly", taken_in="Bỏ khoản 2.", reason="Luật đã quy định."
    )

    words = text_of(read(office.make("submission-paper"))).replace("\n", "")

    assert "Tiếp thu một phần: Bỏ khoản 2; phần còn lại không tiếp thu, lý do: Luật đã quy định." in words


def test_the_submission_paper_is_about_the_draft(office):
    """Its subject is the draft's title, and not that of the plan."""
    words = text_of(read(office.make("submission-paper"))).replace("\n", "")

    assert "Về dự thảo Quyết định" in words and "đối với Dự thảo Quyết định" in words
    assert "Quy định hỗ trợ mẫu" not in words


def test_an_opinion_table_without_an_opinion_says_whom_it_waits_for(found, tmp_path: Path):
    """Where nobody answered yet the table is refused, with the bodies that were asked."""
    office = found()
    paper = tmp_path / "a.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    office.act("write", "submit", "2026-03-03", attach=[paper])

    result = office.typed("paper", "make", PLAN, "opinion-table", "--step", "round")

    assert (result.exit_code, "it waits for 4 bodies" in result.stderr) == (3, True)


GROUPED = """\
          rows:
            - {key: I.1, label: "1", heading: {vi: Nhóm một}, title: {vi: Việc một}, lead: phong-a, due: 2026-03-10}
            - {key: II.1, label: "1", heading: {vi: Nhóm hai}, title: {vi: Việc hai}, lead: phong-b, due: 2026-03-12}
"""


def test_groups_of_the_annex_have_a_row_of_their_own(found):
    """A heading stands with its number over the whole row, once; a row handed out later joins its group."""
    rows = DEFINITION[DEFINITION.index("          rows:") : DEFINITION.index("    transitions: {finish")]
    office = found(definition=DEFINITION.replace(rows, GROUPED))
    content = "- Việc ba, dòng đầu\ndòng sau"
    office.act(
        "table",
        "hand-out",
        "2026-03-03",
        row="I.2",
        label="2",
        heading="Nhóm một",
        content=content,
        lead="phong-b",
        due="2026-03-20",
    )  # noqa: E501

    (table,) = read(office.make("assignment-annex")).tables

    assert [row[:2] for row in cells(table)[1:]] == [
        ["I", "Nhóm một"],
        ["1", "Việc một"],
        ["2", content],
        ["II", "Nhóm hai"],
        ["1", "Việc hai"],
    ]
    assert {cell for cell in cells(table)[1][1:]} == {"Nhóm một"}


def test_each_table_of_tasks_is_a_table(found):
    """Two steps with tasks make two tables under their titles, each numbered by itself."""
    second = """\
      more:
        uses: assignment
        title: {vi: Giao thêm việc, en: More}
        with: {rows: [{key: "1", title: {vi: Việc thêm}, lead: phong-b, due: 2026-03-15}]}
    transitions: {finish"""
    office = found(definition=DEFINITION.replace("    transitions: {finish", second))
    document = read(office.make("assignment-annex"))

    assert [cells(table)[1][0] for table in document.tables] == ["1", "1"]
    assert "2. Giao thêm việc" in text_of(document).replace("\n", "")


def test_an_annex_can_be_made_for_one_unit(office):
    """`--unit` leaves the other units' tasks out; a unit without any is refused."""
    assert (
        office.typed("paper", "make", PLAN, "assignment-annex", "--unit", "Phòng Kế hoạch", "--out", "b.docx").exit_code
        == 0
    )
    (table,) = read(Path("b.docx").read_bytes()).tables

    assert [row[1] for row in cells(table)[1:]] == ["Vẽ bản đồ", "Tính kinh phí"]
    assert office.typed("paper", "make", PLAN, "assignment-annex", "--unit", "so", "--out", "c.docx").exit_code == 3
