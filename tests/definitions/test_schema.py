"""The schema for editors: complete, valid, and of one mind with the loader.

Schema and loader are compared on thousands of files, good ones and broken ones. They agree exactly
on the structure: keys that are unknown or missing, values of the wrong type, form or size, words
that are not of a closed set (`uses`, `calendar`, `requires` among them), and parameters that a step
type does not take. Only `workflow check` sees

- references: stages, steps, documents, units and people that are not there, or that lead nowhere;
- conditions (CEL), and outcomes that a step type never has;
- days that no calendar has, windows that end before they begin, dates that wait for each other;
- rules that a step type's own code keeps between or within its parameters;
- signs in a `series` that are neither letters nor ASCII: editors know letters of other alphabets not by name;
- YAML itself: keys given twice, anchors, tags, depth, control characters, whole numbers above 2^53;
- more than 500 stages.

The other way round there is one thing: a day in a step's parameters given as a quoted count of
seconds ("1554076800"), which the loader understands and the schema refuses.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import BaseModel

from workflow.bootstrap import SCHEMA
from workflow.catalogue import Catalogue
from workflow.check import check
from workflow.language import definition
from workflow.language.loader import load, parse
from workflow.language.meanings import meaning_of
from workflow.language.problems import DefinitionInvalid, Problem
from workflow.registry import Registry
from workflow.steps.schema import DIALECT, Described, describe

FOLDER = Path(__file__).parents[2] / "definitions"
SHIPPED = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.endswith(".scenario.yaml"))
GUIDE = (FOLDER / "README.md").read_text("utf-8")
EXAMPLE = re.search(r"<!-- example -->\n```yaml\n(.*?)```", GUIDE, re.DOTALL)[1]

EVERYTHING = """\
workflow: 1
id: everything
version: 3
title: Mọi thứ
normative: true
confidential: false
calendar: vn
number: 1/KH
issued: 2021-04
series: KH-KHCN
issued_by: clerk
signed_by: Giám đốc
lead: phong-qlcn
with_units: ["@so-units"]
by: lead
policies: {before: inclusive, fixed_day_off: keep, term_day_off: keep}
parameters: {urgent: {title: Khẩn, default: ""}}
documents:
  decision: {title: Quyết định, numbered: true, series: NQ-HĐND, issued_by: [clerk], year_in_number: true}
  paper: {title: Tờ trình, confidential: false, encloses: decision, follows: decision}
bases: [{number: 1/QĐ, date: 2018-11-30, body: UBND, title: Về việc, date_as_written: 30/11, note: Ghi}]
recipients: [{to: Sở, purpose: để biết, electronic: true}]
outline: [{label: I, title: Mục, sections: [{label: "1", title: Mục con}]}]
note: Ghi chú
stages:
  one:
    title: {vi: Một, en: One}
    label: "1"
    window: 2021-01-01/2021-01-31
    text: Tháng Một
    lead: phong-khtc
    produces: [Báo cáo]
    goes_to: director
    steps:
      work: {uses: task, with: {produces: Kết quả}, label: a, due: 2021-01-05, required: false, goes_to: [director]}
      write: {uses: draft, with: {document: decision, number: 1, revises: false}, after: work}
      papers: {uses: dossier, with: {papers: [decision, paper]}, before: 2021-01-20, confidential: true}
      looked: {uses: appraisal, with: {body: so-tu-phap, document: decision, answer_days: 15, clock: stops}}
      seen: {uses: verification, with: {body: van-phong-ubnd-tinh, basis: unverified}, month: 2021-01}
    transitions:
      onward: {to: two, when: "visits['one'] < 2", outcome: {write: submitted}, needs: decision, note: Ghi}
  two:
    title: Hai
    after: {stage: one, working_days: 3}
    buffer: true
    steps:
      ask: {uses: consultation, with: {invite: ["@so-units"], close: quorum, quorum: {agree: 2, veto: [so-tu-phap]}}}
      post: {uses: public-comment, with: {document: decision, min_days: 60}, inherit: true}
      vote: {uses: submission, with: {body: ubnd-tinh, majority: {more_than: 1/2}}, undecided: chưa rõ}
    transitions:
      back: {to: one, reopen: [one/write], by: [director], not_same_person_as: one/write, allow_open_steps: true}
      done: {to: three, requires: []}
  three: {title: Ba, back_from: {stage: two, days: 3}, final: true}
alongside:
  fund: {uses: support-fund, with: {ceiling: 810.000.000, heads: {tools: Công cụ}}, until: {date: 2021-12-31}}
  rows: {uses: assignment, with: {rows: [{key: a, title: Việc, lead: phong-qlcn, due: 2021-03-01}]}, from: one}
  series: {uses: periodic-report, with: {every: month, units: [phong-qlcn], to: director}, until: {stage: three}}
  report: {uses: report, with: {to: director, approves: true}, continuous: true, until: {event: Khi xong}}
  duty: {uses: duty, with: {closes_after: 2021-12-31}, on_request: true}
  urgent: {uses: urgent-report, with: {to: director}, title: Đột xuất, until: {event: Khi xong}}
