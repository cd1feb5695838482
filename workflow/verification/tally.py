"""What verification has looked at so far: how often each check was made, and what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from workflow.replaying import UNJUDGED
from workflow.views.plans import Finding

KEPT: Final = 1000
"""So many findings of each kind are kept; of a record that is wrong everywhere the others are counted."""


@dataclass
class Tally:
    """Counts and findings of a part of the record; parts are put together in the order of their chains.

    Attributes:
        sound: Chains in which nothing was found.
        checked: How often each check was made.
        gone: Chains of which nothing is left but what names them.
        named: Which check found something in which chain.
        failed: How often each check failed; under `UNJUDGED` what could not be judged.
    """

    chains: int = 0
    sound: int = 0
    events: int = 0
    checked: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    unjudged: list[Finding] = field(default_factory=list)
    named: set[tuple[str, str]] = field(default_factory=set)
    gone: int = 0

    def count(self, check: str, times: int = 1) -> None:
        """Note that a check was made."""
        self.checked[check] += times

    def found(self, findings: Iterable[Finding]) -> int:
        """Note findings; how many they were."""
        count = 0
        for finding in findings:
            count += 1
            self.failed[finding.check] += 1
            self.named.add((finding.check, finding.chain))
            kept = self.unjudged if finding.check == UNJUDGED else self.findings
            if len(kept) < KEPT:
                kept.append(finding)
        return count

    def add(self, other: Tally) -> None:
        """Put what was found behind this beside it."""
        self.chains += other.chains
        self.sound += other.sound
        self.events += other.events
        self.checked += other.checked
        self.failed += other.failed
        self.named |= other.named
        self.findings = (self.findings + other.findings)[:KEPT]
        self.unjudged = (self.unjudged + other.unjudged)[:KEPT]
