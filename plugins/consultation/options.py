"""What a consultation is given under `with:`, and what its actions take."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from trinh_plugins._opinions import Article, GivenAnswer, LetterNumber, Position
from workflow import DocumentRef, HolderRef, Options, Parameters, Prose, UnitRef


class GroupMinimum(Options):
    """So many units of a group must agree."""

    group: UnitRef = Field(description="The @group")
    agree: int = Field(ge=1, description="How many of its units must agree")


class Quorum(Options):
    """What it takes for a round to pass; see `quorum.py`."""

    agree: int = Field(ge=1, description="How many of the units asked must agree")
    veto: tuple[UnitRef, ...] = Field((), description="Units whose disagreement decides against")
    turnout: int = Field(0, ge=0, description="How many must answer at all, abstentions included")
    groups: tuple[GroupMinimum, ...] = Field((), description="How many units of a group must agree")


class ConsultationOptions(Options):
    """What `with:` takes."""

    invite: tuple[UnitRef, ...] = Field(min_length=1, description="Units and @groups that are asked")
    mandatory: tuple[UnitRef, ...] = Field((), description="Those whose silence keeps the round open")
    document: DocumentRef | None = Field(None, description="The document that they are asked about")
    close: Literal["all-answered-or-deadline", "all-answered", "deadline", "quorum", "manual"] = Field(
        "all-answered-or-deadline", description="When the round closes"
    )
    close_by: HolderRef | None = Field(
        None, description="The office that alone may close a round over silence, with a reason"
    )
    quorum: Quorum | None = Field(None, description="What it takes to pass; for `close: quorum`")
    answer_days: int | None = Field(
        None, ge=1, description="Working days for an answer, from receipt; the step's due day where left out"
    )
    answer_by: date | None = Field(None, description="The last day for an answer, in place of answer_days")
    form: Literal["written", "meeting"] = Field("written", description="By letter or in a meeting")

    @model_validator(mode="after")
    def _fits(self) -> ConsultationOptions:
        if (self.close == "quorum") != (self.quorum is not None):
            raise ValueError("`close: quorum` and `quorum:` belong together")
        if self.answer_days is not None and self.answer_by is not None:
            raise ValueError("give `answer_days` or `answer_by`, not both")
        return self


class Respond(Parameters):
    """Parameters of `respond`."""

    unit: UnitRef = Field(description="The unit whose opinion it is")
    position: Position = Field(description="What the unit says to the draft")
    article: Article | None = Field(None, description="Article or part that it speaks of")
    text: Prose | None = Field(None, description="The opinion")
    letter: LetterNumber | None = Field(None, description="Number of the unit's letter")
    letter_date: date | None = Field(None, description="The date that the letter carries")
    about: str | None = Field(
        None, max_length=20, description="The revision it was written about, as 2.1; the last one sent if left out"
    )


class Supersede(Respond):
    """Parameters of `supersede`: the new opinion, and what it takes the place of."""

    opinion: int | None = Field(
        None, ge=1, description="Number of the opinion that it takes the place of; all of the unit's if left out"
    )


class Received(Parameters):
    """Parameters of `received`."""

    units: tuple[UnitRef, ...] = Field(min_length=1, description="Units that received the papers on this day")


class Remind(Parameters):
    """Parameters of `remind`."""

    units: tuple[UnitRef, ...] = Field((), description="Who is reminded; every silent unit if left out")
    text: Prose | None = Field(None, description="What they were told")


class Send(Parameters):
    """Parameters of `send`."""

    units: tuple[UnitRef, ...] = Field((), description="Who gets it; every unit asked if left out")


class Replace(Parameters):
    """Parameters of `replace`."""

    unit: UnitRef = Field(description="The invited unit that exists no longer")
    successor: UnitRef = Field(description="The unit that is asked in its place")


class Minutes(Parameters):
    """Parameters of `minutes`; the minutes themselves are attached."""

    held_on: date | None = Field(None, description="The day of the meeting; the act's day if left out")
    attended: tuple[UnitRef, ...] = Field(min_length=1, description="Units that took part")
    text: Prose | None = Field(None, description="The meeting in a sentence")


class Close(Parameters):
    """Parameters of `close`."""

    reason: Prose | None = Field(None, description="Why it is closed although somebody is silent")


class Decide(Parameters):
    """Parameters of `close-by-decision`."""

    reason: Prose = Field(min_length=1, description="Why the round ends here")


class Answer(GivenAnswer):
    """Parameters of `answer`."""

    opinion: int | None = Field(None, ge=1, description="Number of the opinion that is answered")
    unit: UnitRef | None = Field(None, description="The unit whose opinion is answered, where it gave only one")


class Synthesise(Parameters):
    """Parameters of `synthesise`."""

    summary: Prose | None = Field(None, description="The synthesis in a sentence")