"""


@pytest.fixture(scope="module")
def described(plugins: Registry) -> Described:
    """The schema with the shipped plugins, in English."""
    return describe(plugins.step_types, set(plugins.guards), set(plugins.calendars), Catalogue("en").text)


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
            shown = ("description", "title", "enumDescriptions", "patternErrorMessage")
            return {key: silent(item) for key, item in value.items() if key not in shown or isinstance(item, dict)}
        return [silent(item) for item in value] if isinstance(value, list) else value

    other = describe(plugins.step_types, set(plugins.guards), set(plugins.calendars), Catalogue("vi").text)
    assert silent(described.data) == silent(other.data)


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


@pytest.mark.parametrize("text", [*(path.read_text("utf-8") for path in SHIPPED), EXAMPLE], ids=lambda _: "")
def test_an_editor_reads_what_the_loader_reads(text):
    """The types of YAML 1.2 and ours give the same values for the shipped definitions and the guide's example."""
    assert parse(text.encode(), "x")[0] == yaml.load(text, Core)


@pytest.mark.parametrize(
    "word", ["2019-04-01", "2019-04", "22:00", "on", "no", "yes", "1/2", "810.000.000", "null", "5"]
)
def test_words_that_editor_and_loader_read_alike(word):
    """An unquoted day is a text for both, and so are `on` and `no`."""
    assert parse(f"a: {word}".encode(), "x")[0] == yaml.load(f"a: {word}", Core)


@pytest.mark.parametrize("word", ["1.10", "1e3", "007", "+1", "0x1F", "0o7", ".inf", "True", "NULL"])
def test_words_that_an_editor_takes_for_no_text(word):
    """What looks like a decimal or an odd number is a text for the loader; for an editor it has to be quoted."""
    assert {"a": word} == parse(f"a: {word}".encode(), "x")[0]
    assert {"a": word} != yaml.load(f"a: {word}", Core)
    assert {"a": word} == yaml.load(f'a: "{word}"', Core)


# ----------------------------------------------------------------------------------------------
# Schema and loader


STRUCTURE = {
    *("unknown-key", "missing-key", "wrong-type", "wrong-value", "bad-name", "bad-date", "out-of-range"),
    *("too-long", "too-short", "unknown-step-type", "unknown-calendar", "unknown-guard"),
}
"""Codes of the faults that the schema sees too."""


class Fault(Enum):
    """What is wrong with a file, by who can see it."""

    STRUCTURE = "schema and loader"
    OWN_RULE = "a step type, and the schema where its author says what he takes"
    MEANING = "check alone"


def faults(data: Any, plugins: Registry) -> dict[Fault, list[str]]:
    """The faults for which loader and `check` refuse *data*."""
    try:
        loaded = load(json.dumps(data, ensure_ascii=False).encode(), "x")
    except DefinitionInvalid as invalid:
        # JSON has neither anchors nor keys given twice: what is refused here is refused by the models.
        return {Fault.STRUCTURE: [str(problem) for problem in invalid.problems]}
    found: dict[Fault, list[str]] = {}
    for problem in check(loaded, plugins.step_types, set(plugins.guards), None, set(plugins.calendars)):
        if problem.severity == "error":
            found.setdefault(_kind(problem), []).append(str(problem))
    return found


def _kind(problem: Problem) -> Fault:
    # A wrong value told by `check` stands under `with`: it is none of a closed set, or breaks a rule of the type.
    if problem.code == "wrong-value" and "is none of:" not in problem.phrase.text:
        return Fault.OWN_RULE
    return Fault.STRUCTURE if problem.code in STRUCTURE else Fault.MEANING


