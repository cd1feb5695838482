"""What a delay does: `forecast`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow.cli.options import SPAN, STARTED, command, on_day, option, plan_argument
from workflow.cli.output import Screen
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings
    from workflow.queries.forecasting import Delay
    from workflow.views.times import Forecast, ForecastStage


@command(example=STARTED + "workflow forecast 1-KH-MAU --delay setting-up=10d")
@plan_argument
@option(
    "--delay",
    "delays",
    multiple=True,
    metavar="STEP=10d",
    help=N_(
        "A step or stage that takes so many days (10d), weeks (2w) or working days (10wd) longer: behind its day, or "
        "behind today where that has passed. May be given several times."
    ),
)
@on_day
def forecast(settings: Settings, plan: str, delays: tuple[str, ...], on: date | None) -> None:
    """Show what moves on PLAN, what the buffer takes up, and whether the last date still holds.

    Nothing is changed. Without --delay it tells what today's lateness does.
    """
    found = settings.service.forecast(plan, _delays(delays), on=on)
    screen = Screen(settings)
    if settings.as_json:
        screen.json(_shape(screen, found))
        return
    _print(screen, found)


def _delays(pairs: tuple[str, ...]) -> dict[str, Delay]:
    from workflow.queries.forecasting import Delay

    delays: dict[str, Delay] = {}
    for pair in pairs:
        where, equals, span = pair.rpartition("=")
        if not equals or not where:
            raise InvalidInput(N_("`{pair}` is not STEP=10d."), pair=pair)
        if where in delays:
            raise InvalidInput(N_("`{name}` is given twice."), name=where)
        working = span.endswith("wd")
        delays[where] = Delay(SPAN.convert(f"{span[:-2]}d" if working else span, None, None), working)
    return delays


def _print(screen: Screen, found: Forecast) -> None:
    headers = [N_("stage"), N_("planned"), N_("expected"), N_("days"), ""]
    rows = [
        (
            screen.title(each.title),
            screen.day(each.due),
            screen.day(each.expected),
            each.days or "",
            _judged(screen, each),
        )
        for each in found.stages
    ]
    screen.table(headers, rows)
    if found.steps:
        screen.heading(N_("Steps"))
        headers = [N_("step"), N_("title"), N_("planned"), N_("expected")]
        rows = [(s.id, screen.title(s.title), screen.day(s.due), screen.day(s.expected)) for s in found.steps]
        screen.table(headers, rows)
    for buffer in found.buffers:
        message = N_("Buffer {stage}: {used} of {days} days used, {left} left ({now} used today)")
        values = {"stage": buffer.id, "used": buffer.used, "days": buffer.days, "left": buffer.left}
        screen.line(screen.words(message, **values, now=buffer.used_now))
    if found.final is None:
        screen.line(screen.words(N_("No stage ahead has a day.")))
    elif found.holds:
        message, day = N_("The last date holds: {stage}, {day}."), screen.day(found.final.due)
        screen.line(screen.words(message, stage=found.final.id, day=day))
    else:
        message = N_("The last date does not hold: {stage} ends on {expected}, {days} {days|day|days} after {day}.")
        final = found.final
        days = {"expected": screen.day(final.expected), "day": screen.day(final.due)}
        screen.line(screen.words(message, stage=final.id, days=final.days, **days))


def _judged(screen: Screen, stage: ForecastStage) -> str:
    if stage.late:
        return screen.words(N_("LATE"))
    return screen.words(N_("in buffer")) if stage.days > 0 else ""


def _shape(screen: Screen, found: Forecast) -> dict[str, Any]:
    def stage(each: ForecastStage) -> dict[str, Any]:
        return {
            "id": each.id,
            "title": screen.title(each.title),
            "due_on": each.due,
            "expected_on": each.expected,
            "days": each.days,
            "late": each.late,
        }

    return {
        "id": found.plan,
        "on": found.on,
        "holds": found.holds,
        "final": stage(found.final) if found.final else None,
        "stages": [stage(each) for each in found.stages],
        "steps": [
            {"id": step.id, "title": screen.title(step.title), "due_on": step.due, "expected_on": step.expected}
            for step in found.steps
        ],
        "buffers": [
            {
                "id": buffer.id,
                "title": screen.title(buffer.title),
                "days": buffer.days,
                "used_now": buffer.used_now,
                "used": buffer.used,
                "left": buffer.left,
            }
            for buffer in found.buffers
        ],
    }
