"""A calendar that a calendar program reads: iCalendar (RFC 5545), one event for each item: a whole day, or the hour.

Nothing in it comes from a clock: stamps are the data's own, so the same data give the same file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from workflow.clock import LOCAL

_MOST_OCTETS: Final = 75
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})
_PRODUCT: Final = "-//Trinh//Work owed//VI"


@dataclass(frozen=True)
class Entry:
    """A day in the calendar.

    Attributes:
        at: The hour of the day, local time, such as `16:00`; the whole day where None.
        id: Names the same thing in every edition of the calendar.
        stamp: When what is said here was recorded; aware.
        sequence: Grows whenever what is said here may have changed.
    """

    id: str
    day: date
    title: str
    details: str
    category: str
    stamp: datetime
    sequence: int
    at: str | None = None


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """Return the calendar as a file."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for entry in entries for line in _event(entry)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in folded(line)).encode()


def folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 octets, every piece but the first begun by a blank; no letter is split."""
    piece, octets = "", 0
    for char in line:
        size = len(char.encode())
        if octets + size > _MOST_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += char
        octets += size
    yield piece


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    # Ids may be long and have any letters: a digest is a name that every program keeps as it is.
    yield f"UID:{hashlib.sha256(entry.id.encode()).hexdigest()[:40]}@trinh"
    yield f"DTSTAMP:{_moment(entry.stamp)}"
    yield f"LAST-MODIFIED:{_moment(entry.stamp)}"
    yield f"SEQUENCE:{entry.sequence}"
    if entry.at is not None:
        # A moment: without an end it ends when it begins.
        yield f"DTSTART:{_moment(datetime.combine(entry.day, time.fromisoformat(entry.at), LOCAL))}"
    else:
        yield f"DTSTART;VALUE=DATE:{_day(entry.day)}"
    if entry.at is None and entry.day < date.max:
        yield f"DTEND;VALUE=DATE:{_day(entry.day + timedelta(days=1))}"
    yield f"SUMMARY:{_text(entry.title)}"
    yield f"DESCRIPTION:{_text(entry.details)}"
    yield f"CATEGORIES:{_text(entry.category)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _day(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{_day(utc.date())}T{utc.hour:02d}{utc.minute:02d}{utc.second:02d}Z"


def _text(text: str) -> str:
    kept = "".join(char for char in text if char in "\n\t" or ord(char) >= 32 and ord(char) != 127)
    return kept.translate(_ESCAPED)
