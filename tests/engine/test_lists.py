"""Lists: they hold whatever is in the database, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from engine.kit import DAY, Point, Verdict, begun, plugin, registry, state, to
from engine_kit import OFFICER_AT, definition_of, service_with

from workflow.clock import SimulatedClock
from workflow.errors import InvalidInput, PluginFailed
from workflow.service.service import Service

VERDICT = {"uses": "verdict"}
GO = {"a": {"title": "A", "transitions": {"go": to("b")}}, "b": {"title": "B", "final": True}}


class Mars:
    """A calendar that one plugin supplies."""

    name = "mars"
    version = "1"

    def is_working_day(self, day: Any) -> bool:
        return True


class Odd(Verdict):
    """A step type that one plugin supplies."""

    name = "odd"


def without_plugins(service: Service) -> Service:
    """Return a new process over the same database from which our plugins were taken out."""
    plugins = registry()
    return Service(
        service.store,
        lambda: plugins,
        SimulatedClock(service.clock.now()),
        sources=dict,
        read_register=service.read_register,
        condition=lambda text, values: True,
    )


def test_a_plan_whose_plugins_are_missing_is_listed_with_all_others():
    """Only what runs a plan needs its calendar and step types; a list and its definitions do not."""
    odd = plugin(calendars=lambda: [Mars()], step_types=lambda: [Odd()])
    stages = {"a": {"title": "A", "steps": {"x": {"uses": "odd"}}, "transitions": {"go": to("b")}}, "b": GO["b"]}
    definitions = (
        definition_of({"stages": GO}),
        definition_of({"id": "far", "stages": GO, "calendar": "mars", "title": "Xa"}),
        definition_of({"id": "strange", "stages": stages}),
    )
    before = service_with(*definitions, registry=registry(Point("odd", odd)))
    for number, definition in enumerate(("far", "d", "strange")):
        before.create(definition, f"p{number}", OFFICER_AT(DAY))
    after = without_plugins(before)

    assert before.plans() == after.plans()
    assert ["p0", "p1", "p2"] == [plan.id for plan in after.plans()]
    assert "Xa" == after.plans()[0].title.vi
    assert {"d", "far", "strange"} == {definition.id for definition in after.definitions()}
    with pytest.raises(PluginFailed, match="mars"):
        after.plan("p0")
    assert "p1" == after.plan("p1").summary.id


def pages(service: Service, limit: int, **more: Any) -> Iterator[tuple[str, ...]]:
    """Yield the pages of what is owed, each from behind the one before."""
    after = ""
    while page := service.due(after=after, limit=limit, **more):
        yield tuple(item.item for item in page)
        after = page[-1].cursor


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("more", [{}, {"unit": "dept-a"}, {"late": True}])
def test_what_is_owed_is_read_page_by_page(limit: int, more: dict[str, Any]):
    """Every item comes once and in order, dated ones before undated ones."""
    steps = {
        "one": {**VERDICT, "due": "2026-04-01", "lead": "dept-a"},
        "two": {**VERDICT, "due": "2026-03-10"},
        "three": VERDICT,
        "four": {**VERDICT, "due": "2026-04-01"},
        "five": {**VERDICT, "lead": "dept-a"},
    }
    service = begun({"a": {"steps": steps, "transitions": {"go": to("b")}}, "b": {}})
    service.create("d", "q", OFFICER_AT(DAY))
    everything = tuple(item.item for item in service.due(**more))

    read = list(pages(service, limit, **more))

    assert everything == tuple(item for page in read for item in page)
    assert {len(page) for page in read[:-1]} <= {limit}
    assert {"late": 6, "unit": 4}.get(next(iter(more), ""), 10) == len(everything)


@pytest.mark.parametrize(
    "cursor",
    ["p", "2026-04-01", "2026-04-01/p", "2026-04-01/p/a/one@x#verdict", "x/p/a@1#k", "2026-04-01/p/a@1#\ud800"],
)
def test_a_place_that_no_page_ended_with_is_bad_input(cursor: str):
    """What is no cursor is told so, and nothing is skipped in silence."""
    service = begun({"a": {"steps": {"one": VERDICT}}, "b": {}})

    with pytest.raises(InvalidInput) as bad:
        service.due(after=cursor)

    assert "bad-cursor" == bad.value.code


def test_the_place_of_something_done_since_still_counts():
    """Between two pages somebody may do what the first one ended with."""
    steps = {"one": {**VERDICT, "due": "2026-04-01"}, "two": {**VERDICT, "due": "2026-04-02"}}
    service = begun({"a": {"steps": steps, "transitions": {"go": to("b")}}, "b": {}})
    (first,) = service.due(limit=1)
    service.act("p", "one", "pass", {}, OFFICER_AT(DAY))

    assert ["a/two"] == [item.step for item in service.due(after=first.cursor)]
    assert "passed" == state(service).steps["a/one"].current.phase
