"""The JSON Schema of definition files: the language, with the parameters of every step type there is.

Editors complete, explain and check a file by it while it is written. It is made of the same models
that read the file, so whatever it refuses the loader or `check` refuses too. What it cannot see is
left to `check`: names of stages, steps, documents and people that are not there, conditions, days
that no calendar has, dates in the wrong order, and rules that a step type's own code keeps.

Draft-07, because editors stop there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from workflow.errors import Phrase, PluginFailed, failure
from workflow.language import definition
from workflow.language.definition import (
    DATE_KEYS,
    After,
    AlongsideStep,
    BackFrom,
    Definition,
    Stage,
    Step,
    Text,
    Until,
)
from workflow.language.meanings import meaning_of, name_of
from workflow.steps.descriptions import meaning
from workflow.steps.step_type import StepType

DIALECT = "http://json-schema.org/draft-07/schema#"
Words = Callable[[Phrase], str]
Schema = dict[str, Any]


def pattern_of(kind: Any) -> str:
    """Return the pattern of one of the language's texts, such as `definition.Id`."""
    return next(mark.pattern for mark in get_args(kind) if getattr(mark, "pattern", None))


_STEP_TYPES, _ONE_DATE = "@step-types", "@one-date"
"""Parts with a name that no step type can have."""
_ID = re.compile(pattern_of(definition.Id))
_DAY = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


@dataclass(frozen=True)
class Described:
    """A schema with what it covers.

    Attributes:
        step_types: Words after `uses:` that it knows, sorted.
        left_out: Step types that it does not know or whose parameters it takes as they are, with the reason.
    """

    data: Schema
    step_types: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return the schema as JSON: the same text from the same plugins."""
        return json.dumps(self.data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def describe(
    step_types: Mapping[str, StepType], guards: Collection[str], calendars: Collection[str], words: Words
) -> Described:
    """Return the schema of definition files.

    Args:
        step_types: What `uses:` may name; one that fails is left out, and told.
        guards: What `requires:` may name.
        calendars: What `calendar:` may name.
        words: Renders a phrase in the language of the descriptions.
    """
    root = _schema_of(Definition, words)
    shared: dict[str, Schema] = root.pop("definitions")
    known, left_out = _usable(step_types)
    branches = []
    for name in known:
        options = shared[name] = _options(known[name], words, shared, left_out)
        then: Schema = {"properties": {"with": {"$ref": f"#/definitions/{name}"}}}
        if options.get("required"):
            then["required"] = ["with"]
        branches.append({"if": {"properties": {"uses": {"const": name}}, "required": ["uses"]}, "then": then})
    shared[_STEP_TYPES] = {"allOf": branches} if branches else {}
    shared[_ONE_DATE] = _one_date(words)
    for kind in (Stage, Step, AlongsideStep):
        shared[kind.__name__]["allOf"] = [{"$ref": f"#/definitions/{_ONE_DATE}"}]
    for kind in (Step, AlongsideStep):
        step = shared[kind.__name__]
        step["allOf"].append({"$ref": f"#/definitions/{_STEP_TYPES}"})
        _closed(step["properties"], "uses", known)
        step["properties"]["uses"]["enumDescriptions"] = [shared[name]["title"] for name in known]
    _closed(root["properties"], "calendar", calendars)
    _closed(shared["Transition"]["properties"], "requires", guards)
    data = {**root, "$schema": DIALECT, "definitions": shared}
    return Described(data, tuple(known), left_out)


def _usable(step_types: Mapping[str, StepType]) -> tuple[dict[str, StepType], dict[str, str]]:
    known: dict[str, StepType] = {}
    left_out: dict[str, str] = {}
    for name in sorted(step_types):
        try:
            step_type = step_types.get(name)
        except PluginFailed as error:
            left_out[name] = str(error)
            continue
        if step_type is not None and _ID.match(name):
            known[name] = step_type
        elif step_type is not None:
            left_out[name] = f"{name!r} is no id"
    return known, left_out


def _options(step_type: StepType, words: Words, shared: dict[str, Schema], left_out: dict[str, str]) -> Schema:
    """Return the schema of what stands under `with:`; its parts go to *shared* under the type's name."""
    try:
        made = _schema_of(step_type.Options, words)
        made["title"] = words(Phrase(step_type.title["en"], vi=step_type.title["vi"]))
    except Exception as exc:  # a plugin's model may raise anything, and hold what JSON cannot describe
        left_out[step_type.name] = failure(exc)
        return {"type": "object", "title": step_type.name}
    parts: dict[str, Schema] = made.pop("definitions")
    own = {name: f"{step_type.name}.{name}" for name, part in parts.items() if shared.get(name) != part}
    shared.update({own[name]: _renamed(parts[name], own) for name in own})
    return _renamed(made, own)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Copy *value* with its references pointed at new *names*."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(reference := value.get("$ref"), str):
        name = reference.rsplit("/", 1)[-1]
        copied["$ref"] = f"#/definitions/{names.get(name, name)}"
    return copied


