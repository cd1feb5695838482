"""What a model says against a text, in plain words and with the path of each fault.

pydantic names its faults for programmers; people who write definitions read these instead. A model's
own validators can raise `ValueError(Phrase(...))`, which is shown as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from workflow.errors import Phrase
from workflow.language import definition
from workflow.language.problems import Path, did_you_mean


@dataclass(frozen=True)
class Complaint:
    """A fault of a value: its path, whether its key is at fault, and what is wrong."""

    path: Path
    at_key: bool
    code: str
    phrase: Phrase
    hint: Phrase | None = None


@dataclass(frozen=True)
class _Fault:
    """A fault of pydantic's with its path in the data. `branch` is where one of several kinds was tried."""

    path: Path
    at_key: bool
    branch: Path | None
    error: Mapping[str, Any]

    @property
    def other_kind(self) -> bool:
        """True if the value is of quite another kind than this branch takes."""
        return self.path == self.branch and self.error["type"].endswith(("_type", "_required", "_instance_of"))


MOST = 100
"""So many faults of one value are told; nobody reads more, and a hostile text can have many."""


def complaints(failure: ValidationError, data: Any, model: type[BaseModel]) -> list[Complaint]:
    """Return each fault once, in plain words; at most `MOST` of them.

    Args:
        failure: What validating *data* as *model* raised.
    """
    errors = failure.errors(include_url=False)[: 2 * MOST]
    faults = [_located(error, data) for error in errors]
    kept: dict[tuple[Path, str], Complaint] = {}
    for fault in _of_the_right_branch(faults):
        complaint = _in_words(fault, data, model)
        kept.setdefault((complaint.path, complaint.code + str(complaint.phrase)), complaint)
    return list(kept.values())[:MOST]


def _located(error: Mapping[str, Any], data: Any) -> _Fault:
    """Follow pydantic's location through the data; what leads nowhere names a branch of a union."""
    path: list[str | int] = []
    at_key, branch, value = False, None, data
    parts = error["loc"]
    for index, part in enumerate(parts):
        if part == "[key]":
            at_key = True
        elif isinstance(value, Mapping) and part in value:
            path.append(part)
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path.append(part)
            value = value[part]
        elif index == len(parts) - 1 and error["type"] == "missing":
            path.append(part)
        elif isinstance(part, str):
            branch = tuple(path)
    return _Fault(tuple(path), at_key or error["type"] == "extra_forbidden", branch, error)


def _of_the_right_branch(faults: Iterable[_Fault]) -> Iterator[_Fault]:
    faults = list(faults)
    for fault in faults:
        if fault.branch is not None and fault.other_kind:
            rivals = [other for other in faults if other.branch == fault.branch]
            if any(not other.other_kind for other in rivals) or rivals[0] is not fault:
                continue
        yield fault


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _in_words(fault: _Fault, data: Any, model: type[BaseModel]) -> Complaint:
    kind, path = fault.error["type"], fault.path
    if kind == "missing":
        phrase = Phrase("`{key}` is missing here", {"key": path[-1]})
        return Complaint(path[:-1], True, "missing-key", phrase)
    if kind == "extra_forbidden":
        key, known = str(path[-1]), keys_at(model, path[:-1])
        hint = did_you_mean(key, known)
        if hint is None and _at(data, path) is None:
            hint = Phrase("put a text that contains a comma in quotes")
        elif hint is None and known:
            hint = Phrase("there may be: {known}", {"known": ", ".join(f"`{one}`" for one in sorted(known))})
        return Complaint(path, True, "unknown-key", Phrase("there is no key `{key}` here", {"key": _short(key)}), hint)
    value = path[-1] if fault.at_key else _at(data, path)
    code, phrase, hint = _of_value(fault.error, value)
    return Complaint(path, fault.at_key, code, phrase, hint)


def _of_value(error: Mapping[str, Any], value: Any) -> tuple[str, Phrase, Phrase | None]:
    kind, context = error["type"], error.get("ctx", {})
    shown = {"value": _short(value)}
    if kind == "string_pattern_mismatch":
        return _of_pattern(context["pattern"], value, shown)
    if kind in ("value_error", "assertion_error"):
        said = context.get("error")
        phrase = said.args[0] if said is not None and said.args else error["msg"]
        return "wrong-value", phrase if isinstance(phrase, Phrase) else Phrase("{detail}", {"detail": phrase}), None
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", context["expected"])
        expected = ", ".join(choices) or context["expected"]
        phrase = Phrase("`{value}` is none of: {choices}", {**shown, "choices": expected})
        return "wrong-value", phrase, did_you_mean(str(value), choices)
    if kind in _LIMITS:
        limit = next(
            (
                context[key]
                for key in ("ge", "gt", "le", "lt", "multiple_of", "max_length", "min_length")
                if key in context
            ),
            "",
        )
        code, template = _LIMITS[kind]
        return code, Phrase(template.text, {**shown, "limit": limit}), None
    if context.get("class_name") == definition.Text.__name__:
        return "wrong-type", Phrase("a text or `{vi: …, en: …}` is wanted here, not `{value}`", shown), _IN_QUOTES
    for beginning, (template, hint) in _KINDS.items():
        if kind.startswith(beginning):
            if beginning == "string" and isinstance(value, int):
                hint = _IN_QUOTES
            elif beginning in ("int", "bool") and isinstance(value, str):
                hint = _NO_QUOTES if value.isdecimal() or value in ("true", "false") else hint
            return "wrong-type", Phrase(template.text, shown), hint
    return "wrong-value", Phrase("`{value}` is not possible here: {detail}", {**shown, "detail": error["msg"]}), None


