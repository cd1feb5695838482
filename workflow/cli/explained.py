"""`audit explain`: one event with all that the record says about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.effect import STATES
from workflow.cli.options import command
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes
from workflow.cli.telling import Telling, entry_shape
from workflow.cli.titles import Titles
from workflow.errors import N_
from workflow.views.recording import days_until_recorded, is_recorded_late

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.views.explained import Due, Explained, Held, Wording

FORMS = {
    "kt": N_("as deputy, for the head (KT.)"),
    "tl": N_("by order of the head (TL.)"),
    "tuq": N_("by authorisation (TUQ.)"),
}
VIA = {
    "holder": N_("its holder"),
    "deputy": N_("a deputy"),
    "substitute": N_("somebody authorised"),
    "member": N_("a member"),
    "recorder": N_("records in the name of others"),
    "engine": N_("nobody: it became due by itself"),
}
GUARDS = {
    "requires": N_("guards that held"),
    "outcome": N_("steps that ended as asked for"),
    "needs": N_("documents that were there"),
    "when": N_("condition that held"),
}


@command(example="workflow audit explain 25-KH-KHCN-2019 8")
@click.argument("plan")
@click.argument("seq", type=click.IntRange(1))
def explain(settings: Settings, plan: str, seq: int) -> None:
    """Tell all about event SEQ of PLAN: who, by which right and rule, under which text, on which bytes, how late."""
    found = settings.service.explain_event(plan, seq)
    screen, titles = Screen(settings), Titles(settings.service, everything=True)
    telling = Telling(screen, titles)
    if settings.as_json:
        screen.json(_shape(screen, Shapes(screen.catalogue, titles), found))
        return
    event = found.entry.event
    screen.line(f"{found.entry.id}  {telling.what(event)}", bold=True)
    for line in telling.details(found.entry):
        screen.line(line, indent=2)
    for heading, lines in (
        (N_("Who"), _who(screen, titles, found)),
        (N_("Rule"), _rule(screen, titles, found)),
        (N_("When"), _when(screen, found)),
        (N_("Documents"), _documents(screen, titles, found)),
        (N_("Effects"), _effects(screen, found)),
        (N_("Chain"), _chain(screen, found)),
    ):
        if shown := list(lines):
            screen.heading(heading)
            for line in shown:
                screen.line(line, indent=2)


def _who(screen: Screen, titles: Titles, found: Explained) -> Iterator[str]:
    event, held = found.entry.event, found.held
    if event.actor is not None:
        yield screen.words(N_("actor: {name} ({id})"), name=found.person or event.actor, id=event.actor)
    if found.unit is not None:
        yield screen.words(N_("of: {unit} ({id})"), unit=found.unit_name or found.unit, id=found.unit)
    if held is not None:
        yield from _held(screen, held)
    if event.on_behalf:
        yield screen.words(N_("in the name of: {body} ({id})"), body=titles.name(event.on_behalf), id=event.on_behalf)
    if version := event.authority.get("people"):
        yield screen.words(N_("register of people: version {version}"), version=version)
    if held is not None and not held.known:
        yield screen.words(N_("that register is not in the database any longer"))
    if login := event.authority.get("login"):
        yield screen.words(N_("login: {login}"), login=", ".join(f"{name} {value}" for name, value in login.items()))
    if event.request_id:
        yield screen.words(N_("request: {id}"), id=event.request_id)


def _held(screen: Screen, held: Held) -> Iterator[str]:
    via = screen.words(VIA[held.via]) if held.via in VIA else held.via or "-"
    if held.ref is None:
        yield via
        return
    yield screen.words(N_("acted for: {office} ({id}), as {via}"), office=held.name or held.ref, id=held.ref, via=via)
    if held.since or held.until:
        days = {"since": screen.day(held.since or "…"), "until": screen.day(held.until or "…")}
        yield screen.words(N_("held from {since} until {until}"), **days)
    if held.form:
        yield screen.words(N_("delegation: {form}"), form=screen.words(FORMS[held.form]))
    if held.basis:
        basis = ", ".join(screen.day(str(value)) for value in held.basis.values() if isinstance(value, str))
        yield screen.words(N_("on the strength of: {basis}"), basis=basis)


def _rule(screen: Screen, titles: Titles, found: Explained) -> Iterator[str]:
    rule, wording = found.rule, found.wording
    if rule is not None:
        if rule.by:
            names = [titles.name(each) for each in rule.by]
            shown = ", ".join(name if isinstance(name, str) else screen.title(name) for name in names)
            place = "/".join(rule.said_by) or screen.words(N_("the definition"))
            yield screen.words(N_("allowed to: {who} (`by:` of {place})"), who=shown, place=place)
        else:
            yield screen.words(N_("allowed by the step type, or to everybody: the definition names nobody"))
        if rule.by and rule.by_type:
            yield screen.words(N_("and to whom the step type itself names: here it was that"))
        for name, value in rule.guards.items():
            shown = ", ".join(value) if isinstance(value, list | tuple) else str(value)
            yield f"{screen.words(GUARDS[name])}: {shown}"
    if wording is not None:
        yield from _wording(screen, wording)
    if plugin := found.entry.event.plugin:
        yield screen.words(N_("decided by plugin: {name} {version}"), name=plugin["name"], version=plugin["version"])


def _wording(screen: Screen, wording: Wording) -> Iterator[str]:
    if not wording.intact:
        yield screen.words(N_("the definition {hash} is missing or was changed"), hash=wording.hash)
        return
    title = {"title": wording.title, "id": wording.id, "version": wording.version}
    yield screen.words(N_("definition: {title} ({id}, version {version})"), **title)
    if wording.file is not None:
        yield screen.words(N_("its text: {file}, line {line}"), file=_file(wording), line=wording.line or 1)
    else:
        yield screen.words(N_("its text: in the database alone; no file here has it any longer"))
    yield f"SHA-256: {wording.hash}"


def _file(wording: Wording) -> str:
    """The path from here where the file lies below, its name otherwise."""
    path = Path(wording.file or "")
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return path.name


def _when(screen: Screen, found: Explained) -> Iterator[str]:
    event = found.entry.event
    yield screen.words(N_("happened on: {day}"), day=screen.day(event.occurred_on.isoformat()))
    recorded = event.recorded_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    yield screen.words(N_("recorded at: {at} UTC"), at=screen.day(recorded))
    days = days_until_recorded(event)
    apart = N_("apart: {days} {days|day|days}")
    yield screen.words(apart, days=days) + (
        f" – {screen.words(N_('recorded late'))}" if is_recorded_late(event) else ""
    )
    yield screen.words(N_("clock: {clock}"), clock=screen.words(CLOCKS.get(event.clock, event.clock)))
    for due in found.dues:
        yield _due(screen, due)
    if found.unplayed is not None:
        yield screen.words(N_("how late it was cannot be worked out here: {why}"), why=found.unplayed)


CLOCKS = {"system": N_("the system's"), "simulated": N_("simulated")}


def _due(screen: Screen, due: Due) -> str:
    words = {"what": due.what, "day": screen.day(due.due_on), "days": due.days}
    if due.late:
        return screen.words(N_("late by {days} {days|day|days}: {what}, due {day} at that time"), **words)
    if due.buffer_until:
        words["until"] = screen.day(due.buffer_until)
        return screen.words(N_("{days} {days|day|days} into the buffer until {until}: {what}, due {day}"), **words)
    return screen.words(N_("in time: {what}, due {day} at that time"), **words)


def _documents(screen: Screen, titles: Titles, found: Explained) -> Iterator[str]:
    data, texts = found.entry.event.data, found.entry.texts
    for file in data.get("attachments", ()):
        name = texts.get(file["name"]["text"], "…")
        yield screen.words(N_("file: {name}, {size} bytes"), name=name, size=file["size"]) + f", {file['sha256']}"
    for kind, message in (
        ("revisions", N_("made: {document} {name}")),
        ("sent", N_("sent: {document} {name}")),
        ("approved", N_("approved: {document} {name}")),
    ):
        for fact in data.get(kind, ()):
            document = titles.document(found.entry.event, fact["document"])
            name = f"{fact['number']}.{fact['revision']}"
            hashes = ", ".join(fact.get("files", ()))
            yield screen.words(message, document=document, name=name) + (f", {hashes}" if hashes else "")


def _effects(screen: Screen, found: Explained) -> Iterator[str]:
    for effect in found.effects:
        yield f"{effect.id}  {effect.kind}: {screen.words(STATES.get(effect.state, effect.state))}"


def _chain(screen: Screen, found: Explained) -> Iterator[str]:
    yield screen.words(N_("hash: {hash}"), hash=found.entry.hash)
    yield screen.words(N_("hash of the event before: {hash}"), hash=found.entry.previous)
    if found.entry.undone_by is None:
        yield screen.words(N_("it was not undone"))


def _shape(screen: Screen, shapes: Shapes, found: Explained) -> dict[str, Any]:
    held, rule, wording = found.held, found.rule, found.wording
    return {
        **entry_shape(shapes, found.entry),
        "person": found.person,
        "unit": found.unit,
        "held": None
        if held is None
        else {
            "office": held.ref,
            "name": screen.title(held.name),
            "via": held.via,
            "since": held.since,
            "until": held.until,
            "form": held.form,
            "basis": dict(held.basis) if held.basis else None,
            "register_known": held.known,
        },
        "rule": None
        if rule is None
        else {
            "path": list(rule.where),
            "by": list(rule.by),
            "said_by": list(rule.said_by),
            "by_step_type": rule.by_type,
            "guards": dict(rule.guards),
        },
        "text": None
        if wording is None
        else {
            "definition": wording.id,
            "version": wording.version,
            "hash": wording.hash,
            "file": None if wording.file is None else Path(wording.file).name,
            "line": wording.line,
            "intact": wording.intact,
        },
        "lateness": [
            {
                "id": due.where,
                "title": screen.title(due.what),
                "due_on": due.due_on,
                "days": due.days,
                "late": due.late,
                "buffer_until": due.buffer_until,
            }
            for due in found.dues
        ],
        "unjudged": found.unplayed,
        "effects": [{"id": effect.id, "kind": effect.kind, "state": effect.state} for effect in found.effects],
    }
