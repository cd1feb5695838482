"""`uses: draft`: a numbered draft of a document, in as many revisions as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from workflow import (
    Act,
    DocumentRef,
    Help,
    MadeRevision,
    Options,
    Parameters,
    Phrase,
    Prose,
    Reason,
    Refused,
    State,
    StepRef,
    StepType,
    StepView,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class DraftOptions(Options):
    """What `with:` takes."""

    document: DocumentRef = Field(description=Help("The document that is drafted", vi="Văn bản được soạn thảo"))
    number: int = Field(
        ge=1,
        description=Help("The draft's number as the plan labels it: lần N", vi="Dự thảo lần mấy theo kế hoạch: lần N"),
    )
    revises: bool | StepRef = Field(
        False,
        description=Help(
            "True, or the earlier step, where this goes on with lần N",
            vi="Đúng, hoặc bước trước đó, khi tiếp tục dự thảo lần N",
        ),
    )


class DraftState(State):
    """How many revisions this round made, and when."""

    revisions: int = 0
    first_on: str | None = None
    last_on: str | None = None


class Submit(Parameters):
    """Parameters of `submit`."""

    based_on: str | None = Field(
        None,
        pattern=r"^\d{1,6}\.\d{1,6}$",
        description=Help(
            "The revision that this one goes on from, such as 4.1; a conflict if it is no longer the newest",
            vi="Bản được sửa tiếp, ví dụ 4.1; bị từ chối vì xung đột nếu không còn là bản mới nhất",
        ),
    )
    note: Prose | None = Field(
        None, description=Help("What changed since the revision before", vi="Thay đổi so với bản trước")
    )


class Draft(StepType):
    """Brings about lần N of a document.

    The number is the plan's label and stays; each `submit` makes the next revision of it (4.1, 4.2)
    from the files attached. Where a later stage completes the same lần, it says `revises:` and its
    revisions count on.
    """

    name = "draft"
    title = {"vi": "Xây dựng dự thảo", "en": "Draft"}
    states = {
        "open": {"vi": "Đang soạn thảo", "en": "Being drafted"},
        "submitted": {"vi": "Đã có dự thảo", "en": "Submitted"},
    }
    complete_states = ("submitted",)
    Options = DraftOptions
    State = DraftState

    @action(
        "submit",
        title={"vi": "Nộp dự thảo", "en": "Submit a revision"},
        source=("open", "submitted"),
        to="submitted",
        parameters=Submit,
    )
    def submit(self, view: StepView, parameters: Submit, context: Any) -> Act:
        """Make the next revision from the files attached."""
        options = view.options
        if parameters.based_on is not None:
            _require_known(view, parameters.based_on)
        files = tuple(attachment.sha256 for attachment in context.attachments)
        return Act(
            data={"note": prose(parameters.note)} if parameters.note else {},
            revisions=(MadeRevision(options.document, options.number, files, parameters.based_on),),
        )

    def evolve(self, state: DraftState | None, action: str, data: Mapping[str, Any]) -> DraftState:
        """Count the revisions of this round."""
        if state is None or action != "submit":
            return state or DraftState()
        return DraftState(revisions=state.revisions + 1, first_on=state.first_on or data["on"], last_on=data["on"])

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name the draft that is missing."""
        if view.phase == "submitted":
            return ()
        places = {"step": view.address, "number": view.options.number, "document": view.options.document}
        phrase = Phrase(
            "`{step}` has no revision yet of draft {number} of `{document}`",
            places,
            vi="`{step}` chưa có bản nào của dự thảo lần {number} của `{document}`",
        )
        return (Reason("draft-missing", phrase, (view.lead,) if view.lead else ()),)

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return the draft that the lead owes; the first revision settles it."""
        return (
            WorkItem(
                key="draft",
                title=view.title,
                owner=view.lead,
                due_on=view.due_on,
                done_on=view.state.first_on,
                open=view.phase == "open",
            ),
        )

    def draft(self, options: DraftOptions) -> tuple[str, int]:
        """The document and number that this step brings about."""
        return options.document, options.number


def _require_known(view: StepView, name: str) -> None:
    document = view.options.document
    made = [revision.name for revision in view.plan.revisions if revision.document == document]
    if name in made:
        return
    places = {"name": name, "document": document, "known": ", ".join(made) or "-"}
    phrase = Phrase(
        "there is no revision {name} of `{document}`; there are: {known}",
        places,
        vi="không có bản {name} của `{document}`; hiện có: {known}",
    )
    text, vi = "there is nothing to go on from", "không có bản làm căn cứ"
    raise Refused(text, vi=vi, code="unknown-revision", reasons=(Reason("unknown-revision", phrase),))


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: draft`."""
    return (Draft(),)
