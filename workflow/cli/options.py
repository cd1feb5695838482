"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from workflow.cli.program import Leaf
from workflow.cli.settings import Settings
from workflow.cli.translated import TranslatedOption
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.views.plans import Write

F = TypeVar("F", bound=Callable[..., Any])
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_OFFICE_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
"""Day, month, year, as Vietnamese offices write: 05/06/2020 is the fifth of June."""


class Day(click.ParamType[date]):
    """A calendar day, written as 2019-04-15 or as 15/04/2019, and in no other way."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail naming what is no date."""
        if isinstance(value, date):
            return value
        if found := _OFFICE_DAY.match(value):
            day, month, year = map(int, found.groups())
        elif _ISO_DAY.match(value):
            year, month, day = map(int, value.split("-"))
        else:
            self.fail(f"{value!r} is not a date; write it as 2019-04-15 or 15/04/2019.", param, ctx)
        try:
            return date(year, month, day)
        except ValueError:
            self.fail(f"there is no day {value} in the calendar.", param, ctx)


class Span(click.ParamType[int]):
    """A number of days, written as 7d, 2w or 7."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of days."""
        if isinstance(value, int):
            return value
        found = re.match(r"(\d{1,4})([dw]?)\Z", value)
        if not found:
            self.fail(f"{value!r} is not a number of days; write it as 7d or 2w.", param, ctx)
        return int(found[1]) * (7 if found[2] == "w" else 1)


DAY = Day()
FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
SPAN = Span()


STARTED = "workflow create provincial-normative-document-template --id 1-KH-MAU --as van-thu\n"
"""First line of an example that needs a plan under way."""
DRAFTED = """\
workflow create provincial-normative-document-template --id 1-KH-MAU --adopt-at first-draft --as van-thu
workflow act 1-KH-MAU write-1 submit --attach samples/du-thao.txt --as van-thu
"""
"""First lines of an example that needs a draft."""


def command(*, example: str) -> Callable[[Callable[..., Any]], Leaf]:
    """Make a command whose first argument is the run's `Settings`; its help line stands in the table."""

    def make(function: Callable[..., Any]) -> Leaf:
        return click.command(cls=Leaf, epilog=example)(click.pass_obj(function))

    return make


def option(*names: str, **more: Any) -> Callable[[F], F]:
    """Declare an option whose help is translated."""
    return click.option(*names, cls=TranslatedOption, **more)


on_day = option("--on", type=DAY, metavar="DATE", help=N_("Judge what is late as on that day (else today)."))
_TIMES = (
    option(
        "--as-of",
        type=DAY,
        metavar="DATE",
        help=N_(
            "What was known then: all that was recorded by the end of that day, with people, calendar and definitions "
            "as they were in force. It takes the longer the longer the trail is."
        ),
    ),
    option(
        "--on",
        type=DAY,
        metavar="DATE",
        help=N_(
            "What was true then, as known now: all that had happened by that day, corrections since included; ahead of "
            "today, what will be due. With --as-of: as known then."
        ),
    ),
)
page_after = option("--after", metavar="ID", default="", help=N_("Begin behind this one (`next` of the page before)."))
page_limit = option("--limit", type=click.IntRange(1, 10_000), default=1000, help=N_("At most so many (1000)."))


def two_times(function: F) -> F:
    """Give a question the two days it may be asked for; it gets *on*, and a service that looks back."""

    @wraps(function)
    def looking_back(settings: Settings, *arguments: Any, as_of: date | None, on: date | None, **options: Any) -> Any:
        settings.look_back(as_of, on)
        if as_of is not None or on is not None:
            from workflow.cli.hindsight import tell_days

            tell_days(settings, as_of, on)
        answer = function(settings, *arguments, on=on, **options)
        if settings.past is not None:
            from workflow.cli.hindsight import tell_left_out

            tell_left_out(settings)
        return answer

    declared: Any = looking_back
    for declare in reversed(_TIMES):
        declared = declare(declared)
    return cast(F, declared)


_WRITING = (
    option("--on", type=DAY, metavar="DATE", help=N_("The day it happened (else today).")),
    option("--note", metavar="TEXT", help=N_("A remark for the trail.")),
    option(
        "--attach",
        multiple=True,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help=N_("A file that belongs to it; may be given several times."),
    ),
    option(
        "--expect", type=click.IntRange(0), metavar="REVISION", help=N_("Only if the plan is still at this revision.")
    ),
    option("--request-id", metavar="ID", help=N_("Repeating a command with the same id changes nothing.")),
    option("--behalf", metavar="BODY", help=N_("The body in whose name it is recorded.")),
    option("--dry-run", is_flag=True, help=N_("Decide everything, write nothing.")),
)
WRITING_NAMES = ("on", "note", "attach", "expect", "request_id", "behalf", "dry_run")


def writing(function: F) -> F:
    """Give a command the options of every write."""
    for declare in reversed(_WRITING):
        function = declare(function)
    return function


def write_from(settings: Settings, options: dict[str, Any]) -> Write:
    """Take the options of `writing` out of *options* and return who writes, and how."""
    from workflow.cli.named import BODY, id_of
    from workflow.views.plans import Write

    taken = {name: options.pop(name) for name in WRITING_NAMES}
    if taken["behalf"] is not None:
        taken["behalf"] = id_of(settings, taken["behalf"], BODY)
    return Write(actor=settings.acting(), **taken)


plan_argument = click.argument("plan")
