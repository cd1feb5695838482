"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workflow.errors import Phrase

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        severity: `error`: something is lost or will not be done; `warning`: somebody has to look;
            `note`: worth knowing, all is well.
        where: Id of what it is about: a file, a plugin, a kind of effect, a plan.
        what_to_do: The next step.
    """

    severity: Severity
    where: str
    phrase: Phrase
    what_to_do: Phrase
