"""Messages in the reader's language: English is the message itself, Vietnamese comes from the catalogue.

The catalogue is a gettext `.po` file, read when somebody first asks for Vietnamese: the plain entries
that we write by ourselves, anything else that gettext allows by Babel.
Texts of plugins and definitions carry their own Vietnamese and are not in it.

`python -m workflow.catalogue missing` lists the messages of the sources without a translation.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from workflow.errors import Phrase, fill

if TYPE_CHECKING:
    from pathlib import Path

    from workflow.language.definition import Text

ENGLISH, VIETNAMESE = "en", "vi"
LANGUAGES = (ENGLISH, VIETNAMESE)


@dataclass(frozen=True)
class Catalogue:
    """Renders phrases and texts in one language, `en` or `vi`."""

    language: str

    def text(self, phrase: Phrase) -> str:
        """Return *phrase* with its parameters filled in; phrases and texts among them are rendered too."""
        shown = {name: self._shown(value) for name, value in phrase.params.items()}
        return fill(self._translated(phrase), shown)

    def message(self, msgid: str, **params: Any) -> str:
        """Return the catalogue's message *msgid* with *params*."""
        return self.text(Phrase(msgid, params))

    def words(self, text: Text) -> str:
        """Return the text of a plugin or definition in this language, Vietnamese where it has no English."""
        return text.in_language(self.language)

    def _translated(self, phrase: Phrase) -> str:
        if self.language != VIETNAMESE:
            return phrase.text
        # An untranslated message is shown in English: better a foreign sentence than none.
        return phrase.vi or translations(VIETNAMESE).get(phrase.text) or phrase.text

    def _shown(self, value: Any) -> str:
        if isinstance(value, Phrase):
            return self.text(value)
        if hasattr(value, "in_language"):
            return self.words(value)
        if isinstance(value, date) and self.language == VIETNAMESE:
            return value.strftime("%d/%m/%Y")
        if isinstance(value, list | tuple):
            return ", ".join(self._shown(item) for item in value)
        return str(value)


def language_from(explicit: str | None, environ_value: str | None, locale: str | None) -> str:
    """Return `vi` or `en`: the first of option, environment and locale that says one of them, else `en`.

    Args:
        explicit: Value of `--lang`.
        environ_value: Value of `WORKFLOW_LANG`.
        locale: The system's locale, such as `vi_VN.UTF-8` or `Vietnamese_Vietnam.1258`.
    """
    for value in (explicit, environ_value, locale):
        word = (value or "").strip().lower().replace("-", "_").split(".")[0].split("_")[0]
        if word in ("vi", "vietnamese"):
            return VIETNAMESE
        if word in ("en", "english"):
            return ENGLISH
    return ENGLISH


def catalogue_file(language: str) -> str:
    """Return the path of the `.po` file of *language*, inside the checkout or the installed package."""
    # Not by pathlib, whose import takes as long as reading the file does.
    return os.path.join(os.path.dirname(__file__), "locale", language, "LC_MESSAGES", "workflow.po")


@cache
def translations(language: str) -> Mapping[str, str]:
    """Return the translated messages of *language* by their English text."""
    path = catalogue_file(language)
    try:
        with open(path, encoding="utf-8") as stream:
            return plain_entries(stream.read())
    except ValueError:
        return _read_by_babel(path, language)


# As a whole, not line by line: that takes half the time, which everybody waits who reads Vietnamese.
_ENTRY = re.compile(r'((?:#.*\n|\n)*)msgid "(.*)"\n((?:".*"\n)*)msgstr "(.*)"\n((?:".*"\n)*)')
_ESCAPES = {'\\"': '"', "\\n": "\n", "\\r": "\r", "\\t": "\t"}


def plain_entries(text: str) -> dict[str, str]:
    """Return messages and translations of a `.po` file, without the fuzzy and the untranslated ones.

    Babel takes sixty milliseconds to the same, most of what a Vietnamese reader would wait for help.

    Raises:
        ValueError: If the file has more than plain entries: contexts, plurals, rare escapes, doubled messages.
    """
    found: list[tuple[str, str, str]] = []
    at = 0
    text = f"{text}\n"
    while entry := _ENTRY.match(text, at):
        at = entry.end()
        comments, message, more, translation, rest = entry.groups()
        if more or rest or "\\" in message or "\\" in translation or '"' in message or '"' in translation:
            message, translation = _joined(message, more), _joined(translation, rest)
        found.append((message, translation, comments))
    if any(not line.startswith("#") for line in text[at:].split("\n") if line):
        raise ValueError(f"no plain entry: {text[at : at + 80]}")
    if len({message for message, _, _ in found}) < len(found):
        raise ValueError("no plain entry: a message is said twice")
    return {
        message: translation
        for message, translation, comments in found
        if message and translation and not ("#," in comments and _is_fuzzy(comments))
    }


