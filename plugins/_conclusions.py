"""What `uses: report` keeps: the leader's conclusions, what became of each, and which text he approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from workflow import (
    Approved,
    Context,
    DocumentRef,
    Help,
    HolderRef,
    Options,
    Parameters,
    Phrase,
    Prose,
    Reason,
    Refused,
    State,
    StepView,
)

OUTCOMES = ("approved", "changes-requested")
CONCLUSIONS_OPEN, OUTDATED, TEXT_CHANGED = "conclusions-open", "approval-outdated", "text-changed"


class ReportOptions(Options):
    """Who is reported to, and on which document."""

    to: HolderRef = Field(
        description=Help("Office that concludes on the report", vi="Chức vụ cho ý kiến kết luận về báo cáo")
    )
    document: DocumentRef | None = Field(
        default=None, description=Help("Document that is reported on", vi="Văn bản được báo cáo")
    )
    approves: bool = Field(
        default=False,
        description=Help(
            "True: `approved` covers exactly the revision that was sent",
            vi="Đúng: ý kiến đồng ý chỉ có giá trị với bản đã gửi",
        ),
    )
    answer_days: int | None = Field(
        default=None,
        ge=1,
        description=Help(
            "Working days for the conclusion, from the sending",
            vi="Số ngày làm việc để có ý kiến kết luận, tính từ khi gửi",
        ),
    )
    reopens_on_change: bool = Field(
        default=False,
        description=Help(
            "True: a text changed after it was sent is sent again", vi="Đúng: văn bản sửa sau khi gửi thì phải gửi lại"
        ),
    )


class Item(State):
    """One conclusion: `ROUND-N`, its wording, and whether it was taken in or answered."""

    id: str
    text: Mapping[str, str]
    settled: str | None = None
    settled_on: str | None = None
    revision: str | None = None


class ReportState(State):
    """When it was sent, on which revision, what was concluded, and what became of it."""

    sent_on: str | None = None
    revision: str | None = None
    files: tuple[str, ...] = ()
    conclude_by: str | None = None
    outcome: str | None = None
    concluded_on: str | None = None
    conclusions: tuple[Item, ...] = ()


class Conclusion(Parameters):
    """What the leader concluded."""

    outcome: Literal["approved", "changes-requested"] = Field(
        description=Help("What was concluded", vi="Nội dung kết luận")
    )
    text: Prose | None = Field(
        default=None, description=Help("Wording of the conclusion", vi="Nguyên văn ý kiến kết luận")
    )
    conclusion: tuple[Prose, ...] = Field(
        default=(),
        description=Help(
            "A single conclusion to be taken in or answered", vi="Từng ý kiến kết luận cần tiếp thu hoặc giải trình"
        ),
    )


class TakeIn(Parameters):
    """Which conclusion was taken in."""

    conclusion: str = Field(
        max_length=20, description=Help("Id of the conclusion, e.g. 1-2", vi="Mã của ý kiến kết luận, ví dụ 1-2")
    )
    text: Prose | None = Field(
        default=None, description=Help("Where and how it was taken in", vi="Tiếp thu ở đâu và như thế nào")
    )


class Answer(Parameters):
    """Why a conclusion was not taken in."""

    conclusion: str = Field(
        max_length=20, description=Help("Id of the conclusion, e.g. 1-2", vi="Mã của ý kiến kết luận, ví dụ 1-2")
    )
    text: Prose = Field(min_length=1, description=Help("The explanation", vi="Nội dung giải trình"))


class Extension(Parameters):
    """What the approver says to it."""

    text: Prose | None = Field(
        default=None,
        description=Help(
            "Why the approval holds for the newer revision", vi="Lý do ý kiến đồng ý vẫn có giá trị với bản mới"
        ),
    )


def changes(state: ReportState, action: str, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What an act changes in the state, by name."""
    on = data["on"]
    if action == "send":
        # Events of older versions hold the revision themselves.
        sent = next(iter(data.get("sent", ())), None)
        name = f"{sent['number']}.{sent['revision']}" if sent else data.get("revision")
        files = tuple((sent or data).get("files", ()))
        yield from (("sent_on", on), ("revision", name), ("files", files), ("conclude_by", data.get("conclude_by")))
        yield from (("outcome", None), ("concluded_on", None))
    elif action == "conclude":
        found = zip(data.get("ids", ()), data.get("conclusions", ()), strict=True)
        items = (Item(id=id_, text=text) for id_, text in found)
        yield from (("outcome", data["outcome"]), ("concluded_on", on))
        yield "conclusions", (*state.conclusions, *items)
    elif action in ("take-in", "answer"):
        settled = {"settled": action, "settled_on": on, "revision": data.get("revision")}
        items = (
            each.model_copy(update=settled) if each.id == data["conclusion"] else each for each in state.conclusions
        )
        yield "conclusions", tuple(items)


