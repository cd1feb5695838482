"""The files: the same for the same data, never overwritten unasked, drawn on templates that are watched."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from paper_office import PLAN, read, text_of

from trinh_plugins.papers import drawing
from workflow.bootstrap import open_workspace
from workflow.clock import SimulatedClock

KINDS = tuple(drawing.PAPERS)


def template(path: Path, *paragraphs: str, header: str = "") -> Path:
    """Write a template of these paragraphs."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].header.paragraphs[0].text = header
    path.parent.mkdir(exist_ok=True)
    document.save(str(path))
    return path


NEEDED = (
    " ".join(
        f"{{{{ {field} }}}}"
        for field in (
            *("national_name", "motto", "body", "number_line", "place_and_date", "paper_type", "subject"),
            *("authority", "signer", "rows"),
        )
    )
    + "{% for row in rows %}{{ row.title }} {{ row.when }} {{ row.people }}{% endfor %}"
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_give_the_same_bytes_on_any_day(office, kind):
    """A paper made again later, by another process, is the same file byte for byte."""
    first = office.make(kind)
    later = SimulatedClock(office.clock.now())
    later.move_to(date(2027, 1, 1))
    again = open_workspace(office.root, clock=later)

    assert again.service.make_paper(PLAN, kind).content == first
    again.close()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_the_file_tells_when_it_was_made(office, kind):
    """Its parts have the first day that an archive can have, its properties the day of the data."""
    content = office.make(kind)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = read(content).core_properties
    assert (properties.created.date(), properties.modified.date()) == (date(2026, 3, 12), date(2026, 3, 12))
    assert (properties.author, properties.last_modified_by) == ("", "")


def test_making_a_paper_changes_nothing_in_the_record(office):
    """The plan has the same revision, and the record verifies, after a paper was made."""
    before = office.service.require_plan(PLAN)
    office.make("opinion-table")

    assert office.service.require_plan(PLAN) == before


def test_list_says_what_can_be_made_and_what_is_missing(found):
    """Each kind stands in the list, with the reason where there is nothing to draw from yet."""
    office = found()
    listed = json.loads(office.typed("paper", "list", PLAN, "--json").stdout)

    assert [paper["id"] for paper in listed["papers"]] == sorted(KINDS)
    ready = {paper["id"]: paper["ready"] for paper in listed["papers"]}
    assert ready == {kind: kind != "opinion-table" for kind in KINDS}
    assert "no round of opinions was opened yet" in office.typed("paper", "list", PLAN).stdout


def test_a_kind_that_there_is_not_is_told_with_the_nearest(office):
    """A misspelt kind is exit 2 and names the one that is like it."""
    result = office.typed("paper", "make", PLAN, "time-table")

    assert (result.exit_code, "did you mean timetable" in result.stderr) == (2, True)


def test_a_file_that_is_there_stays_unless_forced(office, tmp_path):
    """Without a terminal an existing file is refused and unchanged; --force replaces it."""
    path = tmp_path / "out.docx"
    path.write_bytes(b"mine")

    refused = office.typed("paper", "make", PLAN, "timetable", "--out", str(path))
    assert (refused.exit_code, path.read_bytes()) == (2, b"mine")
    assert "--force" in refused.stderr

    assert office.typed("paper", "make", PLAN, "timetable", "--out", str(path), "--force").exit_code == 0
    assert path.read_bytes() == office.make("timetable")
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".out")]


@pytest.mark.parametrize(("answer", "replaced"), [("n\n", False), ("y\n", True)])
def test_on_a_terminal_an_existing_file_is_asked_about(office, tmp_path, monkeypatch, answer, replaced):
    """A person at the keyboard decides whether the file is overwritten."""
    monkeypatch.setattr("workflow.cli.filing.may_ask", lambda: True)
    path = tmp_path / "out.docx"
    path.write_bytes(b"mine")

    office.typed("paper", "make", PLAN, "timetable", "--out", str(path), input=answer)

    assert (path.read_bytes() != b"mine") == replaced


def test_a_folder_that_is_not_there_is_told(office, tmp_path):
    """A path that cannot be written is exit 2 and named."""
    result = office.typed("paper", "make", PLAN, "timetable", "--out", str(tmp_path / "no" / "where.docx"))

    assert (result.exit_code, "where.docx" in result.stderr) == (2, True)


