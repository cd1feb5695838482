"""`uses: submission`: a dossier goes to a body's session, which passes it or sends it back.

Submitting freezes one exact revision of every document. The session's day may be set and moved;
a postponed dossier stays with the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field

from workflow import (
    Act,
    Context,
    DocumentRef,
    Options,
    Parameters,
    Phrase,
    Prose,
    Reason,
    Refused,
    State,
    StepType,
    StepView,
    Text,
    UnitRef,
    WorkItem,
    action,
    hookimpl,
    prose,
)

OUTCOMES = ("passed", "passed-with-changes", "sent-back")
WITH_THE_BODY = ("submitted", "postponed")


class SubmissionOptions(Options):
    """Whose session decides, and on which documents."""

    body: UnitRef = Field(description="Body whose session decides")
    documents: tuple[DocumentRef, ...] = Field(default=(), description="Documents that go forward together")


class Frozen(State):
    """The revision of a document that was submitted."""

    document: str
    revision: str
    files: tuple[str, ...] = ()


class SubmissionState(State):
    """What was submitted, when the session sits, and how it decided."""

    submitted_on: str | None = None
    frozen: tuple[Frozen, ...] = ()
    session_on: str | None = None
    postponements: int = 0
    outcome: str | None = None
    decided_on: str | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    members: int | None = None


class SessionDay(Parameters):
    """The day of the session."""

    session: date = Field(description="Day of the session")


class Decision(Parameters):
    """How the session decided."""

    outcome: Literal["passed", "passed-with-changes", "sent-back"] = Field(description="What the session decided")
    votes_for: int | None = Field(default=None, ge=0, description="Ballots in favour")
    votes_against: int | None = Field(default=None, ge=0, description="Ballots against")
    members: int | None = Field(default=None, ge=1, description="Members entitled to vote")
    text: Prose | None = Field(default=None, description="What the session said")


class Postponement(Parameters):
    """Why the session put it off, and until when."""

    reason: Prose = Field(min_length=1, description="Why it was postponed")
    to: date | None = Field(default=None, description="New day of the session, if known")


class SubmissionStep(StepType):
    """A dossier before a body's session."""

    name = "submission"
    title = {"vi": "Trình phiên họp", "en": "Submission to the session"}
    states = {
        "ready": {"vi": "Hoàn thiện hồ sơ trình", "en": "Dossier in preparation"},
        "submitted": {"vi": "Đã trình", "en": "Submitted"},
        "postponed": {"vi": "Lùi phiên họp", "en": "Postponed"},
        "passed": {"vi": "Thông qua", "en": "Passed"},
        "passed-with-changes": {"vi": "Thông qua, có chỉnh sửa", "en": "Passed with changes"},
        "sent-back": {"vi": "Trả lại", "en": "Sent back"},
    }
    complete_states = OUTCOMES
    Options = SubmissionOptions
    State = SubmissionState

    @action("submit", title={"vi": "Trình hồ sơ", "en": "Submit"}, source=("ready", "postponed"), to="submitted")
    def submit(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """Submit the dossier and freeze the newest revision of each document."""
        newest = {document: view.plan.latest_revision(document) for document in view.options.documents}
        missing = tuple(_no_revision(document, view.lead) for document, found in newest.items() if found is None)
        if missing:
            raise Refused("The dossier cannot be submitted", vi="Chưa trình được hồ sơ", reasons=missing)
        frozen = [
            {"document": document, "revision": found.name, "files": list(found.files)}
            for document, found in newest.items()
        ]
        return Act({"frozen": frozen})

    @action(
        "schedule",
        title={"vi": "Ấn định ngày họp", "en": "Set the session's day"},
        source=("ready", *WITH_THE_BODY),
        to=("ready", "submitted"),
        parameters=SessionDay,
    )
    def schedule(self, view: StepView, parameters: SessionDay, context: Context) -> Act:
        """Set or move the day of the session."""
        _refuse_earlier(parameters.session, context.on)
        return Act(
            {"session": parameters.session.isoformat()},
            to="ready" if view.phase == "ready" else "submitted",
            on_behalf=view.options.body,
        )

    @action(
        "postpone",
        title={"vi": "Lùi phiên họp", "en": "Postpone"},
        source=WITH_THE_BODY,
        to="postponed",
        parameters=Postponement,
    )
    def postpone(self, view: StepView, parameters: Postponement, context: Context) -> Act:
        """Record that the session did not decide, and the new day where it is known."""
        if parameters.to is not None:
            _refuse_earlier(parameters.to, context.on)
        session = parameters.to.isoformat() if parameters.to else None
        return Act({"reason": prose(parameters.reason), "session": session}, on_behalf=view.options.body)

    @action(
        "decide",
        title={"vi": "Ghi kết quả phiên họp", "en": "Record the session's decision"},
        source=WITH_THE_BODY,
        to=OUTCOMES,
        parameters=Decision,
        late=True,
    )
    def decide(self, view: StepView, parameters: Decision, context: Context) -> Act:
        """Record what the session decided, with the ballots where they were counted."""
        reasons = (*_too_many_ballots(parameters), *_before_session(view.state.session_on, context.on))
        if reasons:
            raise Refused(
                "The session's decision cannot be recorded", vi="Chưa ghi được kết quả phiên họp", reasons=reasons
            )
        data = {
            "outcome": parameters.outcome,
            "votes_for": parameters.votes_for,
            "votes_against": parameters.votes_against,
            "members": parameters.members,
            "text": prose(parameters.text),
        }
        return Act(data, to=parameters.outcome, on_behalf=view.options.body)

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> SubmissionState:
        """Return the state after an act."""
        if state is None:
            return SubmissionState()
        return state.model_copy(update=_changes(state, action, data))

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name who has to submit, or whose session has not decided."""
        body = {"body": view.options.body}
        if view.phase == "ready":
            phrase = Phrase("The dossier has not been submitted to {body}", body, vi="Chưa trình hồ sơ tới {body}")
            return (Reason("not-submitted", phrase, who=(view.lead,) if view.lead else ()),)
        if view.phase in WITH_THE_BODY:
            session = view.state.session_on
            phrase = Phrase("The session of {body} has not decided", body, vi="Phiên họp của {body} chưa quyết định")
            since = date.fromisoformat(session) if session else None
            return (Reason("not-decided", phrase, who=(view.options.body,), since=since),)
        return ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The lead owes the dossier, then the body its decision on the session's day."""
        state, title = view.state, view.title
        submitting = WorkItem(
            "submit",
            Text(vi=f"Trình hồ sơ: {title.vi}", en=f"Submit the dossier: {title.in_language('en')}"),
            view.lead,
            view.due_on,
            done_on=state.submitted_on,
            open=view.phase == "ready",
        )
        if view.phase == "ready":
            return (submitting,)
        deciding = WorkItem(
            "decide",
            Text(vi=f"Quyết định tại phiên họp: {title.vi}", en=f"Decide in session: {title.in_language('en')}"),
            view.options.body,
            state.session_on or view.due_on,
            done_on=state.decided_on,
            open=view.phase in WITH_THE_BODY,
        )
        return (submitting, deciding)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """Everything but the submitting is the body's own."""
        return () if action == "submit" else (view.options.body,)


def _changes(state: SubmissionState, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if action == "submit":
        frozen = tuple(Frozen(**{**each, "files": tuple(each["files"])}) for each in data["frozen"])
        return {"submitted_on": state.submitted_on or data["on"], "frozen": frozen}
    if action == "schedule":
        return {"session_on": data["session"]}
    if action == "postpone":
        return {"session_on": data["session"], "postponements": state.postponements + 1}
    if action == "decide":
        counted = {key: data[key] for key in ("votes_for", "votes_against", "members")}
        return {"outcome": data["outcome"], "decided_on": data["on"], **counted}
    return {}


def _no_revision(document: str, lead: str | None) -> Reason:
    phrase = Phrase(
        "The document {document} has no revision yet", {"document": document}, vi="Văn bản {document} chưa có bản nào"
    )
    return Reason("no-revision", phrase, who=(lead,) if lead else ())


def _refuse_earlier(session: date, on: date) -> None:
    if session < on:
        phrase = Phrase(
            "A session on {session} would lie before {on}",
            {"session": session.isoformat(), "on": on.isoformat()},
            vi="Phiên họp ngày {session} lại trước ngày {on}",
        )
        raise Refused(
            "The session's day cannot be set",
            vi="Không ấn định được ngày họp",
            reasons=(Reason("session-in-the-past", phrase),),
        )


def _too_many_ballots(decision: Decision) -> tuple[Reason, ...]:
    cast = (decision.votes_for or 0) + (decision.votes_against or 0)
    if decision.members is None or cast <= decision.members:
        return ()
    phrase = Phrase(
        "{cast} ballots, but only {members} members",
        {"cast": cast, "members": decision.members},
        vi="Có {cast} phiếu nhưng chỉ có {members} thành viên",
    )
    return (Reason("too-many-ballots", phrase),)


def _before_session(session_on: str | None, on: date) -> tuple[Reason, ...]:
    if session_on is None or on.isoformat() >= session_on:
        return ()
    phrase = Phrase("The session sits only on {session}", {"session": session_on}, vi="Đến ngày {session} mới họp")
    return (Reason("before-the-session", phrase, since=date.fromisoformat(session_on)),)


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `submission`."""
    return (SubmissionStep(),)
