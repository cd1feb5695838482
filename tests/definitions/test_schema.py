"""The schema for editors: valid by its own standard, complete, explained, and kept beside what we ship."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import pytest
import yaml
from jsonschema import Draft7Validator
from pydantic import BeforeValidator, Field, StringConstraints
from schema_kit import EXAMPLE, FOLDER, schema_of

from workflow import Help, Options, StepType
from workflow.bootstrap import SCHEMA
from workflow.catalogue import Catalogue
from workflow.language import definition
from workflow.language.loader import parse
from workflow.language.meanings import meaning_of
from workflow.registry import Named, Registry
from workflow.steps.schema import DIALECT, Described, describe

SHIPPED = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.endswith(".scenario.yaml"))


@pytest.fixture(scope="module")
def described(plugins: Registry) -> Described:
    """The schema with the shipped plugins, in English."""
    return schema_of(plugins)


@pytest.fixture(scope="module")
def validator(described: Described) -> Draft7Validator:
    """A standard validator, with the schema as an editor reads it from its file."""
    return Draft7Validator(json.loads(described.text()))


def objects_in(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a schema."""
    if isinstance(schema, dict):
        yield schema
    for item in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from objects_in(item)


# ----------------------------------------------------------------------------------------------
# The schema itself


def test_it_is_a_schema_of_draft_07(described):
    """It says so, a validator of that draft accepts it, and every reference leads to a part of the same file."""
    Draft7Validator.check_schema(described.data)

    assert DIALECT == described.data["$schema"]
    for reference in (found["$ref"] for found in objects_in(described.data) if "$ref" in found):
        assert reference.removeprefix("#/definitions/") in described.data["definitions"]
    assert not [found for found in objects_in(described.data) if "$ref" in found and len(found) > 1]
    # The servers of editors refuse a whole schema for an empty list, which the standard only advises against.
    assert [] == [found for found in objects_in(described.data) if found.get("enum") == []]
    assert {"$defs", "prefixItems", "unevaluatedProperties"}.isdisjoint(
        key for found in objects_in(described.data) for key in found
    )


def test_it_is_the_same_every_time(plugins, described):
    """The same plugins in any order make the same bytes."""
    backwards = {name: plugins.step_types[name] for name in sorted(plugins.step_types, reverse=True)}

    again = describe(backwards, set(plugins.guards), set(plugins.calendars), Catalogue("en").text)
    assert described.text() == again.text()


def test_it_has_every_step_type(plugins, described):
    """Each word of `uses:` is one of a closed set, with its parameters, their meaning and their defaults."""
    parts = described.data["definitions"]

    assert tuple(sorted(plugins.step_types)) == described.step_types
    assert list(described.step_types) == parts["Step"]["properties"]["uses"]["enum"]
    for name in described.step_types:
        fields = plugins.step_types[name].Options.model_fields
        assert {field.alias or key for key, field in fields.items()} == set(parts[name]["properties"])
        assert all(value.get("description") for value in parts[name]["properties"].values()), name
    assert "all-answered-or-deadline" == parts["consultation"]["properties"]["close"]["default"]


def test_every_key_is_explained_in_both_languages(plugins):
    """Each key of the language has its meaning, in English and in Vietnamese."""
    models = [one for one in vars(definition).values() if isinstance(one, type) and issubclass(one, definition.Model)]
    for model in models:
        for key in model.model_fields:
            phrase = meaning_of(model, key)
            assert phrase is not None, f"workflow/language/meanings.py lacks {model.__name__}.{key}"
            assert Catalogue("vi").text(phrase) != Catalogue("en").text(phrase)

    shown = describe(plugins.step_types, (), (), Catalogue("vi").text).data
    assert "Văn bản được soạn thảo" == shown["definitions"]["draft"]["properties"]["document"]["description"]
    assert "Kế hoạch kết thúc tại đây" in shown["definitions"]["Stage"]["properties"]["final"]["description"]


def test_both_languages_judge_alike(plugins, described):
    """What differs between the languages is what is shown, and nothing else."""

    def silent(value: Any) -> Any:
        if isinstance(value, dict):
            shown = ("description", "title", "enumDescriptions", "patternErrorMessage", "errorMessage")
            return {key: silent(item) for key, item in value.items() if key not in shown or isinstance(item, dict)}
        return [silent(item) for item in value] if isinstance(value, list) else value

    assert silent(described.data) == silent(schema_of(plugins, "vi").data)


# ----------------------------------------------------------------------------------------------
# What is shipped


