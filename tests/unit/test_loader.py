"""Reading definitions: what the text says, where everything stands, and every fault at once."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from pydantic import BaseModel

from workflow.errors import InvalidInput, NotFound
from workflow.language.definition import Definition
from workflow.language.loader import load, load_model, load_path, parse
from workflow.language.problems import DefinitionInvalid

SAMPLE = Path(__file__).parent.parent / "definitions" / "sample-decision.yaml"

SMALL = """\
workflow: 1
id: small
version: 1
title: Kế hoạch nhỏ
stages:
  writing:
    title: Soạn thảo
    window: 2019-04-01/2019-04-15
    steps:
      write: {uses: draft, with: {number: 1}, after: [other]}
      other: {uses: draft}
    transitions:
      circulate: {to: end, by: lead}
  end: {title: Kết thúc, final: true}
"""


def problems(text: str | bytes) -> list[str]:
    """Load a text that must be refused and return its problems as printed."""
    with pytest.raises(DefinitionInvalid) as refusal:
        load(text.encode() if isinstance(text, str) else text, "small.yaml")
    return [str(problem) for problem in refusal.value.problems]


def test_a_definition_is_read_with_its_stages_in_order():
    """The model holds what the text says; the first stage is the initial one."""
    definition = load(SMALL.encode(), "small.yaml").definition

    assert ["writing", "end"] == list(definition.stages)
    assert "writing" == definition.initial
    assert "Kế hoạch nhỏ" == definition.title.vi
    assert ("lead",) == definition.stages["writing"].transitions["circulate"].by
    assert {"number": 1} == definition.stages["writing"].steps["write"].with_


def test_the_stored_form_gives_the_same_definition_back():
    """Canonical JSON sorts keys, yet stages, steps and parameters come back in their order."""
    loaded = load_path(SAMPLE)
    again = Definition.model_validate_json(loaded.canonical)

    assert loaded.definition == again
    assert ["writing", "agencies", "appraisal", "session"] == list(again.stages)
    assert ["round", "portal", "write"] == list(again.stages["agencies"].steps)
    assert ["min_days", "basis"] == list(again.stages["agencies"].steps["portal"].with_)
    assert loaded.definition.as_data() == again.as_data()


def test_the_hash_depends_on_what_is_said_and_not_on_how():
    """Comments, quotes and flow style leave the hash alone; another word or order changes it."""
    one = load(SMALL.encode(), "a.yaml")
    two = load(("# a comment\n" + SMALL.replace("id: small", 'id: "small"')).encode(), "b.yaml")
    other = load(SMALL.replace("Soạn thảo", "Viết").encode(), "a.yaml")
    lines = SMALL.splitlines(keepends=True)
    swapped = load("".join([*lines[:9], lines[10], lines[9], *lines[11:]]).encode(), "a.yaml")

    assert one.hash == two.hash
    assert 64 == len(one.hash)
    assert 3 == len({one.hash, other.hash, swapped.hash})
    assert list(json.loads(one.canonical)) == sorted(json.loads(one.canonical))


def test_texts_are_in_normal_form():
    """A decomposed text gives the same definition as a composed one, escapes included."""
    composed = load(SMALL.encode(), "a.yaml")
    decomposed = load(unicodedata.normalize("NFD", SMALL).encode(), "a.yaml")
    escaped = load(SMALL.replace("title: Soạn thảo", 'title: "Soa\\u0323n tha\\u0309o"').encode(), "a.yaml")

    assert composed.hash == decomposed.hash == escaped.hash


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("22:00", "22:00"),
        ("1.0", "1.0"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("2019-04-01", "2019-04-01"),
        ("=", "="),
        ('"12"', "12"),
        ("'true'", "true"),
        ("9007199254740991", 9007199254740991),
    ],
)
def test_a_plain_word_is_what_yaml_1_2_says(written, read):
    """Only true, false, null, ~ and decimal whole numbers are no texts."""
    data, _ = parse(f"a: {written}\n".encode(), "a.yaml")

    assert [("a", read)] == list(data.items())
    assert type(read) is type(data["a"])


def test_keys_are_always_texts():
    """`on`, `1` and `null` as keys stay what was written."""
    data, _ = parse(b"on: a\n1: b\nnull: c\n", "a.yaml")

    assert {"on": "a", "1": "b", "null": "c"} == data


def test_every_key_and_value_has_its_place():
    """Lines and columns count from 1; a mapping in lines of its own stands where its key stands."""
    positions = load(SMALL.encode(), "small.yaml").positions

    assert (4, 8) == positions[("title",)]
    assert (4, 1) == positions.key(("title",))
    assert (6, 3) == positions[("stages", "writing")]
    assert (8, 13) == positions[("stages", "writing", "window")]
    assert (10, 43) == positions[("stages", "writing", "steps", "write", "with", "number")]
    assert (10, 55) == positions[("stages", "writing", "steps", "write", "after", 0)]
    assert (13, 32) == positions[("stages", "writing", "transitions", "circulate", "by", 0)]
    assert (6, 3) == positions[("stages", "writing", "nothing", "there")]
    assert (1, 1) == positions[()]


BROKEN = [
    (
        "title: Kế hoạch nhỏ",
        "titel: Kế hoạch nhỏ",
        "4:1: unknown-key there is no key `titel` here; did you mean `title`?",
    ),
    ("id: small\n", "", "1:1: missing-key `id` is missing here"),
    ("    title: Soạn thảo\n", "", "6:3: missing-key `title` is missing here"),
    ("id: small", "id: Kế_hoạch", "2:5: bad-name `Kế_hoạch` is no id: small letters a-z, digits and single hyphens"),
    ("id: small", "id: 7", "2:5: wrong-type a text is wanted here, not `7`; put it in quotes"),
    ("version: 1", "version: one", "3:10: wrong-type a whole number is wanted here, not `one`"),
    (
        "version: 1",
        'version: "1"',
        "3:10: wrong-type a whole number is wanted here, not `1`; write it without quotes",
    ),
    ("version: 1", "version: true", "3:10: wrong-type a whole number is wanted here, not `true`"),
    ("version: 1", "version: 0", "3:10: out-of-range `0` is too small: at least 1"),
    ("workflow: 1", "workflow: 2", "1:11: wrong-value `2` is none of: 1"),
    ("final: true", "final: yes", "14:33: wrong-type `true` or `false` is wanted here, not `yes`"),
    (
        "{title: Kết thúc",
        "{title: Kết, thúc",
        "14:21: unknown-key there is no key `thúc` here; put a text that contains a comma",
    ),
    (
        "title: Soạn thảo",
        "title: 5",
        "7:12: wrong-type a text or `{vi: …, en: …}` is wanted here, not `5`; put it in quotes",
    ),
    (
        "2019-04-01/2019-04-15",
        "1/4/2019",
        "8:13: bad-date `1/4/2019` is no window: write it as 2019-04-01/2019-04-15",
    ),
    (
        "window: 2019-04-01/2019-04-15",
        "due: 1/4/2019",
        "8:10: bad-date `1/4/2019` is no day: write it as 2019-04-01; did you mean `2019-04-01`?",
    ),
    ("with: {number: 1}", "with: [1]", "10:28: wrong-type a mapping of keys to values is wanted here, not `[…]`"),
    (
        "with: {number: 1}",
        "with_: {number: 1}",
        "10:28: unknown-key there is no key `with_` here; did you mean `with`?",
    ),
    ("after: [other]", "after: {dys: 3}", "10:55: unknown-key there is no key `dys` here; did you mean `days`?"),
    (
        "after: [other]",
        "after: {days: 3, working_days: 2}",
        "10:47: wrong-value give either `days` or `working_days`",
    ),
    ("after: [other]", "after: Other", "10:54: bad-name `Other` is no address of a step"),
    ("uses: draft}", "uses: os.system}", "11:21: bad-name `os.system` is no id"),
    ("by: lead", "by: os.system", "13:32: bad-name `os.system` is no id of a unit, office, role or person"),
    ("to: end", "to: __import__", "13:23: bad-name `__import__` is no id"),
    ("circulate:", "os.system:", "13:7: bad-name `os.system` is no id"),
    (
        "final: true}",
        "final: true, due: 2019-01-01, undecided: why}",
        "14:3: wrong-value more than one date: due, undecided",
    ),
    ("final: true}", "final: true, final: false}", "14:39: duplicate-key `final` stands here a second time"),
    ("stages:\n", "stages: {}\nother:\n", "5:1: too-short too few entries: at least 1"),
    ("workflow: 1", '"@order": []\nworkflow: 1', "1:1: unknown-key there is no key `@order` here"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN, ids=[new.strip() for _, new, _ in BROKEN])
def test_a_fault_is_told_in_plain_words_at_its_place(old, new, expected):
    """Each fault of a text has its file, line, column and code, and words that its author understands."""
    assert old in SMALL
    found = problems(SMALL.replace(old, new, 1))

    assert any(problem.startswith("small.yaml:" + expected) for problem in found), found


def test_all_faults_of_a_file_are_told_at_once():
    """Faults of YAML and of the model come together, in the order of the text, each once."""
    text = SMALL.replace("id: small", "id: Small").replace("by: lead", "bye: lead, to: end")
    found = problems(text.replace("final: true", "final: on"))

    assert ["bad-name", "unknown-key", "duplicate-key", "wrong-type"] == [one.split()[1] for one in found]


def test_nobody_reads_the_words_of_the_libraries():
    """No message shows pydantic's or a Python type's name."""
    told = " ".join(one for _, (old, new, _) in enumerate(BROKEN) for one in problems(SMALL.replace(old, new, 1)))

    for word in ("Input should", "valid string", "dict", "pydantic", "NoneType", "List", "tuple", "extra"):
        assert word not in told


def test_the_refusal_carries_every_problem_as_a_reason():
    """A face that only knows reasons still shows each problem with its place."""
    with pytest.raises(DefinitionInvalid) as refusal:
        load(SMALL.replace("id: small", "id: Small").replace("final: true", "final: on").encode(), "small.yaml")

    assert 6 == refusal.value.exit_code
    assert ["bad-name", "wrong-type"] == [reason.code for reason in refusal.value.reasons]
    assert str(refusal.value.reasons[0]).startswith("small.yaml:2:5: `Small` is no id")


def test_another_model_is_read_with_the_same_care():
    """people.yaml and others are read as a model of their own, with places."""

    class Pet(BaseModel, extra="forbid"):
        name: str
        legs: int

    pet, positions = load_model(b"name: Mimi\nlegs: 4\n", "pet.yaml", Pet)
    assert (pet.name, pet.legs, positions[("legs",)]) == ("Mimi", 4, (2, 7))

    with pytest.raises(DefinitionInvalid) as refusal:
        load_model(b"name: Mimi\nlegs: four\nlegz: 4\n", "pet.yaml", Pet)
    assert ["pet.yaml:2:7: wrong-type", "pet.yaml:3:1: unknown-key"] == [
        " ".join(str(problem).split()[:2]) for problem in refusal.value.problems
    ]


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    """A missing file is an input error that names it."""
    with pytest.raises(NotFound, match="no file"):
        load_path(tmp_path / "none.yaml")


def test_a_folder_is_no_file(tmp_path):
    """What cannot be read as a file is an input error, not a traceback."""
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_path(tmp_path)
