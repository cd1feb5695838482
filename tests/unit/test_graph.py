"""Pictures have safe ids, readable labels, and show where a plan is and was."""

from __future__ import annotations

import re

import pytest

from workflow.language.definition import Definition
from workflow.language.graph import FORMATS, Drawing, draw
from workflow.plan.state import PlanState, Visit

NASTY = 'a "quote"; --> b\n%% {x} #35; \\ <b>:end'


def definition(title: str = "Soạn thảo") -> Definition:
    """Three stages in a row, with a way back and a step beside them."""
    return Definition.model_validate(
        {
            "workflow": 1,
            "id": "sample",
            "version": 1,
            "title": "Mẫu",
            "stages": {
                "end": {
                    "title": {"vi": title, "en": title},
                    "label": "1",
                    "steps": {"write": {"uses": "task", "title": title}},
                    "transitions": {"send": {"to": "look-at"}},
                },
                "look-at": {"title": "Xem", "transitions": {"back": {"to": "end"}, "pass": {"to": "over"}}},
                "over": {"title": "Xong", "final": True},
            },
            "alongside": {"monthly": {"uses": "task"}},
        }
    )


def plan(stage: str, *visits: Visit) -> PlanState:
    """A plan that stands in *stage*."""
    return PlanState("p", "0", "sample", 1, "active", stage, 3, 3, "2019-01-01", "2019-01-01", visits=visits)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_state_and_event_is_drawn(format_):
    """Each stage, transition, final stage and step beside the stages is in the picture."""
    picture = draw(Drawing(definition()), format_)

    for part in ("s_end", "s_look_at", "s_over", "b_monthly", "send", "back", "pass", "1. Soạn thảo"):
        assert part in picture


def test_mermaid_labels_hold_no_syntax():
    """Whatever people wrote stands escaped, so that every line has the writer's own shape."""
    picture = draw(Drawing(definition(NASTY)), "mermaid")

    shape = re.compile(
        r"stateDiagram-v2|    (    )?state \"[^\"{}<>%:]*\" as \w+( \{)?|    \w+ : [^\"{}<>%]*"
        r"|    (\[\*\]|\w+) --> (\[\*\]|\w+)( : [^\"{}<>%]*)?|    \}"
    )
    assert [] == [line for line in picture.splitlines() if not shape.fullmatch(line)]


def test_dot_labels_are_quoted():
    """Quotes and backslashes in a title stay inside the label."""
    picture = draw(Drawing(definition(NASTY)), "dot")

    label = re.search(r'label="((?:[^"\\]|\\.)*)"', picture)
    assert label is not None and r"\"quote\"" in label.group(1)
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", picture)
    assert "quote" not in outside


def test_a_plans_place_and_path_are_marked():
    """The stage it is in, those it left, and the transitions it took stand out."""
    walked = plan("look-at", Visit("end", "2019-01-01", "2019-02-01", "send"), Visit("look-at", "2019-02-01"))
    mermaid, dot = (draw(Drawing(definition(), plan=walked), format_) for format_ in FORMATS)

    assert "class s_look_at here" in mermaid and "class s_end visited" in mermaid
    assert "s_end --> s_look_at : send ✓" in mermaid
    assert re.search(r"s_look_at \[.*penwidth=3", dot) and re.search(r"s_end -> s_look_at \[.*penwidth=2.5", dot)


def test_titles_are_in_the_readers_language():
    """A text without English is drawn in Vietnamese, others in the language asked for."""
    picture = draw(Drawing(definition("Soạn"), "vi", "Ngoài các giai đoạn"), "mermaid")

    assert "Ngoài các giai đoạn" in picture and "Xem" in picture
