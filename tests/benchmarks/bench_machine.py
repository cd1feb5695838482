"""Decisions of the stage machine beside a bare `Event.trigger` on a machine that all plans share.

Both machines have the same stages in a ring, one condition an edge, no model added. Ours is called as
`decide` calls it: `StageMachine.fire(stage, trigger, allowed=True)`. The two run by turns.

    python tests/benchmarks/bench_machine.py [ROUNDS] [DECISIONS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from transitions import Machine

from workflow.language.definition import Definition
from workflow.machine import StageMachine

TARGET = 0.8
STAGES = [f"s{number}" for number in range(12)]
NEXT = dict(zip(STAGES, [*STAGES[1:], STAGES[0]], strict=True))


class Light:
    """Something with a state."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def bare() -> Callable[[str], str]:
    """Return a decision by a bare `Event.trigger`."""
    machine = Machine(None, states=STAGES, initial=None, auto_transitions=False, send_event=True, queued=False)
    for source, target in NEXT.items():
        machine.add_transition("forward", source, target, conditions=[lambda data: data.kwargs["allowed"]])
    event = machine.events["forward"]

    def decide(stage: str) -> str:
        light = Light(stage)
        event.trigger(light, allowed=True)
        return light.state

    return decide


def ours() -> Callable[[str], str]:
    """Return a decision by the engine's machine of a definition."""
    stages = {
        stage: {"title": stage, "transitions": {"forward": {"to": target, "title": "Tiếp"}}}
        for stage, target in NEXT.items()
    }
    definition = Definition.model_validate(
        {"workflow": 1, "id": "ring", "version": 1, "title": "Vòng", "by": "drafter", "stages": stages}
    )
    machine = StageMachine(definition)
    return lambda stage: machine.fire(stage, "forward", allowed=True)


def rate(decide: Callable[[str], str], decisions: int) -> float:
    """Return decisions a second."""
    stage, began = STAGES[0], time.perf_counter()
    for _ in range(decisions):
        stage = decide(stage)
    spent = time.perf_counter() - began
    assert stage == STAGES[decisions % len(STAGES)]
    return decisions / spent


def main(rounds: int = 9, decisions: int = 40_000) -> bool:
    """Print the median ratio beside its target; return whether it is reached."""
    bare_one, our_one = bare(), ours()
    rates = [(rate(our_one, decisions), rate(bare_one, decisions)) for _ in range(rounds)]
    ratio = statistics.median(mine / theirs for mine, theirs in rates)
    mine, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
    print(f"ours {mine:,.0f}/s   bare Event.trigger {theirs:,.0f}/s   ratio {ratio:.2f} (target {TARGET})")
    return ratio >= TARGET


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