def small_ones(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """For each step of *data* a definition with that step alone, in which a change is likelier to hit it."""
    head = {"workflow": 1, "id": "small", "version": 1, "title": "Nhỏ", "documents": data["documents"]}
    for stage in data["stages"].values():
        for id_, step in stage.get("steps", {}).items():
            alone = {key: value for key, value in step.items() if key not in ("after", "inherit")}
            yield {**head, "stages": {"one": {"title": "Một", "final": True, "steps": {id_: alone}}}}
    for id_, step in data["alongside"].items():
        alone = {**step, "until": {"stage": "one"}}
        yield {**head, "stages": {"one": {"title": "Một", "final": True}}, "alongside": {id_: alone}}


LARGE = [parse(text.encode(), "x")[0] for text in (EXAMPLE, EVERYTHING)]
BASES = [*LARGE, *small_ones(LARGE[1])]
"""Definitions without a fault, to be changed."""
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        3661,
        1_000_001,
        "",
        "x",
        "a-b",
        "a--b",
        "A",
        "Sở",
        "@group",
        "a/b",
        "a/b@2",
        "a@b",
    ),
    *("2019-04-01", "2019-4-1", "01/4/2019", "2019-04", "2019-10/2019-11", "2019-04-01/2019-04-15", "true", "yes", "5"),
    *("draft", "task", "nonesuch", "vn", "strict", "keep", "week", "KH-KHCN", "KH_A", "1/2", "a" * 101, "a" * 1001),
    *([], ["x"], ["A"], [1], [None], [["x"]], {}, {"vi": "x"}, {"vi": "x", "en": None}, {"en": "x"}, {"x": "y"}),
    *({"days": 3}, {"working_days": 3}, {"days": 1, "working_days": 1}, {"stage": "one"}, {"stage": "one", "days": 9}),
    *({"date": "2021-01-01"}, {"event": "x"}, {"uses": "task"}, {"uses": "draft"}, {"title": "x"}, {"to": "one"}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in *value*, itself included."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """The value at *path*."""
    for key in path:
        value = value[key]
    return value


def steps_of(data: Any) -> list[dict[str, Any]]:
    """Every step in *data*, wherever it stands."""
    return [found for path in places(data) if isinstance(found := at(data, path), dict) and "uses" in found]


def keys_of(models: list[type[BaseModel]]) -> list[str]:
    """Every key that any of *models* has."""
    return sorted({field.alias or name for model in models for name, field in model.model_fields.items()})


def test_what_is_changed_was_good(plugins, validator):
    """Neither the schema nor loader and `check` find anything in the definitions from which the others are made."""
    for data in BASES:
        assert {} == faults(data, plugins)
        assert [] == list(validator.iter_errors(data))
    used = {step["uses"] for data in BASES for step in steps_of(data)}
    assert set(plugins.step_types) == used


@st.composite
def changed(draw: st.DrawFn, keys: list[str]) -> Any:
    """A definition with a few changes to its structure, of which some do no harm."""
    data = deepcopy(BASES[draw(st.integers(0, len(BASES) - 1))])
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        path = draw(st.sampled_from(list(places(data))))
        kind = draw(st.sampled_from(["replace", "add", "remove", "rename", "move", "retype", "reword", "reword"]))
        target = at(data, path)
        if kind == "retype":
            steps = [
                at(data, one) for one in places(data) if isinstance(at(data, one), dict) and "uses" in at(data, one)
            ]
            if steps:
                draw(st.sampled_from(steps))["uses"] = draw(st.sampled_from(draw(st.sampled_from([keys, TYPES]))))
        elif kind == "reword":
            texts = [one for one in places(data) if one and isinstance(at(data, one), str)]
            if texts:
                (*above, key), other = draw(st.sampled_from(texts)), draw(st.sampled_from(texts))
                at(data, tuple(above))[key] = at(data, other)
        elif kind == "add" and isinstance(target, dict):
            target[draw(st.sampled_from([*keys, "zzz", "Z z"]))] = deepcopy(draw(st.sampled_from(VALUES)))
        elif kind == "add" and isinstance(target, list):
            target.append(deepcopy(draw(st.sampled_from(VALUES))))
        elif path:
            holder, key = at(data, path[:-1]), path[-1]
            if kind == "remove":
                del holder[key]
            elif kind == "rename" and isinstance(holder, dict):
                holder[draw(st.sampled_from(["renamed", "Bad", "a" * 101, *keys]))] = holder.pop(key)
            elif kind == "move":
                holder[key] = deepcopy(at(data, draw(st.sampled_from(list(places(data))))))
            else:
                holder[key] = deepcopy(draw(st.sampled_from(VALUES)))
    return data


TYPES = ["task", "draft", "consultation", "support-fund", "assignment", "periodic-report", "nonesuch", "Task"]


def test_schema_and_loader_agree(plugins, validator):
    """Of thousands of files the schema refuses those with a fault of structure, and none that is good."""
    language = [one for one in vars(definition).values() if isinstance(one, type) and issubclass(one, definition.Model)]
    keys = keys_of([*language, *(plugins.step_types[name].Options for name in sorted(plugins.step_types))])
    told: Counter[str] = Counter()

    @settings(max_examples=2500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(changed(keys))
    def agree(data: Any) -> None:
        found = faults(data, plugins)
        refused = not validator.is_valid(data)
        told["refused" if refused else "left to check" if found else "good"] += 1
        alike = Fault.STRUCTURE in found or Fault.OWN_RULE in found if refused else Fault.STRUCTURE not in found
        if not alike:
            seen = [f"{list(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(data)]
            raise AssertionError(f"schema: {seen[:3]}\nloader: {found}")

    agree()
    assert told["good"] > 200 and told["refused"] > 1000 and told["left to check"] > 50, told