def _closed(properties: dict[str, Schema], key: str, names: Collection[str]) -> None:
    """Let the values of *key*, or of its list, be the *names* and nothing else."""

    def narrowed(schema: Any) -> Any:
        if isinstance(schema, list):
            return [narrowed(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if schema.get("type") == "string":
            kept = {name: schema[name] for name in ("description", "default") if name in schema}
            # Editors refuse a whole schema for an empty list of words.
            return {**kept, "enum": sorted(names)} if names else {**kept, "not": {}}
        return {name: narrowed(item) for name, item in schema.items()}

    properties[key] = narrowed(properties[key])


# ----------------------------------------------------------------------------------------------
# One model


def _schema_of(model: type[BaseModel], words: Words) -> Schema:
    """Return a model's schema with all its parts under `definitions`."""
    generator = _Generator(by_alias=True, ref_template="#/definitions/{model}")
    generator.words = words
    model.model_rebuild()
    made = generator.generate(model.__pydantic_core_schema__, mode="validation")
    parts = made.pop("$defs", {})
    root = made
    if reference := made.get("$ref"):  # a model that contains itself
        root = parts[reference.rsplit("/", 1)[-1]]
    return {**_plain(root), "definitions": {name: _plain(part) for name, part in parts.items()}}


def _plain(value: Any) -> Any:
    """Copy a schema as draft-07 wants it: nothing beside a reference, no keywords of other dialects."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _plain(item) for key, item in value.items()}
    if "$ref" in copied and len(copied) > 1:
        copied = {**{key: item for key, item in copied.items() if key != "$ref"}, "allOf": [{"$ref": copied["$ref"]}]}
    if "prefixItems" in copied:
        copied = {**copied, "items": copied["prefixItems"], "additionalItems": copied.get("items", False)}
        del copied["prefixItems"]
    return copied


class _Generator(GenerateJsonSchema):
    """pydantic's generator, for what our models do beyond their types, and for what editors show."""

    words: Words
    model: type[BaseModel] | None = None
    """The model that is being described."""

    def dict_schema(self, schema: Any) -> Schema:
        """A mapping: every key has to be as its keys are, not only those that happen to match."""
        made: Schema = {"type": "object"}
        if "values_schema" in schema and (values := self.generate_inner(schema["values_schema"])):
            made["additionalProperties"] = values
        if "keys_schema" in schema:
            keys = {key: item for key, item in self.generate_inner(schema["keys_schema"]).items() if key != "title"}
            if keys.keys() - {"type"}:
                made["propertyNames"] = keys
        self.update_with_validations(made, schema, self.ValidationsMapping.object)
        return made

    def function_before_schema(self, schema: Any) -> Schema:
        """What a validator makes of the value first only its author knows: what he does not say is not judged."""
        if "json_schema_input_schema" in schema:
            return self.generate_inner(schema["json_schema_input_schema"])
        inner = schema["schema"]
        known = inner["type"] == "model-fields" and self.model in (Text, Definition)
        return self.generate_inner(inner) if known else {}

    def function_wrap_schema(self, schema: Any) -> Schema:
        """As before a validator that comes first."""
        return self.generate_inner(schema["json_schema_input_schema"]) if "json_schema_input_schema" in schema else {}

    function_plain_schema = function_wrap_schema

    def date_schema(self, schema: Any) -> Schema:
        """A day, which editors do not know by `format` alone."""
        return {"type": "string", "format": "date", "pattern": _DAY}

    def str_schema(self, schema: Any) -> Schema:
        """A text; its pattern as every editor reads it. Of a text that is stripped first nothing is judged."""
        if schema.get("strip_whitespace"):
            return {"type": "string"}
        made = super().str_schema(schema)
        pattern = made.pop("pattern", None)
        if pattern is not None:
            made |= _portable(pattern)
        if pattern in _FORMS:
            made["patternErrorMessage"] = self.words(_FORMS[pattern])
        return made

    def model_schema(self, schema: Any) -> Schema:
        """A mapping with a fixed set of keys, each explained in the reader's language."""
        model, above = schema["cls"], self.model
        self.model = model
        made = super().model_schema(schema)
        self.model = above
        title = name_of(model)
        shown = {"title": self.words(title) if title else model.__name__}
        if "properties" not in made:
            return shown
        made = {key: item for key, item in made.items() if key != "description"} | shown
        for name, info in model.model_fields.items():
            said = meaning_of(model, name) or meaning(info)
            for key in {info.alias or name, name} & set(made["properties"]):
                made["properties"][key] = _explained(made["properties"][key], self.words(said) if said else None)
        if rules := _one_of(model, self.words):
            made["allOf"] = rules
        return {"anyOf": [{"type": "string"}, made]} if model is Text else made


def _explained(schema: Schema, description: str | None) -> Schema:
    """Return a key's schema with its meaning, without the title that only repeats the key."""
    kept = {key: item for key, item in schema.items() if key not in ("title", "description", "gt", "ge", "lt", "le")}
    if not kept.get("default", True) and kept["default"] is not False or isinstance(kept.get("default"), dict):
        del kept["default"]
    return {**kept, "description": description} if description else kept


def _one_date(words: Words) -> Schema:
    """At most one kind of date, as `Timed` has it; what is null, empty or false is not given."""
    kinds: dict[str, tuple[Schema, Schema]] = {key: ({"type": "string"}, {"type": "null"}) for key in DATE_KEYS}
    flag: tuple[Schema, Schema] = ({"const": True}, {"const": False})
    kinds |= {key: flag for key in ("inherit", "continuous", "on_request")}
    kinds["undecided"] = ({"type": "string", "minLength": 1}, {"enum": [None, ""]})
    kinds["back_from"] = ({"type": "object"}, {"type": "null"})
    kinds["after"] = ({"type": "object"}, {"type": ["array", "string", "null"]})
    return {"allOf": _exclusive(kinds, words)}


def _one_of(model: type[BaseModel], words: Words) -> list[Schema]:
    """Exactly one of some keys, as the models of terms and ends have it; null is not given."""
    kinds: dict[str, tuple[Schema, Schema]] = {
        key: ({"not": {"type": "null"}}, {"type": "null"}) for key in _EXACTLY_ONE.get(model, ())
    }
    one = [{"properties": {key: given}, "required": [key]} for key, (given, _) in kinds.items()]
    return [{"anyOf": one}, *_exclusive(kinds, words)] if kinds else []


def _exclusive(kinds: Mapping[str, tuple[Schema, Schema]], words: Words) -> list[Schema]:
    """Refuse whatever stands beside the first of some keys; *kinds*: each as it is given and as it is not.

    A `oneOf` would say the same, and editors would mark the whole mapping and not say why.
    """
    message = words(Phrase("only one of these may be given: {keys}", {"keys": ", ".join(kinds)}))
    rules: list[Schema] = []
    names = list(kinds)
    for place, name in enumerate(names[:-1], 1):
        others = {other: {**kinds[other][1], "errorMessage": message} for other in names[place:]}
        given = {"properties": {name: kinds[name][0]}, "required": [name]}
        rules.append({"if": given, "then": {"properties": others}})
    return rules


_EXACTLY_ONE: Mapping[type[BaseModel], tuple[str, ...]] = {
    After: ("days", "working_days"),
    BackFrom: ("days", "working_days"),
    Until: ("stage", "date", "event"),
}

_LETTER_OR_DIGIT = r"[^\s!-/:-@\[-`{-~]"
"""Editors know no letters but ASCII ones by name: this is whatever is neither blank nor an ASCII sign."""


def _portable(pattern: str) -> Schema:
    """Return a pattern as JavaScript and Python read it alike, nothing where it has no such form.

    `\\d` and `\\w` are digits and letters of all alphabets to pydantic and to Python, and ASCII ones to editors.
    """
    plain = pattern.replace(r"[^\W_]", _LETTER_OR_DIGIT)
    plain = re.sub(
        r"\[[^\]]*\]|\\d", lambda found: "[0-9]" if found[0] == r"\d" else found[0].replace(r"\d", "0-9"), plain
    )
    return {} if re.search(r"\\[wWbBDpPAzZ]|\(\?(?!:)", plain) else {"pattern": plain}


_FORMS: Mapping[str, Phrase] = {
    pattern_of(definition.Id): Phrase("An id: small letters a-z, digits and single hyphens between them"),
    pattern_of(definition.Holder): Phrase("The id of a unit, office, role or person, or `@group`"),
    pattern_of(definition.Address): Phrase("The address of a step: `step`, `stage/step` or `stage/step@2`"),
    pattern_of(definition.IsoDate): Phrase("A day, written as 2019-04-01"),
    pattern_of(definition.IsoMonths): Phrase("A month, written as 2019-10 or 2021-04/2021-05"),
    pattern_of(definition.IsoWindow): Phrase("A window, written as 2019-04-01/2019-04-15"),
    pattern_of(definition.Series): Phrase(
        "A symbol such as KH-KHCN: letters and digits, with `-`, `.`, `&` or `/` between them"
    ),
}
"""What editors say in place of a pattern."""
