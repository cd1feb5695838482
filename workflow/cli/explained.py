"""`audit explain`: one event with all that the record says about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.effect import STATES
from workflow.cli.explainedshape import explained_shape
from workflow.cli.named import place_of
from workflow.cli.options import command
from workflow.cli.output import Screen
from workflow.cli.shapes import Shapes
from workflow.cli.telling import Telling, gone_words
from workflow.cli.titles import Titles
from workflow.cli.words import event_words
from workflow.clock import LOCAL
from workflow.errors import N_
from workflow.messages import ATTEMPT_REFUSED, PEOPLE_LOADED, WORKSPACE_CHAIN
from workflow.views.recording import days_until_recorded, is_recorded_late

if TYPE_CHECKING:
    from workflow.cli.settings import Settings
    from workflow.messages import Event
    from workflow.views.explained import Due, Explained, Held, Rule, Wording

KEEPERS = "keepers"
"""Who may change what binds every plan; where nobody is named, everybody may."""

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
LOGIN = {"account": N_("account"), "host": N_("on the computer"), "session_user": N_("user of the server")}
GUARDS = {
    "requires": N_("guards that held"),
    "outcome": N_("steps that ended as asked for"),
    "needs": N_("documents that were there"),
    "when": N_("condition that held"),
}


@command(example="workflow audit explain 25-KH-KHCN-2019 8")
@click.argument("plan")
@click.argument("seq", type=click.IntRange(1), required=False)
def explain(settings: Settings, plan: str, seq: int | None) -> None:
    """Tell all about event SEQ of PLAN: who, by which right and rule, under which text, on which bytes, how late.

    PLAN#SEQ in one word will do too.
    """
    plan, seq = place_of(plan, seq)
    found = settings.service.record.explain_event(plan, seq)
    screen, titles = Screen(settings), Titles(settings.service, everything=True)
    telling = Telling(screen, titles)
    if settings.as_json:
        screen.json(explained_shape(screen, Shapes(screen.catalogue, titles), found))
        return
    event = found.entry.event
    screen.line(f"{found.entry.id}  {telling.what(event)}", bold=True)
    for line in telling.details(found.entry):
        screen.line(line, indent=2)
    for heading, lines in (
        (N_("Who"), _who(screen, titles, found)),
        (N_("Rule"), _rule(screen, titles, found)),
        (N_("When"), _when(screen, titles, found)),
        (N_("Documents"), _documents(screen, titles, found)),
        (N_("Withdrawn"), _withdrew(screen, found)),
        (N_("Effects"), _effects(screen, found)),
        (N_("Chain"), _chain(screen, found)),
    ):
        if shown := list(lines):
            screen.heading(heading)
            for line in shown:
                screen.line(line, indent=2)


def _who(screen: Screen, titles: Titles, found: Explained) -> Iterator[str]:
    event, held = found.entry.event, found.held
    if found.concerns not in (None, WORKSPACE_CHAIN):
        yield screen.words(N_("on the plan: {plan}"), plan=found.concerns)
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
        told = (f"{screen.words(LOGIN[name]) if name in LOGIN else name} {value}" for name, value in login.items())
        yield screen.words(N_("login: {login}"), login=", ".join(told))
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
    rule, wording, event = found.rule, found.wording, found.entry.event
    if (cause := found.caused_by) is not None:
        what = event_words(cause, screen.catalogue, titles, screen.day)
        yield screen.words(N_("it came with event {seq}, which is what was decided: {what}"), seq=cause.seq, what=what)
    if rule is not None:
        yield from _allowed(screen, titles, rule)
        if rule.by and rule.by_type:
            yield screen.words(N_("and to whom the step type itself names: here it was that"))
        for name, value in rule.guards.items():
            yield f"{screen.words(GUARDS[name])}: {_guard(screen, titles, event, name, value)}"
    elif event.type == ATTEMPT_REFUSED:
        yield screen.words(N_("who could have done it, the record does not say"))
    if wording is not None:
        yield from _wording(screen, wording)
    if plugin := event.plugin:
        yield screen.words(N_("decided by plugin: {name} {version}"), name=plugin["name"], version=plugin["version"])


def _allowed(screen: Screen, titles: Titles, rule: Rule) -> Iterator[str]:
    names = [titles.name(each) for each in rule.by]
    shown = ", ".join(name if isinstance(name, str) else screen.title(name) for name in names)
    place = "/".join(rule.said_by) or screen.words(N_("the definition"))
    if rule.by_itself:
        yield screen.words(N_("it became due by itself: nobody needed a right to it"))
    elif rule.register_key is not None and not rule.register_known:
        yield screen.words(
            N_("`{key}:` of people.yaml says who may; no register of then is here"), key=rule.register_key
        )
    elif rule.register_key is not None and rule.by:
        yield screen.words(N_("allowed to: {who} (`{key}:` of people.yaml)"), who=shown, key=rule.register_key)
    elif rule.register_key == KEEPERS:
        yield screen.words(N_("allowed to everybody: `{key}:` of people.yaml named nobody"), key=rule.register_key)
    elif rule.register_key is not None:
        yield screen.words(N_("allowed to nobody: `{key}:` of people.yaml named nobody"), key=rule.register_key)
    elif rule.by and rule.of_type:
        yield screen.words(N_("allowed to: {who} (the step type says so)"), who=shown)
    elif rule.by:
        yield screen.words(N_("allowed to: {who} (`by:` of {place})"), who=shown, place=place)
    else:
        yield screen.words(N_("allowed by the step type, or to everybody: the definition names nobody"))


def _guard(screen: Screen, titles: Titles, event: Event, name: str, value: Any) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    told = [titles.document(event, each) if name == "needs" else titles.step(event, str(each)) for each in values]
    return ", ".join(each if isinstance(each, str) else screen.title(each) for each in told)


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


def _when(screen: Screen, titles: Titles, found: Explained) -> Iterator[str]:
    event = found.entry.event
    yield screen.words(N_("happened on: {day}"), day=screen.day(event.occurred_on.isoformat()))
    recorded = event.recorded_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    here = event.recorded_at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
    day, _, hour = here.partition(" ")
    local = f"{hour}, {screen.day(day)}"
    yield screen.words(
        N_("recorded at: {at} UTC ({local} in {zone})"), at=recorded, local=local, zone=LOCAL.tzname(None)
    )
    days = days_until_recorded(event)
    apart = N_("apart: {days} {days|day|days}")
    yield screen.words(apart, days=days) + (
        f" – {screen.words(N_('recorded late'))}" if is_recorded_late(event) else ""
    )
    yield screen.words(N_("clock: {clock}"), clock=screen.words(CLOCKS.get(event.clock, event.clock)))
    yield from _dues(screen, titles, found.dues)
    if found.unplayed is not None:
        yield screen.words(N_("how late it was cannot be worked out here: {why}"), why=found.unplayed)


CLOCKS = {"system": N_("the system's"), "simulated": N_("simulated")}


def _dues(screen: Screen, titles: Titles, dues: Sequence[Due]) -> Iterator[str]:
    """Yield each day met; what several owed by one day, as one line that names them."""
    owners: dict[str, list[str]] = {}
    for due in dues:
        name = titles.name(due.owner) if due.owner else ""
        owners.setdefault(_due(screen, due), []).append(name if isinstance(name, str) else screen.title(name))
    for line, names in owners.items():
        named = ", ".join(name for name in dict.fromkeys(names) if name)
        yield f"{line} ({named})" if named else line


def _due(screen: Screen, due: Due) -> str:
    words = {"what": due.what, "day": screen.day(due.due_on), "days": due.days}
    if due.late:
        return screen.words(N_("late by {days} {days|day|days}: {what}, due {day} at that time"), **words)
    if due.buffer_until:
        words["until"] = screen.day(due.buffer_until)
        return screen.words(N_("{days} {days|day|days} into the buffer until {until}: {what}, due {day}"), **words)
    return screen.words(N_("in time: {what}, due {day} at that time"), **words)


def _withdrew(screen: Screen, found: Explained) -> Iterator[str]:
    if found.withdrew is not None:
        what = gone_words(screen, found.withdrew)
        yield screen.words(N_("of event {seq}: {what}"), seq=found.withdrew.seq, what=what)
    for gone in found.entry.gone:
        what = gone_words(screen, gone)
        yield screen.words(N_("by event {seq}: {what}; the hashes stay"), seq=gone.seq, what=what)


def _documents(screen: Screen, titles: Titles, found: Explained) -> Iterator[str]:
    data, texts = found.entry.event.data, found.entry.texts
    if found.entry.event.type == PEOPLE_LOADED:
        yield screen.words(N_("register of people: {sha256}"), sha256=data["sha256"])
    for about in found.about:
        document = titles.document(found.entry.event, about.document)
        line = screen.words(N_("about: {document} {name}"), document=document, name=about.name)
        yield ", ".join((line, *about.files))
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