def test_the_shipped_file_is_the_schema(described):
    """The file beside the definitions is what the command prints."""
    kept = (FOLDER / SCHEMA).read_text("utf-8")

    assert described.text() == kept, f"run: workflow definition schema --lang en --out definitions/{SCHEMA} --force"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_definition_is_valid(path, validator):
    """A standard validator finds nothing."""
    data, _ = parse(path.read_bytes(), path.name)

    assert [] == [(list(error.absolute_path), error.message) for error in validator.iter_errors(data)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_first_line_of_a_definition_names_the_schema(path):
    """The modeline leads to a file that is there."""
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))

    assert named and (path.parent / named[1]).resolve() == (FOLDER / SCHEMA).resolve()


class Core(yaml.SafeLoader):
    """Reads the types of YAML 1.2's core schema, as the YAML servers of editors do."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern in (
    ("null", r"^(?:~|null|Null|NULL|)$"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
    ),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), None)


def as_an_editor(text: str) -> Any:
    """The values that an editor's YAML server reads."""
    return Core(text).get_single_data()


@pytest.mark.parametrize("text", [*(path.read_text("utf-8") for path in SHIPPED), EXAMPLE], ids=lambda _: "")
def test_an_editor_reads_what_the_loader_reads(text):
    """The types of YAML 1.2 and ours give the same values for the shipped definitions and the guide's example."""
    assert parse(text.encode(), "x")[0] == as_an_editor(text)


@pytest.mark.parametrize(
    "word", ["2019-04-01", "2019-04", "22:00", "on", "no", "yes", "1/2", "810.000.000", "null", "5"]
)
def test_words_that_editor_and_loader_read_alike(word):
    """An unquoted day is a text for both, and so are `on` and `no`."""
    assert parse(f"a: {word}".encode(), "x")[0] == as_an_editor(f"a: {word}")


@pytest.mark.parametrize("word", ["1.10", "1e3", "007", "+1", "0x1F", "0o7", ".inf", "True", "NULL"])
def test_words_that_an_editor_takes_for_no_text(word):
    """What looks like a decimal or an odd number is a text for the loader; for an editor it has to be quoted."""
    assert {"a": word} == parse(f"a: {word}".encode(), "x")[0]
    assert {"a": word} != as_an_editor(f"a: {word}")
    assert {"a": word} == as_an_editor(f'a: "{word}"')


# ----------------------------------------------------------------------------------------------
# Plugins of others


class Narrow(Options):
    """Parameters with all that pydantic can say and that the schema has to translate."""

    pair: tuple[int, str] | None = None
    sum: Annotated[int, BeforeValidator(lambda value: 5)] = 5
    word: Annotated[str, Field(pattern=r"^\w+$")] = "a"
    bare: Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[A-Z]+$")] = "A"
    kind: Literal["a", "b"] = Field("a", alias="Kind", description=Help("Which", vi="Loại nào"))


class Unspeakable(Options):
    """Parameters that JSON cannot describe."""

    function: Callable[[], None] | None = None


class Own(StepType):
    """A step type with these parameters."""

    name = "own"
    title = {"vi": "Riêng", "en": "Own"}
    states = {"open": {"vi": "Mở", "en": "Open"}}
    complete_states = ()
    Options = Narrow


class Silent(Own):
    """A step type whose parameters cannot be described."""

    name = "silent"
    Options = Unspeakable


def test_a_plugins_parameters_are_described_as_they_are_taken():
    """Fixed lists, aliases and closed sets are kept; what a validator changes first is not judged."""
    made = describe({"own": Own()}, (), (), Catalogue("vi").text)
    own = made.data["definitions"]["own"]
    Draft7Validator.check_schema(made.data)

    assert "Riêng" == own["title"] and "Loại nào" == own["properties"]["Kind"]["description"]
    judge = Draft7Validator({**own, "definitions": made.data["definitions"]})
    for good in ({"pair": [1, "a"]}, {"sum": "whatever"}, {"word": "Đủ"}, {"bare": " A "}, {"Kind": "b"}, {}):
        assert judge.is_valid(good) and Narrow.model_validate(good)
    for bad in ({"pair": ["a", 1]}, {"pair": [1, "a", 2]}, {"kind": "b"}, {"Kind": "c"}):
        assert not judge.is_valid(bad)


def test_a_type_that_cannot_be_described_takes_no_other_with_it():
    """Its word is known, its parameters are not judged, and it is told which one it is and why."""
    made = describe({"own": Own(), "silent": Silent()}, (), (), Catalogue("en").text)
    Draft7Validator.check_schema(made.data)

    assert ("own", "silent") == made.step_types and ["silent"] == list(made.left_out)
    assert "object" == made.data["definitions"]["silent"]["type"]


def test_a_word_that_two_plugins_claim_is_not_offered():
    """Neither can be used, so no editor proposes it."""
    types: Named[StepType] = Named()
    types.add("own", Own(), "one")
    types.add("own", Own(), "two")
    made = describe(types, (), (), Catalogue("en").text)

    assert () == made.step_types and "one" in made.left_out["own"] and "two" in made.left_out["own"]
