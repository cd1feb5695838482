"""The form of a template, for the program that draws the shipped ones: page, heading, tables, signature.

The form is that of Decree 30/2020/NĐ-CP, annex I: A4, margins, Times New Roman, national name and motto, number,
place and day, type and subject, signature and recipients, page numbers in the top margin from page 2 on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
BODY, SMALL = 14, 12
SHORT_EDGE, LONG_EDGE = 210, 297
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15
"""Margins in millimetres; the decree allows 20 to 25, 30 to 35 and 15 to 20."""
KEPT_STYLES = ("Header", "HeaderChar", "TableGrid")

Part = str | tuple[str, str, bool]
"""A paragraph of a cell; or under which condition it stands there, its text, and whether it is bold."""

Column = tuple[str, float, tuple[Part, ...]]
"""Heading, width in millimetres, what stands in each row."""


def page(*, landscape: bool = False) -> Any:
    """Return an empty document of the form: page, margins, fonts, page numbers hidden on page 1."""
    document = Document()
    section = document.sections[0]
    wide, high = (LONG_EDGE, SHORT_EDGE) if landscape else (SHORT_EDGE, LONG_EDGE)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(BODY)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.space_after, normal.paragraph_format.space_before = Pt(6), Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    _page_number(section.header.paragraphs[0])
    _lighten(document)
    return document


def _lighten(document: Any) -> None:
    """Take out what python-docx brings along and no paper uses: it would be most of every file."""
    styles = document.styles.element
    for style in list(styles.iter(qn("w:style"))):
        if style.get(qn("w:default")) != "1" and style.get(qn("w:styleId")) not in KEPT_STYLES:
            styles.remove(style)
    for holder, kinds in ((document.part, ("stylesWithEffects", "customXml")), (document.part.package, ("thumbnail",))):
        for key, relation in list(holder.rels.items()):
            if relation.reltype.rpartition("/")[2] in kinds:
                del holder.rels[key]


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = ALIGN.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind is not None:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)


def line(
    holder: Any,
    text: str,
    *,
    align: Any = None,
    size: float | None = None,
    bold: bool = False,
    italic: bool = False,
    after: float | None = None,
    indent: float | None = None,
    keep: bool = False,
) -> Any:
    """Add a paragraph; in a cell the empty one that is there is taken first."""
    first = holder.paragraphs[0] if hasattr(holder, "_tc") and not holder.paragraphs[0].text else None
    paragraph = first if first is not None else holder.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic = bold or None, italic or None
    if size is not None:
        run.font.size = Pt(size)
    if align is not None:
        paragraph.alignment = align
    if after is not None:
        paragraph.paragraph_format.space_after = Pt(after)
    if indent is not None:
        paragraph.paragraph_format.first_line_indent = Mm(indent)
    if keep:
        paragraph.paragraph_format.keep_with_next = True
    return paragraph


def rule(holder: Any, indent: float) -> None:
    """Add a line across, *indent* millimetres in from both sides."""
    paragraph = holder.add_paragraph()
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm(indent)
    layout.space_before, layout.space_after = Pt(3), Pt(0)
    layout.line_spacing = Pt(4)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    paragraph.add_run("").font.size = Pt(2)
    _mark_size(paragraph, 2)


def _mark_size(paragraph: Any, points: float) -> None:
    marks, size = OxmlElement("w:rPr"), OxmlElement("w:sz")
    size.set(qn("w:val"), str(int(points * 2)))
    marks.append(size)
    paragraph._p.get_or_add_pPr().append(marks)


def grid(document: Any, widths: Sequence[float], rows: int, *, borders: bool) -> Any:
    """Add a table with fixed widths in millimetres."""
    table = document.add_table(rows=rows, cols=len(widths))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    if borders:
        table.style = "Table Grid"
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def letterhead(document: Any, width: float) -> None:
    """Add the superior and issuing body, national name and motto, number, place and day."""
    # On an upright page the national name fits into one line only in the smaller of the sizes allowed.
    size, left = (12, width * 0.42) if width < LONG_EDGE * 0.6 else (13, width * 0.4)
    table = grid(document, (left, width - left), 2, borders=False)
    _to_the_edges(table)
    body, nation = table.rows[0].cells
    line(body, "{%p if superior %}", after=0)
    line(body, "{{ superior }}", align=ALIGN.CENTER, size=size, after=0)
    line(body, "{%p endif %}", after=0)
    line(body, "{{ body }}", align=ALIGN.CENTER, size=size, bold=True, after=0)
    rule(body, left * 0.32)
    line(nation, "{{ national_name }}", align=ALIGN.CENTER, size=size, bold=True, after=0)
    line(nation, "{{ motto }}", align=ALIGN.CENTER, size=size + 1, bold=True, after=0)
    rule(nation, (width - left - 4.55 * (size + 1)) / 2)
    number, day = table.rows[1].cells
    line(number, "{{ number_line }}", align=ALIGN.CENTER, size=13)
    line(day, "{{ place_and_date }}", align=ALIGN.CENTER, size=size + 1, italic=True)


def _to_the_edges(table: Any) -> None:
    """Let the cells' text begin at their edges."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def title(document: Any, width: float) -> None:
    """Add the type and the subject with the line below them."""
    line(document, "{{ paper_type }}", align=ALIGN.CENTER, bold=True, after=0).paragraph_format.space_before = Pt(12)
    line(document, "{{ subject }}", align=ALIGN.CENTER, bold=True, after=2)
    rule(document, width * 0.32)
    line(document, "", after=0)


