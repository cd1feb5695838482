"""What is owed goes into files that calendar programs and spreadsheets read."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_office import DEFINITION, PLAN

from workflow.queries.calendarfeed import Entry, calendar, folded

STAMP = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def entry(title: str = "Việc", details: str = "") -> Entry:
    """An entry on 31 December."""
    return Entry("id", date(2026, 12, 31), title, details, "7-KH", STAMP, 3)


def events(content: bytes) -> list[icalendar.Event]:
    """The events of a calendar, as another program reads them."""
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def fed(office, *more: str) -> list[icalendar.Event]:
    """The events that `due --ics` writes."""
    result = office.typed("due", "--ics", "feed.ics", "--force", *more)
    assert result.exit_code == 0, result.stderr
    return events(Path("feed.ics").read_bytes())


def test_every_item_with_a_due_day_is_a_whole_day_event(office):
    """Each item that `due` lists with a day stands in the calendar on that day, with what and who."""
    owed = [item for item in office.service.due() if item.due_on and item.step != "work/hidden"]

    found = fed(office)

    assert len(owed) > 1
    assert sorted(str(event.decoded("dtstart")) for event in found) == sorted(item.due_on for item in owed)
    assert all(event.decoded("dtend") - event.decoded("dtstart") == timedelta(days=1) for event in found)
    said = {str(event["summary"]) for event in found}
    assert {f"{item.title.vi} ({item.owner_name.vi})" for item in owed if not item.title.en} <= said


def test_the_same_item_has_the_same_name_in_every_edition(office):
    """A calendar written again has the same names and the same bytes, and other names for other items."""
    first = fed(office)
    content = Path("feed.ics").read_bytes()

    assert [event["uid"] for event in fed(office)] == [event["uid"] for event in first]
    assert Path("feed.ics").read_bytes() == content
    assert len({event["uid"] for event in first}) == len(first)


def test_stamps_are_those_of_the_record_in_utc(office):
    """DTSTAMP is the moment at which the plan's newest event was recorded, and the sequence its revision."""
    row = office.service.require_plan(PLAN)
    *_, last = office.service.record.audit(PLAN)
    newest = last.event.recorded_at

    for event in fed(office):
        assert event.decoded("dtstamp") == newest.replace(microsecond=0)
        assert event.decoded("dtstamp").utcoffset() == timedelta(0)
        assert event["sequence"] == row.revision


def test_what_is_confidential_is_left_out_and_counted(office):
    """A confidential step's work stands in neither file, and its number is told."""
    assert any(item.step == "work/hidden" for item in office.service.due())

    assert not [event for event in fed(office) if "hidden" in str(event["description"])]
    result = office.typed("due", "--csv", "-")
    assert "hidden" not in result.stdout
    assert "confidential: 1" in result.stderr


def test_of_a_confidential_plan_nothing_is_written(found):
    """All work of a confidential plan is left out."""
    office = found(definition=DEFINITION.replace("lead: phong-a\n", "lead: phong-a\nconfidential: true\n", 1))

    assert fed(office) == []


def test_the_table_has_every_item_that_due_lists(office):
    """The CSV has a row for each item, dated or not, with a heading, and begins with the mark of UTF-8."""
    result = office.typed("due", "--csv", "owed.csv", "--lang", "vi")
    content = Path("owed.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    assert result.exit_code == 0
    assert content.startswith(b"\xef\xbb\xbf")
    assert [row[-1] for row in rows[1:]] == [item.item for item in office.service.due() if item.step != "work/hidden"]
    assert rows[0][0] == "thời hạn"


def test_the_filters_of_due_hold_for_the_files(office):
    """`--unit` writes what this unit owes and nothing else."""
    rows = list(
        csv.DictReader(io.StringIO(office.typed("due", "--unit", "phong-b", "--csv", "-").stdout.lstrip("\ufeff")))
    )

    assert rows and {row["owed by"] for row in rows} == {"phong-b"}


def test_a_cell_that_a_spreadsheet_would_compute_is_led_by_an_apostrophe(found):
    """A title that begins like a formula is a text in the table."""
    office = found(definition=DEFINITION.replace("Thu thập số liệu", '"=1+1"'))

    assert ",'=1+1," in office.typed("due", "--csv", "-", "--lang", "vi").stdout


def test_a_list_that_is_there_is_not_overwritten_unasked(office):
    """An existing file is refused without --force."""
    Path("feed.ics").write_bytes(b"mine")

    assert office.typed("due", "--ics", "feed.ics").exit_code == 2
    assert Path("feed.ics").read_bytes() == b"mine"


def test_a_file_holds_everything_and_not_a_page(office):
    """--after makes no sense with a file and is refused."""
    assert office.typed("due", "--ics", "feed.ics", "--after", "2026-03-01/x").exit_code == 2


@pytest.mark.parametrize("text", ["a;b,c\\d", "dòng 1\ndòng 2", "“đ” " * 40, "\x00\x07=1+1", "BEGIN:VEVENT"])
def test_another_program_reads_the_words_as_they_were(text):
    """Commas, semicolons, backslashes and line breaks come back as they went in; control characters do not go in."""
    (event,) = events(calendar("Lịch", [entry(text, text)]))

    assert str(event["summary"]) == text.replace("\x00", "").replace("\x07", "")


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=400))
def test_lines_are_folded_at_75_octets_and_come_together_again(text):
    """No piece is longer than the standard allows, no letter is split, and unfolding gives the line back."""
    pieces = list(folded(text))

    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == text
    assert all(piece.startswith(" ") for piece in pieces[1:])


def test_lines_end_as_the_standard_wants():
    """Every line ends with carriage return and line feed."""
    content = calendar("Lịch", [entry()])

    assert content.count(b"\n") == content.count(b"\r\n") > 10
