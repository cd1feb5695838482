"""YAML text to a validated model, with the exact place of everything that is wrong.

The only module that knows YAML. Read are the parts of YAML 1.2 that a definition needs: mappings,
lists, texts, `true`/`false`, `null`/`~` and whole numbers; everything else (dates, `on`, `no`,
`22:00`, `1.5`) stays text. Anchors, tags and merge keys are refused, so no text can grow when read.
Values are built from the parser's events: the nesting is counted before anything is nested.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml import events as yaml_events

from workflow.audit import canonical_json
from workflow.errors import NotFound, Phrase, StorageUnusable
from workflow.language.definition import ORDER, Definition
from workflow.language.problems import DefinitionInvalid, Path, Place, Positions, Problem
from workflow.language.validation import complaints

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 100
MAX_PROBLEMS = 100
MAX_EVENTS = 100_000
"""Keys, values and ends of collections in one text; the longest shipped definition has some 3,000."""
MAX_INTEGER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # used for its events alone
_CONSTANTS: Mapping[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEEDS_CARE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Loaded:
    """A definition with where everything stands in its text.

    Attributes:
        name: Name of the file, as problems show it.
        canonical: RFC 8785 JSON of the definition, to which plans are pinned.
        hash: SHA-256 of `canonical`, hex.
    """

    definition: Definition
    positions: Positions
    name: str
    canonical: bytes
    hash: str


def load(text: bytes, name: str) -> Loaded:
    """Read a definition.

    Raises:
        DefinitionInvalid: With every problem of the text that can be seen without other files.
    """
    return of_definition(*load_model(text, name, Definition, reserved=ORDER), name)


def of_definition(definition: Definition, positions: Positions, name: str) -> Loaded:
    """Return a definition with its positions, canonical bytes and hash."""
    canonical = canonical_json(definition.as_data())
    return Loaded(definition, positions, name, canonical, hashlib.sha256(canonical).hexdigest())


def load_path(path: FilePath | str) -> Loaded:
    """Read the definition in the file at *path*."""
    return load(read_text(path), str(path))


def read_text(path: FilePath | str) -> bytes:
    """Return the bytes of a file, no more than are needed to see that it is too large."""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as exc:
        raise NotFound("there is no file {file}", file=str(path)) from exc
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or str(exc)
        raise StorageUnusable("{file} cannot be read: {why}", code="file-unreadable", file=str(path), why=why) from exc


def load_model(text: bytes, name: str, model: type[M], reserved: str = "") -> tuple[M, Positions]:
    """Read a text as *model*, which decides what keys and values there may be.

    Args:
        reserved: A top-level key that the model knows but that nobody may write.

    Raises:
        DefinitionInvalid: With every problem of the text.
    """
    data, positions, found = read(text, name)
    if isinstance(data, dict) and reserved in data:
        del data[reserved]
        phrase = Phrase("there is no key `{key}` here", {"key": reserved})
        found.append(Problem(name, *positions.key((reserved,)), "unknown-key", "error", phrase))
    try:
        return _accepted(model.model_validate(data, by_alias=True, by_name=False), name, found), positions
    except ValidationError as exc:
        # What YAML itself got wrong is reported once, not again for the value that is missing there.
        broken = {(problem.line, problem.column) for problem in found}
        for complaint in complaints(exc, data, model):
            line, column = positions.key(complaint.path) if complaint.at_key else positions[complaint.path]
            if (line, column) not in broken:
                found.append(Problem(name, line, column, complaint.code, "error", complaint.phrase, complaint.hint))
        raise DefinitionInvalid(name, found[:MAX_PROBLEMS]) from exc


def _accepted(model: M, name: str, found: list[Problem]) -> M:
    if found:
        raise DefinitionInvalid(name, found)
    return model


def parse(text: bytes, name: str) -> tuple[Any, Positions]:
    """Read YAML into dicts, lists, texts, whole numbers, booleans and None.

    Raises:
        DefinitionInvalid: If the text is not YAML, or uses parts of it that are not allowed here.
    """
    data, positions, found = read(text, name)
    return _accepted_data(data, name, found), positions


def _accepted_data(data: Any, name: str, found: list[Problem]) -> Any:
    if found:
        raise DefinitionInvalid(name, found)
    return data


def read(text: bytes, name: str) -> tuple[Any, Positions, list[Problem]]:
    """Return a text's values, where they stand, and what is wrong with it as YAML.

    Raises:
        DefinitionInvalid: If it cannot be read to its end.
    """
    decoded = _decoded(text, name)
    builder = _Builder(name)
    builder.read(decoded)

    def find() -> tuple[Mapping[Path, Place], Mapping[Path, Place]]:
        again = _Builder(name, places=True)
        again.read(decoded)
        return again.keys, again.values

    return builder.root, Positions(find), builder.found


def _decoded(text: bytes, name: str) -> str:
    """Return the text in NFC, refusing what is not plain UTF-8."""

    def refuse(code: str, phrase: Phrase, before: str = "", hint: Phrase | None = None) -> DefinitionInvalid:
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return DefinitionInvalid(name, [Problem(name, line, column, code, "error", phrase, hint)])

    if len(text) > MAX_BYTES:
        raise refuse("too-large", Phrase("the file is larger than {limit} bytes", {"limit": MAX_BYTES}))
    save = Phrase("save the file as UTF-8 without a byte order mark")
    if text.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        raise refuse("wrong-encoding", Phrase("the file is UTF-16 or UTF-32, not UTF-8"), hint=save)
    if text.startswith(b"\xef\xbb\xbf"):
        raise refuse("wrong-encoding", Phrase("the file begins with a byte order mark"), hint=save)
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as exc:
        before = text[: exc.start].decode("utf-8", "replace")
        raise refuse("wrong-encoding", Phrase("the file is not UTF-8"), before, save) from exc
    unprintable = _UNPRINTABLE.search(decoded)
    if unprintable:
        phrase = Phrase(
            "the character U+{number} may not stand in a text", {"number": f"{ord(unprintable.group()):04X}"}
        )
        raise refuse("unprintable-character", phrase, decoded[: unprintable.start()])
    return decoded if decoded.isascii() else unicodedata.normalize("NFC", decoded)


class _TooMuch(Exception):
    """Reading stops here; the problem is already noted."""


class _Builder:
    """Builds values from events; notes what is not allowed and, if asked, where everything stands."""

    def __init__(self, name: str, places: bool = False) -> None:
        self.name = name
        self.places = places
        self.root: Any = None
        self.found: list[Problem] = []
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}

    def read(self, text: str) -> None:
        """Read the whole text; what cannot be parsed raises `DefinitionInvalid`."""
        parser = _Parser(text)
        try:
            self._document(parser)
        except _TooMuch as exc:
            raise DefinitionInvalid(self.name, self.found) from exc
        except yaml.YAMLError as exc:
            self._unparsable(exc)
            raise DefinitionInvalid(self.name, self.found) from exc
        finally:
            parser.dispose()

    def _unparsable(self, exc: yaml.YAMLError) -> None:
        mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
        detail = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "unreadable"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        hint = None
        if "\\t" in detail:
            hint = Phrase("indent with spaces, not with tabs")
        elif "mapping values" in detail:
            hint = Phrase("put a text that contains `: ` in quotes")
        phrase = Phrase("this is not YAML: {detail}", {"detail": detail})
        self.found.append(Problem(self.name, line, column, "not-yaml", "error", phrase, hint))

    def _problem(self, event: Any, code: str, phrase: Phrase, hint: Phrase | None = None) -> None:
        mark = event.start_mark
        self.found.append(Problem(self.name, mark.line + 1, mark.column + 1, code, "error", phrase, hint))
        if len(self.found) >= MAX_PROBLEMS:
            raise _TooMuch

    def _document(self, parser: Any) -> None:
        parser.get_event()  # the stream's start
        if type(parser.get_event()) is not yaml_events.DocumentStartEvent:
            self.found.append(Problem(self.name, 1, 1, "empty-file", "error", Phrase("the file is empty")))
            raise _TooMuch
        self._values(parser)
        parser.get_event()  # the document's end
        event = parser.get_event()
        if type(event) is not yaml_events.StreamEndEvent:
            self._problem(event, "second-document", Phrase("one file holds one document; a second one begins here"))

    def _values(self, parser: Any) -> None:
        """Read one value with all that it contains.

        One loop with its own stack instead of recursion: this is what a cold start spends its time
        in. `into` is the collection being filled, `key` the key whose value comes next (None: a key
        comes next, or `into` is a list).
        """
        get = parser.get_event
        scalar, alias = yaml_events.ScalarEvent, yaml_events.AliasEvent
        mapping, sequence = yaml_events.MappingStartEvent, yaml_events.SequenceStartEvent
        stack: list[tuple[Any, Any, Path]] = []
        into: Any = None
        key: str | None = None
        path: Path = ()
        left = MAX_EVENTS
        while True:
            event = get()
            kind = type(event)
            left -= 1
            if not left:
                phrase = Phrase("the file has more than {limit} values", {"limit": MAX_EVENTS})
                self._problem(event, "too-large", phrase)
                raise _TooMuch
            if kind is scalar:
                if type(into) is dict and key is None:
                    key = self._key(event, into, path)
                    continue
                value = self._scalar(event)
            elif kind is mapping or kind is sequence:
                self._opened(event, into, key, len(stack))
                value = {} if kind is mapping else []
            elif kind is alias:
                self._problem(event, "alias", Phrase("aliases (`*name`) are not allowed"), _WRITE_OUT)
                if type(into) is dict and key is None:
                    key = f"*{event.anchor}"
                    continue
                value = None
            else:  # a collection's end
                into, key, path = stack.pop()
                if not stack:
                    return
                key = None
                continue
            here = path
            if self.places:
                here = self._placed(event, path, into, key)
            if into is None:
                self.root = value
            elif type(into) is dict:
                into[key] = value
            else:
                into.append(value)
            if kind is scalar or kind is alias:
                if into is None:
                    return
                key = None
            else:
                stack.append((into, key, path))
                into, key, path = value, None, here

    def _placed(self, event: Any, path: Path, into: Any, key: str | None) -> Path:
        """Note where the value stands and return its path.

        For a mapping or list written in lines of its own the key is what one looks for.
        """
        if into is None:
            here = path
        else:
            here = (*path, key) if key is not None else (*path, len(into))
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1)
        if type(event) is not yaml_events.ScalarEvent and here in self.keys:
            place = self.keys[here]
        self.values.setdefault(here, place)
        return here

    def _key(self, event: Any, into: Any, path: Path) -> str:
        key: str = self._text(event)
        if key in into:
            self._problem(event, "duplicate-key", Phrase("`{key}` stands here a second time", {"key": key[:100]}))
            key += " (2)"
        if self.places:
            self.keys.setdefault((*path, key), (event.start_mark.line + 1, event.start_mark.column + 1))
        if key == "<<" and event.implicit[0]:
            self._problem(event, "merge-key", Phrase("merge keys (`<<`) are not allowed"), _WRITE_OUT)
        return key

    def _opened(self, event: Any, into: Any, key: str | None, depth: int) -> None:
        if event.tag is not None or event.anchor is not None:
            self._decorated(event)
        if type(into) is dict and key is None:
            self._problem(event, "not-a-key", Phrase("a key must be a plain text"))
            raise _TooMuch
        if depth >= MAX_DEPTH:
            self._problem(event, "too-deep", Phrase("nested more than {limit} levels deep", {"limit": MAX_DEPTH}))
            raise _TooMuch

    def _decorated(self, event: Any) -> None:
        if event.anchor is not None:
            self._problem(event, "alias", Phrase("anchors (`&name`) are not allowed"), _WRITE_OUT)
        if event.tag is not None:
            self._problem(event, "tag", Phrase("tags (`!name`) are not allowed"))

    def _text(self, event: Any) -> str:
        if event.tag is not None or event.anchor is not None:
            self._decorated(event)
        value: str = event.value
        if value.isascii():
            if not value.isprintable() and _NEEDS_CARE.search(value):
                self._problem(event, "unprintable-character", Phrase("a text holds a control character"))
            return value
        # An escape such as "\u0301" can undo the normal form that the file as a whole has.
        return unicodedata.normalize("NFC", value)

    def _scalar(self, event: Any) -> Any:
        value = self._text(event)
        if not event.implicit[0]:
            return value
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        if value[0] in "-0123456789" and _INTEGER.match(value):
            if len(value) > 17 or abs(int(value)) > MAX_INTEGER:
                hint = Phrase("put it in quotes if it is a text")
                self._problem(event, "number-too-large", Phrase("this whole number is too large"), hint)
                return None
            return int(value)
        return value


_WRITE_OUT = Phrase("write the value out where it is needed")
