"""One event of the trail in words: who, what happened, what it records, what became of it; and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workflow.cli.labels import BESIDE, LABELS, MOST_LISTED, VALUES
from workflow.cli.output import Screen
from workflow.cli.refusals import refusal_details
from workflow.cli.words import change_words, event_words, said
from workflow.clock import local_day
from workflow.errors import N_
from workflow.messages import ATTEMPT_REFUSED, PEOPLE_LOADED, WORKSPACE_CHAIN
from workflow.views.recording import days_until_recorded, is_recorded_late

if TYPE_CHECKING:
    from workflow.cli.shapes import Shapes
    from workflow.cli.titles import Titles
    from workflow.messages import Event
    from workflow.views.recording import AuditEntry, Gone

Texts = Mapping[str, str]


class Telling:
    """Words for events, in one language, with names and titles in the places of ids.

    Args:
        plan: Whose trail it is, where that need not be said with what was refused on it.
    """

    def __init__(self, screen: Screen, titles: Titles, plan: str | None = None) -> None:
        self._screen, self._titles, self._plan = screen, titles, plan

    def who(self, event: Event) -> str:
        """Return who recorded it, and for which office: `Name (KT. Director)`."""
        authority = event.authority
        actor = self._name(event.actor) if event.actor else _account(authority)
        office = authority.get("ref")
        if not office or office == event.actor:
            return actor
        # As it stands in front of a signature.
        form = f"{authority['form'].upper()}. " if "form" in authority else ""
        basis = f", {authority['basis']['number']}" if "basis" in authority else ""
        return f"{actor} ({form}{self._name(office)}{basis})"

    def what(self, event: Event) -> str:
        """Return what happened, in a sentence."""
        return event_words(event, self._screen.catalogue, self._titles, self._screen.day)

    def details(self, entry: AuditEntry) -> Iterator[str]:
        """Yield what stands below an event: when it was recorded if not that day, what it records, if it was undone."""
        event, words = entry.event, self._screen.words
        if days := days_until_recorded(event):
            recorded = N_("recorded on {day}, {days} {days|day|days} after it happened")
            late = N_("RECORDED LATE: on {day}, {days} {days|day|days} after it happened")
            on = self._screen.day(str(local_day(event.recorded_at)))
            yield words(late if is_recorded_late(event) else recorded, day=on, days=days)
        if event.on_behalf:
            yield words(N_("on behalf of {body}"), body=self._name(event.on_behalf))
        yield from self.recorded(event, entry.texts)
        for gone in entry.gone:
            yield words(N_("withdrawn by event {seq}: {what}"), seq=gone.seq, what=gone_words(self._screen, gone))
        if entry.undone_by:
            yield words(N_("undone by event {seq}"), seq=entry.undone_by)

    def recorded(self, event: Event, texts: Texts) -> Iterator[str]:
        """Yield what else the event records, each as `name: value`; a text stands in its place.

        What a step type recorded, revisions made, sent and approved, files with the head of their SHA-256.
        """
        data, words = event.data, self._screen.words
        if event.type == ATTEMPT_REFUSED:
            if event.data["plan"] not in (self._plan, WORKSPACE_CHAIN):
                yield words(N_("plan: {plan}"), plan=event.data["plan"])
            yield from refusal_details(event, self._screen.catalogue)
        if event.type == PEOPLE_LOADED:
            yield words(N_("file: {sha256}"), sha256=data["sha256"][:12])
        for name, value in self._values(event, data.get("data", {}), texts):
            said = self._titles.parameter(event, name) if name not in LABELS else None
            label = self._screen.catalogue.text(said).rstrip(".") if said is not None else self._label(name)
            yield f"{label}: {value}"
        for made in data.get("revisions", ()):
            yield words(N_("made: {document} {name} ({files})"), **self._revision(event, made))
        for sent in data.get("sent", ()):
            to = ", ".join(self._text(event, each, texts) for each in sent["to"])
            yield words(N_("sent: {document} {name} to {to}"), **self._revision(event, sent), to=to)
        for approved in data.get("approved", ()):
            yield words(N_("approved: {document} {name}"), **self._revision(event, approved))
        for file in data.get("attachments", ()):
            name = self._text(event, file["name"], texts)
            yield words(N_("file: {name} ({sha256})"), name=name, sha256=file["sha256"][:12])
        for change in data.get("cause", {}).get("changes", ()):
            source = self._text(event, change["source"], texts) if "source" in change else None
            told = change_words(change, self._screen.catalogue, source, day=self._screen.day)
            yield words(N_("cause: {change}"), change=told)
        for name, label in (("reason", N_("reason")), ("document", N_("document")), ("note", N_("note"))):
            # An order for another day stands with the cause of its moves.
            if value := data.get(name) or data.get("cause", {}).get(name):
                yield f"{words(label)}: {self._text(event, value, texts, name)}"

    def _name(self, ref: str) -> str:
        name = self._titles.name(ref)
        return name if isinstance(name, str) else self._screen.title(name)

    def _label(self, name: str) -> str:
        return self._screen.words(LABELS[name]) if name in LABELS else name.replace("_", " ")

    def _revision(self, event: Event, fact: Mapping[str, Any]) -> dict[str, Any]:
        files = ", ".join(sha256[:12] for sha256 in fact.get("files", ()))
        name = f"{fact['number']}.{fact['revision']}"
        return {"document": self._titles.document(event, fact["document"]), "name": name, "files": files or "-"}

    def _values(self, event: Event, data: Mapping[str, Any], texts: Texts) -> Iterator[tuple[str, str]]:
        """The values that say something: no file's hash (files stand by their names), nothing that is nought."""
        for name, value in data.items():
            if not value or name == "files" or (name in BESIDE and not isinstance(value, Mapping)):
                continue
            if name == "rule" and "basis" in data:
                # The text that sets it stands beside its id in the file of rules.
                continue
            if name == "there" and isinstance(value, list | tuple):
                yield name, ", ".join(self._document(event, str(each)) for each in value)
            elif isinstance(value, list | tuple):
                heads = [self._head(event, each, texts) for each in value[:MOST_LISTED]]
                more = len(value) - MOST_LISTED
                yield (
                    name,
                    "; ".join(heads) + (self._screen.words(N_(" and {count} more"), count=more) if more > 0 else ""),
                )
            else:
                yield name, self._text(event, value, texts, name)

    def _head(self, event: Event, each: Any, texts: Texts) -> str:
        """One element of a list: what it is called, whose it is and when it is due, where it says so."""
        if not isinstance(each, Mapping) or set(each) == {"text"}:
            return self._text(event, each, texts)
        called = next((str(each[name]) for name in ("row", "key", "id", "number", "name") if each.get(name)), "")
        whose = self._name(str(each["unit"])) if each.get("unit") else ""
        due = self._screen.day(str(each["due"])) if each.get("due") else ""
        due = self._screen.words(N_("due {day}"), day=due) if due else ""
        return ", ".join(part for part in (called, whose, due) if part) or self._text(event, each, texts)

    def _document(self, event: Event, id_: str) -> str:
        title = self._titles.document(event, id_)
        return title if isinstance(title, str) else self._screen.title(title)

    def _text(self, event: Event, value: Any, texts: Texts, name: str = "") -> str:
        if isinstance(value, Mapping):
            if set(value) == {"text"}:
                return texts.get(value["text"], "…")
            return ", ".join(f"{self._label(key)} {inner}" for key, inner in self._values(event, value, texts))
        if isinstance(value, list | tuple):
            return ", ".join(self._text(event, each, texts) for each in value)
        if not isinstance(value, str):
            return "✓" if value is True else str(value)
        if name == "document":
            return self._document(event, value)
        if name == "key":
            return self._name(value)
        if value in VALUES:
            return self._screen.words(VALUES[value])
        known = self._titles.known(value)
        return self._screen.title(known) if known is not None else said(value, self._screen.day)


