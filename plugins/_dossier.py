"""What appraisal and verification share: a dossier lies with a body, which reports on it with grounds.

Whoever holds the dossier owes: the lead until it is sent and while papers are missing, else the body.
Grounds outlive the round in which they were found: the next one takes over those without an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from trinh_plugins._dossier_options import AnswerGround, AskSupplement
from workflow import (
    Act,
    Parameters,
    Phrase,
    Reason,
    Refused,
    Sent,
    State,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    prose,
)

WITH_THE_BODY = ("sent", "received", "complete-dossier")
ANSWER_OPEN, TEXT_CHANGED = "answer-open", "text-changed"


class Ground(State):
    """One thing that the body found: `ROUND-N`, the revision it was found in, and the answer to it."""

    id: str
    text: Mapping[str, str]
    revision: str | None = None
    verdict: str | None = None
    answered_on: str | None = None


class Supplement(State):
    """One time that papers were missing: since when, until when they were owed, when they came."""

    asked_on: str
    due: str | None = None
    done_on: str | None = None


class DossierState(State):
    """What lies with the body, since when, what was missing, and what it found."""

    document: str | None = None
    sent_on: str | None = None
    number: int | None = None
    revision: int | None = None
    files: tuple[str, ...] = ()
    received_on: str | None = None
    report_due: str | None = None
    incomplete_on: str | None = None
    supplements: tuple[Supplement, ...] = ()
    full_on: str | None = None
    reported_on: str | None = None
    report_number: str | None = None
    grounds: int = 0
    points: tuple[Ground, ...] = ()


class DossierStep(StepType):
    """The acts on a dossier that are the same for both; each type names its own ends.

    Attributes:
        passing, after_revision, failing: The three ends.
        noun: What is done with the dossier, `{vi, en}`.
        body_actions: What the body may do itself.
        report_key, waiting_code: The key of the body's work, and the code of the reason that it waits.
    """

    passing: ClassVar[str]
    after_revision: ClassVar[str]
    failing: ClassVar[str]
    noun: ClassVar[Mapping[str, str]]
    body_actions: ClassVar[tuple[str, ...]]
    report_key: ClassVar[str] = "report"
    waiting_code: ClassVar[str] = "not-reported"

    def open(self, view: StepView, context: Any) -> Act:
        """Take over the grounds of the round before that have no answer."""
        before = context.step(view.address)
        return Act() if before is None else Act({"carried": [each.model_dump() for each in self._owed(before)]})

    def sending(self, view: StepView, context: Any) -> Act:
        """Send the dossier, again only where the text changed; every ground has its answer by now."""
        open_ = [_unanswered(view, ground) for ground in self._owed(view)]
        if not open_ and view.phase in self.complete_states and not changed(view):
            phrase = Phrase(
                "`{step}` was examined on this very text", {"step": view.address}, vi="`{step}` đã xem xét đúng bản này"
            )
            open_ = [Reason("nothing-new", phrase, named(view.lead))]
        if open_:
            raise Refused("the dossier cannot be sent", vi="chưa thể gửi hồ sơ", code=open_[0].code, reasons=(*open_,))
        return self._sent(view, context)

    def _sent(self, view: StepView, context: Any) -> Act:
        options = view.options
        documents = ((options.document,) if options.document else ()) + options.papers
        return Act(
            {"document": options.document, "report_due": self._term(view, context)},
            sends=tuple(Sent(document, (options.body,)) for document in documents),
        )

    @action("receive", title={"vi": "Nhận hồ sơ", "en": "Receive"}, source="sent", to="received", own=True)
    def receive(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Record that the dossier arrived: the term runs from it, unless papers turn out to be missing."""
        return self._received(view, context)

    @action(
        "ask-supplement",
        title={"vi": "Yêu cầu bổ sung hồ sơ", "en": "Ask for missing papers"},
        source=("sent", "received"),
        to="incomplete",
        parameters=AskSupplement,
        own=True,
    )
    def ask_supplement(self, view: StepView, parameters: AskSupplement, context: Any) -> Act:
        """Find the dossier incomplete: from now on the lead owes, and the body's term has stopped."""
        days = view.options.supplement_days
        due = view.due_on if days is None else context.working_days_after(context.on, days).isoformat()
        return Act({"missing": prose(parameters.missing), "supplement_due": due}, on_behalf=view.options.body)

    @action("supplement", title={"vi": "Bổ sung hồ sơ", "en": "Supplement"}, source="incomplete", to="sent")
    def supplement(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Send the missing papers; the revision that is newest now is frozen."""
        return self._sent(view, context)

    @action(
        "accept-dossier",
        title={"vi": "Tiếp nhận hồ sơ đầy đủ", "en": "Accept the dossier"},
        source=("sent", "received"),
        to="complete-dossier",
        own=True,
    )
    def accept_dossier(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """Find the dossier complete; the body's term starts."""
        return self._received(view, context)

    def _received(self, view: StepView, context: Any) -> Act:
        return Act({"report_due": self._term(view, context)}, on_behalf=view.options.body)

    def reported(self, view: StepView, outcome: str, grounds: Sequence[str], data: Mapping[str, Any]) -> Act:
        """Record the report with an id for each ground."""
        found = [prose(ground) for ground in grounds if ground.strip()]
        used = sum(ground.id.startswith(f"{view.round}-") for ground in view.state.points)
        ids = [f"{view.round}-{used + number}" for number in range(1, len(found) + 1)]
        return Act({**data, "outcome": outcome, "grounds": found, "ids": ids}, to=outcome, on_behalf=view.options.body)

    def answered(self, view: StepView, parameters: AnswerGround, context: Any) -> Act:
        """Answer one ground in writing; on the newest round, which took over the open ones."""
        newest = context.step(view.address)
        if newest is not None and newest.round != view.round:
            phrase = Phrase(
                "round {round} took over what was open: answer there",
                {"round": newest.round},
                vi="lần {round} đã nhận các nội dung còn mở: hãy trả lời tại đó",
            )
            raise _not_answered(Reason("newer-round", phrase, named(view.lead)))
        ground = next((ground for ground in view.state.points if ground.id == parameters.ground), None)
        if ground is None:
            known = ", ".join(each.id for each in view.state.points) or "-"
            phrase = Phrase(
                "there is no ground {ground}; there are: {known}",
                {"ground": parameters.ground, "known": known},
                vi="không có nội dung {ground}; hiện có: {known}",
            )
            raise _not_answered(Reason("unknown-ground", phrase))
        if ground.answered_on:
            phrase = Phrase(
                "ground {ground} was answered on {on}",
                {"ground": ground.id, "on": ground.answered_on},
                vi="nội dung {ground} đã được trả lời ngày {on}",
            )
            raise _not_answered(Reason("answered-already", phrase))
        data = {"ground": ground.id, "verdict": parameters.verdict, "text": prose(parameters.text)}
        return Act(data)

    def _term(self, view: StepView, context: Any) -> str | None:
        days, state = view.options.answer_days, view.state
        if days is None:
            return view.due_on
        if view.options.clock == "stops" and state.supplements and state.reported_on is None:
            first = state.supplements[0].asked_on
            began = state.received_on if state.received_on and state.received_on <= first else state.sent_on
            stops = [
                (date.fromisoformat(each.asked_on), date.fromisoformat(each.done_on) if each.done_on else context.on)
                for each in state.supplements
            ]
            return context.working_days_after(date.fromisoformat(began), days, stops).isoformat()
        return context.working_days_after(context.on, days).isoformat()

    def evolve(self, state: Any, action: str, data: Mapping[str, Any]) -> Any:
        """Keep who holds the dossier since when, the report, and the answers."""
        if state is None:
            return self.State(points=tuple(Ground(**each) for each in data.get("carried", ())))
        return state.model_copy(update=dict(_changes(state, action, data)))

    def outcome(self, view: StepView) -> str | None:
        """The report's verdict, once it counts: answered, on a revised text, and still of this one."""
        if view.phase not in self.complete_states:
            return None
        if view.phase == self.after_revision and self._binds(view) and self._open(view):
            return ANSWER_OPEN
        if view.phase == self.passing and view.options.reopens_on_change and changed(view):
            return TEXT_CHANGED
        return view.phase

    def _binds(self, view: StepView) -> bool:
        return view.normative or not self.normative_only

    def _owed(self, view: StepView) -> list[Ground]:
        """The grounds that wait for an answer; what stands in a good report is a remark, and waits for none."""
        return [] if view.phase == self.passing else [each for each in view.state.points if not each.answered_on]

    def _open(self, view: StepView) -> list[Reason]:
        """What is missing before a draft that is good after revision goes on."""
        reasons = [_unanswered(view, ground) for ground in self._owed(view)]
        if view.state.revision is not None and not changed(view):
            phrase = Phrase(
                "`{document}` was not revised since {body} examined {revision}",
                {
                    "document": view.options.document,
                    "body": view.options.body,
                    "revision": f"{view.state.number}.{view.state.revision}",
                },
                vi="`{document}` chưa được chỉnh lý kể từ bản {revision} mà {body} đã xem xét",
            )
            reasons.append(Reason("not-revised", phrase, named(view.lead)))
        return reasons

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say who holds the dossier; after the report, what is missing before it lets the text go on."""
        outcome = self.outcome(view)
        if outcome == ANSWER_OPEN:
            return tuple(self._open(view))
        places = {"step": view.address, "body": view.options.body}
        if outcome == TEXT_CHANGED:
            phrase = Phrase(
                "the text changed since it was sent to {body}: `{step}` is open again, send it",
                places,
                vi="dự thảo đã thay đổi sau khi gửi {body}: `{step}` được mở lại, hãy gửi lại",
            )
            return (Reason(TEXT_CHANGED, phrase, named(view.lead)),)
        if outcome is not None:
            return ()
        return (self._held(view, places),)

    def _held(self, view: StepView, places: Mapping[str, Any]) -> Reason:
        if view.phase == "ready":
            phrase = Phrase(
                "the dossier of `{step}` was not sent to {body}", places, vi="hồ sơ của `{step}` chưa gửi {body}"
            )
            return Reason("not-sent", phrase, named(view.lead))
        if view.phase == "incomplete":
            phrase = Phrase(
                "`{step}`: {body} waits for missing papers", places, vi="`{step}`: {body} đang chờ bổ sung hồ sơ"
            )
            return Reason("supplement-missing", phrase, named(view.lead))
        phrase = Phrase(
            f"`{{step}}` waits for the {self.noun['en']} by {{body}}",
            places,
            vi=f"`{{step}}` đang chờ {{body}} {self.noun['vi']}",
        )
        return Reason(self.waiting_code, phrase, (view.options.body,))

    def running(self, view: StepView) -> tuple[tuple[str | int, ...], ...]:
        """The body's term while the dossier lies with it, the lead's while papers are missing."""
        if view.phase == "incomplete":
            return (("supplements", len(view.state.supplements) - 1, "due"),)
        return (("report_due",),) if view.phase in WITH_THE_BODY else ()

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """The lead's sending, supplements and answers; the body's report."""
        return tuple(self._items(view))

    def _items(self, view: StepView) -> Iterator[WorkItem]:
        state, lead, due = view.state, view.lead, view.due_on
        again, owed = self.outcome(view) == TEXT_CHANGED, self._owed(view)
        noun = self.noun
        title = Text(vi=f"Gửi hồ sơ {noun['vi']}", en=f"Send the dossier for {noun['en']}")
        waits = view.phase == "ready" or again
        yield WorkItem("send", title, lead, due, done_on=None if waits else state.sent_on, open=waits)
        for number, each in enumerate(state.supplements, 1):
            key = "supplement" if number == 1 else f"supplement-{number}"
            title = Text(vi=f"Bổ sung hồ sơ {noun['vi']}", en="Supplement the dossier")
            missing = each.done_on is None
            yield WorkItem(key, title, lead, each.due, done_on=each.done_on, open=missing, since=each.asked_on)
        if state.sent_on and view.phase != "incomplete":
            title = Text(vi=f"Báo cáo {noun['vi']}", en=f"Report of {noun['en']}")
            waits = view.phase in WITH_THE_BODY
            came = max(filter(None, (state.sent_on, *(each.done_on for each in state.supplements))))
            due_on, body = state.report_due, view.options.body
            yield WorkItem(self.report_key, title, body, due_on, done_on=state.reported_on, open=waits, since=came)
        for ground in state.points:
            title = Text(vi=f"Trả lời nội dung {ground.id}", en=f"Answer ground {ground.id}")
            waits = ground in owed and self._binds(view)
            key, done = f"answer-{ground.id}", ground.answered_on
            yield WorkItem(key, title, lead, due, done_on=done, open=waits, since=state.reported_on)
        if view.phase == self.after_revision and self._binds(view) and state.revision is not None:
            title = Text(vi="Chỉnh lý dự thảo", en="Revise the draft")
            newest = view.plan.latest_revision(view.options.document) if changed(view) else None
            done = newest.made_on if newest else None
            yield WorkItem("revise", title, lead, due, done_on=done, open=newest is None, since=state.reported_on)

    def performers(self, view: StepView, action: str, parameters: Any) -> tuple[str, ...]:
        """The body itself may do what is the body's."""
        return (view.options.body,) if action in self.body_actions else ()


def changed(view: StepView) -> bool:
    """True if the document has a newer revision than the one that lies with the body."""
    if view.options.document is None or view.state.revision is None:
        return False
    newest = view.plan.latest_revision(view.options.document)
    return newest is not None and (newest.number, newest.revision) != (view.state.number, view.state.revision)


def named(lead: str | None) -> tuple[str, ...]:
    """The lead as who could meet a condition, if there is one."""
    return (lead,) if lead else ()


def _changes(state: DossierState, action: str, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    on = data["on"]
    if action in ("send", "supplement"):
        # Events of older versions hold the revision themselves.
        document = data.get("document")
        sent = next((each for each in data.get("sent", ()) if each["document"] == document), data)
        yield from (("document", document), ("number", sent.get("number")), ("revision", sent.get("revision")))
        yield from (("files", tuple(sent.get("files", ()))), ("report_due", data.get("report_due")))
        yield "incomplete_on", None
        if action == "send":
            yield from (("sent_on", on), ("reported_on", None), ("received_on", None), ("full_on", None))
        elif state.supplements:
            last = state.supplements[-1].model_copy(update={"done_on": on})
            yield "supplements", (*state.supplements[:-1], last)
    elif action == "receive":
        yield from (("received_on", on), ("report_due", data["report_due"]))
    elif action == "ask-supplement":
        owed = Supplement(asked_on=on, due=data.get("supplement_due"))
        yield from (("incomplete_on", on), ("report_due", None), ("supplements", (*state.supplements, owed)))
    elif action == "accept-dossier":
        yield from (("full_on", on), ("report_due", data["report_due"]))
    elif action in ("report", "conclude"):
        grounds = data.get("grounds", ())
        yield from (("reported_on", on), ("report_number", data.get("report_number")), ("grounds", len(grounds)))
        name = f"{state.number}.{state.revision}" if state.revision is not None else None
        # Reports of older versions have no ids: their grounds were answered outside.
        found = zip(data.get("ids", ()), grounds, strict=False)
        yield "points", (*state.points, *(Ground(id=id_, text=text, revision=name) for id_, text in found))
    elif action == "answer-ground":
        answer = {"verdict": data["verdict"], "answered_on": on}
        yield (
            "points",
            tuple(each.model_copy(update=answer) if each.id == data["ground"] else each for each in state.points),
        )


def _unanswered(view: StepView, ground: Ground) -> Reason:
    phrase = Phrase(
        "ground {ground} of {body} has no answer",
        {"ground": ground.id, "body": view.options.body},
        vi="nội dung {ground} của {body} chưa được trả lời",
    )
    return Reason("ground-unanswered", phrase, named(view.lead))


def _not_answered(reason: Reason) -> Refused:
    return Refused(
        "the ground cannot be answered", vi="không thể trả lời nội dung này", code=reason.code, reasons=(reason,)
    )