def text(document: Any, words: str, **more: Any) -> Any:
    """Add a paragraph of the body: justified, its first line drawn in."""
    return line(document, words, **{"align": ALIGN.JUSTIFY, "indent": 12.7, **more})


def loop(document: Any, over: str, *paragraphs: Callable[[], Any]) -> None:
    """Add paragraphs that are repeated: *over* is `row in rows`."""
    line(document, f"{{%p for {over} %}}")
    for paragraph in paragraphs:
        paragraph()
    line(document, "{%p endfor %}")


def legal_bases(document: Any) -> None:
    """Add the legal bases, in italics."""
    loop(document, "basis in bases", lambda: text(document, "{{ basis }}", italic=True))


def rows(
    document: Any,
    columns: Sequence[Column],
    loops: Sequence[str],
    *,
    merged: str | None = None,
    headed: tuple[str, str, str] | None = None,
) -> Any:
    """Add a table with a heading row that is repeated on every page, and one row for each value.

    Args:
        loops: What is repeated, from the outermost in: `row in rows`.
        merged: Heading of the column whose cells are one through the innermost loop.
        headed: Under which condition a row of its own stands above the inner loops, its number, and its words.
    """
    widths = [width for _, width, _ in columns]
    table = grid(document, widths, 2 + 2 * len(loops) + (3 if headed else 0), borders=True)
    for cell, (heading, _, _) in zip(table.rows[0].cells, columns, strict=True):
        line(cell, heading, align=ALIGN.CENTER, size=SMALL, bold=True, after=0, keep=True)
    _repeated(table.rows[0])
    above = iter(range(1, len(table.rows)))
    for position, over in enumerate(loops):
        line(table.rows[next(above)].cells[0], f"{{%tr for {over} %}}")
        if headed and position == 0:
            _heading_row(table, [next(above) for _ in range(3)], headed)
    value_row = table.rows[next(above)]
    for _ in loops:
        line(table.rows[next(above)].cells[0], "{%tr endfor %}")
    for cell, (heading, _, value) in zip(value_row.cells, columns, strict=True):
        centred = heading in ("TT", merged) or "thời" in heading.lower() or "hạn" in heading.lower()
        mark = "{% vm %}" if heading == merged else ""
        for position, part in enumerate(value):
            condition, words, bold = part if isinstance(part, tuple) else ("", part, False)
            if condition:
                line(cell, f"{{%p if {condition} %}}", after=0)
            words = mark + words if position == 0 else words
            line(cell, words, align=ALIGN.CENTER if centred else None, size=SMALL, after=0, bold=bold)
            if condition:
                line(cell, "{%p endif %}", after=0)
    _whole(value_row)
    return table


def _heading_row(table: Any, places: Sequence[int], headed: tuple[str, str, str]) -> None:
    """A row of its own for the heading of a group: its number, and its words over all other columns."""
    condition, label, words = headed
    first, row, last = (table.rows[place] for place in places)
    line(first.cells[0], f"{{%tr if {condition} %}}")
    line(row.cells[0], label, align=ALIGN.CENTER, size=SMALL, after=0, bold=True, keep=True)
    over = row.cells[1].merge(row.cells[-1])
    line(over, words, size=SMALL, after=0, bold=True, keep=True)
    line(last.cells[0], "{%tr endif %}")
    _whole(row)


def _repeated(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def closing(document: Any, words: str) -> Any:
    """Add the sentence that ends a paper of a table alone: the signature stays with it, and so never stands alone.

    LibreOffice keeps a table with what follows only as a whole, so no row of it can be kept with the signature.
    """
    line(document, "", after=0, size=6)
    return text(document, words, keep=True)


def signature(document: Any, width: float, *, receivers: bool = True) -> None:
    """Add the recipients on the left and the signature on the right, on one page with what stands above."""
    line(document, "", after=0, size=6, keep=True)
    table = grid(document, (width * 0.5, width * 0.5), 1, borders=False)
    _whole(table.rows[0])
    left, right = table.rows[0].cells
    if receivers:
        line(left, "Nơi nhận:", size=12, bold=True, italic=True, after=0)
        line(left, "{%p for line in recipients %}", after=0)
        line(left, "{{ line }}", size=11, after=0)
        line(left, "{%p endfor %}", after=0)
    line(right, "{%p for line in authority %}", after=0)
    line(right, "{{ line }}", align=ALIGN.CENTER, bold=True, after=0, keep=True)
    line(right, "{%p endfor %}", after=0)
    for _ in range(4):
        line_ = right.add_paragraph()
        line_.paragraph_format.keep_with_next = True
    line(right, "{{ signer }}", align=ALIGN.CENTER, bold=True, after=0)
