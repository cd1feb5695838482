"""Static analysis: what is wrong with a definition that its own text does not show.

Every rule is a function from the subject to its problems, in the module that its question belongs
to. A rule whose knowledge is not at hand (no people register, no plugins) says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice

from workflow.check import dates, labels, people, stages, steps, transitions
from workflow.check.subject import Subject
from workflow.errors import Phrase
from workflow.language.loader import Loaded
from workflow.language.problems import Problem
from workflow.people import Register
from workflow.steps.step_type import StepType

RULES: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    *stages.RULES,
    *transitions.RULES,
    *steps.RULES,
    *people.RULES,
    *dates.RULES,
    *labels.RULES,
)

MOST = 200
"""So many problems of one rule are told."""

MOST_STAGES = 500
"""More are judged no further: which stage leads to which takes the square of their number."""

_LIMIT = {"limit": MOST_STAGES}


def check(
    loaded: Loaded,
    step_types: Mapping[str, StepType] | None,
    guards: Collection[str] | None,
    register: Register | None = None,
    calendars: Collection[str] | None = None,
) -> list[Problem]:
    """Return the problems of a definition, in the order of its text.

    Args:
        step_types: What `uses:` may name; None where plugins are not known.
        guards: What `requires:` may name; None where plugins are not known.
        register: Whom it may name; None outside a workspace.
        calendars: What `calendar:` may name; None where not known.
    """
    subject = Subject(loaded, step_types, guards, register, calendars)
    if len(loaded.definition.stages) > MOST_STAGES:
        return [subject.error("too-many-stages", ("stages",), Phrase("more than {limit} stages", _LIMIT), key=True)]
    found = {str(problem): problem for rule in RULES for problem in islice(rule(subject), MOST)}
    return sorted(found.values(), key=lambda problem: (problem.line, problem.column, problem.code))
