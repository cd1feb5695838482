"""When things are due: working days, and the planned dates of a definition's stages and steps.

Pure: the plan's start and the calendar come in as arguments. A date that is counted keeps what it was
counted from, by which policy and with which version of the calendar, so that it explains itself.
"""

from workflow.deadlines.counting import Count, FixedDay, Stop, counted_anew, exceptions, stop_from
from workflow.deadlines.scheduling import effective, faults, schedule
from workflow.deadlines.terms import Term, counted_in, days_late, is_late
from workflow.deadlines.working_days import (
    DAY,
    SATURDAY,
    Calendar,
    DeadlineError,
    is_working_day,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_after,
    working_days_before,
)

__all__ = [
    "DAY",
    "SATURDAY",
    "Calendar",
    "Count",
    "DeadlineError",
    "FixedDay",
    "Stop",
    "Term",
    "counted_anew",
    "counted_in",
    "days_late",
    "effective",
    "exceptions",
    "faults",
    "is_late",
    "is_working_day",
    "schedule",
    "stop_from",
    "working_day_on_or_after",
    "working_day_on_or_before",
    "working_days_after",
    "working_days_before",
]
