"""The guide for authors of definitions: complete, and true where it shows files."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

import workflow
from trinh_plugins.vn_calendar import VietnamCalendar
from workflow.bootstrap import PEOPLE, Workspace, init_workspace, open_workspace, read_register
from workflow.check import check
from workflow.clock import SimulatedClock
from workflow.deadlines.calendarfile import read_rules
from workflow.demo import play
from workflow.language import conditions, definition, reminding, values
from workflow.language.loader import load, parse
from workflow.people import Register, facts
from workflow.plan.state import UNOPENED
from workflow.registry import Registry
from workflow.views.plans import Write

CORE = Path(workflow.__file__).parent
GUIDE = (Path(__file__).parents[2] / "definitions" / "README.md").read_text("utf-8")

SECTIONS: dict[type[BaseModel], str] = {
    definition.Text: "Text",
    definition.Definition: "The file",
    definition.Policies: "Policies",
    definition.Parameter: "Parameter",
    definition.Document: "Document",
    definition.Basis: "Basis",
    definition.Recipient: "Recipient",
    definition.Section: "Section",
    definition.Timed: "Dates",
    definition.After: "After a stage",
    definition.BackFrom: "Back from a stage",
    definition.People: "People",
    reminding.Reminding: "Reminders",
    reminding.Escalation: "Escalation",
    definition.Stage: "Stage",
    definition.Step: "Step",
    definition.AlongsideStep: "Step alongside",
    definition.Until: "Until",
    definition.Transition: "Transition",
}
"""The section of the guide that has the keys which a model itself brings."""

LANGUAGE = CORE / "language"
READERS = [LANGUAGE / "loader.py", LANGUAGE / "validation.py", CORE / "bootstrap.py"]
JUDGES = [*READERS, *sorted((CORE / "check").glob("*.py"))]
"""The modules that make the problems which `workflow check` and `workflow people load` tell."""

MAKERS = {"error": 0, "warning": 0, "note": 0, "unknown_holder": 0, "refuse": 0, "_problem": 1, "Complaint": 2}
"""The calls that make a problem, and which of their arguments is its code; the rest is in `_codes`."""

CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def _own_keys(model: type[BaseModel]) -> set[str]:
    """The keys that *model* does not have from a model above it."""
    above = {name for base in model.__bases__ for name in getattr(base, "model_fields", ())}
    return {field.alias or name for name, field in model.model_fields.items() if name not in above}


def _models(module: object) -> list[type[BaseModel]]:
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, BaseModel)]
    return [model for model in found if model.__module__ == getattr(module, "__name__", "") and _own_keys(model)]


def _section(title: str) -> str:
    """The text under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title!r}"
    return found[1]


def _rows(title: str) -> dict[str, list[str]]:
    """The rows of the tables in a section, by the word in backticks that begins them."""
    lines = re.findall(r"^\| `([^`]+)` \|(.*)\|$", _section(title), re.MULTILINE)
    return {key: [cell.strip() for cell in rest.split(" | ")] for key, rest in lines}


