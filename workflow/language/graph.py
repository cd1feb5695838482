"""Pictures of a definition as text: mermaid and dot, with a plan's place and path marked.

A pure writer over the stages' machine: its states and its events. Ids in the text are safe words of
our own; what people wrote stands only in quoted and escaped labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow.errors import N_
from workflow.language.definition import Definition, Stage, Step, Transition
from workflow.plan.state import PlanState

FORMATS = ("mermaid", "dot")
BESIDE = N_("Beside the stages")

_MERMAID_SPECIAL = re.compile(r"[^\w .,()/!?'+✓-]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Drawing:
    """What is drawn, and how.

    Attributes:
        language: `vi` or `en`.
        beside: Title of the box with the steps beside the stages.
        plan: The plan whose place and path are marked, if one is.
    """

    definition: Definition
    language: str = "en"
    beside: str = BESIDE
    plan: PlanState | None = None

    @property
    def here(self) -> str | None:
        """The stage in which the plan is."""
        return self.plan.stage if self.plan else None

    @property
    def visited(self) -> frozenset[str]:
        """Stages that the plan was in and left."""
        visits = self.plan.visits if self.plan else ()
        return frozenset(visit.stage for visit in visits) - {self.here}

    @property
    def walked(self) -> frozenset[tuple[str, str]]:
        """(stage, trigger) of the transitions that the plan took."""
        visits = self.plan.visits if self.plan else ()
        return frozenset((visit.stage, visit.trigger) for visit in visits if visit.trigger)

    @property
    def edges(self) -> Iterator[tuple[str, str, Transition]]:
        """(from, trigger, transition) in the order of the definition."""
        for stage_id, stage in self.definition.stages.items():
            for trigger, transition in stage.transitions.items():
                yield stage_id, trigger, transition

    def stage_label(self, stage: Stage) -> str:
        """The stage's own number and title."""
        return _numbered(stage.label, stage.title.in_language(self.language))

    def step_label(self, step_id: str, step: Step) -> str:
        """The step's title, else its id, with its type."""
        title = step.title.in_language(self.language) if step.title else step_id
        return f"{_numbered(step.label, title)} ({step.uses})"

    def edge_label(self, stage: str, trigger: str, transition: Transition) -> str:
        """The trigger, which is what one types, marked where the plan took it."""
        return f"{trigger} ✓" if (stage, trigger) in self.walked else trigger


def _numbered(label: str | None, title: str) -> str:
    return f"{label}. {title}" if label else title


def draw(drawing: Drawing, format_: str) -> str:
    """Return the picture as text.

    Args:
        format_: One of `FORMATS`.

    Raises:
        KeyError: If there is no such format.
    """
    return "\n".join(_WRITERS[format_](drawing)) + "\n"


def _ids(drawing: Drawing) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Words for stages and for steps beside them; the letter in front keeps `end` and `graph` from being keywords."""
    stages = {id_: "s_" + id_.replace("-", "_") for id_ in drawing.definition.stages}
    beside = {id_: "b_" + id_.replace("-", "_") for id_ in drawing.definition.alongside}
    return stages, beside


# -- mermaid ---------------------------------------------------------------------------------------


def _mermaid(drawing: Drawing) -> Iterator[str]:
    stages, beside = _ids(drawing)
    definition = drawing.definition
    yield "stateDiagram-v2"
    for id_, stage in definition.stages.items():
        yield f'    state "{_mermaid_text(drawing.stage_label(stage))}" as {stages[id_]}'
        for step_id, step in stage.steps.items():
            yield f"    {stages[id_]} : {_mermaid_text('- ' + drawing.step_label(step_id, step))}"
    yield f"    [*] --> {stages[definition.initial]}"
    for source, trigger, transition in drawing.edges:
        label = _mermaid_text(drawing.edge_label(source, trigger, transition))
        yield f"    {stages[source]} --> {stages[transition.to]} : {label}"
    for id_, stage in definition.stages.items():
        if stage.final:
            yield f"    {stages[id_]} --> [*]"
    if beside:
        yield f'    state "{_mermaid_text(drawing.beside)}" as beside {{'
        for id_, step in definition.alongside.items():
            yield f'        state "{_mermaid_text(drawing.step_label(id_, step))}" as {beside[id_]}'
        yield "    }"
    if drawing.plan:
        yield "    classDef visited fill:#d9ead3,stroke:#6aa84f"
        yield "    classDef here fill:#fff2cc,stroke:#bf9000,stroke-width:3px"
        for id_ in definition.stages:
            if id_ in drawing.visited:
                yield f"    class {stages[id_]} visited"
        if drawing.here in stages:
            yield f"    class {stages[drawing.here]} here"


def _mermaid_text(text: str) -> str:
    """Return *text* so that nothing in it is taken for syntax: mermaid reads `#NUMBER;` as a character."""
    return _MERMAID_SPECIAL.sub(lambda found: f"#{ord(found.group())};", _SPACE.sub(" ", text).strip())


# -- dot -------------------------------------------------------------------------------------------


def _dot(drawing: Drawing) -> Iterator[str]:
    stages, beside = _ids(drawing)
    definition = drawing.definition
    yield f"digraph {_quoted(definition.id)} {{"
    yield "    rankdir=LR"
    yield '    node [shape=box, style="rounded,filled", fillcolor=white]'
    yield "    start [shape=point]"
    for id_, stage in definition.stages.items():
        lines = [drawing.stage_label(stage)]
        lines += ["- " + drawing.step_label(step_id, step) for step_id, step in stage.steps.items()]
        yield f"    {stages[id_]} [label={_quoted(*lines)}{_dot_look(drawing, id_, stage)}]"
    yield f"    start -> {stages[definition.initial]}"
    for source, trigger, transition in drawing.edges:
        look = ", penwidth=2.5" if (source, trigger) in drawing.walked else ""
        label = _quoted(drawing.edge_label(source, trigger, transition))
        yield f"    {stages[source]} -> {stages[transition.to]} [label={label}{look}]"
    if beside:
        yield "    subgraph cluster_beside {"
        yield f"        label={_quoted(drawing.beside)}"
        for id_, step in definition.alongside.items():
            yield f"        {beside[id_]} [label={_quoted(drawing.step_label(id_, step))}]"
        yield "    }"
    yield "}"


def _dot_look(drawing: Drawing, stage_id: str, stage: Stage) -> str:
    look = ", peripheries=2" if stage.final else ""
    if stage_id == drawing.here:
        return look + ', fillcolor="#fff2cc", penwidth=3'
    return look + (', fillcolor="#d9ead3"' if stage_id in drawing.visited else "")


def _quoted(*lines: str) -> str:
    """Return lines as one quoted dot text; further lines stand to the left below the first."""
    shown = [_SPACE.sub(" ", line).strip().replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + shown[0] + "".join("\\n" + line for line in shown[1:]) + '"'


_WRITERS = {"mermaid": _mermaid, "dot": _dot}
