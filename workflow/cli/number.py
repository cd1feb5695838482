"""Numbers and symbols of documents: `number issue`, `number list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import DRAFTED, command, option, page_limit, plan_argument, write_from, writing
from workflow.cli.outcome import show_outcome
from workflow.cli.output import Screen
from workflow.cli.shapes import listing
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.service.numbering import NumberDetail


@command(example=DRAFTED + "workflow number issue 1-KH-MAU decision --series QĐ-UBND --as van-thu")
@plan_argument
@click.argument("document", required=False)
@option("--series", metavar="SYMBOL", help=N_("The symbol behind the number, such as KH-KHCN (else the definition's)."))
@option("--number", type=click.IntRange(1, 999_999), help=N_("This number (else the next free one of the year)."))
@writing
def issue(
    settings: Settings, plan: str, document: str | None, series: str | None, number: int | None, **options: Any
) -> None:
    """Give DOCUMENT of PLAN its number, or PLAN itself where none is named; --on tells the day and so the year."""
    write = write_from(settings, options)
    outcome = settings.service.issue_number(plan, document, write, series=series, number=number)
    show_outcome(settings, outcome)


@command(example="workflow number list --series KH-KHCN --year 2019")
@option("--series", metavar="SYMBOL", help=N_("Only numbers of this series."))
@option("--year", type=click.IntRange(1900, 9999), help=N_("Only numbers of this year."))
@option("--after", metavar="ID", default=None, help=N_("Begin behind this one (`next` of the page before)."))
@page_limit
def list_numbers(settings: Settings, series: str | None, year: int | None, after: str | None, limit: int) -> None:
    """List the numbers that were given, also those given in error: no number is given twice."""
    # One more than asked for shows whether there is a next page.
    found = settings.service.numbers(series=series, year=year, after=_key(after), limit=limit + 1)
    page, following = found[:limit], _id(found[limit - 1]) if len(found) > limit else None
    screen = Screen(settings)
    if settings.as_json:
        screen.json(listing("numbers", [_shape(number) for number in page], following))
        return
    if not page:
        screen.say(N_("No number was given yet."))
        return
    rows = [
        (
            number.symbol,
            number.on,
            number.row.plan,
            number.row.document,
            screen.words(N_("given in error")) if number.void else "",
        )
        for number in page
    ]
    screen.table([N_("number"), N_("day"), N_("plan"), N_("document"), ""], rows)
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)


def _id(number: NumberDetail) -> str:
    return f"{number.row.series}:{number.row.year}:{number.row.number}"


def _key(after: str | None) -> tuple[str, int, int] | None:
    if after is None:
        return None
    series, _, rest = after.partition(":")
    year, _, number = rest.partition(":")
    if not series or not (year.isdecimal() and number.isdecimal()) or len(rest) > 20:
        raise InvalidInput(N_("`{id}` is no id of a number."), code="bad-cursor", id=after[:80])
    return series, int(year), int(number)


def _shape(number: NumberDetail) -> dict[str, Any]:
    row = number.row
    return {
        "id": _id(number),
        "symbol": number.symbol,
        "series": row.series,
        "year": row.year,
        "number": row.number,
        "plan": row.plan,
        "document": row.document,
        "on": number.on,
        "actor": number.person,
        "seq": row.seq,
        "void": number.void,
    }
