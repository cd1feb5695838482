"""The text of files that come from anywhere."""

from __future__ import annotations

import io
import unicodedata
import zipfile

import docx
import pypdf
import pytest

from workflow.drafts import filetext
from workflow.drafts.filetext import paragraphs
from workflow.errors import InvalidInput

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(body: str, prolog: str = "", part: str = "word/document.xml") -> bytes:
    """An archive with a Word document of this XML."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, f'{prolog}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
    return made.getvalue()


def pdf(*lines: str) -> bytes:
    """A PDF of one page with these lines of ASCII."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 50 700 Td {shown} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(made + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


def test_a_file_that_word_made_is_read():
    """Paragraphs and the cells of tables, in the order of the page."""
    paper = docx.Document()
    paper.add_paragraph("Điều 1. Phạm vi")
    table = paper.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Nội dung", "Chi phí"
    paper.add_paragraph("Điều 2.")
    made = io.BytesIO()
    paper.save(made)

    assert ("Điều 1. Phạm vi", "Nội dung", "Chi phí", "Điều 2.") == paragraphs("a.docx", made.getvalue())


def test_tracked_changes_are_read_as_accepted():
    """What was struck out in Word is not read; what was put in is."""
    body = "<w:p><w:del><w:r><w:delText>cũ</w:delText></w:r></w:del><w:ins><w:r><w:t>mới</w:t></w:r></w:ins></w:p>"

    assert ("mới",) == paragraphs("a.docx", word(body))


def test_text_is_composed():
    """Vietnamese in decomposed form becomes NFC, so that it equals the same text typed elsewhere."""
    decomposed = unicodedata.normalize("NFD", "Quyết định hỗ trợ")

    assert ("Quyết định hỗ trợ",) == paragraphs("a.txt", decomposed.encode())
    assert ("Quyết định hỗ trợ",) == paragraphs("A.DOCX", word(f"<w:p><w:r><w:t>{decomposed}</w:t></w:r></w:p>"))


def test_markdown_joins_the_lines_of_a_paragraph():
    """Headings, list items and lines of code stand for themselves."""
    text = "# Đầu đề\nMột đoạn\ncó hai dòng\n\n- một\n- hai\n\n```\na = 1\nb = 2\n```\n"

    assert ("# Đầu đề", "Một đoạn có hai dòng", "- một", "- hai", "```", "a = 1", "b = 2", "```") == paragraphs(
        "a.md", text.encode()
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plain_text_is_read_as_editors_save_it(encoding):
    """With and without a byte order mark; a line is a paragraph."""
    assert ("Điều 1.", "Điều 2.") == paragraphs("a.txt", "Điều 1.\r\n\r\nĐiều 2.".encode(encoding))


def test_the_text_of_a_pdf_is_read():
    """Lines of a page are joined to paragraphs at the ends of sentences."""
    assert ("Article 1. The ceiling is 30 percent.", "Article 2.") == paragraphs(
        "a.pdf", pdf("Article 1. The ceiling", "is 30 percent.", "Article 2.")
    )


def test_a_pdf_without_text_is_said_to_have_none():
    """A scan has no words to compare."""
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(made)

    with pytest.raises(InvalidInput, match="only pictures"):
        paragraphs("scan.pdf", made.getvalue())


def test_a_locked_pdf_is_refused():
    """A password is not guessed."""
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(made)

    with pytest.raises(InvalidInput, match="password"):
        paragraphs("a.pdf", made.getvalue())


BOMB = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", b"", "zip"),
        ("a.docx", b"Dear reader", "zip"),
        ("a.docx", word("<w:p/>")[:-30], "zip"),
        ("a.docx", word("", part="xl/workbook.xml"), "no document inside"),
        ("a.docx", word("<w:p>"), "mismatched tag"),
        ("a.docx", word("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", BOMB), "document type"),
        ("a.txt", "Điều".encode("utf-16-le"), "UTF-8"),
        ("a.pdf", b"%PDF-1.7 rubbish", "a .pdf file"),
        ("a.xlsx", b"PK", "no text that can be read"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(name, content, said):
    """The refusal names the file and what is wrong with it."""
    with pytest.raises(InvalidInput, match=said) as refused:
        paragraphs(name, content)

    assert name in str(refused.value)


def test_an_archive_is_unpacked_up_to_a_limit(monkeypatch):
    """A few bytes that unpack to more than the limit are refused before they fill the memory."""
    monkeypatch.setattr(filetext, "LARGEST", 2 * 1024 * 1024)
    bomb = word(f"<w:p><w:r><w:t>{'a' * 20_000_000}</w:t></w:r></w:p>")
    assert len(bomb) < 100_000

    with pytest.raises(InvalidInput, match="too large"):
        paragraphs("a.docx", bomb)