def open_items(view: StepView) -> list[Item]:
    """The conclusions that were neither taken in nor answered."""
    return [item for item in view.state.conclusions if item.settled_on is None]


def changed(view: StepView) -> bool:
    """True if the document has a newer revision than the one that was sent up."""
    document = view.options.document
    newest = view.plan.latest_revision(document) if document else None
    return newest is not None and view.state.revision is not None and newest.name != view.state.revision


def outdated(view: StepView) -> bool:
    """True if this round's approval covers an older revision than the newest."""
    if view.phase != "approved" or not view.options.approves or not view.options.document:
        return False
    own = [each for each in view.plan.approvals if (each.step, each.round) == (view.address, view.round)]
    return not own or not view.plan.covers(own[-1])


def sent_revision(view: StepView) -> tuple[Approved, ...]:
    """The revision that was sent up, as one that is approved."""
    document, name = view.options.document, view.state.revision
    if not document or name is None:
        return ()
    number, _, revision = name.partition(".")
    return (Approved(document, int(number), int(revision)),)


def to_settle(view: StepView, wanted: str, context: Context) -> Item:
    """Return the conclusion to be settled.

    Raises:
        Refused: If there is none of that id, it is settled, or a newer round took it over.
    """
    newest = context.step(view.address)
    item = next((item for item in view.state.conclusions if item.id == wanted), None)
    if newest is not None and newest.round != view.round:
        phrase = Phrase(
            "round {round} took over what was open: settle it there",
            {"round": newest.round},
            vi="lần {round} đã nhận các kết luận còn mở: hãy xử lý tại đó",
        )
        reason = Reason("newer-round", phrase, named(view.lead))
    elif item is None:
        known = ", ".join(each.id for each in view.state.conclusions) or "-"
        phrase = Phrase(
            "there is no conclusion {conclusion}; there are: {known}",
            {"conclusion": wanted, "known": known},
            vi="không có kết luận {conclusion}; hiện có: {known}",
        )
        reason = Reason("unknown-conclusion", phrase)
    elif item.settled_on is not None:
        phrase = Phrase(
            "conclusion {conclusion} was settled on {on}",
            {"conclusion": wanted, "on": item.settled_on},
            vi="kết luận {conclusion} đã được xử lý ngày {on}",
        )
        reason = Reason("settled-already", phrase)
    else:
        return item
    raise Refused("The conclusion cannot be settled", vi="Không xử lý được kết luận này", reasons=(reason,))


def unsettled(view: StepView, item: Item) -> Reason:
    """Why an open conclusion holds the gate."""
    phrase = Phrase(
        "conclusion {conclusion} of {to} was neither taken in nor answered",
        {"conclusion": item.id, "to": view.options.to},
        vi="kết luận {conclusion} của {to} chưa được tiếp thu hoặc giải trình",
    )
    return Reason(CONCLUSIONS_OPEN, phrase, named(view.lead))


def left_behind(view: StepView) -> Reason:
    """Why an approval of an older text holds the gate."""
    newest = view.plan.latest_revision(view.options.document)
    own = [each for each in view.plan.approvals if (each.step, each.round) == (view.address, view.round)]
    phrase = Phrase(
        "{to} approved {approved}, the newest is {newest}: only {to} may extend it",
        {"to": view.options.to, "approved": own[-1].name if own else "-", "newest": newest.name if newest else "-"},
        vi="{to} đã đồng ý bản {approved}, bản mới nhất là {newest}: chỉ {to} được mở rộng",
    )
    return Reason(OUTDATED, phrase, (view.options.to,))


def named(lead: str | None) -> tuple[str, ...]:
    """The lead as who could meet a condition, if there is one."""
    return (lead,) if lead else ()
