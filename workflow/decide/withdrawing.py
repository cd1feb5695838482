"""Withdrawing texts and files from the record: their content goes, the event and its salted hashes stay.

The trail says who withdrew what and why. Nothing that a plan is made of depends on what is withdrawn: `evolve` reads
no text and no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow import messages
from workflow.decide.ledger import Ledger
from workflow.decide.situation import Situation, matter_of
from workflow.errors import N_, InvalidInput, NotPermitted, Phrase, Refused
from workflow.messages import Event, FreeText


@dataclass(frozen=True)
class Withdrawal:
    """What somebody asks for: that contents of event *seq* are withdrawn.

    Attributes:
        texts: The places of texts in the event, as `audit withdraw` lists them.
        files: The numbers of files handed in with it, from 1; their names go with them.
        everything: All texts and files of the event.
    """

    seq: int
    reason: str
    texts: tuple[str, ...] = ()
    files: tuple[int, ...] = ()
    everything: bool = False


@dataclass(frozen=True)
class Withdraw:
    """The same, found in the chain: keys of texts, hashes of files."""

    seq: int
    reason: str
    texts: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Contents:
    """What an event refers to that can be withdrawn.

    Attributes:
        texts: The place of each text in the event's data, to its key.
        files: The SHA-256 of each file handed in, in order.
    """

    texts: Mapping[str, str]
    files: tuple[str, ...]


def contents_of(event: Event) -> Contents:
    """Return what could be withdrawn from an event."""
    files = tuple(file["sha256"] for file in event.data.get("attachments", ()))
    return Contents(dict(_texts(event.data, "")), files)


def _texts(data: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping):
        if set(data) == {"text"} and isinstance(data["text"], str):
            yield place, data["text"]
            return
        inner = [(str(name), value) for name, value in data.items()]
    elif isinstance(data, list | tuple):
        inner = [(str(number), value) for number, value in enumerate(data, 1)]
    else:
        return
    for name, value in inner:
        yield from _texts(value, f"{place}.{name}" if place else name)


def withdrawn_in(events: Sequence[Event]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of texts and the hashes of files that *events* say were withdrawn."""
    told = [event.data for event in events if event.type == messages.CONTENT_WITHDRAWN]
    texts = frozenset(key for data in told for key in data["texts"])
    return texts, frozenset(sha256 for data in told for sha256 in data["documents"])


def withdrawal(events: Sequence[Event], asked: Withdrawal) -> Withdraw:
    """Return the command that withdraws what was asked for.

    Raises:
        InvalidInput: If there is no such event, or it has no such text or file.
        Refused: If all of it was withdrawn before.
    """
    event = next((event for event in events if event.seq == asked.seq), None)
    if event is None:
        raise InvalidInput("the plan has no event {seq}", code="unknown-event", seq=asked.seq)
    contents = contents_of(event)
    texts, files = _named(asked, contents)
    gone_texts, gone_files = withdrawn_in(events)
    left = tuple(key for key in dict.fromkeys(texts) if key not in gone_texts)
    kept = tuple(sha256 for sha256 in dict.fromkeys(files) if sha256 not in gone_files)
    if not left and not kept:
        raise Refused("what event {seq} referred to was withdrawn already", code="withdrawn-already", seq=asked.seq)
    return Withdraw(asked.seq, asked.reason, left, kept)


def _named(asked: Withdrawal, contents: Contents) -> tuple[list[str], list[str]]:
    if asked.everything:
        texts, files = list(contents.texts.values()), list(contents.files)
        if not texts and not files:
            raise InvalidInput("event {seq} has no text and no file", code="nothing-to-withdraw", seq=asked.seq)
        return texts, files
    texts, files = [], []
    for place in asked.texts:
        if place not in contents.texts:
            raise _unknown(asked, contents, place)
        texts.append(contents.texts[place])
    for number in asked.files:
        if not 1 <= number <= len(contents.files):
            raise _unknown(asked, contents, str(number))
        files.append(contents.files[number - 1])
        texts += [key for place, key in contents.texts.items() if place == f"attachments.{number}.name"]
    if not texts and not files:
        raise _unnamed(asked, contents)
    return texts, files


def _unknown(asked: Withdrawal, contents: Contents, what: str) -> InvalidInput:
    return InvalidInput(
        "event {seq} has nothing called `{what}`",
        code="unknown-content",
        hint="it has the texts {texts} and {files} {files|file|files}",
        seq=asked.seq,
        what=what[:120],
        texts=", ".join(contents.texts) or "-",
        files=len(contents.files),
    )


def _unnamed(asked: Withdrawal, contents: Contents) -> InvalidInput:
    return InvalidInput(
        "say what of event {seq} is withdrawn: it has the texts {texts} and {files} {files|file|files}",
        code="nothing-named",
        hint="--text PLACE, --file NUMBER or --all",
        seq=asked.seq,
        texts=", ".join(contents.texts) or "-",
        files=len(contents.files),
    )


WHAT = Phrase(N_("withdraw something from the record"))


def nobody_may(actor: str) -> NotPermitted:
    """Say that the register names nobody who may withdraw anything."""
    return NotPermitted(
        "`{actor}` may not {what}: the people register names nobody who may",
        code="no-withdrawers",
        hint="name them in people.yaml under `withdrawers:`, and run `workflow people load`",
        actor=actor,
        what=WHAT,
    )


def decide_withdraw(ledger: Ledger, situation: Situation, command: Withdraw) -> None:
    """Judge and record that contents are withdrawn.

    Raises:
        NotPermitted: If the register names nobody who may, or the actor is none of them.
    """
    references = situation.register.withdrawers
    if not references:
        raise nobody_may(situation.require_actor())
    authority = situation.authorise(references, WHAT, matter_of(situation.process, ledger.current))
    data = {
        "seq": command.seq,
        "texts": list(command.texts),
        "documents": list(command.files),
        "reason": FreeText(command.reason),
    }
    ledger.record(messages.CONTENT_WITHDRAWN, data, authority, on_behalf=situation.behalf)
