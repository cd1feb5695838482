"""The options of `act` come from the action's parameter model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Annotated, Literal

import click
import pytest
from pydantic import BaseModel, Field

from workflow.catalogue import Catalogue
from workflow.cli.parameters import given_by, options_of, shape_of, values_from
from workflow.language.definition import Text
from workflow.steps.step_type import Action, Parameters, Prose, UnitRef


class Colour(Enum):
    """An enumeration, as a plugin may have one."""

    RED = "red"


class Part(BaseModel):
    """A nested value."""

    number: int


class Everything(Parameters):
    """Every kind of parameter."""

    unit: UnitRef = Field(description="Which unit")
    count: int = 1
    day: date | None = None
    open: bool = False
    verdict: Literal["yes", "no"] | None = None
    colour: Colour | None = None
    notes: tuple[Prose, ...] = ()
    ballots: Mapping[str, int] = Field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    reason: Annotated[str, Field(min_length=1)] = "-"


ACTION = Action("judge", Text(vi="Xét", en="Judge"), (), (), Everything, False, "judge")


def parse(*typed: str) -> dict[str, object]:
    """Type options of the action and return the values that would be handed to it."""
    given = given_by(ACTION, ["note", "on"])
    command = click.Command("act", params=list(options_of(given, Catalogue("en"))))
    return values_from(given, command.make_context("act", list(typed)).params)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["--unit", "a"], {"unit": "a"}),
        (["--count", "3"], {"count": 3}),
        (["--day", "2019-05-31"], {"day": "2019-05-31"}),
        (["--open"], {"open": True}),
        (["--no-open"], {"open": False}),
        (["--verdict", "yes"], {"verdict": "yes"}),
        (["--colour", "red"], {"colour": "red"}),
        (["--notes", "một", "--notes", "hai"], {"notes": ["một", "hai"]}),
        (["--ballots", "for=3", "--ballots", "against=1"], {"ballots": {"for": "3", "against": "1"}}),
        (["--parts", '{"number": 1}'], {"parts": [{"number": 1}]}),
        ([], {}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_each_kind_of_parameter_has_its_kind_of_option(typed, expected):
    """What is typed reaches the action as its model takes it; what is left out stays out."""
    assert expected == parse(*typed)


@pytest.mark.parametrize(
    "typed",
    [
        ["--count", "x"],
        ["--day", "31.5.2019"],
        ["--verdict", "maybe"],
        ["--parts", "{"],
        ["--ballots", "three"],
    ],
    ids=" ".join,
)
def test_a_value_of_the_wrong_kind_is_wrong_usage(typed):
    """A value that cannot be meant is refused before anything is asked or done."""
    with pytest.raises(click.BadParameter):
        parse(*typed)


def test_a_reference_is_seen_through_every_wrapping():
    """A tuple of optional unit references still is known to name units."""
    assert "unit" == shape_of(tuple[UnitRef, ...] | None).reference


def test_a_general_option_keeps_its_name():
    """A parameter that has a general option's name gets the action's in front."""
    (first, *_) = given_by(ACTION, ["unit"])

    assert "--judge-unit" == first.option


def test_help_lists_the_options_of_the_action(typed, plan):
    """`act PLAN STEP ACTION --help` shows what the action takes, with its choices and an example."""
    shown = typed("act", plan, "agencies/round", "respond", "--help")

    assert 0 == shown.exit_code
    for part in ("--unit", "--position", "agree", "--letter-date", "--attach", "Example"):
        assert part in shown.stdout


def test_missing_options_are_all_named_where_nobody_can_be_asked(done, typed, plan, paper):
    """Without a terminal there is no prompt: exit 2 names every missing option."""
    done("act", plan, "write", "submit", "--attach", paper)
    done("advance", plan, "circulate")
    result = typed("act", plan, "round", "respond", "--as", "bao")

    assert 2 == result.exit_code
    assert "--unit is missing" in result.stderr and "--position is missing" in result.stderr


def test_missing_options_are_asked_for_on_a_terminal(done, plan, paper, monkeypatch):
    """On a terminal a missing option is asked for with a pick list, by number or word."""
    done("act", plan, "write", "submit", "--attach", paper)
    done("advance", plan, "circulate")
    monkeypatch.setattr("workflow.cli.act.may_ask", lambda: True)
    result = done("act", plan, "round", "respond", "--json", input="agency-b\n1\n")

    assert "Agency B" in result.stderr
    (event,) = json.loads(result.stdout)["events"][:1]
    assert ("respond", "agency-b", "agree") == (
        event["data"]["action"],
        event["data"]["data"]["unit"],
        event["data"]["data"]["position"],
    )


def test_several_possible_moves_are_a_pick_list_on_a_terminal(done, plan, paper, monkeypatch):
    """`advance` without a trigger asks which of several moves is meant."""
    done("act", plan, "write", "submit", "--attach", paper)
    monkeypatch.setattr("workflow.cli.write.may_ask", lambda: True)
    result = done("advance", plan, input="7\ndrop\n")

    assert "Give a number from 1 to 2." in result.stderr
    assert "stage dropped" in result.stdout


def test_a_step_is_named_by_its_source_number(done, plan, paper):
    """The label of a step is accepted wherever its id is."""
    result = done("act", plan, "2.1", "submit", "--attach", paper, "--json")

    assert "writing/write" == json.loads(result.stdout)["events"][0]["data"]["step"]


def test_a_remark_goes_to_the_action_that_takes_one(done, plan, paper):
    """`--note` fills the action's own parameter of that name."""
    done("act", plan, "write", "submit", "--attach", paper, "--note", "lần đầu")
    events = json.loads(done("audit", "show", plan, "--json").stdout)["events"]

    assert "lần đầu" == events[-1]["data"]["data"]["note"]


def test_without_an_action_the_possible_ones_are_named(typed, plan):
    """`act PLAN STEP` says which actions there are."""
    result = typed("act", plan, "write", "--as", "anna")

    assert (2, True) == (result.exit_code, "submit" in result.stderr)
