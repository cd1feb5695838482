"""Each shipped step type has its page: complete, and with an example that works."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.bootstrap import PEOPLE, Workspace, init_workspace, open_workspace
from workflow.check import check
from workflow.clock import SimulatedClock
from workflow.language.loader import load
from workflow.registry import Registry
from workflow.views.plans import Write

FOLDER = Path(__file__).parents[2] / "plugins"
SHIPPED = Registry().step_types
TODAY = date(2026, 3, 2)
ID = re.compile(r"@?[a-z0-9]+(-[a-z0-9]+)+|[a-z]{3,}")
"""What may be the id of a body that only an example knows."""


def page(name: str) -> str:
    """The type's page."""
    return (FOLDER / f"{name}.md").read_text("utf-8")


def example(name: str) -> str:
    """The page's definition."""
    return re.findall(r"^```yaml\n(workflow: 1\n.*?)^```$", page(name), re.M | re.S)[0]


def words_in(value: Any) -> Iterator[str]:
    """Every text of a definition, however deep it stands, its titles left out."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key not in ("title", "label", "text", "note", "id", "uses", "when"):
                yield from words_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from words_in(part)
    elif isinstance(value, str):
        yield value


def register_with(shipped: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The sample register, and each body that only the example knows, with somebody in it."""
    register = {kind: dict(entries) if kind != "people" else entries for kind, entries in shipped.items()}
    known = set().union(*(register[kind] for kind in ("units", "groups", "offices", "roles", "persons")))
    for word in sorted({word for word in words_in(yaml.safe_load(text)) if ID.fullmatch(word)}):
        bare = word.removeprefix("@")
        if bare in known:
            continue
        known.add(bare)
        unit = f"{bare}-unit" if word.startswith("@") else bare
        register["units"][unit] = {"name": unit}
        register["persons"][f"{unit}-person"] = {"name": "Nguyễn Thị An", "unit": unit}
        if word.startswith("@"):
            register["groups"][bare] = {"members": [unit]}
    return register


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock that stands in March 2026."""
    return SimulatedClock(datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: SimulatedClock, name: str) -> Workspace:
    """A workspace with the page's example, and everybody whom that names."""
    root = init_workspace(tmp_path / "office")
    (root / "definitions").mkdir(exist_ok=True)
    (root / "definitions" / "example.yaml").write_text(example(name), "utf-8")
    people = register_with(yaml.safe_load((root / PEOPLE).read_text("utf-8")), example(name))
    (root / PEOPLE).write_text(yaml.safe_dump(people, allow_unicode=True), "utf-8")
    workspace = open_workspace(root, clock=clock)
    workspace.service.load_people((root / PEOPLE).read_bytes(), PEOPLE, Write(actor=None))
    return workspace


@pytest.mark.parametrize("name", SHIPPED)
def test_a_page_names_every_word_of_its_type(name):
    """Options with those inside them, actions, parameters, states and outcomes stand there as they are written."""
    step_type, text = SHIPPED[name], page(name)
    words = {*step_type.states, *step_type.outcomes, *step_type.Options.model_fields, *step_type.actions()}
    for action in step_type.actions().values():
        words |= set(action.parameters.model_fields)

    assert sorted(word for word in words if f"`{word}`" not in text) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_page_is_named_by_the_type_and_says_so(name):
    """Its heading is what stands after `uses:`."""
    assert page(name).startswith(f"# `uses: {name}`")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_example_uses_the_type_and_has_no_mistakes(name, office):
    """`check` finds no error in it."""
    loaded = load(example(name).encode(), "example.yaml")
    assert name in {step.uses for step in loaded.definition.steps.values()}
    found = check(loaded, SHIPPED, Registry().guards, office.service.register, Registry().calendars)
    assert [str(problem) for problem in found if problem.severity == "error"] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_plan_of_the_example_starts(name, office):
    """Somebody whom it names creates one, and the first stage's steps open."""
    definition = load(example(name).encode(), "example.yaml").definition
    first = definition.by if isinstance(definition.by, str) else (definition.by or [definition.lead])[0]
    actor = office.service.register.holders(first, TODAY)[0]
    plan = office.service.create(definition.id, "1-KT", Write(actor=actor)).plan

    assert plan.stage == definition.initial
    assert plan.steps


def test_there_is_no_page_of_something_else():
    """Every page is that of a shipped step type, of the guards, of the exports, or of an integration."""
    registry = Registry()
    integrations = {plugin.name for plugin in registry.plugins if plugin.off}
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"README", "guards", "exports"}

    assert set(SHIPPED) <= pages <= {*SHIPPED, *integrations}
    assert [] == [name for name in registry.exporters if f"`{name}`" not in (FOLDER / "exports.md").read_text("utf-8")]
    assert set(registry.guards) == {
        name for name in registry.guards if f"`{name}`" in (FOLDER / "guards.md").read_text("utf-8")
    }