def test_the_offices_own_template_wins(office):
    """A template in the workspace's `papers/` takes the shipped one's place."""
    template(office.papers / "timetable.docx", "Bản riêng của Sở", NEEDED)

    assert "Bản riêng của Sở" in text_of(read(office.make("timetable")))
    listed = json.loads(office.typed("paper", "list", PLAN, "--json").stdout)["papers"]
    assert [paper["id"] for paper in listed if paper["own"]] == ["timetable"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_shipped_template_written_out_makes_the_same_paper(office, kind):
    """`paper template` writes a template that can be edited; unedited it makes what the shipped one makes."""
    shipped = office.make(kind)

    assert office.typed("paper", "template", kind).exit_code == 0
    assert (office.papers / f"{kind}.docx").is_file()
    assert office.make(kind) == shipped


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [
        ("Ngày {{ deu }}", "there is no field `deu`"),
        ("{% for row in rows %}{{ row.titel }}{% endfor %}", "titel"),
        ("Tên {{ subject", "body: “Tên {{ subject”"),
        ("{% if subject %} nếu", "body"),
        ("{{ subject.__class__.__mro__ }}", "unsafe"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_a_fault_of_a_template_is_told_with_its_place(office, paragraph, said):
    """A misspelt field, broken marks or code in a template are exit 2; template and place are named."""
    template(office.papers / "timetable.docx", NEEDED, paragraph)

    result = office.typed("paper", "make", PLAN, "timetable", "--out", "x.docx")

    assert result.exit_code == 2
    assert "timetable.docx, body" in result.stderr
    assert said in result.stderr
    assert not Path("x.docx").exists()


def test_a_fault_in_the_header_is_told_to_be_there(office):
    """The place is the part of the paper in which the fault stands."""
    template(office.papers / "timetable.docx", NEEDED, header="Trang {{ nubmer }}")

    result = office.typed("paper", "make", PLAN, "timetable")

    assert "timetable.docx, header: “Trang {{ nubmer }}”" in result.stderr


def test_a_template_that_lost_a_field_is_refused(office):
    """A template that does not show what such a paper has to show is refused with the field's name."""
    template(office.papers / "timetable.docx", NEEDED.replace("{{ signer }}", ""))

    result = office.typed("paper", "make", PLAN, "timetable")

    assert (result.exit_code, "does not show {{ signer }}" in result.stderr) == (2, True)


def test_a_timetable_without_its_dates_is_refused(office):
    """A template that lost a field of the rows, which such a paper has to show, is refused with the field's name."""
    template(office.papers / "timetable.docx", NEEDED.replace("{{ row.when }}", ""))

    result = office.typed("paper", "make", PLAN, "timetable")

    assert (result.exit_code, "does not show {{ row.when }}" in result.stderr) == (2, True)


def test_a_paper_is_written_as_a_word_file_alone(office):
    """A name with another ending is refused, and nothing is written under it."""
    result = office.typed("paper", "make", PLAN, "timetable", "--out", "s.pdf")

    assert (result.exit_code, "s.pdf is no name of a Word file" in result.stderr) == (2, True)
    assert not Path("s.pdf").exists()


def test_whoever_made_a_paper_is_told_where_it_is_handed_in(office):
    """Making it names the step and command for it, and for what it encloses and nobody handed in."""
    made = office.typed("paper", "make", PLAN, "submission-paper")
    number = office.typed("number", "issue", PLAN, "submission-paper", "--as", "anna")

    typed = f"workflow act {PLAN} work/paper file --paper submission-paper --attach FILE"
    assert (made.exit_code, typed in made.stderr) == (0, True)
    assert (number.exit_code, typed in number.stderr) == (3, True)


def test_a_template_with_a_macro_is_refused(office):
    """A .docm beside it, or a macro inside a .docx, is not used and says why."""
    path = template(office.papers / "timetable.docx", NEEDED)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    inside = office.typed("paper", "make", PLAN, "timetable")
    path.rename(path.with_suffix(".docm"))
    beside = office.typed("paper", "make", PLAN, "timetable")

    assert (inside.exit_code, "it has a macro" in inside.stderr) == (2, True)
    assert (beside.exit_code, "it can hold macros" in beside.stderr) == (2, True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"not a zip at all"])
def test_a_template_that_is_no_word_file_is_refused(office, content):
    """A damaged file is exit 2 and named, without a traceback."""
    office.papers.mkdir()
    (office.papers / "timetable.docx").write_bytes(content)

    result = office.typed("paper", "make", PLAN, "timetable")

    assert (result.exit_code, "it is no Word file" in result.stderr) == (2, True)


def test_a_template_that_unpacks_to_too_much_is_refused(office):
    """A small file that grows without end is not opened."""
    path = template(office.papers / "timetable.docx", NEEDED)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/big.xml", b"0" * (21 * 1024 * 1024))

    result = office.typed("paper", "make", PLAN, "timetable")

    assert (result.exit_code, "larger than 20 MiB" in result.stderr) == (2, True)


def test_without_the_extra_it_is_named(office, monkeypatch):
    """Where docxtpl is not installed the extra to install is named."""
    monkeypatch.setitem(sys.modules, "docxtpl", None)
    monkeypatch.delitem(sys.modules, "workflow.papermaking.sheet", raising=False)

    result = office.typed("paper", "make", PLAN, "timetable")

    assert (result.exit_code, ".[papers]" in result.stderr) == (2, True)


def test_a_day_that_lies_ahead_is_refused(office):
    """A paper is not dated in advance."""
    office.clock.move_to(date(2026, 3, 15))

    with pytest.raises(Exception, match="lies ahead"):
        office.make("timetable", on=date(2026, 3, 16))