def _file(mark: str) -> bytes:
    """The YAML that stands behind a mark in the guide."""
    found = re.search(rf"<!-- {mark} -->\n```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert found, f"no file {mark!r}"
    return found[1].encode()


def _codes(path: Path) -> set[str]:
    """The codes that stand in a module: arguments of the calls that make problems, and pairs of code and words."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in MAKERS and len(node.args) > MAKERS[name]:
                found |= _text(node.args[MAKERS[name]])
            elif name == "Problem":  # the code stands before the severity
                texts = [argument for argument in node.args if _text(argument)]
                found |= _text(texts[0]) if len(texts) > 1 else set()
        elif isinstance(node, ast.Tuple) and len(node.elts) > 1 and path.name == "validation.py":
            found |= {code for code in _text(node.elts[0]) if "-" in code}
    return found


def _text(node: ast.expr) -> set[str]:
    value = node.value if isinstance(node, ast.Constant) else None
    return {value} if isinstance(value, str) and CODE.fullmatch(value) else set()


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock that stands before everything in the guide."""
    return SimulatedClock(datetime(2021, 1, 4, 1, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: SimulatedClock) -> Workspace:
    """A new workspace that has the guide's example among its definitions and the sample register."""
    root = init_workspace(tmp_path / "office")
    (root / "definitions").mkdir(exist_ok=True)
    (root / "definitions" / "small-decision.yaml").write_bytes(_file("example"))
    workspace = open_workspace(root, clock=clock)
    workspace.service.load_people((root / PEOPLE).read_bytes(), PEOPLE, Write(actor=None))
    return workspace


def test_every_model_has_its_section() -> None:
    """A model that brings keys of its own has a section in the guide."""
    models = {model for module in (definition, reminding, values) for model in _models(module)}
    assert models == set(SECTIONS)


@pytest.mark.parametrize("model", SECTIONS, ids=lambda model: model.__name__)
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    """Each key has a row with a meaning and an example in its model's section, and no row is of a key that is gone."""
    rows = _rows(SECTIONS[model])
    assert set(rows) == _own_keys(model)
    for key, (meaning, example) in rows.items():
        assert meaning and f"{key}:" in example, key


def test_every_code_is_explained() -> None:
    """Each code that a check can give is in the guide's tables, and the tables have no other."""
    codes = set().union(*map(_codes, JUDGES))
    assert {"not-yaml", "alias", "unknown-key", "bad-date", "too-short", "dead-end", "unknown-role", "people"} <= codes
    assert set(_rows("What `check` says")) == codes - {"people"}
    assert "`people`" in _section("people.yaml")


def test_every_name_of_a_condition_is_explained() -> None:
    """The guide's table has what a plan offers to a condition, with the members of a step."""
    rows = _rows("Conditions")
    assert set(rows) == set(conditions.OFFERED)
    assert all(f".{name}`" in rows["steps"][0] for name in UNOPENED)


def test_every_step_type_is_listed_with_its_words(plugins: Registry) -> None:
    """The guide's table has each shipped step type with its keys and the words it ends with."""
    rows = _rows("Step types that we ship")
    assert set(rows) == set(plugins.step_types)
    for name, (keys, words) in rows.items():
        step_type = plugins.step_types[name]
        options = {field.alias or key for key, field in step_type.Options.model_fields.items()}
        assert set(re.findall(r"`([^`]+)`", keys)) == options
        assert set(re.findall(r"`([^`]+)`", words)) == set(step_type.outcomes or step_type.complete_states)


def test_the_example_has_no_mistakes(plugins: Registry, people: Register) -> None:
    """The complete example passes every check, those on names and notes included."""
    loaded = load(_file("example"), "example.yaml")
    assert [str(found) for found in check(loaded, plugins.step_types, plugins.guards, people, plugins.calendars)] == []


def test_the_sample_register_can_be_loaded() -> None:
    """The guide's people.yaml is a register without faults, and its keys are those of the models."""
    register, _ = read_register(_file("people"), PEOPLE)
    assert register.holders("head", datetime(2021, 3, 4).date()) == ("minh", "lan", "hoa")
    words = "".join(map(_section, ("people.yaml", "Acting for the head", "Who may not")))
    mentioned = set(re.findall(r"`([a-z_]+)`", words)) | {"person", "people"}
    assert mentioned >= {key for model in (*_models(facts), Register) for key in _own_keys(model)}


def test_the_amendment_fits_the_example(office: Workspace) -> None:
    """The guide's amendment puts a step and a leg into a plan of the guide's example."""
    clerk = Write(actor="van-thu")
    office.service.create("small-decision", "a-1", clerk)

    after = office.service.amend("a-1", _file("amendment"), "hearing.yaml", clerk, reason="theo chỉ đạo").plan

    stages = office.service.plan("a-1").stages
    assert ["drafting", "opinions", "council", "promulgation"] == [stage.id for stage in stages]
    assert "watch" in after.steps


def test_the_scenario_plays_on_the_example(office: Workspace, clock: SimulatedClock) -> None:
    """The guide's scenario runs on the guide's example, up to the second stage."""
    scenario, _ = parse(_file("scenario"), "example.scenario.yaml")
    told = list(play(office, clock, [scenario]))
    assert [step.kind for step in told] == ["created", "refused", "acted", "advanced"]
    assert told[-1].stage == "opinions"


def test_the_way_back_of_the_example_opens_what_the_guide_says(office: Workspace, clock: SimulatedClock) -> None:
    """After `redraft` the draft and the report get a second round, and the units' answers stay."""
    clerk, day = {"as": "van-thu", "on": "2021-03-12"}, "2021-03-12"
    units = office.register.resolve_units(["@so-units"], datetime.fromisoformat(day).date())
    submit = {**clerk, "act": ["write", "submit"], "attach": [{"du-thao.txt": "Dự thảo."}]}
    ask = {**clerk, "as": "cv-qlcn", "advance": "ask-units"}
    acts = [
        submit,
        ask,
        *({**clerk, "act": ["units", "respond"], "with": {"unit": unit, "position": "agree"}} for unit in units),
        {**clerk, "act": ["units", "synthesise"]},
        {**clerk, "as": "cv-qlcn", "act": ["direction", "send"]},
        {
            **clerk,
            "as": "nguyen-thanh-binh",
            "act": ["direction", "conclude"],
            "with": {"outcome": "changes-requested", "text": "Sửa lại."},
        },
        {**clerk, "advance": "redraft"},
        submit,
        ask,
    ]
    scenario = {"definition": "small-decision", "plan": "a-1", "create": {"as": "van-thu", "on": day}, "acts": acts}
    assert list(play(office, clock, [scenario]))[-1].stage == "opinions"
    rounds = {address: len(step.rounds) for address, step in office.service.plan("a-1").state.steps.items()}
    # `collect` was left unfinished, so it opened again.
    assert rounds == {
        "drafting/collect": 2,
        "drafting/write": 2,
        "opinions/units": 1,
        "opinions/direction": 2,
        "monthly": 1,
    }


def test_every_key_of_the_shipped_scenarios_is_explained() -> None:
    """Each key that a shipped scenario uses is in the guide's table."""
    rows = set(_rows("Scenario files"))
    for path in sorted((Path(__file__).parents[2] / "definitions").glob("*.scenario.yaml")):
        data, _ = parse(path.read_bytes(), path.name)
        used = {*data, *data["create"], *(key for act in data["acts"] for key in act)}
        assert used - {"start"} <= rows, path.name


def test_every_shipped_file_is_listed() -> None:
    """Each shipped definition is in the guide's list of what we ship."""
    folder = Path(__file__).parents[2] / "definitions"
    shipped = {path.name for path in folder.glob("*.yaml") if not path.name.endswith(".scenario.yaml")}
    assert set(_rows("What we ship")) == shipped | {"data/people.yaml", "data/rules.toml"}


def test_the_calendar_file_of_the_guide_can_be_loaded() -> None:
    """The guide's calendar file has no problems, and reads the days that it names."""
    rules, _ = read_rules(_file("calendar"), "calendar.yaml", lambda name: VietnamCalendar())

    assert 3 == sum(len(rule.off) for rule in rules.days)
    assert "inclusive" == rules.definitions["productivity-plan-2021"].before
