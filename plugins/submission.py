"""`uses: submission`: a dossier goes to a body, which passes it in session or by written ballot, or sends it back.

Submitting freezes one exact revision of every document. The session's day may be set and moved, and the
papers' latest day moves with it; a postponed dossier stays with the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from trinh_plugins._session import (
    OUTCOMES,
    Ballot,
    Decision,
    Frozen,
    Postponement,
    SessionDay,
    SubmissionOptions,
    SubmissionState,
    objections,
)
from workflow import (
    Act,
    Approved,
    Context,
    Parameters,
    Phrase,
    Reason,
    Refused,
    Sent,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    hookimpl,
    prose,
)

WITH_THE_BODY = ("submitted", "postponed")
OUTDATED = "decision-outdated"


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
    outcomes = (*OUTCOMES, OUTDATED)
    Options = SubmissionOptions
    State = SubmissionState

    @action(
        "submit",
        title={"vi": "Trình hồ sơ", "en": "Submit"},
        source=("ready", "submitted", "postponed"),
        to="submitted",
    )
    def submit(self, view: StepView, parameters: Parameters, context: Context) -> Act:
        """Submit the dossier and freeze the newest revision of each document; again to put newer papers in."""
        missing = tuple(
            _no_revision(document, view.lead)
            for document in view.options.documents
            if view.plan.latest_revision(document) is None
        )
        if missing:
            raise Refused("The dossier cannot be submitted", vi="Chưa trình được hồ sơ", reasons=missing)
        return Act(sends=tuple(Sent(document, (view.options.body,)) for document in view.options.documents))

    @action(
        "schedule",
        title={"vi": "Ấn định ngày họp", "en": "Set the session's day"},
        source=("ready", *WITH_THE_BODY),
        to=("ready", "submitted"),
        parameters=SessionDay,
        own=True,
    )
    def schedule(self, view: StepView, parameters: SessionDay, context: Context) -> Act:
        """Set or move the day of the session; the papers' latest day is counted back from it."""
        _refuse_earlier(parameters.session, context.on)
        return Act(
            _set(view, context, parameters.session),
            to="ready" if view.phase == "ready" else "submitted",
            on_behalf=view.options.body,
        )

    @action(
        "ballot",
        title={"vi": "Gửi phiếu lấy ý kiến thành viên", "en": "Take a written ballot"},
        source=("ready", *WITH_THE_BODY),
        to=("ready", "submitted"),
        parameters=Ballot,
        own=True,
    )
    def ballot(self, view: StepView, parameters: Ballot, context: Context) -> Act:
        """Let the members vote in writing in place of a session."""
        _refuse_earlier(parameters.until, context.on)
        return Act(
            _set(view, context, parameters.until),
            to="ready" if view.phase == "ready" else "submitted",
            on_behalf=view.options.body,
        )

    @action(
        "postpone",
        title={"vi": "Lùi phiên họp", "en": "Postpone"},
        source=WITH_THE_BODY,
        to="postponed",
        parameters=Postponement,
        own=True,
    )
    def postpone(self, view: StepView, parameters: Postponement, context: Context) -> Act:
        """Record that the session did not decide, and the new day where it is known."""
        if parameters.to is not None:
            _refuse_earlier(parameters.to, context.on)
        moved = _set(view, context, parameters.to)
        return Act({"reason": prose(parameters.reason), **moved}, on_behalf=view.options.body)

    @action(
        "decide",
        title={"vi": "Ghi kết quả phiên họp", "en": "Record the session's decision"},
        source=WITH_THE_BODY,
        to=OUTCOMES,
        parameters=Decision,
        late=True,
        own=True,
    )
    def decide(self, view: StepView, parameters: Decision, context: Context) -> Act:
        """Record what the session decided, with the ballots where they were counted."""
        lacking = {each for each in view.options.documents} - {each.document for each in view.state.frozen}
        reasons = (
            *(_not_in_dossier(document, view.lead) for document in sorted(lacking)),
            *objections(view.options, view.state, parameters, context.on),
        )
        if reasons:
            raise Refused(
                "The session's decision cannot be recorded", vi="Chưa ghi được kết quả phiên họp", reasons=reasons
            )
        data = {
            "outcome": parameters.outcome,
            "votes_for": parameters.votes_for,
            "votes_against": parameters.votes_against,
            "abstained": parameters.abstained,
            "members": parameters.members or (view.options.members if parameters.counted else None),
            "text": prose(parameters.text),
        }
        passes = view.options.approves and parameters.outcome == "passed"
        return Act(
            data,
            to=parameters.outcome,
            approves=tuple(map(_approved, view.state.frozen)) if passes else (),
            on_behalf=view.options.body,
        )

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> SubmissionState:
        """Return the state after an act."""
        if state is None:
            return SubmissionState()
        return state.model_copy(update=_changes(state, action, data))

    def outcome(self, view: StepView) -> str | None:
        """What was decided, as long as the texts are those that were passed."""
        if view.phase not in OUTCOMES:
            return None
        return OUTDATED if _edited(view) else view.phase

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name who has to submit, whose session has not decided, or which text was edited after it."""
        body = {"body": view.options.body}
        if view.phase == "ready":
            phrase = Phrase("The dossier has not been submitted to {body}", body, vi="Chưa trình hồ sơ tới {body}")
            return (Reason("not-submitted", phrase, who=(view.lead,) if view.lead else ()),)
        if view.phase in WITH_THE_BODY:
            session = view.state.session_on
            phrase = Phrase("The session of {body} has not decided", body, vi="Phiên họp của {body} chưa quyết định")
            since = date.fromisoformat(session) if session else None
            return (Reason("not-decided", phrase, who=(view.options.body,), since=since),)
        return tuple(
            Reason(
                OUTDATED,
                Phrase(
                    "{body} passed {document} {revision}, which was edited since",
                    {"body": view.options.body, "document": each.document, "revision": each.revision},
                    vi="{body} đã thông qua {document} bản {revision}, sau đó văn bản bị sửa",
                ),
                (view.options.body,),
            )
            for each in _edited(view)
        )

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The day by which the papers are with the members, counted back from the session."""
        return (("papers_due",),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The lead owes the dossier by the papers' latest day, then the body its decision on the session's day."""
        state, title = view.state, view.title
        submitting = WorkItem(
            "submit",
            Text(vi=f"Trình hồ sơ: {title.vi}", en=f"Submit the dossier: {title.in_language('en')}"),
            view.lead,
            state.papers_due or view.due_on,
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
            since=state.submitted_on,
        )
        return (submitting, deciding)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """Everything but the submitting is the body's own."""
        return () if action == "submit" else (view.options.body,)


def _set(view: StepView, context: Context, session: date | None) -> dict[str, Any]:
    """The session's day and the last one on which its papers are in time."""
    days = view.options.papers_days
    papers = None
    if session is not None and days is not None:
        papers = context.working_days_before(session, days).isoformat()
    return {"session": session.isoformat() if session else None, "papers_due": papers}


def _changes(state: SubmissionState, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if action == "submit":
        # Events of older versions hold the revisions themselves.
        frozen = (*map(_kept, data.get("frozen", ())), *map(_frozen, data.get("sent", ())))
        return {"submitted_on": state.submitted_on or data["on"], "frozen": frozen}
    if action in ("schedule", "ballot", "postpone"):
        moved = {"session_on": data["session"], "papers_due": data.get("papers_due")}
        if action == "postpone":
            return {**moved, "postponements": state.postponements + 1}
        return {**moved, "form": "written" if action == "ballot" else "session"}
    if action == "decide":
        counted = {key: data.get(key) for key in ("votes_for", "votes_against", "abstained", "members")}
        return {"outcome": data["outcome"], "decided_on": data["on"], **counted}
    return {}


def _kept(each: Mapping[str, Any]) -> Frozen:
    return Frozen(**{**each, "files": tuple(each["files"])})


def _frozen(sent: Mapping[str, Any]) -> Frozen:
    name = f"{sent['number']}.{sent['revision']}"
    return Frozen(document=sent["document"], revision=name, files=tuple(sent["files"]))


def _approved(frozen: Frozen) -> Approved:
    number, _, revision = frozen.revision.partition(".")
    return Approved(frozen.document, int(number), int(revision))


def _edited(view: StepView) -> tuple[Frozen, ...]:
    """What was passed and has a newer revision now."""
    if view.phase != "passed" or not view.options.approves:
        return ()
    newest = {each.document: view.plan.latest_revision(each.document) for each in view.state.frozen}
    return tuple(each for each in view.state.frozen if (now := newest[each.document]) and now.name != each.revision)


def _no_revision(document: str, lead: str | None) -> Reason:
    phrase = Phrase(
        "The document {document} has no revision yet", {"document": document}, vi="Văn bản {document} chưa có bản nào"
    )
    return Reason("no-revision", phrase, who=(lead,) if lead else ())


def _not_in_dossier(document: str, lead: str | None) -> Reason:
    phrase = Phrase(
        "The dossier before the session lacks {document}",
        {"document": document},
        vi="Hồ sơ trình phiên họp còn thiếu {document}",
    )
    return Reason("dossier-incomplete", phrase, who=(lead,) if lead else ())


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


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: submission`."""
    return (SubmissionStep(),)