def _of_pattern(pattern: str, value: Any, shown: Mapping[str, Any]) -> tuple[str, Phrase, Phrase | None]:
    if pattern in _DATES:
        hint = _as_iso_date(value) if pattern == _DAY else None
        return "bad-date", Phrase(_DATES[pattern].text, shown), hint
    if pattern in _NAMES:
        name = _as_name(str(value))
        hint = Phrase("did you mean `{suggestion}`?", {"suggestion": name}) if name and name != value else None
        return "bad-name", Phrase(_NAMES[pattern].text, shown), hint
    return "wrong-value", Phrase("`{value}` does not have the form that is wanted here", shown), None


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list | tuple):
        return "[…]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _as_name(value: str) -> str:
    """Return *value* as people would write it as an id: `Sở Tư pháp` is `so-tu-phap`."""
    plain = unicodedata.normalize("NFD", value[:100].lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _as_iso_date(value: Any) -> Phrase | None:
    written = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", str(value).strip())
    if not written:
        return None
    day, month, year = (int(part) for part in written.groups())
    return Phrase("did you mean `{suggestion}`?", {"suggestion": f"{year}-{month:02}-{day:02}"})


def keys_at(model: Any, path: Path) -> set[str]:
    """Return the keys that *model* allows in the mapping at *path*; empty if any key is allowed."""
    kinds = [model]
    for part in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    known: set[str] = set()
    for kind in kinds:
        for plain in _plain(kind):
            if _is_model(plain):
                known |= {field.alias or name for name, field in plain.model_fields.items()}
    return known


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _plain(kind: Any) -> Iterator[Any]:
    """The kinds that an annotation allows, without `Annotated` and `None`."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _plain(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for one in get_args(kind):
            yield from _plain(one)
    elif kind is not NoneType:
        yield kind


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    for plain in _plain(kind):
        if _is_model(plain):
            for name, field in plain.model_fields.items():
                if part == (field.alias or name):
                    yield field.annotation
        elif get_origin(plain) is not None and (arguments := get_args(plain)):
            yield arguments[0] if isinstance(part, int) else arguments[-1]


def _pattern(kind: Any) -> str:
    return next(mark.pattern for mark in get_args(kind) if getattr(mark, "pattern", None))


_NAMES: Mapping[str, Phrase] = {
    _pattern(definition.Id): Phrase("`{value}` is no id: small letters a-z, digits and single hyphens between them"),
    _pattern(definition.Holder): Phrase("`{value}` is no id of a unit, office, role or person, and no `@group`"),
    _pattern(definition.Address): Phrase("`{value}` is no address of a step: `step`, `stage/step` or `stage/step@2`"),
}
_DAY = _pattern(definition.IsoDate)
_DATES: Mapping[str, Phrase] = {
    _DAY: Phrase("`{value}` is no day: write it as 2019-04-01"),
    _pattern(definition.IsoMonths): Phrase("`{value}` is no month: write it as 2019-10 or 2021-04/2021-05"),
    _pattern(definition.IsoWindow): Phrase("`{value}` is no window: write it as 2019-04-01/2019-04-15"),
}
_LIMITS: Mapping[str, tuple[str, Phrase]] = {
    "greater_than_equal": ("out-of-range", Phrase("`{value}` is too small: at least {limit}")),
    "greater_than": ("out-of-range", Phrase("`{value}` is too small: more than {limit}")),
    "less_than_equal": ("out-of-range", Phrase("`{value}` is too large: at most {limit}")),
    "less_than": ("out-of-range", Phrase("`{value}` is too large: less than {limit}")),
    "multiple_of": ("out-of-range", Phrase("`{value}` is no multiple of {limit}")),
    "string_too_long": ("too-long", Phrase("the text is too long: at most {limit} characters")),
    "string_too_short": ("too-short", Phrase("the text is too short: at least {limit} characters")),
    "too_long": ("too-long", Phrase("too many entries: at most {limit}")),
    "too_short": ("too-short", Phrase("too few entries: at least {limit}")),
}
_IN_QUOTES = Phrase("put it in quotes")
_NO_QUOTES = Phrase("write it without quotes")
_KINDS: Mapping[str, tuple[Phrase, Phrase | None]] = {
    "string": (Phrase("a text is wanted here, not `{value}`"), None),
    "bool": (Phrase("`true` or `false` is wanted here, not `{value}`"), None),
    "int": (Phrase("a whole number is wanted here, not `{value}`"), None),
    "float": (Phrase("a number is wanted here, not `{value}`"), None),
    "decimal": (Phrase("a number is wanted here, not `{value}`"), None),
    "date": (Phrase("`{value}` is no day: write it as 2019-04-01"), None),
    "model": (Phrase("a mapping of keys to values is wanted here, not `{value}`"), None),
    "mapping": (Phrase("a mapping of keys to values is wanted here, not `{value}`"), None),
    "dict": (Phrase("a mapping of keys to values is wanted here, not `{value}`"), None),
    "tuple": (Phrase("a list is wanted here, not `{value}`"), Phrase("write it as `[a, b]`")),
    "list": (Phrase("a list is wanted here, not `{value}`"), Phrase("write it as `[a, b]`")),
    "set": (Phrase("a list is wanted here, not `{value}`"), Phrase("write it as `[a, b]`")),
    "frozen_set": (Phrase("a list is wanted here, not `{value}`"), Phrase("write it as `[a, b]`")),
}
