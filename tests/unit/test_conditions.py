"""Conditions (`when:`): what they may name, how small they stay, and that no failure lets anything through."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflow.errors import Refused
from workflow.language import conditions
from workflow.language.conditions import evaluate, names_in, problems
from workflow.language.definition import Definition
from workflow.plan.state import UNOPENED

DEFINITION = Definition.model_validate(
    {
        "workflow": 1,
        "id": "sample",
        "version": 1,
        "title": "Mẫu",
        "parameters": {"budget": {"title": "Kinh phí"}, "head-count": {"title": "Số người", "default": "3"}},
        "stages": {
            "writing": {
                "title": "Soạn thảo",
                "steps": {"write": {"uses": "draft"}, "round": {"uses": "round"}},
                "transitions": {"go": {"to": "end"}},
            },
            "end": {"title": "Kết thúc", "steps": {"write": {"uses": "draft"}}, "final": True},
        },
    }
)
NAMES = names_in(DEFINITION)
VALUES = {
    "plan": {"id": "p-1", "stage": "writing", "status": "active", "revision": 3, "created_on": "2019-03-01"},
    "today": "2019-04-10",
    "actor": "an",
    "param": {"budget": "810", "head-count": "3"},
    "steps": {
        "writing/write": {**UNOPENED, "complete": True, "round": 2, "outcome": "done"},
        "writing/round": {**UNOPENED, "state": "open", "round": 1, "due_on": "2019-04-15"},
        "end/write": UNOPENED,
    },
    "normative": True,
    "visits": {"writing": 1, "end": 0},
}


class LibraryPanic(BaseException):
    """Stands for the library's panics, which are no `Exception` either."""


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ('steps["writing/write"].complete && today >= "2019-04-01"', True),
        ('steps["writing/write"].outcome == "done" && steps["writing/write"].round > 1', True),
        ('steps["end/write"].complete || steps["end/write"].completed_on != ""', False),
        ('step.round.state == "open" && today <= step.round.due_on', True),
        ('param.budget == "810" && param["head-count"] == "3"', True),
        ('plan.stage == "writing" && normative && visits["writing"] < 2', True),
        ("['an', 'binh'].exists(x, x == actor)", True),
        ('plan.id.startsWith("p-") // the old plans', True),
        ("int(param.budget) > 1000 ? true : false", False),
    ],
)
def test_a_condition_names_what_a_plan_offers(expression, verdict):
    """Every value of a plan can be named, and gives the verdict that one reads."""
    assert [] == problems(expression, NAMES)
    assert verdict is evaluate(expression, VALUES)


@pytest.mark.parametrize(
    ("expression", "place", "words"),
    [
        ("1 +", (1, 4), "no condition"),
        ("true &&\n  ) + 1", (2, 3), "no condition"),
        ("plann.id == 'a'", (1, 1), "offers no `plann`"),
        ("plan.revison > 1", (1, 6), "`plan` has no `revison`"),
        ("true &&\n  steps['writing/wirte'].complete", (2, 9), "has no `writing/wirte`"),
        ("steps['writing/write'].done", (1, 24), "has no `done`"),
        ("step.write.complete", (1, 6), "`step` has no `write`"),
        ("steps[plan.stage].complete", (1, 1), "say which value of `steps`"),
        ("plan == plan", (1, 1), "say which value of `plan`"),
        ("today.year == 2019", (1, 1), "`today` is a single value"),
        ("os.system('rm')", (1, 1), "offers no `os`"),
        ("__import__('os')", (1, 1), "no function `__import__`"),
        ("plan.id.length() > 1", (1, 9), "no function `length`"),
        ("timestamp(today) > timestamp(today)", (1, 1), "no function `timestamp`"),
        ("[1].exists(x, [2].exists(y, x == y))", (1, 19), "may not stand inside another"),
        ("[1].exists(x, x == 1) && x == 1", (1, 26), "offers no `x`"),
        ("(" * 33 + "true" + ")" * 33, (1, 33), "nested more than 32"),
        ("true || " * 130 + "true", (1, 1), "at most 1000 characters"),
        ('r"\\" == plann.id ? ' + "true : false", (1, 9), "offers no `plann`"),
    ],
)
def test_a_wrong_condition_is_reported_where_it_is_wrong(expression, place, words):
    """Each fault has its line and column in the condition and says what is wrong."""
    found = problems(expression, NAMES)

    assert [place] == [(fault.line, fault.column) for fault in found][:1]
    assert words in str(found[0].phrase)


def test_a_definition_without_parameters_offers_none():
    """A parameter that the definition does not have is no name of a plan."""
    bare = names_in(DEFINITION.model_copy(update={"parameters": {}}))

    assert "`param` has no `budget`" == str(problems("param.budget == '1'", bare)[0].phrase)


def test_every_fault_of_a_condition_is_reported():
    """Two wrong names are two faults."""
    assert 2 == len(problems("plan.ide == 'a' && todya == 'b'", NAMES))


def test_a_misspelt_name_is_suggested():
    """The nearest name that a plan offers is suggested."""
    assert "did you mean `revision`?" == str(problems("plan.revison > 1", NAMES)[0].hint)


@pytest.mark.parametrize(
    "expression",
    [
        "1 + 1",
        "today",
        "null",
        "1 / 0 == 1",
        "9223372036854775807 + 1 > 0",
        "unknown_name == 1",
        "steps['writing/none'].complete",
        "'a'.matches('(')",
        "'a' > 1",
        "[1][5] == 1",
        "1 +",
        "",
        "(" * 33 + "true" + ")" * 33,
        "true || " * 200 + "true",
    ],
)
def test_whatever_cannot_be_evaluated_is_a_refusal(expression):
    """A failure of any kind, or a result that is no verdict, refuses and never lets a plan through."""
    with pytest.raises(Refused) as refusal:
        evaluate(expression, VALUES)

    assert "condition-failed" == refusal.value.code
    assert 1 == len(refusal.value.reasons)


def test_a_panic_of_the_library_is_a_refusal(monkeypatch):
    """An exception that is no `Exception` is a refusal too."""

    def panics(expression):
        raise LibraryPanic("index out of bounds")

    monkeypatch.setattr(conditions, "_compiled", panics)

    with pytest.raises(Refused):
        evaluate("true", VALUES)
    assert "index out of bounds" in str(problems("true", NAMES)[0].phrase)


def test_an_interrupt_is_not_swallowed(monkeypatch):
    """Ctrl-C while a condition is evaluated stays an interrupt."""

    def interrupted(expression):
        raise KeyboardInterrupt

    monkeypatch.setattr(conditions, "_compiled", interrupted)

    with pytest.raises(KeyboardInterrupt):
        evaluate("true", VALUES)


@given(st.text(alphabet="plan.ids[]'\"()!&|=<>?: 1tru\\e\n{}x,-+é", max_size=80))
@example("'" * 999)
@example("r'\\' + ((")
def test_no_text_does_more_than_be_refused(expression):
    """Any text is judged without a failure, and evaluates to a verdict or a refusal."""
    problems(expression, NAMES)
    try:
        verdict = evaluate(expression, VALUES)
    except Refused:
        return
    assert verdict in (True, False)
