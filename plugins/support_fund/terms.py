"""The days that an application may take: of whoever holds it, and of all until the decision."""

from __future__ import annotations

from datetime import date, timedelta

from trinh_plugins.support_fund.applications import Application
from workflow import Context


def due_after(context: Context, days: int | None) -> str | None:
    """Return the last good day of a term that begins with the act, None where no days are given."""
    return None if days is None else context.working_days_after(context.on, days).isoformat()


def days_left(context: Context, application: Application) -> int | None:
    """Return how many working days are left of the term that the act stops; 0 where it ran out."""
    if application.answer_due is None:
        return None
    last, day, left = date.fromisoformat(application.answer_due), context.on, 0
    while day < last:
        day += timedelta(days=1)
        left += context.is_working_day(day)
    return left


def due_again(context: Context, application: Application) -> str | None:
    """Return the last good day of a term that goes on with what was left of it."""
    return due_after(context, application.answer_left)
