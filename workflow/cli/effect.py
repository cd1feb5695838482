"""The outbox: `effect list`, `effect show`, `effect retry`, `effect drop`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import STARTED, command, option, page_after, page_limit, write_from, writing
from workflow.cli.output import Screen
from workflow.cli.shapes import listing
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.effects import EffectDetail, EffectSummary

STATES = {
    "waiting": N_("waiting"),
    "done": N_("done"),
    "parked": N_("parked"),
    "dropped": N_("dropped"),
}
_effect = click.argument("id")


@command(example="workflow effect list --state parked")
@option(
    "--state",
    type=click.Choice([*STATES, "all"]),
    help=N_("Only effects in this state (else waiting and parked ones)."),
)
@page_after
@page_limit
def list_effects(settings: Settings, state: str | None, after: str, limit: int) -> None:
    """List effects: what is to be done outside the database after a change, and what became of it."""
    # One more than asked for shows whether there is a next page.
    found = settings.service.effects(state=state, after=after, limit=limit + 1)
    page, following = found[:limit], found[limit - 1].cursor if len(found) > limit else None
    screen = Screen(settings)
    if settings.as_json:
        screen.json(listing("effects", [_shape(screen, effect) for effect in page], following))
        return
    if not page:
        screen.say(N_("There are no such effects."))
        return
    rows = [(e.id, e.kind, screen.words(STATES[e.state]), e.at[:16].replace("T", " "), e.attempts) for e in page]
    headers = [N_("effect"), N_("kind"), N_("state"), N_("since (UTC)"), N_("tries")]
    screen.table(headers, rows, whole=0, below=[_why(screen, effect) for effect in page])
    if following:
        screen.say(N_("There are more: --after {id}"), id=following)


def _why(screen: Screen, effect: EffectSummary) -> list[str]:
    return [screen.catalogue.text(effect.reason)] if effect.reason is not None else []


def _shape(screen: Screen, effect: EffectSummary) -> dict[str, Any]:
    return {
        "id": effect.id,
        "plan": effect.plan,
        "seq": effect.seq,
        "kind": effect.kind,
        "state": effect.state,
        "at": effect.at,
        "tries": effect.attempts,
        "in_hand": effect.held,
        "code": effect.code or None,
        "reason": screen.catalogue.text(effect.reason) if effect.reason is not None else None,
    }


@command(example=STARTED + "workflow effect show 1-KH-MAU:1:1")
@_effect
def show_effect(settings: Settings, id: str) -> None:
    """Show effect ID and all that it carries; that may be personal data."""
    found = settings.service.effect(id)
    screen = Screen(settings)
    if settings.as_json:
        more = {"key": found.key, "sha256": found.sha256, "actor": found.actor, "on": found.on}
        screen.json({**_shape(screen, found.summary), **more, "payload": found.payload})
    else:
        _print(screen, found)


def _print(screen: Screen, found: EffectDetail) -> None:
    effect = found.summary
    screen.line(f"{effect.id}: {effect.kind}, {screen.words(STATES[effect.state])}", bold=True)
    caused = N_("caused by event {seq} of {plan}, {on}, {actor}")
    screen.line(screen.words(caused, seq=effect.seq, plan=effect.plan, on=found.on, actor=found.actor or "-"), indent=2)
    since = N_("to be tried from {at} UTC on") if effect.state == "waiting" else N_("so since {at} UTC")
    screen.line(screen.words(since, at=effect.at[:19].replace("T", " ")), indent=2)
    screen.line(screen.words(N_("tries: {count}"), count=effect.attempts), indent=2)
    if effect.held:
        screen.line(screen.words(N_("a worker has it in hand")), indent=2)
    if effect.reason is not None:
        screen.line(screen.catalogue.text(effect.reason), indent=2)
    screen.line(screen.words(N_("idempotency key: {key}"), key=found.key), indent=2)
    screen.line(f"SHA-256: {found.sha256}", indent=2)
    screen.heading(N_("What it carries"))
    screen.lines(json.dumps(found.payload, ensure_ascii=False, indent=2))


@command(example=STARTED + "workflow effect retry 1-KH-MAU:1:1 --as van-thu")
@_effect
@writing
def retry(settings: Settings, id: str, **options: Any) -> None:
    """Let effect ID be tried anew, at once and with all its tries."""
    write = write_from(settings, options)
    _changed(settings, settings.service.retry_effect(id, write), dry_run=write.dry_run)


@command(example=STARTED + 'workflow effect drop 1-KH-MAU:1:1 --reason "sent by hand" --as van-thu')
@_effect
@option("--reason", required=True, metavar="TEXT", help=N_("Why; it stands in the trail."))
@writing
def drop(settings: Settings, id: str, reason: str, **options: Any) -> None:
    """Give effect ID up: it will not be carried out."""
    write = write_from(settings, options)
    _changed(settings, settings.service.drop_effect(id, write, reason=reason), dry_run=write.dry_run)


def _changed(settings: Settings, effect: EffectSummary, *, dry_run: bool) -> None:
    screen = Screen(settings)
    if dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    if settings.as_json:
        screen.json(_shape(screen, effect))
    else:
        screen.line(f"{effect.id}: {screen.words(STATES[effect.state])}")
