"""A quorum on verdicts: how many must agree, who may veto, how many of each group; pure.

The verdict depends on who said what and never on the order in which it came. It is given early only
where nothing that the rest could say would change it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Vote = Literal["yes", "no", "abstain"]
Result = Literal["passed", "failed"]


@dataclass(frozen=True)
class Rule:
    """What it takes to pass.

    Attributes:
        agree: How many of those asked must say yes.
        veto: Whoever of these says no decides against.
        turnout: How many must answer at all; an abstention is an answer and no yes.
        groups: Members of a group, and how many of them must say yes.
    """

    agree: int
    veto: frozenset[str] = frozenset()
    turnout: int = 0
    groups: tuple[tuple[frozenset[str], int], ...] = ()


def final(rule: Rule, votes: Mapping[str, Vote]) -> Result:
    """Return the verdict when nobody else will answer; silence is neither yes nor no."""
    yes = {unit for unit, vote in votes.items() if vote == "yes"}
    passed = (
        len(yes) >= rule.agree
        and len(votes) >= rule.turnout
        and not any(votes.get(unit) == "no" for unit in rule.veto)
        and all(len(yes & members) >= least for members, least in rule.groups)
    )
    return "passed" if passed else "failed"


def certain(rule: Rule, asked: Collection[str], votes: Mapping[str, Vote]) -> Result | None:
    """Return the verdict if it is the same whatever the silent say, or if they stay silent; else None.

    Args:
        asked: Everybody who may still answer or has.
    """
    silent = [unit for unit in asked if unit not in votes]
    # Every condition can only be helped by a yes, so the best and the worst case bound all others.
    best = final(rule, {**votes, **dict.fromkeys(silent, "yes")})
    if best == "failed":
        return "failed"
    worst_no = final(rule, {**votes, **dict.fromkeys(silent, "no")})
    worst_silent = final(rule, votes)
    return "passed" if (worst_no, worst_silent) == ("passed", "passed") else None
