"""`overview`, and where one plan stands as `show` tells it: who holds it, what is late, what blocks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.failures import who_and_when
from workflow.cli.lists import T, print_later_days, print_more, print_some, some_of_each
from workflow.cli.options import SPAN, STARTED, command, option, page_after, page_limit, two_times
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes, listing
from workflow.errors import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from workflow.cli.settings import Settings
    from workflow.errors import Reason
    from workflow.views import plans as views

OPEN_STATES = ("active", "suspended")
NAMED = 3
"""So many holders are named in the table; `show` names them all."""
OF_EACH = 5
"""So much of each plan `overview` prints in each list; `--all` prints all of it."""
LATE = (N_("what"), N_("owed by"), N_("due"), N_("late"))
AHEAD = (N_("what"), N_("owed by"), N_("due"), N_("why"))
IN_BUFFER = (N_("what"), N_("owed by"), N_("due"), N_("past it"), N_("buffer until"))


@command(example=STARTED + "workflow overview --within 30d")
@option("--within", type=SPAN, default="14d", metavar="14d", help=N_("What is due within so many days counts as near."))
@two_times
@page_after
@page_limit
@option("--all", "everything", is_flag=True, help=N_("Show long lists whole."))
def overview(settings: Settings, within: int, on: date | None, after: str, limit: int, everything: bool) -> None:
    """Show every open plan: its stage and draft, who holds it, what is late and what blocks it."""
    # One more than asked for shows whether there is a next page.
    found = settings.service.overview(on=on, within=within, after=after, limit=limit + 1)
    page, following = found[:limit], found[limit - 1].summary.id if len(found) > limit else None
    screen = Screen(settings)
    if settings.as_json:
        shapes = Shapes(screen.catalogue)
        screen.json(listing("plans", [shapes.standing(standing) for standing in page], following))
        return
    if not page:
        screen.say(N_("There is no open plan."))
        return
    headers = [N_("plan"), N_("stage"), N_("draft"), N_("waiting on"), N_("late"), N_("buffer left")]
    screen.table(headers, [_row(screen, standing) for standing in page], whole=0)
    most = None if everything else OF_EACH
    _print_late(screen, page, most)
    _print_ahead(screen, page, most)
    print_later_days(screen, [each for standing in page for each in standing.later_days], most)
    _print_blocked(settings, screen, page, most)
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)


def _row(screen: Screen, standing: views.Standing) -> tuple[object, ...]:
    plan = standing.summary
    title = screen.title(plan.stage_title)
    stage = f"{plan.stage_label}. {title}" if plan.stage_label else title
    days = standing.days_late
    late = screen.words(N_("{days} {days|day|days}"), days=days) if days else ""
    if not days and standing.lateness:
        late = screen.words(N_("LATE"))
    elif not days and standing.in_buffer:
        late = screen.words(N_("in buffer"))
    buffer = ", ".join(f"{each.left}/{each.days}" for each in standing.buffers)
    return plan.id, stage, _newest(standing), _holders(screen, standing), late, buffer


def _newest(standing: views.Standing) -> str:
    return max(standing.drafts, key=lambda made: made.seq).name if standing.drafts else ""


def _holders(screen: Screen, standing: views.Standing) -> str:
    if not standing.waiting_on:
        told = [screen.catalogue.text(note.phrase) for note in standing.notes]
        more = len(told) - NAMED
        return ", ".join(told[:NAMED]) + (screen.words(N_(" and {count} more"), count=more) if more > 0 else "")
    names = [screen.title(each.owner_name) or each.owner or "-" for each in standing.waiting_on]
    shown = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        shown += screen.words(N_(" and {count} more"), count=len(names) - NAMED)
    since = screen.day(min(each.since for each in standing.waiting_on))
    return screen.words(N_("{who} since {day}"), who=shown, day=since)


def _print_late(screen: Screen, page: Sequence[views.Standing], most: int | None) -> None:
    late = [(standing.summary.id, each) for standing in page for each in standing.lateness]
    _print_of_each(screen, N_("Late"), LATE, late, _late_row, most)
    buffer = [(standing.summary.id, each) for standing in page for each in standing.in_buffer]
    _print_of_each(screen, N_("Taking buffer time"), IN_BUFFER, buffer, _buffer_row, most)


def _print_of_each(
    screen: Screen,
    heading: str,
    headers: Sequence[str],
    things: Sequence[tuple[str, T]],
    row: Callable[[Screen, T], tuple[str, ...]],
    most: int | None,
) -> None:
    """Print *most* things of each plan, with the plan before each."""
    if things:
        screen.heading(heading)
        shown, below = some_of_each([(plan, (plan, each)) for plan, each in things], most, screen)
        screen.table([N_("plan"), *headers], [(plan, *row(screen, each)) for plan, each in shown], whole=0, below=below)


def _late_row(screen: Screen, late: views.Lateness) -> tuple[str, ...]:
    days = screen.words(N_("{days} {days|day|days}"), days=late.days)
    if late.minutes and not late.days:
        hours, minutes = divmod(late.minutes, 60)
        days = screen.words(N_("(by {hours} h {minutes} min)"), hours=hours, minutes=minutes).strip("()")
    if late.held < late.days:
        days = screen.words(N_("{days} {days|day|days}, {held} of them there"), days=late.days, held=late.held)
    return screen.title(late.title), _owner(screen, late), screen.day(late.due_on), days


def _buffer_row(screen: Screen, late: views.Lateness) -> tuple[str, ...]:
    past = screen.words(N_("{days} {days|day|days}"), days=late.days)
    days = screen.day(late.due_on), past, screen.day(late.buffer_until)
    return screen.title(late.title), _owner(screen, late), *days


def _print_ahead(screen: Screen, page: Sequence[views.Standing], most: int | None) -> None:
    ahead = [(standing.summary.id, each) for standing in page for each in standing.ahead]
    _print_of_each(screen, N_("Due soon, or will be late"), AHEAD, ahead, _ahead_row, most)


def _ahead_row(screen: Screen, ahead: views.Ahead) -> tuple[str, ...]:
    why = screen.catalogue.text(ahead.why.phrase)
    if ahead.days_late:
        why += screen.words(N_(", {days} {days|day|days} late"), days=ahead.days_late)
    return screen.title(ahead.title), _owner(screen, ahead), screen.day(ahead.due_on), why


def _owner(screen: Screen, thing: views.Lateness | views.Ahead) -> str:
    return screen.title(thing.owner_name) or thing.owner or "-"


def _print_blocked(settings: Settings, screen: Screen, page: Sequence[views.Standing], most: int | None) -> None:
    blocked = [standing for standing in page if _is_blocked(standing)]
    if not blocked:
        return
    screen.heading(N_("What blocks them"))
    for standing in blocked:
        screen.line(standing.summary.id, bold=True)
        _print_reasons(settings, screen, standing, most, indent=2)


def _is_blocked(standing: views.Standing) -> bool:
    return not standing.possible and bool(_hindrances(standing) or standing.blocked)


def _hindrances(standing: views.Standing) -> list[Reason]:
    """What keeps the plan where it is; a window that begins later is only to be known."""
    return [note for note in standing.notes if note.since is None]


def _print_reasons(
    settings: Settings, screen: Screen, standing: views.Standing, most: int | None, *, indent: int
) -> None:
    command = f"workflow next {standing.summary.id}"
    notes = [f"- {screen.catalogue.text(each.phrase)}{who_and_when(each, settings)}" for each in _hindrances(standing)]
    print_some(screen, notes, most, command, indent=indent)
    for move in standing.blocked:
        screen.line(f"{move.trigger} -> {screen.title(move.to_title)}:", indent=indent)
        told = [f"- {screen.catalogue.text(each.phrase)}{who_and_when(each, settings)}" for each in move.reasons]
        print_some(screen, told, most, command, indent=indent + 2)


def print_standing(settings: Settings, screen: Screen, standing: views.Standing, most: int | None) -> None:
    """Print where one plan stands: what `overview` tells of it, each holder and reason; *most* of each list."""
    command = f"workflow show {standing.summary.id} --all"
    for buffer in standing.buffers:
        params = {"title": screen.title(buffer.title), "used": buffer.used, "left": buffer.left, "days": buffer.days}
        screen.line(screen.words(N_("Buffer `{title}`: {used} of {days} {days|day|days} used, {left} left"), **params))
    for each in standing.uncovered:
        params = {
            "who": screen.title(each.by_name) or each.approval.by,
            "document": each.approval.document,
            "approved": each.approval.name,
            "newest": each.newest,
        }
        message = N_("The approval of {document} {approved} by {who} does not cover {newest}")
        screen.line(screen.words(message, **params))
    if standing.waiting_on:
        screen.heading(N_("Waiting on"))
        rows = [_waiting_row(screen, waiting, most) for waiting in standing.waiting_on[:most]]
        screen.table([N_("who"), N_("since"), N_("what"), N_("due")], rows)
        print_more(screen, len(standing.waiting_on), most, command)
    if standing.lateness:
        screen.heading(N_("Late"))
        screen.table(LATE, [_late_row(screen, late) for late in standing.lateness[:most]])
        print_more(screen, len(standing.lateness), most, command)
    if standing.in_buffer:
        screen.heading(N_("Taking buffer time"))
        screen.table(IN_BUFFER, [_buffer_row(screen, late) for late in standing.in_buffer[:most]])
        print_more(screen, len(standing.in_buffer), most, command)
    if standing.ahead:
        screen.heading(N_("Due soon, or will be late"))
        rows = [_ahead_row(screen, ahead) for ahead in standing.ahead[:most]]
        screen.table(AHEAD, rows)
        print_more(screen, len(standing.ahead), most, command)
    print_later_days(screen, standing.later_days)
    # Nothing blocks a plan that is over.
    if (_hindrances(standing) or standing.blocked) and standing.summary.status in OPEN_STATES:
        screen.heading(N_("What blocks it"))
        _print_reasons(settings, screen, standing, most, indent=2)


def _waiting_row(screen: Screen, waiting: views.Waiting, most: int | None) -> tuple[str, ...]:
    titles = list(dict.fromkeys(screen.title(title) for title in waiting.titles))
    few = None if most is None else NAMED
    what = "; ".join(titles[:few])
    if few is not None and len(titles) > few:
        what += screen.words(N_(" and {count} more"), count=len(titles) - few)
    if waiting.why == "move":
        what = screen.words(N_("may move it on"))
    elif waiting.why == "blocked":
        what = screen.words(N_("could meet what blocks it"))
    late = screen.words(N_("({days} {days|day|days} late)"), days=waiting.days_late) if waiting.days_late else ""
    if not late and waiting.buffer_until:
        late = screen.words(N_("(in buffer until {day})"), day=screen.day(waiting.buffer_until))
    if not late and waiting.minutes_late:
        late = screen.words(N_("LATE"))
    due = f"{screen.day(waiting.due_on)} {late}".strip()
    return screen.title(waiting.owner_name) or waiting.owner or "-", screen.day(waiting.since), what, due
