"""The two times of a question: for which days an answer is, said beside it and never in it.

What is printed on a day equals what `--as-of` that day prints later, byte for byte: so the days stand on standard
error, as all that is no data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.cli.failures import say
from workflow.cli.output import Screen
from workflow.errors import N_

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings


def tell_days(settings: Settings, as_of: date | None, on: date | None) -> None:
    """Say as known on which day, and as true on which, an answer is."""
    screen = Screen(settings)
    days = {"known": screen.day((as_of or settings.today()).isoformat()), "true": screen.day(on and on.isoformat())}
    if as_of is not None and on is not None:
        screen.say(N_("As known at the end of {known} (--as-of), as true on {true} (--on)."), **days)
    elif as_of is not None:
        screen.say(N_("As known at the end of {known} (--as-of), and true on that day."), **days)
    else:
        screen.say(N_("As known now, as true on {true} (--on)."), **days)


def tell_left_out(settings: Settings) -> None:
    """Say which plans a list had to leave out, and why; a program that reads JSON has to learn that too."""
    screen = Screen(settings)
    for plan, error in settings.past.left_out.items() if settings.past is not None else ():
        why = screen.catalogue.text(error.phrase)
        say(screen.words(N_("{plan} is left out, what it was cannot be worked out: {why}"), plan=plan, why=why))
