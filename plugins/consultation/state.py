"""What a round of opinions remembers: who was asked about what, and what came back; never a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trinh_plugins._opinions import AGREEING, Position, TextRef, answered, text_ref, wants_answer
from trinh_plugins.consultation.quorum import Result, Vote
from workflow import State


def vote(positions: tuple[Position, ...]) -> Vote:
    """What a unit said on the whole: one no is a no; where it takes no side it abstains."""
    if "disagree" in positions:
        return "no"
    return "yes" if any(position in AGREEING for position in positions) else "abstain"


class Asked(State):
    """A unit that was asked, and the last day for its answer.

    Attributes:
        received: The day on which it received the papers, where that is recorded.
        reminded: The days on which it was reminded.
        ceased: The day on which it was noticed that the unit exists no longer.
        successor: The unit asked in its place.
    """

    unit: str
    due: str | None = None
    mandatory: bool = False
    received: str | None = None
    reminded: tuple[str, ...] = ()
    ceased: str | None = None
    successor: str | None = None


class SentRevision(State):
    """A revision that went to units, by its name (`2.1`)."""

    name: str
    to: tuple[str, ...]
    on: str


class Opinion(State):
    """An opinion on an article or the whole of one revision.

    Attributes:
        id: Its number in the round, from 1.
        on: The day on which the unit's letter came.
        about: Name of the revision it was written about.
        late: The letter came after the unit's last day.
        after_close: The letter came when the round was closed; the round's counts leave it out.
        superseded_by: Number of the opinion that takes its place.
        verdict: How it was answered; None while it is not.
    """

    id: int
    unit: str
    position: Position
    on: str
    article: str | None = None
    about: str | None = None
    letter: str | None = None
    letter_date: str | None = None
    text: TextRef | None = None
    late: bool = False
    after_close: bool = False
    superseded_by: int | None = None
    verdict: str | None = None
    answered_on: str | None = None
    taken_in: TextRef | None = None
    reason: TextRef | None = None

    @property
    def stands(self) -> bool:
        """True until another takes its place."""
        return self.superseded_by is None

    @property
    def wants_answer(self) -> bool:
        """True while it stands, has something to answer and nobody did."""
        return self.stands and wants_answer(self.position, self.verdict)


class Meeting(State):
    """A meeting that was held: who took part, and its minutes by SHA-256."""

    held_on: str
    attended: tuple[str, ...]
    files: tuple[str, ...]
    text: TextRef | None = None


class Members(State):
    """A group of the quorum as it was on the day of opening, and how many of it must agree."""

    group: str
    units: tuple[str, ...]
    agree: int


class Counts(State):
    """How a round went, by the units asked; `after_close` came too late to be among them."""

    asked: int
    answered: int
    agreed: int
    silent: int
    late: int
    after_close: int = 0


class ConsultationState(State):
    """Who was asked about which revisions, what came back, and how the round ended.

    Attributes:
        veto: Units that the quorum lets veto, as asked.
        groups: The quorum's groups.
        closed_by: Rule by which it closed, or `decision`.
        close_reason: Why it was closed over silence.
        result: The quorum's verdict at the closing.
    """

    asked: tuple[Asked, ...] = ()
    sent: tuple[SentRevision, ...] = ()
    veto: tuple[str, ...] = ()
    groups: tuple[Members, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    closed_on: str | None = None
    closed_by: str | None = None
    close_reason: TextRef | None = None
    result: Result | None = None
    synthesised_on: str | None = None

    def asked_unit(self, unit: str) -> Asked | None:
        """How the unit was asked, None if it was not."""
        return next((asked for asked in self.asked if asked.unit == unit), None)

    def opinion(self, number: int) -> Opinion | None:
        """The opinion with this number."""
        return self.opinions[number - 1] if 0 < number <= len(self.opinions) else None

    def standing(self, unit: str) -> tuple[Opinion, ...]:
        """The unit's opinions that no other took the place of; empty while it is silent."""
        return tuple(opinion for opinion in self.opinions if opinion.unit == unit and opinion.stands)

    @property
    def awaited(self) -> tuple[Asked, ...]:
        """Those who count as asked: nobody was asked in their place before they answered."""
        return tuple(asked for asked in self.asked if asked.successor is None or self.standing(asked.unit))

    @property
    def silent(self) -> tuple[Asked, ...]:
        """Those who have not answered, late answers counting as answers."""
        return tuple(asked for asked in self.asked if asked.successor is None and not self.standing(asked.unit))

    @property
    def gone(self) -> tuple[Asked, ...]:
        """The silent ones that exist no longer."""
        return tuple(asked for asked in self.silent if asked.ceased is not None)

    @property
    def unanswered(self) -> tuple[Opinion, ...]:
        """Opinions that still need an answer before the synthesis."""
        return tuple(opinion for opinion in self.opinions if opinion.wants_answer)

    @property
    def deadline(self) -> str | None:
        """The last day of whoever has longest; None where somebody has no last day."""
        days = [asked.due for asked in self.awaited]
        return None if None in days else max((day for day in days if day), default=None)

    def sent_to(self, unit: str) -> tuple[str, ...]:
        """Names of the revisions that the unit got, the last one last."""
        return tuple(sent.name for sent in self.sent if unit in sent.to)

    def positions(self) -> dict[str, tuple[Position, ...]]:
        """What each unit said before the closing; a letter that came after it takes nothing's place here."""
        said: dict[str, list[Position]] = {}
        for opinion in self.opinions:
            by = None if opinion.superseded_by is None else self.opinions[opinion.superseded_by - 1]
            if not opinion.after_close and (by is None or by.after_close):
                said.setdefault(opinion.unit, []).append(opinion.position)
        return {unit: tuple(positions) for unit, positions in said.items()}

    def counts(self) -> Counts:
        """Count the round; what comes after its closing stands beside the other numbers."""
        said = self.positions()
        asked = {each.unit for each in self.asked if each.successor is None or each.unit in said}
        late = {o.unit for o in self.opinions if o.late and not o.after_close}
        return Counts(
            asked=len(asked),
            answered=len(said),
            agreed=sum(vote(positions) == "yes" for positions in said.values()),
            silent=len(asked - said.keys()),
            late=len(late),
            after_close=len({o.unit for o in self.opinions if o.after_close}),
        )

    # how it changes

    def with_opened(self, data: Mapping[str, Any]) -> ConsultationState:
        """Who is asked; an event of version 1 names the revision among its data."""
        asked = tuple(Asked(**asked) for asked in data["asked"])
        state = ConsultationState(
            asked=asked,
            veto=tuple(data.get("veto", ())),
            groups=tuple(Members(**{**each, "units": tuple(each["units"])}) for each in data.get("groups", ())),
        ).with_sent(data)
        if data.get("revision") is not None:
            name = f"{data['number']}.{data['revision']}"
            first = SentRevision(name=name, to=tuple(each.unit for each in asked), on=data["on"])
            state = state.model_copy(update={"sent": (first,)})
        return state

    def with_sent(self, data: Mapping[str, Any]) -> ConsultationState:
        """Add what the engine froze with the act."""
        new = tuple(
            SentRevision(name=f"{each['number']}.{each['revision']}", to=tuple(each["to"]), on=data["on"])
            for each in data.get("sent", ())
        )
        return self.model_copy(update={"sent": (*self.sent, *new)}) if new else self

    def with_asked(self, units: tuple[str, ...], **changes: Any) -> ConsultationState:
        """Change how *units* were asked."""
        asked = tuple(each.model_copy(update=changes) if each.unit in units else each for each in self.asked)
        return self.model_copy(update={"asked": asked})

    def with_opinion(self, data: Mapping[str, Any]) -> ConsultationState:
        """Add an opinion, and mark those whose place it takes."""
        number = len(self.opinions) + 1
        about = data.get("about")
        if about is None and data.get("revision") is not None:
            about = f"{data['number']}.{data['revision']}"
        kept = {name: data.get(name) for name in ("unit", "position", "article", "letter", "letter_date")}
        opinion = Opinion(
            id=number,
            on=data.get("came_on") or data["on"],
            about=about,
            text=text_ref(data, "text"),
            late=data["late"],
            after_close=data.get("after_close", self.closed_on is not None),
            **kept,
        )
        replaced = set(data.get("supersedes", ()))
        earlier = (o.model_copy(update={"superseded_by": number}) if o.id in replaced else o for o in self.opinions)
        state = self.model_copy(update={"opinions": (*earlier, opinion)})
        if data.get("closes"):
            return state.with_closing(data)
        # A further opinion of a letter that was counted changes what the letter said.
        return state.model_copy(update={"result": data["result"]}) if data.get("result") else state

    def with_closing(self, data: Mapping[str, Any]) -> ConsultationState:
        """Close the round on the day of the act."""
        return self.model_copy(
            update={
                "closed_on": data["on"],
                "closed_by": data.get("rule"),
                "close_reason": text_ref(data, "reason"),
                "result": data.get("result"),
            }
        )

    def with_received(self, data: Mapping[str, Any]) -> ConsultationState:
        """Count the unit's term from the day of receipt; what was late is judged anew."""
        state = self
        for each in data["received"]:
            state = state.with_asked((each["unit"],), received=data["on"], due=each["due"])
        due = {each["unit"]: each["due"] for each in data["received"]}
        opinions = tuple(
            o.model_copy(update={"late": bool(due[o.unit]) and o.on > due[o.unit]}) if o.unit in due else o
            for o in state.opinions
        )
        return state.model_copy(update={"opinions": opinions})

    def with_reminder(self, data: Mapping[str, Any]) -> ConsultationState:
        """Keep the day of the reminder with each who got it."""
        asked = tuple(
            each.model_copy(update={"reminded": (*each.reminded, data["on"])}) if each.unit in data["units"] else each
            for each in self.asked
        )
        return self.model_copy(update={"asked": asked})

    def with_ceased(self, data: Mapping[str, Any]) -> ConsultationState:
        """Flag the units that exist no longer, and unflag those that do again."""
        state = self.with_asked(tuple(data["ceased"]), ceased=data["on"])
        return state.with_asked(tuple(data["back"]), ceased=None)

    def with_successor(self, data: Mapping[str, Any]) -> ConsultationState:
        """Ask another unit in a unit's place; what the first one said stays."""
        state = self.with_asked((data["unit"],), successor=data["successor"]).with_sent(data)
        new, known = Asked(**data["asked"]), state.asked_unit(data["successor"])
        if known is not None:
            # It was asked on its own account; what was owed by both is owed once.
            return state.with_asked((known.unit,), mandatory=known.mandatory or new.mandatory)
        return state.model_copy(update={"asked": (*state.asked, new)})

    def with_minutes(self, data: Mapping[str, Any]) -> ConsultationState:
        """Add a meeting."""
        meeting = Meeting(
            held_on=data["held_on"],
            attended=tuple(data["attended"]),
            files=tuple(data["files"]),
            text=text_ref(data, "text"),
        )
        return self.model_copy(update={"meetings": (*self.meetings, meeting)})

    def with_answer(self, data: Mapping[str, Any]) -> ConsultationState:
        """Keep what became of an opinion; version 1 named it by its unit."""
        number = data.get("opinion")
        changes = answered(data)
        opinions = tuple(
            o.model_copy(update=changes) if (o.id == number if number else o.unit == data["unit"]) else o
            for o in self.opinions
        )
        return self.model_copy(update={"opinions": opinions})
