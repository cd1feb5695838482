"""Prints what changed between two revisions, at the terminal's width, marked so that it reads without colours."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.boundary import terminal_width
from workflow.cli.failures import coloured
from workflow.cli.output import Screen, clean, width
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.drafts.comparing import Difference, Part
    from workflow.drafts.drafts import DraftDifference, DraftFile, FileDifference, RevisionDetail

_MARKS = {"same": ("", ""), "added": ("{+", "+}"), "removed": ("[-", "-]")}
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS = {"added": "green", "removed": "red"}
_INDENT = 8
"""Columns in front of a paragraph: its sign and its number."""

Word = tuple[str, str]
"""A word with its marks, and its kind."""


def print_difference(screen: Screen, found: DraftDifference) -> None:
    """Print each file with its changed paragraphs; how many did not change stands between them."""
    before, after = found.before, found.after
    document = before.revision.document
    screen.line(f"{document}  {before.revision.name} -> {after.revision.name}  {screen.title(after.title)}", bold=True)
    screen.line(f"- {_made(screen, before)}")
    screen.line(f"+ {_made(screen, after)}")
    if found.since is not None:
        message = N_("{who} was sent {revision} on {day}")
        if found.since.how == "spoken":
            message = N_("{who} spoke of {revision} on {day}")
        since = found.since
        screen.line(screen.words(message, who=since.who, revision=since.revision, day=since.on))
    if before.revision.name == after.revision.name:
        screen.line(screen.words(N_("Nothing changed since: it is the newest revision.")))
        return
    for file in found.files:
        screen.line()
        screen.line(_file_words(screen, file), bold=True)
        if file.state == "changed":
            _print_paragraphs(screen, file.paragraphs)
    if not found.files:
        screen.line(screen.words(N_("Neither revision has a file.")))


def _made(screen: Screen, detail: RevisionDetail) -> str:
    author = screen.title(detail.author_name) or detail.revision.author or "-"
    return f"{detail.revision.name}  {detail.revision.made_on}  {author}"


def _file_words(screen: Screen, file: FileDifference) -> str:
    names = list(dict.fromkeys(clean(one.name) or one.sha256[:12] for one in (file.before, file.after) if one))
    name = " -> ".join(names)
    states = {
        "unchanged": N_("unchanged"),
        "changed": N_("changed: {changed}, added: {added}, removed: {removed}"),
        "added": N_("a new file"),
        "removed": N_("no longer there"),
        "not-text": N_("other bytes; it has no text that can be compared"),
    }
    counts = {kind: sum(one.kind == kind for one in file.paragraphs) for kind in _SIGNS}
    if file.state == "unchanged" and file.before and file.after and file.before.sha256 != file.after.sha256:
        return f"{name}: " + screen.words(N_("other bytes, the same text"))
    return f"{name}: " + screen.words(states[file.state], **counts)


def _print_paragraphs(screen: Screen, paragraphs: Sequence[Difference]) -> None:
    unchanged = 0
    for paragraph in paragraphs:
        if paragraph.kind == "same":
            unchanged += 1
            continue
        _print_unchanged(screen, unchanged)
        unchanged = 0
        number = paragraph.after if paragraph.after is not None else paragraph.before
        lead = f"{_SIGNS[paragraph.kind]} {number}"
        for line in _lines(_words(paragraph.parts), terminal_width() - _INDENT):
            click.echo(f"{lead:<{_INDENT - 1}} " + line)
            lead = ""
    _print_unchanged(screen, unchanged)


def _print_unchanged(screen: Screen, count: int) -> None:
    if count:
        screen.line(screen.words(N_("... paragraphs unchanged: {count}"), count=count), indent=_INDENT)


def _words(parts: Iterable[Part]) -> list[Word]:
    """Return the words of a paragraph; the first of a change begins its mark, the last ends it."""
    found: list[Word] = []
    for part in parts:
        words = clean(part.text).split(" ")
        opening, closing = _MARKS[part.kind]
        words[0], words[-1] = (opening + words[0], words[-1]) if len(words) > 1 else ("", opening + words[0])
        words[-1] += closing
        found += [(word, part.kind) for word in words if word]
    return found


def _lines(words: Sequence[Word], columns: int) -> Iterable[str]:
    """Fill lines with words; colours take no room."""
    line: list[Word] = []
    taken = 0
    for word in chain.from_iterable(_broken(whole, columns) for whole in words):
        size = width(word[0])
        if line and taken + 1 + size > columns:
            yield _styled(line)
            line, taken = [], 0
        taken += size + bool(line)
        line.append(word)
    yield _styled(line)


def _broken(word: Word, columns: int) -> Iterable[Word]:
    """Break a word that is longer than a line."""
    text, kind = word
    while width(text) > columns:
        cut = next(n for n in range(len(text), 0, -1) if width(text[:n]) <= columns or n == 1)
        yield text[:cut], kind
        text = text[cut:]
    yield text, kind


def _styled(line: Sequence[Word]) -> str:
    if not coloured(sys.stdout):
        return " ".join(word for word, _ in line)
    return " ".join(click.style(word, fg=_COLOURS[kind]) if kind in _COLOURS else word for word, kind in line)


def difference_shape(found: DraftDifference) -> dict[str, Any]:
    """Return a comparison for `--json`."""
    document = found.before.revision.document
    before, after = found.before.revision.name, found.after.revision.name
    since = found.since
    return {
        "id": f"{document}:{before}:{after}",
        "plan": found.plan,
        "document": document,
        "from": before,
        "to": after,
        "since": since and {"who": since.who, "how": since.how, "on": since.on, "revision": since.revision},
        "files": [
            {
                "id": _file_id(file),
                "state": file.state,
                "from": _file_shape(file.before),
                "to": _file_shape(file.after),
                "paragraphs": [_paragraph_shape(paragraph) for paragraph in file.paragraphs],
            }
            for file in found.files
        ],
    }


def _file_id(file: FileDifference) -> str:
    named = file.after or file.before
    return (named.name or named.sha256) if named else ""


def _file_shape(file: DraftFile | None) -> dict[str, Any] | None:
    return None if file is None else {"name": file.name, "sha256": file.sha256, "size": file.size}


def _paragraph_shape(paragraph: Difference) -> dict[str, Any]:
    return {
        "kind": paragraph.kind,
        "from": paragraph.before,
        "to": paragraph.after,
        "parts": [{"kind": part.kind, "text": part.text} for part in paragraph.parts],
    }
