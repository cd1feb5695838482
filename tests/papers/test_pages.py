"""The papers open in LibreOffice and come out as pages."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest

from trinh_plugins.papers import drawing

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="soffice (LibreOffice) is not installed here")


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of LibreOffice of our own."""
    return tmp_path_factory.mktemp("soffice")


def pages_of(content: bytes, folder: Path, profile: Path) -> list[str]:
    """The words of each page that LibreOffice makes of a paper."""
    (folder / "paper.docx").write_bytes(content)
    arguments = ["--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "paper.docx")]
    command = [SOFFICE or "", f"-env:UserInstallation={profile.as_uri()}", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    reader = pypdf.PdfReader(io.BytesIO((folder / "paper.pdf").read_bytes()))
    return [page.extract_text() for page in reader.pages]


@pytest.mark.parametrize("kind", tuple(drawing.PAPERS))
def test_a_paper_opens_and_shows_its_title(office, tmp_path, profile, kind):
    """Each paper becomes pages, the first of which has the motto and no page number."""
    first = pages_of(office.make(kind), tmp_path, profile)[0]

    # The letters with marks come back from a PDF in pieces: what is asked for are the plain ones of the motto.
    assert re.search("theo" if kind == "assignment-annex" else "do - H", first)
    assert not re.match(r"\s*1\s*\n", first)
    assert "{{" not in first and "{%" not in first


@pytest.mark.slow
def test_a_long_table_repeats_its_heading_and_numbers_its_pages(found, tmp_path, profile):
    """A table of 300 opinions takes many pages; each later one begins with its number and has the heading row."""
    office = found(units=100)
    paper = tmp_path / "a.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    office.act("write", "submit", "2026-03-03", attach=[paper])
    for unit in range(1, 101):
        for article in (1, 2, 3):
            words = f"Ý kiến {unit}.{article}: đề nghị làm rõ nội dung này."
            office.answer(f"co-quan-{unit:03d}", "comments", "2026-03-05", article=f"Điều {article}", text=words)

    pages = pages_of(office.make("opinion-table"), tmp_path, profile)

    assert len(pages) > 10
    for number, words in enumerate(pages[1:-1], 2):
        assert re.match(rf"\s*{number}\s*\nTT\b", words)