def _account(authority: Mapping[str, Any]) -> str:
    """Whoever is known by a login alone; nobody where it became due by itself."""
    login = authority.get("login", {})
    account = login.get("session_user") or login.get("account")
    if not account:
        return "-"
    return f"{account}@{login['host']}" if login.get("host") else str(account)


def gone_words(screen: Screen, gone: Gone) -> str:
    """Return what was withdrawn: texts by their places, files by their numbers, as `audit withdraw` has them."""
    files = (screen.words(N_("file {number}"), number=number) for number in gone.files)
    return ", ".join((*gone.texts, *files))


def gone_shape(gone: Gone) -> dict[str, Any]:
    """Return the same for `--json`; `seq` is the other event's."""
    return {"seq": gone.seq, "texts": list(gone.texts), "files": list(gone.files)}


def entry_shape(shapes: Shapes, entry: AuditEntry) -> dict[str, Any]:
    """Return an event of the trail with its place in the chain, as `--json` has it."""
    event = entry.event
    return {
        **shapes.event(event, entry.texts),
        "refused": event.type == ATTEMPT_REFUSED,
        "days_until_recorded": days_until_recorded(event),
        "recorded_late": is_recorded_late(event),
        "undone_by": entry.undone_by,
        "withdrawn": [gone_shape(gone) for gone in entry.gone],
        "hash": entry.hash,
        "previous": entry.previous,
    }
