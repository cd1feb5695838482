"""The calendar file and the dates of plans: loading, forecasting, explaining, setting anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from workflow import messages
from workflow.deadlines import DAY, SATURDAY, Calendar
from workflow.deadlines.calendars import CalendarRules, calendar_in_force, reason_of
from workflow.deadlines.overrides import Change, changes, days_changed, policies_changed, with_days
from workflow.decide.commands import MoveDates
from workflow.decide.extensions import Manner, Reschedule
from workflow.decide.moving import Cause, Trial, moved
from workflow.decide.situation import Process
from workflow.errors import N_, Conflict, InvalidInput, Phrase
from workflow.messages import Fact, FreeText
from workflow.names import require_text
from workflow.plan.state import ACTIVE, SUSPENDED
from workflow.queries.explaining import Explanations
from workflow.queries.forecasting import Delays, forecast
from workflow.service.changes import kept_form
from workflow.service.keeping import Keeping
from workflow.store.interface import PlanRow
from workflow.views.plans import Outcome, Write
from workflow.views.times import CalendarDay, CalendarLoaded, CalendarYear, Forecast, PlanMoves, moves_in

_RETRIES = 5
"""How often a plan is tried again when somebody acted on it in between."""


class Timekeeping(Keeping, Explanations):
    """Commands and questions about time."""

    def load_calendar(self, text: bytes, name: str, write: Write) -> CalendarLoaded:
        """Take in a calendar file, and move the due dates that count otherwise with it.

        Loading the file that is in force moves what an interrupted load left.

        Raises:
            ProblemsFound: With every problem of the file.
            NotPermitted: If the register has keepers and the actor is none.
        """
        write = kept_form(write)
        if write.expect is not None or write.request_id is not None:
            raise InvalidInput("--expect and --request-id belong to one plan", code="one-plan")
        self._require_person(write)
        self._require_keeper(write, Phrase(N_("load the calendar")), "calendar load")
        # Reading YAML is needed here alone, and slow to import.
        from workflow.deadlines.calendarfile import read_rules

        rules, canonical = read_rules(text, name, self.processes.base_calendar)
        version = hashlib.sha256(canonical).hexdigest()[:16]
        before, old = self.calendar_version, self.calendar_rules
        data = _difference(old, rules) | {"version": version, "before": before}
        plans = tuple(self._moves_under(rules, data))
        if not write.dry_run:
            self._take_in(version, canonical, write)
            for plan, cause in plans:
                self._move_dates(plan.plan, cause, write)
        moves = tuple(plan for plan, _ in plans)
        unknown = tuple(sorted(set(rules.definitions) - {known.id for known in self.definitions()}))
        return CalendarLoaded(version, before, moves, changes(old, rules), unknown, dry_run=write.dry_run)

    def _take_in(self, version: str, canonical: bytes, write: Write) -> None:
        if version == self.calendar_version:
            return
        data = {"version": version, "sha256": hashlib.sha256(canonical).hexdigest(), "before": self.calendar_version}
        self._append_workspace(Fact(messages.CALENDAR_LOADED, data), write, files=[(data["sha256"], [canonical])])
        self.forget_calendar()

    def _moves_under(self, rules: CalendarRules, data: Mapping[str, Any]) -> Iterator[tuple[PlanMoves, Cause]]:
        """Each running plan that moves under another calendar file, with the cause that names what moved it."""
        then = self.processes.under(rules)
        for row in self._running():
            state, new = self.state_of(row), then.pinned(row.definition)
            if moved(new, state) is None:
                continue
            found = self._changes_of(self.processes.pinned(row.definition), new, rules)
            cause = Cause(
                "calendar",
                {**data, **({"changes": [change.as_data() for change, _ in found]} if found else {})},
                tuple(trial for _, trial in found),
            )
            told = moved(new, state, trials=cause.trials) or {"moves": ()}
            yield PlanMoves(row.id, moves_in(told, [change for change, _ in found])), cause

    def _changes_of(self, old: Process, new: Process, rules: CalendarRules) -> list[tuple[Change, Trial]]:
        """What changes for one definition, each with the process without it and with it alone."""
        now = self.calendar_rules
        if now.name != rules.name:
            return []
        base = self.processes.base_calendar(new.definition.calendar)
        days = days_changed(now, rules) if base.name == rules.name else ()
        found: list[tuple[Change, Trial]] = []
        for change in days:
            others = with_days(now, (each for each in days if each is not change))
            without = replace(new, calendar=calendar_in_force(base, others))
            found.append(
                (change, Trial(without, replace(old, calendar=calendar_in_force(base, with_days(now, [change])))))
            )
        for policy in policies_changed(old.policies, new.policies):
            back = new.policies.model_copy(update={policy.policy: policy.before})
            only = old.policies.model_copy(update={policy.policy: policy.after})
            found.append((policy, Trial(replace(new, policies=back), replace(old, policies=only))))
        return found

    def _running(self) -> Iterator[PlanRow]:
        for status in (ACTIVE, SUSPENDED):
            after = ""
            while rows := self.store.plans(status=status, after=after):
                yield from rows
                after = rows[-1].id

    def _move_dates(self, plan: str, cause: Cause, write: Write) -> None:
        for attempt in range(_RETRIES):
            try:
                self._change(plan, MoveDates(cause), "calendar", replace(write, attach=()))
                return
            except Conflict:
                if attempt == _RETRIES - 1:
                    raise

    def calendar_year(self, year: int, name: str | None = None) -> CalendarYear:
        """The calendar in force: what a year has that a plain week has not, and how dates are read.

        Raises:
            InvalidInput: If the calendar does not know the year.
        """
        rules = self.calendar_rules
        calendar = self.processes.calendar(name or rules.name)
        try:
            days = tuple(_days_of(calendar, rules, year))
        except (ValueError, OverflowError) as error:
            raise InvalidInput(
                "The calendar {calendar} does not know the year {year}.", calendar=calendar.name, year=year
            ) from error
        working = sum(1 for day in _year(year) if calendar.is_working_day(day))
        return CalendarYear(calendar.name, calendar.version, self.calendar_version, year, days, working, rules)

    def forecast(self, plan: str, delays: Delays, *, on: date | None = None) -> Forecast:
        """What moves on a plan if steps or stages take so much longer; nothing is changed.

        Raises:
            NotFound: If there is no such plan, stage or step.
            InvalidInput: If the plan is over, or what is to be late is done.
        """
        row = self.require_plan(plan)
        day = on or self.today()
        return forecast(self.process_of(row.definition), self.state_on(row, day), day, delays)

    def reschedule(
        self,
        plan: str,
        where: str,
        write: Write,
        *,
        reason: str,
        due: date | None = None,
        start: date | None = None,
        manner: Manner = "set",
        document: str | None = None,
        fixed: bool = False,
    ) -> Outcome:
        """Ask for a later day of a stage or step, grant or refuse it, or set its day.

        Args:
            fixed: The day that is set or granted stays, also where the plan is suspended meanwhile.
        """
        kept = require_text(reason, "--reason") or ""
        if not kept.strip():
            raise InvalidInput("a reason is needed", code="no-reason", hint="give --reason")
        command = Reschedule(where, due, kept, manner, start, require_text(document, "--document"), fixed)
        return self._change(plan, command, "reschedule", write)


def _difference(old: CalendarRules, new: CalendarRules) -> dict[str, Any]:
    """What a calendar file changes: days, where they were announced, and whether policies."""
    fresh = [rule for rule in new.days if rule not in old.days]
    gone = [rule for rule in old.days if rule not in new.days]
    found: dict[str, Any] = {}
    for name, rules, key in (
        ("off", fresh, "off"),
        ("worked", fresh, "worked"),
        ("off_no_more", gone, "off"),
        ("worked_no_more", gone, "worked"),
    ):
        if days := sorted(day.isoformat() for rule in rules for day in getattr(rule, key)):
            found[name] = days
    # Where a day was announced that is off no more is no reason for that: `changes` tells it as what it was.
    if fresh:
        found["source"] = FreeText("; ".join(dict.fromkeys(rule.source for rule in fresh)))
    if (old.policies, old.definitions) != (new.policies, new.definitions):
        found["policies"] = True
    return found


def _days_of(calendar: Calendar, rules: CalendarRules, year: int) -> Iterator[CalendarDay]:
    given = (
        {day: rule for rule in rules.days for day in (*rule.off, *rule.worked)} if rules.name == calendar.name else {}
    )
    for day in _year(year):
        weekend, works = day.weekday() >= SATURDAY, calendar.is_working_day(day)
        rule = given.get(day)
        if weekend == works or rule is not None:
            announced = rule.announced_on if rule else None
            yield CalendarDay(day, works, reason_of(calendar, day), rule.source if rule else None, announced)


def _year(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += DAY
