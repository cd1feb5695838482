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
from collections import Counter
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator
from pydantic import BeforeValidator
from schema_kit import BASES, Fault, changed, faults, keys_of, schema_of, steps_of

from workflow import Options, StepType
from workflow.check import check
from workflow.language import definition
from workflow.language.loader import load
from workflow.registry import Registry


@pytest.fixture(scope="module")
def validator(plugins: Registry) -> Draft7Validator:
    """A standard validator with the schema."""
    return Draft7Validator(schema_of(plugins).data)


def test_what_is_changed_was_good(plugins, validator):
    """Neither the schema nor loader and `check` find anything in the definitions from which the others are made."""
    for data in BASES:
        assert {} == faults(data, plugins)
        assert [] == list(validator.iter_errors(data))
    used = {step["uses"] for data in BASES for step in steps_of(data)}
    assert set(plugins.step_types) == used


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


def small(**changes: Any) -> dict[str, Any]:
    """A definition with one step, with *changes* to it: `with_` for its parameters, others by their key."""
    step = {"uses": "draft", "with": {"document": "decision", "number": 1}}
    step |= {key.rstrip("_"): value for key, value in changes.items()}
    documents = {"decision": {"title": "Quyết định"}}
    stages = {"one": {"title": "Một", "final": True, "steps": {"it": step}}}
    return {"workflow": 1, "id": "small", "version": 1, "title": "Nhỏ", "documents": documents, "stages": stages}


def going(**transition: Any) -> dict[str, Any]:
    """A definition with one transition."""
    first = {"title": "Một", "transitions": {"on": transition}}
    return small() | {"stages": {"one": first, "two": {"title": "Hai", "final": True}}}


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    """*data* without its keys."""
    return {key: value for key, value in data.items() if key not in keys}


REFUSED = {
    "unknown key": small() | {"titel": "x"},
    "missing key": without(small(), "version"),
    "flag for a number": small() | {"workflow": True},
    "number for a text": small(label=7),
    "id with a capital": small() | {"id": "Small"},
    "stage with a bad id": small() | {"stages": {"Một": {"title": "Một", "final": True}}},
    "day as people write it": small(due="01/4/2019"),
    "day in digits of another alphabet": small(due="٢٠١٩-04-01"),
    "two dates": small(due="2019-04-01", month="2019-04"),
    "a date and a term": small(due="2019-04-01", after={"days": 3}),
    "two lengths of a term": small(after={"days": 3, "working_days": 3}),
    "no length of a term": small(after={"stage": "one"}),
    "no stage at all": small() | {"stages": {}},
    "no such step type": small(uses="drfat"),
    "no such calendar": small() | {"calendar": "fr"},
    "no such guard": small()
    | {"stages": {"one": {"title": "x", "transitions": {"on": {"to": "one", "requires": "x"}}}}},
    "parameter of another type": small(with_={"document": "decision", "number": 1, "invite": ["x"]}),
    "parameter missing": small(with_={"document": "decision"}),
    "all parameters missing": without(small(), "stages")
    | {"stages": {"one": {"title": "x", "final": True, "steps": {"it": {"uses": "draft"}}}}},
    "number in quotes": small(with_={"document": "decision", "number": "1"}),
    "flag for a number in a parameter": small(with_={"document": "decision", "number": True}),
    "word for a flag": small(uses="report", with_={"to": "director", "approves": "yes"}),
    "number for a day": small(uses="duty", with_={"closes_after": 20191231}),
    "number too small": small(with_={"document": "decision", "number": 0}),
    "word outside a closed set": small(uses="periodic-report", with_={"every": "day", "units": ["x"], "to": "x"}),
}

LEFT_TO_CHECK = {
    "document that is not there": small(with_={"document": "other", "number": 1}),
    "step that is not there": small(after=["other"]),
    "stage that is not there": small(after={"stage": "other", "days": 1}),
    "day that no calendar has": small(due="2019-02-30"),
    "window that ends before it begins": small(window="2019-04-15/2019-04-01"),
    "condition that cannot be read": small()
    | {
        "stages": {
            "one": {"title": "x", "transitions": {"on": {"to": "two", "when": "1 +"}}},
            "two": {"title": "x", "final": True},
        }
    },
    "no way to the end": small() | {"stages": {"one": {"title": "x"}}},
    "rule between parameters": small(uses="consultation", with_={"invite": ["x"], "close": "quorum"}),
    "rule within a parameter": small(uses="submission", with_={"body": "x", "majority": {"more_than": "half"}}),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_both_refuse_a_fault_of_structure(data, validator, plugins):
    """What is wrong with the structure is seen while it is typed, and by `check`."""
    assert not validator.is_valid(data)
    assert Fault.STRUCTURE in faults(data, plugins)


@pytest.mark.parametrize("data", LEFT_TO_CHECK.values(), ids=LEFT_TO_CHECK)
def test_the_rest_is_left_to_check(data, validator, plugins):
    """What takes more than the structure to see only `check` tells."""
    assert validator.is_valid(data)
    assert {Fault.MEANING, Fault.OWN_RULE} & faults(data, plugins).keys()


def test_a_sign_of_no_alphabet_in_a_series_is_left_to_check(validator, plugins):
    """Editors know no letters but ASCII ones, so they cannot tell Đ from a dash; the loader does."""
    letters, dash = small() | {"series": "NQ-HĐND"}, small() | {"series": "NQ–HĐND"}

    assert validator.is_valid(letters) and {} == faults(letters, plugins)
    assert validator.is_valid(dash) and {} != faults(dash, plugins)


def test_a_day_as_seconds_is_refused_by_the_schema_alone(validator, plugins):
    """The one thing that the loader takes and the schema does not: nobody writes a day like this."""
    data = small(uses="duty", with_={"closes_after": "1554076800"})

    assert not validator.is_valid(data)
    assert {} == faults(data, plugins)


class Spaced(Options):
    """Parameters of which one is taken apart by the type's own validator."""

    words: Annotated[tuple[str, ...], BeforeValidator(str.split)]
    times: int = 1


class Own(StepType):
    """A step type with these parameters."""

    name = "own"
    title = {"vi": "Riêng", "en": "Own"}
    states = {"open": {"vi": "Mở", "en": "Open"}}
    complete_states = ()
    Options = Spaced


@pytest.mark.parametrize(
    ("given", "codes"), [({"words": "a b"}, set()), ({"words": "a b", "times": "x"}, {"wrong-type"})]
)
def test_a_types_own_validator_is_no_fault_of_the_definition(given, codes):
    """`check` reads strictly what was written, not what a step type makes of it."""
    loaded = load(json.dumps(small(uses="own", with_=given)).encode(), "x")

    assert codes == {problem.code for problem in check(loaded, {"own": Own()}, ()) if problem.severity == "error"}
