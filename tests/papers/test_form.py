"""A paper has the form that Decree 30/2020/NĐ-CP asks for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from docx.enum.section import WD_ORIENT
from docx.shared import Mm
from paper_office import PLAN, read, text_of

from trinh_plugins.papers import drawing
from workflow import hookspecs
from workflow.registry import Registry

KINDS = tuple(drawing.PAPERS)
FILES = {kind: (drawing.FOLDER / f"{kind}.docx").read_bytes() for kind in KINDS}


def test_the_five_papers_are_supplied_by_their_hook():
    """`papers()` supplies each kind that has a template, and no other."""
    assert hasattr(hookspecs, "papers")
    assert sorted(KINDS) == sorted(Registry().papers)


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_template_is_what_its_program_draws(kind):
    """A template that is shipped is the one that `python -m trinh_plugins.papers.drawing` writes."""
    assert drawing.drawn(kind) == FILES[kind], "draw the templates again"


@pytest.mark.parametrize("kind", KINDS)
def test_page_margins_and_font_are_those_of_the_decree(kind):
    """A4 with margins in the decree's bounds, Times New Roman of 13 to 14 points, black."""
    document = read(FILES[kind])
    (section,) = document.sections
    edges = sorted((section.page_width, section.page_height))

    assert [round(edge / Mm(1)) for edge in edges] == [210, 297]
    assert (section.orientation == WD_ORIENT.LANDSCAPE) == (kind == "opinion-table")
    assert 20 <= round(section.top_margin / Mm(1)) <= 25 and 20 <= round(section.bottom_margin / Mm(1)) <= 25
    assert 30 <= round(section.left_margin / Mm(1)) <= 35 and 15 <= round(section.right_margin / Mm(1)) <= 20
    font = document.styles["Normal"].font
    assert (font.name, font.size.pt in (13, 14)) == ("Times New Roman", True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_number_stands_in_the_top_margin_but_not_on_page_1(kind):
    """The field PAGE is centred in the header of every page but the first."""
    (section,) = read(FILES[kind]).sections

    assert section.different_first_page_header_footer
    (paragraph,) = section.header.paragraphs
    assert "PAGE" in paragraph._p.xml and paragraph.alignment == 1
    assert "PAGE" not in "".join(p._p.xml for p in section.first_page_header.paragraphs)


@pytest.mark.parametrize("kind", KINDS)
def test_the_heading_row_of_every_table_of_rows_is_repeated(kind):
    """On each page the columns are named again, and no row is torn apart."""
    tables = [table for table in read(FILES[kind]).tables if table.style and table.style.name == "Table Grid"]

    for table in tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows if "row." in row.cells[0].text)
    assert tables or kind == "submission-paper"


def test_the_heading_names_nation_body_number_and_day(office):
    """National name, motto, the superior and the issuing body, a number and a day left blank."""
    words = text_of(read(office.make("submission-paper")))

    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "UBND TỈNH BẮC GIANG",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "Số: \xa0\xa0\xa0\xa0\xa0/TTr-KHCN",
        "Bắc Giang, ngày\xa0\xa0\xa0\xa0\xa0 tháng\xa0\xa0\xa0\xa0\xa0 năm 2026",
        "TỜ TRÌNH",
        "Kính gửi: Ủy ban nhân dân tỉnh Bắc Giang.",
    ):
        assert said in words


def test_the_legal_bases_end_in_semicolons_and_the_last_in_a_full_stop(office):
    """Each basis stands in italics with its day written out."""
    document = read(office.make("submission-paper"))
    bases = [paragraph for paragraph in document.paragraphs if paragraph.text.startswith("Căn cứ")]

    assert [basis.text for basis in bases] == [
        "Căn cứ Quyết định số 754/QĐ-UBND ngày 30 tháng 11 năm 2018 của Chủ tịch UBND tỉnh về chương trình công tác;",
        "Căn cứ Nghị quyết số 43/2022/NQ-HĐND ngày 09 tháng 12 năm 2022 của HĐND tỉnh.",
    ]
    assert all(run.italic for basis in bases for run in basis.runs if run.text)


def test_the_recipients_end_with_the_archive(office):
    """A submission goes to those above and into the archive; another paper to the plan's recipients too."""
    cell = read(office.make("submission-paper")).tables[-1].rows[0].cells[0]

    assert cell.text.split("\n") == ["Nơi nhận:", "- Như trên;", "- Lưu: VT, QLCN."]
    cell = read(office.make("timetable")).tables[-1].rows[0].cells[0]
    assert cell.text.split("\n") == ["Nơi nhận:", "- Sở Tư pháp (b/cáo);", "- Lưu: VT, QLCN."]


@pytest.mark.parametrize(
    ("signer", "lines"),
    [
        (None, ["GIÁM ĐỐC", "Nguyễn Thanh Bình"]),
        ("pho", ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Nguyễn Phúc Thương"]),
        ("truong-phong", ["TL. GIÁM ĐỐC", "TRƯỞNG PHÒNG QUẢN LÝ CÔNG NGHỆ", "Chu Thanh Sơn"]),
    ],
)
def test_the_signature_says_on_which_authority_somebody_signs(office, signer, lines):
    """The head signs as such, a deputy for the head, a substitute by order, as the register has it."""
    cell = read(office.make("timetable", signer=signer)).tables[-1].rows[0].cells[1]

    assert [line for line in cell.text.split("\n") if line] == lines


def test_a_signer_may_be_named_by_name(office):
    """`--signer` takes a person's full name as well as the id."""
    named = [
        office.typed("paper", "make", PLAN, "timetable", "--force", "--signer", each)
        for each in ("pho", "Nguyễn Phúc Thương")
    ]

    assert [result.exit_code for result in named] == [0, 0]
    assert "Nguyễn Phúc Thương" in text_of(read(Path(f"timetable-{PLAN}.docx").read_bytes()))


def test_who_has_no_authority_cannot_be_named_as_signer(office):
    """Somebody without an authority on the day of the paper is refused by name."""
    result = office.typed("paper", "make", PLAN, "timetable", "--signer", "chi")

    assert result.exit_code == 3
    assert "`chi` has no authority to sign for so on 2026-03-12" in result.stderr


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-01-05", "ngày 05 tháng 01 năm 2026"),
        ("2026-02-28", "ngày 28 tháng 02 năm 2026"),
        ("2026-03-09", "ngày 09 tháng 3 năm 2026"),
        ("2025-12-31", "ngày 31 tháng 12 năm 2025"),
    ],
)
def test_a_day_is_written_with_the_zeros_of_the_decree(office, day, words):
    """Days below ten and the months January and February get a leading zero, no other month does."""
    assert words in text_of(read(office.make("opinion-table", on=date.fromisoformat(day))))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "assignment-annex"])
def test_the_signature_stays_with_the_words_above_it(kind):
    """The last words, the gap and the signature are kept on one page: no signature stands alone on one."""
    document = read(FILES[kind])
    body = [node for node in document.element.body if node.tag.endswith(("}p", "}tbl"))]
    above = [node for node in body[:-1] if node.tag.endswith("}p")]
    words = [node for node in above if "".join(node.itertext()).strip() and "{%p" not in "".join(node.itertext())]

    assert body[-1].tag.endswith("}tbl") and body[-1].xpath(".//w:cantSplit")
    assert all(node.xpath("./w:pPr/w:keepNext") for node in (above[-1], words[-1]))
