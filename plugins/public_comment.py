"""`uses: public-comment`: a draft stands on a portal for anybody's comments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import Field

from workflow import (
    Act,
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
    WorkItem,
    action,
    hookimpl,
    prose,
)


class PublicCommentOptions(Options):
    """What `with:` takes."""

    document: DocumentRef | None = Field(None, description="The document whose newest revision is posted")
    min_days: int | None = Field(None, ge=1, description="Calendar days for which it must stand there")
    basis: str | None = Field(None, description="The rule that sets min_days")
    where: str | None = Field(None, description="The portal")


class PublicCommentState(State):
    """When and what was posted, the first day on which it may end, how many comments came."""

    posted_on: str | None = None
    address: str | None = None
    closable_on: str | None = None
    number: int | None = None
    revision: int | None = None
    files: tuple[str, ...] = ()
    comments: int = 0
    closed_on: str | None = None


class Post(Parameters):
    """Parameters of `post`."""

    address: str | None = Field(None, description="Where it was posted; the option `where` if left out")


class Record(Parameters):
    """Parameters of `record`."""

    sender: Prose = Field(min_length=1, description="Who commented")
    text: Prose = Field(min_length=1, description="The comment")


class PublicComment(StepType):
    """Posted for a minimum of calendar days, then closed.

    Holidays and weekends count: only the number of days matters. Posting freezes the revision that
    the public saw. How often comments came in is known from the state, who sent them stays in texts
    that can be withdrawn.
    """

    name = "public-comment"
    title = {"vi": "Lấy ý kiến trên cổng thông tin", "en": "Public comment"}
    states = {
        "open": {"vi": "Chưa đăng tải", "en": "Not posted"},
        "posted": {"vi": "Đang đăng tải", "en": "Posted"},
        "closed": {"vi": "Đã kết thúc", "en": "Closed"},
    }
    complete_states = ("closed",)
    Options = PublicCommentOptions
    State = PublicCommentState

    @action("post", title={"vi": "Đăng tải", "en": "Post"}, source="open", to="posted", parameters=Post)
    def post(self, view: StepView, parameters: Post, context: Any) -> Act:
        """Record that the draft stands on the portal from this day on."""
        address = parameters.address or view.options.where
        if not address:
            phrase = Phrase("say where it was posted: give the address", vi="hãy cho biết địa chỉ đăng tải")
            raise _cannot_post(Reason("address-missing", phrase, _lead(view)))
        data: dict[str, Any] = {"address": address}
        if view.options.min_days is not None:
            data["closable_on"] = (context.on + timedelta(days=view.options.min_days)).isoformat()
        if view.options.document is not None:
            shown = view.plan.latest_revision(view.options.document)
            if shown is None:
                phrase = Phrase(
                    "there is no revision of `{document}` to post",
                    {"document": view.options.document},
                    vi="chưa có bản dự thảo nào của `{document}` để đăng tải",
                )
                raise _cannot_post(Reason("no-revision", phrase, _lead(view)))
            data |= {"number": shown.number, "revision": shown.revision, "files": list(shown.files)}
        return Act(data=data)

    @action("record", title={"vi": "Ghi ý kiến", "en": "Record a comment"}, source="posted", parameters=Record)
    def record(self, view: StepView, parameters: Record, context: Any) -> Act:
        """Record a comment that came in."""
        return Act(data={"sender": prose(parameters.sender), "text": prose(parameters.text)})

    @action("close", title={"vi": "Kết thúc đăng tải", "en": "Close"}, source="posted", to="closed")
    def close(self, view: StepView, parameters: Parameters, context: Any) -> Act:
        """End the posting, once its minimum has run out."""
        until = view.state.closable_on
        if until is not None and context.on.isoformat() < until:
            raise Refused(
                "the posting cannot be closed yet",
                vi="chưa thể kết thúc đăng tải",
                code="minimum-running",
                reasons=(_minimum(view, until),),
            )
        return Act(data={"comments": view.state.comments})

    def evolve(self, state: PublicCommentState | None, action: str, data: Mapping[str, Any]) -> PublicCommentState:
        """Keep the days and what was posted; count the comments."""
        if state is None:
            return PublicCommentState()
        if action == "post":
            known = {name: data.get(name) for name in ("address", "closable_on", "number", "revision")}
            return PublicCommentState(posted_on=data["on"], files=tuple(data.get("files", ())), **known)
        changes = {"record": {"comments": state.comments + 1}, "close": {"closed_on": data["on"]}}
        return state.model_copy(update=changes.get(action, {}))

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Say whether it was not posted, must stand longer, or was not closed."""
        if view.phase == "open":
            phrase = Phrase("`{step}`: the draft was not posted", {"step": view.address}, vi="`{step}`: chưa đăng tải")
            return (Reason("not-posted", phrase, _lead(view)),)
        if view.phase == "closed":
            return ()
        if view.state.closable_on is not None:
            return (_minimum(view, view.state.closable_on),)
        phrase = Phrase(
            "`{step}`: the posting was not closed",
            {"step": view.address},
            vi="`{step}`: chưa kết thúc đăng tải",
        )
        return (Reason("not-closed", phrase, _lead(view)),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return the posting, which must be early enough to keep the minimum, and its closing."""
        state = view.state
        latest = view.due_on
        if latest is not None and view.options.min_days is not None:
            # Posted later than this, the posting could not be closed on the due day.
            last = date.fromisoformat(latest) - timedelta(days=view.options.min_days)
            latest = max(last.isoformat(), view.opened_on)
        posting = WorkItem(
            key="post",
            title=Text(vi="Đăng tải lấy ý kiến", en="Post for public comment"),
            owner=view.lead,
            due_on=latest,
            done_on=state.posted_on,
            open=view.phase == "open",
        )
        closing = WorkItem(
            key="close",
            title=Text(vi="Kết thúc đăng tải", en="Close the posting"),
            owner=view.lead,
            due_on=view.due_on or state.closable_on,
            done_on=state.closed_on,
            open=view.phase == "posted",
        )
        return (posting,) if view.phase == "open" else (posting, closing)

    def publishes(self, options: PublicCommentOptions) -> bool:
        """A posting is public."""
        return True


def _minimum(view: StepView, until: str) -> Reason:
    phrase = Phrase(
        "`{step}`: posted on {posted}, it must stand there for {days} days and can be closed from {until}",
        {"step": view.address, "posted": view.state.posted_on, "days": view.options.min_days, "until": until},
        vi="`{step}`: đăng tải ngày {posted}, phải đủ {days} ngày, kết thúc được từ {until}",
    )
    return Reason("minimum-running", phrase, _lead(view), since=date.fromisoformat(until))


def _cannot_post(reason: Reason) -> Refused:
    return Refused("the draft cannot be posted", vi="chưa thể đăng tải", code=reason.code, reasons=(reason,))


def _lead(view: StepView) -> tuple[str, ...]:
    return (view.lead,) if view.lead else ()


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: public-comment`."""
    return (PublicComment(),)
