"""What a consultation is given, what its actions take, and what it remembers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from workflow import DocumentRef, Options, Parameters, Prose, State, UnitRef

Position = Literal["agree", "agree-with-comments", "disagree", "comments"]
AGREEING = ("agree", "agree-with-comments")


class ConsultationOptions(Options):
    """What `with:` takes."""

    invite: tuple[UnitRef, ...] = Field(min_length=1, description="Units and @groups that are asked")
    mandatory: tuple[UnitRef, ...] = Field((), description="Those whose silence keeps the round open")
    document: DocumentRef | None = Field(None, description="The document that they are asked about")
    close: Literal["all-answered-or-deadline", "all-answered", "manual"] = Field(
        "all-answered-or-deadline", description="When the round closes"
    )
    answer_days: int | None = Field(
        None, ge=1, description="Working days for an answer; the step's due day where left out"
    )
    form: Literal["written", "meeting"] = Field("written", description="By letter or in a meeting")


class Asked(State):
    """A unit that was asked, and the last day for its answer."""

    unit: str
    due: str | None = None
    mandatory: bool = False


class Opinion(State):
    """A unit's opinion on one revision.

    Attributes:
        late: It came after the unit's last day.
        after_close: It came when the round was closed; the round's counts leave it out.
        verdict: How it was answered; None while it is not.
    """

    unit: str
    position: Position
    on: str
    late: bool = False
    after_close: bool = False
    number: int | None = None
    revision: int | None = None
    letter: str | None = None
    letter_date: str | None = None
    verdict: str | None = None

    @property
    def wants_answer(self) -> bool:
        """True while it has something to answer and nobody did."""
        return self.position != "agree" and self.verdict is None


class Counts(State):
    """How a round went, by the units asked."""

    asked: int
    answered: int
    agreed: int
    silent: int
    late: int


class ConsultationState(State):
    """Who was asked about which revision, and what came back."""

    asked: tuple[Asked, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    number: int | None = None
    revision: int | None = None
    closed_on: str | None = None
    synthesised_on: str | None = None

    def opinion_of(self, unit: str) -> Opinion | None:
        """The unit's opinion, None while it is silent."""
        return next((opinion for opinion in self.opinions if opinion.unit == unit), None)

    def is_asked(self, unit: str) -> bool:
        """True if the unit was invited to this round."""
        return any(asked.unit == unit for asked in self.asked)

    @property
    def silent(self) -> tuple[Asked, ...]:
        """Those who have not answered, late answers counting as answers."""
        return tuple(asked for asked in self.asked if self.opinion_of(asked.unit) is None)

    @property
    def unanswered(self) -> tuple[Opinion, ...]:
        """Opinions that still need an answer before the synthesis."""
        return tuple(opinion for opinion in self.opinions if opinion.wants_answer)

    @property
    def deadline(self) -> str | None:
        """The last day of whoever has longest; None where somebody has no last day."""
        days = [asked.due for asked in self.asked]
        return None if None in days else max((day for day in days if day), default=None)

    def counts(self) -> Counts:
        """Count the round; frozen by its closing, since opinions after it are left out."""
        timely = [opinion for opinion in self.opinions if not opinion.after_close]
        return Counts(
            asked=len(self.asked),
            answered=len(timely),
            agreed=sum(opinion.position in AGREEING for opinion in timely),
            silent=len(self.asked) - len(timely),
            late=sum(opinion.late for opinion in timely),
        )


class Respond(Parameters):
    """Parameters of `respond`."""

    unit: UnitRef = Field(description="The unit whose opinion it is")
    position: Position = Field(description="What the unit says to the draft")
    text: Prose | None = Field(None, description="The opinion")
    letter: str | None = Field(None, max_length=100, description="Number of the unit's letter")
    letter_date: date | None = Field(None, description="The date that the letter carries")


class Close(Parameters):
    """Parameters of `close`."""

    reason: Prose | None = Field(None, description="Why it is closed although somebody is silent")


class Answer(Parameters):
    """Parameters of `answer`."""

    unit: UnitRef = Field(description="The unit whose opinion is answered")
    verdict: Literal["accepted", "partly", "explained"] = Field(description="What becomes of the opinion")
    text: Prose | None = Field(None, description="What is taken in and why the rest is not; accepted needs none")


class Synthesise(Parameters):
    """Parameters of `synthesise`."""

    summary: Prose | None = Field(None, description="The synthesis in a sentence")