def _joined(first: str, more: str) -> str:
    """Return a text that may go on in further lines, each in its own quotes."""
    return "".join(map(_unescaped, [first, *more[1:-2].split('"\n"')]))


def _is_fuzzy(comments: str) -> bool:
    # The flags of an entry stand above it.
    return any("fuzzy" in line for line in comments.splitlines() if line.startswith("#,"))


def _unescaped(text: str) -> str:
    if "\\" not in text and '"' not in text:
        return text
    # Between doubled backslashes every other backslash begins an escape.
    pieces = text.split("\\\\")
    for at, piece in enumerate(pieces):
        bare = '"' in piece.replace('\\"', "")
        for escape, character in _ESCAPES.items():
            piece = piece.replace(escape, character)
        if bare or "\\" in piece:
            raise ValueError(f"no plain entry: {text}")
        pieces[at] = piece
    return "\\".join(pieces)


def _read_by_babel(path: str, language: str) -> Mapping[str, str]:
    from babel.messages.pofile import read_po

    with open(path, "rb") as stream:
        entries = read_po(stream, locale=language, charset="utf-8", abort_invalid=True)
    return {
        entry.id: entry.string
        for entry in entries
        if isinstance(entry.id, str) and isinstance(entry.string, str) and entry.id and entry.string and not entry.fuzzy
    }


# ----------------------------------------------------------------------------------------------
# The messages of the sources


@dataclass(frozen=True, order=True)
class Marked:
    """A message found in a source file: where it stands, and its text (None where it is no literal)."""

    file: str
    line: int
    text: str | None


def marked_messages(folder: Path) -> Iterator[Marked]:
    """Find every message of the Python files under *folder*, in order of file and line.

    A message is the first argument of `N_` and `Phrase`, and of every class in the tree of errors,
    as well as a `hint=` or `text=` given to one of those, and each paragraph that the help of a command
    takes from its docstring. A variable is passed over, since whatever
    fills it is marked with `N_`; a text put together on the spot cannot be translated and is
    returned as None.
    """
    sources = {path: ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))}
    markers = {"N_", "Phrase"} | _error_classes(sources.values())
    for path, tree in sources.items():
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in markers)
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            # Phrases of plugins bring their Vietnamese along.
            if not any(keyword.arg == "vi" for keyword in call.keywords):
                for argument in _message_arguments(call):
                    for text in _literals(argument):
                        yield Marked(path.relative_to(folder).as_posix(), argument.lineno, text)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            if any(isinstance(mark, ast.Call) and _name(mark.func) == "command" for mark in function.decorator_list):
                for text in paragraphs(ast.get_docstring(function)):
                    yield Marked(path.relative_to(folder).as_posix(), function.lineno, text)


def paragraphs(text: str | None) -> list[str]:
    """Return the paragraphs of a help text, each on one line as the catalogue has it."""
    return [" ".join(part.split()) for part in (text or "").split("\n\n") if part.strip()]


def _error_classes(trees: Iterable[ast.Module]) -> set[str]:
    """Names of `WorkflowError` and of all classes that derive from it in these sources."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {"WorkflowError"}
    while found := {c.name for c in classes if c.name not in known and known & {_name(b) for b in c.bases}}:
        known |= found
    return known


def _message_arguments(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args[:1]
    yield from (keyword.value for keyword in call.keywords if keyword.arg in ("hint", "text"))


def _literals(node: ast.expr) -> Iterator[str | None]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.JoinedStr | ast.BinOp):
        yield None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def missing(folder: Path, language: str = VIETNAMESE) -> tuple[Marked, ...]:
    """Return the messages under *folder* without a translation, each once."""
    known = translations(language)
    first: dict[str | None, Marked] = {}
    for marked in marked_messages(folder):
        if marked.text is None or marked.text not in known:
            first.setdefault(marked.text, marked)
    return tuple(first.values())


def main(arguments: list[str]) -> int:
    """List what lacks a translation; return 1 where anything does."""
    if arguments != ["missing"]:
        print("usage: python -m workflow.catalogue missing", file=sys.stderr)
        return 2
    from pathlib import Path

    lacking = missing(Path(__file__).parent)
    for marked in lacking:
        print(f"{marked.file}:{marked.line}: {marked.text!r}")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
